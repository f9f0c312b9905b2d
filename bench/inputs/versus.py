"""Side by side with schemathesis: the operations each makes answer with a server error, the requests sent for it, the seconds.

    python bench/inputs/versus.py [--only booking capital …] [--examples 25] [--minutes 8] [--deep] [--keep FOLDER]

Every app is started fresh for each tool, given the same account, and called through ``wire.py``, which counts for both: an operation
counts when one request that belongs to it was answered with a status of 500 or more, or when the connection was closed instead of
an answer. schemathesis gets the app's own OpenAPI; the audit is given the source where there is one, and looks for the document itself.

Then every such request is sent once more, byte for byte, to an app that was started anew. ``judged.toml`` beside this file
says of each alarm of the inputs stage whether it is true. Ends with 1 when an app did not start, when schemathesis finds an operation
that we do not, when we find less than twice its operations in all or need more requests, or when more than 5 % of the alarms are false.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalogue import APPS, App
from launchready.model.words import Status
from operations import Operations, of_document
from replay import again, curl
from serving import State, fresh
from sides import Side, document, ours, theirs
from wire import Call

HERE = Path(__file__).parent
ALLOWED_FALSE = 0.05
TIMES = 2
HEADER = ("app", "operations", "theirs", "ours", "both", "only theirs", "only ours", "requests: theirs", "ours", "seconds: theirs", "ours")  # fmt: skip
# An operation is shown to break by one request; two more, because the first may need what the run had made before.
_REPLAYED = 3

Judged = Mapping[tuple[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class Compared:
    """One app. ``broken`` are the operations with a server error of either tool and the calls that broke them."""

    app: App
    operations: Operations
    theirs: Side
    ours: Side
    broken: tuple[Mapping[str, Sequence[Call]], Mapping[str, Sequence[Call]]]
    outside: tuple[Sequence[Call], Sequence[Call]]
    repeated: Mapping[tuple[str, str], Sequence[int]] = field(default_factory=dict)


def compare(app: App, scratch: Path, examples: int, phases: str, minutes: float, *, deep: bool) -> Compared:
    """Both tools on one app, each on a fresh start. Raises OSError when the app does not come up."""
    with fresh(app, scratch) as running:
        known = of_document(document(running), app.prefix)
        first = theirs(running, scratch, examples, phases, 60 * minutes)
    with fresh(app, scratch) as running:
        second = ours(running, scratch, deep=deep)
    operations = Operations([*known, *second.endpoints])
    sorted_out = [sort_out(side, operations) for side in (first, second)]
    broken = (sorted_out[0][0], sorted_out[1][0])
    outside = (sorted_out[0][1], sorted_out[1][1])
    with fresh(app, scratch) as running:
        repeated = {(who, name): [again(call, running) for call in calls[:_REPLAYED]]
                    for who, found in zip(("theirs", "ours"), broken, strict=True) for name, calls in found.items()}  # fmt: skip
    return Compared(app, operations, first, second, broken, outside, repeated)


def sort_out(side: Side, operations: Operations) -> tuple[dict[str, list[Call]], list[Call]]:
    """The calls that the app broke on, by operation, and those that belong to none."""
    found: dict[str, list[Call]] = {}
    outside: list[Call] = []
    for call in side.calls:
        if call.broken:
            name = operations.of(call.method, call.target)
            if name:
                found.setdefault(name, []).append(call)
            else:
                outside.append(call)
    return found, outside


def judgements() -> dict[tuple[str, str, str], bool]:
    """What a person said of each alarm: (app, check, target) to whether it is true."""
    file = HERE / "judged.toml"
    listed = tomllib.loads(file.read_text()).get("alarm", []) if file.exists() else []
    return {(one["app"], one["check"], one["target"]): one["verdict"] == "true" for one in listed}


def row(one: Compared) -> tuple[str, ...]:
    """The row of one app."""
    first, second = (set(found) for found in one.broken)
    numbers = (len(one.operations), len(first), len(second), len(first & second), len(first - second), len(second - first),
               len(one.theirs.calls), len(one.ours.calls))  # fmt: skip
    return (one.app.name, *map(str, numbers), f"{one.theirs.seconds:.0f}", f"{one.ours.seconds:.0f}")


def told(one: Compared, judged: Judged, *, verbose: bool) -> Iterator[str]:
    """What there is to say of one app below the table."""
    first, second = one.broken
    yield f"\n{one.app.name}"
    for title, names in (("only theirs", set(first) - set(second)), ("only ours", set(second) - set(first)), ("both", set(first) & set(second))):  # fmt: skip
        for name in sorted(names):
            parts = []
            for who, found in (("theirs", first), ("ours", second)):
                if name in found:
                    statuses = " ".join(f"{call.status}" for call in found[name][:_REPLAYED])
                    parts.append(
                        f"{who} {len(found[name])}x {statuses}, again {' '.join(map(str, one.repeated[who, name]))}"
                    )
            unsaid = (
                " — and not told in a finding"
                if name in second and name not in map(one.operations.known, one.ours.told)
                else ""
            )
            yield f"    {title}: {name} ({'; '.join(parts)}){unsaid}"
            if verbose or title == "only theirs":
                yield f"        {curl((second.get(name) or first[name])[0], one.app)}"
    for who, calls in zip(("theirs", "ours"), one.outside, strict=True):
        for place, count in sorted(
            Counter(f"{call.method} {call.target.partition('?')[0][:80]}" for call in calls).items()
        ):
            yield f"    outside of what is known, {who}: {place} {count}x"
    for who, side in (("theirs", one.theirs), ("ours", one.ours)):
        yield f"    after {who}: {_held(side.before, side.after)}, {'up' if side.alive else 'DOWN'}"
    if one.ours.undone is not None:
        undone = ", ".join(f"{name} {count}" for name, count in sorted(one.ours.undone.items())) or "nothing"
        more = sum(max(0, count - one.ours.before.rows.get(name, 0)) for name, count in one.ours.after.rows.items())
        yield f"    put back in its database by ours: {undone}; rows left behind = {more}"
    if one.ours.audit is not None:
        stays = [made for made in one.ours.audit.made if not made.removed]
        yield f"    left by ours as it says itself: {len(stays)} of {len(one.ours.audit.made)}"
        yield from (f"        {made.path[:100]} ({made.who}, {made.route}): {made.why}" for made in stays if verbose)
    audit = one.ours.audit
    for finding in audit.findings if audit else ():
        verdict = judged.get((one.app.name, finding.check, finding.target))
        word = {True: "true", False: "FALSE", None: "not judged"}[verdict]
        yield f"    {finding.check} {finding.target} ({finding.confidence.value}) [{word}] {finding.title}"
        if verbose:
            yield "\n".join(f"        {line}" for line in (finding.detail, *finding.reproduction.splitlines()))
    for outcome in audit.outcomes if audit and verbose else ():
        if outcome.status in (Status.NOT_CHECKED, Status.ERROR):
            yield f"    - {outcome.check} {outcome.status.value}: {outcome.reason}"
    if one.ours.proof is not None and verbose:
        yield from (f"    - {gap.target}: {gap.reason}" for _, gap in one.ours.proof.gaps)


def _held(before: State, after: State) -> str:
    return f"memory {before.memory >> 20} to {after.memory >> 20} MB, disk {before.disk >> 10} to {after.disk >> 10} kB, records: {_grown(before.rows, after.rows)}"


def _grown(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """The tables that have more rows than before, or fewer."""
    grown = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
    return ", ".join(f"{name} {count:+d}" for name, count in sorted(grown.items())) or (
        "none" if after else "kept in memory"
    )


def main() -> int:
    """Print the table, and below it what belongs to each app."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--only", nargs="*", choices=tuple(APPS), default=list(APPS))
    options.add_argument("--examples", type=int, default=25, help="test cases of schemathesis an operation")
    options.add_argument("--minutes", type=float, default=8.0, help="the longest schemathesis may take on one app")
    options.add_argument("--phases", default="examples,coverage,fuzzing,stateful", help="those of schemathesis")
    options.add_argument(
        "--deep", action="store_true", help="every deviation there is, instead of those that find most"
    )
    options.add_argument("--keep", type=Path, help="a folder that keeps the reports and the apps' logs")
    options.add_argument("--verbose", action="store_true", help="each reproduction, and what could not be asked")
    given = options.parse_args()
    print(shlex.join(["python", "bench/inputs/versus.py", *sys.argv[1:]]))
    judged, done, ended = judgements(), [], 0
    with tempfile.TemporaryDirectory(prefix="launchready-versus-", ignore_cleanup_errors=True) as made:
        scratch = given.keep or Path(made)
        scratch.mkdir(parents=True, exist_ok=True)
        scratch.chmod(0o755)
        for name in given.only:
            try:
                one = compare(APPS[name](), scratch, given.examples, given.phases, given.minutes, deep=given.deep)
            except (OSError, subprocess.SubprocessError) as error:
                print(f"{name}: {error}", file=sys.stderr)
                ended = 1
                continue
            done.append(one)
            print("\n".join(told(one, judged, verbose=given.verbose)), flush=True)
    print("\n" + table(done))
    return ended or verdict(done, judged)


