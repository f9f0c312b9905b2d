"""Reading what is another's: five requests for each kind of record (OWASP API1:2023, CWE-639)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from launchready_guard.policy import Policy

from launchready.ground.above import above, kept_from_peers, oversees
from launchready.ground.expect import PRIVATE_NOUNS, one_tenant, shared
from launchready.ground.ground import Ground, safe_reads, shown
from launchready.ground.ids import (
    TENANT_NOUNS,
    USER_NOUNS,
    Records,
    noun_of_path,
    own,
    plural,
    singular,
)
from launchready.ground.naming import whole
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Answers, Seen, alone, compared, telling
from launchready.ground.sending import together
from launchready.ground.sent_files import takes_file
from launchready.ground.slots import Asking, Slot, asking, below_own, missing, nobodys, slots
from launchready.ground.views import is_person
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.callers.whoami import low
from launchready.probes.contacts import is_page
from launchready.probes.exchange import Exchange
from launchready.probes.private_data import private_data
from launchready.stages.access.proof.doubled import given_twice, send_doubled
from launchready.stages.access.proof.exposure import personal_fields
from launchready.stages.access.proof.kept_of import kept_of
from launchready.stages.access.proof.neighbours import neighbours, word

_KEPT = re.compile(r"secret|private|confidential", re.I)
_KEPT_VALUE = re.compile(rf"{_KEPT.pattern}|passw|(?:^|_)pin$|ssn", re.I)
_IDS = ("id", "_id", "uuid", "pk")
_KEPT_BACK = (Seen.DENIED, Seen.HIDDEN, Seen.EMPTY)
_TRIED = 3


async def prove_reads(ground: Ground, policy: Policy | None) -> None:
    """Ask for records of one caller as every other caller and as a stranger, wherever an endpoint takes an id."""
    await together([partial(_endpoint, ground, endpoint, policy) for endpoint in safe_reads(ground.endpoints)])


async def _endpoint(ground: Ground, endpoint: Endpoint, policy: Policy | None) -> None:
    for slot in (slot for slot in slots(endpoint) if slot.where in ("path", "query", "header")):
        found = False
        # Ordinary members first: who is shown theirs for a rank is shown more.
        for owner in sorted(ground.callers, key=lambda one: not low(one.role)):
            found = await _owned(ground, endpoint, slot, owner, policy) or found
        for caller in ground.callers if slot.where == "path" else ():
            await neighbours(ground, endpoint, caller, policy)
        if not found and slot.where == "path":
            cells = (ground.cells.get((endpoint.name, owner.name, "own")) for owner in ground.callers)
            if any(cell is not None and cell.seen is Seen.BROKEN for cell in cells):
                why, give = "the app fails (5xx) for every id that was known", "a look at its log"
            else:
                why, give = "no record of a caller's own was found to ask for", "an identity that owns one"
            ground.gap(endpoint.name, why, give, Harm.READS)


async def _owned(ground: Ground, endpoint: Endpoint, slot: Slot, owner: Caller, policy: Policy | None) -> bool:
    mine = ground.values(owner, slot.noun, slot.name)
    theirs = {v for c in ground.callers if c is not owner for v in ground.values(c, slot.noun, slot.name)}
    for value in sorted(mine, key=lambda v: v in theirs)[:_TRIED]:
        ask = asking(ground, endpoint, slot, owner, value)
        if ask is None:
            # A name where a number is asked for; the next may fit.
            continue
        got = await _get(ground, owner, ask)
        if alone(got) is not Seen.ALLOWED or not await _heeded(ground, endpoint, slot, owner, value, got):
            continue
        ground.note(endpoint, owner, "own", Seen.ALLOWED)
        # A workspace that both are of is not another's.
        ours = {
            one.name for one in ground.callers if slot.noun in TENANT_NOUNS and value in own(one, slot.noun, slot.name)
        }
        # Whoever is shown all of them has it in their list; it is still another's who made it.
        ours |= {
            one.name for one in ground.callers if value in ground.records.get(one.name, Records()).made_of(slot.noun)
        }
        others = [one for one in (*ground.callers, ground.guest) if one is not owner and one.name not in ours]
        await _ask(ground, endpoint, slot, owner, others, value, ask, got, policy)
        return True
    return False


async def _get(ground: Ground, caller: Caller, ask: Asking) -> Exchange:
    return (
        await ground.call(caller, "GET", ask.path, headers=ask.headers)
        if ask.headers
        else await ground.get(caller, ask.path)
    )


async def _heeded(ground: Ground, endpoint: Endpoint, slot: Slot, owner: Caller, value: str, got: Exchange) -> bool:
    """Whether the endpoint looks at the id at all: an id nobody has must bring something else. A path's always counts."""
    if slot.where == "path":
        return True
    other = missing(ground, endpoint, slot, owner, value)
    if other is None:
        return False
    # What says no more than the id that was asked for is an echo of it.
    told = {one.replace(value, nobodys(value)) for one in telling(got)}
    return bool(told - telling(await _get(ground, owner, other)))


