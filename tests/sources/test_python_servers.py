"""Sanic, aiohttp, Litestar and Tornado: where routes stand, how they are mounted, and who is asked for what on the way."""

from pathlib import Path

import pytest
from launchready.sources.tree import Tree

from tests.sources.reading import one, surface, who


def test_sanic(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from sanic import Blueprint, Sanic, json
        from sanic.exceptions import Unauthorized
        from sanic.views import HTTPMethodView
        from sanic_jwt import protected
        app = Sanic("shop")
        members = Blueprint("members", url_prefix="/members", version=2)
        staff = Blueprint("staff", url_prefix="/staff")
        api = Blueprint.group(members, url_prefix="/api")
        @staff.on_request
        async def signed_in(request):
            if not request.ctx.user:
                raise Unauthorized("sign in")
        @members.get("/<member_id:int>")
        async def member(request, member_id):
            return json(request.args.get("fields"))
        @members.post("/")
        @protected()
        async def add(request):
            return json(request.json["name"])
        @staff.route("/reports", methods=["GET", "DELETE"])
        async def reports(request): ...
        class Notes(HTTPMethodView):
            async def get(self, request): ...
            async def put(self, request): ...
        app.add_route(Notes.as_view(), "/notes")
        app.static("/assets", "./public")
        app.blueprint(api)
        app.blueprint(staff)
        """,
    )
    assert who(found) == {
        "GET /v2/api/members/{member_id}": "open",
        "POST /v2/api/members": "guarded",
        "GET /staff/reports": "guarded",
        "DELETE /staff/reports": "guarded",
        "GET /notes": "open",
        "PUT /notes": "open",
        "GET /assets/{path}": "open",
    }
    member = one(found, "GET /v2/api/members/{member_id}")
    assert {(given.name, given.where) for given in member.inputs} == {("member_id", "path"), ("fields", "query")}


def test_aiohttp(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        views_py="""
        from aiohttp import web
        routes = web.RouteTableDef()
        @routes.get("/offers")
        async def offers(request): ...
        @routes.view("/cart/{cart_id:[0-9]+}")
        class Cart(web.View):
            async def get(self): ...
            async def delete(self): ...
        async def users(request): ...
        """,
        main_py="""
        from aiohttp import web
        import views
        @web.middleware
        async def signed_in(request, handler):
            if request.get("user") is None:
                raise web.HTTPUnauthorized()
            return await handler(request)
        def setup(target):
            target.router.add_post("/login", login)
            target.router.add_static("/assets", "public")
        async def login(request): ...
        def main():
            app = web.Application()
            admin = web.Application(middlewares=[signed_in])
            admin.add_routes([web.get("/users", views.users), web.route("*", "/any", views.users)])
            app.add_routes(views.routes)
            setup(app)
            app.add_subapp("/admin", admin)
            web.run_app(app)
        """,
    )
    assert who(found) == {
        "GET /offers": "open",
        "GET /cart/{cart_id}": "open",
        "DELETE /cart/{cart_id}": "open",
        "POST /login": "open",
        "GET /assets/{path}": "open",
        "GET /admin/users": "guarded",
        "ANY /admin/any": "guarded",
    }
    assert one(found, "GET /admin/users").access.evidence[0].file == "main.py"


def test_litestar(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py="""
        from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
        def signed_in(connection, _):
            if not connection.user:
                raise NotAuthorizedException()
        def staff(connection, _):
            if connection.user.role != "admin":
                raise PermissionDeniedException()
        """,
        main_py="""
        from litestar import Controller, Litestar, Router, delete, get, post
        from guards import signed_in, staff
        @get(["/", "/home"])
        async def home() -> str: ...
        class Members(Controller):
            path = "/members"
            @get("/{member_id:int}")
            async def read(self, member_id: int, fields: str = "") -> dict: ...
            @delete("/{member_id:int}", guards=[staff])
            async def remove(self, member_id: int) -> None: ...
        @post("/notes", guards=[elsewhere])
        async def note(data: dict) -> None: ...
        inner = Router(path="/inner", route_handlers=[Members, note], guards=[signed_in])
        app = Litestar(route_handlers=[home, inner, somebody])
        @get("/left")
        async def left() -> str: ...
        """,
    )
    assert who(found) == {
        "GET /": "open",
        "GET /home": "open",
        "GET /inner/members/{member_id}": "guarded",
        "DELETE /inner/members/{member_id}": "guarded",
        "POST /inner/notes": "guarded",
        "GET /left": "unknown",
    }
    assert one(found, "DELETE /inner/members/{member_id}").access.roles == ("admin",)
    assert [(given.name, given.where, given.type) for given in one(found, "POST /inner/notes").inputs] == [
        ("data", "body", "dict")
    ]
    assert any("somebody" in unread.reason for unread in found.unread)


def test_a_guard_that_was_not_seen_to_refuse_is_unknown(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from litestar import Litestar, get
        from library import must_be_member
        @get("/a", guards=[must_be_member])
        async def a() -> str: ...
        app = Litestar([a])
        """,
    )
    assert who(found) == {"GET /a": "unknown"}


