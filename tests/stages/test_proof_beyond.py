"""What the prover does that a person would do next: answer a captcha that tells its answer, give a name twice, pick fields, delete where nothing
says that one can. Each fault with its right twin."""

import json
import secrets
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from launchready.ground.result import Harm, Proof
from launchready.model.words import Confidence

from tests.stages.members import Asked, Body, Members, missing
from tests.stages.test_proof_fooled import JSON, harms, proof
from tests.support.web import Reply


def notes() -> Members:
    app = Members(first=101)
    app.collection("notes", "title")
    return app


def refused(status: int = 403) -> Reply:
    return Reply(status, json.dumps({"error": "not yours"}), JSON)


def titles(found: Proof, harm: Harm) -> list[str]:
    return [alarm.title for alarm in found.alarms if alarm.harm is harm]


@pytest.mark.parametrize("told", [True, False])
async def test_a_captcha_that_tells_its_answer(told: bool) -> None:
    app = Members(first=101)
    answers: dict[str, str] = {}
    kept: dict[str, dict[str, Any]] = {}

    @app.route("GET", "/captcha", open=True)
    def ask(asked: Asked) -> Body:
        number = str(len(answers) + 1)
        answers[number] = str(7 + len(answers))
        question = {"captchaId": int(number), "captcha": f"{len(answers)}+6"}
        return question | ({"answer": answers[number]} if told else {})

    @app.route("POST", "/opinions", "text", "captchaId", "captcha")
    def make(asked: Asked) -> Body:
        assert asked.member is not None
        # Each counts once.
        if answers.pop(str(asked.body.get("captchaId")), "") != asked.body.get("captcha"):
            return Reply(401, "Wrong answer to the captcha", {"Content-Type": "text/plain"})
        key = str(500 + len(kept))
        kept[key] = {"id": int(key), "text": asked.body.get("text"), "user_id": asked.member.id}
        kept[key] |= {"user_id": asked.body["user_id"]} if "user_id" in asked.body else {}
        return Reply(201, json.dumps(kept[key]), JSON)

    app.route("GET", "/opinions/{id}")(lambda asked: kept.get(asked.ids["id"]) or missing())
    found = await proof(app)
    assert harms(found, Harm.CAPTCHA) == (["GET /captcha"] if told else [])
    # What stands behind the captcha is looked at as well.
    assert harms(found, Harm.FIELDS) == (["POST /opinions"] if told else [])


@pytest.mark.parametrize("told", [True, False])
async def test_a_sign_up_behind_a_captcha_that_tells_its_answer(told: bool) -> None:
    app = Members(first=101)
    answers: dict[str, str] = {}
    signing_up = next(route for route in app.routes if route[:2] == ("POST", "/signup"))[3]
    app.routes = [route for route in app.routes if route[:2] != ("POST", "/signup")]

    @app.route("GET", "/captcha", open=True)
    def ask(asked: Asked) -> Body:
        number = f"c{len(answers) + 1}"
        answers[number] = str(7 + len(answers))
        return {"id": number, "question": f"{len(answers)}+6"} | ({"answer": answers[number]} if told else {})

    @app.route("POST", "/signup", "email", "username", "password", "captcha_id", "captcha_answer", open=True)
    def sign_up(asked: Asked) -> Body:
        if answers.pop(str(asked.body.get("captcha_id")), "") != asked.body.get("captcha_answer"):
            return Reply(400, json.dumps({"error": "wrong captcha"}), JSON)
        return signing_up(asked)

    found = await proof(app)
    assert [who for who, _, _ in found.people] == (["ann", "ben"] if told else [])
    assert harms(found, Harm.CAPTCHA) == (["GET /captcha"] if told else [])


@pytest.mark.parametrize("guarded", [False, True])
async def test_an_id_given_twice_in_the_body(guarded: bool) -> None:
    app = notes()

    @app.route("POST", "/rename", "note_id", "title")
    def rename(asked: Asked) -> Body:
        pairs = json.loads(asked.got.body, object_pairs_hook=list)
        ids = [value for name, value in pairs if name == "note_id"]
        checked = app.records["notes"].get(str(ids[-1] if guarded else ids[0])) if ids else None
        if checked is None or not app.owns(asked, checked):
            return refused()
        app.records["notes"].get(str(ids[-1]), {})["title"] = dict(pairs).get("title")
        return {"ok": True}

    found = await proof(app)
    assert harms(found, Harm.CHANGES) == ([] if guarded else ["POST /rename"])
    assert guarded or "giving note_id twice" in titles(found, Harm.CHANGES)[0]


