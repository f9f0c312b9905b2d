"""Sessions and tokens of a caller of ours: forged, replayed after sign-out, and what sign-in tells about who has an account."""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Kind
from launchready.probes.callers.bodies import as_form, build, fields_of, is_form, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.tokens import claims, tokens_in
from launchready.probes.callers.values import person
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.ground import Ground, shown
from launchready.stages.access.proof.result import Alarm, Harm
from launchready.stages.access.proof.seen import Seen, alone

_DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_ROUNDS = 3
_LOGOUT = re.compile(r"/(?:log-?out|sign-?out|logoff)/?$", re.I)
WORDS = (
    "secret", "password", "changeme", "change-me", "change_me", "supersecret", "super-secret", "super_secret", "secretkey", "secret-key",
    "secret_key", "mysecret", "my-secret", "my_secret", "mysecretkey", "my-secret-key", "your-secret-key", "your_secret_key", "yoursecretkey",
    "your-256-bit-secret", "jwt", "jwtsecret", "jwt-secret", "jwt_secret", "jwt_secret_key", "key", "test", "testing", "dev", "development",
    "admin", "12345", "123456", "12345678", "qwerty", "token", "default", "example", "random", "keyboard cat", "s3cr3t", "shhhhh", "private",
    "django-insecure", "flask", "app", "hello", "letmein", "root", "a", "", "null", "undefined", "none", "secret123", "password123",
)  # fmt: skip


async def prove_sessions(ground: Ground, words: Sequence[str]) -> None:
    """Try each caller's kind of session once; ``words`` are guesses for the signing key beside the usual ones."""
    if not ground.callers or not ground.accounts.doors.paths:
        return
    caller = ground.callers[-1]
    await ground.stage("tokens", lambda: _tokens(ground, caller, (*WORDS, *words)))
    await ground.step("signing out", lambda: _sign_out(ground, caller))
    await ground.step("who has an account", lambda: _enumeration(ground, caller))


async def _tokens(ground: Ground, caller: Caller, words: Sequence[str]) -> None:
    for name, value in caller.headers.items():
        token = value.split()[-1]
        if not claims(token):
            continue
        head = _part(token, 0)
        if (word := crack(token, words)) is not None:
            await _forge(ground, caller, name, value, token, word)
        for what, made in _tampered(token).items():
            exchange = await _try(ground, caller, {name: value.replace(token, made)})
            if exchange is not None:
                said = f"Anyone can sign in as anyone: a token {what} is accepted"
                ground.alarm(
                    Alarm(
                        Harm.TOKEN,
                        "site",
                        said,
                        f"The token of {caller.name}, {what}, still opens {exchange.path}.",
                        shown((f"a token {what}", exchange)),
                        key=what,
                    )
                )
                break
        if "exp" not in claims(token):
            door = await ground.accounts.doors.open_to(caller)
            if door is not None:
                said = "A sign-in token that is lost once works for ever: it never expires"
                ground.alarm(
                    Alarm(
                        Harm.SESSION,
                        "site",
                        said,
                        f"The token ({head.get('alg', '?')}) has no exp claim (RFC 7519, section 4.1.4).",
                        shown(("accepted, and good for ever", door)),
                        Confidence.CERTAIN,
                        "no expiry",
                    )
                )


async def _forge(ground: Ground, caller: Caller, name: str, value: str, token: str, word: str) -> None:
    """Sign the caller's own claims anew with the guessed key: a right key is only proven by a door that opens."""
    made = sign({**claims(token), "lr": secrets.token_hex(4)}, word, str(_part(token, 0).get("alg", "HS256")))
    exchange = await _try(ground, caller, {name: value.replace(token, made)})
    if exchange is not None:
        shape = "an empty text" if not word else f"a word of {len(word)} letters"
        ground.alarm(
            Alarm(
                Harm.TOKEN,
                "site",
                "Anyone can sign in as anyone: the key that signs tokens was guessed",
                f"It is {shape} out of a list of common ones and of what stands in the source; a token signed with it opens {exchange.path}.",
                shown(("a token we signed", exchange)),
                key="weak key",
            )
        )


async def _try(ground: Ground, caller: Caller, headers: dict[str, str]) -> Exchange | None:
    """The first door that opens to these headers and to nothing else."""
    forged = Caller(f"{caller.name}-forged", caller.site, headers=headers)
    for path in ground.accounts.doors.paths[:3]:
        exchange = await ground.call(forged, "GET", path)
        if alone(exchange) is Seen.ALLOWED:
            return exchange
    return None


async def _sign_out(ground: Ground, caller: Caller) -> None:
    routes = [
        e
        for e in ground.endpoints
        if _LOGOUT.search(e.path) and e.method in ("POST", "GET", "DELETE") and "{" not in e.path
    ]
    if not routes or caller.person is None:
        return
    once = Caller(f"{caller.name}-signing-out", caller.site, caller.person, caller.role)
    if not await ground.accounts.sign_in(once):
        return
    kept = replace(once, name=f"{caller.name}-signed-out", headers=dict(once.headers), cookies=dict(once.cookies))
    route = sorted(routes, key=lambda e: e.method != "POST")[0]
    done = await ground.call(once, route.method, route.path)
    if done.error or done.status in (401, 403, 404, 405) or done.status >= 500:
        ground.gap(route.name, f"signing out answered {done.status}", "", Harm.SESSION)
        return
    door = await ground.accounts.doors.open_to(kept)
    if door is not None:
        said = "Signing out leaves the session valid: whoever has a copy of it stays in"
        ground.alarm(
            Alarm(
                Harm.SESSION,
                route.name,
                said,
                "The session was used again after signing out, and opened the same door.",
                shown(("signs out", done), ("uses the old session", door)),
                key="sign out",
            )
        )


