"""aiohttp's server: route tables, routers, class views, applications inside of applications, middleware (docs.aiohttp.org: Web Server Quickstart)."""

import re
from collections.abc import Iterator

from msgspec import structs

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, expected, join, once
from launchready.sources.frameworks.owners import Key, Owner, Owners
from launchready.sources.frameworks.python_inputs import python_inputs
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading

NAME = "aiohttp"
_MARK = Mark(
    re.compile(rb"\baiohttp\b[^\n]*\bweb\b|\baiohttp\.web\b"),
    (b"aiohttp",),
)
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_TERMINALS = re.compile(r"(?:^|\.)(?:login_required|has_permission|authenticated|jwt_required|check_permissions)$")
_PATTERN = re.compile(r"\{(\w+)\s*:(?:[^{}]|\{[^{}]*\})*\}")
_ASKS_NOBODY = re.compile(
    r"normalize_path|session|cors|error|log|trac|compress|csrf|timing|metric|remote|forward", re.I
)
_READS = (
    ("query", re.compile(r"\.query(?:\.get\(|\.getall\(|\[)\s*[\"'](\w+)")),
    ("header", re.compile(r"\.headers(?:\.get\(|\[)\s*[\"']([\w-]+)")),
    ("cookie", re.compile(r"\.cookies(?:\.get\(|\[)\s*[\"']([\w.-]+)")),
    ("form", re.compile(r"\bform(?:\.get\(|\[)\s*[\"'](\w+)")),
    ("body", re.compile(r"\b(?:data|body|payload)(?:\.get\(|\[)\s*[\"'](\w+)")),
)
_DEEPEST = 8


