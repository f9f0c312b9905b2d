"""What hooks of Fastify demand: functions, decorated ones, and lists of them (fastify.dev/docs: hooks; @fastify/auth, README)."""

import re
from dataclasses import replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.frameworks.express_middleware import HARMLESS
from launchready.sources.frameworks.script_given import unbound
from launchready.sources.frameworks.script_handlers import Handlers
from launchready.sources.readings import Guard, Reading
from launchready.sources.sometimes import returns_before, returns_on_the_way
from launchready.sources.spared import spared_by

VERIFIES = re.compile(r"\bjwtVerify\(|\bhttpErrors\.(?:unauthorized|forbidden)\(|\bjwtDecode\(")
_BY_PATH = re.compile(r"\burl\b|path(?:name)?\b|\brouter?Path\b|\brouteOptions\b|\broute\b", re.I)
# github.com/hsynlms/fastify-guard: what the request has under `user` is asked for its roles or scopes.
_OF_FASTIFY_GUARD = re.compile(r"\.guard\.(?:role|scope)$")


class Hooks:
    """Reads the hooks of one tree. ``decorated`` are the functions that apps keep under a name, each with its file."""

    def __init__(self, reader: Reader, handlers: Handlers) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = handlers
        self.decorated: dict[str, tuple[str, Expr]] = {}

    def reading(self, path: str, value: Expr) -> Reading:
        """What a hook demands: a function, a decorated one such as ``fastify.authenticate``, or a list of them."""
        if value.kind == "list":
            return sum((self.reading(path, item) for item in value.items), Reading())
        value = unbound(value)
        if value.kind == "call" and value.text.endswith(".auth") and value.items:
            return self._any_of(path, value)
        if value.kind == "call" and _OF_FASTIFY_GUARD.search(value.text):
            roles = self._reader.guards.factory_roles(value, path)
            return Reading((Guard(Span(path, value.line, f"{value.text} of fastify-guard refuses strangers"), roles),))
        decorated = self.decorated.get(value.text.rsplit(".", 1)[-1]) if value.kind in ("name", "call") else None
        where, target = decorated if decorated and "." in value.text else (path, value)
        handler = self._handlers.unwrapped(where, target)
        name = value.text or "hook"
        if handler.function is None:
            where, target = self._bound(where, target)
            if target.kind == "list":
                # const staff = [requireRole("hr")]; app.get("/hours", { preHandler: staff }, list)
                return self.reading(where, target)
            made = self._resolver.find(where, target.text) if target.kind == "call" and target.text else None
            if made and made.function:
                guard = self._reader.guards.function(made.path, made.function)
                return passed_on(guard, path, value.line, name, self._reader.guards.factory_roles(value, path))
            if HARMLESS.search(name):
                return Reading()
            return Reading(unsure=(Span(path, value.line, f"hook {name} could not be followed"),))
        if VERIFIES.search(handler.function.code):
            return Reading(
                (Guard(Span(path, value.line, f"{name} verifies the token ({handler.where}:{handler.function.line})")),)
            )
        guard = self._reader.guards.function(handler.where, handler.function)
        passes = returns_before(handler.function.code) if guard is not None else ""
        on_the_way = returns_on_the_way(handler.function.code) if guard is not None else []
        by_path = any(_BY_PATH.search(one) for one in (passes, *on_the_way))
        spared = spared_by(handler.function.code) if guard is not None else ()
        if spared is None or (by_path and not spared):
            what = f"{name} lets some requests pass by their path"
            return Reading(unsure=(Span(handler.where, handler.function.line, what),))
        optional = bool(passes) and not _BY_PATH.search(passes)
        kept = replace(guard, optional=guard.optional or optional, spared=spared) if guard is not None else None
        return passed_on(kept, path, value.line, name)

    def _any_of(self, path: str, value: Expr) -> Reading:
        """``fastify.auth([a, b])`` (@fastify/auth): one that lets pass is enough, unless it is told ``relation: "and"``."""
        listed = value.items[0].items if value.items[0].kind == "list" else value.items[:1]
        readings = [self.reading(path, item) for item in listed]
        relation = value.items[1].get("relation") if len(value.items) > 1 else None
        if relation is not None and relation.text == "and":
            return sum(readings, Reading())
        if any(not (one.guards or one.unsure) for one in readings):
            return Reading()
        unsure = tuple(span for one in readings for span in one.unsure)
        return Reading(unsure=unsure) if unsure else Reading(tuple(one.guards[0] for one in readings))

    def _bound(self, path: str, value: Expr, hops: int = 4) -> tuple[str, Expr]:
        """What a name is bound to: ``const limit = createLimit(redis); app.decorate("limit", limit)``."""
        found = self._resolver.find(path, value.text) if value.kind == "name" and value.text and hops else None
        return (
            (path, value) if not found or not found.binding else self._bound(found.path, found.binding.value, hops - 1)
        )
