"""The database that a run puts back as it was: how a place of launchready.toml names it, and where that is refused.

SQLite by path, as ``sqlite:///`` of SQLAlchemy or ``file:`` of Prisma; PostgreSQL by a URL (libpq, 34.1.1.2), with its password in the environment alone.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from launchready.model.hosts import is_loopback
from launchready.model.project import Environment, Reference

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_POSTGRES = frozenset(("postgres", "postgresql"))
# What ORMs add to a URL and libpq refuses is left out (Prisma: schema, pgbouncer, connection_limit).
_OF_LIBPQ = frozenset(("host", "hostaddr", "port", "user", "dbname", "sslmode", "options", "connect_timeout"))
# Flask-SQLAlchemy keeps a relative file in the folder ``instance`` beside the app.
_FOLDERS = (".", "instance")


@dataclass(frozen=True, slots=True)
class Named:
    """The database, found: the ``file`` of SQLite, or the ``url`` of PostgreSQL. ``name`` holds no password."""

    name: str
    file: Path | None = None
    url: str = ""


class DatabaseNameError(Exception):
    """The database cannot be used; the message says why, and what to write instead."""


def refusal(environment: Environment) -> str:
    """Why nothing may be put back in a place that names its database, with what to do; empty when it may, or none is named."""
    given = environment.database
    host = urlsplit(environment.url).hostname or ""
    if not given:
        return ""
    if environment.read_only:
        return "it says writes = false as well, where a run makes nothing. Take one of them out"
    if environment.url and not is_loopback(host):
        return f"{host} is not this machine: rows are put back only for an app that runs here, never in a database that people use. Take it out"
    if isinstance(given, str):
        if _kind(given) == "postgresql" and urlsplit(given).password:
            return 'it holds a password. Keep the URL in the environment, and name the variable: database = { env = "DATABASE_URL" }'
        try:
            _read(given, "it")
        except DatabaseNameError as error:
            return str(error)
    return ""


def named(environment: Environment, root: Path, variables: Mapping[str, str] = os.environ) -> Named | None:
    """The database of a place, None where it names none. Raises :class:`DatabaseNameError`."""
    given = environment.database
    if not given:
        return None
    if refused := refusal(environment):
        raise DatabaseNameError(refused)
    text = given
    if isinstance(given, Reference):
        text = variables.get(given.env, "")
        if not text:
            raise DatabaseNameError(
                f"the variable {given.env} is not set. Set it as for the app itself, such as by: set -a; . ./.env; set +a"
            )
    what = f"the variable {given.env}" if isinstance(given, Reference) else "it"
    found = _read(str(text), what)
    if isinstance(found, str):
        _refuse_elsewhere(found, variables)
        parts = urlsplit(found)
        return Named(f"PostgreSQL database {parts.path.strip('/') or parse_qs(parts.query).get('dbname', [''])[0] or parts.username or ''}", url=found)  # fmt: skip
    for folder in (".",) if found.is_absolute() else _FOLDERS:
        file = root / folder / found
        if file.is_file():
            return Named(f"database {found}", file.resolve())
    raise DatabaseNameError(f"there is no file {root / found}. Start the app first, or give the path as seen from launchready.toml")  # fmt: skip


def _kind(text: str) -> str:
    """``postgresql``, ``sqlite``, or another scheme; ``sqlite`` for a path."""
    scheme = match.group(1).lower().partition("+")[0] if (match := _SCHEME.match(text)) else ""
    # One letter is a drive of Windows.
    if len(scheme) < 2 or scheme in ("file", "sqlite", "sqlite3"):
        return "sqlite"
    return "postgresql" if scheme in _POSTGRES else scheme


def _read(text: str, what: str) -> Path | str:
    """The file of SQLite, or the URL of PostgreSQL as libpq takes it. Raises :class:`DatabaseNameError`; repeats no value."""
    kind = _kind(text)
    if kind == "postgresql":
        parts = urlsplit(text)
        options = {key: values[-1] for key, values in parse_qs(parts.query).items() if key in _OF_LIBPQ}
        return f"postgresql://{parts.netloc}{parts.path}" + (f"?{urlencode(options)}" if options else "")
    if kind != "sqlite":
        raise DatabaseNameError(f"{what} names a database of {kind}; SQLite and PostgreSQL can be put back. Name a cleanup command instead")  # fmt: skip
    bare = _SCHEME.sub("", text, count=1) if len((_SCHEME.match(text) or " ")[0]) > 2 else text
    # SQLAlchemy: three slashes before a relative path, four before an absolute one. A URI of SQLite's own has one or none.
    bare = bare.partition("?")[0].removeprefix("///") if text.lower().startswith("sqlite") else bare.partition("?")[0].removeprefix("//")  # fmt: skip
    if bare in ("", ":memory:"):
        raise DatabaseNameError(f"{what} names a database in memory, which ends with the app. Start the app anew instead")  # fmt: skip
    return Path(bare)


def _refuse_elsewhere(url: str, variables: Mapping[str, str]) -> None:
    parts = urlsplit(url)
    given = parse_qs(parts.query)
    listed = parts.netloc.rpartition("@")[2].split(",") + given.get("host", []) + given.get("hostaddr", [])
    hosts = [re.sub(r":\d+$", "", one) for entry in listed for one in entry.split(",") if one]
    for host in hosts or [variables.get("PGHOSTADDR", "") or variables.get("PGHOST", "")]:
        # A folder is that of a socket, and none at all is the socket of this machine.
        if host and not host.startswith(("/", "%2F", "%2f", "@")) and not is_loopback(host):
            raise DatabaseNameError(f"{host} is not this machine: rows are put back only in a database that runs here, never in one that people use")  # fmt: skip
