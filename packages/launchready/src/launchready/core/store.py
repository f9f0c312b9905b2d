"""Where runs are kept: one SQLite file in the project's ``.launchready/``, readable even after a kill.

Every outcome is written as it arrives, so a run that was stopped is read back as an incomplete one.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import msgspec

from launchready.core.assemble import RunFacts, assemble
from launchready.core.codec import decode, encode
from launchready.model.audit import Audit
from launchready.model.check import CheckInfo, Outcome
from launchready.model.project import Project
from launchready.model.surface import Surface

VERSION = 1
FOLDER = ".launchready"
_TABLES = """
CREATE TABLE run (
  id TEXT PRIMARY KEY, started TEXT NOT NULL, environment TEXT NOT NULL, verdict TEXT, header BLOB NOT NULL, audit BLOB
) STRICT;
CREATE TABLE outcome (
  run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, check_id TEXT NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (run, check_id)
) STRICT;
"""


class StoreError(Exception):
    """The store cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is known when a run starts; enough to read it back should it never end."""

    facts: RunFacts
    project: Project
    checks: tuple[CheckInfo, ...]
    surface: Surface


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the history. ``verdict`` is empty for a run that never ended."""

    id: str
    started: str
    environment: str
    verdict: str


class Store:
    """The runs of one project."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, root: Path) -> "Store":
        """The store of the project at ``root``; nothing is written until the first run."""
        return cls(root / FOLDER / "runs.sqlite3")

    def begin(self, header: Header) -> None:
        """Write down that a run starts."""
        with self._open(write=True) as db:
            db.execute(
                "INSERT INTO run (id, started, environment, header) VALUES (?, ?, ?, ?)",
                (header.facts.id, header.facts.started, header.facts.environment.name, msgspec.json.encode(header)),
            )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the file open while many outcomes are added: when nobody does, SQLite tidies it up after each and waits for the disk (sqlite.org/wal.html, 3.1)."""
        with self._open(write=True):
            pass
        with closing(sqlite3.connect(self.path, timeout=10)) as db:
            # SQLite opens a file when it is first asked something.
            db.execute("PRAGMA user_version").fetchone()
            yield

    def add(self, run: str, outcome: Outcome) -> None:
        """Keep one outcome at once."""
        with self._open(write=True) as db:
            db.execute(
                "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?)", (run, outcome.check, msgspec.json.encode(outcome))
            )

    def finish(self, audit: Audit) -> None:
        """Keep the finished audit."""
        with self._open(write=True) as db:
            db.execute(
                "UPDATE run SET verdict = ?, audit = ? WHERE id = ?", (audit.verdict.value, encode(audit), audit.run)
            )

    def history(self) -> tuple[RunRow, ...]:
        """Every run, newest first."""
        if not self.path.exists():
            return ()
        with self._open() as db:
            rows = db.execute(
                "SELECT id, started, environment, coalesce(verdict, '') FROM run ORDER BY started DESC, id DESC"
            )
            return tuple(RunRow(*row) for row in rows)

    def load(self, run: str = "latest") -> Audit:
        """Read one run by id, by the start of its id, or ``latest``. Raises :class:`StoreError` when there is none."""
        rows = self.history()
        wanted = rows[:1] if run == "latest" else [row for row in rows if row.id.startswith(run)]
        if len(wanted) != 1:
            what = f"no run is called {run!r}" if rows and not wanted else "there is no run yet"
            if len(wanted) > 1:
                what = f"{len(wanted)} runs start with {run!r}"
            raise StoreError(
                f"Looked for a stored run in {self.path}: {what}. Run `launchready audit`, or `launchready history` for the list."
            )
        with self._open() as db:
            header, audit = db.execute("SELECT header, audit FROM run WHERE id = ?", (wanted[0].id,)).fetchone()
            if audit is not None:
                return decode(audit)
            bodies = db.execute("SELECT body FROM outcome WHERE run = ? ORDER BY check_id", (wanted[0].id,)).fetchall()
        start = msgspec.json.decode(header, type=Header)
        facts = replace(start.facts, complete=False, notes=(*start.facts.notes, "this run was stopped before it ended"))
        outcomes = [msgspec.json.decode(body, type=Outcome) for (body,) in bodies]
        return assemble(
            facts, start.project, start.checks, outcomes, start.surface, date.fromisoformat(facts.started[:10])
        )

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if write:
                make_folder(self.path.parent)
            with closing(sqlite3.connect(self.path, timeout=10)) as db:
                db.execute("PRAGMA journal_mode=WAL")
                # A run that is killed loses nothing so; what the machine wrote in its last moment before the power went may be lost.
                db.execute("PRAGMA synchronous=NORMAL")
                db.execute("PRAGMA foreign_keys=ON")
                self._migrate(db)
                with db:
                    yield db
        except OSError as error:
            raise StoreError(
                f"Opened the run history in {self.path.parent}: {error.strerror}. Run as a user who may write there."
            ) from error
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"Opened the run history at {self.path}: {error}. Move that file away (its runs are lost) and try again."
            ) from error

    def _migrate(self, db: sqlite3.Connection) -> None:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        elif version != VERSION:
            raise StoreError(
                f"Opened the run history at {self.path}: it has version {version}, this launchready reads {VERSION}. "
                "Update launchready, or move that file away."
            )


def make_folder(folder: Path) -> None:
    """Make a folder that ignores itself, so that nobody commits an audit by accident."""
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
