"""The permissions that Flask-AppBuilder's own guards ask for: ``can_read:Chart``, what a method does and the class it stands in.

Source: flask-appbuilder.readthedocs.io (security): ``protect``, ``has_access`` and ``has_access_api`` ask for the permission of the
method on the class; ``permission_name``, ``method_permission_name`` and ``class_permission_name`` rename either.
"""

from collections.abc import Sequence
from dataclasses import replace

from launchready.sources.facts.shape import Expr, Function
from launchready.sources.readings import Reading
from launchready.sources.resolver import Resolver

_ASKS = frozenset(("protect", "has_access", "has_access_api"))
# The classes a method is looked up in, its own first, each with the file it stands in.
Lineage = Sequence[tuple[str, Function]]


def permission_of(resolver: Resolver, lineage: Lineage, method: Function) -> str:
    """The permission that the decorators of a method ask for; empty when they ask for none."""
    marks = {mark.text.rsplit(".", 1)[-1]: mark for mark in method.decorators}
    if _ASKS.isdisjoint(marks):
        return ""
    renamed = next(marks["permission_name"].strings(), "") if "permission_name" in marks else ""
    return permission(resolver, lineage, method.name, renamed or method.name)


def permission(resolver: Resolver, lineage: Lineage, method: str, own: str) -> str:
    """The permission of a method whose own name for it is ``own``."""
    renamed = _field(lineage, "method_permission_name")
    action = _entry(resolver, *renamed, method) if renamed else ""
    named = _field(lineage, "class_permission_name")
    subject = resolver.text(*named) if named else ""
    return f"can_{action or own}:{subject or lineage[0][1].name}"


def _field(lineage: Lineage, name: str) -> tuple[str, Expr] | None:
    """The value of a class attribute and the file it stands in."""
    given = ((path, field) for path, owner in lineage for field in owner.fields if field.name == name)
    return next(((path, field.default) for path, field in given if field.default is not None), None)


def _entry(resolver: Resolver, path: str, table: Expr, key: str, hops: int = 4) -> str:
    """The text under a key of a table, which may be a name, or take other tables in."""
    if table.kind == "name" and hops:
        found = resolver.find(path, table.text)
        return _entry(resolver, found.path, found.binding.value, key, hops - 1) if found and found.binding else ""
    for name, value in reversed(table.named):
        if name == key:
            return resolver.text(path, value)
        if name == "**" and (text := _entry(resolver, path, value, key, hops - 1)):
            return text
    return ""


def with_permission(reading: Reading, asked: str) -> Reading:
    """The reading with the permission put on its guards that name none."""
    guards = tuple(guard if guard.roles or not asked else replace(guard, roles=(asked,)) for guard in reading.guards)
    return replace(reading, guards=guards)
