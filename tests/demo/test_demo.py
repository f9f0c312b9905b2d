"""The demo's command line: it serves until stopped, leaves nothing behind and scores honestly."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from launchready.demo.build import TEMPLATE, materialise
from launchready.demo.faults import faults
from launchready.demo.score import score
from launchready.demo.template import VARIANTS
from launchready.model.roadmap import roadmap

from tests.demo.browser import call


def _finding(target: str, *lines: str) -> dict[str, object]:
    return {"check": "LR999", "target": target, "roadmap": list(lines)}


def test_score_needs_the_same_target_and_a_shared_line() -> None:
    planted = [fault for fault in faults("unsafe") if fault.id in ("OB-01", "OB-72")]
    result = score(
        {
            "findings": [
                _finding("static/dist/app.0a1b2c3d.js", "BAR-4"),
                _finding("GET /api/w/{workspace_id}/export.csv", "MAIL-1"),
            ]
        },
        planted,
    )
    assert (result.planted, result.found) == (2, 1)
    assert result.missed == (("OB-01", "BAR-1"),)
    assert result.unexpected == (("LR999", "GET /api/w/{workspace_id}/export.csv"),)


def test_the_list_of_faults_is_sound() -> None:
    planted = faults("unsafe")
    assert len(planted) >= 40
    assert len({fault.id for fault in planted}) == len(planted)
    assert {line for fault in planted for line in fault.roadmap} <= set(roadmap())
    assert {"surface", "access", "inputs", "edge", "mail", "secrets", "deploy", "handover"} <= {
        fault.stage for fault in planted
    }
    assert faults("guarded") == ()


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_gives_nothing_away(variant: str, tmp_path: Path) -> None:
    source = materialise(variant, tmp_path / "app").source
    texts = {file: file.read_text() for file in source.rglob("*") if file.is_file() and ".git" not in file.parts}
    assert not [
        file for file, text in texts.items() if "#>" in text or "//>" in text or "<!-->" in text or "OB-" in text
    ]
    for file, text in texts.items():
        if file.suffix == ".py":
            compile(text, str(file), "exec")


def test_our_template_holds_no_key(tmp_path: Path) -> None:
    found = [file for file in TEMPLATE.rglob("*") if file.is_file() and "sk_live_" in file.read_text(errors="replace")]
    assert not found


def _serve(tmp_path: Path) -> tuple["subprocess.Popen[str]", dict[str, str]]:
    command = [sys.executable, "-m", "launchready", "demo", "serve", "--variant", "guarded"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=os.environ | {"TMPDIR": str(tmp_path)}
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def _gone(pid: int) -> bool:
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_stops_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    process, line = _serve(tmp_path)
    assert call(line["url"] + "/healthz").status == 200
    assert Path(line["source"], "launchready.toml").exists()
    assert json.loads(json.dumps(line)).keys() >= {"url", "source", "faults"}
    process.send_signal(number)
    assert process.wait(100) == 0
    assert _gone(int(line["pid"]))
    assert not list(tmp_path.iterdir())
    assert process.stdout is not None
    process.stdout.close()


def test_the_app_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    process, line = _serve(tmp_path)
    process.kill()
    process.wait()
    assert _gone(int(line["pid"]))
    assert process.stdout is not None
    process.stdout.close()


def test_score_refuses_what_is_no_audit(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("{}")
    done = subprocess.run(
        [sys.executable, "-m", "launchready", "demo", "score", str(file)], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "that is no audit" in done.stderr