@pytest.mark.parametrize("guarded", [False, True])
async def test_an_id_given_twice_in_the_query(guarded: bool) -> None:
    app = notes()

    @app.route("GET", "/note-text", "?note_id")
    def text(asked: Asked) -> Body:
        ids = parse_qs(asked.got.query).get("note_id", [""])
        checked = app.records["notes"].get(ids[0])
        if checked is None or not app.owns(asked, checked):
            return missing()
        return app.records["notes"].get(ids[0] if guarded else ids[-1], {})

    found = await proof(app)
    assert harms(found, Harm.READS) == ([] if guarded else ["GET /note-text"])
    assert guarded or "given twice" in titles(found, Harm.READS)[0]


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize(("field", "said"), [("basket_id", "into another's basket"), ("user_id", "in another's name")])
async def test_a_record_for_another_by_giving_whose_it_is_twice(guarded: bool, field: str, said: str) -> None:
    app = Members(first=101)
    app.each = lambda member: {"basket_id": 1000 + member.id, "user_id": member.id}
    kept: list[dict[str, Any]] = []

    @app.route("POST", "/items", "thing", field)
    def add(asked: Asked) -> Body:
        assert asked.member is not None
        pairs = json.loads(asked.got.body, object_pairs_hook=list)
        whose = [value for name, value in pairs if name == field]
        if not whose or str(whose[-1] if guarded else whose[0]) != str(asked.member.more[field]):
            return refused()
        kept.append({"id": 500 + len(kept), "thing": dict(pairs).get("thing"), field: whose[-1]})
        return Reply(201, json.dumps(kept[-1]), JSON)

    app.route("GET", "/items/{id}")(lambda asked: missing())
    found = await proof(app)
    assert harms(found, Harm.CHANGES) == ([] if guarded else ["POST /items"])
    assert guarded or f"{said}, by giving {field} twice" in titles(found, Harm.CHANGES)[0]


@pytest.mark.parametrize("listed", [False, True])
async def test_fields_that_the_caller_picks(listed: bool) -> None:
    app = Members()

    @app.route("GET", "/profile", "?fields")
    def profile(asked: Asked) -> Body:
        assert asked.member is not None
        whole = {"email": asked.member.email, "username": asked.member.username, "password": asked.member.password}
        wanted = dict(parse_qsl(asked.got.query)).get("fields", "email,username").split(",")
        return {name: whole[name] for name in wanted if name in whole and (not listed or name != "password")}

    found = await proof(app)
    assert harms(found, Harm.SECRETS) == ([] if listed else ["GET /profile"])
    assert listed or titles(found, Harm.SECRETS)[0].endswith("hands out password to whoever asks for it by fields")


