"""Go's web frameworks: routers are followed through functions, groups, closures and packages, as the program would hand them on."""

import re
from dataclasses import replace

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.go import GoFile
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.frameworks.go_middleware import Middleware, Scope, Value, written
from launchready.sources.frameworks.go_routers import (
    ANY,
    MAKERS,
    TYPES,
    VERBS,
    Router,
    inputs,
    methods_in,
    template,
)
from launchready.sources.guards import Reading

_MARK = re.compile(
    rb"gin-gonic/gin|labstack/echo|go-chi/chi|gofiber/fiber|gorilla/mux|\"net/http\"|\*?(?:gin|echo|chi|fiber|mux)\.\w+"
)
_DEEPEST = 24


class Go:
    """Reads the routers of every Go program of a tree, of all frameworks at once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._go = reader.resolver.go
        self._around = Middleware(reader, self._named)
        self._routers: list[Router] = []
        self._fields: dict[tuple[str, str], Router] = {}
        self._globals: dict[tuple[str, str], Router] = {}
        self._ran: set[tuple[str, str]] = set()
        self._results: dict[tuple[object, ...], Value] = {}
        self._default: dict[str, Router] = {}

    def read(self) -> tuple[Endpoint, ...]:
        """Routes from ``main`` on, then of functions that nobody seen here calls."""
        files = [
            found
            for file in self._reader.tree.with_suffix(".go")
            if not file.path.endswith("_test.go")
            and _MARK.search(self._reader.tree.bytes(file.path) or b"")
            and (found := self._go.file(file.path)) is not None
        ]
        for wanted in (self._is_main, self._makes_router, self._uses_global, self._takes_router):
            chosen = [(one, f) for one in files for f in one.module.functions.values() if wanted(one, f)]
            # Who calls others comes first: they then get the router they are meant to have.
            called = {call.text.rsplit(".", 1)[-1] for _, function in chosen for call in function.calls}
            for file, function in sorted(chosen, key=lambda pair: pair[1].name.rsplit(".", 1)[-1] in called):
                if (file.module.path, function.name) not in self._ran:
                    self._run(file.module.path, function, [], 0)
        endpoints: list[Endpoint] = []
        for router in self._routers:
            if not router.mounted:
                unsure = Span("", 0, "nothing in this source mounts this router")
                endpoints += self._walk(router, "", Reading() if router.is_app else Reading(unsure=(unsure,)), 0)
        self._reader.used.update(one.framework for one in endpoints)
        return once(endpoints)

    @staticmethod
    def _is_main(file: GoFile, function: Function) -> bool:
        return file.package == "main" and function.name == "main"

    def _makes_router(self, file: GoFile, function: Function) -> bool:
        return any(self._maker(file.module.path, call.text) for call in function.calls)

    def _uses_global(self, file: GoFile, function: Function) -> bool:
        """Whether a function registers on a router that is a variable of its package."""
        owners = {call.text.partition(".")[0] for call in function.calls if "." in call.text}
        bound = ((self._go.binding(file.module.path, owner)) for owner in owners)
        return any(found is not None and self._maker(found[0], found[1].value.text) for found in bound)

    @staticmethod
    def _takes_router(file: GoFile, function: Function) -> bool:
        kinds = [param.annotation.text for param in function.params if param.annotation]
        return any(pattern.match(kind) for pattern in TYPES.values() for kind in kinds)

    def _maker(self, path: str, dotted: str) -> str:
        """The framework whose router a call makes."""
        head, _, name = dotted.rpartition(".")
        outside = self._go.outside(path, dotted)
        for package, (framework, names) in MAKERS.items():
            if name in names and package in outside:
                return framework
        # A file may leave the import to another tool; the name of the package is then all there is.
        known = dict(MAKERS.values())
        return head if not outside and name in known.get(head, ()) else ""

    def _run(
        self, path: str, function: Function, given: list[Value], depth: int, key: str = "", outer: Scope | None = None
    ) -> Value:
        """What a function returns; routers it makes and registers on are kept. ``outer`` is what a closure sees."""
        if depth > _DEEPEST:
            return None
        self._ran.add((path, function.name))
        scope: Scope = dict(outer or {})
        # The receiver of a method comes first among the parameters, and is not among the arguments.
        names = (
            function.params[len(function.params) - len(given) :]
            if len(function.params) >= len(given)
            else function.params
        )
        for param, value in zip(names, given, strict=False):
            scope[param.name] = value
        for param in function.params:
            kind = param.annotation.text if param.annotation else ""
            framework = next((name for name, pattern in TYPES.items() if pattern.match(kind)), "")
            if framework and not isinstance(scope.get(param.name), Router):
                scope[param.name] = self._made(Router(framework))
        file = self._go.file(path)
        returned: Value = None
        for step in file.steps.get(key or function.name, ()) if file else ():
            if step.kind == "let":
                self._let(path, scope, step, depth)
            elif step.kind == "return":
                for item in step.items:
                    value = self._value(path, scope, item, depth)
                    returned = value if isinstance(value, Router) else returned or value
            else:
                self._value(path, scope, step, depth)
        return returned

    def _made(self, router: Router) -> Router:
        self._routers.append(router)
        return router

    def _let(self, path: str, scope: Scope, step: Expr, depth: int) -> None:
        value = self._value(path, scope, step.items[0], depth)
        scope[step.text] = value if value is not None else step.items[0]
        if isinstance(value, Router) and "." in step.text:
            self._fields[self._package(path), step.text.rsplit(".", 1)[-1]] = value
        elif isinstance(value, Router):
            self._globals.setdefault((self._package(path), step.text), value)

    def _package(self, path: str) -> str:
        return path.rpartition("/")[0]

    def _value(self, path: str, scope: Scope, item: Expr, depth: int) -> Value:
        if item.kind == "name" and item.on is None:
            return self._named(path, scope, item)
        if item.kind == "call":
            return self._call(path, scope, item, depth)
        if item.kind == "dict":
            for name, one in item.named:
                value = self._value(path, scope, one, depth)
                if isinstance(value, Router):
                    self._fields[self._package(path), name] = value
            return item
        return item if item.kind in ("str", "function", "list") else None

    def _named(self, path: str, scope: Scope, item: Expr) -> Value:
        if item.text in scope:
            return scope[item.text]
        last = item.text.rsplit(".", 1)[-1]
        if "." in item.text:
            return self._fields.get((self._package(path), last)) or self._constant(path, item)
        return self._globals.get((self._package(path), last)) or self._constant(path, item)

    def _constant(self, path: str, item: Expr) -> Value:
        found = self._go.binding(path, item.text)
        if found and found[1].value.kind == "call" and (framework := self._maker(found[0], found[1].value.text)):
            made = self._made(Router(framework, is_app=True))
            self._globals[self._package(found[0]), found[1].name] = made
            return made
        return found[1].value if found and found[1].value.kind in ("str", "list") else item

    def _text(self, path: str, scope: Scope, item: Expr) -> str:
        value = self._named(path, scope, item) if item.kind == "name" else item
        if isinstance(value, Expr) and value.kind == "str":
            known = lambda match: self._text(path, scope, Expr("name", match.group(1)))  # noqa: E731
            return re.sub(r"\{([\w.]+)\?\}", known, value.text)
        said = value.text if isinstance(value, Expr) else ""
        return "{" + (re.sub(r"\W", "", said.rsplit(".", 1)[-1]) or "value") + "?}"

    def _call(self, path: str, scope: Scope, call: Expr, depth: int) -> Value:
        if framework := self._maker(path, call.text):
            return self._made(Router(framework, is_app=True))
        owner, _, method = call.text.rpartition(".")
        target: Value = None
        if call.on is not None:
            target, method = self._value(path, scope, call.on, depth), call.text
        elif owner:
            target = self._named(path, scope, Expr("name", owner))
        if not isinstance(target, Router) and owner == "http" and method in ("Handle", "HandleFunc"):
            package = self._package(path)
            if package not in self._default:
                self._default[package] = self._made(Router("net/http", is_app=True))
            target = self._default[package]
        if isinstance(target, Router):
            return self._on_router(path, scope, target, method, call, depth)
        return self._own(path, scope, call, depth)

    def _own(self, path: str, scope: Scope, call: Expr, depth: int) -> Value:
        """A function of the program itself: run with the routers it is given, or for the router it may return."""
        given = [self._value(path, scope, item, depth + 1) for item in call.items]
        found = self._go.function(path, written(scope, call))
        if found is None:
            # http.StripPrefix("/api", router), handlers.LoggingHandler(out, router): the router inside is what answers.
            return next((value for value in given if isinstance(value, Router)), None)
        file, function = found
        # Once for each set of routers it is given: what else it is given changes nothing here.
        key = (file, function.name, *(id(value) if isinstance(value, Router) else 0 for value in given))
        if key not in self._results:
            self._results[key] = None
            self._results[key] = self._run(file, function, given, depth + 1)
        return self._results[key]

    def _on_router(self, path: str, scope: Scope, router: Router, method: str, call: Expr, depth: int) -> Value:
        name, items = method.lower(), list(call.items)
        if name in VERBS and items:
            self._route(path, scope, router, (VERBS[name],), items[0], items[1:], call.line)
        elif name in ("any", "all") and items:
            self._route(path, scope, router, ANY, items[0], items[1:], call.line)
        elif name in ("handle", "handlefunc", "handler", "handlerfunc", "add", "method", "methodfunc", "match"):
            return self._handled(path, scope, router, name, items, call.line)
        elif name == "use":
            self._use(path, scope, router, items)
            return router
        elif name == "with":
            return router.child("", self._around.demanded(path, scope, items))
        elif name in ("group", "route", "mount", "pathprefix", "subrouter", "path"):
            return self._below(path, scope, router, name, items, depth)
        elif name == "methods" and router.framework == "mux":
            self._methods(path, scope, router, items)
            return router
        elif name in ("static", "staticfile", "staticfs", "staticfilefs", "file") and items:
            address = template(self._text(path, scope, items[0]))
            below = address if "file" in name and name != "staticfs" else join(address, "{path}")
            router.add(Route("GET", below, "static files", path, call.line))
        elif name == "buildonly":
            # A route for making addresses, which answers nobody.
            router.routes[:] = [one for at, one in enumerate(router.routes) if at not in router.last]
        elif name in ("headers", "queries", "schemes", "host", "name", "strictslash", "skipclean"):
            return router
        return None

    def _handled(self, path: str, scope: Scope, router: Router, name: str, items: list[Expr], line: int) -> Value:
        """``Handle(pattern, h)`` of net/http, chi and mux; ``Handle(method, path, h)`` of gin; ``Method("GET", path, h)`` of chi."""
        if router.framework in ("gin", "echo", "fiber") or name.startswith("method"):
            if len(items) > 2:
                self._route(path, scope, router, self._verbs(path, scope, items[0]), items[1], items[2:], line)
            return router
        if len(items) == 1 and router.framework == "mux":
            # Path("/x").Handler(h): the path was said before.
            if _serves_files(items[0]):
                router.add(Route("GET", "{path}", "static files", path, line))
            else:
                self._route(path, scope, router, router.methods or ANY, Expr("str", ""), items, line)
            return router
        if len(items) < 2:
            return router
        said = self._text(path, scope, items[0])
        verb, _, rest = said.partition(" ")
        verbs: tuple[str, ...] = (verb,) if rest and verb.isupper() else router.methods
        pattern = rest.strip() if rest and verb.isupper() else said
        inner = self._value(path, scope, items[1], 0)
        if isinstance(inner, Router):
            stripped = items[1].kind == "call" and items[1].text.endswith("StripPrefix")
            router.child(pattern if stripped else "", Reading()).hold(inner)
            return router
        if not verbs and router.framework == "net/http":
            _, function, _ = self._around.handler(path, scope, items[1])
            verbs = methods_in(function.code) if function is not None else ()
        # A host may stand before the path: example.com/x.
        at = re.sub(r"^[\w.-]+(?=/)", "", pattern)
        self._route(path, scope, router, verbs or ANY, replace(items[0], kind="str", text=at), items[1:], line)
        return router

    def _verbs(self, path: str, scope: Scope, item: Expr) -> tuple[str, ...]:
        parts = item.items if item.kind == "list" else (item,)
        named = (
            part.text.rsplit("Method", 1)[-1].upper() if part.kind == "name" else self._text(path, scope, part)
            for part in parts
        )
        return tuple(name for name in named if name.isalpha()) or ANY

    def _methods(self, path: str, scope: Scope, router: Router, items: list[Expr]) -> None:
        """mux: ``HandleFunc(...).Methods("GET", "POST")`` says it after the route, ``Methods("GET").Path(...)`` before."""
        verbs = tuple(verb for item in items for verb in self._verbs(path, scope, item))
        kept = [one for at, one in enumerate(router.routes) if at not in router.last]
        described = [router.routes[at] for at in router.last if at < len(router.routes)]
        router.methods = verbs if not described else ()
        if described:
            route, reading = described[0]
            router.routes[:] = [*kept, *((replace(route, method=verb), reading) for verb in verbs)]
            router.last.clear()

    def _below(self, path: str, scope: Scope, router: Router, name: str, items: list[Expr], depth: int) -> Value:
        if name == "subrouter":
            return router
        # chi describes a group in a closure; to the others a function here is middleware.
        inner = next((item for item in items if item.kind == "function" and router.framework == "chi"), None)
        prefix = template(self._text(path, scope, items[0])) if items and items[0] is not inner else ""
        if name == "mount" and len(items) > 1:
            child = self._value(path, scope, items[1], depth + 1)
            if isinstance(child, Router):
                router.child(prefix, Reading()).hold(child)
            else:
                self._reader.lose(path, items[1].line, f"{items[1].text or 'a handler'}, mounted at {prefix}")
            return None
        others = [item for item in items[1:] if item is not inner] if name in ("group", "route") else []
        child = router.child(prefix, self._around.demanded(path, scope, others))
        if name in ("path", "pathprefix"):
            child.methods = router.methods
        if inner is not None and inner.function is not None:
            self._run(path, inner.function, [child], depth + 1, inner.text, scope)
            return child
        # Route("/x", routes): a function of its own instead of a closure.
        passed = next((i for i in items[1:] if i.kind == "name"), None) if name == "route" else None
        if passed is not None and (found := self._go.function(path, passed.text)):
            self._run(found[0], found[1], [child], depth + 1)
        return child

    def _use(self, path: str, scope: Scope, router: Router, items: list[Expr]) -> None:
        if items and items[0].kind == "str":
            # fiber: Use("/admin", guard) is for what lies below.
            at = template(items.pop(0).text)
            if at not in ("", "/"):
                found = self._around.demanded(path, scope, items)
                spans = tuple(guard.span for guard in found.guards) + found.unsure
                router.reading += Reading(
                    unsure=tuple(replace(one, what=f"{one.what}, only below {at}") for one in spans)
                )
                return
        router.reading += self._around.demanded(path, scope, items)

    def _route(
        self, path: str, scope: Scope, router: Router, verbs: tuple[str, ...], rule: Expr, items: list[Expr], line: int
    ) -> None:
        if not items:
            return
        # echo names the handler first and what stands before it afterwards; all others name it last.
        handler, others = (items[0], items[1:]) if router.framework == "echo" else (items[-1], items[:-1])
        reading = self._around.demanded(path, scope, others)
        wraps = [handler] if handler.kind == "call" and handler.on is None else []
        reading += self._around.wrapped(path, scope, wraps)
        name, function, where = self._around.handler(path, scope, handler)
        at, code = (function.line, function.code) if function is not None else (line, "")
        inline = self._reader.guards.inside(where, function) if function is not None else Reading()
        if function is None:
            inline = Reading(unsure=(Span(path, line, f"handler {name or 'here'} could not be followed"),))
        router.last.clear()
        for verb in dict.fromkeys(verbs):
            if verb not in ("HEAD", "OPTIONS"):
                address = template(
                    self._text(path, scope, rule) if rule.kind != "str" or "?}" in rule.text else rule.text
                )
                router.add(Route(verb, address, name or "handler", where, at, code, reading, inline, inputs(code)))

    def _walk(self, router: Router, prefix: str, above: Reading, depth: int) -> list[Endpoint]:
        if depth > _DEEPEST:
            return []
        here = join(prefix, router.prefix)
        ordered = router.framework in ("gin", "fiber")
        reading = above if ordered else above + router.reading
        own = router.reading if ordered else Reading()
        found = [
            endpoint(router.framework, route, here, reading + (before if ordered else own))
            for route, before in router.routes
        ]
        for child, before in router.children:
            found += self._walk(child, here, reading + before, depth + 1)
        return found


def _serves_files(item: Expr) -> bool:
    return "FileServer" in item.text or any(_serves_files(one) for one in item.items)


READS = {"Go": Go}
