"""Who makes themselves more than they are, and writes that ask for no role where their neighbours do. Each fault with its right twin."""

import json

import pytest
from launchready.ground.prover import Prover
from launchready.ground.result import Harm
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.model.surface import Access, Endpoint, Span, Surface
from launchready.model.words import Confidence
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.access.proof.questions import access_questions

from tests.stages.members import Asked, Body, Member, Members, missing
from tests.stages.test_proof_fooled import JSON, harms, proof
from tests.support.web import Reply, serve

RANKS = ("Customer", "Clerk")


def shop() -> Members:
    """Members are customers; only a clerk may see the stock, and the app knows no other ranks."""
    app = Members(first=101)
    app.each = lambda member: {"role": "Customer"}

    @app.route("GET", "/stock", "!Clerk")
    def stock(asked: Asked) -> Body:
        return {"jars": 3} if asked.member and asked.member.more["role"] == "Clerk" else refused()

    return app


def refused() -> Reply:
    return Reply(403, json.dumps({"error": "clerks only"}), JSON)


def broken() -> Reply:
    return Reply(500, "no such rank")


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_rank_of_the_apps_own_is_tried_beside_what_cannot_be_left_out(guarded: bool) -> None:
    app = shop()

    @app.route("PUT", "/people/rank", "username", "role")
    def change(asked: Asked) -> Body:
        someone = next((one for one in app.members if one.username == asked.body.get("username")), None)
        if not someone or not asked.body.get("role"):
            return Reply(422, json.dumps({"detail": [{"loc": ["body", "username"], "msg": "Field required"}]}), JSON)
        if asked.body["role"] not in RANKS:
            return broken()
        if guarded:
            return refused()
        someone.more["role"] = asked.body["role"]
        return {"username": someone.username, "role": someone.more["role"]}

    found = await proof(app)
    assert harms(found, Harm.FIELDS) == ([] if guarded else ["PUT /people/rank"])
    # What was tried on the run's own member was put back, or the app would be said to let members in to what is for clerks.
    assert harms(found, Harm.ROLE) == []


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_rank_of_the_apps_own_in_the_callers_profile(guarded: bool) -> None:
    app = shop()

    @app.route("PATCH", "/profile", "*nickname")
    def change(asked: Asked) -> Body:
        assert asked.member is not None
        role = asked.body.get("role")
        if role is not None and not guarded:
            if role not in RANKS:
                return broken()
            asked.member.more["role"] = role
        return asked.member.shown()

    assert harms(await proof(app), Harm.FIELDS) == ([] if guarded else ["PATCH /profile"])


async def test_who_signs_up_as_an_admin_of_their_own_place_may_be_less() -> None:
    app = shop()
    app.each = lambda member: {"role": "admin"}

    @app.route("PUT", "/people/{user_id}/rank", "role")
    def change(asked: Asked) -> Body:
        assert asked.member is not None
        if asked.ids["user_id"] != str(asked.member.id) or asked.body.get("role") not in (*RANKS, "admin"):
            return refused()
        asked.member.more["role"] = asked.body["role"]
        return asked.member.shown()

    assert harms(await proof(app), Harm.FIELDS) == []


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_delete_that_asks_for_no_role_where_the_change_beside_it_does(guarded: bool) -> None:
    app = shop()
    dishes = {"1": {"id": 1, "name": "Soup"}}

    @app.route("GET", "/dishes")
    def listed(asked: Asked) -> Body:
        return list(dishes.values())

    @app.route("PUT", "/dishes/{id}", "name")
    def change(asked: Asked) -> Body:
        return refused()

    @app.route("DELETE", "/dishes/{id}")
    def delete(asked: Asked) -> Body:
        if guarded:
            return refused()
        return {"gone": dishes.pop(asked.ids["id"])} if asked.ids["id"] in dishes else missing()

    found = await proof(app)
    assert harms(found, Harm.ROLE) == ([] if guarded else ["DELETE /dishes/{id}"])
    assert all(alarm.confidence is Confidence.SUSPECTED for alarm in found.alarms if alarm.harm is Harm.ROLE)
    assert dishes, "what is nobody's of the run was touched"


