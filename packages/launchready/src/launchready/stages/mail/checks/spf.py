"""LR501: only approved senders may send mail for the domain."""

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.dns import Resolver
from launchready.probes.spf import Spf, read_spf

_LINES = ("MAIL-1", "BAR-9")
_SENDERS = {
    "postmark": "spf.mtasv.net",
    "sendgrid": "sendgrid.net",
    "mailgun": "mailgun.org",
    "ses": "amazonses.com",
    "google": "_spf.google.com",
    "microsoft": "spf.protection.outlook.com",
    "brevo": "spf.brevo.com",
    "zoho": "zoho.com",
    "fastmail": "spf.messagingengine.com",
    "mailchimp": "servers.mcsv.net",
}
# These send with a return address of their own domain, so the sender's own SPF record need not name them.
_OWN_RETURN_PATH = frozenset(("postmark", "resend", "mailersend"))


async def run(context: Context) -> Result:
    """Read the domain's SPF policy (RFC 7208)."""
    domain = context.project.domains.root
    spf = await read_spf(context.get(Resolver), domain)
    evidence = tuple(Evidence("dns", f"TXT {domain}", record) for record in spf.records)
    wrong = _wrong(spf, domain)
    if wrong is not None:
        title, severity, detail = wrong
        return Result(1, (_finding(domain, title, severity, detail, evidence),))
    included = " ".join(spf.includes)
    missing = [
        name
        for name in context.project.domains.mail
        if name in _SENDERS and name not in _OWN_RETURN_PATH and _SENDERS[name] not in included
    ]
    if missing:
        title = f"Mail sent through {', '.join(missing)} lands in spam: SPF does not name them as senders of {domain}"
        return Result(
            1, (_finding(domain, title, Severity.MEDIUM, f"The record names: {included or 'nobody'}.", evidence),)
        )
    return Result(1, notes=(f"{spf.records[0]} ({spf.lookups} of 10 lookups)",))


def _wrong(spf: Spf, domain: str) -> tuple[str, Severity, str] | None:
    if not spf.records:
        return (
            f"Anyone can send mail as {domain}: it has no SPF record",
            Severity.HIGH,
            "Receivers cannot tell your mail from forged mail.",
        )
    if len(spf.records) > 1:
        return (
            f"Receivers ignore the SPF of {domain}: it has {len(spf.records)} records",
            Severity.HIGH,
            "RFC 7208, section 4.5: more than one record is an error.",
        )
    if spf.everybody:
        return (
            f"Anyone may send mail as {domain}: SPF approves {spf.everybody}",
            Severity.BLOCKER,
            "The record approves most of the servers on the internet, whoever runs them.",
        )
    if spf.error:
        return (f"Receivers ignore the SPF of {domain}: it is not valid", Severity.HIGH, spf.error[:300])
    if spf.all in ("", "neutral"):
        return (
            f"SPF of {domain} refuses nobody: it does not end in -all or ~all",
            Severity.MEDIUM,
            "Mail from servers that are not listed is treated as if there were no record.",
        )
    return None


def _finding(domain: str, title: str, severity: Severity, detail: str, evidence: tuple[Evidence, ...]) -> Finding:
    return Finding(
        "LR501",
        domain,
        title,
        severity,
        Confidence.CERTAIN,
        Impact.REPUTATION,
        _LINES,
        detail,
        evidence or (Evidence("dns", f"TXT {domain}: no record that begins with v=spf1"),),
        f"dig +short TXT {domain}",
        "Publish one TXT record that names your senders and refuses the rest, for example: v=spf1 include:_spf.google.com -all",
        0.5,
        title.split(":")[-1].strip(),
    )


CHECK = Check(
    CheckInfo(
        "LR501",
        "SPF: only approved senders may send for the domain",
        Stage.MAIL,
        _LINES,
        (Need.DOMAIN,),
        Severity.HIGH,
        Impact.REPUTATION,
        ("MAIL-1",),
    ),
    run,
)
