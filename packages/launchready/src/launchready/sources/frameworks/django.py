"""Django, Django REST framework and Django Ninja: from ROOT_URLCONF through every include to the views behind it."""

import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, once, unmounted
from launchready.sources.frameworks.django_channels import NAMES as CONSUMERS
from launchready.sources.frameworks.django_channels import Channels
from launchready.sources.frameworks.django_classes import Classes
from launchready.sources.frameworks.django_ninja import NAME as NINJA
from launchready.sources.frameworks.django_ninja import Ninja
from launchready.sources.frameworks.django_rest import Routers
from launchready.sources.frameworks.django_settings import Project, Settings
from launchready.sources.frameworks.django_urls import Mount, Urls, full
from launchready.sources.frameworks.django_views import NAME, REST, Place, Views
from launchready.sources.marks import Mark
from launchready.sources.passage_names import Scope, Texts
from launchready.sources.readings import Guard, Reading
from launchready.sources.url_names import UrlNames

_MARKS = {
    NAME: Mark(re.compile(rb"\bdjango\b"), (b"django",)),
    REST: Mark(re.compile(rb"\brest_framework\b"), (b"rest_framework",)),
    NINJA: Mark(re.compile(rb"\b(?:from|import)\s+ninja\b"), (b"ninja",)),
}
_ROUTES = (b"urlpatterns", b"Router", b"router", b"NinjaAPI", b"ROOT_URLCONF", b"REST_FRAMEWORK", b"MIDDLEWARE")
_OPERATION = Mark(re.compile(rb"^@\w+\.(?:get|post|put|patch|delete|api_operation)\(", re.M), (b"@",))
_ADMIN_SITE = re.compile(r"^django\.contrib\.(?:admin|gis\.admin)\b.*\bsite$|AdminSite\w*$")
# django.contrib.admin: every page but the login asks AdminSite.has_permission, which wants is_staff.
_ADMIN = (("GET", ""), ("GET", "{app_label}/{model_name}/"), ("POST", "{app_label}/{model_name}/"))
_ADMIN_LOGIN = (("GET", "login/"), ("POST", "login/"))
_FAMILY = "django"


def _with_routes(reader: Reader) -> list[str]:
    """The files that are read in any case: those that may hold routes."""
    wanted: set[str] = set()
    for name, mark in _MARKS.items():
        found = reader.bearing(mark, ".py")
        reader.used.update([name] if found else [])
        # Views, forms and permissions are read when a route leads to them.
        wanted.update(path for path in found if any(word in (reader.tree.bytes(path) or b"") for word in _ROUTES))
    if NINJA in reader.used:
        wanted.update(reader.bearing(_OPERATION, ".py"))
    return sorted(wanted)


class Django:
    """Reads the part of a Django project that Django itself answers."""

    name = NAME

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self) -> tuple[Endpoint, ...]:
        """The endpoints this framework answers; the family is read once."""
        if _FAMILY not in self._reader.shared:
            self._reader.shared[_FAMILY] = _Family(self._reader).read()
        return tuple(one for one in self._reader.shared[_FAMILY] if one.framework == self.name)


class Rest(Django):
    """The part that Django REST framework answers."""

    name = REST


class NinjaApis(Django):
    """The part that Django Ninja answers."""

    name = NINJA


