"""Who calls: tokens and sessions as real libraries write them, and nothing anybody could make up."""

import contextlib
import hashlib
import hmac
import http.server
import json
import threading
import time
import tracemalloc
from collections.abc import Mapping
from typing import Any

import flask
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import example, given
from hypothesis import strategies as st
from launchready_guard import Bearer, Identity, Session, TokenError
from launchready_guard.call import Call
from launchready_guard.clientip import ClientAddress
from launchready_guard.jwks import keys, public_key
from launchready_guard.policy.model import Clients

KEY = "a key of thirty-two bytes or more"


async def _nothing(_largest: int) -> bytes:
    return b""


def call(**headers: str) -> Call:
    """A request with headers; underscores are dashes."""
    raw = {name.replace("_", "-").encode(): value.encode("latin-1", "replace") for name, value in headers.items()}
    return Call("GET", "/", raw, "", "203.0.113.7", _nothing)


def signed(claims: Mapping[str, Any], key: Any = KEY, algorithm: str = "HS256", **headers: Any) -> str:
    """``Bearer …`` with a token PyJWT signed."""
    return "Bearer " + jwt.encode({"exp": time.time() + 60} | dict(claims), key, algorithm, headers)


def test_a_token_says_who_calls() -> None:
    bearer = Bearer(KEY, role="app.roles", tenant="ws", issuer="us", audience="app")
    claims = {"sub": "7", "app": {"roles": ["member", "admin"]}, "ws": 3, "iss": "us", "aud": ["app", "other"]}
    found = bearer(call(authorization=signed(claims)))
    assert found is not None
    assert (found.subject, sorted(found.roles), sorted(found.tenants)) == ("7", ["admin", "member"], ["3"])
    assert not found.cookie and found.claims["iss"] == "us"
    assert bearer(call()) is None and bearer(call(authorization="Basic YTpi")) is None
    for wrong in ({"iss": "them"}, {"aud": "other"}, {"aud": None}, {"exp": time.time() - 60}, {"exp": "soon"}):
        with pytest.raises(TokenError):
            bearer(call(authorization=signed(claims | wrong)))


def test_the_algorithm_is_ours_and_not_the_tokens() -> None:
    bearer = Bearer(KEY)
    for token in (
        signed({"sub": "7"}, "", "none"),
        signed({"sub": "7"}, KEY, "HS512"),
        signed({"sub": "7"}, KEY + "x"),
        signed({"sub": "7"}, crit=["exp"]),
    ):
        with pytest.raises(TokenError):
            bearer(call(authorization=token))
    assert Bearer(KEY, algorithm="HS512")(call(authorization=signed({"sub": "7"}, KEY, "HS512"))) is not None


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 random bytes"):
        Bearer("secret")
    with pytest.raises(ValueError, match="jwks"):
        Bearer(KEY, algorithm="RS256")


def test_a_token_is_remembered_for_a_moment_and_never_longer_than_it_lives() -> None:
    now = [1000.0]
    asked = []

    def verify(token: str) -> Mapping[str, Any]:
        asked.append(token)
        return {"sub": "7", "exp": 1020}

    bearer = Bearer(verify=verify, remember=30, leeway=0, clock=lambda: now[0])
    for moment in (1000, 1010, 1019):
        now[0] = moment
        assert bearer(call(authorization="Bearer x")) is not None
    assert len(asked) == 1
    now[0] = 1021
    with pytest.raises(TokenError, match="expired"):
        bearer(call(authorization="Bearer x"))


def test_a_token_in_a_cookie_is_the_browsers_word_and_one_in_a_header_is_not() -> None:
    bearer = Bearer(KEY, cookie="auth")
    token = signed({"sub": "7"}).removeprefix("Bearer ")
    in_cookie, in_header = bearer(call(cookie=f"a=1; auth={token}")), bearer(call(authorization=f"Bearer {token}"))
    assert in_cookie is not None and in_cookie.cookie
    assert in_header is not None and not in_header.cookie
    assert bearer(call(cookie=f"auth={token}; auth=other")) is None


