"""Says where launchready.toml is wrong, what was expected there, and the nearest valid key."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_args

import msgspec

from launchready.config.schema import ConfigFile

# By the last part of the key; the rest is said by type.
_EXPECTED = {
    "source": 'a list of folders such as ["."]',
    "logs": 'a list of files such as ["logs/app.log"]',
    "hosts": 'a list of names such as ["app.example.com"]',
    "mail": 'a list such as ["postmark"]',
    "dkim": 'a list of selectors such as ["pm"]',
    "alerts": 'a list such as ["slack:#ops", "email:dana@example.com"]',
    "password": 'the name of the environment variable that holds it, as in { env = "LR_ALICE" }; never the password itself',
    "token": 'the name of the environment variable that holds it, as in { env = "LR_ALICE" }; never the token itself',
    "expires": "a date without quotes, such as 2027-01-31",
    "cleanup": 'a list of words such as ["python", "scripts/forget.py"]; it is started as it stands, by no shell',
    "database": 'the file of SQLite such as "instance/app.db", or { env = "DATABASE_URL" } for PostgreSQL',
    "ports": "a table such as { http = 80, https = 443 }",
}
_TYPES = {
    "str": "text in quotes",
    "bool": "true or false, without quotes",
    "int": "a whole number",
    "array": "a list in square brackets",
    "object": "a table",
    "date": "a date",
}
_GIVEN = {
    "str": "text",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "array": "a list",
    "object": "a table",
    "date": "a date",
}
_NAMES = re.compile(r'"[^"]*"|\'[^\']*\'|[\w-]+')
_HEADER = re.compile(r"\s*(\[\[?)([^\[\]=]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*((?:\"[^\"]*\"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:\"[^\"]*\"|'[^']*'|[\w-]+))*)\s*=")


def explain(text: str, raw: dict[str, Any], error: msgspec.ValidationError) -> str:
    """What follows the name of the file: ``, line 7: [project] has the key 'sorce', …``. Repeats no value."""
    message, _, at = str(error).partition(" - at `")
    place, kind = _place(raw, at.rstrip("`"))
    table = f"[{dotted(place)}]" if place else "the file"
    if unknown := re.search(r"unknown field `(.+?)`", message):
        key = unknown.group(1)
        valid = [field.name for field in msgspec.structs.fields(kind)] if _is_struct(kind) else []
        near = get_close_matches(key, valid, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else "valid keys: " + ", ".join(valid)
        return f"{line_of(text, (*place, key))}: {table} has the key {key!r}, which means nothing here; {hint}"
    if missing := re.search(r"missing required field `(.+?)`", message):
        key = missing.group(1)
        example = _EXPECTED.get(key)
        return f"{line_of(text, place)}: {table} lacks {key!r}; it is required" + (f": {example}." if example else ".")
    got = re.search(r"got `(\w+)", message)
    given = _GIVEN.get(got.group(1), "something else") if got else "not what it should be"
    return f"{line_of(text, place)}: {dotted(place) or 'the file'} is {given}. Expected {_expected(place, message)}."


def line_of(text: str, place: Sequence[str]) -> str:
    """``, line 7`` where the key at ``place`` stands, or else what it stands in; nothing when neither is there."""
    best, found, table = 0, "", list[str]()
    counted: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header.group(2))
            if header.group(1) == "[[":
                name = ".".join(table)
                table.append(str(counted.setdefault(name, 0)))
                counted[name] += 1
            here = table
        elif key := _KEY.match(line):
            here = [*table, *_parts(key.group(1))]
        else:
            continue
        if best < len(here) <= len(place) and list(place[: len(here)]) == here:
            best, found = len(here), f", line {number}"
    return found


def dotted(place: Sequence[str]) -> str:
    """``waivers[0].expires``."""
    said = ""
    for part in place:
        said += f"[{part}]" if part.isdigit() and said else f".{part}" if said else part
    return said


def _parts(names: str) -> list[str]:
    return [name.strip("\"'") for name in _NAMES.findall(names)]


def _expected(place: Sequence[str], message: str) -> str:
    named = next((part for part in reversed(place) if not part.isdigit()), "")
    if named in _EXPECTED:
        return _EXPECTED[named]
    wanted = re.search(r"[Ee]xpected `(\w+)", message)
    return _TYPES.get(wanted.group(1), wanted.group(1)) if wanted else message[0].lower() + message[1:]


def _place(raw: Any, at: str) -> tuple[tuple[str, ...], Any]:
    """Where msgspec stopped, and what should be there. It writes ``[...]`` for a key of the user's own, which we find."""
    place: list[str] = []
    kind: Any = ConfigFile
    for name, index in re.findall(r"\.([\w-]+)|\[([^\]]+)\]", at):
        kind = _field(kind, name) if name else next(reversed(get_args(kind)), kind)
        part = name or (index if index.isdigit() else _first_wrong(raw, kind))
        place.append(part)
        raw = raw[int(part)] if isinstance(raw, list) else raw.get(part) if isinstance(raw, dict) else None
    return tuple(place), kind


def _field(kind: Any, name: str) -> Any:
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    found = fields.get(name)
    structs = [argument for argument in get_args(found) if _is_struct(argument)]
    return structs[0] if structs and type(None) in get_args(found) else found


def _first_wrong(raw: dict[str, Any], kind: Any) -> str:
    for name, value in raw.items():
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return str(name)
    return "NAME"


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
