"""An address that names a person, and what of theirs is there: a page about somebody is for other members, their bank is a question."""

import json
import secrets

import pytest
from launchready.ground.result import Harm
from launchready.model.words import Confidence

from tests.stages.members import Asked, Body, Member, Members, missing
from tests.stages.test_proof_fooled import harms, proof
from tests.support.web import Reply

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
