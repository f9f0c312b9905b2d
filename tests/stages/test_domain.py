"""Questions to a domain: real DNS, TLS and HTTP servers on loopback, wrong and right."""

import base64
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from launchready.demo import certificates
from launchready.demo.zone import Records
from launchready.model.check import Outcome
from launchready.model.project import Domains, Project
from launchready.model.words import Confidence, Severity, Status
from launchready.probes.dns import Resolver
from launchready.probes.edge import Edge
from launchready.stages.edge.checks.cloudflare import unseen

from tests.support.ask import ask
from tests.support.hosts import Answer, domain

A: Records = {("shop.test", "A"): ["127.0.0.1"], ("app.shop.test", "A"): ["127.0.0.1"]}


async def _ask(check: str, domains: Domains) -> Outcome:
    return await ask(check, project=Project("shop", "/nonexistent", domains=domains))


async def _mail(check: str, records: Records, **changes: object) -> Outcome:
    async with domain(A | records) as served:
        return await _ask(check, served.described(**changes))


@pytest.mark.parametrize(
    ("records", "severity"),
    [
        ([], Severity.HIGH),
        (['"v=spf1 +all"'], Severity.BLOCKER),
        (['"v=spf1 ip4:192.0.2.1"'], Severity.MEDIUM),
        (['"v=spf1 ?all"'], Severity.MEDIUM),
        (['"v=spf1 -all"', '"v=spf1 ~all"'], Severity.HIGH),
        (['"v=spf1 include:gone.shop.test -all"'], Severity.HIGH),
        (['"v=spf1 ip4:192.0.2.1 -all"'], None),
        (['"v=spf1 ip4:192.0.2.1 ~all"', '"google-site-verification=x"'], None),
    ],
    ids=["none", "everybody", "no end", "neutral", "two", "broken include", "fail", "softfail"],
)
async def test_spf(records: list[str], severity: Severity | None) -> None:
    outcome = await _mail("LR501", {("shop.test", "TXT"): records} if records else {})
    assert [finding.severity for finding in outcome.findings] == ([severity] if severity else [])