def test_an_app_of_litestar_that_a_function_makes(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from litestar import Controller, Litestar, Router, get, post
        from litestar.security.jwt import JWTAuth
        auth = JWTAuth(token_secret="", exclude=["/doors"])
        class Doors(Controller):
            def __init__(self, owner):
                super().__init__(owner)
                self.path = "/doors"
            @post("/open")
            async def enter(self, data: dict) -> dict: ...
        class Boats(Controller):
            def __init__(self, owner):
                super().__init__(owner)
                self.path = "/boats/{harbour:str}"
            @get("/all")
            async def all(self) -> dict: ...
        def create_app() -> Litestar:
            return Litestar(route_handlers=[Router(path="/v1", route_handlers=[Doors, Boats])], on_app_init=[auth.on_app_init])
        """,
    )
    assert who(found) == {"POST /v1/doors/open": "open", "GET /v1/boats/{harbour}/all": "guarded"}


_LITESTAR_DOOR = """
from litestar.exceptions import NotAuthorizedException
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
class Door(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection):
        token = connection.cookies.get("token")
        {refusal}
        return AuthenticationResult(user=token, auth=token)
"""
_LITESTAR_APP = """
from litestar import Litestar, Router, get, post
from litestar.middleware.base import DefineMiddleware
from litestar.security.jwt import JWTAuth
from door import Door
@post("/signin")
async def sign_in(data: dict) -> dict: ...
@get("/docs-of-ours")
async def docs() -> str: ...
@get("/notes")
async def notes() -> list: ...
@get("/health", exclude_from_auth=True)
async def health() -> str: ...
api = Router(path="/api", route_handlers=[sign_in, docs, notes, health])
made = {made}
app = Litestar(route_handlers=[api], {given})
"""


@pytest.mark.parametrize(
    ("made", "given", "refusal", "notes"),
    [
        ("DefineMiddleware(Door, exclude=['docs', 'signin'])", "middleware=[made]", "if not token: raise NotAuthorizedException()", "guarded"),
        ("JWTAuth[User](retrieve_user_handler=find, exclude=['/docs', '^/api/signin$'])", "on_app_init=[made.on_app_init]", "pass", "guarded"),
        ("DefineMiddleware(Door, exclude=['docs', 'signin'])", "middleware=[made]", "pass", "unknown"),
        ("DefineMiddleware(Door, exclude=settings.paths)", "middleware=[made]", "if not token: raise NotAuthorizedException()", "unknown"),
    ],
    ids=["middleware", "of the framework", "refuses nobody", "settings"],
)  # fmt: skip
def test_what_stands_before_a_layer_of_litestar(
    made: str, given: str, refusal: str, notes: str, tmp_path: Path
) -> None:
    found = surface(
        tmp_path, door_py=_LITESTAR_DOOR.format(refusal=refusal), main_py=_LITESTAR_APP.format(made=made, given=given)
    )
    read = "open" if "settings" not in made else "unknown"
    assert who(found) == {
        "POST /api/signin": read,
        "GET /api/docs-of-ours": read,
        "GET /api/notes": notes,
        "GET /api/health": read,
    }


def test_the_body_of_a_handler_of_litestar_has_the_fields_of_its_model(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from typing import Annotated
        from litestar import Litestar, post
        from litestar.dto import DTOData
        from litestar.enums import RequestEncodingType
        from litestar.params import Body
        from pydantic import BaseModel, Field
        class Person(BaseModel):
            username: str = Field(min_length=5, max_length=30)
            age: int = 0
        @post("/people")
        async def person(data: Person) -> None: ...
        @post("/drafts")
        async def draft(data: DTOData[Person]) -> None: ...
        @post("/forms")
        async def form(data: Annotated[Person, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> None: ...
        app = Litestar([person, draft, form])
        """,
    )
    for path, where in (("/people", "body"), ("/drafts", "body"), ("/forms", "form")):
        first, second = one(found, f"POST {path}").inputs
        assert (first.name, first.where, first.required, first.least, first.most) == ("username", where, True, 5, 30)
        assert (second.name, second.where, second.type, second.required) == ("age", where, "int", False)


