"""Apps that want to be asked in a way of their own: fields in the address, writes from their own pages, records below those of another kind."""

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from launchready.ground.result import Harm

from tests.stages.members import Asked, Body, Members, missing
from tests.stages.test_proof_fooled import JSON, harms, proof
from tests.support.web import Got, Reply


@dataclass(slots=True)
class InTheAddress(Members):
    """Takes what it is given in the query alone, as FastAPI does where the arguments of a handler are plain texts."""

    def ask_in_the_address(self) -> "InTheAddress":
        """Describe the fields of all routes as those of the query."""
        self.routes = [(m, path, tuple(f"?{name}" for name in given), h, o) for m, path, given, h, o in self.routes]
        return self

    def __call__(self, got: Got) -> Reply:
        """Answer; what stands in a body is not read."""
        read = replace(got, body=json.dumps(dict(parse_qsl(got.query))).encode()) if got.method != "GET" else got
        return Members.__call__(self, read)


@pytest.mark.parametrize("guarded", [False, True])
async def test_fields_of_a_write_that_stand_in_the_address(guarded: bool) -> None:
    app = InTheAddress(first=101)
    app.collection("notes", "title")

    @app.route("PUT", "/notes/{id}", "title")
    def change(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        if note is None or (guarded and not app.owns(asked, note)):
            return missing()
        note["title"] = asked.body.get("title", "")
        return note

    found = await proof(app.ask_in_the_address())
    assert [name for name, *_ in found.people] == ["ann", "ben"]
    assert harms(found, Harm.CHANGES) == ([] if guarded else ["PUT /notes/{id}"])
    assert any(note["title"].startswith("Launch ") for note in app.records["notes"].values())


async def test_a_rank_that_is_taken_from_the_address() -> None:
    app = InTheAddress(take=("is_admin",), each=lambda _member: {"is_admin": "false"})
    assert harms(await proof(app.ask_in_the_address()), Harm.FIELDS) == ["POST /signup"]


@dataclass(slots=True)
class FromItsPages(Members):
    """Takes writes from the pages of one origin alone; a preflight says which."""

    origin: str = ""
    says: str = "Request origin is not allowed"

    def __call__(self, got: Got) -> Reply:
        """Refuse what comes from elsewhere, whoever asks."""
        own = self.origin or f"http://{got.headers['host']}"
        if got.method == "OPTIONS":
            allowed = {"Access-Control-Allow-Origin": own} if got.headers.get("origin") == own else {}
            return Reply(204, "", allowed)
        if got.method != "GET" and got.headers.get("origin") != own:
            return Reply(403, json.dumps({"error": {"code": "invalid_origin", "message": self.says}}), JSON)
        return Members.__call__(self, got)


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize(
    "origin", ["", "http://localhost:5173"], ids=["its own", "that of its pages on a developer's machine"]
)
async def test_an_app_that_takes_writes_from_its_own_pages_alone(origin: str, guarded: bool) -> None:
    app = FromItsPages(origin=origin)
    app.collection("notes", "title")

    @app.route("PUT", "/notes/{id}", "title")
    def change(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        if note is None or (guarded and not app.owns(asked, note)):
            return missing()
        note["title"] = asked.body.get("title", "")
        return note

    found = await proof(app)
    assert [name for name, *_ in found.people] == ["ann", "ben"]
    assert harms(found, Harm.CHANGES) == ([] if guarded else ["PUT /notes/{id}"])


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_record_that_is_made_below_one_of_another_kind(guarded: bool) -> None:
    app = Members(first=101)
    app.collection("posts", "title", mine_only=False)
    remarks: dict[str, dict[str, Any]] = {}

    @app.route("POST", "/remarks/{post_id}", "text")
    def add(asked: Asked) -> Body:
        assert asked.member is not None
        if asked.ids["post_id"] not in app.records["posts"]:
            return missing()
        key = str(701 + len(remarks))
        remarks[key] = {"id": int(key), "text": asked.body.get("text"), "ownerId": asked.member.id}
        return Reply(201, json.dumps(remarks[key]), JSON)

    @app.route("GET", "/remarks/post/{post_id}")
    def listed(asked: Asked) -> Body:
        return list(remarks.values())

    @app.route("PUT", "/remarks/{remark_id}", "text")
    def change(asked: Asked) -> Body:
        remark = remarks.get(asked.ids["remark_id"])
        if remark is None or (guarded and not app.owns(asked, remark)):
            return missing()
        remark["text"] = asked.body.get("text")
        return remark

    assert harms(await proof(app), Harm.CHANGES) == ([] if guarded else ["PUT /remarks/{remark_id}"])


async def test_an_optional_id_of_what_nobody_has_is_left_out_where_the_app_fails_at_it() -> None:
    app = Members(first=101)
    app.collection("customers", "name", "*contact_id", mine_only=False)
    make = next(handler for method, path, _, handler, _ in app.routes if (method, path) == ("POST", "/customers"))

    def fails_at_a_key(asked: Asked) -> Body:
        # A foreign key that points nowhere, which the database refuses and nobody catches.
        return Reply(500, "Internal Server Error") if "contact_id" in asked.body else make(asked)

    app.routes = [(m, path, given, fails_at_a_key if h is make else h, o) for m, path, given, h, o in app.routes]

    @app.route("PUT", "/customers/{id}", "name")
    def change(asked: Asked) -> Body:
        customer = app.records["customers"].get(asked.ids["id"])
        if customer is None:
            return missing()
        customer["name"] = asked.body.get("name")
        return customer

    assert harms(await proof(app), Harm.CHANGES) == ["PUT /customers/{id}"]


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_verb_in_an_address_is_no_kind_of_record(guarded: bool) -> None:
    app = Members(first=101)
    app.collection("boats", "title")

    @app.route("POST", "/boats/edit/{id}", "title")
    def change(asked: Asked) -> Body:
        boat = app.records["boats"].get(asked.ids["id"])
        if boat is None or (guarded and not app.owns(asked, boat)):
            return missing()
        boat["title"] = asked.body.get("title")
        return boat

    assert harms(await proof(app), Harm.CHANGES) == ([] if guarded else ["POST /boats/edit/{id}"])


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_record_that_another_refers_to_is_made_once_more_to_be_deleted(guarded: bool) -> None:
    app = Members(first=101)
    app.collection("leads", "title")
    app.collection("offers", "lead_id", start=501)

    @app.route("DELETE", "/leads/{id}")
    def remove(asked: Asked) -> Body:
        lead = app.records["leads"].get(asked.ids["id"])
        if lead is None or (guarded and not app.owns(asked, lead)):
            return missing()
        if any(str(offer["lead_id"]) == asked.ids["id"] for offer in app.records["offers"].values()):
            return Reply(500, "Internal Server Error")
        del app.records["leads"][asked.ids["id"]]
        return {"ok": True}

    assert harms(await proof(app), Harm.DELETES) == ([] if guarded else ["DELETE /leads/{id}"])


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_record_that_was_made_though_the_app_failed_at_answering(guarded: bool) -> None:
    app = Members(first=101)
    app.collection("notes", "title")
    make = next(handler for method, path, _, handler, _ in app.routes if (method, path) == ("POST", "/notes"))

    def fails_at_its_answer(asked: Asked) -> Body:
        make(asked)
        return Reply(500, "Internal Server Error")

    app.routes = [(m, path, given, fails_at_its_answer if h is make else h, o) for m, path, given, h, o in app.routes]

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        if note is None or (guarded and not app.owns(asked, note)):
            return missing()
        return app.records["notes"].pop(asked.ids["id"])

    assert harms(await proof(app), Harm.DELETES) == ([] if guarded else ["DELETE /notes/{id}"])
