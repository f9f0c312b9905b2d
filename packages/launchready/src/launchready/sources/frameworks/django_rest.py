"""Routers of Django REST framework: what they register, and the routes that viewsets get from it.

The routes of each router: django-rest-framework.org/api-guide/routers; nested ones: github.com/alanjds/drf-nested-routers.
"""

from dataclasses import dataclass, field, replace

from launchready_guard.templates import regex_template

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.common import Reader, Route
from launchready.sources.frameworks.django_classes import Classes, Kin, attribute
from launchready.sources.frameworks.django_stranger import Case
from launchready.sources.frameworks.django_views import REST, Place, Views, actions_of

_LIST, _DETAIL = ("list", "create"), ("retrieve", "update", "partial_update", "destroy")
_VERBS = ("get", "post", "put", "patch", "delete")
_EXTRA = frozenset(("action", "list_route", "detail_route"))


@dataclass(frozen=True, slots=True)
class _Registered:
    prefix: str
    file: str
    view: Expr
    line: int


@dataclass(slots=True)
class _Router:
    kind: str
    slash: str
    file: str
    line: int
    parent: tuple[str, str] | None = None
    prefix: str = ""
    lookup: str = ""
    registered: list[_Registered] = field(default_factory=list)
    taken: list[tuple[str, str]] = field(default_factory=list)


