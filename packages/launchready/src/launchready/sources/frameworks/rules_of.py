"""What validation in source asks of a field: the values it may have, how long or large it may be, the pattern it must match."""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.resolver import Resolver

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Arguments of pydantic's Field and constr, of FastAPI's Query and Form, and of Django's fields.
_BOUNDS = (("min_length", "ge", "gt", "min_value"), ("max_length", "le", "lt", "max_value"))
_LITERAL, _QUOTED = re.compile(r"Literal\[([^\[\]]*)\]"), re.compile(r"[\"']([^\"']*)[\"']")
_NAMED = re.compile(r"\b[A-Z]\w+")
_MOST_CHOICES = 60


def of_python(given: Input, resolver: Resolver, path: str, annotation: Expr | None, default: Expr | None) -> Input:
    """The input with what its annotation says (``Literal``, an ``Enum``, ``Annotated``, ``constr``), and the call that is its default."""
    for one in _parts(annotation):
        if one.text.rsplit(".", 1)[-1] in ("Literal[]", "Literal"):
            given = replace(given, choices=_texts(*one.items) or given.choices)
        elif one.kind == "call":
            given = of_arguments(given, one)
        elif one.kind == "other":
            # ``Literal["a"] | None`` and ``Plan | None`` are kept as they are written.
            texts = [text for inside in _LITERAL.findall(one.text) for text in _QUOTED.findall(inside)]
            members = [text for name in _NAMED.findall(one.text) for text in _members(resolver, path, name)]
            given = replace(given, choices=tuple(texts or members) or given.choices)
        elif one.kind == "name" and (choices := _members(resolver, path, one.text)):
            given = replace(given, choices=choices)
    return of_arguments(given, default) if default is not None and default.kind == "call" else given


def of_arguments(given: Input, call: Expr) -> Input:
    """The input with what the named arguments of a call say: ``Field(pattern=..., min_length=...)``, ``ChoiceField(choices=...)``."""
    if not call.named:
        return given
    listed = call.get("choices")
    if listed is not None and (choices := choices_of(listed)):
        given = replace(given, choices=choices)
    for name in ("pattern", "regex"):
        rule = call.get(name)
        if rule is not None and rule.kind == "str":
            given = replace(given, pattern=rule.text)
    least, most = (next((n for name in names if (n := _number(call.get(name))) is not None), None) for names in _BOUNDS)
    return replace(given, least=given.least if least is None else least, most=given.most if most is None else most)


def _parts(annotation: Expr | None, depth: int = 0) -> Iterator[Expr]:
    """An annotation and what stands inside its brackets."""
    if annotation is None or depth > 3:
        return
    yield annotation
    if annotation.kind == "list" or (annotation.text.endswith("[]") and "Literal" not in annotation.text):
        for item in annotation.items:
            yield from _parts(item, depth + 1)


def _members(resolver: Resolver, path: str, name: str) -> tuple[str, ...]:
    """The values of an Enum of texts, in its order."""
    found = resolver.find(path, name)
    function = found.function if found else None
    if function is None or not function.is_class or not any("Enum" in base.text for base in function.bases):
        return ()
    return tuple(f.default.text for f in function.fields if f.default is not None and f.default.kind == "str")[
        :_MOST_CHOICES
    ]


def choices_of(listed: Expr | None) -> tuple[str, ...]:
    """Django's choices: values, or pairs of a value and what people read."""
    if listed is None:
        return ()
    values = [item.items[0] if item.kind == "list" and item.items else item for item in listed.items]
    return tuple(dict.fromkeys(one.text for one in values if one.kind == "str"))[:_MOST_CHOICES]


def _texts(*items: Expr) -> tuple[str, ...]:
    """The texts that stand in a call or in the one list it is given; numbers are no choices of texts."""
    inside = [inner for item in items for inner in (item.items if item.kind == "list" else (item,))]
    return tuple(dict.fromkeys(one.text for one in inside if one.kind == "str"))[:_MOST_CHOICES]


def _number(value: Expr | None) -> float | None:
    if value is None or value.kind != "const" or not _NUMBER.fullmatch(value.text):
        return None
    return float(value.text)
