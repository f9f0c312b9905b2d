"""Middleware of NestJS: what modules put before routes with ``consumer.apply(Ask).exclude("login").forRoutes(Notes)`` (docs.nestjs.com: middleware)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.frameworks.script_routers import links_of
from launchready.sources.readings import Reading

_ANYTHING = re.compile(r"\\?\{/?\\?\*\w*\\?\}|\\\(\\?\.\\?\*\\\)|\\?\*\w*")
_PARAMETER = re.compile(r":\w+")


@dataclass(frozen=True, slots=True)
class _Place:
    """What ``forRoutes`` or ``exclude`` names: a controller (its file and name), or a path; ``method`` is empty for all of them."""

    pattern: str = ""
    method: str = ""
    controller: tuple[str, str] = ("", "")

    def covers(self, owner: tuple[str, str], method: str, path: str) -> bool:
        """Whether a route of a controller is meant."""
        if self.controller[1]:
            return self.controller == owner
        if self.method not in ("", "ALL", method):
            return False
        escaped = _ANYTHING.sub(".*", _PARAMETER.sub("[^/]+", re.escape(self.pattern.strip("/")).replace(r"\:", ":")))
        return re.fullmatch(escaped, re.sub(r"\{[^{}]*\}", "x", path.strip("/"))) is not None


@dataclass(frozen=True, slots=True)
class _Applied:
    reading: Reading
    spared: tuple[_Place, ...]
    places: tuple[_Place, ...]


class NestMiddleware:
    """What the modules of one app apply."""

    def __init__(self, reader: Reader, modules: list[Module]) -> None:
        self._reader = reader
        self._applied = [one for module in modules for one in self._of_module(module)]

    def reading(self, owner: tuple[str, str], method: str, path: str) -> Reading:
        """What stands before a route of the controller ``owner`` (file and name), at ``path`` below the global prefix."""
        found = Reading()
        for one in self._applied:
            spared = any(place.covers(owner, method, path) for place in one.spared)
            if not spared and any(place.covers(owner, method, path) for place in one.places):
                found += one.reading
        return found

    def _of_module(self, module: Module) -> Iterator[_Applied]:
        methods = (one for owner in module.functions.values() for one in owner.methods if one.name == "configure")
        for call in (call for one in methods for call in one.calls):
            links = links_of(call)
            named = {link.text.rsplit(".", 1)[-1]: link for link in links}
            if links[0].text.rsplit(".", 1)[-1] != "forRoutes" or "apply" not in named:
                continue
            reading = sum((self._demanded(module.path, item) for item in named["apply"].items), Reading())
            if reading.guards or reading.unsure:
                left_out = named["exclude"].items if "exclude" in named else ()
                yield _Applied(
                    reading, tuple(self._places(module, left_out)), tuple(self._places(module, links[0].items))
                )

    def _demanded(self, path: str, item: Expr) -> Reading:
        found = self._reader.resolver.find(path, item.text) if item.text else None
        function: Function | None = found.function if found else None
        if found is None or function is None:
            return Reading()
        guard = self._reader.guards.function(found.path, function)
        return passed_on(guard, path, item.line, item.text)

    def _places(self, module: Module, items: tuple[Expr, ...]) -> Iterator[_Place]:
        for item in items:
            if item.kind == "dict":
                method = item.get("method")
                verb = method.text.rsplit(".", 1)[-1].upper() if method is not None else ""
                yield _Place(self._reader.resolver.text(module.path, item.get("path")), verb)
            elif item.kind == "name":
                found = self._reader.resolver.find(module.path, item.text)
                if found is not None and found.function is not None and found.function.is_class:
                    yield _Place(controller=(found.path, found.name))
                elif found is not None and found.binding is not None:
                    yield from self._places(module, (found.binding.value,))
            elif item.kind == "list":
                yield from self._places(module, item.items)
            else:
                yield _Place(self._reader.resolver.text(module.path, item))
