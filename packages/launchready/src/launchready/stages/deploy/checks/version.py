"""LR602: the running app says which commit it was built from, and it is the one at hand."""

import re

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.finding import Finding
from launchready.model.parsed import json_of
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site
from launchready.sources.git import Repository

_PATHS = ("/version", "/api/version", "/version.json", "/healthz", "/health", "/api/health")
_HASH = re.compile(r"\b[0-9a-f]{7,40}\b")
_NAMES = re.compile(r"commit|sha|revision|git|build|release|version|tag", re.I)


async def run(context: Context) -> Result:
    """Find the version the app tells, and compare it with the commit and tags of the source."""
    site, given = context.get(Site), context.environment.version
    seen: list[Exchange] = []
    for path in (given,) if given else _PATHS:
        exchange = await site.send("GET", path)
        if exchange.ok and exchange.content_type != "text/html":
            seen.append(exchange)
            if told := _told(exchange):
                return _compare(context, exchange, told)
    target = f"GET {seen[0].path}" if seen else f"GET {given}" if given else "site"
    return Result(1, (_finding(target, seen[0] if seen else None),))


def _told(exchange: Exchange) -> str:
    data = json_of(exchange.text)
    if data is None:
        data = {"version": exchange.text.strip()[:80]}
    if not isinstance(data, dict):
        return ""
    values = [str(value) for name, value in data.items() if _NAMES.search(str(name)) and isinstance(value, str)]
    commits = [
        match.group(0) for value in values if (match := _HASH.search(value)) and re.search(r"\d", match.group(0))
    ]
    releases = [
        value
        for value in values
        if re.fullmatch(r"v?\d+\.\d+[\w.+-]*", value) and not re.fullmatch(r"v?0\.0\.0.*", value)
    ]
    return (commits or releases or [""])[0]


def _compare(context: Context, exchange: Exchange, told: str) -> Result:
    repository = context.resources.get(Repository)
    if not isinstance(repository, Repository) or not repository.head:
        gap = Gap("git", f"the app says {told}, and there is no commit here to compare it with", "the app's repository")
        return Result(1, gaps=(gap,), notes=(f"the running app says it is {told}",))
    tags = repository.tags_at_head()
    if repository.head.startswith(told) or told in tags or f"v{told}" in tags:
        return Result(1, notes=(f"the running app is {told}, the commit at hand",))
    finding = Finding(
        "LR602",
        f"GET {exchange.path}",
        f"What runs is not what is in the repository: it says {told}, the source is at {repository.head[:10]}",
        Severity.MEDIUM,
        Confidence.PROVEN,
        Impact.OPERATIONS,
        ("DEPLOY-2",),
        "What was checked in the source may not be what customers use.",
        (exchange.evidence(f"says {told}"),),
        exchange.curl(),
        "Deploy the commit you mean to, or audit the commit that runs.",
        1.0,
    )
    return Result(1, (finding,))


def _finding(target: str, exchange: Exchange | None) -> Finding:
    return Finding(
        "LR602",
        target,
        "Nobody can tell which version customers are using",
        Severity.MEDIUM,
        Confidence.PROVEN,
        Impact.OPERATIONS,
        ("DEPLOY-2",),
        "No answer of the app names a commit or a release. After a bad deploy, nobody knows what to go back to.",
        (exchange.evidence("answers, but names no commit or release"),) if exchange else (),
        exchange.curl() if exchange else "",
        'Put the commit into the environment when you build (GIT_COMMIT=$(git rev-parse HEAD)) and answer it at /version: {"commit": "..."}.',
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR602",
        "The running app says which commit it is",
        Stage.DEPLOY,
        ("DEPLOY-2",),
        (Need.URL,),
        Severity.MEDIUM,
        Impact.OPERATIONS,
        ("DEPLOY-2",),
    ),
    run,
)
