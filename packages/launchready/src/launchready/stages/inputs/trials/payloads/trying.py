"""The broken inputs of one run: each endpoint's valid request, then its deviations one at a time, and what came of them."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from launchready.core.ways import shape
from launchready.ground.closing import accounts_can_go
from launchready.ground.ground import DANGEROUS, Ground, safe_reads
from launchready.ground.ids import parameters
from launchready.ground.removal import removable
from launchready.ground.result import Harm
from launchready.ground.sending import together
from launchready.ground.survey import MY_ACCESS, make
from launchready.ground.tidy import take_away
from launchready.model.inputs import Answered
from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.caller import Person
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.accounts import makes_account, tells_who
from launchready.stages.inputs.trials.payloads.addressed import fitted
from launchready.stages.inputs.trials.payloads.arguments import argument_deviations, frame_deviations
from launchready.stages.inputs.trials.payloads.case import (
    Case,
    count,
    harm_of,
    judge,
    note_leaks,
    raise_at_once,
    remember_made,
    settle,
)
from launchready.stages.inputs.trials.payloads.deviations import MOST, Deviation, deviations, emptied
from launchready.stages.inputs.trials.payloads.examples import ENTRIES, Example, example, stranger
from launchready.stages.inputs.trials.payloads.fields import as_field, fields_to_ask, whole_graph
from launchready.stages.inputs.trials.payloads.holding import holding, is_about_holder, put_back, put_last
from launchready.stages.inputs.trials.payloads.inside import has_inside, inside
from launchready.stages.inputs.trials.payloads.jointly import try_together
from launchready.stages.inputs.trials.payloads.judge import GATEWAY, answered, crashed, shut
from launchready.stages.inputs.trials.payloads.kinds import takes_numbers
from launchready.stages.inputs.trials.payloads.lists import is_list_removal
from launchready.stages.inputs.trials.payloads.sending import ask

# Of the round's time, this part is for broken inputs; the rest is for searches, files and bursts.
_SHARE = 0.5
_SECONDS = 8.0
_AT_ONCE = 4
# Three requests at which an endpoint fails tell what there is to tell; what is taken has to be removed again.
_CRASHES, _TAKEN, _TAKEN_DEARLY = 3, 15, 6
# Less may be taken where nothing of it can be removed again.
_STAYING, _STAYING_DEARLY = 8, 2
# Bursts at the doors come after this, and want them open.
_MOST_ENTERING = 16
_SHUT = 4
# So many more go inside of tables and lists.
_MORE_INSIDE = 8
# As often as an address may say that it is not there before that is believed.
_ABSENT = 8
# Each call of these costs somebody: a letter to read, a new account, a bill.
_DEAR = frozenset((Kind.SIGNUP, Kind.INVITE, Kind.PASSWORD_RESET, Kind.BILLING, Kind.AI))
# These refuse by their nature: whoever is turned away there has been answered.
_REFUSES = ENTRIES - {Kind.HEALTH}
_LAST = frozenset((Kind.LOGIN, Kind.SIGNUP, Kind.PASSWORD_RESET))
_OUT = re.compile(r"log-?_?out|sign-?_?out|logoff", re.I)
_NOWHERE = "/launchready-asks-for-a-page-that-is-not-there"


@dataclass(frozen=True, slots=True)
class Trying:
    """How broken inputs are tried: ``until`` is a monotonic time, ``nowhere`` the answer to an address that is not there."""

    until: float
    deep: bool
    nowhere: Exchange

    def absent(self, answer: Exchange) -> bool:
        """Whether the app has no such address: it answers as to any other that is not there."""
        return answer.status == 404 == self.nowhere.status and _plain(answer) == _plain(self.nowhere)


def _plain(answer: Exchange) -> str:
    """The text of an answer without the method and the address, which some frameworks repeat."""
    return answer.text.replace(answer.method, "").replace(answer.path.partition("?")[0], "")


async def begin(ground: Ground, until: float, *, deep: bool) -> Trying:
    """Ask for what is not there, which the answers that say so are known by."""
    return Trying(until, deep, await ground.call(ground.guest, "GET", _NOWHERE))


async def try_payloads(ground: Ground, *, deep: bool = False) -> None:
    """Ask every endpoint, reads side by side and writes one after the other, those first that nobody signs in by."""
    until = time.monotonic() + _SHARE * (ground.sending.until - time.monotonic())
    run = await begin(ground, until, deep=deep)
    note_leaks(ground, "asked for a page that is not there", run.nowhere)
    if ground.writes and not ground.callers:
        # Where nobody can sign in, a stranger is whom the app is for.
        await make(ground, ground.guest)
    reads = [e for e in safe_reads(ground.endpoints) if "#" not in e.path and "?}" not in e.path]
    failed = _failed(ground)
    asked = [e for e in reads if "{" in e.path or e.inputs or e.path.rstrip("/") in failed]
    asked += [e for e in safe_reads(fields_to_ask(ground, writes=False)) if e.action == "read"]
    await together([partial(_read, ground, e, run) for e in asked], _AT_ONCE)
    for path in ground.guest.site.graphs:
        await ground.stage(f"broken operations to {path}", partial(_frame, ground, path, run))
    writes = [e for e in ground.endpoints if "#" not in e.path and _writes(e)]
    writes += [e for e in fields_to_ask(ground, writes=True) if _writes(e)]
    if not ground.writes:
        if writes:
            for harm in (Harm.CRASH, Harm.NONSENSE):
                ground.gap(
                    "bodies", "this environment allows reads only", "writes = true in its [environments] table", harm
                )
        return
    for endpoint in sorted(writes, key=_order):
        if not _over(ground, endpoint, until):
            await ground.step(f"broken inputs to {endpoint.name}", partial(_endpoint, ground, endpoint, run))


def _order(endpoint: Endpoint) -> tuple[bool, bool, int, str, str]:
    """The shallow ones first, then lists that are removed, the inner ones first, since nothing that stands in them is needed any more; doors last."""
    depth, whole = endpoint.path.count("/"), is_list_removal(endpoint)
    return bool(_LAST.intersection(endpoint.kind)), whole, -depth if whole else depth, endpoint.path, endpoint.method


def _failed(ground: Ground) -> set[str]:
    """Addresses that failed already when somebody only looked at them."""
    looked = (*((call.exchange) for call in ground.strangers), *ground.answers.values())
    return {answer.path.partition("?")[0].rstrip("/") for answer in looked if crashed(answer)}


def _writes(endpoint: Endpoint) -> bool:
    changes = endpoint.method in ("POST", "PUT", "PATCH")
    return (changes or (endpoint.method == "DELETE" and "{" in endpoint.path)) and may_be_sent(endpoint)


def may_be_sent(endpoint: Endpoint) -> bool:
    """Whether a write is at an address of its own, and by its name neither ends anybody's session nor resets anything."""
    return (
        endpoint.path.startswith("/")
        and not endpoint.hosted
        and not any(mark in endpoint.path for mark in ("*", "?}"))
        and Kind.DOCS not in endpoint.kind
        and not _OUT.search(endpoint.path)
        and (
            bool(_LAST.intersection(endpoint.kind))
            or not (DANGEROUS.search(endpoint.path) or MY_ACCESS.search(endpoint.path))
        )
    )