def test_keys_an_issuer_publishes() -> None:
    private = rsa.generate_private_key(65537, 2048)
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    bearer = Bearer(verify=public_key(pem))
    assert bearer(call(authorization=signed({"sub": "7"}, private, "RS256"))) is not None
    other = rsa.generate_private_key(65537, 2048)
    with pytest.raises(TokenError):
        bearer(call(authorization=signed({"sub": "7"}, other, "RS256")))
    # The public key as the secret of an HMAC: the oldest confusion of all (CVE-2015-9235).
    header = jwt.utils.base64url_encode(b'{"alg":"HS256"}').decode()
    claims = jwt.utils.base64url_encode(json.dumps({"sub": "7", "exp": time.time() + 60}).encode()).decode()
    forged = jwt.utils.base64url_encode(hmac.digest(pem, f"{header}.{claims}".encode(), hashlib.sha256)).decode()
    with pytest.raises(TokenError):
        bearer(call(authorization=f"Bearer {header}.{claims}.{forged}"))
    with pytest.raises(ValueError, match="HS256"):
        keys("https://issuer.example/jwks.json", ["HS256"])


def _person(said: Mapping[str, Any]) -> Identity | None:
    return Identity(str(said["user"]), frozenset(("member",)), cookie=True) if "user" in said else None


def test_a_session_flask_wrote() -> None:
    app = flask.Flask("tests")
    app.secret_key = "of the app"

    @app.get("/in")
    def enter() -> str:
        flask.session["user"] = 7
        flask.session["much"] = "x" * 500
        return ""

    written = app.test_client().get("/in").headers["set-cookie"].split(";")[0]
    session = Session("of the app", _person, style="flask")
    found = session(call(cookie=written))
    assert found is not None and found.subject == "7" and found.cookie
    for wrong in (
        written[:-2] + "xx",
        "session=x",
        "session=a.b.c",
        "session=é",
        written.replace("session=", "session=x"),
    ):
        with pytest.raises(TokenError):
            session(call(cookie=wrong))
    with pytest.raises(TokenError):
        Session("another", _person, style="flask")(call(cookie=written))
    late = Session("of the app", _person, style="flask", seconds=60, clock=lambda: time.time() + 3600)
    with pytest.raises(TokenError, match="expired"):
        late(call(cookie=written))
    assert session(call()) is None


def test_a_session_starlette_wrote() -> None:
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.sessions import SessionMiddleware
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route
    from starlette.testclient import TestClient

    async def enter(request: Request) -> Response:
        request.session["user"] = 7
        return Response()

    app = Starlette(routes=[Route("/in", enter)], middleware=[Middleware(SessionMiddleware, secret_key="of the app")])
    written = TestClient(app).get("/in").headers["set-cookie"].split(";")[0]
    found = Session("of the app", _person)(call(cookie=written))
    assert found is not None and found.subject == "7"
    with pytest.raises(TokenError):
        Session("another", _person)(call(cookie=written))


@given(st.text(max_size=200))
@example("Bearer " + "a." * 100)
@example("Bearer eyJhbGciOiJIUzI1NiJ9.W10.x")
def test_no_header_breaks_it(said: str) -> None:
    for headers in ({"authorization": said}, {"cookie": f"session={said}"}, {"cookie": said}):
        for identify in (Bearer(KEY, cookie="session"), Session("of the app", _person)):
            with contextlib.suppress(TokenError):
                assert identify(call(**headers)) is None


def test_the_client_is_who_a_declared_proxy_says_it_is() -> None:
    def of(clients: Clients, peer: str, **headers: str) -> str:
        return ClientAddress(clients).of(peer, call(**headers).header)

    nobody = Clients()
    assert of(nobody, "203.0.113.7", x_forwarded_for="1.2.3.4") == "203.0.113.7"
    near = Clients(proxies=("10.0.0.0/8",))
    assert of(near, "10.0.0.1", x_forwarded_for="1.2.3.4, 198.51.100.9") == "198.51.100.9"
    assert of(near, "10.0.0.1", x_forwarded_for="1.2.3.4, 198.51.100.9, 10.0.0.2") == "198.51.100.9"
    assert of(near, "203.0.113.7", x_forwarded_for="1.2.3.4") == "203.0.113.7"
    assert of(near, "10.0.0.1", x_forwarded_for="nonsense") == "10.0.0.1"
    assert of(near, "10.0.0.1") == "10.0.0.1"
    cloudflare = Clients(proxies=("cloudflare",), header="cf-connecting-ip")
    assert of(cloudflare, "173.245.48.10", cf_connecting_ip="198.51.100.9") == "198.51.100.9"
    assert of(cloudflare, "203.0.113.7", cf_connecting_ip="198.51.100.9") == "203.0.113.7"
    two = Clients(hops=2)
    assert of(two, "10.0.0.1", x_forwarded_for="1.1.1.1, 198.51.100.9, 10.0.0.2") == "198.51.100.9"
    assert of(two, "10.0.0.1", x_forwarded_for="198.51.100.9") == "10.0.0.1"
    # Some proxies write the port too, which is another one for every connection.
    for port in (50_001, 50_002):
        assert of(Clients(hops=1), "10.0.0.1", x_forwarded_for=f"198.51.100.9:{port}") == "198.51.100.9"
        assert of(Clients(hops=1), "10.0.0.1", x_forwarded_for=f"[2001:db8::1]:{port}") == "2001:db8::/64"


