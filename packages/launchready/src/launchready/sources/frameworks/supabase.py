"""Supabase: what PostgREST makes of the exposed schemas (``/rest/v1/…``), and edge functions (``/functions/v1/NAME``).

PostgREST docs, "Tables and Views" and "Functions"; Supabase docs, "Securing Edge Functions".
"""

from launchready.model.surface import Access, Endpoint, Input
from launchready.model.words import Kind
from launchready.sources.data.access import access_to
from launchready.sources.data.schema import Schema, Written, read_schema
from launchready.sources.data.supabase import projects
from launchready.sources.frameworks.common import Reader, once
from launchready.sources.frameworks.script_handlers import Handlers
from launchready.sources.frameworks.supabase_edge import edge
from launchready.sources.kinds import kinds_of

NAME = "Supabase"
_COMMANDS = {"GET": "select", "POST": "insert", "PATCH": "update", "DELETE": "delete"}
# A table of sessions is no login, and one of invitations sends none: its name tells what it holds, not what it does.
_KINDS = frozenset((Kind.ADMIN, Kind.EXPORT, Kind.DELETE, Kind.BILLING, Kind.SETTINGS, Kind.SEARCH, Kind.AI))


class Supabase:
    """Reads every Supabase project of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self) -> tuple[Endpoint, ...]:
        """A table has four endpoints, a view is read only, a function is called by POST."""
        found: list[Endpoint] = []
        handlers = Handlers(self._reader)
        for project in projects(self._reader.tree):
            self._reader.used.add(NAME)
            self._reader.lost.extend(project.unread)
            schema = read_schema(project.statements)
            for (where, _), one in sorted(schema.objects.items()):
                if where in project.exposed:
                    found += _object(schema, one)
            found += [edge(self._reader, handlers, function, project) for function in project.functions]
        return once(found)


def _object(schema: Schema, one: Written) -> list[Endpoint]:
    if one.kind == "function":
        return [_endpoint("POST", f"/rest/v1/rpc/{one.name}", one, access_to(schema, one, "execute"))]
    methods = ("GET",) if one.kind == "view" else tuple(_COMMANDS)
    return [
        _endpoint(method, f"/rest/v1/{one.name}", one, access_to(schema, one, _COMMANDS[method])) for method in methods
    ]


def _endpoint(method: str, path: str, one: Written, access: Access) -> Endpoint:
    where = {"GET": "query", "DELETE": "query"}.get(method, "body")
    # PATCH sends what it changes, and filters name the rows: neither is demanded.
    inputs = tuple(
        Input(column.name, where, column.type, column.required and method == "POST") for column in one.columns.values()
    )
    action = "read" if method == "GET" else "write"
    kinds = tuple(kind for kind in kinds_of(method, path, "") if kind in _KINDS) or (Kind.OTHER,)
    return Endpoint(method, path, NAME, kinds, action, access, inputs, one.span, hosted=True)


READS = {NAME: Supabase}