@pytest.mark.parametrize("as_script", [False, True])
async def test_a_page_of_ones_own_as_a_script_with_the_token_in_a_cookie(as_script: bool) -> None:
    app = Members()

    @app.route("GET", "/whoami", "~token", "?callback", open=True)
    def whoami(asked: Asked) -> Body:
        jar = SimpleCookie(asked.got.headers.get("cookie", ""))
        member = app.sessions.get(jar["token"].value) if "token" in jar else None
        said = json.dumps({"user": {"email": member.email} if member else {}})
        name = dict(parse_qsl(asked.got.query)).get("callback", "")
        if as_script and name:
            return Reply(
                200, f"/**/ typeof {name} === 'function' && {name}({said});", {"Content-Type": "text/javascript"}
            )
        return Reply(200, said, JSON)

    found = await proof(app)
    assert harms(found, Harm.SCRIPT) == (["GET /whoami"] if as_script else [])
    # Browsers that keep such cookies from other sites by themselves are the usual ones.
    assert all(alarm.confidence is Confidence.SUSPECTED for alarm in found.alarms if alarm.harm is Harm.SCRIPT)


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_delete_that_nothing_names(guarded: bool) -> None:
    app = notes()

    @app.route("DELETE", "/notes/{id}", hidden=True)
    def delete(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        if note is None or (guarded and not app.owns(asked, note)):
            return missing()
        del app.records["notes"][asked.ids["id"]]
        return Reply(204)

    assert harms(await proof(app), Harm.DELETES) == ([] if guarded else ["DELETE /notes/{id}"])


async def test_what_the_run_made_may_lack_what_the_apps_own_have() -> None:
    """A thing of our own has no stock, so an order of it fails; one that was there before can be ordered."""
    app = Members(first=101)
    app.collection("things", "name", mine_only=False)
    app.records["things"]["1"] = {"id": 1, "name": "lamp", "ownerId": 0}
    app.routes = [route for route in app.routes if route[:2] != ("GET", "/things")]
    app.route("GET", "/things")(lambda asked: list(app.records["things"].values()))
    kept: dict[str, dict[str, Any]] = {}

    @app.route("POST", "/zz-orders", "thing_id")
    def order(asked: Asked) -> Body:
        assert asked.member is not None
        if str(asked.body.get("thing_id")) != "1":
            return Reply(500, json.dumps({"error": "no stock of it"}), JSON)
        key = str(700 + len(kept))
        kept[key] = {"id": int(key), "thing_id": 1, "note": asked.member.email}
        return Reply(201, json.dumps(kept[key]), JSON)

    app.route("GET", "/zz-orders/{id}")(lambda asked: kept.get(asked.ids["id"]) or missing())
    assert "GET /zz-orders/{id}" in harms(await proof(app), Harm.READS)


@pytest.mark.parametrize("guarded", [False, True])
async def test_writes_behind_a_token_that_an_address_hands_out(guarded: bool) -> None:
    app = notes()
    handed: set[str] = set()

    @app.route("GET", "/security/csrf_token")
    def hand_out(asked: Asked) -> Body:
        handed.add(secrets.token_urlsafe(24))
        return {"result": sorted(handed)[-1]}

    @app.route("PUT", "/notes/{id}", "title")
    def change(asked: Asked) -> Body:
        if asked.got.headers.get("x-csrftoken") not in handed or "referer" not in asked.got.headers:
            return Reply(
                400, json.dumps({"errors": [{"message": "400 Bad Request: The CSRF token is missing."}]}), JSON
            )
        note = app.records["notes"].get(asked.ids["id"])
        if note is None or (guarded and not app.owns(asked, note)):
            return missing()
        note["title"] = asked.body.get("title", note["title"])
        return note

    assert harms(await proof(app), Harm.CHANGES) == ([] if guarded else ["PUT /notes/{id}"])


async def test_an_answer_that_repeats_the_id_shows_no_record() -> None:
    app = notes()

    @app.route("GET", "/explore", "?note_id")
    def explore(asked: Asked) -> Body:
        wanted = dict(parse_qsl(asked.got.query)).get("note_id", "")
        return {"form": {"note": wanted, "kind": "table"}, "said": f"there is no note {wanted}"}

    assert harms(await proof(app), Harm.READS) == []


async def test_fields_that_a_record_shows_and_nobody_may_send() -> None:
    """Made after the pattern of another, without what the app says is no field of it; what labels are called is no record."""
    app = Members(first=101)
    app.collection("things", "name", mine_only=False)
    app.records["things"]["1"] = {"id": 1, "name": "lamp", "made by": "the shop", "ownerId": 0}
    app.routes = [route for route in app.routes if route[:2] not in (("GET", "/things"), ("POST", "/things"))]
    labels = {"id": "Number", "name": "Name", "shelf": "Shelf"}
    app.route("GET", "/things")(
        lambda asked: {
            "label_columns": labels,
            "result": [t for t in app.records["things"].values() if t["ownerId"] == 0],
        }
    )

    @app.route("POST", "/things")
    def make(asked: Asked) -> Body:
        assert asked.member is not None
        wrong = {name: ["Unknown field."] for name in asked.body if name != "name"}
        if wrong or "name" not in asked.body:
            return Reply(400, json.dumps({"message": wrong or {"name": ["Missing data for required field."]}}), JSON)
        key = str(500 + len(app.records["things"]))
        app.records["things"][key] = {"id": int(key), "name": asked.body["name"], "ownerId": asked.member.id}
        return Reply(201, json.dumps(app.records["things"][key]), JSON)

    assert "GET /things/{id}" in harms(await proof(app), Harm.READS)


@pytest.mark.parametrize("permission", ["!templates:write", ""])
async def test_what_everybody_with_a_permission_may_change_is_a_question(permission: str) -> None:
    app = Members(first=101)
    app.collection("templates", "title", mine_only=False)
    app.routes = [route for route in app.routes if route[:2] != ("GET", "/templates")]
    app.route("GET", "/templates")(lambda asked: list(app.records["templates"].values()))

    @app.route("PUT", "/templates/{id}", "title", *([permission] if permission else []))
    def change(asked: Asked) -> Body:
        template = app.records["templates"].get(asked.ids["id"])
        if template is None:
            return missing()
        template["title"] = asked.body.get("title", template["title"])
        return template

    found = await proof(app)
    assert harms(found, Harm.CHANGES) == ([] if permission else ["PUT /templates/{id}"])
    asked = [gap.reason for _, gap in found.gaps if gap.target == "PUT /templates/{id} by permission"]
    assert bool(asked) is bool(permission)


@pytest.mark.parametrize(
    ("one_workspace", "more", "told"),
    [(True, {"phone": "+14155550100"}, []), (True, {"salary": 4100}, ["GET /people"]), (False, {}, ["GET /people"])],
)
async def test_colleagues_may_know_how_to_reach_each_other(
    one_workspace: bool, more: dict[str, Any], told: list[str]
) -> None:
    app = Members(first=101)
    app.each = lambda member: {"workspace_id": 7 if one_workspace else 1000 + member.id}

    @app.route("GET", "/people")
    def people(asked: Asked) -> Body:
        return [{"id": m.id, "email": m.email, "workspace_id": m.more["workspace_id"]} | more for m in app.members]

    assert harms(await proof(app), Harm.PERSONAL) == told
