"""What a Ruby condition is worth for a stranger: somebody without session, token or account."""

import re
from functools import lru_cache

_CALLER = re.compile(
    r"""\bcurrent_(?!page|locale|path|url|host|time|step|tab|theme|timezone|year|month)\w+ | \b(?:signed|logged)_?in\? | authenticated\? | \bauthenticate_?\w*[!?]?
    | \bwarden\b | session | cookie | @(?:current_)?user\b | \bCurrent\.\w+ | \bauthoriz(?:ation|ed)
    | api_?key | token | secret | password | credential | signature | \b(?:is_)?(?:admin|moderator|staff|superuser|owner|member)\?
    | user_?(?:present|admin|signed|logged) | \brole\b | permission | has_role\? | bearer | \buser\b""",
    re.X | re.I,
)
_ABSENT = re.compile(
    r"\b(?:guest|anonymous|unauthenticated|unauthori[sz]ed|logged_?out|signed_?out|invalid_|missing_|not_(?:logged|signed)\w*)",
    re.I,
)
_KNOWN = {
    "performed?": False,
    "devise_controller?": False,
    "Rails.env.test?": False,
    "Rails.env.development?": False,
    "Rails.env.local?": False,
    "Rails.env.production?": True,
}
_NEGATED = re.compile(r"(?:&?\.(?:nil\?|blank\?|empty\?)|\s*==\s*nil|\s+is_nil)$")
_POSITIVE = re.compile(r"&?\.(?:present\?|any\?|presence)$")
_MAY_DECIDE = re.compile(r"auth|allow|permit|\bcan_?|may_|access|admin|owner|forbid|polic", re.I)
_DEEPEST = 12


@lru_cache(maxsize=8192)
def stranger(text: str, depth: int = 0) -> bool | None:
    """Whether a condition holds for a stranger; None when that cannot be told."""
    text = _bare(text)
    if depth > _DEEPEST or not text:
        return None
    if text in _KNOWN:
        return _KNOWN[text]
    for words, deciding in ((("||", " or "), True), (("&&", " and "), False)):
        parts = _split(text, words)
        if len(parts) > 1:
            values = [stranger(part, depth + 1) for part in parts]
            if deciding in values:
                return deciding
            return None if None in values else not deciding
    if text.startswith(("!", "not ")):
        inner = stranger(text[1:] if text[0] == "!" else text[4:], depth + 1)
        return None if inner is None else not inner
    if _NEGATED.search(text):
        inner = stranger(_NEGATED.sub("", text), depth + 1)
        return None if inner is None else not inner
    if _POSITIVE.search(text):
        return stranger(_POSITIVE.sub("", text), depth + 1)
    if "!=" in text:
        return True if _CALLER.search(text) else None
    if _ABSENT.search(text):
        return True
    return False if _CALLER.search(text) else None


def holds(kind: str, text: str) -> bool | None:
    """Whether a stranger gets past ``if text`` or ``unless text``."""
    value = stranger(text)
    if value is None:
        return None
    return value if kind == "if" else not value


def may_decide(text: str) -> bool:
    """Whether a condition sounds as if it asked for a right, in words we cannot follow."""
    return bool(_MAY_DECIDE.search(text))


def _bare(text: str) -> str:
    text = (
        re.sub(r"^\s*(?:->|lambda|proc)\s*(?:\([^)]*\))?\s*(?:\{|do)(?:\s*\|[^|]*\|)?|(?:\}|end)\s*$", "", text.strip())
        if _lambda(text)
        else text
    )
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes_last(text):
        text = text[1:-1].strip()
    return text


def _lambda(text: str) -> bool:
    return bool(re.match(r"\s*(?:->|lambda|proc|\{)", text))


def _closes_last(text: str) -> bool:
    level = 0
    for index, sign in enumerate(text):
        level += (sign == "(") - (sign == ")")
        if level == 0:
            return index == len(text) - 1
    return False


def _split(text: str, words: tuple[str, ...]) -> list[str]:
    """The parts between operators that stand in no bracket."""
    parts, level, start, index = [], 0, 0, 0
    while index < len(text):
        level += (text[index] in "([{") - (text[index] in ")]}")
        word = next((one for one in words if text.startswith(one, index)), "") if level == 0 else ""
        if word:
            parts.append(text[start:index])
            start = index = index + len(word)
            continue
        index += 1
    return [*parts, text[start:]]
