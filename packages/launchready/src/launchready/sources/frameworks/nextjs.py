"""Next.js: route handlers and pages by their files, API routes by the methods they look at, and server actions.

The conventions are those of nextjs.org/docs (project structure, route handlers, API routes, server actions).
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from launchready.core.ways import AS_BY_POST
from launchready.model.surface import Endpoint, Span
from launchready.model.words import Kind
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, once
from launchready.sources.frameworks.nextjs_actions import Pages
from launchready.sources.frameworks.nextjs_given import given_to_action
from launchready.sources.frameworks.nextjs_methods import for_method, methods_in
from launchready.sources.frameworks.nextjs_middleware import Middleware
from launchready.sources.frameworks.script_handlers import ANY, METHODS, SCRIPTS, Handler, Handlers, address_of, page
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading
from launchready.sources.sent_away import sends_away

NAME = "Next.js"
# What an app is known by: a package, or the name of a file.
_APPS = (frozenset(("next",)), ("next.config.",))
_FILE = re.compile(r"^(?:src/)?(app|pages)/((?:.*/)?)([^/]+)\.(?:tsx|ts|jsx|js|mjs|mdx)$")
# Those of them that are read in any case, wherever the app stands.
_SURE = re.compile(r"(?:^|/)(?:app/(?:.*/)?(?:page|layout|route)|pages/.+)\.\w+$")
_NO_PAGE = re.compile(r"^(?:_app|_document|_error|_middleware|404|500|middleware)$|\.(?:test|spec|stories|d)$")
_LOGIN_REDIRECT = re.compile(r"destination\s*:\s*[\"'`][^\"'`]*(?:log-?in|sign-?in|auth)", re.I)
_ACTION = "server action "
_ONLY_READS = re.compile(r"(?:get|fetch|list|find|search|load|is|has|can|count|read)(?=[A-Z_]|$)")
_CLIENT = re.compile(r"\s*(?://[^\n]*\n\s*|/\*[\s\S]*?\*/\s*)*[\"']use client[\"']")
_BROWSER = Mark(re.compile(rb"use client|[aA]ction=\{"), (b"use client", b"ction={"))
# A file that serves procedures, or what Payload brings: these are listed one by one, each at its own address.
_HANDS_ON = re.compile(
    rb"\b(?:createNextApiHandler|fetchRequestHandler|new (?:RPC|OpenAPI)Handler|REST_(?:GET|POST|PATCH|PUT|DELETE)|handleServerFunctions)\s*[(<]"
    rb"|@payloadcms/next/views"
)
_PLACE = re.compile(r"^(?:.*/)?(?:src/)?app/|\.[jt]sx?$|(?<=/)\([^()/]*\)/")
_SHOWS = re.compile(r"\breturn\s*\(?\s*<[A-Za-z>]")
_CHANGES = re.compile(r"\.(?:create|insert|update|upsert|delete|remove|save|destroy|execute)\w*\(")
_SERVER = "use server"
_USE_SERVER = re.compile(r"^\s*\{?\s*[\"']use server[\"']")


class NextJs:
    """Reads the endpoints of every Next.js app in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """Every route handler, API route, page and server action."""
        roots = self._handlers.roots(*_APPS)
        if not roots:
            return ()
        self._reader.used.add(NAME)
        middlewares = {root: Middleware.find(self._reader, root) for root in roots}
        bases = {root: self._base_path(root) for root in roots}
        pages = {root: Pages(self._reader.tree, self._resolver, root) for root in roots}
        called = self._called_by_browsers()
        found: list[Endpoint] = []
        for file in self._reader.tree.with_suffix(*SCRIPTS, ".mdx"):
            root = max((one for one in roots if file.path.startswith(one)), key=len, default=None)
            if root is None or _HANDS_ON.search(self._reader.tree.bytes(file.path) or b""):
                continue
            for route in self._routes(file.path, file.path[len(root) :]):
                action = route.handler.startswith(_ACTION)
                above = (
                    _before(middlewares[root], pages[root], route) if action else middlewares[root].reading(route.path)
                )
                made = page(endpoint(NAME, route, bases[root], above))
                found.append(self._as_action(made, called, route.code) if action else made)
        return once(_told_apart(found))

    def _called_by_browsers(self) -> set[tuple[str, int]]:
        """Functions (file and line) that client components import, or that a form is given: only those get an address of their own."""
        found: set[tuple[str, int]] = set()
        for path in _in_browsers(self._reader):
            text = self._reader.tree.text(path) or ""
            client = _is_client(text)
            module = self._resolver.module(path)
            for name in module.imports if module else ():
                if client or f"ction={{{name}" in text:
                    handler = self._handlers.imported(path, name)
                    if handler is not None and handler.function is not None:
                        found.add((handler.where, handler.function.line))
        return found

    @staticmethod
    def _as_action(made: Endpoint, called: set[tuple[str, int]], code: str) -> Endpoint:
        """A server action: one that no browser calls may have no address, and one that only reads or shows changes nothing."""
        inside = (made.source.file, made.source.line) in called
        name = made.source.what.removeprefix(_ACTION)
        kinds = tuple(kind for kind in made.kind if kind is not Kind.WEBHOOK) or (Kind.OTHER,)
        # A component in such a file is an action, too, by its name one for React alone.
        shows = name[:1].isupper() and _SHOWS.search(code) and not _CHANGES.search(code)
        reads = bool(shows or _ONLY_READS.match(name))
        sure = made.confidence if inside else min(made.confidence, 0.7)
        return replace(made, kind=kinds, action="read" if reads else made.action, confidence=sure)

    def _base_path(self, root: str) -> str:
        path = self._handlers.file(f"{root}next.config")
        text = self._reader.tree.text(path) if path else None
        match = re.search(r"\bbasePath\s*:\s*[\"'`](/[^\"'`]*)[\"'`]", text or "")
        return match.group(1) if match else ""

    def _routes(self, path: str, below: str) -> Iterator[Route]:
        match = _FILE.match(below)
        if match is not None and not _NO_PAGE.search(match.group(3)):
            kind, folder, name = match.groups()
            address = address_of(folder + ("" if kind == "app" else name))
            if address is not None and kind == "app" and name == "route":
                yield from self._route_handlers(path, address)
            elif address is not None and kind == "app" and name == "page":
                yield self._page(path, address, folder)
            elif (
                address is not None
                and kind == "pages"
                and (folder.startswith("api/") or (not folder and name == "api"))
            ):
                yield from self._api_route(path, address)
            elif address is not None and kind == "pages":
                yield self._old_page(path, address)
        if path.endswith(SCRIPTS):
            yield from self._actions(path)

    def _route_handlers(self, path: str, address: str) -> Iterator[Route]:
        module = self._resolver.module(path)
        for method in METHODS if module else ():
            handler = self._handlers.exported(path, method)
            if handler is not None:
                yield self._handlers.route(method, address, method, path, handler)

    def _api_route(self, path: str, address: str) -> Iterator[Route]:
        module, handler = self._resolver.module(path), self._handlers.exported(path, "default")
        if module is None or handler is None:
            return
        function = handler.function
        name = function.name if function and function.name else "handler"
        told = _chained(module) or methods_in(function.code if function else "")
        # One that tells no methods apart does the same for all that bring a body.
        for method in told or ANY:
            own = replace(handler, function=for_method(function, method)) if function else handler
            route = self._handlers.route(method, address, name, path, own)
            # nextjs.org/docs: the parts of the address stand in req.query as well.
            inputs = (one for one in route.inputs if one.where != "query" or f"{{{one.name}}}" not in address)
            once_told = told or method in ("GET", "POST")
            yield replace(route, inputs=tuple(inputs), handler=route.handler if once_told else AS_BY_POST)

    def _page(self, path: str, address: str, folder: str) -> Route:
        handler = self._handlers.exported(path, "default") or Handler(None, path)
        reading = Reading()
        client = _CLIENT.match(self._reader.tree.text(path) or "")
        if client and handler.function and self._reader.guards.function(handler.where, handler.function):
            # What a page does in the browser keeps nobody out (nextjs.org/docs, Authentication).
            said = "the page asks who is there in the browser alone"
            reading = Reading(unsure=(Span(handler.where, handler.function.line, said),))
            handler = Handler(None, path)
        root = path[: -len(posixpath.basename(path))].removesuffix(folder)
        parts = folder.rstrip("/").split("/") if folder else []
        for depth in range(len(parts) + 1):
            below = "/".join(parts[:depth])
            layout = self._handlers.file(f"{root}{below}/layout" if below else f"{root}layout")
            found = self._handlers.exported(layout, "default") if layout else None
            if found and found.function and self._reader.guards.function(found.where, found.function):
                # nextjs.org/docs: layouts are not rendered again on navigation, so a check there keeps nobody out.
                said = "a layout sends strangers away, which it does not on every navigation"
                reading += Reading(unsure=(Span(found.where, found.function.line, said),))
        return self._handlers.route("GET", address, "page", path, handler, reading)

    def _old_page(self, path: str, address: str) -> Route:
        handler = self._handlers.exported(path, "default") or Handler(None, path)
        reading = handler.wraps
        server = self._handlers.exported(path, "getServerSideProps")
        if server and server.function and sends_away(server.function.code):
            said = "getServerSideProps sends away who is not signed in"
            reading += Reading((Guard(Span(server.where, server.function.line, said)),))
        elif server and server.function and _LOGIN_REDIRECT.search(server.function.code):
            # A link that was used, or a page that is switched off, leads there as well.
            said = "getServerSideProps redirects to the login page, but not visibly who is not signed in"
            reading += Reading(unsure=(Span(server.where, server.function.line, said),))
        elif server:
            reading += server.wraps
        line = handler.function.line if handler.function else 1
        return Route("GET", address, "page", path, line, "", reading)

    def _actions(self, path: str) -> Iterator[Route]:
        text = self._reader.tree.text(path) or ""
        if _SERVER not in text:
            return
        module = self._resolver.module(path)
        whole = bool(_USE_SERVER.match(re.sub(r"^(?:\s*(?://[^\n]*\n|/\*.*?\*/))*", "", text, flags=re.S)))
        for name in dict.fromkeys((*module.exports, *module.functions)) if module else ():
            if name == "default":
                continue
            handler = self._handlers.exported(path, name) if whole and module and name in module.exports else None
            inner = module.functions.get(name) if module else None
            if handler is None and inner is not None and _USE_SERVER.match(inner.code):
                handler = Handler(inner, path)
            if handler is not None and handler.function is not None:
                route = self._handlers.route("POST", f"/{name}", f"{_ACTION}{name}", path, handler)
                yield replace(
                    route, inputs=given_to_action(self._resolver, handler.where, handler.function, route.inputs)
                )


