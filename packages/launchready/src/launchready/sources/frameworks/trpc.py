"""tRPC: routers, procedures and what their middleware demands (trpc.io, v9 to v11); each procedure is an address below the endpoint of its handler."""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.frameworks.procedures import DEEPEST, Procedures, links_of
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading

NAME = "tRPC"
_MARK = Mark(
    re.compile(rb"trpc", re.I),
    (b"trpc",),
)
_ROUTER = re.compile(r"(?:^|\.)(?:\w*[rR]outer)$")
_OTHERS = re.compile(r"express|koa|react|vue|next/|fastify|hono|angular|svelte")
_VERBS = {"query": "GET", "mutation": "POST", "subscription": "WEBSOCKET"}
_PAGES = re.compile(r"(?:^|/)(?:pages|app)(?P<path>/.*?)/\[\[?(?:\.\.\.)?\w+\]\]?(?:/route)?\.[jt]sx?$")
_SUFFIXES = (".ts", ".tsx", ".js", ".mjs", ".mts")
# What nestjs-trpc writes for the types of its clients, in the place of each procedure (nestjs-trpc.io).
_STANDS_FOR = re.compile(r"PLACEHOLDER_DO_NOT_REMOVE")
_UNKNOWN = "{endpoint?}"
# What calls procedures from the server itself, and serves none of them (trpc.io/docs: server-side helpers).
_CALLS = re.compile(
    r"(?:^|\.)(?:createServerSideHelpers|createProxySSGHelpers|createSSGHelpers|createHydrationHelpers)$"
)


