"""The guard as a Django middleware, under WSGI and ASGI: routing by Django, everything else as around ASGI apps."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from launchready_guard.policy import PolicyError

from tests.guard.app import bearer
from tests.guard.django_app import DJANGO_POLICY, GUARD, middleware, with_options, with_policy

# isort: split
from django.contrib.auth.models import Group, User
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import override_settings

from tests.guard.records.urls import REACHED


@pytest.fixture(autouse=True)
def reached() -> list[tuple[str, str, str, str]]:
    REACHED.clear()
    return REACHED


class _Both:
    """A client that calls by WSGI or by ASGI; both must be told the same."""

    def __init__(self, kind: str) -> None:
        self._client: Any = Client() if kind == "wsgi" else AsyncClient()
        self.kind, self._waits = kind, kind == "asgi"

    def __call__(self, method: str, path: str, headers: Any = None, **given: Any) -> Any:
        answer = getattr(self._client, method)(path, headers=headers or {}, **given)
        return asyncio.run(answer) if self._waits else answer


@pytest.fixture(params=["wsgi", "asgi"])
def call(request: pytest.FixtureRequest) -> _Both:
    return _Both(request.param)


def test_a_route_without_a_row_keeps_the_project_from_serving() -> None:
    policy = DJANGO_POLICY.replace("GET /w/{workspace_id}/old/{number}/", "GET /elsewhere")
    with with_policy(policy), pytest.raises(PolicyError, match=r"ANY /w/\{workspace_id\}/old/\{number\}/ has no row"):
        WSGIHandler()
    with with_policy(policy), pytest.raises(PolicyError, match="old"):
        ASGIHandler()
    with (
        with_policy(policy),
        pytest.raises(SystemCheckError, match=r"ANY /w/\{workspace_id\}/old/\{number\}/ has no row"),
    ):
        call_command("check")
    other = DJANGO_POLICY.replace("GET /members/", "POST /members/")
    with with_policy(other), pytest.raises(PolicyError, match=r"GET /members/\{member_id\}/ has no row"):
        WSGIHandler()
    call_command("check")
    WSGIHandler()


def test_a_check_says_when_nothing_is_guarded() -> None:
    with override_settings(MIDDLEWARE=middleware()[:4]), pytest.raises(SystemCheckError, match="guards nothing"):
        call_command("check")


def test_settings_that_mean_nothing() -> None:
    with with_options(identfy=None, polcy="x"), pytest.raises(PolicyError, match="polcy"):
        WSGIHandler()

    async def identify(call: Any) -> None:
        return None

    with with_options(identify=identify):
        with pytest.raises(TypeError, match="identify is async"):
            WSGIHandler()
        ASGIHandler()
        call_command("check")


def test_routes_denied_instead(call: _Both) -> None:
    policy = DJANGO_POLICY.replace("GET /w/{workspace_id}/old/{number}/", "GET /elsewhere")
    with with_policy(policy + '\n[guard]\nunlisted = "deny"\n'):
        assert call("get", "/w/north/old/12/", bearer("ann", "member")).status_code == 404
        assert call("get", "/").status_code == 200
    assert [one[0] for one in REACHED] == ["home"]


def test_roles(call: _Both) -> None:
    nobody = call("get", "/report/2026/")
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    assert nobody.headers["content-type"] == "application/problem+json"
    assert call("get", "/report/2026/", bearer("ann", "member")).status_code == 403
    assert call("get", "/report/2026/05/", bearer("mia", "manager")).json()["who"] == "mia"
    assert call("head", "/report/2026/", bearer("mia", "manager")).status_code == 200
    assert call("head", "/report/2026/").content == b""
    assert [one[0] for one in REACHED] == ["report", "report"]


def test_another_workspace_is_not_there(call: _Both) -> None:
    ann = bearer("ann", "member", "north")
    assert call("get", "/w/south/tasks/", ann).status_code == 404
    assert call("get", "/w/south/old/7/", ann).status_code == 404
    assert call("post", "/tasks", ann, data={"workspace": "south"}, content_type="application/json").status_code == 404
    assert REACHED == []
    assert call("get", "/w/north/tasks/", ann).json() == {"view": "tasks", "who": "ann", "tenants": ["north"]}
    assert call("post", "/tasks", ann, data={"workspace": "north"}, content_type="application/json").status_code == 200
    assert REACHED[-1][3] == '{"workspace": "north"}'
    assert call("get", "/members/7/", bearer("7", "member")).status_code == 200
    assert call("get", "/members/8/", bearer("7", "member")).status_code == 404


def test_parts_made_while_they_are_sent_know_the_tenant() -> None:
    answer = Client().get("/stream", headers=bearer("ann", "member"))
    assert b"".join(answer) == b"northnorth"


@pytest.mark.parametrize("first", [False, True])
def test_slashes_and_methods_are_djangos_business(call: _Both, first: bool) -> None:
    ann = bearer("ann", "member")
    with override_settings(MIDDLEWARE=middleware(guard_first=first)):
        led = call("get", "/w/north/tasks", ann)
        assert led.status_code == 301 and led.headers["location"] == "/w/north/tasks/"
        assert call("post", "/members/7/", ann).status_code == 405
        wrong = call("put", "/tasks", ann)
        assert wrong.status_code == 405 and wrong.headers["allow"] == "POST"
        assert call("get", "/nowhere").status_code == 404
        assert call("get", "/nowhere", ann).headers["content-type"] == "application/problem+json"
    assert REACHED == []


def test_languages_in_front(call: _Both) -> None:
    assert call("get", "/about/").status_code == 200
    assert call("get", "/de/about/").status_code == 200
    assert call("get", "/fr/about/").status_code == 404
    with with_policy(DJANGO_POLICY.replace("GET /{language}/about/", "GET /x") + '[guard]\nunlisted = "deny"\n'):
        assert _Both(call.kind)("get", "/de/about/").status_code == 404
    assert [one[2] for one in REACHED] == ["/about/", "/de/about/"]


def test_the_admin_site_is_one_row(call: _Both) -> None:
    assert call("get", "/admin/auth/user/").status_code == 401
    assert call("get", "/admin/auth/user/", bearer("ann", "member")).status_code == 403
    # Past the guard the admin site asks for a session of its own.
    assert call("get", "/admin/auth/user/", bearer("sid", "staff")).status_code == 302
    assert call("get", "/admin/login/").status_code == 200


def test_other_websites(call: _Both) -> None:
    asked = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
    ours = call("options", "/tasks", asked)
    assert ours.status_code == 204 and ours.headers["access-control-allow-origin"] == "https://app.example.com"
    theirs = call("options", "/tasks", asked | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in theirs.headers
    answer = call("get", "/", {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers and answer.headers["x-frame-options"] == "DENY"


def test_sign_in_is_limited_by_account(call: _Both) -> None:
    with with_options():
        for _ in range(3):
            answer = call("post", "/login/", data={"username": "ann"})
            assert answer.status_code == 200 and answer.headers["ratelimit"].count('"login"') == 2
        refused = call("post", "/login/", data={"username": "ANN"}, content_type="application/json")
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0


def test_webhooks_are_taken_once(call: _Both) -> None:
    body, stamp = b'{"id": "evt_1"}', str(int(time.time()))
    signature = hmac.new(b"a secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    signed = {"Stripe-Signature": f"t={stamp},v1={signature}"}
    given: dict[str, Any] = {"data": body, "content_type": "application/json"}
    assert call("post", "/hooks/payments", **given).status_code == 401
    assert call("post", "/hooks/payments", signed | {"X-Fail": "1"}, **given).status_code == 500
    assert call("post", "/hooks/payments", signed, **given).status_code == 200
    assert call("post", "/hooks/payments", signed, **given).status_code == 409
    assert [one[3] for one in REACHED] == [body.decode()] * 2


def test_bodies_that_no_view_should_see(call: _Both) -> None:
    assert call("post", "/upload", data=b"x" * 3000, content_type="text/plain").status_code == 413
    ann = bearer("ann", "member")
    for body in (b'{"a": 1, "a": 2}', b"{", b'{"a": NaN}'):
        assert call("post", "/tasks", ann, data=body, content_type="application/json").status_code == 400
    assert REACHED == []
    assert call("post", "/upload", data=b"x" * 1000, content_type="text/plain").status_code == 200
    assert REACHED[0][3] == "x" * 1000


def test_half_a_body_is_no_body() -> None:
    client, ann = Client(), bearer("ann", "member")
    given: dict[str, Any] = {"wsgi.input": BytesIO(b'{"workspace": "north"}'), "CONTENT_LENGTH": "40"}
    for path, kind in (("/tasks", "application/json"), ("/upload", "application/x-www-form-urlencoded")):
        given["wsgi.input"] = BytesIO(b'{"workspace": "north"}')
        assert client.generic("POST", path, b"", kind, headers=ann, **given).status_code == 400
    assert client.generic("POST", "/upload", b"x", headers={"Transfer-Encoding": "chunked"}).status_code == 400
    assert REACHED == []
    # Django reads no body whose length nobody says.
    assert client.generic("POST", "/upload", headers={"Transfer-Encoding": "chunked"}).status_code == 200
    assert REACHED[0][3] == ""


def test_a_body_of_no_said_length_under_asgi() -> None:
    async def sent(size: int) -> int:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/upload",
            "query_string": b"",
            "headers": [(b"host", b"testserver"), (b"transfer-encoding", b"chunked")],
            "client": ("127.0.0.1", 1),
        }
        waiting = [{"type": "http.request", "body": b"x" * size, "more_body": False}]
        statuses = []

        async def receive() -> Any:
            return waiting.pop() if waiting else await asyncio.sleep(60)

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await ASGIHandler()(scope, receive, send)
        return int(statuses[0])

    assert asyncio.run(sent(100)) == 200
    assert asyncio.run(sent(5000)) == 413
    assert [len(one[3]) for one in REACHED] == [100]


class Elsewhere:
    """Middleware behind the guard that makes another request of it."""

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        if "X-Method" in request.headers:
            request.method = request.headers["X-Method"]
        if "X-Path" in request.headers:
            request.path_info = request.headers["X-Path"]
        return self._get_response(request)


def test_middleware_behind_the_guard_cannot_lead_a_request_elsewhere() -> None:
    with override_settings(MIDDLEWARE=[*middleware(), "tests.guard.test_django.Elsewhere"]):
        client = Client()
        assert client.get("/files/a").status_code == 200
        for headers in ({"X-Path": "/report/2026/"}, {"X-Path": "/files/b"}, {"X-Method": "DELETE"}):
            assert client.get("/files/a", headers=headers).status_code == 404, headers
    assert [one[2] for one in REACHED] == ["/files/a"]


def test_observing_lets_everything_pass(call: _Both) -> None:
    heard: list[dict[str, object]] = []
    with with_options(observe=True, hear=heard.append):
        assert call("get", "/report/2026/").status_code == 200
        assert call("get", "/nowhere").status_code == 404
    assert [(one["event"], one["route"]) for one in heard] == [
        ("observed", "GET /report/{year}/{month}/"),
        ("observed", "unlisted"),
    ]


@pytest.fixture
def people() -> Iterator[None]:
    keep = connection.cursor()  # a database in memory lives as long as somebody is connected
    call_command("migrate", verbosity=0, run_syncdb=True)
    ann = User.objects.create_user("ann", password="a long password")
    ann.groups.add(Group.objects.create(name="manager"))
    User.objects.create_user("ben", password="a long password")
    User.objects.create_superuser("root", password="a long password")
    yield
    User.objects.all().delete()
    Group.objects.all().delete()
    keep.close()


def _tenants(user: Any) -> list[str]:
    return ["north"] if user.username == "ann" else []


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_who_calls_is_who_signed_in_to_django(people: None, kind: str) -> None:
    with with_options(identify=None, tenants="tests.guard.test_django._tenants"):
        statuses = {}
        for name in ("", "ann", "ben", "root"):
            call = _Both(kind)
            if name:
                call._client.force_login(User.objects.get(username=name))
            paths = ("/report/2026/", "/w/north/tasks/", "/w/south/tasks/", "/admin/auth/user/")
            statuses[name] = [call("get", path).status_code for path in paths]
        foreign = call("post", "/tasks", {"Sec-Fetch-Site": "cross-site"}, data={}, content_type="application/json")
        assert foreign.status_code == 403
    assert statuses == {
        "": [401, 401, 401, 401],
        "ann": [200, 200, 404, 403],
        "ben": [403, 403, 403, 403],
        "root": [403, 403, 403, 200],
    }


def test_who_calls_cannot_be_known_before_django_says_so() -> None:
    wrong = [GUARD, *middleware()[:4]]
    with (
        with_options(identify=None),
        override_settings(MIDDLEWARE=wrong),
        pytest.raises(PolicyError, match="stands before"),
    ):
        WSGIHandler()
