"""Methods of classes of Python that calls lead to: ``self.ask_for_login()``, ``Sessions(db).user_of(token)``, and ``check(request)`` of an instance."""

from launchready.sources.facts.shape import Expr, Function
from launchready.sources.found import Found
from launchready.sources.resolver import Resolver

_ABOVE = 8


def method_called(resolver: Resolver, path: str, call: Expr, found: Found | None) -> Found | None:
    """What a call in a file leads to where it is a method; ``found`` is what its name stands for, which it is otherwise."""
    if call.on is not None and call.on.kind == "call" and call.text.isidentifier():
        owner = resolver.find(path, call.on.text) if call.on.text else None
        return _method(resolver, owner, call.text)
    if found is None:
        return own_method(resolver, path, call.line, call.text)
    made = found.binding.value if found.binding else None
    if made is not None and made.kind == "call" and made.text:
        # docs.python.org/3/reference/datamodel.html#object.__call__
        return _method(resolver, resolver.find(found.path, made.text), "__call__")
    return found


def own_method(resolver: Resolver, path: str, line: int, dotted: str) -> Found | None:
    """The method that ``self.name`` in a line of a file leads to; None where no class that is seen has one of that name."""
    owner, _, name = dotted.partition(".")
    module = resolver.module(path) if owner in ("self", "cls") and name.isidentifier() else None
    classes = [one for one in module.functions.values() if one.is_class and one.line <= line] if module else []
    if not classes:
        return None
    return _inherited(resolver, path, max(classes, key=lambda one: one.line), name)


def _method(resolver: Resolver, owner: Found | None, name: str) -> Found | None:
    if owner is None or owner.function is None or not owner.function.is_class:
        return None
    return _inherited(resolver, owner.path, owner.function, name)


def _inherited(resolver: Resolver, path: str, owner: Function, name: str) -> Found | None:
    """A method of a class, or of the nearest class above it."""
    lineage = [(path, owner)]
    for file, kin in lineage:
        if method := next((one for one in kin.methods if one.name == name), None):
            return Found(file, f"{kin.name}.{name}", function=method)
        for base in kin.bases if len(lineage) < _ABOVE else ():
            there = resolver.find(file, base.text) if base.text else None
            if there and there.function and there.function.is_class and (there.path, there.function) not in lineage:
                lineage.append((there.path, there.function))
    return None
