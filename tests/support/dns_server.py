"""A nameserver on loopback for tests: UDP and TCP, a few records, and the ways nameservers fail."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Mapping
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[tuple[str, str], list[str]]


class _Nameserver:
    def __init__(self, zone: Zone, silent: Collection[str], broken: Collection[str]) -> None:
        self._zone, self._silent, self._broken = zone, silent, broken

    def answer(self, wire: bytes, most: int) -> bytes | None:
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA | dns.flags.RA
        asked = query.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        for _ in range(8):
            if name in self._silent:
                return None
            if name in self._broken:
                reply.set_rcode(dns.rcode.SERVFAIL)
                return reply.to_wire()
            if texts := self._zone.get((name, kind)):
                reply.answer.append(dns.rrset.from_text(name + ".", 60, "IN", kind, *texts))
                break
            if not (alias := self._zone.get((name, "CNAME"))):
                break
            reply.answer.append(dns.rrset.from_text(name + ".", 60, "IN", "CNAME", *alias))
            name = alias[0].rstrip(".")
        if not any(known == name or known.endswith("." + name) for known, _ in self._zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        whole = reply.to_wire()
        if len(whole) <= most:
            return whole
        short = dns.message.make_response(query)
        short.flags |= dns.flags.TC
        return short.to_wire()

    async def stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            length = int.from_bytes(await reader.readexactly(2), "big")
            if reply := self.answer(await reader.readexactly(length), 65_535):
                writer.write(len(reply).to_bytes(2, "big") + reply)
                await writer.drain()
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: _Nameserver) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        # 512 octets is all a resolver takes over UDP without EDNS (RFC 1035), so long answers go over TCP here.
        if self._transport is not None and (reply := self._server.answer(data, 512)):
            self._transport.sendto(reply, addr)


@contextlib.asynccontextmanager
async def serve_dns(zone: Zone, *, silent: Collection[str] = (), broken: Collection[str] = ()) -> AsyncIterator[str]:
    """Answer for ``zone`` and yield ``host:port``. ``silent`` names get no answer, ``broken`` ones SERVFAIL."""
    nameserver = _Nameserver(zone, silent, broken)
    server = await asyncio.start_server(nameserver.stream, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(nameserver), ("127.0.0.1", port))
    try:
        yield f"127.0.0.1:{port}"
    finally:
        transport.close()
        server.close()
        await server.wait_closed()
