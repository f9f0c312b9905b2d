"""Accounts that code puts into a table by SQL: in the statement itself, or beside it as the values of its placeholders.

``cursor.execute("INSERT INTO users (name, password) VALUES (?, ?)", ("admin", hash("…")))`` as much as ``INSERT INTO users VALUES ('1', 'admin', '…')``, whose
columns stand in the ``CREATE TABLE`` of the same file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from launchready.sources.pieces import pieces

_PEOPLE = r"[\"'`]?[\w.{}]*(?:user|account|member|admin|employee|staff)[\w.{}]*[\"'`]?"
_INSERT = re.compile(
    rf"INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?INTO\s+(?P<table>{_PEOPLE})\s*(?:\((?P<columns>[^()]{{3,400}})\)\s*)?VALUES\s*(?P<rows>(?:\([^()]{{3,600}}\)\s*,?\s*){{1,12}})",
    re.I,
)
_ROW = re.compile(r"\(([^()]*)\)")
_VALUE = re.compile(r"'(?:[^']|'')*'|[^,]+")
_PLACEHOLDERS = re.compile(r"\s*(?:\?|%s|:\w+|\$\d+)\s*(?:,\s*(?:\?|%s|:\w+|\$\d+|'[^']*'|\w+(?:\(\))?)\s*)*")
_GIVEN = re.compile(r"[\s;)]*[\"'`]{1,3}\s*,\s*(?P<name>[A-Za-z_]\w*)?(?P<opens>[(\[])?")
_LITERAL = re.compile(r"[bfru]*[\"']([^\"'\n{}]{1,80})[\"'](?:\.encode\([^()]*\))?")
_NO_COLUMN = frozenset(("primary", "foreign", "unique", "check", "constraint", "key", "index"))
_LOGINS = ("email", "e_mail", "email_id", "username", "user_name", "login", "name")
_PASSWORDS = ("password", "passwd", "pwd", "pass", "password_hash", "hashed_password", "hash")
_RANK = re.compile(r"^(?:role|user_?role|user_?type|type)$")
_ABOVE = re.compile(r"^(?:is_)?(?:admin|superuser|staff)$")
_BEFORE = 3000


class Account(NamedTuple):
    """What an account signs in with, its role, where it stands, and the other name of who has an address and a name."""

    login: str
    password: str
    role: str
    at: int
    also: str = ""


def named_of(said: Mapping[str, str], columns: Sequence[str]) -> tuple[str, str]:
    """What a row signs in with, by its columns in this order, its address before its name, and the name beside an address."""
    named = sorted((said[name] for name in columns if said.get(name)), key=lambda one: "@" not in one)
    login = named[0] if named else ""
    return login, next((one for one in named if "@" in login and "@" not in one), "")


def rows_of(text: str) -> Iterator[Account]:
    """Login, password, role and place of each account that a statement of the text makes."""
    for one in _INSERT.finditer(text):
        columns = _named(one["columns"]) if one["columns"] else _created(text, one["table"])
        for row in _ROW.findall(one["rows"]) if columns else ():
            if _PLACEHOLDERS.fullmatch(row):
                rows: Iterator[list[str]] = _beside(text, one.end())
            else:
                rows = iter([[found.group().strip() for found in _VALUE.finditer(row)]])
            for values in rows:
                yield from _account(columns, values, one.start())


def _account(columns: Sequence[str], values: Sequence[str], at: int) -> Iterator[Account]:
    if len(values) != len(columns):
        return
    quoted = {
        name: value[1:-1]
        for name, value in zip(columns, values, strict=True)
        if re.fullmatch(r"'[^'\n{}$%?]{1,80}'", value)
    }
    said = {name: value for name, value in quoted.items() if value and not re.search(r"\s", value)}
    login, also = named_of(said, (*_LOGINS[3:], *_LOGINS[:3]))
    password = next((said[name] for name in _PASSWORDS if name in said), "")
    above = any(
        _ABOVE.match(name) and value.strip("'").lower() in ("1", "true")
        for name, value in zip(columns, values, strict=True)
    )
    role = next((value for name, value in said.items() if _RANK.match(name)), "")
    if len(login) > 2 and len(password) > 2:
        yield Account(login, password, "admin" if above else role, at, also)


def _named(columns: str) -> list[str]:
    return [name.strip(" \"'`\n\t").lower() for name in columns.split(",")]


def _created(text: str, table: str) -> list[str]:
    """The columns of a table in their order, by the statement that makes it."""
    made = re.search(rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{re.escape(table)}\s*\(", text, re.I)
    parts = pieces(text, made.end()) if made else []
    names = [part.split()[0].strip("\"'`").lower() for part in parts if part.split()]
    return [name for name in names if name not in _NO_COLUMN]


def _beside(text: str, at: int) -> Iterator[list[str]]:
    """What is given for the placeholders of a statement that ends at a place, row by row, as SQL would write it."""
    given = _GIVEN.match(text, at)
    if given is None:
        return
    start = given.end() - 1
    if given["name"]:
        bound = list(re.finditer(rf"^[ \t]*{re.escape(given['name'])}\s*(?::[^=\n]+)?=\s*(?=[(\[])", text[:at], re.M))
        if not bound:
            return
        start = bound[-1].end()
    elif not given["opens"]:
        return
    parts = pieces(text, start + 1)
    inner = [part for part in parts if part[:1] in "(["]
    for row in [pieces(part, 1) for part in inner] if inner and len(inner) == len(parts) else [parts]:
        yield [_value(text[max(0, at - _BEFORE) : at], part) for part in row]


def _value(before: str, part: str, hops: int = 2) -> str:
    """A text in quotes of SQL, where the part is one, the hash of one, or a name that stands for either; the part as it is for anything else."""
    found = _LITERAL.fullmatch(part)
    if found is None and re.search(r"hash|crypt|make_password|digest", part, re.I):
        found = _LITERAL.search(part)
    if found is not None:
        return f"'{found[1]}'"
    name = re.match(r"[A-Za-z_]\w*", part)
    if name is None or not hops:
        return part
    bound = re.findall(rf"^[ \t]*{re.escape(name[0])}\s*=\s*([^\n]+)", before, re.M)
    return _value(before, bound[-1].strip(), hops - 1) if bound else part
