"""Flask-AppBuilder: ``@expose`` on views and REST APIs, their base paths, and ``@protect`` and ``@has_access``.

Base paths and the routes of ``ModelRestApi`` and ``ModelView`` are as its documentation and ``baseviews.py`` define them.
"""

import re
from dataclasses import dataclass, replace

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, join, once
from launchready.sources.guards import Guard, Reading

NAME = "Flask-AppBuilder"
_MARK = re.compile(rb"\bflask_appbuilder\b|@expose\(")
_TERMINALS = re.compile(r"(?:^|\.)(?:protect|has_access|has_access_api)$")
# They name a permission, shape an answer or read arguments, and ask nobody who they are.
_ASKS_NOBODY = re.compile(
    r"(?:^|\.)(?:expose|expose_api|safe|rison|permission_name|merge_response_func|linechart|renders)$"
)
_APIS = frozenset(("BaseApi", "BaseModelApi", "ModelRestApi"))
_CONVERTER = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
_REST = (
    ("info", "/_info", ("GET",)),
    ("get_list", "/", ("GET",)),
    ("get", "/<pk>", ("GET",)),
    ("post", "/", ("POST",)),
    ("put", "/<pk>", ("PUT",)),
    ("delete", "/<pk>", ("DELETE",)),
)
_PAGES = (
    ("list", "/list/", ("GET",)),
    ("show", "/show/<pk>", ("GET",)),
    ("add", "/add", ("GET", "POST")),
    ("edit", "/edit/<pk>", ("GET", "POST")),
    ("delete", "/delete/<pk>", ("GET", "POST")),
)
_GIVEN = {"ModelRestApi": _REST, "ModelView": _PAGES}


@dataclass(frozen=True, slots=True)
class _View:
    """A class with what it inherits: ``line`` of descent within the source, nearest first, and the ``outside`` bases."""

    path: str
    cls: Function
    line: tuple[tuple[str, Function], ...]
    outside: tuple[str, ...]

    def field(self, name: str) -> tuple[str, Expr] | None:
        """The value of a class attribute and the file it stands in."""
        for path, cls in self.line:
            for given in cls.fields:
                if given.name == name and given.default is not None:
                    return path, given.default
        return None


