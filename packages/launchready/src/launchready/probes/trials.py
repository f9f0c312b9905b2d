"""Acting on a built database as a stranger, as member A and as member B, on one row of member A at a time; everything is rolled back.

A request of PostgREST is ``SET LOCAL ROLE`` and the claims of the token as a setting (PostgREST docs, "Transactions"), and that is
what is done here.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from launchready.model.database import Bucket, Database, Relation, Routine, Statement
from launchready.probes.catalogue import COMMANDS, relations, routines
from launchready.probes.postgres import Postgres

SECONDS = 45.0
MEMBER_A = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
MEMBER_B = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
ACTORS = {
    "anon": ("anon", {"role": "anon"}),
    "owner": (
        "authenticated",
        {"role": "authenticated", "aud": "authenticated", "sub": MEMBER_A, "email": "a@example.com"},
    ),
    "member": (
        "authenticated",
        {"role": "authenticated", "aud": "authenticated", "sub": MEMBER_B, "email": "b@example.com"},
    ),
}
_NEEDED = """
SELECT a.attname::text, t.typname::text, t.typtype::text, t.typcategory::text, format_type(a.atttypid, a.atttypmod),
  a.attnotnull AND NOT a.atthasdef AND a.attidentity = '', a.attgenerated <> '' OR a.attidentity = 'a'
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_CHECKS = "SELECT conname::text FROM pg_constraint WHERE conrelid = %s AND contype = 'c'"
_READ_BY_VIEW = """
WITH RECURSIVE below(oid) AS (
  SELECT %s::oid UNION
  SELECT d.refobjid FROM below b JOIN pg_rewrite w ON w.ev_class = b.oid
    JOIN pg_depend d ON d.objid = w.oid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass)
SELECT c.oid, n.nspname, c.relname FROM below JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
"""
_ARGUMENTS = """
SELECT coalesce(p.proargnames[a.place], ''), t.typname::text, t.typtype::text, t.typcategory::text, format_type(a.type, NULL)
FROM pg_proc p, unnest(p.proargtypes::oid[]) WITH ORDINALITY a(type, place) JOIN pg_type t ON t.oid = a.type
WHERE p.oid = %s AND a.place <= p.pronargs - p.pronargdefaults ORDER BY a.place
"""
# What a function says no with: insufficient privilege, and an exception of its own (PostgreSQL manual, appendix A).
_REFUSED = ("42501", "28000", "P0001")
_BY_CATEGORY = {"N": "1", "B": "false", "D": "now()", "T": "'1 hour'", "A": "'{}'", "I": "'192.0.2.1'", "S": "'x'"}


def examine(
    server: Postgres, statements: Sequence[Statement], schemas: Sequence[str], buckets: Sequence[tuple[str, bool]] = ()
) -> Database:
    """Build the database, read its catalogue and try what strangers and other members can do in the exposed ``schemas``."""
    name, unrun = server.build(statements)
    # Policies, triggers and defaults run while we try, so this session too has no more rights than the migrations had.
    with server.connect("postgres", name) as session:
        trial = _Trial(server, session)
        tried = tuple(trial.relation(oid, relation) for oid, relation in relations(session, schemas))
        rows = session.execute("SELECT id, coalesce(public, false) FROM storage.buckets").fetchall()
        named = dict(buckets) | dict(rows)
        return Database(
            tried,
            tuple(trial.routine(oid, routine) for oid, routine in routines(session, schemas)),
            tuple(trial.bucket(bucket, public) for bucket, public in sorted(named.items())),
            unrun,
            len(statements) - len(unrun),
        )


