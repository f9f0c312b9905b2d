"""Sanic: apps, blueprints and groups with versions, class views, middleware of requests (sanic.dev, guide: routing, blueprints, versioning)."""

import re
from dataclasses import replace

from msgspec import structs

from launchready.model.surface import Endpoint
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, expected, join, once
from launchready.sources.frameworks.owners import Key, Owner, Owners
from launchready.sources.frameworks.python_inputs import python_inputs
from launchready.sources.marks import Mark

NAME = "Sanic"
_MARK = Mark(
    re.compile(rb"\b(?:from|import) sanic"),
    (b"sanic",),
)
_VERBS = ("get", "post", "put", "patch", "delete")
_TERMINALS = re.compile(r"(?:^|\.)(?:protected|login_required|jwt_required|scoped|authorized|auth_required)$")
_CONVERTER = re.compile(r"<(\w+)(?:[:=][^<>]*)?>")
_READS = (
    ("query", re.compile(r"request\.(?:args|query_args)(?:\.get\(|\.getlist\(|\[)\s*[\"'](\w+)")),
    ("form", re.compile(r"request\.form(?:\.get\(|\.getlist\(|\[)\s*[\"'](\w+)")),
    ("file", re.compile(r"request\.files(?:\.get\(|\[)\s*[\"'](\w+)")),
    ("cookie", re.compile(r"request\.cookies(?:\.get\(|\[)\s*[\"'](\w+)")),
    ("header", re.compile(r"request\.headers(?:\.get\(|\[)\s*[\"']([\w-]+)")),
    ("body", re.compile(r"(?:request\.json|\b(?:data|body|payload|record))(?:\.get\(|\[)\s*[\"'](\w+)")),
)


