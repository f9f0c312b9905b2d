"""What only a place may be asked where everything may be lost, last of all: records of others changed and removed, and whole lists removed.

Whether a broken removal is refused before it acts cannot be known, so every one is sent as if it acted. People come last, since those
who ask are among them.
"""

import re
import time
from functools import partial

from launchready.ground.ground import Ground
from launchready.ground.ids import USER_NOUNS, noun_of_path, parameters, singular
from launchready.ground.result import OF_INPUT
from launchready.ground.tidy import tidy_first
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.stages.inputs.trials.payloads.case import Case, count, judge, raise_at_once, settle
from launchready.stages.inputs.trials.payloads.deviating import Trying
from launchready.stages.inputs.trials.payloads.deviations import Deviation, removals
from launchready.stages.inputs.trials.payloads.examples import Example, example_at, ids_of, stranger
from launchready.stages.inputs.trials.payloads.judge import crashed, shut
from launchready.stages.inputs.trials.payloads.sending import ask
from launchready.stages.inputs.trials.payloads.trying import begin, may_be_sent, try_example

_ABOVE = re.compile("admin|owner|super|staff|root", re.I)
# What others get in by: without it the rest could not be asked.
_DOORS = re.compile("role|polic|permission|access|token|key|session|credential|grant", re.I)


async def try_what_may_be_lost(ground: Ground, *, deep: bool = False) -> None:
    """Change records of others where none of the run's own could be, then remove some, then remove whole lists, those of people last."""
    if not ground.disposable:
        return
    caller = _whoever_may_most(ground)
    await tidy_first(ground, caller)
    run = await begin(ground, ground.sending.until, deep=deep)
    for endpoint in sorted(filter(partial(_was_left_out, ground), ground.endpoints), key=_order):
        if _removes_people(endpoint):
            # From here on whoever asks may be gone by their own request.
            ground.sending.looked_after = lambda _: False
        if endpoint.method == "DELETE":
            work = partial(_remove, ground, endpoint, caller)
        else:
            work = partial(_change, ground, endpoint, caller, run)
        if time.monotonic() < run.until:
            await ground.step(f"what may be lost at {endpoint.name}", work)


def _whoever_may_most(ground: Ground) -> Caller:
    return min(ground.callers, key=lambda one: not _ABOVE.search(one.role), default=stranger(ground))


def _was_left_out(ground: Ground, endpoint: Endpoint) -> bool:
    """Whether a write has neither failed so far nor changed anything of the run's own, and may be sent at all. Removals went to nobody's id so far."""
    writes = endpoint.method in ("POST", "PUT", "PATCH", "DELETE") and "#" not in endpoint.path
    if not writes or not may_be_sent(endpoint):
        return False
    if endpoint.method != "DELETE" and endpoint.name in ground.examples:
        return False
    if any(alarm.route == endpoint.name and alarm.harm in OF_INPUT for alarm in ground.alarms):
        return False
    if is_whole_list(endpoint):
        return True
    named = parameters(endpoint.path)
    return endpoint.path.rstrip("/").endswith("}") and named[-1][1] not in USER_NOUNS


def is_whole_list(endpoint: Endpoint) -> bool:
    """Whether an endpoint removes a list: a DELETE that ends in the name of many things."""
    last = endpoint.path.rstrip("/").rpartition("/")[2]
    return endpoint.method == "DELETE" and "{" not in last and singular(last) != re.sub(r"[^a-z0-9]", "", last.lower())


def _removes_people(endpoint: Endpoint) -> bool:
    return is_whole_list(endpoint) and noun_of_path(endpoint.path) in USER_NOUNS


def _order(endpoint: Endpoint) -> tuple[bool, bool, bool, bool, int, str, str]:
    """Changes, then removals of one record, then those of lists, the inner ones first; all of what people get in by after all of the rest."""
    noun = noun_of_path(endpoint.path)
    removes, doors = endpoint.method == "DELETE", bool(_DOORS.search(noun))
    return (
        _removes_people(endpoint),
        doors,
        is_whole_list(endpoint),
        removes,
        -endpoint.path.count("/"),
        endpoint.path,
        endpoint.method,
    )


async def _change(ground: Ground, endpoint: Endpoint, caller: Caller, run: Trying) -> None:
    if path := ground.path_of(endpoint, caller):
        await try_example(ground, await example_at(ground, endpoint, caller, path), run)


async def _remove(ground: Ground, endpoint: Endpoint, caller: Caller) -> None:
    """What makes no sense in a removal first, since after a right one there is nothing left to remove; then that one."""
    path = ground.path_of(endpoint, caller) if "{" in endpoint.path else endpoint.path
    if path is None:
        return
    one = Example(endpoint, caller, ids_of(endpoint, path))
    case, sent = Case(one), list[Deviation]()
    for deviation in removals(endpoint, {}):
        answer = await ask(ground, one, deviation)
        if answer.status == 429 or shut(answer):
            return
        sent.append(deviation)
        await judge(ground, case, deviation, answer)
    await settle(ground, case)
    count(ground, sent)
    if not case.crashes and crashed(answer := await ask(ground, one)) and crashed(again := await ask(ground, one)):
        raise_at_once(ground, one, again)
