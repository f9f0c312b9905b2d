"""Names of a schema followed to what they stand for, and the texts and numbers in it."""

import re

from launchready.sources.facts.shape import Expr
from launchready.sources.resolver import Resolver

_NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?")
MOST_CHOICES = 60
NOTHING = Expr("dict")


def followed(resolver: Resolver, path: str, value: Expr | None, hops: int = 8) -> tuple[str, Expr]:
    """What a name stands for, and the file it stands in; another expression is itself. An empty object when it cannot be followed."""
    if value is None or not hops:
        return path, NOTHING
    if value.kind != "name":
        return path, value
    found = resolver.find(path, value.text) if value.text else None
    if found is None or found.binding is None:
        return path, NOTHING
    inner = found.binding.value
    if inner.kind == "name" and (found.path, inner.text) == (path, value.text):
        return path, NOTHING
    return followed(resolver, found.path, inner, hops - 1)


def texts_of(resolver: Resolver, path: str, value: Expr | None) -> tuple[str, ...]:
    """The texts of a list, of an enum, of an object's values or of one literal, names followed; each once."""
    where, there = followed(resolver, path, value)
    if there.kind == "str":
        return (there.text,)
    parts = (
        there.items if there.kind == "list" else tuple(one for _, one in there.named) if there.kind == "dict" else ()
    )
    found = [text for part in parts for text in texts_of(resolver, where, part) if part.kind in ("str", "name")]
    return tuple(dict.fromkeys(found))[:MOST_CHOICES]


def number_of(value: Expr | None) -> float | None:
    """The number that a constant is; None for anything else."""
    if value is None or value.kind != "const" or not _NUMBER.fullmatch(value.text):
        return None
    return float(value.text.replace("_", ""))