class _Trial:
    def __init__(self, server: Postgres, session: Any) -> None:
        self._session = session
        self._errors = server.errors
        self._until = time.monotonic() + SECONDS
        session.execute("SET statement_timeout = '5s'")
        session.execute("SET session_replication_role = replica")
        for member, mail in ((MEMBER_A, "a@example.com"), (MEMBER_B, "b@example.com")):
            session.execute(
                "INSERT INTO auth.users (id, aud, role, email) VALUES (%s, 'authenticated', 'authenticated', %s)"
                " ON CONFLICT DO NOTHING",
                (member, mail),
            )
        session.execute("SET session_replication_role = origin")

    def relation(self, oid: int, relation: Relation) -> Relation:
        """The relation with what could be done to it."""
        if relation.kind in ("materialized view", "foreign table"):
            return replace(relation, untried=f"a {relation.kind} has no rows of members here")
        read = _named(relation.schema, relation.name)
        base = [(oid, relation.schema, relation.name)]
        if relation.kind == "view":
            base = self._session.execute(_READ_BY_VIEW, (oid,)).fetchall()
        columns = self._session.execute(_NEEDED, (oid,)).fetchall()
        kept = {relation.owner, relation.tenant}
        can: set[str] = set()
        for actor in ACTORS:
            for command in COMMANDS:
                if f"{ACTORS[actor][0]}:{command}" not in relation.grants:
                    continue
                act = f"SELECT count(*) FROM {read}"
                if command == "insert":
                    act = _insert(read, columns, kept)
                elif command in ("update", "delete"):
                    column = _quoted(self._column(oid, ACTORS[actor][0], command, columns))
                    where = f"WHERE {column} IS NULL OR {column} IS NOT NULL"
                    act = (
                        f"UPDATE {read} SET {column} = {column} {where}"
                        if command == "update"
                        else f"DELETE FROM {read} {where}"
                    )
                done = self._try(base, relation, actor, command, act)
                if isinstance(done, str):
                    return replace(relation, can=frozenset(can), untried=done)
                if done:
                    can.add(f"{actor}:{command}")
        return replace(relation, can=frozenset(can))

    def _column(self, oid: int, role: str, command: str, columns: list[tuple[Any, ...]]) -> str:
        """A column to filter by, and one that the role may change when it is to change it."""
        right = "UPDATE" if command == "update" else "SELECT"
        for column in columns:
            row = self._session.execute(
                "SELECT has_column_privilege(%s, %s::oid, %s, %s)", (role, oid, column[0], right)
            )
            if not column[6] and row.fetchone()[0]:
                return str(column[0])
        return str(columns[0][0]) if columns else "?"

    def routine(self, oid: int, routine: Routine) -> Routine:
        """The function with who got through it, called with plain values; what it did is rolled back."""
        arguments = self._session.execute(_ARGUMENTS, (oid,)).fetchall()
        call = f"SELECT {_named(routine.schema, routine.name)}({', '.join(f'{_value(one)}::{one[4]}' for one in arguments)})"
        can = set()
        for actor, (role, _) in ACTORS.items():
            if role in routine.callers and self._act([], actor, "call", call) is True:
                can.add(f"{actor}:call")
        return replace(routine, can=frozenset(can))

    def bucket(self, name: str, public: bool) -> Bucket:
        """The bucket with what could be done to a file in member A's own folder."""
        can: set[str] = set()
        prepare: list[tuple[str, tuple[object, ...]]] = [
            (
                "INSERT INTO storage.buckets (id, name, public) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (name, name, public),
            ),
            ("DELETE FROM storage.objects", ()),
            (
                "INSERT INTO storage.objects (bucket_id, name, owner, owner_id) VALUES (%s, %s, %s, %s)",
                (name, f"{MEMBER_A}/contract.pdf", MEMBER_A, MEMBER_A),
            ),
        ]
        acts = {
            "select": "SELECT count(*) FROM storage.objects",
            "insert": f"INSERT INTO storage.objects (bucket_id, name) VALUES ({_text(name)}, '{MEMBER_A}/new.pdf')",
            "update": "UPDATE storage.objects SET metadata = metadata WHERE name IS NOT NULL",
            "delete": "DELETE FROM storage.objects WHERE name IS NOT NULL",
        }
        for actor in ACTORS:
            for command, act in acts.items():
                done = self._act(prepare, actor, command, act)
                if isinstance(done, str):
                    return Bucket(name, public, frozenset(can), done)
                if done:
                    can.add(f"{actor}:{command}")
        return Bucket(name, public, frozenset(can))

    def _try(
        self, base: list[tuple[int, str, str]], relation: Relation, actor: str, command: str, act: str
    ) -> bool | str:
        prepare: list[tuple[str, tuple[object, ...]]] = []
        for oid, schema, name in base:
            table = _named(schema, name)
            prepare += [
                (f"ALTER TABLE {table} DROP CONSTRAINT {_quoted(row[0])}", ())
                for row in self._session.execute(_CHECKS, (oid,)).fetchall()
            ]
            prepare.append((f"DELETE FROM {table}", ()))
            if command != "insert":
                columns = self._session.execute(_NEEDED, (oid,)).fetchall()
                prepare += [
                    (f"ALTER TABLE {table} ALTER COLUMN {_quoted(column[0])} DROP NOT NULL", ())
                    for column in columns
                    if column[5] and _value(column) == "NULL"
                ]
                prepare.append((_insert(table, columns, {relation.owner, relation.tenant, *_OWNERS}), ()))
        return self._act(prepare, actor, command, act)

    def _act(self, prepare: list[tuple[str, tuple[object, ...]]], actor: str, command: str, act: str) -> bool | str:
        """Whether the actor could; a text when the row could not be laid out for the trial."""
        session = self._session
        if time.monotonic() > self._until:
            return "what was tried before it took too long"
        session.execute("BEGIN")
        try:
            try:
                session.execute("SET LOCAL session_replication_role = replica")
                for sql, given in prepare:
                    # Without parameters a percent sign in a name stays one.
                    session.execute(sql.encode(), given or None)
                session.execute("SET LOCAL session_replication_role = origin")
            except self._errors as error:
                return f"no row could be laid out: {str(error).strip().splitlines()[0]}"
            role, claims = ACTORS[actor]
            session.execute("SELECT set_config('request.jwt.claims', %s, true)", (json.dumps(claims),))
            session.execute("SELECT set_config('request.jwt.claim.sub', %s, true)", (str(claims.get("sub", "")),))
            session.execute(f"SET LOCAL ROLE {role}")
            try:
                done = session.execute(act.encode())
            except self._errors as error:
                state = str(getattr(error, "sqlstate", ""))
                if command == "call":
                    return state not in _REFUSED
                # Class 23: row security let it through, and a constraint stood in the way of our made-up row.
                return command == "insert" and state.startswith("23")
            if command == "call":
                return True
            return bool(done.fetchone()[0] if command == "select" else done.rowcount > 0)
        finally:
            session.execute("ROLLBACK")


_OWNERS = ("user_id", "owner_id", "owner", "author_id", "created_by", "profile_id")


def _insert(table: str, columns: list[tuple[Any, ...]], kept: set[str]) -> str:
    chosen = [column for column in columns if not column[6] and (column[5] or column[0] in kept)]
    if not chosen:
        return f"INSERT INTO {table} DEFAULT VALUES"
    names = ", ".join(_quoted(column[0]) for column in chosen)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(_value(column) for column in chosen)})"


def _value(column: tuple[Any, ...]) -> str:
    _, name, kind, category, written = column[:5]
    if kind == "e":
        return f"(enum_range(NULL::{written}))[1]"
    if name == "uuid":
        return f"'{MEMBER_A}'"
    if name in ("json", "jsonb"):
        return "'{}'"
    if category == "S" and written in ("text", "character varying"):
        return f"'{MEMBER_A}'"
    return _BY_CATEGORY.get(category, "NULL")


def _named(schema: str, name: str) -> str:
    return f"{_quoted(schema)}.{_quoted(name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
