"""The apps of the comparison: how each is installed, started fresh with data of its own, and signed in to.

Examples are those that schemathesis ships or shipped to show what it finds, taken out of a clone of its repository. The others come
from their package managers, or from a clone. Everything is kept in a folder of the user's cache.
"""

import base64
import dataclasses
import importlib
import io
import json
import os
import secrets
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from launchready.model.project import Identity, Reference

sys.path.insert(0, str(Path(__file__).parents[1] / "surface"))
accounts, packaged = importlib.import_module("accounts"), importlib.import_module("installed")

CACHE = Path.home() / ".cache" / "launchready" / "inputs-bench"
# The clones that apps are taken from: address, commit.
CLONES = {
    "schemathesis": ("schemathesis/schemathesis", "645dc42fd70b8a2730e001d481b1a5e845a7f640"),
    "capital": ("Checkmarx/capital", "70c0bfd93d83b266f8e85fb7b21509718b657ac0"),
}
_BUGS, _BOOKINGS = "471c25788^", "76a057929^"
ENV_TOKEN = "BENCH_TOKEN"


@dataclass(frozen=True, slots=True)
class People:
    """The same account for both tools: the header it sends, and the identities as ``launchready.toml`` would name them."""

    headers: Mapping[str, str] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class App:
    """``start``, ``environment`` and ``before`` may name ``{port}``, ``{data}`` (a fresh folder) and ``{database}`` (a PostgreSQL URL,
    only with ``postgres``). ``document`` is the path of the app's OpenAPI, ``prefix`` what goes before its paths.
    ``given`` says that the audit has to be given the document as well. ``seed`` fills a data folder once; every start gets a copy of it.
    ``put_back`` says that its owner names its database, so that a run puts it back; ``again`` that it keeps everything in memory, so that its owner would start it anew (``again.py``)."""

    name: str
    example: bool
    root: Path
    parts: tuple[str, ...]
    folder: Path
    start: tuple[str, ...]
    document: str
    prefix: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    before: tuple[tuple[str, ...], ...] = ()
    postgres: bool = False
    given: bool = False
    seed: Callable[[Path], None] | None = None
    put_back: bool = False
    again: bool = False
    enter: Callable[[str, Path], People] = lambda _url, _data: People()


def _clone(name: str) -> Path:
    """A clone of one of ``CLONES``: that of ``LAUNCHREADY_CLONES`` (a folder of ``owner+name``) where it is there, else made now."""
    address, _ = CLONES[name]
    kept = Path(os.environ.get("LAUNCHREADY_CLONES", "/nowhere")) / address.replace("/", "+") / "repo"
    if kept.exists():
        return kept
    into = CACHE / "clones" / name
    if not into.exists():
        subprocess.run(("git", "clone", "-q", f"https://github.com/{address}.git", into), check=True)
    return into


