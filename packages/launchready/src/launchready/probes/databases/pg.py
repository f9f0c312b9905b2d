"""A database of PostgreSQL, by its URL: its rows are copied as text into a file of SQLite, and put back by primary key in one transaction.

Text is what PostgreSQL itself dumps and reads (manual, COPY). Everybody else may read meanwhile and waits with writing (manual, 13.3.1, SHARE ROW EXCLUSIVE). Sequences stay where they
are: what they gave out is never given again.
"""

import importlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from launchready.probes.databases.compare import opened, quoted
from launchready.probes.databases.tables import Change, DatabaseError, Link, Table

INSTALL = 'pip install "launchready[postgres]"'
WAIT = 10.0
_META, _CODE = "launchready", "launchready_code"
_AT_ONCE = 500
# Text that is read back to the same value, whatever the server is set to.
_SETTINGS = "SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET extra_float_digits = 3; SET bytea_output = 'hex'; SET row_security = off"
# Ordinary tables and partitions of the app's own; those of extensions are not its own.
_TABLES = """
SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 2, 3
"""
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), attgenerated <> '' FROM pg_attribute
WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
# The primary key, else whatever tells each row apart.
_KEY = """
SELECT (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number)
FROM pg_index i WHERE i.indrelid = %s AND i.indisunique AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
AND (i.indisprimary OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull))
ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1
"""
# Those of the app's own that are not switched off, by when they fire.
_TRIGGERS = "SELECT tgname, tgenabled::text FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled <> 'D'"
_STATES = {"O": "", "R": "REPLICA ", "A": "ALWAYS "}
_WRITTEN = "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text FROM pg_stat_user_tables"
_TEXTS = """
SELECT prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
UNION ALL SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' UNION ALL SELECT enumlabel FROM pg_enum
"""
_LINKS = """
SELECT (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(f.conkey) WITH ORDINALITY k (number, place)
    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number), n.nspname, c.relname,
  (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(f.confkey) WITH ORDINALITY k (number, place)
    JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number)
FROM pg_constraint f JOIN pg_class c ON c.oid = f.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE f.contype = 'f' AND f.conrelid = %s ORDER BY f.oid
"""


