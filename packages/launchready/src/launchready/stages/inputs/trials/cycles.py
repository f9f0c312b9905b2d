"""A way through a schema that comes back to where it was, so that a question can be as deep as anybody likes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)

from launchready.probes.graphs.arguments import is_required

_HOW_MANY = ("first", "last", "limit", "take", "size")
_LONGEST_WAY = 4


@dataclass(frozen=True, slots=True)
class Cycle:
    """Fields from a root field down to a type, and those that lead from it to itself, each with its arguments; ``leaf`` ends it.

    ``many`` is how many of the fields that come again give lists: each multiplies the answer.
    """

    start: tuple[str, ...]
    again: tuple[str, ...]
    leaf: str
    many: int

    def query(self, deep: int, *, asleep: bool = False) -> str:
        """A question with ``deep`` tables in each other. With ``asleep`` nothing below the second is worked out, though all of it is asked."""
        fields = [*self.start]
        while len(fields) < deep:
            fields += self.again
        fields = fields[:deep]
        text = "__typename"
        for place, name in reversed(list(enumerate(fields))):
            off = " @include(if: false)" if asleep and place == 2 else ""
            beside = "__typename " if off else ""
            text = f"{beside}{name}{off} {{ {text} }}"
        return f"{{ {text} }}"


def cycle(schema: GraphQLSchema) -> Cycle | None:
    """The way back that gives the fewest lists, None when no field leads to its own type again."""
    if schema.query_type is None:
        return None
    found: list[Cycle] = []
    for name, kind, many in _fields(schema.query_type):
        for start, at, _ in _ways(kind, (name,), many, _LONGEST_WAY - 1):
            found += [Cycle(start, again, "", lists) for again, to, lists in _ways(at, (), 0, 3) if again and to is at]
            if len(found) > 200:
                break
    return min(found, key=lambda one: (one.many, len(one.start), len(one.again), one.start), default=None)


def _ways(kind: Any, way: tuple[str, ...], many: int, left: int) -> Iterator[tuple[tuple[str, ...], Any, int]]:
    """Ways down from a type: the fields, the type they end at, and how many of them give lists."""
    yield way, kind, many
    if left:
        for name, inner, lists in _fields(kind):
            yield from _ways(inner, (*way, name), many + lists, left - 1)


def _fields(kind: Any) -> Iterator[tuple[str, Any, int]]:
    """The tables below a type that can be asked for without knowing anything: as text, with their type, and 1 for a list."""
    for name, field in list(kind.fields.items())[:60]:
        inner = get_named_type(field.type)
        if is_leaf_type(inner) or not (is_object_type(inner) or is_interface_type(inner)) or name.startswith("_"):
            continue
        sizes = [one for one in field.args if one in _HOW_MANY and get_named_type(field.args[one].type).name == "Int"]
        if any(is_required(one) for other, one in field.args.items() if other not in sizes[:1]):
            continue
        many = is_list_type(get_nullable_type(field.type)) or name in ("edges", "nodes")
        yield (f"{name}({sizes[0]}: 1)" if sizes else name), inner, int(many and not sizes)
