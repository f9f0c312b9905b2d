"""Where the prover looks beyond the id in the path: queries, headers, bodies, methods, spellings, fields. Each fault with its right twin."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from launchready.ground.naming import ids_in
from launchready.ground.prover import Prover
from launchready.ground.result import Harm, Proof
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.model.surface import Surface
from launchready.model.words import Confidence
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.access.proof.questions import access_questions

from tests.stages.members import Asked, Body, Member, Members, missing
from tests.stages.test_proof_fooled import JSON, harms, proof
from tests.support.web import Reply, serve


def notes() -> Members:
    app = Members(first=101)
    app.collection("notes", "title")
    return app


def alarms(found: Proof, harm: Harm) -> list[tuple[str, str]]:
    return [(alarm.route, alarm.key) for alarm in found.alarms if alarm.harm is harm]


@pytest.mark.parametrize("guarded", [False, True])
async def test_an_id_in_the_query(guarded: bool) -> None:
    app = notes()

    @app.route("GET", "/note-text", "?note_id")
    def text(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.got.query.removeprefix("note_id="))
        return note if note and (not guarded or app.owns(asked, note)) else missing()

    assert harms(await proof(app), Harm.READS) == ([] if guarded else ["GET /note-text"])


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_workspace_in_a_header(guarded: bool) -> None:
    app = Members(first=101)
    app.each = lambda member: {"workspace_id": 1000 + member.id}

    @app.route("GET", "/plan", "@X-Workspace-Id")
    def plan(asked: Asked) -> Body:
        assert asked.member is not None
        own = str(asked.member.more["workspace_id"])
        wanted = asked.got.headers.get("x-workspace-id", own)
        if (guarded and wanted != own) or wanted not in {str(m.more["workspace_id"]) for m in app.members}:
            return missing()
        return {"workspace_id": int(wanted), "secret plan": f"of workspace {wanted}"}

    assert harms(await proof(app), Harm.READS) == ([] if guarded else ["GET /plan"])


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("field", ["note_id", "note_ids"])
async def test_an_id_or_a_list_of_ids_in_the_body(guarded: bool, field: str) -> None:
    app = notes()

    @app.route("POST", "/rename", field, "title")
    def rename(asked: Asked) -> Body:
        wanted = asked.body.get(field)
        found = [app.records["notes"].get(str(one)) for one in (wanted if isinstance(wanted, list) else [wanted])]
        # The usual half of a guard looks at the first one only.
        checked = found if guarded else found[:1] if field == "note_ids" else []
        if not all(found) or not all(one and app.owns(asked, one) for one in checked):
            return missing()
        for one in found:
            assert one is not None
            one["title"] = asked.body.get("title")
        return {"ok": True}

    assert harms(await proof(app), Harm.CHANGES) == ([] if guarded else ["POST /rename"])


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_method_that_nothing_names(guarded: bool) -> None:
    app = notes()

    @app.route("PATCH", "/notes/{id}", hidden=True, open=not guarded)
    def change(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        if note is None or (guarded and not app.owns(asked, note)):
            return missing()
        note["title"] = asked.body.get("title", note["title"])
        return note

    assert harms(await proof(app), Harm.CHANGES) == ([] if guarded else ["PATCH /notes/{id}"])


@pytest.mark.parametrize("heeded", [True, False])
async def test_a_header_that_names_another_method(heeded: bool) -> None:
    app = notes()

    def change(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        if note is None:
            return missing()
        note["title"] = asked.body.get("title", note["title"])
        return note

    app.route("PUT", "/notes/{id}", "title")(lambda asked: Reply(403, '{"error": "not yours"}', JSON))
    app.route("POST", "/notes/{id}", hidden=True)(
        lambda asked: (
            change(asked) if heeded and asked.got.headers.get("x-http-method-override") == "PUT" else missing()
        )
    )
    assert harms(await proof(app), Harm.CHANGES) == (["PUT /notes/{id}"] if heeded else [])


@pytest.mark.parametrize("guarded", [False, True])
async def test_an_address_in_another_case_slips_past_its_guard(guarded: bool) -> None:
    app = Members()

    def keys(asked: Asked) -> Body:
        return {"keys": [{"id": 1, "value": "the key of the printer"}]}

    app.route("GET", "/reports")(lambda asked: Reply(403, '{"error": "no"}', JSON))
    app.route("GET", "/REPORTS", hidden=True, open=True)(
        keys if not guarded else lambda asked: Reply(403, '{"error": "no"}', JSON)
    )
    assert alarms(await proof(app), Harm.ROLE) == ([] if guarded else [("GET /reports", "trick")])


async def test_an_app_that_answers_every_address_has_no_way_around_a_guard() -> None:
    app = Members()
    app.route("GET", "/reports")(lambda asked: Reply(403, '{"error": "no"}', JSON))
    app.fallback = lambda asked: {"app": "welcome", "version": "1.2.3"}
    assert alarms(await proof(app), Harm.ROLE) == []


def _orders(take: Callable[[Asked], dict[str, Any]]) -> Members:
    app = Members(first=101)
    app.each = lambda member: {"workspace_id": 1000 + member.id}
    kept: dict[str, dict[str, Any]] = {}

    @app.route("POST", "/orders", "item")
    def order(asked: Asked) -> Body:
        assert asked.member is not None
        made = {"item": asked.body.get("item"), "price": 49, "user_id": asked.member.id, "approved": False}
        kept[str(500 + len(kept))] = made | take(asked) | {"id": 500 + len(kept)}
        return kept[str(499 + len(kept))]

    app.route("GET", "/orders/{id}")(
        lambda asked: (
            kept[asked.ids["id"]]
            if asked.ids["id"] in kept and asked.member and kept[asked.ids["id"]]["user_id"] == asked.member.id
            else missing()
        )
    )
    return app


@pytest.mark.parametrize("field", ["price", "approved"])
async def test_one_field_too_many_in_a_new_record(field: str) -> None:
    loose = await proof(_orders(lambda asked: {field: asked.body[field]} if field in asked.body else {}))
    assert alarms(loose, Harm.FIELDS) == [("POST /orders", field)]
    strict = await proof(_orders(lambda asked: {}))
    assert alarms(strict, Harm.FIELDS) == []


async def test_a_record_in_anothers_name() -> None:
    found = await proof(_orders(lambda asked: {"user_id": asked.body["user_id"]} if "user_id" in asked.body else {}))
    assert alarms(found, Harm.FIELDS) == [("POST /orders", "user_id")]


async def test_an_echo_that_was_not_kept_is_only_suspected() -> None:
    app = Members(first=101)
    app.collection("tickets", "subject")
    app.routes = [route for route in app.routes if route[:2] != ("POST", "/tickets")]

    @app.route("POST", "/tickets", "subject")
    def make(asked: Asked) -> Body:
        assert asked.member is not None
        kept = app.records["tickets"]
        key = str(700 + len(kept))
        kept[key] = {
            "id": int(key),
            "subject": asked.body.get("subject"),
            "approved": False,
            "ownerId": asked.member.id,
        }
        return kept[key] | {name: value for name, value in asked.body.items() if name == "approved"}

    found = await proof(app)
    assert [a.confidence for a in found.alarms if a.harm is Harm.FIELDS] == [Confidence.SUSPECTED]


async def test_a_role_at_sign_up_shows_in_the_row_of_a_list() -> None:
    app = Members()
    app.each = lambda member: {"role": "member"}
    app.route("GET", "/users")(lambda asked: [_row(member) for member in app.members])
    app.take = ("role",)
    # No page of one's own shows the role: only the list does.
    app.routes = [route for route in app.routes if route[:2] != ("GET", "/me")]
    app.route("GET", "/me")(lambda asked: {"email": asked.member.email} if asked.member else {})
    assert alarms(await proof(app), Harm.FIELDS) == [("POST /signup", "role")]


def _row(member: Member) -> dict[str, Any]:
    return {"username": member.username, "role": member.more["role"]}


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_record_goes_by_a_shorter_name_where_it_is_changed(guarded: bool) -> None:
    app = Members(first=101)
    kept: dict[str, dict[str, Any]] = {}

    @app.route("POST", "/virtual-cards/create", "label")
    def create(asked: Asked) -> Body:
        assert asked.member is not None
        key = str(900 + len(kept))
        kept[key] = {"id": int(key), "label": asked.body.get("label"), "ownerId": asked.member.id}
        return {"card_details": kept[key]}

    app.route("GET", "/virtual-cards")(lambda asked: {"cards": [one for one in kept.values() if app.owns(asked, one)]})

    @app.route("POST", "/virtual-cards/{card_id}/rename", "label")
    def rename(asked: Asked) -> Body:
        card = kept.get(asked.ids["card_id"])
        if card is None or (guarded and not app.owns(asked, card)):
            return missing()
        card["label"] = asked.body.get("label")
        return {"ok": True}

    assert harms(await proof(app), Harm.CHANGES) == ([] if guarded else ["POST /virtual-cards/{card_id}/rename"])


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_text_of_the_record_is_sent_where_nothing_that_is_known_of_a_change_would_show(guarded: bool) -> None:
    app = Members(first=101)
    app.collection("boats", "quay_name")

    # What is known of it is one switch, which nobody is shown.
    @app.route("PATCH", "/boats/{id}", "*newsletter")
    def change(asked: Asked) -> Body:
        boat = app.records["boats"].get(asked.ids["id"])
        if boat is None or (guarded and not app.owns(asked, boat)):
            return missing()
        boat["quay_name"] = asked.body.get("quay_name", boat["quay_name"])
        return {"ok": True}

    assert harms(await proof(app), Harm.CHANGES) == ([] if guarded else ["PATCH /boats/{id}"])


async def test_what_is_known_of_a_change_is_sent_alone_where_more_is_refused() -> None:
    app = Members(first=101)
    app.collection("boats", "quay_name")

    @app.route("PATCH", "/boats/{id}", "*newsletter")
    def change(asked: Asked) -> Body:
        boat = app.records["boats"].get(asked.ids["id"])
        if boat is None:
            return missing()
        if set(asked.body) != {"newsletter"}:
            return Reply(422, json.dumps({"error": "no such field"}))
        boat["flag"] = asked.body["newsletter"]
        return {"ok": True}

    assert harms(await proof(app), Harm.CHANGES) == ["PATCH /boats/{id}"]


@pytest.mark.parametrize("guarded", [False, True])
async def test_what_may_be_left_out_is_left_out_where_nobody_has_such_a_record(guarded: bool) -> None:
    app = Members(first=101)
    app.collection("bookings", "town", "*voucher_id", mine_only=guarded)
    make = next(handler for method, path, _, handler, _ in app.routes if (method, path) == ("POST", "/bookings"))

    @app.route("POST", "/bookings", hidden=True)
    def book(asked: Asked) -> Body:
        return missing() if "voucher_id" in asked.body else make(asked)

    app.routes = [route for route in app.routes if route[3] is not make] + [
        ("POST", "/bookings", ("town", "*voucher_id"), book, False)
    ]
    app.hidden.clear()
    assert harms(await proof(app), Harm.READS) == ([] if guarded else ["GET /bookings/{id}"])


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_record_that_stands_in_a_list_which_was_empty_and_is_known_by_a_number_elsewhere(guarded: bool) -> None:
    app = Members(first=101)
    cards: dict[str, dict[str, Any]] = {}

    @app.route("GET", "/gift-cards")
    def listed(asked: Asked) -> Body:
        return {"status": "ok", "cards": [one for one in cards.values() if app.owns(asked, one)]}

    @app.route("POST", "/gift-cards", "label")
    def make(asked: Asked) -> Body:
        assert asked.member is not None
        key = str(501 + len(cards))
        number = f"77 0000 {key}"
        cards[key] = {"id": int(key), "label": asked.body.get("label"), "frozen": False, "ownerId": asked.member.id}
        return {"status": "ok", "card_details": {"id": int(key), "card_number": number}}

    @app.route("POST", "/gift-cards/{card_id}/freeze")
    def freeze(asked: Asked) -> Body:
        card = cards.get(asked.ids["card_id"])
        if not card or (guarded and not app.owns(asked, card)):
            return missing()
        card["frozen"] = not card["frozen"]
        return {"status": "ok"}

    found = await proof(app)
    assert harms(found, Harm.CHANGES) == ([] if guarded else ["POST /gift-cards/{card_id}/freeze"])


async def test_a_rank_that_every_sign_up_tells_is_tried_as_well() -> None:
    app = Members()
    app.each = lambda member: {"role": "user"}
    app.take = ("role",)
    app.routes = [route for route in app.routes if route[1] != "/signup"]
    app.route("POST", "/signup", "email", "username", "password", "role", open=True)(app._sign_up)
    assert alarms(await proof(app), Harm.FIELDS) == [("POST /signup", "role")]


@pytest.mark.parametrize("guarded", [False, True])
async def test_an_account_with_an_id_and_a_uuid_is_called_by_its_id(guarded: bool) -> None:
    app = Members(first=101)
    # It sorts before the id.
    app.each = lambda member: {"uuid": f"0{member.id:07d}-0000-4000-8000-00000000cafe", "firstName": ""}

    @app.route("PATCH", "/users/{userId}", "firstName")
    def change(asked: Asked) -> Body:
        assert asked.member is not None
        member = next((one for one in app.members if str(one.id) == asked.ids["userId"]), None)
        if member is None or (guarded and member is not asked.member):
            return missing()
        member.more["firstName"] = asked.body.get("firstName", "")
        return Reply(204)

    assert harms(await proof(app), Harm.CHANGES) == ([] if guarded else ["PATCH /users/{userId}"])


async def test_a_record_that_names_the_caller_as_its_owner_is_no_others() -> None:
    app = Members(first=101)

    @app.route("GET", "/account/of/{user_id}")
    def account(asked: Asked) -> Body:
        assert asked.member is not None
        if asked.ids["user_id"] != str(asked.member.id):
            return missing()
        return {
            "account": {"account_id": "a-1", "user_id": asked.member.id, "account_number": "14442529", "balance": 100.0}
        }

    assert [alarm.route for alarm in (await proof(app)).alarms if alarm.harm is Harm.PERSONAL] == []


@pytest.mark.parametrize("guarded", [False, True])
async def test_what_is_taken_from_anothers_account(guarded: bool) -> None:
    app = Members(first=101)
    app.each = lambda member: {"account_id": 9000 + member.id, "left": 100}

    @app.route("POST", "/transfer", "from_account_id", "to_account_id", "amount")
    def transfer(asked: Asked) -> Body:
        assert asked.member is not None
        accounts = {str(one.more["account_id"]): one for one in app.members}
        giver = accounts.get(str(asked.body.get("from_account_id")))
        if giver is None or (guarded and giver is not asked.member):
            return missing()
        giver.more["left"] -= 1
        return {"message": "done"}

    assert harms(await proof(app), Harm.CHANGES) == ([] if guarded else ["POST /transfer"])


@pytest.mark.parametrize("pages", [False, True])
async def test_a_list_of_more_pages_is_said_to_have_been_read_on_its_first(pages: bool) -> None:
    app = Members(first=101)
    app.collection("notes", "title", mine_only=False)
    plain = next(one for one in app.routes if one[:2] == ("GET", "/notes"))
    app.routes.remove(plain)
    app.route("GET", "/notes")(lambda asked: {"items": plain[3](asked), "total": 90 if pages else 1})
    (alarm,) = [one for one in (await proof(app)).alarms if one.route == "GET /notes/{id}" and one.harm is Harm.READS]
    assert "no list shows it to others" in alarm.detail
    assert ("on its first page" in alarm.detail) is pages


@pytest.mark.parametrize(
    ("flag", "told"),
    [("has_password", []), ("is_private", ["GET /posts/{id}"])],
    ids=["there is a password", "the record is private"],
)
async def test_a_flag_about_a_password_is_no_secret_of_what_all_members_list(flag: str, told: list[str]) -> None:
    app = Members(first=101)
    app.collection("posts", "title", mine_only=False)
    posts = app.records["posts"]
    app.routes[:] = [one for one in app.routes if one[:2] not in (("GET", "/posts"), ("GET", "/posts/{id}"))]

    @app.route("GET", "/posts")
    def listed(asked: Asked) -> Body:
        return [post | {"author": {flag: True}} for post in posts.values()]

    @app.route("GET", "/posts/{id}")
    def one_of_them(asked: Asked) -> Body:
        found = posts.get(asked.ids["id"])
        return found | {"author": {flag: True}} if found else missing()

    sure = [one for one in (await proof(app)).alarms if one.confidence is Confidence.PROVEN]
    assert [one.route for one in sure if one.harm is Harm.READS] == told


@pytest.mark.parametrize(
    ("page", "routes"),
    [("<h2>Admin</h2><p>You are not an Admin</p>", []), ("<h2>Admin</h2><p>Everybody: 7 people</p>", ["GET /admin"])],
    ids=["says who it is not for", "shows it"],
)
async def test_a_page_that_says_that_it_is_not_for_members(page: str, routes: list[str]) -> None:
    app = Members(first=101)
    app.route("GET", "/admin")(lambda asked: Reply(200, page, {"Content-Type": "text/html"}))
    assert harms(await proof(app), Harm.ROLE) == routes


@pytest.mark.parametrize("guarded", [False, True])
async def test_an_optional_field_that_is_refused_without_a_reason_is_left_out(guarded: bool) -> None:
    app = Members(first=101)
    app.collection("payments", "text", "*level", mine_only=guarded)
    app.routes = [route for route in app.routes if route[:2] != ("GET", "/payments")]
    method, path, fields, handler, _ = next(one for one in app.routes if one[:2] == ("POST", "/payments"))
    app.routes = [route for route in app.routes if route[:2] != (method, path)]

    @app.route(method, path, *fields)
    def make(asked: Asked) -> Body:
        if asked.body.get("level", "public") not in ("public", "private"):
            said = {
                "errors": [{"value": asked.body["level"], "msg": "Invalid value", "param": "level", "location": "body"}]
            }
            return Reply(422, json.dumps(said), JSON)
        return handler(asked)

    assert harms(await proof(app), Harm.READS) == ([] if guarded else ["GET /payments/{id}"])


@pytest.mark.parametrize("guarded", [False, True])
async def test_an_optional_table_that_the_app_fills_itself_is_left_out(guarded: bool) -> None:
    """Django REST framework: a table inside may be described as a text, is refused as a whole, and fails where it is empty."""
    app = Members(first=101)
    app.collection("payments", "text", "*created_by", mine_only=guarded)
    app.routes = [route for route in app.routes if route[:2] != ("GET", "/payments")]
    method, path, fields, handler, _ = next(one for one in app.routes if one[:2] == ("POST", "/payments"))
    app.routes = [route for route in app.routes if route[:2] != (method, path)]

    @app.route(method, path, *fields)
    def make(asked: Asked) -> Body:
        if "created_by" in asked.body and not isinstance(asked.body["created_by"], dict):
            said = {"created_by": {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}}
            told = {"id": "8b5f26ac-a7e4-4e48-8ec4-3d85764ebf75", "version": "1.23.2", "validation_errors": said}
            return Reply(400, json.dumps(told), JSON)
        if "created_by" in asked.body or {"id", "version"} & set(asked.body):
            return Reply(500, "{}", JSON)
        return handler(asked)

    assert harms(await proof(app), Harm.READS) == ([] if guarded else ["GET /payments/{id}"])


@pytest.mark.parametrize(("noun", "routes"), [("projects", []), ("organizations", ["GET /organizations/{id}"])])
async def test_a_number_of_something_else_is_no_other_workspace(noun: str, routes: list[str]) -> None:
    """Colleagues of organization 7 may see each other's projects, numbered beside it; another organization is not theirs."""
    app = Members(first=101)
    app.each = lambda member: {"active_organization": 7}
    rows = {str(number): {"id": number, "title": f"The {number}th"} for number in (6, 7, 8)}
    app.route("GET", f"/{noun}")(lambda asked: [rows["7"]] if routes else list(rows.values()))
    app.route("GET", f"/{noun}/{{id}}")(lambda asked: rows.get(asked.ids["id"]) or missing())
    found = await proof(app)
    assert [one.route for one in found.alarms if "other workspaces" in one.title] == routes


