"""However a check ends, it ends as an outcome, and the others go on."""

import asyncio
from dataclasses import replace

import pytest
from launchready.core.check import Check, Context, ManualError, NotApplicableError, NotCheckedError, Result
from launchready.core.events import CheckEnded, CheckStarted, Event
from launchready.core.runner import run_checks
from launchready.model.check import Gap, Outcome
from launchready.model.words import Need, Status

from tests.core.samples import check, context, finding, passes


async def crashes(_context: Context) -> Result:
    raise ZeroDivisionError("password=hunter2hunter2")


async def hangs(_context: Context) -> Result:
    await asyncio.sleep(3600)
    return Result(examined=1)


async def finds(_context: Context) -> Result:
    return Result(examined=2, findings=(finding(),))


async def sees_nothing(_context: Context) -> Result:
    return Result(examined=0, gaps=(Gap("GET /a", "it never answered", "a faster app"),))


async def cannot(_context: Context) -> Result:
    raise NotCheckedError("no admin identity", "one in launchready.toml")


async def has_none(_context: Context) -> Result:
    raise NotApplicableError("the app has no uploads")


async def asks_a_person(_context: Context) -> Result:
    raise ManualError("only an owner knows", attested_by="Dana")


async def outcome_of(one: Check, seconds: float = 5) -> Outcome:
    (outcome,) = await run_checks([one], context(), seconds=seconds)
    return outcome


async def test_a_crash_is_an_outcome_and_loses_nothing_else() -> None:
    outcomes = await run_checks([check(crashes, "LR901"), check(passes, "LR902")], context())
    assert [outcome.status for outcome in outcomes] == [Status.ERROR, Status.PASS]
    assert "LR901 crashed: ZeroDivisionError" in outcomes[0].reason
    assert "--format json" in outcomes[0].give
    assert "hunter2" not in outcomes[0].reason + outcomes[0].trace


async def test_a_hanging_check_is_stopped_and_not_passed() -> None:
    outcome = await outcome_of(check(hangs), seconds=0.05)
    assert outcome.status is Status.NOT_CHECKED
    assert "stopped" in outcome.reason


@pytest.mark.parametrize(
    ("run", "status"),
    [
        (passes, Status.PASS),
        (finds, Status.FAIL),
        (sees_nothing, Status.NOT_CHECKED),
        (cannot, Status.NOT_CHECKED),
        (has_none, Status.NOT_APPLICABLE),
        (asks_a_person, Status.MANUAL),
    ],
)
async def test_each_way_to_end(run: object, status: Status) -> None:
    assert (await outcome_of(check(run))).status is status  # type: ignore[arg-type]


async def test_a_missing_need_says_what_to_give() -> None:
    gap = Gap("site", "no running app given", "--url")
    (outcome,) = await run_checks([check(passes, needs=(Need.URL,))], context({Need.URL: gap}))
    assert (outcome.status, outcome.reason, outcome.give) == (Status.NOT_CHECKED, "no running app given", "--url")


async def test_a_check_that_measures_has_the_app_to_itself() -> None:
    seen: list[Event] = []
    measuring = replace(check(passes, "LR901"), alone=True)
    outcomes = await run_checks([measuring, check(passes, "LR902"), check(finds, "LR903")], context(), seen.append)
    assert [outcome.check for outcome in outcomes] == ["LR901", "LR902", "LR903"]
    told = [(type(event), event.check.id) for event in seen if isinstance(event, CheckStarted | CheckEnded)]
    assert told[-2:] == [(CheckStarted, "LR901"), (CheckEnded, "LR901")]


async def test_a_cancelled_run_has_told_what_ended_before() -> None:
    seen: list[Event] = []
    ended = asyncio.Event()

    def listen(event: Event) -> None:
        seen.append(event)
        if isinstance(event, CheckEnded):
            ended.set()

    task = asyncio.create_task(run_checks([check(passes, "LR901"), check(hangs, "LR902")], context(), listen))
    await ended.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [event.outcome.check for event in seen if isinstance(event, CheckEnded)] == ["LR901"]


async def test_what_had_nothing_to_ask_says_what_it_would_have_asked() -> None:
    async def empty(_context: Context) -> Result:
        return Result(examined=0)

    one = check(empty)
    ended = await outcome_of(one)
    assert ended.status is Status.NOT_CHECKED
    assert one.info.title in ended.reason
