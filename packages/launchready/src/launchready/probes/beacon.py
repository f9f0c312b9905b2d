"""A server of ours on loopback that waits to be called: whether an app fetches an address that somebody types into it (CWE-918)."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_ASKED = re.compile(rb"[A-Z]+ /?(?:[^ ]*/)?(\w+)")
_LONGEST, _PATIENCE = 8192, 5.0


@dataclass(slots=True)
class Beacon:
    """``said`` is the text that it answers with, ``heard`` the last parts of the addresses it was called at."""

    port: int = 0
    said: str = field(default_factory=lambda: f"lr-beacon-{secrets.token_hex(12)}")
    heard: set[str] = field(default_factory=set)

    def address(self, word: str) -> str:
        """An address of its own that nobody else calls."""
        return f"http://127.0.0.1:{self.port}/{word}"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                if asked := _ASKED.match(await reader.readuntil(b"\n")):
                    self.heard.add(asked[1].decode())
            body = self.said.encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # Whoever hangs up or says nothing that can be read was no fetch.
            return
        finally:
            writer.close()


@asynccontextmanager
async def open_beacon() -> AsyncIterator[Beacon]:
    """A beacon that listens until the block ends."""
    beacon = Beacon()
    server = await asyncio.start_server(beacon._answer, "127.0.0.1", 0, limit=_LONGEST)
    beacon.port = server.sockets[0].getsockname()[1]
    try:
        yield beacon
    finally:
        server.close()