@pytest.mark.parametrize("guarded", [False, True])
async def test_what_a_person_has_is_listed_by_whose_it_is(guarded: bool) -> None:
    app = Members(first=101)
    app.collection("orders", "title")

    @app.route("GET", "/orders/user/{target_user_id}")
    def of(asked: Asked) -> Body:
        assert asked.member is not None
        wanted = asked.ids["target_user_id"]
        if guarded and wanted != str(asked.member.id):
            return missing()
        return [one for one in app.records["orders"].values() if str(one["ownerId"]) == wanted]

    found = await proof(app)
    assert harms(found, Harm.READS) == ([] if guarded else ["GET /orders/user/{target_user_id}"])
    assert all(alarm.confidence is Confidence.PROVEN for alarm in found.alarms if alarm.harm is Harm.READS)


async def test_what_an_administrator_is_shown_is_no_alarm() -> None:
    # Everybody but the first is an ordinary member; the first may look at all notes.
    app = Members(first=101)
    app.each = lambda member: {"role": "admin" if member.id == 102 else "member"}
    app.collection("notes", "title", mine_only=False)

    def of_role(asked: Asked, record: Any) -> bool:
        assert asked.member is not None
        return bool(asked.member.more["role"] == "admin" or record["ownerId"] == asked.member.id)

    @app.route("GET", "/note/{note_id}")
    def one(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["note_id"])
        return note if note and of_role(asked, note) else missing()

    assert "GET /note/{note_id}" not in harms(await proof(app), Harm.READS)


