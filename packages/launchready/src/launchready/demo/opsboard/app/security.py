#> only guarded
"""Limits, headers, cross-site protection and signed webhooks."""

import hashlib
import hmac
import time
from collections import OrderedDict, deque
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

WINDOW = 60.0
LARGEST_BODY = 2_000_000
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Limiter:
    """A sliding window per key, bounded in keys."""

    def __init__(self, keys: int = 10_000) -> None:
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()
        self._keys = keys

    def hit(self, key: str, limit: int) -> None:
        now = time.monotonic()
        hits = self._hits.setdefault(key, deque())
        self._hits.move_to_end(key)
        while len(self._hits) > self._keys:
            self._hits.popitem(last=False)
        while hits and hits[0] < now - WINDOW:
            hits.popleft()
        if len(hits) >= limit:
            wait = int(hits[0] + WINDOW - now) + 1
            raise HTTPException(status_code=429, detail="Too many attempts", headers={"Retry-After": str(wait)})
        hits.append(now)


limiter = Limiter()


def limit(kind: str, per_minute: int):
    """A dependency that limits calls per client address."""

    def check(request: Request) -> None:
        address = request.client.host if request.client else "unknown"
        limiter.hit(f"{kind}:{address}", per_minute)

    return check


def verify_webhook(secret: str, header: str, body: bytes, tolerance: float = 300.0) -> None:
    """Stripe's scheme: ``t=<unix>,v1=<hmac of t.body>``."""
    fields = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    try:
        stamp = int(fields.get("t", ""))
    except ValueError:
        raise HTTPException(status_code=400, detail="Bad signature") from None
    wanted = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(wanted, fields.get("v1", "")) or abs(time.time() - stamp) > tolerance:
        raise HTTPException(status_code=400, detail="Bad signature")


class Protect:
    """Headers on every answer, a body limit, and no writes from other sites with a session cookie."""

    def __init__(self, app) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = scope["path"]

        async def protected(message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    out.setdefault(name, value)
                static = path.startswith("/static/dist/")
                out.setdefault("Cache-Control", "public, max-age=31536000, immutable" if static else "no-store")
            await send(message)

        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            await JSONResponse({"title": "Body too large", "status": 413}, 413)(scope, receive, protected)
            return
        origin = headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc != headers.get("host")
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and foreign and "session=" in headers.get("cookie", ""):
            await JSONResponse({"title": "Cross-site request", "status": 403}, 403)(scope, receive, protected)
            return
        await self.app(scope, receive, protected)
