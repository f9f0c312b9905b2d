"""The columns of tables of Drizzle as fields, and what those tables say of the fields a handler stores in them.

Sources: orm.drizzle.team/docs (column types of PostgreSQL, SQLite and MySQL; insert; update; drizzle-zod).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.rails_words import singular
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.values import followed, number_of, texts_of

_TABLE = re.compile(r"(?:^|\.)(?:pgTable|sqliteTable|mysqlTable|singlestoreTable|table|createTable)$")
_KINDS = {
    "serial": "int", "smallserial": "int", "bigserial": "int", "integer": "int", "int": "int", "smallint": "int", "bigint": "int",
    "tinyint": "int", "mediumint": "int", "numeric": "number", "decimal": "number", "real": "number", "doublePrecision": "number",
    "double": "number", "float": "number", "boolean": "boolean", "text": "string", "varchar": "string", "char": "string", "citext": "string",
    "uuid": "uuid", "timestamp": "datetime", "datetime": "datetime", "date": "date", "time": "string", "json": "object", "jsonb": "object",
}  # fmt: skip
_MODES = {"boolean": "boolean", "timestamp": "datetime", "timestamp_ms": "datetime", "json": "object", "number": "int"}
_FILLED = frozenset(
    ("default", "defaultNow", "defaultRandom", "$default", "$defaultFn", "autoincrement", "$onUpdate", "$onUpdateFn", "generatedByDefaultAsIdentity")
)  # fmt: skip
_NEVER = frozenset(("generatedAlwaysAs", "generatedAlwaysAsIdentity"))
_REFERENCED = re.compile(r"(\w+)\.\w+\W*$")
# db.insert(tickets).values(body), tx.update(tickets).set({ ...body })
_STORED = re.compile(r"\.(?P<how>insert|update)\(\s*(?P<table>[A-Za-z_$][\w$.]*)\s*\)")


def stored(code: str) -> Iterator[tuple[str, bool, str]]:
    """Each table that code makes rows of or changes: its name, whether it makes them, and the pattern of what is given it."""
    for found in _STORED.finditer(code):
        given = rf"\.{found['how']}\(\s*{re.escape(found['table'])}\s*\)\s*\.(?:values|set)\(\s*"
        yield found["table"], found["how"] == "insert", given


def model_of(resolver: Resolver, path: str, name: str) -> dict[str, Input]:
    """The columns of the table that a name in a file stands for, empty when it is none."""
    return columns_of(resolver, path, Expr("name", name))


def columns_of(resolver: Resolver, path: str, table: Expr | None) -> dict[str, Input]:
    """The columns that a record of a table is made of, by the names that code has for them; empty when it is no table of Drizzle.

    Required is what may not be null and is filled by nothing. A column that refers to another table is an ``id of`` it.
    """
    where, made = followed(resolver, path, table)
    if made.kind != "call" or not _TABLE.search(made.text) or len(made.items) < 2:
        return {}
    where, columns = followed(resolver, where, made.items[1])
    found: dict[str, Input] = {}
    for spread in columns.items:
        there, inner = followed(resolver, where, spread)
        found |= {one.name: one for one in _columns(resolver, there, inner)}
    return found | {one.name: one for one in _columns(resolver, where, columns)}


def _columns(resolver: Resolver, path: str, columns: Expr) -> Iterator[Input]:
    for name, value in columns.named if columns.kind == "dict" else ():
        given = _column(resolver, path, name, value)
        if given is not None:
            yield given


def _column(resolver: Resolver, path: str, name: str, value: Expr) -> Input | None:
    """``text("status", { enum: ["open"] }).notNull().default("open")``; None for what nobody may set."""
    links = [value]
    while links[-1].on is not None:
        links.append(links[-1].on)
    words = {link.text.rsplit(".", 1)[-1] for link in links[:-1]}
    first = links[-1]
    if first.kind != "call" or words & _NEVER:
        return None
    made = first.text.rsplit(".", 1)[-1]
    options = next((item for item in first.items if item.kind == "dict"), Expr("dict"))
    mode = options.get("mode")
    kind = _MODES.get(mode.text, "") if mode is not None else ""
    choices = texts_of(resolver, path, options.get("enum"))
    if made not in _KINDS:
        # pgEnum("role", ["admin", "member"]), called with the name of the column; mysqlEnum("role", [...])
        where, named = followed(resolver, path, Expr("name", first.text))
        listed = named if named.kind == "call" else first
        if not listed.text.rsplit(".", 1)[-1].endswith("Enum") or len(listed.items) < 2:
            return Input(name, "", "", "notNull" in words and not words & _FILLED)
        choices, kind = texts_of(resolver, where, listed.items[1]), "enum"
    filled = bool(words & _FILLED) or made.endswith("serial") or (made == "integer" and "primaryKey" in words)
    if filled and "primaryKey" in words:
        return None
    required = bool(words & {"notNull", "primaryKey"}) and not filled
    given = Input(name, "", kind or _KINDS.get(made, ""), required, choices)
    given = replace(given, most=number_of(options.get("length"))) if given.type == "string" else given
    refers = next((link for link in links if link.text.rsplit(".", 1)[-1] == "references"), None)
    owner = _referred(refers) if refers is not None else ""
    return replace(given, type=f"id of {owner}") if owner else given


def _referred(call: Expr) -> str:
    """The table that ``references(() => users.id)`` names, as one of its records is called."""
    function = call.items[0].function if call.items else None
    match = _REFERENCED.search(function.code) if function is not None else None
    return singular(match[1].lower().removesuffix("table")) if match else ""
