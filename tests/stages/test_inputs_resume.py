"""A run that is killed among broken inputs: the endpoint it was at is left alone afterwards, and the others are told as before."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.club import Club, Member, said
from tests.support.web import Got, Reply, serve


class Fragile(Club):
    """Fails at an unreadable note and at an unreadable change of one; kills the audit at the ``fatal``-th broken note."""

    def __init__(self, fatal: int = 0) -> None:
        super().__init__(self.watch)
        self.fatal, self.posted, self.killed = fatal, list[bytes](), False
        self.audit: subprocess.Popen[bytes] | None = None

    def watch(self, _club: Club, got: Got, who: Member | None) -> Reply | None:
        if who is None or not got.path.startswith("/api/notes") or got.method not in ("POST", "PUT"):
            return None
        readable = got.body.startswith(b'{"text": "')
        if got.method == "POST":
            self.posted.append(got.body)
            broken = sum(not body.startswith(b'{"text": "') for body in self.posted)
            if self.audit and not self.killed and broken == self.fatal > 0:
                self.killed = True
                os.kill(self.audit.pid, signal.SIGKILL)
                self.audit.wait()
        return None if readable else said(500, {"detail": "oh no"})


def _audit(club: Fragile, url: str, folder: Path) -> dict[str, Any]:
    """What ``launchready audit`` found; empty when it was killed."""
    (folder / "launchready.toml").write_text(
        f'[project]\nname = "club"\nsource = ["."]\n[environments.local]\nurl = "{url}"\nwrites = true\n'
    )
    (folder / "readme.txt").write_text("The club keeps its source elsewhere.\n")
    result = folder / "result.json"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "launchready", "audit", str(folder), "--check", "LR301"]
    club.audit = subprocess.Popen([*command, "--format", "json", "--output", str(result)], stdout=subprocess.DEVNULL)
    club.audit.wait()
    return dict(json.loads(result.read_text())) if result.exists() else {}


def test_a_run_that_is_killed_sends_no_broken_input_twice(tmp_path: Path) -> None:
    whole = Fragile()
    (tmp_path / "whole").mkdir()
    with serve(whole) as url:
        done = _audit(whole, url, tmp_path / "whole")
    targets = {"POST /api/notes", "PUT /api/notes/{note_id}"}
    assert {one["target"] for one in done["findings"]} == targets

    club, folder = Fragile(2), tmp_path / "killed"
    folder.mkdir()
    with serve(club) as url:
        assert _audit(club, url, folder) == {}
        before = len(club.posted)
        done = _audit(club, url, folder)
    assert len(club.posted) == before
    assert {one["target"] for one in done["findings"]} == {"PUT /api/notes/{note_id}"}
    gaps = [gap["target"] for outcome in done["outcomes"] for gap in outcome["gaps"] if "stopped" in gap["reason"]]
    assert gaps == ["broken inputs to POST /api/notes"]
    assert (club.members, club.notes) == ([], {})
