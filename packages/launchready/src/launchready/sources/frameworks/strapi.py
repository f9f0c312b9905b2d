"""Strapi 4 and 5: route files of its APIs, and the routes that core routers bring for a content type (docs.strapi.io: backend, routes).

Everything is refused unless the role of the caller has a permission, which an administrator gives in the database; a route says of itself
``auth: false`` where nobody is asked.
"""

import re
from collections.abc import Iterator

from launchready.model.parsed import json_of, table_of
from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.frameworks.script_handlers import SCRIPTS, Handlers
from launchready.sources.frameworks.script_routers import template
from launchready.sources.readings import Guard, Reading
from launchready.sources.stranger.judge import Met

NAME = "Strapi"
_ROUTES = re.compile(r"^src/api/[^/]+/routes/.+\.(?:js|ts)$")
_SCHEMA = re.compile(r"^src/api/([^/]+)/content-types/([^/]+)/schema\.json$")
_SETTINGS = re.compile(r"^config/api\.(?:js|ts)$")
_MANY = {
    "find": ("GET", ""),
    "findOne": ("GET", "/{id}"),
    "create": ("POST", ""),
    "update": ("PUT", "/{id}"),
    "delete": ("DELETE", "/{id}"),
}
_ONE = {"find": ("GET", ""), "update": ("PUT", ""), "delete": ("DELETE", "")}


class Strapi:
    """Reads the content API of every Strapi app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver

    def read(self) -> tuple[Endpoint, ...]:
        """The routes of every API; those of plugins and of the admin panel are Strapi's own."""
        found: list[Endpoint] = []
        for root in Handlers(self._reader).roots(frozenset(("@strapi/strapi",)), ()):
            paths = [file.path for file in self._reader.tree.files if file.path.startswith(root)]
            types = {
                f"api::{match.group(1)}.{match.group(2)}": path
                for path in paths
                if (match := _SCHEMA.match(path[len(root) :]))
            }
            prefix = next((self._prefix(path) for path in paths if _SETTINGS.match(path[len(root) :])), "/api")
            for path in self._reader.tree.with_suffix(*SCRIPTS):
                if path.path.startswith(root) and _ROUTES.match(path.path[len(root) :]):
                    found += (endpoint(NAME, one, prefix, Reading()) for one in self._routes(path.path, types))
        if found:
            self._reader.used.add(NAME)
        return once(found)

    def _default(self, path: str) -> Expr:
        module = self._resolver.module(path)
        value = module.exports.get("default") if module is not None else None
        if module is not None and value is not None and value.kind == "name" and value.text in module.bindings:
            value = module.bindings[value.text].value
        return value if value is not None else Expr("other")

    def _prefix(self, path: str) -> str:
        rest = self._default(path).get("rest")
        given = rest.get("prefix") if rest is not None else None
        return given.text if given is not None and given.kind == "str" else "/api"

    def _routes(self, path: str, types: dict[str, str]) -> Iterator[Route]:
        value = self._default(path)
        if value.kind == "call" and value.text.rsplit(".", 1)[-1] == "createCoreRouter" and value.items:
            yield from self._core(path, value, types)
        listed = value.get("routes")
        for one in listed.items if listed is not None else ():
            method, at, handler = one.get("method"), one.get("path"), one.get("handler")
            if method is not None and at is not None and method.text.upper() not in ("HEAD", "OPTIONS"):
                name = handler.text if handler is not None else ""
                yield self._route(path, method.text.upper(), template(at.text), name, one, one.get("config"))

    def _core(self, path: str, call: Expr, types: dict[str, str]) -> Iterator[Route]:
        """The routes of ``createCoreRouter("api::article.article", { only, except, config })``, by the schema of the type."""
        uid = call.items[0].text
        schema = self._schema(types.get(uid, ""))
        info = schema.get("info")
        single = schema.get("kind") == "singleType"
        name = info.get("singularName" if single else "pluralName") if isinstance(info, dict) else None
        if not isinstance(name, str):
            self._reader.lose(path, call.line, f"the content type {uid}")
            return
        options = call.items[1] if len(call.items) > 1 else Expr("dict")
        only, without = options.get("only"), options.get("except")
        settings = options.get("config") or Expr("dict")
        for action, (method, tail) in (_ONE if single else _MANY).items():
            if (only is not None and action not in set(only.strings())) or (
                without is not None and action in set(without.strings())
            ):
                continue
            yield self._route(path, method, join(name, tail), f"{uid}.{action}", call, settings.get(action))

    def _schema(self, path: str) -> dict[str, object]:
        return table_of(json_of(self._reader.tree.text(path) or "")) if path else {}

    @staticmethod
    def _route(path: str, method: str, at: str, name: str, said: Expr, config: Expr | None) -> Route:
        span = Span(path, said.line, "Strapi asks whether the caller's role has a permission for it")
        auth = config.get("auth") if config is not None else None
        reading = Reading((Guard(span, deeper=Met((span,), "a permission of the caller's role", stored=True)),))
        if auth is not None and auth.text == "false":
            asked = [config.get(key) for key in ("policies", "middlewares")] if config is not None else []
            names = ", ".join(text for one in asked if one is not None for text in one.strings())
            what = f"auth is off, and {names} could not be followed"
            reading = Reading(unsure=(Span(path, said.line, what),)) if names else Reading()
        inputs = (Input("data", "body"),) if method in ("POST", "PUT") and name.startswith("api::") else ()
        return Route(method, at, name, path, said.line, "", reading, Reading(), inputs)


READS = {NAME: Strapi}