def _is_client(text: str) -> bool:
    return "use client" in text[:400]


def _in_browsers(reader: Reader) -> Iterator[str]:
    """The files of components that run in browsers, or that give a form what answers it."""
    for path in reader.bearing(_BROWSER, *SCRIPTS):
        text = reader.tree.text(path) or ""
        if _is_client(text) or "action={" in text or "formAction={" in text:
            yield path


def _expected(reader: Reader) -> list[str]:
    """The files that are read in any case: those of browsers, then those that answer by their place or hold server actions."""
    if not Handlers(reader).roots(*_APPS):
        return []
    scripts = (file.path for file in reader.tree.with_suffix(*SCRIPTS))
    answer = (path for path in scripts if _SURE.search(path) or _SERVER.encode() in (reader.tree.bytes(path) or b""))
    return list(dict.fromkeys((*_in_browsers(reader), *answer)))


def _before(middleware: Middleware, pages: Pages, route: Route) -> Reading:
    """What a middleware demands of whoever calls a server action: what it demands before every page that brings it."""
    if not middleware.file:
        return Reading()
    readings = [middleware.reading(address) for address in sorted(pages.bringing(route.file))]
    if not readings or not all(reading.guards for reading in readings):
        return Reading()
    guard = readings[0].guards[0]
    # Who may open one of the pages can call it from there.
    roles = (role for role in guard.roles if all(role in one.guards[0].roles for one in readings))
    return Reading((replace(guard, roles=tuple(roles)),))


def _told_apart(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Server actions have names and no addresses: those of one name are told apart by their file."""
    named = Counter(one.path for one in endpoints if one.source.what.startswith(_ACTION))
    return [
        replace(one, path=f"/{_PLACE.sub('', one.source.file)}{one.path}")
        if one.source.what.startswith(_ACTION) and named[one.path] > 1
        else one
        for one in endpoints
    ]


def _chained(module: Module) -> tuple[str, ...]:
    """The methods registered on the default export: next-connect's ``handler.get(...).post(...)``."""
    value = module.exports.get("default")
    if value is None:
        return ()
    name = value.text if value.kind == "name" else ""
    found: set[str] = set()
    bound = module.bindings.get(name)
    chains = [call for call in module.calls if call.text.startswith(f"{name}.") or call.on is not None]
    for call in ([bound.value] if bound else [value]) + chains:
        current: Expr | None = call
        names = []
        while current is not None:
            names.append(current.text)
            current = current.on
        root = names[-1]
        if (name and root.startswith(f"{name}.")) or (call is value or (bound and call is bound.value)):
            found |= {one.rsplit(".", 1)[-1].upper() for one in names}
    return tuple(method for method in METHODS if method in found)


EXPECTS = _expected
READS = {NAME: NextJs}
