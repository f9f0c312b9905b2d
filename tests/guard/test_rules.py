"""Each rule by itself, where one request through an app shows too little: other ways in, other senders, other settings."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from launchready_guard import Identity, Policy, PolicyError, TokenError
from launchready_guard.body import BodyError, form_fields, strict_json
from launchready_guard.browsers import Origins, holds, token_for
from launchready_guard.call import Call
from launchready_guard.policy import Cors, parse_policy
from launchready_guard.records import reader
from launchready_guard.schemes import SCHEMES, SignatureError, verify
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.guard.app import POLICY, bare, bearer, guarded

SECRET = "whsec_" + base64.b64encode(b"of the sender").decode()


def _hmac(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, body, hashlib.sha256)


def _standard(names: str, now: str, body: bytes) -> dict[str, str]:
    signed = base64.b64encode(_hmac(b"of the sender", f"msg_1.{now}.".encode() + body)).decode()
    return {f"{names}-id": "msg_1", f"{names}-timestamp": now, f"{names}-signature": f"v1,AAAA v1,{signed}"}


def _delivery(scheme: str, body: bytes, now: str) -> dict[str, str]:
    """The headers with which each sender's own documentation says it signs."""
    secret = SECRET.encode()
    match scheme:
        case "stripe":
            return {"stripe-signature": f"t={now},v1={_hmac(secret, f'{now}.'.encode() + body).hex()},v0=old"}
        case "github":
            return {"x-hub-signature-256": f"sha256={_hmac(secret, body).hex()}"}
        case "slack":
            signed = _hmac(secret, f"v0:{now}:".encode() + body).hex()
            return {"x-slack-request-timestamp": now, "x-slack-signature": f"v0={signed}"}
        case "shopify":
            return {"x-shopify-hmac-sha256": base64.b64encode(_hmac(secret, body)).decode()}
        case _:
            return _standard("svix" if scheme == "svix" else "webhook", now, body)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_sender_is_believed_when_the_signature_is_theirs_and_in_time(scheme: str) -> None:
    now, body = time.time(), b'{"id": 1}'
    headers = _delivery(scheme, body, str(int(now)))

    def ask(given: Mapping[str, str], content: bytes = body, at: float = now, secret: str = SECRET) -> str:
        return verify(SCHEMES[scheme], secret, lambda name: given.get(name, ""), content, at, 300)

    assert ask(headers) == ask(headers)
    other = "whsec_" + base64.b64encode(b"of another").decode()
    wrong: list[dict[str, Any]] = [{"content": b'{"id": 2}'}, {"secret": other}]
    if "{time}" in SCHEMES[scheme].signed:
        wrong += [{"at": now + 301}, {"at": now - 302}]
    for given in wrong:
        with pytest.raises(SignatureError):
            ask(headers, **given)
    for name in headers:
        if name.endswith("-id"):
            continue
        with pytest.raises(SignatureError):
            ask({other: value for other, value in headers.items() if other != name})
    if SCHEMES[scheme].encoded_secret:
        with pytest.raises(SignatureError, match="base64"):
            ask(headers, secret="whsec_é")


def test_a_sender_of_another_name_and_one_nobody_knows() -> None:
    named = POLICY.replace('signature = "stripe"', 'signature = "shop"') + (
        '[webhooks.shop]\nscheme = "github"\nsecret = { env = "SHOP" }\ntolerance = "1 minute"\n'
    )
    body = b"{}"
    with TestClient(guarded(policy=named, environment={"SHOP": SECRET})) as client:
        headers = _delivery("github", body, "")
        assert client.post("/hooks/payments", content=body, headers=headers).status_code == 200
        assert client.post("/hooks/payments", content=body, headers=headers).status_code == 409
    unknown = POLICY.replace('signature = "stripe"', 'signature = "paddle"')
    with pytest.raises(Exception, match=r"\[webhooks.paddle\]"), TestClient(guarded(policy=unknown)):
        pass


@pytest.fixture
def app() -> FastAPI:
    return bare()


