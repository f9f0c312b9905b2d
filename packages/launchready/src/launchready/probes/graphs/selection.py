"""What to ask for under a field: leaves of its type, and of the tables inside it, down to a depth."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLSchema, get_named_type, is_abstract_type, is_interface_type, is_leaf_type, is_object_type

from launchready.probes.graphs.arguments import Place, is_required

# Tables around records that are no records themselves (Relay, and the usual pagers).
WRAPPERS = frozenset(("edges", "node", "nodes", "items", "results", "data", "objects", "records", "list", "rows"))
_MOST = 160


class Selection:
    """``depth`` is how many tables below the first are entered; ``unknown`` are (type, field) the app says it does not have."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.depth = 2
        # (type, field) that the app does not have for somebody: schemas may differ by role.
        self.unknown: dict[str, set[tuple[str, str]]] = {}

    def text(
        self, kind: Any, *, caller: str = "", without: frozenset[Place] = frozenset(), only: str = "", depth: int | None = None
    ) -> str:  # fmt: skip
        """The selection with its braces, empty for a leaf, as ``caller`` may ask for it.

        ``without`` are places to leave out, ``only`` the one type of an interface.
        """
        named = self.schema.type_map.get(only) if only else get_named_type(kind)
        self._left, self._missing = _MOST, self.unknown.get(caller, set())
        parts = " ".join(self._of(named, (), (), self.depth if depth is None else min(depth, self.depth), without))
        if only and parts:
            parts = f"__typename ... on {only} {{ {parts} }}"
        if not parts:
            return "" if is_leaf_type(get_named_type(kind)) else " { __typename }"
        return f" {{ {parts} }}"

    def _of(
        self, kind: Any, place: Place, above: tuple[str, ...], depth: int, without: frozenset[Place]
    ) -> Iterator[str]:
        if is_abstract_type(kind):
            yield "__typename"
            if not is_interface_type(kind):
                seen: dict[str, str] = {}
                for one in self.schema.get_possible_types(kind)[:6]:
                    # The same name may not stand for two types in one selection (section 5.3.2).
                    fitting = [n for n, f in one.fields.items() if seen.setdefault(n, str(f.type)) == str(f.type)]
                    inner = " ".join(self._fields(one, fitting, place, above, 0, without))
                    if inner:
                        yield f"... on {one.name} {{ {inner} }}"
                return
        if is_object_type(kind) or is_interface_type(kind):
            yield from self._fields(kind, list(kind.fields), place, above, depth, without)

    def _fields(self, kind: Any, names: list[str], place: Place, above: tuple[str, ...], depth: int, without: frozenset[Place]) -> Iterator[str]:  # fmt: skip
        if kind.name in above:
            return
        above = (*above, kind.name)
        # Leaves first: where there is a limit, they are what tells most.
        ordered = sorted(names, key=lambda name: not is_leaf_type(get_named_type(kind.fields[name].type)))
        for name in ordered:
            field, inner_place = kind.fields[name], (*place, name)
            if inner_place in without or (kind.name, name) in self._missing or name in ("query", "clientMutationId"):
                continue
            if any(is_required(one) for one in field.args.values()) or self._left <= 0:
                continue
            inner_kind = get_named_type(field.type)
            if is_leaf_type(inner_kind):
                self._left -= 1
                yield name
                continue
            wrapped = name in WRAPPERS
            if depth < 1 and not wrapped:
                continue
            inner = " ".join(self._of(inner_kind, inner_place, above, depth if wrapped else depth - 1, without))
            if inner:
                yield f"{name} {{ {inner} }}"
