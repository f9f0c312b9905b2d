"""What Bean Validation asks of a field (jakarta.ee/specifications/bean-validation, built-in constraints), and the values of an enum."""

import re
from collections.abc import Iterable
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.schemas.values import number_of

_MUST = re.compile(r"^Not(?:Null|Blank|Empty)$")
_LEAST = {"Min": "value", "DecimalMin": "value", "Size": "min", "Length": "min", "Range": "min"}
_MOST = {"Max": "value", "DecimalMax": "value", "Size": "max", "Length": "max", "Range": "max"}
_TYPES = {"Email": "email", "URL": "url", "UUID": "uuid"}
_ENDS = {"Positive": 1.0, "PositiveOrZero": 0.0}
# The constants of an enum stand before its first semicolon, each perhaps with arguments.
_MARKS, _ARGUMENTS = r"(?:@\w+(?:\([^)]*\))?\s*)*", r"\s*(?:\([^)]*\))?\s*"
_ENUM = re.compile(rf"\{{\s*{_MARKS}[A-Z]\w*{_ARGUMENTS}[,;}}]")
_CONSTANT = re.compile(rf"[{{,]\s*{_MARKS}([A-Z]\w*){_ARGUMENTS}(?=[,;}}])")


def constrained(given: Input, marks: Iterable[Expr]) -> Input:
    """The input with what the annotations of its field ask."""
    for mark in marks:
        name = mark.text
        least, most = _bound(mark, _LEAST.get(name, "")), _bound(mark, _MOST.get(name, ""))
        given = replace(
            given,
            required=given.required or bool(_MUST.match(name)),
            type=_TYPES.get(name, given.type),
            least=_ENDS.get(name, given.least) if least is None else least,
            most=given.most if most is None else most,
        )
        rule = mark.get("regexp") if name == "Pattern" else None
        if rule is not None and rule.kind == "str":
            given = replace(given, pattern=re.sub(r"\\+", lambda run: "\\" * max(len(run[0]) // 2, 1), rule.text))
    return given


def _bound(mark: Expr, name: str) -> float | None:
    value = mark.get(name) if name else None
    return number_of(value if value is not None or name != "value" else next(iter(mark.items), None))


def constants(kind: Function) -> tuple[str, ...]:
    """The constants of a class that is an enum, in their order; empty for any other."""
    return tuple(_CONSTANT.findall(kind.code.partition(";")[0] + ";")) if _ENUM.match(kind.code) else ()
