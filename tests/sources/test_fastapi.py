"""FastAPI: where routes are mounted, and every place a guard may stand."""

from pathlib import Path

from tests.sources.reading import app, one, surface, who

GUARD = """
from fastapi import Depends, HTTPException, Request

def signed_in(request: Request):
    user = request.session.get("user")
    if user is None:
        raise HTTPException(status_code=401)
    return user

def admin_only(user=Depends(signed_in)):
    if user.role != "admin":
        raise HTTPException(status_code=403)
    return user

def get_db():
    yield connect()
"""


def test_a_guard_on_the_route_the_parameter_or_an_annotation(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=GUARD,
        main_py="""
        from typing import Annotated
        from fastapi import Depends, FastAPI
        from guards import admin_only, get_db, signed_in

        User = Annotated[dict, Depends(signed_in)]
        app = FastAPI()

        @app.get("/a", dependencies=[Depends(signed_in)])
        def a(): ...

        @app.get("/b")
        def b(user=Depends(signed_in)): ...

        @app.get("/c")
        def c(user: User): ...

        @app.delete("/d/{d_id}")
        def d(d_id: int, user=Depends(admin_only)): ...

        @app.get("/open")
        def nobody(db=Depends(get_db)): ...
        """,
    )
    assert who(found) == {
        "GET /a": "guarded",
        "GET /b": "guarded",
        "GET /c": "guarded",
        "DELETE /d/{d_id}": "guarded",
        "GET /open": "open",
    }
    assert one(found, "DELETE /d/{d_id}").access.roles == ("admin",)
    place = one(found, "GET /a").access.evidence[0]
    assert (place.file, place.line) == ("main.py", 9)
    assert "guards.py:4" in place.what


def test_prefixes_and_guards_of_router_include_and_app(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        app__guards_py=GUARD,
        app__members_py="""
        from fastapi import APIRouter
        router = APIRouter(prefix="/members")

        @router.get("/{member_id}")
        def read(member_id: int): ...
        """,
        app__staff_py="""
        from fastapi import APIRouter, Depends
        from .guards import signed_in
        router = APIRouter(prefix="/staff", dependencies=[Depends(signed_in)])

        @router.get("")
        def everybody(): ...
        """,
        app__main_py="""
        from fastapi import Depends, FastAPI
        from . import members, staff
        from .guards import signed_in

        def create_app():
            app = FastAPI()
            app.include_router(members.router, prefix="/api/v1")
            app.include_router(members.router, prefix="/internal", dependencies=[Depends(signed_in)])
            app.include_router(staff.router)
            inner = FastAPI(dependencies=[Depends(signed_in)])
            app.mount("/inner", inner)

            @inner.get("/x")
            def x(): ...

            return app
        """,
    )
    assert who(found) == {
        "GET /api/v1/members/{member_id}": "open",
        "GET /internal/members/{member_id}": "guarded",
        "GET /inner/x": "guarded",
        "GET /staff": "guarded",
    }


def test_routers_included_in_a_loop(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=GUARD,
        tasks_py="""
        from fastapi import APIRouter
        router = APIRouter(prefix="/tasks")

        @router.post("")
        def create(): ...
        """,
        main_py="""
        from fastapi import Depends, FastAPI
        import tasks
        from guards import signed_in
        ROUTERS = (tasks.router,)
        app = FastAPI()
        for router in ROUTERS:
            app.include_router(router, prefix="/api", dependencies=[Depends(signed_in)])
        """,
    )
    assert who(found) == {"POST /api/tasks": "guarded"}


def test_a_router_that_nothing_mounts_is_never_called_open(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        plugin_py="""
        from fastapi import APIRouter
        router = APIRouter()

        @router.delete("/records/{record_id}")
        def remove(record_id: int): ...
        """,
    )
    assert who(found) == {"DELETE /records/{record_id}": "unknown"}
    assert "nothing in this source mounts router" in one(found, "DELETE /records/{record_id}").access.evidence[0].what


