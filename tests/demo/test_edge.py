"""The names, mail records and certificates of Opsboard, asked for over real DNS and TLS on loopback."""

import ssl
import urllib.error

import pytest
from launchready.demo.server import Running
from launchready.probes.dns import Resolver

from tests.demo.browser import call


def _trusts(demo: Running) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca = demo.source.parent / "ca.pem"
    if ca.exists():
        context.load_verify_locations(ca)
    # The name resolves only in Opsboard's own DNS, so the connection goes to the address and names are not compared here.
    context.check_hostname = False
    return context


def test_the_unsafe_certificate_is_refused(unsafe: Running) -> None:
    with pytest.raises(urllib.error.URLError, match="certificate verify failed"):
        call(f"https://127.0.0.1:{unsafe.ports['https']}/", context=_trusts(unsafe))


def test_the_guarded_certificate_is_accepted_and_other_hosts_are_sent_on(guarded: Running) -> None:
    url = f"https://127.0.0.1:{guarded.ports['https']}/login"
    assert call(url, context=_trusts(guarded), host="app.opsboard.test").status == 200
    sent_on = call(url, context=_trusts(guarded), host="www.opsboard.test")
    assert sent_on.status == 308
    assert sent_on.headers["location"].startswith("https://app.opsboard.test")


@pytest.mark.parametrize(
    ("name", "kind", "faulty"),
    [
        ("opsboard.test", "TXT", "+all"),
        ("_dmarc.opsboard.test", "TXT", None),
        ("pm._domainkey.opsboard.test", "TXT", None),
    ],
)
async def test_mail_records(unsafe: Running, guarded: Running, name: str, kind: str, faulty: str | None) -> None:
    bad = await Resolver.open(f"127.0.0.1:{unsafe.ports['dns']}").ask(name, kind)
    good = await Resolver.open(f"127.0.0.1:{guarded.ports['dns']}").ask(name, kind)
    assert good.status == "answer"
    if faulty is None:
        assert bad.status == "nxdomain"
    else:
        assert faulty in bad.values[0]
        assert faulty not in good.values[0]


async def test_a_name_points_to_a_host_that_is_gone(unsafe: Running, guarded: Running) -> None:
    resolver = Resolver.open(f"127.0.0.1:{unsafe.ports['dns']}")
    assert (await resolver.ask("api.opsboard.test", "CNAME")).status == "answer"
    assert (await resolver.ask("api.opsboard.test", "A")).status == "nxdomain"
    assert (
        await Resolver.open(f"127.0.0.1:{guarded.ports['dns']}").ask("api.opsboard.test", "CNAME")
    ).status == "nxdomain"
