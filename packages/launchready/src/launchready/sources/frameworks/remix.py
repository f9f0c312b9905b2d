"""Remix and React Router 7: loaders and actions by their route files or by ``routes.ts`` (remix.run/docs: route file naming; reactrouter.com: routing)."""

import posixpath
import re
from collections.abc import Iterator

from launchready.core.ways import AS_BY_POST
from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once, passed_on
from launchready.sources.frameworks.express_middleware import HARMLESS
from launchready.sources.frameworks.remix_intents import by_intent
from launchready.sources.frameworks.script_handlers import Handler, Handlers, page
from launchready.sources.gates import looks_at_path
from launchready.sources.readings import Reading

NAME = "Remix"
_PACKAGES = frozenset(
    ("@remix-run/react", "@remix-run/node", "@remix-run/serve", "@react-router/dev", "@react-router/node")
)
_FILE = re.compile(r"^routes/(.+)\.(?:tsx|ts|jsx|js)$")
# `appDirectory: "./src"` (reactrouter.com: react-router.config.ts; remix.run/docs: vite config)
_SETTINGS = ("react-router.config", "remix.config", "vite.config")
_APP = re.compile(r"\bappDirectory\s*:\s*[\"'`](?:\./)?([\w./-]+?)/?[\"'`]")
_OTHERS = ("PUT", "PATCH", "DELETE")
_METHOD = re.compile(r"[\"'](PUT|PATCH|DELETE)[\"']", re.I)
_INDEX = re.compile(r"(?:^|[./])_?index(?:/route)?$")
_PIECE = re.compile(r"\[([^\]]*)\]|([^\[\].]+)|(\.)")


