"""Apps and routers that routes are registered on, and how they are mounted in each other."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, join, unmounted
from launchready.sources.readings import Reading

Key = tuple[str, str]
_NOTHING = Reading()


@dataclass(slots=True)
class Owner:
    """An app, blueprint or router: ``children`` are those mounted in it, each with a prefix and what is asked for on the way."""

    prefix: str = ""
    is_app: bool = False
    reading: Reading = field(default_factory=Reading)
    routes: list[Route] = field(default_factory=list)
    children: list[tuple[Key, str, Reading]] = field(default_factory=list)
    mounted: bool = False


class Owners:
    """The owners of a tree, by file and name. ``terminals`` are the decorators by which libraries of a framework refuse strangers."""

    def __init__(self, reader: Reader, framework: str, terminals: re.Pattern[str]) -> None:
        self._reader, self._framework, self._terminals = reader, framework, terminals
        self.all: dict[Key, Owner] = {}
        self._aliases: dict[Key, Key] = {}

    def key(self, path: str, dotted: str) -> Key | None:
        """The owner that a name in a file stands for."""
        if (path, dotted) in self._aliases:
            return self._aliases[path, dotted]
        found = self._reader.resolver.find(path, dotted) if dotted else None
        key = (found.path, found.name) if found else (path, dotted)
        return key if key in self.all else None

    def passed(self, module: Module) -> None:
        """Parameters that stand for an owner: ``setup_routes(app)`` registers on the app it is given."""
        for call in module.calls:
            given = [(at, key) for at, item in enumerate(call.items) if (key := self.key(module.path, item.text))]
            found = self._reader.resolver.find(module.path, call.text) if given and call.text else None
            if found is None or found.function is None or found.function.is_class:
                continue
            for at, key in given:
                if at < len(found.function.params):
                    self._aliases.setdefault((found.path, found.function.params[at].name), key)

    def mount(self, parent: Key, child: Key, prefix: str, reading: Reading = _NOTHING) -> None:
        """Mount an owner in another one, once for each prefix."""
        if parent != child and not any(known == child and at == prefix for known, at, _ in self.all[parent].children):
            self.all[parent].children.append((child, prefix, reading))
            self.all[child].mounted = True

    def add(
        self,
        key: Key,
        verbs: Iterable[str],
        template: str,
        at: tuple[str, int],
        handler: Expr | Function | None,
        decorators: tuple[Expr, ...] | None = None,
        above: Reading = _NOTHING,
        inputs: tuple[Input, ...] = (),
        handler_file: str = "",
    ) -> None:
        """Register a route that stands at ``at`` (file, line). A handler that cannot be followed leaves access unknown."""
        path, line = at
        function, file = (handler, handler_file or path) if isinstance(handler, Function) else (None, path)
        if isinstance(handler, Expr):
            if handler.function is not None:
                function = handler.function
            elif found := self._reader.resolver.find(path, handler.text) if handler.text else None:
                function, file = found.function, found.path
        if function is None:
            name = handler.text if isinstance(handler, Expr) and handler.text else "handler"
            unseen = Reading(unsure=(Span(path, line, f"{name} could not be followed"),))
            self.all[key].routes += [
                Route(verb, template, name, path, line, "", above, unseen, inputs) for verb in verbs
            ]
            return
        reading = above + decorated(
            self._reader, file, function.decorators if decorators is None else decorators, self._terminals
        )
        inline = self._reader.guards.inside(file, function)
        for verb in verbs:
            self.all[key].routes.append(
                Route(verb, template, function.name, file, function.line, function.code, reading, inline, inputs)
            )

    def before(self, key: Key, path: str, function: Function, line: int = 0) -> None:
        """A function that runs before the handlers of an owner: a guard when it refuses, a doubt when it picks its requests."""
        guard = self._reader.guards.function(path, function)
        if guard is None:
            return
        if re.search(r"\brequest\.(?:path|url|rel_url|endpoint|method|match_info)\b|\bpath\b", function.code):
            span = Span(
                path, line or function.line, f"{function.name} refuses some requests before they reach a handler"
            )
            self.all[key].reading += Reading(unsure=(span,))
        else:
            self.all[key].reading += Reading((guard,))

    def endpoints(self) -> list[Endpoint]:
        """Every route below every app, and of owners that nothing mounts."""
        found: list[Endpoint] = []
        for key, owner in self.all.items():
            if owner.is_app or not owner.mounted:
                above = Reading() if owner.is_app else unmounted(self._reader, key)
                found += [] if owner.is_app and owner.mounted else self._walk(key, "", above, ())
        return found

    def _walk(self, key: Key, prefix: str, above: Reading, seen: tuple[Key, ...]) -> list[Endpoint]:
        if key in seen:
            return []
        owner = self.all[key]
        here, reading = join(prefix, owner.prefix), above + owner.reading
        found = [endpoint(self._framework, route, here, reading) for route in owner.routes]
        for child, extra, between in owner.children:
            found += self._walk(child, join(here, extra), reading + between, (*seen, key))
        return found
