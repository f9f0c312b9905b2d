"""The settings of a Django project: its root urlconf, its middleware, and what REST framework demands by default."""

import re
from dataclasses import dataclass, replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.django_doors import Door, door
from launchready.sources.frameworks.django_stranger import Case, text
from launchready.sources.frameworks.django_ways import paths
from launchready.sources.frameworks.doorkeepers import Doorkeeper, doorkeeper
from launchready.sources.passage_names import Scope
from launchready.sources.readings import Guard, Reading
from launchready.sources.refusals import REFUSES

_LOGIN_MIDDLEWARE = "django.contrib.auth.middleware.LoginRequiredMiddleware"
_BEFORE_VIEW = ("process_request", "process_view")
_ENTRIES = ("__call__", "process_request", "process_view")

# Wherever strangers are sent to, they do not get where they wanted.
_FOR_WANT_OF_A_SESSION = re.compile(
    r"\b(?:not\s+(?:\w+\.)*user\.is_authenticated|user\.is_anonymous)\b[^\n]*:[ \t]*\n(?:[^\n]*\n){0,8}?[^\n]*\breturn\s+(?:\w+\.)?(?:redirect|HttpResponseRedirect)\("
)


@dataclass(frozen=True, slots=True)
class Project:
    """One urlconf that settings name as the root. ``files`` are those settings; ``reading`` is what its middleware does for every
    address, ``doors`` what it does by address."""

    root: str
    files: tuple[str, ...]
    reading: Reading
    doors: tuple[Door | Doorkeeper, ...] = ()


