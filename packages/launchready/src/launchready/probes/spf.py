"""The SPF policy of a domain: read from the nameserver of this run, include by include, then checked by checkdmarc."""

import ipaddress
import re
from dataclasses import dataclass, field

from launchready.core.check import NotCheckedError
from launchready.probes.dns import Resolver
from launchready.probes.mail_records import ask_txt, taken_apart

_TERM = re.compile(r"(?P<sign>[-+~?]?)(?P<name>[a-z][a-z0-9_.-]*)(?P<rest>[:/=].*)?", re.I)
_ENDS = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_MOST_NAMES = 30
# A sixteenth of all IPv4 addresses and more is nobody's own network.
_WIDEST = 4


@dataclass(frozen=True, slots=True)
class Spf:
    """``records`` as they stand. For exactly one: ``all`` (pass, fail, softfail, neutral, or empty when nothing decides), lookups
    used of ten (RFC 7208, section 4.6.4), ``includes`` at any depth, ``everybody`` the term by which most of the internet may send,
    ``error`` when the record is not valid."""

    records: tuple[str, ...]
    all: str = ""
    lookups: int = 0
    includes: tuple[str, ...] = ()
    everybody: str = ""
    error: str = ""


async def read_spf(resolver: Resolver, domain: str) -> Spf:
    """The SPF policy of a domain. Raises NotCheckedError when a nameserver does not answer, or there is no such domain."""
    records = _policies(await ask_txt(resolver, domain, must_exist=True))
    if len(records) != 1:
        return Spf(records)
    walk = _Walk(resolver)
    decided = await walk.through(domain, records[0])
    parsed = await taken_apart("spf", domain, resolver)
    return Spf(
        records,
        decided,
        int(parsed.get("dns_lookups") or 0),
        tuple(walk.includes),
        walk.everybody,
        str(parsed.get("error") or ""),
    )


def _policies(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if re.match(r"v=spf1(?: |$)", value, re.I))


@dataclass(slots=True)
class _Walk:
    """Follows includes and redirects, each name once, so that no loop and no tree of thousands costs more than a few questions."""

    resolver: Resolver
    includes: list[str] = field(default_factory=list)
    everybody: str = ""
    hosts: int = 0

    async def through(self, domain: str, record: str) -> str:
        """How the policy at ``domain`` ends: pass, fail, softfail, neutral, or empty."""
        decided, redirect = "", ""
        for term in record.split()[1:]:
            found = _TERM.fullmatch(term)
            if not found or decided:
                continue
            name, rest, passes = found["name"].lower(), found["rest"] or "", found["sign"] in ("", "+")
            if name == "all" and not rest:
                decided = _ENDS[found["sign"]]
                if decided == "pass":
                    self.everybody = self.everybody or f"{term} at {domain}"
            elif name == "include" and rest.startswith(":"):
                await self._enter(rest[1:].lower(), sender=passes)
            elif name == "redirect" and rest.startswith("="):
                redirect = rest[1:].lower()
            elif name in ("ip4", "ip6") and passes and _is_huge(rest[1:]):
                self.everybody = self.everybody or f"{term} at {domain}"
            elif name in ("a", "mx"):
                await self._answered(rest[1:].split("/")[0] if rest.startswith(":") else domain, name.upper())
        return decided or (await self._enter(redirect, sender=True) if redirect else "")

    async def _enter(self, name: str, *, sender: bool) -> str:
        if "%" in name or name in self.includes or len(self.includes) >= _MOST_NAMES:
            return ""
        self.includes.append(name)
        records = _policies(await ask_txt(self.resolver, name))
        before = self.everybody
        decided = await self.through(name, records[0]) if len(records) == 1 else ""
        if not sender:
            self.everybody = before
        return decided

    async def _answered(self, name: str, kind: str) -> None:
        self.hosts += 1
        if "%" in name or self.hosts > _MOST_NAMES:
            return
        if (await self.resolver.ask(name, kind)).status == "failed":
            raise NotCheckedError(f"the nameserver did not answer for {name}", "a nameserver that answers")


def _is_huge(network: str) -> bool:
    try:
        return ipaddress.ip_network(network, strict=False).prefixlen <= _WIDEST
    except ValueError:
        return False
