"""A database of SQLite that an app has open: copied by the online backup API, and put back in one transaction.

Rows come back by their row id, since that is what an app may keep. Foreign keys are not enforced meanwhile and triggers are out of the way, so that nothing else is changed
on the way back (sqlite.org: backup.html, lang_createtrigger.html, pragma.html#pragma_foreign_key_check). A search index is a set of tables that SQLite keeps itself (fts5.html, section 9).
"""

import os
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from launchready.probes.databases.compare import opened, quoted
from launchready.probes.databases.tables import Change, DatabaseError, Link, Table

# How long a lock is waited for.
WAIT = 10.0
_NUMBERS = "sqlite_sequence"
_ROW_IDS = ("rowid", "_rowid_", "oid")
_LIST = """
SELECT l.name, l.type, l.wr FROM pragma_table_list l WHERE l.schema = 'c0' AND l.type IN ('table', 'shadow')
AND (l.name NOT LIKE 'sqlite~_%' ESCAPE '~' OR l.name = 'sqlite_sequence') ORDER BY l.name
"""


class Sqlite:
    """The database in one file."""

    def __init__(self, file: Path, name: str, wait: float = WAIT) -> None:
        self._file, self._name, self._wait = file, name, wait

    def copy(self, to: Path) -> None:
        """A copy of what is in it now, its write-ahead log among it."""
        to.unlink(missing_ok=True)
        os.close(os.open(to, os.O_CREAT | os.O_WRONLY, 0o600))
        until = time.monotonic() + self._wait

        def waited(status: int, _left: int, _whole: int) -> None:
            # While it is locked from the start, nothing is left to copy either.
            if status != sqlite3.SQLITE_DONE and time.monotonic() > until:
                raise TimeoutError

        with self._said("copied"), closing(self._opened()) as base, closing(sqlite3.connect(to)) as copy:
            base.backup(copy, progress=waited, sleep=0.05)
            copy.execute("PRAGMA journal_mode = DELETE")

    def tables(self, copy: Path) -> dict[str, Table]:
        """The tables of a copy, by name."""
        with self._said("read"), closing(opened(copy)) as base:
            return {name: _table(base, name, derived=kind == "shadow" or name == "sqlite_sequence", keyed=bool(without))
                    for name, kind, without in base.execute(_LIST).fetchall()}  # fmt: skip

    def said(self, copy: Path) -> str:
        """The words of its own code, such as triggers, in small letters."""
        with self._said("read"), closing(opened(copy)) as base:
            return "\n".join(sql.lower() for (sql,) in base.execute("SELECT sql FROM c0.sqlite_master WHERE sql IS NOT NULL"))  # fmt: skip

    def unkeyed(self, _before: Path, _after: Path) -> list[str]:
        """None: each row has its id or its primary key."""
        return []

    @contextmanager
    def hold(self) -> Iterator["_Held"]:
        """Keep everybody else from writing meanwhile; they wait as long as they do for any other writer."""
        with self._said("put back"), closing(self._opened()) as base:
            yield _Held(self, base)

    def _opened(self) -> sqlite3.Connection:
        base = sqlite3.connect(f"{self._file.as_uri()}?mode=rw", uri=True, timeout=self._wait, isolation_level=None)
        base.execute("PRAGMA foreign_keys = OFF")
        return base

    @contextmanager
    def _said(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, TimeoutError, OSError, UnicodeError) as error:
            locked = isinstance(error, TimeoutError) or "locked" in str(error)
            give = (
                "end what keeps it locked" if locked else "see that it is a database of SQLite which you may write to"
            )
            why = f"it stayed locked for {self._wait:g} s" if locked else str(error)
            raise DatabaseError(f"The {self._name} could not be {what}: {why}. Nothing in it was changed; {give}, and run again") from error  # fmt: skip


