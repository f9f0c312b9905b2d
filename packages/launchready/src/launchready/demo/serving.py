"""The process that runs Opsboard: the app, its edge and its DNS, until standard input closes.

Started by ``server.py`` as ``python -m launchready.demo.serving VARIANT FOLDER PORT``, with Opsboard's source as working folder.
Prints one JSON line with the ports. Standard input is a pipe of the parent: when the parent dies, however it
dies, the pipe closes and this process ends.
"""

import asyncio
import importlib
import json
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

from launchready.demo import certificates
from launchready.demo.zone import HOSTS, records, serve_dns

_CANONICAL = "app.opsboard.test"


def _listen(port: int = 0) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


class _Redirect:
    """Sends everybody to the canonical host over HTTPS (RFC 9110, 308)."""

    def __init__(self, app: Any, https: int, *, only_other_hosts: bool) -> None:
        self._app, self._https, self._only = app, https, only_other_hosts

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        host = dict(scope.get("headers", ())).get(b"host", b"").decode("latin-1").rsplit(":", 1)[0]
        if scope["type"] != "http" or (self._only and host == _CANONICAL):
            await self._app(scope, receive, send)
            return
        path = scope.get("raw_path", b"/").decode("latin-1")
        query = scope.get("query_string", b"").decode("latin-1")
        target = f"https://{_CANONICAL}:{self._https}{path}" + (f"?{query}" if query else "")
        headers = [(b"location", target.encode()), (b"content-length", b"0")]
        if self._only:
            headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
        await send({"type": "http.response.start", "status": 308, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


class _Server(uvicorn.Server):
    """A server that leaves signals to the process: three of them share one."""

    def capture_signals(self) -> Any:
        from contextlib import nullcontext

        return nullcontext()


def _server(app: Any, *, lifespan: str, certificate: Path | None = None) -> _Server:
    keyed = {"ssl_certfile": str(certificate)} if certificate else {}
    options: dict[str, Any] = {"log_level": "error", "access_log": False, "lifespan": lifespan, **keyed}
    return _Server(uvicorn.Config(app, timeout_graceful_shutdown=1, **options))


async def _main(variant: str, folder: Path, port: int) -> None:
    sys.path.insert(0, str(Path.cwd()))
    app = importlib.import_module("app.main").app
    sockets = {"app": _listen(port), "http": _listen(), "https": _listen()}
    ports = {name: listener.getsockname()[1] for name, listener in sockets.items()}
    if variant == "guarded":
        certificate, _ = certificates.sound(folder, HOSTS)
        https = _server(_Redirect(app, ports["https"], only_other_hosts=True), lifespan="off", certificate=certificate)
        http = _server(_Redirect(app, ports["https"], only_other_hosts=False), lifespan="off")
    else:
        https = _server(app, lifespan="off", certificate=certificates.expired(folder, HOSTS))
        http = _server(app, lifespan="off")
    servers = {"app": _server(app, lifespan="on"), "https": https, "http": http}
    async with serve_dns(records(variant)) as ports["dns"], asyncio.TaskGroup() as group:
        for name, server in servers.items():
            group.create_task(server.serve(sockets=[sockets[name]]))
        while not all(server.started for server in servers.values()):  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
        print(json.dumps(ports), flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)
        for server in servers.values():
            server.should_exit = True


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
