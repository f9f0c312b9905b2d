"""Doors of apps that keep nothing behind a GET with 401: asked by POST, or answered by a way to another page."""

import json
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from launchready.ground.result import Harm
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.stages.members import Asked, Body, Members
from tests.stages.test_proof_fooled import harms, proof
from tests.support.people import gathered, reasons
from tests.support.web import Got, Reply, serve

JSON = {"Content-Type": "application/json"}


def without_me() -> Members:
    """Members without an address that shows who they are."""
    app = Members()
    app.routes = [route for route in app.routes if route[1] != "/me"]
    return app


@pytest.mark.parametrize(
    ("path", "names"),
    [
        pytest.param("/people/all", ["ann", "ben"], id="it only tells something"),
        pytest.param("/people/end", [], id="it may do something, and is left alone"),
    ],
)
async def test_a_door_that_is_asked_by_post(path: str, names: list[str]) -> None:
    app, asked_for = without_me(), list[str]()

    @app.route("POST", path, open=True)
    def everybody(asked: Asked) -> Body:
        asked_for.append(path)
        if asked.member is None:
            return Reply(200, '{"success": false, "msg": "User is not logged on"}', JSON)
        return {"success": True, "people": [one.username for one in app.members]}

    with serve(app) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == names, reasons(ground)
    assert bool(asked_for) is bool(names)


@pytest.mark.parametrize("checked", [False, True])
async def test_a_change_shows_in_what_is_asked_by_post(*, checked: bool) -> None:
    app = without_me()

    @app.route("POST", "/people/all", open=True)
    def everybody(asked: Asked) -> Body:
        if asked.member is None:
            return Reply(200, '{"success": false, "msg": "User is not logged on"}', JSON)
        return {"success": True, "people": [one.shown() for one in app.members]}

    @app.route("POST", "/people/edit", "userID", "username")
    def edit(asked: Asked) -> Body:
        someone = next((one for one in app.members if str(one.id) == str(asked.body.get("userID"))), None)
        if someone is None or (checked and someone is not asked.member):
            return Reply(403, '{"success": false}', JSON)
        someone.username = str(asked.body.get("username"))
        return {"success": True}

    found = await proof(app)
    assert harms(found, Harm.CHANGES) == ([] if checked else ["POST /people/edit"])


async def test_a_page_that_sends_strangers_to_the_first_one_is_a_door() -> None:
    app = without_me()

    @app.route("GET", "/desk", open=True)
    def desk(asked: Asked) -> Body:
        return Reply(302, "", {"location": "/"}) if asked.member is None else {"drafts": []}

    with serve(app) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


async def test_a_sign_up_that_falls_over_without_an_optional_field_gets_it() -> None:
    app = Members()
    app.routes = [route for route in app.routes if route[1] != "/signup"]

    @app.route("POST", "/signup", "email", "password", "*username", open=True)
    def sign_up(asked: Asked) -> Body:
        if not asked.body.get("username"):
            raise ConnectionAbortedError
        return app._sign_up(asked)

    with serve(app) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


async def test_accounts_that_only_members_may_make_are_no_sign_up() -> None:
    app = Members()
    app.routes = [route for route in app.routes if route[1] != "/signup"]
    app.route("POST", "/customers", "email", "password")(lambda asked: {"id": 1})
    with serve(app) as url:
        async with gathered(url) as ground:
            assert "no sign-up for strangers was found: POST /customers asks who is calling" in reasons(ground)


_KIT = {
    "package.json": '{"devDependencies": {"@sveltejs/kit": "^2.0.0"}}',
    "svelte.config.js": "export default {};\n",
    "src/routes/+page.server.js": 'import { join, enter } from "$lib/people.js";\nexport const actions = { signup: join, login: enter };\n',
    "src/routes/desk/+page.server.js": 'import { redirect } from "@sveltejs/kit";\nexport const load = async ({ locals }) => { if (!locals.user) throw redirect(302, "/"); return {}; };\n',
    "src/lib/people.js": """import { fail } from "@sveltejs/kit";
export const join = async ({ request }) => {
  const form = await request.formData();
  return add(form.get("email"), form.get("password"));
};
export const enter = async ({ request }) => {
  const form = await request.formData();
  return known(form.get("email"), form.get("password"));
};
""",
}


def _said(kind: str, status: int, *places: object) -> Reply:
    """What SvelteKit answers to a form that a script sends (svelte.dev/docs/kit, form actions), its data as devalue writes it."""
    said = {"type": kind, "status": status, **({"data": json.dumps(list(places))} if places else {})}
    return Reply(200, json.dumps(said), JSON)


