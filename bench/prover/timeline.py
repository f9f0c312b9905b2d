"""Where the time of the prover goes: how long nothing, one, or several of its requests were in flight, and for what it waited alone.

    python bench/prover/timeline.py [--app opsboard capital …] [--top N]
    python bench/prover/timeline.py --folder FOLDER --start "COMMAND {port}" [--before COMMAND]

The app is started as by ``rate.py``, whose options say which. Seconds are those of the wall, so shares are to be compared, and times only on a quiet
machine.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "inputs")]
_BUCKETS = (0, 1, 2, 4)
# What every request goes through, which says nothing of what it is for.
_PLUMBING = frozenset(("http", "caller", "sending", "ground", "timeline", "exchange", "pace", "journal"))
_stage: ContextVar[str] = ContextVar("stage", default="before the questions")
_asker: ContextVar[str] = ContextVar("asker", default="")


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: seconds of one clock, what it was for, the status that came back, and the processor seconds of the
    prover when it began and when it ended."""

    began: float
    ended: float
    method: str
    path: str
    stage: str
    asker: str
    status: int
    worked: float
    done: float


def shares(sent: list[Sent]) -> tuple[Mapping[str, Mapping[int, float]], Mapping[str, float]]:
    """For each stage the seconds with nothing, one, two or three, and four or more in flight; and for each asker those it was alone in flight.
    What was not in flight is counted to the stage of the request that came next."""
    by_stage: dict[str, dict[int, float]] = {}
    alone: dict[str, float] = {}
    points = sorted([(one.began, 1, one) for one in sent] + [(one.ended, 0, one) for one in sent], key=lambda p: p[:2])
    active: list[Sent] = []
    last = points[0][0] if points else 0.0
    for when, begins, one in points:
        size = max(n for n in _BUCKETS if n <= len(active))
        stage = active[0].stage if active else one.stage
        took = by_stage.setdefault(stage, dict.fromkeys(_BUCKETS, 0.0))
        took[size] += when - last
        asker = active[0].asker if active else f"nothing, before {one.asker}"
        if len(active) < 2:
            alone[asker] = alone.get(asker, 0.0) + when - last
        (active.append if begins else active.remove)(one)
        last = when
    return by_stage, alone


def chained(sent: list[Sent]) -> int:
    """How many requests were waited for one after the other: the longest row of them in which each began after the one before had ended. Load
    changes it little."""
    row, last = 0, 0.0
    for one in sorted(sent, key=lambda one: one.ended):
        if one.began >= last:
            row, last = row + 1, one.ended
    return row


def alone_at_work(sent: list[Sent]) -> Mapping[str, float]:
    """The prover's processor seconds while nothing was in flight, in which the app had nothing to do, by the asker that came next. Load changes
    them little."""
    worked: dict[str, float] = {}
    flying, last = 0, 0.0
    points = sorted([(one.began, 1, one) for one in sent] + [(one.ended, 0, one) for one in sent], key=lambda p: p[:2])
    for _, begins, one in points:
        if begins and not flying and last:
            worked[one.asker] = worked.get(one.asker, 0.0) + one.worked - last
        flying += 1 if begins else -1
        last = one.worked if begins else one.done
    return worked


def _frames() -> Iterator[str]:
    frame = sys._getframe(2)
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if "launchready" in file.parts and file.stem not in _PLUMBING and "cli" not in file.parts:
            yield f"{file.stem}.{frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]


def _remembered(loop: asyncio.AbstractEventLoop, work: Any, **given: Any) -> "asyncio.Task[Any]":
    """A task that knows what started it, since its own stack begins with itself."""
    names = list(_frames())
    token = _asker.set("/".join([*_asker.get().split("/"), *reversed(names)][-6:])) if names else None
    try:
        return asyncio.Task(work, loop=loop, **given)
    finally:
        if token is not None:
            _asker.reset(token)


