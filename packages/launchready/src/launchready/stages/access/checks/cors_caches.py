"""LR222: answers made for one origin, kept by a cache and given to another."""

import re

from launchready.config.policy import load_policy
from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.sources.tree import Tree
from launchready.stages.access.origins import EVIL, trusted_origins

_MOST = 6
_KEPT = re.compile(r"(?:s-maxage|max-age)\s*=\s*[1-9]|immutable", re.I)
_NOT_KEPT = re.compile(r"no-store|no-cache", re.I)


async def run(context: Context) -> Result:
    """Ask with and without a known origin, and read Vary where the answer depends on it and may be kept (RFC 9111, section 4.1; Fetch standard)."""
    site, tree = context.get(Site), context.resources.get(Tree)
    policy = load_policy(context.project)
    known = trusted_origins(
        site.origin,
        policy.cors.origins if policy else (),
        context.project.domains,
        tree if isinstance(tree, Tree) else None,
    )
    findings, examined = [], 0
    calls = [call for call in await context.get(GuestSweep).results() if call.answered]
    for path in list(dict.fromkeys(["/", *(call.exchange.path for call in calls)]))[:_MOST]:
        for origin in (*known, EVIL):
            asked = await site.send("GET", path, headers={"Origin": origin})
            if asked.header("access-control-allow-origin") != origin:
                continue
            examined += 1
            other = await site.send("GET", path)
            if other.header("access-control-allow-origin") != origin and _forgets(asked):
                findings.append(_finding(path, origin, asked))
            break
    if not examined:
        raise NotApplicableError("no answer is made for the origin that asks")
    return Result(examined, tuple(findings))


def _forgets(exchange: Exchange) -> bool:
    varies = [name.strip().lower() for value in exchange.headers.get("vary", ()) for name in value.split(",")]
    said = exchange.header("cache-control")
    return exchange.ok and not {"origin", "*"} & set(varies) and bool(_KEPT.search(said)) and not _NOT_KEPT.search(said)


def _finding(path: str, origin: str, exchange: Exchange) -> Finding:
    return Finding(
        "LR222",
        f"GET {path}",
        "Pages of your own may be refused an answer that a cache kept for another of your sites",
        Severity.LOW,
        Confidence.CERTAIN,
        Impact.AVAILABILITY,
        ("EDGE-4",),
        f"The answer names {origin} only when it asks, may be kept ({exchange.header('cache-control')}), and does not say Vary: Origin.",
        (exchange.evidence(f"asked with Origin: {origin}"),),
        exchange.curl(),
        "Send Vary: Origin with every answer whose CORS headers depend on the asker, also when none is allowed.",
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR222",
        "Caches keep answers for different origins apart",
        Stage.ACCESS,
        ("EDGE-4",),
        (Need.URL,),
        Severity.LOW,
        Impact.AVAILABILITY,
    ),
    run,
)
