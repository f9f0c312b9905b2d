"""``launchready audit`` with a running app: what is said before the first request, how long it may take, and what ``--deep`` adds."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.run import launchready
from tests.support.club import Club, Member
from tests.support.web import Got, Reply, serve


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder without source: the club describes itself."""
    folder = tmp_path / "club"
    folder.mkdir()
    return folder


def told_on_a_terminal(*arguments: str | Path) -> str:
    """What a person sees on standard error."""
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("launchready")), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as running:
        os.close(theirs)
        parts = []
        # Linux tells the end of a terminal by an error.
        while part := _read(ours):
            parts.append(part)
        running.wait(600)
    os.close(ours)
    return b"".join(parts).decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""


def test_what_it_may_send_is_said_before_the_first_request(project: Path) -> None:
    with serve(Club()) as url:
        said = told_on_a_terminal(
            "audit", project, "--url", url, "--check", "LR302", "--seconds", "45", "--requests", "700"
        )
    before = said.partition("knocking at")[0]
    assert f"Auditing {url} as a stranger, throwaway accounts made for the run." in before
    assert "its own ones only, and what it makes is removed or listed" in before
    assert "At most 700 requests and 45 s" in before


def test_source_alone_announces_nothing(project: Path) -> None:
    (project / "main.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n")
    assert "Auditing" not in told_on_a_terminal("audit", project, "--offline", "--url", "http://127.0.0.1:9")


def test_its_time_is_what_was_asked_for(project: Path) -> None:
    def slow(_club: Club, _got: Got, _who: Member | None) -> None:
        time.sleep(0.05)

    with serve(Club(spoil=slow)) as url:
        done = launchready("audit", project, "--url", url, "--check", "LR301", "--seconds", "1", "--format", "markdown")
    assert "the time for the broken inputs (1 s) was over" in done.stdout


def test_deep_sends_every_value_out_of_place(project: Path) -> None:
    def posts(*more: str) -> int:
        club = Club()
        with serve(lambda got: _strict(club, got)) as url:
            launchready("audit", project, "--url", url, "--check", "LR301", "--seconds", "100", "--no-store", *more)
        return sum(call[0] == "POST" for call in club.calls)

    assert posts("--deep") > posts()


def _strict(club: Club, got: Got) -> Reply:
    """A club that takes plain short texts alone: whatever is taken ends the questions early."""
    if got.method in ("POST", "PUT") and (len(got.body) > 400 or got.body.count(b'"') % 2 or b"\\" in got.body):
        club.calls.append((got.method, got.path, ""))
        return Reply(422, '{"detail": "that is not valid"}', {"Content-Type": "application/json"})
    return club(got)
