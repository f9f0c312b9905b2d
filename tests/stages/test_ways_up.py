"""Ways up and in that no address tells of: a page of one's own that a form leads to, and a sign-in that makes the account."""

import secrets
import time
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from launchready.ground.prover import Prover
from launchready.ground.result import Harm
from launchready.ground.tidy import tidy_accounts
from launchready.model.project import Environment, Project
from launchready.model.surface import Access, Endpoint, Input, Span, Surface
from launchready.model.words import AccessVerdict, Kind
from launchready.probes.callers.tokens import claims
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.access.proof.questions import access_questions
from launchready.stages.access.proof.sessions.jwts import sign
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from tests.support.people import gathered, reasons, serve_asgi

_FORM = '<form method="post"><input name="username"><input type="password" name="password"><input name="city"><button>Go</button></form>'


def desks(*, shown_to_strangers: bool = False) -> Starlette:
    """Whoever signs in is led to ``/{username}``, where the app fails for strangers, or shows them the same."""
    people, sessions = dict[str, str](), dict[str, str]()

    async def door(request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(_FORM)
        given = {name: value[0] for name, value in parse_qs((await request.body()).decode()).items()}
        name, word = given.get("username", ""), given.get("password", "")
        if not name or not word or (request.url.path == "/login" and people.get(name) != word):
            return HTMLResponse(_FORM)
        people[name] = word
        answer = RedirectResponse(f"/{name}", 302)
        sessions[session := secrets.token_hex(8)] = name
        answer.set_cookie("session", session)
        return answer

    async def desk(request: Request) -> Response:
        name = sessions.get(request.cookies.get("session", ""), "")
        if request.path_params["name"] not in people:
            return RedirectResponse("/login", 302)
        if not name and not shown_to_strangers:
            return Response("the app failed", 500)
        return HTMLResponse(f"<h1>Desk of {name or request.path_params['name']}</h1>")

    async def out(request: Request) -> Response:
        return RedirectResponse("/login", 302)

    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/register", door, methods=both),
            Route("/login", door, methods=both),
            Route("/leave", out),
            Route("/{name}", desk),
        ]
    )


def _endpoint(method: str, path: str, *kind: Kind, fields: tuple[str, ...] = ()) -> Endpoint:
    inputs = tuple(Input(name, "body", "str", True, (), None, None, "") for name in fields)
    return Endpoint(
        method, path, "Flask", kind or (Kind.OTHER,), "read" if method == "GET" else "write", Access(AccessVerdict.UNKNOWN), inputs, Span("", 0, "")
    )  # fmt: skip


_DESKS = [
    _endpoint("GET", "/register", Kind.SIGNUP),
    _endpoint("GET", "/login", Kind.LOGIN),
    _endpoint("GET", "/leave"),
    _endpoint("GET", "/{name}"),
]


async def test_the_page_that_a_sign_in_leads_to_is_a_door() -> None:
    with serve_asgi(desks()) as url:
        async with gathered(url, endpoints=_DESKS) as ground:
            assert len(ground.callers) == 2, reasons(ground)


async def test_a_page_that_names_its_owner_to_strangers_is_none() -> None:
    with serve_asgi(desks(shown_to_strangers=True)) as url:
        async with gathered(url, endpoints=_DESKS) as ground:
            assert ground.callers == []


def tokens(*, makes: bool) -> Starlette:
    """``POST /signin`` gives whoever knows the password a token; it ``makes`` an account where there is none."""
    people, sessions = dict[str, str](), dict[str, str]()

    async def sign_in(request: Request) -> Response:
        given = await request.json()
        name, word = str(given.get("username", "")), str(given.get("password", ""))
        if makes and len(name) >= 5 and len(word) >= 5:
            people.setdefault(name, word)
        if not word or people.get(name) != word:
            return JSONResponse({"detail": "Invalid credentials"}, 401)
        sessions[token := secrets.token_hex(8)] = name
        return JSONResponse({"access_token": token}, 201)

    async def me(request: Request) -> Response:
        name = sessions.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return JSONResponse({"username": name}) if name else JSONResponse({"detail": "who?"}, 401)

    return Starlette(routes=[Route("/signin", sign_in, methods=["POST"]), Route("/me", me)])


