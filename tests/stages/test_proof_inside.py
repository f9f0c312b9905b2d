"""Records that stand inside of a customer's organization, and name each other: a task of a project, given to a colleague."""

import json
import uuid

import pytest
from launchready.ground.result import Harm

from tests.stages.members import Asked, Body, Members, missing
from tests.stages.test_proof_fooled import harms, proof, seen
from tests.support.web import Reply

JSON = {"Content-Type": "application/json"}


def desk(*, checked: bool, kind: str, ref: str) -> Members:
    """Members, each of an organization of their own, which has projects; tasks of a project may be given to somebody of the organization."""
    app = Members(each=lambda member: {"organizationId": str(uuid.uuid4())})
    projects, tasks = dict[str, dict[str, str]](), dict[str, dict[str, str]]()

    def mine(asked: Asked, record: dict[str, str] | None) -> bool:
        return record is not None and asked.member is not None and record["org"] == asked.member.more["organizationId"]

    def kept(asked: Asked, store: dict[str, dict[str, str]], *names: str) -> Reply:
        assert asked.member is not None
        given = {name: str(asked.body[name]) for name in names if asked.body.get(name)}
        record = {"id": str(uuid.uuid4()), **given, "org": str(asked.member.more["organizationId"])}
        store[record["id"]] = record
        return Reply(201, json.dumps(record), JSON)

    app.route("POST", f"/{kind}s", "name")(lambda asked: kept(asked, projects, "name"))
    app.route("GET", f"/{kind}s")(lambda asked: [one for one in projects.values() if mine(asked, one)])

    @app.route("GET", f"/{kind}s/{{id}}")
    def project(asked: Asked) -> Body:
        found = projects.get(asked.ids["id"])
        return found if mine(asked, found) else missing()

    @app.route("POST", "/tasks", "title", ref, "*assignedTo", "*status")
    def add(asked: Asked) -> Body:
        if not mine(asked, projects.get(str(asked.body.get(ref)))):
            return Reply(404, '{"message": "not found in your organization"}', JSON)
        if asked.body.get("assignedTo") and asked.body["assignedTo"] not in {str(one.id) for one in app.members}:
            return Reply(404, '{"message": "assigned user not found in your organization"}', JSON)
        if asked.body.get("status", "todo") not in ("todo", "done"):
            return Reply(500, '{"message": "Internal Server Error"}', JSON)
        return kept(asked, tasks, "title", ref)

    app.route("GET", "/tasks")(lambda asked: [one for one in tasks.values() if mine(asked, one)])

    @app.route("GET", "/tasks/{id}")
    def task(asked: Asked) -> Body:
        found = tasks.get(asked.ids["id"])
        return found if found and (mine(asked, found) or not checked) else missing()

    return app


@pytest.mark.parametrize(("kind", "ref"), [("project", "projectId"), ("team", "team_id")])
@pytest.mark.parametrize("checked", [False, True])
async def test_a_record_that_names_one_of_the_organization_is_made_and_asked_for(
    *, checked: bool, kind: str, ref: str
) -> None:
    found = await proof(desk(checked=checked, kind=kind, ref=ref))
    assert harms(found, Harm.READS) == ([] if checked else ["GET /tasks/{id}"])
    assert seen(found, "GET /tasks/{id}"), "somebody had a task to ask for"
