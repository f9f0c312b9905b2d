"""LR137: the running app hands out environment files, its Git folder or scripts with secrets."""

import re
from dataclasses import replace

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site
from launchready.sources.secrets.engine import NotScannedError
from launchready.sources.secrets.scan import SecretScan, downloaded
from launchready.stages.secrets.exposed import finding, label, several
from launchready.stages.secrets.rotation import change, instead, opened

_LINES = ("SURF-4", "SECRET-F1", "BAR-4")
_FILES = {
    "/.env": re.compile(r"^\s*(?:export\s+)?[A-Z][A-Z0-9_]+=", re.M),
    "/.env.local": re.compile(r"^\s*(?:export\s+)?[A-Z][A-Z0-9_]+=", re.M),
    "/.env.production": re.compile(r"^\s*(?:export\s+)?[A-Z][A-Z0-9_]+=", re.M),
    "/.git/HEAD": re.compile(r"^ref: refs/|^[0-9a-f]{40}\s*$"),
    "/.git/config": re.compile(r"^\[core\]", re.M),
}
_SCRIPT = re.compile(r"<script[^>]+src=[\"']?([^\"'\s>]+)", re.I)
_MAP = re.compile(r"//[#@] sourceMappingURL=([^\s'\"]+)\s*$", re.M)
_MOST = 20


async def run(context: Context) -> Result:
    """Ask for the files that must never be served, then read the scripts of the front page and their source maps."""
    site = context.get(Site)
    findings: list[Finding] = []
    for path, looks_like in _FILES.items():
        exchange = await site.send("GET", path)
        if exchange.ok and exchange.content_type != "text/html" and looks_like.search(exchange.text[:20_000]):
            findings.append(_served(path, exchange))
    scripts, gaps = await _scripts(site)
    if scripts and (scan := context.resources.get(SecretScan)):
        assert isinstance(scan, SecretScan)
        detector = await scan.detector()
        values = scan.server_values()
        for path, exchange in scripts:
            try:
                hits = downloaded(detector, path.lstrip("/"), exchange.body)
                hits += [hit for own in values if (hit := own.found_in(exchange.body))]
            except NotScannedError:
                gaps.append(Gap(f"GET {path}", "the script could not be searched in time", "a look by a person"))
                continue
            if hits:
                what = several(hits)
                made = finding(
                    "LR137",
                    f"GET {path}",
                    f"{what[0].upper()}{what[1:]} can be read by every visitor in {path}",
                    hits,
                    _LINES,
                    detail=f"We downloaded this script as a visitor's browser does. {opened(hits)}".rstrip(),
                    evidence=[
                        Evidence(
                            "exchange",
                            f"{label(hit)}, {len(hit.value)} characters, in line {hit.line}",
                            f"GET {path}\n{exchange.status}, {len(exchange.body):,} bytes",
                        )
                        for hit in hits
                    ],
                    fix=f"{instead(hits)} {change(hits)}",
                    hours=3.0,
                )
                findings.append(replace(made, confidence=Confidence.PROVEN, reproduction=exchange.curl()))
    return Result(len(_FILES) + len(scripts), tuple(findings), tuple(gaps))


async def _scripts(site: Site) -> tuple[list[tuple[str, Exchange]], list[Gap]]:
    home = await site.send("GET", "/")
    wanted = [path for source in _SCRIPT.findall(home.text) if (path := _own(site, source, "/"))]
    found: list[tuple[str, Exchange]] = []
    gaps = []
    for path in dict.fromkeys(wanted[:_MOST]):
        exchange = await site.send("GET", path)
        if exchange.error:
            gaps.append(Gap(f"GET {path}", exchange.error, "a script that can be downloaded"))
        if not exchange.ok:
            continue
        found.append((path, exchange))
        for name in _MAP.findall(exchange.text[-2000:])[:1]:
            if (map_path := _own(site, name, path)) and (mapped := await site.send("GET", map_path)).ok:
                found.append((map_path, mapped))
    if len(wanted) > _MOST:
        gaps.append(Gap("site", f"the front page has {len(wanted)} scripts; the first {_MOST} were read", ""))
    return found, gaps


def _own(site: Site, source: str, base: str) -> str | None:
    """The path of a script when it is ours to download: never another host."""
    return site.inside(source, site.origin + base)


def _served(path: str, exchange: Exchange) -> Finding:
    git = ".git" in path
    return Finding(
        "LR137",
        f"GET {path}",
        f"Anyone can download {'the Git folder, and with it the source and its history' if git else 'the environment file with the keys'}: {path}",
        Severity.BLOCKER,
        Confidence.PROVEN,
        Impact.DATA,
        (*_LINES, "SURF-F3"),
        "The server hands out a file that belongs to the machine, not to visitors.",
        (exchange.evidence("called without any credential, and answered"),),
        exchange.curl(),
        "Serve only the folder of built files; refuse paths that begin with a dot. " + change(()),
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR137",
        "The running app hands out no secret",
        Stage.SECRETS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
