"""The history file is held open while a run adds its outcomes, and is one file again afterwards."""

from pathlib import Path

from launchready.core.assemble import RunFacts
from launchready.core.store import Header, Store
from launchready.model.audit import EnvironmentName, Target
from launchready.model.check import Outcome
from launchready.model.project import Project
from launchready.model.surface import Surface
from launchready.model.words import Status


def test_outcomes_are_there_at_once_and_the_file_is_tidied_up_at_the_end(tmp_path: Path) -> None:
    store = Store(tmp_path / "kept" / "runs.sqlite3")
    facts = RunFacts("r1", "2026-01-02T03:04:05+00:00", 1.0, Target("app", "", "", ""), EnvironmentName("local"), 1)
    log = store.path.with_name("runs.sqlite3-wal")
    with store.held():
        store.begin(Header(facts, Project("app", str(tmp_path)), (), Surface()))
        store.add("r1", Outcome("LR101", Status.PASS))
        # What is written waits beside the file, and who reads meanwhile sees it.
        assert log.stat().st_size > 0
        assert [one.check for one in Store(store.path).load().outcomes] == ["LR101"]
        assert log.exists()
    assert not log.exists()
    assert [one.check for one in store.load().outcomes] == ["LR101"]
