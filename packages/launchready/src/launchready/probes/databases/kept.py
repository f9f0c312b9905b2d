"""One run and the app's database: a copy before anything is sent, looked at again now and then, put back at the end, taken up after a kill.

Everything lies in a folder of the project's ``.launchready/`` that only its owner can read: ``before.db``, ``during.db``, ``sent.txt``. Beside it, ``…-taken.db`` is the
database as it was before rows were put back that nothing marks as the run's.
"""

import contextlib
import filecmp
import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from launchready.probes.databases.compare import changes, quoted
from launchready.probes.databases.judge import Known, Whose, judge
from launchready.probes.databases.sent import Sent
from launchready.probes.databases.tables import Change, Database, DatabaseError, Table

# A copy is made while the run goes on at least so many seconds apart, and so many times as far as it takes.
APART, _SHARE = 3.0, 20.0
_NAMED, _WIDE = 6, 60


@dataclass(frozen=True, slots=True)
class PutBack:
    """What came of it. ``whole`` says that all is as it was before the run; ``why`` what went wrong, empty where nothing did. ``stayed`` are
    the keys of rows that were left as they are. ``touched`` says that anything was written to it at all since the run began."""

    whole: bool
    why: str = ""
    stayed: frozenset[str] = frozenset()
    touched: bool = True


