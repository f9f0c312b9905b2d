"""Calls the app under audit: no cookies kept, no redirect followed, every cost bounded."""

import asyncio
import errno
import json as jsonlib
import math
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import aiohttp
import yarl

from launchready.core.check import NotCheckedError
from launchready.model.addresses import parts_of
from launchready.model.hosts import is_loopback
from launchready.model.surface import SAFE_METHODS
from launchready.probes.exchange import AWAY, DROPPED, SESSION_HEADERS, Exchange
from launchready.probes.pace import Pace
from launchready.probes.patience import Patience
from launchready.probes.received import received
from launchready.probes.stamps import SPENT, Stamps
from launchready.probes.trust import trusted
from launchready.probes.unanswered import unanswered

if TYPE_CHECKING:
    from launchready.probes.actions import Actions
    from launchready.probes.asked_in_query import AskedInQuery
    from launchready.probes.graphs.graph import Graph

SECONDS = 10.0
AT_ONCE = 8
BUDGET = 6000
# Sending these twice does what sending them once does (RFC 9110, 9.2.2).
_REPEATABLE = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
# Seconds that an app which was there is waited for, and between two looks: a supervisor starts it again.
_COMES_BACK, _LOOK_AGAIN = 30.0, 0.5
_CONNECTS = 5.0
# So much of a body tells whom it is about.
_REMEMBERED = 400
USER_AGENT = "LaunchReady/0.1 (+audit of your own app)"


@dataclass(frozen=True, slots=True)
class _Answered:
    """A call that was answered: ``when`` by the monotonic clock, ``body`` what was sent, shortened."""

    when: float
    seconds: float
    status: int
    body: bytes


