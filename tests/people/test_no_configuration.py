"""Two accounts, each with a workspace, out of nothing but the app."""

from dataclasses import replace

import pytest
from fastapi import FastAPI, HTTPException
from launchready.ground.signing import fill
from launchready.ground.tidy import tidy
from launchready.model.project import Identity, Reference, SignUp
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.probes.callers.values import marker, person, value_for
from launchready.stages.access.proof.sessions.enumeration import prove_enumeration
from starlette.types import ASGIApp

from tests.people import apps
from tests.stages.members import Member, Members
from tests.support.people import gathered, reasons, serve_asgi
from tests.support.web import serve


@pytest.mark.parametrize(
    "app",
    [
        pytest.param(apps.form_app(), id="a form with a CSRF token, rules, terms and a password twice"),
        pytest.param(apps.put_app(), id="accounts that are put at their own address"),
        pytest.param(apps.nested_app(), id="a nested body with letters only, a phone number, a date and a choice"),
    ],
)
async def test_two_accounts_come_up(app: ASGIApp) -> None:
    with serve_asgi(app) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)
            assert ground.victim is not None
            ann, ben = ground.callers
            seen = await ann.send("GET", ground.accounts.doors.paths[0])
            assert ann.person is not None
            assert ben.person is not None
            assert ann.person.email in seen.text
            assert ben.person.email not in seen.text


@pytest.mark.parametrize(
    ("app", "left"),
    [
        pytest.param(apps.closed_app(), 0, id="a sign-up that refuses"),
        pytest.param(apps.json_app(), 0, id="no sign-up"),
        pytest.param(apps.form_app(waits=True), 1, id="an account that somebody has to let in"),
    ],
)
async def test_an_account_counts_as_made_when_the_app_may_have_it(app: ASGIApp, left: int) -> None:
    with serve_asgi(app) as url:
        async with gathered(url) as ground:
            assert ground.callers == []
            await tidy(ground)
            assert len(ground.made) == left


async def test_a_value_is_shaped_as_the_example_that_a_refusal_shows() -> None:
    with serve_asgi(apps.flashing_app()) as url:
        async with gathered(url, endpoints=_pages("/profile", "/register")) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


@pytest.mark.parametrize(("makes", "names"), [(True, ["ann", "ben"]), (False, [])])
async def test_a_sign_up_that_fails_may_have_made_the_account(makes: bool, names: list[str]) -> None:
    with serve_asgi(apps.late_failing_app(makes=makes)) as url:
        async with gathered(url, endpoints=_pages("/profile", "/register", "/login")) as ground:
            assert [caller.name for caller in ground.callers] == names, reasons(ground)
            assert names or "the app fails at sign-up" in reasons(ground)


def _pages(*paths: str) -> list[Endpoint]:
    return [Endpoint("GET", path, "Starlette", (), "read", Access(), (), Span("app.py", 1)) for path in paths]


@pytest.mark.parametrize(("names", "people"), [("always", ["ann", "ben"]), ("once", [])])
async def test_where_no_page_is_shut_to_strangers_whoever_is_named_time_and_again_is_signed_in(
    names: str, people: list[str]
) -> None:
    with serve_asgi(apps.form_app(names=names)) as url:
        async with gathered(url, endpoints=_pages("/dashboard", "/admin", "/people/{user_id}")) as ground:
            assert [caller.name for caller in ground.callers] == people, reasons(ground)
            # The maker, whom every page links, is nobody of ours.
            assert [sorted(caller.known("id")) for caller in ground.callers] == [["1"], ["2"]][: len(people)]


@pytest.mark.parametrize("scheme", ["Basic", "Form"])
async def test_a_token_that_is_given_for_a_name_and_a_password_in_the_header(scheme: str) -> None:
    with serve_asgi(apps.basic_token_app(scheme)) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)
            ann = ground.callers[0]
            assert ann.headers["Authorization"].startswith("Bearer ")
            assert ann.person is not None
            lines = fill(ground, ann)
            assert "-u ''\"${ANN%@*}\"':'\"$ANN_PASSWORD\"" in lines, lines
            assert ann.person.password not in lines
            old = ann.headers["Authorization"]
            assert await ground.accounts.renew(ann)
            assert ann.headers["Authorization"] != old


async def test_what_an_identity_writes_is_called_by_no_address() -> None:
    someone = Identity("ada", "member", username="ada@example.com", password=Reference(env="LR_TEST_ADA"))
    with serve_asgi(apps.json_app()) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LR_TEST_ADA", apps.ADA["password"])
        async with gathered(url, someone, make=False) as ground:
            (ada,) = ground.callers
            assert ada.person is not None
            assert "@" not in str(value_for(Input("name", "body"), ada.person))


async def test_an_account_that_was_put_signs_in_again() -> None:
    with serve_asgi(apps.put_app()) as url:
        async with gathered(url) as ground:
            ann = ground.callers[0]
            ann.forget()
            assert await ground.accounts.sign_in(ann)