async def _ask(
    ground: Ground,
    endpoint: Endpoint,
    slot: Slot,
    owner: Caller,
    others: Sequence[Caller],
    value: str,
    ask: Asking,
    got: Exchange,
    policy: Policy | None,
) -> None:
    """Ask as everybody else side by side, and as the owner again once all were answered; then judge, one after the other."""
    nobody = missing(ground, endpoint, slot, owner, value) or ask
    people = {one.name: one for one in (*others, ground.guest)}
    asked = [(one, to) for one in people.values() for to in (ask, nobody)]
    said = await together([partial(ground.call, one, "GET", to.path, headers=to.headers) for one, to in asked])
    told = {name: (said[2 * number], said[2 * number + 1]) for number, name in enumerate(people)}
    still = await ground.call(owner, "GET", ask.path, headers=ask.headers)
    # Those of the owner's own rank first: what is kept from them tells how to take what somebody above them is shown.
    for other in sorted(others, key=lambda one: one.role.lower() != owner.role.lower()):
        (given, none), (to_guest, _) = told[other.name], told[ground.guest.name]
        answers, at = Answers(got, given, to_guest, none, still), slot
        if slot.where == "query" and not other.guest and compared(answers) in _KEPT_BACK:
            for one in given_twice(ground, other, slot, answers.other):
                twice = replace(answers, other=await send_doubled(ground, other, "GET", one))
                if compared(twice) is Seen.ALLOWED and not await _own_again(ground, endpoint, slot, other, twice):
                    at, answers = replace(slot, twice=True), twice
                    break
        below = None if other.guest else below_own(ground, endpoint, slot, other, value, ask)
        if below is not None and compared(answers) in _KEPT_BACK:
            nobodys_there = replace(below, path=ground.missing_path(endpoint, other, value))
            asked_so = [(other, below), (ground.guest, below), (other, nobodys_there)]
            calls = [partial(ground.call, one, "GET", to.path, headers=to.headers) for one, to in asked_so]
            given, to_guest, none = await together(calls)
            inside = Answers(got, given, to_guest, none, still)
            answers = inside if compared(inside) is Seen.ALLOWED else answers
        judge_read(ground, endpoint, at, (owner, other), value, answers, policy)


async def _own_again(ground: Ground, endpoint: Endpoint, slot: Slot, other: Caller, twice: Answers) -> bool:
    """Whether an id given beside one of the other's own brought what their own brings by itself, such as a list that is as empty as the owner's."""
    mine = next(iter(ground.values(other, slot.noun, slot.name)), "")
    plain = asking(ground, endpoint, slot, other, mine) if mine else None
    if plain is None:
        return False
    own_answer = await _get(ground, other, plain)
    return own_answer.body == twice.other.body or compared(twice, telling(own_answer)) is not Seen.ALLOWED


