"""What makes an app, a blueprint, or an ``Api`` or ``Namespace`` of Flask's extensions, and what it is given for all of its views."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.resolver import Resolver

_EXTENSIONS = ("Api", "Namespace")
_APPS = frozenset(("Flask", "APIFlask"))
_APPS_OF = frozenset(("flask_openapi3.OpenAPI",))
_BLUEPRINTS = frozenset(("Blueprint", "APIBlueprint"))
_ABOVE, _ANCESTORS = 8, 12


@dataclass(frozen=True, slots=True)
class Made:
    """What a call makes: an ``app``, a ``blueprint``, an ``Api`` or a ``Namespace``. ``name`` is the one it was given, None where that cannot
    be read; ``decorators`` stand around each of its views."""

    kind: str
    prefix: str = ""
    name: str | None = ""
    decorators: tuple[Expr, ...] = ()


def made(resolver: Resolver, path: str, call: Expr) -> Made | None:
    """What a call in file ``path`` makes of it, None when it is none of these."""
    # What makes one is a class, or a method of that name: to follow every other call of a file takes long.
    word = call.text.rsplit(".", 1)[-1]
    if not (word[:1].isupper() or word == "namespace"):
        return None
    if kind := base_of(resolver, path, call.text):
        given = call.items[0] if call.items else call.get("name")
        called = given.text if given is not None and given.kind == "str" else None
        return Made(kind, _prefix_of_blueprint(resolver, path, call), called)
    if kind := extension(resolver, path, call):
        shared = call.get("decorators")
        decorators = shared.items if shared is not None and shared.kind == "list" else ()
        return Made(kind, _prefix(resolver, path, call, kind), decorators=decorators)
    return None


def base_of(resolver: Resolver, path: str, dotted: str, above: int = _ABOVE) -> str:
    """``app`` or ``blueprint`` for a class of Flask by the name it has in a file, or one of the tree that extends it; else empty."""
    found = resolver.find(path, dotted) if dotted else None
    if found and found.function:
        bases = found.function.bases if found.function.is_class and above else ()
        return next((kind for base in bases if (kind := base_of(resolver, found.path, base.text, above - 1))), "")
    outside = found.outside if found else ""
    # `from flask_smorest import Blueprint as SmorestBlueprint`
    last = (outside or dotted).rsplit(".", 1)[-1]
    if outside.startswith("sanic"):
        return ""
    return "blueprint" if last in _BLUEPRINTS else "app" if last in _APPS or outside in _APPS_OF else ""


def _prefix_of_blueprint(resolver: Resolver, path: str, call: Expr) -> str:
    """What the call gives as ``url_prefix``; where a class of the tree may give one of its own, it is not known."""
    given = call.get("url_prefix")
    if given is not None:
        return resolver.text(path, given)
    found = resolver.find(path, call.text)
    lineage = lineage_of(resolver, found.path, found.function) if found and found.function else ()
    sets = any(
        "url_prefix" in method.code for _, owner in lineage for method in owner.methods if method.name == "__init__"
    )
    if not sets:
        return ""
    # Two of whom nothing more is known are two all the same.
    name = re.sub(r"\W", "_", resolver.text(path, call.items[0] if call.items else call.get("name")))
    return f"{{{name}_prefix?}}" if name.strip("_") else "{prefix?}"


def extension(resolver: Resolver, path: str, call: Expr) -> str:
    """``Api`` or ``Namespace`` when a call makes one of Flask-RESTful or RESTX, or of a class of our own that extends it."""
    owner, _, method = call.text.rpartition(".")
    if method == "namespace" and owner:
        # `ns = api.namespace("notes")` makes one and mounts it.
        there = resolver.find(path, owner)
        value = there.binding.value if there and there.binding else None
        known = there is not None and value is not None and value.kind == "call" and value is not call
        return "Namespace" if known and there and value and extension(resolver, there.path, value) == "Api" else ""
    found = resolver.find(path, call.text)
    name = found.outside if found else ""
    if found and found.function and found.function.is_class:
        for base in found.function.bases:
            above = resolver.find(found.path, base.text)
            name = above.outside if above else name
    module, _, last = name.rpartition(".")
    return last if last in _EXTENSIONS and module.startswith(("flask_rest", "flask_smorest")) else ""


def _prefix(resolver: Resolver, path: str, call: Expr, kind: str) -> str:
    if kind == "Api":
        return resolver.text(path, call.get("prefix"))
    given = call.get("path")
    return resolver.text(path, given if given is not None else call.items[0] if call.items else None)


def lineage_of(resolver: Resolver, path: str, view: Function) -> list[tuple[str, Function]]:
    """A class and the classes of the tree that it comes from, nearest first."""
    found = [(path, view)]
    for file, owner in found:
        for base in owner.bases if len(found) < _ANCESTORS else ():
            there = resolver.find(file, base.text) if base.text else None
            if there and there.function and there.function.is_class:
                known = (there.path, there.function)
                found += [known] if known not in found else []
    return found


def made_in(module: Module) -> Iterator[tuple[str, Expr]]:
    """The calls that a module binds to a name, its own or one of a class: ``class UserDto: api = Namespace("user")``, by which models and
    namespaces are kept apart from views (the example of Flask-RESTPlus that many apps began with)."""
    for name, binding in module.bindings.items():
        if binding.value.kind == "call":
            yield name, binding.value
    for owner in module.functions.values():
        for held in owner.fields if owner.is_class else ():
            if held.default is not None and held.default.kind == "call":
                yield f"{owner.name}.{held.name}", held.default


def extending(module: Module) -> Iterator[str]:
    """The classes that extend an app, a blueprint, an ``Api`` or a ``Namespace``: any file may make one of them."""
    for name, owner in module.functions.items():
        named = (module.imports.get(base.text) for base in owner.bases)
        bases = {base.text.rsplit(".", 1)[-1] for base in owner.bases} | {one.symbol for one in named if one}
        if owner.is_class and not bases.isdisjoint((*_EXTENSIONS, *_APPS, *_BLUEPRINTS)):
            yield name
