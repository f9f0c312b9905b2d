"""Accounts that an app keeps in a JSON file of its own: ``data/users.json``, or the ``users`` of a ``db.json`` as json-server and lowdb have it.

Passwords stand there as they are typed, or the app could not compare them; hashes tell none and are left to who reads the rows.
"""

import re
from collections.abc import Iterator

from launchready.model.parsed import json_of
from launchready.sources.seeded_rows import Account, named_of
from launchready.sources.tree import Tree

_KEPT = re.compile(
    r"(?:^|/)(?:\w+[-_.])?(?:users?|accounts?|members?|employees?|people|credentials|db|database|store|seed)\.json$",
    re.I,
)
_PEOPLE = re.compile(r"users?$|accounts?$|members?$|employees?$|admins?$|people$|credentials$", re.I)
_LOGINS = ("email", "username", "user_name", "userName", "login", "name", "user")
_PASSWORDS = ("password", "passwd", "pwd", "pass")
_RANKS = ("role", "user_role", "userRole", "type")
_ABOVE = ("is_admin", "isAdmin", "admin", "is_superuser", "is_staff")
_MOST_BYTES, _MOST_ROWS = 65_536, 40
_HASHED = re.compile(
    r"^\$\w|^(?:pbkdf2|scrypt|argon2|sha\d{1,3}|md5)\b|^[0-9a-f]{32,}$|[:$.][\w+/=-]{20,}|={1,2}$", re.I
)


def kept_files(tree: Tree) -> Iterator[str]:
    """The files in which an app may keep its accounts, by their names."""
    return (file.path for file in tree.files if file.size <= _MOST_BYTES and _KEPT.search(file.path))


def kept_rows(text: str) -> Iterator[Account]:
    """Login, password, role and place of each account in such a file."""
    said = json_of(text)
    tables = [said] if isinstance(said, list) else []
    if isinstance(said, dict):
        # `{"ann": {"password": "…"}}` names people by their keys, `{"users": […]}` the table.
        tables = [held for name, held in said.items() if isinstance(held, list) and _PEOPLE.search(name)]
        tables += [_named(held) for name, held in said.items() if isinstance(held, dict) and _PEOPLE.search(name)]
        tables = tables or [_named(said)]
    for table in tables:
        for row in table[:_MOST_ROWS]:
            yield from _account(row, text)


def _named(people: dict[str, object]) -> list[object]:
    return [{"username": name, **row} for name, row in people.items() if isinstance(row, dict)]


def _account(row: object, text: str) -> Iterator[Account]:
    if not isinstance(row, dict):
        return
    said = {str(name): value for name, value in row.items() if isinstance(value, str) and value}
    login, also = named_of(said, _LOGINS)
    password = next((said[name] for name in _PASSWORDS if name in said), "")
    above = any(row.get(name) is True for name in _ABOVE)
    if (
        2 < len(login) <= 80
        and 2 < len(password) <= 80
        and not re.search(r"\s", login)
        and not _HASHED.search(password)
    ):
        role = next((said[name] for name in _RANKS if name in said), "")
        yield Account(login, password, "admin" if above else role, max(text.find(f'"{login}"'), 0), also)
