"""Flask-AppBuilder: exposed methods of views and APIs, the routes its model classes bring, and ``@protect`` and ``@has_access``.

Source: flask-appbuilder.readthedocs.io (views, rest_api, security): a method without one of those decorators is open.
"""

import re
from collections.abc import Iterator

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, join, once
from launchready.sources.frameworks.flask import request_inputs
from launchready.sources.guards import Guard, Reading

NAME = "Flask-AppBuilder"
_MARK = re.compile(rb"flask_appbuilder|\bappbuilder\b|@expose\(")
_TERMINALS = re.compile(r"(?:^|\.)(?:protect|has_access|has_access_api|login_required)$")
_APIS = frozenset(("BaseApi", "ModelRestApi", "BaseModelApi"))
_VIEWS = frozenset(
    (
        "BaseView",
        "ModelView",
        "MasterDetailView",
        "SimpleFormView",
        "PublicFormView",
        "IndexView",
        "MultipleView",
        "CompactCRUDMixin",
        "RestCRUDView",
        "AuthView",
    )
)
_REGISTERS = frozenset(("add_api", "add_view", "add_view_no_menu", "add_separator"))
_REST = (
    ("get_list", "GET", "/"),
    ("get", "GET", "/{pk}"),
    ("post", "POST", "/"),
    ("put", "PUT", "/{pk}"),
    ("delete", "DELETE", "/{pk}"),
    ("info", "GET", "/_info"),
)
_CRUD = (
    ("list", "GET", "/list"),
    ("show", "GET", "/show/{pk}"),
    ("add", "GET", "/add"),
    ("add", "POST", "/add"),
    ("edit", "GET", "/edit/{pk}"),
    ("edit", "POST", "/edit/{pk}"),
    ("delete", "POST", "/delete/{pk}"),
)
_CONVERTER = re.compile(r"<(?:(?P<kind>[\w.]+)(?:\([^<>]*\))?:)?(?P<name>\w+)>")
# The library's own decorators that say nothing of who is calling.
_ASKS_NOBODY = frozenset(("expose", "safe", "permission_name", "rison", "merge_response_func", "action", "renders"))
_METHOD_SET = {"GET_LIST": "get_list", "GET": "get", "POST": "post", "PUT": "put", "DELETE": "delete", "INFO": "info"}
_HOPS = 8


