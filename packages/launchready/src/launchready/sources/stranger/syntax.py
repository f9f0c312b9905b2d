"""Nodes of a parsed file that are walked again and again: what is asked of one is asked of the parser once."""

from collections.abc import Collection

from tree_sitter import Node

_WRAPPERS = frozenset(
    (
        "parenthesized_expression",
        "await_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
    )
)


class Syntax:
    """A node: ``kind`` is the grammar's name of it, ``line`` counts from 1, ``last`` is where it ends."""

    __slots__ = ("_all", "_fields", "_named", "_node", "_text", "above", "kind", "last", "line")

    def __init__(self, node: Node, above: "Syntax | None" = None) -> None:
        self._node, self.above = node, above
        self.kind: str = node.type
        self.line: int = node.start_point[0] + 1
        self.last: int = node.end_point[0] + 1
        self._text: str | None = None
        self._named: tuple[Syntax, ...] | None = None
        self._all: frozenset[str] | None = None
        self._fields: dict[str, Syntax | None] = {}

    @property
    def id(self) -> int:
        """What tells it from other nodes, as long as its file is kept."""
        return id(self)

    @property
    def text(self) -> str:
        """What stands there."""
        if self._text is None:
            self._text = (self._node.text or b"").decode("utf-8", "replace")
        return self._text

    @property
    def named(self) -> "tuple[Syntax, ...]":
        """The nodes in it that are more than punctuation, without comments."""
        if self._named is None:
            self._named = tuple(Syntax(child, self) for child in self._node.named_children if child.type != "comment")
        return self._named

    def get(self, field: str) -> "Syntax | None":
        """The node in a field of it."""
        if field not in self._fields:
            found = self._node.child_by_field_name(field)
            mine = next((one for one in self.named if found is not None and one.is_of(found)), None)
            self._fields[field] = mine or (Syntax(found, self) if found is not None else None)
        return self._fields[field]

    def is_of(self, node: Node) -> bool:
        """Whether it stands for a node of the parser's."""
        return bool(self._node.id == node.id)

    def has(self, kind: str) -> bool:
        """Whether a node of a kind, or a word such as ``async``, stands right in it."""
        if self._all is None:
            self._all = frozenset(child.type for child in self._node.children)
        return kind in self._all

    def within(self, kinds: Collection[str]) -> "list[Syntax]":
        """Every node of some kinds below it, itself among them, in source order."""
        found, todo = [], [self]
        while todo:
            node = todo.pop()
            if node.kind in kinds:
                found.append(node)
            todo += reversed(node.named)
        return found

    def at(self, line: int, kinds: Collection[str]) -> "list[Syntax]":
        """Every node of some kinds that begins in a line, in source order."""
        found, todo = [], [self]
        while todo:
            node = todo.pop()
            if node.line == line and node.kind in kinds:
                found.append(node)
            todo += reversed([one for one in node.named if one.line <= line <= one.last])
        return found

    def bare(self) -> "Syntax":
        """What is inside of parentheses, ``await`` and types."""
        node = self
        while node.kind in _WRAPPERS and node.named:
            node = node.named[0]
            # Compilers write (0, module.function)(...) to call without a receiver.
            if node.kind == "sequence_expression" and node.named:
                node = node.named[-1]
        return node
