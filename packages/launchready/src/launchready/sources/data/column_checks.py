"""The values that the database lets a column have: ``CHECK (status IN ('open', 'done'))``, ``ENUM('open', 'done')``, and a type of PostgreSQL that is one.

What a body names like the column takes one of them, whatever the code in between leaves unsaid (SQL-92, 11.9; PostgreSQL 5.5.1, 8.7; MySQL 13.3.6).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from launchready.model.surface import Endpoint, Input
from launchready.sources.places import is_built, is_installed
from launchready.sources.tree import Tree

_NAME = r"[\"`\[]?(\w+)[\"`\]]?"
_LIST = r"\(\s*('(?:[^'\n]|'')*'(?:\s*,\s*'(?:[^'\n]|'')*')*)\s*\)"
_TABLE = re.compile(rf"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:[\"`]?\w+[\"`]?\.)?{_NAME}\s*\(", re.I)
# The same for bytes in small letters: it begins with a word of its own, and is found a hundred times as fast.
_MAKES_TABLE = re.compile(rb"create\W+table")
_CHECK = re.compile(rf"\bCHECK\s*\(\s*{_NAME}\s+IN\s*{_LIST}", re.I)
_ENUM = re.compile(rf"^\s*{_NAME}\s+ENUM\s*{_LIST}", re.I | re.M)
_TYPE = re.compile(rf"\bCREATE\s+TYPE\s+(?:[\"`]?\w+[\"`]?\.)?{_NAME}\s+AS\s+ENUM\s*{_LIST}", re.I)
_COLUMN = re.compile(rf"^\s*{_NAME}\s+(?:[\"`]?public[\"`]?\.)?[\"`]?(\w+)[\"`]?", re.I | re.M)
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
# Where programs keep the statements that make their tables.
_CODE = (".py", ".js", ".ts", ".mjs", ".cjs")
_OF_TABLES = re.compile(
    r"(?:^|/)[^/]*(?:schema|database|\bdb\b|init|migrat|models?|tables?|setup|seed)[^/]*(?:/[^/]+)?$", re.I
)
_TEXTS = frozenset(("", "string", "str", "text", "any"))
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MOST = 40
Columns = Mapping[str, Mapping[str, tuple[str, ...]]]


def with_column_checks(tree: Tree, endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """The endpoints with the choices of their inputs where a column of that name has some: by the table that the path names, or the only list there is."""
    columns = _columns(tree)
    return tuple(_chosen(one, columns) for one in endpoints) if columns else tuple(endpoints)


def _columns(tree: Tree) -> Columns:
    """What each table lets its columns have."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for file in tree.files:
        if not (file.suffix == ".sql" or (file.suffix in _CODE and _OF_TABLES.search(file.path))):
            continue
        content = tree.bytes(file.path) or b""
        if not (b"CREATE" in content or b"create" in content) or is_built(file.path) or is_installed(file.path):
            continue
        if not _MAKES_TABLE.search(content.lower()):
            continue
        for table, columns in _of_text(content.decode(errors="replace")).items():
            found.setdefault(table, {}).update(columns)
    return found


def _of_text(text: str) -> Columns:
    starts = [(match[1].lower(), match.end()) for match in _TABLE.finditer(text)]
    types = {match[1].lower(): _values(match[2]) for match in _TYPE.finditer(text)}
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for table, start in starts:
        # A statement ends with its semicolon; in a program it may have none.
        end = min(
            (at for at in (text.find(";", start), *(other for _, other in starts if other > start)) if at > 0),
            default=len(text),
        )
        body = text[start:end]
        listed = {match[1].lower(): _values(match[2]) for rule in (_CHECK, _ENUM) for match in rule.finditer(body)}
        named = ((match[1].lower(), match[2].lower()) for match in _COLUMN.finditer(body)) if types else ()
        listed |= {column: types[kind] for column, kind in named if kind in types}
        if listed:
            found.setdefault(table, {}).update(listed)
    return found


def _values(listed: str) -> tuple[str, ...]:
    return tuple(value.replace("''", "'") for value in _QUOTED.findall(listed))[:_MOST]


def _chosen(endpoint: Endpoint, columns: Columns) -> Endpoint:
    inputs = tuple(_input(endpoint, given, columns) for given in endpoint.inputs)
    return replace(endpoint, inputs=inputs) if inputs != endpoint.inputs else endpoint


def _input(endpoint: Endpoint, given: Input, columns: Columns) -> Input:
    free = given.type.lower() in _TEXTS or "[" in given.type
    if given.choices or given.where not in ("body", "form") or not free or given.pattern:
        return given
    column = _HUMP.sub("_", given.name.rpartition(".")[2]).lower()
    lists = {table: of[column] for table, of in columns.items() if column in of}
    parts = {part.lower().replace("-", "_") for part in endpoint.path.split("/") if part and "{" not in part}
    named = [values for table, values in lists.items() if parts & {table, table.removesuffix("s"), f"{table}s"}]
    only = set(named or lists.values())
    return replace(given, choices=only.pop()) if len(only) == 1 else given
