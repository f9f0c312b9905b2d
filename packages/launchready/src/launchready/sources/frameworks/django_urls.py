"""Walks ``urlpatterns``: path, re_path and url, include() of modules, lists, tuples and routers, ``+=`` and ``extend``."""

import re
from dataclasses import dataclass, replace

from launchready_guard.templates import regex_template
from msgspec import structs

from launchready.model.surface import Input
from launchready.sources.facts.conditions import condition
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.django_handed_back import handed_back
from launchready.sources.frameworks.django_paths import numbers_of, path_template
from launchready.sources.frameworks.django_settings import Project, Settings

_ENTRIES = frozenset(("path", "re_path", "url"))
_SAME = frozenset(("list", "tuple", "sorted", "format_suffix_patterns", "decorator_include", "patterns"))
_JOINS = frozenset(("reduce", "chain", "from_iterable", "sum"))
# static() serves files only while DEBUG is on, and staticfiles_urlpatterns() too.
_DEVELOPMENT = frozenset(("static", "staticfiles_urlpatterns"))
_DEEPEST = 25


@dataclass(frozen=True, slots=True)
class Mount:
    """What stands at a path: a ``view`` expression of ``file``, or the ``urls`` of some object or of a library. ``only_when`` is the
    condition in source without which it is not there, ``name`` its own behind those of its namespaces: empty for none, None where it is not known."""

    kind: str
    path: str
    file: str
    line: int
    target: Expr
    inputs: tuple[Input, ...] = ()
    wraps: tuple[Expr, ...] = ()
    project: Project | None = None
    only_when: str = ""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class _At:
    prefix: str
    inputs: tuple[Input, ...]
    seen: tuple[tuple[str, str], ...]
    project: Project | None
    wraps: tuple[Expr, ...] = ()
    only_when: str = ""
    # The names of the namespaces around, each with its colon, and whether the next module is told its own by who includes it.
    space: str = ""
    told: bool = True

    def mount(self, kind: str, file: str, line: int, target: Expr, name: str | None = None) -> Mount:
        return Mount(kind, self.prefix, file, line, target, self.inputs, self.wraps, self.project, self.only_when, name)

    def within(self, space: str) -> "_At":
        """The same in a namespace, where it has a name."""
        return replace(self, space=f"{self.space}{space}:" if space else self.space, told=self.told or bool(space))


