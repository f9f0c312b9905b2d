"""Sends broken input as a stranger, once, and shares what came back with all checks."""

import asyncio
import re
from dataclasses import dataclass

from launchready.model.surface import Endpoint, Surface
from launchready.model.words import Kind
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.probes.paths import filled

_BODIES = (
    ("broken JSON", b'{"a": ', "application/json"),
    ("an empty body", b"", "application/json"),
    ("a list instead of an object", b"[]", "application/json"),
    ("null", b"null", "application/json"),
    ("bytes that are no text", b'{"a": "\xff\xfe"}', "application/json"),
)
_VALUES = ("'", "abc", "-1", "99999999999999999999", "%00", "")
_LEFT_ALONE = re.compile(
    r"log-?out|sign-?out|reset-?(?:db|data)|seed|drop|wipe|purge|truncate|shutdown|restart|migrate", re.I
)
_MOST = 60


@dataclass(frozen=True, slots=True)
class Attempt:
    """One broken input: ``what`` was sent to which part (a body, or a parameter by name), and what came back."""

    endpoint: Endpoint
    what: str
    exchange: Exchange


class AbuseSweep:
    """The attempts of one run. Bodies are broken so that nothing can be created; addresses are read only."""

    def __init__(self, site: Site, surface: Surface, guest: GuestSweep) -> None:
        self._site, self._surface, self._guest = site, surface, guest
        self._lock = asyncio.Lock()
        self._bodies: tuple[Attempt, ...] | None = None
        self._addresses: tuple[Attempt, ...] | None = None

    async def bodies(self) -> tuple[Attempt, ...]:
        """Broken bodies for every endpoint that takes one."""
        async with self._lock:
            if self._bodies is None:
                takes = [e for e in self._surface.endpoints if e.method in ("POST", "PUT", "PATCH") and _callable(e)]
                jobs = [(e, what, body, kind) for e in takes[:_MOST] for what, body, kind in _BODIES]
                self._bodies = tuple(await asyncio.gather(*(self._body(*job) for job in jobs)))
        return self._bodies

    async def addresses(self) -> tuple[Attempt, ...]:
        """Broken query and path parameters for every GET that answered a stranger or was not found."""
        calls = await self._guest.results()
        async with self._lock:
            if self._addresses is None:
                reads = [call.endpoint for call in calls if not call.refused and not call.exchange.error]
                jobs = [(e, path, what) for e in reads[:_MOST] for path, what in _broken(e)]
                self._addresses = tuple(await asyncio.gather(*(self._address(*job) for job in jobs)))
        return self._addresses

    async def _body(self, endpoint: Endpoint, what: str, body: bytes, kind: str) -> Attempt:
        exchange = await self._site.send(endpoint.method, filled(endpoint), body=body, headers={"Content-Type": kind})
        return Attempt(endpoint, what, exchange)

    async def _address(self, endpoint: Endpoint, path: str, what: str) -> Attempt:
        return Attempt(endpoint, what, await self._site.send("GET", path))


def _callable(endpoint: Endpoint) -> bool:
    return (
        not endpoint.hosted
        and endpoint.path.startswith("/")
        and not _LEFT_ALONE.search(endpoint.path)
        and Kind.DOCS not in endpoint.kind
    )


def _broken(endpoint: Endpoint) -> list[tuple[str, str]]:
    found = []
    for field in endpoint.inputs:
        if field.where == "query":
            found += [
                (f"{filled(endpoint)}?{field.name}={'%27' if value == chr(39) else value}", f"{field.name}={value}")
                for value in _VALUES
            ]
    if "{" in endpoint.path:
        found += [
            (filled(endpoint, "%27" if value == "'" else value), f"{value} in the address")
            for value in _VALUES
            if value
        ]
    return found
