"""Accounts that a statement with places for values puts into a table of people, with the values beside it (CWE-798).

``db.run("INSERT INTO users (name, password) VALUES (?, ?)", ["ann", "…"])``, and a statement that is prepared once and run for each:
``const add = db.prepare("INSERT …"); add.run("ann", "…", "admin")`` (better-sqlite3, `Statement.run`; node-postgres, parameterized queries).
"""

import re
from collections.abc import Iterator

from launchready.sources.pieces import pieces
from launchready.sources.seeded_rows import Account, named_of
from launchready.sources.seeded_values import stands_for

_PEOPLE = r"[\"'`]?\w*(?:user|account|member|admin|employee|staff)\w*[\"'`]?"
_PLACE = r"(?:\?\d{0,3}|\$\d{1,3}|%s|[:@$][A-Za-z_]\w*|\w{1,40}(?:\([^()]{0,60}\))?|'[^'\n]{0,60}')"
_STATEMENT = re.compile(
    rf"INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?INTO\s+{_PEOPLE}\s*\((?P<columns>[^()]{{3,400}})\)\s*VALUES\s*\((?P<places>\s*{_PLACE}(?:\s*,\s*{_PLACE}){{0,30}}\s*)\)"
    r"[^\"'`;]{0,200}[\"'`]{1,3}",
    re.I,
)
_PREPARED = re.compile(
    r"(?:const|let|var)?\s*(?P<name>[A-Za-z_$][\w$]*)\s*=\s*(?:await\s+)?[\w$.]*prepare\(\s*[\"'`]{1,3}\s*$"
)
_BOUND = re.compile(r"^\?|^\$\d|^%s$|^[:@$][A-Za-z_]")
_LITERAL = re.compile(r"^[\"'`](?P<text>[^\"'`\n{}$<>]{2,80})[\"'`]$")
_HASHED = re.compile(
    r"^(?:await\s+)?(?:[\w$]+\.){0,3}\w*(?:hash|crypt|make_password|digest)\w*\(\s*[\"'`](?P<text>[^\"'`\s{}$]{3,80})[\"'`]",
    re.I,
)
_NAME = re.compile(r"^[A-Za-z_$][\w$]*$")
_LOGINS = ("email", "username", "user_name", "login")
_PASSWORDS = ("password", "passwd", "pwd", "pass", "password_hash", "passwordhash", "hashed_password")
_LONGEST, _BEFORE, _MOST = 2000, 3000, 20


def bound_rows(text: str) -> Iterator[Account]:
    """Login, password, role and place of each account whose values are handed to a statement."""
    for one in _STATEMENT.finditer(text):
        columns = [name.strip(" \"'`\n\t").lower() for name in one["columns"].split(",")]
        places = _values(f"({one['places']})", 0)
        if len(columns) != len(places):
            continue
        for given, at in _given(text, one):
            said = _row(text, at, columns, places, given)
            login, also = named_of(said, _LOGINS)
            password = next((said[name] for name in _PASSWORDS if said.get(name)), "")
            if login and len(password) > 2 and " " not in login + password:
                yield Account(login, password, said.get("role", ""), at, also)


def _given(text: str, one: re.Match[str]) -> Iterator[tuple[list[str], int]]:
    """The values of each call that runs a statement, and where it stands."""
    prepared = _PREPARED.search(text[max(0, one.start() - 120) : one.start()])
    behind = text[one.end() : one.end() + _LONGEST]
    if direct := re.match(r"\s*(?:,\s*(?=[\[(])|\)\s*\.(?:run|execute)\()", behind):
        yield _values(behind, direct.end()), one.start()
    if prepared is not None:
        calls = re.finditer(rf"(?<![\w$.]){re.escape(prepared['name'])}\.(?:run|execute)\(", text[one.end() :])
        for number, call in enumerate(calls):
            if number >= _MOST:
                return
            yield _values(text, one.end() + call.end()), one.end() + call.start()


def _values(text: str, at: int) -> list[str]:
    """What a call is given whose bracket opens just before ``at``, in a list of its own or without one."""
    return pieces(text, at + 1 if text[at : at + 1] in ("[", "(") else at)


def _row(text: str, at: int, columns: list[str], places: list[str], given: list[str]) -> dict[str, str]:
    """What each column is given, where it is a text that stands in the source."""
    said, left = dict[str, str](), iter(given)
    for column, place in zip(columns, places, strict=True):
        value = next(left, "") if _BOUND.match(place) else place
        if known := _text(text, at, value):
            said[column] = known
    return said


def _text(text: str, at: int, value: str) -> str:
    """The text that a value is, itself, hashed, or by the name it was given before."""
    if told := _LITERAL.match(value) or _HASHED.match(value):
        return told["text"]
    if not _NAME.match(value):
        return ""
    return stands_for(value, text[max(0, at - _BEFORE) : at])