def _taken(name: str, commit: str, part: str, into: str) -> Path:
    """A folder of a clone as it was at a commit, unpacked in the cache."""
    folder = CACHE / into
    if not folder.exists():
        git = ("git", "-C", str(_clone(name)), "archive", commit, *([part] if part else []))
        packed = subprocess.run(git, check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
    return folder / part


def _python(name: str, *packages: str) -> str:
    folder = CACHE / "venvs" / name
    if not (folder / "ready").exists():
        subprocess.run((sys.executable, "-m", "venv", folder), check=True)
        subprocess.run((folder / "bin" / "pip", "install", "-q", *packages), check=True)
        (folder / "ready").touch()
    return str(folder / "bin" / "python")


def _examples() -> str:
    return _python("examples", "fastapi", "uvicorn", "flask<3", "werkzeug<3", "flask_sqlalchemy", "sqlalchemy<2", "jsonschema_rs",
                   "strawberry-graphql", "connexion[aiohttp,swagger-ui]==2.14.2", "asyncpg", "setuptools<81", "schemathesis")  # fmt: skip


def _bearer(name: str, role: str, variable: str, token: str, template: str = "Bearer {token}") -> Identity:
    os.environ[variable] = token
    return Identity(name, role, username=name, login="bearer", token=Reference(variable), header="Authorization", template=template)  # fmt: skip


def _send(method: str, address: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
    given = {"Content-Type": "application/json"} | dict(headers or {})
    request = urllib.request.Request(address, json.dumps(body).encode(), given, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def booking() -> App:
    """The booking example of the tutorial (FastAPI); the token is that of its README."""
    folder = _taken("schemathesis", CLONES["schemathesis"][1], "examples/booking", "booking")
    start = (_examples(), "-m", "uvicorn", "app:app", "--port", "{port}")

    def enter(_url: str, _data: Path) -> People:
        token = "-".join(("secret", "token"))
        return People({"Authorization": f"Bearer {token}"}, (_bearer("ann", "member", ENV_TOKEN, token),))

    return App("booking", True, folder, (".",), folder, start, "/openapi.json", enter=enter)


def bugs() -> App:
    """The example of 2023 to 2025: one planted bug an operation (Flask)."""
    folder = _taken("schemathesis", _BUGS, "example", "bugs")
    start = (_examples(), "-m", "flask", "--app", "app", "run", "--port", "{port}")
    create = (_examples(), "-c", "from app import app, db\nwith app.app_context(): db.create_all()")
    return App("bugs", True, folder, (".",), folder, start, "/openapi.json", before=(create,))


def bookings() -> App:
    """The example of 2020 to 2023: aiohttp, connexion and PostgreSQL."""
    folder = _taken("schemathesis", _BOOKINGS, "example", "bookings")
    schema = (_examples(), "-c", "import asyncio, asyncpg, os\nasync def go():\n  c = await asyncpg.connect(os.environ['DB_URL'])\n  await c.execute(open('database/schema.sql').read())\nasyncio.run(go())")  # fmt: skip
    environment = {"DB_URL": "{database}", "APP_PORT": "{port}"}
    return App("bookings", True, folder, (".",), folder, (_examples(), "main.py"), "/api/openapi.json", "/api",
               environment, (schema,), postgres=True, put_back=True)  # fmt: skip


def _catalogued(name: str, factory: str, *, again: bool = False) -> App:
    folder = _taken("schemathesis", CLONES["schemathesis"][1], "test", "catalogue").parent
    start = (_examples(), "-m", "test.apps", "{port}", factory)
    return App(name, True, folder, (), folder, start, "/openapi.json", again=again)


def users() -> App:
    """Of the apps that schemathesis tests itself with: users with a fault that shows at the second call."""
    return _catalogued("users", "users.crud_with_failure", again=True)


def failures() -> App:
    """Another of them: single operations, some of which fail."""
    return _catalogued("failures", "success_failure_multiple_failures_custom_format")


def capital() -> App:
    """c{api}tal, which is vulnerable on purpose: FastAPI on PostgreSQL, with the articles it is shipped with."""
    folder = _taken("capital", CLONES["capital"][1], "", "capital")
    python = _python("capital", "uvicorn==0.18.2", "fastapi==0.79.0", "Unidecode", "databases==0.6.0", "python-slugify==6.1.2", "asyncpg",
                     "loguru==0.6.0", "aiosql==5.0", "bcrypt==3.2.2", "passlib==1.7.4", "pydantic[email,dotenv]<2", "pyjwt==2.4.0",
                     "pypika==0.48.9", "alembic==1.8.1", "psycopg2-binary", "sqlalchemy<2", "setuptools<81")  # fmt: skip
    environment = {"DATABASE_URL": "{database}", "APP_ENV": "prod", "SECRET_KEY": secrets.token_hex(16)}
    start = (python, "-m", "uvicorn", "--factory", "app.main:get_application", "--port", "{port}")
    before = ((python, "-m", "alembic", "upgrade", "fdf8821871d7"),)

    def enter(url: str, _data: Path) -> People:
        found = []
        for name, variable in (("ann", ENV_TOKEN), ("ben", ENV_TOKEN + "_2")):
            person = {"username": f"{name}bench", "email": f"{name}@example.com", "password": secrets.token_hex(8)}
            token = _send("POST", f"{url}/api/users", {"user": person})["user"]["token"]
            found.append(_bearer(name, "member", variable, token, "Token {token}"))
        return People({"Authorization": f"Token {os.environ[ENV_TOKEN]}"}, tuple(found))

    return App("capital", False, folder, ("app",), folder, start, "/openapi.json", "", environment, before,
               postgres=True, put_back=True, enter=enter)  # fmt: skip


def _seeded(app: Any) -> Callable[[Path], None]:
    """Runs what an app of the surface bench does before its first start, with the data in the folder given."""

    def seed(data: Path) -> None:
        for step in app.before:
            given = {name: value.replace(str(_HELD), str(data)) for name, value in app.environment.items()}
            folder = data if app.target.folder == _HELD else app.target.folder
            subprocess.run(step, cwd=folder, env=os.environ | given, check=True, capture_output=True)

    return seed


_HELD = Path("/held/for/data")


def _of_package(name: str, document: str, prefix: str, enter: Callable[[str, Path], People] | None = None) -> App:
    """An app of ``bench/surface/apps.py``, with its data in the folder of the run."""
    one = packaged.APPS[name](61_999, _HELD)
    fill = {"61999": "{port}", str(_HELD): "{data}"}

    def filled(text: str) -> str:
        for old, new in fill.items():
            text = text.replace(old, new)
        return text

    environment = {key: filled(value) for key, value in one.environment.items()}
    start = tuple(filled(word) for word in one.serve)
    folder = CACHE if one.target.folder == _HELD else one.target.folder
    made = App(name, False, one.root, one.parts, folder, start, document, prefix, environment, seed=_seeded(one))
    return dataclasses.replace(made, enter=enter) if enter else made


def prefect() -> App:
    """Prefect's server as it is installed, open to whoever reaches it: FastAPI on SQLite."""
    return dataclasses.replace(_of_package("prefect", "/api/openapi.json", "/api"), put_back=True)


def label_studio() -> App:
    """Label Studio: Django REST framework on SQLite. The owner of the organization and a member."""
    one = packaged.APPS["label-studio"](61_999, _HELD)

    def enter(_url: str, data: Path) -> People:
        environment = {key: value.replace(str(_HELD), str(data)) for key, value in one.environment.items()}
        people, _ = accounts.label_studio(one.python, one.root, environment)
        tokens = [people[role]["Authorization"].split()[-1] for role in ("owner", "member")]
        found = [_bearer(name, role, variable, token, "Token {token}") for (name, role, variable), token in zip((("ann", "admin", ENV_TOKEN), ("ben", "member", ENV_TOKEN + "_2")), tokens, strict=True)]  # fmt: skip
        return People({"Authorization": people["owner"]["Authorization"]}, tuple(found))

    made = _of_package("label-studio", "/docs/api/schema/?format=json", "", enter)
    return dataclasses.replace(made, put_back=True)


def directus() -> App:
    """Directus on SQLite: Express. Its administrator."""
    password, secret = secrets.token_urlsafe(12), secrets.token_urlsafe(32)
    folder = packaged.SCRATCH / "directus"
    if not (folder / "ready").exists():
        packaged.directus(0, CACHE / "directus-first")
    environment = {
        "DB_CLIENT": "sqlite3", "DB_FILENAME": "{data}/directus.db", "SECRET": secret, "ADMIN_EMAIL": "admin@example.com",
        "ADMIN_PASSWORD": password, "STORAGE_LOCAL_ROOT": "{data}", "TELEMETRY": "false", "LOG_LEVEL": "error",
        "HOST": "127.0.0.1", "PORT": "{port}",
    }  # fmt: skip
    command = ("node", "node_modules/directus/cli.js")

    def enter(url: str, _data: Path) -> People:
        given = {"email": "admin@example.com", "password": password}
        admin = _send("POST", f"{url}/auth/login", given)["data"]["access_token"]
        token = secrets.token_urlsafe(24)
        _send("PATCH", f"{url}/users/me", {"token": token}, {"Authorization": f"Bearer {admin}"})
        key = {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}}
        notes = {"collection": "notes", "schema": {}, "meta": {}, "fields": [key, {"field": "title", "type": "string"}, {"field": "due", "type": "dateTime"}]}  # fmt: skip
        _send("POST", f"{url}/collections", notes, {"Authorization": f"Bearer {admin}"})
        return People({"Authorization": f"Bearer {token}"}, (_bearer("ann", "admin", ENV_TOKEN, token),))

    root = folder / "node_modules" / "@directus" / "api"
    return App("directus", False, root, (".",), folder, (*command, "start"), "/server/specs/oas", "", environment,
               ((*command, "bootstrap"),), given=True, put_back=True, enter=enter)  # fmt: skip


def kinto() -> App:
    """Kinto with its memory backend and accounts: Pyramid. An administrator and a member."""
    python = _python("kinto", "kinto", "setuptools<81")
    home = Path(python).parent
    config = (
        "sh",
        "-c",
        f'"{home}/kinto" init --backend memory --cache-backend memory --ini "$DATA/kinto.ini" </dev/null',
    )
    start = (str(home / "kinto"), "start", "--ini", "{data}/kinto.ini", "--port", "{port}")

    def enter(url: str, _data: Path) -> People:
        found = []
        for name, role, variable in (("admin", "admin", ENV_TOKEN), ("ben", "member", ENV_TOKEN + "_2")):
            password = secrets.token_hex(8)
            _send("PUT", f"{url}/v1/accounts/{name}", {"data": {"password": password}})
            os.environ[variable] = password
            found.append(Identity(name, role, username=name, login="basic", password=Reference(variable)))
        pair = base64.b64encode(f"admin:{os.environ[ENV_TOKEN]}".encode()).decode()
        return People({"Authorization": f"Basic {pair}"}, tuple(found))

    return App("kinto", False, home, (), home, start, "/v1/__api__", "/v1", {"DATA": "{data}"}, (config,),
               enter=enter)  # fmt: skip


APPS: Mapping[str, Callable[[], App]] = {
    "booking": booking,
    "bugs": bugs,
    "bookings": bookings,
    "users": users,
    "failures": failures,
    "capital": capital,
    "kinto": kinto,
    "directus": directus,
    "prefect": prefect,
    "label-studio": label_studio,
}