async def test_spf_must_name_the_provider_mail_goes_through() -> None:
    records = {("shop.test", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"']}
    assert len((await _mail("LR501", records, mail=("sendgrid",))).findings) == 1
    assert (await _mail("LR501", records, mail=("postmark",))).status is Status.PASS


def _key(bits: int) -> str:
    der = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    body = base64.b64encode(
        der.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).decode()
    return " ".join(f'"{part}"' for part in ("v=DKIM1; k=rsa; p=" + body[:180], body[180:]) if part)


@pytest.mark.parametrize(
    ("record", "fails"),
    [
        ("", True),
        ('"v=DKIM1; p="', True),
        ('"v=DKIM1; p=bm90IGEga2V5"', True),
        (_key(1024), False),
        (_key(2048), False),
    ],
    ids=["none", "revoked", "garbage", "1024", "2048"],
)
async def test_dkim(record: str, fails: bool) -> None:
    outcome = await _mail("LR502", {("pm._domainkey.shop.test", "TXT"): [record]} if record else {}, dkim=("pm",))
    assert outcome.status is (Status.FAIL if fails else Status.PASS)


async def test_dkim_without_a_selector_is_not_checked() -> None:
    outcome = await _mail("LR502", {})
    assert outcome.status is Status.NOT_CHECKED
    assert "dkim" in outcome.give


@pytest.mark.parametrize(
    ("record", "fails"),
    [
        ("", True),
        ('"v=DMARC1; p=none"', True),
        ('"v=DMARC1; p=reject; t=y"', True),
        ('"v=DMARC1; rubbish"', True),
        ('"v=DMARC1; p=quarantine"', False),
        ('"v=DMARC1; p=reject; rua=mailto:d@shop.test"', False),
    ],
    ids=["none", "p=none", "test", "invalid", "quarantine", "reject"],
)
async def test_dmarc(record: str, fails: bool) -> None:
    outcome = await _mail("LR503", {("_dmarc.shop.test", "TXT"): [record]} if record else {})
    assert outcome.status is (Status.FAIL if fails else Status.PASS)


async def test_a_silent_nameserver_is_not_checked_never_a_missing_record() -> None:
    domains = Domains("shop.test", resolver="127.0.0.1:9")
    for check in ("LR501", "LR503"):
        outcome = await _ask(check, domains)
        assert outcome.status is Status.NOT_CHECKED
        assert "did not answer" in outcome.reason


async def test_a_dangling_alias_can_be_taken_over() -> None:
    async with domain(A | {("api.shop.test", "CNAME"): ["shop.gone-host.test."]}) as served:
        outcome = await _ask("LR411", served.described())
        assert [finding.target for finding in outcome.findings] == ["api.shop.test"]
        assert "gone-host.test" in outcome.findings[0].title
    async with domain(A | {("api.shop.test", "CNAME"): ["app.shop.test."]}) as served:
        outcome = await _ask("LR411", served.described())
        assert outcome.status is Status.PASS
        assert any("api.shop.test → app.shop.test → 127.0.0.1" in note for note in outcome.notes)


async def test_a_host_that_is_listed_and_leads_nowhere() -> None:
    async with domain({("shop.test", "A"): ["127.0.0.1"]}) as served:
        outcome = await _ask("LR411", served.described())
    assert [finding.target for finding in outcome.findings] == ["app.shop.test"]


def _sound(folder: Path) -> tuple[ssl.SSLContext, str]:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("shop.test", "app.shop.test").configure_cert(context)
    file = folder / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    return context, str(file)


def _moved(host: str) -> tuple[int, dict[str, str]]:
    return 308, {"Location": f"https://app.shop.test/?from={host}"}


def _app_only(host: str) -> tuple[int, dict[str, str]]:
    return (200, {}) if host == "app.shop.test" else _moved(host)


async def test_a_trusted_certificate_passes(tmp_path: Path) -> None:
    context, ca = _sound(tmp_path)
    async with domain(A, tls=context) as served:
        outcome = await _ask("LR412", served.described(ca_file=ca))
    assert outcome.status is Status.PASS
    assert outcome.examined == 2


async def test_an_expired_self_signed_certificate_is_one_blocker_for_all_hosts(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.expired(tmp_path, ("shop.test", "app.shop.test")))
    async with domain(A, tls=context) as served:
        (finding,) = (await _ask("LR412", served.described())).findings
    assert finding.severity is Severity.BLOCKER
    assert "run out" in finding.title
    assert "shop.test" in finding.title


async def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("other.test").configure_cert(context)
    file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    async with domain(A, tls=context) as served:
        (finding,) = (await _ask("LR412", served.described(ca_file=str(file)))).findings
    assert "not trusted" in finding.title


@pytest.mark.parametrize(
    ("http", "https", "lines"),
    [
        (_moved, _app_only, set()),
        (lambda _host: (200, {}), _app_only, {"EDGE-3"}),
        (_moved, lambda _host: (200, {}), {"EDGE-F1"}),
        (_moved, lambda host: (302, {"Location": f"https://{host}/"}), {"EDGE-F2"}),
        (lambda _host: (301, {"Location": "https://parked.example.org/"}), _app_only, {"EDGE-2"}),
    ],
    ids=["sound", "plain http", "two names", "a circle", "another site"],
)
async def test_redirects(http: Answer, https: Answer, lines: set[str], tmp_path: Path) -> None:
    context, ca = _sound(tmp_path)
    async with domain(A, http, https, context) as served:
        outcome = await _ask("LR413", served.described(ca_file=ca))
    named = {line for finding in outcome.findings for line in finding.roadmap}
    assert named >= lines
    assert bool(named) is bool(lines)


async def test_without_a_canonical_host_nothing_can_win() -> None:
    async with domain(A) as served:
        assert (await _ask("LR413", served.described(canonical=""))).status is Status.NOT_CHECKED


async def test_an_edge_on_a_private_network_is_not_checked() -> None:
    async with domain(A) as served:
        assert (await _ask("LR414", served.described())).status is Status.NOT_CHECKED


async def test_an_edge_that_is_none_of_cloudflares_is_for_a_person() -> None:
    async with domain(A) as served:
        described = replace(served.described(), edge="other")
        outcome = await _ask("LR414", described)
        assert (outcome.status, "another provider" in outcome.reason) == (Status.MANUAL, True)
        async with Edge.open(described, Resolver.open(described.resolver)) as edge:
            host = edge.hosts[0]
            answer, name = await edge.visit("http", host, trust=False), await edge.name(host)
    sure = {told: unseen(host, told, answer, name).confidence for told in ("", "cloudflare", "none")}
    assert sure == {"": Confidence.SUSPECTED, "cloudflare": Confidence.CERTAIN, "none": Confidence.CERTAIN}


async def test_the_given_url_over_tls(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.expired(tmp_path, ("localhost",)))
    async with domain(A, tls=context) as served:
        bad = await ask("LR415", url=f"https://localhost:{served.https}")
    assert bad.findings[0].severity is Severity.BLOCKER
    ca = trustme.CA()
    sound = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(sound)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with domain(A, tls=sound) as served:
        project = Project("shop", "/nonexistent", domains=Domains(ca_file=str(tmp_path / "ca.pem")))
        assert (await ask("LR415", url=f"https://localhost:{served.https}", project=project)).status is Status.PASS
    assert (await ask("LR415", url="http://127.0.0.1:9")).status is Status.NOT_APPLICABLE
