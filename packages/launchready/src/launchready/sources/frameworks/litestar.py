"""Litestar: handlers, controllers and routers, and the guards of every layer (docs.litestar.dev: routing, guards)."""

import re
from dataclasses import replace

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module, Param
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, join, once, passed_on
from launchready.sources.frameworks.fastapi_inputs import SIMPLE, parameter_inputs
from launchready.sources.frameworks.litestar_auth import Before, before
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading
from launchready.sources.resolver import Resolver

NAME = "Litestar"
_MARK = Mark(
    re.compile(rb"\b(?:from|import) (?:litestar|starlite)"),
    (b"litestar", b"starlite"),
)
_VERBS = ("get", "post", "put", "patch", "delete")
_SOCKETS = ("websocket", "websocket_listener", "websocket_stream")
_HANDLERS = frozenset((*_VERBS, *_SOCKETS, "route", "head"))
_CONVERTER = re.compile(r"\{(\w+):\w+\}")
_FORMS = re.compile(r"MULTI_PART|URL_ENCODED|multipart|urlencoded", re.I)
_OWN_PATH = re.compile(r"\bself\.path\s*=\s*[\"'](?P<path>[^\"'\n]*)[\"']")
_DEEPEST = 12


class Litestar:
    """Reads every Litestar application of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._seen: set[tuple[str, str]] = set()
        self._found: list[Endpoint] = []
        # What stands before the handlers of the layers that are being read, the outermost first.
        self._before: tuple[Before, ...] = ()

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints; handlers that no application is given are kept, with a word on it."""
        modules = self._reader.marked(_MARK, ".py")
        for module in modules:
            # `def create_app(): return Litestar(…)`, which the command line of Litestar looks for itself (docs.litestar.dev: CLI, autodiscovery).
            made = (call for one in module.functions.values() for call in one.calls)
            for call in (*module.calls, *(b.value for b in module.bindings.values()), *made):
                if call.kind == "call" and call.text.rsplit(".", 1)[-1] in ("Litestar", "Starlite"):
                    self._layer(module.path, call, "", Reading(), 0)
        for module in modules:
            self._left(module)
        if self._found:
            self._reader.used.add(NAME)
        return once(self._found)

    def _layer(self, path: str, call: Expr, prefix: str, above: Reading, depth: int) -> None:
        """An application or router: its path, its guards, and the handlers it is given."""
        here = join(prefix, self._paths(path, call.get("path"))[0])
        above += self._guards(path, call.get("guards"))
        outside, self._before = self._before, (*self._before, *before(self._reader, path, call))
        self._handlers(path, call.get("route_handlers") or (call.items[0] if call.items else None), here, above, depth)
        self._before = outside

    def _handlers(self, path: str, value: Expr | None, prefix: str, above: Reading, depth: int) -> None:
        if value is None or depth > _DEEPEST:
            return
        if value.kind == "list":
            for item in value.items:
                self._handlers(path, item, prefix, above, depth + 1)
        elif value.kind == "call":
            self._called(path, value, prefix, above, depth)
        elif value.kind == "name":
            found = self._resolver.find(path, value.text)
            if found and found.function:
                self._seen.add((found.path, found.function.name))
                self._function(found.path, found.function, prefix, above)
            elif found and found.binding and found.binding.value.kind != "name":
                self._seen.add((found.path, found.name))
                self._handlers(found.path, found.binding.value, prefix, above, depth + 1)
            else:
                self._reader.lose(path, value.line, f"{value.text}, given as a route handler")

    def _called(self, path: str, value: Expr, prefix: str, above: Reading, depth: int) -> None:
        kind = value.text.rsplit(".", 1)[-1]
        if kind == "Router":
            self._layer(path, value, prefix, above, depth + 1)
        elif kind == "create_static_files_router":
            address = join(
                self._paths(path, value.get("path") or (value.items[0] if value.items else None))[0], "{path}"
            )
            route = Route("GET", address, "static files", path, value.line)
            above += self._guards(path, value.get("guards"))
            asked = (one.reading(join(prefix, address), value) for one in self._before)
            self._found.append(endpoint(NAME, route, prefix, sum(asked, above)))
        else:
            self._reader.lose(path, value.line, f"{value.text}(), given as a route handler")

    def _function(self, path: str, function: Function, prefix: str, above: Reading) -> None:
        if not function.is_class:
            self._handler(path, function, prefix, above, "")
            return
        fields = {field.name: field.default for field in function.fields}
        rule = self._paths(path, fields["path"])[0] if "path" in fields else _own_path(function)
        here = join(prefix, rule)
        above += self._guards(path, fields.get("guards"))
        for method in function.methods:
            self._handler(path, method, here, above, f"{function.name}.")

    def _handler(self, path: str, function: Function, prefix: str, above: Reading, owner: str) -> None:
        for decorator in function.decorators:
            kind = decorator.text.rsplit(".", 1)[-1]
            if kind not in _HANDLERS or kind == "head":
                continue
            given = decorator.items[0] if decorator.items else decorator.get("path")
            named = decorator.get("http_method")
            verbs = ["WEBSOCKET"] if kind in _SOCKETS else [kind.upper()]
            if kind == "route":
                verbs = [one.rsplit(".", 1)[-1].upper() for one in _words(named)] or ["GET"]
            reading = self._guards(path, decorator.get("guards"))
            inline = self._reader.guards.inside(path, function)
            for rule in self._paths(path, given):
                for verb in verbs:
                    route = Route(
                        verb,
                        rule,
                        f"{owner}{function.name}",
                        path,
                        function.line,
                        function.code,
                        reading,
                        inline,
                        _inputs(self._resolver, path, function, rule),
                    )
                    asked = (one.reading(join(prefix, rule), decorator) for one in self._before)
                    self._found.append(endpoint(NAME, route, prefix, sum(asked, above)))

    def _paths(self, path: str, value: Expr | None) -> list[str]:
        if value is not None and value.kind == "list":
            return [_template(self._resolver.text(path, item)) for item in value.items] or [""]
        return [_template(self._resolver.text(path, value))]

    def _guards(self, path: str, value: Expr | None) -> Reading:
        """What the guards of a layer demand: each is called with the connection, and raises to refuse."""
        reading = Reading()
        if value is not None and value.kind == "name":
            found = self._resolver.find(path, value.text)
            path, value = (found.path, found.binding.value) if found and found.binding else (path, value)
        items = value.items if value is not None and value.kind == "list" else (value,) if value is not None else ()
        for one in items:
            found = self._resolver.find(path, one.text) if one.text else None
            roles = self._reader.guards.factory_roles(one) if one.kind == "call" else ()
            guard = self._reader.guards.function(found.path, found.function) if found and found.function else None
            if guard is not None:
                reading += passed_on(guard, path, one.line, one.text, roles)
            else:
                doubt = Span(path, one.line, f"guard {one.text or 'here'} was not seen to refuse anybody")
                reading += Reading(unsure=(doubt,))
        return reading

    def _left(self, module: Module) -> None:
        for name, function in module.functions.items():
            if (module.path, name) in self._seen or function.name in _HANDLERS:
                continue
            bare = function.is_class and any(base.text.rsplit(".", 1)[-1] == "Controller" for base in function.bases)
            used = any(self._is_handler(module.path, one) for one in function.decorators)
            if bare or used:
                unsure = Reading(
                    unsure=(Span(module.path, function.line, f"no application seen here is given {name}"),)
                )
                self._function(module.path, function, "", unsure)

    def _is_handler(self, path: str, decorator: Expr) -> bool:
        if decorator.text.rsplit(".", 1)[-1] not in _HANDLERS:
            return False
        found = self._resolver.find(path, decorator.text)
        return found is not None and found.outside.startswith(("litestar", "starlite"))


