"""FastAPI: routers and their prefixes, dependencies on app, router, include and route, and guards inside handlers."""

import re
from dataclasses import dataclass, field, replace
from functools import cache

from msgspec import structs

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module, Param
from launchready.sources.frameworks.body_fields import body_fields, with_fields
from launchready.sources.frameworks.common import (
    Reader,
    Route,
    decorated,
    endpoint,
    expected,
    join,
    once,
    passed_on,
    unmounted,
)
from launchready.sources.frameworks.doorkeepers import Doorkeeper, Placed, doorkeeper, met
from launchready.sources.frameworks.fastapi_classes import functions_of, given_router, shared
from launchready.sources.frameworks.fastapi_inputs import SIMPLE, in_one_body, parameter_inputs
from launchready.sources.frameworks.fastapi_routers import Makers
from launchready.sources.frameworks.fastapi_users import brought, current_user
from launchready.sources.frameworks.handed import Handed, takes
from launchready.sources.marks import Mark
from launchready.sources.passage_names import Scope
from launchready.sources.readings import Guard, Reading
from launchready.sources.returned import asked_by_returned, only_makes, returned_names

NAME = "FastAPI"
_MARK = Mark(re.compile(rb"\bfastapi\b"), (b"fastapi",))
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_ROUTES = (*_METHODS, "api_route", "websocket")
_SECURITY = re.compile(
    r"(?:^|\.)(?:OAuth2\w*|HTTPBearer|HTTPBasic|HTTPDigest|APIKey(?:Header|Query|Cookie)|OpenIdConnect)$"
)
_ASKS_NOBODY = re.compile(
    r"CORS|GZip|Brotli|Compress|TrustedHost|Session|HTTPSRedirect|ProxyHeaders|Prometheus|Sentry|Correlation|RawContext|"
    r"SlowAPI|ServerError|Toolbar|Telemetry|Timing|RequestI[dD]|Trace|Tracing|Logging|Metrics|Profil|Cache|Locale|NewRelic|Datadog"
)
# Dependencies that hand over a thing and ask nobody who they are.
_RESOURCE = re.compile(
    r"(?:^|[._])(?:get_?)?(?:\w*_)?(?:db|database|session|settings|config|redis|client|repo\w*|service|logger|pagination|page|params|uow|conn\w*|"
    r"engine|cache)$|RequestForm|RateLimiter|Pagination|Request$|Response$|BackgroundTasks$",
    re.I,
)
# Who is on no list of addresses that are let in is kept out, whoever they are.
_LISTED = re.compile(r"\bif\b(?:(?!block|\bban|:\s*\n)[\s\S])*?\bnot\s+in\s+[\w.]*(?:allow|white|trust|permit)", re.I)
# Whoever is handed the request may ask who brought it.
_HANDED = re.compile(r"\b(?!call_next\b)\w+\([^()\n]*\brequest\b")
_REFUSING_DECORATOR = re.compile(r"(?:^|\.)(?:requires|login_required|requires_auth|protected)$")


@dataclass(slots=True)
class _Router:
    prefix: str
    reading: Reading
    is_app: bool
    routes: list[Route] = field(default_factory=list)
    children: list[tuple[tuple[str, str], str, Reading]] = field(default_factory=list)
    mounted: bool = False
    gates: list[Doorkeeper] = field(default_factory=list)


_REGISTERS = frozenset(
    ("add_api_route", "add_api_websocket_route", "add_route", "add_websocket_route", "middleware", "add_middleware")
)


