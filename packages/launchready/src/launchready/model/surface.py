"""Surface: every way in, what it does, and who may use it, always with evidence."""

import re
from dataclasses import dataclass, field

from launchready.model.words import AccessVerdict, Kind

# One parameter of a path template, with its name.
PARAMETER = re.compile(r"\{([^{}]*)\}")
# Methods that change nothing (RFC 9110, 9.2.1); TRACE is sent by nobody.
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the source: path relative to the source root, line from 1, and what stands there."""

    file: str
    line: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call an endpoint.

    ``how`` is one of ``authenticated``, ``role``, ``permissions``, ``tenant``, ``signature``, ``token`` or empty; ``permissions`` are rows or
    rules that the app keeps as data: who has none is refused, and only calls show whom they let in. ``policies`` are those of the tables that a
    handler reaches as whoever calls it. ``roles`` are the role
    names seen. ``tenant`` names the parameter that binds the caller's tenant, empty when none was seen. ``guarded_when`` is the
    condition in source under which an endpoint whose verdict is ``unknown`` is guarded, such as a setting; empty when there is none.
    """

    verdict: AccessVerdict = AccessVerdict.UNKNOWN
    how: str = ""
    roles: tuple[str, ...] = ()
    tenant: str = ""
    evidence: tuple[Span, ...] = ()
    guarded_when: str = ""

    @property
    def by_data(self) -> bool:
        """Whether data of the app decides, so that the same code may let strangers in."""
        return self.verdict is AccessVerdict.GUARDED and self.how in ("permissions", "policies")

    @property
    def data(self) -> str:
        """What data decides, in words."""
        return "row policies" if self.how == "policies" else "stored permissions"


@dataclass(frozen=True, slots=True)
class Sample:
    """A value that an input may have, by the app's own description: ``text`` is JSON, ``said`` where it stands.

    ``said.what`` is ``example`` or ``default``, or ``schema`` when the description gives none and the value was made of its types.
    """

    text: str
    said: Span


@dataclass(frozen=True, slots=True)
class Input:
    """One input: ``where`` (JSON key ``in``) is path, query, header, cookie, form, body or file.

    What validation in source asks of it: ``choices`` are the only values it may have, ``least`` and ``most`` bound its length
    when it is a text and its value when it is a number, ``pattern`` is a regular expression it must match. ``sample`` is a value that its
    description shows, None when there is none.
    """

    name: str
    where: str
    type: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    pattern: str = ""
    sample: Sample | None = None

    @property
    def key_of(self) -> str:
        """The kind of record it names, where its type is ``id of user`` or ``ids of user``; empty for anything else."""
        kind, _, noun = self.type.partition(" of ")
        return noun if kind in ("id", "ids") else ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One way in: method and path template (``/a/{id}``); unknown parts stay visible as ``{name?}``.

    ``hosted`` means that it answers at a data service's own address, so that the app's address never serves it. ``only_when``
    is the condition in source under which it is registered at all; empty when it always is.
    """

    method: str
    path: str
    framework: str
    kind: tuple[Kind, ...]
    action: str
    access: Access
    inputs: tuple[Input, ...]
    source: Span
    confidence: float = 1.0
    seen_in: tuple[str, ...] = ("source",)
    hosted: bool = False
    only_when: str = ""

    @property
    def name(self) -> str:
        """``GET /members/{id}``: how findings, policy rows and people name it.

        A field of GraphQL is ``POST /graphql#Query.note``, whatever its path says behind that about the records it takes.
        """
        return f"{'POST' if self.address != self.path else self.method} {self.address}"

    @property
    def address(self) -> str:
        """The path as people know it; that of a server action is its name."""
        base, mark, field = self.path.partition("#")
        if mark and base == "/":
            return f"/{field.partition('/')[0].replace(':', '/')}"
        return f"{base}#{field.partition('/')[0]}" if mark else self.path


@dataclass(frozen=True, slots=True)
class FrameworkSeen:
    """A framework found in the source and what was understood of it."""

    name: str
    version: str = ""
    endpoints: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A file or folder that was not understood, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Integration:
    """A third party the app talks to: ``kind`` is email, payments, analytics, ai, errors, auth, storage, chat or messaging.

    ``verify`` lists what a person has to look at before launch.
    """

    name: str
    kind: str
    evidence: tuple[Span, ...] = ()
    verify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataObject:
    """A table, bucket or rule set that clients can reach without our endpoints.

    ``kind`` is table, view, foreign table, function, bucket, collection or path. ``access`` is what a stranger may do at
    most, whether reading or writing. ``by`` is the service that exposes it, such as Supabase.
    """

    name: str
    kind: str
    access: Access = field(default_factory=Access)
    by: str = ""
    source: Span = field(default_factory=lambda: Span("", 0))


@dataclass(frozen=True, slots=True)
class Surface:
    """Everything found, in a stable order (path, then method)."""

    endpoints: tuple[Endpoint, ...] = ()
    frameworks: tuple[FrameworkSeen, ...] = ()
    data: tuple[DataObject, ...] = ()
    integrations: tuple[Integration, ...] = ()
    unread: tuple[Unread, ...] = ()
    files_read: int = 0
    bytes_read: int = 0
    roles: tuple[str, ...] = ()

    def by_kind(self, kind: Kind) -> tuple[Endpoint, ...]:
        """The endpoints of one kind, in surface order."""
        return tuple(endpoint for endpoint in self.endpoints if kind in endpoint.kind)
