"""Sessions nobody issued: tokens changed or signed anew, and cookies signed with a key that was guessed."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import telling
from launchready.ground.sending import together
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import claims, parsed
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.sessions.carried import Carried, carried, jwts, opened_by, unwatched
from launchready.stages.access.proof.sessions.jwts import confused, crack, from_pem, head, public_keys, sign, tampered
from launchready.stages.access.proof.sessions.key_pairs import sign_by, signer
from launchready.stages.access.proof.sessions.signed_cookies import crack_cookie
from launchready.stages.access.proof.sessions.unsigned import prove_unsigned

_KEY_SETS = ("/.well-known/jwks.json", "/jwks.json", "/.well-known/openid-configuration/jwks", "/oauth/jwks", "/api/jwks", "/auth/jwks")  # fmt: skip
_KEY_NAMES = re.compile(r"jwks|public[-_]?key|/certs?/?$|\.pem$", re.I)
_PEM = re.compile(r"-----BEGIN (?:RSA )?(?:PUBLIC KEY|CERTIFICATE)-----.+?-----END [A-Z ]+-----\n?", re.S)
_CONFUSED_AT_MOST = 12
_WAIT = 20.0
_FOREVER = 20 * 365 * 86_400.0
_ANYONE = "Anyone can sign in as anyone"
WORDS = (
    "secret", "password", "changeme", "change-me", "change_me", "changethis", "change-this", "supersecret", "super-secret", "super_secret", "secretkey", "secret-key",
    "secret_key", "mysecret", "my-secret", "my_secret", "mysecretkey", "my-secret-key", "your-secret-key", "your_secret_key", "yoursecretkey",
    "your-256-bit-secret", "jwt", "jwtsecret", "jwt-secret", "jwt_secret", "jwt_secret_key", "key", "test", "testing", "dev", "development",
    "admin", "12345", "123456", "12345678", "qwerty", "token", "default", "example", "random", "keyboard cat", "s3cr3t", "shhhhh", "private",
    "django-insecure", "flask", "app", "hello", "letmein", "root", "a", "", "null", "undefined", "none", "secret123", "password123",
)  # fmt: skip


async def prove_forging(ground: Ground, caller: Caller, words: Sequence[str]) -> None:
    """Try what a stranger could do with a token of their own making; ``words`` are guesses for the key beside the usual ones."""
    if await _anything(ground, caller):
        return
    guesses = tuple(word for word in (*WORDS, *words) if "-----BEGIN" not in word)
    for part in jwts(caller):
        if await _issued(ground, caller, part):
            ground.count(Harm.TOKEN)
            ground.count(Harm.SESSION)
            await _tampered(ground, caller, part)
            await _confused(ground, caller, part, [word for word in words if "-----BEGIN" in word])
            await _guessed(ground, caller, part, guesses)
            await _held(ground, caller, part, [word for word in words if "PRIVATE KEY-----" in word])
            await _ends(ground, caller, part)
    for part in carried(caller):
        if not claims(part.token) and await _issued(ground, caller, part):
            await prove_unsigned(ground, caller, part)
        if part.cookie and not claims(part.token):
            await _signed_cookie(ground, caller, part, guesses)


async def _anything(ground: Ground, caller: Caller) -> bool:
    """Whether a door that is shut to who brings nothing opens to whatever stands in the session's place."""
    if await opened_by(ground, Caller("nobody", caller.site)) is not None:
        return False
    for part in carried(caller):
        tokens = (part.token, f"lr-{secrets.token_hex(12)}", f"lr-{secrets.token_hex(12)}")
        real, first, second = await together([partial(opened_by, ground, part.alone(caller, one)) for one in tokens])
        if real is None or first is None or second is None or not (_alike(real, first) and _alike(real, second)):
            continue
        what = f"the {'cookie' if part.cookie else 'header'} {part.name}"
        ground.count(Harm.TOKEN)
        said = f"{first.path} is shut to who has no {part.name}, and opens to any text in it: nobody looks whether it was given out."
        _alarm(
            ground,
            f"Anyone can sign in: whatever stands in {what} is taken",
            said,
            ("a session that nobody gave out", first),
            f"anything {part.name}",
        )
        return True
    return False


def _alike(real: Exchange, made_up: Exchange) -> bool:
    """Whether a made-up session is told what the real one is: a page that says the session has ended opens to nobody."""
    said = telling(real)
    return real.path == made_up.path and 2 * len(said & telling(made_up)) >= len(said)