class AppBuilder:
    """Reads every Flask-AppBuilder app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver

    def read(self) -> tuple[Endpoint, ...]:
        """Every exposed method of the classes that are registered; of all classes when the source registers none."""
        modules = [
            module
            for file in self._reader.tree.with_suffix(".py")
            if _MARK.search(self._reader.tree.bytes(file.path) or b"") and (module := self._resolver.module(file.path))
        ]
        classes = {
            (module.path, owner.name): owner
            for module in modules
            for owner in module.functions.values()
            if owner.is_class and self._kind(module.path, owner)
        }
        if not classes:
            return ()
        self._reader.used.add(NAME)
        registered = set(self._registered(modules))
        chosen = registered & set(classes) or set(classes)
        found: list[Endpoint] = []
        for path, name in sorted(chosen):
            found += self._class(path, classes[path, name])
        return once(found)

    def _kind(self, path: str, owner: Function, hops: int = _HOPS) -> str:
        """``api`` or ``view`` when a class comes from one of the library's; ``+`` when that one brings routes of its own."""
        for base in owner.bases if hops else ():
            last = base.text.rsplit(".", 1)[-1]
            if last in _APIS:
                return "api+" if last == "ModelRestApi" else "api"
            if last in _VIEWS:
                return "view+" if last in ("ModelView", "RestCRUDView") else "view"
            there = self._resolver.find(path, base.text) if base.text else None
            if (
                there
                and there.function
                and there.function.is_class
                and (kind := self._kind(there.path, there.function, hops - 1))
            ):
                return kind
        return ""

    def _registered(self, modules: list[Module]) -> Iterator[tuple[str, str]]:
        for module in modules:
            functions = [f for owner in module.functions.values() for f in (owner, *owner.methods)]
            for call in (*module.calls, *(c for function in functions for c in function.calls)):
                if call.text.rsplit(".", 1)[-1] in _REGISTERS and call.items and call.items[0].text:
                    found = self._resolver.find(module.path, call.items[0].text.removesuffix("()"))
                    if found and found.function:
                        yield found.path, found.function.name

    def _lineage(self, path: str, owner: Function, hops: int = _HOPS) -> Iterator[tuple[str, Function]]:
        yield path, owner
        for base in owner.bases if hops else ():
            there = self._resolver.find(path, base.text) if base.text else None
            if there and there.function and there.function.is_class:
                yield from self._lineage(there.path, there.function, hops - 1)

    def _class(self, path: str, owner: Function) -> Iterator[Endpoint]:
        lineage = list(self._lineage(path, owner))
        kind = self._kind(path, owner)
        base = self._base(lineage, owner, kind)
        above = self._before(lineage)
        seen: set[str] = set()
        for where, one in lineage:
            for method in one.methods:
                exposed = [d for d in method.decorators if d.text.rsplit(".", 1)[-1] == "expose"]
                if method.name in seen or not exposed:
                    continue
                seen.add(method.name)
                others = tuple(d for d in method.decorators if d.text.rsplit(".", 1)[-1] not in _ASKS_NOBODY)
                reading = above + decorated(self._reader, where, others, _TERMINALS)
                inline = self._reader.guards.inside(where, method)
                for call in exposed:
                    rule = self._resolver.text(where, call.items[0] if call.items else call.get("url"))
                    given = call.get("methods")
                    for verb in list(given.strings()) if given is not None else ["GET"]:
                        name = f"{owner.name}.{method.name}"
                        route = Route(
                            verb.upper(),
                            _template(rule),
                            name,
                            where,
                            method.line,
                            method.code,
                            reading,
                            inline,
                            request_inputs(method.code),
                        )
                        yield endpoint(NAME, route, base, Reading())
        yield from self._brought(lineage, owner, kind, base, seen)

    def _base(self, lineage: list[tuple[str, Function]], owner: Function, kind: str) -> str:
        if (given := self._attribute(lineage, "route_base")) is not None:
            return given
        if any(one.text.rsplit(".", 1)[-1] == "IndexView" for _, each in lineage for one in each.bases):
            return "/"
        if not kind.startswith("api"):
            return "/" + owner.name.lower()
        resource = self._attribute(lineage, "resource_name")
        version = self._attribute(lineage, "version")
        return join("api", version or "v1", resource or owner.name.lower())

    def _before(self, lineage: list[tuple[str, Function]]) -> Reading:
        """Hooks of a class that run before its methods: one that refuses may do so for some of them only."""
        reading = Reading()
        for where, one in lineage:
            for method in one.methods:
                hook = any(d.text.rsplit(".", 1)[-1] == "before_request" for d in method.decorators)
                if hook and self._reader.guards.function(where, method):
                    said = f"{method.name} refuses some requests before they reach a view"
                    reading += Reading(unsure=(Span(where, method.line, said),))
        return reading

    def _attribute(self, lineage: list[tuple[str, Function]], name: str) -> str | None:
        for where, one in lineage:
            for field in one.fields:
                if field.name == name and field.default is not None and field.default.kind in ("str", "name"):
                    return self._resolver.text(where, field.default)
        return None

    def _brought(
        self, lineage: list[tuple[str, Function]], owner: Function, kind: str, base: str, seen: set[str]
    ) -> Iterator[Endpoint]:
        """The routes that a model class brings by itself, all of them behind the library's own guard."""
        path = lineage[0][0]
        wanted, left_out = (
            self._route_methods(lineage, "include_route_methods"),
            self._route_methods(lineage, "exclude_route_methods"),
        )
        for name, verb, rule in _REST if kind == "api+" else _CRUD if kind == "view+" else ():
            if name in seen or (wanted is not None and name not in wanted) or (left_out and name in left_out):
                continue
            what = f"{owner.name}.{name} is guarded by {'protect' if kind == 'api+' else 'has_access'} of the library"
            guard = Guard(Span(path, owner.line, what))
            route = Route(verb, rule, f"{owner.name}.{name}", path, owner.line, "", Reading((guard,)))
            yield endpoint(NAME, route, base, Reading())

    def _route_methods(self, lineage: list[tuple[str, Function]], name: str) -> set[str] | None:
        """The names in ``include_route_methods = {RouteMethod.GET, "export"} | RouteMethod.REST_MODEL_VIEW_CRUD_SET``."""
        for where, one in lineage:
            for field in one.fields:
                if field.name == name and field.default is not None:
                    return set(self._names(where, field.default))
        return None

    def _names(self, path: str, value: Expr, hops: int = _HOPS) -> Iterator[str]:
        text = value.text
        found = self._resolver.find(path, text) if value.kind == "name" and hops else None
        if found and found.binding:
            yield from self._names(found.path, found.binding.value, hops - 1)
            return
        if "REST_MODEL_VIEW_CRUD_SET" in text or "CRUD_SET" in text:
            yield from _METHOD_SET.values()
        for member in re.findall(r"RouteMethod\.(\w+)", text):
            if member in _METHOD_SET:
                yield _METHOD_SET[member]
        yield from value.strings()
        for item in value.items:
            yield from self._names(path, item, hops - 1)


def _template(rule: str) -> str:
    return _CONVERTER.sub(lambda match: "{" + match.group("name") + "}", rule)


READS = {NAME: AppBuilder}