class Routers:
    """Every router of a tree, by file and name."""

    def __init__(self, reader: Reader, classes: Classes, views: Views, modules: list[Module]) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._classes = classes
        self._views = views
        self._routers: dict[tuple[str, str], _Router] = {}
        for module in modules:
            for name, binding in module.bindings.items():
                if binding.value.kind == "call" and (kind := self._kind(module.path, binding.value)):
                    self._routers[module.path, name] = self._made(module, kind, binding.value)
        for module in modules:
            for call in [*module.calls, *(c for f in module.functions.values() for c in f.calls)]:
                self._registers(module, call)

    def _kind(self, path: str, call: Expr) -> str:
        last = call.text.rsplit(".", 1)[-1]
        if "Router" not in last or last == "APIRouter":
            return ""
        order = self._classes.named(path, Expr("name", call.text, line=call.line))
        names = [kin.name for kin in order if kin.cls is None]
        if any(
            name.startswith(("rest_framework", "rest_framework_nested", "rest_framework_extensions")) for name in names
        ):
            return next((name.rsplit(".", 1)[-1] for name in names if name.endswith("Router")), "")
        return ""

    def _made(self, module: Module, kind: str, call: Expr) -> _Router:
        slash = call.get("trailing_slash")
        router = _Router(kind, "" if slash is not None and slash.text == "False" else "/", module.path, call.line)
        if "Nested" in kind and len(call.items) > 1:
            router.parent = self.key(module.path, call.items[0].text) or (module.path, call.items[0].text)
            router.prefix = self._resolver.text(module.path, call.items[1])
            router.lookup = self._resolver.text(module.path, call.get("lookup")) or "nested"
        return router

    def key(self, path: str, dotted: str) -> tuple[str, str] | None:
        """The router that a name stands for."""
        found = self._resolver.find(path, dotted) if dotted else None
        key = (found.path, found.name) if found else (path, dotted)
        return key if key in self._routers else None

    def roots(self) -> list[tuple[str, str]]:
        """The routers that stand in no other one."""
        inner = {other for router in self._routers.values() for other in router.taken}
        return [key for key, router in self._routers.items() if router.registered and key not in inner]

    def _registers(self, module: Module, call: Expr) -> None:
        owner, _, name = call.text.rpartition(".")
        if name not in ("register", "extend"):
            return
        key = self.key(module.path, owner.removesuffix(".registry"))
        if key is None:
            return
        if name == "extend" and owner.endswith(".registry") and call.items:
            other = self.key(module.path, call.items[0].text.removesuffix(".registry"))
            if other and other != key:
                self._routers[key].taken.append(other)
            return
        prefix = call.items[0] if call.items else call.get("prefix")
        view = call.items[1] if len(call.items) > 1 else call.get("viewset")
        if prefix is None or view is None:
            return
        prefixes, views = self._each(module.path, prefix), self._each(module.path, view)
        if len(prefixes) != len(views):
            prefixes, views = [prefix], [view]
        for one, viewset in zip(prefixes, views, strict=True):
            template = regex_template(self._resolver.text(module.path, one))
            self._routers[key].registered.append(_Registered(template, module.path, viewset, call.line))

    def _each(self, path: str, value: Expr) -> list[Expr]:
        """What a name stands for, once for each turn of the loop that binds it."""
        found = self._resolver.find(path, value.text) if value.kind == "name" else None
        bound = found.binding.value if found and found.binding else None
        if found is None or bound is None or bound.kind != "each":
            return [value]
        series = bound.items[0]
        if series.kind in ("name", "call"):
            there = self._resolver.find(found.path, series.text.removesuffix(".items"))
            series = there.binding.value if there and there.binding else series
        place = int(bound.text or "0")
        if series.kind == "dict":
            return [Expr("str", name, line=one.line) if place == 0 else one for name, one in series.named]
        pairs = [item.items if item.kind == "list" else (item,) for item in series.items]
        return [pair[place] for pair in pairs if place < len(pair)] or [value]

    def routes(
        self, key: tuple[str, str], place: Place, seen: tuple[tuple[str, str], ...] = ()
    ) -> list[tuple[str, Route]]:
        """The routes of a router that is mounted at ``place``."""
        router = self._routers[key]
        if key in seen:
            return []
        found: list[tuple[str, Route]] = []
        base = place.path + self._nested(router)
        for one in router.registered:
            found += self._viewset(router, one, replace(place, path=base))
        for other in router.taken:
            found += self.routes(other, place, (*seen, key))
        if router.kind.endswith("DefaultRouter"):
            case = Case("GET")
            route = Route(
                "GET", base, "api-root", router.file, router.line, reading=self._views.defaults(place.project, case)
            )
            found.append((REST, route))
        return found

    def _nested(self, router: _Router) -> str:
        """``domains/{domain_pk}/``, for the router of what belongs to a domain."""
        prefix, hops = "", 0
        while router.parent is not None and hops < 6:
            above = self._routers.get(router.parent)
            field_name = "pk"
            for one in above.registered if above else ():
                if one.prefix == router.prefix:
                    field_name = _lookup(self._classes.named(one.file, one.view))
            prefix = f"{router.prefix}/{{{router.lookup}_{field_name}}}/{prefix}"
            if above is None:
                break
            router, hops = above, hops + 1
        return prefix

    def _viewset(self, router: _Router, one: _Registered, place: Place) -> list[tuple[str, Route]]:
        order = self._classes.named(one.file, one.view)
        if not order:
            self._reader.lose(one.file, one.line, f"{one.view.text or 'a viewset'}, registered as {one.prefix}")
            return []
        home = place.path + (f"{one.prefix}/" if one.prefix else "")
        listed = home.removesuffix("/") + router.slash if one.prefix else home
        lookup = _lookup(order)
        record = f"{home}{{{lookup}}}{router.slash}"
        at_list = replace(place, path=listed)
        known = Input(lookup, "path", "", True)
        at_record = replace(place, path=record, inputs=(*place.inputs, known))
        has = actions_of(order)
        found = self._extra(router, order, home, lookup, place)
        for where, names in ((at_list, _LIST), (at_record, _DETAIL)):
            chosen = {has[name]: name for name in names if name in has}
            found += self._views.of_class(where, order, chosen=chosen) if chosen else []
        if not has and not found and any(kin.cls is None and not kin.known for kin in order):
            self._reader.lose(one.file, one.line, f"what {one.view.text} inherits, registered as {one.prefix}")
        return found

    def _extra(
        self, router: _Router, order: tuple[Kin, ...], home: str, lookup: str, place: Place
    ) -> list[tuple[str, Route]]:
        found: list[tuple[str, Route]] = []
        names: set[str] = set()
        for kin in order:
            for body in kin.cls.methods if kin.cls else ():
                marks = [one for one in body.decorators if one.text.rsplit(".", 1)[-1] in _EXTRA]
                if body.name in names or not marks:
                    continue
                names.add(body.name)
                mark = marks[0]
                detail = mark.get("detail")
                on_record = mark.text.endswith("detail_route") or (detail is not None and detail.text == "True")
                given = mark.get("url_path")
                path = regex_template(self._resolver.text(kin.path, given)) if given is not None else body.name
                methods = mark.get("methods")
                verbs = [verb.lower() for verb in methods.strings()] if methods else ["get"]
                chosen = {verb.upper(): body.name for verb in verbs if verb in _VERBS}
                for other in kin.cls.methods if kin.cls else ():
                    for decorator in other.decorators:
                        verb = decorator.text.removeprefix(f"{body.name}.mapping.")
                        if verb in _VERBS:
                            chosen[verb.upper()] = other.name
                inputs = (*place.inputs, Input(lookup, "path", "", True)) if on_record else place.inputs
                full = home + (f"{{{lookup}}}/" if on_record else "") + path + router.slash
                at = replace(place, path=full, inputs=inputs)
                found += self._views.of_class(at, order, chosen=chosen, extra=mark)
        return found


def _lookup(order: tuple[Kin, ...]) -> str:
    for name in ("lookup_url_kwarg", "lookup_field"):
        found = attribute(order, name)
        if found and found[1].kind == "str" and found[1].text:
            return found[1].text
    return "pk"
