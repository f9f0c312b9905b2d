"""What Starlette and FastAPI run for a hostile request is what the guard judged: nothing unlisted, and nothing by another route's row."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from hypothesis import given, settings
from hypothesis import strategies as st
from launchready_guard import Guard
from launchready_guard.policy import parse_policy
from launchready_guard.routes import Table, compiled, of_policy
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute

from tests.guard.hostile import METHODS, ODD, Hostile, requests

RAN: list[str] = []
# Routes that no row speaks of: their handlers must never run.
HIDDEN = frozenset(
    (
        "GET /secret",
        "POST /items/{id}",
        "GET /sub/secret",
        "ANY /raw/{path}",
        "GET //hosted.example/secret",
        "WEBSOCKET /live/secret",
    )
)


def _handler(name: str) -> Callable[[Any], Any]:
    def ran(request: Any) -> PlainTextResponse:
        RAN.append(name)
        return PlainTextResponse("")

    return ran


def _socket(name: str) -> Callable[[WebSocket], Any]:
    async def ran(websocket: WebSocket) -> None:
        RAN.append(name)
        await websocket.accept()
        await websocket.close()

    return ran


async def _raw(scope: Any, receive: Any, send: Any) -> None:
    RAN.append("ANY /raw/{path}")
    await PlainTextResponse("")(scope, receive, send)


class Every(HTTPEndpoint):
    """An endpoint that takes what it has methods for; the router does not know which."""

    async def get(self, request: Any) -> PlainTextResponse:
        RAN.append("ANY /every")
        return PlainTextResponse("")

    delete = get


def _starlette() -> Starlette:
    def route(name: str, path: str = "") -> Route:
        method, _, template = name.partition(" ")
        return Route(path or template, _handler(name), methods=[method])

    inner = [
        route("GET /sub/a", "/a"),
        route("GET /sub/secret", "/secret"),
        route("POST /sub/{x}", "/{x}"),
        Mount("/v1", routes=[route("GET /sub/v1/users", "/users"), route("GET /sub/v1/{rest}", "/{rest:path}")]),
    ]
    return Starlette(
        routes=[
            Host(
                "hosted.example",
                Router([route("GET //hosted.example/secret", "/secret"), route("GET //hosted.example/a", "/a")]),
            ),
            Host("{team}.teams.example", Router([route("GET //{team}.teams.example/{x}", "/{x}")])),
            route("GET /"),
            route("GET /secret"),
            route("GET /open"),
            route("POST /open/", "/open/"),
            route("GET /items/{id}", "/items/{id:int}"),
            route("GET /items/{id}/{price}", "/items/{id}/{price:float}"),
            route("GET /u/{id}", "/u/{id:uuid}"),
            route("POST /items/{id}", "/items/{id}"),
            route("GET /a/b"),
            route("GET /a/{x}"),
            route("PUT /a/{x}.{y}"),
            Route("/every", Every),
            WebSocketRoute("/live/secret", _socket("WEBSOCKET /live/secret")),
            WebSocketRoute("/live/{x}", _socket("WEBSOCKET /live/{x}")),
            Mount("/sub", routes=inner),
            Mount("/raw", app=_raw),
            Mount("/app", routes=[route("GET /app/{x}", "/{x}")]),
            route("GET /files/{path}", "/files/{path:path}"),
            route("DELETE /{x}/b"),
        ]
    )


def _fastapi() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    def add(router: Any, name: str, path: str = "") -> None:
        method, _, template = name.partition(" ")

        async def ran() -> str:
            RAN.append(name)
            return ""

        if method == "WEBSOCKET":
            router.add_api_websocket_route(path or template, _socket(name))
        else:
            router.add_api_route(path or template, ran, methods=[method])

    deeper, router = APIRouter(prefix="/v1"), APIRouter(prefix="/sub")
    add(deeper, "GET /sub/v1/users", "/users")
    add(deeper, "GET /sub/v1/{rest}", "/{rest:path}")
    add(router, "GET /sub/a", "/a")
    add(router, "GET /sub/secret", "/secret")
    router.include_router(deeper)
    add(router, "POST /sub/{x}", "/{x}")
    sockets = APIRouter()
    add(sockets, "WEBSOCKET /live/secret")
    add(sockets, "WEBSOCKET /live/{x}")
    for name, path in (
        ("GET /", ""),
        ("GET /secret", ""),
        ("GET /open", ""),
        ("POST /open/", ""),
        ("GET /items/{id}", "/items/{id:int}"),
        ("GET /items/{id}/{price}", "/items/{id}/{price:float}"),
        ("GET /u/{id}", "/u/{id:uuid}"),
        ("POST /items/{id}", ""),
        ("GET /a/b", ""),
        ("GET /a/{x}", ""),
        ("PUT /a/{x}.{y}", ""),
    ):
        add(app, name, path)
    app.router.routes.append(Route("/every", Every))
    app.include_router(router)
    app.include_router(sockets)
    app.mount("/raw", _raw)
    inner = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add(inner, "GET /app/{x}", "/{x}")
    app.mount("/app", inner)
    add(app, "GET /files/{path}", "/files/{path:path}")
    add(app, "DELETE /{x}/b")
    return app


LISTED = (
    "GET /", "GET /open", "POST /open/", "GET /items/{id}", "GET /items/{id}/{price}", "GET /u/{id}", "GET /a/b", "GET /a/{x}", "PUT /a/{x}.{y}",
    "ANY /every", "WEBSOCKET /live/{x}", "GET /sub/a", "POST /sub/{x}", "GET /sub/v1/users", "GET /sub/v1/{rest}", "GET /app/{x}",
    "GET /files/{path}", "DELETE /{x}/b",
    "GET //hosted.example/a", "GET //{team}.teams.example/{x}",
)  # fmt: skip
HOSTS = (
    b"hosted.example",
    b"hosted.example:80",
    b"HOSTED.example",
    b"hosted.example.",
    b"a.teams.example",
    b".teams.example",
    b"",
    b"x",
)
POLICY = '[guard]\nunlisted = "deny"\n' + "".join(
    f'[[endpoint]]\nroute = "{row}"\nallow = ["guest"]\n' for row in LISTED
)
KNOWN = (
    "/", "/secret", "/open", "/open/", "/items/7", "/items/7/7.5", "/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/a/b", "/a/x", "/a/x.y", "/every",
    "/live/x", "/live/secret", "/sub/a", "/sub/secret", "/sub/x", "/sub", "/sub/v1/users", "/sub/v1/x/y", "/raw/x", "/raw", "/app/x", "/files/x/y", "/z/b",
)  # fmt: skip
APPS = {"starlette": _starlette(), "fastapi": _fastapi()}
GUARDS = {name: Guard(app, parse_policy(POLICY)) for name, app in APPS.items()}


def ran(app: Any, asked: Hostile, host: bytes = b"testserver", kind: str = "http") -> tuple[list[str], Any]:
    """The handlers that ran, and what the guard said to the app."""
    RAN.clear()
    path = asked.root + asked.text if asked.root and len(asked.target) % 2 else asked.text
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http" if kind == "http" else "ws",
        "path": path,
        "raw_path": asked.target.encode("utf-8", "replace"),
        "root_path": asked.root.rstrip("/"),
        "query_string": b"",
        "headers": [(b"host", host)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    if kind == "websocket":
        del scope["method"]

    async def receive() -> Any:
        return {"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        pass

    asyncio.run(_quietly(app, scope, receive, send))
    return list(RAN), scope.get("launchready")


async def _quietly(app: Any, scope: Any, receive: Any, send: Any) -> None:
    await app(scope, receive, send)


@pytest.mark.parametrize("framework", APPS)
@settings(max_examples=700)
@given(asked=requests(KNOWN))
def test_the_handler_that_runs_is_the_one_that_was_judged(framework: str, asked: Hostile) -> None:
    expected, _ = ran(APPS[framework], asked)
    found, passed = ran(GUARDS[framework], asked)
    assert HIDDEN.isdisjoint(found)
    if found:
        assert found == expected and passed.route == found[0]
    elif asked.method in METHODS and not asked.text.endswith("\n"):
        # Nothing that the policy allows is lost either, but that Starlette's patterns end before a line's end.
        assert HIDDEN.issuperset(expected)


@pytest.mark.parametrize("framework", APPS)
@settings(max_examples=300)
@given(asked=requests(("/live/x", "/live/secret", "/open", "/sub/a"), ("GET",)))
def test_a_web_socket_that_opens_is_the_one_that_was_judged(framework: str, asked: Hostile) -> None:
    expected, _ = ran(APPS[framework], asked, kind="websocket")
    found, passed = ran(GUARDS[framework], asked, kind="websocket")
    assert HIDDEN.isdisjoint(found)
    if found:
        assert found == expected and passed.route == found[0]
    elif not asked.text.endswith("\n"):
        assert HIDDEN.issuperset(expected)


@settings(max_examples=300)
@given(asked=requests(("/secret", "/a", "/open", "/x"), METHODS), host=st.sampled_from(HOSTS))
def test_routes_for_one_host_name_are_judged_by_rows_for_it(asked: Hostile, host: bytes) -> None:
    expected, _ = ran(APPS["starlette"], asked, host)
    found, passed = ran(GUARDS["starlette"], asked, host)
    assert HIDDEN.isdisjoint(found)
    if found:
        assert found == expected and passed.route == found[0]
    elif not asked.text.endswith("\n"):
        assert HIDDEN.issuperset(expected)


_PLAIN = (
    "GET /",
    "GET /a/b",
    "GET /a/{x}",
    "PUT /a/{x}",
    "POST /a/b/",
    "GET /a/{x}/c",
    "DELETE /{x}",
    "GET /é",
    "ANY /every",
)


@settings(max_examples=700)
@given(asked=requests(("/", "/a/b", "/a/x", "/a/b/", "/a/x/c", "/x", "/%c3%a9"), METHODS + ODD))
def test_rows_match_as_starlettes_routes_do(asked: Hostile) -> None:
    policy = parse_policy("".join(f'[[endpoint]]\nroute = "{row}"\nallow = ["guest"]\n' for row in _PLAIN))
    table = Table(of_policy(policy))
    router = Router(
        [Route(path, _handler(row), methods=[method]) for row in _PLAIN for method, _, path in (row.partition(" "),)],
        redirect_slashes=False,
    )
    asked = asked._replace(root="")
    expected, _ = ran(router, asked)
    match = table.find(asked.method, asked.text)
    taken = [row for row in _PLAIN if match.route is not None and row.partition(" ")[2] == match.route.path]
    if not expected:
        assert match.route is None
    elif not asked.text.endswith("\n"):
        assert expected[0] in taken


def test_templates_with_all_of_the_rest() -> None:
    assert compiled("/files/{path}").match("/files/a/b")
    assert not compiled("/files/{name}").match("/files/a/b")
