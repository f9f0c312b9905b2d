"""``launchready-guard serve`` as a process: what it needs to start, and what it does with askers that are no good."""

import http.client
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from launchready_guard.forward.http import HttpError, parsed
from launchready_guard.forward.paths import UnclearError, clear

from tests.guard.app import POLICY as WITH_BODIES
from tests.guard.app import bearer
from tests.guard.proxies import POLICY, Guarding, guarding, raw
from tests.support.ports import free_port, listening

COMMAND = Path(sys.executable).with_name("launchready-guard")


def starting(folder: Path, policy: str, *options: str) -> "subprocess.CompletedProcess[str]":
    (folder / "policy.toml").write_text(policy)
    command: list[str | Path] = [COMMAND, "serve", "--policy", folder / "policy.toml", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, check=False)


def ask(port: int, uri: str, method: str = "GET", headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asked = {"X-Original-Method": method, "X-Original-URI": uri, "X-Forwarded-For": "203.0.113.9"}
    connection.request("GET", "/auth/nginx", headers=asked | (headers or {}))
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarding]:
    with guarding(tmp_path_factory.mktemp("guard"), POLICY, "--connections", "20") as one:
        yield one


@pytest.mark.parametrize(
    ("policy", "options", "says"),
    [
        (POLICY, ["--listen", "0.0.0.0:0"], "name the networks of the proxy: --trusted"),
        (POLICY, ["--listen", "everywhere"], "Expected an address and a port"),
        (POLICY, ["--trusted", "10.0.0.0/99"], "Expected networks such as"),
        (POLICY, ["--bearer-env", "NOT_SET_ANYWHERE"], "it has no NOT_SET_ANYWHERE"),
        (POLICY, ["--identify", "nowhere:who"], "Expected module:name"),
        (POLICY, ["--identify", "json:__doc__"], "it is no function"),
        (POLICY.replace('"admin"]\nkind', '"nobody"]\nkind'), [], "names the role 'nobody'"),
        (POLICY.replace("[limits]", '[guard]\ncsrf = "token"\n\n[limits]'), [], "needs forms"),
        (POLICY + "review = true\n", [], "1 rows wait for review:\n  WEBSOCKET /live"),
        (WITH_BODIES, [], "POST /hooks/payments: the signature (stripe) is made over the body"),
        (WITH_BODIES, [], "POST /tasks: its workspace may stand in the body (body:workspace)"),
        (WITH_BODIES, [], "POST /login: its limit per account counts the account that the body names"),
    ],
)
def test_what_keeps_it_from_starting(tmp_path: Path, policy: str, options: list[str], says: str) -> None:
    done = starting(tmp_path, policy, *options)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr


def test_rows_that_need_the_body_are_left_to_the_app_when_that_is_said(tmp_path: Path) -> None:
    with guarding(tmp_path, WITH_BODIES, "--without-bodies") as guard:
        assert "Left to the app" in guard.log and "POST /hooks/payments" in guard.log
        assert ask(guard.port, "/hooks/payments", "POST").status == 200
        assert ask(guard.port, "/tasks", "POST").status == 401
        assert ask(guard.port, "/w/south/tasks", headers=bearer("ann", "member")).getheader("x-guard-status") == "404"
        assert guard.stop() == 0


def test_a_socket_that_only_this_machine_reaches(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)
    process = subprocess.Popen(
        [COMMAND, "serve", "--policy", tmp_path / "policy.toml", "--listen", f"unix:{tmp_path}/s"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        while "Listening" not in process.stderr.readline():
            assert process.poll() is None
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(15)
            one.connect(f"{tmp_path}/s")
            one.sendall(b"GET /auth/caddy HTTP/1.0\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /\r\n\r\n")
            assert one.recv(100).startswith(b"HTTP/1.1 200 ")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait(20)
        if process.stderr is not None:
            process.stderr.close()


def test_who_is_not_the_proxy_is_told_nothing(tmp_path: Path) -> None:
    with guarding(tmp_path, POLICY, "--trusted", "192.0.2.0/24,198.51.100.7/32") as guard:
        assert ask(guard.port, "/").status == 403
        assert "Only the proxy" in raw(guard.port, b"GET /healthz HTTP/1.1\r\n\r\n")[1]


def test_who_calls_by_a_function_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import asyncio\n"
        "from launchready_guard import Identity\n"
        "async def who(call):\n"
        "    name = call.header('x-api-key')\n"
        "    if name == 'breaks': raise KeyError(name)\n"
        "    if name == 'hangs': await asyncio.sleep(60)\n"
        "    return Identity(name, frozenset(('admin',))) if name == 'root' else None\n"
    )
    (tmp_path / "policy.toml").write_text(POLICY)
    port = free_port()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [COMMAND, "serve", "--policy", "policy.toml", "--listen", f"127.0.0.1:{port}", "--identify", "mine:who"],
            stderr=log,
            cwd=tmp_path,
        )
    try:
        listening(port, process)
        assert ask(port, "/admin", headers={"X-Api-Key": "root"}).status == 200
        assert ask(port, "/admin").status == 401
        for name in ("breaks", "hangs"):
            assert ask(port, "/admin", headers={"X-Api-Key": name}).status == 503
        assert ask(port, "/admin", headers={"X-Api-Key": "root"}).status == 200
    finally:
        process.terminate()
        process.wait(20)
    said = (tmp_path / "log").read_text()
    assert "could not be decided" in said and "was not decided in 5.0 s" in said


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_two_guards_with_one_count_that_outlive_it(tmp_path: Path) -> None:
    port = free_port()
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""], stdout=subprocess.DEVNULL
    )
    address = f"redis://127.0.0.1:{port}/0"
    try:
        listening(port, redis)
        (tmp_path / "other").mkdir()
        with (
            guarding(tmp_path, POLICY, "--redis-env", "COUNTS", COUNTS=address) as one,
            guarding(tmp_path / "other", POLICY, "--redis-env", "COUNTS", COUNTS=address) as other,
        ):
            statuses = [ask(guard.port, "/search").getheader("x-guard-status") for guard in (one, other, one, other)]
            assert statuses == [None, None, None, "429"]
            redis.kill()
            redis.wait(20)
            again = [ask(one.port, "/search").status for _ in range(5)]
            assert again[0] == 200 and again[-1] == 403
    finally:
        redis.kill()
        redis.wait(20)


