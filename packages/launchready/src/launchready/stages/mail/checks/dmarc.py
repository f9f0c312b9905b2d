"""LR503: forged mail is put aside or refused."""

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.dns import Resolver
from launchready.probes.mail_records import Dmarc, read_dmarc

_LINES = ("MAIL-3", "BAR-9", "MAIL-F1")


async def run(context: Context) -> Result:
    """Read the DMARC policy in force for the domain (RFC 9989, formerly RFC 7489)."""
    domain = context.project.domains.root
    dmarc = await read_dmarc(context.get(Resolver), domain)
    wrong = _wrong(dmarc, domain)
    if wrong is None:
        notes = [f"_dmarc.{dmarc.location or domain}: {dmarc.record}"]
        if not dmarc.tag("rua"):
            notes.append("no rua: nobody gets the reports that show who else sends in your name")
        return Result(1, notes=tuple(notes))
    title, severity, detail = wrong
    finding = Finding(
        "LR503",
        domain,
        title,
        severity,
        Confidence.CERTAIN,
        Impact.REPUTATION,
        _LINES,
        detail,
        (Evidence("dns", f"TXT _dmarc.{domain}", dmarc.record or "no record"),),
        f"dig +short TXT _dmarc.{domain}",
        f"Publish at _dmarc.{domain}: v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain} — read the reports for two weeks, then p=reject.",
        0.5,
        title.split(":")[-1].strip(),
    )
    return Result(1, (finding,))


def _wrong(dmarc: Dmarc, domain: str) -> tuple[str, Severity, str] | None:
    if not dmarc.record:
        return (
            f"Mail forged in the name of {domain} is delivered: it has no DMARC policy",
            Severity.HIGH,
            "Large receivers also put mail without DMARC into spam.",
        )
    if dmarc.error:
        return (f"Receivers ignore the DMARC policy of {domain}: it is not valid", Severity.HIGH, dmarc.error[:300])
    if dmarc.tag("p") not in ("quarantine", "reject"):
        return (
            f"Mail forged in the name of {domain} is delivered: the DMARC policy is p={dmarc.tag('p') or 'missing'}",
            Severity.HIGH,
            "p=none asks receivers to do nothing but report.",
        )
    if dmarc.tag("sp") == "none":
        return (
            f"Mail forged in the name of any subdomain of {domain} is delivered: the DMARC policy says sp=none",
            Severity.MEDIUM,
            "sp is the policy for subdomains, those that do not exist included, unless np says otherwise.",
        )
    if dmarc.tag("t") == "y" or dmarc.tag("pct") not in ("", "100"):
        return (
            f"Only part of the mail forged in the name of {domain} is put aside: the DMARC policy is still a test",
            Severity.MEDIUM,
            "t=y or pct below 100 tells receivers not to apply the policy fully.",
        )
    return None


CHECK = Check(
    CheckInfo(
        "LR503",
        "DMARC: forged mail is put aside or refused",
        Stage.MAIL,
        _LINES,
        (Need.DOMAIN,),
        Severity.HIGH,
        Impact.REPUTATION,
        ("MAIL-3", "BAR-9", "MAIL-F1"),
    ),
    run,
)
