"""Middleware that stands before every route of an app and decides by the path whom it asks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from launchready.sources.passages import Passage
from launchready.sources.readings import Guard, Reading
from launchready.sources.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """A middleware that refuses: how it goes through its statements, the guard it is, and the condition it is there under."""

    passage: Passage
    guard: Guard
    when: str = ""

    def reading(self, method: str, path: str, below: str) -> Reading:
        """What it means for one route: ``path`` as the browser asks, ``below`` without the mount of the app it belongs to."""
        end = self.passage.ends(method, path, below)
        if end == "passes":
            return Reading()
        span = self.guard.span
        if end == "refuses":
            guard = replace(
                self.guard, span=replace(span, what=f"{span.what} refuses strangers"), by_caller=True, optional=False
            )
            return Reading((guard,)).asked_when(self.when)
        return Reading(unsure=(replace(span, what=f"{span.what} refuses some requests"),)).asked_when(self.when)


# A middleware and the place its app is mounted at.
Placed = tuple[str, Doorkeeper]


def met(gates: Iterable[Placed], method: str, path: str) -> Reading:
    """The middleware on the way to a route."""
    return sum((gate.reading(method, path, path.removeprefix(prefix) or "/") for prefix, gate in gates), Reading())


def texts_of(resolver: Resolver, path: str, name: str) -> tuple[str, ...] | str | None:
    """The text or the texts that a name of a file stands for; None when it stands for something else, or a part is not known."""
    found = resolver.find(path, name)
    value = found.binding.value if found and found.binding else None
    if found is None or value is None:
        return None
    if value.kind == "call" and value.text in ("set", "frozenset", "tuple", "list") and value.items:
        value = value.items[0]
    if value.kind == "str":
        text = resolver.text(found.path, value)
        return None if "?}" in text else text
    texts = tuple(resolver.text(found.path, item) for item in value.items)
    return texts if value.kind == "list" and not any("?}" in text for text in texts) else None


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
