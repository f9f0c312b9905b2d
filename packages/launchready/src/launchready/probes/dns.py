"""DNS questions with answers that tell *no such name* from *nobody answered*."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import dns.asyncresolver
import dns.exception
import dns.resolver

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """``status`` is ``answer``, ``nodata``, ``nxdomain`` or ``failed``; ``values`` are the records as text, TXT joined."""

    name: str
    kind: str
    status: str
    values: tuple[str, ...] = ()
    reason: str = ""


class Resolver:
    """Asks one nameserver, or the system's own."""

    def __init__(self, inner: dns.asyncresolver.Resolver, address: tuple[str, int] | None) -> None:
        self._inner = inner
        self.address = address

    @classmethod
    def open(cls, nameserver: str = "") -> "Resolver":
        """A resolver. ``nameserver`` is ``host:port``, ``[host]:port`` or ``host``, an IP address; empty means the system's own.

        ``address`` of what comes back is host and port, None for the system's own. Raises ValueError, in words for people,
        for a nameserver that is no address, and when the system has none.
        """
        if not nameserver:
            try:
                return cls(dns.asyncresolver.Resolver(), None)
            except dns.exception.DNSException as error:
                raise ValueError("Looked for the system's nameserver: there is none.") from error
        try:
            parts = urlsplit(
                "//" + (f"[{nameserver}]" if nameserver.count(":") > 1 and "[" not in nameserver else nameserver)
            )
            address = (str(ipaddress.ip_address(parts.hostname or "")), parts.port or 53)
        except ValueError as error:
            raise ValueError(f"Read the nameserver {nameserver!r}: it is no IP address with a port.") from error
        inner = dns.asyncresolver.Resolver(configure=False)
        inner.nameservers, inner.port = [address[0]], address[1]
        return cls(inner, address)

    async def ask(self, name: str, kind: str) -> DnsAnswer:
        """Ask for one record type. Never raises for what a nameserver does."""
        try:
            found = await self._inner.resolve(name, kind, lifetime=SECONDS, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return DnsAnswer(name, kind, "nxdomain")
        except (dns.exception.DNSException, OSError, ValueError) as error:
            return DnsAnswer(name, kind, "failed", reason=str(error)[:200] or type(error).__name__)
        if found.rrset is None:
            return DnsAnswer(name, kind, "nodata")
        values = []
        for record in found.rrset:
            if kind == "TXT":
                values.append(b"".join(record.strings).decode("utf-8", "replace"))
            else:
                values.append(record.to_text())
        return DnsAnswer(name, kind, "answer", tuple(sorted(values)))
