"""Astro: endpoints and pages by their files, actions, and the middleware before them (docs.astro.build: endpoints, actions, middleware)."""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader, Route, endpoint, once
from launchready.sources.frameworks.script_handlers import ANY, METHODS, Handler, Handlers, address_of, page
from launchready.sources.readings import Guard, Reading
from launchready.sources.schemas.compose import schema_inputs

NAME = "Astro"
_FILE = re.compile(r"^src/pages/(.+)\.(?:ts|js|mts|mjs|astro|md|mdx|html)$")
# Files and folders that begin with an underscore are no routes.
_PRIVATE = re.compile(r"(?:^|/)_")
_FRONT = re.compile(r"^\s*---\n(.*?)\n---", re.S)
_AWAY = re.compile(
    r"if\s*\(\s*!\s*(?:Astro\s*\.\s*locals\s*\.\s*)?\w*(?:user|session|auth|account)\w*\b[^)]*\)\s*\{?\s*return\s+(?:Astro\s*\.\s*redirect\(|new\s+Response\(\s*[^,]{0,40},\s*\{\s*status\s*:\s*40[13])",
    re.I,
)
_DEEPEST = 4


class Astro:
    """Reads the endpoints of every Astro site in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """Every endpoint, page and action."""
        found: list[Endpoint] = []
        for root in self._handlers.roots(frozenset(("astro",)), ("astro.config.",)):
            self._reader.used.add(NAME)
            middleware = self._handlers.file(f"{root}src/middleware") or self._handlers.file(
                f"{root}src/middleware/index"
            )
            gate = self._handlers.gate(middleware)
            guard = Reading((Guard(Span(middleware, 1, "the middleware turns strangers away")),))
            for file in self._reader.tree.files:
                match = _FILE.match(file.path.removeprefix(root)) if file.path.startswith(root) else None
                if match is None or _PRIVATE.search(match[1]):
                    continue
                for route in self._routes(file.path, match[1]):
                    above = guard if gate is not None and gate.covers(route.path) else Reading()
                    found.append(page(endpoint(NAME, route, "", above)))
            for route in self._actions(root):
                above = guard if gate is not None and gate.covers(route.path) else Reading()
                found.append(replace(endpoint(NAME, route, "", above), action="write"))
        return once(found)

    def _routes(self, path: str, stem: str) -> Iterator[Route]:
        address = address_of(stem)
        if address is None:
            return
        if not path.endswith((".ts", ".js", ".mts", ".mjs")):
            yield self._page(path, address)
            return
        for method in METHODS:
            if handler := self._handlers.exported(path, method):
                yield self._handlers.route(method, address, method, path, handler)
        if every := self._handlers.exported(path, "ALL"):
            for method in ANY:
                yield self._handlers.route(method, address, "ALL", path, every)

    def _page(self, path: str, address: str) -> Route:
        front = _FRONT.match(self._reader.tree.text(path) or "") if path.endswith(".astro") else None
        away = _AWAY.search(front[1]) if front else None
        asked = Reading((Guard(Span(path, 1, "the page sends strangers away")),)) if away else Reading()
        return replace(self._handlers.route("GET", address, "page", path, Handler(None, path)), inline=asked)

    def _actions(self, root: str) -> Iterator[Route]:
        for file in (self._handlers.file(f"{root}src/actions"), self._handlers.file(f"{root}src/actions/index")):
            found = self._resolver.exported(file, "server", [], 8) if file else None
            if found and found.binding:
                yield from self._table(found.path, found.binding.value, "", 0)

    def _table(self, path: str, value: Expr, name: str, depth: int) -> Iterator[Route]:
        if depth > _DEEPEST:
            return
        if value.kind == "name":
            found = self._resolver.find(path, value.text)
            if found and found.binding and found.binding.value.text != value.text:
                yield from self._table(found.path, found.binding.value, name, depth + 1)
        elif value.kind == "dict":
            for key, one in value.named:
                yield from self._table(path, one, f"{name}.{key}".lstrip("."), depth + 1)
        elif value.kind == "call" and value.text == "defineAction" and value.items:
            given, schema = value.items[0].get("handler"), value.items[0].get("input")
            handler = self._handlers.unwrapped(path, given) if given is not None else Handler(None, path)
            route = self._handlers.route("POST", f"/_actions/{name}", name, path, handler)
            yield replace(route, inputs=schema_inputs(self._resolver, path, schema, "body") or route.inputs)


READS = {NAME: Astro}
