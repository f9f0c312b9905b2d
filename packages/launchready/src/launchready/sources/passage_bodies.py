"""The statements of a body of Python, which stands in the facts as text."""

from collections.abc import Iterator

import tree_sitter_python
from tree_sitter import Language, Node, Parser

_PARSER = Language(tree_sitter_python.language())


class Bodies(dict[str, Node | None]):
    """Blocks by the text of the body, each parsed once: a middleware is gone through for every route, and so is what it calls."""

    def __missing__(self, code: str) -> Node | None:
        self[code] = found = _parsed(code)
        return found


def _parsed(code: str) -> Node | None:
    """The block that a body without its first indentation is."""
    for indent in _indents(code):
        root = Parser(_PARSER).parse(f"def f():\n{' ' * indent}{code}\n".encode()).root_node
        if not root.has_error and root.named_children and not _hollow(root):
            return root.named_children[0].child_by_field_name("body")
    return None


def _hollow(node: Node) -> bool:
    """Whether a block is empty, as that of an ``if`` is which was put as far in as what stands below it."""
    return any((one.type == "block" and not one.named_children) or _hollow(one) for one in node.named_children)


def _indents(code: str) -> Iterator[int]:
    found = sorted({len(line) - len(line.lstrip()) for line in code.splitlines()[1:] if line.strip()})
    least = found[0] if found else 4
    yield from (indent for indent in (least, least - 4, least - 2, least - 3, least - 1, 4) if indent > 0)


def literal(node: Node) -> str | None:
    """What a string in the source holds; None where it is put together."""
    text = text_of(node)
    bare = text.lstrip("rbuRBUfF")
    if any(child.type == "interpolation" for child in node.named_children):
        return None
    return bare[3:-3] if bare.startswith(('"""', "'''")) else bare[1:-1]


def text_of(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode("utf-8", "replace")
