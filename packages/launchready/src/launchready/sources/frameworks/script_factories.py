"""Functions of an app that make its routers: ``const notes = createRouter()`` for ``function createRouter() { return new Hono(); }``."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.script_routers import Key, written
from launchready.sources.marks import Mark
from launchready.sources.resolver import Resolver

_RETURNED = re.compile(r"\breturn\s+(\w+)\s*(?:;|\}|$)", re.M)
_BASE_PATH = re.compile(r"\.basePath\(\s*[\"'`](/[^\"'`$]*)[\"'`]")
_HOPS = 3


@dataclass(frozen=True, slots=True)
class Made:
    """What a factory hands back: a new router, or the one it keeps under a name of its own (``base``). ``prefix`` is the router's own path."""

    base: Key | None = None
    prefix: str = ""


class Factories:
    """Knows the factories of one tree. ``constructs`` matches the construction of a router by a class of ``package``, or by a function of it."""

    def __init__(self, reader: Reader, constructs: re.Pattern[str], package: str, *, by_function: bool = False) -> None:
        self._by_function = by_function
        self._reader = reader
        self._resolver: Resolver = reader.resolver
        self._constructs = re.compile(rf"(?:\breturn|^)\s*\(?\s*{constructs.pattern}")
        self._within = constructs
        self._package = package

    def named(self, path: str, call: Expr, names: re.Pattern[str]) -> Made | None:
        """The same, for a call whose name says that it makes something: to follow every call of a tree takes long."""
        return self.made(path, call) if names.search(call.text) else None

    def made(self, path: str, call: Expr, hops: int = _HOPS) -> Made | None:
        """What a call makes when a function of the app that it runs makes a router; None when it makes none."""
        plain = call.kind == "call" and call.on is None and call.text
        found = self._resolver.find(path, call.text) if plain and hops else None
        if plain and hops and found is None:
            found = self._resolver.exported(path, call.text, [], hops)
        if found is None or found.function is None or found.function.is_class:
            return None
        module, code = self._resolver.module(found.path), found.function.code
        if module is None:
            return None
        if self._constructs.search(code) and self._imports(module):
            return Made(prefix=_own_path(code))
        for name in _RETURNED.findall(code):
            bound = re.search(rf"\b(?:const|let|var)\s+{name}\b[^=]*=\s*(?:await\s+)?(new\s+)?([\w.]+)", code)
            if bound is None:
                continue
            constructs = (
                (self._by_function or bool(bound[1]))
                and self._within.search(bound[0]) is not None
                and self._imports(module)
            )
            if constructs or self.made(found.path, Expr("call", bound[2]), hops - 1) is not None:
                # A name that the file gives to something else as well says nothing of what the function keeps under it.
                value = module.bindings[name].value if name in module.bindings else call
                known = value.kind == "call" and (found.path, value.text, value.line) != (path, call.text, call.line)
                return Made((found.path, name)) if known else Made(prefix=_own_path(code))
        return None

    def users(self, modules: Sequence[Module], makes: Callable[[Module], bool]) -> list[Module]:
        """The modules that use a factory of these modules, and of one another, and were not read yet."""
        known = {module.path for module in modules}
        more: list[Module] = []
        todo = list(modules)
        while todo:
            names = {
                name
                for module in todo
                for name, function in _named(module)
                if not function.is_class and self.made(module.path, Expr("call", name)) is not None
            }
            if not names:
                break
            words = tuple(f"{name}(".encode() for name in sorted(names))
            calls = Mark(re.compile(rb"\b(?:" + b"|".join(map(re.escape, words)) + rb")"), words)
            paths = [path for path in written(self._reader, calls) if path not in known]
            known |= set(paths)
            todo = [module for module in self._reader.modules(paths) if makes(module)]
            more += todo
        return more

    def _imports(self, module: Module) -> bool:
        return any(self._package in entry.module for entry in module.imports.values())


def makes(kind: Callable[[Module, Expr], str], module: Module) -> bool:
    """Whether a module binds or exports a router, as ``kind`` tells."""
    values = (*module.exports.values(), *(binding.value for binding in module.bindings.values()))
    return any(kind(module, value) for value in values)


def _named(module: Module) -> Iterator[tuple[str, Function]]:
    """The functions of a file, and those that it only exports: ``module.exports = { createApp: function (settings) { … } }``."""
    yield from module.functions.items()
    for name, value in module.exports.items():
        if value.function is not None and name not in module.functions:
            yield name, value.function


def _own_path(code: str) -> str:
    return "".join(_BASE_PATH.findall(code))