def test_only_names_the_app_answers_to(app: FastAPI) -> None:
    with TestClient(guarded(app, POLICY + '[guard]\nhosts = ["testserver", "[::1]"]\n')) as client:
        assert client.get("/").status_code == 200
        assert client.get("/", headers={"Host": "TestServer:8000"}).status_code == 200
        assert client.get("/", headers={"Host": "[::1]:8000"}).status_code == 200
        for host in ("evil.example", "testserver.evil.example", ""):
            assert client.get("/", headers={"Host": host}).status_code == 421


def test_forms_hold_the_token_of_their_session(app: FastAPI) -> None:
    key = b"another key of thirty-two bytes."
    policy = POLICY + '[guard]\ncsrf = "token"\n'
    with pytest.raises(PolicyError, match="csrf_key"):
        guarded(app, policy)
    signed_in = Identity("ann", frozenset(("member",)), frozenset(("north",)), cookie=True)
    with TestClient(guarded(app, policy, identify=lambda call: signed_in, csrf_key=key)) as client:
        client.cookies.set("session", "of ann")
        good = token_for("of ann", key)
        assert client.post("/tasks", json={}).status_code == 403
        assert client.post("/tasks", json={}, headers={"X-CSRF-Token": token_for("of ben", key)}).status_code == 403
        assert client.post("/tasks", json={}, headers={"X-CSRF-Token": good}).status_code == 200
        assert client.post("/tasks", json={"csrf_token": good}).status_code == 200
        assert client.post("/tasks", json={"csrf_token": 7}).status_code == 403
    assert not holds("", "of ann", key) and not holds("é.é", "of ann", key)


def test_identities_that_take_time(app: FastAPI) -> None:
    async def identify(call: Call) -> Identity | None:
        if call.header("x-key") == "broken":
            raise TokenError("no such key")
        found = call.header("x-key")
        return Identity(found, frozenset(("member",)), frozenset(("north",))) if found else None

    with TestClient(guarded(app, identify=identify)) as client:
        assert client.get("/w/north/tasks", headers={"X-Key": "ann"}).json()["who"] == "ann"
        assert client.get("/w/north/tasks", headers={"X-Key": "broken"}).status_code == 401
        assert client.get("/", headers={"X-Key": "broken"}).status_code == 200
        assert client.get("/w/north/tasks").status_code == 401
        assert client.get("/w/south/tasks", headers={"X-Key": "ann"}).status_code == 404


