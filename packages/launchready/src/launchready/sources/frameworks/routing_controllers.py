"""Express by decorators: ``@JsonController("/users")`` of routing-controllers, ``@controller("/users")`` of inversify-express-utils.

Sources: the README of each (routes, middleware, authorization, ``currentUserChecker``; controllers, ``BaseMiddleware``).
"""

import re
from collections.abc import Iterator

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, join, once
from launchready.sources.frameworks.express_middleware import InTheWay
from launchready.sources.frameworks.nestjs_classes import body_of_class, inherited
from launchready.sources.frameworks.script_given import calls_in
from launchready.sources.frameworks.script_handlers import ANY
from launchready.sources.frameworks.script_routers import template
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

NAME, INVERSIFY = "routing-controllers", "Inversify Express"
_MARK = Mark(
    re.compile(rb"""["'](?:routing-controllers|inversify-express-utils)["']"""),
    (b"routing-controllers", b"inversify-express-utils"),
)
_SCRIPTS = (".ts", ".js", ".mts")
_CLASSES = frozenset(("JsonController", "Controller", "controller"))
_VERBS = (
    "Get",
    "Post",
    "Put",
    "Patch",
    "Delete",
    "Head",
    "All",
    "httpGet",
    "httpPost",
    "httpPut",
    "httpPatch",
    "httpDelete",
    "httpHead",
    "all",
)
_WHERE = {
    "Body": "body",
    "BodyParam": "body",
    "QueryParam": "query",
    "QueryParams": "query",
    "HeaderParam": "header",
    "UploadedFile": "file",
}
_WHERE |= {"requestBody": "body", "queryParam": "query", "requestHeaders": "header"}
_STARTS = frozenset(("createExpressServer", "useExpressServer", "createKoaServer", "useKoaServer"))
_NOBODY = re.compile(r"$^")
_EVERYBODY = re.compile(r"^\s*\{?\s*(?:return\s+)?true;?\s*\}?\s*$")


class RoutingControllers:
    """Reads the controllers of every such app in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._way = InTheWay(reader, _NOBODY)
        self._options: list[tuple[Module, Expr]] = []

    def read(self) -> tuple[Endpoint, ...]:
        """Every route of every controller."""
        modules = self._reader.marked(_MARK, *_SCRIPTS)
        self._options = [
            (module, item)
            for module in modules
            for call in calls_in(module)
            if call.text in _STARTS
            for item in call.items
            if item.kind == "dict"
        ]
        found: list[Endpoint] = []
        for module in modules:
            for owner in module.functions.values():
                for decorator in (one for one in owner.decorators if one.text in _CLASSES and self._ours(module, one)):
                    found += self._controller(module, owner, decorator)
        for name in {one.framework for one in found}:
            self._reader.used.add(name)
        return once(found)

    @staticmethod
    def _ours(module: Module, decorator: Expr) -> bool:
        entry = module.imports.get(decorator.text)
        return entry is not None and entry.module in ("routing-controllers", "inversify-express-utils")

    def _controller(self, module: Module, owner: Function, decorator: Expr) -> Iterator[Endpoint]:
        name = INVERSIFY if decorator.text == "controller" else NAME
        base, above = (
            self._path(module, decorator),
            self._asked(module, owner.decorators) + self._given(module, decorator),
        )
        prefix = "" if name == INVERSIFY else self._prefix()
        for method in (*owner.methods, *inherited(self._resolver, module, owner)):
            for verb in (one for one in method.decorators if one.text in _VERBS):
                reading = (
                    above
                    + self._asked(module, method.decorators)
                    + self._given(module, verb)
                    + self._user(module, method)
                )
                inline = self._reader.guards.inside(module.path, method)
                path = join(prefix, base, self._path(module, verb))
                inputs = tuple(self._inputs(module.path, method))
                word = verb.text.removeprefix("http").upper()
                for one in ANY if word == "ALL" else (word,):
                    handler = f"{owner.name}.{method.name}"
                    route = Route(one, path, handler, module.path, method.line, method.code, reading, inline, inputs)
                    yield endpoint(name, route, "", Reading())

    def _path(self, module: Module, decorator: Expr) -> str:
        given = decorator.items[0] if decorator.items else None
        return template(self._resolver.text(module.path, given)) if given is not None and given.kind != "other" else ""

    def _given(self, module: Module, decorator: Expr) -> Reading:
        """Middleware behind the path: ``@controller("/users", signedIn)``, ``@httpGet("/", signedIn)``."""
        if not decorator.text.startswith(("http", "controller", "all")):
            return Reading()
        return sum((self._way.reading(module.path, item) for item in decorator.items[1:]), Reading())

    def _asked(self, module: Module, decorators: tuple[Expr, ...]) -> Reading:
        reading = Reading()
        for decorator in decorators:
            if decorator.text in ("UseBefore", "withMiddleware"):
                reading += sum((self._way.reading(module.path, item) for item in decorator.items), Reading())
            elif decorator.text == "Authorized":
                reading += self._checked(module, decorator, "authorizationChecker")
        return reading

    def _user(self, module: Module, method: Function) -> Reading:
        """``@CurrentUser({ required: true })`` refuses who is nobody."""
        for param in method.params:
            bound = param.default
            options = bound.items[0] if bound is not None and bound.text == "CurrentUser" and bound.items else None
            required = options.get("required") if options is not None else None
            if bound is not None and required is not None and required.text == "true":
                return self._checked(module, bound, "currentUserChecker")
        return Reading()

    def _checked(self, module: Module, decorator: Expr, by: str) -> Reading:
        """What the function asks that the server is given for it: nothing where it lets everybody in."""
        span = Span(module.path, decorator.line, f"@{decorator.text} asks the {by} of the server")
        for there, options in self._options:
            given = options.get(by)
            found = self._resolver.find(there.path, given.text) if given is not None and given.text else None
            function = given.function if given is not None and given.function else found.function if found else None
            if function is not None:
                roles = (
                    self._reader.guards.factory_roles(decorator, module.path) if by == "authorizationChecker" else ()
                )
                return Reading() if _EVERYBODY.match(function.code) else Reading((Guard(span, roles),))
        return Reading(
            unsure=(Span(module.path, decorator.line, f"@{decorator.text}: the {by} could not be followed"),)
        )

    def _prefix(self) -> str:
        for there, options in self._options:
            if (given := options.get("routePrefix")) is not None:
                return self._resolver.text(there.path, given)
        return ""

    def _inputs(self, path: str, method: Function) -> Iterator[Input]:
        for param in method.params:
            bound = param.default
            where = _WHERE.get(bound.text) if bound is not None and bound.kind == "call" else None
            if bound is None or where is None:
                continue
            kind = param.annotation.text if param.annotation is not None else ""
            name = next((item.text for item in bound.items if item.kind == "str"), "")
            found = self._resolver.find(path, kind) if kind and not name else None
            if found and found.function and found.function.is_class:
                yield from body_of_class(self._resolver, found.path, found.function, where)
            else:
                yield Input(name or param.name, where, kind)


EXPECTS = expected(_MARK, *_SCRIPTS)
READS = {NAME: RoutingControllers}