def test_a_refusal_that_ignores_the_caller_guards_nothing(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import FastAPI, HTTPException
        app = FastAPI()

        @app.delete("/kinds/{kind}")
        def remove(kind: str):
            if kind in BUILT_IN:
                raise HTTPException(status_code=403, detail="built-in kinds stay")
        """,
    )
    assert who(found) == {"DELETE /kinds/{kind}": "unknown"}


_MIDDLEWARE = """
from fastapi import FastAPI
from fastapi.responses import JSONResponse
import config
app = FastAPI()
OPEN = {"/health", "/login"}

%s

@app.get("/api/x")
def x(): ...

@app.get("/health")
def health(): ...

@app.post("/health")
def report(): ...
"""


def test_a_middleware_guards_the_paths_it_refuses_strangers_on(tmp_path: Path) -> None:
    middleware = """
@app.middleware("http")
async def check(request, call_next):
    if request.url.path.startswith("/api") and not request.headers.get("authorization"):
        return JSONResponse({}, status_code=401)
    return await call_next(request)
"""
    found = surface(tmp_path, main_py=_MIDDLEWARE % middleware)
    # Nothing is asked where the condition on the path does not hold.
    assert who(found) == {"GET /api/x": "guarded", "GET /health": "open", "POST /health": "open"}


def test_a_middleware_opens_the_paths_it_names_before_it_asks(tmp_path: Path) -> None:
    middleware = """
@app.middleware("http")
async def check(request, call_next):
    path = request.url.path
    if path in OPEN and request.method == "GET":
        return await call_next(request)
    token = request.headers.get("authorization", "")
    try:
        if not token.startswith("Bearer "):
            return JSONResponse({"detail": "sign in"}, status_code=401)
    except ValueError:
        return JSONResponse({}, status_code=401)
    return await call_next(request)
"""
    found = surface(tmp_path, main_py=_MIDDLEWARE % middleware)
    assert who(found) == {"GET /api/x": "guarded", "GET /health": "open", "POST /health": "guarded"}


def test_a_middleware_of_a_mounted_app_names_paths_below_its_mount(tmp_path: Path) -> None:
    """What the scope holds is the whole path; the mount is taken off before it is compared (asgi.readthedocs.io, ``root_path``)."""
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import FastAPI
        from fastapi.responses import JSONResponse
        inner = FastAPI()

        @inner.middleware("http")
        async def check(request, call_next):
            scope = request.scope
            below = scope["path"].removeprefix(scope.get("root_path", ""))
            if below in {"/health", "/ready"}:
                return await call_next(request)
            if "authorization" not in request.headers:
                return JSONResponse({}, status_code=401)
            return await call_next(request)

        @inner.get("/health")
        def health(): ...

        @inner.get("/notes")
        def notes(): ...

        app = FastAPI()
        app.mount("/api", inner)
        """,
    )
    assert who(found) == {"GET /api/health": "open", "GET /api/notes": "guarded"}


def test_a_middleware_that_only_a_setting_brings_guards_when_it_is_set(tmp_path: Path) -> None:
    middleware = """
key = config.settings.API_KEY
if key is not None:
    @app.middleware("http")
    async def check(request, call_next):
        if any(request.url.path.startswith(one) for one in OPEN):
            return await call_next(request)
        if request.headers.get("x-api-key") != key:
            return JSONResponse({}, status_code=401)
        return await call_next(request)
"""
    found = surface(tmp_path, main_py=_MIDDLEWARE % middleware)
    assert who(found) == {"GET /api/x": "unknown", "GET /health": "open", "POST /health": "open"}
    assert one(found, "GET /api/x").access.guarded_when == "config.settings.API_KEY is not None"


def test_a_middleware_that_asks_somebody_else_first_opens_nothing(tmp_path: Path) -> None:
    middleware = """
@app.middleware("http")
async def check(request, call_next):
    await verify(request)
    if request.url.path in OPEN:
        return await call_next(request)
    if not allowed(request):
        return JSONResponse({}, status_code=401)
    return await call_next(request)
"""
    found = surface(tmp_path, main_py=_MIDDLEWARE % middleware)
    assert set(who(found).values()) == {"unknown"}


def test_what_cannot_be_followed_is_unknown(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from company_auth import gate, requires_staff
        from fastapi import Depends, FastAPI, Request
        from fastapi.templating import Jinja2Templates
        from machine import service
        app = FastAPI()
        templates = Jinja2Templates("pages")

        @app.post("/a")
        def a(user=Depends(gate)): ...

        @app.post("/b")
        @requires_staff
        def b(): ...

        @app.post("/c")
        def c(request: Request):
            return service.answer(request)

        @app.post("/d")
        def d(request: Request):
            return templates.TemplateResponse(request, "d.html")
        """,
    )
    assert who(found) == {"POST /a": "unknown", "POST /b": "unknown", "POST /c": "unknown", "POST /d": "open"}


def test_a_security_scheme_guards_unless_it_is_told_not_to(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import Depends, FastAPI
        from fastapi.security import HTTPBearer
        strict, lax = HTTPBearer(), None
        loose = HTTPBearer(auto_error=False)
        bearer = HTTPBearer()
        app = FastAPI()

        @app.get("/a")
        def a(token=Depends(bearer)): ...

        @app.get("/b")
        def b(token=Depends(loose)): ...
        """,
    )
    assert who(found) == {"GET /a": "guarded", "GET /b": "open"}


