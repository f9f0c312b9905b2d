"""The guard around a FastAPI app: who gets through, who does not, and what they are told."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from launchready_guard import Guard, Identity, PolicyError
from launchready_guard.call import Call
from launchready_guard.routes import of_policy
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.guard.app import POLICY, bare, bearer, guarded


@pytest.fixture
def app() -> FastAPI:
    return bare()


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(guarded(app)) as client:
        yield client


def test_a_route_without_a_row_keeps_the_app_from_starting(app: FastAPI) -> None:
    app.add_api_route("/debug", lambda: "all of it")
    with pytest.raises(Exception, match=r"GET /debug has no row in the policy") as refused, TestClient(guarded(app)):
        pass
    assert "launchready policy draft --force" in str(refused.value)


def test_pages_that_fastapi_adds_are_named_with_a_way_on_since_no_draft_has_them() -> None:
    rows = '[[endpoint]]\nroute = "GET /offers"\nallow = ["guest"]\n'
    described, plain = FastAPI(), FastAPI(openapi_url=None)
    for app in (described, plain):
        app.add_api_route("/offers", lambda: "offers")
    with pytest.raises(Exception, match=r"GET /docs has no row") as refused, TestClient(guarded(described, rows)):
        pass
    assert "take them off with FastAPI(openapi_url=None)" in str(refused.value)
    assert "draft --force" not in str(refused.value)
    with TestClient(guarded(plain, rows)) as client:
        assert client.get("/offers").status_code == 200


def test_a_row_still_to_be_reviewed_lets_nobody_through(app: FastAPI) -> None:
    policy = POLICY.replace('route = "GET /"\n', 'route = "GET /"\nreview = true\n')
    with pytest.raises(Exception, match=r"GET / is still marked review = true"), TestClient(guarded(app, policy)):
        pass
    denying = policy + '\n[guard]\nunlisted = "deny"\n'
    with TestClient(guarded(app, denying)) as client:
        assert client.get("/").status_code == 404
        assert client.post("/login", json={}).status_code == 200


def test_without_a_lifespan_the_first_request_finds_the_route_that_nobody_reviewed(app: FastAPI) -> None:
    app.add_api_route("/debug", lambda: "all of it")
    with pytest.raises(RuntimeError, match="GET /debug"):
        TestClient(guarded(app)).get("/")


def test_roles(client: TestClient, app: FastAPI) -> None:
    nobody = client.post("/admin/jobs")
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    assert nobody.headers["content-type"] == "application/problem+json"
    assert nobody.json() == {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "Sign in first."}
    assert client.post("/admin/jobs", headers=bearer("ann", "member")).status_code == 403
    assert app.state.reached == []
    assert client.post("/admin/jobs", headers=bearer("root", "admin")).status_code == 429  # the third in a minute
    assert client.get("/").json()["who"] is None


def test_who_calls_is_told_to_the_app(client: TestClient) -> None:
    assert client.get("/w/north/tasks", headers=bearer("ann", "member")).json()["who"] == "ann"


@pytest.mark.parametrize(
    "claims",
    [{"exp": 1}, {"exp": None}, {"exp": True}, {"nbf": time.time() + 3600}, {"sub": ""}, {"sub": ["ann", "ben"]}],
)
def test_tokens_that_prove_nothing(client: TestClient, claims: dict[str, Any]) -> None:
    refused = client.get("/w/north/tasks", headers=bearer("ann", "member", **claims))
    assert refused.status_code == 401 and "invalid_token" in refused.headers["www-authenticate"]
    assert client.get("/", headers=bearer("ann", "member", **claims)).status_code == 200


def test_tokens_nobody_signed(client: TestClient) -> None:
    good = bearer("ann", "member")["Authorization"]
    head, claims, signature = good.split(".")
    none = "Bearer eyJhbGciOiJub25lIn0." + claims + "."
    for said in (
        none,
        f"{head}.{claims}.",
        f"{head}.{claims}.{signature[:-2]}AA",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer é.é.é",
    ):
        headers = [(b"authorization", said.encode("latin-1"))]
        assert client.get("/w/north/tasks", headers=headers).status_code == 401, said
    assert client.get("/w/north/tasks", headers={"Authorization": good}).status_code == 200


def test_another_workspace_is_not_there(client: TestClient, app: FastAPI) -> None:
    ann = bearer("ann", "member", "north")
    assert client.get("/w/south/tasks", headers=ann).status_code == 404
    assert client.get("/w/north/tasks", headers=ann | {"X-Workspace": "south"}).status_code == 404
    assert client.post("/tasks", headers=ann, json={"workspace": "south"}).status_code == 404
    twice = [*ann.items(), ("X-Workspace", "north"), ("X-Workspace", "south")]
    assert client.get("/w/north/tasks", headers=twice).status_code == 400
    assert app.state.reached == []
    assert client.post("/tasks", headers=ann, json={"workspace": "north"}).status_code == 200
    assert app.state.reached == [("POST", "/tasks", '{"workspace":"north"}')]
    assert client.get("/w/north/tasks", headers=bearer("ann", "member", "")).status_code == 403
    assert client.get("/w/south/tasks", headers=bearer("sue", "support", "")).status_code == 200


def test_a_body_that_nobody_can_read_hides_no_workspace(client: TestClient, app: FastAPI) -> None:
    for kind in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "x"}):
        assert (
            client.post("/tasks", headers=bearer("ann", "member") | kind, content=b"workspace: south").status_code
            == 415
        )
    assert client.post("/login", content=b"ann@example.com").status_code == 415
    assert app.state.reached == []
    assert client.post("/tasks", headers=bearer("ann", "member")).status_code == 200


def test_a_workspace_that_only_the_app_can_look_up(app: FastAPI) -> None:
    async def tenant(call: Call) -> str | None:
        return "south" if call.said == {"task": 7} else None

    with TestClient(guarded(app, tenant=tenant)) as client:
        assert client.post("/tasks", headers=bearer("ann", "member"), json={"task": 7}).status_code == 404
        assert client.post("/tasks", headers=bearer("ann", "member"), json={"task": 8}).status_code == 200


def test_records_of_ones_own(client: TestClient) -> None:
    assert client.get("/members/ann", headers=bearer("ann", "member")).status_code == 200
    assert client.get("/members/ben", headers=bearer("ann", "member")).status_code == 404
    assert client.get("/members/ben", headers=bearer("root", "admin")).status_code == 200


def test_sign_in_is_limited_by_account_however_it_is_written(client: TestClient) -> None:
    for number in range(3):
        assert client.post("/login", json={"email": "ann@example.com", "password": str(number)}).status_code == 200
    ways: tuple[dict[str, Any], ...] = (
        {"json": {"user": {"email": "ANN@example.com "}}},
        {"data": {"email": "ann@example.com"}},
        {"files": {"email": (None, "ann@example.com")}},
    )
    for given in ways:
        refused = client.post("/login", **given)
        assert refused.status_code == 429 and 1 <= int(refused.headers["retry-after"]) <= 120, given
        assert '"login";r=0' in refused.headers["ratelimit"]
    assert client.post("/login", json={"email": "ben@example.com"}).status_code == 200
    twice = b"email=ben@example.com&email=ann@example.com"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/login", content=twice, headers=form).status_code == 400


def test_other_websites(client: TestClient, app: FastAPI) -> None:
    def ask(origin: str) -> Any:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        return client.options("/tasks", headers={"Origin": origin} | asked)

    ours = ask("https://app.example.com")
    assert ours.status_code == 204
    assert ours.headers["access-control-allow-origin"] == "https://app.example.com"
    assert ours.headers["access-control-allow-credentials"] == "true"
    for hostile in ("https://evil.example", "https://app.example.com.evil.example", "null", "http://app.example.com"):
        assert "access-control-allow-origin" not in ask(hostile).headers, hostile
        assert "access-control-allow-origin" not in client.get("/", headers={"Origin": hostile}).headers
    assert app.state.reached[0][:2] == ("GET", "/")


async def test_who_may_read_is_the_policys_matter_whatever_the_app_says() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        said = [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-expose-headers", b"*"),
            (b"x-frame-options", b"SAMEORIGIN"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": iter(said)})
        await send({"type": "http.response.body"})

    client = TestClient(guarded(app))
    for origin, told in (
        ("https://app.example.com", ["https://app.example.com"]),
        ("https://evil.example", []),
        ("", []),
    ):
        answer = client.get("/", headers={"Origin": origin} if origin else {})
        assert answer.headers.get_list("access-control-allow-origin") == told, origin
        assert "access-control-expose-headers" not in answer.headers
        assert answer.headers.get_list("x-frame-options") == ["SAMEORIGIN"]


def test_a_wildcard_with_credentials_is_refused() -> None:
    with pytest.raises(PolicyError, match="every website could read"):
        guarded(policy=POLICY.replace('"https://app.example.com"', '"*"'))


def test_requests_another_website_made_a_browser_send(app: FastAPI) -> None:
    signed_in = Identity("ann", frozenset(("member",)), frozenset(("north",)), cookie=True)
    with TestClient(guarded(app, identify=lambda call: signed_in if call.cookies.get("session") else None)) as client:
        client.cookies.set("session", "1")
        assert client.post("/tasks", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert client.post("/tasks", json={}, headers={"Origin": "https://evil.example"}).status_code == 403
        assert client.post("/tasks", json={}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
        assert client.post("/tasks", json={}, headers={"Origin": "http://testserver"}).status_code == 200
        trusted = {"Sec-Fetch-Site": "cross-site", "Origin": "https://app.example.com"}
        assert client.post("/tasks", json={}, headers=trusted).status_code == 200
        assert client.get("/w/north/tasks", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    with TestClient(guarded(app)) as client:
        headers = bearer("ann", "member") | {"Sec-Fetch-Site": "cross-site"}
        assert client.post("/tasks", json={}, headers=headers).status_code == 200


def test_web_sockets(client: TestClient) -> None:
    with client.websocket_connect("/live/north", headers=bearer("ann", "member")) as socket:
        assert socket.receive_text() == "north"
    for path, headers in (
        ("/live/north", {}),
        ("/live/south", bearer("ann", "member")),
        ("/live/north", bearer("r", "admin")),
    ):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers=headers):
            pass


def test_bodies_that_no_app_should_see(client: TestClient, app: FastAPI) -> None:
    ann = bearer("ann", "member")
    json = ann | {"Content-Type": "application/json"}
    for body in (
        b'{"workspace": "north", "workspace": "south"}',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b"[" * 5000,
        b"[" * 500 + b"]" * 500,
        b"\xff",
        '{"workspace": "south"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"workspace": "south"}',
        b'{"a": "\xed\xa0\x80"}',
        b"{",
        b'{"a": ' + b"9" * 1900 + b"}" * 9,
    ):
        refused = client.post("/tasks", headers=json, content=body)
        assert refused.status_code in (400, 413), body
        assert refused.headers["content-type"] == "application/problem+json"
    assert client.post("/tasks", headers=json, content=b"[" * 3000).status_code == 413
    assert app.state.reached == []


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream"])
def test_json_is_json_whatever_it_says_it_is(client: TestClient, app: FastAPI, kind: str) -> None:
    headers = bearer("ann", "member") | {"Content-Type": kind}
    assert client.post("/tasks", headers=headers, content=b'{"workspace": "south"}').status_code == 404
    for body in ('{"workspace": "south"}'.encode("utf-16"), b'{"workspace": "north", "workspace": "south"}'):
        assert client.post("/tasks", headers=headers, content=body).status_code == 400
    assert app.state.reached == []
    assert client.post("/tasks", headers=headers, content=b'{"workspace": "north"}').status_code == 200


def test_a_body_that_turns_out_too_large_while_the_app_reads_it(client: TestClient, app: FastAPI) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    refused = client.post("/upload", content=parts())
    assert refused.status_code == 413 and app.state.reached == []


def _signed(body: bytes, at: float) -> dict[str, str]:
    stamp = str(int(at))
    signature = hmac.new(b"a secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={signature}"}


def test_webhooks_are_taken_once_and_only_from_their_sender(client: TestClient, app: FastAPI) -> None:
    body, now = b'{"id": "evt_1"}', time.time()
    for headers in ({}, _signed(b"{}", now), _signed(body, now - 3600), {"Stripe-Signature": "t=1_0,v1="}):
        assert client.post("/hooks/payments", content=body, headers=headers).status_code == 401
    assert app.state.reached == []
    app.state.fails = True
    assert client.post("/hooks/payments", content=body, headers=_signed(body, now)).status_code == 500
    app.state.fails = False
    # What the app did not take its sender may try again; what it took it may not.
    assert client.post("/hooks/payments", content=body, headers=_signed(body, now)).status_code == 200
    assert client.post("/hooks/payments", content=body, headers=_signed(body, now)).status_code == 409
    assert len(app.state.reached) == 2


def test_a_webhook_without_its_secret_keeps_the_app_from_starting(app: FastAPI) -> None:
    with pytest.raises(Exception, match="STRIPE_WEBHOOK_SECRET"), TestClient(guarded(app, environment={})):
        pass


def test_observing_lets_everything_pass_and_says_what_it_would_have_done(app: FastAPI) -> None:
    heard: list[dict[str, object]] = []
    guard = guarded(app, observe=True, hear=heard.append)
    with TestClient(guard) as client:
        assert client.post("/admin/jobs", headers=bearer("ann", "member")).status_code == 200
        assert client.get("/nowhere").status_code == 404
    assert [(line["event"], line["rule"], line["route"]) for line in heard] == [
        ("observed", "access", "POST /admin/jobs"),
        ("observed", "unlisted", "unlisted"),
    ]
    assert 'route="POST /admin/jobs",rule="access",outcome="observed"} 1' in guard.metrics()


def test_one_rule_can_observe_alone(app: FastAPI) -> None:
    with TestClient(guarded(app, POLICY + '\n[guard]\nobserve = ["access"]\n')) as client:
        assert client.post("/admin/jobs", headers=bearer("ann", "member")).status_code == 200
        assert client.get("/w/south/tasks", headers=bearer("ann", "member")).status_code == 404


def test_safe_headers_stand_in_every_answer(client: TestClient) -> None:
    for answer in (client.get("/"), client.get("/nowhere"), client.post("/tasks")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "strict-transport-security" not in answer.headers
    secure = client.get("https://testserver/")
    assert "max-age=31536000" in secure.headers["strict-transport-security"]


def test_a_browser_is_led_to_where_one_signs_in(app: FastAPI) -> None:
    with TestClient(guarded(app, sign_in="/enter")) as client:
        led = client.get("/w/north/tasks", headers={"Accept": "text/html"}, follow_redirects=False)
        assert (led.status_code, led.headers["location"]) == (303, "/enter")
        assert client.get("/w/north/tasks").status_code == 401


def test_methods_and_slashes_are_the_routers_business(client: TestClient) -> None:
    assert client.put("/tasks").headers["allow"] == "POST"
    assert client.get("/members/ann/", headers=bearer("ann", "member"), follow_redirects=False).status_code == 307
    assert client.head("/").status_code == 405


def test_it_guards_any_asgi_app_by_the_rows_of_the_policy() -> None:
    reached = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"yes"})

    client = TestClient(guarded(app))
    assert client.get("/").text == "yes"
    assert client.get("/secret").status_code == 404
    assert client.get("/w/north/tasks").status_code == 401
    assert reached == ["/"]


def test_a_policy_that_is_not_there_says_how_to_write_one() -> None:
    with pytest.raises(PolicyError, match="launchready policy draft"):
        Guard(bare(), policy="/nowhere/policy.toml")


def _scope(path: str, **given: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [],
        "http_version": "2",
        "scheme": "http",
        "client": None,
    } | given


async def _answered(guard: Guard, scope: dict[str, Any], receive: Any) -> int:
    found = []

    async def send(message: Any) -> None:
        found.append(message.get("status"))

    await guard(scope, receive, send)
    return int(found[0])


async def test_a_body_that_never_ends_is_waited_for_a_while_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launchready_guard.asgi._SLOWEST", 0.05)

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    headers = [(b"content-type", b"application/json")]
    assert await _answered(guarded(), _scope("/login", headers=headers), receive) == 408


async def test_in_http_2_a_body_may_come_unannounced() -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b'{"workspace": "south"}', "more_body": False}

    ann = bearer("ann", "member")["Authorization"].encode()
    headers = [(b"content-type", b"application/json"), (b"authorization", ann)]
    assert await _answered(guarded(), _scope("/tasks", headers=headers), receive) == 404


async def test_what_comes_unannounced_may_not_be_too_large_either() -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b'{"email": "' + b"a" * 3000 + b'"}', "more_body": False}

    headers = [(b"content-type", b"application/json")]
    assert await _answered(guarded(), _scope("/login", headers=headers), receive) == 413


async def test_what_a_server_is_told_before_an_answer_begins_goes_through() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.early_hint", "links": []})
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    await guarded(app)(_scope("/", method="GET"), receive, send)
    assert [message["type"].rpartition(".")[2] for message in sent] == ["early_hint", "start", "body"]
    assert (b"x-content-type-options", b"nosniff") in sent[1]["headers"]


def test_who_calls_may_be_asked_of_a_body_that_is_not_there_and_of_the_query(app: FastAPI) -> None:
    async def identify(call: Call) -> Identity | None:
        assert await call.receive(100) == b""
        named = dict(call.fields).get("as")
        return Identity(named, frozenset(("member",)), frozenset(("north",))) if named else None

    with TestClient(guarded(app, identify=identify)) as client:
        assert client.get("/w/north/tasks?as=ann&x=").json()["who"] == "ann"
        assert client.get("/w/north/tasks?as=").status_code == 401


@pytest.mark.parametrize("method", ["WEBSOCKET", "websocket"])
async def test_a_request_whose_method_is_called_websocket_is_none(method: str) -> None:
    reached = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["method"])

    async def receive() -> Any:
        return {"type": "http.request"}

    rows = '[roles]\norder = ["guest", "member"]\n[[endpoint]]\nroute = "WEBSOCKET /live"\nallow = ["guest"]\n[[endpoint]]\nroute = "GET /live"\nallow = ["member"]\n'
    assert await _answered(guarded(app, rows), _scope("/live", method=method), receive) == 405
    assert reached == []


async def test_a_caller_who_leaves_is_no_error() -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    app = bare()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await guarded(app)(_scope("/login", headers=[(b"content-type", b"application/json")]), receive, send)
    assert sent == [] and app.state.reached == []


def test_cookies_may_come_in_several_lines(app: FastAPI) -> None:
    def identify(call: Call) -> Identity | None:
        found = call.cookies
        return (
            Identity(found["b"], frozenset(("member",)), frozenset(("north",)), cookie=True) if "a" in found else None
        )

    with TestClient(guarded(app, identify=identify)) as client:
        answer = client.get("/w/north/tasks", headers=[("Cookie", "a=1"), ("Cookie", "b=ann")])
        assert answer.json()["who"] == "ann"


def test_what_is_mounted_is_guarded_by_its_own_routes_or_as_a_whole() -> None:
    inner = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    inner.add_api_route("/stats", lambda: "inner", methods=["GET"])
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outer.mount("/inner", inner)

    async def other(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    outer.mount("/files", other)
    rows = '[[endpoint]]\nroute = "GET /inner/stats"\nallow = ["guest"]\n'
    with pytest.raises(Exception, match=r"ANY /files/\{path\} has no row"), TestClient(guarded(outer, rows)):
        pass
    rows += '[[endpoint]]\nroute = "GET /files/{path}"\nallow = ["guest"]\n'
    with TestClient(guarded(outer, rows)) as client:
        assert client.get("/inner/stats").json() == "inner"
        assert client.get("/inner/other").status_code == 404
        assert client.get("/files/a/b").status_code == 200
        assert client.post("/files/a/b").status_code == 404
        assert client.get("/files", follow_redirects=False).status_code == 307


def test_routes_can_be_given_and_a_file_read(tmp_path: Any) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY, encoding="utf-8")
    guard = Guard(
        bare(), policy=file, routes=of_policy(guarded().policy), environment={"STRIPE_WEBHOOK_SECRET": "a secret"}
    )
    with TestClient(guard) as client:
        assert client.get("/").status_code == 200
