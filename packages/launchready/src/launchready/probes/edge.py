"""Visits hosts of the domain the way a browser does, at the addresses and ports this run was given."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from launchready.model.addresses import parts_of
from launchready.model.project import Domains
from launchready.probes.dns import Resolver
from launchready.probes.exchange import Exchange
from launchready.probes.http import USER_AGENT
from launchready.probes.tls import Tls, look
from launchready.probes.trust import trusted

SECONDS = 8.0
_LARGEST = 65_536
_MOST_HOPS = 6
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Name:
    """What DNS says of one host: its alias and its addresses; ``failed`` says why there is no answer; ``gone`` means that the
    alias leads to a name that does not exist."""

    host: str
    alias: str = ""
    addresses: tuple[str, ...] = ()
    exists: bool = False
    failed: str = ""
    gone: bool = False

    @property
    def said(self) -> str:
        """One line of the DNS map."""
        target = ", ".join(self.addresses) or ("no address" if self.exists else "no such name")
        return f"{self.host} → {self.alias} → {target}" if self.alias else f"{self.host} → {target}"


@dataclass(frozen=True, slots=True)
class Journey:
    """Where a visitor went, hop by hop; ``lost`` says where to when the last redirect leads away from the domain or nowhere."""

    hops: tuple[Exchange, ...]
    lost: str = ""

    @property
    def end(self) -> Exchange:
        """The last answer."""
        return self.hops[-1]

    @property
    def arrived(self) -> tuple[str, str]:
        """Scheme and host of the last answer."""
        parts = urlsplit(self.end.url)
        return parts.scheme, parts.hostname or ""

    @property
    def said(self) -> str:
        """One line of the map of redirects."""
        away = f" → {self.lost}" if self.lost else ""
        return " → ".join(hop.url for hop in self.hops) + (away or f" ({self.end.status})")


class Edge:
    """The hosts of one domain. Names are asked once; a visit never follows a redirect."""

    def __init__(
        self, domains: Domains, resolver: Resolver, session: aiohttp.ClientSession, trust: ssl.SSLContext | bool
    ) -> None:
        self.domains, self._resolver, self._session, self._trust = domains, resolver, session, trust
        self._names: dict[str, Name] = {}
        self._asked: dict[str, asyncio.Task[Name]] = {}
        self._tls: dict[str, Tls] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, domains: Domains, resolver: Resolver) -> AsyncIterator["Edge"]:
        """An edge for the length of a run."""
        trust = trusted(domains.ca_file)
        names: dict[str, Name] = {}
        connector = aiohttp.TCPConnector(resolver=_Known(names), use_dns_cache=False)
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": USER_AGENT},
        ) as session:
            edge = cls(domains, resolver, session, trust)
            edge._names = names
            try:
                yield edge
            finally:
                for task in edge._asked.values():
                    task.cancel()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts people use: those configured, else the root and ``www``."""
        given = (self.domains.canonical, *self.domains.hosts)
        return tuple(dict.fromkeys(host for host in given if host)) or (self.domains.root, f"www.{self.domains.root}")

    @property
    def canonical(self) -> str:
        """The one host everybody should end at."""
        return self.domains.canonical

    async def name(self, host: str) -> Name:
        """What DNS says of a host."""
        if host not in self._asked:
            self._asked[host] = asyncio.create_task(self._ask(host))
        # Several checks wait for one answer: a check that is stopped must not take it from the others.
        return await asyncio.shield(self._asked[host])

    async def tls(self, host: str) -> Tls | None:
        """What a browser sees of the host's certificate; None when the host has no address."""
        name = await self.name(host)
        if not name.addresses:
            return None
        if host not in self._tls:
            self._tls[host] = await look(host, name.addresses[0], self.domains.ports.https, self.domains.ca_file)
        return self._tls[host]

    async def visit(self, scheme: str, host: str, path: str = "/", *, trust: bool = True) -> Exchange:
        """GET a page of a host. ``trust`` False looks at what is behind a broken certificate."""
        ports = self.domains.ports
        port = ports.https if scheme == "https" else ports.http
        usual = 443 if scheme == "https" else 80
        url = f"{scheme}://{host}{'' if port == usual else f':{port}'}{path}"
        await self.name(host)
        try:
            async with self._session.get(
                yarl.URL(url), allow_redirects=False, ssl=self._trust if trust else False
            ) as response:
                headers: dict[str, tuple[str, ...]] = {}
                for key, value in response.headers.items():
                    headers[key.lower()] = (*headers.get(key.lower(), ()), value)
                body = b""
                while len(body) < _LARGEST and (part := await response.content.read(_LARGEST - len(body))):
                    body += part
                return Exchange("GET", url, path, response.status, headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Exchange("GET", url, path, error=f"Called {url}: {str(error)[:160] or type(error).__name__}")

    async def journey(self, scheme: str, host: str) -> Journey:
        """Go where a visitor of a host is sent, as long as that is below the domain, for at most five redirects."""
        hops, path = [], "/"
        for _ in range(_MOST_HOPS):
            hop = await self.visit(scheme, host, path, trust=False)
            hops.append(hop)
            location = hop.header("location")
            if hop.error or hop.status not in _MOVED or not location:
                return Journey(tuple(hops))
            parts = parts_of(location, hop.url)
            scheme, host = parts.scheme, parts.hostname or ""
            if not scheme:
                return Journey(tuple(hops), lost=f"to {location[:100]}, which is no address")
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            if scheme not in ("http", "https") or not self._ours(host):
                return Journey(tuple(hops), lost=f"to {host or location[:100]}")
        return Journey(tuple(hops), lost="in a circle")

    def _ours(self, host: str) -> bool:
        root = self.domains.root
        return host in self.hosts or host == root or host.endswith("." + root)

    async def _ask(self, host: str) -> Name:
        alias, four, six = await asyncio.gather(*(self._resolver.ask(host, kind) for kind in ("CNAME", "A", "AAAA")))
        target = alias.values[0].rstrip(".") if alias.values else ""
        addresses = (*four.values, *six.values)
        unanswered = next((one.reason for one in (four, six) if one.status == "failed"), "")
        found = Name(
            host,
            target,
            addresses,
            any(one.status in ("answer", "nodata") for one in (alias, four, six)),
            "" if addresses else unanswered,
            bool(target) and "nxdomain" in (four.status, six.status),
        )
        self._names[host] = found
        return found


class _Known(AbstractResolver):
    """Sends each host to the addresses the run's own nameserver gave."""

    def __init__(self, names: dict[str, Name]) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        name = self._names.get(host)
        if name is None or not name.addresses:
            raise OSError(None, f"{host} has no address")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in name.addresses
        ]

    async def close(self) -> None:
        """Nothing to close."""