def test_a_login_is_open_although_it_answers_401(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import FastAPI, HTTPException
        app = FastAPI()

        @app.post("/login")
        def login(email: str, password: str):
            if not known(email, password):
                raise HTTPException(status_code=401)
        """,
    )
    assert who(found) == {"POST /login": "open"}
    assert one(found, "POST /login").kind == ("login",)


def test_broken_and_binary_files_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "noise.py").write_bytes(b"import fastapi\n\x00\xff\xfe" * 200)
    found = surface(
        tmp_path,
        broken_py="from fastapi import FastAPI\napp = FastAPI(\n@app.get('/lost'\ndef (:\n",
        main_py="from fastapi import FastAPI\napp = FastAPI()\n@app.get('/kept')\ndef kept(): ...\n",
    )
    assert "GET /kept" in who(found)
    assert {"broken.py", "noise.py"} <= {unread.file for unread in found.unread}


def test_prefixes_from_settings_and_routes_that_are_added(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        config_py="""
        class Settings(BaseSettings):
            API: str = "/api/v1"
        def get_settings() -> Settings:
            return Settings()
        settings = Settings()
        """,
        items_py="""
        from fastapi import APIRouter
        BASE = "/items"
        router = APIRouter(prefix=f"{BASE}/all")
        def read(item_id: int): ...
        router.add_api_route(f"/{{item_id}}", endpoint=read, methods=["GET", "PUT"])
        router.add_api_websocket_route("/live", read)
        """,
        main_py="""
        from fastapi import FastAPI
        from config import get_settings, settings
        from items import router
        PREFIX = settings.API
        other = get_settings()
        app = FastAPI()
        app.include_router(router=router, prefix=PREFIX)
        app.include_router(router, prefix=other.API + "/two")
        """,
    )
    assert {
        "GET /api/v1/items/all/{item_id}",
        "PUT /api/v1/items/all/{item_id}",
        "WEBSOCKET /api/v1/items/all/live",
    } <= set(who(found))


def test_static_files_are_a_way_in(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import FastAPI
        from fastapi.staticfiles import StaticFiles
        app = FastAPI()
        app.mount("/assets", StaticFiles(directory="public"), name="assets")
        """,
    )
    assert who(found) == {"GET /assets/{path}": "open"}


def test_a_path_that_is_a_parameter_of_the_factory_is_read_by_its_default(tmp_path: Path) -> None:
    main = """
from fastapi import FastAPI


def create_app(health_path: str = "/health", version_path: str = "/version"):
    app = FastAPI()

    @app.get(health_path)
    async def health():
        return True

    @app.get(f"/api{version_path}")
    async def version():
        return "1"

    return app
"""
    assert list(who(surface(tmp_path, main_py=main))) == ["GET /api/version", "GET /health"]


def test_a_router_class_of_the_app_itself_by_any_name_it_is_imported_under(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        routing_py="""
        import fastapi
        class ShopRouter(fastapi.APIRouter): ...
        """,
        orders_py="""
        from fastapi import Request
        from routing import ShopRouter as Router
        router = Router(prefix="/orders")

        @router.get("/{order_id}")
        def one(order_id: int): ...
        """,
        main_py="""
        from fastapi import FastAPI
        from orders import router
        app = FastAPI()
        app.include_router(router, prefix="/v1")
        """,
    )
    assert set(who(found)) == {"GET /v1/orders/{order_id}"}


def test_routers_of_classes_that_extend_others_and_of_libraries_and_files_that_do_not_name_fastapi(
    tmp_path: Path,
) -> None:
    found = surface(
        tmp_path,
        routing_py="""
        from fastapi import APIRouter
        class Plain(APIRouter): ...
        class ShopRouter(Plain): ...
        """,
        orders_py="""
        from routing import ShopRouter
        router = ShopRouter(prefix="/orders")

        @router.get("/{order_id}")
        def one(order_id: int): ...
        """,
        main_py="""
        from cadwyn import VersionedAPIRouter
        from fastapi import Depends, FastAPI, HTTPException
        from fastapi.security import HTTPBearer
        from orders import router
        app = FastAPI()
        versioned = VersionedAPIRouter(prefix="/v1", dependencies=[Depends(HTTPBearer())])
        versioned.include_router(router)
        app.include_router(versioned)
        """,
    )
    assert who(found) == {"GET /v1/orders/{order_id}": "guarded"}


def test_what_is_done_is_no_role(tmp_path: Path) -> None:
    """``requires_access(method="GET")`` of Airflow."""
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import Depends, FastAPI, HTTPException, Request

        def requires_access(method: str, entity: str = ""):
            def inner(request: Request):
                if not request.state.user.may(method, entity):
                    raise HTTPException(403)
            return inner

        app = FastAPI()

        @app.get("/rows", dependencies=[Depends(requires_access(method="GET"))])
        def rows(): ...
        """,
    )
    assert one(found, "GET /rows").access.roles == ()


def test_a_package_that_is_read_from_its_own_folder_knows_itself_by_its_name(tmp_path: Path) -> None:
    router = "from fastapi import APIRouter\nrouter = APIRouter()\n"
    files = {
        "__init__.py": "",
        "routes/__init__.py": f"{router}from club.elsewhere import helper\nfrom club.routes import notes\n"
        'router.include_router(notes.router, prefix="/notes")\n',
        "routes/notes.py": f'{router}@router.get("/all")\ndef all_notes(): ...\n',
        "main.py": "from fastapi import FastAPI\nfrom club.routes import router\napp = FastAPI()\napp.include_router(router)\n",
    }
    assert who(app(tmp_path / "club", files)) == {"GET /notes/all": "open"}


def test_a_token_whose_signature_is_not_verified_guards_nothing(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        import jwt
        from fastapi import Depends, FastAPI, Request
        app = FastAPI()

        def visitor(request: Request):
            try:
                return jwt.decode(request.headers["x-token"], KEY, options={"verify_signature": False})
            except jwt.PyJWTError:
                return None

        @app.get("/admin")
        def admin(user=Depends(visitor)): ...
        """,
    )
    assert who(found) == {"GET /admin": "open"}


