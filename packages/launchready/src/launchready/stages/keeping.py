"""Takes the copy of the app's database that the project file asks for, before the first request of a run."""

import hashlib
import tempfile
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from launchready.config.database import DatabaseNameError, Named, named
from launchready.config.load import ConfigError
from launchready.core.store import make_folder
from launchready.model.hosts import is_loopback
from launchready.model.project import Environment, Project
from launchready.probes.databases.kept import Kept
from launchready.probes.databases.pg import Postgres
from launchready.probes.databases.sqlite import Sqlite
from launchready.probes.databases.tables import Database, DatabaseError
from launchready.probes.http import USER_AGENT
from launchready.sources.databases import database_line
from launchready.sources.tree import Tree

_LOGS = frozenset((".log", ".out", ".csv", ".jsonl"))


def keep_database(project: Project, environment: Environment, folder: Path | None, tree: object) -> Kept | None:
    """The database with a copy of it taken, or that of a killed run taken up; None where none is named.

    Without a ``folder`` the copy does not outlive a kill. Raises :class:`~launchready.config.load.ConfigError`.
    """
    try:
        found = named(environment, Path(project.root))
        if found is None:
            return None
        place = folder or Path(tempfile.mkdtemp(prefix="launchready-"))
        make_folder(place)
        people = not environment.disposable and all(one.username or one.signup for one in project.identities)
        kept = Kept(_opened(found), found.name, place / f"database-{_digest(found)}", lambda words: _known(tree, words), people=people)  # fmt: skip
        kept.sent.note(USER_AGENT, *(one.phrase for one in HTTPStatus), *(one.username for one in project.identities))
        kept.begin()
    except (DatabaseNameError, DatabaseError) as error:
        raise ConfigError(f"Looked for the database of the environment {environment.name!r}: {error}.") from error
    return kept


def put_back_line(project: Project, environment: Environment, tree: object, began: float) -> str:
    """What to write into launchready.toml so that the next run puts the rows back; empty where it may not, or does so already."""
    if environment.database or environment.read_only or not is_loopback(urlsplit(environment.url).hostname or ""):
        return ""
    root = Path(project.root)
    line = database_line(tree, root, began) if isinstance(tree, Tree) else ""
    # Nothing tells: SQLite and PostgreSQL as they would be named.
    line = (
        line
        or 'database = "path/of/app.db", or database = { env = "DATABASE_URL" } where that holds the URL of a PostgreSQL'
    )
    if any(one.url == environment.url for one in project.environments):
        return f"{line} in [environments.{environment.name}] of launchready.toml."
    return f'{line} below [environments.{environment.name}] and url = "{environment.url}" in launchready.toml.'


def _opened(found: Named) -> Database:
    return Sqlite(found.file, found.name) if found.file is not None else Postgres(found.url, found.name)


def _digest(found: Named) -> str:
    """A name for the folder of one database, in which no password can be read."""
    return hashlib.sha256(str(found.file or found.url).encode()).hexdigest()[:8]


def _known(tree: object, words: set[str]) -> set[str]:
    """Which of these words stand anywhere in the source."""
    found = set[str]()
    # What the app logs may be somebody's words.
    files = [file for file in tree.files if file.suffix not in _LOGS] if isinstance(tree, Tree) else []
    for file in files:
        text = (tree.text(file.path) or "").lower() if isinstance(tree, Tree) else ""
        found.update(word for word in words - found if word in text)
    return found
