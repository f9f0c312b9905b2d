"""Spring MVC and WebFlux: annotated controllers, mappings of their own making and of interfaces, functional routes
(docs.spring.io/spring-framework/reference/web/webmvc/mvc-controller/ann-requestmapping.html)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.frameworks.script_handlers import ANY
from launchready.sources.frameworks.spring_messages import SpringMessages
from launchready.sources.frameworks.spring_names import SpringNames
from launchready.sources.frameworks.spring_prefixes import prefixes as path_prefixes
from launchready.sources.frameworks.spring_rules import constants, constrained
from launchready.sources.frameworks.spring_security import SpringSecurity
from launchready.sources.frameworks.spring_settings import SpringSettings
from launchready.sources.manifests import dependencies
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading

NAME = "Spring"
_MARK = Mark(
    re.compile(
        rb"org\.springframework|@(?:Rest)?Controller\b|@(?:Request|Get|Post|Put|Patch|Delete)Mapping\b|jakarta\.servlet|\bRouteLocator\b"
    ),
    (b"springframework", b"Controller", b"Mapping", b"jakarta.servlet", b"RouteLocator"),
)
_VERBS = {f"{verb.title()}Mapping": verb for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")}
# Interfaces that a controller implements may also be written as those of a client (Spring 6.1, @HttpExchange).
_VERBS |= {f"{verb.title()}Exchange": verb for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")}
_MAPPINGS = {*_VERBS, "RequestMapping", "HttpExchange"}
_CONTROLLERS = frozenset(("RestController", "Controller"))
_WHERE = {
    "RequestParam": "query",
    "RequestHeader": "header",
    "CookieValue": "cookie",
    "RequestPart": "file",
    "PathVariable": "path",
}
_CALLER = re.compile(r"^(?:Principal|Authentication|UserDetails|JwtAuthenticationToken|OidcUser|OAuth2User)$")
_BRACED = re.compile(r"\{\*?(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}")
_FUNCTIONAL = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE"))
_REGISTERED = {
    "registerStompEndpoints": "addEndpoint",
    "registerWebSocketHandlers": "addHandler",
    "addResourceHandlers": "addResourceHandler",
    "addViewControllers": "",
}
# Pages without a controller; what follows the address says where they lead.
_VIEWS = ("addViewController", "addRedirectViewController", "addStatusController")
_ROUTES = re.compile(r"^\s*=?\s*(?:coRouter|router)\s*\{")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Mapping:
    """What a mapping annotation says; ``methods`` are empty when it names none."""

    paths: tuple[str, ...]
    methods: tuple[str, ...]


class Spring:
    """Reads the endpoints of every Spring app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._names = SpringNames(reader.resolver, reader.tree)

    def read(self) -> tuple[Endpoint, ...]:
        """Every route of every controller and router function."""
        modules = self._reader.marked(_MARK, ".java", ".kt")
        if not modules:
            return ()
        self._reader.used.add(NAME)
        self._settings = SpringSettings(self._reader.tree)
        wanted = " ".join(dependencies(self._reader.tree))
        built = (
            self._reader.tree.text(file.path) or "" for file in self._reader.tree.with_suffix(".xml", ".gradle", ".kts")
        )
        secured = "spring-boot-starter-security" in wanted or any(
            "spring-boot-starter-security" in text for text in built
        )
        self._security = SpringSecurity(self._reader, modules, self._names, secured)
        messages = SpringMessages(self._reader, self._settings, self._security, self._text)
        prefixes = tuple(
            prefix
            for module in modules
            for owner in module.functions.values()
            for method in owner.methods
            if method.name == "configureMessageBroker"
            for prefix in messages.destinations(module, method)
        )
        self._prefixes = path_prefixes(modules, self._text)
        found: list[Endpoint] = []
        for module in modules:
            for owner in module.functions.values():
                if self._is_controller(module, owner):
                    found += self._controller(module, owner)
                    found += messages.controller(module, owner, prefixes)
                for method in owner.methods:
                    found += messages.gateway(module, method)
                    if method.name in _REGISTERED:
                        found += self._registered(module, method)
                    if any(kind.text == "RouterFunction" for kind in method.bases) or _ROUTES.search(method.code):
                        for step in method.steps:
                            if isinstance(step, Expr):
                                found += self._functional(module, method, step, "")
        return once(found)

    def _is_controller(self, module: Module, owner: Function) -> bool:
        for mark in owner.decorators:
            if mark.text in _CONTROLLERS:
                return True
            found = self._names.type_of(module, mark.text) if mark.text not in _MAPPINGS else None
            if found is not None and any(inner.text in _CONTROLLERS for inner in found[1].decorators):
                return True
        return False

    def _lineage(self, module: Module, owner: Function, depth: int = 0) -> Iterator[tuple[Module, Function]]:
        """A class, then what it extends and implements."""
        yield module, owner
        for base in owner.bases if depth < _DEEPEST else ():
            found = self._names.type_of(module, base.text)
            if found is not None and found[1] is not owner:
                yield from self._lineage(*found, depth + 1)

    def _controller(self, module: Module, owner: Function) -> Iterator[Endpoint]:
        lineage = list(self._lineage(module, owner))
        above = next((m for where, one in lineage if (m := self._mapping(where, one.decorators))), None)
        before = next((one.path for one in self._prefixes if one.holds(module, owner)), "")
        prefixes = [join(before, one) for one in (above.paths if above is not None and above.paths else ("",))]
        seen: set[tuple[str, int]] = set()
        for where, one in lineage:
            for method in one.methods:
                key = (method.name, len(method.params))
                mapping, origin = self._inherited(lineage, where, method)
                if key in seen or mapping is None:
                    continue
                seen.add(key)
                methods = mapping.methods or (above.methods if above is not None else ()) or ANY
                for prefix in prefixes:
                    for path in mapping.paths or ("",):
                        for verb in methods:
                            if verb not in ("HEAD", "OPTIONS", "TRACE"):
                                yield self._endpoint(where, owner, method, origin, verb, join(prefix, path))

    def _inherited(
        self, lineage: list[tuple[Module, Function]], where: Module, method: Function
    ) -> tuple[_Mapping | None, Function]:
        """The mapping of a method, or of the one it overrides."""
        if mapping := self._mapping(where, method.decorators):
            return mapping, method
        for other, owner in lineage:
            for one in owner.methods:
                same = one.name == method.name and len(one.params) == len(method.params)
                if same and (mapping := self._mapping(other, one.decorators)):
                    return mapping, one
        return None, method

    def _mapping(self, module: Module, marks: tuple[Expr, ...], depth: int = 0) -> _Mapping | None:
        for mark in marks:
            if mark.text in _MAPPINGS:
                paths = self._paths(module, mark)
                named = mark.get("method")
                methods = tuple(
                    _last(one)
                    for one in (named.items if named and named.kind not in ("name", "str") else (named,))
                    if one
                )
                return _Mapping(paths, (_VERBS[mark.text],) if mark.text in _VERBS else tuple(filter(None, methods)))
            found = self._names.type_of(module, mark.text) if depth < _DEEPEST else None
            if found is not None and (inner := self._mapping(found[0], found[1].decorators, depth + 1)):
                return _Mapping(self._paths(module, mark) or inner.paths, inner.methods)
        return None

    def _paths(self, module: Module, mark: Expr) -> tuple[str, ...]:
        given = mark.items[0] if mark.items else mark.get("value") or mark.get("path") or mark.get("url")
        if given is None:
            return ()
        return tuple(self._text(module, one) for one in (given.items if given.kind in ("list", "other") else (given,)))

    def _text(self, module: Module, value: Expr) -> str:
        """A path, with constants of other classes and ``${…}`` of the settings put in."""
        return self._settings.filled(module.path, self._names.folded(module, value))

    def _endpoint(
        self, module: Module, owner: Function, method: Function, origin: Function, verb: str, path: str
    ) -> Endpoint:
        path = _BRACED.sub(r"{\1}", path)
        file = module.path
        reading = self._security.path(verb, path, file)
        reading += self._security.marked(file, (*method.decorators, *origin.decorators), owner.decorators)
        inline = self._reader.guards.inside(file, method)
        caller = [
            p
            for p in method.params
            if (p.annotation and _CALLER.match(p.annotation.text)) or _marked(p.default, "AuthenticationPrincipal")
        ]
        if caller and not inline.guards:
            inline += Reading(
                unsure=(Span(file, method.line, f"{method.name} is given its caller ({caller[0].name})"),)
            )
        route = Route(
            verb,
            path,
            method.name,
            file,
            method.line,
            method.code,
            reading,
            inline,
            tuple(self._inputs(module, origin)),
        )
        return endpoint(NAME, route, self._settings.context(file), Reading())

    def _inputs(self, module: Module, method: Function) -> Iterator[Input]:
        for param in method.params:
            kind = param.annotation.text if param.annotation is not None else ""
            for mark in param.default.items if param.default is not None else ():
                given = mark.items[0] if mark.items else mark.get("value") or mark.get("name")
                name = self._text(module, given) if given is not None else param.name
                optional = mark.get("required") is not None or mark.get("defaultValue") is not None
                if mark.text in _WHERE:
                    yield Input(name, _WHERE[mark.text], kind, not optional)
                elif mark.text == "RequestBody":
                    fields = tuple(self._fields(module, kind))
                    yield from fields or (Input(param.name, "body", kind, not optional),)

    def _fields(self, module: Module, name: str) -> Iterator[Input]:
        """What a body of a class of ours holds, by the names that Jackson gives its fields (github.com/FasterXML/jackson-annotations)."""
        found = self._names.type_of(module, name)
        for _, owner in self._lineage(*found) if found is not None else ():
            for field in owner.fields:
                marks = field.default.items if field.default is not None else ()
                given = next((mark for mark in marks if mark.text == "JsonProperty"), None)
                said = next(given.strings(), "") if given is not None else ""
                if any(mark.text == "JsonIgnore" for mark in marks):
                    continue
                kind = field.annotation.text if field.annotation is not None else ""
                listed = self._names.type_of(module, kind)
                choices = constants(listed[1]) if listed is not None else ()
                yield constrained(Input(said or field.name, "body", kind, choices=choices), marks)

    def _registered(self, module: Module, method: Function) -> Iterator[Endpoint]:
        """The folders of static files, the addresses of web sockets and pages without a controller."""
        for call in (one for step in method.steps if isinstance(step, Expr) for one in _chain(step)):
            views = method.name == "addViewControllers" and call.text in _VIEWS
            for item in call.items[:1] if views else call.items if call.text == _REGISTERED[method.name] else ():
                path = self._text(module, item)
                if path.startswith("/"):
                    path = _BRACED.sub(r"{\1}", path.replace("/**", "/{path}"))
                    reading = self._security.path("GET", path, module.path)
                    route = Route("GET", path, method.name, module.path, call.line, "", reading)
                    yield endpoint(NAME, route, self._settings.context(module.path), Reading())

    def _functional(self, module: Module, method: Function, call: Expr, prefix: str) -> Iterator[Endpoint]:
        """``route().GET("/x", handler).nest(path("/y"), builder -> …)`` and ``route(GET("/x"), handler)``."""
        if call.on is not None:
            yield from self._functional(module, method, call.on, prefix)
        if call.kind != "call":
            return
        if call.text in ("coRouter", "router"):
            for item in call.items:
                for step in item.function.steps if item.function is not None else ():
                    if isinstance(step, Expr):
                        yield from self._functional(module, method, step, prefix)
        elif call.text == "nest" and call.on is not None and call.on.kind == "str" and call.items:
            # The Kotlin DSL: "/posts".nest { … }.
            for step in call.items[-1].function.steps if call.items[-1].function is not None else ():
                if isinstance(step, Expr):
                    yield from self._functional(module, method, step, join(prefix, self._text(module, call.on)))
        elif call.text in ("nest", "path") and len(call.items) > 1:
            inner = join(prefix, *(self._text(module, one) for one in _first_strings(call.items[0])))
            for item in call.items[1:]:
                for step in item.function.steps if item.function is not None else ():
                    if isinstance(step, Expr):
                        yield from self._functional(module, method, step, inner)
        elif call.text in _FUNCTIONAL and len(call.items) > 1:
            yield self._routed(module, method, call.text, join(prefix, self._text(module, call.items[0])), call)
        elif call.text in ("route", "andRoute") and call.items:
            for one in _chain(call.items[0]):
                if one.text in _FUNCTIONAL and one.items:
                    yield self._routed(module, method, one.text, join(prefix, self._text(module, one.items[0])), one)

    def _routed(self, module: Module, method: Function, verb: str, path: str, call: Expr) -> Endpoint:
        path = _BRACED.sub(r"{\1}", path)
        unseen = Span(module.path, call.line, "the handler of a router function is not followed")
        reading = self._security.path(verb, path, module.path) + Reading(unsure=(unseen,))
        route = Route(verb, path, method.name, module.path, call.line, "", reading)
        return endpoint(NAME, route, self._settings.context(module.path), Reading())


def _chain(call: Expr) -> Iterator[Expr]:
    current: Expr | None = call
    while current is not None:
        yield current
        current = current.on


def _first_strings(value: Expr) -> Iterator[Expr]:
    """The paths of a predicate: ``path("/x").and(accept(JSON))``."""
    for one in _chain(value):
        if one.text == "path" and one.items:
            yield one.items[0]
    if value.kind == "str":
        yield value


def _last(value: Expr) -> str:
    return value.text.rsplit(".", 1)[-1]


def _marked(value: Expr | None, name: str) -> bool:
    return value is not None and any(mark.text == name for mark in value.items)


READS = {NAME: Spring}