async def test_nobody_is_signed_up_where_writes_are_not_allowed() -> None:
    app = apps.nested_app()
    with serve_asgi(app) as url:
        async with gathered(url, make=False) as ground:
            assert ground.callers == []
            assert ground.accounts.signups == {}


async def test_an_identity_says_how_its_account_is_made() -> None:
    body = (
        '{"user": {"username": "{username}", "email": "{email}", "password": "{password}", "gender": "x",'
        ' "birth_date": "1990-01-15", "phone": "4155550123"}}'
    )
    identity = Identity("guestbook", "author", "north", signup=SignUp("POST /api/users", body))
    with serve_asgi(apps.nested_app()) as url:
        async with gathered(url, identity) as ground:
            assert [c.name for c in ground.callers] == ["guestbook", "ann", "ben"], reasons(ground)
            assert ground.callers[0].tenant == "north"


@pytest.mark.parametrize(
    ("app", "told"),
    [
        pytest.param(apps.form_app(captcha=True), "asks for a captcha", id="captcha"),
        pytest.param(apps.closed_app(), "sign-up is closed", id="closed"),
        pytest.param(apps.json_app(), "no sign-up for strangers was found", id="no sign-up"),
    ],
)
async def test_a_sign_up_that_is_not_possible_says_so_and_asks_for_identities(app: ASGIApp, told: str) -> None:
    with serve_asgi(app) as url:
        async with gathered(url) as ground:
            assert ground.callers == []
            assert told in reasons(ground)
            assert "[identities.NAME] in launchready.toml, two of them" in reasons(ground)


async def test_an_app_in_which_nobody_is_anybody_is_not_said_to_have_a_sign_in() -> None:
    app = FastAPI()

    @app.get("/contacts")
    def contacts() -> list[str]:
        return ["ann"]

    @app.get("/settings", status_code=403)
    def settings() -> dict[str, str]:
        return {"detail": "not from here"}

    with serve_asgi(app) as url:
        async with gathered(url) as ground:
            assert "no sign-in was found" in reasons(ground)


@pytest.mark.parametrize("way", ["add", "invite"])
async def test_a_workspace_each_and_members_with_roles_in_one(way: str) -> None:
    with serve_asgi(apps.workspace_app(way)) as url:
        async with gathered(url) as ground:
            names = {caller.name: caller for caller in ground.callers}
            assert list(names) == ["ann", "ben", "dora", "emil"], reasons(ground)
            assert names["ann"].known("tenant") == {"ws1"}
            assert names["ben"].known("tenant") == {"ws2"}
            assert names["dora"].known("tenant") == names["emil"].known("tenant") == {"ws1"}
            assert (names["dora"].role, names["emil"].role) == ("viewer", "manager")


@pytest.mark.parametrize(
    ("app", "told"),
    [
        pytest.param(apps.workspace_app("pretend"), True, id="says yes and does nothing"),
        pytest.param(apps.workspace_app("pretend", open_reads=True), True, id="and everybody may read every workspace"),
        pytest.param(apps.workspace_app("none"), False, id="no way"),
    ],
)
async def test_a_member_who_is_none_is_not_counted(app: ASGIApp, *, told: bool) -> None:
    with serve_asgi(app) as url:
        async with gathered(url) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"]
            assert ("no viewer could be brought into the workspace of ann" in reasons(ground)) is told


async def test_rows_that_nobody_could_check_are_counted() -> None:
    app = apps.nested_app()

    @app.get("/admin/users")
    def users() -> None:
        raise HTTPException(403, "administrators only")

    @app.delete("/admin/users/{user_id}")
    def remove(user_id: int) -> None:
        raise HTTPException(403, "administrators only")

    with serve_asgi(app) as url:
        async with gathered(url) as ground:
            assert "no admin identity: 2 rows not checked as one" in reasons(ground)


@pytest.mark.parametrize(
    ("field", "matches"),
    [
        (Input("username", "body", "str", pattern="^[a-z]+$", most=8), r"[a-z]{1,8}"),
        (Input("phone", "body", "str", pattern=r"^\d{10}$"), r"\d{10}"),
        (Input("mobile", "body", "str"), r"\+\d{11}"),
        (Input("zip", "body", "str", pattern=r"^\d{5}$"), r"\d{5}"),
        (Input("expiry_year", "query", "str", pattern="^20[2-9][0-9]$"), r"20[3-9]\d"),
        (Input("expiry_month", "query", "str", pattern="^(0[1-9]|1[0-2])$"), r"0[1-9]|1[0-2]"),
        (Input("code", "body", "str", pattern=r"^[A-Z]{3}-\d{4}(?:/[a-z]+)?$"), r"[A-Z]{3}-\d{4}"),
        (Input("acceptTerms", "body", "bool"), "True"),
        (Input("newsletter", "body", "bool"), "False"),
        (Input("plan", "body", "str", choices=("free", "pro")), "free"),
        (Input("dateOfBirth", "body", "date"), r"\d{4}-\d\d-\d\d"),
    ],
)
def test_a_value_keeps_the_rules_of_its_field(field: Input, matches: str) -> None:
    import re

    someone = person(marker(), "a")
    assert re.fullmatch(matches, str(value_for(field, someone)))


