"""Who may call what: the one file that a person reviews, the guard enforces and the prover proves.

``policy.toml`` has one ``[[endpoint]]`` row per way in. What the file does not name is not allowed by it: a route without a
row is *unlisted*, and :meth:`Policy.row` says None for it.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

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
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "WEBSOCKET", "ANY"))
_WINDOWS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_LIMIT = re.compile(r"(\d+)\s*/\s*(\d+)?\s*(second|minute|hour|day)s?(?:\s+per\s+(\w+))?")
_PLACE = re.compile(r"(?:path|query|header|body|cookie):[\w.-]+")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "": ("roles", "tenant", "limits", "endpoint", "cors", "redact"),
    "roles": ("order",),
    "tenant": ("claim", "param"),
    "cors": ("origins", "credentials"),
    "redact": ("fields",),
    "endpoint": ("route", "allow", "own", "tenant", "kind", "limit", "signature", "review", "why"),
}


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
    scheme a sender signs with. ``review`` marks a row nobody has confirmed; ``why`` is a word for the reader.
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
class Policy:
    """The whole file. ``roles`` go from the least to the mightiest; ``limits`` hold by kind, rows may have their own."""

    roles: tuple[str, ...] = (GUEST,)
    rows: tuple[Row, ...] = ()
    claim: str = ""
    params: tuple[str, ...] = ()
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)
    cors: Cors = Cors()
    redact: tuple[str, ...] = ()

    def row(self, method: str, path: str) -> Row | None:
        """The row of a route as the app's router writes it: parameters match whatever they are called."""
        wanted = shape(path)
        for row in self.rows:
            if row.method in (method, "ANY") and shape(row.path) == wanted:
                return row
        return None

    def limits_of(self, row: Row) -> tuple[Limit, ...]:
        """The limits of a row: its own, or else those of its kind."""
        return row.limits or self.limits.get(row.kind, ())


def shape(path: str) -> str:
    """A path template without the names of its parameters and without a slash at its end."""
    return re.sub(r"\{[^{}]*\}", "{}", path).rstrip("/") or "/"


