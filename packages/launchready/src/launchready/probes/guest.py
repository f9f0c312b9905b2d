"""Calls every GET as a stranger, once, and shares what came back with all checks."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from launchready.model.addresses import parts_of
from launchready.model.parsed import json_of, table_of
from launchready.model.surface import PARAMETER, Access, Endpoint, Input, Span, Surface
from launchready.model.words import Kind
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site

_DESCRIPTIONS = ("/openapi.json", "/swagger.json", "/api/openapi.json", "/api-docs", "/v3/api-docs")
# Where frameworks put it beside its page: @fastify/swagger-ui, @nestjs/swagger, @elysiajs/swagger and the examples of @hono/zod-openapi. They are asked
# only where the source shows no endpoint.
_FURTHER = (
    "/docs/json",
    "/documentation/json",
    "/api/docs/json",
    "/docs-json",
    "/api-json",
    "/api/docs-json",
    "/swagger/json",
    "/doc",
)
_LOGIN_PAGE = re.compile(r"<input[^>]+type=[\"']?password", re.I)
_SAFE_METHODS = ("GET",)
_TRIED = 3
# As often a document that does not come in time is asked for again, in all.
_PATIENCE = 3
# Seconds without any answer after which the rest counts as slow, and how many times longer than the longest so far they are at least.
_SILENT, _SLOWER = 0.1, 3.0
# Where somebody goes once they have signed in, as frameworks call it in the address of the page that asks them to.
_WAY_BACK = re.compile(
    r"next|continue|r?url|dest(?:ination)?|goto|(?:redirect|return|back|came|go)[_-]?(?:to|url|uri|path|from|back)?",
    re.I,
)
_LEFT_ALONE = re.compile(
    r"log-?out|sign-?out|delete|remove|destroy|unsubscribe|(?<!p)reset|seed|drop|shutdown|cancel|start[-_]?over", re.I
)


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
        named = re.search(r"log-?in|sign-?in|auth|session", exchange.header("location"), re.I)
        return bool(named) or exchange.known("leads back", _leads_back)
    return exchange.ok and exchange.known("asks for a password", lambda one: bool(_LOGIN_PAGE.search(one.text)))


def _leads_back(exchange: Exchange) -> bool:
    """Whether a redirect leads to another page that knows the way back, as `/?next=/tickets/`: pages to sign in at are called anything."""
    here, there = parts_of(exchange.url).path, parts_of(exchange.header("location"), exchange.url)
    if there.path.rstrip("/") == here.rstrip("/"):
        return False
    ways = (value for name, value in parse_qsl(there.query) if _WAY_BACK.fullmatch(name))
    return any(re.match(r"/|https?:", way) and parts_of(way, exchange.url).path == here for way in ways)


class GuestSweep:
    """The calls of one run, made when the first check asks for them.

    ``description`` is the OpenAPI document the app served of itself, empty when it served none. What is ``risky`` may take away what others read or
    make meanwhile: it is called once everything else was answered.
    """

    def __init__(
        self, site: Site, surface: Surface, risky: Callable[[Endpoint], bool] = lambda _endpoint: False
    ) -> None:
        self._risky = risky
        self._site = site
        self._surface = surface
        self._lock = asyncio.Lock()
        self._early: dict[str, asyncio.Task[Exchange]] = {}
        self._wanted: list[tuple[Endpoint, bool]] = []
        self._asked: list[asyncio.Task[GuestCall]] | None = None
        self._refused: list[GuestCall] = []
        self.description = ""

    async def results(self) -> tuple[GuestCall, ...]:
        """One call per readable endpoint, in surface order, then those only the app's own description shows."""
        asked = await self._begun()
        if asked:
            # A check that runs out of its time must not end the calls for the others.
            await asyncio.wait(asked)
        return _told(asked)

    async def prompt(self) -> tuple[GuestCall, ...]:
        """Those of :meth:`results` that are there before the app grows silent: one page that takes long holds nobody up who can do without it.
        What is risky is waited for all the same."""
        asked = await self._begun()
        waiting, longest = set(asked), 0.0
        first = {one for one, (endpoint, _) in zip(asked, self._wanted, strict=True) if self._risky(endpoint)}
        while waiting:
            patience = max(_SILENT, _SLOWER * longest) if longest and first.isdisjoint(waiting) else None
            done, waiting = await asyncio.wait(waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                break
            longest = max(longest, *(call.exchange.seconds for call in _told(list(done))))
        return _told([one for one in asked if one not in waiting])

    async def described(self) -> str:
        """The OpenAPI document that the app serves of itself, empty when it serves none."""
        await self._begun()
        return self.description

    @property
    def made(self) -> tuple[GuestCall, ...]:
        """The calls when they were made already, and the writes that strangers were refused; nothing is started for it."""
        asked = self._asked or []
        ended = all(one.done() and not one.cancelled() and not one.exception() for one in asked)
        return (*(one.result() for one in asked), *self._refused) if ended else ()

    def keep(self, call: GuestCall) -> None:
        """Keep a write that a check tried as a stranger, who was refused. What said yes to an empty body decides nothing."""
        self._refused.append(call)

    async def _begun(self) -> "list[asyncio.Task[GuestCall]]":
        """The calls, begun by whoever asks first."""
        async with self._lock:
            if self._asked is None:
                known = [e for e in self._surface.endpoints if e.method in _SAFE_METHODS and _callable(e)]
                # A GET that plainly writes, by its source, is left alone under the name its document gives it as well.
                names = {_shape(e.path) for e in self._surface.endpoints if e.method in _SAFE_METHODS}
                described = [e for e in await self._described() if _shape(e.path) not in names and _callable(e)]
                self._wanted = [*((e, False) for e in known), *((e, True) for e in described)]
                plain = [asyncio.ensure_future(self._call(*one)) for one in self._wanted if not self._risky(one[0])]
                rest = iter(plain)
                self._asked = [
                    asyncio.ensure_future(self._last(plain, *one)) if self._risky(one[0]) else next(rest)
                    for one in self._wanted
                ]
        return self._asked

    async def _last(
        self, others: "Sequence[asyncio.Task[GuestCall]]", endpoint: Endpoint, documented: bool
    ) -> GuestCall:
        if others:
            await asyncio.wait(others)
        return await self._call(endpoint, documented)

    async def _call(self, endpoint: Endpoint, documented: bool) -> GuestCall:
        inputs = {given.name: given for given in endpoint.inputs if given.where == "path"}
        path = PARAMETER.sub(lambda m: _value(m.group(1), inputs.get(m.group(1).strip("?*"))), endpoint.path)
        early = self._early.pop(path, None)
        exchange = await (early if early is not None else self._site.send("GET", path))
        while await self._site.patience.wait(exchange):
            exchange = await self._site.send("GET", path)
        if other := exchange.other_slash:
            exchange = await self._site.send("GET", other)
        return GuestCall(endpoint, exchange, documented)

    async def _described(self) -> list[Endpoint]:
        """The reads of the first document whose addresses are there; of the first one where none is: a part of an app that is mounted
        elsewhere serves a document as well, and its paths begin where it was mounted."""
        first: tuple[str, list[Endpoint]] | None = None
        patience = _PATIENCE
        for path in _DESCRIPTIONS if self._surface.endpoints else (*_DESCRIPTIONS, *_FURTHER):
            exchange = await self._site.send("GET", path)
            while exchange.late and patience:
                # A busy app takes long to write it, and has it ready when asked once more.
                patience -= 1
                exchange = await self._site.send("GET", path)
            found = _reads(exchange, path) if exchange.ok else None
            if found is None:
                continue
            first = first or (exchange.text, found)
            if await self._is_here(found):
                first = exchange.text, found
                break
        if first is None:
            return []
        self.description, found = first
        return found

    async def _is_here(self, endpoints: Sequence[Endpoint]) -> bool:
        """Whether one of the first addresses without parameters is known to the app."""
        plain = [e.path for e in endpoints if "{" not in e.path and _callable(e) and not self._risky(e)]
        for path in plain[:_TRIED]:
            self._early.setdefault(path, asyncio.ensure_future(self._site.send("GET", path)))
        # The first that is there is enough: another may take long.
        for answer in asyncio.as_completed([self._early[path] for path in plain[:_TRIED]]):
            if (await answer).status != 404:
                return True
        return not plain


def _told(asked: "Sequence[asyncio.Task[GuestCall]]") -> tuple[GuestCall, ...]:
    """What calls that ended gave; raises what the first of them raised."""
    for error in [error for one in asked if (error := one.exception())]:
        raise error
    return tuple(one.result() for one in asked)


def _reads(exchange: Exchange, seen: str) -> list[Endpoint] | None:
    """The GETs that an OpenAPI document names, None when the answer is no such document."""
    document = table_of(json_of(exchange.text))
    if not isinstance(document.get("paths"), dict):
        return None
    base = _base(document)
    return [
        _endpoint(base + str(route), operations["get"], seen)
        for route, operations in document["paths"].items()
        if isinstance(operations, dict) and isinstance(operations.get("get"), dict)
    ]


def _base(document: dict[str, Any]) -> str:
    """What stands before every path: the path of the first server (OpenAPI 3), or the base path (Swagger 2)."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], dict) else {}
    path = parts_of(str(first.get("url") or document.get("basePath") or "")).path
    return path.rstrip("/") if path.startswith("/") and "{" not in path else ""


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
    return PARAMETER.sub("{}", path).rstrip("/") or "/"


def _value(name: str, given: Input | None) -> str:
    if given is not None and given.choices:
        return quote(given.choices[0], safe="")
    kind = given.type if given is not None else ""
    if "uuid" in kind.lower() or "uuid" in name.lower():
        return "00000000-0000-4000-8000-000000000001"
    return "1"
