"""What proxies say about the request they ask for: each in its own headers, and only those are read.

nginx, module ngx_http_auth_request_module; Caddy, directive forward_auth; Traefik, middleware ForwardAuth; Envoy, HTTP filter ext_authz with
``path_prefix``. A client can send the headers of another proxy than the one in front: so the address the proxy is set to ask, which no client
can change, says which proxy it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from launchready_guard.call import NO_WEBSOCKET, joined
from launchready_guard.forward.http import Request


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy writes method, address and name of a request, empty where its own ones are those; ``upgrade`` whether it is to become a
    WebSocket. ``statuses`` says that its callers are told whatever status we answer with."""

    method: str
    target: str
    host: str
    upgrade: str = "upgrade"
    statuses: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """The request a proxy asks for. ``raw`` are its headers, ``seen`` is the address the proxy saw and ``before`` the rest of what it was told; ``upgrade``
    is the protocol the client would like instead, in small letters."""

    method: str
    target: str
    raw: Mapping[bytes, bytes]
    twice: frozenset[str]
    secure: bool
    seen: str
    before: str
    statuses: bool
    upgrade: str


class AskedError(Exception):
    """A proxy that does not say what it asks for; the message is for whoever set it up."""


_FORWARDED = Proxy("x-forwarded-method", "x-forwarded-uri", "x-forwarded-host")
PROXIES = {
    "nginx": Proxy("x-original-method", "x-original-uri", "host", "x-original-upgrade", statuses=False),
    "caddy": _FORWARDED,
    "traefik": _FORWARDED,
    "envoy": Proxy("", "", "host"),
}
# Of the question, not of the request that is asked for.
_OWN = (b"content-length", b"connection", b"x-original-content-length")


def asked(request: Request) -> Asked:
    """What a question is about. Raises :class:`AskedError`."""
    # Caddy adds the query of the request it asks for; Envoy all of its address.
    path, mark, query = request.target.partition("?")
    name, slash, rest = path.removeprefix("/auth/").partition("/")
    proxy = PROXIES.get(name) if path.startswith("/auth/") else None
    if proxy is None or bool(slash) != (not proxy.target):
        raise AskedError(f"asked at {request.target[:60]!r}; the address is /auth/ and one of {', '.join(PROXIES)}")
    raw, twice = joined(request.headers)
    for needed in filter(None, (proxy.method, proxy.target)):
        if needed.encode() not in raw or needed in twice:
            raise AskedError(f"{name} sent no {needed} or more than one; set it as the documentation shows")
    sizes = {b"content-length": raw[b"x-original-content-length"]} if raw.get(b"x-original-content-length") else {}
    told = raw.get(b"x-forwarded-for", b"").decode("latin-1")
    before, _, seen = told.rpartition(",")
    method = raw[proxy.method.encode()].decode("latin-1") if proxy.method else request.method
    upgrade = raw.get(proxy.upgrade.encode(), b"").decode("latin-1").lower()
    host = {b"host": raw.get(proxy.host.encode(), b"")}
    return Asked(
        "WEBSOCKET"
        if upgrade == "websocket" and method == "GET"
        else NO_WEBSOCKET
        if method == "WEBSOCKET"
        else method,
        raw[proxy.target.encode()].decode("latin-1") if proxy.target else f"/{rest}{mark}{query}",
        {key: value for key, value in raw.items() if key not in _OWN} | host | (sizes if name == "nginx" else {}),
        twice,
        raw.get(b"x-forwarded-proto", b"").strip().lower() in (b"https", b"wss"),
        seen.strip(),
        before.strip(),
        proxy.statuses,
        upgrade,
    )
