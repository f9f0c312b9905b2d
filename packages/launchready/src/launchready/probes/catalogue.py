"""What the catalogue of a built database says: tables, policies, grants, functions, buckets (PostgreSQL manual, chapter 52)."""

import re
from collections.abc import Sequence
from typing import Any

from launchready.model.database import Policy, Relation, Routine
from launchready.probes.effects import Code, codes, works

CALLERS = ("anon", "authenticated")
COMMANDS = ("select", "insert", "update", "delete")
_RELATIONS = """
SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.relrowsecurity,
  coalesce((SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker'), 'false'),
  (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE oid = c.relowner)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
"""
_COLUMNS = (
    "SELECT attname::text FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)
_POLICIES = """
SELECT p.polname::text, p.polcmd::text, p.polpermissive,
  ARRAY(SELECT coalesce((SELECT rolname::text FROM pg_roles r WHERE r.oid = one), 'public') FROM unnest(p.polroles) one),
  coalesce(pg_get_expr(p.polqual, p.polrelid), ''), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
FROM pg_policy p WHERE p.polrelid = %s ORDER BY p.polname
"""
_GRANTED = """
SELECT has_schema_privilege(%(role)s, %(schema)s, 'USAGE') AND
  CASE WHEN %(command)s = 'DELETE' THEN has_table_privilege(%(role)s, %(oid)s, 'DELETE')
       ELSE has_any_column_privilege(%(role)s, %(oid)s, %(command)s) END
"""
_TO_USERS = """
SELECT a.attname::text FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.conrelid = %s AND k.contype = 'f' AND k.confrelid = 'auth.users'::regclass ORDER BY k.conkey
"""
_ROUTINES = """
SELECT p.oid, n.nspname, p.proname, pg_get_function_identity_arguments(p.oid),
  coalesce(array_to_string(p.proconfig, ','), ''), p.prosecdef,
  ARRAY(SELECT role FROM unnest(%s::text[]) role
    WHERE has_function_privilege(role, p.oid, 'EXECUTE') AND has_schema_privilege(role, n.oid, 'USAGE'))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = ANY(%s) AND p.prokind = 'f'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
ORDER BY n.nspname, p.proname, 4
"""
_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table"}
_PG_COMMANDS = {"r": "select", "a": "insert", "w": "update", "d": "delete", "*": "all"}
_OWNER = ("user_id", "owner_id", "owner", "author_id", "created_by", "profile_id", "account_owner", "userid", "uid")
_TENANT = re.compile(
    r"^(?:org|organi[sz]ation|tenant|team|workspace|company|account|clinic|household|project)_?id$", re.I
)
_COMPARED = re.compile(
    r"auth\.uid\(\)(?: AS uid\))?(?:::text)?\)? = \(?\"?(\w+)\"?\b(?!\.)|\(\"?(\w+)\"?(?:\)?::text)? = \(?(?: SELECT )?\(?auth\.uid\(\)"
)
_ASKS_CALLER = re.compile(r"auth\.(?:uid|jwt|role|email)\s*\(|request\.jwt|current_setting\s*\(", re.I)


def relations(session: Any, schemas: Sequence[str]) -> list[tuple[int, Relation]]:
    """The tables and views of the schemas with their object ids; nothing was tried on them yet."""
    found = []
    for oid, schema, name, kind, rls, invoker, mighty in session.execute(_RELATIONS, (list(schemas),)).fetchall():
        columns = tuple(row[0] for row in session.execute(_COLUMNS, (oid,)).fetchall())
        policies = tuple(
            Policy(row[0], _PG_COMMANDS[row[1]], tuple(row[3]), row[4], row[5], row[2])
            for row in session.execute(_POLICIES, (oid,)).fetchall()
        )
        grants = frozenset(
            f"{role}:{command}"
            for role in CALLERS
            for command in COMMANDS
            if session.execute(
                _GRANTED, {"role": role, "schema": schema, "oid": oid, "command": command.upper()}
            ).fetchone()[0]
        )
        bypasses = kind == "m" or (kind == "v" and str(invoker).lower() not in ("true", "on", "1", "yes") and mighty)
        owner = _owner(columns, policies, [row[0] for row in session.execute(_TO_USERS, (oid,)).fetchall()])
        tenant = next((column for column in columns if _TENANT.search(column)), "")
        found.append(
            (
                oid,
                Relation(
                    schema, name, _KINDS[kind], columns, rls, policies, grants, owner, tenant, bypasses=bool(bypasses)
                ),
            )
        )
    return found


def routines(session: Any, schemas: Sequence[str]) -> list[tuple[int, Routine, frozenset[int]]]:
    """The functions of the schemas with their object ids and those of the tables they work on, triggers left out: no client can call those.

    None was called yet.
    """
    functions = codes(session)
    asking, work = _asking(functions), works(session, functions)
    return [
        (
            oid,
            Routine(
                schema,
                name,
                arguments,
                tuple(callers),
                "search_path=" in config,
                oid in asking,
                definer,
                effect=work[oid].effect,
                gives=functions[oid].gives,
            ),
            work[oid].tables,
        )
        for oid, schema, name, arguments, config, definer, callers in session.execute(
            _ROUTINES, (list(CALLERS), list(schemas))
        ).fetchall()
    ]


def _asking(functions: dict[int, Code]) -> set[int]:
    """The object ids of the functions whose code asks who is calling, itself or through another function that it calls."""
    asking = {oid for oid, code in functions.items() if _ASKS_CALLER.search(code.text)}
    for _ in range(10):
        # Of functions that share a name, all must ask: which of them is called is not known here.
        silent = {code.name for oid, code in functions.items() if oid not in asking}
        asked = {functions[oid].name.lower() for oid in asking} - {name.lower() for name in silent}
        wider = asking | {oid for oid, code in functions.items() if code.calls & asked}
        if wider == asking:
            break
        asking = wider
    return asking


def _owner(columns: tuple[str, ...], policies: tuple[Policy, ...], to_users: list[str]) -> str:
    for policy in policies:
        for match in _COMPARED.finditer(f"{policy.using} {policy.check}"):
            name = match.group(1) or match.group(2)
            if name in columns:
                return name
    return next(iter(to_users), "") or next((name for name in _OWNER if name in columns), "")