async def test_a_change_that_leaves_the_owner_without_a_session_is_read_by_whoever_made_it() -> None:
    # Sessions go by the name, as tokens do whose subject it is: whoever is renamed is signed out, and cannot sign in again.
    app = Members(first=101)
    app.route("GET", "/users/{user_id}")(
        lambda asked: next((m.shown() for m in app.members if str(m.id) == asked.ids["user_id"]), missing())
    )

    @app.route("PATCH", "/users/{user_id}", "username", "email")
    def change(asked: Asked) -> Body:
        for member in app.members:
            if str(member.id) == asked.ids["user_id"]:
                member.username = asked.body.get("username", member.username)
                member.email = asked.body.get("email", member.email)
                app.sessions = {token: one for token, one in app.sessions.items() if one is not member}
                return member.shown()
        return missing()

    found = await proof(app)
    assert "PATCH /users/{user_id}" in harms(found, Harm.CHANGES)
    said = next(
        alarm.detail for alarm in found.alarms if alarm.route == "PATCH /users/{user_id}" and alarm.harm is Harm.CHANGES
    )
    assert "not let in any more" in said


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_rank_that_no_page_shows_is_told_by_the_address_it_opens(guarded: bool) -> None:
    app, ranks = Members(first=101), dict[int, str]()

    @app.route("PATCH", "/me", "username", "*role")
    def change(asked: Asked) -> Body:
        assert asked.member is not None
        if not guarded:
            ranks[asked.member.id] = asked.body.get("role", "")
        return {"message": "saved"}

    @app.route("GET", "/reports")
    def reports(asked: Asked) -> Body:
        assert asked.member is not None
        if ranks.get(asked.member.id) != "admin":
            return Reply(403, '{"error": "not for you"}', JSON)
        return [{"id": 1, "sales": "up"}]

    found = await proof(app)
    assert alarms(found, Harm.FIELDS) == ([] if guarded else [("PATCH /me", "role")])
    assert "admin" not in ranks.values()


