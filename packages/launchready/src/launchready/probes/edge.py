"""Visits hosts of the domain the way a browser does, at the addresses and ports this run was given."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from launchready.model.project import Domains
from launchready.probes.dns import Resolver
from launchready.probes.exchange import Exchange
from launchready.probes.http import USER_AGENT
from launchready.probes.tls import Tls, look

SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Name:
    """What DNS says of one host: its alias, its addresses, and ``failed`` when the nameserver did not answer."""

    host: str
    alias: str = ""
    addresses: tuple[str, ...] = ()
    exists: bool = False
    failed: str = ""

    @property
    def said(self) -> str:
        """One line of the DNS map."""
        target = ", ".join(self.addresses) or ("no address" if self.exists else "no such name")
        return f"{self.host} → {self.alias} → {target}" if self.alias else f"{self.host} → {target}"


class Edge:
    """The hosts of one domain. Names are asked once; a visit never follows a redirect."""

    def __init__(
        self, domains: Domains, resolver: Resolver, session: aiohttp.ClientSession, context: ssl.SSLContext
    ) -> None:
        self.domains, self._resolver, self._session, self._context = domains, resolver, session, context
        self._names: dict[str, Name] = {}
        self._tls: dict[str, Tls] = {}
        self._lock = asyncio.Lock()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, domains: Domains, resolver: Resolver) -> AsyncIterator["Edge"]:
        """An edge for the length of a run."""
        context = ssl.create_default_context()
        if domains.ca_file:
            context.load_verify_locations(domains.ca_file)
        names: dict[str, Name] = {}
        connector = aiohttp.TCPConnector(resolver=_Known(names), use_dns_cache=False)
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": USER_AGENT},
        ) as session:
            edge = cls(domains, resolver, session, context)
            edge._names = names
            yield edge

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
        async with self._lock:
            if host not in self._names:
                self._names[host] = await self._ask(host)
            return self._names[host]

    async def tls(self, host: str) -> Tls | None:
        """What a browser sees of the host's certificate; None when the host has no address."""
        name = await self.name(host)
        if not name.addresses:
            return None
        if host not in self._tls:
            self._tls[host] = await look(host, name.addresses[0], self.domains.ports.https, self.domains.ca_file)
        return self._tls[host]

    async def visit(self, scheme: str, host: str, *, trust: bool = True) -> Exchange:
        """GET / of a host. ``trust`` False looks at what is behind a broken certificate."""
        ports = self.domains.ports
        port = ports.https if scheme == "https" else ports.http
        usual = 443 if scheme == "https" else 80
        url = f"{scheme}://{host}{'' if port == usual else f':{port}'}/"
        await self.name(host)
        try:
            async with self._session.get(
                yarl.URL(url), allow_redirects=False, ssl=self._context if trust else False
            ) as response:
                headers: dict[str, tuple[str, ...]] = {}
                for key, value in response.headers.items():
                    headers[key.lower()] = (*headers.get(key.lower(), ()), value)
                body = await response.content.read(65_536)
                return Exchange("GET", url, "/", response.status, headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Exchange("GET", url, "/", error=f"Called {url}: {str(error)[:160] or type(error).__name__}")

    async def _ask(self, host: str) -> Name:
        alias = await self._resolver.ask(host, "CNAME")
        found = await self._resolver.ask(host, "A")
        six = await self._resolver.ask(host, "AAAA")
        failed = found.reason if found.status == "failed" and alias.status == "failed" else ""
        exists = any(one.status in ("answer", "nodata") for one in (alias, found, six))
        target = alias.values[0].rstrip(".") if alias.values else ""
        return Name(host, target, (*found.values, *six.values), exists, failed)


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
