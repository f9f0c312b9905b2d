"""Django Ninja: an API and its routers, ``auth`` on each level, and parameters."""

from pathlib import Path

from tests.sources.reading import one, surface, who

SETTINGS = 'ROOT_URLCONF = "web.urls"\nINSTALLED_APPS = ["django.contrib.auth", "ninja"]\n'
URLS = """
from django.urls import path
from web.api import api
urlpatterns = [path("api/", api.urls)]
"""


def test_routers_and_the_auth_they_inherit(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        web__settings_py=SETTINGS,
        web__urls_py=URLS,
        web__api_py="""
        from ninja import NinjaAPI
        from ninja.security import HttpBearer, django_auth, django_auth_superuser
        from events.api import router as events

        class Token(HttpBearer):
            def authenticate(self, request, token):
                if token == settings.SECRET:
                    return token

        def nobody_asked(request):
            return "anybody"

        api = NinjaAPI(auth=Token())

        @api.get("/add")
        def add(request, a: int, b: int = 1): ...

        @api.get("/up", auth=None)
        def up(request): ...

        @api.get("/any", auth=[django_auth, nobody_asked])
        def either(request): ...

        @api.api_operation(["POST", "PATCH"], "/mixed", auth=django_auth_superuser)
        def mixed(request): ...

        api.add_router("/events/", events)
        api.add_router("/news/", "news.api.router", auth=django_auth)
        """,
        events__api_py="""
        from ninja import Router, Schema
        router = Router(auth=None)

        class EventIn(Schema):
            title: str
            seats: int = 10

        @router.get("/")
        def listed(request): ...

        @router.put("/{int:event_id}")
        def change(request, event_id: int, event: EventIn): ...
        """,
        news__api_py="""
        from ninja import Router
        router = Router()

        @router.get("/latest")
        def latest(request, page: int = 1): ...
        """,
    )
    assert who(found) == {
        "GET /api/add": "guarded",
        "GET /api/up": "open",
        "GET /api/any": "open",
        "POST /api/mixed": "guarded",
        "PATCH /api/mixed": "guarded",
        "GET /api/events/": "open",
        "PUT /api/events/{event_id}": "open",
        "GET /api/news/latest": "guarded",
    }
    assert one(found, "POST /api/mixed").access.roles == ("admin",)
    assert [(i.name, i.where, i.required) for i in one(found, "PUT /api/events/{event_id}").inputs] == [
        ("event_id", "path", True),
        ("title", "body", True),
        ("seats", "body", False),
    ]
    assert [(i.name, i.required) for i in one(found, "GET /api/add").inputs] == [("a", True), ("b", False)]
    assert {framework.name for framework in found.frameworks} == {"Django Ninja"}


def test_an_api_that_nothing_mounts_is_never_called_open(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        api_py="""
        from ninja import NinjaAPI
        api = NinjaAPI()

        @api.get("/add")
        def add(request, a: int): ...
        """,
    )
    assert who(found) == {"GET /add": "unknown"}


def test_operations_in_files_that_only_import_the_api(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        web__settings_py=SETTINGS,
        web__urls_py=URLS + "import web.extra\n",
        web__api_py="from ninja import NinjaAPI\napi = NinjaAPI()\n",
        web__extra_py="""
        from web.api import api

        @api.get("/late")
        def late(request): ...
        """,
    )
    assert who(found) == {"GET /api/late": "open"}


def test_a_router_that_is_given_by_keyword(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        web__settings_py=SETTINGS,
        web__urls_py=URLS,
        web__api_py="""
        from ninja import NinjaAPI
        from notes.api import router as notes
        api = NinjaAPI()
        api.add_router(prefix="/v1/notes", router=notes)
        """,
        notes__api_py="""
        from ninja import Router
        router = Router()

        @router.get("")
        def all_notes(request): ...
        """,
    )
    assert who(found) == {"GET /api/v1/notes/": "open"}


def test_a_permission_that_a_helper_is_handed_is_asked_for(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        web__settings_py=SETTINGS,
        web__urls_py=URLS,
        web__api_py="""
        from ninja import NinjaAPI
        from ninja.errors import HttpError
        from web.permissions import require_permission, require_somebody
        api = NinjaAPI()

        @api.delete("/roles/{role_id}")
        def remove(request, role_id: int):
            who = require_permission(request, "roles", "delete")
            role = Role.objects.get(id=role_id)
            if role.is_system:
                raise HttpError(400, "it stays")
            role.delete()

        @api.get("/me")
        def me(request):
            who = require_somebody(request)
            return {"id": who.id}
        """,
        web__permissions_py="""
        from ninja.errors import HttpError

        def require_somebody(request):
            user = of_token(request.META.get("HTTP_AUTHORIZATION", ""))
            if not user:
                raise HttpError(401, "who?")
            return user

        def require_permission(request, thing, action):
            user = require_somebody(request)
            if not Permission.objects.filter(user=user, thing=thing, action=action).exists():
                raise HttpError(403, f"you may not {action} {thing}")
            return user
        """,
    )
    assert one(found, "DELETE /api/roles/{role_id}").access.roles == ("roles", "delete")
    assert one(found, "GET /api/me").access.roles == ()
    assert set(who(found).values()) == {"guarded"}
