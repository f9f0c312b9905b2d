"""An address that names a person, and what of theirs is there: a page about somebody is for other members, their bank is a question."""

import json
import secrets

import pytest
from launchready.ground.prover import Prover
from launchready.ground.result import Harm
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.model.surface import Access, Endpoint, Input, Span, Surface
from launchready.model.words import Confidence
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.access.proof.questions import access_questions

from tests.stages.members import Asked, Body, Member, Members, missing
from tests.stages.test_proof_fooled import harms, proof
from tests.support.web import Reply, serve

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "theirs", "told"),
    [
        ("/bank/{username}", False, ["GET /bank/{username}"]),
        ("/bank/{username}", True, []),
        ("/users/{username}", False, []),
    ],
)
async def test_what_an_address_keeps_for_a_person_is_a_question(path: str, *, theirs: bool, told: list[str]) -> None:
    app = Members()

    @app.route("GET", path)
    def shown(asked: Asked) -> Body:
        found = next((one for one in app.members if one.username == asked.ids["username"]), None)
        if found is None or (theirs and found is not asked.member):
            return missing()
        return {"username": found.username, "shown": f"{found.username}: {40 + found.id}"}

    made = await proof(app)
    assert harms(made, Harm.READS) == told
    assert all((alarm.confidence, "another's bank" in alarm.title) == (Confidence.SUSPECTED, True) for alarm in made.alarms if alarm.harm is Harm.READS)  # fmt: skip


async def test_who_signs_in_by_name_is_asked_for_by_it_though_no_page_says_it() -> None:
    app = Members()
    app.routes = [route for route in app.routes if route[1] not in ("/me", "/login", "/signup")]

    @app.route("POST", "/signup", "username", "password", open=True)
    def up(asked: Asked) -> Body:
        given = [str(asked.body.get(name, "")) for name in ("username", "password")]
        if not all(given):
            return Reply(400, json.dumps({"error": "username and password are required"}), JSON)
        app.members.append(Member(len(app.members) + 1, "", given[0], given[1]))
        return Reply(201, json.dumps({"message": "welcome"}), JSON)

    @app.route("POST", "/login", "username", "password", open=True)
    def in_(asked: Asked) -> Body:
        for member in app.members:
            if (member.username, member.password) == (asked.body.get("username"), asked.body.get("password")):
                token = secrets.token_hex(20)
                app.sessions[token] = member
                return {"access_token": token}
        return Reply(401, json.dumps({"error": "no"}), JSON)

    @app.route("GET", "/things")
    def things(asked: Asked) -> Body:
        return [{"name": "a thing"}]

    @app.route("GET", "/user/{username}")
    def shown(asked: Asked) -> Body:
        found = next((one for one in app.members if one.username == asked.ids["username"]), None)
        return {"username": found.username, "password": found.password} if found else missing()

    assert harms(await proof(app), Harm.READS) == ["GET /user/{username}"]


@pytest.mark.parametrize("guarded", [False, True])
async def test_the_number_of_a_person_is_asked_for_where_their_address_is_known_first(guarded: bool) -> None:
    """The source takes a number there; nobody is told their own, and the lists of what they made say it."""
    app = Members(first=101)
    (up,) = (route[3] for route in app.routes if route[1] == "/signup")
    app.routes = [route for route in app.routes if route[1] not in ("/me", "/signup")]
    app.route("GET", "/me")(lambda asked: {"email": asked.member.email} if asked.member else {})
    app.route("POST", "/signup", "email", "username", "password", open=True)(
        lambda asked: Reply(201, '{"message": "welcome"}', JSON) if up(asked).status == 201 else missing()
    )
    app.collection("notes", "title")
    path = "/accounts/{user_id}/notes"

    @app.route("GET", "/notes")
    def listed(asked: Asked) -> Body:
        mine = [one for one in app.records["notes"].values() if app.owns(asked, one)]
        return [{"id": one["id"], "title": one["title"], "user_id": one["ownerId"]} for one in mine]

    app.routes.insert(0, app.routes.pop())

    @app.route("GET", path, hidden=True)
    def theirs(asked: Asked) -> Body:
        assert asked.member is not None
        if not asked.ids["user_id"].isdecimal() or (guarded and asked.ids["user_id"] != str(asked.member.id)):
            return missing()
        return [one for one in app.records["notes"].values() if str(one["ownerId"]) == asked.ids["user_id"]]

    inputs = (Input("user_id", "path", "int", required=True),)
    with serve(app) as url:
        environment, project = Environment("local", url, writes=True), Project("app", "/nonexistent")
        async with Site.open(url) as site:
            surface = Surface((Endpoint("GET", path, "Flask", (), "read", Access(), inputs, Span("views.py", 3, "v")),))
            guest = GuestSweep(site, surface)
            found = await Prover(site, surface, guest, project, environment, [access_questions(project)]).proof()
    assert harms(found, Harm.READS) == ([] if guarded else [f"GET {path}"])


@pytest.mark.parametrize("to_all", [False, True])
async def test_the_name_that_somebody_signs_in_by_is_no_address_that_others_are_shown(
    monkeypatch: pytest.MonkeyPatch, to_all: bool
) -> None:
    app = Members(first=101)
    app.each = lambda member: {"role": "user"}
    app.members.append(Member(1, "boss", "boss", "pw-of-the-boss-1", {"role": "admin"}))

    @app.route("GET", "/users/{id}")
    def shown(asked: Asked) -> Body:
        found = next((one for one in app.members if str(one.id) == asked.ids["id"]), None)
        if found is None or asked.member is None:
            return missing()
        said = {"id": found.id, "username": found.username, "joined": f"2024-{found.id}", "room": f"room {found.id}"}
        everything = to_all or found is asked.member or asked.member.more["role"] == "admin"
        return said | ({"contact": f"write to {found.email}"} if everything else {})

    monkeypatch.setenv("CLUB_BOSS", "pw-of-the-boss-1")
    boss = Identity("boss", "", username="boss", password=Reference("CLUB_BOSS"))
    with serve(app) as url:
        environment = Environment("local", url, writes=True)
        project = Project("app", "/nonexistent", identities=(boss,))
        async with Site.open(url) as site:
            guest = GuestSweep(site, Surface())
            found = await Prover(site, Surface(), guest, project, environment, [access_questions(project)]).proof()
    told = [alarm for alarm in found.alarms if alarm.harm is Harm.READS]
    assert [alarm.route for alarm in told] == (["GET /users/{id}"] if to_all else [])
