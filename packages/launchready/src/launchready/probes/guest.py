"""Calls every GET as a stranger, once, and shares what came back with all checks."""

import asyncio
import json
import re
from dataclasses import dataclass, replace

from launchready.model.surface import Access, Endpoint, Input, Span, Surface
from launchready.model.words import Kind
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site

_DESCRIPTIONS = ("/openapi.json", "/swagger.json", "/api/openapi.json", "/api-docs", "/v3/api-docs")
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_LOGIN_PAGE = re.compile(r"<input[^>]+type=[\"']?password", re.I)
_SAFE_METHODS = ("GET",)
_LEFT_ALONE = re.compile(r"log-?out|sign-?out|delete|remove|destroy|unsubscribe|reset|seed|drop|shutdown|cancel", re.I)


@dataclass(frozen=True, slots=True)
class GuestCall:
    """An endpoint called without any credential. ``documented`` means that source did not show it."""

    endpoint: Endpoint
    exchange: Exchange
    documented: bool = False

    @property
    def refused(self) -> bool:
        """Whether the stranger was turned away: 401, 403, or sent or shown to a login page."""
        if self.exchange.ok and Kind.SIGNUP in self.endpoint.kind:
            return False
        return turned_away(self.exchange)

    @property
    def answered(self) -> bool:
        """Whether a stranger got a 2xx that is no login page."""
        return self.exchange.ok and not self.refused


def turned_away(exchange: Exchange) -> bool:
    """Whether an answer refuses the caller: 401, 403, or a way to or the text of a login page."""
    if exchange.status in (401, 403):
        return True
    if 300 <= exchange.status < 400:
        return bool(re.search(r"log-?in|sign-?in|auth|session", exchange.header("location"), re.I))
    return exchange.ok and bool(_LOGIN_PAGE.search(exchange.text))


class GuestSweep:
    """The calls of one run, made when the first check asks for them.

    ``description`` is the OpenAPI document the app served of itself, empty when it served none.
    """

    def __init__(self, site: Site, surface: Surface) -> None:
        self._site = site
        self._surface = surface
        self._lock = asyncio.Lock()
        self._calls: tuple[GuestCall, ...] | None = None
        self.description = ""

    async def results(self) -> tuple[GuestCall, ...]:
        """One call per readable endpoint, in surface order, then those only the app's own description shows."""
        async with self._lock:
            if self._calls is None:
                known = [e for e in self._surface.endpoints if e.method in _SAFE_METHODS and _callable(e)]
                names = {_shape(endpoint.path) for endpoint in known}
                described = [e for e in await self._described() if _shape(e.path) not in names and _callable(e)]
                found = await asyncio.gather(*(self._call(e) for e in known), *(self._call(e) for e in described))
                self._calls = tuple(replace(call, documented=index >= len(known)) for index, call in enumerate(found))
        return self._calls

    @property
    def made(self) -> tuple[GuestCall, ...]:
        """The calls when they were made already; nothing is started for it."""
        return self._calls or ()

    async def _call(self, endpoint: Endpoint) -> GuestCall:
        types = {given.name: given.type for given in endpoint.inputs if given.where == "path"}
        path = _PARAMETER.sub(lambda m: _value(m.group(1), types.get(m.group(1).strip("?*"), "")), endpoint.path)
        exchange = await self._site.send("GET", path)
        if other := exchange.other_slash:
            exchange = await self._site.send("GET", other)
        return GuestCall(endpoint, exchange)

    async def _described(self) -> list[Endpoint]:
        for path in _DESCRIPTIONS:
            exchange = await self._site.send("GET", path)
            if not exchange.ok:
                continue
            try:
                document = json.loads(exchange.text)
            except (ValueError, RecursionError):
                continue
            if isinstance(document, dict) and isinstance(document.get("paths"), dict):
                self.description = exchange.text
                return [
                    _endpoint(str(route), operations["get"], path)
                    for route, operations in document["paths"].items()
                    if isinstance(operations, dict) and isinstance(operations.get("get"), dict)
                ]
        return []


def _endpoint(route: str, operation: dict[str, object], seen: str) -> Endpoint:
    parameters = operation.get("parameters")
    inputs = tuple(
        Input(
            str(p.get("name")), str(p.get("in")), str((p.get("schema") or {}).get("type", "")), bool(p.get("required"))
        )
        for p in (parameters if isinstance(parameters, list) else [])
        if isinstance(p, dict)
    )
    return Endpoint("GET", route, "openapi", (Kind.OTHER,), "read", Access(), inputs, Span(seen, 0), 0.9, ("openapi",))


def _callable(endpoint: Endpoint) -> bool:
    return (
        not endpoint.hosted
        and endpoint.path.startswith("/")
        and not _LEFT_ALONE.search(endpoint.path)
        and endpoint.action == "read"
    )


def _shape(path: str) -> str:
    return _PARAMETER.sub("{}", path).rstrip("/") or "/"


def _value(name: str, kind: str) -> str:
    if "uuid" in kind.lower() or "uuid" in name.lower():
        return "00000000-0000-4000-8000-000000000001"
    return "1"
