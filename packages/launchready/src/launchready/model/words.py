"""The closed vocabularies of the product. Values are what JSON shows, so they never change."""

from enum import StrEnum


class Stage(StrEnum):
    """The seven stages of a launch, and the one for apps with AI features."""

    SURFACE = "surface"
    ACCESS = "access"
    INPUTS = "inputs"
    EDGE = "edge"
    MAIL = "mail"
    SECRETS = "secrets"
    DEPLOY = "deploy"
    HANDOVER = "handover"
    AI = "ai"


class Status(StrEnum):
    """How one check ended. Only ``PASS`` ever counts in favour of a launch."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    MANUAL = "manual"
    NOT_CHECKED = "not-checked"
    ERROR = "error"


class Severity(StrEnum):
    """What a finding means for the launch: a blocker alone is enough for NO-GO."""

    BLOCKER = "blocker"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Confidence(StrEnum):
    """proven: we did it. certain: the fact is in front of us. suspected: a person must look."""

    PROVEN = "proven"
    CERTAIN = "certain"
    SUSPECTED = "suspected"


class Impact(StrEnum):
    """Whom a finding hurts, in the order customers care: identity, data and money first."""

    IDENTITY = "identity"
    DATA = "data"
    MONEY = "money"
    AVAILABILITY = "availability"
    REPUTATION = "reputation"
    OPERATIONS = "operations"


class Decision(StrEnum):
    """The verdict, in words. There is no score."""

    GO = "GO"
    NO_GO = "NO-GO"
    INCOMPLETE = "INCOMPLETE"


class Proof(StrEnum):
    """Where one roadmap line stands in an audit."""

    PROVEN = "proven"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"
    ATTESTED = "attested"
    NOT_APPLICABLE = "not-applicable"


class AccessVerdict(StrEnum):
    """Who may call an endpoint, as far as the evidence goes. ``UNKNOWN`` is work to do, never safe."""

    GUARDED = "guarded"
    OPEN = "open"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What an endpoint is for."""

    LOGIN = "login"
    SIGNUP = "signup"
    PASSWORD_RESET = "password-reset"
    INVITE = "invite"
    WEBHOOK = "webhook"
    ADMIN = "admin"
    EXPORT = "export"
    DELETE = "delete"
    BILLING = "billing"
    UPLOAD = "upload"
    SEARCH = "search"
    SETTINGS = "settings"
    AI = "ai"
    HEALTH = "health"
    DOCS = "docs"
    OTHER = "other"


# Where people come in: whoever calls these is nobody yet.
ARRIVALS = frozenset((Kind.LOGIN, Kind.SIGNUP, Kind.PASSWORD_RESET))
# What an app has for strangers by its nature. Webhooks are not among it: whoever sends one signs it.
FOR_STRANGERS = ARRIVALS | {Kind.HEALTH, Kind.DOCS}


class Need(StrEnum):
    """What a check must be given before it can run."""

    SOURCE = "source"
    GIT = "git"
    URL = "url"
    DOMAIN = "domain"
    LOGS = "logs"
