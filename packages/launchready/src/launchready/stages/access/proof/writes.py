"""Changing what is another's. A write counts when the owner sees its effect (OWASP API1:2023)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from launchready_guard.policy import Policy

from launchready.ground.above import above
from launchready.ground.expect import sure_of_write
from launchready.ground.ground import DANGEROUS, NOT_OURS, Attempt, Ground, safe_reads, shown
from launchready.ground.ids import adds, edits, noun_of_path, parameters, removes
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.sending import together
from launchready.ground.slots import BELOW, Asking, Slot, asking, below_own, slots
from launchready.ground.survey import creating, remember, send
from launchready.ground.views import Whose, again, gone, holds, is_person, known_text, marks_nothing, moved, views_of
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.actions import threw
from launchready.probes.callers.bodies import Body, fields_of
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.callers.values import person
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.by_form import send_by_form
from launchready.stages.access.proof.deletes import delete
from launchready.stages.access.proof.doubled import given_twice, send_doubled
from launchready.stages.access.proof.targets import by_permission, owner_of, target, who_tries
from launchready.stages.access.proof.verbs import prove_unnamed_deletes, prove_verbs

_PASSWORD = re.compile(r"password|passwd", re.I)
_RANK = re.compile(
    r"/(?:roles?|ranks?|permissions?|privileges?|toggle|status|state|(?:de)?activate|(?:un)?block|(?:un)?ban|suspend|promote|demote)(?:[-_/]|$)",
    re.I,
)
_OVERRIDDEN = ("PUT", "PATCH")


async def prove_writes(ground: Ground, policy: Policy | None) -> None:
    """Change records of the first caller as the second, then delete ones made for that."""
    if len(ground.callers) < 2:
        return
    # Whose rank was changed may be shown less from then on, and sees no other effect.
    writes = sorted((e for e in ground.endpoints if usable(e)), key=lambda e: (bool(_RANK.search(e.path)), e.path))
    # What stands below a record goes first: it is gone with it.
    for work, deletes in ((_change, False), (delete, True)):
        for endpoint in sorted(writes, key=lambda e: -e.path.count("/") if deletes else 0):
            ask = work if endpoint.method == "DELETE" else _change
            for slot in slots(endpoint) if removes(endpoint) is deletes else ():
                # The workspace that every call names is another's own question, which reads ask.
                if slot.where != "header" and f"?{slot.name}" != ground.named_in:
                    await ground.step(
                        f"another's {endpoint.name}, {slot}", partial(ask, ground, endpoint, slot, policy)
                    )
        await (prove_unnamed_deletes(ground) if deletes else prove_verbs(ground))


def usable(endpoint: Endpoint) -> bool:
    """Whether a write may be tried: it has an address of its own, and neither its kind nor its address says to leave it alone."""
    return (
        endpoint.action == "write"
        and "?}" not in endpoint.path
        and not endpoint.hosted
        and not NOT_OURS.intersection(endpoint.kind)
        and not DANGEROUS.search(endpoint.path)
        and endpoint.method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """What is tried: the ``value`` of the owner's that goes into the slot, and ``stood``, the owner's pages with the record, seen twice."""

    endpoint: Endpoint
    slot: Slot
    owner: Caller
    other: Caller
    value: str
    ask: Asking
    stood: tuple[list[Exchange], list[Exchange]]


async def _change(ground: Ground, endpoint: Endpoint, slot: Slot, policy: Policy | None) -> None:
    trial = await _trial(ground, endpoint, slot)
    if trial is None:
        return
    if await _tried(ground, trial, policy, overridden=False):
        return
    if endpoint.method in _OVERRIDDEN and "#" not in endpoint.path:
        await _tried(ground, trial, policy, overridden=True)


async def _trial(ground: Ground, endpoint: Endpoint, slot: Slot) -> _Trial | None:
    """What to try and where its effect would be seen; None, with the reason as a gap, where there is no such thing."""
    owner, other = who_tries(ground, endpoint, slot, owner_of(ground, slot))
    value = target(ground, endpoint, slot, owner, other)
    theirs = next(iter(ground.values(other, slot.noun, slot.name)), "")
    ask = asking(ground, endpoint, slot, owner, value, theirs) if value else None
    if value is None or ask is None:
        if slot.where == "path":
            why = "no record of a caller's own was found to try it on"
            ground.gap(endpoint.name, why, "an identity that owns one", Harm.CHANGES)
        return None
    views = await views_of(ground, endpoint, owner, slot, value)
    if not views:
        ground.gap(endpoint.name, "its effect cannot be seen: nothing shows the record to its owner", "", Harm.CHANGES)
        return None
    # Nobody is asked to edit or delete what he may read.
    joins = (endpoint.method in ("POST", "GET") and not edits(endpoint)) or adds(endpoint)
    if joins and (
        _open_by_design(ground, endpoint, slot, other) or await _offered_to(ground, slot, endpoint, owner, other, value)
    ):
        what = f"{endpoint.name} acts on what {other.name} may read"
        why = "members who may read a record often may comment or vote; whether this is such, only a person knows"
        ground.gap(what, why, "a row in the policy", Harm.CHANGES)
        return None
    return _Trial(endpoint, slot, owner, other, value, ask, (views, await again(ground, owner, views)))


async def _tried(ground: Ground, trial: _Trial, policy: Policy | None, *, overridden: bool) -> bool:
    """Send it as the other, ``overridden`` by a header that names the method; True when it is decided, so that no other way need be tried."""
    endpoint, slot, owner, other, value = trial.endpoint, trial.slot, trial.owner, trial.other, trial.value
    views = trial.stood[0]
    method = "POST" if overridden else endpoint.method
    mark = f"lrx{ground.random(f'{method} {endpoint.name} {slot}')}"
    stranger = person(mark, "x")
    text = known_text(views[0], value, mark)
    exchange = await _send(ground, replace(other, person=stranger), endpoint, trial.ask, text, mark, views, overridden)
    ground.tried.setdefault(endpoint.name, Attempt(owner, other, exchange, tuple(views), mark))
    if exchange.ok and slot.where == "body" and endpoint in creating(ground):
        # What it put beside another's record is of the run as well.
        remember(ground, other, endpoint, trial.ask.path, exchange)
    effect = await _own_effect(ground, trial, exchange, mark)
    if exchange.ok and (_PASSWORD.search(endpoint.path) or stranger.password.encode() in exchange.sent_body):
        # Also where a page shows the change: the owner signs in with the new one from now on.
        taken = await _locked_out(ground, owner, stranger.password, views[0])
        effect = effect or taken
    shut_out = effect is None and exchange.ok and not overridden
    if shut_out:
        effect = await _shown_to(ground, (owner, other), views, value, mark)
    shut_out = shut_out and effect is not None
    seen = alone(exchange)
    how = " by a header that names another method" if overridden else ""
    if effect is None and not exchange.ok and not overridden:
        for one in given_twice(ground, other, slot, exchange):
            twice = await send_doubled(ground, other, endpoint.method, one)
            effect = await effect_of(ground, owner, trial.stood, _whose(trial), mark) if twice.ok else None
            if effect is not None:
                exchange, how = twice, f" by giving {slot.name} twice"
                break
    below = below_own(ground, endpoint, slot, other, value, trial.ask)
    if effect is None and not exchange.ok and not overridden and below is not None:
        asked = await _send(ground, replace(other, person=stranger), endpoint, below, text, mark, views, overridden)
        effect = await effect_of(ground, owner, trial.stood, _whose(trial), mark) if asked.ok else None
        if effect is not None:
            exchange, how = asked, BELOW
            ground.tried[endpoint.name] = Attempt(owner, other, exchange, tuple(views), mark)
    if effect is not None:
        if not how:
            ground.tried[endpoint.name] = Attempt(owner, other, exchange, tuple(views), mark, effect)
        if how or not by_permission(ground, endpoint, slot, value, other):
            _changed(ground, endpoint, slot, policy, Attempt(owner, other, exchange, effect), how, shut_out)
        return True
    if seen is Seen.UNKNOWN and threw(exchange):
        mine = await _send(ground, owner, endpoint, trial.ask, text, mark, views, overridden)
        # The same call is taken from the owner: what was thrown at the other refused them.
        seen = Seen.DENIED if alone(mine) in (Seen.ALLOWED, Seen.EMPTY) else seen
    if not overridden:
        ground.note(endpoint, other, "other", seen if seen in (Seen.DENIED, Seen.HIDDEN) else Seen.UNKNOWN)
    return seen is not Seen.DENIED


def _whose(trial: _Trial) -> Whose:
    return Whose(trial.value, trial.owner.person.marker if trial.owner.person else "")


async def _own_effect(ground: Ground, trial: _Trial, exchange: Exchange, mark: str) -> tuple[Exchange, Exchange] | None:
    """The effect that the owner sees and the call had; None when something else made it, or what changed belongs to both."""
    effect = await effect_of(ground, trial.owner, trial.stood, _whose(trial), mark)
    if effect is None:
        return None
    if alone(exchange) in (Seen.DENIED, Seen.HIDDEN) and mark not in effect[1].text.lower():
        return None  # The record changed, but not by a call that was refused.
    about_people = trial.slot.where == "body" and is_person(trial.slot.noun)
    return None if about_people and await _of_both(ground, trial.owner, trial.other, mark) else effect


def _changed(
    ground: Ground, endpoint: Endpoint, slot: Slot, policy: Policy | None, attempt: Attempt, how: str, shut_out: bool
) -> None:
    owner, other = attempt.owner, attempt.other
    ground.note(endpoint, other, "other", Seen.ALLOWED)
    confidence = sure_of_write(endpoint, policy, owner, other, slot.noun)
    if confidence is not None and above(ground, owner, other):
        # The app gives them more elsewhere; whether this is theirs as well, only a person knows.
        confidence = Confidence.SUSPECTED
    if confidence is None:
        return
    away = removes(endpoint)
    told = f"it is gone for {owner.name}." if away else f"{owner.name} sees the change."
    if shut_out:
        told = f"{other.name} reads the change; {owner.name} is not let in any more."
    after = other if shut_out else owner
    does = f"{'delete' if away else 'change'} another's {slot.noun or 'record'}"
    if slot.where == "body" and is_person(slot.noun) and endpoint in creating(ground):
        # What is new is theirs by its name alone: their account stands as it stood.
        does = "write in another's name"
    ground.alarm(
        Alarm(
            Harm.CHANGES,
            endpoint.name,
            f"Any {'member' if low(other.role) else other.role} can {does}{how}: {endpoint.name}",
            f"{other.name} called it with {slot} of {owner.name}, and {told}",
            shown(
                (f"{owner.name}, before", attempt.views[0]),
                (f"{other.name} changes it", attempt.exchange),
                (f"{after.name}, after", attempt.views[1]),
            ),
            confidence,
        )
    )


async def _send(
    ground: Ground,
    other: Caller,
    endpoint: Endpoint,
    ask: Asking,
    text: Body,
    mark: str,
    views: Sequence[Exchange],
    overridden: bool,
) -> Exchange:
    """Send what the endpoint takes. Where it is known to take nothing, or what was taken would not show, a text of the record goes along:
    reading the source or a description does not always tell every field."""
    if overridden:
        headers = {"X-HTTP-Method-Override": endpoint.method}
        return await ground.call(other, "POST", ask.path, headers=headers, json=text | ask.body)
    if (
        "#" not in ask.path
        and not ask.body
        and (by_form := await send_by_form(ground, other, endpoint, ask.path, mark))
    ):
        return by_form
    if not fields_of(endpoint):
        return await send(ground, other, endpoint, ask.path, ask.body or text, mark)
    exchange = await send(ground, other, endpoint, ask.path, ask.body, mark)
    # A refusal of a text may have left nothing but a switch, which often stands as it is sent.
    if exchange.ok and endpoint.method in _OVERRIDDEN and text and marks_nothing(_sent(exchange), views, mark):
        more = await send(ground, other, endpoint, ask.path, text | ask.body, mark)
        return more if more.ok else exchange
    return exchange


def _sent(exchange: Exchange) -> Body:
    """The JSON that went out; empty when it was none."""
    said = parsed(replace(exchange, body=exchange.sent_body))
    return said if isinstance(said, dict) else {}


async def effect_of(
    ground: Ground, owner: Caller, stood: tuple[list[Exchange], list[Exchange]], whose: Whose, mark: str
) -> tuple[Exchange, Exchange] | None:
    """A page of the owner's before and after the call, when the record in it is another, or left it for somebody else's."""

    def changed(first: Exchange, second: Exchange, last: Exchange) -> bool:
        taken = holds(first, whose.value) and holds(second, whose.value) and gone(first, last, whose.value)
        return taken or moved(first, second, last, whose, mark)

    for first, second, last in zip(*stood, await again(ground, owner, stood[0]), strict=True):
        # An answer that fails once looks like a record that is gone: what changed, stays so.
        if changed(first, second, last) and changed(first, second, *await again(ground, owner, [first])):
            return first, last
    return None


async def _of_both(ground: Ground, owner: Caller, other: Caller, mark: str) -> bool:
    """Whether what was sent stands on the own pages of both: the workspace that both belong to has changed, and not the record of one of them."""
    pages = ground.accounts.doors.paths[:2]
    seen = await together([partial(ground.call, one, "GET", path) for one in (owner, other) for path in pages])
    shown = [mark in page.text.lower() for page in seen]
    return any(shown[: len(pages)]) and any(shown[len(pages) :])


async def _shown_to(
    ground: Ground, pair: tuple[Caller, Caller], views: list[Exchange], value: str, mark: str
) -> tuple[Exchange, Exchange] | None:
    """The record with what was sent in it, as the one who sent it is shown it, where the change left its owner without a session."""
    owner, other = pair
    if any(alone(one) is not Seen.DENIED for one in await again(ground, owner, views)):
        return None
    for first, after in zip(views, await again(ground, other, views), strict=True):
        if holds(after, value) and mark in after.text.lower() and mark not in first.text.lower():
            return first, after
    return None


async def _locked_out(
    ground: Ground, owner: Caller, password: str, before: Exchange
) -> tuple[Exchange, Exchange] | None:
    """Whether the owner's password became another: the old one opens nothing any more, and the new one does."""
    if owner.person is None or await ground.accounts.still_there(
        Caller(f"{owner.name}-again", owner.site, owner.person)
    ):
        return None
    new = Caller(f"{owner.name}-taken", owner.site, replace(owner.person, password=password))
    if not await ground.accounts.sign_in(new):
        return None
    owner.person = new.person
    return before, ground.accounts.logins[new.name]


