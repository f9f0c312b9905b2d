"""Which functions a factory hands back: ``def authorizer(*, required=True): return required_user if required else optional_user``."""

import re

from launchready.sources.facts.shape import Expr, Function

_RETURN = re.compile(
    r"\breturn\s+([A-Za-z_]\w*)(?:\s+if\s+(not\s+)?([A-Za-z_]\w*)\s+else\s+([A-Za-z_]\w*))?\s*(?:#.*)?$", re.M
)
_TRUE, _FALSE = ("True", "true"), ("False", "false", "None")


def returned_names(function: Function, call: Expr) -> tuple[str, ...]:
    """The names of other functions that ``function`` returns when it is called like ``call``; both when the condition is not known.

    A function defined inside is none of them: its body is part of the factory's own.
    """
    names: list[str] = []
    for first, negated, condition, second in _RETURN.findall(function.code):
        if not second:
            names.append(first)
            continue
        holds = _value(function, call, condition)
        if holds is not None and negated:
            holds = not holds
        names += [first, second] if holds is None else [first if holds else second]
    return tuple(name for name in dict.fromkeys(names) if not re.search(rf"\b(?:def|class)\s+{name}\b", function.code))


def _value(function: Function, call: Expr, name: str) -> bool | None:
    """What a parameter is at the call: given by name, by place, or by default."""
    given = call.get(name)
    for index, param in enumerate(function.params):
        if param.name == name:
            positional = call.items[index] if given is None and index < len(call.items) else None
            given = given or positional or param.default
    text = given.text if given is not None else ""
    return True if text in _TRUE else False if text in _FALSE else None