class Site:
    """The running app at one origin. ``requests`` counts what was sent; ``active`` says whether probing is allowed.

    ``graphs`` are what is known of its GraphQL, by address, ``actions`` its server actions that can be called, ``in_query`` its writes that take their
    fields in the address. ``writes_from`` is the origin of the pages that it takes writes from, empty while it asked for none.
    """

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession,
        once: aiohttp.ClientSession,
        *,
        active: bool,
        budget: int,
        trust: ssl.SSLContext | bool,
        seconds: float = SECONDS,
        at_once: int = AT_ONCE,
    ) -> None:
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.base = parts.path.rstrip("/")
        self.host = parts.hostname or ""
        self.active = active
        self.requests = 0
        self.budget = budget
        self._seconds = seconds
        self._session, self._once = session, once
        self._trust = trust
        self._pace = Pace(at_once)
        self.patience = Patience(partial(self.send, "GET"))
        self.graphs: dict[str, Graph] = {}
        self.actions: Actions | None = None
        self.in_query: AskedInQuery | None = None
        self.writes_from = ""
        self.stamps: Stamps | None = None
        # Whoever wants to know each request before it is sent: its first line, headers and body.
        self.heard: Callable[[str, Mapping[str, str], bytes], None] | None = None
        # Whether it was ever there, and whether it fell over and was waited for in vain.
        self._seen = self._gone = False
        # The calls that got no answer since it answered last: one of them made it fall.
        self._lost: list[str] = []
        # Held by whoever asks again what was lost in a fall of the app: what makes it fall takes others along.
        self._alone = asyncio.Lock()
        # How many requests that may change something were begun, and how many of them are under way.
        self._wrote = self._writing = 0
        # What made it fall when nothing else was asked: it is not asked again, and answered as it was.
        self._fells: dict[tuple[str, str, bytes], Exchange] = {}
        # Every call that was answered, by method and address, since limits may have counted it.
        self._answered: dict[tuple[str, str], list[_Answered]] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        ca_file: str = "",
        authorized_by: str = "",
        seconds: float = SECONDS,
        budget: int = BUDGET,
        at_once: int = AT_ONCE,
    ) -> AsyncIterator["Site"]:
        """A site for the length of a run. ``ca_file`` is an extra trust anchor in PEM; ``seconds`` the longest wait for one answer;
        ``budget`` the most requests the run may send, ``at_once`` the most in flight.

        Raises OSError when ``ca_file`` cannot be read or holds no certificate.
        """
        trust = trusted(ca_file)
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, 5.0))

        def session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
            return aiohttp.ClientSession(
                timeout=timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": USER_AGENT},
                auto_decompress=False,
                connector=connector,
                max_line_size=16_384,
                max_field_size=32_768,
            )

        async with (
            session(aiohttp.TCPConnector(limit=at_once)) as kept,
            # What must not be sent twice goes on a connection of its own, which no server closes as idle just then.
            session(aiohttp.TCPConnector(limit=at_once, force_close=True)) as once,
        ):
            active = bool(authorized_by) or is_loopback(urlsplit(url).hostname or "")
            yield cls(url, kept, once, active=active, budget=budget, trust=trust, seconds=seconds, at_once=at_once)

    def require_active(self) -> None:
        """Raise NotCheckedError unless active probing of this host is allowed."""
        if not self.active:
            raise NotCheckedError(
                f"{self.host} is not loopback, and nobody said that active probing of it is allowed",
                "--authorized-by NAME",
            )

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send one request and return what came back; an :class:`Exchange` with ``error`` when nothing did.

        Never raises for what a server does. Raises NotCheckedError when the request budget of the run is used up.
        """
        sent = dict(headers or {})
        if self.writes_from and method not in SAFE_METHODS and "origin" not in {name.lower() for name in sent}:
            sent |= {"Origin": self.writes_from, "Referer": sent.get("Referer", f"{self.writes_from}/")}
        content = body or b""
        if json is not None:
            content = jsonlib.dumps(json).encode()
            sent.setdefault("Content-Type", "application/json")
        elif form is not None:
            content = urlencode(form).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if self.requests >= self.budget:
            raise NotCheckedError(
                f"the request budget of this run ({self.budget}) is used up", "--requests N, or a run of fewer stages"
            )
        url, stamps = self.origin + self.base + path, self.stamps
        if stamps is not None and not stamps.take(method, path):
            return Exchange(method, url, path, error=SPENT, sent_headers=sent, sent_body=content)
        self.requests += 1
        if self.heard is not None:
            self.heard(f"{method} {path}", sent, content)
        before = stamps.delivered() if stamps is not None else None
        writes = method not in SAFE_METHODS
        self._wrote, self._writing = self._wrote + writes, self._writing + writes
        try:
            async with self._pace.turn():
                exchange = await self._answer(method, url, path, sent, content)
        finally:
            self._writing -= writes
        signed_in = any(name.lower() in SESSION_HEADERS for name in sent)
        self._pace.heard(exchange.status, exchange.seconds, (writes, signed_in))
        if exchange.status:
            bare, body = path.partition("?")[0].rstrip("/"), content[:_REMEMBERED]
            one = _Answered(time.monotonic(), exchange.seconds, exchange.status, body)
            self._answered.setdefault((method, bare), []).append(one)
        if stamps is not None:
            stamps.back(method, path, exchange.status, before)
        return exchange

    @property
    def written(self) -> int | None:
        """A number that stays the same for as long as nothing is sent that may change something; None while such a request is under way."""
        return None if self._writing else self._wrote

    def answered(
        self,
        method: str,
        path: str,
        text: str = "",
        since: float = 0.0,
        until: float = math.inf,
        *,
        refused: bool = False,
    ) -> int:
        """How many calls of an address were answered in this run from ``since`` to ``until``, those alone whose body holds a text where one is given;
        ``refused`` adds those that came too often."""
        wanted = text.encode()
        return sum(
            wanted in one.body and since <= one.when < until and (refused or one.status != 429)
            for one in self._calls(method, path)
        )

    def last_called(self, method: str, path: str) -> float:
        """When an address was answered last, by the monotonic clock; 0 when it never was."""
        return max((one.when for one in self._calls(method, path)), default=0.0)

    def seconds_of(self, method: str, path: str) -> float:
        """How long an address usually takes to answer; 0 when it was never called."""
        took = sorted(one.seconds for one in self._calls(method, path) if one.status != 429)
        return took[len(took) // 2] if took else 0.0

    def longest(self, method: str, path: str) -> float:
        """How many seconds an address took at its slowest; 0 when it was never called."""
        return max((one.seconds for one in self._calls(method, path) if one.status != 429), default=0.0)

    def _calls(self, method: str, path: str) -> Sequence[_Answered]:
        return self._answered.get((method, path.rstrip("/")), ())

    async def _answer(self, method: str, url: str, path: str, sent: dict[str, str], content: bytes) -> Exchange:
        async with self._alone:
            pass
        if (fell := self._fells.get((method, path, content))) is not None:
            return fell
        exchange, reached = await self._asked(method, url, path, sent, content)
        if reached and not exchange.error:
            return exchange
        # What never reached it may be sent once it is there again, and what is lost may be where that does no harm.
        lost = not reached or (exchange.dropped and method in SAFE_METHODS)
        if not lost or not self._seen or await self._there():
            return exchange
        async with self._alone:
            if not await self._back():
                at = " or ".join(dict.fromkeys(self._lost[:3]))
                when = f"when it was asked {at}" if at else "while this ran"
                why = f"{AWAY} any more: the app was there, and fell over {when}. Run it by something that starts it again, and look at its log."
                return replace(exchange, error=why)
            exchange, reached = await self._asked(method, url, path, sent, content)
            if (exchange.dropped or not reached) and method in SAFE_METHODS:
                why = f"Called {url}: {DROPPED}. Look at its log."
                exchange = _failed(method, url, path, sent, content, why, time.monotonic())
                self._fells[method, path, content] = exchange
            return exchange

    async def _asked(
        self, method: str, url: str, path: str, sent: dict[str, str], content: bytes
    ) -> tuple[Exchange, bool]:
        """The answer, and whether the request reached the app."""
        started = time.monotonic()
        try:
            exchange = await self._send(method, url, path, sent, content, started)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            refused = isinstance(error, aiohttp.ClientConnectorError) and error.errno == errno.ECONNREFUSED
            exchange = _failed(method, url, path, sent, content, unanswered(url, error, self._seconds), started)
            self._seen = self._seen or exchange.dropped
            self._lost += [f"{method} {urlsplit(path).path}"] if exchange.dropped else []
            return exchange, not refused
        self._seen = True
        self._lost.clear()
        return exchange, True

    async def _back(self) -> bool:
        """Whether an app that fell over was started again; one that was not is waited for once."""
        until = time.monotonic() + (0.0 if self._gone else _COMES_BACK)
        while not await self._there():
            if time.monotonic() > until:
                self._gone = True
                return False
            await asyncio.sleep(_LOOK_AGAIN)
        self._gone = False
        return True

    async def _there(self) -> bool:
        """Whether the app lets anybody connect."""
        parts = urlsplit(self.origin)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            async with asyncio.timeout(_CONNECTS):
                _, line = await asyncio.open_connection(self.host, port)
        except OSError:
            return False
        line.close()
        with suppress(OSError):
            await line.wait_closed()
        return True

    async def _send(
        self, method: str, url: str, path: str, sent: dict[str, str], content: bytes, started: float
    ) -> Exchange:
        # A server may close a kept-alive connection just as we use it: aiohttp then asks again, once, where that does no harm.
        session = self._session if method in _REPEATABLE else self._once
        async with session.request(
            method,
            yarl.URL(url, encoded=True),
            headers=sent | {"Accept-Encoding": "identity"},
            data=content or None,
            allow_redirects=False,
            ssl=self._trust,
        ) as response:
            body = await received(response)
            found: dict[str, tuple[str, ...]] = {}
            for name, value in response.headers.items():
                found[name.lower()] = (*found.get(name.lower(), ()), value)
            return Exchange(
                method,
                url,
                path,
                response.status,
                found,
                body,
                time.monotonic() - started,
                sent_headers=sent,
                sent_body=content,
            )

    def elsewhere(self, location: str) -> str:
        """The other origin that a redirect leads to; empty when it stays on this one."""
        target = parts_of(location, self.origin + self.base + "/")
        if not target.scheme:
            return "an address that is none"
        origin = f"{target.scheme}://{target.netloc}"
        return "" if origin == self.origin else origin

    def inside(self, location: str, base: str = "") -> str | None:
        """The path a redirect leads to, or a link of a page at ``base``, when it stays on this origin, else None."""
        target = parts_of(location, base or self.origin + self.base + "/")
        if f"{target.scheme}://{target.netloc}" != self.origin:
            return None
        path = target.path or "/"
        return path + (f"?{target.query}" if target.query else "")


def _failed(
    method: str, url: str, path: str, sent: dict[str, str], content: bytes, why: str, started: float
) -> Exchange:
    return Exchange(
        method, url, path, error=why, seconds=time.monotonic() - started, sent_headers=sent, sent_body=content
    )