def _own_path(controller: Function) -> str:
    """The path that a controller gives itself when it is made: ``self.path = "/notes"``."""
    made = next((one.code for one in controller.methods if one.name == "__init__"), "")
    said = _OWN_PATH.search(made)
    return _template(said["path"]) if said else ""


def _words(value: Expr | None) -> list[str]:
    """``"GET"``, ``HttpMethod.GET`` or a list of either."""
    if value is None:
        return []
    return [item.text for item in (value.items if value.kind == "list" else (value,))]


def _template(rule: str) -> str:
    return _CONVERTER.sub(r"{\1}", rule)


def _inputs(resolver: Resolver, path: str, function: Function, rule: str) -> tuple[Input, ...]:
    """Parameters by Litestar's rules: those of the path, ``data`` for the body, the rest from the query, but for what it injects."""
    named = set(re.findall(r"\{(\w+)\}", rule))
    injected = ("self", "request", "socket", "state", "headers", "cookies", "query", "scope", "body", "app")
    found: list[Input] = []
    for param in function.params:
        kind = param.annotation.text if param.annotation is not None else ""
        if param.name in named:
            found.append(Input(param.name, "path", kind, True))
        elif param.name == "data":
            fields = _body(resolver, path, param, rule)
            found += fields or [Input("data", "body", kind, param.default is None)]
        elif param.name not in injected and re.fullmatch(
            r"str|int|float|bool|UUID|date|datetime|list\[\]|Optional\[\]", kind
        ):
            found.append(Input(param.name, "query", kind, param.default is None))
    return tuple(replace(one, type=one.type.removesuffix("[]")) for one in found)


def _body(resolver: Resolver, path: str, param: Param, rule: str) -> list[Input]:
    """The fields of the model that ``data`` is, also as ``DTOData[Model]`` or ``Annotated[Model, Body(media_type=RequestEncodingType.MULTI_PART)]``."""
    kind, where = param.annotation, "body"
    while kind is not None and kind.items and kind.text.rsplit(".", 1)[-1] in ("Annotated[]", "DTOData[]"):
        coded = next((one.get("media_type") for one in kind.items[1:] if one.kind == "call"), None)
        where = "form" if coded is not None and _FORMS.search(coded.text) else where
        kind = kind.items[0]
    if kind is None or SIMPLE.match(kind.text):
        return []
    return [
        replace(one, where=where)
        for one in parameter_inputs(resolver, path, Param(param.name, kind, param.default), rule)
    ]


EXPECTS = expected(_MARK, ".py")
READS = {NAME: Litestar}