@pytest.mark.parametrize("makes", [True, False])
async def test_a_sign_in_that_makes_the_account_is_a_way_up(makes: bool) -> None:
    known = [_endpoint("POST", "/signin", Kind.LOGIN, fields=("username", "password")), _endpoint("GET", "/me")]
    with serve_asgi(tokens(makes=makes)) as url:
        async with gathered(url, endpoints=known) as ground:
            assert [caller.name for caller in ground.callers] == (["ann", "ben"] if makes else [])
            # What was made is known, and can be told.
            assert set(ground.journal.signed) >= ({"ann", "ben"} if makes else set())
            await tidy_accounts(ground)
            unsure = [one.path for one in ground.made if not one.sure]
            assert unsure == (["the account of each name that was tried in vain"] if makes else [])


def limited(*, again: str) -> Starlette:
    """As the desks are, but for three calls of ``/register`` at once: then it is shut until somebody was turned away; ``again`` is what it says of that."""
    app, calls = desks(), list[int]()

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/register":
            calls.append(1)
            if len(calls) > 3:
                if scope["method"] == "GET":
                    calls.clear()
                await Response("too many", 429, {"Retry-After": again})(scope, receive, send)
                return
        await app(scope, receive, send)

    return Starlette(routes=[Mount("/", counted)])


@pytest.mark.parametrize(("again", "members"), [("0", 2), ("3600", 0)], ids=["by the minute", "by the hour"])
async def test_a_limit_on_signing_up_is_waited_for_while_it_is_short(again: str, members: int) -> None:
    known = [*_DESKS, _endpoint("POST", "/register", Kind.SIGNUP, fields=("username", "password", "city"))]
    with serve_asgi(limited(again=again)) as url:
        async with gathered(url, endpoints=known) as ground:
            assert (len(ground.callers) == 2) is (members == 2), reasons(ground)


def words_alone(*, asks: bool) -> Starlette:
    """``POST /login`` gives a token for who somebody says they are, and what; with ``asks`` the word that belongs to the name has to go along."""
    sessions = dict[str, dict[str, object]]()

    async def sign_in(request: Request) -> Response:
        if "json" not in request.headers.get("content-type", ""):
            return JSONResponse({"detail": "JSON"}, 415)
        given = await request.json()
        said = {name: given.get(name) for name in ("email", "role", "team_id")}
        if said["role"] not in ("Lead", "Member") or not said["email"] or not isinstance(said["team_id"], int):
            return JSONResponse({"detail": "who?"}, 422)
        if asks and given.get("word") != f"word of {said['email']}":
            return JSONResponse({"detail": "no"}, 401)
        sessions[token := secrets.token_hex(8)] = said
        return JSONResponse({"access_token": token})

    async def me(request: Request) -> Response:
        said = sessions.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if said is None:
            return JSONResponse({"detail": "who?"}, 401)
        if request.url.path == "/wages":
            return JSONResponse(
                {"wages": [1, 2]} if said["role"] == "Lead" else {"detail": "no"},
                200 if said["role"] == "Lead" else 403,
            )
        return JSONResponse(said)

    return Starlette(routes=[Route("/login", sign_in, methods=["POST"]), Route("/me", me), Route("/wages", me)])


