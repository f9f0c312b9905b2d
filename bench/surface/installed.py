"""The apps that are measured: how each is installed, asked for its route table, and served."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import accounts
import roles
from launchready.demo.build import materialise
from launchready.model.surface import Endpoint
from launchready.sources.fromapp.find import Target

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
_CHANGEDETECTION = """
from changedetectionio import store
from changedetectionio.flask_app import changedetection_app

kept = store.ChangeDetectionStore(datastore_path={folder!r}, version_tag="0", include_default_watches=False)
kept.data["settings"]["application"]["password"] = "x" * 64
app = changedetection_app({{"datastore_path": {folder!r}, "batch_mode": False}}, kept)
"""


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


def changedetection(port: int, scratch: Path) -> App:
    """changedetection.io, with a password for its pages and its key for the API."""
    python = _python("changedetection", "changedetection.io")
    root = _package(python, "changedetectionio")
    (scratch / "entry.py").write_text(_CHANGEDETECTION.format(folder=str(scratch)))
    serve = (python, "-m", "flask", "--app", "entry:app", "run", "-p", str(port))
    environment = {"PYTHONPATH": str(scratch)}
    target = Target("python", "entry:app", scratch)
    # Both of its guards ask for a name that ends so.
    return App("changedetection.io", root.parent, (str(root),), target, python, serve, environment, setting="_enabled")


def zenml(_port: int, scratch: Path) -> App:
    """The server of ZenML, asked for its routes."""
    python = _python("zenml", "zenml[server]")
    root = _package(python, "zenml")
    environment = {
        "ZENML_CONFIG_PATH": str(scratch),
        "ZENML_SERVER": "true",
        "ZENML_STORE_URL": f"sqlite:///{scratch}/zenml.db",
        "ZENML_SERVER_DASHBOARD_FILES_PATH": str(scratch),
        "ZENML_ANALYTICS_OPT_IN": "false",
    }
    target = Target("python", "zenml.zen_server.zen_server_api:app", scratch)
    return App("zenml", root.parent, (str(root),), target, python, environment=environment)


def sqlpad(port: int, scratch: Path) -> App:
    """SQLPad, which keeps its people in files."""
    folder = _scripts("sqlpad", "sqlpad@3.1", "require('sqlpad/server.js');")
    environment = {"SQLPAD_PORT": str(port), "SQLPAD_IP": "127.0.0.1", "SQLPAD_DB_PATH": str(scratch)}
    target = Target("node", "entry.js", folder)
    root = folder / "node_modules"
    return App("sqlpad", root, (str(root / "sqlpad"),), target, "", ("node", "entry.js"), environment)


def redis_commander(port: int, _scratch: Path) -> App:
    """Redis Commander, with a password and without a Redis."""
    given = f"'--port', '{port}', '--address', '127.0.0.1', '--http-auth-username', 'a', '--http-auth-password', 'b', '--nosave'"
    start = f"process.argv.push({given});\nrequire('redis-commander/bin/redis-commander.js');"
    folder = _scripts("redis-commander", "redis-commander", start)
    root = folder / "node_modules"
    target = Target("node", "entry.js", folder)
    environment = {"NODE_CONFIG_DIR": str(root / "redis-commander" / "config"), "NODE_APP_INSTANCE": "bench"}
    part = str(root / "redis-commander")
    return App(
        "redis-commander", root, (part,), target, "", ("node", "entry.js"), environment, setting="httpAuthDisabled"
    )


def _scripts(name: str, package: str, entry: str) -> Path:
    """The scratch package of one app of Node, with the entry that starts it. Nothing of it is compiled."""
    folder = SCRATCH / name
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "ready").exists():
        subprocess.run(["npm", "init", "-y"], cwd=folder, check=True, capture_output=True)
        subprocess.run(["npm", "install", "--silent", "--ignore-scripts", package], cwd=folder, check=True)
        (folder / "ready").touch()
    (folder / "entry.js").write_text(entry)
    return folder


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
    "changedetection": changedetection,
    "sqlpad": sqlpad,
    "redis-commander": redis_commander,
    "zenml": zenml,
}
