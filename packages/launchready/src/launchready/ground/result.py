"""What was proven: a cell for each endpoint and caller, alarms with their exchanges, and what could not be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from launchready.ground.seen import Seen
from launchready.model.check import Gap
from launchready.model.evidence import Evidence
from launchready.model.inputs import LimitSeen, Tried
from launchready.model.words import Confidence
from launchready.probes.exchange import Exchange


class Harm(StrEnum):
    """What a caller could do that they must not: to others' data first, then to the app by what they send it."""

    READS = "reads"
    CHANGES = "changes"
    DELETES = "deletes"
    ROLE = "role"
    FIELDS = "fields"
    SECRETS = "secrets"
    PERSONAL = "personal"
    SCRIPT = "script"
    CAPTCHA = "captcha"
    TOKEN = "token"
    SESSION = "session"
    ENUMERATION = "enumeration"
    RESET = "reset"
    SEEDED = "seeded"
    COOKIE = "cookie"
    ORIGIN = "origin"
    ENDS = "ends"
    CRASH = "crash"
    ADDRESS = "address"
    NONSENSE = "nonsense"
    LEAK = "leak"
    INJECTION = "injection"
    SLOW = "slow"
    GRAPH = "graph"
    UPLOAD = "upload"
    SIGN_INS = "sign-ins"
    RESETS = "resets"
    INVITES = "invites"
    LIMIT = "limit"
    MAIL = "mail"
    HOOK = "hook"
    REPLAY = "replay"


OF_INPUT = frozenset(
    (
        Harm.ENDS,
        Harm.CRASH,
        Harm.ADDRESS,
        Harm.NONSENSE,
        Harm.LEAK,
        Harm.INJECTION,
        Harm.SLOW,
        Harm.GRAPH,
        Harm.UPLOAD,
        Harm.SIGN_INS,
        Harm.RESETS,
        Harm.INVITES,
        Harm.LIMIT,
        Harm.MAIL,
        Harm.HOOK,
        Harm.REPLAY,
    )
)
# What bursts are about.
OF_LIMITS = frozenset((Harm.SIGN_INS, Harm.RESETS, Harm.INVITES, Harm.LIMIT, Harm.MAIL))


@dataclass(frozen=True, slots=True)
class Shown:
    """One exchange of a proof, masked, with the command that makes it again; ``caller`` is empty for a stranger.

    ``field`` is the method, address and body by which a field of GraphQL was asked for, empty for any other call.
    """

    evidence: Evidence
    curl: str
    caller: str = ""
    field: tuple[str, ...] = ()

    @classmethod
    def of(cls, what: str, exchange: Exchange) -> "Shown":
        """The exchange and the word that goes with it."""
        field = (exchange.method, exchange.path, exchange.sent_body.decode("utf-8", "replace")) if exchange.wire else ()
        return cls(exchange.evidence(what), exchange.curl(), exchange.caller, field)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A harm that was done. ``route`` is the endpoint's name, ``title`` what it means to customers."""

    harm: Harm
    route: str
    title: str
    detail: str
    shown: tuple[Shown, ...]
    confidence: Confidence = Confidence.PROVEN
    key: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one caller got from one endpoint. ``record`` says whose record it was: own, other, or none."""

    route: str
    who: str
    role: str
    record: str
    seen: Seen


# Why a thing is left that the owner's cleanup command was run for, and that nobody can look at any more.
UNSEEN = "the cleanup command was run, and nothing shows whether it is still there"


@dataclass(frozen=True, slots=True)
class Made:
    """Something the run created: as whom, by which call, where it stands, and whether it was removed again.

    ``names`` are what the record may be addressed by: a field of the app's answer and its value, the likeliest first. ``sure`` is False where
    nothing but a success says that there is a record at all; ``why`` says why it is left. ``held`` says what took it out of everybody's reach,
    and who had it before.
    """

    who: str
    route: str
    path: str
    removed: bool = False
    names: tuple[tuple[str, str], ...] = ()
    sure: bool = True
    why: str = ""
    held: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as people name it: a record that a field of GraphQL made has no address of its own."""
        base, mark, field = self.path.partition("#")
        base = "" if base == "/" else f"{base}#"
        return f"{base or '/'}{field.partition('/')[0]} {field.rpartition('/')[2]}" if mark else self.path


@dataclass(frozen=True, slots=True)
class Proof:
    """``people`` are (name, role, tenant) of every session that worked; a gap without a harm is about all of them.

    ``resumed`` says that an earlier run was stopped, and this one went on from where it stood.
    ``fill`` has, by caller, shell lines that give anybody a session like theirs.
    ``asked`` counts what was tried and decided about harms that are no matter of endpoints and records. ``travels`` says
    how sessions come along: ``header``, ``cookie``, or ``kept cookie`` when SameSite keeps it from other sites.
    ``markers`` stand in what the run left; ``cleaned`` says what came of the owner's cleanup command, where it was run.
    """

    people: tuple[tuple[str, str, str], ...]
    cells: tuple[Cell, ...]
    alarms: tuple[Alarm, ...]
    gaps: tuple[tuple[Harm | None, Gap], ...]
    made: tuple[Made, ...]
    requests: int
    seconds: float
    resumed: bool = False
    fill: Mapping[str, str] = field(default_factory=dict)
    travels: frozenset[str] = frozenset()
    asked: Mapping[Harm, int] = field(default_factory=dict)
    inputs: tuple[Tried, ...] = ()
    limits: tuple[LimitSeen, ...] = ()
    markers: tuple[str, ...] = ()
    cleaned: str = ""
