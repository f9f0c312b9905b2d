"""LR601: how long core reads take, against 300 ms at p95."""

import statistics

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo, Measure
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Kind, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site

TARGET = 300.0
_CALLS = 20
_ENDPOINTS = 5
_FEWEST = 8
_SECONDS = 4.0
# Once more than one call in twenty is late, p95 of all twenty is late too: a slow page need not be asked for minutes.
_LATE_ALLOWED = _CALLS * 5 // 100
_ASIDE = frozenset((Kind.DOCS, Kind.ADMIN, Kind.EXPORT))


async def run(context: Context) -> Result:
    """Call up to five readable endpoints twenty times each and take p50 and p95 (nearest rank).

    Slow ones are called for four seconds: at least eight times, or until it is certain that p95 is past the target.
    """
    site = context.get(Site)
    calls = [
        call
        for call in await context.get(GuestSweep).results()
        if call.answered and not _ASIDE.intersection(call.endpoint.kind) and "debug" not in call.endpoint.path
    ]
    # The API first: the target is about reads of data, and pages load them.
    calls.sort(
        key=lambda call: (
            call.exchange.content_type != "application/json",
            Kind.HEALTH in call.endpoint.kind,
            -call.exchange.seconds,
            call.endpoint.name,
        )
    )
    if not calls:
        raise NotCheckedError(
            "no read answers a stranger, so nothing could be timed", "an identity in launchready.toml"
        )
    findings, measures = [], []
    for call in calls[:_ENDPOINTS]:
        answers = await _timed(site, call.exchange.path)
        times = sorted(answer.seconds * 1000 for answer in answers if answer.ok)
        if len(times) < _FEWEST and not _decided(answers):
            continue
        # Of a few calls the second slowest is what p95 of all twenty is at least; of more, nearest rank.
        p95 = times[-1 - _LATE_ALLOWED] if len(times) < _FEWEST else times[-(-len(times) * 95 // 100) - 1]
        p50 = statistics.median(times)
        measures += [
            Measure("p50", round(p50, 1), "ms", None, call.endpoint.name),
            Measure("p95", round(p95, 1), "ms", TARGET, call.endpoint.name),
        ]
        if p95 > TARGET:
            findings.append(_finding(call.endpoint.name, p50, p95, len(times), answers[-1]))
    return Result(len(measures) // 2, tuple(findings), measures=tuple(measures))


async def _timed(site: Site, path: str) -> list[Exchange]:
    answers: list[Exchange] = []
    spent = 0.0
    while len(answers) < _CALLS and (spent < _SECONDS or (len(answers) < _FEWEST and not _decided(answers))):
        answers.append(await site.send("GET", path))
        spent += answers[-1].seconds
        if answers[-1].error:
            break
    return answers


def _decided(answers: list[Exchange]) -> bool:
    return sum(answer.ok and answer.seconds * 1000 > TARGET for answer in answers) > _LATE_ALLOWED


def _finding(name: str, p50: float, p95: float, count: int, last: Exchange) -> Finding:
    return Finding(
        "LR601",
        name,
        f"Customers wait: {name} takes {p95:.0f} ms at p95, the target is {TARGET:.0f} ms",
        Severity.MEDIUM,
        Confidence.PROVEN,
        Impact.AVAILABILITY,
        ("DEPLOY-D1",),
        f"{count} calls one after the other, without any load: half took {p50:.0f} ms or more, "
        + (
            f"one in twenty {p95:.0f} ms or more."
            if count >= _FEWEST
            else f"and so many late ones of {_CALLS} miss the target."
        ),
        (last.evidence(f"one of {count} timed calls, {last.seconds * 1000:.0f} ms"),),
        last.curl() + " -o /dev/null -w '%{time_total}\\n'",
        "Look at what the handler asks the database: one query in place of one per row, an index on what it filters by.",
        3.0,
    )


CHECK = Check(
    CheckInfo(
        "LR601",
        "Core reads answer within 300 ms at p95",
        Stage.DEPLOY,
        ("DEPLOY-D1",),
        (Need.URL,),
        Severity.MEDIUM,
        Impact.AVAILABILITY,
    ),
    run,
    alone=True,
)
