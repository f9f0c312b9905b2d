"""A run that is killed is taken up again: nothing that wrote is sent twice, nothing is lost, and what it made is removed."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.stages.test_proof_care import Leaky
from tests.support.club import Club, Member
from tests.support.web import Got, Reply, serve

_WRITES = ("POST", "PUT", "PATCH", "DELETE")


class Watched(Leaky):
    """Keeps every write with its body, and kills the audit when the ``fatal``-th one comes in."""

    def __init__(self, fatal: int = 0) -> None:
        super().__init__(self.watch)
        self.fatal, self.writes = fatal, list[tuple[str, str, str, bytes]]()
        self.audit: subprocess.Popen[bytes] | None = None

    def watch(self, _club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.method in _WRITES and got.path != "/api/login":
            self.writes.append((got.method, got.path, who.name if who else "", got.body))
            if len(self.writes) == self.fatal and self.audit:
                os.kill(self.audit.pid, signal.SIGKILL)
                self.audit.wait()
        return None


def _audit(club: Watched, url: str, folder: Path) -> dict[str, Any]:
    """What ``launchready audit`` found; empty when it was killed."""
    (folder / "launchready.toml").write_text(
        f'[project]\nname = "club"\nsource = ["."]\n[environments.local]\nurl = "{url}"\nwrites = true\n'
    )
    (folder / "readme.txt").write_text("The club keeps its source elsewhere.\n")
    result = folder / "result.json"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "launchready", "audit", str(folder), "--check", "LR204", "--check", "LR207"]
    club.audit = subprocess.Popen([*command, "--format", "json", "--output", str(result)], stdout=subprocess.DEVNULL)
    club.audit.wait()
    return dict(json.loads(result.read_text())) if result.exists() else {}


def _found(done: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["check"], one["target"]) for one in done["findings"]}


def _counted(club: Watched) -> Counter[tuple[str, ...]]:
    """How often each write was sent: by method, address, caller and names of fields, whatever the run calls its people."""
    return Counter(
        (method, re.sub(r"\d+", "{}", path), who[:8], given.get("email", "")[:1], *sorted(given))
        for method, path, who, body in club.writes
        for given in [json.loads(body or b"{}")]
    )


@pytest.mark.parametrize("fatal", [5, 9])
def test_a_killed_run_goes_on(tmp_path: Path, fatal: int) -> None:
    whole = Watched()
    with serve(whole) as url:
        (tmp_path / "whole").mkdir()
        expected = _found(_audit(whole, url, tmp_path / "whole"))
    assert len(whole.writes) > fatal

    club, folder = Watched(fatal), tmp_path / "killed"
    folder.mkdir()
    with serve(club) as url:
        assert _audit(club, url, folder) == {}
        journal = folder / ".launchready" / "proof.jsonl"
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600
        assert not [token for token in club.tokens if token in journal.read_text()]
        interrupted = club.writes[-1]
        done = _audit(club, url, folder)

    assert club.writes.count(interrupted) == 1
    assert _counted(club) <= _counted(whole)
    gaps = {(o["check"], gap["target"]) for o in done["outcomes"] for gap in o["gaps"] if "stopped" in gap["reason"]}
    assert len(gaps) <= 2
    missing = expected - _found(done)
    assert all(any(target.endswith(route) for _, target in gaps) for _, route in missing)
    assert any("An earlier run had been stopped" in note for note in done["notes"])
    assert (club.members, club.notes) == ([], {})
    assert not journal.exists()


def test_a_journal_of_another_app_is_left_out(tmp_path: Path) -> None:
    first, second = Watched(4), Watched()
    with serve(first) as url:
        assert _audit(first, url, tmp_path) == {}
    with serve(second) as url:
        done = _audit(second, url, tmp_path)
    assert not any("An earlier run" in note for note in done["notes"])
    assert second.members == []