class Kept:
    """The copy of one run. ``folder`` is a place of the run's own; ``known`` says which words the app's source has, ``people`` that everybody
    the run calls as is known by a name that it sends."""

    def __init__(self, database: Database, name: str, folder: Path, known: Known, *, people: bool = True) -> None:
        self.name, self._database, self._known, self._people = name, database, known, people
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._folder = folder
        self._before, self._during, self._now = (folder / f"{one}.db" for one in ("before", "during", "now"))
        self._sent = folder / "sent.txt"
        self.resumed = self._before.exists()
        if not self.resumed:
            self._sent.unlink(missing_ok=True)
        self.sent = Sent(self._sent)
        # Somebody looks now and then while somebody else puts back.
        self._alone, self._next = threading.Lock(), 0.0
        self._touched = self.resumed
        self._last, self._accepted = PutBack(whole=False), list[Change]()
        self._undone, self._unmarked, self._taken = list[Change](), list[Change](), list[Path]()
        self._theirs, self._unlike, self._homes = list[Change](), list[str](), set[str]()

    def begin(self) -> None:
        """Take a copy; where a run was killed, go on with its copy, and leave what others did since. Raises :class:`DatabaseError`."""
        if not self.resumed:
            part = self._before.with_suffix(".part")
            self._database.copy(part)
            part.replace(self._before)
            return
        self._database.copy(self._now)
        found, tables = self._changes()
        plain = [one for one in found if not tables[one.table].derived]
        judged = self._judged(plain, tables)
        there = self._was_there(tables)
        self._accepted = [one for one, whose in zip(plain, judged, strict=True)
                          if whose is Whose.THEIRS or (whose is Whose.UNMARKED and not there(one))]  # fmt: skip
        _carry(self._now, self._before, self._accepted, tables)

    def look(self) -> None:
        """Note what is there while the run goes on: what comes after a kill is not the run's. Never raises."""
        began = time.monotonic()
        if began < self._next:
            return
        part = self._during.with_suffix(".part")
        with self._alone, contextlib.suppress(DatabaseError, OSError):
            self._database.copy(part)
            part.replace(self._during)
        self._next = time.monotonic() + max(APART, _SHARE * (time.monotonic() - began))

    def put_back(self) -> PutBack:
        """Put back what the run made and changed. May be done again, for what was sent since. Never raises."""
        try:
            with self._alone:
                whole = self._put_back()
            keys = {str(part) for one in (*self._theirs, *self._accepted) for part in one.key}
            self._last = PutBack(whole, stayed=frozenset(keys), touched=self._touched)
        except (DatabaseError, OSError) as error:
            self._last = PutBack(whole=False, why=str(error))
        return self._last

    @property
    def undone(self) -> Mapping[str, int]:
        """How many rows were put back in each table."""
        return Counter(one.table for one in self._undone)

    def end(self, *, made: bool = True) -> str:
        """What came of it all, as sentences; the copy is forgotten once it was used. ``made`` says that the app took something."""
        if self._last.why:
            return f"{self._last.why}. The copy from before the run is kept, and the next run puts it back."
        for file in (self._before, self._during, self._now, self._sent):
            file.unlink(missing_ok=True)
        # What stands above is only ever empty where a run was to keep nothing.
        with contextlib.suppress(OSError):
            self._folder.rmdir()
            self._folder.parent.rmdir()
        return " ".join(self._sentences(made=made))

    def _put_back(self) -> bool:
        with self._database.hold() as held:
            held.copy(self._now)
            # Rows that came and went leave their traces in its pages.
            self._touched = self._touched or not filecmp.cmp(self._before, self._now, shallow=False)
            found, tables = self._changes()
            plain = [one for one in found if not tables[one.table].derived]
            judged = list(zip(plain, self._judged(plain, tables), strict=True))
            theirs = [one for one, whose in judged if whose is Whose.THEIRS]
            mine = [one for one, whose in judged if whose is not Whose.THEIRS]
            derived = [one for one in found if tables[one.table].derived]
            unmarked = [one for one, whose in judged if whose is Whose.UNMARKED]
            if unmarked:
                self._keep()
            stuck = held.put_back(self._before, [*mine, *derived], {one.table for one in (*theirs, *self._accepted)})
        self._undone += [one for one in mine if one not in stuck]
        self._unmarked += [one for one in unmarked if one not in stuck]
        self._theirs = theirs + stuck
        self._unlike = [*_unlike(tables, self._database.tables(self._now)), *(f"{name}, which has no primary key" for name in self._database.unkeyed(self._before, self._now))]  # fmt: skip
        return not (self._theirs or self._accepted or self._unlike)

    def _keep(self) -> None:
        """Keep the database as it is: what is put back unmarked may have been somebody else's after all."""
        file = self._folder.with_name(f"{self._folder.name}-taken{len(self._taken) + 1 if self._taken else ''}.db")
        shutil.copyfile(self._now, file)
        file.chmod(0o600)
        self._taken.append(file)

    def _changes(self) -> tuple[list[Change], dict[str, Table]]:
        before, now = self._database.tables(self._before), self._database.tables(self._now)
        return changes(self._before, self._now, _shared(before, now)), before

    def _judged(self, plain: Sequence[Change], tables: Mapping[str, Table]) -> list[Whose]:
        found = judge(plain, tables, self.sent, self._before, self._words, self._homes, people=self._people)
        # Once the rows of the run are gone, less tells whose another one is.
        known = {(one.table, one.key) for one in self._theirs}
        return [
            Whose.THEIRS if (one.table, one.key) in known else whose for one, whose in zip(plain, found, strict=True)
        ]

    def _words(self, words: set[str]) -> set[str]:
        """Which of these words the app's source has, or the code of its database."""
        code = self._database.said(self._before)
        own = {word for word in words if word in code}
        return own | self._known(words - own)

    def _was_there(self, tables: Mapping[str, Table]) -> Callable[[Change], bool]:
        """Says of a change whether it was there when the run that was killed looked last."""
        found = changes(self._before, self._during, _shared(tables, self._database.tables(self._during))) if self._during.exists() else []  # fmt: skip
        seen = {(one.table, one.key): one for one in found}
        return lambda one: seen.get((one.table, one.key)) == one

    def _sentences(self, *, made: bool) -> Iterator[str]:
        new, changed, gone = (
            [one for one in self._undone if one.was is None],
            [one for one in self._undone if one.was is not None and one.now is not None],
            [one for one in self._undone if one.now is None],
        )
        parts = [f"{_rows(len(new))} that the run made {_are(new)} gone" if new else ""]
        parts += [f"{_rows(len(changed))} that it changed {_are(changed)} as before" if changed else ""]
        parts += [f"{_rows(len(gone))} that it removed {_are(gone)} there again" if gone else ""]
        if told := ", ".join(filter(None, parts)):
            yield f"The {self.name} was put back: {told}."
        elif self._touched or not made:
            yield f"The {self.name} is as it was before the run: nothing had to be put back."
        else:
            yield f"Nothing was written to the {self.name} during the run: where the app took anything, it keeps it elsewhere, and that database is the one to name."
        if self._unmarked:
            files = " and ".join(str(one) for one in self._taken)
            yield f"Of these, {_by_table(self._unmarked)} bear no mark of the run and nothing says that they are anybody else's; the database with them is kept as {files}."
        if self._theirs:
            yield f"Left as they are, since they look like somebody else's: {_by_table(self._theirs, keys=True)}."
        if self._accepted:
            yield f"Left as they are, since they came after the earlier run had been stopped: {_by_table(self._accepted, keys=True)}."
        if self._unlike:
            yield f"Not put back: {', '.join(self._unlike)}."
        if self.sent.files:
            yield "Files that the app keeps outside of its database are not in it: they go with what the app removes, or by a cleanup command."


