"""The redactor: what must never reach a log, a report or a store, and what must stay readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from launchready_guard.redact import find, luhn, redact

_JWT = ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NSJ9", "c2lnbmF0dXJl"))


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (f"Authorization: Bearer {_JWT}", _JWT),
        ('{"password": "hunter2-hunter2"}', "hunter2-hunter2"),
        ("login user=dana pwd=correct-horse", "correct-horse"),
        ("GET /reset?token=9f8e7d6c5b4a39281706", "9f8e7d6c5b4a39281706"),
        ("db postgres://app:s3cr3t-pass@db:5432/app", "s3cr3t-pass"),
        ("Cookie: session=0123456789abcdef; theme=dark", "0123456789abcdef"),
        ("row {'password_hash': 'scrypt:0123456789'}", "scrypt:0123456789"),
        ("hash $2b$12$" + "abcdefghijklmnopqrstuv0123456789ABCDEFGHIJKLMNOPQRSTU", "abcdefghij"),
        ("hash pbkdf2_sha256$100000$cf76056c97fbdd52a142$6c6dfa21ec85", "cf76056c97fbdd52a142"),
        ("hash $argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaGhhc2hoYXNo", "aGFzaGhhc2hoYXNo"),
        ("paid with 4242 4242 4242 4242", "4242 4242 4242 4242"),
        ("paid with 5555-5555-5555-4444 12/31", "5555-5555-5555-4444"),
        ("paid with 3782 822463 10005", "3782 822463 10005"),
        ("paid with 30569309025904", "30569309025904"),
        ("key " + "sk" + "_live_" + "a1B2" * 6, "a1B2" * 6),
    ],
)
def test_a_secret_is_masked_and_the_rest_stays(line: str, secret: str) -> None:
    masked = redact(line)
    assert secret not in masked
    assert masked.split()[0] == line.split()[0] or line.startswith("{")


@pytest.mark.parametrize(
    "name",
    [
        "password", "PASSWD", "passphrase", "pwd", "passwordHash", "secret", "token", "api_key", "apikey", "ACCESS-KEY", "private_key",
        "auth_key", "session", "session_id", "sid", "csrf", "csrf_token", "credential", "client_secret", "signing_key", "service_role_key",
        # Letters that are the same whatever their case (Unicode, CaseFolding.txt).
        "pa\u017f\u017fword", "to\u212aen",
    ],
)  # fmt: skip
def test_every_name_of_a_secret_is_known_by_itself(name: str) -> None:
    assert "hunter-two" not in redact(f"{name}: hunter-two")


@pytest.mark.parametrize(
    "line",
    [
        "order 4242424242424241 has 3 items",
        'at <path d="M248 8C111 8 0 119 0 256s111 248 248 248 248-111 248-248S385 8 248 8z"/>',
        "at 2100000000000005 nanoseconds, event 6000000000000007",
        "GET /members/41 200 12ms",
        "password must have 12 characters",
        'token: null, password: "${DB_PASSWORD}"',
        "commit 0123456789abcdef0123456789abcdef01234567",
    ],
)
def test_what_is_no_secret_stays_readable(line: str) -> None:
    assert redact(line) == line


def test_addresses_are_masked_when_asked_for() -> None:
    line = "invited dana@example.com"
    assert redact(line) == line
    assert "dana@example.com" not in redact(line, emails=True)


@pytest.mark.parametrize("line", ["call +49 30 5550101 now", "{'phone': '030 5550101'}", "Bob,+1-202-555-0143,member"])
def test_phone_numbers_are_masked_when_asked_for(line: str) -> None:
    assert redact(line) == line
    masked = redact(line, phones=True)
    assert "555" not in masked
    assert masked[:3] == line[:3]


@pytest.mark.parametrize("line", ["took +12 ms", "order 2026-11-28 10:30", "phone numbers: 3", "at +2026-11-28T10:30"])
def test_what_is_no_phone_number_stays_readable(line: str) -> None:
    assert redact(line, phones=True) == line


def test_a_card_number_needs_its_checksum() -> None:
    assert luhn("4242424242424242")
    assert not luhn("4242424242424241")


PIECES = [
    "password",
    "token=",
    "Bearer ",
    "cookie: a=",
    "-----BEGIN PRIVATE KEY-----",
    "://u:",
    "@",
    "0" * 16,
    "***",
    "4242 4242 4242 4242",
    "\n",
]


@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from([*PIECES, *"ab:=;'\" "]), max_size=40).map("".join)))
def test_any_text_is_masked_once_and_for_all(text: str) -> None:
    once = redact(text, emails=True)
    assert redact(once, emails=True) == once
    assert all(0 <= leak.start < leak.end <= len(text) for leak in find(text, emails=True))


def test_a_package_and_its_version_is_no_address_of_a_person() -> None:
    line = "> web@0.1.0 build for ann@example.com and next@15.2.4"
    assert [line[leak.start : leak.end] for leak in find(line, emails=True)] == ["ann@example.com"]
