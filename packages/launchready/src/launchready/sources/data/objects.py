"""The data surface of a tree: everything that a data service would hand to clients without asking the app."""

from launchready.model.surface import Access, DataObject, Span
from launchready.model.words import AccessVerdict
from launchready.sources.data.access import access_to
from launchready.sources.data.firebase import allows
from launchready.sources.data.hasura import permissions
from launchready.sources.data.schema import Schema, Written, read_schema
from launchready.sources.data.supabase import projects
from launchready.sources.tree import Tree

_WORST = (AccessVerdict.OPEN, AccessVerdict.UNKNOWN, AccessVerdict.GUARDED)
_LET_IN = {"anyone": AccessVerdict.OPEN, "test": AccessVerdict.OPEN, "some": AccessVerdict.UNKNOWN}


def read_data(tree: Tree) -> tuple[DataObject, ...]:
    """Every table, view, function, bucket and path, by service and name, with the widest access a stranger has."""
    found: list[DataObject] = []
    for project in projects(tree):
        schema = read_schema(project.statements)
        for (where, name), one in schema.objects.items():
            if where in project.exposed:
                found.append(DataObject(f"{where}.{name}", one.kind, _widest(schema, one), "Supabase", one.span))
        for name, public in project.buckets:
            span = Span(project.config, 1, f"storage.buckets.{name}")
            verdict = AccessVerdict.OPEN if public else AccessVerdict.UNKNOWN
            found.append(DataObject(name, "bucket", Access(verdict, evidence=(span,)), "Supabase", span))
    for allow in allows(tree)[0]:
        access = Access(_LET_IN.get(allow.to, AccessVerdict.GUARDED), evidence=(allow.span,))
        found.append(DataObject(allow.path, "path", access, allow.service, allow.span))
    for one_role in permissions(tree)[0]:
        stranger = one_role.role in ("anonymous", "public", "anon")
        access = Access(AccessVerdict.OPEN if stranger else AccessVerdict.UNKNOWN, evidence=(one_role.span,))
        found.append(DataObject(one_role.table, "table", access, "Hasura", one_role.span))
    widest: dict[tuple[str, str, str], DataObject] = {}
    for each in found:
        key = (each.by, each.name, each.kind)
        if key not in widest or _rank(each) < _rank(widest[key]):
            widest[key] = each
    return tuple(widest[key] for key in sorted(widest))


def _widest(schema: Schema, one: Written) -> Access:
    commands = {"function": ("execute",), "view": ("select",)}.get(one.kind, ("select", "insert", "update", "delete"))
    return min(
        (access_to(schema, one, command) for command in commands), key=lambda access: _WORST.index(access.verdict)
    )


def _rank(one: DataObject) -> int:
    return _WORST.index(one.access.verdict)
