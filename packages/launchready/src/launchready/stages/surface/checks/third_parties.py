"""LR106: scripts of other companies that run on every page, private ones included."""

import re

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.integrations import page_scripts
from launchready.sources.places import is_built, is_real
from launchready.sources.tree import Tree

_WATCHES = frozenset(("analytics", "chat"))
_EVERYWHERE = re.compile(
    r"(?:^|/)(?:_?layout|_?base|_?master|default|index|_app|_document|app|root|main)(?:\.[\w.]+)?$", re.I
)
_PAGES = (
    ".html",
    ".htm",
    ".jinja",
    ".jinja2",
    ".j2",
    ".ejs",
    ".hbs",
    ".pug",
    ".tsx",
    ".jsx",
    ".vue",
    ".svelte",
    ".astro",
    ".erb",
    ".php",
)


async def run(context: Context) -> Result:
    """Look for scripts that watch visitors in the frame that all pages share."""
    tree = context.get(Tree)
    frames = [
        file.path
        for file in tree.with_suffix(*_PAGES)
        if not is_built(file.path) and is_real(file.path) and _EVERYWHERE.match(file.path.rsplit("/", 1)[-1])
    ]
    findings = tuple(
        _finding(path, line, rule.name)
        for rule, path, line in page_scripts(tree)
        if rule.kind in _WATCHES and path in frames
    )
    known = tuple(f"{one.name} ({one.kind})" for one in context.surface.integrations)
    return Result(max(len(frames), 1), findings, notes=("Third parties: " + ", ".join(known),) if known else ())


def _finding(path: str, line: int, company: str) -> Finding:
    return Finding(
        "LR106",
        path,
        f"{company} runs on members' private pages and can read what they see",
        Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.REPUTATION,
        ("SURF-5",),
        "The script stands in the frame that every page shares, so it also runs where members' records are shown.",
        (Evidence("file", f"loads {company}", "", path, line),),
        "",
        "Load it on public pages only, after consent where the law asks for it, and name the company in your privacy notes.",
        1.0,
        company,
    )


CHECK = Check(
    CheckInfo(
        "LR106",
        "No stranger's script runs on private pages",
        Stage.SURFACE,
        ("SURF-5",),
        (Need.SOURCE,),
        Severity.MEDIUM,
        Impact.REPUTATION,
    ),
    run,
)
