"""Flask: what routes hang on (apps, blueprints, APIs and namespaces), and which of them a name stands for."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from launchready.sources.facts.shape import Expr, Module
from launchready.sources.found import Found
from launchready.sources.frameworks.common import Route
from launchready.sources.frameworks.flask_apps import made, made_in
from launchready.sources.frameworks.flask_hooks import Hook
from launchready.sources.frameworks.flask_inputs import template_of
from launchready.sources.frameworks.handed import Handed, takes
from launchready.sources.passage_values import Asked, Nothing, Value
from launchready.sources.readings import Reading
from launchready.sources.resolver import Resolver
from launchready.sources.returned import returned_names

_HOPS = 4
# A file and a name in it.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """A route, and the name by which Flask knows its view in its blueprint; None where that is not known."""

    route: Route
    name: str | None


@dataclass(slots=True)
class Owner:
    """An app, a blueprint (``name`` is the one it was given; None where that cannot be read) or an API, whose name is empty. ``around`` are decorators of all its views."""

    prefix: str
    is_app: bool
    name: str | None = ""
    around: tuple[Expr, ...] = ()
    hooks: tuple[Hook, ...] = ()
    reading: Reading = field(default_factory=Reading)
    views: list[View] = field(default_factory=list)
    children: list[tuple[Key, str, str]] = field(default_factory=list)
    mounted: bool = False


class Owners(dict[Key, Owner]):
    """All of a tree."""

    def __init__(self, resolver: Resolver, modules: Iterable[Module]) -> None:
        super().__init__()
        self._resolver = resolver
        modules = tuple(modules)
        self._calls = Handed(resolver, modules)
        for module in modules:
            for name, value in made_in(module):
                if one := made(resolver, module.path, value):
                    self[module.path, name] = Owner(
                        template_of(one.prefix), one.kind == "app", one.name, one.decorators
                    )

    def mount(self, parent: Key | None, child: Key, prefix: str | None = None, when: str = "") -> None:
        """Hang one on another, under its own prefix where none is given with it."""
        if parent and parent != child:
            own = self[child].prefix if prefix is None else template_of(prefix)
            self[parent].children.append((child, own, when))
            self[child].mounted = True

    def key(self, path: str, dotted: str, hops: int = _HOPS) -> Key | None:
        """The app or blueprint that a name stands for in a file."""
        found = self._resolver.find(path, dotted) if dotted else None
        if found and found.outside == "flask.current_app":
            # A module that a factory imports while its app is current.
            return self.only_app()
        key = (found.path, found.name) if found else (path, dotted)
        if found and key not in self and found.binding and found.binding.value.kind == "call":
            called = found.binding.value.text
            made = self._resolver.find(found.path, called) if called else None
            return self._made_by(made) or self._handed_back(made)
        if found and found.function:
            return self._handed_back(found)
        if key in self:
            return key
        return self._handed(path, dotted, hops) if found is None and hops and dotted.isidentifier() else None

    def only_app(self) -> Key | None:
        """The app, where there is one."""
        apps = [key for key, one in self.items() if one.is_app]
        return apps[0] if len(apps) == 1 else None

    def _handed(self, path: str, name: str, hops: int) -> Key | None:
        """What a function is handed under a name, by who calls it; else the one app."""
        if not takes(self._resolver.module(path), name):
            return None
        found = (self.key(where, text, hops - 1) for where, text in self._calls.to(path, name))
        given = {key for key in found if key}
        return next(iter(given)) if len(given) == 1 else None if given else self.only_app()

    def _handed_back(self, factory: Found | None) -> Key | None:
        """The one that a factory makes and hands back: ``app.register_blueprint(tags.create_blueprint(store), url_prefix="/tags")``."""
        function = factory.function if factory else None
        if factory is None or function is None or function.is_class:
            return None
        handed = {(factory.path, name) for name in returned_names(function, Expr("call"))}
        made = [key for key in handed if key in self and re.search(rf"\b{key[1]}\s*=[^=]", function.code)]
        return made[0] if len(made) == 1 else None

    def _made_by(self, factory: Found | None) -> Key | None:
        """The app of the file in which a factory stands: ``app = create_app("development")``."""
        if factory is None or factory.function is None or "Flask(" not in factory.function.code:
            return None
        apps = [key for key, one in self.items() if one.is_app and key[0] == factory.path]
        return apps[0] if len(apps) == 1 else None


def asked_of(way: Sequence[Owner], view: View, path: str) -> Asked:
    """A request to a view as hooks see it: Flask knows it by its name behind those of its blueprints, which are joined by dots."""
    names = [one.name for one in way if not one.is_app and one.name != ""]
    known = [name for name in names if name is not None]
    blueprint: Value = Nothing() if not names else ".".join(known) if len(known) == len(names) else None
    of_api = way[-1].name == "" and not way[-1].is_app
    prefix = f"{blueprint}." if isinstance(blueprint, str) else ""
    name = None if view.name is None or blueprint is None or of_api else f"{prefix}{view.name}"
    for one in view.route.inputs:
        # A converter lets nothing else through.
        path = path.replace(f"{{{one.name}}}", "1") if one.where == "path" and one.type in ("int", "float") else path
    return Asked(view.route.method, path, path, name, blueprint)
