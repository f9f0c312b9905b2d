"""The emitted suite where a call needs more than its session: the workspace in a header, or the token that a form hides."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.cli.run import launchready
from tests.stages.boards import boards
from tests.stages.desk import desk
from tests.support.bare import pytest_alone
from tests.support.people import serve_asgi


def emitted(app: FastAPI, tmp_path: Path) -> tuple[Path, set[str]]:
    """The suite that a run on the app writes, and which of its tests are to fail."""
    suite, told = tmp_path / "access", tmp_path / "proof.json"
    (tmp_path / "app").mkdir()
    with serve_asgi(app) as url:
        given = ("--seconds", "300", "--no-store", "--format", "json", "--output", told, "--emit-tests", suite)
        done = launchready("prove", tmp_path / "app", "--url", url, *given)
        assert done.returncode == 1, done.stderr
        sure = {test["id"].partition("::")[2] for test in json.loads(told.read_text())["tests"] if test["fails"]}
        before = pytest_alone(suite, APP_URL=url)
        assert ({one.partition("::")[2] for one in before.failed}, before.broken) == (sure, set()), before.said
    return suite, sure


def sound(app: FastAPI, suite: Path, sure: set[str]) -> None:
    """Whether the suite passes on the mended app, what failed included."""
    with serve_asgi(app) as url:
        after = pytest_alone(suite, APP_URL=url)
        assert (after.failed, after.broken) == (set(), set()), after.said
        assert sure <= {one.partition("::")[2] for one in after.passed}


@pytest.mark.parametrize("named", ["header", "query", "path"])
def test_what_stands_below_anothers_project(tmp_path: Path, named: str) -> None:
    where = {named: True} if named != "path" else {}
    suite, sure = emitted(boards("child", **where), tmp_path)
    # Asked for below one's own project, in one's own workspace: the owner's address is refused, and would prove nothing.
    assert {name.split("_projects_")[0].removesuffix("_w_slug") for name in sure if "task_id" in name} == {
        "test_ben_cannot_get",
        "test_ben_cannot_put",
        "test_ben_cannot_delete",
    }
    sound(boards(**where), suite, sure)


def test_a_token_that_forms_hide(tmp_path: Path) -> None:
    suite, sure = emitted(desk("edit", "session"), tmp_path)
    assert sure == {
        "test_ben_cannot_post_notes_note_id_delete_of_ann",
        "test_ben_cannot_post_notes_note_id_edit_of_ann",
        "test_signing_out_ends_the_session_post_logout",
    }
    written = "".join(path.read_text() for path in suite.glob("*.py"))
    assert '"csrf_token":' not in written, "a token of the run is good for its session alone"
    sound(desk(), suite, sure)
