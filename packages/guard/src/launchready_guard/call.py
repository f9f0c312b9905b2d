"""One request as the guard sees it, whatever serves it, and who sent it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

# What the method of a request is read as that only calls itself so: rows for WebSockets do not speak of it.
NO_WEBSOCKET = "websocket"
Headers = tuple[tuple[bytes, bytes], ...]
# Lists by definition (RFC 9110, section 5.3; RFC 6265 and RFC 9113, section 8.2.3 for cookies); of others one must not come twice.
_LISTS = frozenset(
    (
        b"cookie",
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"x-forwarded-for",
        b"forwarded",
        b"via",
        b"cache-control",
        b"connection",
        b"sec-websocket-protocol",
        b"sec-websocket-extensions",
    )
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls: ``subject`` is the id of the person or machine, ``roles`` of the policy, ``tenants`` the workspaces they belong to.

    ``cookie`` says that the browser brought it along by itself, which another site can make it do.
    """

    subject: str
    roles: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    cookie: bool = False
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request does not get through: the ``rule``, the ``status`` of the answer, and a ``detail`` for whoever called.

    ``why`` is for the decision log alone. ``headers`` go into the answer; ``location`` leads a person to where they can sign in.
    """

    rule: str
    status: int
    title: str
    detail: str
    why: str = ""
    headers: Headers = ()
    location: str = ""


class Call:
    """A request. ``path`` is decoded, as the app's router reads it. ``raw`` are the headers by their small names; those that came more than
    once are joined as RFC 9110, section 5.3 says, or named in ``twice`` where that has no meaning. ``params`` are those of the route.
    ``bodiless`` says that no body can come: in HTTP/1 none is announced. In HTTP/2 one may come unannounced.

    ``receive`` reads the body and keeps it for the app: a few bytes more than it was given at most, so that too large shows.
    ``content`` is that body once it was read, ``said`` what it says as JSON or as a form. ``answer`` are headers for whatever is answered;
    ``after`` are called with the status of the app's answer. ``bound`` are the tenants that a request to a tenant's route names.
    ``request`` is what the server or framework gave: an ASGI scope, a WSGI environ, Django's request.
    """

    # What most calls never have is set on the class: one of these is made for every request.
    identity: Identity | None = None
    content: bytes = b""
    said: Any = None
    answer: Headers = ()
    observed: tuple[Refusal, ...] = ()
    after: tuple[Callable[[int], Awaitable[None] | None], ...] = ()
    bound: Sequence[str] = ()
    twice: frozenset[str] = frozenset()
    address: str = ""

    def __init__(
        self,
        method: str,
        path: str,
        raw: Mapping[bytes, bytes],
        query: str,
        peer: str,
        receive: Callable[[int], Awaitable[bytes]],
        secure: bool = False,
        twice: frozenset[str] = frozenset(),
        address: str = "",
        params: Mapping[str, str] | None = None,
        bodiless: bool = False,
        request: Any = None,
    ) -> None:
        self.method, self.path, self.raw, self._query, self.peer = method, path, raw, query, peer
        self.receive, self.secure, self.twice, self.address = receive, secure, twice, address
        self.params: Mapping[str, str] = {} if params is None else params
        self.bodiless, self.request = bodiless, request

    @property
    def query(self) -> str:
        """The query as it came, without its question mark."""
        return self._query

    def header(self, name: str) -> str:
        """The value of a header by its small name; empty without it."""
        return self.raw.get(name.encode(), b"").decode("latin-1")

    @property
    def host(self) -> str:
        """The name it was sent to, without the port, in small letters."""
        host = self.header("host").lower()
        return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name. One that came twice with two values is empty: the app might believe the other one."""
        found: dict[str, str] = {}
        for part in self.header("cookie").split(";"):
            name, equals, value = part.strip().partition("=")
            value = value.strip().removeprefix('"').removesuffix('"')
            if equals:
                found[name] = value if found.get(name, value) == value else ""
        return found

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The query as pairs."""
        return parse_qsl(self.query, keep_blank_values=True)


def joined(listed: Iterable[tuple[bytes, bytes]]) -> tuple[dict[bytes, bytes], frozenset[str]]:
    """Headers by their small names, and which of them came more than once though no list."""
    found: dict[bytes, bytes] = {}
    twice = set()
    for name, value in listed:
        if name not in found:
            found[name] = value
        elif name in _LISTS:
            found[name] += (b"; " if name == b"cookie" else b", ") + value
        else:
            twice.add(name.decode("latin-1"))
    return found, frozenset(twice)