async def test_a_record_at_which_the_app_fails_is_not_told_to_be_missing() -> None:
    app = notes()
    app.route("GET", "/cards/{note_id}")(lambda asked: Reply(500, "<h1>Internal Server Error</h1>"))
    reasons = [gap.reason for _, gap in (await proof(app)).gaps if gap.target == "GET /cards/{note_id}"]
    assert reasons == ["the app fails (5xx) for every id that was known"]


@pytest.mark.parametrize("kept", ["annx", "annx@example.com"])
async def test_a_name_that_strangers_see_is_no_address(monkeypatch: pytest.MonkeyPatch, kept: str) -> None:
    monkeypatch.setenv("LR_TEST_PASSWORD", "Pw-for-tests-1")
    app = Members(first=101)
    domain = kept.partition("annx")[2]
    app.members = [
        Member(number, f"{name}{domain}", f"{name}{domain}", "Pw-for-tests-1")
        for number, name in ((101, "annx"), (102, "benx"))
    ]
    app.route("GET", "/users/{user_id}", open=True)(
        lambda asked: next(({"name": m.username} for m in app.members if str(m.id) == asked.ids["user_id"]), missing())
    )
    given = Reference(env="LR_TEST_PASSWORD")
    people = tuple(Identity(m.username, "member", username=m.email, password=given) for m in app.members)
    with serve(app) as url:
        environment, project = Environment("local", url, writes=True), Project("app", "/nonexistent", identities=people)
        async with Site.open(url) as site:
            guest = GuestSweep(site, Surface())
            prover = Prover(site, Surface(), guest, project, environment, [access_questions(project)])
            found = await prover.proof()
    assert harms(found, Harm.READS) == (["GET /users/{user_id}"] if domain else [])


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_record_that_is_known_by_the_end_of_its_kind(guarded: bool) -> None:
    """``/credit-cards`` answers with a ``card_id`` and no other: that is what the card is called."""
    app, cards = Members(), dict[str, dict[str, object]]()

    @app.route("POST", "/credit-cards", "holder_name")
    def make(asked: Asked) -> Body:
        assert asked.member is not None
        number = f"c{len(cards)}{asked.member.id:04d}"
        cards[number] = {"card_id": number, "holder_name": asked.body.get("holder_name"), "ownerId": asked.member.id}
        return Reply(201, json.dumps(cards[number]), {"Content-Type": "application/json"})

    @app.route("GET", "/credit-cards")
    def listed(asked: Asked) -> Body:
        return [one for one in cards.values() if app.owns(asked, one)]

    @app.route("DELETE", "/credit-cards/{card_id}")
    def delete(asked: Asked) -> Body:
        card = cards.get(asked.ids["card_id"])
        if card is None or (guarded and not app.owns(asked, card)):
            return missing()
        return {"gone": cards.pop(asked.ids["card_id"])["card_id"]}

    found = await proof(app)
    assert harms(found, Harm.DELETES) == ([] if guarded else ["DELETE /credit-cards/{card_id}"])
    assert cards == {}, "a card of the run is still there"


