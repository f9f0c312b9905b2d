"""What a benchmark writes into a page of the documentation leaves alone what people wrote there."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_a_new_measurement_keeps_what_is_written_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "bench" / "realworld")
    run = importlib.import_module("run")
    before = (ROOT / "docs" / "realworld.md").read_text(encoding="utf-8")
    row = run.Row(("an-app", "1.0", *("–",) * (len(run.HEADER) - 2)))
    after = run.page(before, [row])
    assert "| an-app | 1.0 |" in after
    assert [line for line in before.split("\n") if line.startswith("## ")] == [
        line for line in after.split("\n") if line.startswith("## ")
    ]
    assert after.split(run.END)[1] == before.split(run.END)[1]
    assert run.page(after, [row]) == after
    with pytest.raises(ValueError, match="lost"):
        run.page(before.replace(run.END, ""), [row])
