"""Functions, classes and expressions of JavaScript and TypeScript, reduced to what routing and guarding need."""

import re

from msgspec import structs
from tree_sitter import Node, Query

from launchready.sources.facts.nodes import Lines, Matches, code, text_of
from launchready.sources.facts.shape import Expr, Function, Param

FUNCTIONS = frozenset(
    (
        "arrow_function",
        "function_expression",
        "function_declaration",
        "generator_function_declaration",
        "method_definition",
        "function",
    )
)

_MET_AGAIN = FUNCTIONS | {"call_expression", "new_expression"}
_LONGEST_TYPE, _LONGEST_TABLE = 120, 2000


class Values:
    """The expressions of one file. Each is read once: a call inside of functions inside of calls is met again and again."""

    def __init__(self, calls: Query, root: Node) -> None:
        self.line = Lines(root).of
        self._calls = Matches(calls, root)
        # By the place of a node in memory, which stays its own as long as the tree is kept.
        self._known: dict[int, Expr] = {}
        self._functions: dict[int, Function] = {}

    def read_function(self, node: Node, decorators: tuple[Expr, ...] = ()) -> Function:
        """A function, method, arrow function or class. ``decorators`` are those that stand before it, outside of the node."""
        known = self._functions.get(node.id)
        if known is None:
            known = self._functions[node.id] = self._function(node)
        return structs.replace(known, decorators=(*decorators, *known.decorators)) if decorators else known

    def _function(self, node: Node) -> Function:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        parameters = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
        given = list(parameters.named_children if parameters is not None else ())
        if parameters is not None and parameters.type == "identifier":
            given = [parameters]
        is_class = node.type in ("class_declaration", "abstract_class_declaration", "class")
        members = list(self._members(body)) if is_class and body is not None else []
        return Function(
            text_of(name) if name is not None else "",
            self.line(node),
            tuple(self._param(child) for child in given),
            self._decorators(node),
            code(body) if body is not None else "",
            tuple(map(self.expression, self._calls.within(body))) if body is not None and not is_class else (),
            tuple(self._bases(node)) if is_class else (),
            tuple(member for member in members if isinstance(member, Function)),
            tuple(member for member in members if isinstance(member, Param)),
            is_class,
        )

    def decorators_before(self, nodes: list[Node], index: int) -> tuple[Expr, ...]:
        """The decorators that stand right before a node among its siblings."""
        found: list[Expr] = []
        for before in reversed(nodes[:index]):
            if before.type == "comment":
                continue
            if before.type != "decorator":
                break
            found += [self.expression(child) for child in before.named_children]
        return tuple(reversed(found))

    def _decorators(self, node: Node) -> tuple[Expr, ...]:
        return tuple(
            self.expression(inner)
            for child in node.children
            if child.type == "decorator"
            for inner in child.named_children
        )

    def _param(self, node: Node) -> Param:
        """A parameter with its type; a decorator such as ``@Body()`` stands in the place of a default."""
        pattern = node.child_by_field_name("pattern") or node.child_by_field_name("left") or node
        kind, value = (
            node.child_by_field_name("type"),
            node.child_by_field_name("value") or node.child_by_field_name("right"),
        )
        bound = next(iter(self._decorators(node)), None) or (self.expression(value) if value is not None else None)
        return Param(text_of(pattern), self._type(kind), bound)

    def _type(self, node: Node | None) -> Expr | None:
        if node is None:
            return None
        text = text_of(node).lstrip(": ").strip()
        # A table that is written out says what its fields are.
        return Expr("name", text[: _LONGEST_TABLE if text.startswith("{") else _LONGEST_TYPE], line=self.line(node))

    def _bases(self, node: Node) -> list[Expr]:
        heritage = next((child for child in node.children if child.type == "class_heritage"), None)
        if heritage is None:
            return []
        clause = next((child for child in heritage.named_children if child.type == "extends_clause"), heritage)
        return [
            self.expression(child)
            for child in clause.named_children
            if child.type in ("identifier", "member_expression", "call_expression")
        ]

    def _members(self, body: Node) -> list[Function | Param]:
        """The methods of a class, and its fields with types and first decorators."""
        found: list[Function | Param] = []
        children = body.named_children
        for index, child in enumerate(children):
            before = self.decorators_before(children, index)
            if child.type == "method_definition":
                found.append(self.read_function(child, before))
            elif "field_definition" in child.type:
                name = child.child_by_field_name("property") or child.child_by_field_name("name")
                value = child.child_by_field_name("value")
                if name is None:
                    continue
                if value is not None and unwrap(value).type in FUNCTIONS:
                    found.append(renamed(self.read_function(unwrap(value), before), text_of(name)))
                else:
                    marks = (*before, *self._decorators(child))
                    given = next(iter(marks), None) or (self.expression(value) if value is not None else None)
                    found.append(Param(text_of(name), self._type(child.child_by_field_name("type")), given, marks))
        return found

    def expression(self, node: Node, depth: int = 0) -> Expr:
        """An expression node, folded as far as the file alone allows."""
        node = unwrap(node)
        if depth > 40:
            return Expr("other", line=self.line(node))
        if node.type not in _MET_AGAIN:
            return self._read(node, depth)
        known = self._known.get(node.id)
        if known is None:
            known = self._known[node.id] = self._read(node, depth)
        return known

    def _read(self, node: Node, depth: int) -> Expr:
        line = self.line(node)
        match node.type:
            case "string":
                return Expr("str", string_of(node), line=line)
            case "template_string":
                return Expr("str", self._template(node), line=line)
            case "identifier" | "member_expression" | "this" | "shorthand_property_identifier":
                return Expr("name", text_of(node).replace("?.", ".")[:200], line=line)
            case "number" | "true" | "false" | "null" | "undefined" | "regex":
                return Expr("const", text_of(node), line=line)
            case "array":
                return Expr(
                    "list",
                    items=tuple(self.expression(c, depth + 1) for c in node.named_children if c.type != "comment"),
                    line=line,
                )
            case "object":
                spread = (
                    c.named_children[0] for c in node.named_children if c.type == "spread_element" and c.named_children
                )
                items = tuple(self.expression(one, depth + 1) for one in spread)
                return Expr("dict", "", items, tuple(self._entries(node, depth)), line)
            case "binary_expression":
                parts = self._sum(node, depth)
                if any(part.kind == "str" for part in parts):
                    known = (
                        p.text if p.kind == "str" else "{" + re.sub(r"[^\w.]", "", p.text or "value") + "?}"
                        for p in parts
                    )
                    return Expr("str", "".join(known), line=line)
                if (given := self._default(node, depth)) is not None:
                    return given
            case "ternary_expression" if (given := self._default(node, depth)) is not None:
                return given
            case "call_expression" | "new_expression":
                return self._call(node, depth, line)
            case kind if kind in FUNCTIONS:
                return Expr("function", line=line, function=self.read_function(node))
            case "spread_element" if node.named_children:
                return self.expression(node.named_children[0], depth + 1)
        return Expr("other", text_of(node)[:200], line=line)

    def _default(self, node: Node, depth: int) -> Expr | None:
        """``options.path || "/api"``, ``path ? path : "/api"``: a setting, and the text it has when nothing is given."""
        fields = ("consequence", "alternative") if node.type == "ternary_expression" else ("left", "right")
        first, second = (node.child_by_field_name(field) for field in fields)
        if (
            first is None
            or second is None
            or (fields[0] == "left" and not any(child.type in ("||", "??") for child in node.children))
        ):
            return None
        both = (self.expression(first, depth + 1), self.expression(second, depth + 1))
        texts = [one for one in both if one.kind == "str"]
        return Expr("either", text_of(node)[:200], both, line=self.line(node)) if len(texts) == 1 else None

    def _sum(self, node: Node, depth: int) -> list[Expr]:
        """The parts of ``a + b + c``, in order; none for another operator."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or depth > 40 or not any(child.type == "+" for child in node.children):
            return []
        inner = unwrap(left)
        before = self._sum(inner, depth + 1) if inner.type == "binary_expression" else []
        return [*(before or [self.expression(left, depth + 1)]), self.expression(right, depth + 1)]

    def _call(self, node: Node, depth: int, line: int) -> Expr:
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        arguments = node.child_by_field_name("arguments")
        items = tuple(
            self.expression(child, depth + 1)
            for child in (arguments.named_children if arguments is not None and arguments.type == "arguments" else ())
            if child.type != "comment"
        )
        on, text = None, ""
        if function is not None:
            inner = _awaited(unwrap(function))
            text = _dotted(inner)
            if inner.type == "member_expression":
                target, attribute = inner.child_by_field_name("object"), inner.child_by_field_name("property")
                if (
                    target is not None
                    and unwrap(target).type in ("call_expression", "new_expression")
                    and attribute is not None
                ):
                    on, text = self.expression(target, depth + 1), text_of(attribute)
            elif inner.type in ("call_expression", "new_expression"):
                on, text = self.expression(inner, depth + 1), ""
        return Expr("call", text, items, (), line, on)

    def _entries(self, node: Node, depth: int) -> list[tuple[str, Expr]]:
        found: list[tuple[str, Expr]] = []
        for child in node.named_children:
            if child.type == "pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None and value is not None:
                    found.append(
                        (string_of(key) if key.type == "string" else text_of(key), self.expression(value, depth + 1))
                    )
            elif child.type == "shorthand_property_identifier":
                found.append((text_of(child), Expr("name", text_of(child), line=self.line(child))))
            elif child.type == "method_definition":
                function = self.read_function(child)
                found.append((function.name, Expr("function", line=self.line(child), function=function)))
        return found

    def _template(self, node: Node) -> str:
        parts = []
        for child in node.named_children:
            if child.type == "string_fragment":
                parts.append(text_of(child))
            elif child.type == "template_substitution" and child.named_children:
                value = self.expression(child.named_children[0])
                name = re.sub(r"[^\w.]", "", text_of(child.named_children[0]))
                parts.append(value.text if value.kind == "str" else "{" + name + "?}")
        return "".join(parts)


def _awaited(node: Node) -> Node:
    """The grammar takes ``await (0, f)(x)`` for a call of ``await``; what is called is ``f``."""
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if called is None or arguments is None or called.text != b"await" or not arguments.named_children:
        return node
    return unwrap(arguments.named_children[-1])


def _dotted(node: Node) -> str:
    """The name a call is made on: ``app . get`` and ``app["get"]`` are ``app.get``."""
    if node.type == "subscript_expression":
        owner, index = node.child_by_field_name("object"), node.child_by_field_name("index")
        if owner is not None and index is not None and index.type == "string":
            return f"{_dotted(owner)}.{string_of(index)}"[:200]
    return re.sub(r"\s+", "", text_of(node)[:400]).replace("?.", ".")[:200]


_IMPORTED = re.compile(r"^\(await\s+import\(\s*([\"'`])(?P<module>[^\"'`]+)\1\s*\)\)\.(?P<symbol>\w+)$")


def required_module(value: Expr) -> tuple[str, str] | None:
    """``require("x")`` or ``require("x").y``, also behind an interop helper, and ``(await import("x")).y``."""
    if value.kind == "call" and value.text in ("require", "import") and value.items and value.items[0].kind == "str":
        return value.items[0].text, "*"
    if value.kind == "call" and re.search(r"interop|import(?:default|star)", value.text, re.I) and value.items:
        return required_module(value.items[0])
    if value.kind == "name" and (waited := _IMPORTED.match(value.text)):
        return waited["module"], waited["symbol"]
    if value.kind == "name" and value.text.startswith("require("):
        head, _, symbol = value.text.partition(").")
        return head.removeprefix("require(").strip("'\"` "), symbol or "*"
    return None


def naming(value: Expr, name: str, other: str) -> Expr:
    """An expression in which ``other`` stands for ``name``, in what it calls and is given as well."""
    if value.kind == "name" and (value.text == name or value.text.startswith(f"{name}.")):
        return structs.replace(value, text=other + value.text[len(name) :])
    items = tuple(naming(one, name, other) for one in value.items)
    on = naming(value.on, name, other) if value.on is not None else None
    same = on is value.on and all(one is known for one, known in zip(items, value.items, strict=True))
    return value if same else structs.replace(value, items=items, on=on)


def renamed(function: Function, name: str) -> Function:
    """The same function under another name."""
    return structs.replace(function, name=name)


def unwrap(node: Node) -> Node:
    """The expression inside of brackets, ``await``, type assertions and the like."""
    while (
        node.type
        in (
            "parenthesized_expression",
            "await_expression",
            "as_expression",
            "satisfies_expression",
            "non_null_expression",
            "type_assertion",
        )
        and node.named_children
    ):
        node = node.named_children[0]
        # Compilers write (0, module.function)(...) to call without a receiver.
        if node.type == "sequence_expression" and node.named_children:
            node = node.named_children[-1]
    return node


def string_of(node: Node) -> str:
    """The text of a string literal without its quotes."""
    text = text_of(node)
    # Only its own quotes: "a = \\"\\"" ends with one that is part of the text.
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\"`"
    return text[1:-1] if quoted else text.strip("'\"`")