class Remix:
    """Reads the endpoints of every Remix or React Router app in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._handlers = Handlers(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """Every loader, action and page."""
        found: list[Endpoint] = []
        for root in self._handlers.roots(_PACKAGES, ("remix.config.", "react-router.config.")):
            self._reader.used.add(NAME)
            root = self._app(root)
            before = (self._handlers.file(f"{root}root"),)
            routes = list(self._configured(root, before))
            for file in self._reader.tree.files if self._by_name(root) else ():
                match = _FILE.match(file.path.removeprefix(root)) if file.path.startswith(root) else None
                address = _address(match.group(1)) if match else None
                if match is not None and address is not None:
                    above = (*before, *self._around(root, match.group(1)))
                    routes += self._routes(file.path, address, above, _INDEX.search(match.group(1)) is not None)
            found += [page(endpoint(NAME, route, "", route.reading)) for route in routes]
        return once(found)

    def _app(self, root: str) -> str:
        """The folder of the app below its root, as its settings say; ``app`` where they say nothing."""
        files = [path for name in _SETTINGS if (path := self._handlers.file(f"{root}{name}"))]
        said = (_APP.search(self._reader.tree.text(path) or "") for path in files)
        return f"{root}{next((one[1] for one in said if one), 'app')}/"

    def _by_name(self, root: str) -> bool:
        """Whether files are routes by their names: unless ``app/routes.ts`` lists them and does not ask for those that have such names."""
        path = self._handlers.file(f"{root}routes")
        return not path or "flatRoutes" in (self._reader.tree.text(path) or "")

    def _around(self, root: str, route: str) -> Iterator[str]:
        """The files of the routes that a route is nested in, by its name: ``_members`` and ``_members.notes`` for ``_members.notes.$id``."""
        parts = route.removesuffix("/route").split(".")
        for count in range(1, len(parts)):
            stem = f"{root}routes/{'.'.join(parts[:count])}"
            yield self._handlers.file(stem) or self._handlers.file(f"{stem}/route")

    def _middleware(self, path: str, address: str) -> Reading:
        """What a route module demands before its loaders, its actions and those below it: ``export const middleware = [signedIn]``
        (reactrouter.com, middleware). One that looks at the path demands it of some of them."""
        module = self._reader.resolver.module(path) if path else None
        names = ("middleware", "unstable_middleware") if module else ()
        listed = next((value for name in names if module and (value := module.exports.get(name))), None)
        if listed is not None and listed.kind == "name" and module and listed.text in module.bindings:
            listed = module.bindings[listed.text].value
        reading = Reading()
        for item in listed.items if listed is not None else ():
            handler = self._handlers.unwrapped(path, item)
            if handler.function is None and not HARMLESS.search(item.text):
                reading += Reading(unsure=(Span(path, item.line, f"middleware {item.text} could not be followed"),))
            guard = self._reader.guards.function(handler.where, handler.function) if handler.function else None
            picks = guard is not None and handler.function is not None and looks_at_path(handler.function.code)
            gate = self._handlers.gate(handler.where) if picks else None
            if gate is not None and not gate.covers(address):
                continue
            if gate is not None and gate.perhaps(address):
                said = f"middleware {item.text} turns some away by their path, in a way that could not be followed"
                reading += Reading(unsure=(Span(path, item.line, said),))
                continue
            reading += passed_on(guard, path, item.line, item.text or "middleware")
        return reading

    def _routes(self, path: str, address: str, around: tuple[str, ...], index: bool = False) -> Iterator[Route]:
        """What a file answers. A page sends its forms by POST; other methods reach the same action.

        What is sent to an index goes to ``?index``: without it, it goes to the route around it (reactrouter.com, "index query param").
        """
        above = sum((self._middleware(one, address) for one in (*around, path)), Reading())
        loader, action, shown = (self._handlers.exported(path, name) for name in ("loader", "action", "default"))
        if loader is not None:
            yield self._handlers.route("GET", address, "loader", path, loader, above)
        elif shown is not None:
            yield self._handlers.route("GET", address, "page", path, Handler(None, path), above)
        if action is not None:
            asked = ("POST", *_asked_for(action))
            for method in ("POST", *_OTHERS):
                name = "action" if method in asked else AS_BY_POST
                route = self._handlers.route(method, address + "?index" * index, name, path, action, above)
                yield from by_intent(route) if method in asked else (route,)

    def _configured(self, root: str, above: tuple[str, ...]) -> Iterator[Route]:
        """The routes of ``app/routes.ts``: ``route("a/:id", "./a.tsx", [...])``, ``index``, ``layout`` and ``prefix``."""
        path = self._handlers.file(f"{root}routes")
        module = self._reader.resolver.module(path) if path else None
        value = module.exports.get("default") if module else None
        if module is None or value is None:
            return
        if value.kind == "name" and value.text in module.bindings:
            value = module.bindings[value.text].value
        if value.kind == "list":
            yield from self._entries(path, value, "/", above)
        elif "flatRoutes" not in value.text:
            self._reader.lose(path, value.line, "the list of routes")

    def _entries(self, path: str, entries: Expr, prefix: str, above: tuple[str, ...]) -> Iterator[Route]:
        for entry in entries.items:
            texts = [item.text for item in entry.items if item.kind == "str"]
            children = next((item for item in entry.items if item.kind == "list"), None)
            if entry.kind != "call" or (entry.text != "prefix" and not texts):
                if "flatRoutes" not in entry.text:
                    self._reader.lose(path, entry.line, entry.text or "an entry of the routes")
                continue
            here = (
                join(prefix, re.sub(r":(\w+)\??", r"{\1}", texts[0]).replace("*", "{splat}"))
                if entry.text in ("route", "prefix") and texts
                else prefix
            )
            told = entry.text in ("route", "index", "layout") and texts
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), texts[-1])) if told else ""
            if entry.text in ("route", "index") and texts:
                yield from self._routes(target, here, above, entry.text == "index")
            if children is not None:
                yield from self._entries(path, children, here, (*above, target))


def _asked_for(action: Handler) -> tuple[str, ...]:
    """The methods beside POST that an action tells apart; all of them where its code is not seen."""
    if action.function is None:
        return _OTHERS
    code = action.function.code
    named = {method.upper() for method in _METHOD.findall(code)} if "method" in code else set[str]()
    return tuple(method for method in _OTHERS if method in named)


def _address(route: str) -> str | None:
    """The path of a route file: ``users.$id_.edit`` is ``/users/{id}/edit``; folders with a ``route`` file count as one name."""
    # remix-flat-routes: a folder `auth+` holds the routes below `/auth`, as many as it has files.
    route = route.replace("+/", ".")
    folder, _, name = route.rpartition("/")
    if folder:
        route = folder if name in ("route", "index") else f"{folder}.{name}"
        route = route.replace("/", ".")
    parts: list[tuple[str, bool]] = [("", False)]
    for literal, text, dot in _PIECE.findall(route):
        if dot:
            parts.append(("", False))
        else:
            parts[-1] = (parts[-1][0] + (literal or text), parts[-1][1] or bool(literal))
    found = []
    for part, escaped in parts:
        part = part.strip("()") if not escaped else part
        if not escaped and (part in ("_index", "index") or part.startswith("_")):
            continue
        part = part if escaped else part.removesuffix("_")
        found.append("{splat}" if part == "$" else f"{{{part[1:]}}}" if part.startswith("$") else part)
    return "/" + "/".join(found)


READS = {NAME: Remix}
