"""Tokens, found by their shape at any depth of an answer."""

import re
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from launchready.model.parsed import json_of, jwt_part
from launchready.probes.exchange import Exchange

_JWT = re.compile(r"^eyJ[\w-]+\.[\w-]+\.[\w-]*$")
_OPAQUE = re.compile(r"^[\w.~+/=:|-]{16,2048}$")
_NAME = re.compile(r"(?:^|_)(?:access|auth|id|session|api|bearer|user)?_?(?:token|jwt|key|bearer|authorization)$", re.I)
_NOT = re.compile(r"refresh|csrf|xsrf|reset|confirm|verif|public|push|device", re.I)
# Answers that are kept as they were read, and the bytes of the largest of them.
_KEPT, _LARGE = 128, 1 << 15
HEADERS = ("authorization", "x-auth-token", "x-access-token", "x-token", "token")


def tokens_in(exchange: Exchange) -> list[str]:
    """What an answer gives to sign in with, the likeliest first: named tokens, then anything shaped like a JWT."""
    named, shaped = [], []
    for name in HEADERS:
        if parts := exchange.header(name).split():
            named.append(parts[-1])
    for name, value in leaves(parsed(exchange)):
        if not isinstance(value, str) or _NOT.search(name):
            continue
        value = value.split(" ", 1)[1] if value.lower().startswith(("bearer ", "token ", "jwt ")) else value
        if _JWT.match(value):
            shaped.append(value)
        elif _NAME.search(_snake(name)) and _OPAQUE.match(value):
            named.append(value)
    return list(dict.fromkeys([*shaped, *named]))


def refresh_in(exchange: Exchange) -> str:
    """The token of an answer that gets the next one (RFC 6749, section 6), empty when there is none."""
    for name, value in leaves(parsed(exchange)):
        if isinstance(value, str) and re.search(r"(?:^|_)refresh(?:_?token)?$", _snake(name)) and _OPAQUE.match(value):
            return value
    return ""


def ends(token: str, exchange: Exchange) -> float:
    """When a token ends, in seconds since the epoch: its ``exp`` claim, else ``expires_in`` of the answer; 0 when nobody says."""
    if isinstance(until := claims(token).get("exp"), int | float):
        return float(until)
    for name, value in leaves(parsed(exchange)):
        if _snake(name) in ("expires_in", "expiresin") and re.fullmatch(r"[1-9][0-9]{0,6}", str(value)):
            return time.time() + int(value)
    return 0.0


def pointed(exchange: Exchange, at: str) -> str:
    """The text at a JSON Pointer (RFC 6901) of the answer, or in the header that ``header:NAME`` names; empty when it is not there."""
    if at.startswith("header:"):
        return exchange.header(at.removeprefix("header:").strip())
    said = parsed(exchange)
    for part in at.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(said, dict):
            said = said.get(part)
        elif isinstance(said, list) and part.isdecimal() and int(part) < len(said):
            said = said[int(part)]
        else:
            return ""
    return said if isinstance(said, str) else ""


def claims(token: str) -> dict[str, Any]:
    """The claims of a JWT without verifying it (RFC 7519); empty for anything else."""
    return jwt_part(token, 1) if _JWT.match(token) else {}


def parsed(exchange: Exchange) -> Any:
    """The answer as JSON, or None."""
    return _parsed(exchange.text)


def looked_at(exchange: Exchange) -> Any:
    """The answer as JSON, or None, kept for the next who asks: for those who only look, since nobody may change it."""
    return (_kept if len(exchange.body) <= _LARGE else _kept.__wrapped__)(exchange.body)


@lru_cache(maxsize=_KEPT)
def _kept(body: bytes) -> Any:
    return _parsed(body.decode("utf-8", "replace"))


def _parsed(text: str) -> Any:
    text = text.lstrip()
    return json_of(text) if text[:1] in ("{", "[", '"') else None


def leaves(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every value with the name it stands under, at any depth up to ten; lists are cut at 200."""
    if depth > 10:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, str(key), depth + 1)
    elif isinstance(value, list):
        for inner in value[:200]:
            yield from leaves(inner, name, depth + 1)
    else:
        yield name, value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.replace("-", "_")).lower()
