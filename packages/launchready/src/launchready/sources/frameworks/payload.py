"""Payload: the REST API of its collections and globals, each operation as its access function lets strangers in.

Source: payloadcms.com/docs (REST API, access control: collections and globals, authentication operations). Where no function is given,
Payload lets in whoever is signed in; one that gives back a query lets in to the rows it fits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.core.ways import BY_ACCESS
from launchready.model.surface import Endpoint, Span
from launchready.model.words import AccessVerdict
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, join, once
from launchready.sources.frameworks.payload_access import Accesses
from launchready.sources.frameworks.payload_fields import fields_of
from launchready.sources.frameworks.script_handlers import Handlers
from launchready.sources.frameworks.script_routers import template
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

NAME = "Payload"
_MARK = Mark(re.compile(rb"""\bbuildConfig\s*\(|["']payload(?:/[\w/]+)?["']"""), (b"payload",))
_CONFIG = Mark(re.compile(rb"""["']payload(?:/config)?["'][\s\S]*\bbuildConfig\s*\("""), (b"buildConfig",))
_SCRIPTS = (".ts", ".js", ".mjs", ".mts")
# Operation, method, what follows the address of the collection.
_COLLECTION = (
    ("read", "GET", ""),
    ("read", "GET", "/{id}"),
    ("create", "POST", ""),
    ("update", "PATCH", ""),
    ("update", "PATCH", "/{id}"),
    ("delete", "DELETE", ""),
    ("delete", "DELETE", "/{id}"),
)
_GLOBAL = (("read", "GET", ""), ("update", "POST", ""))
# Method, what follows, whether a session is asked for, and the fields of the body.
_ACCOUNTS = (
    ("POST", "/login", False, ("email", "password")),
    ("POST", "/forgot-password", False, ("email",)),
    ("POST", "/reset-password", False, ("token", "password")),
    ("POST", "/logout", False, ()),
    ("POST", "/refresh-token", True, ()),
    ("GET", "/me", False, ()),
)
_BY_PASSWORD = frozenset(("/login", "/forgot-password", "/reset-password"))
# `payload.create({ collection: "users", … })` passes every access function, unless it is told not to.
_MADE = r"\.create\(\s*\{{\s*collection\s*:\s*[\"']{slug}[\"']"
_SEEDS = re.compile(r"seed|fixture|test|spec|script|migrat", re.I)
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class _Place:
    """A description of a collection or a global, and the file it stands in."""

    path: str
    value: Expr


class Payload:
    """Reads what every ``buildConfig({...})`` of a tree serves."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)
        self._accesses = Accesses(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """The routes of every collection and global, of accounts, and those that the configuration adds."""
        found: list[Endpoint] = []
        for module in self._reader.marked(_CONFIG, *_SCRIPTS):
            values = (*module.exports.values(), *(one.value for one in module.bindings.values()), *module.calls)
            for config in {call.line: call for value in values for call in _made(value)}.values():
                api, admin = self._address(module.path, config, "api"), self._address(module.path, config, "admin")
                found += (endpoint(NAME, route, api, Reading()) for route in self._routes(module.path, config))
                panel = Span(module.path, config.line, "Payload's own panel lets in the people of one collection")
                given = config.get("admin")
                people = self._resolver.text(module.path, given.get("user")) if given is not None else ""
                guard = Guard(panel, (people or "users",))
                page = Route("GET", admin, "page", module.path, config.line, "", Reading((guard,)))
                found.append(endpoint(NAME, page, "", Reading()))
        if found:
            self._reader.used.add(NAME)
        return once(found)

    def _address(self, path: str, config: Expr, name: str) -> str:
        routes = config.get("routes")
        given = routes.get(name) if routes is not None else None
        return self._resolver.text(path, given) if given is not None else f"/{name}"

    def _routes(self, path: str, config: Expr) -> Iterator[Route]:
        yield from self._own(_Place(path, config), "")
        collections = list(self._described(path, config.get("collections"), _DEEPEST))
        given_out = self._given_out(collections)
        for one in collections:
            slug = self._slug(one)
            yield from self._own(one, slug)
            yield from self._accounts(one, slug)
            for operation, method, tail in _COLLECTION:
                yield self._operation(one, operation, method, join(slug, tail), given_out)
        for one in self._described(path, config.get("globals"), _DEEPEST):
            slug = join("globals", self._slug(one))
            yield from self._own(one, slug)
            for operation, method, tail in _GLOBAL:
                yield self._operation(one, operation, method, join(slug, tail), given_out)

    def _slug(self, one: _Place) -> str:
        return self._resolver.text(one.path, one.value.get("slug"))

    def _given_out(self, collections: list[_Place]) -> tuple[str, ...]:
        """The one collection of accounts, where nobody makes one for oneself: whoever is signed in is of the staff then."""
        accounts = [one for one in collections if _signs_in(one)]
        if len(accounts) != 1:
            return ()
        one, slug = accounts[0], self._slug(accounts[0])
        created = self._accesses.asked(one.path, one.value, "create").reading.access()
        made = re.compile(_MADE.format(slug=re.escape(slug)).encode())
        files = self._reader.tree.with_suffix(*_SCRIPTS, ".tsx")
        by_app = any(
            made.search(self._reader.tree.bytes(file.path) or b"") for file in files if not _SEEDS.search(file.path)
        )
        return (slug,) if created.verdict is AccessVerdict.GUARDED and not by_app else ()

    def _described(self, path: str, value: Expr | None, hops: int) -> Iterator[_Place]:
        """The collections that a list, or a name for one, brings."""
        if value is None:
            return
        if value.kind == "list":
            for item in value.items:
                yield from self._described(path, item, hops)
        elif value.kind == "dict" and value.get("slug") is not None:
            yield _Place(path, value)
        elif value.kind == "name" and hops:
            found = self._resolver.find(path, value.text)
            if found is not None and found.binding is not None:
                yield from self._described(found.path, found.binding.value, hops - 1)
            else:
                self._reader.lose(path, value.line, f"the collection {value.text}")
        else:
            self._reader.lose(path, value.line, f"the collection that {value.text or 'this'} makes")

    def _operation(self, one: _Place, operation: str, method: str, address: str, given_out: tuple[str, ...]) -> Route:
        asked = self._accesses.asked(one.path, one.value, operation)
        guards = tuple(replace(guard, roles=guard.roles or given_out) for guard in asked.reading.guards)
        writes = operation in ("create", "update")
        inputs = fields_of(one.value, operation) if writes else ()
        reading = replace(asked.reading, guards=guards)
        return Route(method, address, BY_ACCESS, asked.path, asked.line, "", reading, inputs=inputs)

    def _accounts(self, one: _Place, slug: str) -> Iterator[Route]:
        """The addresses of a collection whose rows sign in."""
        auth = one.value.get("auth")
        if auth is None or not _signs_in(one):
            return
        off = auth.get("disableLocalStrategy")
        for method, tail, asks, names in _ACCOUNTS:
            if tail in _BY_PASSWORD and off is not None and off.text != "false":
                continue
            span = Span(one.path, auth.line, f"{tail} is guarded by Payload itself")
            reading = Reading((Guard(span),)) if asks else Reading()
            inputs = fields_of(Expr("dict"), "", names)
            yield Route(method, join(slug, tail), f"auth{tail}", one.path, auth.line, "", reading, inputs=inputs)

    def _own(self, one: _Place, slug: str) -> Iterator[Route]:
        """The routes that a list ``endpoints`` adds: Payload asks nobody before them."""
        listed = one.value.get("endpoints")
        for item in listed.items if listed is not None else ():
            described = item
            if item.kind == "name" and (found := self._resolver.find(one.path, item.text)) and found.binding:
                one, described = replace(one, path=found.path), found.binding.value
            method, at, given = described.get("method"), described.get("path"), described.get("handler")
            if method is None or at is None or given is None:
                self._reader.lose(one.path, item.line, "a route of a list of endpoints")
                continue
            handler = self._handlers.unwrapped(one.path, given)
            address = join(slug, template(self._resolver.text(one.path, at)))
            yield self._handlers.route(method.text.upper(), address, "handler", one.path, handler)


def _signs_in(one: _Place) -> bool:
    auth = one.value.get("auth")
    return auth is not None and auth.text != "false"


def _made(value: Expr, hops: int = _DEEPEST) -> Iterator[Expr]:
    """The tables of options of ``buildConfig({...})`` in a value, also inside of what is put around it."""
    if value.kind == "call" and value.text == "buildConfig" and value.items and value.items[0].kind == "dict":
        yield value.items[0]
    elif value.kind == "call" and hops:
        for item in value.items:
            yield from _made(item, hops - 1)


EXPECTS = expected(_MARK, *_SCRIPTS)
READS = {NAME: Payload}