async def test_form_actions_of_sveltekit_sign_people_up_and_in(tmp_path: Path) -> None:
    for name, text in _KIT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    people: dict[str, str] = {}

    def app(got: Got) -> Reply:
        cookie = got.headers.get("cookie", "").removeprefix("session=")
        if got.method == "GET":
            shut = got.path == "/desk" and cookie not in people
            return Reply(302, "", {"location": "/"}) if shut else Reply(200, f"<p>{cookie}</p>", {"content-type": "text/html"})  # fmt: skip
        if got.headers.get("origin") != f"http://{got.headers['host']}":
            return Reply(403, "Cross-site POST form submissions are forbidden")
        if not got.headers["content-type"].startswith("application/x-www-form-urlencoded"):
            return Reply(415, "")
        from urllib.parse import parse_qsl

        given = dict(parse_qsl(got.body.decode()))
        email, password = given.get("email", ""), given.get("password", "")
        if got.query == "/signup":
            if email in people:
                return _said("failure", 400, {"error": 1}, "taken")
            people[email] = password
            return _said("success", 200, {"success": 1}, True)
        if got.query == "/login" and people.get(email) == password:
            return Reply(200, '{"type": "success", "status": 204}', {**JSON, "set-cookie": f"session={email}; Path=/"})
        return _said("failure", 401, {"error": 1}, "wrong")

    surface = read_surface(Tree.read(tmp_path))
    assert {one.name for one in surface.endpoints} >= {"POST /?/signup", "POST /?/login"}
    fields = next(one.inputs for one in surface.endpoints if one.name == "POST /?/signup")
    assert {one.name for one in fields} == {"email", "password"}, "the action is followed through $lib"
    with serve(app) as url:
        async with gathered(url, endpoints=surface.endpoints) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


@pytest.mark.parametrize("field", ["alias", "handle"])
async def test_a_sign_in_that_names_the_account_in_its_own_word(field: str, tmp_path: Path) -> None:
    # The source reads the name and the address of whoever signs up, and does not say that they must be there.
    code = f"""import {{ Hono }} from "hono";
const app = new Hono();
app.post("/signup", async (c) => {{ const data = await c.req.json(); if (data.{field} != null && data.username != null && data.passphrase != null && data.email != null) {{ if ((!data.{field}) || (!data.passphrase)) {{ return c.json({{ said: "EMPTY" }}); }} return c.json(make(data)); }} return c.json({{ said: "ERROR" }}); }});
app.post("/signin", async (c) => {{ const data = await c.req.json(); return c.json(enter(data.{field}, data.passphrase)); }});
app.get("/mine", async (c) => c.json(mine(c)));
export default app;
"""
    (tmp_path / "package.json").write_text('{"dependencies": {"hono": "4.7.7"}}')
    (tmp_path / "server.js").write_text(code)
    people, sessions = dict[str, str](), dict[str, str]()

    def answer(got: Got) -> Reply:
        try:
            given = json.loads(got.body or b"{}")
        except ValueError:
            return Reply(500, "not JSON")
        email = sessions.get(got.headers.get("authorization", "").removeprefix("Bearer "), "")
        if got.path == "/signup":
            if not all(given.get(name) for name in (field, "username", "passphrase", "email")):
                return Reply(200, '{"said": "ERROR"}', JSON)
            people[given["email"]] = given["passphrase"]
            return Reply(200, '{"said": "CREATE"}', JSON)
        if got.path == "/signin":
            if people.get(str(given.get(field))) != given.get("passphrase") or not given.get("passphrase"):
                return Reply(200, '{"said": "DENIED"}', JSON)
            token = f"token-{len(sessions)}-for-a-session"
            sessions[token] = given[field]
            return Reply(200, json.dumps({"token": token}), JSON)
        if got.path == "/mine":
            return Reply(200, json.dumps({"email": email}), JSON) if email else Reply(401, "{}", JSON)
        return Reply(404, "")

    with serve(answer) as url:
        async with gathered(url, endpoints=read_surface(Tree.read(tmp_path)).endpoints) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


@pytest.mark.parametrize("pages_only", [False, True])
async def test_a_form_is_sent_as_a_browser_sends_it(*, pages_only: bool) -> None:
    """A remote form of SvelteKit takes a POST that asks for a page, and knows no action for one that takes anything (svelte.dev/docs/kit, remote functions)."""
    app = without_me()
    page = '<form method="post" action="/enter?/remote=a1/in"><input name="email" type="email"><input name="username"><input name="password" type="password"></form>'
    app.routes = [route for route in app.routes if route[1] not in ("/signup", "/login")]
    cookies = dict[str, str]()

    def enter(template: str, asked: Asked) -> Body:
        if asked.got.method == "GET":
            return Reply(200, page.replace("/enter", template), {"Content-Type": "text/html"})
        if pages_only and not asked.got.headers.get("accept", "").startswith("text/html"):
            return Reply(405, '{"type": "error"}', JSON)
        given = dict(parse_qsl(asked.got.body.decode()))
        if template == "/register":
            cookies[given["email"]] = given["password"]
        if cookies.get(given.get("email", "")) != given.get("password"):
            return Reply(200, page, {"Content-Type": "text/html"})
        return Reply(303, "", {"Location": "/desk", "Set-Cookie": f"who={given['email']}; Path=/"})

    for template in ("/register", "/login"):
        for method in ("GET", "POST"):
            app.route(method, template, open=True)(partial(enter, template))

    @app.route("GET", "/desk", open=True)
    def desk(asked: Asked) -> Body:
        who = asked.got.headers.get("cookie", "").removeprefix("who=")
        return {"email": who} if who in cookies else Reply(302, "", {"Location": "/login"})

    with serve(app) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)