async def _issued(ground: Ground, caller: Caller, part: Carried) -> bool:
    """Whether this part alone decides: the door opens to it, and to nonsense in its place it does not."""
    tokens = (part.token, f"lr-{secrets.token_hex(12)}")
    real, nonsense = await together([partial(opened_by, ground, part.alone(caller, token)) for token in tokens])
    return real is not None and nonsense is None


async def _tampered(ground: Ground, caller: Caller, part: Carried) -> None:
    made = tampered(part.token)
    opened = await together([partial(opened_by, ground, part.alone(caller, token)) for token in made.values()])
    for what, exchange in zip(made, opened, strict=True):
        if exchange is not None:
            said = f"The token of {caller.name}, {what}, still opens {exchange.path}."
            _alarm(ground, f"{_ANYONE}: a token {what} is accepted", said, (f"a token {what}", exchange), what)
            return


async def _confused(ground: Ground, caller: Caller, part: Carried, given: Sequence[str]) -> None:
    """The public key of an asymmetric token, used as the secret of a symmetric one."""
    if str(head(part.token).get("alg", ""))[:2] not in ("RS", "PS", "ES"):
        return
    keys = [form for pem in given for form in from_pem(pem)] + await _published(ground)
    if not keys:
        ground.gap(
            "public key",
            "tokens are signed by a key pair whose public half was found neither at the app nor in the source, so the two could not be confused",
            "the public key in PEM, in the source",
            Harm.TOKEN,
        )
        return
    for made in list(confused(part.token, list(dict.fromkeys(keys))))[:_CONFUSED_AT_MOST]:
        exchange = await opened_by(ground, part.alone(caller, made))
        if exchange is not None:
            title = f"{_ANYONE}: the public key, which everybody has, signs tokens too"
            said = f"A token signed by HMAC with the bytes of the public key opens {exchange.path}: the algorithm is taken from the token."
            _alarm(ground, title, said, ("a token signed with the public key", exchange), "key confusion")
            return


async def _published(ground: Ground) -> list[str]:
    named = [e.path for e in ground.endpoints if e.method == "GET" and "{" not in e.path and _KEY_NAMES.search(e.path)]
    found: list[str] = []
    for path in dict.fromkeys((*named, *_KEY_SETS)):
        exchange = await unwatched(ground, Caller("a stranger", ground.guest.site), "GET", path)
        if not exchange.ok:
            continue
        found += public_keys(parsed(exchange))
        for pem in _PEM.findall(exchange.text.replace("\\n", "\n")):
            found += from_pem(pem)
    return found


async def _guessed(ground: Ground, caller: Caller, part: Carried, words: Sequence[str]) -> None:
    """Sign claims anew with the guessed key: a right key is only proven by a door that opens."""
    word = await asyncio.to_thread(crack, part.token, words)
    if word is not None:
        algorithm = str(head(part.token).get("alg", "HS256"))
        title = f"{_ANYONE}: the key that signs tokens was guessed"
        await _signed_anew(ground, caller, part, partial(sign, key=word, algorithm=algorithm), title, _origin(word))


async def _held(ground: Ground, caller: Caller, part: Carried, pems: Sequence[str]) -> None:
    """Sign claims anew with a private key that lies beside the code."""
    key = await asyncio.to_thread(signer, part.token, pems)
    if key is not None:
        algorithm = str(head(part.token)["alg"])
        title = f"{_ANYONE}: the private key that signs tokens stands in the source"
        held = "in a file of the source, and whoever has a copy of that has the key"
        await _signed_anew(ground, caller, part, partial(sign_by, key, algorithm=algorithm), title, held)