def parse_policy(text: str, name: str = "policy.toml") -> Policy:
    """The policy a text holds. ``name`` is the file that messages speak of. Raises :class:`PolicyError`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"Read {name}: it is not valid TOML: {error}. Mend that line and try again.") from error
    read = _Reader(name, text)
    read.keys("", raw)
    roles = read.names("roles.order", read.table(raw, "roles").get("order", [GUEST]))
    if len(set(roles)) < len(roles):
        read.wrong("order", "roles.order names a role twice", "every role once, from the least to the mightiest")
    roles = roles if GUEST in roles else (GUEST, *roles)
    limits = {}
    for kind, said in read.table(raw, "limits").items():
        if kind not in KINDS:
            read.wrong(kind, f"limits has the kind {kind!r}", "one of " + ", ".join(KINDS), kind, KINDS)
        limits[kind] = read.limits(f"limits.{kind}", said)
    tenant, cors = read.table(raw, "tenant"), read.table(raw, "cors")
    params = read.names("tenant.param", tenant.get("param", []))
    for place in params:
        if not _PLACE.fullmatch(place):
            read.wrong(place, f"tenant.param has {place!r}", '"path:NAME", "query:NAME", "header:NAME" or "body:NAME"')
    rows = raw.get("endpoint", [])
    if not isinstance(rows, list):
        read.wrong("endpoint", "endpoint is one table", "one [[endpoint]] for each route, with two brackets")
    return Policy(
        roles,
        tuple(read.row(number, row, roles) for number, row in enumerate(rows, 1)),
        read.text("tenant.claim", tenant.get("claim", "")),
        params,
        limits,
        Cors(
            read.names("cors.origins", cors.get("origins", [])),
            read.flag("cors.credentials", cors.get("credentials", False)),
        ),
        read.names("redact.fields", read.table(raw, "redact").get("fields", [])),
    )


class _Reader:
    """Reads values of one file and says where one is wrong."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._lines = name, text.splitlines()
        self._seen: dict[tuple[str, str], int] = {}

    def wrong(
        self, key: str, said: str, expected: str, given: str = "", valid: Iterable[str] = (), after: int = 0
    ) -> None:
        """Raise :class:`PolicyError` with the line where ``key`` stands, at or after line ``after``."""
        near = get_close_matches(given, list(valid), 1, 0.5) if given else []
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise PolicyError(f"Read {self._name}{self._line(key, after)}: {said}. Expected {expected}.{hint}")

    def keys(self, where: str, table: Mapping[str, Any], after: int = 0) -> None:
        """Refuse keys that mean nothing: a misspelt rule must not pass for one."""
        for key in table:
            if key not in _KEYS[where]:
                place = f"[{where}]" if where else "the file"
                self.wrong(key, f"{place} has the key {key!r}, which means nothing here", "one of " + ", ".join(_KEYS[where]),
                           key, _KEYS[where], after)  # fmt: skip

    def table(self, raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """The table of this name, or an empty one."""
        found = raw.get(key, {})
        if not isinstance(found, dict):
            self.wrong(key, f"{key} is {found!r}", f"a table: [{key}]")
        if key in _KEYS:
            self.keys(key, found)
        return dict(found)

    def text(self, key: str, value: Any, after: int = 0) -> str:
        """A text."""
        if not isinstance(value, str):
            self.wrong(key.split(".")[-1], f"{key} is {value!r}", "a text", after=after)
        return str(value)

    def flag(self, key: str, value: Any, after: int = 0) -> bool:
        """True or false."""
        if not isinstance(value, bool):
            self.wrong(key.split(".")[-1], f"{key} is {value!r}", "true or false", after=after)
        return bool(value)

    def names(self, key: str, value: Any, after: int = 0) -> tuple[str, ...]:
        """A list of texts."""
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong(
                key.split(".")[-1], f"{key} is {value!r}", 'a list of texts such as ["member", "admin"]', after=after
            )
        return tuple(value)

    def limits(self, key: str, value: Any, after: int = 0) -> tuple[Limit, ...]:
        """``5/minute per account, 30/minute per address``."""
        found = []
        for part in self.text(key, value, after).split(","):
            match = _LIMIT.fullmatch(part.strip())
            if not match or not int(match[1]) or (match[4] or "address") not in SUBJECTS:
                self.wrong(
                    key.split(".")[-1],
                    f"{key} is {value!r}",
                    '"5/minute per account, 30/minute per address"',
                    after=after,
                )
            else:
                found.append(Limit(int(match[1]), int(match[2] or 1) * _WINDOWS[match[3]], match[4] or "address"))
        return tuple(found)

    def row(self, number: int, raw: Any, roles: tuple[str, ...]) -> Row:
        """One [[endpoint]]."""
        said = str(raw.get("route", "")) if isinstance(raw, dict) else ""
        at = self._at(said)
        name = f"endpoint {said!r}" if said else f"endpoint {number}"
        if not isinstance(raw, dict) or "route" not in raw or "allow" not in raw:
            self.wrong(
                "[[endpoint]]", f"{name} lacks route or allow", 'route = "GET /path" and allow = ["member"]', after=at
            )
        self.keys("endpoint", raw, at)
        method, _, path = self.text("endpoint.route", raw["route"], at).partition(" ")
        if method not in _METHODS or not path.startswith(("/", "{")):
            self.wrong(
                said, f"{name} is no route", 'a method and a path such as "GET /w/{workspace_id}"', method, _METHODS
            )
        earlier = self._seen.setdefault((method, shape(path)), number)
        if earlier != number:
            self.wrong(said, f"{name} is there twice", "one row for a route", after=at)
        allow = self.names("endpoint.allow", raw["allow"], at)
        own = self.names("endpoint.own", raw.get("own", []), at)
        for role in (*allow, *own):
            if role not in roles:
                self.wrong(
                    role,
                    f"{name} names the role {role!r}",
                    "roles of roles.order: " + ", ".join(roles),
                    role,
                    roles,
                    at,
                )
        if stray := [role for role in own if role not in allow]:
            self.wrong(
                "own",
                f"{name} has {stray[0]!r} in own and not in allow",
                "in own only roles that allow names",
                after=at,
            )
        kind = self.text("endpoint.kind", raw.get("kind", "other"), at)
        if kind not in KINDS:
            self.wrong(kind, f"{name} has the kind {kind!r}", "one of " + ", ".join(KINDS), kind, KINDS, at)
        return Row(
            method,
            path,
            allow,
            own,
            self.flag("endpoint.tenant", raw.get("tenant", False), at),
            kind,
            self.limits("endpoint.limit", raw["limit"], at) if "limit" in raw else (),
            self.text("endpoint.signature", raw.get("signature", ""), at),
            self.flag("endpoint.review", raw.get("review", False), at),
            self.text("endpoint.why", raw.get("why", ""), at),
        )

    def _at(self, route: str) -> int:
        return next((n for n, line in enumerate(self._lines) if route and f'"{route}"' in line), 0)

    def _line(self, key: str, after: int) -> str:
        pattern = re.compile(rf"(?:^|[\s.{{,\[\"']){re.escape(key)}(?:$|[\s=\].\"',])")
        for number, line in enumerate(self._lines[after:], after + 1):
            if pattern.search(line.split("#")[0]):
                return f", line {number}"
        return ""