@pytest.mark.parametrize("asks", [False, True])
async def test_a_sign_in_that_asks_for_no_password_lets_anyone_in_as_anyone(asks: bool) -> None:
    role = Input("role", "body", "str", True, ("Member", "Lead"))
    login = replace(
        _endpoint("POST", "/login", Kind.LOGIN, fields=("email",)),
        inputs=(Input("email", "body", "str", True), role, Input("team_id", "body", "int", True)),
    )
    known = (
        login,
        _endpoint("GET", "/me"),
        replace(_endpoint("GET", "/wages"), access=Access(AccessVerdict.GUARDED, roles=("Lead",))),
    )
    with serve_asgi(words_alone(asks=asks)) as url:
        async with Site.open(url) as site:
            surface = Surface(known)
            project, environment = Project("app", "."), Environment("local", url, writes=True)
            sweep = GuestSweep(site, surface)
            found = await Prover(site, surface, sweep, project, environment, [access_questions(project, None)]).proof()
    alarms = {(one.harm, one.key) for one in found.alarms if one.route == "POST /login"}
    # Two who say that they lead call what is for those.
    assert [name for name, _, _ in found.people] == ([] if asks else ["ann", "ben", "lead", "lead-2"])
    assert all("Whoever signs in can set" in one.title for one in found.alarms if one.harm is Harm.FIELDS)
    # Whoever says that they lead is believed as well.
    assert alarms == (set() if asks else {(Harm.TOKEN, "no password"), (Harm.FIELDS, "role")})


def broken(where: str) -> Starlette:
    """Accounts are made, and then the app fails: at the ``sign-in``, or at the ``desk`` that it leads to."""
    people = dict[str, str]()

    async def door(request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(_FORM)
        given = {name: value[0] for name, value in parse_qs((await request.body()).decode()).items()}
        name, word = given.get("username", ""), given.get("password", "")
        if not name or not word:
            return HTMLResponse(_FORM, 400)
        if request.url.path == "/register":
            people[name] = word
            return RedirectResponse("/login", 302)
        if people.get(name) != word:
            return HTMLResponse(_FORM, 401)
        if where == "sign-in":
            return Response("no such table", 500)
        answer = RedirectResponse("/desk", 302)
        answer.set_cookie("session", secrets.token_hex(8))
        return answer

    async def desk(request: Request) -> Response:
        return Response("no such table", 500) if "session" in request.cookies else RedirectResponse("/login", 302)

    both = ["GET", "POST"]
    return Starlette(
        routes=[Route("/register", door, methods=both), Route("/login", door, methods=both), Route("/desk", desk)]
    )


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("sign-in", "cannot sign in, since the app fails at it (the form at /login: 500)"),
        ("desk", "the page that it leads to fails (GET /desk: 500)"),
    ],
)
async def test_who_cannot_get_in_because_the_app_fails_is_told_so(where: str, told: str) -> None:
    known = [
        _endpoint("GET", "/register", Kind.SIGNUP),
        _endpoint("GET", "/login", Kind.LOGIN),
        _endpoint("GET", "/desk"),
    ]
    with serve_asgi(broken(where)) as url:
        async with gathered(url, endpoints=known) as ground:
            assert ground.callers == []
            assert told in reasons(ground)
            assert "mail" not in reasons(ground)


