"""LR414: something stands between the internet and the server."""

import ipaddress

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.edge import Edge

_LINES = ("BAR-10", "EDGE-5")


async def run(context: Context) -> Result:
    """Look for Cloudflare's own headers in the answers of the public host (developers.cloudflare.com: HTTP request headers)."""
    edge = context.get(Edge)
    host = edge.hosts[0]
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
    finding = Finding(
        "LR414",
        host,
        f"Nothing stands between the internet and the server of {host}",
        Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.AVAILABILITY,
        _LINES,
        "The answer comes from the server itself: a flood of requests reaches it unfiltered.",
        (exchange.evidence("no sign of Cloudflare in the answer"), Evidence("dns", name.said)),
        exchange.curl(),
        "Move the domain's nameservers to Cloudflare, proxy the host (orange cloud), and set SSL to Full (strict).",
        2.0,
    )
    return Result(1, (finding,))


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
