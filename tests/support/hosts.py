"""A domain on loopback for tests: its DNS, and hosts that answer over HTTP and TLS."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from launchready.demo.zone import Records, serve_dns
from launchready.model.project import Domains, Ports

Answer = Callable[[str], tuple[int, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Domain:
    """Where the domain's servers listen."""

    dns: int
    http: int
    https: int

    def described(self, **changes: object) -> Domains:
        """The ``[domains]`` table for it."""
        values: dict[str, object] = {
            "root": "shop.test",
            "canonical": "app.shop.test",
            "hosts": ("shop.test", "app.shop.test"),
            "resolver": f"127.0.0.1:{self.dns}",
            "ports": Ports(self.http, self.https),
        }
        return Domains(**(values | changes))  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def domain(
    records: Records, http: Answer | None = None, https: Answer | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Domain]:
    """Serve ``records``, and answer requests by host name."""
    async with contextlib.AsyncExitStack() as stack:
        dns = await stack.enter_async_context(serve_dns(records))
        plain = await stack.enter_async_context(_serving(http or (lambda _host: (404, {})), None))
        secure = await stack.enter_async_context(_serving(https or (lambda _host: (404, {})), tls)) if tls else 1
        yield Domain(dns, plain, secure)


@contextlib.asynccontextmanager
async def _serving(answer: Answer, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            host = next((line[5:].strip() for line in head.split("\r\n") if line.lower().startswith("host:")), "")
            status, headers = answer(host.split(":")[0])
            lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
            writer.write(("\r\n".join([*lines, "Content-Length: 0", "Connection: close"]) + "\r\n\r\n").encode())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
