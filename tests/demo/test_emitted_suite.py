"""The pytest suite of the unsafe Opsboard: it fails there for what was proven, and passes once everything is mended."""

import json
import re
from pathlib import Path

from launchready.demo.server import running

from tests.cli.run import launchready
from tests.support.bare import pytest_alone

_NOBODYS = "987654321"


def test_it_fails_on_what_was_proven_and_passes_where_that_is_mended(tmp_path: Path) -> None:
    suite, told = tmp_path / "access", tmp_path / "proof.json"
    with running("guarded") as guarded, running("unsafe") as unsafe:
        done = launchready(
            "prove", unsafe.source, "--seconds", "300", "--format", "json", "--output", told, "--emit-tests", suite
        )
        assert done.returncode == 1, done.stderr
        proof = json.loads(told.read_text())
        sure = {test["id"] for test in proof["tests"] if test["fails"]}
        undecided = {test["id"] for test in proof["tests"] if test["undecided"]}
        # Every proven alarm is a test, or the README says that it is none.
        readme = (suite / "README.md").read_text()
        proven = {one["title"] for one in proof["alarms"] if one["confidence"] != "suspected"}
        tested = {test["fails"] for test in proof["tests"]}
        assert len(proven & tested) >= 20
        assert all(title in tested or title in readme.partition("## Alarms that have no test")[2] for title in proven)

        before = pytest_alone(suite, APP_URL=unsafe.url, APP_SOURCE=str(unsafe.source))
        assert (before.failed, before.broken) == (sure, set()), before.said
        after = pytest_alone(suite, APP_URL=guarded.url, APP_SOURCE=str(guarded.source))
        assert (after.failed, after.broken, after.skipped) == (set(), set(), undecided), after.said
        assert sure <= after.passed

    for file in suite.glob("test_*.py"):
        text = file.read_text()
        compile(text, file.name, "exec")
        assert set(re.findall(r"/(\d+)", text)) <= {_NOBODYS}, f"{file.name} holds an id"
    texts = "".join(file.read_text() for file in suite.iterdir() if file.is_file())
    assert unsafe.password not in texts
    assert str(tmp_path) not in texts.replace(str(suite), "")
    assert unsafe.url not in texts
