"""Mail policies in DNS, taken apart by checkdmarc, asked of the nameserver of this run."""

import asyncio
from dataclasses import dataclass
from typing import Any

from launchready.core.check import NotCheckedError
from launchready.probes.dns import Resolver

SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Dmarc:
    """The policy in force: ``record`` and the domain it was found at (empty without one), ``tags`` by name, ``error``."""

    record: str = ""
    location: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    error: str = ""

    def tag(self, name: str) -> str:
        """A tag's value in lower case, given or by default."""
        return dict(self.tags).get(name, "").lower()


async def ask_txt(resolver: Resolver, name: str, *, must_exist: bool = False) -> tuple[str, ...]:
    """The TXT records of a name. Raises NotCheckedError when the nameserver does not answer, or ``name`` is not there but must be."""
    found = await resolver.ask(name, "TXT")
    if found.status == "failed":
        raise NotCheckedError(f"the nameserver did not answer for {name}: {found.reason}", "a nameserver that answers")
    if found.status == "nxdomain" and must_exist:
        raise NotCheckedError(
            f"there is no domain {name} in DNS", "[domains] root, or --domain, spelt as it is registered"
        )
    return found.values


async def read_dmarc(resolver: Resolver, domain: str) -> Dmarc:
    """The DMARC policy of a domain, by the tree walk of RFC 9989.

    Raises NotCheckedError when the nameserver does not answer, or there is no such domain.
    """
    await ask_txt(resolver, domain, must_exist=True)
    own = [value for value in await ask_txt(resolver, f"_dmarc.{domain}") if value.lower().startswith("v=dmarc1")]
    parsed = await taken_apart("dmarc", domain, resolver)
    tags = tuple((name, _text(tag.get("value"))) for name, tag in (parsed.get("tags") or {}).items())
    record = str(parsed.get("record") or "\n".join(own))
    return Dmarc(record, str(parsed.get("location") or ""), tags, str(parsed.get("error") or "") if record else "")


async def taken_apart(kind: str, domain: str, resolver: Resolver) -> dict[str, Any]:
    """What checkdmarc says of the ``spf`` or ``dmarc`` policy of a domain."""
    return await asyncio.to_thread(_check, kind, domain, resolver.address)


def _check(kind: str, domain: str, address: tuple[str, int] | None) -> dict[str, Any]:
    # checkdmarc takes more than a second to import, and keeps one cache for the whole process whatever the nameserver.
    import checkdmarc.dmarc
    import checkdmarc.spf
    from checkdmarc.utils import DNS_CACHE
    from dns.nameserver import Do53Nameserver

    DNS_CACHE.clear()
    servers = [Do53Nameserver(*address)] if address else None
    ask = checkdmarc.spf.check_spf if kind == "spf" else checkdmarc.dmarc.check_dmarc
    result: dict[str, Any] = dict(ask(domain, nameservers=servers, timeout=SECONDS))
    return result


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(str(one.get("address", one)) if isinstance(one, dict) else str(one) for one in value)
    return "" if value is None else str(value)
