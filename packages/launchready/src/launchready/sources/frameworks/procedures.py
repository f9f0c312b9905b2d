"""Procedures that are built by chains of calls (tRPC, oRPC): what the middleware on the way demands, and what they take."""

import re
from dataclasses import replace

from launchready.model.surface import Input, Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.readings import Reading
from launchready.sources.schemas.compose import schema_inputs

DEEPEST = 10
_DENIES = re.compile(r"\b(?:UNAUTHORIZED|FORBIDDEN)\b")
_STEPS = ("use", "unstable_pipe", "concat")


class Procedures:
    """Reads the builders of one tree. ``package`` begins the names of the library's own packages, whose builders demand nothing."""

    def __init__(self, reader: Reader, package: str) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._package = package

    def demanded(self, path: str, value: Expr, depth: int = 0) -> Reading:
        """What the middleware of a builder demands, from its base procedure on."""
        if value.kind == "name":
            return self._base(path, value.text, value.line, depth)
        reading = Reading()
        links = links_of(value)
        for link in links:
            if link.text.rsplit(".", 1)[-1] in _STEPS:
                for item in link.items:
                    reading += self.step(path, item)
        root = links[-1].text.rsplit(".", 1)[0] if "." in links[-1].text else links[-1].text
        return reading + self._base(path, root, value.line, depth)

    def _base(self, path: str, root: str, line: int, depth: int) -> Reading:
        found = self._resolver.find(path, root) if root and depth < DEEPEST else None
        if (found is None or not (found.binding or found.function or found.outside)) and "." in root:
            # const os = implement(contract).use(a); os.notes.list.handler(...): each part of it has the middleware of the whole.
            root = root.split(".")[0]
            found = self._resolver.find(path, root) if depth < DEEPEST else None
        if found and found.binding and found.binding.value.kind in ("call", "name"):
            inner = self.demanded(found.path, found.binding.value, depth + 1)
            spans = tuple(replace(g, span=Span(path, line, f"{root}: {g.span.what}")) for g in inner.guards)
            return Reading(spans, inner.unsure)
        if found and found.function:
            guard = self._reader.guards.function(found.path, found.function)
            return passed_on(guard, path, line, root)
        if found and found.outside and not found.outside.startswith(self._package):
            return Reading(unsure=(Span(path, line, f"{root} could not be followed"),))
        return Reading()

    def step(self, path: str, item: Expr) -> Reading:
        """A middleware: a function, a name for one, or ``t.middleware(function)``."""
        if item.function is not None:
            return self._ran(path, item.function)
        if item.kind == "call" and item.text.endswith(".unstable_pipe"):
            # signedIn.unstable_pipe(asAdmin): both run (trpc.io/docs/server/middlewares).
            before = self.step(path, Expr("name", item.text.removesuffix(".unstable_pipe"), line=item.line))
            return sum((self.step(path, one) for one in item.items), before)
        if item.kind == "call":
            found = self._resolver.find(path, item.text) if item.text else None
            if found and found.function and (guard := self._reader.guards.function(found.path, found.function)):
                return passed_on(guard, path, item.line, item.text, self._reader.guards.factory_roles(item, path))
            return sum((self.step(path, one) for one in item.items if one.kind in ("function", "call")), Reading())
        found = self._resolver.find(path, item.text) if item.text else None
        if found and found.function:
            ran = self._ran(found.path, found.function)
            return sum((passed_on(one, path, item.line, item.text) for one in ran.guards), Reading(unsure=ran.unsure))
        if found and found.binding:
            return self.step(found.path, found.binding.value)
        return Reading(unsure=(Span(path, item.line, f"middleware {item.text or 'here'} could not be followed"),))

    def _ran(self, path: str, function: Function) -> Reading:
        guard = self._reader.guards.function(path, function)
        if guard is None and (named := _DENIES.search(function.code)):
            what = f"{function.name or 'middleware'} speaks of {named.group()}, and no refusal could be followed"
            return Reading(unsure=(Span(path, function.line, what),))
        return Reading((guard,)) if guard else Reading()

    def inputs(self, path: str, value: Expr | None, where: str) -> tuple[Input, ...]:
        """The fields of the schema that ``.input(schema)`` is given."""
        return schema_inputs(self._resolver, path, value, where)


def links_of(value: Expr) -> list[Expr]:
    """A chain of calls, the last one first."""
    links = [value]
    while links[-1].on is not None:
        links.append(links[-1].on)
    return links
