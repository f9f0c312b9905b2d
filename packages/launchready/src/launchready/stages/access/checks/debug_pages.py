"""LR205: pages for developers that strangers can open: descriptions, metrics, consoles, settings."""

import re
from dataclasses import dataclass

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.sources.places import is_real
from launchready.sources.tree import Tree


@dataclass(frozen=True, slots=True)
class _Page:
    path: str
    looks_like: str
    what: str
    severity: Severity
    roadmap: tuple[str, ...] = ("SURF-1",)


_LEAK = ("SURF-F2", "BAR-1", "SECRET-F1")
_PAGES = (
    # One switch takes them off, so they are said in the same words: a row of findings holds them all.
    _Page("/docs", r"swagger-ui|SwaggerUIBundle", "The description of every endpoint is public", Severity.MEDIUM),
    _Page("/redoc", r"<redoc|redoc\.standalone", "The description of every endpoint is public", Severity.MEDIUM),
    _Page("/openapi.json", r'"openapi"\s*:', "The description of every endpoint is public", Severity.MEDIUM),
    _Page("/swagger.json", r'"swagger"\s*:', "The description of every endpoint is public", Severity.MEDIUM),
    _Page("/api-docs", r"swagger", "The description of every endpoint is public", Severity.MEDIUM),
    _Page("/graphiql", r"graphiql", "The GraphQL console is public", Severity.MEDIUM),
    _Page("/metrics", r"^# (?:HELP|TYPE) ", "The app's inner numbers are public", Severity.MEDIUM),
    _Page("/actuator/env", r'"propertySources"', "The server's settings are public", Severity.BLOCKER, _LEAK),
    _Page("/actuator/heapdump", r"JAVA PROFILE", "A copy of the server's memory is public", Severity.BLOCKER, _LEAK),
    _Page(
        "/debug/pprof/",
        r"Types of profiles available|/debug/pprof/",
        "The server's profiler is public",
        Severity.HIGH,
        _LEAK,
    ),
    _Page("/debug/vars", r'"memstats"', "The server's inner state is public", Severity.HIGH, _LEAK),
    _Page(
        "/console",
        r"Interactive Console|EVALEX",
        "A console that runs code on the server is public",
        Severity.BLOCKER,
        _LEAK,
    ),
    _Page("/phpinfo.php", r"<title>phpinfo\(\)", "The server's settings are public", Severity.HIGH, _LEAK),
    _Page("/server-status", r"Apache Server Status", "Who visits what is public", Severity.HIGH, _LEAK),
    _Page("/_profiler", r"symfony", "The profiler is public", Severity.HIGH, _LEAK),
)
_DEBUG = re.compile(r"(?:^|/)(?:_?debug|__debug__|dev|internal)(?:/|$)", re.I)
_ENVIRONMENT = re.compile(r'"(?:PATH|HOME|PWD|[A-Z][A-Z0-9]*_(?:SECRET|KEY|TOKEN|PASSWORD|URL))[A-Z0-9_]*"\s*:')
_LISTING = re.compile(r"<title>\s*(?:index of|listing directory|directory listing (?:for|of))\b", re.I)
_DISALLOWED = re.compile(r"^\s*disallow:\s*(/[^\s*?$#]+)", re.I | re.M)
_MOUNTED = re.compile(r"\.use\(\s*[\"'`](/[\w./-]+)[\"'`][^\n]*\bserve-?index\b", re.I)
_MOST_FOLDERS = 20


async def run(context: Context) -> Result:
    """Ask for well-known developer pages and for folders, and look again at every debug address the app has."""
    site, findings = context.get(Site), []
    folders = await _folders(site, context)
    for folder in folders:
        exchange = await site.send("GET", folder)
        if 300 <= exchange.status < 400:
            exchange = await site.send("GET", folder.rstrip("/") + "/")
        if exchange.ok and _LISTING.search(exchange.text):
            findings.append(
                _finding(f"GET {folder}", "A folder and all its files are public", Severity.HIGH, _LEAK, exchange)
            )
    for page in _PAGES:
        exchange = await site.send("GET", page.path)
        if exchange.ok and re.search(page.looks_like, exchange.text, re.I | re.M):
            findings.append(_finding(f"GET {page.path}", page.what, page.severity, page.roadmap, exchange))
    calls = await context.get(GuestSweep).results()
    known = {finding.target for finding in findings}
    for call in calls:
        if call.answered and call.endpoint.name not in known and _DEBUG.search(call.endpoint.path):
            keys = bool(_ENVIRONMENT.search(call.exchange.text))
            what = (
                "The server's environment, keys included, is a public page"
                if keys
                else "A debug address answers strangers"
            )
            severity = Severity.BLOCKER if keys else Severity.HIGH
            findings.append(_finding(call.endpoint.name, what, severity, _LEAK, call.exchange))
    return Result(len(_PAGES) + len(folders) + len(calls), tuple(findings))


async def _folders(site: Site, context: Context) -> list[str]:
    """Folders that robots.txt asks not to look at, and those that the source has listed (serve-index)."""
    robots = await site.send("GET", "/robots.txt")
    named = _DISALLOWED.findall(robots.text) if robots.ok and robots.content_type == "text/plain" else []
    tree = context.resources.get(Tree)
    if isinstance(tree, Tree):
        for file in tree.with_suffix(".js", ".ts", ".mjs", ".cjs"):
            if is_real(file.path) and file.size < 400_000:
                named += _MOUNTED.findall(tree.text(file.path) or "")
    # What stands below /.well-known is there to be found (RFC 8615).
    folders = (path.rstrip("/") or "/" for path in named if not path.startswith("/.well-known"))
    return list(dict.fromkeys(folders))[:_MOST_FOLDERS]


def _finding(target: str, title: str, severity: Severity, roadmap: tuple[str, ...], exchange: Exchange) -> Finding:
    return Finding(
        "LR205",
        target,
        f"{title}: {target}",
        severity,
        Confidence.PROVEN,
        Impact.DATA if severity is Severity.BLOCKER else Impact.OPERATIONS,
        roadmap,
        "It shows an attacker where to begin.",
        (exchange.evidence("called without any credential, and answered"),),
        exchange.curl(),
        "Switch it off in production (FastAPI: docs_url=None, redoc_url=None, openapi_url=None), or ask for an admin there.",
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR205",
        "Strangers find no page meant for developers",
        Stage.ACCESS,
        ("SURF-1", "BAR-1"),
        (Need.URL,),
        Severity.MEDIUM,
        Impact.OPERATIONS,
    ),
    run,
)
