"""Accounts that a README tells whoever tries the app out: ``Admin: admin@shop.example``, ``Password: ...`` (CWE-1392)."""

import re
from collections.abc import Iterator

README = re.compile(r"(?:^|^[\w.-]+/)readme(?:\.(?:md|markdown|txt|rst))?$", re.I)
_QUOTED = r"[\"'`*_]{0,3}"
_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_LOGIN = re.compile(
    rf"(?:(?P<label>user[ _]?name|e-?mail|login|account|user|admin\w*)\b[\w ()]{{0,20}}{_QUOTED}\s*[:=|]+\s*{_QUOTED}(?P<name>{_ADDRESS}|[\w.-]{{3,40}})|(?P<address>{_ADDRESS})){_QUOTED}",
    re.I,
)
_SECRET = r"(?P<secret>[^\s\"'`*|<>{}$()\[\],\\]{3,60})"
_PASSWORD = re.compile(rf"\bpass(?:word|wd|phrase)?\b{_QUOTED}\s*[:=|]+\s*{_QUOTED}{_SECRET}", re.I)
# `admin@shop.example` / `secret`, and the row of a table; a word without a quote or a digit may be prose.
_BESIDE = re.compile(rf"^\s*(?:[/|,]\s*|:\s+){_QUOTED}{_SECRET}", re.I)
# A list of pairs below a heading that speaks of accounts: "- `ann` / `secret`".
_PAIR = re.compile(
    rf"^\s*(?:[-*+]|\d{{1,2}}[.)])\s+(?:[\w()* -]{{1,40}}:\W{{0,3}})?[`*]{{1,2}}(?P<name>[\w.@+-]{{3,60}})[`*]{{1,2}}\s*[/:|]\s*[`*]{{1,2}}{_SECRET}[`*]{{1,2}}"
)
_OF_ACCOUNTS = re.compile(r"\b(?:users?|accounts?|credentials?|log[ -]?ins?|sign[ -]?in)\b", re.I)
# What an example of settings has in place of one.
_NO_SECRET = re.compile(
    r"^(?:password|true|false|null|none|optional|required|string|x{3,}|\.{3,}|.*your.*|(?:app|smtp|email|db)[-_]password)$",
    re.I,
)
_ROLES = (
    ("admin", re.compile(r"admin|super[ _-]?user|\broot\b", re.I)),
    ("owner", re.compile(r"\bowner\b", re.I)),
    ("manager", re.compile(r"\bmanager\b", re.I)),
    ("moderator", re.compile(r"\bmoderator\b", re.I)),
    ("staff", re.compile(r"\b(?:staff|agent|support)\b", re.I)),
)
_LINES = 3


def told_in(text: str) -> Iterator[tuple[str, str, str, int]]:
    """The accounts that a text tells with their passwords: login, password, role and place."""
    lines = text.split("\n")
    at, heading = 0, ""
    for number, line in enumerate(lines):
        heading = line if re.match(r"#|\*\*[^*]+\*\*:?\s*$", line) else heading
        pair = _PAIR.match(line) if _OF_ACCOUNTS.search(heading) and not _LOGIN.search(line) else None
        if pair and not _NO_SECRET.match(pair["secret"]):
            yield pair["name"], pair["secret"], _role(line[: pair.end("name")]), at + pair.start()
        for one in _LOGIN.finditer(line):
            password = _password(line[one.end() :], lines[number + 1 : number + 1 + _LINES])
            login = one["name"] or one["address"]
            if password and not _NO_SECRET.match(password):
                role = _role(line[: one.end()]) or _role("\n".join(lines[max(0, number - 2) : number]))
                yield login, password, role, at + one.start()
        at += len(line) + 1


def _password(rest: str, after: list[str]) -> str:
    """What stands behind an account, on its line or on one of the next; an account of its own in between ends the search."""
    if given := _PASSWORD.search(rest):
        return given["secret"]
    beside = _BESIDE.match(rest)
    if beside and (re.search(r"\d", beside["secret"]) or re.match(r"\s*[/|:,]\s*[\"'`]", rest)):
        return beside["secret"]
    for line in after:
        if given := _PASSWORD.search(line):
            return given["secret"]
        if _LOGIN.search(line):
            return ""
    return ""


def _role(text: str) -> str:
    return next((role for role, pattern in _ROLES if pattern.search(text)), "")
