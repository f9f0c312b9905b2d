"""LR401: what pages tell browsers to refuse on a visitor's behalf."""

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site


async def run(context: Context) -> Result:
    """Read the headers of the front page and the sign-in page (OWASP HTTP Headers Cheat Sheet)."""
    site = context.get(Site)
    pages = [exchange for path in ("/", "/login") if (exchange := await site.send("GET", path)).ok]
    pages = [page for page in pages if page.content_type == "text/html"] or pages[:1]
    if not pages:
        raise NotCheckedError("neither / nor /login answers with a page", "a URL that shows a page")
    worst = max(pages, key=lambda page: len(_missing(page, https=site.origin.startswith("https"))))
    missing = _missing(worst, https=site.origin.startswith("https"))
    return Result(len(pages), (_finding(worst, missing),) if missing else ())


def _missing(page: Exchange, *, https: bool) -> list[str]:
    policy = page.header("content-security-policy").lower()
    html = page.content_type == "text/html"
    missing = []
    if https and "max-age=" not in page.header("strict-transport-security"):
        missing.append("Strict-Transport-Security (the next visit may go over plain HTTP)")
    if html and "frame-ancestors" not in policy and not page.header("x-frame-options"):
        missing.append("frame-ancestors or X-Frame-Options (another site can lay your page under its own buttons)")
    if html and not policy:
        missing.append("Content-Security-Policy (a script that slips in may run and send data anywhere)")
    if page.header("x-content-type-options").lower() != "nosniff":
        missing.append("X-Content-Type-Options: nosniff (an uploaded file may run as a script)")
    if html and not page.header("referrer-policy"):
        missing.append("Referrer-Policy (addresses of private pages are told to other sites)")
    return missing


def _finding(page: Exchange, missing: list[str]) -> Finding:
    transport = any(header.startswith("Strict-Transport") for header in missing)
    frames = any(header.startswith("frame-ancestors") for header in missing)
    return Finding(
        "LR401",
        "site",
        f"Browsers are not told to protect your visitors: {len(missing)} {'header is' if len(missing) == 1 else 'headers are'} missing",
        Severity.MEDIUM if transport or frames else Severity.LOW,
        Confidence.PROVEN,
        Impact.REPUTATION,
        ("TOOL-2", "EDGE-3") if transport else ("TOOL-2",),
        "Missing: " + "; ".join(missing) + ".",
        (page.evidence("answered without them"),),
        page.curl(),
        "Send on every page: Content-Security-Policy: default-src 'self'; frame-ancestors 'none' · X-Content-Type-Options: nosniff · "
        "Referrer-Policy: strict-origin-when-cross-origin · over HTTPS also Strict-Transport-Security: max-age=31536000.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR401",
        "Pages tell browsers to protect visitors",
        Stage.EDGE,
        ("TOOL-2",),
        (Need.URL,),
        Severity.MEDIUM,
        Impact.REPUTATION,
    ),
    run,
)
