"""What an audit finds of the planted faults: most of them in the unsafe variant, none in the guarded one, and nothing that was not planted."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from launchready.demo.server import Running, running

from tests.cli.run import launchready


@pytest.fixture
def demo(request: pytest.FixtureRequest) -> Iterator[Running]:
    """An Opsboard of its own: an audit uses up its limits and changes its data."""
    with running(request.param) as started:
        yield started


def _audit(demo: Running, file: Path) -> dict[str, Any]:
    # Not how long it takes, but when to give up: on a busy machine the time that is given by itself is over before all was asked.
    more = ("--no-store", "--exit-zero", "--seconds", "900", "--format", "json", "--output", file)
    done = launchready("audit", demo.source, *more)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(file.read_text())
    assert [outcome for outcome in found["outcomes"] if outcome["status"] == "error"] == []
    return found


def _untimed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without how long a page took: on a busy machine each may take too long."""
    return [row for row in rows if row["check"] != "LR601"]


def _score(file: Path) -> dict[str, Any]:
    scored: dict[str, Any] = json.loads(launchready("demo", "score", file, "--format", "json").stdout)
    return scored


COLUMNS = ("designed", "found", "proven")


def _cells(audit: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """The cells of the matrix by endpoint and role."""
    return {(row["endpoint"], cell["role"]): cell for row in audit["matrix"]["rows"] for cell in row["cells"]}


@pytest.mark.parametrize("demo", ["unsafe"], indirect=True)
def test_the_unsafe_variant(demo: Running, tmp_path: Path) -> None:
    audit = _audit(demo, tmp_path / "audit.json")
    assert audit["verdict"] == "NO-GO"
    assert [one["title"] for one in audit["findings"] if one["severity"] == "blocker" and not one["evidence"]] == []
    score = _score(tmp_path / "audit.json")
    assert _untimed(score["unexpected"]) == []
    assert score["planted"] >= 60
    assert score["found"] + len(score["missed"]) == score["planted"]
    assert score["found"] >= 60
    proven = {(one["check"], one["target"]) for one in audit["findings"] if one["confidence"] == "proven"}
    assert {("LR343", "POST /api/avatar"), ("LR343", "POST /api/documents")} <= proven
    cell = _cells(audit)["GET /api/admin/users", "member"]
    assert [cell[column] for column in COLUMNS] == ["unknown", "allowed", "allowed"]
    assert cell["identities"]


@pytest.mark.parametrize("demo", ["guarded"], indirect=True)
def test_the_guarded_variant(demo: Running, tmp_path: Path) -> None:
    audit = _audit(demo, tmp_path / "audit.json")
    assert _untimed(audit["findings"]) == []
    assert audit["verdict"] == "INCOMPLETE"
    assert audit["coverage"]["bar_failed"] == 0
    assert _untimed(_score(tmp_path / "audit.json")["unexpected"]) == []
    cells = _cells(audit)
    assert [cells["GET /api/admin/users", "guest"][column] for column in COLUMNS] == ["denied", "denied", "denied"]
    # Whoever signs up runs their own workspace.
    assert [cells["GET /api/admin/users", "admin"][column] for column in COLUMNS] == ["allowed", "allowed", "allowed"]
    got = [name for name, cell in cells.items() if cell["designed"] == "denied" and cell["proven"] == "allowed"]
    assert got == []
