"""Audit: one finished (or interrupted) run, in the exact shape its JSON has."""

from dataclasses import dataclass, field

from launchready.model.check import CheckInfo, Outcome
from launchready.model.created import Created
from launchready.model.finding import Finding
from launchready.model.matrix import Matrix
from launchready.model.surface import Surface
from launchready.model.words import Decision, Proof

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Tool:
    """Who wrote the audit."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Target:
    """What was audited. ``environment`` names a table of launchready.toml, or ``local`` without one."""

    project: str
    source: str = ""
    url: str = ""
    domain: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentName:
    """The environment audited, and who authorised active probing of a host that is not loopback."""

    name: str
    authorized_by: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was asked. ``checks`` counts those selected; ``ran`` those that ended in pass, fail or manual."""

    checks: int = 0
    ran: int = 0
    passed: int = 0
    failed: int = 0
    manual: int = 0
    not_applicable: int = 0
    not_checked: int = 0
    errors: int = 0
    bar_proven: int = 0
    bar_failed: int = 0
    bar_not_checked: int = 0
    bar_total: int = 0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class LineState:
    """Where one roadmap line stands: the checks that served it, the reason when unproven, and what to give us."""

    proof: Proof
    title: str
    checks: tuple[str, ...] = ()
    reason: str = ""
    give: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """One run. ``findings`` are ranked; ``outcomes`` follow check ids; ``complete`` is False for an interrupted run.

    ``made`` is what the run made in the app, removed or not.
    """

    schema: int
    tool: Tool
    run: str
    started: str
    seconds: float
    target: Target
    environment: EnvironmentName
    verdict: Decision
    reasons: tuple[str, ...]
    coverage: Coverage
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    roadmap: dict[str, LineState]
    checks: tuple[CheckInfo, ...] = ()
    surface: Surface = field(default_factory=Surface)
    complete: bool = True
    notes: tuple[str, ...] = ()
    matrix: Matrix = field(default_factory=Matrix)
    made: tuple[Created, ...] = ()
