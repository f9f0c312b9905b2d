"""Expressions of Python, reduced to what routing and guarding need."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache

import tree_sitter_python
from tree_sitter import Language, Node, Query

from launchready.sources.facts.conditions import condition, under
from launchready.sources.facts.filling import filled
from launchready.sources.facts.nodes import Lines, Matches, code, text_of
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
_DEEPEST = 40
# Comprehensions over longer lists than all of these together are no tables that somebody wrote.
_MOST_ENTRIES = 2_000
# A call further in than this is read again where it is met on its own, since from there more of it is seen.
_SHARED = 10


@cache
def language() -> Language:
    """The grammar of Python."""
    return Language(tree_sitter_python.language())


@cache
def _call_query() -> Query:
    return Query(language(), "(call) @call")


class Values:
    """The expressions of a file, or of a node alone. A call inside of calls inside of functions is met again and again, and read once."""

    def __init__(self, root: Node) -> None:
        self.line = Lines(root).of
        self._calls = Matches(_call_query(), root)
        # By the place of a node in memory, which stays its own as long as the tree is kept.
        self._known: dict[int, Expr] = {}
        self._left = _MOST_ENTRIES

    def expression(self, node: Node, depth: int = 0) -> Expr:
        """An expression node, folded as far as the file alone allows."""
        if depth > _DEEPEST:
            return Expr("other", line=self.line(node))
        kind = node.type
        if kind != "call":
            return _KINDS.get(kind, Values._other)(self, node, depth)
        known = self._known.get(node.id)
        if known is None:
            known = self._call(node, depth)
            if depth <= _SHARED:
                self._known[node.id] = known
        return known

    def parameters(self, node: Node) -> tuple[Param, ...]:
        """The parameters of a function, in their order."""
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
                    self.expression(kind) if kind is not None else None,
                    self.expression(value) if value is not None else None,
                )
            )
        return tuple(found)

    def calls(self, node: Node) -> tuple[Expr, ...]:
        """Every call within a node, in source order."""
        return tuple(_placed(self.expression(call), call, node) for call in self._calls.within(node))

    def _string(self, node: Node, depth: int) -> Expr:
        return Expr("str", _text_in(node), line=self.line(node))

    def _other(self, node: Node, depth: int) -> Expr:
        return Expr("other", text_of(node)[:200], line=self.line(node))

    def _strings(self, node: Node, depth: int) -> Expr:
        return Expr("str", "".join(_text_in(child) for child in node.named_children), line=self.line(node))

    def _name(self, node: Node, depth: int) -> Expr:
        return Expr("name", text_of(node), line=self.line(node))

    def _constant(self, node: Node, depth: int) -> Expr:
        return Expr("const", text_of(node), line=self.line(node))

    def _inner(self, node: Node, depth: int) -> Expr:
        inner = node.named_children
        return self.expression(inner[0], depth + 1) if inner else self._other(node, depth)

    def _list(self, node: Node, depth: int) -> Expr:
        return Expr("list", items=tuple(self._entries(node, depth)), line=self.line(node))

    def _comprehension(self, node: Node, depth: int) -> Expr:
        """``[path(at, view) for at, view in [("a/", A), ("b/", B)]]`` is the list that it makes of the one written in it."""
        body, *clauses = node.named_children
        left, right = (clauses[0].child_by_field_name(field) for field in ("left", "right"))
        if len(clauses) != 1 or left is None or right is None or right.type not in ("list", "tuple"):
            return self._other(node, depth)
        names = [text_of(one) for one in (left.named_children if left.type != "identifier" else (left,))]
        entries = [self.expression(one, depth + 1) for one in right.named_children if one.type != "comment"]
        self._left -= len(entries)
        if self._left < 0:
            return self._other(node, depth)
        made, items = self.expression(body, depth + 1), []
        for entry in entries:
            parts = (entry,) if left.type == "identifier" else entry.items
            items.append(filled(made, dict(zip(names, parts, strict=False))))
        return Expr("list", items=tuple(items), line=self.line(node))

    def _entries(self, node: Node, depth: int) -> Iterator[Expr]:
        for child in node.named_children:
            if child.type == "list_splat" and child.named_children:
                yield from spread((self.expression(child.named_children[0], depth + 1),))
            elif child.type != "comment":
                yield self.expression(child, depth + 1)

    def _lambda(self, node: Node, depth: int) -> Expr:
        line = self.line(node)
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        function = Function(
            "lambda",
            line,
            self.parameters(parameters) if parameters is not None else (),
            code=f"return ({code(body)})" if body is not None else "",
            calls=self.calls(body) if body is not None else (),
        )
        return Expr("function", text_of(node)[:200], line=line, function=function)

    def _sum(self, node: Node, depth: int) -> Expr:
        left, right, operator = (node.child_by_field_name(f) for f in ("left", "right", "operator"))
        if left is None or right is None or operator is None or text_of(operator) not in ("+", "|", "&"):
            return self._other(node, depth)
        line = self.line(node)
        first, second = self.expression(left, depth + 1), self.expression(right, depth + 1)
        if text_of(operator) != "+":
            return Expr("list" if text_of(operator) == "|" else "all", items=(first, second), line=line)
        if "str" not in (first.kind, second.kind):
            return Expr("list", items=tuple(spread((first, second))), line=line)
        parts = [e.text if e.kind == "str" else "{" + (e.text or "value") + "?}" for e in (first, second)]
        return Expr("str", "".join(parts), line=line)

    def _either(self, node: Node, depth: int) -> Expr:
        children = node.named_children
        if len(children) != 3:
            return self._other(node, depth)
        then, test, other = children
        sides = (self.expression(then, depth + 1), self.expression(other, depth + 1))
        return Expr("either", text_of(test)[:90], sides, line=self.line(node))

    def _dictionary(self, node: Node, depth: int) -> Expr:
        found: list[tuple[str, Expr]] = []
        for child in node.named_children:
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and value is not None:
                folded = self.expression(key, depth + 1)
                found.append((folded.text, self.expression(value, depth + 1)))
            elif child.type == "dictionary_splat" and child.named_children:
                found.append(("**", self.expression(child.named_children[0], depth + 1)))
        return Expr("dict", named=tuple(found), line=self.line(node))

    def _subscript(self, node: Node, depth: int) -> Expr:
        value, *rest = node.named_children
        parts = [
            part for child in rest for part in (child.named_children if child.type == "type_parameter" else [child])
        ]
        items = tuple(self.expression(part, depth + 1) for part in parts)
        return Expr("call", text_of(value) + "[]", items, line=self.line(node))

    def _call(self, node: Node, depth: int) -> Expr:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        items: list[Expr] = []
        named: list[tuple[str, Expr]] = []
        for child in arguments.named_children if arguments is not None else ():
            kind = child.type
            if kind == "keyword_argument":
                name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
                if name is not None and value is not None:
                    named.append((text_of(name), self.expression(value, depth + 1)))
            elif kind != "comment":
                items.append(self.expression(child, depth + 1))
        on = None
        text = text_of(function) if function is not None else ""
        if function is not None and function.type == "attribute":
            target, attribute = function.child_by_field_name("object"), function.child_by_field_name("attribute")
            if target is not None and target.type == "call" and attribute is not None:
                on, text = self.expression(target, depth + 1), text_of(attribute)
        elif function is not None and function.type == "call":
            on, text = self.expression(function, depth + 1), ""
        return Expr("call", text, tuple(items), tuple(named), self.line(node), on)


_KINDS: dict[str, Callable[[Values, Node, int], Expr]] = {
    "string": Values._string,
    "concatenated_string": Values._strings,
    **dict.fromkeys(("identifier", "attribute"), Values._name),
    **dict.fromkeys(("type", "parenthesized_expression", "await"), Values._inner),
    **dict.fromkeys(("integer", "float", "true", "false", "none"), Values._constant),
    **dict.fromkeys(("list", "tuple", "set", "expression_list"), Values._list),
    "lambda": Values._lambda,
    "list_comprehension": Values._comprehension,
    "binary_operator": Values._sum,
    "conditional_expression": Values._either,
    "dictionary": Values._dictionary,
    **dict.fromkeys(("subscript", "generic_type"), Values._subscript),
}


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


def spread(parts: Iterable[Expr]) -> Iterator[Expr]:
    """What lists hold when they are added up."""
    for part in parts:
        yield from part.items if part.kind == "list" else (part,)


def _text_in(node: Node) -> str:
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
