"""Values out of place for who holds a record, in a change of it: they come last, only where the record can be had back, and are put back at once.

An app that takes null for the owner of a record shows it to nobody any more, so that nobody can mend or remove it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from launchready.core.ways import matches
from launchready.ground.ground import Ground
from launchready.ground.holders import holders, is_holder, record_in, reference, tells_apart
from launchready.ground.ids import edits
from launchready.ground.removal import addresses, list_of, row_of
from launchready.ground.result import Made
from launchready.model.inputs import Answered
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.judge import answered
from launchready.stages.inputs.trials.payloads.sending import ask

_ASKED = 3
# What a record was refused with when it was made, it is refused with when it is changed: the same code looks at it.
_STOPPED = frozenset((Answered.REFUSED, Answered.CRASHED, Answered.LEAKED))


@dataclass(slots=True)
class Holding:
    """A record of the run that is changed: ``before`` are the fields that say who holds it, ``helpers`` those who may change it though a field
    does not name them, by field. ``lost`` once nobody can put it back."""

    before: Mapping[str, Any] = field(default_factory=dict)
    helpers: Mapping[str, Caller] = field(default_factory=dict)
    lost: bool = False


async def holding(ground: Ground, one: Example) -> Holding | None:
    """What is known of the record that an example changes; None where it changes none of the run's own."""
    made = _made(ground, one)
    changes = one.endpoint.method in ("PUT", "PATCH") or edits(one.endpoint)
    if made is None or not changes or one.form:
        return None
    now = await _now(ground, one, made)
    return Holding(holders(ground, one.endpoint, one.caller, now or {}))


async def put_last(ground: Ground, one: Example, held: Holding, todo: Sequence[Deviation]) -> list[Deviation]:
    """The deviations, those of who holds the record at the end, and of these none that it may be lost by."""
    theirs = [deviation for deviation in todo if is_about_holder(ground, one, held, deviation)]
    rest = [deviation for deviation in todo if deviation not in theirs]
    if not theirs:
        return rest
    held.helpers = await _helpers(ground, one, held)
    stopped = _stopped(ground, one)
    safe = [
        deviation
        for deviation in theirs
        if held.helpers.keys() & set(deviation.place) or (deviation.field, deviation.what) in stopped
    ]
    if left := sorted({deviation.field for deviation in theirs if deviation not in safe}):
        ground.gap(
            f"{one.name}: {', '.join(left)}",
            "it says who holds the record, and nobody else of ours may change that: what is wrong there was tried where a record is made, "
            "and here only what was refused there, since nobody could remove the record again",
            "an identity that looks after everything",
        )
    return [*rest, *safe]


async def put_back(ground: Ground, one: Example, held: Holding, deviation: Deviation) -> None:
    """Look at the record after something out of place was taken, and write down again who holds it, as whoever may."""
    made = _made(ground, one)
    if not held.before or made is None:
        return
    now = await _now(ground, one, made)
    theirs = {} if now is None else {name: reference(now.get(name)) for name in held.before}
    if now is not None and all(str(theirs[name]) == str(value) for name, value in held.before.items()):
        return
    body = {**one.body, **held.before} if isinstance(one.body, dict) else dict(held.before)
    others = [caller for caller in (*held.helpers.values(), *ground.callers) if caller is not one.caller]
    for caller in (one.caller, *others[:_ASKED]):
        await ask(ground, replace(one, body=body, caller=caller))
        now = await _now(ground, one, made)
        if now is not None and all(str(reference(now.get(n))) == str(v) for n, v in held.before.items()):
            return
    if now is None:
        held.lost = True
        told = ", ".join(f"{name} {value}" for name, value in held.before.items())
        index = ground.made.index(made)
        ground.made[index] = replace(made, held=f"{deviation.said} took it out of everybody's reach; before, it had {told}")  # fmt: skip


def is_about_holder(ground: Ground, one: Example, held: Holding | None, deviation: Deviation) -> bool:
    """Whether something out of place concerns who holds the record that is changed."""
    return (
        held is not None
        and deviation.where == "body"
        and any(
            name in held.before or is_holder(ground, one.endpoint, one.caller, name, None)
            for name in deviation.place
            if isinstance(name, str)
        )
    )


async def _helpers(ground: Ground, one: Example, held: Holding) -> dict[str, Caller]:
    """For each field that names whoever changes the record somebody whom it does not, and who makes the valid change as well: whatever the
    field says, they can put it back."""
    found = dict[str, Caller]()
    for other in [caller for caller in ground.callers if caller is not one.caller][:_ASKED]:
        apart = [n for n, value in held.before.items() if n not in found and tells_apart(n, value, one.caller, other)]
        if apart and answered(await ask(ground, replace(one, caller=other))) is Answered.TAKEN:
            found |= dict.fromkeys(apart, other)
    return found


def _stopped(ground: Ground, one: Example) -> set[tuple[str, str]]:
    """What was refused, or made the app fail, where such records are made: field, and what was out of place in it."""
    above = one.endpoint.path.rstrip("/").rpartition("/")[0]
    routes = {
        e.name
        for e in ground.endpoints
        if e.method == "POST" and (matches(above, e.path.rstrip("/")) if "#" not in above else "#" in e.path)
    }
    told = [tried for tried in ground.inputs if tried.route in routes and tried.where == "body"]
    taken = {(tried.field, tried.what) for tried in told if tried.answered not in _STOPPED}
    return {(tried.field, tried.what) for tried in told if tried.answered in _STOPPED} - taken


async def _now(ground: Ground, one: Example, made: Made) -> Mapping[str, Any] | None:
    """The record as whoever changes it is shown it, in its own page or its list; None when they are not shown it."""
    for path in addresses(made):
        if any(
            e.method == "GET" and not e.hosted and "{" in e.path and matches(e.path, path) for e in ground.endpoints
        ):
            view = await ground.call(one.caller, "GET", path)
            return record_in(parsed(view), made.names) if view.ok else None
    listed = await list_of(ground, made, one.caller)
    return row_of(listed, made) if listed is not None else {}


def _made(ground: Ground, one: Example) -> Made | None:
    """The record of the run that the example changes."""
    ids = set(one.ids.values())
    return next(
        (
            made
            for made in reversed(ground.made)
            if not made.removed and ids & {value for _, value in made.names} and _at(made, one)
        ),
        None,
    )


def _at(made: Made, one: Example) -> bool:
    return any(one.path.rstrip("/") == at or one.path.startswith(f"{at}/") for at in addresses(made)) or "#" in one.path