class Urls:
    """Follows urlconfs. ``visited`` are the files whose ``urlpatterns`` were reached."""

    def __init__(self, reader: Reader, settings: Settings) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._settings = settings
        self.visited: set[str] = set()

    def conf(self, file: str, project: Project | None) -> list[Mount]:
        """Everything below a root urlconf."""
        return self._module(file, _At("", (), (), project))

    def _module(self, file: str, at: _At) -> list[Mount]:
        self.visited.add(file)
        module = self._resolver.module(file)
        own = module.bindings.get("app_name") if module is not None and not at.told else None
        inner = at.within(self._resolver.text(file, own.value)) if own is not None else at
        return self._name(file, Expr("name", "urlpatterns"), replace(inner, told=True))

    def _name(self, file: str, value: Expr, at: _At) -> list[Mount]:
        found = self._resolver.find(file, value.text)
        if found and not found.name and not found.outside:
            return self._module(found.path, at)
        if found and found.binding and found.binding.value.kind in ("list", "call", "name", "each"):
            key = (found.path, found.name)
            if found.name == "urlpatterns":
                self.visited.add(found.path)
            if key in at.seen or len(at.seen) > _DEEPEST:
                return []
            inner = replace(at, seen=(*at.seen, key))
            if found.binding.value.kind == "call" and not self._brings_patterns(found.binding.value):
                return self._object(file, value, at)
            return self._patterns(found.path, found.binding.value, inner) + self._added(*key, inner)
        return self._object(file, value, at)

    @staticmethod
    def _brings_patterns(call: Expr) -> bool:
        return call.text.rsplit(".", 1)[-1] in (_ENTRIES | _SAME | _DEVELOPMENT | _JOINS | {"i18n_patterns", "include"})

    def _object(self, file: str, value: Expr, at: _At) -> list[Mount]:
        """``router.urls``, ``admin.site.urls``, ``api.urls``, or the urls of a library."""
        return [at.mount("urls", file, value.line, value)]

    def _added(self, file: str, name: str, at: _At) -> list[Mount]:
        """What ``urlpatterns.extend``, ``append`` and ``insert`` put in."""
        found: list[Mount] = []
        module = self._resolver.module(file)
        for call in module.calls if module else ():
            owner, _, method = call.text.rpartition(".")
            if owner == name and method in ("extend", "append", "insert") and call.items:
                found += self._patterns(file, structs.replace(call.items[-1], when=call.when), at)
        return found

    def _patterns(self, file: str, value: Expr, at: _At) -> list[Mount]:
        at = replace(at, only_when=condition(value.when, at.only_when))
        match value.kind:
            case "list":
                return [mount for item in value.items for mount in self._patterns(file, item, at)]
            case "name":
                return self._name(file, value, at)
            case "call":
                return self._call(file, value, at)
            case "each":
                return [mount for item in value.items for mount in self._patterns(file, item, at)]
            case "either":
                then, other = value.items
                return [
                    *self._patterns(file, structs.replace(then, when=value.text), at),
                    *self._patterns(file, structs.replace(other, when=condition(value.text, holds=False)), at),
                ]
            case "other" if value.text.startswith("*"):
                return self._name(file, Expr("name", value.text.lstrip("*"), line=value.line), at)
        if value.text.strip():
            self._reader.lose(file, value.line, value.text.split("\n", 1)[0][:80])
        return []

    def _call(self, file: str, call: Expr, at: _At) -> list[Mount]:
        last = call.text.rsplit(".", 1)[-1]
        if last in _ENTRIES:
            return self._entry(file, call, last, at)
        if last == "i18n_patterns":
            # The language in the path is the one that is active: en, de, pt-br.
            inner = replace(
                at, prefix=at.prefix + "{language}/", inputs=(*at.inputs, Input("language", "path", "", True))
            )
            return [mount for item in call.items for mount in self._patterns(file, item, inner)]
        if last in _DEVELOPMENT:
            return []
        if last == "include" and call.items:
            return self._include(file, call.items[0], at)
        if last in _SAME and call.items:
            wraps = (*at.wraps, call.items[0]) if last == "decorator_include" else at.wraps
            inner = replace(at, wraps=wraps)
            return [mount for item in call.items for mount in self._patterns(file, item, inner) if item.kind != "str"]
        if last.endswith("[]") and (part := self._part(file, call)):
            return self._patterns(*part, at)
        if last in _JOINS:
            # reduce(add, groups): what is added up are lists, what adds them is none.
            lists = [item for item in call.items if item.kind != "name" or self._is_list(file, item)]
            return [mount for item in lists for mount in self._patterns(file, item, at)]
        found = self._resolver.find(file, call.text) if call.text and call.on is None else None
        key = (found.path, found.name) if found else ("", "")
        if found and key not in at.seen and len(at.seen) <= _DEEPEST and (made := handed_back(found, call)):
            return self._patterns(found.path, made, replace(at, seen=(*at.seen, key)))
        self._reader.lose(file, call.line, f"{call.text or 'a call'}() in urlpatterns")
        return []

    def _part(self, file: str, call: Expr) -> tuple[str, Expr] | None:
        """``pair[0]``: the entry of a list or tuple that a name is bound to."""
        found = self._resolver.find(file, call.text.removesuffix("[]"))
        held = found.binding.value.items if found and found.binding else ()
        index = call.items[0].text if call.items else ""
        return (found.path, held[int(index)]) if found and index.isdecimal() and int(index) < len(held) else None

    def _is_list(self, file: str, item: Expr) -> bool:
        found = self._resolver.find(file, item.text)
        return found is not None and found.binding is not None

    def _entry(self, file: str, call: Expr, kind: str, at: _At) -> list[Mount]:
        first = call.items[0] if call.items else call.get("route") or call.get("regex")
        view = call.items[1] if len(call.items) > 1 else call.get("view")
        if view is None:
            return []
        route = self._settings.filled(at.project, file, first)
        inputs: tuple[Input, ...] = ()
        if kind == "path":
            route, inputs = path_template(route)
        else:
            route, inputs = regex_template(route), numbers_of(route)
        here = replace(at, prefix=at.prefix + route, inputs=(*at.inputs, *inputs))
        last = view.text.rsplit(".", 1)[-1] if view.kind == "call" else ""
        here = replace(here, told=False).within(self._resolver.text(file, view.get("namespace")))
        if last == "include" and view.items:
            return self._include(file, view.items[0], here)
        if last == "decorator_include" and len(view.items) > 1:
            return self._include(file, view.items[1], replace(here, wraps=(*here.wraps, view.items[0])))
        if view.kind == "list" and view.items:
            return self._include(file, view, here)
        if view.kind == "name" and view.text.endswith(".urls"):
            return self._object(file, view, here)
        name = call.get("name") or (call.items[3] if len(call.items) > 3 else None)
        return [
            here.mount("view", file, call.line, view, f"{at.space}{self._resolver.text(file, name)}" if name else "")
        ]

    def _include(self, file: str, target: Expr, at: _At) -> list[Mount]:
        if target.kind == "list":
            first = target.items[0] if target.items else None
            # include((patterns, app_name)): a pair, not a list of patterns.
            named = len(target.items) in (2, 3) and target.items[1].kind in ("str", "name")
            if first is not None and named and (first.kind != "call" or first.text.endswith("[]")):
                return self._include(
                    file, first, at if at.told else at.within(self._resolver.text(file, target.items[1]))
                )
            return self._patterns(file, target, at)
        if target.kind == "str":
            module = self._resolver.python_file(file, target.text)
            if module is None:
                return [at.mount("library", file, target.line, target)]
            key = (module, "urlpatterns")
            return [] if key in at.seen or len(at.seen) > _DEEPEST else self._module(module, at)
        if target.kind in ("name", "call"):
            found = self._resolver.find(file, target.text) if target.kind == "name" else None
            if found and found.outside and not target.text.endswith(".urls"):
                return [at.mount("library", file, target.line, Expr("str", found.outside))]
            return self._patterns(file, target, at)
        self._reader.lose(file, target.line, f"include({target.text[:60]})")
        return []


def full(path: str) -> str:
    """A template as it is called: one slash in front, none doubled."""
    return re.sub(r"//+", "/", "/" + path)
