"""What a report shows of what an app said."""

import pytest
from launchready.model.evidence import Evidence

ANSWER = '> GET /members/1\n< 200\n{"email": "dana@example.com", "phone": "+49 30 5550101", "password_hash": "scrypt:0011223344"}'


@pytest.mark.parametrize("kind", ["exchange", "log"])
def test_what_an_app_says_of_people_is_masked(kind: str) -> None:
    shown = Evidence(kind, "answered dana@example.com", ANSWER)
    assert shown.excerpt.startswith("> GET /members/1\n< 200\n")
    for value in ("dana@example.com", "5550101", "0011223344"):
        assert value not in shown.what + shown.excerpt
    assert all(name in shown.excerpt for name in ("email", "phone", "password_hash"))


def test_what_an_owner_published_stays_readable() -> None:
    record = "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
    assert Evidence("dns", "_dmarc.example.com", record).excerpt == record
