"""Sessions in signed cookies, as Starlette and Flask write them with itsdangerous: read without it.

The formats are those of itsdangerous 2 (documentation, "Signing Interface" and "Timestamp"): ``payload.time.signature``, HMAC-SHA1 under a key
derived from the app's secret and a salt. SHA-1 is what these frameworks sign with; no collision helps against an HMAC (RFC 6151, RFC 6234).
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from launchready_guard.call import Call, Identity
from launchready_guard.tokens import TokenError

_LARGEST = 65_536


class Session:
    """Who calls, by a session the app keeps in a signed cookie.

    ``style`` is ``starlette`` or ``flask``; ``identity`` makes the identity of the session's table, None for one that nobody signed in to.
    ``seconds`` is how long a cookie counts. Raises :class:`TokenError` for a cookie that is there and is not ours: see :meth:`__call__`.
    """

    def __init__(
        self,
        key: str,
        identity: Callable[[Mapping[str, Any]], Identity | None],
        *,
        style: str = "starlette",
        cookie: str = "session",
        seconds: int = 14 * 86_400,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if style not in ("starlette", "flask"):
            raise ValueError(f"Session: style is {style!r}; it is 'starlette' or 'flask'")
        if not key:
            raise ValueError("Session: the key is empty; give the secret key of the app")
        self._flask, self._cookie, self._seconds, self._clock = style == "flask", cookie, seconds, clock
        self._identity = identity
        if self._flask:
            self._key = hmac.digest(key.encode(), b"cookie-session", "sha1")
        else:
            self._key = hashlib.sha1(b"itsdangerous.Signer" + b"signer" + key.encode()).digest()

    def __call__(self, call: Call) -> Identity | None:
        """The identity; None without a cookie. Raises :class:`TokenError`."""
        value = call.cookies.get(self._cookie, "")
        if not value:
            return None
        signed, _, signature = value.rpartition(".")
        payload, _, stamp = signed.rpartition(".")
        try:
            if not hmac.compare_digest(_decoded(signature), hmac.digest(self._key, signed.encode(), "sha1")):
                raise TokenError("the signature of the session is not ours")
            age = self._clock() - int.from_bytes(_decoded(stamp), "big")
            said = json.loads(self._unpacked(payload))
        except (binascii.Error, ValueError, RecursionError, zlib.error) as error:
            raise TokenError("the session cannot be read") from error
        if not 0 <= age + 60 <= self._seconds + 60:
            raise TokenError("the session has expired")
        return self._identity(said) if isinstance(said, dict) else None

    def _unpacked(self, payload: str) -> bytes:
        if not self._flask:
            return base64.b64decode(payload, validate=True)
        if not payload.startswith("."):
            return _decoded(payload)
        # Small on the wire, large in memory: no session is that big.
        return zlib.decompressobj().decompress(_decoded(payload[1:]), _LARGEST)


def _decoded(part: str) -> bytes:
    if not part.isascii():
        raise ValueError("not base64url")
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
