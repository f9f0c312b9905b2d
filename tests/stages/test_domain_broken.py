"""Domains that are half broken: what nobody answered is not checked, and never a fault of the app."""

import socket
import threading
from pathlib import Path

import pytest
from launchready.model.check import Outcome
from launchready.model.project import Domains, Ports, Project
from launchready.model.words import Status
from launchready.probes.dns import Resolver

from tests.support.ask import ask
from tests.support.dns_server import Zone, serve_dns

HOSTS: Zone = {("shop.test", "A"): ["127.0.0.1"], ("www.shop.test", "A"): ["127.0.0.1"]}


async def _ask(check: str, domains: Domains) -> Outcome:
    return await ask(check, project=Project("shop", "/nonexistent", domains=domains))


@pytest.mark.parametrize(
    "resolver", ["localhost", "127.0.0.1:abc", "127.0.0.1:99999", "[::1", "::1]:53", "dns.shop.test:53"]
)
async def test_a_resolver_that_is_no_address_is_said(resolver: str) -> None:
    outcome = await _ask("LR411", Domains("shop.test", resolver=resolver))
    assert outcome.status is Status.NOT_CHECKED
    assert resolver in outcome.reason
    assert "resolver" in outcome.give


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("::1", ("::1", 53)),
        ("[::1]:5353", ("::1", 5353)),
    ],
)
def test_resolver_addresses(given: str, address: tuple[str, int]) -> None:
    assert Resolver.open(given).address == address


@pytest.mark.parametrize("content", [None, b"no certificate", bytes(range(256))], ids=["missing", "text", "binary"])
async def test_a_trust_anchor_that_cannot_be_used_is_said(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    outcome = await _ask("LR412", Domains("shop.test", resolver="127.0.0.1:9", ca_file=str(file)))
    assert outcome.status is Status.NOT_CHECKED
    assert "ca.pem" in outcome.reason


async def test_an_alias_whose_target_nobody_answers_for_is_not_a_takeover() -> None:
    zone: Zone = {**HOSTS, ("api.shop.test", "CNAME"): ["api.host.test."]}
    async with serve_dns(zone, broken=["api.host.test"]) as nameserver:
        outcome = await _ask("LR411", Domains("shop.test", resolver=nameserver))
    assert not outcome.findings
    assert [gap.target for gap in outcome.gaps] == ["api.shop.test"]


async def test_an_alias_to_a_name_without_address_leads_nowhere_but_cannot_be_taken() -> None:
    zone: Zone = {**HOSTS, ("api.shop.test", "CNAME"): ["api.host.test."], ("api.host.test", "TXT"): ['"here"']}
    async with serve_dns(zone) as nameserver:
        (finding,) = (await _ask("LR411", Domains("shop.test", resolver=nameserver))).findings
    assert finding.target == "api.shop.test"
    assert "take over" not in finding.title


async def test_a_root_without_address_is_found_although_only_other_hosts_are_listed() -> None:
    zone: Zone = {("app.shop.test", "A"): ["127.0.0.1"], ("shop.test", "TXT"): ['"x"']}
    async with serve_dns(zone) as nameserver:
        domains = Domains("shop.test", "app.shop.test", ("app.shop.test",), resolver=nameserver)
        (finding,) = (await _ask("LR411", domains)).findings
    assert finding.target == "shop.test"
    assert "launchready.toml lists" not in finding.detail


async def test_long_answers_come_over_tcp() -> None:
    text = " ".join(f'"{"x" * 200}{number}"' for number in range(8))
    async with serve_dns({("shop.test", "TXT"): [text]}) as nameserver:
        answer = await Resolver.open(nameserver).ask("shop.test", "TXT")
    assert len(answer.values[0]) > 1600


class _Broken:
    """A listener that breaks off: after ``whole`` handshakes it closes every connection at once."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


async def test_a_port_that_does_not_speak_tls_is_not_checked() -> None:
    broken = _Broken()
    try:
        async with serve_dns(HOSTS) as nameserver:
            outcome = await _ask("LR412", Domains("shop.test", resolver=nameserver, ports=Ports(https=broken.port)))
    finally:
        broken.close()
    assert outcome.status is Status.NOT_CHECKED
    assert "TLS" in outcome.gaps[0].reason