async def _signed_anew(
    ground: Ground, caller: Caller, part: Carried, signs: Callable[..., str], title: str, origin: str
) -> None:
    """Whether tokens that ``signs`` makes are taken: one that says who the caller is, one of somebody else, and one whose time is over."""
    kid = head(part.token).get("kid")
    extra = {"kid": kid} if kid else {}

    async def as_one_who_says(said: dict[str, Any]) -> Exchange | None:
        made = signs(payload={**said, "lr": secrets.token_hex(4)}, **extra)
        return await opened_by(ground, part.alone(caller, made))

    other = next((one for one in ground.callers if one is not caller and one.person and jwts(one)), None)
    sayings = [claims(part.token), *([claims(jwts(other)[0].token)] if other is not None else [])]
    exchange, *as_others = await together([partial(as_one_who_says, said) for said in sayings])
    if exchange is None:
        return
    proof = [("a token we signed", exchange)]
    also = ""
    if other is not None and other.person is not None:
        as_other = as_others[0]
        if as_other is not None and other.person.marker.lower() in as_other.text.lower():
            proof.append((f"a token we signed that says it is {other.name}", as_other))
            also = f" One that says it is {other.name} is answered as {other.name}."
    said = f"It is {origin}; a token signed with it opens {exchange.path}.{also}"
    ground.alarm(Alarm(Harm.TOKEN, "site", title, said, shown(*proof), key="weak key"))
    if "exp" not in claims(part.token):
        return
    past = await as_one_who_says({**claims(part.token), "iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600})
    if past is not None:
        _runs_on(ground, ("a token that ran out an hour ago", past))


async def _ends(ground: Ground, caller: Caller, part: Carried) -> None:
    """Whether the token has an end, and whether the app keeps to it where that can be waited for."""
    end = claims(part.token).get("exp")
    if not isinstance(end, int | float) or end - time.time() > _FOREVER:
        door = await opened_by(ground, part.alone(caller, part.token))
        if door is not None:
            ground.alarm(
                Alarm(
                    Harm.SESSION,
                    "site",
                    "A sign-in token that is lost once works for ever: it never expires",
                    f"The token ({head(part.token).get('alg', '?')}) {'has no exp claim' if end is None else f'ends at {end}, many years from now'} "
                    "(RFC 7519, section 4.1.4: seconds since 1970).",
                    shown(("accepted, and good for ever", door)),
                    Confidence.CERTAIN,
                    "no expiry",
                )
            )
        return
    left = end - time.time()
    if left > min(_WAIT, ground.until - time.monotonic() - _WAIT):
        ground.gap(
            "expired token",
            f"a token of this app lives {_long(left)}, which is longer than a run waits: one that ran out was not tried",
            "a test of your own that an expired token gets 401",
            Harm.SESSION,
        )
        return
    # A minute of tolerance for clocks that differ is common, and no fault.
    await asyncio.sleep(max(left, 0) + 2)
    door = await opened_by(ground, part.alone(caller, part.token))
    if door is not None:
        await asyncio.sleep(max(0.0, min(60.0, ground.until - time.monotonic() - _WAIT)))
        door = await opened_by(ground, part.alone(caller, part.token))
    if door is not None:
        _runs_on(ground, ("a token whose time was over", door))


async def _signed_cookie(ground: Ground, caller: Caller, part: Carried, words: Sequence[str]) -> None:
    ground.count(Harm.TOKEN)
    signed = await asyncio.to_thread(crack_cookie, part.name, dict(caller.cookies), words)
    if signed is None:
        return
    said = signed.content
    if isinstance(said, dict):
        said = {**said, "lr": secrets.token_hex(4)}
    else:
        # A bare value can only be another caller's: the same one would prove nothing.
        other = next((one for one in ground.callers if one is not caller and one.person), None)
        theirs = crack_cookie(part.name, dict(other.cookies), (signed.word,)) if other else None
        if theirs is None or theirs.content == said:
            return
        said = theirs.content
    beside = {name: value for name, value in caller.cookies.items() if name.split(".")[0] != part.name}
    if await opened_by(ground, Caller(f"{caller.name}-forged", caller.site, cookies=dict(beside))) is not None:
        return
    made = Caller(f"{caller.name}-forged", caller.site, cookies=beside | signed.make(said))
    exchange = await opened_by(ground, made)
    if exchange is None:
        return
    title = f"{_ANYONE}: the key that signs the session cookie was guessed"
    told = (
        f"The cookie {part.name} ({signed.kind}) holds the session under a signature. Its key is {_origin(signed.word)}; "
        f"a cookie of our own making opens {exchange.path}."
    )
    _alarm(ground, title, told, ("a cookie we signed", exchange), f"weak cookie key {part.name}")


def _origin(word: str) -> str:
    """Where a key was found, for whoever has to replace it; the key itself is told to nobody."""
    if not word:
        return "an empty text"
    return f"a word of {len(word)} letters " + (
        "that everybody tries first" if word in WORDS else "that stands in the source"
    )


def _runs_on(ground: Ground, proof: tuple[str, Exchange]) -> None:
    ground.alarm(
        Alarm(
            Harm.SESSION,
            "site",
            "A sign-in token that is lost once works for ever: the time at which it ends is not looked at",
            "Its exp claim lies in the past, and it still opens a door (RFC 7519, section 4.1.4).",
            shown(proof),
            key="expired",
        )
    )


def _alarm(ground: Ground, title: str, detail: str, proof: tuple[str, Exchange], key: str) -> None:
    ground.alarm(Alarm(Harm.TOKEN, "site", title, detail, shown(proof), key=key))


def _long(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
