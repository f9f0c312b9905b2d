"""What the app did with what it must not take: values out of place, and too many calls."""

from dataclasses import dataclass
from enum import StrEnum

from launchready.model.audit import EnvironmentName, Target, Tool
from launchready.model.check import Gap
from launchready.model.created import Created
from launchready.model.finding import Finding
from launchready.model.proof import EmittedTest, Whom
from launchready.model.words import Decision

SCHEMA = 1


class Answered(StrEnum):
    """``taken`` is a success where nothing wrong was seen to be kept, ``kept`` one after which the wrong value stood in the app."""

    REFUSED = "refused"
    TAKEN = "taken"
    KEPT = "kept"
    CRASHED = "crashed"
    LEAKED = "leaked"
    SLOW = "slow"
    UNKNOWN = "not checked"


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing out of place that was sent: ``what`` in plain words, ``value`` as it was sent, shortened.

    ``where`` is path, query, header, body, form, file or ``whole`` (the body itself); ``field`` its dotted name, empty for the whole.
    ``plain`` says that a field which breaks its rules was sent, and ``value`` is all there is to it: no headers, and no attempt to break out.
    """

    route: str
    who: str
    where: str
    field: str
    what: str
    value: str
    status: int
    answered: Answered
    plain: bool = False


@dataclass(frozen=True, slots=True)
class StatedLimit:
    """What the source sets at ``file`` and ``line``: ``count`` calls in ``seconds``. ``per`` is account or address, empty when that is not seen."""

    count: int
    seconds: int
    per: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class LimitSeen:
    """What a burst met. ``sent`` calls went out, and the one of number ``after`` was refused for coming too often, 0 when none was.
    ``before`` are calls that the run had made earlier, which the app may have counted as well.

    ``per`` is what is counted: ``account``, ``address``, ``caller`` (the session), or empty when nothing was refused.
    ``wait`` are the seconds the app asked to wait for, 0 when it did not say. ``around`` are ways past the limit that worked.
    ``mails`` counts the mail that went out, None when no mailbox of the app could be seen. ``how`` says by what the limit showed: a status,
    words, headers, or answers held back. ``locked`` is True when the right password was refused afterwards. ``stated`` are the limits that the
    source sets there.
    """

    route: str
    kind: str
    sent: int
    after: int = 0
    per: str = ""
    wait: float = 0.0
    around: tuple[str, ...] = ()
    mails: int | None = None
    how: str = ""
    locked: bool = False
    before: int = 0
    stated: tuple[StatedLimit, ...] = ()

    @property
    def lets_through(self) -> str:
        """How many calls are let through before one is refused: a number, or between which two it lies."""
        least, most = self.after - 1, self.after - 1 + self.before
        return f"{least}" if least == most else f"between {least} and {most}" if least else f"at most {most}"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What one field may hold, and what the app does today with what it must not.

    ``type`` is text, email, url, uuid, integer, number, boolean, date, datetime, list, table, file or any. ``least`` and ``most`` bound the
    length of a text and the value of a number. ``refused``, ``taken``, ``kept`` and ``crashed`` name what was sent in plain words;
    ``missing`` is what has to be refused and is not.
    """

    where: str
    name: str
    type: str
    required: bool
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    refused: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    crashed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoundaryRules:
    """The rules of one endpoint, and ``code`` that states them for ``library``; empty when the app refuses all that was tried."""

    route: str
    fields: tuple[FieldRule, ...]
    library: str = ""
    code: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class LimitRow:
    """How often the endpoints of one kind may be called: as ``designed`` (``5/minute per account``), and as bursts met it.

    ``reviewed`` says that the design stands in the policy; else it is a suggestion, and ``why`` is what it keeps out.
    """

    kind: str
    routes: tuple[str, ...]
    designed: tuple[str, ...]
    reviewed: bool
    why: str = ""
    seen: tuple[LimitSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class InputCounts:
    """What was sent, by how it was answered. ``endpoints`` are those that were sent anything."""

    endpoints: int = 0
    sent: int = 0
    refused: int = 0
    taken: int = 0
    kept: int = 0
    crashed: int = 0
    alarms: int = 0


@dataclass(frozen=True, slots=True)
class InputReport:
    """One run of broken inputs and bursts. ``alarms`` are ranked; ``not_checked`` says what could not be asked, and what to give us."""

    schema: int
    tool: Tool
    started: str
    seconds: float
    target: Target
    environment: EnvironmentName
    verdict: Decision
    writes: bool
    people: tuple[Whom, ...]
    counts: InputCounts
    alarms: tuple[Finding, ...]
    not_checked: tuple[Gap, ...]
    rules: tuple[BoundaryRules, ...]
    limits: tuple[LimitRow, ...]
    made: tuple[Created, ...]
    requests: int
    notes: tuple[str, ...] = ()
    tests: tuple[EmittedTest, ...] = ()