def test_health_and_counters(guard: Guarding) -> None:
    assert ask(guard.port, "/nowhere/here").status == 403
    status, text = raw(guard.port, b"GET /metrics HTTP/1.0\r\n\r\n")
    assert status == 200 and re.search(r'route="unlisted",rule="unlisted",outcome="refused"} \d+', text)
    assert raw(guard.port, b"GET /healthz HTTP/1.0\r\n\r\n")[0] == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b"GET  /auth/nginx HTTP/1.1\r\n\r\n", 400),
        (b"GET /auth/nginx HTTP/1.1\nX: y\n\n\r\n\r\n", 400),
        (b"GET /auth/nginx HTTP/1.1\r\nX : y\r\n\r\n", 400),
        (b"GET /auth/nginx HTTP/1.1\r\nX: y\r\n folded\r\n\r\n", 400),
        (b"GET /auth/nginx HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /auth/nginx HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
        (b"GET /auth/nginx HTTP/1.1\r\nContent-Length: +5\r\n\r\n", 400),
        (b"GET /auth/nginx HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"GET /auth/nginx HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", 431),
        (b"GET /auth/nginx HTTP/1.1\r\n\r\n", 403),
        (b"GET /auth/nginx HTTP/1.0\r\nX-Original-Method: GET\r\nX-Original-URI: /\r\nX-Original-URI: /a\r\n\r\n", 403),
        (b"GET /auth/nginx/ HTTP/1.0\r\nX-Original-Method: GET\r\nX-Original-URI: /\r\n\r\n", 403),
        (b"GET /auth/envoy HTTP/1.0\r\n\r\n", 403),
        (b"GET /auth/envoy/ HTTP/1.0\r\n\r\n", 200),
        (b"POST /auth/envoy/admin/jobs?x=1 HTTP/1.0\r\n\r\n", 401),
        (b"GET /auth/envoy/?next=/a HTTP/1.0\r\n\r\n", 200),
        (b"GET /auth/envoy/search?workspace=a?b HTTP/1.0\r\n\r\n", 200),
        (b"GET /auth/envoy//admin HTTP/1.0\r\n\r\n", 400),
        (b"GET /else HTTP/1.0\r\n\r\n", 403),
    ],
)  # fmt: skip
def test_questions_that_are_none(guard: Guarding, request_: bytes, status: int) -> None:
    request_ = request_.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n")
    assert raw(guard.port, request_)[0] == status
    assert ask(guard.port, "/").status == 200


def test_slow_askers_are_sent_away_and_too_many_are_not_let_in(guard: Guarding) -> None:
    slow = [socket.create_connection(("127.0.0.1", guard.port), 15) for _ in range(20)]
    try:
        for one in slow:
            one.sendall(b"GET /auth/nginx HTTP/1.1\r\nX-Orig")
        assert ask(guard.port, "/").status == 503
        for one in slow:
            assert one.recv(100) == b""  # closed by the guard after five seconds
        assert ask(guard.port, "/").status == 200
    finally:
        for one in slow:
            one.close()


def test_one_connection_serves_many_questions(guard: Guarding) -> None:
    question = b"GET /auth/caddy HTTP/1.1\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /%s\r\n%s\r\n"
    asked = (question % (b"", b"")) * 3 + question % (b"nowhere/here", b"Connection: close\r\n")
    _, text = raw(guard.port, asked)
    assert re.findall(r"HTTP/1.1 (\d+)", text) == ["200", "200", "200", "404"]


@given(st.binary(max_size=200).map(lambda some: b"GET /" + some + b"\r\n\r\n") | st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(head: bytes) -> None:
    try:
        request, length = parsed(head)
    except HttpError as error:
        assert error.status in (400, 413)
    else:
        assert request.method and request.target.startswith("/") and length >= 0


_PIECES = st.sampled_from(
    ["/", "/", "a", "B", ".", "..", "%", "%2f", "%2e", "%5c", "%25", "%41", "%3b", "%00", "%20", "%c3%a9", "%c0", ";", "\\", " ", "é", "\0", "?", "#", "x=1"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=12).map(lambda parts: "/" + "".join(parts)) | st.text(max_size=40))
def test_an_address_that_is_taken_means_one_thing(target: str) -> None:
    from tests.guard.test_proxies import _readings

    try:
        path, decoded, _ = clear(target)
    except UnclearError:
        return
    plain = {decoded, decoded.lower(), decoded.rstrip("/") or "/"}
    for meant in _readings(path):
        # Beside capitals and a slash at the end, which are looked at apart, only the escapes themselves may differ.
        assert {meant, meant.lower().rstrip("/") or "/"} & {
            *plain,
            decoded.lower().rstrip("/") or "/",
        } or "%" in meant, (target, meant)
