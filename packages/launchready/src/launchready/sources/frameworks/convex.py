"""Convex: functions that clients may call, and the routes of its HTTP router.

Sources: docs.convex.dev (functions: queries, mutations, actions, HTTP actions; auth in functions; HTTP API). A public function answers at
``POST /api/run/FILE/NAME`` of the deployment, whatever the app shows; one that is ``internal`` answers nobody outside.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, join, once
from launchready.sources.frameworks.convex_callers import Callers
from launchready.sources.frameworks.script_handlers import Handler, Handlers
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading
from launchready.sources.schemas.compose import schema_inputs

NAME = "Convex"
_MARK = Mark(
    re.compile(rb"""["'][./@\w-]*_generated/server(?:\.js)?["']|["']convex/server["']|\bconvex-helpers/server"""),
    (b"_generated/server", b"convex/server", b"convex-helpers/server"),
)
_SCRIPTS = (".ts", ".js", ".tsx")
_KINDS = {"query": "read", "mutation": "write", "action": "write"}
_CUSTOM = {
    "customQuery": "query",
    "customMutation": "mutation",
    "customAction": "action",
    "zCustomQuery": "query",
    "zCustomMutation": "mutation",
    "zCustomAction": "action",
}
_FOLDER = re.compile(r"^(?:.*?/)?convex/(.+)\.[jt]sx?$")
_DEEPEST = 4


class Convex:
    """Reads the public functions of every Convex project in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)
        self._callers = Callers(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """Each query, mutation and action that is no internal one, and each route of ``convex/http.ts``."""
        modules = [one for one in self._reader.marked(_MARK, *_SCRIPTS) if "/_generated/" not in one.path]
        found = [one for module in modules for one in (*self._functions(module), *self._routes(module))]
        if modules:
            self._reader.used.add(NAME)
        return once(found)

    def _functions(self, module: Module) -> Iterator[Endpoint]:
        place = _FOLDER.match(module.path)
        for name, exported in module.exports.items() if place else ():
            bound = module.bindings.get(exported.text) if exported.kind == "name" else None
            value = bound.value if bound is not None else exported
            kind, above = self._kind(module.path, value, 0)
            if not kind or place is None or not value.items or value.text in _CUSTOM:
                continue
            described = value.items[0]
            given = described.get("handler") if described.kind == "dict" else described
            handler = self._handlers.unwrapped(module.path, given) if given is not None else Handler(None, module.path)
            route = self._route("POST", name, module.path, handler, value.line, above)
            args = described.get("args") if described.kind == "dict" else None
            inputs = tuple(
                replace(one, type=one.type or "string")
                for one in schema_inputs(self._resolver, module.path, args, "body")
            )
            route = replace(route, path=join("/api/run", place[1], "" if name == "default" else name), inputs=inputs)
            yield replace(endpoint(NAME, route, "", Reading()), action=_KINDS[kind], hosted=True)

    def _kind(self, path: str, value: Expr, depth: int) -> tuple[str, Reading]:
        """Whether a call makes a query, a mutation or an action that clients may call, and what a builder of the app's own asks first."""
        if value.kind != "call" or not value.text or depth > _DEEPEST:
            return "", Reading()
        found = self._resolver.find(path, value.text)
        if value.text in _CUSTOM and len(value.items) > 1:
            inner = value.items[0].text
            known = _CUSTOM[value.text] if inner == _CUSTOM[value.text] else self._named(path, inner, depth)
            return known, self._asked(path, value.items[1])
        if found is not None and found.binding is not None and found.binding.value.text != value.text:
            return self._kind(found.path, found.binding.value, depth + 1)
        if value.text in _KINDS and (found is None or not found.function):
            return value.text, Reading()
        return "", Reading()

    def _named(self, path: str, name: str, depth: int) -> str:
        if name in _KINDS:
            return name
        found = self._resolver.find(path, name)
        return self._kind(found.path, found.binding.value, depth + 1)[0] if found and found.binding else ""

    def _asked(self, path: str, given: Expr) -> Reading:
        """What ``customCtx(async (ctx) => ...)``, or ``{ input: async (ctx) => ... }``, asks."""
        if given.kind == "name":
            found = self._resolver.find(path, given.text)
            return self._asked(found.path, found.binding.value) if found and found.binding else Reading()
        inner = given.get("input") if given.kind == "dict" else next(iter(given.items), None)
        function: Function | None = inner.function if inner is not None else None
        if inner is not None and inner.kind == "name":
            there = self._resolver.find(path, inner.text)
            function, path = (there.function, there.path) if there and there.function else (None, path)
        if function is None:
            return Reading(unsure=(Span(path, given.line, "what a builder asks could not be followed"),))
        return self._callers.reading(path, function)

    def _route(self, method: str, name: str, path: str, handler: Handler, line: int, above: Reading) -> Route:
        function = handler.function
        if function is None:
            unseen = Reading(unsure=(Span(path, line, f"the handler of {name} could not be followed"),))
            return Route(method, "", name, path, line, "", above, unseen)
        inline = self._callers.reading(handler.where, function)
        return Route(method, "", name, path, line, function.code, above, inline)

    def _http(self, path: str, given: Expr) -> Handler:
        """The function inside ``httpAction(async (ctx, request) => ...)``."""
        found = self._resolver.find(path, given.text) if given.kind == "name" else None
        if found and found.binding and found.binding.value.text != given.text:
            return self._http(found.path, found.binding.value)
        inner = given.items[0] if given.kind == "call" and given.text == "httpAction" and given.items else given
        return self._handlers.unwrapped(path, inner)

    def _routes(self, module: Module) -> Iterator[Endpoint]:
        for call in module.calls:
            given = (
                call.items[0] if call.text.endswith(".route") and call.items and call.items[0].kind == "dict" else None
            )
            method, handles = (given.get("method"), given.get("handler")) if given is not None else (None, None)
            if given is None or method is None or handles is None:
                continue
            exact, prefix = given.get("path"), given.get("pathPrefix")
            address = self._resolver.text(module.path, exact or prefix)
            address = join(address, "{path}") if exact is None else address
            handler = self._http(module.path, handles)
            route = self._handlers.route(method.text, address, handles.text or "http action", module.path, handler)
            yield replace(endpoint(NAME, route, "", Reading()), hosted=True)


EXPECTS = expected(_MARK, *_SCRIPTS)
READS = {NAME: Convex}
