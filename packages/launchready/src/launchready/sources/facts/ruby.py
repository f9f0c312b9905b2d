"""Facts of a Ruby file, by tree-sitter: classes and modules with what they declare, and what the file does, in order.

A call's block is its ``function``, whose ``calls`` are the block's steps: calls and ``let`` (``text`` the name, ``items`` the value). A class
keeps its declarations (``before_action``, ``include``) as ``calls``. ``recv.name`` is written as the source writes it; a chain hangs on ``on``.
"""

from dataclasses import dataclass
from functools import cache

import tree_sitter_ruby
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from launchready.sources.facts.python_values import code, line_of, text_of
from launchready.sources.facts.shape import Expr, Function, Module, Param

_HOLDS = frozenset(
    (
        *(
            "program",
            "body_statement",
            "block_body",
            "begin",
            "if",
            "unless",
            "then",
            "else",
            "elsif",
            "if_modifier",
            "unless_modifier",
        ),
        *("parenthesized_statements", "case", "when", "ensure", "rescue"),
    )
)
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class RubyFile:
    """The facts of one file: ``module.functions`` are its classes and modules by full name, ``steps`` what it does itself."""

    module: Module
    steps: tuple[Expr, ...]


@cache
def _language() -> Language:
    return Language(tree_sitter_ruby.language())


@cache
def _call_query() -> Query:
    return Query(_language(), "[(call) (identifier)] @call")


