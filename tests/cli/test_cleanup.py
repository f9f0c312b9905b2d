"""The owner's cleanup command: run once where something stayed, with the list of it; afterwards the run says what it sees and nothing else."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from launchready.ground.command import started

from tests.cli.run import launchready
from tests.support.club import Club
from tests.support.ledger import FORGETS, Ledger
from tests.support.web import Got, serve

ONE_CHECK: dict[str, tuple[str, ...]] = {"prove": (), "inputs": ("--seconds", "30"), "audit": ("--check", "LR204")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the script that the owner wrote, and no source: the app describes itself."""
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "readme.txt").write_text("The app keeps its source elsewhere.\n")
    (folder / "forget.py").write_text(FORGETS)
    return folder


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def configure(project: Path, url: str, *command: str, more: str = "") -> None:
    said = f"cleanup = {json.dumps(command)}\n" if command else ""
    (project / "launchready.toml").write_text(f'[environments.ci]\nurl = "{url}"\n{said}{more}')


def ran(
    command: str, project: Path, ledger: Ledger, *more: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """How a command ended, and its JSON."""
    file = project / "result.json"
    arguments: tuple[str | Path, ...] = (
        command,
        project,
        *ONE_CHECK[command],
        *more,
        "--format",
        "json",
        "--output",
        file,
    )
    done = launchready(*arguments, LEDGER=str(ledger.file))
    assert file.exists(), done.stderr
    return done, json.loads(file.read_text())


@pytest.mark.parametrize("command", ["prove", "inputs", "audit"])
def test_what_the_app_cannot_remove_is_gone_at_the_end(project: Path, ledger: Ledger, command: str) -> None:
    with serve(ledger) as url:
        configure(project, url, sys.executable, "forget.py")
        _, found = ran(command, project, ledger)
    assert (ledger.accounts, ledger.notes, ledger.untouched) == (set(), {}, True)
    accounts = [one for one in found["made"] if one["path"].startswith("the account")]
    assert accounts
    assert {(one["removed"], one["why"]) for one in accounts} == {(True, "the cleanup command removed it")}
    # Only its maker sees a note, and with the account nobody is left who could look.
    notes = [one for one in found["made"] if one["path"].startswith("/notes/")]
    assert notes
    assert all(one["unseen"] and not one["removed"] and "nothing shows" in one["why"] for one in notes)
    said = " ".join(found["notes"])
    assert f"{len(accounts)} gone, 0 still shown, {len(notes)} that nothing shows either way" in said


def test_the_list_names_every_row_and_the_command_is_started_word_by_word(project: Path, ledger: Ledger) -> None:
    with serve(ledger) as url:
        configure(project, url, sys.executable, "forget.py", "$HOME; touch struck")
        (project / "forget.py").write_text(FORGETS.partition("base = ")[0])
        ran("inputs", project, ledger)
    handed = json.loads((project / "given.json").read_text())
    assert handed["argv"] == ["$HOME; touch struck"]
    given = handed["given"]
    assert (given["environment"], given["url"], given["perhaps"]) == ("ci", url, [])
    left = given["left"]
    assert {one["email"] for one in left if one["kind"] == "account"} == ledger.accounts
    notes = {int(one["ids"][0]): one for one in left if one["kind"] == "note"}
    assert set(notes) == set(ledger.notes)
    assert all(
        one["address"] == f"/notes/{key}" and one["identity"] and one["email"] in ledger.accounts
        for key, one in notes.items()
    )
    assert [one for one in ledger.accounts if not any(mark in one for mark in given["markers"])] == []
    assert [text for text in ledger.notes.values() if any(mark in text.lower() for mark in given["markers"])]
    assert set(given["emails"]) == ledger.accounts
    assert ledger.untouched


@pytest.mark.parametrize("command", ["prove", "inputs"])
def test_without_a_command_one_sentence_says_how_to_find_the_rows(project: Path, ledger: Ledger, command: str) -> None:
    with serve(ledger) as url:
        configure(project, url)
        done, found = ran(command, project, ledger)
    (said,) = (note for note in found["notes"] if "To remove what stayed" in note)
    marks = re.findall(r"[0-9a-z]{8,}", said.partition("search the app's data for")[2].partition(":")[0])
    assert [row for row in ledger.accounts if not any(mark in row for mark in marks)] == []
    assert 'cleanup = ["…"] in [environments.NAME]' in done.stdout.replace("\n         ", " ")


def test_a_command_that_fails_is_shown_with_what_it_said(project: Path, ledger: Ledger) -> None:
    with serve(ledger) as url:
        configure(project, url, sys.executable, "-c", "print('no such table: notes'); raise SystemExit(3)")
        done, found = ran("prove", project, ledger)
    text = " ".join(done.stdout.split())
    assert "ended with 3." in text and "It said: no such table: notes" in text
    assert ledger.accounts and not any(one["removed"] for one in found["made"])
    assert "still there are" in text
    assert {one["why"] for one in found["made"]} == {"the cleanup command was run, and the app still shows it"}


def test_a_command_that_claims_success_is_not_believed(project: Path, ledger: Ledger) -> None:
    with serve(ledger) as url:
        configure(project, url, sys.executable, "-c", "print('all gone')")
        done, found = ran("prove", project, ledger)
    assert "0 gone" in " ".join(done.stdout.split())
    assert found["made"] and not any(one["removed"] for one in found["made"])


def test_it_is_not_run_where_nothing_stayed(project: Path, ledger: Ledger) -> None:
    club = Club()
    with serve(club) as url:
        configure(project, url, sys.executable, "forget.py")
        _, found = ran("prove", project, ledger)
    assert club.members == [] and all(one["removed"] for one in found["made"])
    assert not (project / "given.json").exists()


def test_it_is_run_when_the_requests_are_used_up(project: Path, ledger: Ledger) -> None:
    with serve(ledger) as url:
        configure(project, url, sys.executable, "forget.py")
        ran("inputs", project, ledger, "--requests", "60")
    assert [call for call in ledger.calls if call == ("POST", "/signup")]
    assert (ledger.accounts, ledger.notes, ledger.untouched) == (set(), {}, True)


def _begun(project: Path, ledger: Ledger) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "launchready", "inputs", str(project)]
    with (project / "said.txt").open("wb") as said:
        return subprocess.Popen(command, env=os.environ | {"LEDGER": str(ledger.file)}, stdout=said, stderr=said)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_nothing_either(project: Path, tmp_path: Path, how: signal.Signals) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def stop(got: Got) -> None:
        if got.path == "/notes" and begun:
            begun.pop().send_signal(how)

    ledger = Ledger(tmp_path / "ledger.db", stop)
    with serve(ledger) as url:
        configure(project, url, sys.executable, "forget.py")
        begun.append(run := _begun(project, ledger))
        code = run.wait(600)
        said = (project / "said.txt").read_text()
        if how is signal.SIGKILL:
            assert ledger.accounts
            _, found = ran("inputs", project, ledger)
            assert any("An earlier run had been stopped" in note for note in found["notes"])
        else:
            assert code == 4 and "The cleanup command of [environments.ci]" in said, said
    assert (ledger.accounts, ledger.untouched) == (set(), True)
    assert set(ledger.notes) == set()
    assert not (project / ".launchready" / "proof.jsonl").exists()


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ('cleanup = ["launchready-no-such-command"]', "no command 'launchready-no-such-command' is on the PATH"),
        ('cleanup = ["./forget-me"]', "forget-me"),
        ('cleanup = "rm -rf data"', "it is started as it stands, by no shell"),
        ('cleanup = [""]', "names no command"),
        ('cleanup = ["true"]\nwrites = false', "writes = false as well"),
    ],
)
def test_what_cannot_be_run_is_said_before_anything_is_sent(
    project: Path, ledger: Ledger, said: str, says: str
) -> None:
    with serve(ledger) as url:
        configure(project, url, more=said)
        for command, more in ONE_CHECK.items():
            done = launchready(command, project, *more)
            assert done.returncode == 2, done.stdout + done.stderr
            assert says in " ".join(done.stderr.split())
    assert ledger.calls == []


@pytest.mark.parametrize(
    ("place", "url", "says"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:9", "is for http://127.0.0.1:8000 and nowhere else"),
        ("", "http://203.0.113.9", "203.0.113.9 is not this machine"),
        ("http://203.0.113.9", "", "203.0.113.9 is not this machine"),
    ],
)
def test_it_is_for_one_place_and_no_other(project: Path, place: str, url: str, says: str) -> None:
    configure(project, place, "true")
    done = launchready("prove", project, "--env", "ci", *(("--url", url) if url else ()))
    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())


async def test_a_command_that_does_not_end_is_stopped_with_whatever_it_started(tmp_path: Path) -> None:
    slow = f"{shlex.quote(sys.executable)} -c 'import time; time.sleep(600)'"
    ended = await started(("sh", "-c", f"{slow} & echo $!; wait"), str(tmp_path), b"{}", 3.0)
    assert ended.why == "did not end within 3 s and was stopped"
    until = time.monotonic() + 30
    while (state := state_of(int(ended.output))) not in ("", "Z") and time.monotonic() < until:
        continue
    assert state in ("", "Z")


def state_of(pid: int) -> str:
    """What the system says of a process, empty when it is gone: a killed one may wait to be taken note of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return ""
