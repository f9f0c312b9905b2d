"""ProofReport: what direct calls as every identity have shown, in the exact shape its JSON has."""

from dataclasses import dataclass

from launchready.model.audit import EnvironmentName, Target, Tool
from launchready.model.check import Gap
from launchready.model.created import Created
from launchready.model.finding import Finding
from launchready.model.words import Decision

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody the app was called as. ``fill`` is a shell line that gives anybody a session like theirs."""

    name: str
    role: str = ""
    tenant: str = ""
    fill: str = ""


@dataclass(frozen=True, slots=True)
class ProvenRow:
    """One endpoint called as one identity.

    ``record`` says whose record it was: own, other, or none. ``seen`` is allowed, denied, hidden, empty, open (a stranger is
    answered) or not checked. ``alarm`` is True when this is not as it should be.
    """

    route: str
    who: str
    role: str
    record: str
    seen: str
    alarm: bool = False


def in_words(made: int) -> str:
    """How many things a run made, as people say it."""
    return "1 record or account" if made == 1 else f"{made} records and accounts"


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by how they ended. ``alarms`` are among the others, not beside them."""

    allowed: int = 0
    denied: int = 0
    open: int = 0
    not_checked: int = 0
    alarms: int = 0

    @property
    def proven(self) -> int:
        """Rows with an answer."""
        return self.allowed + self.denied + self.open


@dataclass(frozen=True, slots=True)
class EmittedTest:
    """One test of the emitted suite. ``fails`` is why it fails until the app is mended; ``undecided`` why it is left out until a person decides."""

    id: str
    route: str
    fails: str = ""
    undecided: str = ""


@dataclass(frozen=True, slots=True)
class ProofReport:
    """One run of the proof. ``alarms`` are ranked; ``not_checked`` says what could not be asked, and what to give us."""

    schema: int
    tool: Tool
    started: str
    seconds: float
    target: Target
    environment: EnvironmentName
    verdict: Decision
    writes: bool
    people: tuple[Whom, ...]
    counts: Counts
    alarms: tuple[Finding, ...]
    not_checked: tuple[Gap, ...]
    rows: tuple[ProvenRow, ...]
    made: tuple[Created, ...]
    requests: int
    notes: tuple[str, ...] = ()
    tests: tuple[EmittedTest, ...] = ()
