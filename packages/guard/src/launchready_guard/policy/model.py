"""What a policy says: roles, rows, limits, and the settings of the guard."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

GUEST = "guest"
KINDS = [
    "login",
    "signup",
    "password-reset",
    "invite",
    "webhook",
    "admin",
    "export",
    "delete",
    "billing",
    "upload",
    "search",
    "settings",
    "ai",
    "health",
    "docs",
    "other",
]
SUBJECTS = ("address", "account")
# The rules of the guard, in the order in which it asks them. Each can be told to observe only.
RULES = ("host", "unlisted", "body", "limits", "signature", "access", "csrf", "tenant", "owner")
CSRF = ("fetch", "token", "off")
DEFAULT_BODY = 1_000_000


class PolicyError(Exception):
    """policy.toml cannot be used; the message names file, row or key, what was expected, and the nearest valid word."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` calls in ``seconds``, counted per ``per``: the caller's address or the account that is named."""

    count: int
    seconds: int
    per: str = "address"


@dataclass(frozen=True, slots=True)
class Row:
    """One way in.

    ``allow`` lists every role that may call it; ``guest`` among them means everybody. Roles in ``own`` reach only records of
    their own, the others of ``allow`` all there are. ``tenant`` binds it to the caller's workspace. ``signature`` names the
    scheme a sender signs with. ``review`` marks a row nobody has confirmed; ``why`` is a word for the reader. ``body`` is the
    largest body in bytes, 0 for what its kind allows; ``observe`` lets everything pass that would be refused, and says so.
    """

    method: str
    path: str
    allow: tuple[str, ...]
    own: tuple[str, ...] = ()
    tenant: bool = False
    kind: str = "other"
    limits: tuple[Limit, ...] = ()
    signature: str = ""
    review: bool = False
    why: str = ""
    body: int = 0
    observe: bool = False

    @property
    def route(self) -> str:
        """``GET /w/{workspace_id}``."""
        return f"{self.method} {self.path}"

    @property
    def public(self) -> bool:
        """Whether everybody may call it, signed in or not."""
        return GUEST in self.allow

    def allows(self, role: str) -> bool:
        """Whether a caller of this role may call it at all."""
        return self.public or role in self.allow


@dataclass(frozen=True, slots=True)
class Cors:
    """Which other websites may read answers, and whether with the caller's session."""

    origins: tuple[str, ...] = ()
    credentials: bool = False


@dataclass(frozen=True, slots=True)
class Clients:
    """What stands between the app and its callers: so many proxies (``hops``), or those of ``proxies`` (networks, or the
    name of a provider). ``header`` is where they write who called."""

    hops: int = 0
    proxies: tuple[str, ...] = ()
    header: str = "x-forwarded-for"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends webhooks: ``scheme`` of the signature, the environment variable with the ``secret``, and the largest age in seconds."""

    scheme: str
    secret: str
    seconds: int = 300


@dataclass(frozen=True, slots=True)
class Settings:
    """How the guard goes about it.

    ``observe`` are the rules that only report. ``hosts`` are the names the app answers to, all when empty. ``refuse`` says that an
    app with a route the policy does not know must not start; such a route is answered with 404 otherwise. ``headers`` stand in every
    answer instead of the guard's own; an empty value takes one away. ``body`` are the largest bodies in bytes by kind, ``""`` for the rest.
    """

    observe: frozenset[str] = frozenset()
    hosts: tuple[str, ...] = ()
    refuse: bool = True
    csrf: str = "fetch"
    clients: Clients = Clients()
    senders: Mapping[str, Sender] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, int] = field(default_factory=dict)

    def largest(self, row: Row) -> int:
        """The largest body a row takes, in bytes."""
        return row.body or self.body.get(row.kind) or self.body.get("", DEFAULT_BODY)


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole file. ``roles`` go from the least to the mightiest; ``limits`` hold by kind, rows may have their own. Roles in ``across`` reach all
    tenants. ``params`` and ``owners`` are where a request names a tenant and the person a record belongs to: ``path:workspace_id``."""

    roles: tuple[str, ...] = (GUEST,)
    rows: tuple[Row, ...] = ()
    claim: str = ""
    params: tuple[str, ...] = ()
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)
    cors: Cors = Cors()
    redact: tuple[str, ...] = ()
    across: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)

    def row(self, method: str, path: str) -> Row | None:
        """The row of a route as the app's router writes it: parameters match whatever they are called."""
        wanted = shape(path)
        for row in self.rows:
            if row.method in (method, "ANY") and shape(row.path) == wanted:
                return row
        return None

    def opens(self, method: str, path: str) -> bool:
        """Whether a person reviewed a row of this route that lets everybody in, whatever record it is about."""
        row = self.row(method, path)
        return row is not None and not row.review and row.public and not row.own and not row.tenant

    def limits_of(self, row: Row) -> tuple[Limit, ...]:
        """The limits of a row: its own, or else those of its kind."""
        return row.limits or self.limits.get(row.kind, ())


def shape(path: str) -> str:
    """A path template without the names of its parameters and without a slash at its end."""
    return re.sub(r"\{[^{}]*\}", "{}", path).rstrip("/") or "/"
