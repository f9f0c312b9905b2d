"""LR415: the given URL itself is encrypted, and browsers trust it."""

from urllib.parse import urlsplit

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.hosts import is_loopback
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.http import Site
from launchready.probes.tls import look

_LINES = ("EDGE-3", "BAR-10")


async def run(context: Context) -> Result:
    """Shake hands with the host of the URL; over plain HTTP, look for a redirect to HTTPS."""
    parts = urlsplit(context.environment.url)
    gap = context.absent.get(Need.URL)
    if not parts.hostname or (gap is not None and "--offline" in gap.reason):
        raise NotCheckedError(gap.reason if gap else "no running app given", gap.give if gap else "--url")
    host = parts.hostname
    if parts.scheme == "http":
        if is_loopback(host):
            raise NotApplicableError("a loopback address needs no certificate")
        return await _plain(context, host)
    tls = await look(host, host, parts.port or 443, context.project.domains.ca_file)
    if tls.error:
        raise NotCheckedError(tls.error, "a URL that answers from here")
    if not tls.problem:
        return Result(1, notes=(f"{host}: {tls.days:.0f} days left, by {tls.issuer}",))
    why = "it signed its certificate itself" if tls.self_signed else tls.problem
    return Result(
        1,
        (
            _finding(
                host,
                f"Browsers warn customers away from {host}: {why}",
                Severity.BLOCKER,
                (
                    Evidence(
                        "tls", tls.problem, f"issuer {tls.issuer}\n{tls.days:.0f} days left\nSHA-256 {tls.fingerprint}"
                    ),
                ),
                "Let the edge or an ACME client (certbot, Caddy) fetch a certificate for this name and renew it.",
            ),
        ),
    )


async def _plain(context: Context, host: str) -> Result:
    home = await context.get(Site).send("GET", "/")
    if home.header("location").startswith("https://"):
        return Result(1)
    title = f"Passwords travel unencrypted: {host} is served over plain HTTP"
    fix = "Serve the app over HTTPS, and answer plain HTTP with 308 to it."
    return Result(1, (_finding(host, title, Severity.BLOCKER, (home.evidence("a page over plain HTTP"),), fix),))


def _finding(host: str, title: str, severity: Severity, evidence: tuple[Evidence, ...], fix: str) -> Finding:
    return Finding(
        "LR415",
        host,
        title,
        severity,
        Confidence.PROVEN,
        Impact.IDENTITY,
        _LINES,
        "Whoever shares the network can read and change what goes over this connection, or people learn to click warnings away.",
        evidence,
        "",
        fix,
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR415",
        "The given URL is encrypted, and browsers trust it",
        Stage.EDGE,
        _LINES,
        (),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
