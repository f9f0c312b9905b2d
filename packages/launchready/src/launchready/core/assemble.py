"""Turns outcomes into an Audit: waivers applied, findings ranked, lines settled, verdict given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from launchready import __version__
from launchready.core.lines import line_states
from launchready.core.verdict import coverage, judge
from launchready.core.waivers import apply_waivers
from launchready.model.audit import SCHEMA, Audit, EnvironmentName, Target, Tool
from launchready.model.check import CheckInfo, Outcome
from launchready.model.created import Created
from launchready.model.matrix import Matrix
from launchready.model.project import Project
from launchready.model.surface import Surface


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known about a run beside its outcomes. ``started`` is ISO 8601 in UTC; ``selected`` counts the checks asked for."""

    id: str
    started: str
    seconds: float
    target: Target
    environment: EnvironmentName
    selected: int = 0
    requests: int = 0
    complete: bool = True
    notes: tuple[str, ...] = ()
    made: tuple[Created, ...] = ()


def assemble(
    facts: RunFacts,
    project: Project,
    checks: Sequence[CheckInfo],
    outcomes: Sequence[Outcome],
    surface: Surface,
    today: date,
    matrix: Matrix | None = None,
) -> Audit:
    """Build the audit of a finished or interrupted run. ``checks`` are all there are, also those left out of this run."""
    marked, waiver_notes = apply_waivers(outcomes, project.waivers, today)
    marked = tuple(sorted(marked, key=lambda outcome: outcome.check))
    findings = tuple(sorted((f for o in marked for f in o.findings), key=lambda finding: finding.rank))
    lines = line_states(checks, marked, project.owners.attest)
    judgement = judge(findings, marked, lines)
    return Audit(
        schema=SCHEMA,
        tool=Tool("launchready", __version__),
        run=facts.id,
        started=facts.started,
        seconds=facts.seconds,
        target=facts.target,
        environment=facts.environment,
        verdict=judgement.decision,
        reasons=judgement.reasons,
        coverage=coverage(marked, lines, facts.selected, facts.requests),
        findings=findings,
        outcomes=marked,
        roadmap=lines,
        checks=tuple(checks),
        surface=surface,
        complete=facts.complete,
        notes=(*facts.notes, *waiver_notes),
        matrix=matrix or Matrix(),
        made=facts.made,
    )