def judge_read(
    ground: Ground,
    endpoint: Endpoint,
    slot: Slot,
    pair: tuple[Caller, Caller],
    value: str,
    answers: Answers,
    policy: Policy | None,
) -> None:
    """Note what the second of the pair was shown of a record of the first, and raise an alarm when they must not be."""
    owner, other = pair
    noun = slot.noun
    listed = value in ground.values(other, noun, slot.name)
    seen = compared(answers)
    ground.note(endpoint, other, "other", seen)
    if seen is not Seen.ALLOWED or other.guest:
        return
    if compared(Answers(answers.owner, answers.guest, answers.guest, answers.missing, answers.again)) is Seen.ALLOWED:
        _tell_public(ground, endpoint, slot, owner, value, answers)
        return
    meant, why = shared(endpoint, policy, owner, other)
    if meant is True:
        if low(owner.role) and not low(other.role):
            ground.overseers.add((endpoint.name, other.name))
        return
    confidence, reason = (
        (Confidence.PROVEN, why)
        if meant is False
        else _weigh(ground, endpoint, (owner, other), value, noun, listed, answers.other)
    )
    if meant is None and above(ground, owner, other):
        if kept_from_peers(ground, endpoint.name, owner, ground.callers):
            ground.overseers.add((endpoint.name, other.name))
            return
        confidence = confidence and Confidence.SUSPECTED
    if meant is None and (too := oversees(ground, endpoint.name, owner, other)) is not False:
        confidence = None if too else confidence and Confidence.SUSPECTED
    if confidence is None:
        return
    below = _below(ground, endpoint, owner, answers.other) if noun in USER_NOUNS else ""
    kept = kept_of(endpoint) if noun in USER_NOUNS or _person(ground, value) else ""
    what = plural(below) if below else kept or word(noun)
    ground.alarm(
        Alarm(
            Harm.READS,
            endpoint.name,
            f"Any member can read another's {what} by changing {slot} in {endpoint.address}",
            f"{other.name} was given the {what} of {owner.name}; {reason}.",
            shown(
                (f"{owner.name}, whose record it is", answers.owner),
                (f"{other.name}, who gets it too", answers.other),
                ("a stranger is refused", answers.guest),
                (f"{other.name} with an id nobody has", answers.missing),
            ),
            confidence,
        )
    )


def _tell_public(ground: Ground, endpoint: Endpoint, slot: Slot, owner: Caller, value: str, answers: Answers) -> None:
    """An alarm where strangers see what a person keeps to themselves, else a question."""
    kept = personal_fields(answers.guest, value)
    if PRIVATE_NOUNS.search(kind := noun_of_path(endpoint.path)) and rows(answers.guest):
        kept.add(f"the {kind}s")
    # Who came with a name and a password has no address that we know.
    address = owner.person.email.lower() if owner.person is not None else ""
    if "@" in address and address in answers.guest.text.lower():
        kept.add("the e-mail address")
    if kept and is_person(slot.noun):
        _open_to_all(ground, endpoint, slot, owner, answers, kept)
        return
    ground.gap(
        f"{endpoint.name} is public",
        "strangers see the same record; whether that is meant, only a person knows",
        "",
        Harm.READS,
    )


def rows(exchange: Exchange) -> bool:
    """Whether an answer lists records."""
    said = parsed(exchange)
    held = said.values() if isinstance(said, dict) else [said]
    return any(isinstance(one, list) and any(isinstance(row, dict) for row in one) for one in held)


def _open_to_all(
    ground: Ground, endpoint: Endpoint, slot: Slot, owner: Caller, answers: Answers, kept: set[str]
) -> None:
    """What strangers see is public; that a member's balance or card is meant to be, nobody believes unasked."""
    what = ", ".join(sorted(kept))
    ground.alarm(
        Alarm(
            Harm.READS,
            endpoint.name,
            f"Anyone on the internet can read {what} of any member by changing {slot} in {endpoint.address}",
            f"A stranger was given {what} of {owner.name}. Whether that is meant, only a person knows.",
            shown((f"{owner.name}, whose it is", answers.owner), ("a stranger, who gets it too", answers.guest)),
            Confidence.SUSPECTED,
        )
    )


