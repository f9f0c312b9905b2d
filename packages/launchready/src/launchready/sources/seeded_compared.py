"""Accounts that code compares what is typed with: ``if username == "boss" and password == "…"`` (CWE-798).

Both stand in one condition, in either order, or in two calls of ``compare_digest`` one behind the other. A name alone is a question of roles, and a password
that is compared with what is stored is none of these.
"""

import re
from collections.abc import Iterator

_TEXT = r"b?[\"'`](?P<{0}>[^\"'`\s{{}}$<>]{{3,80}})[\"'`]"
# What ends the place that a typed value is read from: `form["username"]`, `form.get("username", "")`, `form.username.data`.
_TAIL = r"(?:[\"']\s*(?:,\s*[\"']{2}\s*)?)?[\])]{0,2}(?:\.(?:data|value|(?:strip|trim|lower|toLowerCase)\(\))){0,2}"
_IS = r"\s*(?:===?|!==?)\s*"
_LOGIN_FIELD = r"\b(?:user_?name|user|login|e-?mail(?:_?address)?)"
_PASSWORD_FIELD = r"\b(?:password|passwd|pass|pwd)"
_LOGIN = _LOGIN_FIELD + _TAIL + _IS + _TEXT.format("login")
_PASSWORD = _PASSWORD_FIELD + _TAIL + _IS + _TEXT.format("password")
_AND = r"\s*\)?\s*(?:and|or|&&|\|\|)\s*\\?\s*\(?[\w.\[\"'(]{0,40}?"
_DIGEST = r"compare_digest\(\s*(?:[\w.]{{1,40}}\.)?{0}(?:\.encode\([^()]*\))?\s*,\s*{1}"
_LOGIN_DIGEST = _DIGEST.format(r"(?:user_?name|user|login|e-?mail)", _TEXT.format("login"))
_PASSWORD_DIGEST = _DIGEST.format(r"(?:password|passwd|pass|pwd)", _TEXT.format("password"))
_CONDITIONS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        _LOGIN + _AND + _PASSWORD,
        _PASSWORD + _AND + _LOGIN,
        _LOGIN_DIGEST + r"[^\0]{1,200}?" + _PASSWORD_DIGEST,
    )
)


def compared_rows(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Login, password, role and place of each; the role is left open, for a comparison names none."""
    for pattern in _CONDITIONS:
        for one in pattern.finditer(text):
            yield one["login"], one["password"], "", one.start()