def _inside(into: str) -> None:
    """Run ``launchready`` with the rest of the arguments, and write what it sent into a file."""
    from launchready.cli import main
    from launchready.ground import ground
    from launchready.probes.http import Site

    sent: list[Sent] = []
    asked: Any = Site._asked

    async def _asked(self: Site, method: str, url: str, path: str, *rest: Any) -> Any:
        asyncio.get_running_loop().set_task_factory(_remembered)
        worked, began, asker = (
            time.process_time(),
            time.monotonic(),
            "/".join([*_asker.get().split("/"), *reversed(list(_frames()))][-4:]),
        )
        answer = await asked(self, method, url, path, *rest)
        ended, done = time.monotonic(), time.process_time()
        sent.append(Sent(began, ended, method, path, _stage.get(), asker, answer[0].status, worked, done))
        return answer

    def named(work: Callable[..., Any]) -> Callable[..., Any]:
        async def do(self: Any, name: str, job: Any) -> Any:
            token = _stage.set(name if work.__name__ == "stage" else _stage.get())
            try:
                return await work(self, name, job)
            finally:
                _stage.reset(token)

        return do

    Site._asked = _asked  # type: ignore[assignment,method-assign]
    ground.Ground.stage = named(ground.Ground.stage)  # type: ignore[method-assign]
    try:
        main()
    finally:
        Path(into).write_text(json.dumps([astuple(one) for one in sent]))


def _show(name: str, sent: list[Sent], worked: float, top: int) -> None:
    by_stage, alone = shares(sent)
    total = max(one.ended for one in sent) - min(one.began for one in sent)
    ours = max(one.worked for one in sent) - min(one.worked for one in sent)
    idle = alone_at_work(sent)
    print(
        f"{name}: {len(sent)} requests, {chained(sent)} one after the other, in {total:.2f} s; the app worked {worked:.2f} s, "
        f"the prover {ours:.2f} s, {sum(idle.values()):.2f} s of them with nothing in flight"
    )
    print(f"{'stage':28} {'requests':>8} {'seconds':>8}   none    one  2 or 3  4 or more")
    counts = Counter(one.stage for one in sent)
    both = {size: sum(took[size] for took in by_stage.values()) for size in _BUCKETS}
    for stage, took in [*by_stage.items(), ("all", both)]:
        whole = sum(took.values()) or 1.0
        cells = "".join(f"{took[size] / whole:8.0%}" for size in _BUCKETS)
        print(f"{stage:28} {counts.get(stage, len(sent)):8} {whole:8.2f}{cells}")
    print("waited for alone")
    times = Counter(one.asker for one in sent)
    for asker, seconds in sorted(alone.items(), key=lambda one: -one[1])[:top]:
        print(f"  {seconds:6.2f} s {times[asker]:5}  {asker}")
    print("the prover worked with nothing in flight, before")
    for asker, seconds in sorted(idle.items(), key=lambda one: -one[1])[:top]:
        print(f"  {1000 * seconds:6.1f} ms  {asker}")
    print("asked for most")
    refused = Counter(one.asker for one in sent if one.status >= 400)
    for asker, number in times.most_common(top):
        print(f"  {number:5} of them {refused[asker]:4} refused  {asker}")


def main() -> int:
    """Prove one app after the other and print where its time went."""
    import rate
    from serving import fresh

    options = rate.options(__doc__)
    options.add_argument("--top", type=int, default=25)
    options.add_argument("--keep", type=Path, help="a folder for the requests of each app, as JSON")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="launchready-timeline-") as scratch:
        Path(scratch).chmod(0o755)
        for name in [""] if given.folder else given.app:
            app = rate.app_of(name, given, Path(scratch))
            with fresh(app, Path(scratch)) as running, tempfile.TemporaryDirectory() as where:
                into = (given.keep or Path(where)) / f"{app.name}.json"
                url, before = f"http://127.0.0.1:{running.port}", running.processor()
                command = rate.ours(running, url, Path(where), given.seconds)
                out = into.with_suffix(".txt").open("w")
                subprocess.run(
                    [sys.executable, str(HERE), "--inside", str(into), *command[1:]], stdout=out, stderr=out, cwd=where
                )
                worked = max(now - before.get(pid, 0.0) for pid, now in running.processor().items())
                _show(app.name, [Sent(*row) for row in json.loads(into.read_text())], worked, given.top)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    if sys.argv[1:2] == ["--inside"]:
        place, sys.argv[1:] = sys.argv[2], sys.argv[3:]
        _inside(place)
    else:
        sys.exit(main())
