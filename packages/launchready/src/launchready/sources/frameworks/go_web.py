"""gin, echo, chi, net/http, gorilla/mux and Fiber: the functions that register routes are followed with the routers they are given."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from msgspec import structs

from launchready.model.surface import Endpoint
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, once
from launchready.sources.frameworks.go_handlers import Bound, Scope
from launchready.sources.frameworks.go_registers import Registers
from launchready.sources.frameworks.go_routers import PACKAGES, Router, first, made, nobody, typed
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading

_FAMILY = "go"
_MARK = Mark(
    re.compile(
        rb'"(?:net/http|github\.com/(?:gin-gonic/gin|labstack/echo|go-chi/chi|gorilla/mux|gofiber/fiber)(?:/v\d+)?)"'
    ),
    (b"net/http", b"github.com/"),
)
_REGISTERS = re.compile(
    r"\.(?:GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete|Any|ANY|All|Add|Match|Handle|HandleFunc|Handler|Method|MethodFunc|Group|Route|Mount"
    r"|Static\w*|PathPrefix|Path|Methods|With|Use|File)\(|\b(?:NewRouter|NewServeMux|NewMux|Default|New)\("
)
_DEEPEST = 14
_BUDGET = 60_000


class GoFramework:
    """One of the frameworks; all of them are read in one go, for apps mix them."""

    def __init__(self, reader: Reader, name: str) -> None:
        self._reader = reader
        self._name = name

    def read(self) -> tuple[Endpoint, ...]:
        """The endpoints on routers of this framework."""
        if _FAMILY not in self._reader.shared:
            self._reader.shared[_FAMILY] = GoApp(self._reader).read()
        return tuple(one for one in self._reader.shared[_FAMILY] if one.framework == self._name)


class GoApp(Registers):
    """Runs the functions that register routes, in order, as far as routers go."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._routers: list[Router] = []
        self._fields: dict[tuple[str, str], Router] = {}
        self._ran: set[tuple[str, str]] = set()
        self._stack: list[int] = []
        self._steps = 0

    def read(self) -> tuple[Endpoint, ...]:
        """Every endpoint of the tree."""
        modules = self._reader.marked(_MARK, ".go")
        for module in modules:
            packages = {entry.module for entry in module.imports.values()}
            self._reader.used.update(n for n, p in PACKAGES.items() if n != "net/http" and any(map(p.match, packages)))
        for module in modules:
            for binding in module.bindings.values():
                if router := self._value(binding.value, Scope(module.path)):
                    self._fields[posixpath.dirname(module.path), binding.name] = router
        for module, key, function in self._starts(modules):
            if (module.path, key) not in self._ran:
                self._given(module, key, function)
        found: list[Endpoint] = []
        for router in self._routers:
            if not router.mounted:
                found += router.endpoints("", Reading())
        return once(found)

    def _starts(self, modules: list[Module]) -> list[tuple[Module, str, Function]]:
        """The functions that register routes, callers before what they call."""
        every = [(m, key, f) for m in modules for key, f in m.functions.items() if not f.is_class]
        calls = {id(f): {call.text.rsplit(".", 1)[-1] for call in f.calls} for _, _, f in every}
        names = {f.name for m, _, f in every if _REGISTERS.search(f.code)}
        size = 0
        while size != len(names):
            size = len(names)
            names |= {f.name for _, _, f in every if calls[id(f)] & names}
        called = {name for _, _, f in every if f.name in names for name in calls[id(f)] - {f.name}}
        wanted = [one for one in every if one[2].name in names]
        return [one for one in wanted if one[2].name not in called] + [one for one in wanted if one[2].name in called]

    def _given(self, module: Module, key: str, function: Function) -> None:
        """Run a function that nothing seen so far has called: routers it takes are unknown ones."""
        scope = Scope(module.path)
        for param in function.params:
            if param.annotation is not None and (framework := self._typed(module.path, param.annotation.text)):
                router = Router(framework, frozen=nobody(module.path, function.line, key))
                self._routers.append(router)
                scope.names[param.name] = router
        self._run(function, key, scope)

    def _typed(self, path: str, kind: str) -> str:
        found = self._resolver.find(path, kind)
        return typed(found.outside) if found is not None else ""

    def _run(self, function: Function, key: str, scope: Scope) -> Router | None:
        """Do what a body does; the router it returns, if it does."""
        if id(function) in self._stack or len(self._stack) > _DEEPEST:
            return None
        if self._steps > _BUDGET:
            return None
        if key:
            self._ran.add((scope.path, key))
        self._stack.append(id(function))
        result: Router | None = None
        for step in function.steps:
            self._steps += 1
            if self._steps == _BUDGET:
                self._reader.lose(scope.path, function.line, "too many calls that register routes")
            if isinstance(step, Expr):
                self._value(step, scope)
                continue
            value = self._value(step.value, scope)
            if step.name == "return":
                result = result or value
            elif value is not None and "." in step.name:
                self._fields[self._place(step.name, scope)] = value
            elif isinstance(scope.names.get(step.name), Router) and value is None:
                continue  # wrapped in a way we cannot see through, or replaced in a branch: it leads to the same routes
            elif step.value.kind != "other" and step.value.text != step.name:
                scope.names[step.name] = value or Bound(step.value, replace(scope, names=dict(scope.names)))
        self._stack.pop()
        return result

    def _place(self, dotted: str, scope: Scope) -> tuple[str, str]:
        """Where a field is kept: the folder of its type, and ``Type.field``."""
        head, _, rest = dotted.partition(".")
        local = scope.names.get(head)
        if rest and isinstance(local, Bound) and local.value.kind in ("dict", "call"):
            kind = self._resolver.go.type_of(local.scope.path, local.value.text, local.value.kind)
            if kind is not None:
                return posixpath.dirname(kind[0]), f"{kind[1]}.{rest}"
        return posixpath.dirname(scope.path), dotted

    def _named(self, dotted: str, scope: Scope) -> Router | None:
        local = scope.names.get(dotted)
        if isinstance(local, Router):
            return local
        if isinstance(local, Bound) or not dotted:
            return None
        if router := self._fields.get(self._place(dotted, scope)):
            return router
        module = self._resolver.module(scope.path)
        if dotted == "http" and module and "http" in module.imports and module.imports["http"].module == "net/http":
            return self._default(scope)
        found = self._resolver.find(scope.path, dotted) if "." in dotted and dotted.count(".") == 1 else None
        return self._fields.get((posixpath.dirname(found.path), found.name)) if found and found.binding else None

    def _default(self, scope: Scope) -> Router:
        """The mux that ``http.Handle`` adds to: one for the program, here for the folder."""
        place = (posixpath.dirname(scope.path), "http.DefaultServeMux")
        if place not in self._fields:
            self._fields[place] = Router("net/http")
            self._routers.append(self._fields[place])
        return self._fields[place]

    def _value(self, value: Expr, scope: Scope) -> Router | None:
        """The router an expression is, after doing what it does."""
        if value.kind == "name":
            return self._named(value.text, scope) if value.on is None else None
        if value.kind == "call":
            return self._call(value, scope)
        if value.kind == "dict":
            for name, inner in value.named:
                if router := self._value(inner, scope):
                    kind = self._resolver.go.type_of(scope.path, value.text, "dict") or (scope.path, value.text)
                    self._fields[posixpath.dirname(kind[0]), f"{kind[1]}.{name}"] = router
        for item in value.items if value.kind in ("dict", "list", "other", "each") else ():
            self._value(item, scope)
        if value.kind == "function" and value.function is not None and _REGISTERS.search(value.function.code):
            self._run(value.function, "", replace(scope, names=dict(scope.names)))
        return None

    def _call(self, call: Expr, scope: Scope) -> Router | None:
        if call.on is not None:
            if (chain := self._mux_chain(call, scope)) is not None:
                return chain[0]
            base = self._value(call.on, scope)
            name = call.text
            if base is None and call.on.kind == "dict":
                kind = self._resolver.go.type_of(scope.path, call.on.text, "dict")
                found = self._resolver.go.member(*kind, call.text) if kind else None
                return (
                    self._enter(found.path, found.name, found.function, call, scope)
                    if found and found.function
                    else None
                )
        else:
            owner, _, name = call.text.rpartition(".")
            base = self._named(owner, scope) if owner else None
        if base is not None and not (base.framework == "net/http" and name not in ("Handle", "HandleFunc")):
            return self._on_router(base, name, call, scope)
        found = self._handlers.found(call.text, scope) if call.on is None else None
        if found is not None and found.function is not None and not found.function.is_class:
            return self._enter(found.path, found.name, found.function, call, scope)
        if found is not None and (framework := made(found.outside)):
            router = Router(framework)
            self._routers.append(router)
            return router
        local = scope.names.get(call.text)
        if isinstance(local, Bound) and local.value.function is not None:
            return self._enter(local.scope.path, "", local.value.function, call, scope, local.scope)
        given = [one for item in call.items if (one := self._value(item, scope))]
        if len(given) == 1 and found is not None and found.outside == "net/http.StripPrefix":
            given[0].stripped = self._resolver.text(scope.path, first(call))
        elif len(given) == 1 and name not in ("ListenAndServe", "ListenAndServeTLS", "Serve", "append"):
            given[0].around += (
                self._handlers.middleware(structs.replace(call, items=()), scope)
                if found and found.outside
                else Reading()
            )
        return given[0] if len(given) == 1 else None

    def _enter(
        self, path: str, key: str, function: Function, call: Expr, scope: Scope, around: Scope | None = None
    ) -> Router | None:
        """Go into a function of our own, when a router goes with it or it registers routes by itself."""
        inner = Scope(path, dict(around.names) if around else {})
        routers: list[Router] = []
        for index, item in enumerate(call.items):
            router = self._value(item, scope) if item.kind != "function" else None
            routers += [router] if router else []
            if index < len(function.params) and function.params[index].name:
                inner.names[function.params[index].name] = router or Bound(item, scope)
        if not routers and not self._worth(path, function):
            for item in call.items:
                if item.kind == "function":
                    self._value(item, scope)
            return None
        result = self._run(function, key, inner)
        returns = any(kind.text.endswith("Handler") or self._typed(path, kind.text) for kind in function.bases)
        takes = any(one.annotation is not None and self._typed(path, one.annotation.text) for one in function.params)
        if result is None and len(routers) == 1 and returns and not takes:
            # auth(mux): the whole router behind a function of our own.
            routers[0].around += self._handlers.middleware(structs.replace(call, items=()), scope, True)
        return result or (routers[0] if len(routers) == 1 and returns else None)

    def _worth(self, path: str, function: Function, hops: int = 5) -> bool:
        if _REGISTERS.search(function.code):
            return True
        for call in function.calls if hops else ():
            found = self._resolver.find(path, call.text) if call.text else None
            if (
                found
                and found.function
                and found.function is not function
                and self._worth(found.path, found.function, hops - 1)
            ):
                return True
        return False


READS: dict[str, Callable[[Reader], GoFramework]] = {name: partial(GoFramework, name=name) for name in PACKAGES}
