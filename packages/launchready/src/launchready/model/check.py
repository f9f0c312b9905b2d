"""Check: one question asked of the app; Outcome: how the asking ended."""

from dataclasses import dataclass

from launchready.model.finding import Finding
from launchready.model.words import Impact, Need, Severity, Stage, Status


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """What a check is, without the code that runs it.

    ``roadmap`` lists the lines it serves: a failure fails them. ``proves`` is the part of them that a pass is enough
    to prove, when every other check serving the line passes too; the rest stays *not checked* until something proves it.
    """

    id: str
    title: str
    stage: Stage
    roadmap: tuple[str, ...]
    needs: tuple[Need, ...]
    severity: Severity
    impact: Impact
    proves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of a check that did not run: why, and what to give us so that it can."""

    target: str
    reason: str
    give: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number we measured beside its target: ``p95`` of core reads, 300 ms."""

    name: str
    value: float
    unit: str
    target: float | None = None
    of: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A deliverable that is a table, such as who may do what to each table of a database: texts, ``columns`` of them in each row."""

    title: str
    lead: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check ended. ``examined`` counts the targets looked at; ``reason`` and ``give`` explain anything but a pass."""

    check: str
    status: Status
    reason: str = ""
    give: str = ""
    examined: int = 0
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    measures: tuple[Measure, ...] = ()
    notes: tuple[str, ...] = ()
    attested_by: str = ""
    seconds: float = 0.0
    trace: str = ""
    tables: tuple[Table, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing of the question was left unasked."""
        return self.status not in (Status.NOT_CHECKED, Status.ERROR) and not self.gaps
