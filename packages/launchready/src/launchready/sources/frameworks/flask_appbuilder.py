"""Flask-AppBuilder: exposed methods of views and APIs, the routes its model classes bring, and ``@protect`` and ``@has_access``.

Source: flask-appbuilder.readthedocs.io (views, rest_api, security): a method without one of those decorators is open.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, expected, join, once
from launchready.sources.frameworks.flask_inputs import request_inputs
from launchready.sources.frameworks.flask_permissions import permission, permission_of, with_permission
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

NAME = "Flask-AppBuilder"
_MARK = Mark(
    re.compile(rb"flask_appbuilder|\bappbuilder\b|@expose\("),
    (b"appbuilder", b"@expose("),
)
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
# The permission of a method of the library, where it is not the method's own name.
_OWN = {"get_list": "get"}
_SET_UP = re.compile(r"(?:^|\.)AppBuilder$|(?:^|\.)app_?builder\.init_app$")
_SIGN_IN = (
    Input("username", "body", "str", True),
    Input("password", "body", "str", True),
    Input("provider", "body", "str", True, ("db", "ldap")),
    Input("refresh", "body", "bool"),
)
_CONVERTER = re.compile(r"<(?:(?P<kind>[\w.]+)(?:\([^<>]*\))?:)?(?P<name>\w+)>")
# The library's own decorators that say nothing of who is calling.
_ASKS_NOBODY = frozenset(("expose", "safe", "permission_name", "rison", "merge_response_func", "action", "renders"))
_HOPS = 8


class AppBuilder:
    """Reads every Flask-AppBuilder app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver

    def read(self) -> tuple[Endpoint, ...]:
        """Every exposed method of the classes that are registered; of all classes when the source registers none."""
        modules = self._reader.marked(_MARK, ".py")
        classes = {
            (module.path, owner.name): owner
            for module in modules
            for owner in module.functions.values()
            if owner.is_class and self._kind(module.path, owner)
        }
        if not classes:
            return ()
        self._reader.used.add(NAME)
        # A class of a file that names nothing of the library may still come from one of its classes.
        registered: dict[tuple[str, str], tuple[Function, str]] = {}
        for path, owner, when in self._registered(modules):
            if self._kind(path, owner):
                before = registered.get((path, owner.name))
                registered[path, owner.name] = (owner, when if before is None or before[1] else "")
        chosen = registered or {key: (owner, "") for key, owner in classes.items()}
        found: list[Endpoint] = []
        for path, name in sorted(chosen):
            owner, when = chosen[path, name]
            found += [replace(one, only_when=when) for one in self._class(path, owner)]
        return once((*found, *self._sign_in(modules)))

    def _sign_in(self, modules: list[Module]) -> Iterator[Endpoint]:
        """The sign-in for programs that every app has whose AppBuilder is set up (its documentation on REST APIs, "Security")."""
        for module in modules:
            functions = [f for owner in module.functions.values() for f in (owner, *owner.methods)]
            for call in (*module.calls, *(c for function in functions for c in function.calls)):
                if _SET_UP.search(call.text):
                    reading = Reading()
                    route = Route(
                        "POST", "/login", "SecurityApi.login", module.path, call.line, "", reading, reading, _SIGN_IN
                    )
                    yield endpoint(NAME, route, "/api/v1/security", reading)
                    return

    def _kind(self, path: str, owner: Function, hops: int = _HOPS) -> str:
        """``api`` or ``view`` when a class comes from one of the library's; ``+`` when that one brings routes of its own."""
        for base in owner.bases if hops else ():
            last = base.text.rsplit(".", 1)[-1]
            named = self._resolver.find(path, base.text) if base.text else None
            if named is not None and named.outside.startswith("flask_admin"):
                # Another library whose views have these names and an `expose`; who may call them stands in `is_accessible`.
                continue
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

    def _registered(self, modules: list[Module]) -> Iterator[tuple[str, Function, str]]:
        for module in modules:
            functions = [f for owner in module.functions.values() for f in (owner, *owner.methods)]
            for call in (*module.calls, *(c for function in functions for c in function.calls)):
                if call.text.rsplit(".", 1)[-1] in _REGISTERS and call.items and call.items[0].text:
                    found = self._resolver.find(module.path, call.items[0].text.removesuffix("()"))
                    if found and found.function:
                        yield found.path, found.function, call.when

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
        wanted = self._route_methods(lineage, "include_route_methods")
        left_out = self._route_methods(lineage, "exclude_route_methods") or set()
        for where, one in lineage:
            for method in one.methods:
                if method.name in left_out or (wanted is not None and method.name not in wanted):
                    continue
                exposed = [d for d in method.decorators if d.text.rsplit(".", 1)[-1] == "expose"]
                if method.name in seen or not exposed:
                    continue
                seen.add(method.name)
                others = tuple(d for d in method.decorators if d.text.rsplit(".", 1)[-1] not in _ASKS_NOBODY)
                reading = above + decorated(self._reader, where, others, _TERMINALS)
                reading = with_permission(reading, permission_of(self._resolver, lineage, method))
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
                            request_inputs(self._resolver, where, method),
                        )
                        yield endpoint(NAME, route, base, Reading())
        for name, verb, rule in _REST if kind == "api+" else _CRUD if kind == "view+" else ():
            if name not in seen and name not in left_out and (wanted is None or name in wanted):
                route = Route(verb, rule, f"{owner.name}.{name}", path, owner.line)
                yield self._brought(
                    path, owner, base, route, permission(self._resolver, lineage, name, _OWN.get(name, name))
                )

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

    @staticmethod
    def _brought(path: str, owner: Function, base: str, route: Route, asked: str) -> Endpoint:
        """A route that a model class brings by itself, behind the library's own guard."""
        by = "protect" if base.strip("/").startswith("api") else "has_access"
        guard = Guard(Span(path, owner.line, f"{route.handler} is guarded by {by} of the library"), (asked,))
        return endpoint(NAME, route, base, Reading((guard,)))

    def _route_methods(self, lineage: list[tuple[str, Function]], name: str) -> set[str] | None:
        """The names in ``include_route_methods = {RouteMethod.GET, "export"} | RouteMethod.REST_MODEL_VIEW_CRUD_SET``; None where
        there is no such list, or a part of it is out of sight."""
        for where, one in lineage:
            for field in one.fields:
                if field.name == name and field.default is not None:
                    names = list(self._names(where, field.default))
                    return None if None in names else {one for one in names if one is not None}
        return None

    def _names(self, path: str, value: Expr, owner: str = "", hops: int = _HOPS) -> Iterator[str | None]:
        if value.kind == "str":
            yield value.text
        elif value.kind in ("list", "all"):
            for item in value.items:
                yield from self._names(path, item, owner, hops)
        elif value.kind == "name" and hops and (there := self._constant(path, value.text, owner)):
            yield from self._names(*there, hops - 1)
        elif value.text.endswith("RouteMethod.REST_MODEL_VIEW_CRUD_SET"):
            yield from (name for name, _, _ in _REST)
        elif value.kind == "name" and "RouteMethod." in value.text:
            yield value.text.rsplit(".", 1)[-1].lower()
        else:
            yield None

    def _constant(self, path: str, dotted: str, owner: str) -> tuple[str, Expr, str] | None:
        """Where a name, or a field of a class such as ``owner``, is given its value, and the class it stands in."""
        head, _, last = dotted.rpartition(".")
        found = self._resolver.find(path, head or owner) if head or owner else None
        for field in found.function.fields if found and found.function else ():
            if found and field.name == last and field.default is not None:
                return found.path, field.default, found.name
        there = self._resolver.find(path, dotted)
        return (there.path, there.binding.value, "") if there and there.binding else None


def _template(rule: str) -> str:
    return _CONVERTER.sub(lambda match: "{" + match.group("name") + "}", rule)


EXPECTS = expected(_MARK, ".py")
READS = {NAME: AppBuilder}
