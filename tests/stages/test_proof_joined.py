"""Sign-ups that name a workspace: some take whoever names it into it."""

import secrets

import pytest
from launchready.ground.prover import Prover
from launchready.ground.result import Harm
from launchready.model.project import Environment, Project
from launchready.model.surface import Access, Endpoint, Input, Span, Surface
from launchready.model.words import AccessVerdict, Kind
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.access.proof.questions import access_questions
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.support.people import serve_asgi


def houses(*, joins: bool, leads: bool) -> Starlette:
    """A company of that name is joined where there is one, or a name is nothing but a name; with ``leads`` there is one administrator of each."""
    people, sessions, companies = dict[str, dict[str, str]](), dict[str, str](), dict[str, str]()

    async def up(request: Request) -> JSONResponse:
        given = await request.json()
        name, word = str(given.get("username") or ""), str(given.get("password") or "")
        if not name or not word:
            return JSONResponse({"detail": "missing"}, 400)
        called, role = str(given.get("company_name") or f"{name}'s"), str(given.get("role") or "admin")
        if joins and leads and called in companies and role == "admin":
            return JSONResponse({"error": "There is an administrator already, choose another role"}, 400)
        number = companies.setdefault(called, secrets.token_hex(8)) if joins else secrets.token_hex(8)
        people[name] = {"username": name, "word": word, "company_id": number, "role": role}
        sessions[token := secrets.token_hex(8)] = name
        return JSONResponse({"access_token": token, "user": shown(name)}, 201)

    def shown(name: str) -> dict[str, str]:
        return {key: value for key, value in people[name].items() if key != "word"}

    async def door(request: Request) -> JSONResponse:
        given = await request.json()
        name = str(given.get("username") or "")
        if name not in people or people[name]["word"] != given.get("password"):
            return JSONResponse({"detail": "no"}, 401)
        sessions[token := secrets.token_hex(8)] = name
        return JSONResponse({"access_token": token})

    async def me(request: Request) -> JSONResponse:
        name = sessions.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return JSONResponse(shown(name)) if name else JSONResponse({"detail": "who?"}, 401)

    async def broken(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": "JSON"}, 415)

    routes = [Route("/signup", up, methods=["POST"]), Route("/login", door, methods=["POST"]), Route("/me", me)]
    return Starlette(routes=routes, exception_handlers={ValueError: broken})


def _endpoint(
    method: str, path: str, *fields: str, optional: tuple[str, ...] = (), kind: Kind = Kind.OTHER
) -> Endpoint:
    inputs = (
        *(Input(name, "body", "str", True) for name in fields),
        *(Input(name, "body", "str") for name in optional),
    )
    verdict = AccessVerdict.OPEN if kind is not Kind.OTHER else AccessVerdict.GUARDED
    roles = ("employee",) if kind is Kind.OTHER else ()
    return Endpoint(
        method,
        path,
        "Flask",
        (kind,),
        "read" if method == "GET" else "write",
        Access(verdict, roles=roles),
        inputs,
        Span("", 0, ""),
    )


KNOWN = (
    _endpoint("POST", "/signup", "username", "password", optional=("company_name", "role"), kind=Kind.SIGNUP),
    _endpoint("POST", "/login", "username", "password", kind=Kind.LOGIN),
    _endpoint("GET", "/me"),
)


@pytest.mark.parametrize(
    ("joins", "leads", "found"),
    [(True, False, True), (True, True, True), (False, False, False)],
    ids=["joined", "joined below the administrator", "a name"],
)
async def test_whoever_names_a_workspace_is_taken_into_it(joins: bool, leads: bool, found: bool) -> None:
    with serve_asgi(houses(joins=joins, leads=leads)) as url:
        async with Site.open(url) as site:
            surface, project = Surface(KNOWN), Project("app", ".")
            sweep, environment = GuestSweep(site, surface), Environment("local", url, writes=True)
            proof = await Prover(site, surface, sweep, project, environment, [access_questions(project, None)]).proof()
    assert len(proof.people) == 2
    assert {(one.route, one.key) for one in proof.alarms if one.key == "company_name" and one.harm is Harm.FIELDS} == (
        {("POST /signup", "company_name")} if found else set()
    )
