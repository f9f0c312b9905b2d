"""What a stored run is good for afterwards: other formats, history, diff, roadmap, handover; also a run that was stopped or killed."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.run import launchready
from tests.support.web import Got, Reply, serve

OPEN = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/version")
def version():
    return {}
@app.delete("/members/{member_id}")
def remove(member_id: int):
    db.execute("DELETE FROM members WHERE id = ?", member_id)
"""

# Seconds of a server that says nothing, far more than what stopping at once takes on a busy machine, and than starting does.
_SILENT, _AT_ONCE, _STARTS = 300, 100, 100


@pytest.fixture
def app(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "main.py").write_text(OPEN)
    return root


@contextlib.contextmanager
def silent_after_hello() -> Iterator[str]:
    """An app that shows its front page, and then never answers again."""
    over = threading.Event()

    def answer(got: Got) -> Reply:
        if got.path != "/":
            over.wait(_SILENT)
        return Reply(200, "hello")

    with serve(answer) as url:
        yield url
        over.set()


@contextlib.contextmanager
def silent() -> Iterator[tuple[str, socket.socket]]:
    """A server that takes connections and never answers: its address, and what takes them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_STARTS)
        yield f"http://127.0.0.1:{server.getsockname()[1]}", server


@pytest.mark.parametrize("command", ["history", "diff", "report", "roadmap", "handover", "audit"])
def test_a_broken_store_is_named_and_nobody_crashes(app: Path, command: str) -> None:
    (app / ".launchready").mkdir()
    (app / ".launchready" / "runs.sqlite3").write_text("no database")
    done = launchready(command, app)
    assert done.returncode in (2, 3)
    assert "Traceback" not in done.stderr
    assert "Opened the run history" in done.stderr and "Move that file away" in done.stderr


def test_each_format_can_be_made_afterwards(app: Path, tmp_path: Path) -> None:
    launchready("audit", app)
    stored = json.loads(launchready("report", app, "--format", "json").stdout)
    assert stored["verdict"] == "NO-GO"
    page = tmp_path / "report.html"
    launchready("report", app, "--format", "html", "--output", page)
    assert "DELETE /members/{member_id}" in page.read_text()
    again = launchready("report", app, "--run", stored["run"][:-2], "--format", "terminal")
    assert again.returncode == 0
    assert "NO-GO" in again.stdout
    missing = launchready("report", app, "--run", "zzz")
    assert missing.returncode == 3
    assert "no run is called 'zzz'" in missing.stderr


def test_nothing_is_stored_when_nobody_wants_it(app: Path) -> None:
    launchready("audit", app, "--no-store")
    assert not (app / ".launchready").exists()
    told = launchready("history", app)
    assert told.returncode == 3
    assert "launchready audit" in told.stdout


def test_the_folder_keeps_itself_out_of_git(app: Path) -> None:
    launchready("audit", app)
    subprocess.run(["git", "init", "-q", app], check=True)
    status = subprocess.run(["git", "-C", app, "status", "--porcelain"], capture_output=True, text=True, check=True)
    assert status.stdout == "?? main.py\n"


def test_the_roadmap_and_the_handover_of_a_run(app: Path, tmp_path: Path) -> None:
    (app / "launchready.toml").write_text('[owners.attest]\nHAND-1 = "Dana, 2026-11-02"\n')
    launchready("audit", app)
    lines = launchready("roadmap", app).stdout
    assert "BAR-1" in lines and "failed" in lines
    page = launchready("handover", app).stdout
    assert "- [x] HAND-1" in page and "Dana, 2026-11-02" in page
    assert "- [ ] HAND-2" in page


def test_explain_knows_each_check_and_the_nearest_one() -> None:
    told = launchready("explain", "lr201")
    assert told.returncode == 0
    assert "## Fix" in told.stdout
    for typed, meant in (("LR2011", "LR201"), ("204", "LR204"), ("lr2o4", "LR204")):
        wrong = launchready("explain", typed)
        assert wrong.returncode == 2
        assert f"Did you mean {meant}?" in wrong.stderr
    # Another number is another question: LR709 is no help to who asked for LR999.
    assert "Did you mean" not in launchready("explain", "LR999").stderr


def test_a_format_there_is_not(app: Path) -> None:
    wrong = launchready("report", app, "--format", "pdf")
    assert wrong.returncode == 2
    assert "html" in wrong.stderr


def _started(app: Path, url: str) -> "subprocess.Popen[str]":
    """An audit that hangs on a silent server, and has stored its first outcomes."""
    command = [
        str(Path(sys.executable).with_name("launchready")),
        "audit",
        str(app),
        "--url",
        url,
        "--timeout",
        str(_SILENT),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    deadline = time.monotonic() + _STARTS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(_store(app)) as db:
            if db.execute("SELECT count(*) FROM outcome").fetchone()[0] >= 3:
                return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate())


def _store(app: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{app / '.launchready' / 'runs.sqlite3'}?mode=ro", uri=True)


def test_a_run_that_is_killed_stays_readable_and_says_so(app: Path) -> None:
    with silent_after_hello() as url:
        process = _started(app, url)
        process.kill()
        process.communicate()
    assert "  stopped  " in launchready("history", app).stdout
    stored = json.loads(launchready("report", app, "--format", "json").stdout)
    assert stored["complete"] is False
    assert 3 <= len(stored["outcomes"]) < len(stored["checks"])
    assert stored["coverage"]["not_checked"] >= len(stored["checks"]) - len(stored["outcomes"])
    with contextlib.closing(_store(app)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_ctrl_c_stops_at_once_and_shows_what_was_found(app: Path) -> None:
    with silent_after_hello() as url:
        process = _started(app, url)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=_AT_ONCE)
    assert "Stopped" in err
    assert "Traceback" not in err
    assert "DELETE /members/{member_id}" in out
    assert process.returncode == 1


def test_ctrl_c_before_anything_was_asked_shows_no_older_run(app: Path) -> None:
    launchready("audit", app)
    command = [str(Path(sys.executable).with_name("launchready")), "audit", str(app), "--timeout", str(_SILENT)]
    with silent() as (url, server):
        process = subprocess.Popen([*command, "--url", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        knocked, _ = server.accept()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=_AT_ONCE)
        knocked.close()
    assert out == ""
    assert "Stopped" in err
    assert process.returncode == 4


def test_a_fault_of_ours_is_no_verdict(app: Path) -> None:
    code = (
        "import sys; import launchready.cli.app as app; import launchready.cli.history as h;"
        "h.command.callback = lambda path: 1 / 0;"
        f"sys.argv = ['launchready', 'history', {str(app)!r}]; app.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "fault of launchready" in done.stderr
