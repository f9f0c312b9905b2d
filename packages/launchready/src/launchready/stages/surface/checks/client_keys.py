"""LR109: keys of AI and payment providers that visitors' browsers are given."""

import re

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.browser_names import BROWSER_PREFIX
from launchready.sources.envnames import env_names
from launchready.sources.integrations import rules
from launchready.sources.places import is_built, is_real
from launchready.sources.tree import Tree

_LINES = ("SURF-5", "SURF-4", "BAR-4")
_COST = frozenset(("ai", "payments"))
_MEANT_FOR_BROWSERS = re.compile(
    r"PUB(?:LIC|LISHABLE)?_?(?:API_?)?KEY|_PK(?:_|$)|CLIENT_?(?:ID|KEY|TOKEN)|SITE_?KEY", re.I
)
_KEY = re.compile(r"KEY|TOKEN|SECRET")
# The providers' own words for "I know that visitors will see this key" (openai-node and anthropic-sdk-typescript, README).
_IN_BROWSER = re.compile(r"\bdangerouslyAllowBrowser\s*:\s*true|anthropic-dangerous-direct-browser-access")
_CODE = (".js", ".ts", ".jsx", ".tsx", ".mjs", ".vue", ".svelte", ".html", ".astro")


async def run(context: Context) -> Result:
    """Look for names that put such a key into the page, and for clients that are told to run in the browser."""
    tree = context.get(Tree)
    costly = {rule.name: rule for rule in rules() if rule.kind in _COST}
    used = [one for one in context.surface.integrations if one.name in costly]
    findings = []
    for read in env_names(tree):
        bare = BROWSER_PREFIX.sub("", read.name)
        owner = next((rule for rule in costly.values() if rule.env and bare.startswith(rule.env)), None)
        if (
            owner
            and bare != read.name
            and _KEY.search(bare)
            and not _MEANT_FOR_BROWSERS.search(bare)
            and is_real(read.file)
        ):
            findings.append(_finding(owner.name, read.file, read.line, f"reads {read.name}", read.name))
    for file in tree.with_suffix(*_CODE):
        text = tree.text(file.path) if is_real(file.path) and not is_built(file.path) else None
        if text and (match := _IN_BROWSER.search(text)):
            line = text.count("\n", 0, match.start()) + 1
            findings.append(
                _finding("the AI provider", file.path, line, "the client is told to run in browsers", "client")
            )
    if not used and not findings:
        raise NotApplicableError("the source talks to no AI or payment provider")
    return Result(max(len(used), 1), tuple(findings))


def _finding(owner: str, path: str, line: int, what: str, key: str) -> Finding:
    return Finding(
        "LR109",
        path,
        f"Every visitor is given your key of {owner}, and can spend your money with it",
        Severity.BLOCKER,
        Confidence.CERTAIN,
        Impact.MONEY,
        _LINES,
        "What a page's script can read, whoever opens the page can read. Robots look for such keys.",
        (Evidence("file", what, "", path, line),),
        "",
        "Call the provider from an endpoint of your own that asks who is calling and limits use per member; revoke this key.",
        3.0,
        key,
    )


CHECK = Check(
    CheckInfo(
        "LR109",
        "Keys that cost money stay on the server",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.MONEY,
    ),
    run,
)