async def _read(ground: Ground, endpoint: Endpoint, run: Trying) -> None:
    if not _over(ground, endpoint, run.until):
        await ground.stage(f"broken addresses of {endpoint.name}", partial(_endpoint, ground, endpoint, run))


def _over(ground: Ground, endpoint: Endpoint, until: float) -> bool:
    """Whether the time is over; said of the endpoint that is left out."""
    if time.monotonic() < until:
        return False
    for harm in (Harm.ADDRESS, Harm.CRASH, Harm.NONSENSE):
        ground.gap(
            endpoint.name, "the time for broken inputs was over before it", "launchready inputs --seconds 600", harm
        )
    return True


async def _endpoint(ground: Ground, endpoint: Endpoint, run: Trying) -> None:
    """One endpoint, from its valid request to what it keeps; what was made on the way is taken away at the end."""
    made = len(ground.made)
    one = as_field(await example(ground, endpoint), _person(ground))
    baseline = await _baseline(ground, one)
    if one.stranger and shut(baseline) and ground.callers and not _REFUSES.intersection(endpoint.kind):
        # Nothing said that a stranger may not: the app did.
        one = as_field(await example(ground, endpoint, ground.callers[0]), _person(ground))
        baseline = await _baseline(ground, one)
    await _all_of(ground, Case(one.answered_at(baseline), baseline), run, made)


