"""An expression in which names stand for what they are given: an entry of a list, or the argument of a call."""

import re
from collections.abc import Mapping

from msgspec import structs

from launchready.sources.facts.shape import Expr

_HOLE = re.compile(r"\{([A-Za-z_][\w.]*)\?\}")


def filled(value: Expr, names: Mapping[str, Expr]) -> Expr:
    """The expression with each of these names replaced, in texts and in what is called as well."""
    if value.kind == "name" and value.text in names:
        return names[value.text]
    if value.kind == "str":
        return structs.replace(value, text=_HOLE.sub(lambda hole: _written(hole, names), value.text))
    items = tuple(filled(one, names) for one in value.items)
    named = tuple((key, filled(one, names)) for key, one in value.named)
    on = filled(value.on, names) if value.on is not None else None
    return structs.replace(value, text=_spelled(value, names), items=items, named=named, on=on)


def _written(hole: re.Match[str], names: Mapping[str, Expr]) -> str:
    given = names.get(hole[1])
    return hole[0] if given is None else given.text if given.kind == "str" else f"{{{given.text or hole[1]}?}}"


def _spelled(value: Expr, names: Mapping[str, Expr]) -> str:
    """``view.as_view``, where the name stands for a class."""
    head, dot, rest = value.text.partition(".")
    given = names.get(head) if value.kind in ("name", "call") else None
    return f"{given.text}{dot}{rest}" if given is not None and given.kind == "name" else value.text
