"""Starlette: lists of routes and mounts, endpoint classes, and what ``requires`` and middleware demand (starlette.io: routing, authentication)."""

import re
from collections.abc import Iterator

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, expected, join, once
from launchready.sources.frameworks.python_inputs import python_inputs
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading

NAME = "Starlette"
_MARK = Mark(
    re.compile(rb"\bfrom starlette|\bimport starlette"),
    (b"starlette",),
)
_TERMINALS = re.compile(r"(?:^|\.)requires$")
_VERBS = ("get", "post", "put", "patch", "delete")
_CONVERTER = re.compile(r"\{(\w+):\w+\}")
_ASKS_NOBODY = re.compile(r"cors|gzip|host|https|session|log|trac|request_?id|header|time|csrf|prom|sentry", re.I)
_READS = (
    ("query", re.compile(r"query_params(?:\.get\(|\[)\s*[\"'](\w+)")),
    ("header", re.compile(r"\.headers(?:\.get\(|\[)\s*[\"']([\w-]+)")),
    ("cookie", re.compile(r"\.cookies(?:\.get\(|\[)\s*[\"']([\w.-]+)")),
    ("form", re.compile(r"\bform(?:\.get\(|\[)\s*[\"'](\w+)")),
    ("body", re.compile(r"\b(?:data|body|payload)(?:\.get\(|\[)\s*[\"'](\w+)")),
)
_DEEPEST = 12


