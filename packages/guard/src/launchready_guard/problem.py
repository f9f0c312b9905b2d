"""Answers that say no: problem details (RFC 9457), for people and programs, with nothing about the inside of the app."""

import json

from launchready_guard.call import Refusal


def body_of(refusal: Refusal) -> bytes:
    """The answer's body; empty for one that leads elsewhere."""
    if refusal.location:
        return b""
    said = {"type": "about:blank", "title": refusal.title, "status": refusal.status, "detail": refusal.detail}
    return json.dumps(said).encode()


def headers_of(refusal: Refusal, body: bytes) -> list[tuple[bytes, bytes]]:
    """The answer's own headers; nobody keeps a refusal in a cache."""
    own = [(b"cache-control", b"no-store"), (b"content-length", str(len(body)).encode())]
    if refusal.location:
        return [*own, (b"location", refusal.location.encode("latin-1", "replace")), *refusal.headers]
    return [(b"content-type", b"application/problem+json"), *own, *refusal.headers]
