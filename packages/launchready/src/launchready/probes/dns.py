"""DNS questions with answers that tell *no such name* from *nobody answered*."""

from dataclasses import dataclass

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

    def __init__(self, inner: dns.asyncresolver.Resolver, nameserver: str) -> None:
        self._inner = inner
        self.nameserver = nameserver

    @classmethod
    def open(cls, nameserver: str = "") -> "Resolver":
        """A resolver. ``nameserver`` is ``host:port`` or ``host``; empty means the system's own."""
        if not nameserver:
            return cls(dns.asyncresolver.Resolver(), "")
        host, _, port = nameserver.partition(":")
        inner = dns.asyncresolver.Resolver(configure=False)
        inner.nameservers = [host]
        inner.port = int(port or 53)
        return cls(inner, nameserver)

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