class Postgres:
    """The database at one URL."""

    def __init__(self, url: str, name: str, wait: float = WAIT) -> None:
        self._url, self._name, self._wait = url, name, wait
        try:
            self._psycopg: Any = importlib.import_module("psycopg")
        except ImportError as error:
            raise DatabaseError(f"The {name} could not be copied: psycopg is not installed. {INSTALL}") from error

    def copy(self, to: Path) -> None:
        """A copy of what is in it now, as one moment shows it."""
        with self._said("copied"), self._connected() as base:
            base.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self.write(base, to)

    def tables(self, copy: Path) -> dict[str, Table]:
        """The tables of a copy, by name."""
        return {name: one.table for name, one in _noted(copy).items()}

    def said(self, copy: Path) -> str:
        """The words of its own code: functions, rules on columns, defaults and kinds of its own, in small letters."""
        with closing(opened(copy)) as base:
            return "\n".join(text.lower() for (text,) in base.execute(f"SELECT text FROM c0.{_CODE}"))

    def unkeyed(self, before: Path, after: Path) -> list[str]:
        """The tables without a key that hold other rows than before."""
        was, now = _noted(before), _noted(after)
        return [name for name, one in now.items() if not one.table.key and name in was and was[name].held != one.held]

    @contextmanager
    def hold(self) -> Iterator["_Held"]:
        """Keep everybody else from writing meanwhile."""
        with self._said("put back"), self._connected() as base:
            yield _Held(self, base, self._psycopg)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """A transaction that ends with the connection: kept when nothing is raised."""
        with self._psycopg.connect(self._url, connect_timeout=5) as base:
            base.execute(f"SET lock_timeout = {int(self._wait * 1000)}")
            base.execute(_SETTINGS)
            base.commit()
            yield base

    @contextmanager
    def _said(self, what: str) -> Iterator[None]:
        try:
            yield
        except (self._psycopg.Error, sqlite3.Error, OSError) as error:
            locked = isinstance(error, self._psycopg.errors.LockNotAvailable)
            why = f"it stayed locked for {self._wait:g} s" if locked else str(error).strip().partition("\n")[0]
            give = (
                "end what keeps a transaction open in it"
                if locked
                else "see that it runs, and that the role of the URL owns the tables"
            )
            raise DatabaseError(f"The {self._name} could not be {what}: {why}. Nothing in it was changed; {give}, and run again") from error  # fmt: skip

    def write(self, base: Any, to: Path) -> None:
        """Every table into a file of SQLite: each value as text, and what the catalogue says of the table."""
        to.unlink(missing_ok=True)
        os.close(os.open(to, os.O_CREAT | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(to, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")
            copy.execute("BEGIN")
            copy.execute(f"CREATE TABLE {_META} (name TEXT PRIMARY KEY, said TEXT)")
            for oid, schema, bare in base.execute(_TABLES).fetchall():
                one = _found(base, oid, schema, bare)
                if one.table.columns:
                    one = msgspec.structs.replace(one, held=self._rows(base, copy, one))
                copy.execute(f"INSERT INTO {_META} VALUES (?, ?)", (one.table.name, msgspec.json.encode(one)))
            copy.execute(f"CREATE TABLE {_CODE} (text TEXT)")
            # How often it was written to makes copies differ, also where all that came went again.
            copy.execute(f"INSERT INTO {_CODE} SELECT ?", base.execute(_WRITTEN).fetchone())
            copy.executemany(f"INSERT INTO {_CODE} VALUES (?)", base.execute(_TEXTS).fetchall())
            copy.execute("COMMIT")

    def _rows(self, base: Any, copy: sqlite3.Connection, one: "_Known") -> str:
        """Write the rows of a table; of one without a key only how many there are, and a number made of all of them."""
        table, name = one.table, one.name
        if not table.key:
            row = base.execute(f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {name} t").fetchone()  # fmt: skip
            return f"{row[0]} {row[1]}"
        columns = ", ".join(f"{quoted(one)} TEXT" for one in table.columns)
        copy.execute(f"CREATE TABLE {quoted(table.name)} ({columns}, PRIMARY KEY ({', '.join(map(quoted, table.key))})) WITHOUT ROWID")  # fmt: skip
        marks = ", ".join("?" for _ in table.columns)
        with base.cursor(name="launchready") as cursor:
            cursor.execute(f"SELECT {', '.join(f'{quoted(one)}::text' for one in table.columns)} FROM {name}")
            while rows := cursor.fetchmany(_AT_ONCE):
                copy.executemany(f"INSERT INTO {quoted(table.name)} VALUES ({marks})", rows)
        return ""


class _Held:
    def __init__(self, whole: Postgres, base: Any, psycopg: Any) -> None:
        self._whole, self._base, self._psycopg = whole, base, psycopg

    def copy(self, to: Path) -> None:
        """Lock every table, and copy them."""
        listed = self._base.execute(_TABLES).fetchall()
        if listed:
            names = ", ".join(f"{quoted(schema)}.{quoted(bare)}" for _, schema, bare in listed)
            self._base.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        self._whole.write(self._base, to)

    def put_back(self, before: Path, changes: list[Change], _others: Collection[str]) -> list[Change]:
        """Undo the changes: what is new first, children before parents, then what was there. Triggers of the app's own are out of the way meanwhile."""
        noted = _noted(before)
        again = self._without_triggers([noted[name] for name in sorted({one.table for one in changes})])
        self._base.execute("SET CONSTRAINTS ALL DEFERRED")
        self._all([one for one in changes if one.was is None], noted, _delete)
        self._all([one for one in changes if one.was is not None and one.now is not None], noted, _update)
        self._all([one for one in changes if one.now is None], noted, _insert)
        # What is deferred fails here, where it is still ours to say.
        self._base.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in again:
            self._base.execute(statement)
        return []

    def _without_triggers(self, tables: Sequence["_Known"]) -> list[str]:
        """Switch off the triggers of some tables, foreign keys not among them, and give the statements that switch them on as they were."""
        again = list[str]()
        for one in tables:
            for trigger, state in self._base.execute(_TRIGGERS, (one.name,)).fetchall():
                self._base.execute(f"ALTER TABLE {one.name} DISABLE TRIGGER {quoted(trigger)}")
                again.append(f"ALTER TABLE {one.name} ENABLE {_STATES[state]}TRIGGER {quoted(trigger)}")
        return again

    def _all(self, changes: Sequence[Change], noted: Mapping[str, "_Known"], ask: "_Ask") -> None:
        """Do all of them; what another one holds comes after it. Raises when a whole round gets nowhere."""
        left = list(changes)
        while left:
            later, why = list[Change](), None
            for change in left:
                try:
                    with self._base.transaction():
                        self._base.execute(*ask(noted[change.table], change))
                except self._psycopg.errors.IntegrityError as error:
                    later.append(change)
                    why = error
            if why is not None and len(later) == len(left):
                raise why
            left = later


class _Known(msgspec.Struct, frozen=True):
    """A table as the catalogue has it. ``types`` are those of its columns; ``held`` tells its rows from others where it has no key."""

    schema: str
    bare: str
    table: Table
    types: dict[str, str]
    held: str = ""

    @property
    def name(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.bare)}"


_Ask = Callable[[_Known, Change], tuple[str, list[object]]]


def _noted(copy: Path) -> dict[str, _Known]:
    with closing(opened(copy)) as base:
        return {name: msgspec.json.decode(said, type=_Known) for name, said in base.execute(f"SELECT name, said FROM c0.{_META} ORDER BY name")}  # fmt: skip


def _found(base: Any, oid: int, schema: str, bare: str) -> _Known:
    columns = {name: kind for name, kind, worked_out in base.execute(_COLUMNS, (oid,)).fetchall() if not worked_out}
    key = base.execute(_KEY, (oid,)).fetchone()
    links = tuple(Link(tuple(own), f"{there}.{table}", tuple(target)) for own, there, table, target in base.execute(_LINKS, (oid,)).fetchall())  # fmt: skip
    return _Known(schema, bare, Table(f"{schema}.{bare}", tuple(columns), tuple(key[0]) if key else (), links), columns)


def _where(one: _Known) -> str:
    return " AND ".join(f"{quoted(name)} = %s::{one.types[name]}" for name in one.table.key)


def _delete(one: _Known, change: Change) -> tuple[str, list[object]]:
    return f"DELETE FROM {one.name} WHERE {_where(one)}", [*change.key]


def _update(one: _Known, change: Change) -> tuple[str, list[object]]:
    was = {name: (change.was or {})[name] for name in change.news}
    sets = ", ".join(f"{quoted(name)} = %s::{one.types[name]}" for name in was)
    return f"UPDATE {one.name} SET {sets} WHERE {_where(one)}", [*was.values(), *change.key]


def _insert(one: _Known, change: Change) -> tuple[str, list[object]]:
    was = change.was or {}
    listed = ", ".join(map(quoted, was))
    values = ", ".join(f"%s::{one.types[name]}" for name in was)
    return f"INSERT INTO {one.name} ({listed}) OVERRIDING SYSTEM VALUE VALUES ({values})", [*was.values()]
