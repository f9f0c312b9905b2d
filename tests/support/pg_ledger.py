"""The ledger on a real PostgreSQL: with foreign keys, a trigger that writes down what happens, a table that has no key, and columns of kinds that
do not survive every way of copying."""

import re
import threading
from collections.abc import Callable
from typing import Any

from launchready.probes.postgres import Postgres

from tests.support.ledger import OWNER, THEIRS, Ledger
from tests.support.web import Got

_SCHEMA = """
CREATE TYPE rank AS ENUM ('member', 'admin');
CREATE TABLE accounts (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE, password text, name text,
    rank rank DEFAULT 'member', small text GENERATED ALWAYS AS (lower(email)) STORED);
CREATE TABLE notes (id serial PRIMARY KEY, owner int NOT NULL REFERENCES accounts ON DELETE CASCADE, text text,
    said jsonb DEFAULT '{"a": [1, null]}', price numeric DEFAULT 1.50, tags text[] DEFAULT '{x,"y z"}', raw bytea DEFAULT '\\x00ff', at timestamptz DEFAULT now(),
    above int REFERENCES notes DEFERRABLE);
CREATE TABLE audit (id bigserial PRIMARY KEY, what text);
CREATE TABLE visits (path text);
CREATE FUNCTION wrote() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO audit (what) VALUES ('somebody touched ' || TG_TABLE_NAME); RETURN NULL; END $$;
CREATE TRIGGER touched AFTER INSERT OR UPDATE OR DELETE ON notes FOR EACH ROW EXECUTE FUNCTION wrote();
"""
TABLES = ("accounts", "notes", "audit")


class PgLedger(Ledger):
    """The app on a database of its own in a running server."""

    def __init__(self, server: Postgres, name: str, watch: Callable[[Got], None] = lambda _got: None) -> None:
        with server.connect("supabase_admin", "postgres") as admin:
            admin.execute(f"CREATE DATABASE {name} OWNER postgres")
        self.session = server.connect("postgres", name)
        self.session.execute(_SCHEMA)
        self.watch, self.lock = watch, threading.Lock()
        self.tokens: dict[str, int] = {}
        self.calls: list[tuple[str, str]] = []
        self.ask("INSERT INTO accounts (email, password, name, rank) VALUES (?, 'kept', 'Dana', 'admin')", OWNER)
        self.ask("INSERT INTO notes (owner, text) VALUES (1, ?)", THEIRS)

    def ask(self, statement: str, *values: object) -> list[Any]:
        """Run one statement, and keep what it does."""
        done = self.session.execute(re.sub(r"\?", "%s", statement), values)
        return list(done.fetchall()) if done.description else []

    def rows(self) -> dict[str, list[str]]:
        """Everything that is in its tables, as PostgreSQL writes it."""
        return {name: [row for (row,) in self.ask(f"SELECT t::text FROM {name} t ORDER BY 1")] for name in TABLES}
