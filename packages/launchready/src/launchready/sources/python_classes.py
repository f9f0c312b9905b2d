"""Methods that a class of Python calls on itself: ``self.ask_for_login()`` in a view stands in its class or in one above it."""

from launchready.sources.found import Found
from launchready.sources.resolver import Resolver

_ABOVE = 8


def own_method(resolver: Resolver, path: str, line: int, dotted: str) -> Found | None:
    """The method that ``self.name`` in a line of a file leads to; None where no class that is seen has one of that name."""
    owner, _, name = dotted.partition(".")
    module = resolver.module(path) if owner in ("self", "cls") and name.isidentifier() else None
    classes = [one for one in module.functions.values() if one.is_class and one.line <= line] if module else []
    if not classes:
        return None
    lineage = [(path, max(classes, key=lambda one: one.line))]
    for file, kin in lineage:
        if method := next((one for one in kin.methods if one.name == name), None):
            return Found(file, f"{kin.name}.{name}", function=method)
        for base in kin.bases if len(lineage) < _ABOVE else ():
            there = resolver.find(file, base.text) if base.text else None
            if there and there.function and there.function.is_class and (there.path, there.function) not in lineage:
                lineage.append((there.path, there.function))
    return None
