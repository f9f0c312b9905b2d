"""nginx and Caddy with the configurations of docs/guard-proxy.md: what gets past them to the app behind, and what does not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.guard.app import bearer
from tests.guard.proxies import Guarding, Upstream, asking, guarding, program, proxy, raw, upstream


@dataclass
class Site:
    name: str
    port: int
    guard: Guarding
    app: Upstream

    def ask(self, target: str, method: str = "GET", headers: dict[str, str] | None = None) -> int:
        return asking(self.port, target, method, headers)[0]


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if program(request.param) is None:
        pytest.skip(f"{request.param} is not installed: scripts/system-packages")
    folder = tmp_path_factory.mktemp(request.param)
    with (
        upstream() as app,
        guarding(folder) as guard,
        proxy(request.param, folder, guard.port, app.port) as port,
    ):
        yield Site(request.param, port, guard, app)


@pytest.fixture
def site(running: Site) -> Site:
    running.app.reached.clear()
    return running


def test_what_the_policy_does_not_name_is_refused(site: Site) -> None:
    assert site.ask("/") == 200
    assert site.ask("/?next=/a//b?c=%2F&d=../e") == 200
    assert site.app.reached[1][1] == "/?next=/a//b?c=%2F&d=../e"
    site.app.reached.clear()
    status, text = asking(site.port, "/debug/all")
    assert status == 404 and "application/problem+json" in text and '"detail": "There is nothing here."' in text
    status, text = asking(site.port, "/admin/jobs", "PUT")
    assert status == 405 and re.search("(?im)^allow: POST\r$", text)
    assert site.app.reached == []


def test_roles(site: Site) -> None:
    status, text = asking(site.port, "/admin/jobs", "POST")
    assert status == 401 and re.search("(?im)^www-authenticate: Bearer\r$", text)
    assert site.ask("/admin/jobs", "POST", bearer("ann", "member")) == 403
    assert site.ask("/admin/jobs", "POST", {"Authorization": "Bearer a.b.c"}) == 401
    assert site.app.reached == []
    assert site.ask("/admin/jobs", "POST", bearer("root", "admin")) == 200
    method, path, headers = site.app.reached[0]
    assert (method, path, headers["x-auth-subject"], headers["x-auth-roles"]) == (
        "POST",
        "/admin/jobs",
        "root",
        "admin",
    )
    assert headers["x-auth-tenant"] == "north"


def test_workspaces(site: Site) -> None:
    ann = bearer("ann", "member", "north")
    assert site.ask("/w/south/tasks", headers=ann) == 404
    assert site.ask("/w/north/tasks?workspace=south", headers=ann) == 404
    assert site.ask("/w/north/tasks?workspace[]=south", headers=ann) == 400
    assert site.ask("/w/north/tasks?Workspace=south", headers=ann) == 400
    assert site.ask("/w/north/tasks", headers=ann | {"X-Workspace": "south"}) == 404
    assert site.ask("/w/north/tasks", headers=ann | {"X-Workspace": "north", "x-workspace": "south"}) == 400
    assert site.app.reached == []
    assert site.ask("/w/north/tasks", headers=ann | {"X-Workspace": "north"}) == 200


def test_a_limit_is_told_with_its_wait_and_no_header_moves_a_client(site: Site) -> None:
    found = [
        asking(site.port, "/search?q=1", headers={"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": "192.0.2.1"})
        for number in range(5)
    ]
    assert [status for status, _ in found] == [200, 200, 200, 429, 429]
    assert re.search(r"(?im)^retry-after: \d+\r$", found[4][1])
    assert "Too many attempts" in found[4][1]
    assert len(site.app.reached) == 3


def test_who_calls_is_said_by_the_guard_alone(site: Site) -> None:
    made_up = {"X-Auth-Subject": "root", "x-auth-roles": "admin", "X-AUTH-TENANT": "south"}
    assert site.ask("/", headers=made_up) == 200
    said = site.app.reached[0][2]
    assert all(not said.get(f"x-auth-{name}") for name in ("subject", "roles", "tenant"))
    assert site.ask("/w/north/tasks", headers=made_up | bearer("ann, root\r\n é", "member")) == 200
    said = site.app.reached[1][2]
    assert said["x-auth-subject"] == "ann%2C root%0D%0A %C3%A9" and said["x-auth-roles"] == "member"
    # Some servers read an underscore as a dash. nginx drops such a header, and what Caddy would hand on is refused.
    site.app.reached.clear()
    site.ask("/", headers={"X_Auth_Subject": "root", "X_Auth_Roles": "admin"})
    assert not any("x_auth" in name for _, _, headers in site.app.reached for name in headers)


def test_headers_of_proxies_that_a_client_sends_are_not_believed(site: Site) -> None:
    made_up = {
        "X-Original-URI": "/", "X-Original-Method": "GET", "X-Forwarded-Uri": "/", "X-Forwarded-Method": "GET",
        "X-Forwarded-Host": "localhost", "X-Original-Upgrade": "", "X-Original-Content-Length": "1",
    }  # fmt: skip
    assert site.ask("/admin/jobs", "POST", made_up) == 401
    assert site.ask("/admin", headers=made_up | bearer("ann", "member")) == 403
    for name in ("X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL"):
        assert site.ask("/", headers={name: "/admin"}) == 400
    assert site.ask("/_launchready", headers=made_up) in (404, 200)
    assert site.app.reached == [] or [path for _, path, _ in site.app.reached] == ["/_launchready"]


@pytest.mark.parametrize(
    "target",
    [
        "//admin", "/./admin", "/x/../admin", "/%61dmin", "/admin%2f", "/admin/", "/Admin", "/ADMIN/", "/%2e/admin", "/x/%2e%2e/admin",
        "/files/../admin", "/files/..%2fadmin", "/files/%2e%2e/admin", "/files/..;/admin", "/files/x/..%5c..%5cadmin", "/admin;x=1",
        "/admin%3bx", "/%2561dmin", "/admin%00", "/admin%20", "/admin%0a", "/admin\\", "/\\admin", "/%5cadmin", "/admin/.", "/admin/..",
        "/admin?", "/admin#x", "/admin%23", "/admin%3f", "/admin.", "/admin%", "/admin%zz", "/%c0%afadmin", "/adm%ef%bd%89n", "/admin%e2%80%8b",
        "/files//../admin", "///admin", "/files/%252e%252e/admin", "/ſearch", "http://app.example.com/admin", "http://evil.example//admin",
        "admin", "*", "/W/south/tasks", "/w/south/tasks/", "/w//south/tasks", "/w/north%2f..%2fsouth/tasks", "/w/north/../south/tasks",
    ],
)  # fmt: skip
@pytest.mark.parametrize("who", [{}, bearer("ann", "member")], ids=["guest", "member"])
def test_no_spelling_of_an_address_reaches_what_its_caller_may_not_have(
    site: Site, target: str, who: dict[str, str]
) -> None:
    status = site.ask(target.encode().decode("latin-1"), headers=who)
    assert status in (200, 400, 401, 403, 404, 405), status
    for _, seen, _ in site.app.reached:
        for meant in _readings(seen):
            assert meant != "/admin" and not meant.startswith("/admin/"), seen
            assert not meant.startswith("/w/south"), seen
    # What got through reached the app as the guard judged it.
    sent = re.sub(r"^http://[^/]+", "", target)
    assert [seen for _, seen, _ in site.app.reached] in ([], [sent.replace("#", "%23")], [sent.removesuffix("?")])


def _readings(target: str) -> set[str]:
    """What servers that are more lenient than others make of an address."""
    found = {target.partition("?")[0].partition("#")[0]}
    for _ in range(3):
        for one in list(found):
            found |= {unquote(one), one.lower(), one.replace("\\", "/"), re.sub("/+", "/", one), one.partition(";")[0]}
            found |= {
                re.sub(r";[^/]*", "", one),
                one.partition("\0")[0],
                one.strip(),
                one.rstrip("/") or "/",
                _resolved(one),
            }
    return found


def _resolved(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def test_sizes(site: Site) -> None:
    large = {"Content-Length": "11", "Content-Type": "text/plain"}
    if site.name == "nginx":
        assert site.ask("/small", "POST", large) == 413
        assert site.app.reached == []
    with_body = "POST /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\n0123456789"
    assert raw(site.port, with_body.encode())[0] == 200


def test_other_websites(site: Site) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Origin": "https://app.example.com"}
    assert site.ask("/admin/jobs", "OPTIONS", asked | {"Origin": "https://evil.example"}) == 403
    assert site.ask("/nowhere/at/all", "OPTIONS", asked) == 403
    assert site.app.reached == []
    status, text = asking(site.port, "/admin/jobs", "OPTIONS", asked)
    assert status == 200 and [method for method, _, _ in site.app.reached] == ["OPTIONS"]
    if site.name == "nginx":
        assert re.search("(?im)^access-control-allow-origin: https://app.example.com\r$", text)
        evil = asking(site.port, "/", headers={"Origin": "https://evil.example"})[1]
        assert "access-control-allow-origin" not in evil.lower()


def test_a_web_socket_is_asked_for_as_one(site: Site) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"}
    assert site.ask("/live", headers=upgrade) in (401, 404)
    assert site.ask("/admin", headers=upgrade) in (401, 405)
    for other in ("h2c", "websocket, h2c", "h2c, websocket"):
        assert site.ask("/live", headers=upgrade | {"Upgrade": other}) == 400
    assert site.app.reached == []
    site.ask("/live", headers=upgrade | bearer("ann", "member"))
    assert [headers["upgrade"] for _, _, headers in site.app.reached] == ["websocket"]


def test_requests_that_are_none(site: Site) -> None:
    for request in (
        b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"G\0T / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\x01\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 30_000 + b"\r\nConnection: close\r\n\r\n",
        b"GET /admin HTTP/1.1\r\nHost: x\r\nX A: b\r\nConnection: close\r\n\r\n",
        b"POST /admin/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
        b"GET /admin HTTP/1.0\r\n\r\n",
        b"GET /admin HTTP/1.1\r\nHost: x\r\n" + b"A:\r\n" * 3000 + b"Connection: close\r\n\r\n",
    ):  # fmt: skip
        status, _ = raw(site.port, request)
        assert status < 500 or status in (501, 505), (status, request[:60])
    assert all(path == "/" for _, path, _ in site.app.reached)


def test_while_the_guard_is_down_nothing_reaches_the_app(site: Site) -> None:
    assert site.guard.stop() == 0
    try:
        for target in ("/", "/admin", "/files/a"):
            assert site.ask(target, headers=bearer("root", "admin")) in (500, 502, 503)
        assert site.app.reached == []
    finally:
        site.guard.start()
    assert site.ask("/") == 200


def test_the_guard_was_never_asked_wrongly(site: Site) -> None:
    assert "not set up" not in site.guard.log and "could not be decided" not in site.guard.log


def test_the_documentation_says_what_is_not_tested() -> None:
    text = (Path(__file__).parents[2] / "docs" / "guard-proxy.md").read_text()
    assert "## Traefik (not tested here)" in text and "## Envoy (not tested here)" in text