def test_what_a_model_says_of_itself_is_no_field_of_its_bodies(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from typing import ClassVar
        from fastapi import FastAPI
        from pydantic import BaseModel, ConfigDict, PrivateAttr

        class Strict(BaseModel):
            model_config: ConfigDict = ConfigDict(extra="forbid")
            kept_out: ClassVar[set[str]] = set()
            _seen: int = PrivateAttr(default=0)

        class Visit(Strict):
            note: str

        app = FastAPI()

        @app.post("/visits")
        def make(visit: Visit): ...
        """,
    )
    assert [given.name for given in one(found, "POST /visits").inputs] == ["note"]


def test_a_model_has_the_fields_of_those_it_is_made_from_and_optional_ones_have_a_type(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        shapes_py="""
        from typing import Optional, Union
        from pydantic import BaseModel

        class Place(BaseModel):
            street: str
            floor: int = 0

        class Visit(Place):
            floor: Optional[int] = None
            note: Union[str, None] = None
            guests: list[str] = []
        """,
        main_py="""
        from typing import Optional
        from fastapi import FastAPI
        import shapes

        app = FastAPI()

        @app.post("/visits")
        def make(visit: shapes.Visit, urgent: Optional[bool] = None): ...
        """,
    )
    taken = {one.name: (one.where, one.type, one.required) for one in one(found, "POST /visits").inputs}
    assert taken == {
        "street": ("body", "str", True),
        "floor": ("body", "int", False),
        "note": ("body", "str", False),
        "guests": ("body", "list[]", False),
        "urgent": ("query", "bool", False),
    }


def test_the_roles_that_a_guard_of_ones_own_class_is_given(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=GUARD,
        ranks_py="""
        import enum
        from fastapi import Depends, HTTPException
        from guards import signed_in

        class Rank(str, enum.Enum):
            COOK = "Cook"
            GUEST = "Guest"
            WAITER = "Waiter"

        class Only:
            def __init__(self, ranks):
                self.ranks = ranks

            def __call__(self, user=Depends(signed_in)):
                if user.rank not in self.ranks:
                    raise HTTPException(status_code=403)
                return True
        """,
        main_py="""
        from fastapi import Depends, FastAPI
        from ranks import Only, Rank

        app = FastAPI()

        @app.put("/dishes")
        def add(allowed=Depends(Only([Rank.COOK, Rank.WAITER]))): ...
        """,
    )
    assert one(found, "PUT /dishes").access.roles == ("Cook", "Waiter")


def test_the_form_that_a_password_is_typed_into_is_known(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from typing import Annotated
        from fastapi import Depends, FastAPI
        from fastapi.security import OAuth2PasswordRequestForm
        app = FastAPI()

        @app.post("/token")
        def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]): ...

        @app.post("/other")
        def other(form: OAuth2PasswordRequestForm = Depends()): ...
        """,
    )
    for name in ("POST /token", "POST /other"):
        given = {i.name: (i.where, i.required) for i in one(found, name).inputs}
        assert given["username"] == given["password"] == ("form", True)
        assert given["scope"] == ("form", False)


def test_a_name_that_is_malformed_and_a_record_that_is_inactive_keep_nobody_out(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        deps_py="""
        from typing import Annotated
        from fastapi import Depends, Header, HTTPException

        def check_name(name: str) -> None:
            if any(part in name for part in ("--", ";")):
                raise ValueError(f"Name contains forbidden pattern: {name}")

        def get_tenant(x_tenant: Annotated[str, Header()] = ""):
            tenant = lookup(x_tenant)
            if not tenant.is_active:
                raise HTTPException(status_code=403, detail="Tenant is inactive")
            check_name(tenant.schema)
            return tenant

        def get_person(authorization: Annotated[str, Header()] = ""):
            person = by_token(authorization)
            if person is None or not person.is_active:
                raise HTTPException(status_code=403, detail="Inactive")
            return person
        """,
        main_py="""
        from fastapi import Depends, FastAPI
        from deps import get_person, get_tenant
        app = FastAPI()

        @app.get("/offers")
        def offers(tenant=Depends(get_tenant)): ...

        @app.get("/mine")
        def mine(person=Depends(get_person)): ...
        """,
    )
    assert who(found) == {"GET /offers": "open", "GET /mine": "guarded"}