def _shows(read: Endpoint, slot: Slot, above: set[str]) -> bool:
    """Whether a read shows the record that the slot names: the address above an action, the record's own, or its list."""
    path = read.path.rstrip("/")
    if slot.where == "path":
        return path.endswith("}") and path in above
    return noun_of_path(path) == slot.noun or (path.endswith("}") and parameters(path)[-1][1] == slot.noun)


def _open_by_design(ground: Ground, endpoint: Endpoint, slot: Slot, other: Caller) -> bool:
    """Whether the record an action belongs to was given to the other, and nothing is wrong with that."""
    above = {endpoint.path.rsplit("/", count)[0] for count in (1, 2)} if slot.where == "path" else set()
    routes = [
        e.name for e in ground.endpoints if e.method == "GET" and (e.path == endpoint.path or _shows(e, slot, above))
    ]
    wrong = {alarm.route for alarm in ground.alarms if alarm.harm is Harm.READS}
    cells = (ground.cells.get((route, other.name, "other")) for route in routes if route not in wrong)
    return any(cell is not None and cell.seen is Seen.ALLOWED for cell in cells)


async def _offered_to(ground: Ground, slot: Slot, endpoint: Endpoint, owner: Caller, other: Caller, value: str) -> bool:
    """Whether a list shows an ordinary member what somebody of a higher role put there: such are offered to members, as events are that one books."""
    if slot.where != "path" or low(owner.role) or not low(other.role):
        return False
    lists = [e for e in safe_reads(ground.endpoints) if "{" not in e.path and noun_of_path(e.path) == slot.noun]
    wrong = {alarm.route for alarm in ground.alarms if alarm.harm is Harm.READS}
    paths = [e.path for e in lists if e.name not in wrong and endpoint.path.startswith(f"{e.path.rstrip('/')}/")]
    seen = await together([partial(ground.call, other, "GET", path) for path in paths])
    return any(alone(one) is Seen.ALLOWED and holds(one, value) for one in seen)
