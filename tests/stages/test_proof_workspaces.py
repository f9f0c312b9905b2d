"""Workspaces that whoever signs up makes: what stands inside of what, and who stands at the top."""

import pytest
from fastapi import FastAPI
from launchready.ground.prover import Prover
from launchready.ground.result import Harm, Proof
from launchready.model.project import Environment, Project
from launchready.model.surface import Access, Endpoint, Span, Surface
from launchready.model.words import AccessVerdict, Kind
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.access.proof.questions import access_questions

from tests.stages.boards import boards
from tests.support.people import serve_asgi


async def proven(app: FastAPI, *known: Endpoint) -> Proof:
    with serve_asgi(app) as url:
        async with Site.open(url) as site:
            surface, project = Surface(known), Project("app", ".")
            sweep, environment = GuestSweep(site, surface), Environment("local", url, writes=True)
            return await Prover(site, surface, sweep, project, environment, [access_questions(project, None)]).proof()


def routes(found: Proof, *harms: Harm) -> set[str]:
    return {one.route for one in found.alarms if one.harm in harms}


def for_admins(path: str) -> Endpoint:
    access = Access(AccessVerdict.GUARDED, "role", ("admin",))
    return Endpoint("GET", path, "FastAPI", (Kind.OTHER,), "read", access, (), Span("app.py", 1, ""))


@pytest.mark.parametrize("faults", [(), ("child",)], ids=["bound", "not bound"])
async def test_a_record_below_ones_own_parent(faults: tuple[str, ...]) -> None:
    """Whoever looks whose the project is may not look whether the task is of it."""
    found = await proven(boards(*faults))
    task = "/w/{slug}/projects/{project_id}/tasks/{task_id}"
    assert routes(found, Harm.READS) == ({f"GET {task}"} if faults else set())
    assert routes(found, Harm.CHANGES, Harm.DELETES) == ({f"PUT {task}", f"DELETE {task}"} if faults else set())
    # The project is asked for by its own id, though a workspace could be called one as well.
    assert any(cell.route == f"GET {task}" and cell.record == "own" for cell in found.cells)


async def test_a_workspace_in_the_query_is_named_with_every_call() -> None:
    """Without it nothing is let in, and records of others stand behind one's own workspace."""
    sound, found = await proven(boards(query=True)), await proven(boards("project", query=True))
    assert not routes(sound, Harm.READS, Harm.CHANGES, Harm.DELETES, Harm.ROLE, Harm.FIELDS)
    assert "GET /projects/{project_id}" in routes(found, Harm.READS)


@pytest.mark.parametrize("ranks", [True, False], ids=["ranks are told", "ranks are not told"])
@pytest.mark.parametrize("header", [True, False], ids=["header", "path"])
async def test_who_made_a_workspace_stands_at_its_top(header: bool, ranks: bool) -> None:
    """That their own page says they do not run the site is nothing about the workspace."""
    path = "/export" if header else "/w/{slug}/export"
    found = await proven(boards(header=header, ranks=ranks), for_admins(path))
    assert not routes(found, Harm.ROLE, Harm.FIELDS)
    people = {cell.who: cell.role for cell in found.cells}
    assert people["ann"] == ("admin" if ranks else "member")


async def test_a_member_below_the_founder_is_let_in_to_what_is_for_administrators() -> None:
    found = await proven(boards("export"), for_admins("/w/{slug}/export"))
    assert routes(found, Harm.ROLE) == {"GET /w/{slug}/export"}


@pytest.mark.parametrize("faults", [(), ("rank",)], ids=["administrators", "every member"])
async def test_a_rank_is_tried_by_whoever_has_the_lowest(faults: tuple[str, ...]) -> None:
    """Who stands at the top may give ranks; the member of the same workspace may not give themselves one."""
    found = await proven(boards(*faults))
    assert routes(found, Harm.FIELDS) == ({"PATCH /w/{slug}/members/{user_id}"} if faults else set())
