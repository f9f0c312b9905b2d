"""What browsers are told and asked: which sites may read answers (CORS), whether another site sent a request (CSRF), safe headers.

Fetch standard, "CORS protocol"; OWASP Cross-Site Request Forgery Prevention Cheat Sheet ("Fetch Metadata headers", "Signed
double-submit cookie"); OWASP Secure Headers Project; RFC 6797 for Strict-Transport-Security.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from launchready_guard.call import Call
from launchready_guard.policy.model import Cors, PolicyError

SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
COOKIE, FIELD = "csrf", "x-csrf-token"


class Origins:
    """The websites of the policy. Raises :class:`PolicyError` for what lets in more than was meant."""

    def __init__(self, cors: Cors) -> None:
        for origin in cors.origins:
            parts = _parts(origin)
            if origin == "*" and cors.credentials:
                raise PolicyError(
                    'cors.origins is "*" with credentials: every website could read what your customers see. Name the origins.'
                )
            if origin == "null" or (
                origin != "*" and (not parts.scheme or not parts.netloc or parts.path or "*" in origin)
            ):
                raise PolicyError(
                    f'cors.origins has {origin!r}. Expected an exact origin such as "https://app.example.com".'
                )
        self._all = "*" in cors.origins
        self._known = frozenset(cors.origins)
        self._credentials = cors.credentials

    def allow(self, origin: str) -> bool:
        """Whether a website may read answers."""
        return self._all or origin in self._known

    def trusts(self, origin: str) -> bool:
        """Whether a website may act with the caller's session."""
        return self._credentials and origin in self._known

    def headers(self, origin: str) -> list[tuple[bytes, bytes]]:
        """What an answer to this website says; that answers differ by origin is said to caches too."""
        if not self._known:
            return []
        if not self.allow(origin):
            return [(b"vary", b"Origin")]
        found = [
            (b"access-control-allow-origin", b"*" if self._all else origin.encode("latin-1")),
            (b"vary", b"Origin"),
        ]
        return [*found, (b"access-control-allow-credentials", b"true")] if self._credentials else found

    def preflight(self, call: Call, methods: str) -> list[tuple[bytes, bytes]]:
        """The headers of the answer to a preflight of this call; ``methods`` are those of the route."""
        if not self.allow(call.header("origin")):
            return [(b"vary", b"Origin")]
        asked = call.header("access-control-request-headers")
        named = all(part.strip().replace("-", "").isalnum() for part in asked.split(",") if part.strip())
        return [
            *self.headers(call.header("origin")),
            (b"access-control-allow-methods", methods.encode()),
            *(((b"access-control-allow-headers", asked.encode("latin-1")),) if asked and named else ()),
            (b"access-control-max-age", b"600"),
        ]


def foreign(call: Call, origins: Origins, hosts: tuple[str, ...]) -> str:
    """Why a request was sent by another website than this one, or than one the policy trusts; empty when it was not.

    Browsers say so themselves (``Sec-Fetch-Site``); older ones send ``Origin`` or ``Referer``. What says nothing is no browser's.
    """
    site, origin = call.header("sec-fetch-site"), call.header("origin")
    if origin and origins.trusts(origin):
        return ""
    if site:
        return "" if site in ("same-origin", "none") else f"sent by another website ({site})"
    said = origin or call.header("referer")
    if not said:
        return ""
    host = _parts(said).netloc.rpartition("@")[2].lower()
    return "" if host and (host == call.header("host").lower() or host in hosts) else f"sent by {said[:100]}"


def token_for(session: str, key: bytes) -> str:
    """A token for the forms of one session: random, and signed for nobody else."""
    chance = secrets.token_urlsafe(16)
    return f"{chance}.{_signed(session, chance, key)}"


def holds(token: str, session: str, key: bytes) -> bool:
    """Whether a token was made for this session."""
    chance, _, signature = token.rpartition(".")
    return hmac.compare_digest(signature.encode("utf-8", "replace"), _signed(session, chance, key).encode())


def _signed(session: str, chance: str, key: bytes) -> str:
    return hmac.new(key, f"{len(session)}!{session}!{chance}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def safe_headers(given: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of every answer: ours, changed or taken away by the policy's."""
    found = _HEADERS | dict(given)
    return tuple((name.encode(), value.encode()) for name, value in found.items() if value)


def hsts(secure: bool) -> tuple[tuple[bytes, bytes], ...]:
    """The promise to come by HTTPS alone; it counts only where it is said over HTTPS."""
    return (HSTS,) if secure else ()


def _parts(url: str) -> SplitResult:
    """The parts of an address; none for what is no address, such as ``http://[::1``."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
