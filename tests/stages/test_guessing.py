"""What is decided without asking anybody: keys of cookies, tokens that can be guessed, and times that differ."""

import hashlib
import random
import secrets
import time
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from launchready.ground.mann_whitney import differ, mann_whitney
from launchready.stages.access.proof.sessions.guessable import is_short, why_guessable
from launchready.stages.access.proof.sessions.key_pairs import sign_by, signer
from launchready.stages.access.proof.sessions.signed_cookies import crack_cookie

# Made by Flask 3.1.3, itsdangerous 2.2.0 as Starlette uses it, Django 5.2, cookie-session 2.1.1 and cookie-parser 1.4.7 with the key "secret".
COOKIES = {
    "Flask": ({"session": "eyJ1c2VyX2lkIjoxfQ.awsWMA.qCRa24rl3JOmXpBnkUih_TJ5gYw"}, {"user_id": 1}),
    "Flask compressed": (
        {"session": ".eJyrViotTi2Kz0xRsjLUUUpOLCpRslJKLCjISR10hFItAACqRUc.awsWMA.tcaoQmT6CP7wS_pYHKoRJpMGrHI"},
        {"user_id": 1, "cart": "apple" * 30},
    ),
    "Starlette": ({"session": "eyJ1c2VyX2lkIjogMX0=.awsWMA.uYcDeBlINu-d42lf50L9-VixJhU"}, {"user_id": 1}),
    "Django": (
        {"session": "eyJfYXV0aF91c2VyX2lkIjoiMSJ9:1xXMgc:MuocseE-mfId3mdEvIFWN7tTHPvai6HWrjaYVh6AqEA"},
        {"_auth_user_id": "1"},
    ),
    "cookie-session": (
        {"session": "eyJ1c2VyIjoxfQ==", "session.sig": "q9SAeVdIb3HCdycBWPDaQ-hZGaw"},
        {"user": 1},
    ),
    "Express": ({"session": "s%3A2.G0bBon7tcv7PLnbyKfn%2F1H0yfj75oTrTD0a9JH4H%2B%2B4"}, "2"),
}


@pytest.mark.parametrize("made_by", COOKIES)
def test_the_key_of_a_signed_cookie_is_found_and_signs_another(made_by: str) -> None:
    cookies, content = COOKIES[made_by]
    found = crack_cookie("session", cookies, ("wrong", "secret"))
    assert found is not None
    assert (found.kind, found.word, found.content) == (made_by.split()[0], "secret", content)
    other = {"user": 2} if isinstance(content, dict) else "3"
    again = crack_cookie("session", found.make(other), ("secret",))
    assert again is not None
    assert again.content == other
    assert crack_cookie("session", cookies, ("wrong",)) is None


@pytest.mark.parametrize("value", ["", "abc", "a.b.c", "a:b:c", "s:a.b", "s:" + "x" * 32 + ".b", "....", ":::", "%00"])
def test_other_cookies_are_left_alone(value: str) -> None:
    assert crack_cookie("session", {"session": value, "session.sig": value}, ("secret", "")) is None


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256"])
def test_a_token_of_a_key_pair_is_signed_anew_by_the_private_key_that_was_found(algorithm: str) -> None:
    pairs: list[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]
    pairs = [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())]
    key = pairs[algorithm == "ES256"]
    pems = [one.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() for one in pairs]
    token = sign_by(key, {"sub": "ann"}, algorithm)
    found = signer(token, ["-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----\n", *pems])
    assert found is not None
    assert signer(sign_by(found, {"sub": "ben"}, algorithm, kid="one"), pems) is not None
    assert signer(token, [pems[algorithm != "ES256"]]) is None
    assert signer("a.b.c", pems) is None


NOW = 1_790_000_000.0
GUESSABLE = {
    "counts up": ["00004711", "00004713"],
    "counts up after a word": ["INV-00004711", "INV-00004712"],
    "counts up in hex": ["66f2a1b0c3d4e5f601234567", "66f2a1b0c3d4e5f601234569"],
    "the time": [f"7-{NOW:.0f}", f"7-{NOW + 1:.0f}"],
    "the time in thousandths": [f"{1000 * NOW:.0f}", f"{1000 * NOW + 800:.0f}"],
    "the address hashed": [hashlib.md5(b"ann@example.com", usedforsecurity=False).hexdigest()] * 2,
    "the time hashed": [hashlib.sha1(f"{NOW + more:.0f}".encode()).hexdigest() for more in (0, 1)],
    "always the same": ["aXv93kfLQw82mfPz"] * 2,
    "UUID of the time": [str(uuid.uuid1()), str(uuid.uuid1())],
}


@pytest.mark.parametrize("how", GUESSABLE)
def test_a_token_that_can_be_guessed(how: str) -> None:
    assert why_guessable(GUESSABLE[how], ["7", "ann@example.com"], [NOW, NOW + 1])


@pytest.mark.parametrize(
    "make",
    [lambda: secrets.token_urlsafe(32), lambda: secrets.token_hex(16), lambda: str(uuid.uuid4()), lambda: secrets.token_hex(10)],
    ids=["url-safe", "hex", "uuid4", "short hex"],
)  # fmt: skip
def test_random_tokens_are_not_said_to_be_guessable(make: object) -> None:
    assert callable(make)
    for _ in range(300):
        tokens = [make(), make(), make()]
        assert why_guessable(tokens, ["7", "ann@example.com"], [time.time()] * 3) == ""
        assert not is_short(tokens)


numbers = st.lists(st.floats(0.001, 2.0), min_size=8, max_size=30)


@given(numbers, numbers)
def test_the_rank_test_counts_the_pairs_in_which_one_is_larger(left: list[float], right: list[float]) -> None:
    p, share = mann_whitney(left, right)
    wins = sum((a > b) + 0.5 * (a == b) for a in left for b in right)
    assert share == pytest.approx(wins / (len(left) * len(right)))
    assert 0 <= p <= 1
    assert p == pytest.approx(mann_whitney(right, left)[0])


@settings(max_examples=400)
@given(st.integers())
def test_noise_is_no_difference(seed: int) -> None:
    # A server that is busy now and then: most answers alike, some ten times as long.
    noise = random.Random(seed)
    groups = [
        [0.02 * noise.lognormvariate(0, 0.6) * (10 if noise.random() < 0.1 else 1) for _ in range(15)] for _ in range(3)
    ]
    assert not differ(*groups)


@given(st.integers())
def test_a_hash_that_is_only_made_for_known_accounts_shows(seed: int) -> None:
    noise = random.Random(seed)
    known, *unknown = ([base * noise.lognormvariate(0, 0.15) for _ in range(15)] for base in (0.25, 0.01, 0.01))
    assert differ(known, *unknown)