async def try_example(ground: Ground, one: Example, run: Trying) -> None:
    """Everything out of place in one valid request; what was made on the way is taken away at the end."""
    made = len(ground.made)
    baseline = await _baseline(ground, one)
    await _all_of(ground, Case(one.answered_at(baseline), baseline), run, made)


async def _frame(ground: Ground, path: str, run: Trying) -> None:
    """What is around every operation of a GraphQL; no more than reading."""
    one = whole_graph(ground, path)
    await _all_of(ground, Case(one, await ask(ground, one)), run, len(ground.made))


async def _all_of(ground: Ground, case: Case, run: Trying, made: int) -> None:
    """All broken inputs of one case; what was made since the first ``made`` is taken away at the end."""
    ends = min(run.until, time.monotonic() + (5 if run.deep else 1) * _SECONDS)
    try:
        await _deviate(ground, case, ends, run)
        await settle(ground, case)
    finally:
        await take_away(ground, made)


def _person(ground: Ground) -> Person:
    """Who gives a field of GraphQL the values that it cannot do without."""
    someone = stranger(ground).person
    assert someone is not None
    return someone


async def _baseline(ground: Ground, one: Example) -> Exchange:
    """The answer to the valid request: that of before, or of now where there was none or it was no success."""
    if one.answer is not None and (one.answer.ok or 300 <= one.answer.status < 400):
        if one.new:
            remember_made(ground, one, one.answer)
        return one.answer
    answer = await ask(ground, one)
    remember_made(ground, one, answer)
    return answer


