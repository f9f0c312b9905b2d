"""Nuxt and Nitro: server routes by their files and method suffixes, pages, and server middleware (nuxt.com/docs: server; nitro.build: routing)."""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.core.ways import AS_BY_POST
from launchready.model.surface import Endpoint, Span
from launchready.sources.frameworks.common import Reader, Route, endpoint, once
from launchready.sources.frameworks.nextjs_methods import for_method, methods_in
from launchready.sources.frameworks.script_handlers import ANY, SCRIPTS, Handler, Handlers, address_of, page
from launchready.sources.gates import Gate
from launchready.sources.kinds import action_of, kinds_of
from launchready.sources.readings import Guard, Reading

_ROUTE = re.compile(r"^(api|routes)/((?:.*/)?)([^/]+?)(?:\.(get|post|put|patch|delete|head|options))?\.(?:ts|js|mjs)$")
_ROUTE_METHOD = re.compile(r"\.(?:get|post|put|patch|delete|head|options)\.\w+$")
# What takes a body, changes cookies or a session, hands the request on, or tells methods apart (h3.dev, utils).
_ONLY_READS = r"(?:define)?(?:Lazy|Cached)?EventHandler|parseCookies|getCookie|getQuery|getValidatedQuery|get(?:Request)?Headers?|getRouterParams?|getRequest(?:URL|IP|Host|Path)|(?:get|require)User\w*|serverSupabase\w+|useRuntimeConfig"
_ASKS_MORE = re.compile(
    r"\bread(?:\w*Body|MultipartFormData|FormData)\(|\b(?:method|isMethod|assertMethod)\b|\b(?!(?:set|clear)(?:Timeout|Interval|Immediate)\(|setResponse(?:Status|Headers?)\(|setHeaders?\()(?:set|delete|send|proxy|to|clear|replace|update)[A-Z]\w*\("
    rf"|\b(?!(?:{_ONLY_READS})\()\w+\(\s*event\b|\.(?:insert|update|delete|run|execute|exec|create|save|remove|set)\w*\("
)
_REFUSES_OTHERS = re.compile(r"\b405\b|method\s+not\s+allowed", re.I)
_TELLS_APART = re.compile(r"\b(?:method|isMethod|assertMethod)\b")
_PAGE = re.compile(r"^(?:app/)?pages/((?:.*/)?)([^/]+)\.vue$")
_ROUTE_MIDDLEWARE = re.compile(r"definePageMeta\(\s*\{[^}]*\bmiddleware\b")


class _Server:
    """Server routes below one folder. ``name``, ``packages`` and ``configs`` say which apps, ``below`` where their routes are."""

    name = ""
    packages: frozenset[str] = frozenset()
    configs: tuple[str, ...] = ()
    below: tuple[str, ...] = ()

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._handlers = Handlers(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """Every server route and page."""
        found: list[Endpoint] = []
        for root in self._handlers.roots(self.packages, self.configs):
            self._reader.used.add(self.name)
            gates = list(self._gates(root))
            for file in self._reader.tree.files:
                if not file.path.startswith(root):
                    continue
                for route in self._routes(file.path, file.path[len(root) :]):
                    guards = tuple(
                        Guard(Span(path, 1, "server middleware turns strangers away"))
                        for path, gate in gates
                        if gate.covers(route.path)
                    )
                    found.append(_as_asked(page(endpoint(self.name, route, "", Reading(guards))), route))
        return once(found)

    def _gates(self, root: str) -> Iterator[tuple[str, Gate]]:
        folders = tuple(f"{root}{folder}middleware/" for folder in self.below)
        for file in self._reader.tree.with_suffix(*SCRIPTS):
            if file.path.startswith(folders) and (gate := self._handlers.gate(file.path)):
                yield file.path, gate

    def _routes(self, path: str, below: str) -> Iterator[Route]:
        inside = next((below[len(folder) :] for folder in self.below if below.startswith(folder)), None)
        match = _ROUTE.match(inside) if inside is not None else None
        if match is not None:
            kind, folder, name, method = match.groups()
            address = address_of(folder + name)
            handler = self._handlers.exported(path, "default")
            if address is None or handler is None:
                return
            address = f"/api{address}".rstrip("/") if kind == "api" else address
            function = handler.function
            told = (
                methods_in(function.code) if function and not method and _REFUSES_OTHERS.search(function.code) else ()
            )
            for one in (method.upper(),) if method else told or ANY:
                own = replace(handler, function=for_method(function, one)) if function and told else handler
                yield self._handlers.route(one, address, name, path, own)
        elif shown := _PAGE.match(below):
            address = address_of(shown.group(1) + shown.group(2))
            if address is not None and self.name == "Nuxt":
                yield self._handlers.route("GET", address, "page", path, Handler(None, path), self._browser_only(path))

    def _browser_only(self, path: str) -> Reading:
        if not _ROUTE_MIDDLEWARE.search(self._reader.tree.text(path) or ""):
            return Reading()
        return Reading(unsure=(Span(path, 1, "route middleware asks who is there, in the browser as well"),))


def _as_asked(found: Endpoint, route: Route) -> Endpoint:
    """An endpoint of a file that names no method: where its handler takes no body and asks for no method, whoever sends one gets what a GET gets.

    Where it takes one and tells no methods apart, what it does is told once.
    """
    named = _ROUTE_METHOD.search(route.file) is not None or found.method in ("GET", "HEAD")
    if named or not route.code:
        return found
    if _ASKS_MORE.search(route.code) or action_of("GET", route.code) == "write":
        apart = found.method == "POST" or _TELLS_APART.search(route.code)
        return found if apart else replace(found, source=replace(found.source, what=AS_BY_POST))
    kinds = kinds_of("GET", found.path, route.handler)
    return replace(found, action="read", kind=kinds)


class Nuxt(_Server):
    """Reads the endpoints of every Nuxt app in a tree."""

    name = "Nuxt"
    packages = frozenset(("nuxt", "nuxt3"))
    configs = ("nuxt.config.",)
    below = ("server/",)


class Nitro(_Server):
    """Reads the endpoints of every app that is made with Nitro alone."""

    name = "Nitro"
    packages = frozenset(("nitropack", "nitro"))
    configs = ("nitro.config.",)
    below = ("server/", "src/", "")


READS = {"Nuxt": Nuxt, "Nitro": Nitro}
