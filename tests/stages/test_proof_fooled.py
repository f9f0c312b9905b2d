"""The ways in which a prover that calls apps as several people is known to be fooled; one small real app for each."""

import json
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import pytest
from launchready.ground.prover import Prover
from launchready.ground.result import Harm, Proof
from launchready.ground.seen import Seen
from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.model.surface import Surface
from launchready.model.words import Confidence, Status
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.access.proof.questions import access_questions

from tests.stages.members import Asked, Body, Member, Members, missing
from tests.support.ask import ask
from tests.support.web import Got, Reply, serve

JSON = {"Content-Type": "application/json"}


async def proof(app: Members) -> Proof:
    """What the prover makes of the app."""
    with serve(app) as url:
        environment = Environment("local", url, writes=True)
        async with Site.open(url) as site:
            surface = Surface()
            guest, project = GuestSweep(site, surface), Project("app", "/nonexistent")
            return await Prover(site, surface, guest, project, environment, [access_questions(project)]).proof()


def harms(found: Proof, *wanted: Harm) -> Sequence[str]:
    """The routes with an alarm of these kinds."""
    return [alarm.route for alarm in found.alarms if alarm.harm in wanted]


def seen(found: Proof, route: str, record: str = "other") -> set[Seen]:
    """How the route answered those who asked for another's record, strangers aside."""
    return {cell.seen for cell in found.cells if cell.route == route and cell.record == record and cell.who != "guest"}


async def outcome(check: str, app: Members) -> Outcome:
    with serve(app) as url:
        return await ask(check, url=url)


