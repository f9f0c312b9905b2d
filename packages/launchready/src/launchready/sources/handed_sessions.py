"""Keys of a session that a page of Python gives to whoever asks: ``session["shop_id"] = shop.id`` for whoever types the name of a shop (CWE-287).

What refuses those whose session lacks such a key asks where somebody has been, and not who they are. A key that is called after people, or that is set
beside a password or a code, is what signs them in.
"""

import re
from collections.abc import Iterator

from launchready.sources.facts.shape import Function
from launchready.sources.resolver import Resolver

_ASKED = re.compile(
    r"[\"'](?P<a>\w+)[\"']\s+(?:not\s+)?in\s+(?:\w+\.)?session\b|\bsession(?:\.get\(\s*|\[)[\"'](?P<b>\w+)[\"']"
)
_SET = re.compile(r"\bsession\[[\"'](?P<key>\w+)[\"']\]\s*=(?!=)")
# Of these, people are known.
_PERSON = re.compile(
    r"user|uid|^_?id$|account|member|log|sign|auth|admin|role|mail|token|person|customer|client|employee|staff|patient|student|teacher|doctor|profile|^sub$|identity|name|jwt|"
    r"access|google|github|credential|session|key|pin|pass|verif|otp|2fa|mfa|owner|tenant|phone|state|nonce",
    re.I,
)
_PROVES = re.compile(
    r"passw|pwd|hash|verif|authent|token|oauth|otp|login|sign_?in|secret|\bpin\b|code|current_user|\bg\.|\.user\b|check_|signature",
    re.I,
)
_SENT = re.compile(r"\brequest\.(?:form|json|args|values|get_json|POST|GET|data)\b|\bform\.\w+\.data\b")
_ROUTES = frozenset(("route", "get", "post", "put", "api_route"))


def handed_to_anybody(resolver: Resolver, code: str) -> str:
    """What gives to anybody all keys of a session that a guard asks for, as the end of a sentence; empty where one of them tells who somebody is."""
    keys = dict.fromkeys(found["a"] or found["b"] for found in _ASKED.finditer(code))
    if not keys or any(_PERSON.search(key) for key in keys) or _PROVES.search(_ASKED.sub("", code)):
        return ""
    given = {key: where for where, key in _given(resolver)}
    places = dict.fromkeys(given.get(key, "") for key in keys)
    return f"{' and '.join(places)} gives that to whoever asks, without a password" if all(places) else ""


def _given(resolver: Resolver) -> Iterator[tuple[str, str]]:
    for path in resolver.holding(b"session[", (".py",)):
        module = resolver.module(path)
        for function in module.functions.values() if module is not None else ():
            if _for_anybody(function):
                yield from (
                    (f"{function.name} ({path}:{function.line})", found["key"])
                    for found in _SET.finditer(function.code)
                )


def _for_anybody(function: Function) -> bool:
    """Whether a page takes what is sent by anybody: nothing stands before it, and nothing in it proves who somebody is."""
    routed = bool(function.decorators) and all(mark.text.rpartition(".")[2] in _ROUTES for mark in function.decorators)
    return routed and bool(_SENT.search(function.code)) and not _PROVES.search(function.code)
