"""Where every door is for others, a session is known by what the app tells it and tells nobody whose session was made up."""

import json
import secrets
from collections.abc import Callable

import pytest
from launchready.ground.result import Harm

from tests.people import apps
from tests.stages.members import Asked, Members
from tests.stages.test_proof_fooled import proof
from tests.support.people import gathered, reasons, serve_asgi
from tests.support.web import Reply, serve

JSON = {"Content-Type": "application/json"}


class Bank(Members):
    """Members whose only address without an id is for administrators. ``answer`` says what a request gets there."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        super().__init__()
        self.routes = [route for route in self.routes if route[1] != "/me"]
        self.route("GET", "/admin/users", open=True)(answer)


def _refusing(asked: Asked) -> Reply:
    if asked.member is None:
        return Reply(401, '{"message": "no token"}', JSON)
    return Reply(403, '{"message": "for administrators"}', JSON)


def _polite(asked: Asked) -> Reply:
    """Errors as successes, and a crash for a token that cannot be read."""
    if "authorization" not in asked.got.headers:
        return Reply(200, '{"error": "missing token in header"}', JSON)
    if asked.member is None:
        return Reply(500, "<pre>JsonWebTokenError: jwt malformed</pre>")
    return Reply(200, '{"error": "not an admin, try again"}', JSON)


def _failing(asked: Asked) -> Reply:
    """The page behind the door is broken."""
    return _refusing(asked) if asked.member is None else Reply(500, "<h1>Internal Server Error</h1>")


def _falling(asked: Asked) -> Reply:
    """Whatever stands in the header brings it down."""
    return Reply(500, "<h1>Internal Server Error</h1>") if "authorization" in asked.got.headers else _refusing(asked)


def _careless(asked: Asked) -> Reply:
    """Whatever stands in the header is taken for a token."""
    known = "authorization" in asked.got.headers
    return Reply(403 if known else 401, '{"message": "for administrators"}', JSON)


def _half(asked: Asked) -> Reply:
    if asked.member is None:
        return Reply(401, '{"message": "no token"}', JSON)
    return Reply(403, '{"message": "verify your second factor first"}', JSON)


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        pytest.param(_refusing, ["ann", "ben"], id="403 instead of 401"),
        pytest.param(_polite, ["ann", "ben"], id="another error, as a success"),
        pytest.param(_failing, ["ann", "ben"], id="a page that fails"),
        pytest.param(_falling, [], id="whatever is in the header fails"),
        pytest.param(_careless, [], id="whatever is in the header is a token"),
        pytest.param(_half, [], id="half in"),
    ],
)
async def test_who_is_told_what_only_members_are_told_is_in(answer: Callable[[Asked], Reply], names: list[str]) -> None:
    with serve(Bank(answer)) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == names
            if names:
                # The same way tells living sessions from dead ones for the rest of the run.
                ann = ground.callers[0]
                assert await ground.accounts.doors.open_to(ann)
                ann.headers["Authorization"] = "Bearer ended"
                assert await ground.accounts.doors.open_to(ann) is None


async def test_a_wrong_password_is_told_nothing_that_strangers_are_not() -> None:
    with serve_asgi(apps.claiming_app("nothing")) as url:
        async with gathered(url) as ground:
            assert ground.callers == []


async def test_such_an_app_is_proven_like_any_other() -> None:
    app = Bank(_refusing)
    app.collection("notes", "title", mine_only=False)
    app.routes = [route for route in app.routes if route[:2] != ("GET", "/notes")]
    found = await proof(app)
    assert [alarm.route for alarm in found.alarms if alarm.harm is Harm.READS] == ["GET /notes/{id}"]


@pytest.mark.parametrize("minds", [True, False], ids=["strangers are sent away first", "ids are looked at first"])
async def test_whoever_is_told_that_an_id_is_none_is_in(minds: bool) -> None:
    app = Members()
    app.routes = [route for route in app.routes if route[1] != "/me"]

    @app.route("GET", "/notes/{id}", open=True)
    def note(asked: Asked) -> Reply:
        if "authorization" not in asked.got.headers or (minds and asked.member is None):
            return Reply(401, '{"error": "who are you?"}', JSON)
        return Reply(400, '{"error": "that is no UUID"}', JSON)

    with serve(app) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == (["ann", "ben"] if minds else [])


async def test_sessions_are_tried_where_only_single_records_are_shut() -> None:
    app = Members()
    app.routes = [route for route in app.routes if route[1] not in ("/me", "/login")]

    @app.route("GET", "/notes/{id}")
    def note(asked: Asked) -> Reply:
        return Reply(404, '{"error": "no such note"}', JSON)

    @app.route("POST", "/login", "email", "password", open=True)
    def sign_in(asked: Asked) -> Reply:
        member = next((one for one in app.members if one.email == asked.body.get("email")), None)
        if member is None:
            return Reply(404, '{"error": "nobody has this address"}', JSON)
        if member.password != asked.body.get("password"):
            return Reply(401, '{"error": "wrong password"}', JSON)
        app.sessions[token := secrets.token_hex(20)] = member
        return Reply(200, json.dumps({"access_token": token}), JSON)

    found = await proof(app)
    assert ("POST /login", Harm.ENUMERATION) in [(alarm.route, alarm.harm) for alarm in found.alarms]


async def test_an_app_that_refuses_its_own_tokens_says_so() -> None:
    def refusing(asked: Asked) -> Reply:
        brought = asked.got.headers.get("authorization", "").removeprefix("Bearer ")
        if not brought:
            return Reply(401, '{"msg": "Missing Authorization Header"}', JSON)
        said = "Not enough segments" if asked.member is None else "Subject must be a string"
        return Reply(422, json.dumps({"msg": said}), JSON)

    with serve(Bank(refusing)) as url:
        async with gathered(url) as ground:
            assert ground.callers == []
            assert "refuses the tokens that its own sign-in gives" in reasons(ground)