def test_one_customer_of_ipv6_is_one_caller_however_many_addresses_they_have() -> None:
    addresses = ClientAddress(Clients())
    same = {addresses.of(f"2001:db8:1:2::{number:x}", call().header) for number in range(50)}
    assert same == {"2001:db8:1:2::/64"}
    assert addresses.of("::ffff:203.0.113.7", call().header) == "203.0.113.7"
    assert addresses.of("", call().header) == ""


def test_a_token_in_a_cookie_is_remembered_too_and_the_oldest_make_room() -> None:
    asked: list[str] = []

    def verify(token: str) -> Mapping[str, Any]:
        asked.append(token)
        return {"sub": token, "exp": 2000}

    bearer = Bearer(verify=verify, cookie="auth", clock=lambda: 1000.0)
    for _ in range(3):
        found = bearer(call(cookie="auth=first"))
        assert found is not None and found.subject == "first"
    assert asked == ["first"]
    for number in range(10_000):
        bearer(call(authorization=f"Bearer {number}"))
    bearer(call(cookie="auth=first"))
    assert asked.count("first") == 2


def test_tokens_that_hold_no_claims_or_are_longer_than_any() -> None:
    bearer = Bearer(KEY)
    for claims in (b"[]", b'"x"', b"7"):
        head = jwt.utils.base64url_encode(b'{"alg":"HS256"}') + b"." + jwt.utils.base64url_encode(claims)
        signature = jwt.utils.base64url_encode(hmac.digest(KEY.encode(), head, hashlib.sha256))
        with pytest.raises(TokenError, match="no claims"):
            bearer(call(authorization=f"Bearer {(head + b'.' + signature).decode()}"))
    with pytest.raises(TokenError, match="longer"):
        bearer(call(authorization="Bearer " + "x" * 9000))


def test_a_short_session_of_flask_is_not_packed() -> None:
    app = flask.Flask("tests")
    app.secret_key = "of the app"

    @app.get("/in")
    def enter() -> str:
        flask.session["user"] = 7
        return ""

    written = app.test_client().get("/in").headers["set-cookie"].split(";")[0]
    assert not written.startswith("session=.")
    found = Session("of the app", _person, style="flask")(call(cookie=written))
    assert found is not None and found.subject == "7"


def test_more_callers_than_are_remembered_keep_their_addresses() -> None:
    addresses = ClientAddress(Clients())
    for _ in range(2):
        for number in range(5000):
            peer = f"10.0.{number // 256}.{number % 256}"
            assert addresses.of(peer, lambda name: "") == peer


def test_what_is_kept_of_callers_is_bounded_however_many_come() -> None:
    addresses = ClientAddress(Clients())

    def kept_after(callers: int) -> int:
        for number in range(callers):
            addresses.of(f"10.{number // 65_536}.{number // 256 % 256}.{number % 256}", lambda name: "")
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        few = kept_after(4096)
        assert kept_after(40_960) < 2 * few
    finally:
        tracemalloc.stop()


def test_a_session_needs_a_key_and_a_known_style() -> None:
    with pytest.raises(ValueError, match="style"):
        Session("key", _person, style="rails")
    with pytest.raises(ValueError, match="empty"):
        Session("", _person)


def test_keys_are_fetched_from_their_issuer() -> None:
    private = rsa.generate_private_key(65537, 2048)
    published = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key())) | {"kid": "one", "use": "sig"}
    asked = []

    class Issuer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps({"keys": [published]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        bearer = Bearer(verify=keys(f"http://127.0.0.1:{server.server_port}/jwks.json"))
        for name in ("7", "8"):
            found = bearer(call(authorization=signed({"sub": name}, private, "RS256", kid="one")))
            assert found is not None and found.subject == name
        assert asked == ["/jwks.json"]
        with pytest.raises(TokenError):
            bearer(call(authorization=signed({"sub": "7"}, private, "RS256", kid="two")))
        with pytest.raises(TokenError):
            bearer(call(authorization="Bearer x.y.z"))
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(TokenError):
        Bearer(verify=keys("http://127.0.0.1:9/jwks.json"))(
            call(authorization=signed({"sub": "7"}, private, "RS256", kid="one"))
        )
