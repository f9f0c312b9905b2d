"""What the names around a body of Python stand for: texts, patterns, and the functions it calls."""

import re
from dataclasses import dataclass

from launchready.sources.facts.shape import Expr, Function
from launchready.sources.resolver import Resolver

Texts = tuple[str | re.Pattern[str], ...]
_COLLECTS = ("set", "frozenset", "tuple", "list")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Scope:
    """One file, as its functions see it."""

    resolver: Resolver
    path: str

    def texts(self, name: str) -> "Texts | str | None":
        """The text or the texts that a name stands for, patterns among them; None when it stands for something else, or a part is not known."""
        owner, _, held = name.partition(".")
        if owner in ("self", "cls") and held.isidentifier():
            return self._of_class(held)
        found = self.resolver.find(self.path, name)
        value = found.binding.value if found and found.binding else None
        if found is None or value is None:
            return None
        return self.told(found.path, value)

    def _of_class(self, name: str) -> "Texts | str | None":
        """What a field of the only class of the file that has it holds: ``EXEMPT = ("login", "join")``."""
        module = self.resolver.module(self.path)
        owners = (one for one in module.functions.values() if one.is_class) if module else ()
        held = [one.default for owner in owners for one in owner.fields if one.name == name]
        return self.told(self.path, held[0]) if len(held) == 1 and held[0] is not None else None

    def told(self, path: str, value: Expr) -> "Texts | str | None":
        """The text or the texts that an expression in file ``path`` comes to."""
        return self._text(path, value) if value.kind == "str" else self._listed(path, value, 0)

    def pattern(self, name: str) -> "re.Pattern[str] | None":
        """The pattern that a name is compiled from."""
        found = self.resolver.find(self.path, name)
        value = found.binding.value if found and found.binding else None
        if found is None or value is None or value.text != "re.compile" or len(value.items) != 1:
            return None
        return compiled(self._text(found.path, value.items[0]))

    def function(self, name: str) -> "tuple[Scope, Function] | None":
        """The function of the tree that a name stands for, and the file it sees."""
        found = self.resolver.find(self.path, name)
        if found is None or found.function is None or found.function.is_class or not found.path.endswith(".py"):
            return None
        return Scope(self.resolver, found.path), found.function

    def _text(self, path: str, value: Expr) -> str | None:
        text = self.resolver.text(path, value) if value.kind in ("str", "name") else "{?}"
        return None if "?}" in text else text

    def _listed(self, path: str, value: Expr, depth: int) -> "Texts | None":
        if value.kind == "call" and value.text in _COLLECTS and value.items:
            value = value.items[0]
        if depth > _DEEPEST or value.kind != "list":
            return None
        texts: list[str | re.Pattern[str]] = []
        for item in value.items:
            made = item.kind == "call" and item.text == "re.compile" and len(item.items) == 1
            text = compiled(self._text(path, item.items[0])) if made else self._text(path, item)
            inner = (text,) if text is not None else self._inner(path, item, depth)
            if inner is None:
                return None
            texts += inner
        return tuple(texts)

    def _inner(self, path: str, item: Expr, depth: int) -> "Texts | None":
        """What stands in a list that is a part of another: ``OPEN | {"a"}``, ``[*OPEN, "a"]``."""
        found = self.resolver.find(path, item.text) if item.kind == "name" else None
        if found and found.binding:
            return self._listed(found.path, found.binding.value, depth + 1)
        return self._listed(path, item, depth + 1)


def compiled(text: str | None) -> "re.Pattern[str] | None":
    """A pattern of the app's, when it is one."""
    try:
        return re.compile(text) if text is not None else None
    except re.error:
        return None
