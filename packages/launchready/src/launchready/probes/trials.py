"""Acting on a built database as a stranger, as member A and as member B, on one row of member A at a time; everything is rolled back.

A request of PostgREST is ``SET LOCAL ROLE`` and the claims of the token as a setting (PostgREST docs, "Transactions"), and that is
what is done here.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from launchready.model.database import Bucket, Database, Effect, Relation, Routine, Statement
from launchready.probes.catalogue import COMMANDS, relations, routines
from launchready.probes.postgres import Postgres

# A statement of our own and what is filled into it.
_Step: TypeAlias = tuple[str, tuple[object, ...]]

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
_TABLES = "SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY(%s) ORDER BY 2, 3"
# What this transaction did so far (PostgreSQL manual, "The Cumulative Statistics System").
_CHANGED = "SELECT coalesce(sum(n_tup_ins), 0), coalesce(sum(n_tup_upd), 0), coalesce(sum(n_tup_del), 0) FROM pg_stat_xact_user_tables"
_MOST_TABLES = 8
# What these do shows only where there are rows.
_TOLD_BY_ROWS = (Effect.WRITES, Effect.READS)
# What a function says no with: insufficient privilege, and an exception of its own (PostgreSQL manual, appendix A).
_REFUSED = ("42501", "28000", "P0001")
_BY_CATEGORY = {"N": "1", "B": "false", "D": "now()", "T": "'1 hour'", "A": "'{}'", "I": "'192.0.2.1'", "S": "'x'"}


def examine(
    server: Postgres,
    statements: Sequence[Statement],
    schemas: Sequence[str],
    buckets: Sequence[tuple[str, bool]] = (),
    spare: Mapping[str, str] | None = None,
) -> Database:
    """Build the database, read its catalogue and try what strangers and other members can do in the exposed ``schemas``.

    ``spare`` as in :meth:`~launchready.probes.postgres.Postgres.build`.
    """
    raised = server.build(statements, spare=spare)
    # Policies, triggers and defaults run while we try, so this session too has no more rights than the migrations had.
    with server.connect("postgres", raised.name) as session:
        trial = _Trial(server, session)
        tried = tuple(
            trial.relation(oid, replace(relation, lent=relation.schema == "public" and relation.name in raised.lent))
            for oid, relation in relations(session, schemas)
        )
        rows = session.execute("SELECT id, coalesce(public, false) FROM storage.buckets").fetchall()
        named = dict(buckets) | dict(rows)
        return Database(
            tried,
            tuple(trial.routine(oid, routine, tables) for oid, routine, tables in routines(session, schemas)),
            tuple(trial.bucket(bucket, public) for bucket, public in sorted(named.items())),
            raised.unrun,
            len(statements) - len(raised.unrun),
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
        if relation.lent and not relation.rls:
            # What is granted and which policies there are was decided where the table was made.
            return replace(relation, grants=frozenset(), untried="it was made outside of the migrations")
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

    def routine(self, oid: int, routine: Routine, tables: frozenset[int]) -> Routine:
        """The function with who got through it, called with plain values, and what that did to a row of member A; all is rolled back."""
        arguments = self._session.execute(_ARGUMENTS, (oid,)).fetchall()
        call = f"SELECT {_named(routine.schema, routine.name)}({', '.join(f'{_value(one)}::{one[4]}' for one in arguments)})"
        can: set[str] = set()
        rows = self._rows_of(tables) if routine.definer and routine.effect in _TOLD_BY_ROWS else []
        for actor, (role, _) in ACTORS.items():
            if role in routine.callers:
                done = self._call(rows, actor, call)
                # Made-up rows may break a rule of the function's own; without any it may still let the caller through.
                can |= done or (self._call([], actor, call) if rows else set())
        return replace(routine, can=frozenset(can))

    def _rows_of(self, tables: frozenset[int]) -> list[_Step]:
        """How one row of member A gets into each table; nothing when there are too many of them to lay out."""
        named = self._session.execute(_TABLES, (list(tables),)).fetchall()
        if len(named) > _MOST_TABLES:
            return []
        return [step for oid, schema, name in named for step in self._row(oid, schema, name, set(_OWNERS))]

    def _call(self, prepare: list[_Step], actor: str, call: str) -> set[str]:
        """What a call did, as ``anon:call`` and ``anon:delete``; nothing when it was refused or failed on the way."""
        session = self._session
        if time.monotonic() > self._until:
            return set()
        session.execute("BEGIN")
        try:
            if self._lay_out(prepare):
                return set()
            before = session.execute(_CHANGED).fetchone()
            self._become(actor)
            try:
                answer = session.execute(call.encode()).fetchall()
            except self._errors as error:
                return set() if str(getattr(error, "sqlstate", "")) in _REFUSED else {f"{actor}:call"}
            after = session.execute(_CHANGED).fetchone()
            done = {
                verb for verb, old, new in zip(("insert", "update", "delete"), before, after, strict=True) if new > old
            }
            if prepare and any(row[0] for row in answer):
                done.add("select")
            return {f"{actor}:{verb}" for verb in ("call", *done)}
        finally:
            session.execute("ROLLBACK")

    def bucket(self, name: str, public: bool) -> Bucket:
        """The bucket with what could be done to a file in member A's own folder."""
        can: set[str] = set()
        prepare: list[_Step] = [
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
        prepare: list[_Step] = []
        for oid, schema, name in base:
            if command == "insert":
                prepare += self._emptied(oid, schema, name)
            else:
                prepare += self._row(oid, schema, name, {relation.owner, relation.tenant, *_OWNERS})
        return self._act(prepare, actor, command, act)

    def _emptied(self, oid: int, schema: str, name: str) -> list[_Step]:
        table = _named(schema, name)
        steps: list[_Step] = [
            (f"ALTER TABLE {table} DROP CONSTRAINT {_quoted(row[0])}", ())
            for row in self._session.execute(_CHECKS, (oid,)).fetchall()
        ]
        return [*steps, (f"DELETE FROM {table}", ())]

    def _row(self, oid: int, schema: str, name: str, kept: set[str]) -> list[_Step]:
        """How a table comes to hold one row of member A and no other."""
        table = _named(schema, name)
        columns = self._session.execute(_NEEDED, (oid,)).fetchall()
        steps = self._emptied(oid, schema, name)
        steps += [
            (f"ALTER TABLE {table} ALTER COLUMN {_quoted(column[0])} DROP NOT NULL", ())
            for column in columns
            if column[5] and _value(column) == "NULL"
        ]
        return [*steps, (_insert(table, columns, kept), ())]

    def _act(self, prepare: list[_Step], actor: str, command: str, act: str) -> bool | str:
        """Whether the actor could; a text when the row could not be laid out for the trial."""
        session = self._session
        if time.monotonic() > self._until:
            return "what was tried before it took too long"
        session.execute("BEGIN")
        try:
            if why := self._lay_out(prepare):
                return why
            self._become(actor)
            try:
                done = session.execute(act.encode())
            except self._errors as error:
                state = str(getattr(error, "sqlstate", ""))
                # Class 23: row security let it through, and a constraint stood in the way of our made-up row.
                return command == "insert" and state.startswith("23")
            return bool(done.fetchone()[0] if command == "select" else done.rowcount > 0)
        finally:
            session.execute("ROLLBACK")

    def _lay_out(self, prepare: list[_Step]) -> str:
        """Take the steps without the app's triggers; empty when all were taken, else why not."""
        session = self._session
        try:
            session.execute("SET LOCAL session_replication_role = replica")
            for sql, given in prepare:
                # Without parameters a percent sign in a name stays one.
                session.execute(sql.encode(), given or None)
            session.execute("SET LOCAL session_replication_role = origin")
        except self._errors as error:
            return f"no row could be laid out: {str(error).strip().splitlines()[0]}"
        return ""

    def _become(self, actor: str) -> None:
        role, claims = ACTORS[actor]
        self._session.execute("SELECT set_config('request.jwt.claims', %s, true)", (json.dumps(claims),))
        self._session.execute("SELECT set_config('request.jwt.claim.sub', %s, true)", (str(claims.get("sub", "")),))
        self._session.execute(f"SET LOCAL ROLE {role}")


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
