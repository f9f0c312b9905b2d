"""Bearer tokens: JSON Web Tokens signed with HS256, HS384 or HS512 by the standard library, all others by PyJWT (extra ``jwt``).

RFC 7519 and the Best Current Practices of RFC 8725: the algorithm is the policy's choice and never the token's, ``exp`` is required,
issuer and audience are compared when given. A verified token is remembered for a short time, never longer than it lives.
"""

import base64
import binascii
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from launchready_guard.call import Call, Identity

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_LONGEST = 8192
_REMEMBERED = 10_000
_SHORTEST_KEY = 32
Verify = Callable[[str], Mapping[str, Any]]


class TokenError(Exception):
    """A token that proves nothing; the message says why, for the decision log."""


class Bearer:
    """Who calls, by the token in ``Authorization: Bearer`` or in a cookie.

    ``key`` is the secret of HS256 and its like, at least 32 bytes (RFC 7518, section 3.2); for RS256 and its like give ``verify`` of
    :func:`launchready_guard.jwks.keys`. ``role``, ``tenant`` and ``subject`` name the claims, dots lead into tables; a claim may hold one value or a list.
    """

    def __init__(
        self,
        key: str | bytes = b"",
        *,
        verify: Verify | None = None,
        algorithm: str = "HS256",
        subject: str = "sub",
        role: str = "role",
        tenant: str = "tenant",
        issuer: str = "",
        audience: str = "",
        cookie: str = "",
        remember: float = 30.0,
        leeway: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        secret = key.encode() if isinstance(key, str) else key
        if verify is None:
            if algorithm not in _HASHES:
                raise ValueError(f"Bearer: {algorithm!r} needs verify=jwks.keys(…); without it: {', '.join(_HASHES)}")
            if len(secret) < _SHORTEST_KEY:
                raise ValueError(
                    f"Bearer: the key has {len(secret)} bytes, and whoever has a token can guess a short one. Give at least {_SHORTEST_KEY} random bytes."
                )
        self._verify = verify or (lambda token: _verified(token, secret, algorithm))
        self._subject, self._role, self._tenant = subject, role, tenant
        self._issuer, self._audience, self._cookie = issuer, audience, cookie
        self._remember, self._leeway, self._clock = remember, leeway, clock
        self._known: dict[bytes, tuple[float, Identity]] = {}
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> Identity | None:
        """The identity, None when there is no token. Raises :class:`TokenError` when there is one that proves nothing."""
        raw = call.raw.get(b"authorization", b"")
        now = self._clock()
        known = self._known.get(raw)
        if known is not None and now < known[0]:
            return known[1]
        scheme, _, token = raw.decode("latin-1").partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            return self._remembered(raw, self._read(token.strip(), now, cookie=False), now)
        token = call.cookies.get(self._cookie, "") if self._cookie else ""
        if not token:
            return None
        # The same token in a cookie is another matter: a browser brings that along by itself.
        key = b"cookie " + token.encode("latin-1")
        known = self._known.get(key)
        if known is not None and now < known[0]:
            return known[1]
        return self._remembered(key, self._read(token, now, cookie=True), now)

    def _remembered(self, key: bytes, found: tuple[float, Identity], now: float) -> Identity:
        with self._lock:
            if len(self._known) >= _REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[key] = (min(found[0], now + self._remember), found[1])
        return found[1]

    def _read(self, token: str, now: float, *, cookie: bool) -> tuple[float, Identity]:
        """Until when it counts, and who it names."""
        if len(token) > _LONGEST:
            raise TokenError("longer than any token")
        claims = self._verify(token)
        ends = claims.get("exp")
        if isinstance(ends, bool) or not isinstance(ends, int | float):
            raise TokenError("it never ends: no exp claim")
        begins = claims.get("nbf", 0)
        if not now < ends + self._leeway or isinstance(begins, bool) or not isinstance(begins, int | float):
            raise TokenError("it has expired")
        if begins > now + self._leeway:
            raise TokenError("it is not valid yet")
        if self._issuer and claims.get("iss") != self._issuer:
            raise TokenError("another issuer")
        if self._audience and self._audience not in _texts(claims.get("aud")):
            raise TokenError("for another audience")
        subject = _texts(_at(claims, self._subject))
        if len(subject) != 1:
            raise TokenError(f"no {self._subject} claim")
        identity = Identity(
            subject[0],
            frozenset(_texts(_at(claims, self._role))),
            frozenset(_texts(_at(claims, self._tenant))),
            cookie,
            claims,
        )
        return ends + self._leeway, identity


def _verified(token: str, key: bytes, algorithm: str) -> Mapping[str, Any]:
    """The claims of a token signed with this key by this algorithm. Raises :class:`TokenError`."""
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenError("no JSON Web Token")
    try:
        header = json.loads(_decoded(parts[0]))
        signature = _decoded(parts[2])
        expected = hmac.digest(key, f"{parts[0]}.{parts[1]}".encode(), _HASHES[algorithm]().name)
        if not isinstance(header, dict) or header.get("alg") != algorithm or "crit" in header:
            raise TokenError("another algorithm than ours")
        if not hmac.compare_digest(signature, expected):
            raise TokenError("its signature is not ours")
        claims = json.loads(_decoded(parts[1]))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise TokenError("no JSON Web Token") from error
    if not isinstance(claims, dict):
        raise TokenError("it holds no claims")
    return claims


def _decoded(part: str) -> bytes:
    if not part.isascii() or "=" in part:
        raise ValueError("not base64url as RFC 7515 has it")
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _at(claims: Mapping[str, Any], name: str) -> Any:
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _texts(said: Any) -> list[str]:
    """A claim as texts: one value or a list of them. Numbers are ids; truth values and nothing are none."""
    many: Iterable[Any] = said if isinstance(said, list) else [said]
    return [str(one) for one in many if isinstance(one, str | int) and not isinstance(one, bool) and str(one)]