async def _deviate(ground: Ground, case: Case, ends: float, run: Trying) -> None:
    one, name = case.one, case.one.endpoint.name
    baseline = case.baseline
    assert baseline is not None
    if baseline.ok or 300 <= baseline.status < 400 or ENTRIES.intersection(one.endpoint.kind):
        ground.examples[name] = baseline
    note_leaks(ground, f"called {name}", baseline)
    if baseline.status in GATEWAY:
        said = f"it answers {baseline.status}: a part of it is not running"
        ground.gap(name, said, "an app with everything it needs", harm_of(one))
        if one.writes:
            return
    if crashed(baseline):
        if crashed(again := await ask(ground, one)):
            raise_at_once(ground, one, again)
        return
    if baseline.wire is None and run.absent(baseline) and "{" not in one.endpoint.path:
        ground.gap(name, "the app has no such address", "an app with this part of its source", harm_of(one))
        return
    most = _MOST_ENTERING if _LAST.intersection(one.endpoint.kind) else MOST
    if one.writes and not one.form and one.endpoint.method != "DELETE" and not _LAST.intersection(one.endpoint.kind):
        case.one = one = replace(one, inner=inside(ground, one.endpoint, one.caller, one.body, baseline))
        most += _MORE_INSIDE if one.inner or has_inside(one.body) else 0
    todo = [
        deviation
        for deviation in _deviations(one, None if run.deep else most)
        if not leads_elsewhere(ground.endpoints, one.endpoint, deviation)
    ]
    mark = ground.random(f"nonsense for {name}")
    todo = fitted([deviation.marked(mark) for deviation in todo], one, baseline, ground.endpoints)
    sent: list[Deviation] = []
    stays = one.endpoint.method == "POST" and not run.deep and not removable(ground, one.endpoint.name, one.path)
    if stays and not one.called:
        todo = emptied(todo, form=one.form)
    before = len(ground.made)
    dear = bool(_DEAR.intersection(one.endpoint.kind)) or makes_account(one)
    # Once enough accounts stay, the rest is sent as somebody who is there: an app looks at what it gets before it says that they are.
    signs_up = (Kind.SIGNUP in one.endpoint.kind or makes_account(one)) and not accounts_can_go(ground)
    if dear:
        # What would be kept goes first, as long as something may be taken.
        todo.sort(key=lambda deviation: deviation.wrong is None)
    case.held = held = await holding(ground, one)
    if held is not None:
        todo = await put_last(ground, one, held, todo)
    if stays and not dear:
        done = await try_together(ground, case, todo, lambda: len(ground.made) - before < _STAYING and time.monotonic() < ends)  # fmt: skip
        sent += done
        todo = [deviation for deviation in todo if deviation not in done]
    for number, deviation in enumerate(todo):
        if time.monotonic() > ends:
            ground.gap(
                name,
                f"{len(todo) - number} of {len(todo)} broken inputs were left out: its time was over",
                "launchready inputs --deep --seconds 600",
                harm_of(one),
            )
            break
        if dear and case.taken >= _TAKEN_DEARLY:
            break
        taken_name = dear and signs_up and case.taken >= _STAYING_DEARLY
        if taken_name and (case.taken > _STAYING_DEARLY or tells_who(deviation)):
            continue
        same = sum(other.in_address is deviation.in_address for other in case.crashes)
        staying = stays and len(ground.made) - before >= _STAYING
        # What comes last by its nature is not the one to be left out.
        much = case.taken >= _TAKEN and not is_about_holder(ground, one, held, deviation)
        told = much or (staying and not deviation.lacks) or (same >= _CRASHES and not run.deep)
        if told and deviation.wrong is None:
            continue
        if case.turned_away >= _SHUT and shut(baseline):
            ground.gap(
                name, "it wants somebody else to be signed in first", "an identity in launchready.toml", harm_of(one)
            )
            if deviation.where != "whole" or deviation.rank:
                continue
            # Many read a body before they look who sent it.
        if case.absent >= _ABSENT and case.absent == number:
            ground.gap(name, "the app has nothing at this address", "a record of this kind", harm_of(one))
            break
        answer = await ask(ground, replace(one, marker="") if taken_name else one, deviation)
        case.absent += answer.wire is None and run.absent(answer)
        if answer.status == 429:
            # Whoever paces the calls has said it.
            break
        # A door shows its sign-in form to whoever it refuses, and a field of GraphQL may say no to a value in words of its own.
        away = shut(answer) and not ENTRIES.intersection(one.endpoint.kind) and (shut(baseline) or not one.called)
        case.turned_away += away
        if not away:
            sent.append(deviation)
        await judge(ground, case, deviation, answer)
        if held is not None and answered(answer) is Answered.TAKEN:
            await put_back(ground, one, held, deviation)
        if case.ended is not None or (held is not None and held.lost):
            break
    count(ground, sent)


def _deviations(one: Example, most: int | None) -> list[Deviation]:
    if one.called:
        return argument_deviations(one, most=most)
    if one.frame:
        return frame_deviations()
    body = one.body if one.writes else None
    return deviations(one.endpoint, body, one.form, one.ids, inner=one.inner, most=most)


def leads_elsewhere(endpoints: Sequence[Endpoint], endpoint: Endpoint, deviation: Deviation) -> bool:
    """Whether a number in the path leads to another endpoint, whose address is the same but takes numbers."""
    return (
        deviation.where == "path"
        and deviation.raw.isdigit()
        and not takes_numbers(endpoint, deviation.field)
        and any(
            other.method == endpoint.method
            and other.path != endpoint.path
            and shape(other.path) == shape(endpoint.path)
            and any(takes_numbers(other, name) for name, _ in parameters(other.path))
            for other in endpoints
        )
    )
