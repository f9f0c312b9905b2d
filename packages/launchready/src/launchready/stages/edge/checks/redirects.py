"""LR413: plain HTTP and every other host lead to the one canonical address."""

from urllib.parse import urlsplit

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.edge import Edge
from launchready.probes.exchange import Exchange

_MOVED = (301, 302, 303, 307, 308)


async def run(context: Context) -> Result:
    """Visit every host over both schemes, following nothing."""
    edge = context.get(Edge)
    if not edge.canonical:
        raise NotCheckedError(
            "no canonical host is named, so any of them may win", '[domains] canonical = "app.example.com"'
        )
    plain, doubles, gaps, notes, examined = [], [], [], [], 0
    for host in edge.hosts:
        if not (await edge.name(host)).addresses:
            continue
        http, https = await edge.visit("http", host), await edge.visit("https", host, trust=False)
        for exchange in (http, https):
            if exchange.error:
                gaps.append(Gap(host, exchange.error, "a host that answers from here"))
            else:
                examined += 1
                notes.append(f"{exchange.url} → {exchange.header('location') or exchange.status}")
        if not http.error and http.ok:
            plain.append(http)
        if host != edge.canonical and not https.error and https.ok and not _leads_to(https, edge.canonical):
            doubles.append(https)
    findings = [finding for finding in (_plain(plain), _doubles(doubles, edge.canonical)) if finding]
    return Result(examined, tuple(findings), tuple(gaps), notes=tuple(notes))


def _leads_to(exchange: Exchange, canonical: str) -> bool:
    return exchange.status in _MOVED and urlsplit(exchange.header("location")).hostname == canonical


def _host(exchange: Exchange) -> str:
    return urlsplit(exchange.url).hostname or ""


def _plain(exchanges: list[Exchange]) -> Finding | None:
    if not exchanges:
        return None
    hosts = ", ".join(_host(exchange) for exchange in exchanges)
    return Finding(
        "LR413",
        _host(exchanges[0]),
        f"Passwords can travel unencrypted: plain HTTP is served at {hosts}",
        Severity.HIGH,
        Confidence.PROVEN,
        Impact.IDENTITY,
        ("EDGE-3", "EDGE-2", "BAR-10"),
        "Whoever shares the network reads what members type, the session cookie included.",
        tuple(exchange.evidence("a page over plain HTTP") for exchange in exchanges[:3]),
        exchanges[0].curl(),
        "Answer every plain HTTP request with 308 and the same path on https (Cloudflare: Always Use HTTPS).",
        0.5,
        "http",
    )


def _doubles(exchanges: list[Exchange], canonical: str) -> Finding | None:
    if not exchanges:
        return None
    hosts = ", ".join(_host(exchange) for exchange in exchanges)
    return Finding(
        "LR413",
        _host(exchanges[0]),
        f"The app answers under several names, each with a sign-in of its own: {hosts} beside {canonical}",
        Severity.MEDIUM,
        Confidence.PROVEN,
        Impact.REPUTATION,
        ("EDGE-2", "EDGE-F1"),
        "Members are signed in under one name and not under the other, and search engines see the same pages twice.",
        tuple(exchange.evidence("a page, not a redirect") for exchange in exchanges[:3]),
        exchanges[0].curl(),
        f"Redirect every other host to https://{canonical} with 308 and the same path.",
        0.5,
        "hosts",
    )


CHECK = Check(
    CheckInfo(
        "LR413",
        "Plain HTTP and every other host lead to the canonical address",
        Stage.EDGE,
        ("EDGE-2", "EDGE-F1", "EDGE-3", "HAND-3", "BAR-10"),
        (Need.DOMAIN,),
        Severity.HIGH,
        Impact.IDENTITY,
        ("EDGE-2", "EDGE-F1"),
    ),
    run,
)
