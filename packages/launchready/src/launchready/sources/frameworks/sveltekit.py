"""SvelteKit: endpoints, pages and form actions by their files, and the hooks before them (svelte.dev/docs/kit: routing, form actions, hooks)."""

import re
from collections.abc import Iterator

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.frameworks.script_handlers import ANY, METHODS, Handler, Handlers, address_of, page
from launchready.sources.gates import Gate
from launchready.sources.readings import Guard, Reading

NAME = "SvelteKit"
_FILE = re.compile(r"^src/routes/((?:.*/)?)\+(server|page\.server|page|layout\.server)(?:@[\w-]*)?\.(?:ts|js|svelte)$")
_BASE = re.compile(r"\bpaths\s*:\s*\{[^{}]*?\bbase\s*:\s*[\"'`](/[^\"'`]*)[\"'`]")
_SEQUENCE = re.compile(r"\bsequence\(([^()]*)\)")
# `authGuard(event)`, `await protectRoutes(event)`, and no definition of one.
_GUARDS = re.compile(
    r"(?<![\w.$])(?<!function )(?P<name>\w{0,30}(?:[gG]uard|[pP]rotect|[aA]uthori[sz]e|[rR]equire(?:Auth|User|Session|Login))\w{0,30})\(\s*\{?\s*event\b"
)
_REMOTE = re.compile(r"\.remote\.[jt]s$")


class SvelteKit:
    """Reads the endpoints of every SvelteKit app in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._handlers = Handlers(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """Every +server endpoint, page and form action."""
        found: list[Endpoint] = []
        for root in self._handlers.roots(frozenset(("@sveltejs/kit",)), ("svelte.config.",)):
            self._reader.used.add(NAME)
            hooks, base = self._handlers.file(f"{root}src/hooks.server"), self._base(root)
            gates, unseen = self._gates(hooks), self._unseen(hooks)
            for file in self._reader.tree.files:
                if file.path.startswith(f"{root}src/") and _REMOTE.search(file.path):
                    # svelte.dev/docs/kit/remote-functions: each answers at an address of its own, made of a hash of this file.
                    self._reader.lose(file.path, 1, "remote functions, which pages call at addresses of their own")
                match = _FILE.match(file.path.removeprefix(root)) if file.path.startswith(root) else None
                address = address_of(match.group(1)) if match else None
                if match is None or address is None:
                    continue
                route_id = f"/{match.group(1).rstrip('/')}"
                covered = (where for where, gate in gates if gate.covers(join(base, address), route_id))
                above = unseen + Reading(
                    tuple(Guard(Span(where, 1, "the handle hook turns strangers away")) for where in covered)
                )
                for route in self._routes(root, file.path, match.group(1), match.group(2), address):
                    found.append(page(endpoint(NAME, route, base, above)))
        return once(found)

    def _gates(self, hooks: str) -> list[tuple[str, Gate]]:
        """What the hooks refuse, each with its file: ``sequence(session, guard)`` may run hooks of other files."""
        module = self._reader.resolver.module(hooks) if hooks else None
        run = _SEQUENCE.search(self._reader.tree.text(hooks) or "") if module else None
        named = re.findall(r"\w+", run[1]) if run else []
        others = (self._reader.resolver.find(hooks, name) for name in named if module and name in module.imports)
        files = dict.fromkeys((hooks, *(one.path for one in others if one is not None and not one.outside)))
        return [(path, gate) for path in files if (gate := self._handlers.gate(path)) is not None]

    def _unseen(self, hooks: str) -> Reading:
        """What the hook hands the event to, by a name that speaks of a guard, and where nothing that refuses is seen: ``authGuard(event)`` of a library."""
        text = (self._reader.tree.text(hooks) or "") if hooks else ""
        named = {one["name"]: text.count("\n", 0, one.start()) + 1 for one in _GUARDS.finditer(text)}
        return Reading(
            unsure=tuple(
                Span(hooks, line, f"the handle hook hands the event to {name}, which may refuse it")
                for name, line in named.items()
            )
        )

    def _base(self, root: str) -> str:
        path = self._handlers.file(f"{root}svelte.config")
        match = _BASE.search(self._reader.tree.text(path) or "") if path else None
        return match[1] if match else ""

    def _routes(self, root: str, path: str, folder: str, kind: str, address: str) -> Iterator[Route]:
        if kind == "server":
            for method in METHODS:
                if handler := self._handlers.exported(path, method):
                    yield self._handlers.route(method, address, method, path, handler)
            if fallback := self._handlers.exported(path, "fallback"):
                for method in ANY:
                    yield self._handlers.route(method, address, "fallback", path, fallback)
        elif kind == "page.server":
            load = self._handlers.exported(path, "load") or Handler(None, path)
            yield self._handlers.route("GET", address, "page", path, load, self._layouts(root, folder))
            yield from self._actions(path, address)
        elif kind == "page" and not self._handlers.file(f"{root}src/routes/{folder}+page.server"):
            yield self._handlers.route("GET", address, "page", path, Handler(None, path), self._layouts(root, folder))

    def _actions(self, path: str, address: str) -> Iterator[Route]:
        module = self._reader.resolver.module(path)
        bound = module.bindings.get("actions") if module else None
        named: tuple[tuple[str, Expr], ...] = bound.value.named if bound is not None else ()
        for name, value in named:
            handler = self._handlers.unwrapped(path, value)
            where = address if name == "default" else f"{address}?/{name}"
            yield self._handlers.route("POST", where, f"action {name}", path, handler)

    def _layouts(self, root: str, folder: str) -> Reading:
        """Layouts above a page that send strangers away; their load does not run again on every navigation, so it stays unsure."""
        reading = Reading()
        parts = folder.rstrip("/").split("/") if folder else []
        for depth in range(len(parts) + 1):
            below = "".join(f"{part}/" for part in parts[:depth])
            # svelte.dev/docs/kit/load: the one of +layout.ts runs in the browser as well.
            for name in ("+layout.server", "+layout"):
                path = self._handlers.file(f"{root}src/routes/{below}{name}")
                load = self._handlers.exported(path, "load") if path else None
                if load and load.function and self._reader.guards.function(load.where, load.function):
                    said = "a layout sends strangers away, which it does not on every navigation"
                    reading += Reading(unsure=(Span(load.where, load.function.line, said),))
        return reading


READS = {NAME: SvelteKit}
