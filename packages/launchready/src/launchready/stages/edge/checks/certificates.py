"""LR412: browsers trust the certificate of every host."""

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
    seen = [tls for host in edge.hosts if (tls := await edge.tls(host)) is not None]
    if not seen:
        raise NotCheckedError("no host of the domain has an address", "[domains] hosts in launchready.toml")
    gaps = tuple(Gap(tls.host, tls.error, "a host that speaks TLS from here") for tls in seen if tls.error)
    groups: dict[tuple[str, Severity], list[Tls]] = defaultdict(list)
    for tls in seen:
        if not tls.error and (wrong := _wrong(tls)):
            groups[wrong].append(tls)
    findings = tuple(_finding(why, severity, group) for (why, severity), group in groups.items())
    notes = tuple(f"{tls.host}: {tls.days:.0f} days left, by {tls.issuer}" for tls in seen if not tls.error)
    return Result(len(seen) - len(gaps), findings, gaps, notes=notes)


def _wrong(tls: Tls) -> tuple[str, Severity] | None:
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


def _finding(why: str, severity: Severity, group: list[Tls]) -> Finding:
    hosts = ", ".join(tls.host for tls in group)
    warns = severity is Severity.BLOCKER
    first = group[0]
    return Finding(
        "LR412",
        first.host,
        f"{'Browsers warn customers away from' if warns else 'Soon browsers may warn customers away from'} {hosts}: {why}",
        severity,
        Confidence.PROVEN,
        Impact.AVAILABILITY,
        _LINES if warns else ("EDGE-3", "HAND-5"),
        f"Issued by {first.issuer}; {first.days:.0f} days left.",
        tuple(Evidence("tls", f"{tls.host}: {tls.problem or why}", f"SHA-256 {tls.fingerprint}") for tls in group),
        f"openssl s_client -connect {first.host}:443 -servername {first.host} </dev/null | openssl x509 -noout -dates -issuer",
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