@pytest.mark.parametrize("told", [False, True])
async def test_who_signed_up_may_own_what_was_made_for_them(told: bool) -> None:
    """Only where the app says that a member is no more than one, is an owner's address that lets them in wrong."""
    app = Members(first=101)
    app.each = lambda member: {"role": "member"} if told else {}

    @app.route("GET", "/billing", "!owner")
    def billing(asked: Asked) -> Body:
        return {"plan": "small"}

    assert harms(await proof(app), Harm.ROLE) == (["GET /billing"] if told else [])


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("described", ["account", "%account"])
async def test_a_rank_in_a_table_that_the_description_names_as_one_field(guarded: bool, described: str) -> None:
    app = shop()

    @app.route("PUT", "/account", described)
    def change(asked: Asked) -> Body:
        given = asked.body.get("account")
        if not isinstance(given, dict):
            return Reply(422, json.dumps({"detail": [{"loc": ["body", "account"], "msg": "Field required"}]}), JSON)
        assert asked.member is not None
        if given.get("role") in RANKS and not guarded:
            asked.member.more["role"] = given["role"]
        return asked.member.shown()

    assert harms(await proof(app), Harm.FIELDS) == ([] if guarded else ["PUT /account"])


@pytest.mark.parametrize(("line", "found"), [(3, []), (9, ["GET /dashboard/admin"])])
async def test_a_function_that_answers_everybody_elsewhere_is_not_for_administrators(
    line: int, found: list[str]
) -> None:
    app = Members(first=101)
    app.each = lambda member: {"role": "member"}
    for path in ("/dashboard", "/dashboard/admin"):
        app.route("GET", path, hidden=True)(lambda asked: {"mine": [1, 2, 3]})

    def page(path: str, line: int) -> Endpoint:
        return Endpoint("GET", path, "Django", (), "read", Access(), (), Span("views.py", line, "page"))

    with serve(app) as url:
        environment, project = Environment("local", url, writes=True), Project("app", "/nonexistent")
        async with Site.open(url) as site:
            surface = Surface((page("/dashboard", 3), page("/dashboard/admin", line)))
            guest = GuestSweep(site, surface)
            proved = await Prover(site, surface, guest, project, environment, [access_questions(project)]).proof()
    assert harms(proved, Harm.ROLE) == found


async def test_a_write_that_looks_among_the_members_own_records_asks_for_no_role() -> None:
    # Tasks are given to people by clerks; whoever has none is told that there is none, and nobody else's are looked at.
    app = shop()
    app.route("GET", "/tasks")(lambda asked: [])
    app.route("DELETE", "/tasks/{id}")(lambda asked: refused())
    app.route("PATCH", "/tasks/{id}", "done")(lambda asked: missing())
    found = await proof(app)
    assert harms(found, Harm.ROLE) == []
    assert any("keep to the caller's own" in gap.reason for _, gap in found.gaps)


@pytest.mark.parametrize("of_all", [False, True])
async def test_a_log_that_tells_of_nobody_but_the_caller_is_their_own(of_all: bool) -> None:
    app = Members()

    @app.route("GET", "/audit-logs")
    def logs(asked: Asked) -> Body:
        return [{"who": one.email, "did": "signed in"} for one in app.members if of_all or one is asked.member]

    found = await proof(app)
    assert harms(found, Harm.ROLE) == (["GET /audit-logs"] if of_all else [])


