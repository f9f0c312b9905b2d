"""oRPC: procedures and routers as their handlers serve them (orpc.dev/docs: procedure, router, rpc-handler, openapi/openapi-handler).

An RPCHandler answers ``POST PREFIX/a/b`` for the procedure ``b`` of the router ``a``, with what it takes below ``json``, and GET as well where the
procedure asks for it (``.route({ method: "GET" })``). An OpenAPIHandler answers the method and path of ``.route(...)``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.model.surface import Endpoint, Input
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.found import Found
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.frameworks.procedures import DEEPEST, Procedures, links_of
from launchready.sources.frameworks.script_given import calls_in
from launchready.sources.frameworks.script_handlers import SCRIPTS
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading

NAME = "oRPC"
_MARK = Mark(re.compile(rb"\b(?:RPC|OpenAPI)Handler\b"), (b"RPCHandler", b"OpenAPIHandler"))
_HANDLES = Mark(re.compile(rb"\.handle\([^)]{0,400}\bprefix\b", re.S), (b".handle(",))
_LAZY = re.compile(r"\bimport\(\s*[\"']([^\"']+)[\"']\s*\)(?:[^;]*?=>\s*\w+\.(\w+))?")
_UNKNOWN = "{endpoint?}"


@dataclass(frozen=True, slots=True)
class _Served:
    """A router as one handler serves it: ``rpc`` or by the routes its procedures name."""

    path: str
    router: Expr
    rpc: bool
    prefix: str


class Orpc:
    """Reads every oRPC router of a tree, from the handlers that serve them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._procedures = Procedures(reader, "@orpc")
        self._found: list[Endpoint] = []

    def read(self) -> tuple[Endpoint, ...]:
        """The procedures of every router that a handler is given."""
        modules = self._reader.marked(_MARK, *SCRIPTS)
        handlers = self._reader.marked(_HANDLES, *SCRIPTS) if modules else []
        for module in modules:
            for served in self._served(module, handlers):
                self._router(served, served.path, served.router, (), Reading(), "", 0)
        if self._found:
            self._reader.used.add(NAME)
        return once(self._found)

    def _served(self, module: Module, handlers: list[Module]) -> Iterator[_Served]:
        for name, binding in module.bindings.items():
            made = binding.value
            kind = made.text.rsplit(".", 1)[-1]
            entry = module.imports.get(made.text.split(".")[0])
            if made.kind == "call" and made.items and entry is not None and entry.module.startswith("@orpc/"):
                for prefix in (
                    self._prefixes(module, name, handlers) if kind in ("RPCHandler", "OpenAPIHandler") else ()
                ):
                    yield _Served(module.path, made.items[0], kind == "RPCHandler", prefix)

    def _prefixes(self, module: Module, name: str, handlers: list[Module]) -> list[str]:
        """Where a handler is asked: ``handler.handle(request, { prefix: "/rpc" })``."""
        found: list[str] = []
        for other in handlers:
            for call in calls_in(other):
                owner, _, method = call.text.rpartition(".")
                if method != "handle" or not owner:
                    continue
                there = self._resolver.find(other.path, owner)
                same = (other.path, owner) == (module.path, name)
                if not same and (there is None or (there.path, there.name) != (module.path, name)):
                    continue
                given = next((one for item in call.items if (one := item.get("prefix")) is not None), None)
                if given is not None:
                    found.append(self._resolver.text(other.path, given))
        return list(dict.fromkeys(found)) or [_UNKNOWN]

    def _router(
        self, served: _Served, path: str, value: Expr, names: tuple[str, ...], above: Reading, prefix: str, depth: int
    ) -> None:
        """Walks a router to its procedures; ``prefix`` is what ``.prefix()`` adds for an OpenAPIHandler."""
        if depth > DEEPEST:
            return
        if value.kind == "dict":
            for key, one in value.named:
                self._router(served, path, one, (*names, key), above, prefix, depth + 1)
            return
        if value.kind == "name" or (value.kind == "call" and value.text.rsplit(".", 1)[-1] == "lazy"):
            found = self._lazy(path, value) if value.kind == "call" else self._resolver.find(path, value.text)
            if found is not None and found.binding is not None:
                self._router(served, found.path, found.binding.value, names, above, prefix, depth + 1)
            else:
                self._reader.lose(path, value.line, f"{value.text}, {'.'.join(names) or 'the router'} of a handler")
            return
        links = {link.text.rsplit(".", 1)[-1]: link for link in reversed(links_of(value))}
        if "handler" in links:
            self._procedure(served, path, value, links, names, above, prefix)
        elif "router" in links and links["router"].items:
            above += self._procedures.demanded(path, value)
            given = links.get("prefix")
            more = self._resolver.text(path, given.items[0]) if given is not None and given.items else ""
            self._router(served, path, links["router"].items[0], names, above, join(prefix, more), depth + 1)

    def _lazy(self, path: str, value: Expr) -> Found | None:
        code = value.items[0].function.code if value.items and value.items[0].function else ""
        match = _LAZY.search(code)
        target = self._resolver.script_file(path, match[1]) if match else None
        return self._resolver.exported(target, (match[2] or "default") if match else "", [], 8) if target else None

    def _procedure(
        self,
        served: _Served,
        path: str,
        value: Expr,
        links: dict[str, Expr],
        names: tuple[str, ...],
        above: Reading,
        prefix: str,
    ) -> None:
        handler = next((item for item in links["handler"].items), None)
        function, where = (handler.function, path) if handler is not None else (None, path)
        if handler is not None and handler.kind == "name":
            found = self._resolver.find(path, handler.text)
            function, where = (found.function, found.path) if found else (None, path)
        inline = self._reader.guards.inside(where, function) if function is not None else Reading()
        code = function.code if function is not None else ""
        method, address = self._route_of(path, value, links)
        reading = above + self._procedures.demanded(path, value)
        name, line = ".".join(names), links["handler"].line
        if served.rpc:
            address, methods = "/".join(names), ("GET", "POST") if method == "GET" else ("POST",)
        else:
            # A prefix stands before paths that are given, and not before those that follow from the names.
            address, methods = join(prefix, address) if address else "/".join(names), (method or "POST",)
        for verb in methods:
            inputs = self._inputs(path, links.get("input"), served.rpc, verb)
            given = _in_path(address, inputs)
            route = Route(verb, address, name, path, line, code, reading, inline, given)
            one = endpoint(NAME, route, join(served.prefix), Reading())
            self._found.append(replace(one, action="read") if method == "GET" and one.action == "write" else one)

    def _route_of(self, path: str, value: Expr, links: dict[str, Expr]) -> tuple[str, str]:
        """The method and path that ``.route({ method, path })`` gives, on the procedure or on the contract it implements; empty where it gives none."""
        given = links.get("route") or self._contract(path, links_of(value)[-1].text.rpartition(".")[0])
        options = next((item for item in given.items if item.kind == "dict"), None) if given is not None else None
        if options is None:
            return "", ""
        method, address = options.get("method"), options.get("path")
        written = self._resolver.text(path, address) if address is not None else ""
        at = re.sub(r"\{\+?(\w+)\}|:(\w+)", lambda match: f"{{{match[1] or match[2]}}}", written)
        return (method.text if method is not None else ""), at

    def _contract(self, path: str, dotted: str) -> Expr | None:
        """The ``.route(...)`` of the contract behind ``os.notes.list``, where ``os = implement(contract)``."""
        head, _, rest = dotted.partition(".")
        keys = rest.split(".") if rest else []
        found = self._resolver.find(path, head) if head else None
        for _ in range(DEEPEST):
            value = found.binding.value if found is not None and found.binding is not None else None
            if found is None or value is None:
                return None
            if value.kind == "name":
                head, _, rest = value.text.partition(".")
                keys = [*(rest.split(".") if rest else []), *keys]
                found = self._resolver.find(found.path, head)
                continue
            implements = next((link for link in links_of(value) if link.text == "implement"), None)
            if implements is not None and implements.items:
                return self._part(found.path, implements.items[0], keys, 0)
            return None
        return None

    def _part(self, path: str, value: Expr, keys: list[str], depth: int) -> Expr | None:
        if depth > DEEPEST:
            return None
        if value.kind == "name":
            head, _, rest = value.text.partition(".")
            whole = self._resolver.find(path, value.text)
            if whole is not None and whole.binding is not None:
                return self._part(whole.path, whole.binding.value, keys, depth + 1)
            found = self._resolver.find(path, head)
            if found is None or found.binding is None:
                return None
            return self._part(found.path, found.binding.value, [*(rest.split(".") if rest else []), *keys], depth + 1)
        if value.kind == "dict" and keys:
            inner = value.get(keys[0])
            return self._part(path, inner, keys[1:], depth + 1) if inner is not None else None
        router = next((link for link in links_of(value) if link.text.rsplit(".", 1)[-1] == "router"), None)
        if router is not None and router.items:
            return self._part(path, router.items[0], keys, depth + 1)
        named = (link for link in links_of(value) if link.text.rsplit(".", 1)[-1] == "route")
        return next(named, None) if not keys else None

    def _inputs(self, path: str, link: Expr | None, rpc: bool, verb: str) -> tuple[Input, ...]:
        value = link.items[0] if link is not None and link.items else None
        if rpc and verb == "GET":
            # What a GET takes is one parameter, `data`, that holds all of it as JSON.
            return (Input("data", "query"),) if value is not None else ()
        found = self._procedures.inputs(path, value, "query" if verb == "GET" else "body")
        return tuple(replace(one, name=f"json.{one.name}") for one in found) if rpc else found


def _in_path(address: str, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    named = re.findall(r"\{(\w+)\}", address)
    return tuple(replace(one, where="path") if one.name in named else one for one in inputs)


READS = {NAME: Orpc}
