"""A database of SQLite that the project file names is as before after a run, byte for byte as SQLite dumps it, but for what somebody else did meanwhile."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import launchready
from tests.support.ledger import Ledger
from tests.support.web import Got, serve

ONE_CHECK: dict[str, tuple[str, ...]] = {"prove": (), "inputs": ("--seconds", "30"), "audit": ("--check", "LR204")}
_TELLS = "A customer rang about the invoice"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "readme.txt").write_text("The app keeps its source elsewhere.\n")
    return folder


def ledger_at(project: Path, *statements: str, watch: Any = lambda _got: None) -> Ledger:
    """The app, with what else its database has."""
    ledger = Ledger(project / "ledger.db", watch)
    with closing(sqlite3.connect(ledger.file)) as base:
        base.executescript(";".join(statements))
    return ledger


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as base:
        base.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        return sorted(base.iterdump())


def configure(project: Path, url: str, said: str = 'database = "ledger.db"') -> None:
    (project / "launchready.toml").write_text(f'[environments.ci]\nurl = "{url}"\n{said}\n')


def ran(command: str, project: Path, *more: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    file = project / "result.json"
    done = launchready(command, project, *ONE_CHECK[command], *more, "--format", "json", "--output", file)
    assert file.exists(), done.stderr
    return done, json.loads(file.read_text())


def copies(project: Path) -> list[str]:
    return sorted(one.name for one in (project / ".launchready").rglob("*.db") if "database" in str(one))


@pytest.mark.parametrize("command", ["prove", "inputs", "audit"])
def test_nothing_is_left(project: Path, command: str) -> None:
    ledger = ledger_at(project)
    before = dump(ledger.file)
    with serve(ledger) as url:
        configure(project, url)
        _, found = ran(command, project)
    assert ("POST", "/notes") in ledger.calls
    assert dump(ledger.file) == before
    assert found["made"] and all(one["removed"] for one in found["made"])
    assert any("The database ledger.db was put back" in note for note in found["notes"])
    assert copies(project) == []
    assert (project / ".launchready" / ".gitignore").read_text() == "*\n"


def test_without_the_line_all_is_as_ever_and_the_line_is_named(project: Path) -> None:
    (project / "app.py").write_text("DATABASE = 'ledger.db'\n")
    ledger = ledger_at(project)
    with serve(ledger) as url:
        configure(project, url, "")
        _, found = ran("prove", project)
    assert ledger.accounts
    (said,) = (note for note in found["notes"] if "To remove what stayed" in note)
    assert 'database = "ledger.db" in [environments.ci] of launchready.toml' in said
    assert not any("was put back" in note for note in found["notes"])


def test_triggers_search_and_a_write_ahead_log_are_as_before(project: Path) -> None:
    ledger = ledger_at(
        project,
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE log (at TEXT, what TEXT)",
        "CREATE VIRTUAL TABLE found USING fts5 (text, content = notes, content_rowid = id)",
        "CREATE TRIGGER added AFTER INSERT ON notes BEGIN INSERT INTO found (rowid, text) VALUES (new.id, new.text); INSERT INTO log VALUES (datetime(), 'note added'); END",
        "CREATE TRIGGER gone AFTER DELETE ON notes BEGIN INSERT INTO found (found, rowid, text) VALUES ('delete', old.id, old.text); INSERT INTO log VALUES (datetime(), 'note removed'); END",
        "INSERT INTO notes (owner, text) VALUES (1, CAST(x'ff41' AS TEXT))",
    )
    before = dump(ledger.file)
    with serve(ledger) as url:
        configure(project, url)
        ran("prove", project)
    assert ("POST", "/notes") in ledger.calls
    assert dump(ledger.file) == before
    ledger.ask("INSERT INTO notes (owner, text) VALUES (1, 'after the run')")
    assert ledger.ask("SELECT count(*) FROM log") == [(2,)]
    assert ledger.ask("SELECT rowid FROM found WHERE found MATCH 'after'") == [(3,)]


def test_what_somebody_else_does_meanwhile_stays_and_is_named(project: Path) -> None:
    def meanwhile(got: Got) -> None:
        if got.path == "/notes" and not ledger.ask("SELECT 1 FROM accounts WHERE email = 'eve@customer.example.org'"):
            ledger.ask("INSERT INTO accounts (email, name) VALUES ('eve@customer.example.org', 'Evelyn Smith')")
            ledger.ask("INSERT INTO notes (owner, text) VALUES (1, ?)", _TELLS)
            ledger.ask("INSERT INTO sessions (token, owner) VALUES ('8f1d6a', 1)")
            ledger.ask("UPDATE notes SET text = 'Written anew by their customer' WHERE id = 1")
            ledger.ask("UPDATE notes SET done = 1 WHERE id = 2")

    ledger = ledger_at(
        project,
        "CREATE TABLE sessions (token TEXT PRIMARY KEY, owner INTEGER REFERENCES accounts (id))",
        "ALTER TABLE notes ADD COLUMN done INTEGER DEFAULT 0",
        "INSERT INTO notes (owner, text) VALUES (1, 'something to do')",
        watch=meanwhile,
    )
    before = dump(ledger.file)
    with serve(ledger) as url:
        configure(project, url)
        _, found = ran("prove", project)
    after = dump(ledger.file)
    new = [row for row in after if row not in before and "sqlite_sequence" not in row]
    assert len(new) == 5, new
    assert [row for row in new if _TELLS in row] and [row for row in new if "eve@customer" in row]
    assert [row for row in new if "8f1d6a" in row] and [row for row in new if "Written anew" in row]
    gone = [row for row in before if row not in after and "sqlite_sequence" not in row]
    assert len(gone) == 2 and all('INTO "notes"' in row for row in gone)
    (said,) = (note for note in found["notes"] if "was put back" in note)
    assert "look like somebody else's: 1 of accounts" in said and "3 of notes" in said and "1 of sessions" in said


def test_a_database_of_another_app_is_found_out(project: Path) -> None:
    ledger = ledger_at(project)
    with closing(sqlite3.connect(project / "other.db")) as base:
        base.execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY)")
    with serve(ledger) as url:
        configure(project, url, 'database = "other.db"')
        _, found = ran("prove", project)
    assert ledger.accounts
    assert not any(one["removed"] for one in found["made"] if one["path"].startswith("the account"))
    assert any("Nothing was written to the database other.db" in note for note in found["notes"])


def _begun(project: Path) -> "subprocess.Popen[bytes]":
    with (project / "said.txt").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "launchready", "prove", str(project)], env=os.environ, stdout=said, stderr=said
        )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_nothing_either(project: Path, how: signal.Signals) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def stop(got: Got) -> None:
        if got.path == "/notes" and "authorization" in got.headers and begun:
            begun.pop().send_signal(how)

    ledger = ledger_at(project, watch=stop)
    before = dump(ledger.file)
    with serve(ledger) as url:
        configure(project, url)
        begun.append(run := _begun(project))
        run.wait(600)
        if how is signal.SIGKILL:
            assert ledger.accounts and "before.db" in copies(project)
            ledger.ask("INSERT INTO notes (owner, text) VALUES (1, ?)", _TELLS)
            _, found = ran("prove", project)
            assert any("came after the earlier run had been stopped: 1 of notes" in note for note in found["notes"])
            assert ledger.ask("SELECT count(*) FROM notes WHERE text = ?", _TELLS) == [(1,)]
            ledger.ask("DELETE FROM notes WHERE text = ?", _TELLS)
    assert [row for row in dump(ledger.file) if "sqlite_sequence" not in row] == [
        row for row in before if "sqlite_sequence" not in row
    ]
    assert copies(project) == [] and not (project / ".launchready" / "proof.jsonl").exists()


def test_one_that_is_locked_from_the_start_ends_the_run_before_anything_is_sent(project: Path) -> None:
    ledger = ledger_at(project)
    with serve(ledger) as url, closing(sqlite3.connect(ledger.file, check_same_thread=False)) as other:
        configure(project, url)
        other.execute("BEGIN EXCLUSIVE")
        done = launchready("prove", project)
    assert done.returncode == 2 and "it stayed locked for 10 s" in " ".join(done.stderr.split())
    assert ledger.calls == []


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ('database = "no-such.db"', "there is no file"),
        ('database = "sqlite:///:memory:"', "a database in memory"),
        ('database = "mongodb://127.0.0.1/app"', "a database of mongodb"),
        ('database = "ledger.db"\nwrites = false', "writes = false as well"),
        ("database = true", "{ env = "),
    ],
)
def test_what_cannot_be_put_back_is_said_before_anything_is_sent(project: Path, said: str, says: str) -> None:
    ledger = ledger_at(project)
    with serve(ledger) as url:
        configure(project, url, said)
        for command, more in ONE_CHECK.items():
            done = launchready(command, project, *more)
            assert done.returncode == 2, done.stdout + done.stderr
            assert says in " ".join(done.stderr.split())
    assert ledger.calls == []


@pytest.mark.parametrize(
    ("place", "more", "says"),
    [
        ("http://203.0.113.9", "writes = true", "203.0.113.9 is not this machine"),
        ("http://127.0.0.1:8000", "", "is that of http://127.0.0.1:8000 and of nothing else"),
    ],
)
def test_it_is_for_this_machine_and_one_place_alone(project: Path, place: str, more: str, says: str) -> None:
    ledger_at(project)
    configure(project, place, f'database = "ledger.db"\n{more}')
    done = launchready("prove", project, "--env", "ci", "--url", "http://127.0.0.1:9")
    assert done.returncode == 2 and says in " ".join(done.stderr.split())
