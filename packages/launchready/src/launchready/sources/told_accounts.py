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
# `[ann@shop.example](mailto:ann@shop.example)` is told as its words are.
_LINK = re.compile(r"\[([^\[\]\n]{1,80})\]\([^()\s]{1,200}\)")
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}")
_RANKS = re.compile(r"\b(?:roles?|type|rank|access|permissions?)\b", re.I)
_NAMES, _SECRETS = (
    re.compile(r"\b(?:user ?name|user|e-?mail|login|account)\b", re.I),
    re.compile(r"\bpass(?:word|wd)?\b", re.I),
)


def told_in(text: str) -> Iterator[tuple[str, str, str, int]]:
    """The accounts that a text tells with their passwords: login, password, role and place."""
    written = text.split("\n")
    lines = [_LINK.sub(r"\1", line) for line in written]
    rows = _in_tables(lines)
    at, heading = 0, ""
    for number, line in enumerate(lines):
        heading = line if re.match(r"#|\*\*[^*]+\*\*:?\s*$", line) else heading
        if number in rows:
            yield from ((*told, at) for told in rows[number])
        else:
            yield from ((*told, at) for told in _in_line(lines, number, heading))
        at += len(written[number]) + 1


def _in_line(lines: list[str], number: int, heading: str) -> Iterator[tuple[str, str, str]]:
    line = lines[number]
    pair = _PAIR.match(line) if _OF_ACCOUNTS.search(heading) and not _LOGIN.search(line) else None
    if pair and not _NO_SECRET.match(pair["secret"]):
        yield pair["name"], pair["secret"], _role(line[: pair.end("name")])
    for one in _LOGIN.finditer(line):
        password = _password(line[one.end() :], lines[number + 1 : number + 1 + _LINES])
        login = one["name"] or one["address"]
        if password and not _NO_SECRET.match(password):
            # A heading or a label says whose account comes next; another account says nothing of it.
            before = [above for above in lines[max(0, number - 2) : number] if not _LOGIN.search(above)]
            role = _role(line[: one.end()]) or _role("\n".join(before))
            yield login, password, role


def _in_tables(lines: list[str]) -> dict[int, tuple[tuple[str, str, str], ...]]:
    """The rows of tables whose head names an account and a password, ``| Username | Password | Role |``, by their line: what each tells."""
    rows: dict[int, tuple[tuple[str, str, str], ...]] = {}
    for number in range(1, len(lines)):
        head = _cells(lines[number - 1]) if _RULE.match(lines[number]) else []
        secret = next((place for place, cell in enumerate(head) if _SECRETS.search(cell)), -1)
        name = next((place for place, cell in enumerate(head) if _NAMES.search(cell) and place != secret), -1)
        ranks = [place for place, cell in enumerate(head) if _RANKS.search(cell) and place != name]
        for below in range(number + 1, len(lines) if min(secret, name) >= 0 else 0):
            cells = _cells(lines[below])
            if len(cells) <= max(name, secret):
                break
            word = cells[secret]
            told = re.fullmatch(r"[\w.@+-]{3,60}", cells[name]) and re.fullmatch(_SECRET, word)
            role = _role(" ".join(cells[place] for place in (name, *ranks) if place < len(cells)))
            rows[below] = ((cells[name], word, role),) if told and not _NO_SECRET.match(word) else ()
    return rows


def _cells(line: str) -> list[str]:
    """The cells of a row, without the marks of a code or of what is strong; none where a line is no row."""
    return [cell.strip(" \t`*_\"'") for cell in line.strip().strip("|").split("|")] if "|" in line else []


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
