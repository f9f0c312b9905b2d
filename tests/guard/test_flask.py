"""The guard around a Flask app: routing by Flask, everything else as around ASGI apps."""

import hashlib
import hmac
import io
import time
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from launchready_guard import Guard, Identity, PolicyError, WsgiGuard
from launchready_guard.frameworks.flask import protect
from launchready_guard.policy import parse_policy
from werkzeug import Client
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.guard import app as asgi_app
from tests.guard.app import bearer
from tests.guard.flask_app import FLASK_POLICY, bare, guarded


@pytest.fixture
def app() -> Flask:
    app = bare()
    guarded(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_route_without_a_row_keeps_the_app_from_starting() -> None:
    app = bare()
    app.add_url_rule("/debug", "debug", lambda: "all of it")
    with pytest.raises(PolicyError, match=r"GET /debug has no row in the policy"):
        guarded(app)


def test_a_route_that_comes_later_is_found_at_the_first_request_or_never_reached(app: Flask) -> None:
    app.add_url_rule("/debug", "debug", lambda: "all of it")
    with pytest.raises(PolicyError, match="GET /debug"):
        app.test_client().get("/")


def test_a_route_that_comes_after_the_first_request_is_not_there(app: Flask, client: FlaskClient) -> None:
    assert client.get("/").status_code == 200
    app.view_functions["late"] = lambda: "all of it"
    app.url_map.add(app.url_rule_class("/late", endpoint="late", methods=["GET"]))
    assert client.get("/late").status_code == 404


def test_roles(client: FlaskClient, app: Flask) -> None:
    nobody = client.post("/admin/jobs")
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    assert nobody.content_type == "application/problem+json"
    assert nobody.get_json(force=True)["detail"] == "Sign in first."
    assert client.post("/admin/jobs", headers=bearer("ann", "member")).status_code == 403
    assert app.config["REACHED"] == []
    limited = client.post("/admin/jobs", headers=bearer("root", "admin"))
    assert limited.status_code == 429 and int(limited.headers["retry-after"]) > 0
    answered = client.get("/w/north/tasks", headers=bearer("ann", "member"))
    assert answered.get_json() == {"path": "/w/north/tasks", "who": "ann"}


def test_another_workspace_is_not_there(client: FlaskClient, app: Flask) -> None:
    ann = bearer("ann", "member", "north")
    assert client.get("/w/south/tasks", headers=ann).status_code == 404
    assert client.post("/tasks", headers=ann, json={"workspace": "south"}).status_code == 404
    twice = [*ann.items(), ("X-Workspace", "north"), ("X-Workspace", "south")]
    assert client.get("/w/north/tasks", headers=twice).status_code == 404
    assert app.config["REACHED"] == []
    assert client.post("/tasks", headers=ann, json={"workspace": "north"}).status_code == 200
    assert app.config["REACHED"] == [("POST", "/tasks", '{"workspace": "north"}')]


def test_slashes_methods_and_static_files_are_flasks_business(client: FlaskClient, app: Flask) -> None:
    ann = bearer("ann", "member")
    led = client.get("/members/ann", headers=ann)
    assert led.status_code in (301, 308) and led.headers["location"].endswith("/members/ann/")
    assert client.get("/members/ann/", headers=ann).status_code == 200
    doubled = client.get("/", headers=ann, environ_overrides={"PATH_INFO": "/members//ben/"})
    assert doubled.status_code in (301, 308) and doubled.headers["location"].endswith("/members/ben/")
    assert client.get("/members/ben/", headers=ann).status_code == 404
    wrong = client.put("/tasks")
    assert wrong.status_code == 405 and "POST" in wrong.headers["allow"]
    assert client.get("/nowhere").status_code == 404
    assert client.get("/static/nothing.css").status_code == 404
    assert [method for method, _, _ in app.config["REACHED"]] == ["GET"]


def test_head_has_headers_alone(client: FlaskClient) -> None:
    assert client.head("/").status_code == 200
    refused = client.head("/w/north/tasks")
    assert refused.status_code == 401 and refused.data == b""


def test_other_websites(client: FlaskClient) -> None:
    def ask(origin: str) -> Any:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return client.options("/tasks", headers=asked)

    ours = ask("https://app.example.com")
    assert ours.status_code == 204 and ours.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in ask("https://evil.example").headers
    assert "access-control-allow-origin" not in client.get("/", headers={"Origin": "https://evil.example"}).headers


def test_the_apps_own_idea_of_cors_gives_way_to_the_policys() -> None:
    app = bare()

    @app.after_request
    def open_to_all(response: Any) -> Any:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    guarded(app)
    answer = app.test_client().get("/", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers.getlist("x-frame-options") == ["SAMEORIGIN"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_sign_in_is_limited_by_account(client: FlaskClient) -> None:
    for _ in range(3):
        assert client.post("/login", json={"email": "ann@example.com"}).status_code == 200
    assert client.post("/login", data={"email": "ANN@example.com"}).status_code == 429
    assert client.post("/login", data={"email": "ben@example.com"}).status_code == 200


def _signed(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    signature = hmac.new(b"a secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={signature}"}


def test_webhooks_are_taken_once(client: FlaskClient, app: Flask) -> None:
    body = b'{"id": "evt_1"}'
    signed = _signed(body)
    assert client.post("/hooks/payments", data=body).status_code == 401
    app.config["FAILS"] = True
    assert client.post("/hooks/payments", data=body, headers=signed).status_code == 500
    app.config["FAILS"] = False
    assert client.post("/hooks/payments", data=body, headers=signed).status_code == 200
    assert client.post("/hooks/payments", data=body, headers=signed).status_code == 409
    assert [one[2] for one in app.config["REACHED"]] == [body.decode()] * 2


def _chunked(app: Flask, size: int, **environ: Any) -> int:
    client = app.test_client()
    given = {"wsgi.input": io.BytesIO(b"x" * size), "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    return client.post("/upload", environ_overrides=given | environ).status_code


def test_bodies_of_no_said_length(app: Flask) -> None:
    assert _chunked(app, 100, **{"wsgi.input_terminated": True}) == 200
    assert app.config["REACHED"] == [("POST", "/upload", "x" * 100)]
    assert _chunked(app, 5000, **{"wsgi.input_terminated": True}) == 413
    # A server that does not decode chunks leaves nobody who could say where the body ends.
    assert _chunked(app, 100) == 411
    assert _chunked(app, 100, CONTENT_LENGTH="10", **{"wsgi.input_terminated": True}) == 400
    assert len(app.config["REACHED"]) == 1


@pytest.mark.parametrize("length", ["-1", "1_0", "+5", "5,5", "٣", "9" * 30, "1e1"])
def test_lengths_that_are_none(app: Flask, length: str) -> None:
    said = length.encode().decode("latin-1")
    assert app.test_client().post("/tasks", environ_overrides={"CONTENT_LENGTH": said}).status_code in (400, 401)
    assert app.test_client().post("/upload", environ_overrides={"CONTENT_LENGTH": said}).status_code == 400
    assert app.config["REACHED"] == []


def test_a_body_is_as_long_as_it_says_or_no_body(app: Flask) -> None:
    ann = bearer("ann", "member") | {"Content-Type": "application/json"}
    client = app.test_client()
    longer = {"CONTENT_LENGTH": "40", "wsgi.input": io.BytesIO(b'{"workspace": "north"}')}
    assert client.post("/tasks", headers=ann, environ_overrides=longer).status_code == 400
    assert client.post("/upload", environ_overrides=longer | {"wsgi.input": io.BytesIO(b"half")}).status_code == 400
    assert app.config["REACHED"] == []
    rest = io.BytesIO(b'{"workspace": "north"}GET /next')
    assert (
        client.post("/tasks", headers=ann, environ_overrides={"CONTENT_LENGTH": "22", "wsgi.input": rest}).status_code
        == 200
    )
    assert rest.read() == b"GET /next"


def test_too_large_is_told_before_anything_is_read(app: Flask) -> None:
    assert app.test_client().post("/upload", data=b"x" * 3000).status_code == 413
    assert app.config["REACHED"] == []


def test_what_needs_an_event_loop_is_told_at_once() -> None:
    async def identify(call: Any) -> None:
        return None

    with pytest.raises(TypeError, match="identify is async"):
        guarded(bare(), identify=identify)

    class Later:
        def __await__(self) -> Any:
            yield

    app = bare()
    guarded(app, identify=lambda call: Later())
    with pytest.raises(TypeError, match="waits on an event loop"):
        app.test_client().get("/")


def test_each_kind_of_app_has_its_own_guard() -> None:
    with pytest.raises(TypeError, match=r"frameworks\.flask import protect"):
        Guard(bare())
    with pytest.raises(TypeError, match=r"launchready_guard\.Guard"):
        WsgiGuard(asgi_app.bare())  # type: ignore[arg-type]


def test_any_wsgi_app_is_guarded_by_the_rows_of_the_policy() -> None:
    reached = []

    def app(environ: Any, start_response: Any) -> Any:
        reached.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"in "
        yield b"parts"

    client = Client(WsgiGuard(app, parse_policy(FLASK_POLICY), environment={"STRIPE_WEBHOOK_SECRET": "a secret"}))
    answer = client.get("/")
    assert answer.text == "in parts" and answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/secret").status_code == 404
    assert client.get("/w/north/tasks").status_code == 401
    assert client.post("/upload", data=b"x" * 3000).status_code == 413
    assert reached == ["/"]


def test_names_are_not_mixed_up() -> None:
    app = Flask("tests.guard.flask_app", static_folder=None, subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.com"
    app.add_url_rule("/users", "page", lambda: "page")
    app.add_url_rule("/users", "all", lambda: "all users", subdomain="admin")
    page = '[[endpoint]]\nroute = "GET /users"\nallow = ["guest"]\n'
    with pytest.raises(PolicyError, match="GET //admin/users has no row"):
        guarded(app, page)
    guarded(
        app, '[roles]\norder = ["admin"]\n' + page + '[[endpoint]]\nroute = "GET //admin/users"\nallow = ["admin"]\n'
    )
    client = app.test_client()
    assert client.get("/users", base_url="http://example.com").text == "page"
    assert client.get("/users", base_url="http://admin.example.com").status_code == 401


def test_apps_mounted_inside_are_told_of() -> None:
    app = bare()
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/metrics": lambda environ, start: []})  # type: ignore[method-assign]
    with pytest.raises(PolicyError, match="/metrics"):
        guarded(app)


def test_middleware_inside_the_guard_cannot_lead_a_request_elsewhere() -> None:
    app = Flask("tests.guard.flask_app", static_folder=None, host_matching=True, static_host=None)
    reached = []

    def answer() -> str:
        reached.append(request.host)
        return "reached"

    app.add_url_rule("/", "page", answer, host="www.example.com")
    app.add_url_rule("/", "admin", answer, host="admin.example.com")
    app.wsgi_app = ProxyFix(app.wsgi_app, x_host=1)  # type: ignore[method-assign]
    rows = '[[endpoint]]\nroute = "GET //{}/"\nallow = ["{}"]\n'
    guarded(
        app,
        '[roles]\norder = ["root"]\n'
        + rows.format("www.example.com", "guest")
        + rows.format("admin.example.com", "root"),
    )
    client = app.test_client()
    assert client.get("/", base_url="http://www.example.com").status_code == 200
    led = {"X-Forwarded-Host": "admin.example.com"}
    assert client.get("/", base_url="http://www.example.com", headers=led).status_code == 404
    assert reached == ["www.example.com"]


def test_observing_lets_everything_pass() -> None:
    app = bare()
    heard: list[dict[str, object]] = []
    guarded(app, observe=True, hear=heard.append)
    client = app.test_client()
    assert client.post("/admin/jobs", headers=bearer("ann", "member")).status_code == 200
    assert client.get("/nowhere").status_code == 404
    assert [(line["event"], line["route"]) for line in heard] == [
        ("observed", "POST /admin/jobs"),
        ("observed", "unlisted"),
    ]


def test_requests_another_website_made_a_browser_send() -> None:
    app = bare()
    ann = Identity("ann", frozenset(("member",)), frozenset(("north",)), cookie=True)
    guarded(app, identify=lambda call: ann)
    client = app.test_client()
    assert client.post("/tasks", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/tasks", json={}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_policy_stands_beside_the_app() -> None:
    with pytest.raises(PolicyError, match=r"tests/guard/policy\.toml.*launchready policy draft"):
        protect(bare())
    assert "GET /static/{filename}" in FLASK_POLICY
