"""The methods of Go routers: routes, groups, mounts and middleware, as each framework writes them."""

import re
from abc import ABC, abstractmethod
from functools import partial

from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, Route, join
from launchready.sources.frameworks.go_handlers import Bound, Handlers, Scope, inputs
from launchready.sources.frameworks.go_routers import Router, first, template
from launchready.sources.frameworks.script_handlers import ANY
from launchready.sources.readings import Reading

_VERBS = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "connect", "trace", "query"))
_CHAINED = frozenset(
    (
        "Path",
        "PathPrefix",
        "Methods",
        "HandlerFunc",
        "Handler",
        "HandleFunc",
        "Handle",
        "Queries",
        "Subrouter",
        "Host",
        "Headers",
    )
)
_METHOD_TEST = re.compile(r'\.Method\s*[!=]=\s*(?:http\.Method(\w+)|"([A-Z]+)")')
_METHOD_CASE = re.compile(r"\.Method\s*\{(.*)", re.S)
_CASE = re.compile(r"\bcase\s+([^:\n]+):")
_METHOD = re.compile(r'http\.Method(\w+)|"([A-Z]+)"')


class Registers(ABC):
    """What a call on a router adds to it. How expressions and functions are followed is up to the subclass."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)

    @abstractmethod
    def _value(self, value: Expr, scope: Scope) -> Router | None: ...

    @abstractmethod
    def _run(self, function: Function, key: str, scope: Scope) -> Router | None: ...

    @abstractmethod
    def _named(self, dotted: str, scope: Scope) -> Router | None: ...

    @abstractmethod
    def _typed(self, path: str, kind: str) -> str: ...

    def _on_router(self, router: Router, name: str, call: Expr, scope: Scope) -> Router | None:
        """A method of a router."""
        text = partial(self._text, scope)
        rest, verb = call.items[1:], name.lower()
        match name:
            case "Use" | "Pre":
                self._use(router, call, scope)
            case "With":
                return router.group("", self._middle(call.items, scope))
            case "Group" | "Route" if call.items:
                return self._group(router, call, scope)
            case "Mount" if len(call.items) > 1:
                self._mount(router, call, scope)
            case "Static" | "StaticFS" | "StaticFile" | "StaticFileFS" | "File" | "FileFS" if call.items:
                at = text(first(call))
                whole = at if "File" in name else join(at, "{path}")
                self._add(router, "GET", whole, Expr("other"), (), scope, call.line, still=True)
            case "Handle" | "HandleFunc" | "Method" | "MethodFunc" | "Add" | "Match" if call.items:
                self._general(router, name, call, scope)
            case "Any" | "All" | "ANY" if rest:
                for method in ANY:
                    self._handle(router, method, text(first(call)), rest, scope, call.line)
            case _ if verb in _VERBS and rest:
                self._handle(router, verb.upper(), text(first(call)), rest, scope, call.line)
            case "Name" | "Use" | "Subrouter":
                return router
            case _:
                for item in call.items:
                    self._value(item, scope)
        return router if name == "Use" else None

    def _text(self, scope: Scope, value: Expr) -> str:
        local = scope.names.get(value.text) if value.kind == "name" else None
        if isinstance(local, Bound):
            return self._text(local.scope, local.value)
        text = self._resolver.text(scope.path, value)
        for name in re.findall(r"\{(\w+)\?\}", text) if value.kind == "str" else ():
            if isinstance(bound := scope.names.get(name), Bound) and bound.value.kind == "str":
                text = text.replace("{" + name + "?}", self._text(bound.scope, bound.value))
        return text

    def _middle(self, items: tuple[Expr, ...], scope: Scope, everywhere: bool = False) -> Reading:
        return sum((self._handlers.middleware(item, scope, everywhere) for item in items), Reading())

    def _use(self, router: Router, call: Expr, scope: Scope) -> None:
        items, at = call.items, ""
        if (
            router.framework == "Fiber"
            and items
            and (items[0].kind == "str" or (len(items) > 1 and items[0].kind == "name"))
        ):
            text = self._text(scope, items[0])
            if text.startswith("/") or not text:
                items, at = items[1:], join(template(text, router.framework))
        for item in items:
            child = self._value(item, scope) if item.kind in ("name", "call") else None
            if child is not None:
                router.mount(child, at, Reading())
            else:
                router.used.append((at, self._handlers.middleware(item, scope, True)))

    def _group(self, router: Router, call: Expr, scope: Scope) -> Router:
        """``Group("/x", mw…)``, ``Route("/x", func(r){…})`` and chi's ``Group(func(r){…})``."""
        items = call.items
        prefix = ""
        if not (router.framework == "chi" and call.text.endswith("Group")):
            prefix, items = template(self._text(scope, items[0]), router.framework), items[1:]
        inside = [body for item in items if (body := self._body(item, scope, router))]
        middle = () if inside else items
        group = router.group(prefix, self._middle(middle, scope, router.framework == "Fiber"))
        for path, key, function, names in inside:
            inner = Scope(path, dict(names))
            if function.params:
                inner.names[function.params[0].name] = group
            self._run(function, key, inner)
        return group

    def _body(
        self, item: Expr, scope: Scope, router: Router
    ) -> tuple[str, str, Function, dict[str, Router | Bound]] | None:
        """The function that registers the routes of a group, where an argument is one."""
        names = scope.names
        if item.kind == "name" and isinstance(local := names.get(item.text), Bound):
            item, scope = local.value, local.scope
        found = self._handlers.found(item.text, scope) if item.kind == "name" else None
        function = item.function or (found.function if found else None)
        if function is None or not function.params or function.params[0].annotation is None:
            return None
        path = found.path if found else scope.path
        if self._typed(path, function.params[0].annotation.text) != router.framework:
            return None
        return path, found.name if found else "", function, {} if found else names

    def _mount(self, router: Router, call: Expr, scope: Scope) -> None:
        at = template(self._text(scope, first(call)), router.framework)
        child = self._value(call.items[1], scope)
        if child is not None:
            stripped, child.stripped = child.stripped, ""
            absolute = router.framework == "net/http" and not stripped
            router.mount(child, "" if absolute else at, Reading())
        elif router.framework != "net/http":
            handled = self._handlers.handler(call.items[1], scope)
            if handled.plain:
                self._add(router, "GET", join(at, "{path}"), call.items[1], (), scope, call.line)
            else:
                self._reader.lose(scope.path, call.line, f"{call.items[1].text or 'a handler'}, mounted at {at}")

    def _general(self, router: Router, name: str, call: Expr, scope: Scope) -> None:
        """The forms that name their method, or take every one."""
        items = call.items
        named = name in ("Method", "MethodFunc", "Add", "Match") or (router.framework == "gin" and name == "Handle")
        if named and len(items) > 2:
            listed = items[0].items if items[0].kind == "list" else (items[0],)
            for verb in listed:
                self._handle(
                    router, self._method(verb, scope), self._text(scope, items[1]), items[2:], scope, call.line
                )
            return
        if len(items) < 2:
            return
        path = self._text(scope, items[0])
        method, _, pattern = path.partition(" ")
        if router.framework in ("net/http", "chi") and pattern and method.isupper():
            self._handle(router, method, pattern.strip(), items[1:], scope, call.line)
            return
        if name == "Handle" and self._value(items[1], scope) is not None:
            self._mount(router, call, scope)
            return
        for method in self._tested(items[1], scope):
            self._handle(router, method, path, items[1:], scope, call.line)

    def _method(self, value: Expr, scope: Scope) -> str:
        if value.kind == "name" and (known := re.search(r"\.Method(\w+)$|\.([A-Z]+)$", value.text)):
            return (known.group(1) or known.group(2)).upper()
        return self._text(scope, value).upper()

    def _tested(self, value: Expr, scope: Scope) -> tuple[str, ...]:
        """The methods a handler of every method tells apart; all of them when it does not."""
        function = self._handlers.handler(value, scope).function
        text = function.code if function is not None else ""
        tests = [(a or b).upper() for a, b in _METHOD_TEST.findall(text)]
        if switch := _METHOD_CASE.search(text):
            tests += [(a or b).upper() for case in _CASE.findall(switch.group(1)) for a, b in _METHOD.findall(case)]
        known = tuple(dict.fromkeys(one for one in tests if one.lower() in _VERBS and one not in ("HEAD", "OPTIONS")))
        return known or ANY

    def _mux_chain(self, call: Expr, scope: Scope) -> tuple[Router | None] | None:
        """``r.Path("/x").Methods("GET").HandlerFunc(f)`` of gorilla/mux, in any order; None when it is no such chain."""
        links = [call]
        while links[-1].on is not None and links[-1].on.kind == "call":
            links.append(links[-1].on)
        owner, _, name = links[-1].text.rpartition(".")
        router = self._named(owner, scope) if owner and name in _CHAINED else None
        if router is None or router.framework != "gorilla/mux" or links[-1].on is not None:
            return None
        links.reverse()
        prefix, methods, handler, whole = "", [], Expr("other"), True
        for link in links:
            match link.text.rsplit(".", 1)[-1]:
                case "Path" | "PathPrefix" as kind if link.items:
                    prefix, whole = join(prefix, self._text(scope, first(link))), kind == "Path"
                case "Methods":
                    methods += [self._method(item, scope) for item in link.items]
                case "HandlerFunc" | "Handler" if link.items:
                    handler = first(link)
                case "HandleFunc" | "Handle" if len(link.items) > 1:
                    prefix, handler, whole = join(prefix, self._text(scope, first(link))), link.items[1], True
                case "Subrouter":
                    return (router.group(template(prefix, router.framework), Reading()),)
        if handler.kind == "other" or any(link.text == "BuildOnly" for link in links):
            return (None,)
        if (child := self._value(handler, scope)) is not None:
            stripped, child.stripped = child.stripped, ""
            router.mount(child, prefix if stripped else "", Reading())
            return (None,)
        static = not whole and "FileServer" in str([one.text for one in (handler, *handler.items)])
        path = prefix if whole else join(prefix, "{path}")
        for method in methods or (("GET",) if static else self._tested(handler, scope)):
            self._add(router, method, path, handler, (), scope, call.line, still=static)
        return (None,)

    def _handle(self, router: Router, method: str, path: str, items: tuple[Expr, ...], scope: Scope, line: int) -> None:
        """A route with its handlers: Echo's comes first and its middleware after it, elsewhere the last one answers."""
        items = tuple(one for item in items for one in (item.items if item.kind == "list" else (item,)))
        if not items:
            return
        handler, middle = (items[0], items[1:]) if router.framework == "echo" else (items[-1], items[:-1])
        if router.framework == "net/http" and path.endswith("/") and path.strip("/"):
            path = join(path, "{path}")
        self._add(router, method, path, handler, middle, scope, line)

    def _add(
        self,
        router: Router,
        method: str,
        path: str,
        handler: Expr,
        middle: tuple[Expr, ...],
        scope: Scope,
        line: int,
        still: bool = False,
    ) -> None:
        """Keep a route. ``still`` is one that only sends files."""
        path = template(re.sub(r"^[\w.-]+\.\w+(?=/)", "", path), router.framework)
        handled = self._handlers.handler(handler, scope)
        inline = Reading() if still else self._handlers.inside(handled, scope.path, line)
        text = handled.function.code if handled.function is not None else ""
        reading = self._middle(middle, scope) + handled.around
        name = handled.name or ("files" if still else "")
        taken = inputs(self._reader.resolver.go, handled.path, handled.function)
        route = Route(method, path, name, scope.path, line, text, reading, inline, taken)
        router.routes.append((route, router.so_far(path)))