def test_what_takes_time_can_be_observed_too(app: FastAPI) -> None:
    async def identify(call: Call) -> Identity | None:
        return None

    heard: list[dict[str, object]] = []
    guard = guarded(app, POLICY + '[guard]\nobserve = ["access"]\n', identify=identify, hear=heard.append)
    with TestClient(guard) as client:
        assert client.post("/tasks", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert [(line["event"], line["rule"]) for line in heard] == [("observed", "access"), ("refused", "csrf")]


def test_a_website_that_may_read_answers_may_write_as_a_guest_and_not_with_a_session(app: FastAPI) -> None:
    member = Identity("ann", frozenset(("member",)), frozenset(("north",)), cookie=True)
    policy = POLICY.replace("credentials = true", "credentials = false")
    guard = guarded(app, policy, identify=lambda call: member if call.cookies.get("session") else None)
    known = {"Sec-Fetch-Site": "cross-site", "Origin": "https://app.example.com"}
    other = known | {"Origin": "https://other.example"}
    with TestClient(guard) as client:
        assert client.post("/upload", json={}, headers=known).status_code == 200
        assert client.post("/upload", json={}, headers=other).status_code == 403
        client.cookies.set("session", "1")
        assert client.post("/upload", json={}, headers=known).status_code == 403


@pytest.mark.parametrize("later", [False, True])
def test_whose_record_it_is_only_the_app_may_know(app: FastAPI, later: bool) -> None:
    def owner(call: Call) -> str | None:
        return {"7": "ann", "8": "ben"}.get(call.params["member_id"])

    async def owner_later(call: Call) -> str | None:
        return owner(call)

    policy = POLICY.replace('[owner]\nparam = ["path:member_id"]\n', "")
    with TestClient(guarded(app, policy, owner=owner_later if later else owner)) as client:
        assert client.get("/members/7", headers=bearer("ann", "member")).status_code == 200
        assert client.get("/members/8", headers=bearer("ann", "member")).status_code == 404
        assert client.get("/members/9", headers=bearer("ann", "member")).status_code == 200
        assert client.get("/members/8", headers=bearer("root", "admin")).status_code == 200


def test_a_workspace_told_at_once(app: FastAPI) -> None:
    with TestClient(guarded(app, tenant=lambda call: "south" if call.path == "/tasks" else None)) as client:
        assert client.post("/tasks", headers=bearer("ann", "member"), json={}).status_code == 404
        assert client.get("/w/north/tasks", headers=bearer("ann", "member")).status_code == 200


async def _nothing(_largest: int) -> bytes:
    return b""


def test_where_a_request_names_something() -> None:
    raw = {b"x-workspace": b"north", b"cookie": b"ws=south; ws2=a; ws2=b"}
    call = Call("POST", "/", raw, "w=1&w=2&x=", "", _nothing, params={"id": "7"})
    call.said = {"workspace": {"id": 3}, "many": [1], "yes": True}
    found = {
        "path:id": ["7"],
        "path:other": [],
        "query:w": ["1", "2"],
        "query:x": [""],
        "header:X-Workspace": ["north"],
        "header:x-none": [],
        "cookie:ws": ["south"],
        "cookie:ws2": [""],
        "body:workspace.id": ["3"],
        "body:workspace.id.more": [],
        "body:many": [],
        "body:yes": [],
    }
    assert {place: list(reader(place)(call)) for place in found} == found


@pytest.mark.parametrize("length", ["-1", "1_0", "+5", "9" * 20, "x"])
def test_a_length_that_is_none(length: str, app: FastAPI) -> None:
    with TestClient(guarded(app)) as client:
        assert client.post("/upload", content=b"", headers={"Content-Length": length}).status_code == 400


def test_bodies_as_they_should_be() -> None:
    assert strict_json(b'{"a": [1.5, "\\ud83d\\ude00", null]}') == {"a": [1.5, "😀", None]}
    assert strict_json(b"[[1], " * 40 + b"1" + b"]" * 40) is not None
    for wrong in (
        b'{"a": "\\ud83d"}',
        b'["\\udc00"]',
        b"-Infinity",
        b'{"a": {"b": 1, "b": 1}}',
        b"{'a': 1}",
        b"",
        b"[" * 70 + b"]" * 70,
    ):
        with pytest.raises(BodyError):
            strict_json(wrong)


def test_forms_as_browsers_send_them() -> None:
    multipart = "multipart/form-data"
    body = (
        b'--xx\r\nContent-Disposition: form-data; name="email"\r\n\r\nann@example.com\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n\x00\r\n--xx--\r\n'
    )
    assert form_fields(multipart, f'{multipart}; boundary="xx"', body) == {"email": "ann@example.com"}
    assert form_fields(multipart, multipart, body) == {}
    plain = "application/x-www-form-urlencoded"
    assert form_fields(plain, plain, b"a=1&a=2&email=x%40y&email=x%40y") == {"a": "2", "email": "x@y"}
    with pytest.raises(BodyError):
        form_fields(plain, plain, b"Email=a&Email=b")


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_a_website_that_is_no_address_is_another_one(app: FastAPI, header: str) -> None:
    member = Identity("ann", frozenset(("member",)), frozenset(("north",)), cookie=True)
    with TestClient(guarded(app, identify=lambda call: member)) as client:
        assert client.post("/tasks", json={}, headers={header: "http://testserver"}).status_code == 200
        assert client.post("/tasks", json={}, headers={header: "http://[::1"}).status_code == 403


def test_origins_must_be_exact() -> None:
    for wrong in (
        "null",
        "app.example.com",
        "https://*.example.com",
        "https://app.example.com/",
        "https://",
        "https://[::1",
    ):
        with pytest.raises(PolicyError, match="exact origin"):
            Origins(Cors((wrong,)))
    everybody = Origins(Cors(("*",)))
    assert dict(everybody.headers("https://any.example"))[b"access-control-allow-origin"] == b"*"
    assert not everybody.trusts("https://any.example")
    assert Origins(Cors()).headers("https://any.example") == []


def test_a_preflight_names_only_plain_headers(app: FastAPI) -> None:
    def ask(headers: str, method: str = "POST", path: str = "/tasks") -> Any:
        origin = {"Origin": "https://app.example.com", "Access-Control-Request-Method": method}
        return client.options(path, headers=origin | {"Access-Control-Request-Headers": headers})

    with TestClient(guarded(app)) as client:
        assert ask("content-type, x-workspace").headers["access-control-allow-headers"] == "content-type, x-workspace"
        assert "access-control-allow-headers" not in ask("a b").headers
        assert "access-control-allow-origin" not in ask("a", "DELETE").headers
        assert "access-control-allow-origin" not in ask("a", path="/nowhere").headers


def test_rows_the_app_does_not_have_are_told() -> None:
    guard = guarded(policy=POLICY + '\n[[endpoint]]\nroute = "GET /gone"\nallow = ["admin"]\n')
    assert guard.review() == ([], ["GET /gone"])


def test_a_guarded_row_can_observe_alone(app: FastAPI) -> None:
    policy = POLICY.replace('route = "POST /admin/jobs"\n', 'route = "POST /admin/jobs"\nobserve = true\n')
    with TestClient(guarded(app, policy)) as client:
        assert client.post("/admin/jobs").status_code == 200
        assert client.post("/tasks").status_code == 401


def test_policy_headers_replace_ours(app: FastAPI) -> None:
    policy = POLICY + '[headers]\nX-Frame-Options = "SAMEORIGIN"\nReferrer-Policy = ""\n'
    with TestClient(guarded(app, policy)) as client:
        answer = client.get("/")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN" and "referrer-policy" not in answer.headers


def test_what_the_app_says_of_its_own_page_stands(app: FastAPI) -> None:
    @app.get("/framed")
    def framed() -> Any:
        shown = {"X-Frame-Options": "SAMEORIGIN", "Strict-Transport-Security": "max-age=60"}
        return Response(headers=shown | {"Access-Control-Allow-Origin": "*"})

    policy = POLICY + '[[endpoint]]\nroute = "GET /framed"\nallow = ["guest"]\n'
    with TestClient(guarded(app, policy)) as client:
        answer = client.get("https://testserver/framed")
    assert answer.headers.get_list("strict-transport-security") == ["max-age=60"]
    assert answer.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('[guard]\nobserve = ["acess"]', "Did you mean 'access'"),
        ('[guard]\nunlisted = "allow"', "one of refuse, deny"),
        ('[guard]\ncsrf = "on"', "one of fetch, token, off"),
        ("[guard]\nobsrve = []", "Did you mean 'observe'"),
        ('[clients]\nbehind = "cloudfare"', "Did you mean 'cloudflare'"),
        ('[clients]\nproxies = ["10.0.0.1/8"]', "host bits set"),
        ("[clients]\nhops = -1", "a whole number"),
        ("[clients]\nhops = true", "a whole number"),
        ('[clients]\nhops = 1\nproxies = ["10.0.0.0/8"]', "one of both"),
        ('[webhooks]\nshop = "stripe"', r"a table: \[webhooks.shop\]"),
        ('[webhooks.shop]\nscheme = "strpe"', "Did you mean 'stripe'"),
        ('[webhooks.stripe]\nsecret = "abc"', "no reference"),
        ('[webhooks.stripe]\ntolerance = "soon"', 'a time such as "5 minutes"'),
        ('[body]\nlimit = "big"', 'a size such as "500 KB"'),
        ('[body]\nuploads = "1 MB"', "Did you mean 'upload'"),
        ('[headers]\nx = "a\\nb"', "a header of plain letters"),
        ('[owner]\nparam = ["id"]', '"path:NAME"'),
        ('[tenant]\nacross = ["root"]', "tenant.across is 'root'"),
        ("guard = 1", r"a table: \[guard\]"),
    ],
)
def test_a_slip_in_the_settings_is_named(given: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        parse_policy(given)


def test_settings_as_they_should_be() -> None:
    policy = parse_policy(
        '[clients]\nbehind = "cloudflare"\n[body]\nlimit = "2 MB"\nupload = "20 MB"\n[webhooks.stripe]\ntolerance = "10 minutes"\n'
        '[[endpoint]]\nroute = "POST /u"\nallow = ["guest"]\nkind = "upload"\n[[endpoint]]\nroute = "POST /v"\nallow = ["guest"]\nbody = "5 KB"\n'
    )
    settings = policy.settings
    assert settings.clients.header == "cf-connecting-ip" and settings.senders["stripe"].seconds == 600
    assert settings.senders["stripe"].secret == "STRIPE_WEBHOOK_SECRET"
    assert [settings.largest(row) for row in policy.rows] == [20_000_000, 5000]
    assert Policy().settings.refuse


def test_a_header_that_came_twice_may_be_observed_alone(app: FastAPI) -> None:
    heard: list[dict[str, object]] = []
    with TestClient(guarded(app, POLICY + '\n[guard]\nobserve = ["body"]\n', hear=heard.append)) as client:
        assert client.get("/", headers=[("X-Which", "a"), ("X-Which", "b")]).status_code == 200
    assert [(line["event"], line["why"]) for line in heard] == [("observed", "A header came more than once: x-which.")]


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_a_body_nested_deeper_than_a_parser_can_go(kind: str, app: FastAPI) -> None:
    with TestClient(guarded(app)) as client:
        answer = client.post("/login", content=b"[" * 1990, headers={"Content-Type": kind})
        assert answer.status_code == 400 and "nested too deeply" in answer.json()["detail"]


def test_an_account_may_stand_in_a_table_of_the_body(app: FastAPI) -> None:
    def tried(client: TestClient, said: object) -> int:
        return client.post("/login", json=said).status_code

    with TestClient(guarded(app)) as client:
        spellings = [
            {"user": {"email": "ann@example.com"}},
            {"EMAIL": " Ann@Example.com "},
            {"email": "ann@example.com"},
        ]
        assert [tried(client, said) for said in (*spellings, spellings[0])] == [200, 200, 200, 429]
        assert tried(client, {"user": {"email": "ben@example.com"}}) == 200
        assert [tried(client, {"page": {"number": [1]}, "email": ""}) for _ in range(4)] == [200] * 4


def test_whether_something_is_there_is_asked_by_the_rules_of_reading_it() -> None:
    def answer(request: Request) -> Response:
        return Response()

    there = Starlette(routes=[Route(path, answer) for path in ("/", "/w/{workspace_id}/tasks")])
    with TestClient(guarded(there)) as client:
        assert client.head("/").status_code == 200
        assert client.head("/w/north/tasks").status_code == 401
        assert client.head("/w/north/tasks", headers=bearer("ann", "member")).status_code == 200


def test_a_signed_delivery_may_be_of_any_kind(app: FastAPI) -> None:
    with TestClient(guarded(app, environment={"STRIPE_WEBHOOK_SECRET": SECRET})) as client:
        headers = _delivery("stripe", b"paid", str(int(time.time()))) | {"Content-Type": "text/plain"}
        assert client.post("/hooks/payments", content=b"paid", headers=headers).status_code == 200
        assert client.post("/login", content=b"paid", headers={"Content-Type": "text/plain"}).status_code == 415


def test_an_app_that_has_its_own_defence_against_other_websites_may_say_so(app: FastAPI) -> None:
    member = Identity("ann", frozenset(("member",)), frozenset(("north",)), cookie=True)
    with TestClient(guarded(app, POLICY + '[guard]\ncsrf = "off"\n', identify=lambda call: member)) as client:
        assert client.post("/tasks", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
