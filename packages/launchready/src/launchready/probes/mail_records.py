"""SPF and DMARC records taken apart by checkdmarc, asked of the nameserver of this run."""

import asyncio
from dataclasses import dataclass
from typing import Any

from launchready.core.check import NotCheckedError
from launchready.probes.dns import Resolver

SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Spf:
    """``records`` as they stand. For exactly one: ``all`` (pass, fail, softfail, neutral, or empty when there is none or a redirect
    decides), lookups used of ten (RFC 7208, section 4.6.4), ``includes`` at any depth, ``error`` when it is not valid."""

    records: tuple[str, ...]
    all: str = ""
    lookups: int = 0
    includes: tuple[str, ...] = ()
    error: str = ""


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


async def read_spf(resolver: Resolver, domain: str) -> Spf:
    """The SPF policy of a domain. Raises NotCheckedError when the nameserver does not answer."""
    found = await resolver.ask(domain, "TXT")
    if found.status == "failed":
        raise NotCheckedError(
            f"the nameserver did not answer for {domain}: {found.reason}", "a nameserver that answers"
        )
    records = tuple(value for value in found.values if value.lower().startswith("v=spf1") and value[6:7] in ("", " "))
    if len(records) != 1:
        return Spf(records)
    parsed = await asyncio.to_thread(_check, "spf", domain, resolver.address)
    tree = parsed.get("parsed") or {}
    decided = str(tree.get("all") or "")
    redirect = tree.get("redirect") or {}
    if not decided and isinstance(redirect, dict) and redirect.get("parsed"):
        decided = str(redirect["parsed"].get("all") or "")
    return Spf(
        records,
        decided,
        int(parsed.get("dns_lookups") or 0),
        tuple(_includes(tree)),
        str(parsed.get("error") or ""),
    )


async def read_dmarc(resolver: Resolver, domain: str) -> Dmarc:
    """The DMARC policy of a domain, by the tree walk of RFC 9989. Raises NotCheckedError when the nameserver does not answer."""
    found = await resolver.ask(f"_dmarc.{domain}", "TXT")
    if found.status == "failed":
        raise NotCheckedError(
            f"the nameserver did not answer for _dmarc.{domain}: {found.reason}", "a nameserver that answers"
        )
    parsed = await asyncio.to_thread(_check, "dmarc", domain, resolver.address)
    tags = tuple((name, _text(tag.get("value"))) for name, tag in (parsed.get("tags") or {}).items())
    own = next((value for value in found.values if value.lower().startswith("v=dmarc1")), "")
    record = str(parsed.get("record") or own)
    return Dmarc(record, str(parsed.get("location") or ""), tags, str(parsed.get("error") or "") if record else "")


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


def _includes(tree: dict[str, Any]) -> list[str]:
    found = []
    for mechanism in tree.get("mechanisms") or ():
        if mechanism.get("mechanism") == "include":
            found.append(str(mechanism.get("value")).lower())
            found += _includes(mechanism.get("parsed") or {})
    return found


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(str(one.get("address", one)) if isinstance(one, dict) else str(one) for one in value)
    return "" if value is None else str(value)
