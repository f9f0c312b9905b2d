"""How two copies of a database differ, row by row. Copies are files of SQLite, whatever they are copies of."""

import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from launchready.probes.databases.tables import Change, Table

_WORDS = re.compile(r"[^\W_]+")


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def opened(*copies: Path) -> sqlite3.Connection:
    """A connection that reads copies as the schemas ``c0``, ``c1`` and so on. Nobody writes to a copy meanwhile."""
    base = sqlite3.connect(":memory:", uri=True)
    base.text_factory = _text
    for number, copy in enumerate(copies):
        base.execute(f"ATTACH ? AS c{number}", (f"{copy.absolute().as_uri()}?mode=ro&immutable=1",))
    return base


def changes(before: Path, after: Path, tables: Mapping[str, Table]) -> list[Change]:
    """What is new, changed or gone in tables that are alike in both, in the order of tables and keys."""
    found = list[Change]()
    with closing(opened(before, after)) as base:
        for table in tables.values():
            if table.key:
                found += _inserted(base, table, "c1", "c0", new=True)
                found += _inserted(base, table, "c0", "c1", new=False)
                found += _changed(base, table)
    return found


def words_in(copy: Path, tables: Collection[Table], wanted: Collection[str]) -> set[str]:
    """Which of these words, in small letters, stand somewhere in a copy."""
    found = set[str]()
    with closing(opened(copy)) as base:
        for table in (one for one in tables if wanted and one.key):
            for row in base.execute(f"SELECT {_columns(table, 't')} FROM c0.{quoted(table.name)} t"):
                for value in row:
                    if isinstance(value, str):
                        found.update(word for word in _WORDS.findall(value.lower()) if word in wanted)
    return found


def row_at(base: sqlite3.Connection, table: Table, columns: tuple[str, ...], values: tuple[object, ...]) -> dict[str, object] | None:  # fmt: skip
    """A row of the first copy by what it holds in some columns."""
    where = " AND ".join(f"t.{quoted(name)} = ?" for name in columns)
    asked = f"SELECT {_columns(table, 't')} FROM c0.{quoted(table.name)} t WHERE {where}"
    row = base.execute(asked, values).fetchone()
    return dict(zip(table.columns, row, strict=True)) if row is not None else None


def _inserted(base: sqlite3.Connection, table: Table, here: str, there: str, *, new: bool) -> Iterator[Change]:
    name = quoted(table.name)
    asked = f"SELECT {_keys(table, 'a')}, {_columns(table, 'a')} FROM {here}.{name} a WHERE NOT EXISTS (SELECT 1 FROM {there}.{name} b WHERE {_same(table)}) ORDER BY {_keys(table, 'a')}"
    for row in base.execute(asked):
        key, held = _parted(table, row)
        yield Change(table.name, key, None if new else held, held if new else None)


def _changed(base: sqlite3.Connection, table: Table) -> Iterator[Change]:
    name = quoted(table.name)
    # As they would be written down: 1, 1.0 and '1' are not the same, and collations say nothing here.
    differ = " OR ".join(f"quote(a.{quoted(one)}) <> quote(b.{quoted(one)})" for one in table.columns)
    asked = f"SELECT {_keys(table, 'a')}, {_columns(table, 'a')}, {_columns(table, 'b')} FROM c1.{name} a JOIN c0.{name} b ON {_same(table)} WHERE {differ} ORDER BY {_keys(table, 'a')}"
    for row in base.execute(asked):
        key, now = _parted(table, row[: len(table.key) + len(table.columns)])
        was = dict(zip(table.columns, row[len(table.key) + len(table.columns) :], strict=True))
        yield Change(table.name, key, was, now)


def _parted(table: Table, row: tuple[object, ...]) -> tuple[tuple[object, ...], dict[str, object]]:
    return row[: len(table.key)], dict(zip(table.columns, row[len(table.key) :], strict=True))


def _keys(table: Table, alias: str) -> str:
    return ", ".join(f"{alias}.{quoted(name)}" for name in table.key)


def _columns(table: Table, alias: str) -> str:
    return ", ".join(f"{alias}.{quoted(name)}" for name in table.columns)


def _same(table: Table) -> str:
    return " AND ".join(f"a.{quoted(name)} = b.{quoted(name)}" for name in table.key)


def _text(value: bytes) -> str:
    # SQLite keeps whatever bytes it is given as text.
    return value.decode("utf-8", "surrogateescape")
