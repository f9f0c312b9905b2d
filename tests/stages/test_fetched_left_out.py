"""An address that may be left out, and was when the record was made, is typed all the same."""

import secrets
import urllib.request

import anyio.to_thread
import pytest
from launchready.ground.survey import make
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import AccessVerdict, Kind
from launchready.stages.inputs.trials.injection.fetched import prove_fetched
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.support.people import gathered, serve_asgi


def walls(*, careful: bool) -> Starlette:
    """Whoever hangs up a wall may name a logo, which is looked at first."""
    people, sessions = dict[str, str](), dict[str, str]()

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

    async def hang(request: Request) -> JSONResponse:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in sessions:
            return JSONResponse({"detail": "who?"}, 401)
        if request.method == "GET":
            return JSONResponse([])
        given = await request.json()
        logo = str(given.get("logo") or "")
        if logo and (careful or not logo.startswith("http://127.0.0.1")):
            return JSONResponse({"logo": ["no picture is there"]}, 422)
        if logo:
            await anyio.to_thread.run_sync(lambda: urllib.request.urlopen(logo, timeout=3).read(99))
        return JSONResponse({"id": secrets.token_hex(8), "title": given.get("title")}, 201)

    posts = ["POST"]
    return Starlette(
        routes=[
            Route("/register", door, methods=posts),
            Route("/login", door, methods=posts),
            Route("/walls", hang, methods=["GET", "POST"]),
        ]
    )


def _endpoint(method: str, path: str, *inputs: Input, kind: Kind = Kind.OTHER) -> Endpoint:
    verdict = AccessVerdict.OPEN if kind is not Kind.OTHER else AccessVerdict.GUARDED
    return Endpoint(
        method, path, "Flask", (kind,), "read" if method == "GET" else "write", Access(verdict), inputs, Span("", 0, "")
    )


_WHO = (Input("username", "body", "str", True), Input("password", "body", "str", True))
KNOWN = (
    _endpoint("POST", "/register", *_WHO, kind=Kind.SIGNUP),
    _endpoint("POST", "/login", *_WHO, kind=Kind.LOGIN),
    _endpoint("GET", "/walls"),
    _endpoint("POST", "/walls", Input("title", "body", "str", True), Input("logo", "body", "str")),
)


@pytest.mark.parametrize("careful", [False, True])
async def test_what_was_left_empty_takes_an_address_as_well(careful: bool) -> None:
    with serve_asgi(walls(careful=careful)) as url:
        async with gathered(url, endpoints=KNOWN) as ground:
            await make(ground, ground.callers[0])
            assert (ground.callers[0].name, "POST /walls") in ground.created
            await prove_fetched(ground, [])
            assert {one.key for one in ground.alarms} == (set() if careful else {"fetch logo"})
