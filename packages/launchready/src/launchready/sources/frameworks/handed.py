"""What a function of Python is handed under a name: ``def register(app): @app.get("/notes")`` hangs on what its callers hand it."""

from collections.abc import Iterable, Iterator

from launchready.sources.facts.shape import Expr, Module
from launchready.sources.resolver import Resolver


def takes(module: Module | None, name: str) -> dict[str, int]:
    """The functions and methods of a file that take something under a name, each with its place among what they are given."""
    return dict(_takers(module, name)) if module is not None and name.isidentifier() else {}


class Handed:
    """The calls of some files, by the last part of what they call."""

    def __init__(self, resolver: Resolver, modules: Iterable[Module]) -> None:
        self._resolver = resolver
        self._modules = tuple(modules)
        self._calls: dict[str, list[tuple[str, Expr]]] = {}

    def to(self, path: str, name: str) -> Iterator[tuple[str, str]]:
        """What the callers of a file's functions hand them under a name: the file of each, and what it writes there."""
        for taker, at in takes(self._resolver.module(path), name).items():
            for where, call in self._named(taker):
                value = call.get(name) or (call.items[at] if at < len(call.items) else None)
                if value is not None and value.text and self._is_of(where, call.text, path):
                    yield where, value.text

    def _named(self, name: str) -> list[tuple[str, Expr]]:
        if not self._calls:
            for module in self._modules:
                for call in module.calls:
                    self._calls.setdefault(call.text.rpartition(".")[2], []).append((module.path, call))
        return self._calls.get(name, [])

    def _is_of(self, path: str, called: str, wanted: str) -> bool:
        """Whether what is called is of a file; of a method it cannot be told."""
        found = self._resolver.find(path, called)
        return found is None or found.path == wanted


def _takers(module: Module, name: str) -> Iterator[tuple[str, int]]:
    for function in module.functions.values():
        for one in function.methods if function.is_class else (function,):
            names = [param.name for param in one.params if param.name not in ("self", "cls")]
            if name in names:
                yield one.name, names.index(name)
