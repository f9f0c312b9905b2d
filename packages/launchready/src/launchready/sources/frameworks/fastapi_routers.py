"""What makes an app or a router of FastAPI: its own classes, classes of the tree that extend them, and routers of libraries."""

import re
from collections.abc import Iterable

from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.resolver import Resolver

_OWN = ("APIRouter", "FastAPI")
# `VersionedAPIRouter` of Cadwyn, `InferringRouter` of fastapi-utils: libraries extend a router under names that say so.
_OF_LIBRARY = re.compile(r"(?:^|\.)(?:\w+APIRouter|InferringRouter)$")
_ABOVE = 8


class Makers:
    """The calls of a tree that make an app or a router."""

    def __init__(self, resolver: Resolver, modules: Iterable[Module] = ()) -> None:
        self._resolver = resolver
        self._extending = _extending(tuple(modules))

    def kind(self, path: str, call: Expr) -> str:
        """``FastAPI`` or ``APIRouter``, empty for a call in file ``path`` that makes neither."""
        last = call.text.rsplit(".", 1)[-1]
        if last in _OWN:
            return last
        # To look for the class of every call would be to read half the tree.
        if call.kind != "call" or not (last in self._extending or _OF_LIBRARY.search(last)):
            return ""
        return self._made_by(path, call.text, _ABOVE)

    def files(self, known: Iterable[str]) -> list[str]:
        """The files, beside those known, that make a router of a class of the tree."""
        made = {path for name in self._extending for path in self._resolver.holding(f"{name}(".encode(), (".py",))}
        return sorted(made.difference(known))

    def _made_by(self, path: str, dotted: str, above: int) -> str:
        last = dotted.rsplit(".", 1)[-1]
        if last in _OWN:
            return last
        found = self._resolver.find(path, dotted) if above else None
        if found is None or found.function is None:
            outside = found.outside if found else ""
            name = outside.rsplit(".", 1)[-1]
            return name if name in _OWN else "APIRouter" if _OF_LIBRARY.search(outside) else ""
        bases = found.function.bases if found.function.is_class else ()
        kinds = (self._made_by(found.path, base.text, above - 1) for base in bases if base.text)
        return next((kind for kind in kinds if kind), "")


def _extending(modules: tuple[Module, ...]) -> frozenset[str]:
    """The names of classes that extend a router, or another that does, and those under which they are imported."""
    classes = [(name, one) for module in modules for name, one in module.functions.items() if one.is_class]
    imported = [one for module in modules for one in module.imports.values()]
    names: set[str] = set()
    for _ in range(_ABOVE):
        more = {name for name, owner in classes if _extends(owner, names)} - names
        if not more:
            break
        names |= more
        names |= {one.name for one in imported if one.symbol in names}
    return frozenset(names)


def _extends(owner: Function, known: set[str]) -> bool:
    bases = (base.text.rsplit(".", 1)[-1] for base in owner.bases)
    return any(base in _OWN or base in known or _OF_LIBRARY.search(base) for base in bases)