@pytest.mark.parametrize("peers", [False, True])
async def test_what_a_rank_of_the_apps_own_is_shown_is_not_shown_to_any_member(
    monkeypatch: pytest.MonkeyPatch, peers: bool
) -> None:
    """Nobody knows the word for the rank; that the app gives it an address it refuses members tells that it is one."""
    app = shop()
    app.members.append(Member(1, "tess@example.org", "tess", "pw-of-tess-1", {"role": "Clerk"}))
    tickets = dict[str, dict[str, object]]()

    @app.route("POST", "/tickets", "title")
    def make(asked: Asked) -> Body:
        number = 300 + len(tickets)
        tickets[str(number)] = {"id": number, "title": asked.body["title"], "by": asked.member}
        return {"id": number}

    def mine(asked: Asked, ticket: dict[str, object]) -> bool:
        assert asked.member is not None
        return peers or ticket["by"] is asked.member or asked.member.more["role"] == "Clerk"

    @app.route("GET", "/tickets")
    def listed(asked: Asked) -> Body:
        return [{"id": one["id"], "title": one["title"]} for one in tickets.values() if mine(asked, one)]

    @app.route("GET", "/tickets/{id}")
    def one(asked: Asked) -> Body:
        ticket = tickets.get(asked.ids["id"])
        if ticket is None:
            return missing()
        return {"id": ticket["id"], "title": ticket["title"]} if mine(asked, ticket) else refused()

    monkeypatch.setenv("SHOP_TESS", "pw-of-tess-1")
    tess = Identity("tess", "", username="tess@example.org", password=Reference("SHOP_TESS"))
    ann, ben = (
        Identity(name, "", username=f"{name}@example.org", password=Reference("SHOP_TESS")) for name in ("ann", "ben")
    )
    for number, who in enumerate((ann, ben), 2):
        app.members.append(Member(number, who.username, who.name, "pw-of-tess-1", {"role": "Customer"}))
    with serve(app) as url:
        environment = Environment("local", url, writes=True)
        project = Project("app", "/nonexistent", identities=(ann, ben, tess))
        async with Site.open(url) as site:
            guest = GuestSweep(site, Surface())
            found = await Prover(site, Surface(), guest, project, environment, [access_questions(project)]).proof()
    assert harms(found, Harm.READS) == (["GET /tickets/{id}"] if peers else [])


async def test_whose_rank_another_changes_is_asked_about_everything_else_first() -> None:
    """Only managers are shown who is there: with another role the owner would see no change of their town any more."""
    app = Members(first=101)
    app.each = lambda member: {"role": "manager", "town": "Ghent"}

    def of(asked: Asked) -> Member | None:
        return next((one for one in app.members if str(one.id) == asked.ids["user_id"]), None)

    @app.route("GET", "/people")
    def people(asked: Asked) -> Body:
        manages = asked.member is not None and asked.member.more["role"] == "manager"
        return [one.shown() for one in app.members] if manages else refused()

    @app.route("PATCH", "/people/{user_id}/role")
    def rank(asked: Asked) -> Body:
        if (someone := of(asked)) is None:
            return missing()
        someone.more["role"] = "guest"
        return someone.shown()

    @app.route("PUT", "/people/{user_id}/town", "town")
    def town(asked: Asked) -> Body:
        if (someone := of(asked)) is None:
            return missing()
        someone.more["town"] = asked.body.get("town")
        return someone.shown()

    app.routes = [route for route in app.routes if route[1] != "/me"]
    assert "PUT /people/{user_id}/town" in harms(await proof(app), Harm.CHANGES)


@pytest.mark.parametrize("guarded", [False, True])
async def test_beside_an_administrator_one_member_tries_on_what_the_administrator_made(
    monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """That an administrator may take away what a member made says nothing; that the member may take away theirs does."""
    app = Members(first=101)
    app.collection("notes", "title", mine_only=False)

    @app.route("DELETE", "/notes/{id}")
    def delete(asked: Asked) -> Body:
        assert asked.member is not None
        note = app.records["notes"].get(asked.ids["id"])
        if note is None:
            return missing()
        if guarded and asked.member.more["role"] != "admin" and not app.owns(asked, note):
            return refused()
        note["ownerId"] = 0
        return {"gone": app.records["notes"].pop(asked.ids["id"])["id"]}

    app.routes = [route for route in app.routes if route[1] != "/signup"]
    monkeypatch.setenv("SHOP_WORD", "pw-of-both-1")
    people = [
        Identity(name, "", username=f"{name}@example.org", password=Reference("SHOP_WORD")) for name in ("ann", "boss")
    ]
    for number, (who, role) in enumerate(zip(people, ("user", "admin"), strict=True), 1):
        app.members.append(Member(number, who.username, who.name, "pw-of-both-1", {"role": role}))
    with serve(app) as url:
        environment = Environment("local", url, writes=True)
        project = Project("app", "/nonexistent", identities=tuple(people))
        async with Site.open(url) as site:
            guest = GuestSweep(site, Surface())
            found = await Prover(site, Surface(), guest, project, environment, [access_questions(project)]).proof()
    told = [(alarm.route, alarm.confidence) for alarm in found.alarms if alarm.harm is Harm.DELETES]
    assert told == ([] if guarded else [("DELETE /notes/{id}", Confidence.PROVEN)])
