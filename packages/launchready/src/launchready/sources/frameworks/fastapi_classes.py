"""Classes of FastAPI apps whose methods are routes.

Such a class is handed the router (``@cbv(router)``), and what its attributes depend on, its own and inherited ones, every route in it depends on
(fastapi-utils.davidmontague.xyz: class-based views).
"""

from collections.abc import Iterator

from launchready.sources.facts.shape import Function, Module, Param
from launchready.sources.resolver import Resolver

_HOPS = 8


def functions_of(module: Module) -> Iterator[tuple[Function, Function | None]]:
    """Every function of a file, and each method with its class."""
    yield from ((function, None) for function in module.functions.values())
    for owner in module.functions.values():
        yield from ((method, owner) for method in owner.methods if owner.is_class)


def given_router(owner: Function) -> bool:
    """Whether a class is decorated by something that is handed a name, as ``@cbv(router)`` is."""
    return any(mark.kind == "call" and mark.items and mark.items[0].kind == "name" for mark in owner.decorators)


def shared(resolver: Resolver, path: str, owner: Function) -> Iterator[tuple[str, Param]]:
    """What every route of a class is given besides: its attributes and what it is made with, its own first, each with the file it stands in."""
    seen: set[str] = set()
    todo = [(path, owner)]
    for _ in range(_HOPS):
        if not todo:
            return
        where, one = todo.pop(0)
        made = next((method for method in one.methods if method.name == "__init__"), None)
        for param in (*one.fields, *(made.params if made is not None else ())):
            if param.name not in seen:
                seen.add(param.name)
                yield where, param
        for base in one.bases:
            found = resolver.find(where, base.text) if base.text else None
            if found is not None and found.function is not None and found.function.is_class:
                todo.append((found.path, found.function))
