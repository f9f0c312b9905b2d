"""How much of what real apps register our reading of source finds, and whether *guarded* and *open* hold when a stranger calls.

    python bench/surface/apps.py [--only NAME …] [--misses]

Each app is installed by its own package manager into a folder of the cache and asked for its route table by the code behind
``launchready surface --from-app``. Where it starts with SQLite it is served on loopback, and every GET is called once without
credentials: refused means guarded, a 2xx means open, anything else decides nothing. Not counted are files, what libraries
register by themselves (their handlers are not in the source: documentation, the pages of an admin site), other spellings of the
same operation (``/x.{format}``), what source says is there only under a condition, and files of the package that belong to
another process than the one that was asked. A guard that only a setting brings is *unknown* in the source; where the app is served
with that setting, it is recognised when we name the condition. Roles are scored where the app has them: against the permissions
its own objects hold (Superset), or by calling each operation as each role (Opsboard).
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import accounts
import roles
from launchready.core.check import NotCheckedError
from launchready.demo.build import materialise
from launchready.demo.server import running
from launchready.model.surface import Endpoint, Surface
from launchready.model.words import Kind
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site
from launchready.sources.fromapp.ask import FromAppError, ask
from launchready.sources.fromapp.find import Target
from launchready.sources.fromapp.reconcile import reconciled
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

SCRATCH = Path.home() / ".cache" / "launchready" / "surface-bench"
_VERDACCIO = """
const { runServer } = require("verdaccio");
const config = { storage: process.env.SCRATCH, self_path: process.env.SCRATCH, uplinks: {}, web: {}, logs: { level: "fatal" },
  auth: { htpasswd: { file: process.env.SCRATCH + "/htpasswd" } }, packages: { "**": { access: "$authenticated", publish: "$authenticated" } } };
runServer(config).then((server) => server.listen(Number(process.env.PORT || 0), "127.0.0.1"));
"""
_PARSE = """
const express = require("express");
const { ParseServer } = require("parse-server");
const app = express();
const options = { databaseURI: "mongodb://127.0.0.1:9/none", appId: "a", masterKey: "m", serverURL: "http://127.0.0.1:1/" };
app.use("/", new ParseServer(options).app);
app.listen(0);
"""
_DIRECTUS = """
import { createApp } from "@directus/api";
(await createApp()).listen(0);
"""
_STARTS_WITHIN = 90.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where an app answers; empty when it cannot be served here. ``password`` is that of the people of our demo."""

    url: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class App:
    """An installed app: where its source is, how its route table is asked for, and how it is served (empty: it is not)."""

    name: str
    root: Path
    parts: tuple[str, ...]
    target: Target
    python: str = ""
    serve: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    before: tuple[tuple[str, ...], ...] = ()
    within: str = ""
    # What its operations ask for, given the operations and where it is served (its URL and the password of its people).
    # Part of the name of the setting it is served with: guards that need it are there.
    setting: str = ""
    asks: Callable[[Sequence[Endpoint], "Served"], roles.Truth] | None = None

    def owns(self, file: str) -> bool:
        """Whether a file, relative to the root, is of the app and not of a library."""
        return (
            any((self.root / file).is_relative_to(self.root / part) for part in self.parts)
            and (self.root / file).exists()
        )


def _python(name: str, *packages: str) -> str:
    """The interpreter of the scratch environment that holds one of the Python apps."""
    folder = SCRATCH / name
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", *packages], check=True)
        (folder / "ready").touch()
    return str(folder / "bin" / "python")


def _package(python: str, name: str) -> Path:
    """The folder of an installed package."""
    code = f"import importlib.util as u; print(u.find_spec({name!r}).origin)"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip()).parent


def _node() -> Path:
    """The scratch package that holds the apps of Node, and their entries."""
    folder = SCRATCH / "node"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "ready").exists():
        subprocess.run(["npm", "init", "-y"], cwd=folder, check=True, capture_output=True)
        subprocess.run(["npm", "install", "--silent", "verdaccio", "parse-server", "express"], cwd=folder, check=True)
        (folder / "ready").touch()
    (folder / "verdaccio.js").write_text(_VERDACCIO)
    (folder / "parse-server.js").write_text(_PARSE)
    return folder


