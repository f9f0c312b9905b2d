"""Whom an access function of Payload lets in: what it gives back to a stranger decides (payloadcms.com/docs, access control)."""

from collections.abc import Iterator
from dataclasses import dataclass

from launchready.model.surface import Span
from launchready.sources.call_names import ROLE_HELPER
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader
from launchready.sources.readings import Guard, Reading
from launchready.sources.role_names import roles_in
from launchready.sources.stranger.values import about

_HOPS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked before an operation, and the place of the function that decides, or of the description where there is none."""

    reading: Reading
    path: str
    line: int


class Accesses:
    """Reads access functions of one tree."""

    def __init__(self, reader: Reader) -> None:
        self._resolver = reader.resolver
        self._strangers = reader.guards.strangers

    def asked(self, path: str, described: Expr, operation: str) -> Asked:
        """What stands before an operation of a collection or a global, by its description."""
        access = described.get("access")
        given = access.get(operation) if access is not None else None
        if given is None:
            if access is not None and (access.kind != "dict" or access.items):
                what = "its access functions could not be followed"
                return Asked(Reading(unsure=(Span(path, access.line, what),)), path, described.line)
            what = "Payload lets in whoever is signed in where nothing else is said"
            return Asked(Reading((Guard(Span(path, described.line, what)),)), path, described.line)
        where, function = self._function(path, given, _HOPS)
        name = given.text or f"the access function for {operation}"
        if function is None:
            return Asked(Reading(unsure=(Span(path, given.line, f"{name} could not be followed"),)), path, given.line)
        return Asked(self._reading(where, function, name, operation), where, function.line)

    def _reading(self, path: str, function: Function, name: str, operation: str) -> Reading:
        answer = self._strangers.gives(path, function)
        if answer is not None and answer.truth is False:
            roles = tuple(dict.fromkeys(self._roles(path, function, _HOPS)))
            return Reading((Guard(Span(path, function.line, f"{name} lets no stranger in"), roles),))
        # A query lets strangers in to the rows it fits: what they may read of them is meant for them, what they may change is not told.
        if (
            answer is not None
            and answer.truth
            and not about(answer)
            and (answer.kind == "const" or operation == "read")
        ):
            return Reading()
        return Reading(unsure=(Span(path, function.line, f"whom {name} lets in could not be followed"),))

    def _function(self, path: str, given: Expr, hops: int) -> tuple[str, Function | None]:
        if given.kind == "function":
            return path, given.function
        found = self._resolver.find(path, given.text) if given.kind == "name" and hops else None
        if found is not None and found.function is not None:
            return found.path, found.function
        if found is not None and found.binding is not None:
            return self._function(found.path, found.binding.value, hops - 1)
        return path, None

    def _roles(self, path: str, function: Function, hops: int) -> Iterator[str]:
        """The roles that a function lets in by name, or the helpers that it hands the caller to."""
        yield from roles_in(function.code)
        for call in function.calls if hops else ():
            if call.text and ROLE_HELPER.search(call.text.rsplit(".", 1)[-1]):
                yield from call.strings()
            found = self._resolver.find(path, call.text) if call.text else None
            if found is not None and found.function is not None and not found.function.is_class:
                yield from self._roles(found.path, found.function, hops - 1)
