"""Workspaces that are named in a header: everybody names their own, and another's is asked for by it."""

import secrets

import pytest
from launchready.ground.prover import Prover
from launchready.ground.result import Harm, Proof
from launchready.ground.seen import Seen
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


def teams(*, asks_who_belongs: bool) -> Starlette:
    """Notes belong to the team that ``X-Team-Id`` names; who belongs there is asked for, or believed."""
    people, sessions, owners = dict[str, str](), dict[str, str](), dict[str, str]()
    notes = list[dict[str, str]]()

    def who(request: Request) -> str:
        return sessions.get(request.headers.get("authorization", "").removeprefix("Bearer "), "")

    async def door(request: Request) -> JSONResponse:
        if "json" not in request.headers.get("content-type", ""):
            return JSONResponse({"detail": "JSON"}, 415)
        given = await request.json()
        name, word = str(given.get("username") or ""), str(given.get("password") or "")
        if request.url.path == "/register" and name and word:
            people[name] = word
        if not word or people.get(name) != word:
            return JSONResponse({"detail": "no"}, 401)
        sessions[token := secrets.token_hex(8)] = name
        return JSONResponse({"access_token": token})

    async def own(request: Request) -> JSONResponse:
        name = who(request)
        if not name:
            return JSONResponse({"detail": "who?"}, 401)
        if request.method == "POST":
            owners[made := secrets.token_hex(8)] = name
            return JSONResponse({"id": made, "name": (await request.json()).get("name")}, 201)
        return JSONResponse([{"id": team} for team, owner in owners.items() if owner == name])

    async def kept(request: Request) -> JSONResponse:
        name, team = who(request), request.headers.get("x-team-id", "")
        if not name:
            return JSONResponse({"detail": "who?"}, 401)
        if not team:
            return JSONResponse({"detail": "X-Team-Id header is required."}, 400)
        if team not in owners or (asks_who_belongs and owners[team] != name):
            return JSONResponse({"detail": "not your team"}, 403)
        if request.method == "POST":
            note = {"id": secrets.token_hex(8), "team": team, "title": str((await request.json()).get("title"))}
            notes.append(note)
            return JSONResponse(note, 201)
        return JSONResponse([note for note in notes if note["team"] == team])

    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/register", door, methods=["POST"]),
            Route("/login", door, methods=["POST"]),
            Route("/teams", own, methods=both),
            Route("/notes", kept, methods=both),
        ]
    )


def _endpoint(method: str, path: str, *fields: str, kind: Kind = Kind.OTHER) -> Endpoint:
    inputs = tuple(Input(name, "body", "str", True) for name in fields)
    verdict = AccessVerdict.OPEN if kind is not Kind.OTHER else AccessVerdict.GUARDED
    return Endpoint(
        method, path, "Flask", (kind,), "read" if method == "GET" else "write", Access(verdict), inputs, Span("", 0, "")
    )


KNOWN = (
    _endpoint("POST", "/register", "username", "password", kind=Kind.SIGNUP),
    _endpoint("POST", "/login", "username", "password", kind=Kind.LOGIN),
    _endpoint("GET", "/teams"),
    _endpoint("POST", "/teams", "name"),
    _endpoint("GET", "/notes"),
    _endpoint("POST", "/notes", "title"),
)


async def proven(app: Starlette) -> Proof:
    with serve_asgi(app) as url:
        async with Site.open(url) as site:
            surface, project = Surface(KNOWN), Project("app", ".")
            sweep, environment = GuestSweep(site, surface), Environment("local", url, writes=True)
            return await Prover(site, surface, sweep, project, environment, [access_questions(project, None)]).proof()


@pytest.mark.parametrize("asks", [True, False], ids=["asked for", "believed"])
async def test_another_team_is_asked_for_by_its_header(asks: bool) -> None:
    found = await proven(teams(asks_who_belongs=asks))
    allowed = {
        (cell.route, cell.who) for cell in found.cells if cell.seen is Seen.ALLOWED and cell.record in ("own", "none")
    }
    # Everybody gets at what is theirs, which nobody does without the header.
    assert {("GET /notes", "ann"), ("GET /notes", "ben")} <= allowed
    alarms = {one.route for one in found.alarms if one.harm is Harm.READS}
    assert alarms == (set() if asks else {"GET /notes"})
    assert all("the header X-Team-Id" in one.title for one in found.alarms if one.harm is Harm.READS)