class Starlette:
    """Reads the endpoints of every Starlette app of a tree; FastAPI's are read by its own module."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._placed: set[tuple[str, str]] = set()

    def read(self) -> tuple[Endpoint, ...]:
        """Every route of every app, and of routers that nothing mounts."""
        modules = self._reader.marked(_MARK, ".py")
        apps = [(m, name, b.value) for m in modules for name, b in m.bindings.items() if self._makes(m.path, b.value)]
        mounted = {key for module, _, value in apps for key in self._mounts(module.path, value, 0)}
        found: list[Endpoint] = []
        for module, name, value in apps:
            if (module.path, name) not in mounted:
                found += self._app(module, name, value, "", Reading(), 0)
        if apps:
            self._reader.used.add(NAME)
        return once(found)

    def _makes(self, path: str, value: Expr) -> bool:
        if value.kind != "call" or value.text.rsplit(".", 1)[-1] not in ("Starlette", "Router"):
            return False
        found = self._resolver.find(path, value.text)
        return found is not None and found.outside.startswith("starlette")

    def _mounts(self, path: str, value: Expr, depth: int) -> Iterator[tuple[str, str]]:
        """The apps that are mounted somewhere inside another."""
        for where, route in self._entries(path, value.get("routes")) if depth < _DEEPEST else ():
            if route.text.rsplit(".", 1)[-1] in ("Mount", "Host"):
                target = route.get("app") or (route.items[1] if len(route.items) > 1 else None)
                if target is not None and (there := self._resolver.find(where, target.text)):
                    yield there.path, there.name
                yield from self._mounts(where, route, depth + 1)

    def _app(
        self, module: Module, name: str, value: Expr, prefix: str, above: Reading, depth: int
    ) -> Iterator[Endpoint]:
        above += self._middleware(module.path, value)
        yield from self._routes(
            module.path, value.get("routes") or (value.items[0] if value.items else None), prefix, above, depth
        )
        for call in module.calls:
            owner, _, method = call.text.rpartition(".")
            if owner != name:
                continue
            if method in ("add_route", "add_websocket_route") and len(call.items) > 1:
                made = Expr(
                    "call", "WebSocketRoute" if "websocket" in method else "Route", call.items, call.named, call.line
                )
                yield from self._route(module.path, made, prefix, above)
            elif method in ("mount", "host") and call.items:
                yield from self._mount(
                    module.path, Expr("call", "Mount", call.items, call.named, call.line), prefix, above, depth
                )

    def _entries(self, path: str, value: Expr | None) -> Iterator[tuple[str, Expr]]:
        """The entries of a list of routes, with the file they stand in; names are followed."""
        if (
            value is not None
            and value.kind == "name"
            and (found := self._resolver.find(path, value.text))
            and found.binding
        ):
            path, value = found.path, found.binding.value
        for item in value.items if value is not None and value.kind == "list" else ():
            if item.kind == "name":
                there = self._resolver.find(path, item.text)
                if there and there.binding and there.binding.value.kind == "call":
                    yield there.path, there.binding.value
                elif there and there.binding:
                    yield from self._entries(there.path, there.binding.value)
            else:
                yield path, item

    def _routes(self, path: str, value: Expr | None, prefix: str, above: Reading, depth: int) -> Iterator[Endpoint]:
        for where, item in self._entries(path, value) if depth < _DEEPEST else ():
            kind = item.text.rsplit(".", 1)[-1]
            if kind in ("Route", "WebSocketRoute"):
                yield from self._route(where, item, prefix, above)
            elif kind == "Mount":
                yield from self._mount(where, item, prefix, above, depth)
            elif kind == "Host":
                yield from self._mount(
                    where,
                    Expr("call", "Mount", (Expr("str", ""), *item.items[1:]), item.named, item.line),
                    prefix,
                    above,
                    depth,
                )

    def _mount(self, path: str, item: Expr, prefix: str, above: Reading, depth: int) -> Iterator[Endpoint]:
        here = join(prefix, _template(self._resolver.text(path, item.items[0] if item.items else item.get("path"))))
        above += self._middleware(path, item)
        yield from self._routes(path, item.get("routes"), here, above, depth + 1)
        target = item.get("app") or (item.items[1] if len(item.items) > 1 else None)
        if target is None:
            return
        if "Static" in target.text:
            route = Route("GET", "{path}", "static files", path, item.line)
            yield endpoint(NAME, route, here, above)
            return
        found = self._resolver.find(path, target.text) if target.text else None
        module = self._resolver.module(found.path) if found else None
        if found and module and found.binding and self._makes(found.path, found.binding.value):
            yield from self._app(module, found.name, found.binding.value, here, above, depth + 1)
        elif not (found and found.binding and "FastAPI" in found.binding.value.text):
            self._reader.lose(path, item.line, f"{target.text or 'an app'}, mounted at {here}")

    def _route(self, path: str, item: Expr, prefix: str, above: Reading) -> Iterator[Endpoint]:
        rule = item.items[0] if item.items else item.get("path")
        handler = item.get("endpoint") or (item.items[1] if len(item.items) > 1 else None)
        address = _template(self._resolver.text(path, rule))
        found = self._resolver.find(path, handler.text) if handler is not None and handler.text else None
        above += self._middleware(path, item)
        if found is None or found.function is None:
            name = handler.text if handler is not None else "handler"
            unseen = Reading(unsure=(Span(path, item.line, f"{name or 'handler'} could not be followed"),))
            for verb in self._verbs(item):
                yield endpoint(
                    NAME, Route(verb, address, name or "handler", path, item.line, "", above, unseen), prefix, Reading()
                )
            return
        for verb, function in self._handlers(item, found.function):
            reading = above + decorated(
                self._reader,
                found.path,
                (*found.function.decorators, *function.decorators) if found.function.is_class else function.decorators,
                _TERMINALS,
            )
            inline = self._reader.guards.inside(found.path, function)
            name = f"{found.function.name}.{function.name}" if found.function.is_class else function.name
            route = Route(
                verb,
                address,
                name,
                found.path,
                function.line,
                function.code,
                reading,
                inline,
                python_inputs(self._resolver, found.path, function.code, _READS),
            )
            yield endpoint(NAME, route, prefix, Reading())

    def _handlers(self, item: Expr, function: Function) -> list[tuple[str, Function]]:
        if item.text.rsplit(".", 1)[-1] == "WebSocketRoute":
            return [("WEBSOCKET", function)]
        if not function.is_class:
            return [(verb, function) for verb in self._verbs(item)]
        return [(method.name.upper(), method) for method in function.methods if method.name in _VERBS]

    def _verbs(self, item: Expr) -> list[str]:
        if item.text.rsplit(".", 1)[-1] == "WebSocketRoute":
            return ["WEBSOCKET"]
        given = item.get("methods")
        return [text.upper() for text in given.strings()] if given is not None else ["GET"]

    def _middleware(self, path: str, item: Expr) -> Reading:
        """Middleware around an app, mount or route. One that refuses may pick its requests, so it leaves a doubt and no certainty."""
        reading = Reading()
        for where, one in self._entries(path, item.get("middleware")):
            cls = one.items[0] if one.items else None
            found = self._resolver.find(where, cls.text) if cls is not None and cls.text else None
            if cls is None or (
                found and found.function and not self._reader.guards.function(found.path, found.function)
            ):
                continue
            if (found is None or found.function is None) and (
                _ASKS_NOBODY.search(cls.text) or cls.text.endswith("AuthenticationMiddleware")
            ):
                continue  # it says who is calling, and refuses nobody by itself
            reading += Reading(unsure=(Span(where, one.line, f"middleware {cls.text} may refuse some requests"),))
        return reading


def _template(path: str) -> str:
    return _CONVERTER.sub(r"{\1}", path)


EXPECTS = expected(_MARK, ".py")
READS = {NAME: Starlette}