def read_ruby(path: str, source: bytes) -> RubyFile:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set on the module."""
    tree = Parser(_language()).parse(source)
    reader = _Reader()
    steps = tuple(reader.block(tree.root_node, 0, ""))
    return RubyFile(Module(path, {}, (), {}, reader.functions, broken=tree.root_node.has_error), steps)


class _Reader:
    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}

    def block(self, node: Node, depth: int, owner: str) -> list[Expr]:
        """What a body does, in order; what stands in branches is done as well."""
        found: list[Expr] = []
        for child in node.named_children if depth < _DEEPEST else ():
            match child.type:
                case "class" | "module":
                    self._class(child, owner, depth)
                case "method" | "singleton_method":
                    made = self._method(child)
                    self.functions.setdefault(f"{owner}#{made.name}" if owner else made.name, made)
                case "assignment":
                    left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
                    if left is not None and right is not None:
                        found.append(Expr("let", text_of(left), (self.expression(right),), line=line_of(child)))
                case "call" | "identifier":
                    found.append(self.expression(child))
                case kind if kind in _HOLDS:
                    found += self.block(child, depth + 1, owner)
        return found

    def _class(self, node: Node, owner: str, depth: int) -> None:
        name, body, above = (node.child_by_field_name(part) for part in ("name", "body", "superclass"))
        full = "::".join(filter(None, [owner, text_of(name) if name is not None else ""]))
        bases = tuple(Expr("name", text_of(one)) for one in above.named_children) if above is not None else ()
        declared = tuple(self.block(body, depth + 1, full)) if body is not None else ()
        methods = tuple(
            function for key, function in self.functions.items() if key.startswith(f"{full}#") and not function.is_class
        )
        made = Function(
            full, line_of(node), (), (), code(body) if body is not None else "", declared, bases, methods, (), True
        )
        known = self.functions.get(full)
        if known is None or len(known.calls) + len(known.methods) < len(declared) + len(methods):
            self.functions[full] = made

    def _method(self, node: Node) -> Function:
        name, body, given = (node.child_by_field_name(part) for part in ("name", "body", "parameters"))
        params = tuple(
            Param(text_of(one.child_by_field_name("name") or one))
            for one in (given.named_children if given is not None else ())
        )
        calls = QueryCursor(_call_query()).captures(body).get("call", []) if body is not None else []
        ordered = sorted((call for call in calls if not _is_part(call)), key=lambda call: call.start_byte)
        return Function(
            text_of(name) if name is not None else "",
            line_of(node),
            params,
            (),
            code(body) if body is not None else "",
            tuple(self.expression(call) for call in ordered),
        )

    def expression(self, node: Node, depth: int = 0) -> Expr:
        """An expression node, folded as far as the file alone allows."""
        line = line_of(node)
        if depth > 40:
            return Expr("other", line=line)
        match node.type:
            case "string" | "bare_string" | "bare_symbol" | "delimited_symbol" | "heredoc_body" | "chained_string":
                return Expr("str", _string(node), line=line)
            case "simple_symbol" | "hash_key_symbol":
                return Expr("str", text_of(node).strip(":"), line=line)
            case "identifier" | "constant" | "scope_resolution" | "instance_variable" | "self":
                return Expr("name", text_of(node), line=line)
            case "integer" | "true" | "false" | "nil":
                return Expr("const", text_of(node), line=line)
            case "array" | "string_array" | "symbol_array":
                return Expr(
                    "list",
                    items=tuple(
                        self.expression(one, depth + 1) for one in node.named_children if one.type != "comment"
                    ),
                    line=line,
                )
            case "hash":
                return Expr("dict", named=tuple(self._pairs(node, depth)), line=line)
            case "parenthesized_statements" if node.named_children:
                return self.expression(node.named_children[0], depth + 1)
            case "call":
                return self._call(node, depth, line)
            case "lambda" | "block" | "do_block":
                return Expr("function", line=line, function=self._closure(node, depth))
        return Expr("other", text_of(node)[:200], line=line)

    def _pairs(self, node: Node, depth: int) -> list[tuple[str, Expr]]:
        found = []
        for pair in (one for one in node.named_children if one.type == "pair"):
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None:
                said = self.expression(key, depth + 1)
                found.append((said.text, self.expression(value, depth + 1) if value is not None else said))
        return found

    def _closure(self, node: Node, depth: int) -> Function:
        body, given = node.child_by_field_name("body"), node.child_by_field_name("parameters")
        if body is not None and body.type in ("block", "do_block"):
            body = body.child_by_field_name("body") or body
        params = tuple(Param(text_of(one)) for one in (given.named_children if given is not None else ()))
        steps = tuple(self.block(body, depth + 1, "")) if body is not None else ()
        return Function("", line_of(node), params, (), code(body) if body is not None else "", steps)

    def _call(self, node: Node, depth: int, line: int) -> Expr:
        method, receiver, arguments, block = (
            node.child_by_field_name(part) for part in ("method", "receiver", "arguments", "block")
        )
        items: list[Expr] = []
        named: list[tuple[str, Expr]] = []
        for child in arguments.named_children if arguments is not None else ():
            if child.type == "pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None:
                    said = self.expression(key, depth + 1)
                    named.append((said.text, self.expression(value, depth + 1) if value is not None else said))
            elif child.type == "block_argument" and child.named_children:
                named.append(("&", self.expression(child.named_children[0], depth + 1)))
            elif child.type != "comment":
                items.append(self.expression(child, depth + 1))
        text, on = text_of(method) if method is not None else "", None
        if receiver is not None and receiver.type in (
            "identifier",
            "constant",
            "scope_resolution",
            "self",
            "instance_variable",
        ):
            text = f"{text_of(receiver)}.{text}"
        elif receiver is not None:
            on = self.expression(receiver, depth + 1)
        function = self._closure(block, depth) if block is not None else None
        return Expr("call", text, tuple(items), tuple(named), line, on, function)


def _is_part(node: Node) -> bool:
    """Whether a name is a part of something else: of a call, a parameter, a left side."""
    parent = node.parent
    if node.type != "identifier" or parent is None:
        return False
    return parent.type in (
        "call",
        "assignment",
        "method_parameters",
        "block_parameters",
        "pair",
        "keyword_parameter",
        "optional_parameter",
    )


def _string(node: Node) -> str:
    parts = []
    for child in node.named_children:
        if child.type == "interpolation":
            inner = text_of(child)[2:-1]
            parts.append("{" + (inner if inner.isidentifier() else inner.split("(")[0].replace(" ", "")) + "?}")
        elif child.type in ("string_content", "heredoc_content", "escape_sequence"):
            parts.append(text_of(child))
        elif child.type == "string":
            parts.append(_string(child))
    return "".join(parts)
