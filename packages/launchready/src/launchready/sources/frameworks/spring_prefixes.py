"""Prefixes that an app puts before some of its controllers: ``configurer.addPathPrefix("/api", predicate)``
(docs.spring.io: PathMatchConfigurer, HandlerTypePredicate)."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from launchready.sources.facts.shape import Expr, Function, Module

_CLASS = re.compile(r"^(?:\w+\.)*([A-Z]\w*)$")


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix, and the controllers it is for: by annotation, type or package; all of the build module when the predicate names none."""

    path: str
    root: str
    names: frozenset[str]
    packages: frozenset[str]

    def holds(self, module: Module, owner: Function) -> bool:
        """Whether the predicate lets a controller's class through."""
        own = {owner.name, *(mark.text for mark in owner.decorators), *(base.text for base in owner.bases)}
        folder = "." + posixpath.dirname(module.path).replace("/", ".") + "."
        return (
            root_of(module.path) == self.root
            and (not self.names or bool(self.names & own))
            and (not self.packages or any(f".{one}." in folder for one in self.packages))
        )


def prefixes(modules: list[Module], text: Callable[[Module, Expr], str]) -> tuple[Prefix, ...]:
    """Every prefix that ``configurePathMatch`` of an app adds; ``text`` folds constants."""
    return tuple(
        _prefix(module, call, text)
        for module in modules
        for owner in module.functions.values()
        for method in owner.methods
        if method.name == "configurePathMatch"
        for step in method.steps
        if isinstance(step, Expr)
        for call in _links(step)
        if call.text == "addPathPrefix" and len(call.items) == 2
    )


def root_of(path: str) -> str:
    """The build module that a file belongs to."""
    return path.split("src/", 1)[0]


def _prefix(module: Module, call: Expr, text: Callable[[Module, Expr], str]) -> Prefix:
    named = [
        one for one in _within(call.items[1]) if one.kind in ("name", "str") and one.text != "HandlerTypePredicate"
    ]
    classes = (_CLASS.match(one.text) for one in named if one.kind == "name")
    return Prefix(
        text(module, call.items[0]),
        root_of(module.path),
        frozenset(found.group(1) for found in classes if found),
        frozenset(one.text for one in named if one.kind == "str"),
    )


def _links(call: Expr) -> Iterator[Expr]:
    current: Expr | None = call
    while current is not None:
        yield current
        current = current.on


def _within(value: Expr) -> Iterator[Expr]:
    yield value
    for inner in (*value.items, *((value.on,) if value.on is not None else ())):
        yield from _within(inner)
    for step in value.function.steps if value.function is not None else ():
        if isinstance(step, Expr):
            yield from _within(step)
