"""LR402 and LR403: private pages stay out of shared caches, built files stay in them."""

import re

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.words import AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site

_PRIVATE = frozenset((Kind.ADMIN, Kind.BILLING, Kind.EXPORT, Kind.SETTINGS))
_ASSET = re.compile(r"<(?:script|link)[^>]+(?:src|href)=[\"']?([^\"'\s>]+\.(?:js|mjs|css)(?:\?[^\"'\s>]*)?)", re.I)
_HASHED = re.compile(r"[.-][0-9a-zA-Z_-]{8,}\.(?:js|mjs|css)")
_DAY = 86_400
_MARKUP = re.compile(r"<(head|script|style|noscript|template)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.I | re.S)
# What Next.js says of pages that it made when it was built.
_PRERENDERED = frozenset(("x-nextjs-prerender", "x-nextjs-cache"))


async def private_pages(context: Context) -> Result:
    """Look at pages that are private by their kind or guard (RFC 9111, section 5.2.2)."""
    calls = [call for call in await context.get(GuestSweep).results() if not call.exchange.error]
    private = [call for call in calls if _is_private(call)]
    if not private:
        raise NotCheckedError("no private page is known", "the app's source")
    return Result(len(private), tuple(_cached(call) for call in private if _shared(call.exchange)))


def _is_private(call: GuestCall) -> bool:
    verdict = call.endpoint.access.verdict
    kind = bool(_PRIVATE.intersection(call.endpoint.kind)) and not (verdict is AccessVerdict.OPEN and _is_frame(call))
    return verdict is AccessVerdict.GUARDED or kind or "set-cookie" in call.exchange.headers


def _is_frame(call: GuestCall) -> bool:
    """Whether a page is the same for all: one without words, whose data is fetched from elsewhere, or one that was made when the app was built."""
    if _PRERENDERED.intersection(call.exchange.headers):
        return True
    return "html" in call.exchange.header("content-type") and not _MARKUP.sub(" ", call.exchange.text).strip()


def _shared(exchange: Exchange) -> bool:
    said = exchange.header("cache-control").lower()
    if not exchange.ok or "private" in said or "no-store" in said or "no-cache" in said:
        return False
    return "public" in said or "s-maxage" in said or _seconds(said) > 0


def _seconds(cache_control: str) -> int:
    found = re.search(r"max-age=(\d+)", cache_control)
    return int(found.group(1)) if found else 0


def _cached(call: GuestCall) -> Finding:
    return Finding(
        "LR402",
        call.endpoint.name,
        f"A shared cache may show one member's page to another: {call.endpoint.name}",
        Severity.HIGH,
        Confidence.PROVEN,
        Impact.DATA,
        ("EDGE-4",),
        f"It says Cache-Control: {call.exchange.header('cache-control')}. A proxy or Cloudflare rule that honours this keeps the page.",
        (call.exchange.evidence("answered as cacheable by everybody"),),
        call.exchange.curl(),
        "Send Cache-Control: no-store (or private) on every page that depends on who is looking.",
        0.5,
    )


async def assets(context: Context) -> Result:
    """Look at the scripts and styles of the front page whose name changes with their content."""
    site = context.get(Site)
    home = await site.send("GET", "/")
    paths = [path for name in _ASSET.findall(home.text) if (path := site.inside(name))]
    built = [path for path in dict.fromkeys(paths) if _HASHED.search(path)][:10]
    if not built:
        raise NotApplicableError("the front page loads no built file with a hash in its name")
    loaded = [exchange for path in built if (exchange := await site.send("GET", path)).ok]
    short = [one for one in loaded if _seconds(one.header("cache-control")) < _DAY]
    return Result(len(loaded), (_uncached(short),) if short else ())


def _uncached(exchanges: list[Exchange]) -> Finding:
    first = exchanges[0]
    return Finding(
        "LR403",
        f"GET {first.path.split('?')[0]}",
        f"Visitors download {len(exchanges)} built {'file' if len(exchanges) == 1 else 'files'} anew on each visit",
        Severity.LOW,
        Confidence.PROVEN,
        Impact.AVAILABILITY,
        ("EDGE-4", "EDGE-F3"),
        "Their names change with their content, so they could be kept for a year; the answer does not allow even a day.",
        (first.evidence(f"Cache-Control: {first.header('cache-control') or 'none'}"),),
        first.curl(),
        "Serve built files with Cache-Control: public, max-age=31536000, immutable.",
        0.5,
    )


CHECKS = (
    Check(
        CheckInfo(
            "LR402",
            "Private pages stay out of shared caches",
            Stage.EDGE,
            ("EDGE-4",),
            (Need.URL,),
            Severity.HIGH,
            Impact.DATA,
        ),
        private_pages,
    ),
    Check(
        CheckInfo(
            "LR403",
            "Built files are kept by browsers and caches",
            Stage.EDGE,
            ("EDGE-4", "EDGE-F3"),
            (Need.URL,),
            Severity.LOW,
            Impact.AVAILABILITY,
            ("EDGE-F3",),
        ),
        assets,
    ),
)