def test_tornado(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        base_py="""
        import tornado.web
        class Staff(tornado.web.RequestHandler):
            def prepare(self):
                if self.current_user is None:
                    raise tornado.web.HTTPError(403)
        """,
        main_py=r"""
        import tornado.web, tornado.websocket
        from tornado.web import authenticated, url
        from base import Staff
        class Home(tornado.web.RequestHandler):
            def get(self):
                self.get_query_argument("page")
        class Member(tornado.web.RequestHandler):
            @authenticated
            def get(self, member_id): ...
            def query(self): ...
        class Reports(Staff):
            async def post(self): ...
        class Chat(tornado.websocket.WebSocketHandler):
            def open(self, room): ...
        class Application(tornado.web.Application):
            def __init__(self):
                handlers = [
                    (r"/", Home),
                    (r"/members/(?P<member_id>\d+)", Member),
                    url(r"/reports/?", Reports, name="reports"),
                ]
                super().__init__(handlers, debug=True)
        def make():
            app = Application()
            app.add_handlers(r".*", [(r"/chat/([^/]+)", Chat)])
        WORDS = [("processed %d of %s", count)]
        """,
    )
    assert who(found) == {
        "GET /": "open",
        "GET /members/{member_id}": "guarded",
        "POST /reports": "guarded",
        "WEBSOCKET /chat/{arg1}": "open",
    }
    assert [given.name for given in one(found, "GET /").inputs] == ["page"]


def test_an_application_that_a_function_makes_stands_below_its_prefix(tmp_path: Path) -> None:
    """docs.aiohttp.org, nested applications: ``add_subapp("/admin/", make_admin())``."""
    found = surface(
        tmp_path,
        app_py="""
        from aiohttp import web

        @web.middleware
        async def signed_in(request, handler):
            if request.headers.get("Authorization") is None:
                raise web.HTTPUnauthorized()
            return await handler(request)

        async def stats(request):
            return web.json_response({})

        def make_admin():
            admin = web.Application(middlewares=[signed_in])
            admin.add_routes([web.get("/stats", stats)])
            return admin

        app = web.Application()
        app.router.add_get("/plain", stats)
        app.add_subapp("/admin/", make_admin())
        """,
    )
    assert who(found) == {"GET /plain": "open", "GET /admin/stats": "guarded"}


def test_what_setuptools_builds_of_a_package_is_not_read_twice(tmp_path: Path) -> None:
    app = (
        "from litestar import Litestar, get\n@get('/boats')\nasync def boats() -> list: ...\napp = Litestar([boats])\n"
    )
    found = surface(
        tmp_path, harbour__app_py=app, build__lib__harbour__app_py=app, pyproject_toml="[project]\nname = 'harbour'\n"
    )
    assert [place.source.file for place in found.endpoints] == ["harbour/app.py"]
    (tmp_path / "pyproject.toml").unlink()
    assert (
        len(
            {place.source.file for place in surface(tmp_path).endpoints}
            | {file.path for file in Tree.read(tmp_path).files}
        )
        == 2
    )
