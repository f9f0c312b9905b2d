"""What every reader of facts asks of the parser's nodes: their text, their line, and the nodes of a kind within them."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from tree_sitter import Node, Query, QueryCursor

_COMMENT_MARK = re.compile(rb"#|//|/\*")
_NEWLINE = re.compile(rb"\n")


class Lines:
    """The lines of a node's text: asked for every expression of a file, which is why no point is made of each."""

    def __init__(self, node: Node) -> None:
        text, start = node.text or b"", node.start_byte
        self._first = line_of(node)
        self._ends = [start + match.start() for match in _NEWLINE.finditer(text)]

    def of(self, node: Node) -> int:
        """The line of a node within."""
        return self._first + bisect_left(self._ends, node.start_byte)


class Matches:
    """The nodes that a query captures in a file, outer ones before those within, found by the parser in one go."""

    def __init__(self, query: Query, root: Node) -> None:
        found = (node for nodes in QueryCursor(query).captures(root).values() for node in nodes)
        # The parser gives them in no order.
        self._nodes = sorted(found, key=lambda node: (node.start_byte, -node.end_byte))
        self._starts = [node.start_byte for node in self._nodes]

    def within(self, node: Node) -> Iterator[Node]:
        """Those within a node, itself among them."""
        end = node.end_byte
        first, last = bisect_left(self._starts, node.start_byte), bisect_left(self._starts, end)
        return (one for one in self._nodes[first:last] if one.end_byte <= end)


def text_of(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def line_of(node: Node) -> int:
    """The line a node begins on, counted from 1."""
    return int(node.start_point[0]) + 1


def code(node: Node) -> str:
    """The text of a node without its comments, one line per source line."""
    raw = node.text or b""
    pieces: list[str] = []
    end = 0
    for start, stop in _comments(node, raw):
        pieces.append(raw[end : start - node.start_byte].decode("utf-8", "replace"))
        end = stop - node.start_byte
    return "".join([*pieces, raw[end:].decode("utf-8", "replace")])


def _comments(node: Node, raw: bytes) -> Iterator[tuple[int, int]]:
    """Where the comments of a node are. Only what looks like one is asked for: most nodes of a file are none."""
    end = node.start_byte
    for mark in _COMMENT_MARK.finditer(raw):
        at = node.start_byte + mark.start()
        found = node.descendant_for_byte_range(at, at + 1) if at >= end else None
        if found is not None and found.type == "comment":
            yield found.start_byte, found.end_byte
            end = found.end_byte


def declared_names(node: Node) -> set[str]:
    """The names that a declaration gives: ``a``, ``b`` and ``d`` for ``const a = 1, { b, c: d } = x``, and that of a function or class."""
    name = node.child_by_field_name("name")
    found = {text_of(name)} if name is not None else set()
    for child in node.named_children if node.type in ("lexical_declaration", "variable_declaration") else ():
        name = child.child_by_field_name("name") if child.type == "variable_declarator" else None
        todo = [name] if name is not None else []
        while todo:
            one = todo.pop()
            if one.type in ("identifier", "shorthand_property_identifier_pattern"):
                found.add(text_of(one))
            value = one.child_by_field_name("value" if one.type == "pair_pattern" else "left")
            todo += [value] if value is not None else one.named_children if one.type.endswith("pattern") else []
    return found