class Settings:
    """Looks values up in the settings modules of a tree."""

    def __init__(self, reader: Reader, modules: list[Module]) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._modules = [module for module in modules if _sets(module, "ROOT_URLCONF")]
        self._others = [
            module
            for module in modules
            if module not in self._modules and {"MIDDLEWARE", "REST_FRAMEWORK"} & set(module.bindings)
        ]

    def projects(self) -> list[Project]:
        """The root urlconfs that can be found in the tree, each with the settings that name it."""
        roots: dict[str, list[str]] = {}
        for module in self._modules:
            named = _sets(module, "ROOT_URLCONF") or Expr("other")
            dotted = self._resolver.text(module.path, named)
            if root := self._resolver.python_file(module.path, dotted):
                roots.setdefault(root, []).append(module.path)
            else:
                self._reader.lose(module.path, named.line, f"ROOT_URLCONF = {dotted}")
        found = []
        for root, files in roots.items():
            near = [m.path for m in self._others if any(self._builds_on(m, path) for path in files)]
            reading, doors = Reading(), list[Door | Doorkeeper]()
            for file in files:
                reading += self._middleware(file, doors)
            found.append(Project(root, (*near, *files), reading, tuple(doors)))
        return found

    def _builds_on(self, module: Module, path: str) -> bool:
        return any(self._resolver.python_file(module.path, star) == path for star in module.stars)

    def value(self, project: Project | None, name: str) -> tuple[str, Expr] | None:
        """What a setting is bound to, and in which file; None when no settings of the project set it."""
        for file in project.files if project else ():
            if found := self._bound(file, name):
                return found
        return None

    def text(self, name: str) -> str:
        """The string that all settings of the tree bind a name to; empty when they disagree or none does."""
        values = (_sets(module, name) for module in (*self._modules, *self._others))
        bound = (self._bound(module.path, name) for module in self._modules)
        texts = {
            one.text
            for one in (*values, *(found[1] for found in bound if found))
            if one is not None and one.kind == "str"
        }
        return texts.pop() if len(texts) == 1 else ""

    def _bound(self, file: str, name: str) -> tuple[str, Expr] | None:
        found = self._resolver.find(file, name)
        if found and found.binding:
            return found.path, found.binding.value
        module = self._resolver.module(file)
        value = _sets(module, name) if module else None
        return (file, value) if value is not None else None

    def rest(self, project: Project | None, key: str) -> list[tuple[str, Expr]]:
        """The values of a key of REST_FRAMEWORK, one for each settings file that sets the dictionary."""
        found: dict[tuple[str, int], tuple[str, Expr]] = {}
        for file in project.files if project else ():
            if where := self._bound(file, "REST_FRAMEWORK"):
                path, bound = where
                value = bound.get(key) or Expr("list" if bound.kind == "dict" else "other", bound.text, line=bound.line)
                found[path, bound.line] = (path, value)
        return list(found.values())

    def filled(self, project: Project | None, file: str, route: Expr | None) -> str:
        """The string of a route, with values of ``settings`` put in."""
        if route is not None and route.kind == "name" and route.text.startswith("settings."):
            route = Expr("str", "{" + route.text + "?}", line=route.line)
        return re.sub(r"\{settings\.(\w+)\?\}", lambda m: self._plain(project, m), self._resolver.text(file, route))

    def _plain(self, project: Project | None, match: re.Match[str]) -> str:
        found = self.value(project, match.group(1))
        known = self._resolver.text(*found) if found else ""
        return known if known and "?}" not in known else match.group()

    def _middleware(self, file: str, doors: list[Door | Doorkeeper]) -> Reading:
        found = self._bound(file, "MIDDLEWARE")
        reading = Reading()
        for one in found[1].items if found else ():
            if one.kind == "str" and found is not None:
                reading += self._one(found[0], one, doors)
        return reading

    def _one(self, file: str, entry: Expr, doors: list[Door | Doorkeeper]) -> Reading:
        module, _, name = entry.text.rpartition(".")
        if entry.text == _LOGIN_MIDDLEWARE:
            return Reading(
                (Guard(Span(file, entry.line, "LoginRequiredMiddleware sends strangers to the login page")),)
            )
        target = self._resolver.python_file(file, module) if module else None
        found = self._resolver.find(target, name) if target else None
        if found is None or found.function is None:
            return Reading()
        bodies = (
            [m for m in found.function.methods if m.name in _ENTRIES] if found.function.is_class else [found.function]
        )
        refusing = [body for body in bodies if self._refuses(found.path, body)]
        if refusing:

            def bound(name: str) -> Expr | None:
                setting = self._bound(file, name)
                return setting[1] if setting else None

            own = door(self._resolver.module(found.path), found.function, found.path, bound)
            if own is not None and len(refusing) > 1:
                doors.append(own)
                return Reading()
            what = f"middleware {name}"
            if len(refusing) > 1:
                # None of its methods says all.
                span = Span(found.path, found.function.line, f"{what} refuses some requests")
                return Reading(unsure=(span,))
            guard = Guard(Span(found.path, found.function.line, what))
            scope, body = Scope(self._resolver, found.path), refusing[0]
            keeper = doorkeeper(scope, body.code, guard, "", returns=body.name in _BEFORE_VIEW)
            doors.append(replace(keeper, otherwise=own))
            return Reading()
        return Reading()

    def _refuses(self, path: str, body: Function) -> bool:
        guard = self._reader.guards.function(path, body)
        if _FOR_WANT_OF_A_SESSION.search(body.code):
            return True
        if guard is not None and not guard.by_caller:
            # Addresses that are blocked, or an app in maintenance: nobody is asked who they are.
            return False
        # A bad token that ends in an except clause is no refusal of those who bring none.
        ends = paths(body.code, Case("GET", handlers=False))
        if any(end.value is not None and REFUSES.search(f"{end.how} {text(end.value)}") for end in ends):
            return True
        return guard is not None and (not ends or (guard.span.file, guard.span.line) != (path, body.line))


def _sets(module: Module, name: str) -> Expr | None:
    """What a settings module binds to a name, itself or in a class of settings (django-configurations)."""
    if name in module.bindings:
        return module.bindings[name].value
    for cls in module.functions.values():
        for entry in cls.fields:
            if entry.name == name and entry.default is not None:
                return entry.default
    return None
