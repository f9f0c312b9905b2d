"""A data service on loopback for tests: tables over HTTP as PostgREST gives them, accounts as GoTrue does, on a real PostgreSQL.

Each request is ``SET LOCAL ROLE`` and the claims of its token as a setting, which is all that PostgREST does; policies decide the rest.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import threading
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from launchready.model.database import Statement
from launchready.probes.postgres import Postgres

from tests.support.web import Got, Reply, serve

JSON = {"Content-Type": "application/json"}
_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum
"""


class DataService:
    """The service as a function from requests to replies. ``key`` is the public one; ``confirms`` makes sign-up end without a session."""

    def __init__(self, server: Postgres, database: str, confirms: bool) -> None:
        self._secret = secrets.token_hex(32)
        self.key = self.token({"role": "anon"})
        self._session = server.connect("supabase_admin", database)
        self._errors = server.errors
        self._confirms = confirms
        self._lock = threading.Lock()

    def token(self, said: dict[str, Any]) -> str:
        """A token signed by the service."""
        parts = [_url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, said)]
        made = hmac.new(self._secret.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
        return ".".join([*parts, _url(made)])

    def __call__(self, got: Got) -> Reply:
        with self._lock:
            if got.path == "/auth/v1/signup":
                return self._sign_up(json.loads(got.body))
            if not got.path.startswith("/rest/v1/"):
                return Reply(404, "{}", JSON)
            claims = self._claims(got.headers.get("authorization", ""))
            if claims is None:
                return Reply(401, '{"message": "JWSError"}', JSON)
            name = unquote(got.path.removeprefix("/rest/v1/"))
            return self._described() if not name else self._act(got, claims, name)

    def _sign_up(self, body: dict[str, Any]) -> Reply:
        made = str(uuid.uuid4())
        self._session.execute(
            "INSERT INTO auth.users (id, aud, role, email) VALUES (%s, 'authenticated', 'authenticated', %s)",
            (made, body["email"]),
        )
        user = {"id": made, "email": body["email"]}
        if self._confirms:
            return Reply(200, json.dumps(user), JSON)
        token = self.token({"role": "authenticated", "aud": "authenticated", "sub": made, "email": body["email"]})
        return Reply(200, json.dumps({"access_token": token, "user": user}), JSON)

    def _claims(self, header: str) -> dict[str, Any] | None:
        token = header.removeprefix("Bearer ")
        body = token.split(".")[1] if token.count(".") == 2 else ""
        said = json.loads(base64.urlsafe_b64decode(body + "==")) if body else {}
        return said if body and token == self.token(said) else None

    def _described(self) -> Reply:
        tables: dict[str, Any] = {}
        for table, column, kind, required, key in self._session.execute(_COLUMNS).fetchall():
            shape = tables.setdefault(table, {"properties": {}, "required": []})
            note = "Note:\nThis is a Primary Key.<pk/>" if key else ""
            shape["properties"][column] = {"format": kind, "description": note}
            if required:
                shape["required"].append(column)
        return Reply(200, json.dumps({"swagger": "2.0", "definitions": tables, "paths": {"/rpc/wipe": {}}}), JSON)

    def _act(self, got: Got, claims: dict[str, Any], table: str) -> Reply:
        wheres, values = [], []
        for name, value in parse_qsl(got.query):
            if value.startswith("eq."):
                wheres.append(f'"{name}"::text = %s')
                values.append(value[3:])
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        body = json.loads(got.body) if got.body else {}
        names = ", ".join(f'"{name}"' for name in body)
        places = ", ".join("%s" for _ in body)
        given = [json.dumps(value) if isinstance(value, dict | list) else value for value in body.values()]
        sql = {
            "GET": f'SELECT to_jsonb(t) FROM "{table}" t{where} LIMIT 5',
            "POST": f'INSERT INTO "{table}" AS t ({names}) VALUES ({places}) RETURNING to_jsonb(t)',
            "PATCH": f'UPDATE "{table}" AS t SET ({names}) = ROW({places}){where} RETURNING to_jsonb(t)',
            "DELETE": f'DELETE FROM "{table}" AS t{where} RETURNING to_jsonb(t)',
        }[got.method]
        session = self._session
        session.execute("BEGIN")
        try:
            session.execute("SELECT set_config('request.jwt.claims', %s, true)", (json.dumps(claims),))
            session.execute(f"SET LOCAL ROLE {claims['role']}")
            rows = [row[0] for row in session.execute(sql, [*given, *values] or None).fetchall()]
            session.execute("COMMIT")
        except self._errors as error:
            session.execute("ROLLBACK")
            state = str(getattr(error, "sqlstate", ""))
            status = {"42501": 401 if claims["role"] == "anon" else 403, "42P01": 404}.get(state, 400)
            return Reply(status, json.dumps({"code": state, "message": str(error).split("\n")[0]}), JSON)
        return Reply(201 if got.method == "POST" else 200, json.dumps(rows), JSON)


@contextlib.contextmanager
def serve_data(sql: str, *, confirms: bool = False) -> Iterator[tuple[str, DataService]]:
    """Run ``sql`` in a database of its own and serve its public tables; gives the address and the service."""
    with Postgres.open() as server:
        raised = server.build([Statement("a.sql", 1, part) for part in sql.split(";\n") if part.strip()])
        assert not raised.unrun, raised.unrun
        service = DataService(server, raised.name, confirms)
        with serve(service) as url:
            yield url, service


def _url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
