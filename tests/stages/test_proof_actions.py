"""Server actions of Next.js: called by the ids of the build beside the source, by people who sign up with one and in by Auth.js."""

import json
from pathlib import Path

import pytest
from launchready.ground.actions import learn_actions
from launchready.model.audit import Audit
from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.model.words import Confidence, Status
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.support.next_app import Notebook, write_source
from tests.support.web import serve

_CHECKS = ("LR203", "LR204", "LR207")


async def prove(app: Notebook, folder: Path) -> Audit:
    """Audit the app with its source, and nothing told but its address."""
    with serve(app) as url:
        environment = Environment("local", url, writes=True)
        project = Project("notebook", str(folder), (str(folder),))
        return await audit(Request(project, environment, checks=_CHECKS, seconds=20))


def ended(done: Audit, check: str) -> Outcome:
    """How one check ended."""
    return next(outcome for outcome in done.outcomes if outcome.check == check)


def found(done: Audit) -> set[tuple[str, str]]:
    """Which checks failed where, for certain."""
    return {(one.check, one.target) for one in done.findings if one.confidence is Confidence.PROVEN}


async def test_actions_of_an_app_that_is_right_are_called_and_refused(tmp_path: Path) -> None:
    write_source(tmp_path)
    app = Notebook()
    done = await prove(app, tmp_path)
    assert found(done) == set()
    assert len(app.users) >= 3, "people sign up by an action that is given a state and a form"
    assert app.sessions, "and in by Auth.js"
    assert ended(done, "LR204").status is Status.PASS
    assert ended(done, "LR207").examined >= 2, "what an action throws at another, and not at the owner, is a refusal"
    assert app.notes == {}, "what was made is removed by the action that deletes it"


@pytest.mark.parametrize("fault", ["updateNote", "deleteNote"])
async def test_an_action_that_does_not_ask_whose_a_record_is(fault: str, tmp_path: Path) -> None:
    write_source(tmp_path)
    done = await prove(Notebook(fault), tmp_path)
    assert found(done) == {("LR207", f"POST /{fault}")}


async def test_actions_of_an_app_that_was_not_built_are_not_checked(tmp_path: Path) -> None:
    write_source(tmp_path, built=False)
    app = Notebook("deleteNote")
    done = await prove(app, tmp_path)
    assert found(done) == set()
    assert app.users == {}
    assert ended(done, "LR207").status is Status.NOT_CHECKED
    assert "no build beside the source" in ended(done, "LR207").reason
    assert "next build" in ended(done, "LR207").give


async def test_actions_of_one_name_in_two_files_are_two(tmp_path: Path) -> None:
    write_source(tmp_path)
    more = '"use server";\nexport async function deleteNote(id: string) { await db.drafts.remove(id); }\n'
    (tmp_path / "lib/drafts.ts").write_text(more)
    manifest = tmp_path / ".next/server/server-reference-manifest.json"
    said = json.loads(manifest.read_text())
    said["node"]["40bb01"] = {
        "workers": {"app/notes/page": {}},
        "exportedName": "deleteNote",
        "filename": "lib/drafts.ts",
    }
    manifest.write_text(json.dumps(said))
    surface = read_surface(Tree.read(tmp_path)).endpoints
    actions, left = learn_actions(Project("notebook", str(tmp_path), (str(tmp_path),)), surface)
    called = {action.id: action.endpoint.name for action in actions.actions}
    assert left == []
    assert called["40aa04"] != called["40bb01"]
    assert set(called.values()) == {one.name for one in surface if one.source.what.startswith("server action")}


INLINE = """import { db } from "@/lib/db";
export default async function Page() {
  async function addNote(formData: FormData) {
    "use server";
    await db.notes.add({ title: formData.get("title") });
  }
  async function dropNote(id: string) {
    "use server";
    await db.notes.drop(id);
  }
  return <form action={addNote} />;
}
"""


@pytest.mark.parametrize("ids", [("40cc01", "40cc02"), ("40cc01",)], ids=["as many", "fewer"])
async def test_actions_inside_of_a_page_have_numbers_instead_of_names(ids: tuple[str, ...], tmp_path: Path) -> None:
    """Where a build has more or fewer of them than the source, nobody says which is which."""
    write_source(tmp_path)
    (tmp_path / "app/notes/page.tsx").write_text(INLINE)
    manifest = tmp_path / ".next/server/server-reference-manifest.json"
    said = json.loads(manifest.read_text())
    for number, key in enumerate(ids):
        said["node"][key] = {
            "workers": {"app/notes/page": {}},
            "exportedName": f"$$RSC_SERVER_ACTION_{number}",
            "filename": "app/notes/page.tsx",
        }
    manifest.write_text(json.dumps(said))
    surface = read_surface(Tree.read(tmp_path)).endpoints
    actions, left = learn_actions(Project("notebook", str(tmp_path), (str(tmp_path),)), surface)
    called = {action.id: action.endpoint.source.what for action in actions.actions if action.id in ids}
    inline = {"40cc01": "server action addNote", "40cc02": "server action dropNote"}
    assert called == (inline if len(ids) == 2 else {})
    assert len(left) == 2 - len(called)
