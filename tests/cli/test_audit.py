"""``launchready audit`` on small apps: verdicts, exit codes, and what a person is told when input is wrong."""

import json
import subprocess
from pathlib import Path

import pytest
from launchready.config.load import load_project

from tests.cli.run import launchready

OPEN = """
from fastapi import FastAPI
app = FastAPI()
@app.delete("/members/{member_id}")
def remove(member_id: int):
    db.execute("DELETE FROM members WHERE id = ?", member_id)
"""
GUARDED = """
from fastapi import Depends, FastAPI, HTTPException, Request
def signed_in(request: Request):
    if request.headers.get("x-user") is None:
        raise HTTPException(status_code=401)
app = FastAPI()
@app.delete("/members/{member_id}", dependencies=[Depends(signed_in)])
def remove(member_id: int):
    db.execute("DELETE FROM members WHERE id = ?", member_id)
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    return root


def test_an_open_delete_is_a_no_go(app: Path) -> None:
    (app / "main.py").write_text(OPEN)
    done = launchready("audit", app)
    assert done.returncode == 1, done.stderr
    assert "NO-GO" in done.stdout
    assert "DELETE /members/{member_id}" in done.stdout
    assert "main.py:5" in done.stdout


def test_a_guarded_one_is_not_yet_a_go(app: Path) -> None:
    (app / "main.py").write_text(GUARDED)
    done = launchready("audit", app)
    assert done.returncode == 4, done.stderr
    assert "INCOMPLETE" in done.stdout
    assert "--url" in done.stdout


def test_json_is_all_that_a_pipe_gets(app: Path) -> None:
    (app / "main.py").write_text(OPEN)
    done = launchready("audit", app, "--format", "json", "--exit-zero")
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout)["verdict"] == "NO-GO"


def test_a_run_is_stored_and_can_be_asked_again(app: Path) -> None:
    (app / "main.py").write_text(OPEN)
    launchready("audit", app)
    (app / "main.py").write_text(GUARDED)
    launchready("audit", app)
    assert len(launchready("history", app).stdout.splitlines()) == 2
    changes = launchready("diff", app).stdout
    assert "Fixed" in changes
    assert "LR102" in changes
    assert "BAR-1" in launchready("roadmap", app).stdout


@pytest.mark.parametrize(
    ("path", "code", "told"),
    [
        ("nowhere", 2, "no such folder"),
        ("file.txt", 2, "that is a file"),
        ("empty", 3, "folder is empty"),
        ("text", 3, ""),
    ],
)
def test_nothing_to_check_is_said(tmp_path: Path, path: str, code: int, told: str) -> None:
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "notes.txt").write_text("x")
    done = launchready("audit", tmp_path / path)
    assert done.returncode == code, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_project_file_is_a_usage_error(app: Path) -> None:
    (app / "launchready.toml").write_text("[project\n")
    done = launchready("audit", app)
    assert done.returncode == 2
    assert "launchready.toml" in done.stderr
    assert "line 1" in done.stderr


def test_init_writes_a_file_that_audit_reads_and_never_overwrites(app: Path) -> None:
    (app / "main.py").write_text(GUARDED)
    assert launchready("init", app).returncode == 0
    written = (app / "launchready.toml").read_text()
    assert "FastAPI" in written
    assert launchready("audit", app, "--offline").returncode == 4
    again = launchready("init", app)
    assert again.returncode == 2
    assert (app / "launchready.toml").read_text() == written


def test_init_tells_where_the_app_runs(app: Path) -> None:
    (app / "main.py").write_text(GUARDED + "import os\nKEY = os.environ['SHOP_KEY']\n")
    (app / "Dockerfile").write_text("FROM python:3.12\nEXPOSE 8123\n")
    (app / "fly.toml").write_text('app = "shop"\n')
    (app / ".env.staging").write_text("SHOP_KEY=x\n")
    said = launchready("init", "shop", cwd=app.parent).stdout
    assert "1 endpoint; runs in production, staging" in said
    assert "launchready audit shop`" in said
    project = load_project(app)
    assert [(place.name, place.url, place.writes) for place in project.environments] == [
        ("local", "http://127.0.0.1:8123", True),
        ("production", "https://shop.fly.dev", False),
        ("staging", "", False),
    ]
    assert "SHOP_KEY" in (app / "launchready.toml").read_text()


def test_no_step_leads_to_a_fix_that_has_nothing_to_write(app: Path) -> None:
    (app / "main.py").write_text(GUARDED + "import os\nSITE = os.environ['SITE_NAME']\n")
    done = launchready("audit", app, "--check", "LR135", "--offline")
    assert "LR135" in done.stdout
    assert "  fix LR135" not in done.stdout and "launchready fix" not in done.stdout


def test_the_next_steps_can_be_copied_as_they_stand(app: Path) -> None:
    (app / "main.py").write_text(OPEN)
    done = launchready("audit", "shop", cwd=app.parent)
    step = done.stdout.split("  Next")[1].strip().splitlines()[-1].split("     ")[-1].strip()
    assert step.endswith("roadmap shop")
    again = subprocess.run(step, shell=True, cwd=app.parent, capture_output=True, text=True, check=False)  # noqa: S602
    assert "BAR-1" in again.stdout, again.stderr
    unkept = launchready("audit", "shop", "--no-store", cwd=app.parent).stdout
    assert "explain LR" in unkept
    assert "roadmap" not in unkept.split("  Next")[1]


@pytest.mark.parametrize(
    ("output", "told"), [("nowhere/report.html", "there is no nowhere"), (".", "that is a folder")]
)
def test_a_place_that_cannot_be_written_is_told_before_the_audit(app: Path, output: str, told: str) -> None:
    (app / "main.py").write_text(OPEN)
    done = launchready("audit", "shop", "--format", "html", "--output", output, cwd=app.parent)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (app / ".launchready").exists()