def test_the_kind_above_is_no_name_of_what_stands_below_it() -> None:
    row = {"id": 7, "category_id": 3, "title": "Tea"}
    assert ids_in(row, "subcategory") == (("id", "7"),)
    assert ids_in({"category_id": 3, "card": "x"}, "card") == (("card", "x"),)


@pytest.mark.parametrize("guarded", [False, True])
async def test_what_is_put_below_anothers_address_where_nothing_stood(guarded: bool) -> None:
    app, kept = Members(first=101), dict[str, list[dict[str, object]]]()

    @app.route("GET", "/users/{user_id}/addresses")
    def listed(asked: Asked) -> Body:
        assert asked.member is not None
        return kept.get(asked.ids["user_id"], []) if asked.ids["user_id"] == str(asked.member.id) else missing()

    @app.route("POST", "/users/{user_id}/addresses", "street")
    def make(asked: Asked) -> Body:
        assert asked.member is not None
        if guarded and asked.ids["user_id"] != str(asked.member.id):
            return missing()
        mine = kept.setdefault(asked.ids["user_id"], [])
        mine.append({"id": f"{asked.ids['user_id']}-{len(mine)}", "street": asked.body.get("street")})
        return Reply(201, json.dumps(mine[-1]), {"Content-Type": "application/json"})

    found = await proof(app)
    assert harms(found, Harm.CHANGES) == ([] if guarded else ["POST /users/{user_id}/addresses"])
