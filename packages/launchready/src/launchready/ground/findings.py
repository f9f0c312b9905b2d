"""Turns alarms of the proof into findings of a check."""

from collections.abc import Mapping
from dataclasses import dataclass

from launchready.core.check import Context, NotCheckedError, Result
from launchready.ground.prover import Prover
from launchready.ground.result import Alarm, Harm, Shown
from launchready.ground.seen import Seen
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Severity

DECIDED = (Seen.ALLOWED, Seen.DENIED, Seen.HIDDEN, Seen.EMPTY)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a harm means for the launch, the lines it serves, and how it is mended."""

    severity: Severity
    impact: Impact
    roadmap: tuple[str, ...]
    fix: str
    hours: float = 2.0


async def findings(
    check: str,
    context: Context,
    meanings: Mapping[Harm, Meaning],
    records: tuple[str, ...],
    reads: bool | None = None,
    kinds_of: Mapping[str, Meaning] | None = None,
) -> Result:
    """The alarms of these harms. What was examined are the cells of these ``records`` (own, other, none) that were decided: of reads
    when ``reads`` is True, of writes when it is False, of both when it is None; or what was counted for these harms where ``records`` is empty.
    ``kinds_of`` has the meaning of alarms whose key begins with one of its words, where kinds of one harm mean different things.

    Raises NotCheckedError when nobody could sign in and nothing was counted: a refusal to everyone is no proof.
    """
    proof = await context.get(Prover).proof()
    told = any(alarm.harm in meanings for alarm in proof.alarms)
    if not proof.people and not told and (records or not any(proof.asked.get(harm) for harm in meanings)):
        # What stood in the way of another question is no reason here.
        gap = next((gap for harm, gap in proof.gaps if harm is None or harm in meanings), None)
        raise NotCheckedError(
            gap.reason if gap else "nobody could sign in", gap.give if gap else "[identities.NAME] in launchready.toml"
        )
    kinds = (True, False) if reads is None else (reads,)
    examined = sum(
        cell.record in records and cell.seen in DECIDED and _reads(cell.route) in kinds for cell in proof.cells
    )
    if not records:
        examined = sum(proof.asked.get(harm, 0) for harm in meanings)
    found = tuple(
        _finding(check, alarm, (kinds_of or {}).get(alarm.key.split(" ")[0], meanings[alarm.harm]), context, proof.fill)
        for alarm in proof.alarms
        if alarm.harm in meanings
    )
    gaps = tuple(gap for harm, gap in proof.gaps if harm is None or harm in meanings)
    return Result(max(examined, len(found)), found, gaps)


def _reads(route: str) -> bool:
    """Whether a route only reads: a GET, or a field of a GraphQL query."""
    return route.startswith("GET ") or "#Query." in route


def _finding(check: str, alarm: Alarm, meaning: Meaning, context: Context, fill: Mapping[str, str]) -> Finding:
    endpoint = next((e for e in context.surface.endpoints if e.name == alarm.route), None)
    evidence = [shown.evidence for shown in alarm.shown]
    if endpoint is not None and endpoint.source.line:
        evidence.append(Evidence("file", endpoint.source.what, "", endpoint.source.file, endpoint.source.line))
    telling = next((shown for shown in alarm.shown[1:] if shown.caller), alarm.shown[0])
    severity = meaning.severity
    if alarm.confidence is Confidence.SUSPECTED and severity is Severity.BLOCKER:
        severity = Severity.HIGH
    return Finding(
        check,
        alarm.route,
        alarm.title,
        severity,
        alarm.confidence,
        meaning.impact,
        meaning.roadmap,
        alarm.detail,
        tuple(evidence),
        _repeated(telling, fill),
        meaning.fix,
        meaning.hours,
        alarm.key,
    )


def _repeated(shown: Shown, fill: Mapping[str, str]) -> str:
    """The call as a curl line, after the lines that fill the variable it names."""
    if not shown.caller or shown.caller == "guest":
        return shown.curl
    if shown.caller in fill:
        return f"{fill[shown.caller]}\n{shown.curl}"
    whose = next((name for name in fill if shown.caller.startswith(f"{name}-")), "")
    said = f"# The variable takes a session of {whose or 'an account of yours'}, changed as the title says."
    return f"{fill.get(whose, '')}\n{said}\n{shown.curl}".strip()