def test_roles_are_members_of_an_enumeration_and_none_that_is_asked_for_aside(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        roles_py="""
        from enum import StrEnum

        class Rank(StrEnum):
            CAPTAIN = "team-captain"
            PLAYER = "player"
        """,
        main_py="""
        from fastapi import Depends, FastAPI, HTTPException, Request
        from roles import Rank
        app = FastAPI()

        def signed_in(request: Request):
            person = by_token(request.headers.get("authorization"))
            if person is None:
                raise HTTPException(status_code=401)
            on_behalf = request.headers.get("x-on-behalf")
            if on_behalf:
                operator = by_name(on_behalf)
                if not operator.is_superuser:
                    raise HTTPException(status_code=401)
            return person

        def captain(person=Depends(signed_in)):
            membership = of(person)
            if membership.role != Rank.CAPTAIN.value:
                raise HTTPException(status_code=403)
            return person

        def boss(person=Depends(signed_in)):
            if not person.is_superuser:
                raise HTTPException(status_code=403)

        @app.get("/team")
        def team(person=Depends(signed_in)): ...

        @app.post("/team")
        def change(person=Depends(captain)): ...

        @app.delete("/team")
        def remove(person=Depends(boss)): ...
        """,
    )
    assert one(found, "GET /team").access.roles == ()
    assert one(found, "POST /team").access.roles == ("team-captain",)
    assert one(found, "DELETE /team").access.roles == ("admin",)


def test_a_session_that_may_be_missing_guards_nothing_and_a_rank_of_the_apps_own_is_a_role(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        sealed_py="""
        import hmac

        def unsealed(value):
            body, _, seal = value.partition(".")
            if not hmac.compare_digest(sign(body), seal):
                return None
            return body

        def opened(value):
            if not value:
                return None
            return unsealed(value)
        """,
        doors_py="""
        from typing import Optional
        from fastapi import Cookie, Depends, HTTPException
        from sealed import opened

        def maybe(cookie: Optional[str] = Cookie(None)):
            return opened(cookie)

        def somebody(session=Depends(maybe)):
            if not session:
                raise HTTPException(status_code=401)
            return session

        def steward(session=Depends(somebody)):
            if not session.is_steward:
                raise HTTPException(status_code=403)
            return session

        def awake(session=Depends(somebody)):
            if not session.is_active:
                raise HTTPException(status_code=403)
            return session

        def own_or_steward(session=Depends(somebody), person_id: int = 0):
            if not session.is_steward and session.person_id != person_id:
                raise HTTPException(status_code=403)
            return session
        """,
        main_py="""
        from fastapi import Depends, FastAPI, Request
        from doors import awake, maybe, own_or_steward, somebody, steward
        from sealed import unsealed
        app = FastAPI()

        @app.get("/me")
        def me(session=Depends(maybe)): ...

        @app.get("/rota")
        def rota(session=Depends(somebody)): ...

        @app.delete("/rota")
        def clear(session=Depends(steward)): ...

        @app.put("/rota")
        def take(session=Depends(awake)): ...

        @app.put("/people/{person_id}")
        def person(session=Depends(own_or_steward)): ...

        @app.post("/hooks/mail")
        async def mail(request: Request):
            if not unsealed((await request.body()).decode()):
                return JSONResponse({}, status_code=400)
        """,
    )
    assert who(found) == {
        "GET /me": "open",
        "GET /rota": "guarded",
        "DELETE /rota": "guarded",
        "PUT /rota": "guarded",
        "PUT /people/{person_id}": "guarded",
        "POST /hooks/mail": "guarded",
    }
    roles = {name: one(found, name).access.roles for name in ("DELETE /rota", "PUT /rota", "PUT /people/{person_id}")}
    assert roles == {"DELETE /rota": ("steward",), "PUT /rota": (), "PUT /people/{person_id}": ()}


def test_the_routes_of_an_app_that_a_factory_of_the_same_file_makes(tmp_path: Path) -> None:
    files = {
        "routes/__init__.py": "from routes import pages\npages_router = pages.router\n",
        "routes/pages.py": """
from fastapi import APIRouter
router = APIRouter(prefix="/pages")

@router.get("/start")
def start(): ...
""",
        "main.py": """
from fastapi import FastAPI
from routes import pages_router

def create_app() -> FastAPI:
    app = FastAPI()
    app.include_router(pages_router)

    @app.get("/health")
    def health(): ...

    return app

app = create_app()
""",
    }
    found = app(tmp_path, files)
    assert who(found) == {"GET /pages/start": "open", "GET /health": "open"}