class Sanic:
    """Reads every Sanic app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._owners = Owners(reader, NAME, _TERMINALS)
        self._versions: dict[Key, str] = {}

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints; blueprints that nothing registers are kept."""
        modules = self._reader.marked(_MARK, ".py")
        if modules:
            self._reader.used.add(NAME)
        for module in modules:
            for name, binding in module.bindings.items():
                self._owner(module, name, binding.value)
        for module in modules:
            self._owners.passed(module)
        for module in modules:
            self._groups(module)
            self._functions(module)
            self._calls(module)
        return once(replace(one, path=_versioned(one.path)) for one in self._owners.endpoints())

    def _owner(self, module: Module, name: str, value: Expr) -> None:
        kind = value.text.rsplit(".", 1)[-1] if value.kind == "call" else ""
        if kind in ("Sanic", "Blueprint") or value.text.endswith("Blueprint.group"):
            prefix = self._resolver.text(module.path, value.get("url_prefix"))
            version = self._version(module.path, value)
            self._owners.all[module.path, name] = Owner(join(version, prefix), kind == "Sanic")

    def _groups(self, module: Module) -> None:
        for name, binding in module.bindings.items():
            if binding.value.kind == "call" and binding.value.text.endswith("Blueprint.group"):
                for item in binding.value.items:
                    for one in item.items if item.kind == "list" else (item,):
                        if child := self._owners.key(module.path, one.text):
                            self._owners.mount((module.path, name), child, "")

    def _version(self, path: str, call: Expr) -> str:
        """A version as a part of the path that :func:`_versioned` moves to its front."""
        given = call.get("version")
        if given is None:
            return ""
        said = self._resolver.text(path, given)
        return f"@v{said.removeprefix('v')}"

    def _functions(self, module: Module) -> None:
        for function in module.functions.values():
            for index, decorator in enumerate(function.decorators):
                owner, _, method = decorator.text.rpartition(".")
                key = self._owners.key(module.path, owner)
                if key is None:
                    continue
                if method == "on_request" or (method == "middleware" and "response" not in list(decorator.strings())):
                    self._owners.before(key, module.path, function)
                elif method in (*_VERBS, "route", "websocket") and decorator.kind == "call":
                    rule = decorator.items[0] if decorator.items else decorator.get("uri")
                    # Only what stands below the route's decorator wraps the handler.
                    self._route(module.path, key, decorator, rule, method, function, function.decorators[index + 1 :])
            attached = next((base for base in function.bases if "MethodView" in base.text), None)
            if attached is not None and function.is_class:
                self._attached(module, function)

    def _attached(self, module: Module, view: Function) -> None:
        """``class Users(HTTPMethodView, attach=app, uri="/users")`` is read from the text of its bases."""
        named = {base.text: base for base in view.bases}
        found = re.search(r"attach=(\w+)", " ".join(named)) and re.search(r"uri=[\"']([^\"']+)", " ".join(named))
        owner = re.search(r"attach=(\w+)", " ".join(named))
        if found and owner and (key := self._owners.key(module.path, owner.group(1))):
            self._view(module.path, key, view, _template(found.group(1)), "")

    def _calls(self, module: Module) -> None:
        for call in module.calls:
            owner, _, method = call.text.rpartition(".")
            key = self._owners.key(module.path, owner)
            if key is None:
                continue
            if method in ("blueprint", "register_blueprint") and call.items:
                prefix = self._resolver.text(module.path, call.get("url_prefix"))
                for one in call.items[0].items if call.items[0].kind == "list" else (call.items[0],):
                    if child := self._owners.key(module.path, one.text):
                        self._owners.mount(key, child, join(self._version(module.path, call), prefix))
                    else:
                        self._reader.lose(module.path, call.line, f"{one.text or 'a blueprint'}, given to blueprint()")
            elif method in ("add_route", "add_websocket_route"):
                handler = call.items[0] if call.items else call.get("handler")
                rule = call.get("uri") or (call.items[1] if len(call.items) > 1 else None)
                self._added(module.path, key, call, handler, rule, "websocket" if "websocket" in method else "route")
            elif method == "static" and (rule := call.items[0] if call.items else call.get("uri")):
                address = join(_template(self._resolver.text(module.path, rule)), "{path}")
                self._owners.all[key].routes.append(Route("GET", address, "static files", module.path, call.line))
            elif method in ("register_middleware", "on_request") and call.items:
                found = self._resolver.find(module.path, call.items[0].text)
                if found and found.function and "response" not in list(call.strings()):
                    self._owners.before(key, found.path, found.function)

    def _added(self, path: str, key: Key, call: Expr, handler: Expr | None, rule: Expr | None, method: str) -> None:
        view = handler.text.removesuffix(".as_view") if handler is not None else ""
        found = self._resolver.find(path, view) if view else None
        if found and found.function and found.function.is_class:
            template = _template(self._resolver.text(path, rule))
            self._view(found.path, key, found.function, template, self._version(path, call))
        elif found and found.function:
            self._route(path, key, call, rule, method, found.function, found.function.decorators, found.path)
        else:
            self._route(path, key, call, rule, method, handler, ())

    def _view(self, path: str, key: Key, view: Function, template: str, version: str) -> None:
        shared = next((one.default for one in view.fields if one.name == "decorators"), None)
        wraps = (*view.decorators, *(shared.items if shared is not None else ()))
        for handler in view.methods:
            if handler.name in _VERBS:
                self._owners.add(
                    key,
                    (handler.name.upper(),),
                    join(version, template),
                    (path, handler.line),
                    structs.replace(handler, name=f"{view.name}.{handler.name}"),
                    (*wraps, *handler.decorators),
                    inputs=python_inputs(self._resolver, path, handler.code, _READS),
                )

    def _route(
        self,
        path: str,
        key: Key,
        call: Expr,
        rule: Expr | None,
        method: str,
        handler: Expr | Function | None,
        below: tuple[Expr, ...],
        handler_file: str = "",
    ) -> None:
        given = call.get("methods")
        verbs = (
            [method.upper()]
            if method in (*_VERBS, "websocket")
            else [v.upper() for v in given.strings()]
            if given
            else ["GET"]
        )
        template = join(self._version(path, call), _template(self._resolver.text(path, rule)))
        code = handler.code if isinstance(handler, Function) else ""
        self._owners.add(
            key,
            verbs,
            template,
            (path, call.line),
            handler,
            below,
            inputs=python_inputs(self._resolver, path, code, _READS),
            handler_file=handler_file,
        )


def _versioned(path: str) -> str:
    """The last version on the way stands at the front: that of a route wins over its blueprint's, and that over its group's."""
    versions = re.findall(r"/@(v[^/]+)", path)
    bare = re.sub(r"/@v[^/]+", "", path) or "/"
    return join(versions[-1], bare) if versions else bare


def _template(rule: str) -> str:
    return _CONVERTER.sub(r"{\1}", rule)


EXPECTS = expected(_MARK, ".py")
READS = {NAME: Sanic}
