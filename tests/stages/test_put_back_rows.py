"""Whose rows are put back, on a real database that its app has open: those of the run, and what nothing says is anybody else's."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from launchready.probes.databases.kept import Kept
from launchready.probes.databases.sqlite import Sqlite

_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT UNIQUE, seen TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE, body TEXT, views INTEGER DEFAULT 0);
CREATE TABLE attachments (id INTEGER PRIMARY KEY, noteId INTEGER, size INTEGER);
CREATE TABLE log (at TEXT, what TEXT);
CREATE TABLE settings (name TEXT PRIMARY KEY COLLATE NOCASE, value BLOB) WITHOUT ROWID;
INSERT INTO users (email) VALUES ('dana@example.org'), ('eve@example.org');
INSERT INTO notes (user_id, body) VALUES (1, 'first words'), (2, 'second words');
INSERT INTO settings VALUES ('colour', x'00ff'), ('Limit', 1.5);
"""
_SIGNUP = b'{"email": "alrghjkmnpq@example.com", "password": "Lr-5c1d4a7f90-9aZ!"}'


class App:
    """An app with its database open, and a run that was begun on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "app.db"
        self.base = sqlite3.connect(self.file, isolation_level=None)
        self.base.executescript(_SCHEMA)
        self.base.execute("PRAGMA foreign_keys = ON")
        self.kept = self.run()

    def run(self, *, wait: float = 10.0) -> Kept:
        kept = Kept(Sqlite(self.file, "database app.db", wait), "database app.db", self.folder / "state", lambda _words: set())  # fmt: skip
        kept.begin()
        return kept

    def signs_up(self) -> None:
        self.kept.sent.hear("POST /signup", {"Content-Type": "application/json"}, _SIGNUP)
        self.does("INSERT INTO users (email) VALUES ('alrghjkmnpq@example.com')")

    def does(self, *statements: str) -> None:
        for statement in statements:
            self.base.execute(statement)

    def rows(self, table: str) -> list[tuple[object, ...]]:
        return self.base.execute(f"SELECT * FROM {table}").fetchall()

    def dump(self) -> list[str]:
        return sorted(self.base.iterdump())


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = App(tmp_path)
    yield app
    app.base.close()


def test_what_belongs_to_a_row_of_the_run_goes_with_it(app: App) -> None:
    before = app.dump()
    app.signs_up()
    app.does(
        "INSERT INTO notes (id, user_id, body) VALUES (7, 3, '')",
        "INSERT INTO attachments (noteId, size) VALUES (7, 100)",
        "UPDATE notes SET body = 'by alrghjkmnpq' WHERE id = 1",
        "UPDATE notes SET views = 9 WHERE id = 2",
        "DELETE FROM settings WHERE name = 'COLOUR'",
        "UPDATE settings SET value = 1 WHERE name = 'limit'",
    )
    assert app.kept.put_back().whole
    assert app.dump() == before
    app.does("INSERT INTO users (email) VALUES ('next@example.org')")
    assert app.rows("users")[-1][:2] == (3, "next@example.org")
    said = app.kept.end()
    assert "3 rows that the run made are gone, 3 rows that it changed are as before" in said
    assert "bear no mark of the run" in said
    assert [one.name for one in app.folder.glob("state*")] == ["state-taken.db"]


def test_rows_of_others_stay_also_when_it_is_done_twice(app: App) -> None:
    app.signs_up()
    app.does(
        "INSERT INTO notes (user_id, body) VALUES (1, 'Remember groceries')",
        "INSERT INTO notes (user_id, body) VALUES (2, '')",
        "INSERT INTO log VALUES ('2027-01-01', 'Invoice printed by hand')",
        "UPDATE users SET seen = 'Tuesday evening' WHERE id = 2",
    )
    assert not app.kept.put_back().whole
    assert not app.kept.put_back().whole
    assert [row[:2] for row in app.rows("users")] == [(1, "dana@example.org"), (2, "eve@example.org")]
    assert app.rows("users")[1][2] == "Tuesday evening"
    assert [row[2] for row in app.rows("notes")] == ["first words", "second words", "Remember groceries", ""]
    assert len(app.rows("log")) == 1
    assert "look like somebody else's: 1 of log (1), 2 of notes" in app.kept.end()


def test_what_a_call_of_the_run_emptied_is_there_again(app: App) -> None:
    before = app.dump()
    app.signs_up()
    app.does("DELETE FROM notes", "DELETE FROM users", "DELETE FROM settings")
    assert app.kept.put_back().whole
    assert app.dump() == before


def test_somebody_elses_note_of_a_row_of_the_run_goes_along_and_nothing_leads_nowhere(app: App) -> None:
    app.signs_up()
    app.does("INSERT INTO notes (user_id, body) VALUES (3, 'Remember groceries')")
    assert app.kept.put_back().whole
    assert app.base.execute("PRAGMA foreign_key_check").fetchall() == []


def test_an_address_that_is_taken_by_now_is_left_to_whoever_has_it(app: App) -> None:
    app.signs_up()
    app.does(
        "UPDATE users SET email = 'alrghjkmnpq2@example.com' WHERE id = 2",
        "INSERT INTO users (id, email, seen) VALUES (9, 'eve@example.org', 'Tuesday evening')",
    )
    assert not app.kept.put_back().whole
    assert (9, "eve@example.org", "Tuesday evening") in app.rows("users")
    assert (2, "alrghjkmnpq2@example.com", None) in app.rows("users")


def test_a_locked_database_is_left_as_it_is_and_put_back_by_the_next_run(app: App) -> None:
    before = app.dump()
    app.kept.end()
    app.kept = app.run(wait=0.2)
    app.signs_up()
    held = app.dump()
    other = sqlite3.connect(app.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    done = app.kept.put_back()
    assert "it stayed locked" in done.why and "end what keeps it locked" in done.why
    assert "the next run puts it back" in app.kept.end()
    other.execute("ROLLBACK")
    other.close()
    assert app.dump() == held
    app.kept = app.run()
    assert app.kept.resumed and app.kept.put_back().whole
    assert app.dump() == before


def test_after_a_kill_only_what_is_the_runs_is_put_back(app: App) -> None:
    app.signs_up()
    app.does("INSERT INTO log VALUES ('2027-01-01', '1')")
    app.kept.look()
    # The run is killed here; its people go on.
    app.does("INSERT INTO log VALUES ('2027-01-02', '2')", "UPDATE notes SET views = 4 WHERE id = 1")
    app.kept = app.run()
    app.does("INSERT INTO log VALUES ('2027-01-03', '3')")
    app.kept.put_back()
    assert [row[1] for row in app.rows("log")] == ["2"]
    assert app.rows("notes")[0][3] == 4 and len(app.rows("users")) == 2
    assert "came after the earlier run had been stopped: 1 of log (2), 1 of notes (1)" in app.kept.end()


def test_a_table_that_is_new_or_another_now_is_named(app: App) -> None:
    app.signs_up()
    app.does("CREATE TABLE later (id INTEGER PRIMARY KEY)", "ALTER TABLE log ADD COLUMN who TEXT")
    assert not app.kept.put_back().whole
    said = app.kept.end()
    assert "the table later, which is new" in said and "the table log, whose columns are others now" in said
    assert len(app.rows("users")) == 2


def test_a_database_that_nobody_wrote_to_says_nothing_about_what_was_made(app: App) -> None:
    app.kept.sent.hear("POST /signup", {}, _SIGNUP)
    assert not app.kept.put_back().touched
    assert "Nothing was written to the database app.db during the run" in app.kept.end()


def test_what_came_and_went_is_no_sign_of_another_database(app: App) -> None:
    app.signs_up()
    app.does(
        "DELETE FROM users WHERE id = 3",
        "DELETE FROM sqlite_sequence",
        "INSERT INTO sqlite_sequence VALUES ('users', 2)",
    )
    assert app.kept.put_back().touched
    assert "nothing had to be put back" in app.kept.end()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "app.db").write_text("no database at all, however long it is " * 50)
    with pytest.raises(Exception, match="could not be copied: file is not a database"):
        Kept(Sqlite(tmp_path / "app.db", "database app.db"), "", tmp_path / "state", lambda _words: set()).begin()
