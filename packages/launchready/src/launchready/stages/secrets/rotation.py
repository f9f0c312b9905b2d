"""What a secret opens and how to change it, by its vendor: read from vendors.toml."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from launchready.sources.secrets.detector import Hit

_ORDER = (
    "Put the new one into the environment of the server and check that the app works before the old one ends: "
    "deleting it from the file does not make it secret again."
)
_ANY = "Make a new key at the provider, and revoke the old one there (many say when a key was last used; we never try one)."
_SIGNING = "Make a new one with `openssl rand -hex 32`. Everybody who is signed in has to sign in again, and so has whoever forged a session."


@dataclass(frozen=True, slots=True)
class Vendor:
    """What is said of the keys of one kind. ``browser`` is empty where nothing stands in for it in a page."""

    what: re.Pattern[str]
    opens: str
    change: str
    browser: str


@cache
def _vendors() -> tuple[Vendor, ...]:
    data = tomllib.loads(Path(__file__).with_name("vendors.toml").read_text(encoding="utf-8"))
    return tuple(
        Vendor(re.compile(row["what"], re.I), row["opens"], row["change"], row.get("browser", ""))
        for row in data["vendor"]
    )


def opened(hits: Sequence[Hit]) -> str:
    """What whoever has these can do, said of each kind once; empty when we do not know."""
    return " ".join(dict.fromkeys(vendor.opens for hit in hits if (vendor := _vendor(hit))))


def change(hits: Sequence[Hit]) -> str:
    """How each kind of these is changed, and in which order; of any key when none is known."""
    ways = dict.fromkeys(_change(hit) for hit in hits) or (_ANY,)
    return " ".join((*ways, _ORDER))


def instead(hits: Sequence[Hit]) -> str:
    """What a page uses in place of these."""
    ways = dict.fromkeys(vendor.browser for hit in hits if (vendor := _vendor(hit)) and vendor.browser)
    return " ".join(ways) or "Call the provider from your server, and give browsers a publishable key at most."


def _change(hit: Hit) -> str:
    if hit.signing:
        return _SIGNING
    vendor = _vendor(hit)
    return vendor.change if vendor else _ANY


def _vendor(hit: Hit) -> Vendor | None:
    return None if hit.signing else next((vendor for vendor in _vendors() if vendor.what.search(hit.what)), None)
