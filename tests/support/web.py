"""Real HTTP servers on loopback for tests."""

import contextlib
import functools
import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def _running(handler: Callable[..., http.server.BaseHTTPRequestHandler], port: int = 0) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Serve the files of a folder."""
    with _running(functools.partial(_Quiet, directory=str(folder))) as url:
        yield url


@dataclass(frozen=True, slots=True)
class Got:
    """A request an app of a test received; ``peer`` is the address it came from."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What it answers."""

    status: int = 200
    body: bytes | str = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def serve(app: Callable[[Got], Reply], port: int = 0) -> Iterator[str]:
    """Serve one function on every path and method, at ``port`` where one is given; when it raises ConnectionAbortedError, the line is cut
    without an answer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: otherwise every answer waits for the delayed acknowledgement of its head.
        wbufsize = -1
        disable_nagle_algorithm = True
        server_version = "test"
        sys_version = ""

        def log_message(self, format: str, *args: object) -> None:
            pass

        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            path, _, query = self.path.partition("?")
            names = {name.lower(): value for name, value in self.headers.items()}
            try:
                reply = app(Got(self.command, path, query, names, self.rfile.read(length), self.client_address[0]))
            except ConnectionAbortedError:
                self.close_connection = True
                return
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = _answer

    with _running(Handler, port) as url:
        yield url
