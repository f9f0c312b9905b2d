"""Mail records that are half broken, or that say more than they seem to."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from launchready.model.check import Outcome
from launchready.model.project import Domains, Project
from launchready.model.words import Severity, Status

from tests.support.ask import ask
from tests.support.dns_server import Zone, serve_dns

HERE: Zone = {("shop.test", "A"): ["127.0.0.1"]}


async def _mail(check: str, zone: Zone, *, broken: tuple[str, ...] = (), **changes: tuple[str, ...]) -> Outcome:
    async with serve_dns({**HERE, **zone}, broken=broken) as nameserver:
        domains = Domains("shop.test", resolver=nameserver, **changes)  # type: ignore[arg-type]
        return await ask(check, project=Project("shop", "/nonexistent", domains=domains))


@pytest.mark.parametrize(
    ("record", "other"),
    [
        ("v=spf1 all", ""),
        ("v=SPF1 +ALL", ""),
        ("v=spf1 include:mail.test -all", "v=spf1 +all"),
        ("v=spf1 redirect=mail.test", "v=spf1 ip4:192.0.2.1 +all"),
        ("v=spf1 ip4:0.0.0.0/0 -all", ""),
        ("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", ""),
        ("v=spf1 ip6:::/0 -all", ""),
        ("v=spf1 include:gone.test +all", ""),
    ],
)
async def test_every_way_to_approve_everybody(record: str, other: str) -> None:
    zone = {("shop.test", "TXT"): [f'"{record}"']} | ({("mail.test", "TXT"): [f'"{other}"']} if other else {})
    (finding,) = (await _mail("LR501", zone)).findings
    assert finding.severity is Severity.BLOCKER


@pytest.mark.parametrize(
    ("record", "other"),
    [
        ("v=spf1 -include:mail.test -all", "v=spf1 +all"),
        ("v=spf1 redirect=mail.test", "v=spf1 ip4:192.0.2.1 -all"),
        ("v=spf1 -all ip4:0.0.0.0/0", ""),
        ("v=spf1 ip4:192.0.2.0/24 a mx -all", ""),
    ],
)
async def test_records_that_only_look_open(record: str, other: str) -> None:
    zone = {("shop.test", "TXT"): [f'"{record}"'], ("shop.test", "MX"): ["10 shop.test."]}
    if other:
        zone["mail.test", "TXT"] = [f'"{other}"']
    outcome = await _mail("LR501", zone)
    assert not [finding for finding in outcome.findings if finding.severity is Severity.BLOCKER]


async def test_more_than_ten_lookups_and_includes_in_a_circle_are_errors_and_end() -> None:
    many = " ".join(f"include:s{number}.m.test" for number in range(12))
    zone = {("shop.test", "TXT"): [f'"v=spf1 {many} -all"']}
    zone |= {(f"s{number}.m.test", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'] for number in range(12)}
    assert (await _mail("LR501", zone)).findings[0].severity is Severity.HIGH
    circle = {
        ("shop.test", "TXT"): ['"v=spf1 include:a.test -all"'],
        ("a.test", "TXT"): ['"v=spf1 include:shop.test -all"'],
    }
    assert (await _mail("LR501", circle)).findings[0].severity is Severity.HIGH


@pytest.mark.parametrize(
    "record", ["v=spf1 include:mail.test -all", "v=spf1 mx:mail.test -all", "v=spf1 redirect=mail.test"]
)
async def test_an_include_nobody_answers_for_is_no_fault_of_the_record(record: str) -> None:
    outcome = await _mail("LR501", {("shop.test", "TXT"): [f'"{record}"']}, broken=("mail.test",))
    assert outcome.status is Status.NOT_CHECKED
    assert "mail.test" in outcome.reason


@pytest.mark.parametrize("check", ["LR501", "LR503"])
async def test_a_domain_that_is_not_there_is_a_slip_of_the_pen(check: str) -> None:
    async with serve_dns({("other.test", "A"): ["127.0.0.1"]}) as nameserver:
        domains = Domains("shop.test", resolver=nameserver)
        outcome = await ask(check, project=Project("shop", "/nonexistent", domains=domains))
    assert outcome.status is Status.NOT_CHECKED
    assert "no domain shop.test" in outcome.reason


def _published(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, head: str = "v=DKIM1; k=rsa") -> str:
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    body = base64.b64encode(der).decode()
    return f'"{head}; p={body[:150]}" "{body[150:]}"'


STRONG = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        (_published(STRONG, "v=DKIM1; t=y"), "test"),
        (_published(STRONG, "v=DKIM1; t=s"), ""),
        (_published(ec.generate_private_key(ec.SECP256R1()).public_key()), "cannot be read"),
        (f'"k=ed25519; p={base64.b64encode(bytes(32)).decode()}"', ""),
        (f'"k=ed25519; p={base64.b64encode(bytes(31)).decode()}"', "cannot be read"),
    ],
    ids=["test", "strict", "no RSA", "ed25519", "short ed25519"],
)
async def test_keys(record: str, wrong: str) -> None:
    outcome = await _mail("LR502", {("pm._domainkey.shop.test", "TXT"): [record]}, dkim=("pm",))
    assert outcome.status is (Status.FAIL if wrong else Status.PASS)
    assert not wrong or wrong in outcome.findings[0].title


async def test_a_guessed_selector_without_a_key_proves_nothing() -> None:
    outcome = await _mail("LR502", {}, mail=("google",))
    assert outcome.status is Status.NOT_CHECKED
    found = await _mail("LR502", {("google._domainkey.shop.test", "TXT"): [_published(STRONG)]}, mail=("google",))
    assert found.status is Status.PASS
    revoked = await _mail("LR502", {("google._domainkey.shop.test", "TXT"): ['"v=DKIM1; p="']}, mail=("google",))
    assert revoked.status is Status.FAIL


@pytest.mark.parametrize(
    ("records", "fails"),
    [
        (['"v=DMARC1; p=reject; sp=none"'], True),
        (['"v=DMARC1; p=reject"', '"v=DMARC1; p=none"'], True),
        (['"v=DMARC1; p=reject; rua=mailto:reports@elsewhere.test"'], False),
    ],
    ids=["subdomains", "two", "reports elsewhere"],
)
async def test_dmarc(records: list[str], fails: bool) -> None:
    outcome = await _mail("LR503", {("_dmarc.shop.test", "TXT"): records})
    assert outcome.status is (Status.FAIL if fails else Status.PASS)