class Trpc:
    """Reads every tRPC router of a tree, from the handlers that serve them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._procedures = Procedures(reader, "@trpc")
        self._found: list[Endpoint] = []
        self._inside: set[tuple[str, str]] = set()

    def read(self) -> tuple[Endpoint, ...]:
        """The procedures of routers that a handler serves, and of those whose handler is not in the source."""
        modules = self._reader.marked(_MARK, *_SUFFIXES)
        for module in modules:
            for prefix, router in self._served(module):
                self._router(module.path, router, prefix, "", 0)
        for module in modules:
            for binding in module.bindings.values():
                if self._is_router(module.path, binding.value):
                    self._note_inner(module.path, binding.value)
        served = {(one.source.file, one.source.line) for one in self._found}
        for module in modules:
            for name, binding in module.bindings.items():
                if (module.path, name) not in self._inside and self._is_router(module.path, binding.value):
                    self._router(module.path, binding.value, _UNKNOWN, "", 0)
        # What nothing serves may only be another name for procedures that are served.
        self._found = [
            one
            for one in self._found
            if not one.path.startswith(f"/{_UNKNOWN}") or (one.source.file, one.source.line) not in served
        ]
        if self._found:
            self._reader.used.add(NAME)
        return once(self._found)

    def _served(self, module: Module) -> Iterator[tuple[str, Expr]]:
        """``(prefix, router)`` of every handler: an adapter that is given ``{ router, endpoint }``."""
        functions = [*module.functions.values(), *(e.function for e in module.exports.values() if e.function)]
        calls = [
            *module.calls,
            *(b.value for b in module.bindings.values()),
            *module.exports.values(),
            *(call for function in functions for call in function.calls),
            *(call for b in module.bindings.values() if b.value.function for call in b.value.function.calls),
        ]
        for call in calls:
            yield from self._adapter(module, call, "", 0)

    def _adapter(self, module: Module, call: Expr, mounted: str, depth: int) -> Iterator[tuple[str, Expr]]:
        if call.kind != "call" or depth > DEEPEST or _CALLS.search(call.text):
            return
        if call.text.rsplit(".", 1)[-1] in ("use", "register", "all") and call.items and call.items[0].kind == "str":
            mounted = call.items[0].text
        for item in call.items:
            if item.kind == "dict":
                options = item.get("trpcOptions") or item
                router = options.get("router")
                if router is not None and self._leads_to_router(module.path, router):
                    given = item.get("endpoint") or item.get("prefix") or item.get("basePath") or item.get("url")
                    # The handle of trpc-sveltekit answers below /trpc unless it is told otherwise (its README).
                    usual = mounted or ("/trpc" if call.text == "createTRPCHandle" else "")
                    prefix = self._resolver.text(module.path, given) if given is not None else usual
                    page = _PAGES.search(module.path)
                    yield (
                        re.sub(r"/\*+$", "", prefix)
                        or (page["path"] if page else "" if "HTTP" in call.text else _UNKNOWN),
                        router,
                    )
            yield from self._adapter(module, item, mounted, depth + 1)
        if call.on is not None:
            # createHTTPServer({ router }).listen(3000)
            yield from self._adapter(module, call.on, mounted, depth + 1)

    def _leads_to_router(self, path: str, value: Expr) -> bool:
        found = self._resolver.find(path, value.text) if value.kind == "name" else None
        if found and found.binding:
            return self._is_router(found.path, found.binding.value)
        return self._is_router(path, value)

    def _is_router(self, path: str, value: Expr) -> bool:
        root = links_of(value)[-1]
        if value.kind != "call" or not (_ROUTER.search(root.text) or root.text.endswith("mergeRouters")):
            return False
        found = self._resolver.find(path, root.text.split(".")[0])
        if found is not None and found.outside and _OTHERS.search(found.outside):
            return False
        described = any(item.kind in ("dict", "name") or self._is_router(path, item) for item in root.items)
        return described or any(link.text in (*_VERBS, "merge") for link in links_of(value)[:-1])

    def _note_inner(self, path: str, value: Expr) -> None:
        """Routers that stand inside of another one are no roots."""
        for link in links_of(value):
            for item in link.items:
                for one in self._entries(path, item):
                    found = self._resolver.find(path, one.text) if one.kind == "name" else None
                    if found is not None:
                        self._inside.add((found.path, found.name))
                    elif self._is_router(path, one):
                        self._note_inner(path, one)

    def _entries(self, path: str, item: Expr) -> Iterator[Expr]:
        if item.kind == "dict":
            for _, value in item.named:
                yield from self._entries(path, value)
        else:
            yield item

    def _router(self, path: str, value: Expr, prefix: str, name: str, depth: int) -> None:
        if depth > DEEPEST:
            return
        if value.kind == "name":
            found = self._resolver.find(path, value.text)
            if found and found.binding and found.binding.value.kind != "name":
                self._inside.add((found.path, found.name))
                self._router(found.path, found.binding.value, prefix, name, depth + 1)
            else:
                self._reader.lose(path, value.line, f"{value.text}, a router of {name or prefix}")
        elif value.kind == "dict":
            for key, one in value.named:
                self._router(path, one, prefix, f"{name}.{key}".lstrip("."), depth + 1)
        elif value.kind == "call" and (verb := _VERBS.get(value.text.rsplit(".", 1)[-1])) and not self._is_chain(value):
            self._procedure(path, value, verb, prefix, name)
        elif self._is_router(path, value):
            self._members(path, value, prefix, name, depth)

    @staticmethod
    def _is_chain(value: Expr) -> bool:
        """Whether it is a router of v9, which is built by ``.query("name", {...})``."""
        return bool(value.items) and value.items[0].kind == "str"

    def _members(self, path: str, value: Expr, prefix: str, name: str, depth: int) -> None:
        above = Reading()
        for link in reversed(links_of(value)):
            last = link.text.rsplit(".", 1)[-1]
            if last == "middleware" and link.items:
                above += self._procedures.step(path, link.items[0])
            elif last in _VERBS and self._is_chain(link):
                self._old(path, link, _VERBS[last], prefix, name, above)
            elif last == "merge" and link.items:
                inner = link.items[0].text.rstrip(".") if link.items[0].kind == "str" else ""
                self._router(path, link.items[-1], prefix, f"{name}.{inner}".strip("."), depth + 1)
            else:
                for item in link.items:
                    # `mergeRouters(router({ notes }), others)`
                    if item.kind in ("dict", "name") or self._is_router(path, item):
                        self._router(path, item, prefix, name, depth + 1)

    def _old(self, path: str, link: Expr, verb: str, prefix: str, name: str, above: Reading) -> None:
        """A procedure of v9: ``.query("name", { input, resolve })``."""
        options = link.items[1] if len(link.items) > 1 else Expr("dict")
        resolve = options.get("resolve")
        inputs = self._procedures.inputs(path, options.get("input"), _where(verb))
        called = f"{name}.{link.items[0].text}".lstrip(".")
        self._add(path, verb, prefix, called, link.line, resolve.function if resolve else None, above, inputs)

    def _procedure(self, path: str, value: Expr, verb: str, prefix: str, name: str) -> None:
        links = links_of(value)
        handler = next((item for item in value.items if item.kind in ("function", "name")), None)
        function, where = (handler.function, path) if handler is not None else (None, path)
        if handler is not None and handler.kind == "name":
            found = self._resolver.find(path, handler.text)
            function, where = (found.function, found.path) if found else (None, path)
        inputs: tuple[Input, ...] = ()
        for link in links[1:]:
            if link.text.rsplit(".", 1)[-1] == "input" and link.items:
                inputs += self._procedures.inputs(path, link.items[0], _where(verb))
        self._add(path, verb, prefix, name, value.line, function, self._procedures.demanded(path, value), inputs, where)

    def _add(
        self,
        path: str,
        verb: str,
        prefix: str,
        name: str,
        line: int,
        function: Function | None,
        above: Reading,
        inputs: tuple[Input, ...],
        where: str = "",
    ) -> None:
        inline = self._reader.guards.inside(where or path, function) if function is not None else Reading()
        code = function.code if function is not None else ""
        if _STANDS_FOR.search(code):
            said = "stands for a method of a class that nestjs-trpc calls, whose middleware was not read"
            inline = Reading(unsure=(Span(path, line, f"{name} {said}"),))
        route = Route(verb, name, name, path, line, code, above, inline, inputs)
        self._found.append(
            replace(endpoint(NAME, route, join(prefix), Reading()), action="write" if verb == "POST" else "read")
        )


def _where(verb: str) -> str:
    return "body" if verb == "POST" else "query"


READS = {NAME: Trpc}