class AppBuilder:
    """Reads every view and API class of Flask-AppBuilder in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints of classes that no other class of the source refines."""
        views: list[_View] = []
        registered: set[str] = set()
        for file in self._reader.tree.with_suffix(".py"):
            if not _MARK.search(self._reader.tree.bytes(file.path) or b""):
                continue
            module = self._resolver.module(file.path)
            if module is None:
                continue
            functions = [*module.functions.values()]
            inner = [m for f in functions if f.is_class for m in f.methods]
            for call in (*module.calls, *(c for f in (*functions, *inner) for c in f.calls)):
                if call.text.rpartition(".")[2] in ("add_api", "add_view", "add_view_no_menu") and call.items:
                    registered.add(call.items[0].text.rpartition(".")[2])
            views += [self._view(file.path, f) for f in functions if f.is_class]
        views = [view for view in views if any(name.startswith("flask_appbuilder") for name in view.outside)]
        if views:
            self._reader.used.add(NAME)
        refined = {(path, cls.name) for view in views for path, cls in view.line[1:]}
        found: list[Endpoint] = []
        for view in views:
            if (view.path, view.cls.name) not in refined or view.cls.name in registered:
                found += self._endpoints(view)
        return once(found)

    def _view(self, path: str, cls: Function) -> _View:
        line: list[tuple[str, Function]] = []
        outside: list[str] = []
        waiting = [(path, cls)]
        while waiting:
            where, one = waiting.pop(0)
            if (where, one) in line:
                continue
            line.append((where, one))
            for base in one.bases:
                found = self._resolver.find(where, base.text) if base.text else None
                if found and found.function and found.function.is_class:
                    waiting.append((found.path, found.function))
                elif found and found.outside:
                    outside.append(found.outside)
        return _View(path, cls, tuple(line), tuple(outside))

    def _base(self, view: _View) -> str:
        if given := view.field("route_base"):
            return self._resolver.text(*given)
        if any(base.rpartition(".")[2] == "IndexView" for base in view.outside):
            return ""
        name = view.cls.name.lower()
        if not any(base.rpartition(".")[2] in _APIS for base in view.outside):
            return name
        resource, version = view.field("resource_name"), view.field("version")
        return join(
            "api",
            self._resolver.text(*version) if version else "v1",
            self._resolver.text(*resource) if resource else name,
        )

    def _endpoints(self, view: _View) -> list[Endpoint]:
        base, above = self._base(view), Reading()
        included, excluded = self._names(view, "include_route_methods"), self._names(view, "exclude_route_methods")
        found: list[Endpoint] = []
        seen: set[str] = set()
        for path, cls in view.line:
            for method in cls.methods:
                if any(one.text.rpartition(".")[2] == "before_request" for one in method.decorators):
                    what = f"{method.name} runs before each request, and may refuse it"
                    above += Reading(unsure=(Span(path, method.line, what),))
        for path, cls in view.line:
            for method in cls.methods:
                if method.name in seen:
                    continue
                seen.add(method.name)
                if (included is not None and method.name not in included) or method.name in (excluded or ()):
                    continue
                found += [endpoint(NAME, route, base, above) for route in self._exposed(path, view.cls, method)]
        for outside in view.outside:
            for name, rule, verbs in _GIVEN.get(outside.rpartition(".")[2], ()):
                if name in seen or (included is not None and name not in included) or name in (excluded or ()):
                    continue
                seen.add(name)
                guard = Guard(Span(view.path, view.cls.line, f"{outside} asks for a permission on {name}"))
                for verb in verbs:
                    handler = f"{view.cls.name}.{name}"
                    route = Route(verb, _template(rule), handler, view.path, view.cls.line, reading=Reading((guard,)))
                    found.append(endpoint(NAME, route, base, above))
        return found

    def _names(self, view: _View, attribute: str) -> frozenset[str] | None:
        """The method names that a class lists, itself or by constants; None when it lists none, or not readably."""
        given = view.field(attribute)
        return self._listed(*given) if given else None

    def _listed(self, path: str, value: Expr, hops: int = 8) -> frozenset[str] | None:
        if hops == 0:
            return None
        if value.kind == "str":
            return frozenset((value.text,))
        if value.kind == "list":
            # A comment between the entries is one of its nodes.
            parts = [self._listed(path, item, hops - 1) for item in value.items if not item.text.startswith("#")]
            return frozenset().union(*(p for p in parts if p is not None)) if None not in parts else None
        owner, _, name = value.text.rpartition(".")
        if value.kind != "name" or not name:
            return None
        found = self._resolver.find(path, value.text)
        if found and found.binding:
            return self._listed(found.path, found.binding.value, hops - 1)
        holder = self._resolver.find(path, owner) if owner else None
        if holder is None or holder.function is None:
            return None
        constants = {f.name: f.default for f in holder.function.fields if f.default is not None}
        if name not in constants:
            return None
        # Constants of a class name one another without its name.
        inner = constants[name]
        plain = [constants.get(item.text, item) for item in inner.items] if inner.kind == "list" else []
        return self._listed(holder.path, replace(inner, items=tuple(plain)) if plain else inner, hops - 1)

    def _exposed(self, path: str, owner: Function, method: Function) -> list[Route]:
        wraps = tuple(one for one in method.decorators if not _ASKS_NOBODY.search(one.text))
        reading = decorated(self._reader, path, wraps, _TERMINALS)
        inline = self._reader.guards.inside(path, method)
        routes: list[Route] = []
        for decorator in method.decorators:
            if decorator.text.rpartition(".")[2] != "expose":
                continue
            rule = decorator.items[0] if decorator.items else decorator.get("url")
            given = decorator.get("methods") or (decorator.items[1] if len(decorator.items) > 1 else None)
            for verb in list(given.strings()) if given else ["GET"]:
                template = _template(self._resolver.text(path, rule) if rule else "/")
                handler = f"{owner.name}.{method.name}"
                routes.append(Route(verb.upper(), template, handler, path, method.line, method.code, reading, inline))
        return routes


def _template(rule: str) -> str:
    return _CONVERTER.sub(r"{\1}", rule)


READS = {NAME: AppBuilder}