class FastApi:
    """Reads every FastAPI app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._routers: dict[tuple[str, str], _Router] = {}
        self._makers = Makers(reader.resolver)
        self._calls = Handed(reader.resolver, ())
        # Asked of each caller of each caller: in a large app of thousands, time and again.
        self._handed = cache(self._handed_by_callers)

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints. Routers that nothing includes are kept, since who mounts them may be out of sight."""
        modules = self._reader.marked(_MARK, ".py")
        if modules:
            self._reader.used.add(NAME)
        self._makers = Makers(self._resolver, modules)
        # Who extends a router in one file need not name FastAPI in the next.
        bearing = self._reader.bearing(_MARK, ".py")
        modules += self._reader.modules(self._makers.files(bearing))
        self._calls = Handed(self._resolver, modules)
        for module in modules:
            self._collect_routers(module)
        for module in modules:
            self._collect_routes(module)
        for module in modules:
            self._collect_includes(module)
        found: list[Endpoint] = []
        for router in [r for r in self._routers.values() if r.is_app and not r.mounted]:
            found += self._walk(router, "", Reading(), ())
        for key, router in self._routers.items():
            if not router.mounted and not router.is_app:
                found += self._walk(router, "", unmounted(self._reader, key), ())
        return once(found)

    def _collect_routers(self, module: Module) -> None:
        for name, binding in module.bindings.items():
            call = binding.value
            kind = self._makers.kind(module.path, call)
            if call.kind != "call" or not kind:
                continue
            prefix = self._resolver.text(module.path, call.get("prefix"))
            reading = self._dependencies(module.path, call.get("dependencies"))
            self._routers[module.path, name] = _Router(prefix, reading, kind == "FastAPI")

    def _router(self, path: str, dotted: str, hops: int = 4) -> tuple[str, str] | None:
        found = self._resolver.find(path, dotted)
        key = (found.path, found.name) if found else (path, dotted)
        value = found.binding.value if found and found.binding else None
        if key not in self._routers and found and value is not None and value.kind == "name" and hops:
            # `pages_router = pages.router`
            return self._router(found.path, value.text, hops - 1)
        return key if key in self._routers else self._handed(path, dotted, hops) if found is None else None

    def _collect_routes(self, module: Module) -> None:
        for function, of in functions_of(module):
            for decorator in function.decorators:
                self._decorated(module, function, decorator, of)
        for call in module.calls:
            owner, _, method = call.text.rpartition(".")
            key = self._router(module.path, owner) if owner and method in _REGISTERS else None
            if key and method in ("add_api_route", "add_api_websocket_route", "add_route", "add_websocket_route"):
                self._registered(module, key, method, call)
            elif key and method == "add_middleware" and call.items:
                self._middleware(module.path, key, call.items[0], call.when)

    def _registered(self, module: Module, key: tuple[str, str], method: str, call: Expr) -> None:
        """``router.add_api_route(path, endpoint, methods=[...])`` and its like."""
        handler = call.get("endpoint") or call.get("route") or (call.items[1] if len(call.items) > 1 else None)
        found = self._resolver.find(module.path, handler.text) if handler is not None and handler.text else None
        if found is None or found.function is None:
            self._reader.lose(module.path, call.line, f"the handler given to {method}")
            return
        given = call.get("methods")
        names = ["WEBSOCKET"] if "websocket" in method else list(given.strings()) if given else ["GET"]
        for name in names:
            self._add(module.path, key, name.upper(), call, found.function, found.path)

    def _decorated(self, module: Module, function: Function, decorator: Expr, of: Function | None) -> None:
        owner, _, method = decorator.text.rpartition(".")
        if not owner or decorator.kind != "call":
            return
        key = self._router(module.path, owner)
        if key is None:
            return
        if method in _METHODS:
            self._add(module.path, key, method.upper(), decorator, function, module.path, of)
        elif method == "api_route":
            methods = decorator.get("methods")
            for name in list(methods.strings()) if methods else ["GET"]:
                self._add(module.path, key, name.upper(), decorator, function, module.path, of)
        elif method == "websocket":
            self._add(module.path, key, "WEBSOCKET", decorator, function, module.path, of)
        elif method == "middleware" and (guard := self._reader.guards.function(module.path, function)):
            self._gate(module.path, key, function, guard, function.when)

    def _middleware(self, path: str, key: tuple[str, str], cls: Expr, when: str) -> None:
        found = self._resolver.find(path, cls.text)
        if found and found.function and (guard := self._reader.guards.function(found.path, found.function)):
            steps = next((one for one in found.function.methods if one.name == "dispatch"), found.function)
            self._gate(found.path, key, structs.replace(steps, name=found.function.name), guard, when)
            return
        if (found is None or found.function is None) and not _ASKS_NOBODY.search(cls.text):
            span = Span(path, cls.line, f"middleware {cls.text} is not in the source, and may refuse requests")
        else:
            return
        self._routers[key].reading += Reading(unsure=(span,)).asked_when(when)

    def _gate(self, path: str, key: tuple[str, str], function: Function, guard: Guard, when: str) -> None:
        if not (guard.by_caller or _LISTED.search(function.code) or _HANDED.search(function.code)):
            # Addresses that are blocked, or an app in maintenance: nobody is asked who they are.
            return
        span = replace(guard.span, what=f"middleware {function.name}")
        scope = Scope(self._resolver, path)
        self._routers[key].gates.append(doorkeeper(scope, function.code, replace(guard, span=span), when))

    def _add(
        self,
        file: str,
        key: tuple[str, str],
        method: str,
        call: Expr,
        function: Function,
        where: str,
        of: Function | None = None,
    ) -> None:
        path = self._resolver.text(file, call.items[0] if call.items else call.get("path"))
        reading = self._dependencies(file, call.get("dependencies")).reached_when(call.when or function.when)
        wraps = tuple(one for one in function.decorators if one.text.rpartition(".")[2] not in _ROUTES)
        reading += decorated(self._reader, where, wraps, _REFUSING_DECORATOR)
        for there, param in shared(self._resolver, where, of) if of is not None and given_router(of) else ():
            reading += self._parameter(there, param)
        given: list[tuple[str, list[Input]]] = []
        for param in function.params:
            reading += self._parameter(where, param)
            given.append((param.name, parameter_inputs(self._resolver, where, param, path)))
        inputs = in_one_body(self._resolver, where, function.code, given)
        inline = self._reader.guards.inside(where, function)
        code = function.code
        taken = with_fields(tuple(inputs), body_fields(self._resolver, where, code))
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
        self._routers[key].routes.append(
            Route(method, path, function.name, where, function.line, code, reading, inline, taken)
        )

    def _dependencies(self, path: str, value: Expr | None) -> Reading:
        reading = Reading()
        if value is not None and value.kind == "either":
            for side in value.items:
                reading += self._dependencies(path, side).asked_when(value.text)
            return reading
        for item in value.items if value else ():
            reading += self._depends(path, item)
        if value is not None and value.kind == "name":
            found = self._resolver.find(path, value.text)
            if found and found.binding and found.binding.value.kind == "list":
                return self._dependencies(found.path, found.binding.value)
        return reading

    def _parameter(self, path: str, param: Param) -> Reading:
        if param.default is not None and param.default.kind == "call":
            reading = self._depends(path, param.default)
            if reading.guards or reading.unsure:
                return reading
        return self._annotated(path, param.annotation)

    def _annotated(self, path: str, kind: Expr | None, hops: int = 4) -> Reading:
        if kind is None or hops == 0:
            return Reading()
        if kind.kind == "call" and kind.text.rsplit(".", 1)[-1] == "Annotated[]":
            reading = Reading()
            for item in kind.items[1:]:
                reading += self._depends(path, item)
            return reading
        if kind.kind == "name" and not SIMPLE.match(kind.text):
            found = self._resolver.find(path, kind.text)
            if found and found.binding:
                return self._annotated(found.path, found.binding.value, hops - 1)
        return Reading()

    def _depends(self, path: str, call: Expr, hops: int = 6) -> Reading:
        if call.kind == "name":
            found = self._resolver.find(path, call.text)
            if found and found.binding and found.binding.value.kind == "call":
                return self._depends(found.path, found.binding.value, hops - 1) if hops else Reading()
            return Reading()
        if call.kind != "call" or call.text.rsplit(".", 1)[-1] not in ("Depends", "Security") or not call.items:
            return Reading()
        return self._dependency(path, call.items[0], hops)

    def _dependency(self, path: str, target: Expr, hops: int) -> Reading:
        if hops == 0:
            return Reading()
        found = self._resolver.find(path, target.text) if target.text else None
        span = Span(path, target.line, f"depends on {target.text}")
        if found is None:
            return Reading() if _RESOURCE.search(target.text) or not target.text else Reading(unsure=(span,))
        if found.function is None:
            return self._instance(found.path, found.binding.value if found.binding else None, found.outside, span, hops)
        # What it hands back is called by nobody.
        only = target.kind == "name" and only_makes(self._resolver, found.path, found.function)
        reading = Reading()
        roles = self._reader.guards.factory_roles(target, path) if target.kind == "call" else ()
        guard = None if only else self._reader.guards.function(found.path, found.function)
        reading += passed_on(guard, span.file, span.line, target.text, roles)
        for name in returned_names(found.function, target) if target.kind == "call" else ():
            reading += self._dependency(found.path, Expr("name", name, line=target.line), hops - 1)
        for asked in asked_by_returned(found.function) if target.kind == "call" else ():
            reading += self._annotated(found.path, asked) + self._depends(found.path, asked, hops - 1)
        for param in found.function.params:
            reading += self._sub(found.path, param, hops - 1)
        for method in found.function.methods:
            if method.name == "__init__" or (method.name == "__call__" and not only):
                for param in method.params:
                    reading += self._sub(found.path, param, hops - 1)
        return reading

    def _sub(self, path: str, param: Param, hops: int) -> Reading:
        value = param.default if param.default is not None and param.default.kind == "call" else None
        reading = self._depends(path, value, hops) if value is not None and hops > 0 else Reading()
        reading += self._annotated(path, param.annotation)
        return reading

    def _instance(self, path: str, value: Expr | None, outside: str, span: Span, hops: int) -> Reading:
        """A dependency that is an object: a security scheme, an instance with ``__call__``, or something from a library."""
        name = value.text if value is not None and value.kind == "call" else outside
        if _SECURITY.search(name):
            auto = value.get("auto_error") if value is not None else None
            if auto is not None and auto.text == "False":
                return Reading()
            return Reading(
                (Guard(Span(span.file, span.line, f"{name.rsplit('.', 1)[-1]} refuses a missing credential")),)
            )
        if value is not None and value.kind == "call":
            if value.text.endswith("current_user"):
                return current_user(value, span)
            return self._dependency(path, value, hops - 1)
        return Reading(unsure=(span,)) if outside and not _RESOURCE.search(outside) else Reading()

    def _collect_includes(self, module: Module) -> None:
        # The statements of a function are among the module's too, with what they stand under.
        outer = {(call.line, call.text) for call in module.calls}
        inner = (c for f, _ in functions_of(module) for c in f.calls if (c.line, c.text) not in outer)
        for call in [*module.calls, *inner]:
            owner, _, method = call.text.rpartition(".")
            if method not in ("include_router", "mount") or not owner:
                continue
            parent = self._router(module.path, owner)
            given: list[Expr | None] = [*call.items, None, None]
            including = method == "include_router"
            target = given[0] or call.get("router") if including else given[1] or call.get("app")
            place = call.get("prefix") if including else given[0] or call.get("path")
            children = self._children(module.path, target)
            prefix = self._resolver.text(module.path, place)
            reading = self._dependencies(module.path, call.get("dependencies")).reached_when(call.when)
            if parent and target is not None and "Static" in target.text:
                files = Route("GET", join(prefix, "{path}"), "static files", module.path, call.line)
                self._routers[parent].routes.append(files)
            elif parent and (routes := list(brought(module.path, target, prefix, reading))):
                self._routers[parent].routes += routes
            elif not children and parent and target is not None and target.text:
                self._reader.lose(module.path, call.line, f"{target.text}, given to {method}")
            if not children or parent is None:
                continue
            for child in children:
                if child != parent:
                    self._routers[parent].children.append((child, prefix, reading))
                    self._routers[child].mounted = True

    def _children(self, path: str, target: Expr | None) -> list[tuple[str, str]]:
        """The routers that an expression stands for: one, or each of a list that a loop goes through."""
        if target is None or not target.text:
            return []
        if key := self._router(path, target.text):
            return [key]
        found = self._resolver.find(path, target.text)
        value = found.binding.value if found and found.binding else None
        if found is None or value is None or value.kind != "each":
            return []
        series = value.items[0]
        if series.kind == "name" and (there := self._resolver.find(found.path, series.text)) and there.binding:
            found, series = there, there.binding.value
        pairs = [item.items[0] if item.kind == "list" and item.items else item for item in series.items]
        return [key for item in pairs if item.text and (key := self._router(found.path, item.text))]

    def _handed_by_callers(self, path: str, name: str, hops: int) -> tuple[str, str] | None:
        """What a function such as ``def add_routes(app)`` is handed under a name, by who calls it; else the only app there is."""
        if not hops or not takes(self._resolver.module(path), name):
            return None
        given = {self._router(where, text, hops - 1) for where, text in self._calls.to(path, name)}
        given = (given - {None}) or {key for key, router in self._routers.items() if router.is_app}
        return next(iter(given)) if len(given) == 1 else None

    def _walk(
        self, router: _Router, prefix: str, above: Reading, seen: tuple[int, ...], gates: tuple[Placed, ...] = ()
    ) -> list[Endpoint]:
        if id(router) in seen:
            return []
        here, reading = join(prefix, router.prefix), above + router.reading
        gates = (*gates, *((prefix, gate) for gate in router.gates))
        found = [
            endpoint(NAME, route, here, reading + met(gates, route.method, join(here, route.path)))
            for route in router.routes
        ]
        known = {child for child, extra, _ in router.children if "?}" not in extra}
        moved = {child for child, extra, _ in router.children if "?}" in extra and child in known}
        for child, extra, more in router.children:
            if child in moved:
                # `if custom: app.mount(custom, api) else: app.mount("/api", api)`: it is there either way.
                if "?}" in extra:
                    continue
                more = replace(more, only_when=())
            found += self._walk(self._routers[child], join(here, extra), reading + more, (*seen, id(router)), gates)
        return found


EXPECTS = expected(_MARK, ".py")
READS = {NAME: FastApi}
