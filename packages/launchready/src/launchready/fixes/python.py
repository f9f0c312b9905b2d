"""Finds places in a Python file and edits them by their bytes: whatever is not edited stays as it is, byte for byte."""

import ast
import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node, Parser

from launchready.sources.facts.nodes import line_of, text_of
from launchready.sources.facts.python_values import language

_PLAIN = frozenset(("string_start", "string_content", "string_end", "escape_sequence"))
_SERVES = re.compile(
    r"(?:(?:uvicorn|hypercorn|waitress|asyncio|anyio|app|application|api|server|socketio)\.)?(?:run|serve|run_simple|serve_forever)\("
)
_SCOPES = ("function_definition", "class_definition")


class Source:
    """One Python file, parsed. ``newline``, ``quote`` and ``indent`` are those it is written with."""

    def __init__(self, text: str) -> None:
        self.raw = text.encode("utf-8")
        self.root = Parser(language()).parse(self.raw).root_node
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.quote = "'" if text.count("'") > text.count('"') else '"'
        found = re.search(r"^(?P<indent>[ \t]+)\S", text, re.M)
        self.indent = found["indent"] if found else "    "

    def nodes(self, *kinds: str, within: Node | None = None) -> Iterator[Node]:
        """The nodes of these kinds, in the order of the file, outer ones first."""
        stack = [within or self.root]
        while stack:
            node = stack.pop()
            if node.type in kinds:
                yield node
            stack += reversed(node.named_children)

    def calls(self, *names: str, within: Node | None = None) -> Iterator[Node]:
        """The calls of something whose dotted name is, or ends in, one of these."""
        for node in self.nodes("call", within=within):
            called = callee(node)
            if any(called == name or called.endswith(f".{name}") for name in names):
                yield node

    def quoted(self, text: str) -> str:
        """A text as a literal in the file's own quotes."""
        escaped = text.replace("\\", "\\\\").replace(self.quote, f"\\{self.quote}")
        return f"{self.quote}{escaped}{self.quote}"

    def listed(self, texts: Iterable[str]) -> str:
        """A list of texts as a literal."""
        return "[" + ", ".join(self.quoted(text) for text in texts) + "]"

    def edited(self, *edits: tuple[int, int, str]) -> str:
        """The text with each of ``(start, end, text)`` put in place of those bytes."""
        pieces, at = [], 0
        for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
            if start < at:
                raise ValueError("two edits of one place")
            pieces += [self.raw[at:start], text.replace("\n", self.newline).encode("utf-8")]
            at = end
        return b"".join([*pieces, self.raw[at:]]).decode("utf-8")

    def statement(self, node: Node) -> Node:
        """The statement a node stands in."""
        while node.parent is not None and node.parent.type not in ("module", "block"):
            node = node.parent
        return node

    def scope(self, node: Node) -> Node | None:
        """The function or class a node stands in, None at the top."""
        above = node.parent
        while above is not None and above.type not in _SCOPES:
            above = above.parent
        return above

    def assigned(self, name: str) -> Iterator[Node]:
        """The assignments to a name, wherever they are."""
        for node in self.nodes("assignment"):
            left = node.child_by_field_name("left")
            if left is not None and text_of(left) == name and node.child_by_field_name("right") is not None:
                yield node

    def end(self) -> int:
        """Where the module's own code ends: before ``if __name__ == "__main__":`` or what serves the app, else at the end of the file."""
        for node in self.root.named_children:
            said = (node.text or b"").partition(b"\n")[0]
            if node.type == "if_statement" and b"__name__" in said:
                return int(node.start_byte)
            if node.type == "expression_statement" and _SERVES.match(said.decode("utf-8", "replace")):
                return int(node.start_byte)
        return len(self.raw)

    def line_start(self, at: int) -> int:
        """Where the line of a byte begins."""
        return self.raw.rfind(b"\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Where the line of a byte ends, its line break included."""
        found = self.raw.find(b"\n", at)
        return len(self.raw) if found < 0 else found + 1

    def margin(self, node: Node) -> str:
        """The white space before a statement."""
        start = self.line_start(node.start_byte)
        return self.raw[start : node.start_byte].decode("utf-8")

    def imports(self) -> list[Node]:
        """The imports at the top level."""
        return [node for node in self.root.named_children if node.type in ("import_statement", "import_from_statement")]

    def names(self, module: str) -> set[str]:
        """What the top level imports of a module, by the names it has there."""
        found = set()
        for node in self.imports():
            given = node.child_by_field_name("module_name")
            if given is not None and text_of(given) == module:
                found |= {text_of(name) for name in node.children_by_field_name("name")}
            elif given is None:
                found |= {text_of(name) for name in node.children_by_field_name("name") if text_of(name) == module}
        return found


def callee(call: Node) -> str:
    """The dotted name a call calls."""
    function = call.child_by_field_name("function")
    return re.sub(r"\s", "", text_of(function)) if function is not None else ""


def arguments(call: Node) -> list[Node]:
    """The positional arguments."""
    given = call.child_by_field_name("arguments")
    kept = given.named_children if given is not None else []
    return [one for one in kept if one.type not in ("keyword_argument", "comment", "dictionary_splat", "list_splat")]


def keyword(call: Node, name: str) -> Node | None:
    """A keyword argument's value."""
    node = keyword_node(call, name)
    return node.child_by_field_name("value") if node is not None else None


def keyword_node(call: Node, name: str) -> Node | None:
    """A keyword argument, name and value."""
    given = call.child_by_field_name("arguments")
    for one in given.named_children if given is not None else ():
        named = one.child_by_field_name("name") if one.type == "keyword_argument" else None
        if named is not None and text_of(named) == name:
            return one
    return None


def more_arguments(source: Source, call: Node, added: Iterable[str]) -> tuple[int, int, str]:
    """The edit that gives a call more arguments, written as its others are: on the same line, or each on its own."""
    given = call.child_by_field_name("arguments")
    assert given is not None
    told = [one for one in given.named_children if one.type != "comment"]
    texts = list(added)
    if not told:
        return given.start_byte + 1, given.end_byte - 1, ", ".join(texts)
    last = told[-1]
    if line_of(told[0]) == line_of(given):
        return last.end_byte, last.end_byte, "".join(f", {text}" for text in texts)
    margin = source.margin(told[0]) if not source.margin(told[0]).strip() else source.indent
    after = source.raw[last.end_byte : given.end_byte]
    comma = after.lstrip().startswith(b",")
    at = last.end_byte + (after.index(b",") + 1 if comma else 0)
    said = "".join(f"\n{margin}{text}," for text in texts)
    return at, at, said if comma else "," + said.removesuffix(",")


def literal(node: Node | None) -> str | None:
    """The value of a plain string without holes, None for anything else."""
    if node is None or node.type != "string" or any(child.type not in _PLAIN for child in node.children):
        return None
    try:
        value = ast.literal_eval(text_of(node))
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None


def place(file: str, node: Node) -> str:
    """``app/main.py:41``."""
    return f"{file}:{line_of(node)}"
