"""Runs checks: several at a time, each with a time limit, none able to take the others down."""

import asyncio
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace

from launchready_guard.redact import redact

from launchready.core.check import Check, Context, ManualError, NotApplicableError, NotCheckedError, Result
from launchready.core.events import CheckEnded, CheckStarted, Listener, RunStarted, nobody
from launchready.model.check import CheckInfo, Outcome
from launchready.model.words import Status

CHECK_SECONDS = 120.0
AT_ONCE = 4


async def run_checks(
    checks: Sequence[Check],
    context: Context,
    listener: Listener = nobody,
    *,
    at_once: int = AT_ONCE,
    seconds: float = CHECK_SECONDS,
) -> tuple[Outcome, ...]:
    """Run every check and return one outcome each, in check order; those that want to be alone run after the others.

    A check that crashes or runs past ``seconds`` ends as an outcome of its own; the others go on. When the surrounding
    task is cancelled, whatever ended has been told to ``listener`` and CancelledError is raised.
    """
    listener(RunStarted(tuple(check.info for check in checks)))
    gate = asyncio.Semaphore(at_once)

    async def one(check: Check) -> Outcome:
        async with gate:
            listener(CheckStarted(check.info))
            outcome = await run_one(check, context, seconds=seconds)
            listener(CheckEnded(check.info, outcome))
            return outcome

    async with asyncio.TaskGroup() as group:
        tasks = {check.info.id: group.create_task(one(check)) for check in checks if not check.alone}
    ended = {name: task.result() for name, task in tasks.items()}
    for check in checks:
        if check.alone:
            ended[check.info.id] = await one(check)
    return tuple(ended[check.info.id] for check in checks)


async def run_one(check: Check, context: Context, *, seconds: float = CHECK_SECONDS) -> Outcome:
    """Run one check and say how it ended; never raises anything but CancelledError."""
    started = time.monotonic()
    outcome = await _ask(check, context, seconds)
    return replace(outcome, seconds=round(time.monotonic() - started, 3))


async def _ask(check: Check, context: Context, seconds: float) -> Outcome:
    name = check.info.id
    for need in check.info.needs:
        if (gap := context.absent.get(need)) is not None:
            return Outcome(name, Status.NOT_CHECKED, gap.reason, gap.give)
    try:
        async with asyncio.timeout(seconds):
            return _judge(check.info, await check.run(context))
    except NotCheckedError as error:
        return Outcome(name, Status.NOT_CHECKED, error.reason, error.give)
    except NotApplicableError as error:
        return Outcome(name, Status.NOT_APPLICABLE, str(error))
    except ManualError as error:
        return Outcome(name, Status.MANUAL, error.reason, error.give, attested_by=error.attested_by)
    except TimeoutError:
        return Outcome(
            name,
            Status.NOT_CHECKED,
            f"it took longer than {seconds:.0f} s and was stopped",
            "a faster target, or --stage",
        )
    except Exception as error:  # noqa: BLE001 - the one place: a crash in a check must not lose the others
        what = f"our check {name} crashed: {type(error).__name__}: {error}"
        trace = "".join(traceback.format_exception(error)[-4:])
        return Outcome(
            name,
            Status.ERROR,
            redact(what),
            "a word to its makers, with the trace that --format json shows",
            trace=redact(trace),
        )


def _judge(info: CheckInfo, result: Result) -> Outcome:
    if result.findings:
        status, reason = Status.FAIL, ""
    elif result.examined:
        status, reason = Status.PASS, ""
    else:
        status = Status.NOT_CHECKED
        reason = result.gaps[0].reason if result.gaps else f"nothing was seen to ask this of: {info.title}"
    give = result.gaps[0].give if status is Status.NOT_CHECKED and result.gaps else ""
    findings = tuple(sorted(result.findings, key=lambda finding: finding.rank))
    return Outcome(
        info.id,
        status,
        reason,
        give,
        result.examined,
        findings,
        result.gaps,
        result.measures,
        result.notes,
        tables=result.tables,
    )
