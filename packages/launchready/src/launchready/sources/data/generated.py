"""The tables that generated types tell of: a database's own list of them, taken when the types were made.

Supabase docs, "Generating TypeScript Types": ``Database["public"]["Tables"][NAME]["Row"]``. Tables that were made in the dashboard
stand there and in no migration. Types of TypeScript are wider than those of a database; what a text may be is told by its name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.sources.tree import Tree

_FILE = re.compile(r"(?:types?|supabase|database|schema)[\w.-]*\.tsx?$", re.I)
_IS = re.compile(r"\b(?:type|interface)\s+Database\b")
_ENTRY = re.compile(r"\s*\"?(\w+)\"?\??:\s*")
_COLUMN = re.compile(r"^\s*\"?(\w+)\"?\??:\s*(.+?);?\s*$", re.M)
_NAME = re.compile(r"^\s*\"?(\w+)\"?:", re.M)
_ENUM = re.compile(r"\[\"Enums\"\]\[\"(\w+)\"\]")
_TEXT = re.compile(r"\"([^\"]*)\"")
_FOREIGN = re.compile(r"columns:\s*\[\"(\w+)\"\]")
_BY_NAME = (
    (re.compile(r"^id$|_id$|_by$|^(?:owner|author|creator|assigned_to)$"), "uuid"),
    (re.compile(r"_at$"), "timestamptz"),
    (re.compile(r"^date$|_date$|_on$"), "date"),
)
_KINDS = {"number": "numeric", "boolean": "boolean", "Json": "jsonb", "unknown": "text"}


@dataclass(frozen=True, slots=True)
class Generated:
    """What a file of generated types tells: ``tables`` and ``types`` are the statements that make them, by name; ``lines`` where each table is named."""

    file: str = ""
    tables: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    lines: tuple[tuple[str, int], ...] = ()


def generated(tree: Tree) -> Generated:
    """What the first file of generated types in the tree tells of the schema ``public``; nothing when there is none."""
    for file in tree.with_suffix(".ts"):
        text = (tree.text(file.path) or "") if _FILE.search(file.path) else ""
        if _IS.search(text) and (public := _block(text, "public")):
            tables = tuple(_tables(public))
            start = text.find("Tables:")
            lines = tuple((name, _line(text, name, start)) for name, _ in tables)
            return Generated(file.path, tables, tuple(_types(public)), lines)
    return Generated()


def _line(text: str, name: str, start: int) -> int:
    match = re.compile(rf"^\s*\"?{name}\"?:\s*\{{", re.M).search(text, start)
    return text.count("\n", 0, match.end()) + 1 if match else 0


def _tables(public: str) -> Iterator[tuple[str, str]]:
    for name, body in _entries(_block(public, "Tables")):
        foreign = set(_FOREIGN.findall(body))
        columns = [
            f'"{column}" {_kind(column, said, foreign)}' for column, said in _COLUMN.findall(_block(body, "Row"))
        ]
        if columns:
            yield name, f'CREATE TABLE public."{name}" ({", ".join(columns)})'


def _types(public: str) -> Iterator[tuple[str, str]]:
    parts = _NAME.split(_block(public, "Enums"))
    for name, said in zip(parts[1::2], parts[2::2], strict=False):
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in _TEXT.findall(said))
        yield name, f'CREATE TYPE public."{name}" AS ENUM ({values})'


def _kind(column: str, said: str, foreign: set[str]) -> str:
    kind = re.sub(r"\s*\|\s*null\b", "", said).strip()
    if match := _ENUM.search(kind):
        return f'public."{match.group(1)}"'
    if kind.endswith("[]"):
        return "numeric[]" if kind.startswith("number") else "text[]"
    if kind == "number" and (column == "id" or column in foreign):
        return "bigint"
    if kind != "string":
        return _KINDS.get(kind, "text")
    if column in foreign:
        return "uuid"
    return next((sort for pattern, sort in _BY_NAME if pattern.search(column)), "text")


def _entries(block: str) -> Iterator[tuple[str, str]]:
    at = 0
    while match := _ENTRY.match(block, at):
        body = _braced(block, match.end())
        yield match.group(1), body
        at = match.end() + len(body) + 2
        # A comma or semicolon may stand between two of them.
        at += len(block[at:]) - len(block[at:].lstrip(" \t\r\n,;"))


def _block(text: str, name: str) -> str:
    match = re.search(rf"(?<![\w\"])\"?{name}\"?:\s*(?=\{{)", text)
    return _braced(text, match.end()) if match else ""


def _braced(text: str, at: int) -> str:
    """What stands between the brace at this place and the one that closes it; empty when none stands there."""
    if text[at : at + 1] != "{":
        return ""
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return text[at + 1 : place]
    return text[at + 1 :]
