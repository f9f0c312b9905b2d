"""Hasura metadata: what each role may do with each table (Hasura docs, "Metadata format", "Permissions").

A table file holds ``table`` and ``select_permissions`` and so on; metadata of version 2 holds a list of such tables in one file.
"""

import re
from dataclasses import dataclass

from launchready.model.surface import Span, Unread
from launchready.sources.tree import Tree
from launchready.sources.yamls import YamlError, load_yaml

_PLACE = re.compile(r"(?:^|/)metadata/(?:.*/)?(?:tables/[^/]+|tables)\.ya?ml$")
_ACTS = ("select", "insert", "update", "delete")
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Permission:
    """What one role may do with one table: ``everything`` when no row is left out; ``columns`` as granted, ``*`` for all."""

    table: str
    role: str
    act: str
    everything: bool
    columns: tuple[str, ...]
    span: Span


def permissions(tree: Tree) -> tuple[tuple[Permission, ...], tuple[Unread, ...]]:
    """Every permission of the metadata, and the files that do not parse."""
    found: list[Permission] = []
    unread: list[Unread] = []
    for file in tree.with_suffix(".yaml", ".yml"):
        if not _PLACE.search(file.path):
            continue
        text = tree.text(file.path) or ""
        try:
            # The tag of an included file is no data of ours.
            data = load_yaml(text) if len(text) < _LARGEST and "!include" not in text else None
        except YamlError:
            unread.append(Unread(file.path, "does not parse, so who may read its tables is not known"))
            continue
        for table in data if isinstance(data, list) else [data]:
            if isinstance(table, dict) and isinstance(table.get("table"), dict):
                found += _table(file.path, text, table)
    return tuple(found), tuple(unread)


def _table(path: str, text: str, data: dict[str, object]) -> list[Permission]:
    named = data["table"]
    name = f"{named.get('schema', 'public')}.{named.get('name', '?')}" if isinstance(named, dict) else "?"
    found = []
    for act in _ACTS:
        given = data.get(f"{act}_permissions")
        for one in given if isinstance(given, list) else []:
            permission = one.get("permission") if isinstance(one, dict) else None
            if not isinstance(permission, dict):
                continue
            # An insert is bound by what the new row must be, everything else by which rows are seen.
            bound = permission.get("check" if act == "insert" else "filter")
            columns = permission.get("columns", ())
            named_columns = (
                tuple(map(str, columns)) if isinstance(columns, list) else (str(columns),) if columns else ()
            )
            role = str(one.get("role", ""))
            line = _line(text, name.split(".", 1)[1], f"{act}_permissions", role)
            found.append(Permission(name, role, act, not bound, named_columns, Span(path, line, f"{act} for {role}")))
    return found


def _line(text: str, table: str, part: str, role: str) -> int:
    named = re.search(rf"\bname:\s*[\"']?{re.escape(table)}\b", text)
    at = named.start() if named else 0
    for word in (part, f"role: {role}"):
        at = max(text.find(word, at), at)
    return text.count("\n", 0, at) + 1