def test_of_several_roles_the_ordinary_one_is_chosen() -> None:
    someone = person(marker(), "a")
    assert value_for(Input("role", "body", "", True, ("ADMIN", "SELLER", "BUYER")), someone) == "BUYER"
    assert value_for(Input("role", "body", "", True, ("admin",)), someone) == "admin"
    # A text of ours is a rank of no app.
    assert value_for(Input("role", "body", "string"), someone) == "user"


def test_people_whose_names_are_cut_stay_apart() -> None:
    mark = marker()
    field = Input("username", "body", "str", most=6)
    first, second = (value_for(field, person(mark, letter)) for letter in "ab")
    assert first != second
    assert value_for(replace(field, name="phone", most=None), person(mark, "a")) != value_for(
        replace(field, name="phone", most=None), person(mark, "b")
    )


@pytest.mark.parametrize("tells", [False, True])
async def test_a_sign_in_form_is_asked_with_its_token_and_the_token_tells_nothing(tells: bool) -> None:
    fields = (Input("identifier", "form"), Input("secret", "form"))
    login = Endpoint("POST", "/login", "Starlette", (Kind.LOGIN,), "write", Access(), fields, Span("app.py", 1))
    # Of the first 2000 letters of a page the last ones are some of its token.
    with serve_asgi(apps.form_app(before=0 if tells else 1992, tells=tells)) as url:
        pages = [login, replace(login, method="GET", action="read"), *_pages("/dashboard")]
        async with gathered(url, endpoints=pages) as ground:
            await prove_enumeration(ground, ground.callers[0])
            assert [alarm.route for alarm in ground.alarms] == (["POST /login"] if tells else [])
            assert ground.gaps == {}


@pytest.mark.parametrize(
    ("app", "why"),
    [
        pytest.param(apps.invited_app(), "sign-up asks for a code that only some are given", id="a code"),
        pytest.param(
            apps.form_app(waits=True), "took a sign-up, and the account could not sign in", id="somebody waits"
        ),
        pytest.param(apps.unverified_app(), "asks for a confirmation by e-mail, and we cannot read", id="a letter"),
        pytest.param(apps.failing_app(), "as one does that cannot send its mail; its log says why", id="a failure"),
    ],
)
async def test_why_nobody_could_sign_up_says_what_to_look_at(app: ASGIApp, why: str) -> None:
    with serve_asgi(app) as url:
        async with gathered(url, endpoints=_pages("/profile", "/register", "/login")) as ground:
            assert ground.callers == []
            assert why in reasons(ground)


class _Forgets(dict[str, Member]):
    """Sessions that an app hands out, and does not know again."""

    def __setitem__(self, key: str, value: Member) -> None:
        pass


async def test_a_token_that_the_app_itself_refuses_is_told() -> None:
    app = Members(sessions=_Forgets())
    with serve(app) as url:
        async with gathered(url) as ground:
            assert ground.callers == []
            assert "POST /login hands out a token that no address takes" in reasons(ground)
            assert "its log says why" in reasons(ground)


@pytest.mark.parametrize("signs_in", [False, True])
async def test_an_app_that_asks_nobody_who_they_are_is_said_to_be_one(signs_in: bool) -> None:
    app = FastAPI()

    @app.get("/clients")
    def clients() -> list[str]:
        return ["one"]

    if signs_in:

        @app.post("/login")
        def login(given: dict[str, str]) -> dict[str, str]:
            return {"token": "abc"}

    with serve_asgi(app) as url:
        async with gathered(url) as ground:
            assert ("nothing here asks who somebody is" in reasons(ground)) is not signs_in
            assert ("no address refuses a stranger, so that no session could be tried" in reasons(ground)) is signs_in


async def test_an_app_that_fails_at_most_of_what_it_is_asked_is_said_to_fail() -> None:
    app = FastAPI()

    @app.get("/boats", status_code=500)
    @app.get("/harbours", status_code=500)
    def boats() -> dict[str, str]:
        return {"detail": "no such table: boats"}

    @app.get("/about")
    def about() -> dict[str, str]:
        return {"made by": "the club"}

    @app.post("/login", status_code=500)
    def login() -> dict[str, str]:
        return {"detail": "no such table: people"}

    with serve_asgi(app) as url:
        async with gathered(url) as ground:
            assert "the app fails at most of what it is asked (GET /boats: 500)" in reasons(ground)