def _weigh(
    ground: Ground,
    endpoint: Endpoint,
    pair: tuple[Caller, Caller],
    value: str,
    noun: str,
    listed: bool,
    answer: Exchange,
) -> tuple[Confidence | None, str]:
    """How sure a read is wrong when neither a policy nor a workspace says so."""
    owner, other = pair
    colleagues = one_tenant(owner, other) is True
    made = value in ground.records.get(owner.name, Records()).made_of(noun)
    private = bool(PRIVATE_NOUNS.search(noun) or PRIVATE_NOUNS.search(endpoint.path.rsplit("/", 1)[-1]))
    # `has_password: true` says that there is one, `is_private: true` what the record is.
    private = private or any(
        given and (_KEPT if given is True else _KEPT_VALUE).search(name) for name, given in leaves(parsed(answer))
    )
    personal = [kind for kind, _ in private_data(answer).kinds]
    theirs = _below(ground, endpoint, owner, answer) if noun in USER_NOUNS else ""
    if theirs:
        # What somebody has, listed by whose it is: the records say more than the name of the list.
        known = {v for n, v in ground.records.get(other.name, Records()).all() if n == theirs}
        new = not known.intersection(ground.records[owner.name].made_of(theirs))
        return (
            Confidence.SUSPECTED if colleagues or not new else Confidence.PROVEN
        ), f"it lists {plural(theirs)} that {owner.name} made, and strangers are refused"
    if noun in USER_NOUNS or _person(ground, value):
        # Colleagues of one workspace may know each other; what no page needs is another question.
        if not personal and not colleagues and (kept := kept_of(endpoint)):
            return (
                Confidence.SUSPECTED,
                f"by its address it is what {owner.name} has there ({kept}), and strangers are refused",
            )
        if (
            not personal
            and not colleagues
            and owner.person is not None
            and "@" in owner.person.email
            and owner.person.email.lower() in answer.text.lower()
        ):
            # A page tells no kinds of data apart; the address of whom it is about is one. Who signs in by a name has none that we know.
            return Confidence.SUSPECTED, "it holds their e-mail address, and strangers are refused"
        if not personal or colleagues:
            return None, ""
        return (
            Confidence.SUSPECTED if listed and personal == ["e-mail addresses"] else Confidence.PROVEN
        ), f"it holds {', '.join(personal)}"
    if listed and not private:
        return None, ""
    if colleagues and any(takes_file(one) and noun_of_path(one.path) == noun for one in ground.endpoints):
        # What somebody uploads to a workspace is there for the others of it.
        return None, ""
    if colleagues:
        return Confidence.SUSPECTED, "whether members of one workspace may see each other's is not written anywhere"
    if private and (made or not listed):
        return (
            Confidence.PROVEN,
            "strangers are refused"
            if listed
            else f"strangers are refused, and no list shows it to others{_as_far_as(ground, other, noun)}",
        )
    if made or personal:
        return (
            (Confidence.SUSPECTED, "whether members may see each other's is not written anywhere")
            if not personal
            else (Confidence.PROVEN, f"it holds {', '.join(personal)}")
        )
    # What a page leads to is not its reader's for that.
    return None if is_page(
        answer
    ) else Confidence.SUSPECTED, "whether members may see each other's is not written anywhere"


def _below(ground: Ground, endpoint: Endpoint, owner: Caller, answer: Exchange) -> str:
    """What an address lists of a person that is nobody else's business, such as ``/orders/user/{id}`` and ``/users/{id}/notes``, when one that
    the owner made stands in the answer; else empty."""
    words = [singular(part) for part in endpoint.path.split("/") if part and "{" not in part]
    kind = next((one for one in words if one not in USER_NOUNS and PRIVATE_NOUNS.search(one)), "")
    if not kind:
        return ""
    made = ground.records.get(owner.name, Records()).made_of(kind)
    written = f"Launch {owner.person.marker}" if owner.person else "\0"
    listed = any(name in _IDS and str(given) in made for name, given in leaves(parsed(answer)))
    return kind if listed or written in answer.text else ""


def _person(ground: Ground, value: str) -> bool:
    """Whether a value is the name or the address of somebody of the run: what it leads to is about them, and no record of who was shown it."""
    people = (c for c in (*ground.callers, ground.victim) if c is not None)
    return any(value in one.known("username", "email") for one in people)


def _as_far_as(ground: Ground, other: Caller, noun: str) -> str:
    """What of the lists was read where they have more pages than one."""
    cut = any(
        name == other.name and noun_of_path(path) == noun and not whole(answer)
        for (name, path), answer in ground.answers.items()
    )
    return " on its first page (the pages after it were not read)" if cut else ""