def test_handlers_of_one_name_are_all_served(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import FastAPI
        app = FastAPI()

        @app.get("/notes")
        def show(): ...

        @app.post("/notes")
        def show(): ...
        """,
    )
    assert set(who(found)) == {"GET /notes", "POST /notes"}


def test_a_dependency_that_catches_what_another_refuses_lets_strangers_in(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=GUARD,
        main_py="""
        from fastapi import Depends, FastAPI, HTTPException, Request
        from fastapi.responses import RedirectResponse
        from guards import signed_in

        app = FastAPI()

        async def perhaps(request: Request):
            try:
                return signed_in(request)
            except HTTPException:
                return None

        async def surely(request: Request):
            try:
                return signed_in(request)
            except HTTPException as error:
                raise error

        @app.get("/start")
        def start(user=Depends(perhaps)): ...

        @app.get("/board")
        def board(user=Depends(perhaps)):
            if not user:
                return RedirectResponse(url="/login")

        @app.get("/mine")
        def mine(user=Depends(surely)): ...
        """,
    )
    assert who(found) == {"GET /start": "open", "GET /board": "guarded", "GET /mine": "guarded"}


def test_an_error_of_the_apps_own_refuses_by_its_status(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        errors_py="""
        from fastapi import HTTPException, status

        class AppError(HTTPException):
            status_code = 500

            def __init__(self):
                super().__init__(status_code=self.status_code)

        class NoToken(AppError):
            status_code = status.HTTP_401_UNAUTHORIZED

        class NoNote(AppError):
            status_code = status.HTTP_404_NOT_FOUND
        """,
        main_py="""
        from fastapi import Depends, FastAPI, Request
        from errors import NoNote, NoToken

        app = FastAPI()

        def caller(request: Request):
            token = request.cookies.get("token")
            if not token:
                raise NoToken
            return token

        @app.get("/notes")
        def notes(user=Depends(caller)): ...

        @app.get("/notes/{note_id}")
        def note(note_id: int):
            one = find(note_id)
            if not one:
                raise NoNote
            return one

        @app.get("/people/{person_id}")
        def person(person_id: int):
            user = find(person_id)
            if not user:
                raise NoToken
            return user
        """,
    )
    assert who(found) == {"GET /notes": "guarded", "GET /notes/{note_id}": "open", "GET /people/{person_id}": "open"}


def test_what_a_setting_decides_is_no_guard(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import FastAPI, HTTPException, Request
        from settings import get_settings

        app = FastAPI()

        @app.post("/setup")
        def setup(body: dict):
            settings = get_settings()
            if not settings.needs_admin:
                raise HTTPException(status_code=403)

        @app.post("/reset")
        def reset(request: Request):
            settings = get_settings()
            if request.headers.get("x-key") != settings.key:
                raise HTTPException(status_code=403)
        """,
    )
    assert who(found) == {"POST /setup": "unknown", "POST /reset": "guarded"}


