"""Hooks and middleware of Python that stand before many routes and decide by the request whom they ask."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from launchready.sources.passage_names import Scope
from launchready.sources.passage_values import Asked
from launchready.sources.passages import Passage
from launchready.sources.readings import Guard, Reading
from launchready.sources.resolver import Resolver


class Otherwise(Protocol):
    """Another way to tell what a hook means for one route."""

    def reading(self, asked: Asked) -> Reading:
        """What it means for one route."""
        ...


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """A hook that refuses: how it goes through its statements, the guard it is, and the condition it is there under."""

    passage: Passage
    guard: Guard
    when: str = ""
    # What is said where its statements do not say enough.
    otherwise: "Otherwise | None" = None

    def reading(self, asked: Asked) -> Reading:
        """What it means for one route."""
        end = self.passage.ends(asked)
        if end == "passes":
            return Reading()
        span = self.guard.span
        if end == "refuses":
            guard = replace(
                self.guard, span=replace(span, what=f"{span.what} refuses strangers"), by_caller=True, optional=False
            )
            return Reading((guard,)).asked_when(self.when)
        if self.otherwise is not None:
            return self.otherwise.reading(asked)
        return Reading(unsure=(replace(span, what=f"{span.what} refuses some requests"),)).asked_when(self.when)


# A middleware and the place its app is mounted at.
Placed = tuple[str, Doorkeeper]


def met(gates: Iterable[Placed], method: str, path: str) -> Reading:
    """The middleware on the way to a route."""
    return sum(
        (gate.reading(Asked(method, path, path.removeprefix(prefix) or "/")) for prefix, gate in gates), Reading()
    )


def spelled(resolver: Resolver, path: str, condition: str) -> str:
    """A condition with the settings in the place of the names that stand for them: ``token is not None`` -> ``settings.TOKEN is not None``."""

    module = resolver.module(path)

    def setting(match: re.Match[str]) -> str:
        binding = module.bindings.get(match.group()) if module else None
        value = binding.value if binding else None
        if value is None or value.items or "." not in value.text or value.kind not in ("name", "call"):
            return match.group()
        return value.text + ("()" if value.kind == "call" else "")

    return re.sub(r"(?<![\w.])[A-Za-z_]\w*(?![\w.(])", setting, condition)


def doorkeeper(
    scope: Scope, code: str, guard: Guard, when: str, *, returns: bool = False, given: tuple[str, ...] = ()
) -> Doorkeeper:
    """The doorkeeper that a body is. ``returns`` says that it lets pass by returning nothing, ``given`` under which names it gets what is asked for."""
    return Doorkeeper(Passage(code, scope, returns, given), guard, spelled(scope.resolver, scope.path, when))
