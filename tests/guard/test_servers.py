"""The guard behind real servers on loopback: many at once, connections that stay, web sockets, and clients that leave half way."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import uvicorn
from fastapi import FastAPI
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from werkzeug.serving import make_server as werkzeug_server

from tests.guard import flask_app
from tests.guard.app import bare, bearer, guarded
from tests.guard.django_app import with_options

# isort: split
from django.core.handlers.wsgi import WSGIHandler

from tests.guard.records.urls import REACHED

ANN = bearer("ann", "member")


class _Threaded(ThreadingMixIn, WSGIServer):
    """wsgiref's server, with a thread for each request."""

    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def _uvicorn(app: Any) -> Iterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


@contextmanager
def _serving(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(10)
    server.server_close()


class _Served:
    """A guarded app on a port, and what reached it."""

    def __init__(self, port: int, reached: list[Any], slash: str = "") -> None:
        self.port, self.reached, self.slash = port, reached, slash

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Any = None) -> tuple[int, bytes]:
        """One request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def raw(self, *parts: bytes) -> bytes:
        """What is answered to these bytes when the client then stops sending."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            found = b""
            # A server that has answered may close on what it did not read.
            with suppress(ConnectionResetError, BrokenPipeError):
                for part in parts:
                    connection.sendall(part)
                connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(65_536):
                    found += piece
        return found


@pytest.fixture(params=["uvicorn", "wsgiref", "werkzeug", "django"])
def served(request: pytest.FixtureRequest) -> Iterator[_Served]:
    if request.param == "uvicorn":
        app: FastAPI = bare()
        with _uvicorn(guarded(app)) as port:
            yield _Served(port, app.state.reached)
        return
    if request.param == "django":
        REACHED.clear()
        with with_options(), _serving(make_server("127.0.0.1", 0, WSGIHandler(), _Threaded, _Silent)) as port:
            yield _Served(port, REACHED, "/")
        return
    flask = flask_app.bare()
    flask_app.guarded(flask)
    if request.param == "wsgiref":
        server: Any = make_server("127.0.0.1", 0, flask, _Threaded, _Silent)
    else:
        server = werkzeug_server("127.0.0.1", 0, flask, threaded=True)
    with _serving(server) as port:
        yield _Served(port, flask.config["REACHED"])


def test_many_at_once(served: _Served) -> None:
    asked: list[tuple[str, str, bytes | None, dict[str, str], int]] = []
    for number in range(60):
        workspace = f"w{number}"
        own = bearer("ann", "member", workspace) | {"Content-Type": "application/json"}
        body = json.dumps({"workspace": workspace, "number": number}).encode()
        asked.append(("POST", "/tasks", body, own, 200))
        asked.append(("GET", f"/w/{workspace}/tasks{served.slash}", None, own, 200))
        asked.append(("GET", f"/w/{workspace}x/tasks{served.slash}", None, own, 404))
        asked.append(("POST", "/tasks", body, bearer("eve", "member", "evil"), 404))
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda one: served.ask(*one[:4])[0], asked))
    assert found == [one[-1] for one in asked]
    numbers = [json.loads(one[-1])["number"] for one in served.reached if one[-1]]
    assert sorted(numbers) == list(range(60))


def test_a_connection_that_stays(served: _Served) -> None:
    connection = HTTPConnection("127.0.0.1", served.port, timeout=20)
    statuses = []
    large, small = b"x" * 100_000, b"x" * 100
    for method, path, body in (
        ("GET", "/", None),
        ("POST", "/upload", large),
        ("POST", "/upload", small),
        ("GET", "/nowhere", None),
        ("PUT", "/tasks", None),
        ("GET", "/", None),
    ):
        try:
            connection.request(method, path, body, {"Content-Type": "text/plain"})
            answer = connection.getresponse()
        except (BrokenPipeError, ConnectionResetError):
            # A server may close on a body that nobody wants to read.
            connection.close()
            statuses.append(413)
            continue
        answer.read()
        statuses.append(answer.status)
    connection.close()
    assert statuses == [200, 413, 200, 404, 405, 200]


def test_a_client_that_sends_half_a_body_and_leaves(served: _Served) -> None:
    head = (
        f"POST /tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {ANN['Authorization']}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    )
    for _ in range(5):
        answer = served.raw(head.encode(), b'{"workspace": ')
        assert not answer or answer.split(b" ")[1] == b"400"
    form = b"POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n"
    answer = served.raw(form, b"to=ann&amount=1")
    assert not answer or answer.split(b" ")[1] == b"400"
    assert served.reached == []
    assert served.ask("GET", "/")[0] == 200


def test_two_lengths_at_once(served: _Served) -> None:
    both = b"POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
    answer = served.raw(both + b"0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n")
    assert not answer or answer.split(b" ")[1] in (b"400", b"200")
    assert all(one[-1] == "" and "admin" not in str(one) for one in served.reached)
    assert served.ask("GET", "/")[0] == 200


def test_bodies_in_chunks_behind_uvicorn() -> None:
    app = bare()
    with _uvicorn(guarded(app)) as port:
        served = _Served(port, app.state.reached)
        head = b"POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert served.raw(head, b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n").split(b" ")[1] == b"200"
        answer = served.raw(head, *[b"400\r\n" + b"x" * 1024 + b"\r\n"] * 4, b"0\r\n\r\n")
        assert not answer or answer.split(b" ")[1] == b"413"
        assert [one[2] for one in app.state.reached] == ["abcde"]


def test_bodies_in_chunks_behind_werkzeug() -> None:
    flask = flask_app.bare()
    flask_app.guarded(flask)
    with _serving(werkzeug_server("127.0.0.1", 0, flask, threaded=True)) as port:
        served = _Served(port, flask.config["REACHED"])
        head = b"POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert served.raw(head, b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n").split(b" ")[1] == b"200"
        answer = served.raw(head, *[b"400\r\n" + b"x" * 1024 + b"\r\n"] * 4, b"0\r\n\r\n")
        assert not answer or answer.split(b" ")[1] == b"413"
        assert [one[2] for one in flask.config["REACHED"]] == ["abcde"]


def test_web_sockets_behind_uvicorn() -> None:
    with _uvicorn(guarded()) as port:
        address = f"ws://127.0.0.1:{port}/live/"
        with connect(address + "north", additional_headers=ANN) as wire:
            assert wire.recv() == "north"
        for path, headers in (("north", {}), ("south", ANN), ("north", bearer("root", "admin")), ("north/more", ANN)):
            with pytest.raises(InvalidStatus) as refused, connect(address + path, additional_headers=headers):
                pass
            assert refused.value.response.status_code == 403


def test_an_app_with_a_route_that_nobody_reviewed_does_not_start() -> None:
    app = bare()
    app.add_api_route("/debug", lambda: "all of it")
    server = uvicorn.Server(uvicorn.Config(guarded(app), port=0, log_level="critical", lifespan="on"))
    ended: list[int | str | None] = []

    def run() -> None:
        try:
            server.run()
        except SystemExit as end:
            ended.append(end.code)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(10)
    assert ended == [3] and not server.started