async def _enumeration(ground: Ground, caller: Caller) -> None:
    """Ask with a known and an unknown address; what differs tells who has an account (CWE-204)."""
    if caller.person is None:
        return
    nobody = person(ground.random("nobody"), "z")
    for endpoint in ground.endpoints:
        kinds = {Kind.LOGIN, Kind.PASSWORD_RESET}.intersection(endpoint.kind)
        if endpoint.method != "POST" or not kinds or "{" in endpoint.path or endpoint.hosted:
            continue
        wrong = replace(caller.person, password=nobody.password)
        known = await _ask(ground, endpoint, wrong)
        unknown = await _ask(ground, endpoint, nobody)
        if (
            known is None
            or unknown is None
            or 429 in (known.status, unknown.status)
            or known.status >= 500
            or unknown.status >= 500
        ):
            continue
        if Kind.LOGIN in kinds and known.ok and not says_error(known) and not unknown.ok and tokens_in(known):
            said = f"Anyone can sign in as anyone: {endpoint.name} says yes to a wrong password"
            entered = await _enters(ground, caller, known)
            confidence = Confidence.PROVEN if entered else Confidence.SUSPECTED
            ground.alarm(
                Alarm(
                    Harm.TOKEN,
                    endpoint.name,
                    said,
                    "The address of an account of ours, with another password.",
                    shown(("a wrong password", known), ("no account", unknown)),
                    confidence,
                    "wrong password",
                )
            )
        if (known.status, _plain(known, wrong)) != (unknown.status, _plain(unknown, nobody)):
            said = f"Anyone can find out who has an account: {endpoint.name} answers differently"
            ground.alarm(
                Alarm(
                    Harm.ENUMERATION,
                    endpoint.name,
                    said,
                    "The same request with an address that has an account, and with one that has none.",
                    shown(("has an account", known), ("has none", unknown)),
                )
            )


async def _enters(ground: Ground, caller: Caller, answer: Exchange) -> bool:
    """Whether a token of the answer opens a door."""
    for token in tokens_in(answer)[:2]:
        if await ground.accounts.doors.try_token(Caller(f"{caller.name}-wrong-password", caller.site), token):
            return True
    return False


async def _ask(ground: Ground, endpoint: Endpoint, someone: Person) -> Exchange | None:
    body = build(endpoint, someone)
    if not any(value in (someone.email, someone.username) for value in body.values()) and not any(
        re.search("user|email|login|account", field.name, re.I) for field in fields_of(endpoint)
    ):
        if fields_of(endpoint):
            return None
        body = {"email": someone.email, "password": someone.password}
    stranger = Caller("a stranger", ground.guest.site)
    form = is_form(endpoint)
    exchange = Exchange(endpoint.method, "", endpoint.path)
    for _ in range(_ROUNDS):
        exchange = await ground.call(
            stranger, "POST", endpoint.path, **({"form": as_form(body)} if form else {"json": body})
        )
        mended = mend(body, exchange, someone) if exchange.status in (400, 422) else None
        if mended is None:
            break
        body = mended
    return exchange


def _plain(exchange: Exchange, someone: Person) -> str:
    """The text without what is different every time: who was asked for, numbers and long random strings."""
    text = exchange.text[:2000]
    for value in (someone.email, someone.username, someone.marker):
        text = text.replace(value, "@")
    return re.sub(r"[\w+/=-]{16,}|\d+", "#", text) + exchange.header("location")


def crack(token: str, words: Sequence[str]) -> str | None:
    """The word that signed an HMAC token (RFC 7518, section 3.2), or None."""
    signed, _, signature = token.rpartition(".")
    digest = _DIGESTS.get(str(_part(token, 0).get("alg")))
    if digest is None or not signature:
        return None
    wanted = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    for word in dict.fromkeys(words):
        if hmac.new(word.encode(), signed.encode(), digest).digest() == wanted:
            return word
    return None


def sign(payload: dict[str, Any], word: str, algorithm: str) -> str:
    """A JWT of ``payload`` signed by HMAC with ``word``."""
    signed = f"{_encode({'alg': algorithm, 'typ': 'JWT'})}.{_encode(payload)}"
    made = hmac.new(word.encode(), signed.encode(), _DIGESTS.get(algorithm, hashlib.sha256)).digest()
    return f"{signed}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def _tampered(token: str) -> dict[str, str]:
    _, body, signature = token.split(".")
    flipped = ("A" if signature[:1] != "A" else "B") + signature[1:]
    return {
        "without a signature (alg none)": f"{_encode({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "with a signature that is wrong": f"{token.split('.')[0]}.{body}.{flipped}",
        "signed with a key of our own": sign(claims(token), secrets.token_hex(16), "HS256"),
    }


def _part(token: str, index: int) -> dict[str, Any]:
    part = token.split(".")[index]
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _encode(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")