def notes(guarded: bool = True) -> Members:
    """Members with notes, which PUT changes; for everybody unless ``guarded``."""
    app = Members()
    app.collection("notes", "title")

    @app.route("PUT", "/notes/{id}", "title")
    def change(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        if note is None or (guarded and not app.owns(asked, note)):
            return missing()
        note["title"] = asked.body.get("title", "")
        return note

    return app


async def test_a_change_of_anothers_record_is_found_and_a_guard_passes() -> None:
    assert harms(await proof(notes(guarded=False)), Harm.CHANGES) == ["PUT /notes/{id}"]
    right = await proof(notes())
    assert harms(right, Harm.CHANGES, Harm.READS) == []
    assert seen(right, "PUT /notes/{id}") == {Seen.HIDDEN}


@pytest.mark.parametrize(
    "reply", [Reply(204), Reply(200, '{"error": "that is not yours"}', JSON), Reply(200, '{"ok": true}', JSON)]
)
async def test_a_success_without_an_effect_is_no_change(reply: Reply) -> None:
    app = Members()
    app.collection("notes", "title")
    app.route("PUT", "/notes/{id}", "title")(lambda asked: reply)
    app.route("DELETE", "/notes/{id}")(lambda asked: reply)
    assert harms(await proof(app), Harm.CHANGES, Harm.DELETES) == []


async def test_a_limit_that_we_hit_ourselves_is_no_change_at_the_victim() -> None:
    app = notes()
    limited = {"left": 0}

    @app.route("DELETE", "/notes/{id}")
    def refuse(asked: Asked) -> Body:
        limited["left"] = 30
        return Reply(403, '{"error": "not yours"}', JSON)

    def answer(got: Got) -> Reply:
        if got.method == "GET" and limited["left"] > 0:
            limited["left"] -= 1
            return Reply(429, '{"error": "slow down"}', JSON)
        return app(got)

    with serve(answer) as url:
        found = await ask("LR207", url=url)
    assert limited["left"] < 30
    assert found.findings == ()


async def test_a_session_that_ended_is_no_account_that_was_deleted() -> None:
    app = Members()
    app.route("GET", "/users")(lambda asked: [member.shown() for member in app.members])

    @app.route("DELETE", "/users/{id}")
    def refuse(asked: Asked) -> Body:
        # The app is right; it also signs everybody out, as after a restart.
        app.sessions.clear()
        return Reply(403, '{"error": "not yours"}', JSON)

    assert harms(await proof(app), Harm.DELETES) == []


async def test_a_record_or_an_account_that_another_deleted_is_found() -> None:
    app = notes()
    app.route("DELETE", "/notes/{id}")(lambda asked: app.records["notes"].pop(asked.ids["id"], None))
    app.route("GET", "/users")(lambda asked: [member.shown() for member in app.members])

    @app.route("DELETE", "/users/{id}")
    def remove(asked: Asked) -> Body:
        gone = [member for member in app.members if str(member.id) == asked.ids["id"]]
        app.members = [member for member in app.members if member not in gone]
        app.sessions = {token: member for token, member in app.sessions.items() if member not in gone}
        return Reply(204)

    assert sorted(harms(await proof(app), Harm.DELETES)) == ["DELETE /notes/{id}", "DELETE /users/{id}"]


async def test_small_numbers_that_name_other_things_as_well_are_told_apart() -> None:
    # Members, notes and tags all count from 1: a number of ben's is a number of ann's too, for another thing.
    app = notes()
    tags = {str(n): {"id": n, "label": f"tag number {n}"} for n in range(1, 9)}
    app.route("GET", "/tags")(lambda asked: list(tags.values()))
    app.route("GET", "/tags/{id}")(lambda asked: tags.get(asked.ids["id"]) or missing())
    app.route("GET", "/users/{id}")(
        lambda asked: asked.member.shown() if asked.member and asked.ids["id"] == str(asked.member.id) else missing()
    )
    right = await proof(app)
    assert harms(right, Harm.READS, Harm.CHANGES, Harm.PERSONAL) == []
    assert seen(right, "GET /users/{id}") == {Seen.HIDDEN}


async def test_a_number_of_anothers_account_does_not_hide_a_record() -> None:
    # Ann's first note has the number of ben's account.
    app = Members()
    app.collection("notes", "title", start=2)

    @app.route("PUT", "/notes/{id}", "title")
    def change(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        if note is None:
            return missing()
        note["title"] = asked.body.get("title", "")
        return note

    assert harms(await proof(app), Harm.CHANGES) == ["PUT /notes/{id}"]


async def test_empty_for_both_is_not_a_record_that_was_read() -> None:
    app = Members()
    app.route("GET", "/orders/{user_id}")(lambda asked: {"orders": [], "total": 0})
    found = await proof(app)
    assert harms(found, Harm.READS) == []
    assert Seen.ALLOWED not in seen(found, "GET /orders/{user_id}")


async def test_a_write_that_changed_the_caller_is_no_change_of_the_victim() -> None:
    app = Members()

    @app.route("PUT", "/users/{id}", "bio")
    def change(asked: Asked) -> Body:
        # The number in the address is ignored: everybody changes themselves.
        assert asked.member is not None
        asked.member.more["bio"] = asked.body.get("bio")
        return Reply(204)

    app.route("GET", "/users")(lambda asked: [member.shown() for member in app.members])
    assert harms(await proof(app), Harm.CHANGES) == []


async def test_a_caller_who_took_anothers_address_did_not_change_the_other() -> None:
    app = Members()

    def change(asked: Asked) -> Body:
        # The name in the address is ignored, and nobody looks whose address it is.
        assert asked.member is not None
        asked.member.email = asked.body.get("email", asked.member.email)
        asked.member.more |= {name: value for name, value in asked.body.items() if name == "bio"}
        return Reply(204)

    app.each = lambda member: {"bio": ""}
    app.route("PUT", "/users/{username}/email", "email")(change)
    app.route("PUT", "/users/{username}/profile", "bio")(change)
    app.route("GET", "/users")(lambda asked: {"users": [member.shown() for member in app.members]})
    assert harms(await proof(app), Harm.CHANGES) == []


async def test_privileged_fields_do_not_hide_each_other() -> None:
    app = Members()

    @app.route("PATCH", "/me", "bio")
    def change(asked: Asked) -> Body:
        assert asked.member is not None
        if "role" in asked.body:
            return Reply(422, '{"error": "role cannot be set"}', JSON)
        asked.member.more |= {name: value for name, value in asked.body.items() if name in ("bio", "is_admin")}
        return asked.member.shown()

    app.each = lambda member: {"role": "member", "is_admin": False}
    found = await outcome("LR210", app)
    assert [(f.target, f.key) for f in found.findings] == [("PATCH /me", "is_admin")]


async def test_what_strangers_see_too_is_a_question_and_no_alarm() -> None:
    app = Members()
    app.collection("posts", "title")
    app.routes = [(m, t, f, h, o or (m == "GET" and t.startswith("/posts"))) for m, t, f, h, o in app.routes]
    kept = app.records["posts"]
    app.routes = [route for route in app.routes if route[:2] != ("GET", "/posts/{id}")]
    app.route("GET", "/posts/{id}", open=True)(lambda asked: kept.get(asked.ids["id"]) or missing())
    found = await proof(app)
    assert harms(found, Harm.READS) == []
    assert any("is public" in gap.target for _, gap in found.gaps)


async def test_a_balance_that_strangers_see_is_suspected() -> None:
    app = Members()
    app.each = lambda member: {"account_number": f"DE{member.id:08}"}

    @app.route("GET", "/accounts/{account_number}", open=True)
    def account(asked: Asked) -> Body:
        found = [m for m in app.members if m.more["account_number"] == asked.ids["account_number"]]
        return (
            {"account_number": found[0].more["account_number"], "balance": 1000 + found[0].id} if found else missing()
        )

    found = await proof(app)
    assert [(a.route, a.confidence) for a in found.alarms if a.harm is Harm.READS] == [
        ("GET /accounts/{account_number}", Confidence.SUSPECTED)
    ]


@pytest.mark.parametrize("empty", [False, True])
async def test_what_somebody_paid_is_suspected_where_strangers_see_it(empty: bool) -> None:
    app = Members()
    app.each = lambda member: {"account_number": f"DE{member.id:08}"}

    @app.route("GET", "/transactions/{account_number}", open=True)
    def transactions(asked: Asked) -> Body:
        found = [m for m in app.members if m.more["account_number"] == asked.ids["account_number"]]
        paid = [{"id": m.id, "amount": 1000 + m.id, "to": "the baker"} for m in found]
        return {"account_number": asked.ids["account_number"], "transactions": [] if empty else paid}

    found = await proof(app)
    assert [(a.route, a.confidence) for a in found.alarms if a.harm is Harm.READS] == (
        [] if empty else [("GET /transactions/{account_number}", Confidence.SUSPECTED)]
    )


async def test_an_owner_who_gets_nothing_leaves_the_row_open() -> None:
    app = Members()
    app.collection("notes", "title")
    app.routes = [route for route in app.routes if route[:2] != ("GET", "/notes/{id}")]
    app.route("GET", "/notes/{id}")(lambda asked: Reply(500, '{"error": "broken"}', JSON))
    found = await outcome("LR204", app)
    assert found.status is Status.NOT_CHECKED or any("GET /notes/{id}" in gap.target for gap in found.gaps)
    assert not any(
        c.seen in (Seen.DENIED, Seen.HIDDEN, Seen.EMPTY)
        for c in (await proof(app)).cells
        if c.route == "GET /notes/{id}"
    )


async def test_not_found_for_a_foreign_and_for_a_random_id_is_hidden() -> None:
    right = await proof(notes())
    assert seen(right, "GET /notes/{id}") == {Seen.HIDDEN}
    assert harms(right, Harm.READS) == []


async def test_a_sign_up_that_refuses_a_field_by_its_name_is_sent_without_it() -> None:
    app = notes(guarded=False)
    sign_up = next(handler for method, path, _, handler, _ in app.routes if (method, path) == ("POST", "/signup"))

    def strict(asked: Asked) -> Body:
        if "username" in asked.body:
            return Reply(400, '{"errors": [{"message": "Invalid payload. \\"username\\" is not allowed."}]}', JSON)
        asked.body["username"] = str(asked.body.get("email", "")).split("@")[0]
        return sign_up(asked)

    app.routes = [(m, p, f, strict if (m, p) == ("POST", "/signup") else h, o) for m, p, f, h, o in app.routes]
    assert (await proof(app)).people


async def test_what_time_alone_changes_is_no_effect() -> None:
    app = Members()
    app.collection("notes", "title")
    shown = iter(range(10_000))
    app.routes = [route for route in app.routes if route[:2] != ("GET", "/notes/{id}")]

    @app.route("GET", "/notes/{id}")
    def one(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        # It stands still for a while, then it does not.
        ago = f"{next(shown) // 2 + 1} seconds ago"
        return note | {"changed": ago} if note and app.owns(asked, note) else missing()

    app.route("PUT", "/notes/{id}", "title")(lambda asked: {"ok": True})
    assert harms(await proof(app), Harm.CHANGES) == []


async def test_a_change_beside_a_refused_call_is_not_its_effect() -> None:
    app = Members()
    app.collection("notes", "title")

    @app.route("PUT", "/notes/{id}", "title")
    def change(asked: Asked) -> Body:
        note = app.records["notes"][asked.ids["id"]]
        # A count that the app keeps of its own accord.
        note["tries"] = note.get("tries", 0) + 1
        return missing()

    assert harms(await proof(app), Harm.CHANGES) == []


@pytest.mark.parametrize("refuses", [True, False])
async def test_an_account_that_another_fault_had_locked_out_before_a_refused_delete(refuses: bool) -> None:
    """The new password shows on a page, so the change is seen there; the account is there still."""
    app = Members(first=101)

    @app.route("GET", "/users/{username}")
    def one(asked: Asked) -> Body:
        found = next((m for m in app.members if m.username == asked.ids["username"]), None)
        return (
            {"username": found.username, "hint": found.password[:4] + str(len(found.password) * 7)}
            if found
            else missing()
        )

    @app.route("GET", "/everybody")
    def everybody(asked: Asked) -> Body:
        return {"users": [{"username": m.username, "secret": m.password} for m in app.members]}

    @app.route("PUT", "/users/{username}/password", "password")
    def change(asked: Asked) -> Body:
        for member in app.members:
            if member.username == asked.ids["username"]:
                member.password = str(asked.body.get("password"))
        return Reply(204)

    @app.route("DELETE", "/users/{username}")
    def delete(asked: Asked) -> Body:
        if refuses:
            return Reply(401, json.dumps({"error": "administrators only"}), JSON)
        app.members[:] = [m for m in app.members if m.username != asked.ids["username"]]
        return {"ok": True}

    found = await proof(app)
    assert harms(found, Harm.CHANGES) == ["PUT /users/{username}/password"]
    assert harms(found, Harm.DELETES) == ([] if refuses else ["DELETE /users/{username}"])


async def test_where_a_process_works_is_no_password() -> None:
    app = Members(first=101)

    @app.route("GET", "/about", open=True)
    def about(asked: Asked) -> Body:
        return {"PWD": "/srv/app/current", "release": "12"}

    assert harms(await proof(app), Harm.SECRETS) == []


@pytest.mark.parametrize("tells", [False, True])
async def test_a_page_for_lost_passwords_is_asked_by_its_form(tells: bool) -> None:
    """Sent without what the form hides it is shown again, with another token each time: no difference, and no answer either."""
    app = Members(first=101)
    handed: list[str] = []

    def page(note: str = "") -> Reply:
        # As itsdangerous writes one: what is signed, when, and the signature.
        handed.append(".".join((secrets.token_urlsafe(24), secrets.token_urlsafe(4), secrets.token_urlsafe(20))))
        form = f'<form method="post" action="/forgot-password"><input type="hidden" name="csrf" value="{handed[-1]}"><input type="email" name="email"></form>'
        return Reply(200, f"<html><body>{note}{form}</body></html>", {"Content-Type": "text/html"})

    @app.route("GET", "/forgot-password", open=True)
    def ask_page(asked: Asked) -> Body:
        return page()

    @app.route("POST", "/forgot-password", open=True)
    def take(asked: Asked) -> Body:
        sent = dict(parse_qsl(asked.got.body.decode()))
        if sent.get("csrf") not in handed:
            return page()
        known = any(member.email == sent.get("email") for member in app.members)
        return page("We know nobody of that address" if tells and not known else "We wrote to you")

    assert harms(await proof(app), Harm.ENUMERATION) == (["POST /forgot-password"] if tells else [])


async def test_an_address_that_starts_the_app_over_is_not_opened() -> None:
    app, opened = Members(first=101), list[str]()

    @app.route("GET", "/start_over", open=True)
    def start_over(asked: Asked) -> Body:
        opened.append(asked.got.path)
        app.members.clear()
        app.sessions.clear()
        return {"ok": True}

    await proof(app)
    assert opened == []


async def test_a_record_that_cannot_be_read_once_was_not_taken_away() -> None:
    app, stumbles = Members(), set[str]()
    app.collection("notes", "title")
    show = next(one for one in app.routes if one[:2] == ("GET", "/notes/{id}"))
    app.routes.remove(show)

    @app.route("GET", "/notes/{id}")
    def read(asked: Asked) -> Body:
        if asked.ids["id"] in stumbles:
            stumbles.discard(asked.ids["id"])
            return missing()
        return show[3](asked)

    @app.route("PUT", "/notes/{id}", "title")
    def change(asked: Asked) -> Body:
        note = app.records["notes"].get(asked.ids["id"])
        if note is None or app.owns(asked, note):
            return note or missing()
        stumbles.add(asked.ids["id"])
        return Reply(500, "busy")

    assert harms(await proof(app), Harm.CHANGES) == []
    assert not stumbles


@pytest.mark.parametrize("theirs", [False, True])
async def test_a_change_of_what_both_belong_to_is_no_change_of_whom_the_body_names(theirs: bool) -> None:
    app, team = Members(), {"id": 700, "title": "All of us"}
    app.collection("notes", "title")
    names: dict[int, str] = {}

    def shown(one: Member) -> dict[str, Any]:
        return one.shown() | {"title": names.get(one.id, ""), "team": dict(team)}

    app.routes = [one for one in app.routes if one[:2] != ("GET", "/me")]
    app.route("GET", "/me")(lambda asked: shown(asked.member) if asked.member else missing())
    app.route("GET", "/teams")(lambda asked: [team])
    app.route("GET", "/teams/{id}")(lambda asked: team if asked.ids["id"] == "700" else missing())
    app.route("GET", "/users")(lambda asked: [shown(one) for one in app.members])

    @app.route("GET", "/users/{id}")
    def user(asked: Asked) -> Body:
        return next((shown(one) for one in app.members if str(one.id) == asked.ids["id"]), missing())

    @app.route("PATCH", "/teams/{id}", "title", "userId")
    def rename(asked: Asked) -> Body:
        if asked.ids["id"] != "700":
            return missing()
        if theirs:
            names[int(asked.body["userId"])] = asked.body["title"]
        else:
            team["title"] = asked.body["title"]
        return team

    assert harms(await proof(app), Harm.CHANGES) == (["PATCH /teams/{id}"] if theirs else [])
