"""Hono: routes, sub-apps, base paths and middleware by path (hono.dev/docs: routing, middleware)."""

import re
from dataclasses import replace
from functools import partial

from msgspec import structs

from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.body_fields import with_fields
from launchready.sources.frameworks.common import Reader, Route, join
from launchready.sources.frameworks.express import Express
from launchready.sources.frameworks.hono_openapi import described
from launchready.sources.frameworks.script_factories import Factories, makes
from launchready.sources.frameworks.script_routers import Key, Router
from launchready.sources.marks import Mark

NAME = "Hono"
_VERBS = frozenset(("get", "post", "put", "patch", "delete", "all", "head", "options", "query"))
_CLASSES = frozenset(("Hono", "OpenAPIHono"))
_CONSTRUCTS = re.compile(r"new\s+(?:OpenAPI)?Hono\b")
_PARAMETER = re.compile(r":(\w+)(?:\{(?:[^{}]|\{[^{}]*\})*\})?\??")


class Hono(Express):
    """Reads every Hono app of a tree."""

    name = NAME
    mark = Mark(
        re.compile(rb"""["'](?:npm:|jsr:@hono/)?(?:hono(?:/[\w-]+)?|@hono/[\w-]+)["'@]"""), (b"hono",), jsx=True
    )
    terminals = re.compile(r"^(?:bearerAuth|basicAuth|jwt|jwk|requireAuth|verifyAuth|authMiddleware\.required)$")

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._factories = Factories(reader, _CONSTRUCTS, "hono")

    def _users(self, modules: list[Module]) -> list[Module]:
        return self._factories.users(modules, partial(makes, self._kind))

    def _base(self, module: Module, value: Expr) -> Key | None:
        first = _chain(value)[0]
        if (started := self._started(module, first)) is not None:
            return started
        made = self._factories.made(module.path, first)
        return made.base if made is not None else None

    def _started(self, module: Module, call: Expr) -> Key | None:
        """What ``factory.createApp()`` begins with: the parameter of ``createFactory({ initApp: (app) => app.use(ask) })``."""
        factory = self._factory(module, call)
        begins = factory[1].get("initApp") if factory is not None else None
        if factory is None or begins is None or begins.function is None or not begins.function.params:
            return None
        path, function = factory[0], begins.function
        key = (path, f"initApp {function.line}")
        there = self._resolver.module(path)
        if key not in self._routers and there is not None:
            self._routers[key] = Router(False, mounted=True)
            for one in function.calls:
                owner, _, method = one.text.rpartition(".")
                if owner == function.params[0].name:
                    self._call(there, structs.replace(one, text=f"{path}:{key[1]}.{method}"))
        return key

    def _factory(self, module: Module, call: Expr) -> tuple[str, Expr] | None:
        """The file of the ``createFactory(...)`` whose ``createApp`` is called, and what that was given (hono.dev/docs/helpers/factory)."""
        owner, _, method = call.text.rpartition(".")
        found = self._resolver.find(module.path, owner) if method == "createApp" and owner else None
        made = found.binding.value if found is not None and found.binding else None
        if found is None or made is None or made.text != "createFactory":
            return None
        return found.path, made.items[0] if made.items else Expr("dict")

    def _kind(self, module: Module, value: Expr) -> str:
        first = _chain(value)[0]
        entry = module.imports.get(first.text)
        owner, _, method = first.text.rpartition(".")
        if first.kind == "call" and method == "basePath" and owner in module.bindings:
            # const v2 = app.basePath("/v2"): the same app, seen from below a path.
            return "router" if self._kind(module, module.bindings[owner].value) else ""
        if first.kind == "call" and first.text in _CLASSES and (entry is None or "hono" in entry.module):
            return "app"
        if self._factory(module, first) is not None:
            return "app"
        return "app" if self._factories.made(module.path, first) is not None else ""

    def _own_prefix(self, module: Module, value: Expr) -> str:
        given = [link.items[0] for link in _chain(value) if link.text.rsplit(".", 1)[-1] == "basePath" and link.items]
        made = self._factories.made(module.path, _chain(value)[0])
        below = made.prefix if made is not None else ""
        return join(below, *(self._address(module, one) for one in given)) if given or below else ""

    def _call(self, module: Module, call: Expr) -> None:
        chain = _chain(call)
        owner, _, _ = chain[0].text.rpartition(".")
        key = self._router(module, owner) if owner else None
        if key is None and chain[0].kind == "call":
            # const app = new Hono().get(...): the chain stands in the binding itself.
            bound = module.exports | {name: binding.value for name, binding in module.bindings.items()}
            key = next(
                ((module.path, n) for n, v in bound.items() if v is call and (module.path, n) in self._routers), None
            )
        if key is None:
            return
        last = "/"
        for link in chain:
            method = link.text.rsplit(".", 1)[-1]
            if method in _VERBS and link.items:
                named = link.items[0].kind in ("str", "name") and (len(link.items) > 1 or link.items[0].kind == "str")
                last = self._address(module, link.items[0]) if named else last
                self._route(module, key, method, last, link.items[1:] if named else link.items, link.line)
            elif method == "on" and len(link.items) > 2:
                for verb in link.items[0].strings():
                    for path in link.items[1].strings():
                        self._route(module, key, verb.lower(), _template(path), link.items[2:], link.line)
            elif method == "use" and link.items:
                self._middle(module, key, link)
            elif method == "openapi" and len(link.items) > 1:
                self._described(module, key, link)
            elif method in ("doc", "doc31") and link.items and link.items[0].kind == "str":
                # What `@hono/zod-openapi` serves of the routes that are described.
                path, before = self._address(module, link.items[0]), self._routers[key].before
                route = Route("GET", path, "openapi", module.path, link.line, reading=before(path))
                self._routers[key].routes.append(route)
            elif method in ("route", "mount") and len(link.items) > 1:
                self._sub_app(module, key, link)
            elif method == "basePath" and owner:
                self._below(module, key, call)

    def _described(self, module: Module, key: Key, call: Expr) -> None:
        one = described(self._resolver, self._way, module.path, call.items[0])
        if one is None:
            self._reader.lose(
                module.path, call.line, f"{call.items[0].text or 'a route'}, which is described elsewhere"
            )
            return
        routes = self._routers[key].routes
        before = len(routes)
        self._route(module, key, one.method, _template(one.path), call.items[1:2], call.line)
        for at in range(before, len(routes)):
            inputs = with_fields(one.inputs, routes[at].inputs)
            reading = routes[at].reading + one.reading
            routes[at] = replace(routes[at], file=one.file, line=one.line, reading=reading, inputs=inputs)

    def _below(self, module: Module, key: Key, call: Expr) -> None:
        """Mounts what ``basePath`` of an app is bound to."""
        for name, binding in module.bindings.items():
            child = (module.path, name)
            if binding.value is call and child in self._routers and child != key:
                self._routers[key].mount(child, "/")
                self._routers[child].mounted = True

    def _middle(self, module: Module, key: tuple[str, str], call: Expr) -> None:
        items = list(call.items)
        prefix = "/"
        if items[0].kind == "str":
            prefix = "/" + re.sub(r"/?\*$", "", self._address(module, items.pop(0))).strip("/")
        for item in items:
            reading = self._way.some(module.path, item)
            if reading.guards or reading.unsure or reading.only_when:
                self._routers[key].used.append((prefix, reading))

    def _sub_app(self, module: Module, key: tuple[str, str], call: Expr) -> None:
        prefix = self._address(module, call.items[0])
        child = self._mounted(module, call.items[1])
        if child is None:
            self._reader.lose(module.path, call.line, f"{call.items[1].text}, mounted at {prefix}")
        elif child != key:
            self._routers[key].mount(child, prefix)
            self._routers[child].mounted = True

    def _address(self, module: Module, value: Expr) -> str:
        return _template(self._resolver.text(module.path, value))


def _chain(call: Expr) -> list[Expr]:
    """The links of a chained call, the first one first."""
    links = [call]
    while links[-1].on is not None:
        links.append(links[-1].on)
    links.reverse()
    return links


def _template(path: str) -> str:
    return _PARAMETER.sub(r"{\1}", path)


READS = {NAME: Hono}
