"""Real proxies with the configurations of the documentation, the guard they ask, and a small app behind them."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.guard.app import KEY
from tests.support.ports import free_port, listening

DOCS = Path(__file__).parents[2] / "docs" / "guard-proxy.md"
_PROGRAMS = {"nginx": "/usr/sbin/nginx", "caddy": "caddy"}
POLICY = """
[roles]
order = ["guest", "member", "admin"]

[tenant]
claim = "workspace"
param = ["path:workspace_id", "header:x-workspace", "query:workspace"]

[limits]
search = "3/minute per address"

[cors]
origins = ["https://app.example.com"]

[[endpoint]]
route = "GET /"
allow = ["guest"]

[[endpoint]]
route = "GET /{page}"
allow = ["guest"]

[[endpoint]]
route = "GET /files/{path:path}"
allow = ["guest"]

[[endpoint]]
route = "GET /search"
allow = ["guest"]
kind = "search"

[[endpoint]]
route = "GET /admin"
allow = ["admin"]

[[endpoint]]
route = "POST /admin/jobs"
allow = ["admin"]
kind = "admin"

[[endpoint]]
route = "GET /w/{workspace_id}/tasks"
allow = ["member", "admin"]
tenant = true

[[endpoint]]
route = "POST /small"
allow = ["guest"]
body = "10 B"

[[endpoint]]
route = "WEBSOCKET /live"
allow = ["member"]
"""


def program(name: str) -> str | None:
    """Where a proxy is installed, None when it is not."""
    return shutil.which(name) or (_PROGRAMS[name] if Path(_PROGRAMS[name]).exists() else None)


@dataclass
class Upstream:
    """An app that answers everything, and keeps what reached it."""

    port: int
    reached: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def upstream() -> Iterator[Upstream]:
    """Run one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            app.reached.append((self.command, self.path, {key.lower(): value for key, value in self.headers.items()}))
            body = json.dumps({"path": self.path}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = _answer

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    app = Upstream(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()


class Guarding:
    """The guard as a process."""

    def __init__(self, folder: Path, policy: str, *options: str, **environment: str) -> None:
        self.port, self._environment = free_port(), environment
        (folder / "policy.toml").write_text(policy)
        self._command: list[str | Path] = [
            Path(sys.executable).with_name("launchready-guard"), "serve", "--policy", folder / "policy.toml",
            "--listen", f"127.0.0.1:{self.port}", "--bearer-env", "TOKEN_KEY", *options,
        ]  # fmt: skip
        self._log = folder / "guard.log"
        self.start()

    def start(self) -> None:
        """Begin."""
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                self._command, stderr=log, cwd=self._log.parent, env=os.environ | {"TOKEN_KEY": KEY} | self._environment
            )
        listening(self.port, self.process)

    def stop(self) -> int:
        """End it as a supervisor does, and give its exit code."""
        self.process.terminate()
        return self.process.wait(20)

    @property
    def log(self) -> str:
        """What it said."""
        return self._log.read_text()


@contextmanager
def guarding(folder: Path, policy: str = POLICY, *options: str, **environment: str) -> Iterator[Guarding]:
    """Run the guard for a while."""
    guard = Guarding(folder, policy, *options, **environment)
    try:
        yield guard
    finally:
        if guard.process.poll() is None:
            guard.process.kill()
            guard.process.wait(20)


@contextmanager
def proxy(name: str, folder: Path, guard: int, app: int) -> Iterator[int]:
    """Run nginx or Caddy with the file of the documentation, its addresses changed; the port it listens at."""
    port = free_port()
    fence = {"nginx": "nginx", "caddy": "caddyfile"}[name]
    found = re.search(rf"```{fence}\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert found is not None
    text = found[1].replace("127.0.0.1:9180", f"127.0.0.1:{guard}").replace("127.0.0.1:3000", f"127.0.0.1:{app}")
    assert str(guard) in text and str(app) in text and "8080" in text
    if name == "nginx":
        text = text.replace("listen 8080", f"listen 127.0.0.1:{port}")
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        outside = f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}"
        text = f"{outside} http {{ access_log off; {temporary}\n{text}}}"
        options = ["-p", str(folder), "-c"]
    else:
        text = "{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n" + text.replace(":8080 {", f":{port} {{")
        options = ["run", "--adapter", "caddyfile", "--config"]
    file = folder / f"{name}.conf"
    file.write_text(text)
    where = program(name)
    assert where is not None
    environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / f"{name}.out").open("w") as out:
        process = subprocess.Popen([where, *options, file], stdout=out, stderr=out, env=environment)
    try:
        listening(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def raw(port: int, request: bytes) -> tuple[int, str]:
    """Send bytes as they are; the status, 0 without an answer, and all that came."""
    with socket.create_connection(("127.0.0.1", port), 15) as one:
        one.sendall(request)
        got = b""
        try:
            while part := one.recv(65_536):
                got += part
        except ConnectionError:
            pass
    status = re.match(rb"HTTP/1\.[01] (\d{3})", got)
    return int(status[1]) if status else 0, got.decode("latin-1")


def asking(port: int, target: str, method: str = "GET", headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Send a request whose address stays as it is written here."""
    lines = [f"{method} {target} HTTP/1.1", "Host: app.example.com", "Connection: close"]
    lines += [f"{key}: {value}" for key, value in (headers or {}).items()]
    return raw(port, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
