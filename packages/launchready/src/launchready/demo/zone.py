"""The DNS of opsboard.test, and a server for it that listens on loopback only."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

DOMAIN = "opsboard.test"
HOSTS = ("opsboard.test", "www.opsboard.test", "app.opsboard.test")
Records = dict[tuple[str, str], list[str]]


def records(variant: str) -> Records:
    """The zone of one variant: (name, type) to record texts."""
    zone: Records = {(host, "A"): ["127.0.0.1"] for host in HOSTS}
    zone |= {
        (DOMAIN, "MX"): ["10 mail.opsboard.test."],
        ("mail.opsboard.test", "A"): ["127.0.0.1"],
        (DOMAIN, "NS"): ["ns.opsboard.test."],
        ("ns.opsboard.test", "A"): ["127.0.0.1"],
        ("spf.mtasv.net", "TXT"): ['"v=spf1 ip4:192.0.2.0/27 ~all"'],
    }
    if variant == "unsafe":
        zone[DOMAIN, "TXT"] = ['"v=spf1 include:spf.mtasv.net +all"']
        zone["api.opsboard.test", "CNAME"] = ["opsboard-api.gone-hosting.test."]
        return zone
    zone[DOMAIN, "TXT"] = ['"v=spf1 include:spf.mtasv.net -all"']
    zone["pm._domainkey.opsboard.test", "TXT"] = [_dkim()]
    zone["_dmarc.opsboard.test", "TXT"] = ['"v=DMARC1; p=reject; rua=mailto:dmarc@opsboard.test"']
    return zone


def _dkim() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()
    return " ".join(f'"{text[start : start + 250]}"' for start in range(0, len(text), 250))


def answer(zone: Records, wire: bytes) -> bytes | None:
    """The reply to one query, None for something that is no DNS query."""
    try:
        query = dns.message.from_wire(wire)
    except dns.exception.DNSException:
        return None
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA | dns.flags.RA
    if not query.question:
        return reply.to_wire()
    question = query.question[0]
    name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
    for _ in range(8):
        texts = zone.get((name, kind))
        alias = zone.get((name, "CNAME"))
        if texts:
            reply.answer.append(dns.rrset.from_text(name + ".", 60, "IN", kind, *texts))
            return reply.to_wire()
        if not alias:
            break
        reply.answer.append(dns.rrset.from_text(name + ".", 60, "IN", "CNAME", *alias))
        name = alias[0].rstrip(".")
    if not any(known == name or known.endswith("." + name) for known, _ in zone):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, zone: Records) -> None:
        self._zone = zone
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # In Python 3.11 the loop's own datagram transport is no subclass of DatagramTransport.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        reply = answer(self._zone, data)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)


@contextlib.asynccontextmanager
async def serve_dns(zone: Records) -> AsyncIterator[int]:
    """Answer for ``zone`` over UDP and TCP on 127.0.0.1; the value is the port."""

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            length = int.from_bytes(await reader.readexactly(2), "big")
            reply = answer(zone, await reader.readexactly(length))
            if reply is not None:
                writer.write(len(reply).to_bytes(2, "big") + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(stream, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(zone), ("127.0.0.1", port))
    try:
        yield port
    finally:
        datagrams.close()
        server.close()