def _carry(now: Path, before: Path, accepted: Sequence[Change], tables: Mapping[str, Table]) -> None:
    """Have the copy from before hold what somebody else did since."""
    with closing(sqlite3.connect(before, isolation_level=None, uri=True)) as base:
        base.execute("ATTACH ? AS now", (f"{now.absolute().as_uri()}?mode=ro&immutable=1",))
        triggers = base.execute("SELECT name FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        base.execute("BEGIN")
        kept = [sql for (sql,) in base.execute("SELECT sql FROM main.sqlite_master WHERE type = 'trigger' ORDER BY rowid")]  # fmt: skip
        for (name,) in triggers:
            base.execute(f"DROP TRIGGER main.{quoted(name)}")
        for change in accepted:
            table = tables[change.table]
            where = " AND ".join(f"{quoted(name)} = ?" for name in table.key)
            listed = ", ".join(map(quoted, dict.fromkeys((*table.key, *table.columns))))
            base.execute(f"DELETE FROM main.{quoted(table.name)} WHERE {where}", change.key)
            asked = f"INSERT OR REPLACE INTO main.{quoted(table.name)} ({listed}) SELECT {listed} FROM now.{quoted(table.name)} WHERE {where}"
            base.execute(asked, change.key)
        for sql in kept:
            base.execute(sql)
        base.execute("COMMIT")


def _shape(table: Table) -> tuple[object, ...]:
    return table.columns, table.key


def _shared(tables: Mapping[str, Table], others: Mapping[str, Table]) -> dict[str, Table]:
    return {name: one for name, one in tables.items() if name in others and _shape(others[name]) == _shape(one)}


def _unlike(before: Mapping[str, Table], now: Mapping[str, Table]) -> list[str]:
    new = [f"the table {name}, which is new" for name in now if name not in before]
    gone = [f"the table {name}, which is gone" for name in before if name not in now]
    other = [f"the table {name}, whose columns are others now" for name in before if name in now and name not in _shared(before, now)]  # fmt: skip
    return new + gone + other


def _are(found: Sequence[Change]) -> str:
    return "is" if len(found) == 1 else "are"


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"


def _by_table(found: Sequence[Change], *, keys: bool = False) -> str:
    """``3 of sessions, 1 of notes``, with the keys of the first few where they are wanted."""
    tables = dict[str, list[Change]]()
    for one in found:
        tables.setdefault(one.table, []).append(one)
    said = []
    for name, held in sorted(tables.items()):
        named = ", ".join("/".join(map(str, one.key))[:_WIDE] for one in held[:_NAMED])
        more = " …" if len(held) > _NAMED else ""
        said.append(f"{len(held)} of {name}" + (f" ({named}{more})" if keys else ""))
    return ", ".join(said)
