"""Origins a hostile page may have, and what an answer allows them (Fetch standard, CORS protocol). Nothing is sent here."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from launchready.model.addresses import parts_of
from launchready.model.project import Domains
from launchready.probes.exchange import Exchange
from launchready.sources.places import is_real
from launchready.sources.tree import Tree

EVIL = "https://evil.example"
_TRUSTED_AT_MOST = 2
_LISTED = re.compile(r"(?:cors|origins?)\w*[\"']?\]?\s*[:=(,]", re.I)
_ORIGIN = re.compile(r"[\"'`,\s=](https?://[\w.-]+(?::\d+)?)/?(?=[\"'`,\s]|$)")
_FILES = (".py", ".js", ".ts", ".mjs", ".cjs", ".go", ".rb", ".php", ".java", ".kt", ".env", ".yml", ".yaml", ".toml", ".json")  # fmt: skip
_REACH = 300


class Who(StrEnum):
    """Who can have such an origin."""

    ANYONE = "anyone"
    NETWORK = "somebody on the way"
    SUBDOMAIN = "a subdomain"


@dataclass(frozen=True, slots=True)
class Hostile:
    """An origin to ask as: ``what`` says how it relates to the app, ``who`` who can have it."""

    origin: str
    what: str
    who: Who = Who.ANYONE


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an answer allows the page that asked. ``wildcard`` is ``*``, which browsers never combine with a session."""

    reads: bool
    credentials: bool
    wildcard: bool = False


def first_tricks() -> tuple[Hostile, ...]:
    """The two that show most: any website, and pages without an origin (sandboxed frames, local files)."""
    return (Hostile(EVIL, "any website"), Hostile("null", "a page without an origin, as in a sandboxed frame"))


def tricks(trusted: str) -> tuple[Hostile, ...]:
    """Origins that a careless comparison takes for ``trusted``: by its start, its end, a dot that stands for anything, its scheme."""
    parts = parts_of(trusted)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    if not host:
        return ()
    found = [Hostile(f"https://{host}.evil.example", f"a name that begins with {host}")]
    if _is_name(host):
        found.append(Hostile(f"https://evil{host}", f"a name that ends with {host}"))
        if "." in host:
            found.append(
                Hostile(f"https://{host.replace('.', '-', 1)}{port}", f"{host} with another letter for its dot")
            )
            found.append(Hostile(f"{parts.scheme}://lr-evil.{host}{port}", f"a subdomain of {host}", Who.SUBDOMAIN))
        if parts.scheme == "https":
            found.append(Hostile(f"http://{host}{port}", f"{host} over plain HTTP", Who.NETWORK))
    return tuple(found)


def allowed(exchange: Exchange, origin: str) -> Allowed:
    """What the answer's headers let a page of ``origin`` do; a preflight that is refused lets it do nothing."""
    told = exchange.header("access-control-allow-origin").strip()
    credentials = exchange.header("access-control-allow-credentials").strip() == "true"
    if exchange.error or (exchange.method == "OPTIONS" and not exchange.ok) or told not in (origin, "*"):
        return Allowed(False, False)
    return Allowed(True, credentials, told == "*")


def trusted_origins(own: str, listed: Sequence[str], domains: Domains, tree: Tree | None) -> tuple[str, ...]:
    """The app's own origins, the surest first: of the policy, the project file, the source next to a word on CORS, and where it runs."""
    found = [one.rstrip("/") for one in listed]
    found += [f"https://{name}" for name in (domains.canonical, domains.root) if name]
    if tree is not None:
        found += _in_source(tree)
    found.append(own)
    return tuple(dict.fromkeys(found))[:_TRUSTED_AT_MOST]


def _in_source(tree: Tree) -> list[str]:
    found: list[str] = []
    for file in tree.with_suffix(*_FILES):
        text = tree.text(file.path) if is_real(file.path) and file.size < 200_000 else None
        for match in _LISTED.finditer(text or ""):
            found += _ORIGIN.findall((text or "")[match.end() : match.end() + _REACH].split("\n\n")[0])
        if len(found) > 20:
            break
    # What runs in production tells more than what a developer's machine is called.
    return sorted(dict.fromkeys(found), key=lambda one: not _is_name(parts_of(one).hostname or ""))


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and host != "localhost"
    return False
