"""LR412: browsers trust the certificate of every host."""

import asyncio
from collections import defaultdict

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.edge import Edge
from launchready.probes.tls import Tls

_LINES = ("EDGE-3", "EDGE-F2", "BAR-10", "HAND-5")
_SOON = 14


async def run(context: Context) -> Result:
    """Shake hands with every host as a browser does (RFC 5280, RFC 6125, RFC 8996)."""
    edge = context.get(Edge)
    seen = [tls for tls in await asyncio.gather(*(edge.tls(host) for host in edge.hosts)) if tls is not None]
    if not seen:
        raise NotCheckedError("no host of the domain has an address", "[domains] hosts in launchready.toml")
    gaps = tuple(Gap(tls.host, tls.error, "a host that speaks TLS from here") for tls in seen if tls.error)
    groups: dict[tuple[str, Severity], list[Tls]] = defaultdict(list)
    for tls in seen:
        if not tls.error and (wrong := _wrong(tls)):
            groups[wrong].append(tls)
    port = edge.domains.ports.https
    findings = tuple(_finding(why, severity, group, port) for (why, severity), group in groups.items())
    notes = tuple(f"{tls.host}: {tls.days:.0f} days left, by {tls.issuer}" for tls in seen if not tls.error)
    return Result(len(seen) - len(gaps), findings, gaps, notes=notes)


def _wrong(tls: Tls) -> tuple[str, Severity] | None:
    if tls.problem and not tls.fingerprint:
        return (tls.problem, Severity.BLOCKER)
    if tls.days < 0:
        return ("the certificate has run out" + (" and nobody signed it" if tls.self_signed else ""), Severity.BLOCKER)
    if tls.self_signed and tls.problem:
        return ("nobody but the server itself signed the certificate", Severity.BLOCKER)
    if tls.problem:
        why = tls.problem.replace(f"'{tls.host}'", "this name")
        return (f"the certificate is not trusted ({why})", Severity.BLOCKER)
    if tls.days < _SOON:
        return (f"the certificate runs out in {tls.days:.0f} days", Severity.MEDIUM)
    if tls.old:
        return (f"outdated encryption is still offered ({', '.join(tls.old)})", Severity.LOW)
    return None


def _finding(why: str, severity: Severity, group: list[Tls], port: int) -> Finding:
    hosts = ", ".join(tls.host for tls in group)
    first = group[0]
    said = {
        Severity.BLOCKER: f"Browsers warn customers away from {hosts}",
        Severity.MEDIUM: f"Soon browsers warn customers away from {hosts}",
    }.get(severity, f"Old devices may speak to {hosts} in a way that can be read")
    return Finding(
        "LR412",
        first.host,
        f"{said}: {why}",
        severity,
        Confidence.PROVEN,
        Impact.AVAILABILITY,
        _LINES
        if severity is Severity.BLOCKER
        else ("EDGE-3", "HAND-5")
        if severity is Severity.MEDIUM
        else ("EDGE-3",),
        f"Issued by {first.issuer}; {first.days:.0f} days left." if first.fingerprint else "",
        tuple(
            Evidence(
                "tls", f"{tls.host}: {tls.problem or why}", f"SHA-256 {tls.fingerprint}" if tls.fingerprint else ""
            )
            for tls in group
        ),
        f"openssl s_client -connect {first.host}:{port} -servername {first.host} </dev/null | openssl x509 -noout -dates -issuer",
        "Let the edge or an ACME client (certbot, Caddy) fetch and renew certificates for every host, and watch their dates.",
        1.0,
        why.split(" in ")[0],
    )


CHECK = Check(
    CheckInfo(
        "LR412",
        "Browsers trust the certificate of every host",
        Stage.EDGE,
        _LINES,
        (Need.DOMAIN,),
        Severity.BLOCKER,
        Impact.AVAILABILITY,
        ("HAND-5",),
    ),
    run,
)