def test_a_rank_that_is_asked_for_in_some_state_only_is_no_role(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import Depends, FastAPI, HTTPException, Request

        app = FastAPI()

        def caller(request: Request):
            user = request.session.get("user")
            if user is None:
                raise HTTPException(status_code=401)
            if not user.is_admin:
                pause = settings_of(user)
                if pause["on"]:
                    raise HTTPException(status_code=503)
            return user

        @app.get("/notes")
        def notes(user=Depends(caller)):
            if not user.is_admin:
                return mine(user)
            return everything()

        @app.delete("/notes/{note_id}")
        def remove(note_id: int, user=Depends(caller)):
            if not user.is_admin:
                raise HTTPException(status_code=403)

        @app.put("/notes/{note_id}")
        def change(note_id: int, user=Depends(caller)):
            if user.role == "admin" or load(note_id).owner_id == user.id:
                return save(note_id)
            raise HTTPException(status_code=403)
        """,
    )
    assert one(found, "GET /notes").access.roles == ()
    assert one(found, "DELETE /notes/{note_id}").access.roles == ("admin",)
    assert one(found, "PUT /notes/{note_id}").access.roles == ()


FACTORIES = """
from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBearer

scheme = HTTPBearer()

def require_role(roles):
    def checker(token=Depends(scheme)):
        if roles_of(token) not in roles:
            raise HTTPException(403)
        return token
    return checker

def signed_in():
    '''Any role.'''
    return require_role(["admin", "member"])

class Allowed:
    def __init__(self, roles=()):
        self.roles = roles

    def __call__(self, token=Depends(scheme)):
        if roles_of(token) not in self.roles:
            raise HTTPException(403)

def strict(request: Request):
    if not request.session.get("user"):
        raise HTTPException(401)
    return handed(request)
"""


def test_a_factory_that_nobody_calls_keeps_nobody_out(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=FACTORIES,
        main_py="""
        from fastapi import Depends, FastAPI
        from guards import Allowed, require_role, signed_in, strict

        app = FastAPI()

        @app.post("/a")
        def a(user=Depends(signed_in)): ...

        @app.post("/b")
        def b(user=Depends(signed_in())): ...

        @app.post("/c", dependencies=[Depends(require_role)])
        def c(): ...

        @app.post("/d", dependencies=[Depends(require_role(["admin"]))])
        def d(): ...

        @app.post("/e")
        def e(user=Depends(Allowed)): ...

        @app.post("/f")
        def f(user=Depends(Allowed(["admin"]))): ...

        @app.post("/g")
        def g(user=Depends(strict)): ...
        """,
    )
    assert who(found) == {
        "POST /a": "open",
        "POST /b": "guarded",
        "POST /c": "open",
        "POST /d": "guarded",
        "POST /e": "open",
        "POST /f": "guarded",
        "POST /g": "guarded",
    }


def test_of_two_guards_the_roles_are_those_that_both_let_pass(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        guards_py=FACTORIES,
        main_py="""
        from fastapi import APIRouter, Depends, FastAPI
        from guards import require_role, signed_in

        router = APIRouter(dependencies=[Depends(require_role(["admin", "member", "guest"]))])

        @router.delete("/a", dependencies=[Depends(require_role(["admin"]))])
        def a(): ...

        @router.get("/b", dependencies=[Depends(require_role(["clerk"]))])
        def b(): ...

        app = FastAPI()
        app.include_router(router)
        """,
    )
    assert one(found, "DELETE /a").access.roles == ("admin",)
    assert set(one(found, "GET /b").access.roles) == {"admin", "member", "guest", "clerk"}


def test_an_absolute_import_in_a_package_is_no_file_beside_it(tmp_path: Path) -> None:
    """docs.python.org/3/reference/import.html: absolute names are found from the folder the app is started in."""
    guard = """
        from fastapi import Depends, HTTPException
        from fastapi.security import HTTPBearer
        bearer = HTTPBearer(auto_error=False)

        def signed_in(held=Depends(bearer)):
            if held is None:
                raise HTTPException(401)
            return held
        """
    routes = """
        from fastapi import APIRouter, Depends
        from auth import signed_in
        router = APIRouter()

        @router.get("/PATH")
        def notes(user=Depends(signed_in)):
            return db.all()
        """
    main = """
        from fastapi import FastAPI
        from routers import auth, notes
        app = FastAPI()
        app.include_router(auth.router)
        app.include_router(notes.router)
        """
    found = who(
        surface(
            tmp_path,
            auth_py=guard,
            main_py=main,
            routers____init___py="",
            routers__auth_py=routes.replace("PATH", "me"),
            routers__notes_py=routes.replace("PATH", "notes"),
        )
    )
    assert found == {"GET /me": "guarded", "GET /notes": "guarded"}


def test_what_fastapi_users_brings(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import Depends, FastAPI
        from fastapi_users import FastAPIUsers
        app = FastAPI()
        users = FastAPIUsers(manager, [backend])
        boss = users.current_user(active=True, superuser=True)
        anybody = users.current_user()
        app.include_router(users.get_auth_router(backend), prefix="/auth")
        app.include_router(users.get_register_router(Read, Create), prefix="/auth")
        app.include_router(users.get_users_router(Read, Update), prefix="/users")

        @app.delete("/teams", dependencies=[Depends(boss)])
        def drop(): ...

        @app.get("/teams", dependencies=[Depends(anybody)])
        def listed(): ...
        """,
    )
    assert {name: (one(found, name).access.verdict.value, one(found, name).access.roles) for name in who(found)} == {
        "POST /auth/login": ("open", ()),
        "POST /auth/logout": ("guarded", ()),
        "POST /auth/register": ("open", ()),
        "GET /users/me": ("guarded", ()),
        "PATCH /users/me": ("guarded", ()),
        "GET /users/{id}": ("guarded", ("admin",)),
        "PATCH /users/{id}": ("guarded", ("admin",)),
        "DELETE /users/{id}": ("guarded", ("admin",)),
        "DELETE /teams": ("guarded", ("admin",)),
        "GET /teams": ("guarded", ()),
    }


def test_what_a_function_is_handed_is_what_its_routes_and_middleware_hang_on(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        parts_py="""
        from fastapi import FastAPI, Request
        from fastapi.responses import JSONResponse

        def keep(target: FastAPI):
            @target.middleware("http")
            async def check(request: Request, call_next):
                if not request.headers.get("authorization"):
                    return JSONResponse({}, status_code=401)
                return await call_next(request)

        def add_notes(app: FastAPI):
            @app.post("/notes")
            def note(): ...

        def add_news(app: FastAPI):
            @app.get("/news")
            def news(): ...
        """,
        main_py="""
        from fastapi import FastAPI
        from parts import add_news, add_notes, keep
        inside = FastAPI()
        keep(inside)
        add_notes(inside)
        add_news(inside)
        outside = FastAPI()

        @outside.get("/hello")
        def hello(): ...
        """,
    )
    assert who(found) == {"POST /notes": "guarded", "GET /news": "guarded", "GET /hello": "open"}


def test_who_hands_on_an_app_is_looked_for_once_however_many_hand_it_to_each_other(tmp_path: Path) -> None:
    # Each of 25 hands it to all: four steps back there are 150 billion ways it may have come.
    every = "".join(f"    step{n}(app)\n" for n in range(25))
    steps = "".join(f"def step{n}(app):\n{every}\n" for n in range(25))
    parts = f"from fastapi import FastAPI\n{steps}\ndef add(app):\n    @app.get('/notes')\n    def notes(): ...\n"
    main = "from fastapi import FastAPI\nfrom parts import add, step0\nserved = FastAPI()\nadd(served)\nstep0(served)\n"
    assert who(surface(tmp_path, parts_py=parts, main_py=main)) == {"GET /notes": "open"}


