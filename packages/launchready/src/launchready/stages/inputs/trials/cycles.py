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
# A connection of Relay takes three fields, and a way back may go through two.
_LONGEST_WAY, _LONGEST_BACK = 4, 7


@dataclass(frozen=True, slots=True)
class Cycle:
    """Fields from a root field down to a type, and those that lead from it to itself, each with its arguments.

    ``many`` is how many of the fields that come again give lists: each multiplies the answer.
    """

    start: tuple[str, ...]
    again: tuple[str, ...]
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

    def reached(self, data: Any) -> bool:
        """Whether an answer holds a second table: where the root field gave nothing, nothing below it was worked out."""
        first = data.get(_bare(self.start[0])) if isinstance(data, dict) else None
        first = first[0] if isinstance(first, list) and first else first
        second = (*self.start, *self.again)[1]
        return isinstance(first, dict) and first.get(_bare(second)) not in (None, [])


def cycles(schema: GraphQLSchema) -> list[Cycle]:
    """The ways back, one for each field they begin with, those that give the fewest lists first; none when no field leads to its own type again."""
    if schema.query_type is None:
        return []
    found: list[Cycle] = []
    back: dict[str, tuple[tuple[str, ...], int] | None] = {}
    for name, kind, _ in _fields(schema.query_type):
        for at, down in _nearest(kind, _LONGEST_WAY - 1).values():
            if at.name not in back:
                back[at.name] = _back(at)
            if (way := back[at.name]) is not None:
                found.append(Cycle((name, *down[1]), way[0], way[1]))
    found.sort(key=lambda one: (one.many, len(one.start), len(one.again), one.start))
    return list({one.start[0]: one for one in reversed(found)}.values())[::-1]


def _back(kind: Any) -> tuple[tuple[str, ...], int] | None:
    """The fields that lead from a type to itself, through the fewest lists, and how many of these there are."""
    found = []
    for name, inner, many in _fields(kind):
        reached = _nearest(inner, _LONGEST_BACK - 1)
        if kind.name in reached:
            lists, down = reached[kind.name][1]
            found.append(((name, *down), many + lists))
    return min(found, key=lambda one: (one[1], len(one[0]), one[0]), default=None)


def _nearest(kind: Any, longest: int) -> dict[str, tuple[Any, tuple[int, tuple[str, ...]]]]:
    """Each type below one that so many fields lead to: the type, and the way through the fewest lists, the shortest of these."""
    found: dict[str, tuple[Any, tuple[int, tuple[str, ...]]]] = {kind.name: (kind, (0, ()))}
    new = dict(found)
    for _ in range(longest):
        nearer: dict[str, tuple[Any, tuple[int, tuple[str, ...]]]] = {}
        for at, (lists, way) in new.values():
            for name, inner, many in _fields(at):
                one = (lists + many, (*way, name))
                known = nearer.get(inner.name) or found.get(inner.name)
                if known is None or one[0] < known[1][0]:
                    nearer[inner.name] = (inner, one)
        found |= nearer
        new = nearer
    return found


def _bare(field: str) -> str:
    return field.partition("(")[0]


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
