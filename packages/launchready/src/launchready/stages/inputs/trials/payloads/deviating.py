"""One valid request with everything out of place, one thing at a time, for as long as the answers are worth it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from launchready.core.ways import shape
from launchready.ground.closing import accounts_can_go
from launchready.ground.ground import Ground
from launchready.ground.ids import parameters
from launchready.ground.removal import removable
from launchready.model.inputs import Answered
from launchready.model.surface import Endpoint
from launchready.model.words import ARRIVALS, Kind
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
)
from launchready.stages.inputs.trials.payloads.deviations import MOST, Deviation, deviations, emptied
from launchready.stages.inputs.trials.payloads.examples import ENTRIES, Example
from launchready.stages.inputs.trials.payloads.holding import holding, is_about_holder, put_back, put_last
from launchready.stages.inputs.trials.payloads.inside import has_inside, inside
from launchready.stages.inputs.trials.payloads.jointly import try_together
from launchready.stages.inputs.trials.payloads.judge import GATEWAY, answered, crashed, shut
from launchready.stages.inputs.trials.payloads.kinds import takes_numbers
from launchready.stages.inputs.trials.payloads.sending import ask

# Three requests at which an endpoint fails tell what there is to tell; what is taken has to be removed again.
_CRASHES, _TAKEN, _TAKEN_DEARLY = 3, 15, 6
# Less may be taken where nothing of it can be removed again.
_STAYING, _STAYING_DEARLY = 8, 2
# Bursts at the doors come after this, and want them open.
_MOST_ENTERING = 16
# As often as somebody may be turned away before that is the answer.
_SHUT = 4
# So many more go inside of tables and lists.
_MORE_INSIDE = 8
# As often as an address may say that it is not there before that is believed.
_ABSENT = 8
# Each call of these costs somebody: a letter to read, a new account, a bill.
_DEAR = frozenset((Kind.SIGNUP, Kind.INVITE, Kind.PASSWORD_RESET, Kind.BILLING, Kind.AI))


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


@dataclass(frozen=True, slots=True)
class _Plan:
    """``stays``: what is made cannot be removed again; ``dear``: each call costs somebody; ``names``: accounts are made, and stay."""

    todo: list[Deviation]
    stays: bool
    dear: bool
    names: bool
    before: int

    def staying(self, ground: Ground) -> bool:
        """Whether enough was made that stays."""
        return self.stays and len(ground.made) - self.before >= _STAYING


async def deviate(ground: Ground, case: Case, ends: float, run: Trying) -> None:
    """Send what is out of place until the time ``ends``, or until more of it would tell nothing."""
    if not await _can_be_tried(ground, case, run):
        return
    plan = await _plan(ground, case, run)
    one, held, todo = case.one, case.held, plan.todo
    sent: list[Deviation] = []
    if plan.stays and not plan.dear:
        sent += await try_together(ground, case, todo, lambda: not plan.staying(ground) and time.monotonic() < ends)
        todo = [deviation for deviation in todo if deviation not in sent]
    for number, deviation in enumerate(todo):
        if time.monotonic() > ends:
            said = f"{len(todo) - number} of {len(todo)} broken inputs were left out: its time was over"
            ground.gap(one.endpoint.name, said, "launchready inputs --deep --seconds 600", harm_of(one))
            break
        if plan.dear and case.taken >= _TAKEN_DEARLY:
            break
        # Once enough accounts stay, the rest is sent as somebody who is there: an app looks at what it gets before it says that they are.
        taken_name = plan.names and case.taken >= _STAYING_DEARLY
        if taken_name and (case.taken > _STAYING_DEARLY or tells_who(deviation)):
            continue
        if deviation.wrong is None and _told(ground, case, plan, deviation, deep=run.deep):
            continue
        if _turned_away(ground, case, deviation):
            continue
        if case.absent >= _ABSENT and case.absent == number:
            said = "the app has nothing at this address"
            ground.gap(one.endpoint.name, said, "a record of this kind", harm_of(one))
            break
        answer = await ask(ground, replace(one, marker="") if taken_name else one, deviation)
        case.absent += answer.wire is None and run.absent(answer)
        if answer.status == 429:
            # Whoever paces the calls has said it.
            break
        away = _is_away(case, answer)
        case.turned_away += away
        if not away:
            sent.append(deviation)
        await judge(ground, case, deviation, answer)
        if held is not None and answered(answer) is Answered.TAKEN:
            await put_back(ground, one, held, deviation)
        if case.ended is not None or (held is not None and held.lost):
            break
    count(ground, sent)


async def _can_be_tried(ground: Ground, case: Case, run: Trying) -> bool:
    """Whether the valid request is answered as one, so that a wrong one can be told from it."""
    one, baseline, name = case.one, case.baseline, case.one.endpoint.name
    assert baseline is not None
    if baseline.ok or 300 <= baseline.status < 400 or ENTRIES.intersection(one.endpoint.kind):
        ground.examples[name] = baseline
    note_leaks(ground, f"called {name}", baseline)
    if baseline.status in GATEWAY:
        said = f"it answers {baseline.status}: a part of it is not running"
        ground.gap(name, said, "an app with everything it needs", harm_of(one))
        if one.writes:
            return False
    if crashed(baseline):
        # What takes a file is right with one, and that it fails without was said of its files.
        if crashed(again := await ask(ground, one)) and not _took_a_file(ground, name):
            raise_at_once(ground, one, again)
        return False
    if baseline.wire is None and run.absent(baseline) and "{" not in one.endpoint.path:
        ground.gap(name, "the app has no such address", "an app with this part of its source", harm_of(one))
        return False
    return True


def _took_a_file(ground: Ground, route: str) -> bool:
    return any(
        one.route == route and one.where == "file" and one.answered in (Answered.TAKEN, Answered.KEPT)
        for one in ground.inputs
    )


async def _plan(ground: Ground, case: Case, run: Trying) -> _Plan:
    """What to send, in which order, and how much of it may be taken."""
    one, baseline, name = case.one, case.baseline, case.one.endpoint.name
    assert baseline is not None
    door = bool(ARRIVALS.intersection(one.endpoint.kind))
    most = _MOST_ENTERING if door else MOST
    if one.writes and not one.form and one.endpoint.method != "DELETE" and not door:
        case.one = one = replace(one, inner=inside(ground, one.endpoint, one.caller, one.body, baseline))
        most += _MORE_INSIDE if one.inner or has_inside(one.body) else 0
    mark = ground.random(f"nonsense for {name}")
    todo = [
        deviation.marked(mark)
        for deviation in _deviations(one, None if run.deep else most)
        if not leads_elsewhere(ground.endpoints, one.endpoint, deviation)
    ]
    todo = fitted(todo, one, baseline, ground.endpoints)
    stays = one.endpoint.method == "POST" and not run.deep and not removable(ground, name, one.path)
    if stays and not one.called:
        todo = emptied(todo, form=one.form)
    before = len(ground.made)
    dear = bool(_DEAR.intersection(one.endpoint.kind)) or makes_account(one)
    names = (Kind.SIGNUP in one.endpoint.kind or makes_account(one)) and not accounts_can_go(ground)
    if dear:
        # What would be kept goes first, as long as something may be taken.
        todo.sort(key=lambda deviation: deviation.wrong is None)
    case.held = held = await holding(ground, one)
    if held is not None:
        todo = await put_last(ground, one, held, todo)
    return _Plan(todo, stays, dear, names, before)


def _told(ground: Ground, case: Case, plan: _Plan, deviation: Deviation, *, deep: bool) -> bool:
    """Whether what this one could show was shown: enough was taken, or made that stays, or crashed in the same way."""
    # What comes last by its nature is not the one to be left out.
    much = case.taken >= _TAKEN and not is_about_holder(ground, case.one, case.held, deviation)
    same = sum(other.in_address is deviation.in_address for other in case.crashes)
    return much or (plan.staying(ground) and not deviation.lacks) or (same >= _CRASHES and not deep)


def _turned_away(ground: Ground, case: Case, deviation: Deviation) -> bool:
    """Whether it is left out because whoever asks is not let in, which is said."""
    assert case.baseline is not None
    if case.turned_away < _SHUT or not shut(case.baseline):
        return False
    said = "it wants somebody else to be signed in first"
    ground.gap(case.one.endpoint.name, said, "an identity in launchready.toml", harm_of(case.one))
    # Many read a body before they look who sent it.
    return deviation.where != "whole" or bool(deviation.rank)


def _is_away(case: Case, answer: Exchange) -> bool:
    """Whether the answer is about who asked. A door shows its sign-in form to whoever it refuses, and a field of GraphQL may say no to a value in words of its own."""
    one, baseline = case.one, case.baseline
    assert baseline is not None
    return shut(answer) and not ENTRIES.intersection(one.endpoint.kind) and (shut(baseline) or not one.called)


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
