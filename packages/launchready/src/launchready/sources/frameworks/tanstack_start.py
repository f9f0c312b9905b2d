"""TanStack Start: server functions, server routes by their files, and the middleware before them.

Sources: tanstack.com/start (server functions, server routes, middleware). A server function answers at an address that the build makes up; it is listed
by its name, as ``POST /_serverFn/addNote``. Any visitor can call it, whatever page it stands on.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, once, passed_on
from launchready.sources.frameworks.procedures import links_of
from launchready.sources.frameworks.script_handlers import ANY, METHODS, Handlers
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading
from launchready.sources.schemas.compose import schema_inputs

NAME = "TanStack Start"
_MARK = Mark(
    # A pattern that begins with a letter of its own is found many times faster than one that begins at the edge of a word.
    re.compile(
        rb"""["']@tanstack/(?:(?:react|solid|vue)-)?start(?:/[\w/-]+)?["']|create(?<!\wcreate)(?:Server|API)FileRoute\(|server(?<!\wserver)\s*:\s*\{[^{}]{0,200}\bhandlers\b"""
    ),
    (b"tanstack", b"createServerFileRoute", b"createAPIFileRoute", b"handlers"),
)
_SCRIPTS = (".ts", ".tsx", ".js", ".jsx")
_PARAMETER = re.compile(r"\$(\w+)")
_GLOBAL = re.compile(r"\b(functionMiddleware|requestMiddleware)\s*:\s*\[([^\[\]]*)\]")
_VALIDATES = frozenset(("validator", "inputValidator"))
_DEEPEST = 6
_ONLY_READS = re.compile(r"(?:get|fetch|list|find|search|load|is|has|can|count|read|query)(?=[A-Z_]|$)")


