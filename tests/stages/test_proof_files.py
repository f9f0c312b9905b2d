"""Records that are made by sending a file, and those whose maker says what is done: each asked for by another member, and removed again."""

import json

import pytest
from launchready.ground.result import Harm

from tests.stages.files import JSON, parts
from tests.stages.members import Asked, Body, Members, missing
from tests.stages.test_proof_fooled import harms, proof
from tests.support.web import Reply


def kept(app: Members, made_at: str, *fields: str, files: bool, mine_only: bool) -> dict[str, dict[str, object]]:
    """Records below ``/documents``, made at ``made_at``; whoever asks gets them, or their owner alone."""
    found: dict[str, dict[str, object]] = {}

    @app.route("POST", made_at, *fields)
    def make(asked: Asked) -> Body:
        assert asked.member is not None
        given = parts(asked.got) if files else {}
        file = given.get("file")
        said = {name: part.content.decode() for name, part in given.items() if part.name is None} | asked.body
        if (files and (file is None or file.name is None)) or not str(said.get("case_id", "")).isdecimal():
            return Reply(422, json.dumps({"error": "no document"}), JSON)
        key = str(501 + len(found))
        # A name of the app's own: nothing of what was sent is told.
        found[key] = {"id": int(key), "place": f"d{int(key) * 7}", "ownerId": asked.member.id}
        return Reply(201, json.dumps(found[key]), JSON)

    def of(asked: Asked) -> dict[str, object] | None:
        one = found.get(asked.ids["id"])
        return one if one is not None and (app.owns(asked, one) or not mine_only) else None

    @app.route("GET", "/documents/{id}")
    def one(asked: Asked) -> Body:
        return of(asked) or missing()

    @app.route("DELETE", "/documents/{id}")
    def remove(asked: Asked) -> Body:
        return missing() if of(asked) is None else found.pop(asked.ids["id"])

    return found


@pytest.mark.parametrize("mine_only", [True, False])
@pytest.mark.parametrize("made_at", ["/documents", "/documents/upload"])
async def test_a_file_of_somebody_else(made_at: str, mine_only: bool) -> None:
    app = Members(first=31)
    app.collection("cases", "title")
    left = kept(app, made_at, "+file", "case_type", "case_id", files=True, mine_only=mine_only)
    found = await proof(app)
    told = [] if mine_only else ["GET /documents/{id}", "DELETE /documents/{id}"]
    assert sorted(harms(found, Harm.READS, Harm.DELETES)) == sorted(told)
    assert {(made.route, made.removed) for made in found.made if "documents" in made.route} == {
        (f"POST {made_at}", True)
    }
    assert not left


async def test_a_record_whose_maker_says_what_is_done_is_removed() -> None:
    app = Members(first=31)
    app.collection("cases", "title")
    left = kept(app, "/documents/create", "case_id", files=False, mine_only=False)
    found = await proof(app)
    assert sorted(harms(found, Harm.READS, Harm.DELETES)) == ["DELETE /documents/{id}", "GET /documents/{id}"]
    assert {made.removed for made in found.made if "documents" in made.route} == {True}
    assert not left