class Aiohttp:
    """Reads every aiohttp application of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._owners = Owners(reader, NAME, _TERMINALS)

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints; route tables that no application adds are kept."""
        modules = self._reader.marked(_MARK, ".py")
        for module in modules:
            for name, binding in module.bindings.items():
                kind = binding.value.text.rsplit(".", 1)[-1] if binding.value.kind == "call" else ""
                if kind in ("Application", "RouteTableDef") and self._is_aiohttp(module.path, binding.value.text):
                    self._owners.all[module.path, name] = Owner(is_app=kind == "Application")
                    self._middleware((module.path, name), module.path, binding.value)
        for module in modules:
            self._owners.passed(module)
        for module in modules:
            self._functions(module)
            for call in module.calls:
                self._call(module, call)
        found = once(self._owners.endpoints())
        if found:
            self._reader.used.add(NAME)
        return found

    def _is_aiohttp(self, path: str, dotted: str) -> bool:
        found = self._resolver.find(path, dotted)
        return found is not None and found.outside.startswith("aiohttp")

    def _key(self, path: str, dotted: str) -> Key | None:
        """The application of ``app``, ``app.router``, or a bound method of either."""
        return self._owners.key(path, dotted) or self._owners.key(path, dotted.removesuffix(".router"))

    def _functions(self, module: Module) -> None:
        for function in module.functions.values():
            for index, decorator in enumerate(function.decorators):
                owner, _, method = decorator.text.rpartition(".")
                key = self._owners.key(module.path, owner)
                if key is None or decorator.kind != "call":
                    continue
                below = function.decorators[index + 1 :]
                verbs, rule = _verbs_and_rule(method, decorator)
                if rule is not None and function.is_class:
                    self._view(module.path, key, function, rule, module.path)
                elif rule is not None:
                    self._add(module.path, key, verbs, rule, decorator.line, function, below)

    def _call(self, module: Module, call: Expr) -> None:
        owner, _, method = call.text.rpartition(".")
        if not owner:
            # add_route = app.router.add_route
            found = self._resolver.find(module.path, method)
            bound = (
                found.binding.value.text if found and found.binding and found.binding.value.kind == "name" else method
            )
            owner, _, method = bound.rpartition(".")
        key = self._key(module.path, owner)
        if key is None:
            return
        if method == "add_routes" and call.items:
            self._table(module.path, key, call.items[0], 0)
        elif method == "add_subapp" and len(call.items) > 1:
            child = self._owners.key(module.path, call.items[1].text) or self._made_by(module.path, call.items[1])
            if child:
                self._owners.mount(key, child, self._resolver.text(module.path, call.items[0]))
            else:
                self._reader.lose(
                    module.path, call.line, f"{call.items[1].text or 'an application'}, given to add_subapp"
                )
        elif method.startswith("add_"):
            self._entry(module.path, key, structs.replace(call, text=method.removeprefix("add_")))
        elif method == "append" and owner.endswith(".middlewares") and call.items:
            self._guarded(key, module.path, call.items[0])

    def _made_by(self, path: str, call: Expr) -> Key | None:
        """The application that a function of the app makes and gives back: ``add_subapp("/admin/", make_admin())``."""
        found = self._resolver.find(path, call.text) if call.kind == "call" and call.text else None
        names = re.findall(r"\breturn\s+(\w+)", found.function.code) if found and found.function else []
        return next((key for name in names if found and (key := self._owners.key(found.path, name))), None)

    def _table(self, path: str, key: Key, value: Expr, depth: int) -> None:
        """A list of ``web.get(...)`` and its like, or a route table, by name or as it stands."""
        if depth > _DEEPEST:
            return
        if value.kind == "list":
            for item in value.items:
                self._table(path, key, item, depth + 1)
        elif value.kind == "call":
            self._entry(path, key, structs.replace(value, text=value.text.rsplit(".", 1)[-1]))
        elif child := self._owners.key(path, value.text):
            self._owners.mount(key, child, "")
        elif (found := self._resolver.find(path, value.text)) and found.binding and found.binding.value.kind != "name":
            self._table(found.path, key, found.binding.value, depth + 1)
        else:
            self._reader.lose(path, value.line, f"{value.text or 'a list'}, given to add_routes")

    def _entry(self, path: str, key: Key, call: Expr) -> None:
        verbs, rule = _verbs_and_rule(call.text, call)
        at = 2 if call.text == "route" else 1
        handler = call.get("handler") or (call.items[at] if len(call.items) > at else None)
        if rule is None:
            return
        if call.text == "static":
            address = join(_template(self._resolver.text(path, rule)), "{path}")
            self._owners.all[key].routes.append(Route("GET", address, "static files", path, call.line))
            return
        found = self._resolver.find(path, handler.text) if handler is not None and handler.text else None
        if found and found.function and found.function.is_class:
            self._view(found.path, key, found.function, rule, path)
        elif found and found.function:
            self._add(path, key, verbs, rule, call.line, found.function, found.function.decorators, found.path)
        elif handler is not None:
            self._add(path, key, verbs, rule, call.line, handler, None)

    def _view(self, path: str, key: Key, view: Function, rule: Expr, where: str) -> None:
        for handler in view.methods:
            if handler.name in _VERBS:
                named = structs.replace(handler, name=f"{view.name}.{handler.name}")
                wraps = (*(d for d in view.decorators if d.kind != "call"), *handler.decorators)
                self._add(where, key, [handler.name.upper()], rule, handler.line, named, wraps, path)

    def _add(
        self,
        path: str,
        key: Key,
        verbs: list[str],
        rule: Expr,
        line: int,
        handler: Expr | Function,
        below: tuple[Expr, ...] | None,
        handler_file: str = "",
    ) -> None:
        inputs = (
            python_inputs(self._resolver, handler_file or path, handler.code, _READS)
            if isinstance(handler, Function)
            else ()
        )
        template = _template(self._resolver.text(path, rule))
        verbs = [verb for verb in verbs if verb not in ("HEAD", "OPTIONS")]
        self._owners.add(key, verbs, template, (path, line), handler, below, inputs=inputs, handler_file=handler_file)

    def _middleware(self, key: Key, path: str, value: Expr) -> None:
        given = value.get("middlewares")
        if given is not None and given.kind == "name":
            found = self._resolver.find(path, given.text)
            given = found.binding.value if found and found.binding else given
        for one in given.items if given is not None else ():
            self._guarded(key, path, one)

    def _guarded(self, key: Key, path: str, one: Expr) -> None:
        found = self._resolver.find(path, one.text) if one.text else None
        if found and found.function:
            self._owners.before(key, found.path, found.function, one.line)
        elif not _ASKS_NOBODY.search(one.text):
            doubt = Span(path, one.line, f"middleware {one.text or 'here'} could not be followed")
            self._owners.all[key].reading += Reading(unsure=(doubt,))


def _verbs_and_rule(method: str, call: Expr) -> tuple[list[str], Expr | None]:
    """The verbs and the path of ``get(path, …)``, ``route(verb, path, …)``, ``view(path, …)`` and ``static(path, …)``."""
    items: Iterator[Expr] = iter(call.items)
    if method == "route":
        verb = next(items, call.get("method"))
        said = verb.text.upper() if verb is not None and verb.kind == "str" else "ANY"
        return ["ANY" if said == "*" else said], next(items, call.get("path"))
    if method in (*_VERBS, "view", "static"):
        return [method.upper()] if method in _VERBS else ["ANY"], next(items, call.get("path") or call.get("prefix"))
    return [], None


def _template(rule: str) -> str:
    return _PATTERN.sub(r"{\1}", rule)


EXPECTS = expected(_MARK, ".py")
READS = {NAME: Aiohttp}
