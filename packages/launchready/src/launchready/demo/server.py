"""Starts and stops Opsboard. Nothing stays behind: no process, no folder."""

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from launchready.demo.build import Build, materialise
from launchready.demo.zone import DOMAIN, HOSTS

_STARTS_WITHIN = 30.0
_NEEDED = ("fastapi", "uvicorn", "jwt", "multipart", "jinja2")
_VISITS = ("/", "/login", "/healthz", "/version", "/api/stats")


class DemoError(Exception):
    """Opsboard could not be started; the message says what we did, what happened and what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """Opsboard, up: ``url`` of the app, ``source`` folder, ``faults`` file to score an audit against, ``pid``."""

    variant: str
    url: str
    source: Path
    faults: Path
    password: str
    ports: dict[str, int]
    pid: int


@contextlib.contextmanager
def running(
    variant: str, port: int = 0, faults_file: Path = Path(__file__).parent / "faults.toml"
) -> Iterator[Running]:
    """Opsboard for the length of a with-block. ``port`` 0 takes a free one. Raises :class:`DemoError`."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise DemoError(
            f"Starting Opsboard: {', '.join(missing)} is not installed. Run: pip install 'launchready[demo]'"
        )
    folder = Path(tempfile.mkdtemp(prefix="opsboard-"))
    try:
        try:
            build = materialise(variant, folder / "opsboard")
        except (ValueError, OSError, subprocess.CalledProcessError) as error:
            raise DemoError(f"Writing Opsboard into a temporary folder: {error}") from error
        planted = faults_file if variant == "unsafe" else folder / "faults.toml"
        if variant == "guarded":
            planted.write_text("fault = []\n", encoding="utf-8")
        with _process(build, folder, port) as (ports, pid):
            url = f"http://127.0.0.1:{ports['app']}"
            _write_project(build, folder, url, ports)
            _visit(url, build.password)
            yield Running(variant, url, build.source, planted, build.password, ports, pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _process(build: Build, folder: Path, port: int) -> Iterator[tuple[dict[str, int], int]]:
    env = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    command = [sys.executable, "-m", "launchready.demo.serving", build.variant, str(folder), str(port)]
    errors = folder / "errors.txt"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            cwd=build.source,
            env=env | build.env | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            said = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or ["no word"]
            raise DemoError(f"Starting Opsboard on port {port or 'any'}: it ended with {said[0]!r}. Give another port.")
        yield json.loads(line), process.pid
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    # Closing the pipe is how the child is asked to go; what does not listen is ended by its own process id.
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    for stop in (process.terminate, process.kill):
        try:
            process.wait(3)
            return
        except subprocess.TimeoutExpired:
            stop()
    process.wait()


def _visit(url: str, password: str) -> None:
    """Leave the traces in the log that a morning of use leaves."""
    for path in _VISITS:
        _call(url + path)
    for person in ("alice@north.test", "dana@north.test"):
        body = json.dumps({"email": person, "password": password}).encode()
        token = json.loads(_call(url + "/api/login", body) or b"{}").get("token", "")
        _call(url + "/api/w/1/members", headers={"Authorization": f"Bearer {token}"})
    _call(url + "/api/login", json.dumps({"email": "bob@north.test", "password": password[::-1]}).encode())


def _call(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"} | (headers or {}))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_STARTS_WITHIN) as response:
            content: bytes = response.read()
            return content
    except urllib.error.HTTPError as error:
        with error:
            return b""


def _write_project(build: Build, folder: Path, url: str, ports: dict[str, int]) -> None:
    guarded = build.variant == "guarded"
    domains: dict[str, object] = {
        "root": DOMAIN,
        "canonical": "app." + DOMAIN,
        "hosts": list(HOSTS),
        "mail": ["postmark"],
        "dkim": ["pm"],
        "resolver": f"127.0.0.1:{ports['dns']}",
        "ports": {"http": ports["http"], "https": ports["https"]},
    }
    if guarded:
        domains["ca_file"] = str(folder / "ca.pem")
    owners: dict[str, object] = {"uptime": "", "alerts": []}
    if guarded:
        who = "Dana Cole, 2026-11-02"
        owners = {
            "uptime": "Dana Cole <dana@opsboard.test>",
            "alerts": ["slack:#ops", "email:dana@opsboard.test"],
            "attest": {"BAR-10": who, "EDGE-5": who, "HAND-1": who, "HAND-4": who},
        }
    text = tomlkit.dumps(
        {
            "project": {"name": "Opsboard", "source": ["."], "logs": ["logs/app.log"]},
            "environments": {build.variant: {"url": url, "writes": True, "version": "/version"}},
            "domains": domains,
            "owners": owners,
        }
    )
    (build.source / "launchready.toml").write_text(text, encoding="utf-8")