class TanStackStart:
    """Reads every app of TanStack Start in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)
        self._everywhere: dict[str, Reading] = {}

    def read(self) -> tuple[Endpoint, ...]:
        """Each server function and each server route."""
        modules = self._reader.marked(_MARK, *_SCRIPTS)
        if not modules:
            return ()
        self._everywhere = self._global(modules)
        routes = [route for module in modules for route in self._functions(module)]
        names = Counter(route.path for route in routes)
        found = [_as_function(_told_apart(route) if names[route.path] > 1 else route) for route in routes]
        found += [endpoint(NAME, route, "", Reading()) for module in modules for route in self._served(module)]
        if found:
            self._reader.used.add(NAME)
        return once(found)

    def _functions(self, module: Module) -> Iterator[Route]:
        bound = {name: binding.value for name, binding in module.bindings.items()}
        for name, value in (bound | {n: v for n, v in module.exports.items() if v.kind == "call"}).items():
            links = links_of(value) if value.kind == "call" else []
            first = links[-1] if links else None
            if first is None or first.text != "createServerFn" or value.text != "handler" or not value.items:
                continue
            options = first.items[0] if first.items and first.items[0].kind == "dict" else Expr("dict")
            method = next((text for text in (options.get("method") or Expr("str", "GET")).strings()), "GET")
            above = self._everywhere.get("functionMiddleware", Reading()) + self._chained(module.path, links[1:], 0)
            handler = self._handlers.unwrapped(module.path, value.items[0])
            route = self._handlers.route(method, name, name, module.path, handler, above)
            where = "query" if method == "GET" else "body"
            checks = (link.items[0] for link in links if link.text in _VALIDATES and link.items)
            inputs = tuple(
                given for schema in checks for given in schema_inputs(self._resolver, module.path, schema, where)
            )
            yield replace(route, file=module.path, line=first.line, inputs=inputs)

    def _served(self, module: Module) -> Iterator[Route]:
        bound = (binding.value for binding in module.bindings.values())
        for value in (*bound, *(one for one in module.exports.values() if one.kind == "call")):
            links = links_of(value) if value.kind == "call" else []
            made = next((one for one in links if one.text in _FILES), None)
            # createFileRoute("/api/notes")({ server: { handlers: { GET } } }), createServerFileRoute("/api/notes").methods({ GET })
            first = next((one for one in reversed(links) if one.items and one.items[0].kind == "str"), made)
            table = next(
                (one.items[0] for one in links if one is not first and one.items and one.items[0].kind == "dict"), None
            )
            if made is None or table is None:
                continue
            address = _address(first.items[0].text if first is not None and first.items else "", module.path)
            server = table.get("server")
            kept = server if server is not None and server.kind == "dict" else table
            handlers = (server.get("handlers") if server is not None else None) or (
                table if made.text != "createFileRoute" else None
            )
            above = self._everywhere.get("requestMiddleware", Reading()) + self._steps(
                module.path, kept.get("middleware"), 0
            )
            yield from self._methods(module.path, address, handlers, above)

    def _methods(self, path: str, address: str, handlers: Expr | None, above: Reading) -> Iterator[Route]:
        if handlers is not None and handlers.function is not None:
            # handlers: ({ createHandlers }) => createHandlers({ GET: { middleware, handler } })
            handlers = next(
                (call.items[0] for call in handlers.function.calls if call.text == "createHandlers" and call.items),
                None,
            )
        for method, value in handlers.named if handlers is not None else ():
            if method not in (*METHODS, "ANY"):
                continue
            given = value.get("handler") if value.kind == "dict" else value
            asked = self._steps(path, value.get("middleware") if value.kind == "dict" else None, 0)
            handler = self._handlers.unwrapped(path, given) if given is not None else None
            for verb in ANY if method == "ANY" else (method,):
                if handler is not None:
                    yield self._handlers.route(verb, address, method, path, handler, above + asked)

    def _global(self, modules: list[Module]) -> dict[str, Reading]:
        """What ``createStart(() => ({ functionMiddleware: [signedIn] }))`` puts before everything of a kind."""
        found: dict[str, Reading] = {}
        for module in modules:
            values = (*module.calls, *(binding.value for binding in module.bindings.values()), *module.exports.values())
            for call in (one for one in values if one.text == "createStart" and one.items and one.items[0].function):
                code = call.items[0].function.code if call.items[0].function else ""
                for kind, names in _GLOBAL.findall(code):
                    items = tuple(
                        Expr("name", name.strip(), line=call.line) for name in names.split(",") if name.strip()
                    )
                    found[kind] = found.get(kind, Reading()) + self._steps(module.path, Expr("list", items=items), 0)
        # What stands before every request stands before server functions as well.
        if "requestMiddleware" in found:
            found["functionMiddleware"] = found.get("functionMiddleware", Reading()) + found["requestMiddleware"]
        return found

    def _chained(self, path: str, links: list[Expr], depth: int) -> Reading:
        given = (item for link in links if link.text.rsplit(".", 1)[-1] == "middleware" for item in link.items)
        return sum((self._steps(path, item, depth) for item in given), Reading())

    def _steps(self, path: str, value: Expr | None, depth: int) -> Reading:
        return (
            sum((self._step(path, item, depth) for item in value.items), Reading()) if value is not None else Reading()
        )

    def _step(self, path: str, value: Expr, depth: int) -> Reading:
        """What a middleware asks, after those that it is built on."""
        if depth > _DEEPEST:
            return Reading()
        if value.kind == "name":
            found = self._resolver.find(path, value.text)
            if found and found.binding and found.binding.value.kind == "call":
                inner = self._step(found.path, found.binding.value, depth + 1)
                spans = tuple(
                    replace(g, span=Span(path, value.line, f"{value.text}: {g.span.what}")) for g in inner.guards
                )
                return Reading(spans, inner.unsure)
            return Reading(unsure=(Span(path, value.line, f"middleware {value.text} could not be followed"),))
        made = (
            self._resolver.find(path, value.text) if value.kind == "call" and value.text and value.on is None else None
        )
        if made is not None and made.function is not None:
            # withRole("admin"), which makes a middleware
            inside = (
                one
                for one in made.function.calls
                if links_of(one)[-1].text == "createMiddleware" and one.on is not None
            )
            asked = sum((self._step(made.path, one, depth + 1) for one in inside), Reading())
            spans = tuple(replace(g, span=Span(path, value.line, f"{value.text}: {g.span.what}")) for g in asked.guards)
            return Reading(spans, asked.unsure)
        links = links_of(value)
        reading = self._chained(path, links, depth + 1)
        for link in links:
            runs = link.items[0] if link.text == "server" and link.items else None
            found = self._resolver.find(path, runs.text) if runs is not None and runs.kind == "name" else None
            function, where = (found.function, found.path) if found else (runs.function if runs else None, path)
            if function is not None:
                guard = self._reader.guards.function(where, function)
                reading += passed_on(guard, where, link.line, function.name or "the middleware")
        return reading


_FILES = frozenset(("createFileRoute", "createServerFileRoute", "createAPIFileRoute"))


def _address(given: str, path: str) -> str:
    """``/notes/$id`` as a template; parts such as ``_signed`` and ``(group)`` are no part of it. Without a text the file says it."""
    stem = given or re.sub(r"^.*?/routes/|\.[jt]sx?$", "", path).replace(".", "/")
    parts = [re.sub(r"^\{?(.*?)\}?$", r"\1", part) for part in stem.split("/")]
    kept = [
        part
        for part in parts
        if part and part != "index" and not part.startswith("_") and not re.fullmatch(r"\(.*\)", part)
    ]
    return "/" + "/".join("{path}" if part == "$" else _PARAMETER.sub(r"{\1}", part) for part in kept)


def _as_function(route: Route) -> Endpoint:
    """A server function: nothing answers at its name, and a ``GET`` that is called ``deleteNote`` reads nothing."""
    made = endpoint(NAME, route, "/_serverFn", Reading())
    return replace(made, action="read" if _ONLY_READS.match(route.handler) else "write", hosted=True)


def _told_apart(route: Route) -> Route:
    """Functions of one name in several files, each by its file."""
    stem = re.sub(r"(?:\.\w+)*\.[jt]sx?$", "", route.file.rsplit("/", 1)[-1])
    return replace(route, path=f"{stem}/{route.path}")


EXPECTS = expected(_MARK, *_SCRIPTS)
READS = {NAME: TanStackStart}
