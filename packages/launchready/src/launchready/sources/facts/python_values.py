"""Expressions of Python, reduced to what routing and guarding need."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

import tree_sitter_python
from tree_sitter import Language, Node, Query, QueryCursor

from launchready.sources.facts.conditions import condition, under
from launchready.sources.facts.shape import Expr, Function, Param

_REGISTERS = frozenset(
    (
        "add_api",
        "add_view",
        "add_view_no_menu",
        "register_blueprint",
        "add_url_rule",
        "add_resource",
        "include_router",
        "add_api_route",
        "mount",
    )
)
_COMMENT_MARK = re.compile(rb"#|//|/\*")


@cache
def language() -> Language:
    return Language(tree_sitter_python.language())


@cache
def _call_query() -> Query:
    return Query(language(), "(call) @call")


def parameters_of(node: Node) -> tuple[Param, ...]:
    found: list[Param] = []
    for child in node.named_children:
        name = child.child_by_field_name("name") or (child if child.type == "identifier" else None)
        if name is None and child.type == "typed_parameter" and child.named_children:
            name = child.named_children[0]
        if name is None:
            continue
        kind, value = child.child_by_field_name("type"), child.child_by_field_name("value")
        found.append(
            Param(
                text_of(name),
                expression(kind) if kind is not None else None,
                expression(value) if value is not None else None,
            )
        )
    return tuple(found)


def calls_in(node: Node) -> list[Expr]:
    # The parser finds them without a Python object for every node on the way.
    found = QueryCursor(_call_query()).captures(node).get("call", [])
    return [_placed(expression(call), call, node) for call in found]


def _placed(value: Expr, call: Node, within: Node) -> Expr:
    """A call that registers something, with the conditions of every ``if`` between it and ``within``."""
    if value.text.rsplit(".", 1)[-1] not in _REGISTERS:
        return value
    around: list[tuple[str, bool]] = []
    child, parent = call, call.parent
    while parent is not None and child.id != within.id:
        asked = parent.child_by_field_name("condition")
        if parent.type in ("if_statement", "elif_clause") and asked is not None and asked.id != child.id:
            around.append((text_of(asked), child.type not in ("elif_clause", "else_clause")))
        child, parent = parent, parent.parent
    when = ""
    for text, holds in reversed(around):
        when = condition(text, when, holds)
    return under(value, when)


def expression(node: Node, depth: int = 0) -> Expr:
    """An expression node, folded as far as the file alone allows."""
    line = line_of(node)
    if depth > 40:
        return Expr("other", line=line)
    match node.type:
        case "string":
            return Expr("str", _string(node), line=line)
        case "concatenated_string":
            return Expr("str", "".join(_string(child) for child in node.named_children), line=line)
        case "identifier" | "attribute":
            return Expr("name", text_of(node), line=line)
        case "type" | "parenthesized_expression" | "await" if node.named_children:
            return expression(node.named_children[0], depth + 1)
        case "integer" | "float" | "true" | "false" | "none":
            return Expr("const", text_of(node), line=line)
        case "list" | "tuple" | "set" | "expression_list":
            return Expr("list", items=tuple(_entries(node, depth)), line=line)
        case "lambda":
            return Expr("function", text_of(node)[:200], line=line, function=_lambda(node))
        case "binary_operator":
            return _sum(node, depth, line)
        case "conditional_expression" if len(node.named_children) == 3:
            then, test, other = node.named_children
            sides = (expression(then, depth + 1), expression(other, depth + 1))
            return Expr("either", text_of(test)[:90], sides, line=line)
        case "dictionary":
            return Expr("dict", named=tuple(_pairs(node, depth)), line=line)
        case "call":
            return _call(node, depth, line)
        case "subscript" | "generic_type":
            value, *rest = node.named_children
            parts = [
                part for child in rest for part in (child.named_children if child.type == "type_parameter" else [child])
            ]
            return Expr("call", text_of(value) + "[]", tuple(expression(p, depth + 1) for p in parts), line=line)
    return Expr("other", text_of(node)[:200], line=line)


def _entries(node: Node, depth: int) -> Iterator[Expr]:
    for child in node.named_children:
        if child.type == "list_splat" and child.named_children:
            yield from spread((expression(child.named_children[0], depth + 1),))
        elif child.type != "comment":
            yield expression(child, depth + 1)


def spread(parts: Iterable[Expr]) -> Iterator[Expr]:
    """What lists hold when they are added up."""
    for part in parts:
        yield from part.items if part.kind == "list" else (part,)


def _lambda(node: Node) -> Function:
    parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
    return Function(
        "lambda",
        line_of(node),
        parameters_of(parameters) if parameters is not None else (),
        code=f"return ({code(body)})" if body is not None else "",
        calls=tuple(calls_in(body)) if body is not None else (),
    )


def _sum(node: Node, depth: int, line: int) -> Expr:
    left, right, operator = (node.child_by_field_name(f) for f in ("left", "right", "operator"))
    if left is None or right is None or operator is None or text_of(operator) not in ("+", "|", "&"):
        return Expr("other", text_of(node)[:200], line=line)
    first, second = expression(left, depth + 1), expression(right, depth + 1)
    if text_of(operator) != "+":
        return Expr("list" if text_of(operator) == "|" else "all", items=(first, second), line=line)
    if "str" not in (first.kind, second.kind):
        return Expr("list", items=tuple(spread((first, second))), line=line)
    parts = [e.text if e.kind == "str" else "{" + (e.text or "value") + "?}" for e in (first, second)]
    return Expr("str", "".join(parts), line=line)


def _pairs(node: Node, depth: int) -> list[tuple[str, Expr]]:
    found = []
    for child in node.named_children:
        key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
        if key is not None and value is not None:
            folded = expression(key, depth + 1)
            found.append((folded.text, expression(value, depth + 1)))
        elif child.type == "dictionary_splat" and child.named_children:
            found.append(("**", expression(child.named_children[0], depth + 1)))
    return found


def _call(node: Node, depth: int, line: int) -> Expr:
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    items: list[Expr] = []
    named: list[tuple[str, Expr]] = []
    for child in arguments.named_children if arguments is not None else ():
        if child.type == "keyword_argument":
            name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if name is not None and value is not None:
                named.append((text_of(name), expression(value, depth + 1)))
        elif child.type != "comment":
            items.append(expression(child, depth + 1))
    on = None
    text = text_of(function) if function is not None else ""
    if function is not None and function.type == "attribute":
        target, attribute = function.child_by_field_name("object"), function.child_by_field_name("attribute")
        if target is not None and target.type == "call" and attribute is not None:
            on, text = expression(target, depth + 1), text_of(attribute)
    elif function is not None and function.type == "call":
        on, text = expression(function, depth + 1), ""
    return Expr("call", text, tuple(items), tuple(named), line, on)


def _string(node: Node) -> str:
    if node.type != "string":
        return "{" + text_of(node) + "?}"
    parts: list[str] = []
    formatted = "f" in text_of(node)[:2].lower()
    for child in node.named_children:
        if child.type == "string_content":
            text = text_of(child)
            parts.append(text.replace("{{", "{").replace("}}", "}") if formatted else text)
        elif child.type == "interpolation" and child.named_children:
            parts.append("{" + text_of(child.named_children[0]) + "?}")
    return "".join(parts)


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


def text_of(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def line_of(node: Node) -> int:
    return int(node.start_point[0]) + 1
