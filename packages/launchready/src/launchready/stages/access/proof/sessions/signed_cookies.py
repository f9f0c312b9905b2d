"""Cookies that hold the session itself under a signature: which word signed them, and new ones made with it. Nothing is sent.

itsdangerous (Flask, Starlette), ``django.core.signing`` and keygrip (Express ``cookie-session`` and ``cookie-parser``), each as its
own source and documentation say.
"""

import base64
import hashlib
import hmac
import json
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from launchready.model.parsed import json_of

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM = 16


@dataclass(frozen=True, slots=True)
class Signed:
    """A cookie whose key was found. ``kind`` is who wrote it; ``make`` signs other contents: the cookies to send."""

    kind: str
    word: str
    content: Any
    make: Callable[[Any], dict[str, str]]


def crack_cookie(name: str, cookies: dict[str, str], words: Iterable[str]) -> Signed | None:
    """What signed the cookie ``name`` with one of ``words``; None when none did, or when it is signed in no way known here.

    A cookie whose content is a random id is left out: its signature keeps nobody out, the id does.
    """
    value = unquote(cookies.get(name, "").strip('"'))
    words = tuple(dict.fromkeys(words))
    for found in (_dangerous, _django, _parser):
        if signed := found(name, value, words):
            return signed
    return _keygrip(name, cookies, words)


def _dangerous(name: str, value: str, words: tuple[str, ...]) -> Signed | None:
    front, _, signature = value.rpartition(".")
    body, _, stamp = front.rpartition(".")
    if not body or not stamp or not signature:
        return None
    for kind in ("Flask", "Starlette"):
        for word in words:
            key = _derived(kind, word.encode())
            if _url(hmac.new(key, front.encode(), hashlib.sha1).digest()) != signature:
                continue
            content = _flask(body) if kind == "Flask" else _json(body)
            if content is None:
                return None
            write = _url if kind == "Flask" else _plain

            def make(said: Any, key: bytes = key, write: Callable[[bytes], str] = write) -> dict[str, str]:
                written = write(json.dumps(said, separators=(",", ":")).encode())
                signed = f"{written}.{_url(int(time.time()).to_bytes(5).lstrip(bytes(1)))}"
                return {name: f"{signed}.{_url(hmac.new(key, signed.encode(), hashlib.sha1).digest())}"}

            return Signed(kind, word, content, make)
    return None


def _derived(kind: str, word: bytes) -> bytes:
    """Flask derives its key by HMAC, Starlette as itsdangerous does by default."""
    if kind == "Flask":
        return hmac.new(word, b"cookie-session", hashlib.sha1).digest()
    return hashlib.sha1(b"itsdangerous.Signer" + b"signer" + word).digest()


def _django(name: str, value: str, words: tuple[str, ...]) -> Signed | None:
    front, _, signature = value.rpartition(":")
    body, _, stamp = front.rpartition(":")
    if not body or not stamp:
        return None
    salt = b"django.contrib.sessions.backends.signed_cookies" + b"signer"
    for word in words:
        key = hashlib.sha256(salt + word.encode()).digest()
        if _url(hmac.new(key, front.encode(), hashlib.sha256).digest()) != signature:
            continue
        content = _flask(body)

        def make(said: Any, key: bytes = key) -> dict[str, str]:
            signed = f"{_url(json.dumps(said, separators=(',', ':')).encode())}:{_base62(int(time.time()))}"
            return {name: f"{signed}:{_url(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"}

        return Signed("Django", word, content, make) if content is not None else None
    return None


def _parser(name: str, value: str, words: tuple[str, ...]) -> Signed | None:
    """``cookie-parser`` of Express: ``s:VALUE.SIGNATURE``."""
    content, _, signature = value.removeprefix("s:").rpartition(".")
    if not value.startswith("s:") or not content or _is_random(content):
        return None
    for word in words:
        if _standard(hmac.new(word.encode(), content.encode(), hashlib.sha256).digest()) == signature:

            def make(said: Any, word: str = word) -> dict[str, str]:
                made = _standard(hmac.new(word.encode(), str(said).encode(), hashlib.sha256).digest())
                return {name: quote(f"s:{said}.{made}", safe="")}

            return Signed("Express", word, content, make)
    return None


def _keygrip(name: str, cookies: dict[str, str], words: tuple[str, ...]) -> Signed | None:
    """``cookie-session``, and Koa: the signature is a second cookie beside the first."""
    value, signature = cookies.get(name, ""), cookies.get(f"{name}.sig", "")
    content = _json(value)
    if not signature or content is None:
        return None

    def signature_of(text: str, word: str) -> str:
        return _url(hmac.new(word.encode(), f"{name}={text}".encode(), hashlib.sha1).digest())

    for word in words:
        if signature_of(value, word) == signature:

            def make(said: Any, word: str = word) -> dict[str, str]:
                written = _plain(json.dumps(said, separators=(",", ":")).encode())
                return {name: written, f"{name}.sig": signature_of(written, word)}

            return Signed("cookie-session", word, content, make)
    return None


def _is_random(text: str) -> bool:
    return len(text) >= _RANDOM and "@" not in text and "{" not in text


def _flask(body: str) -> Any:
    """The content of a body that may be compressed, which a dot before it says."""
    try:
        raw = base64.urlsafe_b64decode(body.lstrip(".") + "=" * (-len(body.lstrip(".")) % 4))
        return json_of(zlib.decompressobj().decompress(raw, 65_536) if body.startswith(".") else raw)
    except (ValueError, zlib.error):
        return None


def _json(body: str) -> Any:
    try:
        return json_of(base64.b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        return None


def _plain(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _standard(content: bytes) -> str:
    return _plain(content).rstrip("=")


def _url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _base62(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, 62)
        text = _BASE62[rest] + text
    return text or "0"