def lists(key: str) -> Starlette:
    """Everybody's token is signed with the key; the one door lists what is one's own, which is nothing yet."""
    people = dict[str, str]()

    async def door(request: Request) -> Response:
        if "json" not in request.headers.get("content-type", ""):
            return JSONResponse({"detail": "JSON"}, 415)
        given = await request.json()
        name, word = str(given.get("username") or ""), str(given.get("password") or "")
        if request.url.path == "/register" and name and word:
            people[name] = word
        if not word or people.get(name) != word:
            return JSONResponse({"detail": "no"}, 401)
        return JSONResponse({"access_token": sign({"sub": name, "exp": int(time.time()) + 600}, key)})

    async def notes(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        right = token.count(".") == 2 and sign(claims(token), key) == token
        return JSONResponse([]) if right else JSONResponse({"detail": "who?"}, 401)

    posts = ["POST"]
    return Starlette(
        routes=[Route("/register", door, methods=posts), Route("/login", door, methods=posts), Route("/notes", notes)]
    )


@pytest.mark.parametrize(
    ("key", "guessed"), [("changethis", True), (secrets.token_hex(32), False)], ids=["a word", "bytes"]
)
async def test_a_list_of_nothing_is_a_door_to_a_token_of_our_own(key: str, guessed: bool) -> None:
    known = (
        _endpoint("POST", "/register", Kind.SIGNUP, fields=("username", "password")),
        _endpoint("POST", "/login", Kind.LOGIN, fields=("username", "password")),
        _endpoint("GET", "/notes"),
    )
    with serve_asgi(lists(key)) as url:
        async with Site.open(url) as site:
            surface = Surface(known)
            project, environment = Project("app", "."), Environment("local", url, writes=True)
            found = await Prover(
                site, surface, GuestSweep(site, surface), project, environment, [access_questions(project, None)]
            ).proof()
    assert len(found.people) == 2
    assert ("weak key" in {one.key for one in found.alarms if one.harm is Harm.TOKEN}) is guessed


def ranks(*, taken: bool) -> Starlette:
    """Whoever signs up says what they are, and is it where that is ``taken``; who leads is shown the wages, of which there are none yet."""
    people, sessions = dict[str, tuple[str, str]](), dict[str, str]()

    async def door(request: Request) -> Response:
        if "json" not in request.headers.get("content-type", ""):
            return JSONResponse({"detail": "JSON"}, 415)
        given = await request.json()
        name, word = str(given.get("username") or ""), str(given.get("password") or "")
        if request.url.path == "/register":
            if given.get("role") not in ("lead", "clerk", "member") or not name or not word:
                return JSONResponse({"role": ["not a valid choice"]}, 400)
            people[name] = word, given["role"] if taken else "member"
            return JSONResponse({"username": name}, 201)
        if not word or people.get(name, ("", ""))[0] != word:
            return JSONResponse({"detail": "no"}, 401)
        sessions[token := secrets.token_hex(8)] = name
        return JSONResponse({"access_token": token})

    async def inside(request: Request) -> Response:
        name = sessions.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if name is None:
            return JSONResponse({"detail": "who?"}, 401)
        if request.url.path == "/wages" and people[name][1] != "lead":
            return JSONResponse({"detail": "no"}, 403)
        return JSONResponse([])

    posts = ["POST"]
    return Starlette(
        routes=[
            Route("/register", door, methods=posts),
            Route("/login", door, methods=posts),
            Route("/wages", inside),
            Route("/mine", inside),
        ]
    )


@pytest.mark.parametrize("taken", [True, False])
async def test_the_ranks_that_a_sign_up_offers_are_tried_one_by_one(taken: bool) -> None:
    role = Input("role", "body", "str", True, ("member", "clerk", "lead"))
    register = _endpoint("POST", "/register", Kind.SIGNUP, fields=("username", "password"))
    known = (
        replace(register, inputs=(*register.inputs, role)),
        _endpoint("POST", "/login", Kind.LOGIN, fields=("username", "password")),
        _endpoint("GET", "/mine"),
        replace(_endpoint("GET", "/wages"), access=Access(AccessVerdict.GUARDED, roles=("lead",))),
        # A rank of somebody else's, such as the framework's own administration asks for.
        replace(_endpoint("GET", "/staff/"), access=Access(AccessVerdict.GUARDED, roles=("staff",))),
    )
    with serve_asgi(ranks(taken=taken)) as url:
        async with Site.open(url) as site:
            surface = Surface(known)
            project, environment = Project("app", "."), Environment("local", url, writes=True)
            found = await Prover(
                site, surface, GuestSweep(site, surface), project, environment, [access_questions(project, None)]
            ).proof()
    # Who leads gets further than the others, though nothing says so: two who chose that are there to be asked as.
    assert [role for _, role, _ in found.people] == ["", "", *(["lead", "lead"] if taken else [])]
    assert {(one.route, one.key) for one in found.alarms if one.harm is Harm.FIELDS} == (
        {("POST /register", "role")} if taken else set()
    )
