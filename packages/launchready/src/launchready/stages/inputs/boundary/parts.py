"""The rules of one endpoint as a tree: dotted names are tables inside tables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from launchready.model.inputs import FieldRule

_CONTROLS = re.compile(r"\bNUL\b|zero byte|control|surrogate|bidi", re.I)


@dataclass(frozen=True, slots=True)
class Part:
    """A field with its rule, or a table of ``parts`` where ``rule`` is None."""

    name: str
    rule: FieldRule | None
    parts: tuple["Part", ...] = ()

    @property
    def required(self) -> bool:
        """Whether it must be there: a table is when anything in it is."""
        return self.rule.required if self.rule else any(part.required for part in self.parts)


def tree(rules: Sequence[FieldRule]) -> tuple[Part, ...]:
    """The fields in their order, those of one table together."""
    found: dict[str, list[FieldRule]] = {}
    for rule in rules:
        first, _, rest = rule.name.partition(".")
        inner = found.setdefault(first, [])
        if rest:
            inner.append(_named(rule, rest))
        else:
            inner.insert(0, rule)
    parts = []
    for name, inner in found.items():
        nested = [rule for rule in inner if rule.name != name]
        parts.append(Part(name, None, tree(nested)) if nested else Part(name, inner[0]))
    return tuple(parts)


def clean(rule: FieldRule) -> bool:
    """Whether characters that nobody types have to be kept out of a text."""
    return rule.type == "text" and any(_CONTROLS.search(said) for said in rule.missing)


def class_name(route: str, suffix: str = "") -> str:
    """``PostApiSignup`` for ``POST /api/signup``."""
    words = re.findall(r"[A-Za-z0-9]+", re.sub(r"[{}]", " ", route))
    name = "".join(word[:1].upper() + (word[1:].lower() if word.isupper() else word[1:]) for word in words)
    return name + suffix


def suffix(where: str) -> str:
    """What sets the rules of one place of a request apart by name: nothing for a body."""
    return {"query": "Query", "path": "Params"}.get(where, "")


def whole(number: float) -> str:
    """A bound as people write it: no ``.0``."""
    return str(int(number)) if number == int(number) else str(number)


def _named(rule: FieldRule, name: str) -> FieldRule:
    return FieldRule(
        rule.where, name, rule.type, rule.required, rule.choices, rule.least, rule.most, missing=rule.missing
    )
