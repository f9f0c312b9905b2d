"""LR502: the domain publishes a sound key for its mail signatures."""

import base64
import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.dns import Resolver

_LINES = ("MAIL-2", "BAR-9", "MAIL-F1")
_USUAL = {
    "google": ("google",),
    "microsoft": ("selector1", "selector2"),
    "sendgrid": ("s1", "s2"),
    "mailgun": ("k1", "smtp", "mailo"),
    "resend": ("resend",),
    "brevo": ("brevo1", "brevo2", "mail"),
    "mailchimp": ("k2", "k3"),
    "fastmail": ("fm1", "fm2", "fm3"),
}


async def run(context: Context) -> Result:
    """Look up each selector's key (RFC 6376, section 3.6.1; RFC 8301 and 8463 for its strength)."""
    domains, resolver = context.project.domains, context.get(Resolver)
    usual = tuple(selector for name in domains.mail for selector in _USUAL.get(name, ()))
    selectors = domains.dkim or usual
    if not selectors:
        raise NotCheckedError(
            "no DKIM selector is known, and selectors cannot be listed",
            '[domains] dkim = ["pm"], from a header of a mail you sent',
        )
    findings, gaps, notes = [], [], []
    for selector in selectors:
        host = f"{selector}._domainkey.{domains.root}"
        found = await resolver.ask(host, "TXT")
        keys = tuple(record for record in found.values if re.search(r"(?:^|;)\s*p\s*=", record))
        if found.status == "failed":
            said = f"the nameserver did not answer for {host}: {found.reason}"
            gaps.append(Gap(domains.root, said, "a nameserver that answers"))
        elif keys or domains.dkim:
            wrong, bits = _judge(keys, host)
            if wrong:
                findings.append(_finding(domains.root, host, selector, wrong, found.values))
            else:
                notes.append(f"{host}: {bits}")
    if not (findings or gaps or notes):
        # The usual selectors are a guess; that none of them has a key says nothing about the one really used.
        raise NotCheckedError(
            f"none of the usual selectors of {', '.join(domains.mail)} has a key", '[domains] dkim = ["SELECTOR"]'
        )
    if notes and not domains.dkim:
        findings = []
    return Result(len(notes) + len(findings), tuple(findings), tuple(gaps), notes=tuple(notes))


def _judge(keys: tuple[str, ...], host: str) -> tuple[str, str]:
    """What is wrong with the key, or else how strong it is."""
    if not keys:
        return f"there is no key at {host}", ""
    tags = {name.strip(): value.strip() for part in keys[0].split(";") for name, _, value in [part.partition("=")]}
    data = re.sub(r"\s", "", tags.get("p", ""))
    if not data:
        return f"the key at {host} has been revoked (p= is empty)", ""
    if "y" in tags.get("t", "").split(":"):
        return f"the key at {host} is marked as a test (t=y), so signatures count for nothing", ""
    unreadable = f"the key at {host} cannot be read"
    try:
        raw = base64.b64decode(data, validate=True)
        if tags.get("k") == "ed25519":
            return ("", "Ed25519") if len(raw) == 32 else (unreadable, "")
        key = load_der_public_key(raw)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return unreadable, ""
    if not isinstance(key, rsa.RSAPublicKey):
        return unreadable, ""
    if key.key_size < 1024:
        return f"the key at {host} has {key.key_size} bits; receivers ignore less than 1024", ""
    return "", f"RSA, {key.key_size} bits" + (", 2048 are the custom" if key.key_size < 2048 else "")


def _finding(domain: str, host: str, selector: str, wrong: str, records: tuple[str, ...]) -> Finding:
    return Finding(
        "LR502",
        domain,
        f"Mail of {domain} is not signed, so it lands in spam: {wrong}",
        Severity.HIGH,
        Confidence.CERTAIN,
        Impact.REPUTATION,
        _LINES,
        "Receivers check the signature against this key; without it, DMARC rests on SPF alone and breaks with every forwarded mail.",
        (Evidence("dns", f"TXT {host}", "\n".join(records) or "no record"),),
        f"dig +short TXT {host}",
        f"Take the DKIM record from your mail provider's page for {domain} and publish it at {host}; 2048 bits.",
        0.5,
        selector,
    )


CHECK = Check(
    CheckInfo(
        "LR502",
        "DKIM: the domain publishes a sound key for its mail",
        Stage.MAIL,
        _LINES,
        (Need.DOMAIN,),
        Severity.HIGH,
        Impact.REPUTATION,
    ),
    run,
)
