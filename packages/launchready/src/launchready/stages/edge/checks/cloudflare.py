"""LR414: something stands between the internet and the server."""

import ipaddress

from launchready.core.check import Check, Context, ManualError, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.edge import Edge, Name
from launchready.probes.exchange import Exchange

_LINES = ("BAR-10", "EDGE-5")


async def run(context: Context) -> Result:
    """Look for Cloudflare's own headers in the answers of the public host (developers.cloudflare.com: HTTP request headers)."""
    edge = context.get(Edge)
    host = edge.hosts[0]
    told = context.project.domains.edge
    if told == "other":
        raise ManualError(
            f"[domains] edge says that {host} stands behind another provider than Cloudflare, whose signs we do not know",
            "its owner's word in [owners.attest]",
        )
    name = await edge.name(host)
    if not name.addresses:
        raise NotCheckedError(f"{host} has no address", "[domains] canonical in launchready.toml")
    if all(ipaddress.ip_address(address).is_private for address in name.addresses):
        raise NotCheckedError(
            f"{host} is on a private network here ({name.addresses[0]}), where no edge can stand",
            "the public domain, or an owner's word in [owners.attest]",
        )
    exchange = await edge.visit("https", host, trust=False)
    if exchange.error:
        raise NotCheckedError(exchange.error, "a host that answers from here")
    if exchange.header("cf-ray") or exchange.header("server").lower() == "cloudflare":
        return Result(1, notes=(f"{host}: Cloudflare answers (cf-ray)",))
    return Result(1, (unseen(host, told, exchange, name),))


def unseen(host: str, told: str, exchange: Exchange, name: Name) -> Finding:
    """An answer without a sign of Cloudflare. ``told`` is what ``[domains] edge`` says: without a word, another provider may stand there."""
    return Finding(
        "LR414",
        host,
        f"{'Nothing stands' if told else 'Nothing seems to stand'} between the internet and the server of {host}",
        Severity.MEDIUM,
        Confidence.CERTAIN if told else Confidence.SUSPECTED,
        Impact.AVAILABILITY,
        _LINES,
        "The answer comes from the server itself: a flood of requests reaches it unfiltered."
        + ("" if told else ' Where another provider stands there, say edge = "other" in [domains].'),
        (exchange.evidence("no sign of Cloudflare in the answer"), Evidence("dns", name.said)),
        exchange.curl(),
        "Move the domain's nameservers to Cloudflare, proxy the host (orange cloud), and set SSL to Full (strict).",
        2.0,
    )


CHECK = Check(
    CheckInfo(
        "LR414",
        "Something stands between the internet and the server",
        Stage.EDGE,
        _LINES,
        (Need.DOMAIN,),
        Severity.MEDIUM,
        Impact.AVAILABILITY,
        ("BAR-10", "EDGE-5"),
    ),
    run,
)