def test_what_a_checker_that_a_factory_hands_back_depends_on_is_asked(tmp_path: Path) -> None:
    """``Depends(role("admin"))`` resolves the parameters of the function that comes back, not only what it raises by itself."""
    found = surface(
        tmp_path,
        guards_py=GUARD,
        main_py="""
        from typing import Annotated
        from fastapi import Depends, FastAPI
        from guards import get_db, signed_in
        from errors import NotYours

        def role(name):
            def checker(user=Depends(signed_in)):
                if name not in user.roles:
                    raise NotYours()
                return user
            return checker

        def written(name):
            async def checker(user: Annotated[object, Depends(signed_in)]):
                return user
            return checker

        def looks(name):
            def checker(db=Depends(get_db)):
                return db
            return checker

        def keeps(name):
            def other(user=Depends(signed_in)):
                return user
            def checker():
                return name
            return checker

        manager = role("manager")
        app = FastAPI()

        @app.get("/at-once")
        def at_once(user=Depends(role("admin"))): ...

        @app.get("/by-name")
        def by_name(user=Depends(manager)): ...

        @app.get("/written")
        def in_annotation(user=Depends(written("admin"))): ...

        @app.get("/looks")
        def only_looks(db=Depends(looks("x"))): ...

        @app.get("/another")
        def another(name=Depends(keeps("x"))): ...
        """,
    )
    assert who(found) == {
        "GET /at-once": "guarded",
        "GET /by-name": "guarded",
        "GET /written": "guarded",
        "GET /looks": "open",
        "GET /another": "open",
    }


def test_an_address_that_is_added_up_of_names(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        names_py='API = "/api"\nV1 = "/v1"\nTAGS = "/tags"\n',
        main_py="""
        from fastapi import APIRouter, FastAPI
        from names import API, TAGS, V1
        app = FastAPI()
        router = APIRouter(prefix=API + V1 + TAGS)

        @router.get(TAGS + "/{tag}")
        def tag(tag: str): ...

        app.include_router(router)
        """,
    )
    assert [one.name for one in found.endpoints] == ["GET /api/v1/tags/tags/{tag}"]


def test_the_rank_of_somebody_whom_the_request_names_keeps_nobody_out(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from fastapi import Depends, FastAPI, HTTPException
        app = FastAPI()

        def signed_in(authorization: str = Header(None)):
            if not authorization:
                raise HTTPException(401)
            return find(authorization)

        @app.post("/trips/{trip_id}/accept/{chief_id}")
        def accept(trip_id: int, chief_id: int, db: Session = Depends(get_db)):
            trip = db.query(Trip).filter(Trip.id == trip_id).first()
            chief = db.query(Person).filter(Person.id == chief_id).first()
            traveller = db.query(Person).filter(Person.id == trip.person_id).first()
            if chief.role == "chief":
                if traveller.chief_id != chief.id:
                    raise HTTPException(status_code=403, detail="not of your team")
            if trip.state != "new":
                raise HTTPException(status_code=400)
            if chief.role == "chief" and traveller.role == "worker":
                trip.state = "accepted"
            elif chief.role == "board":
                trip.state = "accepted"
            else:
                raise HTTPException(status_code=403, detail="not for you")
            db.commit()

        @app.delete("/trips/{trip_id}")
        def remove(trip_id: int, person_id: int, db: Session = Depends(get_db)):
            person = load(db, person_id)
            if person.role != "chief":
                raise HTTPException(status_code=403)
            db.delete(trip_id)

        @app.put("/trips/{trip_id}")
        def change(trip_id: int, db: Session = Depends(get_db), me=Depends(signed_in_maybe)):
            trip = db.query(Trip).filter(Trip.id == trip_id).first()
            if trip.person_id != me.id:
                raise HTTPException(status_code=403)
            db.commit()

        @app.put("/trips/{trip_id}/plan")
        def plan(trip_id: int, db: Session = Depends(get_db)):
            person = db.get(Person, current_person_id())
            if person.role != "chief":
                raise HTTPException(status_code=403)
            db.commit()

        @app.put("/trips/by/{trip_token}")
        def by_token(trip_token: str, db: Session = Depends(get_db)):
            guest = db.query(Guest).filter(Guest.token == trip_token).first()
            if guest.role != "host":
                raise HTTPException(status_code=403)
            db.commit()
        """,
    )
    assert who(found) == {
        "POST /trips/{trip_id}/accept/{chief_id}": "open",
        "DELETE /trips/{trip_id}": "open",
        "PUT /trips/{trip_id}": "unknown",
        "PUT /trips/{trip_id}/plan": "guarded",
        "PUT /trips/by/{trip_token}": "unknown",
    }