class _Held:
    def __init__(self, whole: Sqlite, base: sqlite3.Connection) -> None:
        self._whole, self._base, self._now = whole, base, Path()

    def copy(self, to: Path) -> None:
        """Lock it, and copy it."""
        if not self._base.in_transaction:
            self._base.execute("BEGIN IMMEDIATE")
        self._whole.copy(to)
        self._now = to

    def put_back(self, before: Path, changes: list[Change], others: Collection[str]) -> list[Change]:
        """Undo the changes as the copy has them, and give those whose place is taken."""
        if not changes:
            return []
        tables = self._whole.tables(before)
        changes = [one for one in changes if one.table != _NUMBERS and not (others and tables[one.table].derived)]
        try:
            triggers = self._without_triggers({one.table for one in changes})
            for change in changes:
                if change.now is not None:
                    where = " AND ".join(f"{quoted(name)} = ?" for name in tables[change.table].key)
                    self._base.execute(f"DELETE FROM main.{quoted(change.table)} WHERE {where}", change.key)
            with closing(opened(before, self._now)) as copies:
                copies.text_factory = bytes
                left = [one for one in changes if one.was is not None and not self._insert(copies, tables[one.table], one)]  # fmt: skip
                if _NUMBERS in tables:
                    self._number(copies, others)
            for statement in triggers:
                self._base.execute(statement)
            if others:
                self._rebuild()
            self._check(before)
            self._base.execute("COMMIT")
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        return left

    def _insert(self, copies: sqlite3.Connection, table: Table, change: Change) -> bool:
        """Whether a row is as it was again: somebody else may have by now what only one row may have. Then it stays as it is."""
        try:
            self._write(copies, "c0", table, change)
        except sqlite3.IntegrityError:
            if change.now is not None:
                self._write(copies, "c1", table, change)
            return False
        return True

    def _write(self, copies: sqlite3.Connection, schema: str, table: Table, change: Change) -> None:
        """A row as a copy has it. Texts travel as bytes and become texts again, whatever they hold."""
        names = tuple(dict.fromkeys((*table.key, *table.columns)))
        kinds = ", ".join(f"typeof({quoted(name)}), {quoted(name)}" for name in names)
        where = " AND ".join(f"{quoted(name)} = ?" for name in table.key)
        row = copies.execute(f"SELECT {kinds} FROM {schema}.{quoted(table.name)} WHERE {where}", change.key).fetchone()
        values = ", ".join("CAST(? AS TEXT)" if kind == b"text" else "?" for kind in row[::2])
        listed = ", ".join(map(quoted, names))
        self._base.execute(f"INSERT INTO main.{quoted(table.name)} ({listed}) VALUES ({values})", row[1::2])

    def _number(self, copies: sqlite3.Connection, others: Collection[str]) -> None:
        """The last numbers given (autoinc.html), as they were: in tables where nobody else's rows stay."""
        was = {
            name.decode(): (place, number)
            for place, name, number in copies.execute(f"SELECT rowid, name, seq FROM c0.{_NUMBERS}")
        }
        for (name,) in self._base.execute(f"SELECT name FROM main.{_NUMBERS}").fetchall():
            if name not in others:
                self._base.execute(f"DELETE FROM main.{_NUMBERS} WHERE name = ?", (name,))
        for name, (place, number) in was.items():
            if name not in others:
                place = None if others else place
                self._base.execute(
                    f"INSERT INTO main.{_NUMBERS} (rowid, name, seq) VALUES (?, ?, ?)", (place, name, number)
                )

    def _check(self, before: Path) -> None:
        """Raise where a row would lead nowhere that did not before."""
        with closing(opened(before)) as copy:
            allowed = set(copy.execute("PRAGMA c0.foreign_key_check").fetchall())
        broken = [row for row in self._base.execute("PRAGMA main.foreign_key_check").fetchall() if row not in allowed]
        if broken:
            raise sqlite3.IntegrityError(f"a row of {broken[0][0]} that somebody else changed needs one of {broken[0][2]} that the run made or removed")  # fmt: skip

    def _without_triggers(self, tables: set[str]) -> list[str]:
        """Take the triggers of some tables out, inside of the transaction, and give the statements that make them anew."""
        asked = "SELECT name, tbl_name, sql FROM main.sqlite_master WHERE type = 'trigger' ORDER BY rowid"
        found = [(name, sql) for name, table, sql in self._base.execute(asked).fetchall() if table in tables]
        for name, _ in found:
            self._base.execute(f"DROP TRIGGER main.{quoted(name)}")
        return [sql for _, sql in found]

    def _rebuild(self) -> None:
        """Make search indexes anew of the rows that there are: what somebody else wrote stands in the same pages as ours."""
        for name, sql in self._base.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'").fetchall():  # fmt: skip
            if " using fts" in sql.lower():
                self._base.execute(f"INSERT INTO main.{quoted(name)} ({quoted(name)}) VALUES ('rebuild')")


def _table(base: sqlite3.Connection, name: str, *, derived: bool, keyed: bool) -> Table:
    # cid, name, type, notnull, default, place in the primary key, hidden: 2 and 3 are worked out of others.
    listed = base.execute("SELECT name, pk, hidden FROM pragma_table_xinfo(?, 'c0') ORDER BY cid", (name,)).fetchall()
    columns = tuple(column for column, _, hidden in listed if not hidden)
    primary = tuple(column for column, place, _ in sorted(listed, key=lambda one: one[1]) if place)
    key = primary if keyed else next(((one,) for one in _ROW_IDS if one not in {c.lower() for c in columns}), ())
    return Table(name, columns, key, tuple(_links(base, name)), derived)


def _links(base: sqlite3.Connection, name: str) -> Iterator[Link]:
    asked = 'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?, \'c0\') ORDER BY id, seq'
    parts = dict[int, list[tuple[str, str, str]]]()
    for number, table, column, target in base.execute(asked, (name,)):
        parts.setdefault(number, []).append((table, column, target))
    for one in parts.values():
        table = one[0][0]
        targets = tuple(target or _primary(base, table) for _, _, target in one)
        yield Link(tuple(column for _, column, _ in one), table, targets)


def _primary(base: sqlite3.Connection, table: str) -> str:
    found = base.execute("SELECT name FROM pragma_table_info(?, 'c0') WHERE pk = 1", (table,)).fetchone()
    return str(found[0]) if found else "rowid"
