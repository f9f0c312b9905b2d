"""What Flask and Django run for a hostile request is what the guard judged: nothing unlisted, and nothing by another route's row."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import pytest
from flask import Blueprint, Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st
from launchready_guard.frameworks.flask import protect
from launchready_guard.policy import parse_policy

from tests.guard import flask_app
from tests.guard.django_app import GUARD
from tests.guard.hostile import METHODS, Hostile, requests

# isort: split
from django.core.handlers.wsgi import WSGIHandler

RAN: list[str] = []
JUDGED: list[str] = []
HIDDEN = frozenset(
    (
        "GET /secret",
        "POST /items/{id}",
        "GET /v1/secret",
        "GET //admin/users",
        "ANY /w/{workspace}/secret/",
        "ANY /hidden/{number}/",
    )
)


def environ_of(asked: Hostile, host: str = "example.com") -> dict[str, Any]:
    """What a server makes of a request."""
    return {
        "REQUEST_METHOD": asked.method.encode("utf-8").decode("latin-1"),
        "SCRIPT_NAME": asked.root.rstrip("/"),
        "PATH_INFO": asked.wsgi,
        "QUERY_STRING": "",
        "SERVER_NAME": "example.com",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def ran(app: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> list[str]:
    """The handlers that ran."""
    RAN.clear()
    answered = app(environ, lambda status, headers, exc_info=None: lambda data: None)
    for _ in answered:
        pass
    getattr(answered, "close", lambda: None)()
    return list(RAN)


def _flask() -> Flask:
    app = Flask("tests.guard.flask_app", static_folder=None, subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.com"

    def add(owner: Any, name: str, rule: str, **given: Any) -> None:
        def answer(**params: Any) -> str:
            RAN.append(name)
            return ""

        owner.add_url_rule(rule, name.replace(".", "_"), answer, **({"methods": [name.partition(" ")[0]]} | given))

    v1 = Blueprint("v1", __name__, url_prefix="/v1")
    for name, rule in (("GET /v1/users", "/users"), ("GET /v1/secret", "/secret"), ("GET /v1/{rest}", "/<path:rest>")):
        add(v1, name, rule)
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    outer.register_blueprint(v1)
    app.register_blueprint(v1)
    for name, rule in (
        ("GET /", "/"),
        ("GET /secret", "/secret"),
        ("GET /open", "/open"),
        ("POST /open", "/open"),
        ("GET /slashed/", "/slashed/"),
        ("GET /items/{id}", "/items/<int:id>"),
        ("POST /items/{id}", "/items/<id>"),
        ("GET /items/{id}/{price}", "/items/<int:id>/<float:price>"),
        ("GET /u/{id}", "/u/<uuid:id>"),
        ("GET /a/b", "/a/b"),
        ("GET /a/{x}", "/a/<string(length=2):x>"),
        ("PUT /a/{x}.{y}", "/a/<x>.<y>"),
        ("GET /kind/{k}", "/kind/<any(cat, dog):k>"),
        ("DELETE /{x}/b", "/<x>/b"),
        ("GET /files/{path}", "/files/<path:path>"),
    ):
        add(app, name, rule)
    add(app, "GET /loose/", "/loose/", strict_slashes=False)
    add(app, "GET /raw/{path}", "/raw/<path:path>", merge_slashes=False)
    add(app, "GET /pages/{page}", "/pages/<int:page>")
    app.url_map.add(app.url_rule_class("/pages", endpoint="GET /pages/{page}", defaults={"page": 1}, methods=["GET"]))
    app.url_map.add(app.url_rule_class("/moved/<x>", redirect_to="/secret", endpoint="moved"))
    app.view_functions["moved"] = lambda **params: ""
    add(app, "GET //admin/users", "/users", subdomain="admin")
    add(app, "GET //{team}.teams/{x}", "/<x>", subdomain="<team>.teams")
    return app


FLASK_ROWS = (
    "GET /", "GET /open", "POST /open", "GET /slashed/", "GET /items/{id}", "GET /items/{id}/{price}", "GET /u/{id}", "GET /a/b", "GET /a/{x}",
    "PUT /a/{x}.{y}", "GET /kind/{k}", "DELETE /{x}/b", "GET /files/{path}", "GET /loose/", "GET /raw/{path}", "GET /pages/{page}", "GET /pages",
    "GET /v1/users", "GET /v1/{rest}", "GET //{team}.teams/{x}",
)  # fmt: skip
FLASK_KNOWN = (
    "/", "/secret", "/open", "/slashed/", "/slashed", "/items/7", "/items/x", "/items/7/7.5", "/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/a/b",
    "/a/xx", "/a/x.y", "/kind/cat", "/z/b", "/files/x/y", "/loose", "/loose/", "/raw/x", "/raw//x", "/pages/1", "/pages/2", "/pages", "/v1/users", "/v1/secret",
    "/v1/x/y", "/users", "/moved/x",
)  # fmt: skip
HOSTS = (
    "example.com",
    "example.com",
    "admin.example.com",
    "ADMIN.example.com",
    "a.teams.example.com",
    "evil.example",
    "",
    "example.com:80",
)


def _policy(rows: Iterable[str]) -> Any:
    return parse_policy(
        '[guard]\nunlisted = "deny"\n' + "".join(f'[[endpoint]]\nroute = "{row}"\nallow = ["guest"]\n' for row in rows)
    )


BARE, GUARDED = _flask(), _flask()
protect(GUARDED, _policy(FLASK_ROWS))


@pytest.mark.filterwarnings("ignore:Current server name:UserWarning")
@settings(max_examples=1000)
@given(asked=requests(FLASK_KNOWN), host=st.sampled_from(HOSTS))
@example(asked=Hostile("GET", "/users", ""), host="admin.example.com")
@example(asked=Hostile("GET", "/x", ""), host="a.teams.example.com")
def test_the_handler_that_flask_runs_is_the_one_that_was_judged(asked: Hostile, host: str) -> None:
    expected = ran(BARE, environ_of(asked, host))
    environ = environ_of(asked, host)
    found = ran(GUARDED, environ)
    assert HIDDEN.isdisjoint(found)
    if found:
        judged = environ["launchready"].route
        assert found == expected and found[0] == ("GET /pages/{page}" if judged == "GET /pages" else judged)
    elif asked.method in METHODS:
        assert HIDDEN.issuperset(expected)


def test_all_of_flasks_routes_are_in_the_comparison() -> None:
    reached = {
        name for path in FLASK_KNOWN for method in METHODS for name in ran(BARE, environ_of(Hostile(method, path, "")))
    }
    assert reached >= set(FLASK_ROWS) - {"GET //{team}.teams/{x}", "GET /pages"}


DJANGO_ROWS = (
    "GET /", "POST /tasks", "GET /items/{id}/", "POST /items/{id}/", "GET /report/{year}/{month}/", "GET /files/{name}", "ANY /any",
    "GET /w/{workspace}/tasks/", "GET /about/", "GET /{language}/about/", "DELETE /u/{id}", "GET /old/{number}/",
)  # fmt: skip
DJANGO_KNOWN = (
    "/", "/tasks", "/items/7/", "/items/7", "/report/2026/", "/report/2026/05/", "/files/x/y", "/any", "/w/north/tasks/", "/w/north/secret/", "/secret",
    "/about/", "/de/about/", "/en/about/", "/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/old/7/", "/hidden/7/", "/hidden/7",
)  # fmt: skip


class Urls:
    """A URLconf whose views say which row they are of."""

    def __init__(self) -> None:
        from django.conf.urls.i18n import i18n_patterns
        from django.http import HttpResponse
        from django.urls import include, path, re_path
        from django.views import View

        def view(name: str) -> Any:
            def answer(request: Any, *args: Any, **params: Any) -> Any:
                RAN.append(name)
                JUDGED.append(request.launchready.route if hasattr(request, "launchready") else "")
                return HttpResponse("")

            return answer

        either = view("/items/{id}/")
        items: Any = type(
            "Items", (View,), {name: lambda self, request, **params: either(request) for name in ("get", "post")}
        )
        inside = [path("tasks/", view("/w/{workspace}/tasks/")), path("secret/", view("/w/{workspace}/secret/"))]
        self.urlpatterns = [
            path("", view("/")),
            path("secret", view("/secret")),
            path("tasks", view("/tasks")),
            path("items/<int:id>/", items.as_view()),
            re_path(r"^report/(?P<year>\d{4})(?:/(?P<month>\d{2}))?/$", view("/report/{year}/{month}/")),
            path("files/<path:name>", view("/files/{name}")),
            path("any", view("/any")),
            path("w/<slug:workspace>/", include(inside)),
            path("u/<uuid:id>", view("/u/{id}")),
            re_path(r"^old/(?P<number>[0-9]+)/$", view("/old/{number}/")),
            re_path(r"^hidden/(?P<number>[0-9]+)/$", view("/hidden/{number}/")),
            *i18n_patterns(path("about/", view("/about/")), prefix_default_language=False),
        ]


@pytest.fixture(scope="module")
def django_apps() -> Any:
    from django.test.utils import override_settings
    from django.urls import clear_url_caches

    order = ["django.middleware.locale.LocaleMiddleware", "django.middleware.common.CommonMiddleware"]
    options = {"policy": _policy(DJANGO_ROWS), "identify": lambda call: None}
    with override_settings(ROOT_URLCONF=Urls(), LAUNCHREADY_GUARD=options, MIDDLEWARE=order):
        clear_url_caches()
        bare = WSGIHandler()
        with override_settings(MIDDLEWARE=[*order, GUARD]):
            guarded = WSGIHandler()
        with override_settings(MIDDLEWARE=[GUARD, *order]):
            first = WSGIHandler()
        yield bare, guarded, first
    clear_url_caches()


@settings(max_examples=700)
@given(asked=requests(DJANGO_KNOWN), first=st.booleans())
def test_the_view_that_django_runs_is_the_one_that_was_judged(django_apps: Any, asked: Hostile, first: bool) -> None:
    bare, guarded = django_apps[0], django_apps[2 if first else 1]
    expected = ran(bare, environ_of(asked))
    found = ran(guarded, environ_of(asked))
    hidden = {name.partition(" ")[2] for name in HIDDEN}
    assert hidden.isdisjoint(found)
    if found:
        path = JUDGED[-1].partition(" ")[2]
        assert found == expected and path in (found[0], f"/{{language}}{found[0]}")
    elif asked.method in METHODS and expected and not (first and expected == ["/about/"]):
        # Nothing is lost but what no row allows, and languages where the guard stands before what knows them.
        method = "GET" if asked.method == "HEAD" else asked.method
        assert f"{method} {expected[0]}" not in DJANGO_ROWS and f"ANY {expected[0]}" not in DJANGO_ROWS


def test_all_of_djangos_routes_are_in_the_comparison(django_apps: Any) -> None:
    for app in django_apps[:2]:
        reached = {
            name
            for path in DJANGO_KNOWN
            for method in METHODS
            for name in ran(app, environ_of(Hostile(method, path, "")))
        }
        assert reached >= {row.partition(" ")[2] for row in DJANGO_ROWS} - {"/{language}/about/"}


_SAID = st.one_of(
    st.sampled_from(
        (
            "chunked",
            "websocket",
            "Upgrade",
            "application/json",
            "multipart/form-data; boundary=x",
            "POST",
            "http://x",
            "5",
            "t=1,v1=é",
        )
    ),
    st.text(alphabet=st.characters(max_codepoint=255), max_size=30),
)
_NAMES = ("AUTHORIZATION", "COOKIE", "ORIGIN", "REFERER", "TRANSFER_ENCODING", "X_WORKSPACE", "ACCESS_CONTROL_REQUEST_METHOD", "UPGRADE", "CONNECTION",
          "SEC_FETCH_SITE", "X_FORWARDED_FOR", "STRIPE_SIGNATURE", "HOST", "ACCEPT")  # fmt: skip
_VARIABLES = (*(f"HTTP_{name}" for name in _NAMES), "CONTENT_TYPE", "CONTENT_LENGTH", "QUERY_STRING", "REMOTE_ADDR")


@pytest.fixture(scope="module")
def flask_with_everything() -> Flask:
    app = flask_app.bare()
    flask_app.guarded(app)
    return app


@pytest.fixture(scope="module")
def django_with_everything() -> WSGIHandler:
    return WSGIHandler()


@settings(max_examples=500)
@given(
    variables=st.dictionaries(st.sampled_from(_VARIABLES), _SAID),
    method=st.sampled_from(METHODS),
    path=st.sampled_from(
        ("/", "/tasks", "/login", "/login/", "/w/north/tasks", "/w/north/tasks/", "/hooks/payments", "/upload")
    ),
    body=st.binary(max_size=60),
)
def test_no_header_ends_in_a_server_error(
    flask_with_everything: Flask,
    django_with_everything: WSGIHandler,
    variables: dict[str, str],
    method: str,
    path: str,
    body: bytes,
) -> None:
    for app in (flask_with_everything, django_with_everything):
        statuses: list[str] = []

        def start(status: str, headers: Any, exc_info: Any = None, statuses: list[str] = statuses) -> Any:
            statuses.append(status)

        environ = environ_of(Hostile(method, path, "")) | variables | {"wsgi.input": BytesIO(body)}
        answered = app(environ, start)
        assert answered is not None
        for _ in answered:
            pass
        assert statuses and not statuses[-1].startswith("5")