def prefect(port: int, scratch: Path) -> App:
    """The API server of Prefect, without a password as it is installed."""
    # Newer versions of what it is built on refuse arguments that it still gives.
    python = _python("python", "prefect", "fastapi<0.150", "pydantic<2.14")
    root = _package(python, "prefect")
    factory = "prefect.server.api.server:create_app"
    serve = (python, "-m", "uvicorn", "--factory", factory, "--port", str(port))
    environment = {"PREFECT_HOME": str(scratch), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    target = Target("python", f"{factory}()", scratch)
    return App("prefect", root.parent, (str(root),), target, python, serve, environment, within="prefect/server/")


def prefect_with_password(port: int, scratch: Path) -> App:
    """The same, with its setting of one password for the whole API."""
    app = prefect(port, scratch)
    password = {"PREFECT_SERVER_API_AUTH_STRING": f"admin:{secrets.token_urlsafe(12)}"}
    return replace(app, name="prefect, password", environment=app.environment | password, setting="API_AUTH_STRING")


def label_studio(port: int, scratch: Path) -> App:
    """Label Studio on SQLite: Django and Django REST framework."""
    python = _python("label-studio", "label-studio")
    root = _package(python, "label_studio")
    settings = "core.settings.label_studio"
    environment = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(scratch),
        "DJANGO_DB": "sqlite",
        "DJANGO_SETTINGS_MODULE": settings,
        "COLLECT_ANALYTICS": "0",
        "LATEST_VERSION_CHECK": "0",
        "PYTHONPATH": str(root),
    }
    manage = (python, "manage.py")
    serve = (*manage, "runserver", "--noreload", "--insecure", f"127.0.0.1:{port}")
    before = ((*manage, "migrate", "-v", "0"),)
    target = Target("python", f"django:{settings}", root)

    def asked(endpoints: Sequence[Endpoint], served: Served) -> roles.Truth:
        people, request = accounts.label_studio(python, root, environment)
        return roles.called(served.url, people, endpoints, request)

    return App("label-studio", root, (str(root),), target, python, serve, environment, before, asks=asked)


def apache_superset(port: int, scratch: Path) -> App:
    """Apache Superset on SQLite: Flask-AppBuilder."""
    python = _python("superset", "apache-superset", "Flask-Caching<2.3.1", "rich", "cachetools")
    root = _package(python, "superset")
    environment = {
        "SUPERSET_HOME": str(scratch),
        "SUPERSET_SECRET_KEY": secrets.token_urlsafe(32),
        "FLASK_APP": "superset.app:create_app()",
    }
    superset = (str(Path(python).parent / "superset"),)
    before = ((*superset, "db", "upgrade"), (*superset, "init"))
    serve = (python, "-m", "flask", "run", "-p", str(port))
    target = Target("python", "superset.app:create_app()", scratch)

    def asked(_endpoints: Sequence[Endpoint], _served: Served) -> roles.Truth:
        return roles.appbuilder(python, target.name, scratch, environment)

    return App("apache-superset", root.parent, (str(root),), target, python, serve, environment, before, asks=asked)


def verdaccio(port: int, scratch: Path) -> App:
    """Verdaccio, with every package for signed-in users only."""
    folder = _node()
    root = folder / "node_modules"
    environment = {"SCRATCH": str(scratch), "PORT": str(port)}
    parts = (str(root / "verdaccio"), str(root / "@verdaccio"))
    return App(
        "verdaccio", root, parts, Target("node", "verdaccio.js", folder), "", ("node", "verdaccio.js"), environment
    )


def parse_server(_port: int, _scratch: Path) -> App:
    """Parse Server: it registers its routes without the database it needs to serve."""
    folder = _node()
    root = folder / "node_modules" / "parse-server"
    return App("parse-server", root, (str(root),), Target("node", "parse-server.js", folder))


