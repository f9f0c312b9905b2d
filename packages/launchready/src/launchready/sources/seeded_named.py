"""Accounts in a table of the code whose keys are their names: ``users = {"ann": generate_password_hash("…")}``, as Flask-HTTPAuth and tutorials of FastAPI have it."""

import re
from collections.abc import Iterator

from launchready.sources.pieces import pieces
from launchready.sources.seeded_rows import Account

_TABLE = re.compile(
    r"^[ \t]*(?:\w{1,30}_)?(?:users?|accounts?|members?|credentials|admins?)(?:_(?:db|database|store|table|map))?\s*(?::[^=\n]{1,80})?=\s*\{(?=\s*[\"'])",
    re.I | re.M,
)
_ENTRY = re.compile(r"[\"'](?P<login>[\w.@+-]{3,80})[\"']\s*:\s*(?=\S)")
_TEXT = r"[bfru]?[\"'](?P<password>[^\"'\s{}$<>]{3,80})[\"']"
_PLAIN = re.compile(_TEXT)
_HASHED = re.compile(r"\b\w*(?:hash|crypt|make_password|digest)\w*\(\s*" + _TEXT, re.I)
_FIELD = re.compile(r"[\"']?\b(?:hashed_?)?(?:password|passwd|pwd)(?:_?hash)?[\"']?\s*[:=]\s*" + _TEXT, re.I)
_ROLE = re.compile(r"[\"']?\brole[\"']?\s*[:=]\s*[\"'](?P<role>[\w -]{2,30})[\"']", re.I)
_MOST = 20


def named_rows(text: str) -> Iterator[Account]:
    """Login, password, role and place of each account of such a table."""
    for table in _TABLE.finditer(text):
        at = table.end()
        for part in pieces(text, at)[:_MOST]:
            entry = _ENTRY.match(part)
            held = part[entry.end() :] if entry else ""
            given = _PLAIN.fullmatch(held) or _HASHED.search(held) or _FIELD.search(held)
            if entry is None or given is None:
                continue
            role = _ROLE.search(held)
            place = max(text.find(part[:40], at), at)
            yield Account(entry["login"], given["password"], role["role"] if role else "", place)
