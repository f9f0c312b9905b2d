"""A PostgreSQL whose URL the environment holds is put back after a run: rows by key, in one transaction, whatever foreign keys and triggers there are."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from launchready.probes.postgres import Postgres, PostgresMissingError

from tests.cli.run import launchready
from tests.support.pg_ledger import PgLedger
from tests.support.web import Got, serve


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    try:
        with Postgres.open() as running:
            yield running
    except PostgresMissingError as error:
        pytest.skip(str(error))


def address(ledger: PgLedger) -> str:
    info = ledger.session.info
    return f"postgresql://postgres@/{info.dbname}?host={info.host}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "readme.txt").write_text("The app keeps its source elsewhere.\n")
    return folder


def configure(project: Path, url: str, said: str = 'database = { env = "LEDGER_URL" }') -> None:
    (project / "launchready.toml").write_text(f'[environments.ci]\nurl = "{url}"\nwrites = true\n{said}\n')


def proved(project: Path, ledger: PgLedger) -> dict[str, Any]:
    file = project / "result.json"
    done = launchready("prove", project, "--format", "json", "--output", file, LEDGER_URL=address(ledger))
    assert file.exists(), done.stderr
    return dict(json.loads(file.read_text()))


def test_every_row_is_as_before(project: Path, server: Postgres) -> None:
    ledger = PgLedger(server, "whole")
    before = ledger.rows()
    with serve(ledger) as url:
        configure(project, url)
        found = proved(project, ledger)
    assert ("POST", "/notes") in ledger.calls
    assert ledger.rows() == before
    assert found["made"] and all(one["removed"] for one in found["made"])
    assert "postgresql://" not in json.dumps(found)
    assert not list((project / ".launchready").glob("database-*/before.db"))
    # The trigger is there again.
    ledger.ask("UPDATE notes SET text = 'as written by a customer'")
    assert len(ledger.rows()["audit"]) == len(before["audit"]) + 1


def test_what_somebody_else_does_meanwhile_stays(project: Path, server: Postgres) -> None:
    def meanwhile(got: Got) -> None:
        if got.path == "/notes" and not ledger.ask("SELECT 1 FROM accounts WHERE email = 'eve@customer.example.org'"):
            ledger.ask("INSERT INTO accounts (email, name) VALUES ('eve@customer.example.org', 'Evelyn Smith')")
            ledger.ask("INSERT INTO notes (owner, text) VALUES (1, 'Remember groceries tomorrow')")
            ledger.ask("INSERT INTO visits VALUES ('/pricing')")

    ledger = PgLedger(server, "meanwhile", meanwhile)
    before = ledger.rows()
    with serve(ledger) as url:
        configure(project, url)
        found = proved(project, ledger)
    after = ledger.rows()
    (eve,) = set(after["accounts"]) - set(before["accounts"])
    (note,) = set(after["notes"]) - set(before["notes"])
    assert "eve@customer.example.org" in eve and "groceries" in note
    assert set(before["accounts"]) < set(after["accounts"]) and set(before["notes"]) < set(after["notes"])
    said = " ".join(found["notes"])
    assert "look like somebody else's: 1 of public.accounts" in said and "1 of public.notes" in said
    assert "Not put back: public.visits, which has no primary key" in said


def test_a_run_that_is_killed_is_put_back_by_the_next(project: Path, server: Postgres) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def stop(got: Got) -> None:
        if got.path == "/notes" and "authorization" in got.headers and begun:
            begun.pop().send_signal(signal.SIGKILL)

    ledger = PgLedger(server, "killed", stop)
    before = ledger.rows()
    with serve(ledger) as url:
        configure(project, url)
        command = [sys.executable, "-m", "launchready", "prove", str(project)]
        begun.append(run := subprocess.Popen(command, env=os.environ | {"LEDGER_URL": address(ledger)}))
        assert run.wait(600) == -signal.SIGKILL
        assert ledger.accounts
        ledger.ask("INSERT INTO notes (owner, text) VALUES (1, 'Remember groceries tomorrow')")
        proved(project, ledger)
    after = ledger.rows()
    (note,) = set(after["notes"]) - set(before["notes"])
    assert "groceries" in note
    assert after["accounts"] == before["accounts"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("postgresql://dana:sesame@db.example.com/app", "db.example.com is not this machine"),
        ("postgresql://127.0.0.1,db.example.com/app", "db.example.com is not this machine"),
        ("postgresql:///app?host=db.example.com", "db.example.com is not this machine"),
        ("mysql://127.0.0.1/app", "names a database of mysql"),
        ("", "the variable LEDGER_URL is not set"),
    ],
)
def test_no_other_database_is_ever_touched(project: Path, value: str, says: str) -> None:
    configure(project, "http://127.0.0.1:9")
    done = launchready("prove", project, LEDGER_URL=value)
    assert done.returncode == 2 and says in " ".join(done.stderr.split())
    assert "sesame" not in done.stdout + done.stderr


def test_a_password_is_not_written_down(project: Path) -> None:
    configure(project, "http://127.0.0.1:9", 'database = "postgresql://dana:sesame@127.0.0.1/app"')
    done = launchready("prove", project)
    assert done.returncode == 2 and "it holds a password" in " ".join(done.stderr.split())
    assert "sesame" not in done.stdout + done.stderr
