"""What a root field takes: its arguments and what stands inside their input objects, as flat names with the place of each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from launchready.model.surface import Input

Place = tuple[str, ...]
_ID = re.compile(r"(?:^|_)(?:ids?|uuids?|guid|pk|slug)$|^(?:user_?name|handle|number|key|account_?(?:number|no)|iban)$")
_NO_RECORD = re.compile(r"^(?:client|request|session|correlation|trace|client_mutation|parent|captcha|device)_?(?:id|uuid)$|token|password")  # fmt: skip
_TOKEN = re.compile(r"^(?:(?:access|auth|authorization|session|id|user|api|bearer|login)_?)?(?:token|jwt)$")
_TYPES = {"ID": "", "String": "", "Int": "int", "Float": "number", "Boolean": "bool", "BigInt": "int", "Long": "int", "Decimal": "number",
          "DateTime": "datetime", "Date": "date", "UUID": "uuid", "Upload": "file", "JSON": "object", "JSONString": ""}  # fmt: skip
_HOW_MANY = re.compile(r"^(?:first|last|limit|take|size|count|page_?size|per_?page|amount)$")
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value a field takes. ``required`` means that the call cannot do without it; ``many`` that it is a list."""

    place: Place
    type: Any
    required: bool
    many: bool

    @property
    def name(self) -> str:
        """Its last name."""
        return self.place[-1]

    @property
    def is_id(self) -> bool:
        """Whether it names a record: by its type, or by its name."""
        said = snake(self.name)
        named = self.type.name == "ID" or bool(_ID.search(said))
        return named and not isinstance(self.type, GraphQLEnumType) and not _NO_RECORD.search(said)


def token_of(leaves: Sequence[Leaf]) -> Leaf | None:
    """The value by which a field is told who asks, as some apps have it: a token, and no header."""
    named = (leaf for leaf in leaves if _TOKEN.match(snake(leaf.name)) and not leaf.many)
    return next((leaf for leaf in named if leaf.type.name in ("String", "ID", "JWT", "Token")), None)


def snake(name: str) -> str:
    """``note_id`` for ``noteId``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def leaves_of(field: GraphQLField) -> list[Leaf]:
    """The values a field takes, the arguments' own first."""
    found = [leaf for name, one in field.args.items() for leaf in _inside((name,), one, required=True)]
    return sorted(found, key=lambda leaf: len(leaf.place))


def _inside(place: Place, one: Any, *, required: bool) -> Iterator[Leaf]:
    needed = required and is_required(one)
    kind, many = get_named_type(one.type), is_list_type(get_nullable_type(one.type))
    if isinstance(kind, GraphQLInputObjectType) and not many:
        # An input object that contains itself, as filters do, ends where it would begin again.
        for name, inner in kind.fields.items() if len(place) < _DEEPEST else ():
            yield from _inside((*place, name), inner, required=needed or (required and len(place) == 1))
    elif not isinstance(kind, GraphQLInputObjectType):
        yield Leaf(place, kind, needed, many)


def is_required(one: Any) -> bool:
    """Whether an argument or an input field must be given."""
    return is_non_null_type(one.type) and one.default_value is Undefined


def flat_names(leaves: Sequence[Leaf]) -> dict[str, Place]:
    """A name for each: its last part where that is nobody else's, else its whole place with dots."""
    counts: dict[str, int] = {}
    for leaf in leaves:
        counts[leaf.name] = counts.get(leaf.name, 0) + 1
    return {leaf.name if counts[leaf.name] == 1 else ".".join(leaf.place): leaf.place for leaf in leaves}


def inputs_of(leaves: Sequence[Leaf], names: Mapping[str, Place]) -> tuple[Input, ...]:
    """The values as inputs of an endpoint: all that are required, and of the others those that any text or number fits."""
    by_place = {place: name for name, place in names.items()}
    found = []
    for leaf in leaves:
        plain = not leaf.is_id and not leaf.many and _TYPES.get(leaf.type.name, "?") in ("", "int", "number")
        if not leaf.required and not plain:
            continue
        kind = _TYPES.get(leaf.type.name, leaf.type.name.lower())
        kind = "list" if leaf.many and kind != "file" else kind
        choices = tuple(leaf.type.values) if isinstance(leaf.type, GraphQLEnumType) and not leaf.many else ()
        where = "file" if kind == "file" else "body"
        found.append(Input(by_place[leaf.place], where, "" if choices else kind, leaf.required, choices))
    return tuple(found)


def put(table: dict[str, Any], place: Place, value: object) -> None:
    """Set a value at a place, making the tables on the way."""
    for part in place[:-1]:
        inner = table.get(part)
        if not isinstance(inner, dict):
            inner = table[part] = {}
        table = inner
    table[place[-1]] = value


def fitting(value: Any, kind: Any) -> Any:
    """The value as a type of the schema wants it; as it is where it cannot be made to fit."""
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if value is None:
        return None
    if is_list_type(kind):
        return [fitting(one, kind.of_type) for one in (value if isinstance(value, list) else [value])]
    if isinstance(kind, GraphQLInputObjectType):
        if not isinstance(value, dict):
            return value
        return {n: fitting(one, kind.fields[n].type) if n in kind.fields else one for n, one in value.items()}
    if isinstance(kind, GraphQLEnumType):
        return next((name for name in kind.values if name.lower() == str(value).lower()), value)
    if kind.name in ("Int", "BigInt", "Long") and isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    if kind.name in ("String", "ID", "UUID") and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def filled(variables: dict[str, Any], field: GraphQLField, *, reads: bool) -> bool:
    """Give what is required and was not given a value that asks for nothing in particular; False when there is none.

    A write gets no text that nobody chose: what it lacks, the app may say.
    """
    return all(_fill(variables, name, one, reads=reads) for name, one in field.args.items())


def _fill(table: dict[str, Any], name: str, one: Any, *, reads: bool) -> bool:
    kind = get_named_type(one.type)
    if isinstance(kind, GraphQLInputObjectType) and isinstance(table.get(name), dict):
        return all(_fill(table[name], inner, it, reads=reads) for inner, it in kind.fields.items())
    if name in table or not is_required(one):
        return True
    if is_list_type(get_nullable_type(one.type)):
        table[name] = []
        return True
    if isinstance(kind, GraphQLInputObjectType):
        table[name] = {}
        return all(_fill(table[name], inner, it, reads=reads) for inner, it in kind.fields.items())
    if isinstance(kind, GraphQLEnumType):
        table[name] = next(iter(kind.values))
    elif kind.name in ("Boolean", "JSON"):
        table[name] = False if kind.name == "Boolean" else {}
    elif not reads:
        return True
    elif kind.name in ("Int", "Float", "BigInt", "Long"):
        table[name] = 20 if _HOW_MANY.search(snake(name)) else 0 if re.search(r"offset|skip", name, re.I) else 1
    elif kind.name == "String":
        table[name] = ""
    else:
        return False
    return True
