"""What makes an app, a blueprint, or an ``Api`` or ``Namespace`` of Flask's extensions, and what it is given for all of its views."""

from collections.abc import Iterator
from dataclasses import dataclass

from launchready.sources.facts.shape import Expr, Module
from launchready.sources.resolver import Resolver

_EXTENSIONS = ("Api", "Namespace")
_APPS = frozenset(("Flask", "APIFlask"))
_APPS_OF = frozenset(("flask_openapi3.OpenAPI",))
_BLUEPRINTS = frozenset(("Blueprint", "APIBlueprint"))


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
    found = resolver.find(path, call.text)
    outside = found.outside if found else ""
    # `from flask_smorest import Blueprint as SmorestBlueprint`
    last = (outside or call.text).rsplit(".", 1)[-1]
    if (last in _APPS or last in _BLUEPRINTS or outside in _APPS_OF) and not outside.startswith("sanic"):
        app = last not in _BLUEPRINTS
        given = call.items[0] if call.items else call.get("name")
        called = given.text if given is not None and given.kind == "str" else None
        return Made("app" if app else "blueprint", resolver.text(path, call.get("url_prefix")), called)
    if kind := extension(resolver, path, call):
        shared = call.get("decorators")
        decorators = shared.items if shared is not None and shared.kind == "list" else ()
        return Made(kind, _prefix(resolver, path, call, kind), decorators=decorators)
    return None


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
    """The classes that extend an ``Api`` or ``Namespace``: any file may make one of them."""
    for name, owner in module.functions.items():
        named = (module.imports.get(base.text) for base in owner.bases)
        bases = {base.text.rsplit(".", 1)[-1] for base in owner.bases} | {one.symbol for one in named if one}
        if owner.is_class and not bases.isdisjoint(_EXTENSIONS):
            yield name
