"""Starlette: lists of routes and mounts, endpoint classes, ``requires`` and middleware (starlette.io)."""

from pathlib import Path

from tests.sources.reading import one, surface, who


def test_routes_and_mounts(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        views_py="""
        from starlette.endpoints import HTTPEndpoint
        async def read(request):
            return request.query_params.get("q")
        class Report(HTTPEndpoint):
            async def get(self, request): ...
            async def post(self, request): ...
        """,
        main_py="""
        from starlette.applications import Starlette
        from starlette.routing import Mount, Route, Router, WebSocketRoute
        from starlette.staticfiles import StaticFiles
        import views
        inner = Router()
        inner.add_route("/audit/{entry_id:int}", views.read, methods=["GET", "POST"])
        listed = [Route("/overview", views.read), Mount("/deep", routes=[Route("/end", views.read)])]
        app = Starlette(routes=[
            Route("/", views.read),
            Route("/reports/{report_id}", views.Report),
            Mount("/listed", routes=listed),
            Mount("/inner", app=inner),
            Mount("/assets", app=StaticFiles(directory="public")),
            WebSocketRoute("/ws/{room}", views.read),
            Mount("/foreign", app=somebody),
        ])
        """,
    )
    assert set(who(found)) == {
        "GET /",
        "GET /reports/{report_id}",
        "POST /reports/{report_id}",
        "GET /listed/overview",
        "GET /listed/deep/end",
        "GET /inner/audit/{entry_id}",
        "POST /inner/audit/{entry_id}",
        "GET /assets/{path}",
        "WEBSOCKET /ws/{room}",
    }
    assert [given.name for given in one(found, "GET /").inputs] == ["q"]
    assert any("somebody, mounted at /foreign" in unread.reason for unread in found.unread)


def test_who_may_call(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from starlette.applications import Starlette
        from starlette.authentication import requires
        from starlette.exceptions import HTTPException
        from starlette.middleware import Middleware
        from starlette.middleware.authentication import AuthenticationMiddleware
        from starlette.middleware.cors import CORSMiddleware
        from starlette.routing import Mount, Route

        @requires("authenticated")
        async def account(request): ...
        async def own(request):
            if not request.user.is_authenticated:
                raise HTTPException(status_code=401)
        async def public(request): ...

        class Gate:
            async def __call__(self, scope, receive, send):
                if not scope.get("user"):
                    raise HTTPException(status_code=401)

        app = Starlette(
            routes=[
                Route("/account", account),
                Route("/own", own),
                Route("/public", public),
                Mount("/inner", routes=[Route("/x", public)], middleware=[Middleware(Gate)]),
            ],
            middleware=[Middleware(CORSMiddleware), Middleware(AuthenticationMiddleware, backend=backend)],
        )
        """,
    )
    assert who(found) == {
        "GET /account": "guarded",
        "GET /own": "guarded",
        "GET /public": "open",
        "GET /inner/x": "unknown",
    }