class _Family:
    """All three, which share urlconfs, settings and guards."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        modules = reader.modules(_with_routes(reader))
        self._modules = modules
        self._classes = Classes(self._resolver)
        self._settings = Settings(reader, modules)
        self._views = Views(reader, self._classes, self._settings)
        self._routers = Routers(reader, self._classes, self._views, modules)
        self._ninja = Ninja(reader, self._classes, self._views.guards, modules)
        self._mounted: set[tuple[str, str]] = set()
        self._owners: dict[tuple[str, tuple[str, ...]], int] = {}

    def read(self) -> tuple[Endpoint, ...]:
        """Every endpoint, in the order in which Django would try them."""
        found: list[Endpoint] = []
        visited: set[str] = set()
        projects = self._settings.projects()
        for project in projects:
            urls = Urls(self._reader, self._settings)
            mounts = urls.conf(project.root, project)
            names = self._names(project, mounts)
            for index, mount in enumerate(mounts):
                found += self._mount(index, mount, Reading(), names)
            self._owners.clear()
            visited |= urls.visited
        for module in self._modules:
            for name in CONSUMERS:
                if name in module.bindings:
                    channels = Channels(self._reader, self._classes)
                    routes = channels.routes(module.path, module.bindings[name].value)
                    found += self._endpoints([(NAME, route) for route in routes], Reading())
        found += self._orphans(visited, projects[0] if len(projects) == 1 else None)
        return once(found)

    def _orphans(self, visited: set[str], project: Project | None) -> list[Endpoint]:
        """Urlconfs, routers and APIs that nothing we can see mounts: kept, but never called open."""
        left = [m for m in self._modules if "urlpatterns" in m.bindings and m.path not in visited]
        below: set[str] = set()
        walked: list[tuple[Module, list[Mount]]] = []
        for module in left:
            urls = Urls(self._reader, self._settings)
            walked.append((module, urls.conf(module.path, project)))
            below |= urls.visited - {module.path}
        found: list[Endpoint] = []
        for module, mounts in walked:
            if module.path not in below:
                above = unmounted(self._reader, (module.path, "urlpatterns"))
                for index, mount in enumerate(mounts):
                    found += self._mount(index, mount, above)
        for router in [*self._routers.roots(), *self._ninja.roots()]:
            if router not in self._mounted:
                module_at = self._resolver.module(router[0])
                line = module_at.bindings[router[1]].line if module_at else 0
                place = Place("", router[0], line, (), project)
                found += self._object(router, place, unmounted(self._reader, router))
        return found

    def _names(self, project: Project, mounts: list[Mount]) -> UrlNames:
        """How the addresses of a project are named; of two of one name the last one is meant."""

        def setting(name: str) -> str | Texts | None:
            found = self._settings.value(project, name)
            return Scope(self._resolver, found[0]).told(*found) if found else None

        return UrlNames({mount.name: full(mount.path) for mount in mounts if mount.name}, setting)

    def _mount(self, index: int, mount: Mount, above: Reading, names: UrlNames | None = None) -> list[Endpoint]:
        above = above.reached_when(mount.only_when)
        for wrap in mount.wraps:
            above += self._views.guards.wrapper(mount.file, wrap)
        place = Place(
            full(mount.path), mount.file, mount.line, mount.inputs, mount.project, name=mount.name, urls=names
        )
        if mount.kind == "view":
            found = self._endpoints(self._views.of(place, mount.target), above)
        elif mount.kind == "urls":
            found = self._urls(mount, place, above)
        else:
            found = self._library(mount, place, above)
        kept = []
        for one in found:
            # The first pattern that matches takes every method, also those its view refuses.
            key = (one.path, tuple(i.type for i in one.inputs if i.where == "path"))
            if self._owners.setdefault(key, index) == index:
                kept.append(one)
        return kept

    def _urls(self, mount: Mount, place: Place, above: Reading) -> list[Endpoint]:
        owner = mount.target.text.removesuffix(".urls")
        for key in (self._routers.key(mount.file, owner), self._ninja.key(mount.file, owner)):
            if key is not None:
                self._mounted.add(key)
                return self._object(key, place, above)
        if self._is_admin(mount.file, owner):
            return self._admin(mount, place, above)
        found = self._resolver.find(mount.file, mount.target.text)
        if found and found.outside:
            return self._library(replace(mount, target=Expr("str", found.outside, line=mount.line)), place, above)
        self._reader.lose(mount.file, mount.line, f"{mount.target.text or 'an include'}, mounted at {place.path}")
        return []

    def _object(self, key: tuple[str, str], place: Place, above: Reading) -> list[Endpoint]:
        if self._routers.key(*key):
            return self._endpoints(self._routers.routes(key, place), above)
        return self._endpoints([(NINJA, route) for route in self._ninja.routes(key, place)], above)

    def _is_admin(self, file: str, owner: str) -> bool:
        found = self._resolver.find(file, owner)
        if found and found.binding and found.binding.value.kind == "call":
            made = self._classes.named(found.path, Expr("name", found.binding.value.text))
            return any(kin.name.endswith("AdminSite") for kin in made)
        named = found.outside if found and found.outside else owner
        return bool(_ADMIN_SITE.search(named)) or owner in ("admin.site", "admin_site")

    def _admin(self, mount: Mount, place: Place, above: Reading) -> list[Endpoint]:
        span = Span(mount.file, mount.line, "the admin site refuses everybody who is no staff")
        guarded = Reading((Guard(span, ("staff",)),))
        rows = [(verb, path, guarded) for verb, path in _ADMIN] + [
            (verb, path, Reading()) for verb, path in _ADMIN_LOGIN
        ]
        routes = [
            (NAME, Route(verb, full(f"{place.path}{path}"), "admin", mount.file, mount.line, reading=reading))
            for verb, path, reading in rows
        ]
        return self._endpoints(routes, above)

    def _library(self, mount: Mount, place: Place, above: Reading) -> list[Endpoint]:
        rows = included().get(mount.target.text)
        if rows is None:
            self._reader.lose(mount.file, mount.line, f"{mount.target.text}, mounted at {place.path}")
            return []
        found: list[tuple[str, Route]] = []
        for row in rows:
            verbs, path, who = row.split(" ")
            span = Span(mount.file, mount.line, f"{mount.target.text} of the library")
            guard = Reading((Guard(span, ("staff",) if who == "staff" else ()),))
            reading = Reading() if who == "open" else Reading(unsure=(span,)) if who == "unknown" else guard
            framework = REST if mount.target.text.startswith(("dj_rest_auth", "djoser")) else NAME
            for verb in verbs.split(","):
                at = full(f"{place.path}{path.removeprefix('/')}")
                found.append((framework, Route(verb, at, mount.target.text, mount.file, mount.line, reading=reading)))
        return self._endpoints(found, above)

    @staticmethod
    def _endpoints(routes: list[tuple[str, Route]], above: Reading) -> list[Endpoint]:
        # A slash at the end is part of the address: Django answers without it by a redirect, and only to what reads.
        return [replace(endpoint(name, route, "", above), path=full(route.path)) for name, route in routes]


@cache
def included() -> dict[str, list[str]]:
    """The rows of ``rules/django_included.toml`` by module."""
    rules = Path(__file__).parents[1] / "rules" / "django_included.toml"
    return {row["module"]: row["routes"] for row in tomllib.loads(rules.read_text(encoding="utf-8"))["urls"]}


EXPECTS = _with_routes
READS = {NAME: Django, REST: Rest, NINJA: NinjaApis}