def table(done: Sequence[Compared]) -> str:
    """The Markdown table, with a row of sums."""
    rows = [row(one) for one in done]
    sums = ["all"] + [str(sum(int(cells[column]) for cells in rows)) for column in range(1, len(HEADER))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (HEADER, ("---",) * len(HEADER), *rows, sums))


def verdict(done: Sequence[Compared], judged: Judged) -> int:
    """Say whether the aims are met."""
    first, second = (sum(len(one.broken[side]) for one in done) for side in (0, 1))
    missed = sum(len(set(one.broken[0]) - set(one.broken[1])) for one in done)
    sent = [
        sum(len(side.calls) for side in sides) for sides in zip(*((one.theirs, one.ours) for one in done), strict=True)
    ]
    found = [(one.app.name, alarm) for one in done if one.ours.audit for alarm in one.ours.audit.findings]
    asked = sum(not alarm.counts for _, alarm in found)
    verdicts = [judged.get((app, alarm.check, alarm.target)) for app, alarm in found if alarm.counts]
    false, known = verdicts.count(False), len(verdicts) - verdicts.count(None)
    print(f"\n{second} operations against {first} ({second / max(1, first):.2f} times), {missed} of theirs missed, "
          f"{sent[1]} requests against {sent[0]}")  # fmt: skip
    share = f" ({false / known:.1%})" if known else ""
    print(f"{len(verdicts)} alarms, {false} of {known} judged are false{share}; {asked} more are only suspected")
    met = (
        second >= TIMES * first and not missed and sent[1] <= sent[0] and (not known or false / known <= ALLOWED_FALSE)
    )
    return 0 if met else 1


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    sys.exit(main())
