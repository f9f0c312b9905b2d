"""What the decorators of class-validator and of Nest's OpenAPI plugin ask of a field of a body.

Sources: the list of decorators in class-validator's README, docs.nestjs.com (Validation; OpenAPI, Types and parameters).
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr, Param
from launchready.sources.resolver import Resolver

_OPTIONAL = frozenset(("IsOptional", "ApiPropertyOptional"))
_TYPES: Mapping[str, str] = {
    "IsEmail": "email",
    "IsUrl": "url",
    "IsURL": "url",
    "IsUUID": "uuid",
    "IsInt": "integer",
    "IsNumber": "number",
    "IsPositive": "number",
    "IsDecimal": "number",
    "IsBoolean": "boolean",
    "IsArray": "array",
    "IsObject": "object",
    "IsDate": "datetime",
    "IsDateString": "datetime",
    "IsISO8601": "datetime",
}
_LEAST, _MOST = frozenset(("MinLength", "Min")), frozenset(("MaxLength", "Max"))
_REGEX = re.compile(r"^/(.*)/[a-z]*$", re.S)
# ``role: "client" | "freelancer"``
_UNION = re.compile(r"^\s*\|?\s*(?:[\"'][^\"'|]*[\"']\s*\|?\s*)+$")
_QUOTED = re.compile(r"[\"']([^\"']*)[\"']")
_MOST_CHOICES = 60


def ruled(resolver: Resolver, path: str, field: Param, where: str) -> Input:
    """The input that a field of a class is, with what its decorators ask."""
    kind = field.annotation.text if field.annotation is not None else ""
    given = Input(field.name, where, kind, not any(one.text in _OPTIONAL for one in field.marks))
    if _UNION.match(kind):
        given = replace(given, choices=tuple(_QUOTED.findall(kind)))
    for mark in field.marks:
        given = _ruled(resolver, path, given, mark)
    return given


def _ruled(resolver: Resolver, path: str, given: Input, mark: Expr) -> Input:
    first = next(iter(mark.items), None)
    if mark.text in _TYPES and not (mark.text == "IsArray" and given.type.endswith("[]")):
        given = replace(given, type=_TYPES[mark.text])
    if mark.text in ("IsEnum", "IsIn"):
        return replace(given, choices=_choices(resolver, path, first) or given.choices)
    if mark.text in ("ApiProperty", "ApiPropertyOptional") and first is not None:
        listed, required = first.get("enum"), first.get("required")
        optional = required is not None and required.text == "false"
        given = replace(given, required=given.required and not optional)
        return replace(given, choices=given.choices or _choices(resolver, path, listed))
    if mark.text == "Matches" and first is not None and (pattern := _REGEX.match(first.text)):
        return replace(given, pattern=pattern[1])
    least, most = (_number(mark, 0), _number(mark, 1)) if mark.text == "Length" else (None, None)
    least = _number(mark, 0) if mark.text in _LEAST else least
    most = _number(mark, 0) if mark.text in _MOST else most
    return replace(given, least=given.least if least is None else least, most=given.most if most is None else most)


def _choices(resolver: Resolver, path: str, listed: Expr | None) -> tuple[str, ...]:
    """The texts of a list that stands there, or of a list or an enumeration that is named."""
    if listed is not None and listed.kind == "name":
        found = resolver.find(path, listed.text)
        listed = found.binding.value if found and found.binding else None
    if listed is None:
        return ()
    values = (*listed.items, *(value for _, value in listed.named))
    return tuple(dict.fromkeys(one.text for one in values if one.kind == "str"))[:_MOST_CHOICES]


def _number(mark: Expr, place: int) -> float | None:
    value = mark.items[place] if len(mark.items) > place else None
    known = value is not None and value.kind == "const" and re.fullmatch(r"-?\d+(?:\.\d+)?", value.text)
    return float(value.text) if known and value is not None else None
