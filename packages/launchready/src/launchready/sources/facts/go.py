"""Facts of a Go file, by tree-sitter: its functions and methods, and what each does, in order.

Routers are handed on by name through nested functions, so a body is kept as steps: ``let`` (``text`` the name, ``items`` the value),
``return`` and calls. A function expression's ``text`` is the key of its steps.
"""

from dataclasses import dataclass
from functools import cache

import tree_sitter_go
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from launchready.sources.facts.python_values import code, line_of, text_of
from launchready.sources.facts.shape import Binding, Expr, Function, Import, Module, Param

_FUNCTIONS = frozenset(("func_literal", "function_declaration", "method_declaration"))
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class GoFile:
    """The facts of one file. ``steps`` are by key: the name of a function or method (``Server.routes``), or a literal's own."""

    module: Module
    package: str
    steps: dict[str, tuple[Expr, ...]]


@cache
def _language() -> Language:
    return Language(tree_sitter_go.language())


@cache
def _call_query() -> Query:
    return Query(_language(), "(call_expression) @call")


def read_go(path: str, source: bytes) -> GoFile:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set on the module."""
    tree = Parser(_language()).parse(source)
    return _Reader(path).read(tree.root_node)


class _Reader:
    def __init__(self, path: str) -> None:
        self._path = path
        self._steps: dict[str, tuple[Expr, ...]] = {}
        self._known: dict[int, Expr] = {}

    def read(self, root: Node) -> GoFile:
        imports: dict[str, Import] = {}
        bindings: dict[str, Binding] = {}
        functions: dict[str, Function] = {}
        package = ""
        for child in root.named_children:
            match child.type:
                case "package_clause":
                    package = text_of(child.named_children[0]) if child.named_children else ""
                case "import_declaration":
                    for spec in _descendants(child, "import_spec"):
                        self._import(spec, imports)
                case "function_declaration" | "method_declaration":
                    function = self._function(child)
                    functions.setdefault(function.name, function)
                case "const_declaration" | "var_declaration":
                    for spec in _descendants(child, "const_spec", "var_spec"):
                        for name, value in self._pairs(spec):
                            bindings[name] = Binding(name, value, line_of(spec))
        module = Module(self._path, imports, (), bindings, functions, broken=root.has_error)
        return GoFile(module, package, self._steps)

    @staticmethod
    def _import(spec: Node, imports: dict[str, Import]) -> None:
        source, alias = spec.child_by_field_name("path"), spec.child_by_field_name("name")
        if source is not None:
            module = text_of(source).strip('"`')
            last = module.rsplit("/", 1)[-1]
            # A major version at the end is no name: github.com/labstack/echo/v4 is echo.
            if last[:1] == "v" and last[1:].isdigit() and "/" in module:
                last = module.rsplit("/", 2)[-2]
            name = text_of(alias) if alias is not None else last.removeprefix("go-")
            imports[name] = Import(name, module, "")

    def _pairs(self, spec: Node) -> list[tuple[str, Expr]]:
        names = [text_of(one) for one in spec.children_by_field_name("name")]
        value = spec.child_by_field_name("value")
        values = [self._expression(one) for one in value.named_children] if value is not None else []
        return list(zip(names, values, strict=False))

    def _function(self, node: Node) -> Function:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        receiver = node.child_by_field_name("receiver")
        params = [*_params(receiver), *_params(node.child_by_field_name("parameters"))]
        owner = text_of(receiver).strip("()").split()[-1].lstrip("*").split("[")[0] if receiver is not None else ""
        full = ".".join(filter(None, [owner, text_of(name) if name is not None else ""]))
        calls = QueryCursor(_call_query()).captures(body).get("call", []) if body is not None else []
        ordered = sorted(calls, key=lambda call: call.start_byte)
        function = Function(
            full,
            line_of(node),
            tuple(params),
            (),
            code(body) if body is not None else "",
            tuple(self._expression(call) for call in ordered),
        )
        self._steps[full or f"@{node.start_byte}"] = tuple(self._block(body, 0)) if body is not None else ()
        return function

    def _block(self, node: Node, depth: int) -> list[Expr]:
        """What a body does, in order; what stands in branches and loops is done as well."""
        found: list[Expr] = []
        for child in node.named_children if depth < _DEEPEST else ():
            match child.type:
                case "short_var_declaration" | "assignment_statement":
                    left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
                    names = left.named_children if left is not None else []
                    values = [self._expression(one) for one in (right.named_children if right is not None else ())]
                    for at, one in enumerate(names):
                        if at < len(values):
                            found.append(Expr("let", text_of(one), (values[at],), line=line_of(child)))
                case "var_spec" | "const_spec":
                    found += [Expr("let", name, (value,), line=line_of(child)) for name, value in self._pairs(child)]
                case "expression_statement" | "go_statement" | "defer_statement":
                    found += [self._expression(one) for one in child.named_children]
                case "return_statement":
                    nodes = [one for part in child.named_children for one in part.named_children or [part]]
                    found.append(
                        Expr("return", items=tuple(self._expression(one) for one in nodes), line=line_of(child))
                    )
                case kind if kind not in _FUNCTIONS:
                    found += self._block(child, depth + 1)
        return found

    def _expression(self, node: Node, depth: int = 0) -> Expr:
        known = self._known.get(node.id)
        if known is None:
            known = self._known[node.id] = self._read_expression(node, depth)
        return known

    def _read_expression(self, node: Node, depth: int) -> Expr:
        line = line_of(node)
        if depth > 40:
            return Expr("other", line=line)
        match node.type:
            case "interpreted_string_literal" | "raw_string_literal":
                return Expr("str", text_of(node)[1:-1], line=line)
            case "identifier" | "selector_expression" | "package_identifier" | "type_identifier" | "qualified_type":
                inner = node.child_by_field_name("operand")
                if inner is not None and inner.type in ("call_expression", "composite_literal"):
                    field = node.child_by_field_name("field")
                    on = self._expression(inner, depth + 1)
                    return Expr("name", text_of(field) if field is not None else "", line=line, on=on)
                return Expr("name", text_of(node)[:200], line=line)
            case "int_literal" | "true" | "false" | "nil":
                return Expr("const", text_of(node), line=line)
            case "parenthesized_expression" | "unary_expression" | "literal_element" if node.named_children:
                return self._expression(node.named_children[0], depth + 1)
            case "func_literal":
                function = self._function(node)
                return Expr("function", f"@{node.start_byte}", line=line, function=function)
            case "binary_expression":
                return self._sum(node, depth, line)
            case "composite_literal":
                return self._composite(node, depth, line)
            case "call_expression":
                return self._call(node, depth, line)
        return Expr("other", text_of(node)[:200], line=line)

    def _sum(self, node: Node, depth: int, line: int) -> Expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or not any(child.type == "+" for child in node.children):
            return Expr("other", text_of(node)[:200], line=line)
        parts = [self._expression(left, depth + 1), self._expression(right, depth + 1)]
        if all(part.kind not in ("str",) for part in parts):
            return Expr("other", text_of(node)[:200], line=line)
        said = (part.text if part.kind == "str" else "{" + (part.text or "value") + "?}" for part in parts)
        return Expr("str", "".join(said), line=line)

    def _composite(self, node: Node, depth: int, line: int) -> Expr:
        kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
        items: list[Expr] = []
        named: list[tuple[str, Expr]] = []
        for child in body.named_children if body is not None else ():
            if child.type == "keyed_element" and len(child.named_children) > 1:
                key, value = child.named_children[:2]
                named.append((text_of(key), self._expression(value, depth + 1)))
            elif child.type != "comment":
                items.append(self._expression(child, depth + 1))
        text = text_of(kind) if kind is not None else ""
        return Expr("list" if text.startswith("[") else "dict", text, tuple(items), tuple(named), line)

    def _call(self, node: Node, depth: int, line: int) -> Expr:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else ()
        items = tuple(self._expression(one, depth + 1) for one in given if one.type != "comment")
        on, text = None, text_of(function)[:200] if function is not None else ""
        if function is not None and function.type == "selector_expression":
            operand, field = function.child_by_field_name("operand"), function.child_by_field_name("field")
            if operand is not None and field is not None and operand.type in ("call_expression", "composite_literal"):
                on, text = self._expression(operand, depth + 1), text_of(field)
        return Expr("call", text, items, (), line, on)


def _params(node: Node | None) -> list[Param]:
    found = []
    for child in node.named_children if node is not None else ():
        kind = child.child_by_field_name("type")
        for name in child.children_by_field_name("name"):
            found.append(Param(text_of(name), Expr("name", text_of(kind) if kind is not None else "")))
    return found


def _descendants(node: Node, *kinds: str) -> list[Node]:
    found: list[Node] = []
    for child in node.named_children:
        found += [child] if child.type in kinds else _descendants(child, *kinds)
    return found