def directus(port: int, scratch: Path) -> App:
    """Directus on SQLite. Scripts in its flows are not run: what would run them takes a compiler to install."""
    folder = SCRATCH / "directus"
    stand_in = folder / "no-isolated-vm"
    if not (folder / "ready").exists():
        stand_in.mkdir(parents=True, exist_ok=True)
        (stand_in / "package.json").write_text('{"name": "isolated-vm", "version": "5.0.1", "main": "index.js"}')
        (stand_in / "index.js").write_text("")
        manifest = {"name": "directus-app", "private": True, "overrides": {"isolated-vm": "file:./no-isolated-vm"}}
        # The last one for Node 18 and 20.
        (folder / "package.json").write_text(json.dumps(manifest | {"dependencies": {"directus": "11.3"}}))
        subprocess.run(["npm", "install", "--silent"], cwd=folder, check=True)
        (folder / "ready").touch()
    (folder / "directus.mjs").write_text(_DIRECTUS)
    environment = {
        "DB_CLIENT": "sqlite3",
        "DB_FILENAME": str(scratch / "directus.db"),
        "SECRET": secrets.token_urlsafe(32),
        "ADMIN_EMAIL": "admin@example.com",
        "ADMIN_PASSWORD": secrets.token_urlsafe(12),
        "STORAGE_LOCAL_ROOT": str(scratch),
        "TELEMETRY": "false",
        "LOG_LEVEL": "error",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    command = ("node", "node_modules/directus/cli.js")
    subprocess.run(
        (*command, "bootstrap"), cwd=folder, env=os.environ | environment, check=True, capture_output=True, timeout=300
    )
    root = folder / "node_modules" / "@directus" / "api"
    target = Target("node", "directus.mjs", folder)

    def asked(endpoints: Sequence[Endpoint], served: Served) -> roles.Truth:
        app = accounts.Directus(served.url, environment["ADMIN_EMAIL"], environment["ADMIN_PASSWORD"])
        return roles.called(served.url, app.people, endpoints, app.request)

    return App("directus", root, (str(root),), target, "", (*command, "start"), environment, asks=asked)


def opsboard(_port: int, scratch: Path, variant: str = "unsafe") -> App:
    """Our own demo, in its unsafe variant."""
    build = materialise(variant, scratch / "opsboard")
    target = Target("python", "app.main:app", build.source)

    def asked(endpoints: Sequence[Endpoint], served: Served) -> roles.Truth:
        people = {
            role: roles.signed_in(served.url, f"{name}@north.test", served.password)
            for role, name in (("member", "bob"), ("manager", "dana"), ("admin", "alice"))
        }
        return roles.called(served.url, people, endpoints)

    return App(f"opsboard, {variant}", build.source, (".",), target, sys.executable, environment=build.env, asks=asked)


def opsboard_guarded(port: int, scratch: Path) -> App:
    """Our own demo, mended."""
    return opsboard(port, scratch, "guarded")


APPS = {
    "prefect": prefect,
    "prefect-with-password": prefect_with_password,
    "label-studio": label_studio,
    "apache-superset": apache_superset,
    "opsboard": opsboard,
    "opsboard-guarded": opsboard_guarded,
    "directus": directus,
    "verdaccio": verdaccio,
    "parse-server": parse_server,
}


@contextlib.contextmanager
def served(app: App, port: int) -> Iterator[Served]:
    """The app, up."""
    if app.name.startswith("opsboard"):
        with running(app.name.split()[-1]) as demo:
            yield Served(demo.url, demo.password)
        return
    if not app.serve:
        yield Served()
        return
    for step in app.before:
        subprocess.run(
            step, cwd=app.target.folder, env=os.environ | app.environment, check=True, capture_output=True, timeout=600
        )
    process = subprocess.Popen(
        app.serve,
        cwd=app.target.folder,
        env=os.environ | app.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Served(f"http://127.0.0.1:{port}" if _answers(port, process) else "")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.3)
    return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _counts(endpoint: Endpoint, app: App) -> bool:
    asked = "app" in endpoint.seen_in
    elsewhere = not asked and not endpoint.source.file.startswith(app.within)
    file = endpoint.source.file
    by_library = endpoint.seen_in == ("app",) and bool(file) and not app.owns(file)
    spelling = endpoint.seen_in == ("app",) and endpoint.path.endswith(("{format}", "{_format}"))
    conditional = bool(endpoint.only_when) and not asked
    return not (elsewhere or by_library or spelling or conditional or endpoint.source.what == "static files")


async def _called(url: str, surface: Surface) -> tuple[GuestCall, ...]:
    async with Site.open(url, seconds=20) as site:
        return await GuestSweep(site, surface).results()


def measure(app: App, port: int, misses: bool) -> None:
    """Print what source and the app's own table share, and how our word on access stands against a stranger's calls."""
    tree = Tree.read(app.root, app.parts)
    source = read_surface(tree)
    table = ask(app.target, app.root, python=app.python, seconds=120, more=app.environment)
    surface = reconciled(source, table)
    counted = [e for e in surface.endpoints if _counts(e, app)]
    both = [e for e in counted if {"source", "app"} <= set(e.seen_in)]
    only_app = [e.name for e in counted if e.seen_in == ("app",)]
    only_source = [e for e in counted if "source" in e.seen_in and "app" not in e.seen_in]
    recall = len(both) / max(1, len(both) + len(only_app))
    precision = len(both) / max(1, len(both) + len(only_source))
    print(
        f"{app.name:<18} recall {recall:.3f}  precision {precision:.3f}  ({len(both)} of {len(both) + len(only_app)} operations)"
    )
    if misses:
        for name in only_app:
            print(f"    - {name}")
        for one in only_source:
            print(f"    + {one.name}  {one.source.file}:{one.source.line}")
    with served(app, port) as up:
        if not up.url:
            print("               not served: it needs a service that is not here")
            return
        guards(app, up, Surface(endpoints=tuple(both)), misses)
        if app.asks is not None:
            said = roles.scored(both, app.asks(both, up))
            share = f"{said.right / said.bound:.3f}" if said.bound else "none"
            print(
                f"               roles {share} ({said.right} of {said.bound}), {said.wrong} named where none is asked"
            )
            for line in said.misses if misses else ():
                print(f"    % {line}")


def guards(app: App, up: Served, registered: Surface, misses: bool) -> None:
    """Call every GET as a stranger, and print how our word on access stands against the answers."""
    counts: Counter[str] = Counter()
    # A path with a part that is not known is no address: whatever answers there may be another operation.
    known = replace(registered, endpoints=tuple(one for one in registered.endpoints if "?}" not in one.path))
    for call in asyncio.run(_called(up.url, known)):
        # A page that asks for a password refuses strangers, unless it is the login page itself.
        own = Kind.LOGIN in call.endpoint.kind and call.exchange.ok
        truth = "open" if own or call.answered else "guarded" if call.refused else ""
        access = call.endpoint.access
        verdict = "guarded" if app.setting and app.setting in access.guarded_when else access.verdict.value
        if truth:
            counts[f"{verdict} and is {truth}"] += 1
        if truth and verdict != truth and misses:
            print(f"    ! {call.endpoint.name}: we say {verdict}, a stranger got {call.exchange.status}")
    guarded = sum(count for what, count in counts.items() if what.endswith("is guarded"))
    said = counts["guarded and is guarded"]
    wrong = counts["guarded and is open"]
    if not counts:
        print("               no GET decided")
        return
    recognised = f"{said} of {guarded} guarded recognised ({said / guarded:.3f})" if guarded else "none is guarded"
    opened = sum(count for what, count in counts.items() if what.endswith("is open"))
    print(f"               {recognised}, {wrong} of {opened} open called guarded")


def main() -> int:
    """Print a line or two for each app; 1 when one of them could not be asked."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--only", nargs="*", choices=tuple(APPS), default=list(APPS))
    options.add_argument(
        "--misses", action="store_true", help="name what source missed (-), added (+) and got wrong (! access, % roles)"
    )
    given = options.parse_args()
    ended = 0
    for name in given.only:
        with tempfile.TemporaryDirectory(prefix="launchready-apps-") as scratch:
            port = _free_port()
            try:
                measure(APPS[name](port, Path(scratch)), port, given.misses)
            except (FromAppError, NotCheckedError, OSError, subprocess.CalledProcessError) as error:
                print(f"{name:<14} {error}")
                ended = 1
    return ended


if __name__ == "__main__":
    sys.exit(main())
