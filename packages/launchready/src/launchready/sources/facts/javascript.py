"""Facts of a JavaScript or TypeScript file, by tree-sitter: CommonJS and ES modules alike."""

import re
from functools import cache

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from launchready.sources.facts.python import code
from launchready.sources.facts.shape import Binding, Expr, Function, Import, Module, Param

_DEEPEST = 60
_FUNCTIONS = frozenset(
    (
        "arrow_function",
        "function_expression",
        "function_declaration",
        "generator_function_declaration",
        "method_definition",
        "function",
    )
)


@cache
def _language(suffix: str) -> Language:
    if suffix in ("tsx",):
        return Language(tree_sitter_typescript.language_tsx())
    if suffix in ("ts", "mts", "cts"):
        return Language(tree_sitter_typescript.language_typescript())
    return Language(tree_sitter_javascript.language())


def read_javascript(path: str, source: bytes) -> Module:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set."""
    root = Parser(_language(path.rsplit(".", 1)[-1])).parse(source).root_node
    reader = _Reader()
    reader.block(root, 0)
    return Module(
        path,
        reader.imports,
        tuple(reader.stars),
        reader.bindings,
        reader.functions,
        tuple(reader.calls),
        reader.exports,
        root.has_error,
    )


class _Reader:
    def __init__(self) -> None:
        self.imports: dict[str, Import] = {}
        self.stars: list[str] = []
        self.bindings: dict[str, Binding] = {}
        self.functions: dict[str, Function] = {}
        self.calls: list[Expr] = []
        self.exports: dict[str, Expr] = {}

    def block(self, node: Node, depth: int) -> None:
        if depth > _DEEPEST:
            return
        for child in node.named_children:
            match child.type:
                case "import_statement":
                    self._import(child)
                case "lexical_declaration" | "variable_declaration":
                    for declarator in child.named_children:
                        self._declare(declarator, depth)
                case "function_declaration" | "generator_function_declaration" | "class_declaration":
                    self._define(child, depth)
                case "export_statement":
                    self._export(child, depth)
                case "expression_statement":
                    self._statement(child, depth)
                case _:
                    self.block(child, depth + 1)

    def _define(self, node: Node, depth: int) -> str:
        function = read_function(node)
        if function.name:
            self.functions.setdefault(function.name, function)
        body = node.child_by_field_name("body")
        # Route tables are often built inside a function: module.exports = (app) => { app.get(...) }.
        if body is not None:
            self.block(body, depth + 1)
        return function.name

    def _import(self, node: Node) -> None:
        source = node.child_by_field_name("source")
        if source is None:
            return
        module = _string(source)
        for clause in node.named_children:
            if clause.type != "import_clause":
                continue
            for part in clause.named_children:
                if part.type == "identifier":
                    self.imports[_text(part)] = Import(_text(part), module, "default")
                elif part.type == "namespace_import" and part.named_children:
                    local = _text(part.named_children[-1])
                    self.imports[local] = Import(local, module, "*")
                elif part.type == "named_imports":
                    for item in part.named_children:
                        name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                        if name is not None:
                            local = _text(alias) if alias is not None else _text(name)
                            self.imports[local] = Import(local, module, _text(name))

    def _declare(self, node: Node, depth: int) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return
        bound = expression(value)
        if required := _required(bound):
            module, symbol = required
            if name.type == "identifier":
                self.imports[_text(name)] = Import(_text(name), module, symbol)
            else:
                for item in name.named_children:
                    key, local = item.child_by_field_name("key"), item.child_by_field_name("value")
                    original = _text(key) if key is not None else _text(item)
                    self.imports[_text(local) if local is not None else original] = Import(original, module, original)
            return
        if name.type == "object_pattern":
            self._destructure(name, bound)
            if bound.kind == "call":
                self.calls.append(bound)
            return
        if bound.function is not None and bound.kind == "function":
            self.functions.setdefault(_text(name), _named(bound.function, _text(name)))
            body = _unwrap(value).child_by_field_name("body")
            if body is not None:
                self.block(body, depth + 1)
            return
        self.bindings[_text(name)] = Binding(_text(name), bound, _line(node))
        if bound.kind == "call":
            self.calls.append(bound)

    def _destructure(self, pattern: Node, value: Expr) -> None:
        """``const { GET, POST: add } = handlers``: each local name stands for its part of the value."""
        for item in pattern.named_children:
            key, local = item.child_by_field_name("key"), item.child_by_field_name("value")
            original = _text(key) if key is not None else _text(item).split("=")[0].strip()
            name = _text(local) if local is not None else original
            part = Expr("name", f"{value.text}.{original}", line=_line(item)) if value.kind == "name" else value
            self.bindings[name] = Binding(name, part, _line(item))

    def _statement(self, node: Node, depth: int) -> None:
        for child in node.named_children:
            inner = _unwrap(child)
            if inner.type == "assignment_expression":
                self._assign(inner, depth)
                continue
            value = expression(inner)
            if value.kind == "call":
                self.calls.append(value)
                self._callbacks(inner, depth)

    def _callbacks(self, node: Node, depth: int) -> None:
        """Look into functions given to calls that are no routes, such as ``start(() => { app.use(...) })``."""
        if depth > 4:
            return
        arguments = node.child_by_field_name("arguments")
        for child in arguments.named_children if arguments is not None else ():
            body = child.child_by_field_name("body") if child.type in _FUNCTIONS else None
            if body is not None and body.type == "statement_block":
                self.block(body, depth + 1)

    def _assign(self, node: Node, depth: int) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        target, value = _text(left), expression(right)
        if value.function is not None and value.kind == "function":
            body = _unwrap(right).child_by_field_name("body")
            if body is not None:
                self.block(body, depth + 1)
        if target in ("module.exports", "exports"):
            self._export_value(value)
        elif target.startswith(("module.exports.", "exports.")):
            self.exports[target.rsplit(".", 1)[-1]] = value
        else:
            self.bindings.setdefault(target, Binding(target, value, _line(node)))

    def _export_value(self, value: Expr) -> None:
        self.exports["default"] = value
        if value.kind == "dict":
            for name, inner in value.named:
                self.exports[name] = inner

    def _export(self, node: Node, depth: int) -> None:
        declaration, value, source = (node.child_by_field_name(f) for f in ("declaration", "value", "source"))
        default = any(child.type == "default" for child in node.children)
        if declaration is not None:
            before = set(self.functions) | set(self.bindings)
            if declaration.type in ("function_declaration", "class_declaration", "generator_function_declaration"):
                defined = self._define(declaration, depth)
                if default and defined:
                    self.exports["default"] = Expr("name", defined, line=_line(node))
            else:
                self.block(node, depth + 1)
            for added in (set(self.functions) | set(self.bindings)) - before:
                self.exports[added] = Expr("name", added, line=_line(node))
        elif value is not None:
            self.exports["default"] = expression(value)
            if _unwrap(value).type in _FUNCTIONS and (body := _unwrap(value).child_by_field_name("body")) is not None:
                self.block(body, depth + 1)
        for clause in node.named_children:
            if clause.type != "export_clause":
                continue
            for item in clause.named_children:
                name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                if name is None:
                    continue
                public = _text(alias) if alias is not None else _text(name)
                if source is not None:
                    local = f"{_text(name)}@{_string(source)}"
                    self.imports[local] = Import(local, _string(source), _text(name))
                    self.exports[public] = Expr("name", local, line=_line(node))
                else:
                    self.exports[public] = Expr("name", _text(name), line=_line(node))
        if source is not None and not any(child.type == "export_clause" for child in node.named_children):
            self.stars.append(_string(source))


def read_function(node: Node) -> Function:
    """A function, method, arrow function or class."""
    name = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    parameters = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
    names = list(parameters.named_children if parameters is not None else ())
    if parameters is not None and parameters.type == "identifier":
        names = [parameters]
    methods: list[Function] = []
    is_class = node.type == "class_declaration"
    if is_class and body is not None:
        methods = [method for child in body.named_children if (method := _method(child)) is not None]
    return Function(
        _text(name) if name is not None else "",
        _line(node),
        tuple(Param(_text(child.child_by_field_name("pattern") or child)) for child in names),
        (),
        code(body) if body is not None else "",
        tuple(_calls(body)) if body is not None and not is_class else (),
        methods=tuple(methods),
        is_class=is_class,
    )


def _method(node: Node) -> Function | None:
    if node.type == "method_definition":
        return read_function(node)
    name = node.child_by_field_name("property") or node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    if name is None or value is None or "field_definition" not in node.type or _unwrap(value).type not in _FUNCTIONS:
        return None
    return _named(read_function(_unwrap(value)), _text(name))


def _calls(node: Node) -> list[Expr]:
    found: list[Expr] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "call_expression":
            found.append(expression(current))
        stack.extend(reversed(current.named_children))
    return found


def expression(node: Node, depth: int = 0) -> Expr:
    """An expression node, folded as far as the file alone allows."""
    node = _unwrap(node)
    line = _line(node)
    if depth > 40:
        return Expr("other", line=line)
    match node.type:
        case "string":
            return Expr("str", _string(node), line=line)
        case "template_string":
            return Expr("str", _template(node), line=line)
        case "identifier" | "member_expression" | "this" | "shorthand_property_identifier":
            return Expr("name", _text(node).replace("?.", ".")[:200], line=line)
        case "number" | "true" | "false" | "null" | "undefined" | "regex":
            return Expr("const", _text(node), line=line)
        case "array":
            return Expr(
                "list",
                items=tuple(expression(c, depth + 1) for c in node.named_children if c.type != "comment"),
                line=line,
            )
        case "object":
            return Expr("dict", named=tuple(_entries(node, depth)), line=line)
        case "binary_expression":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None and any(c.type == "+" for c in node.children):
                parts = [expression(left, depth + 1), expression(right, depth + 1)]
                if any(part.kind == "str" for part in parts):
                    return Expr(
                        "str",
                        "".join(p.text if p.kind == "str" else "{" + (p.text or "value") + "?}" for p in parts),
                        line=line,
                    )
        case "call_expression" | "new_expression":
            return _call(node, depth, line)
        case kind if kind in _FUNCTIONS:
            return Expr("function", line=line, function=read_function(node))
        case "spread_element" if node.named_children:
            return expression(node.named_children[0], depth + 1)
    return Expr("other", _text(node)[:200], line=line)


def _call(node: Node, depth: int, line: int) -> Expr:
    function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    arguments = node.child_by_field_name("arguments")
    items = tuple(
        expression(child, depth + 1)
        for child in (arguments.named_children if arguments is not None and arguments.type == "arguments" else ())
        if child.type != "comment"
    )
    on, text = None, ""
    if function is not None:
        inner = _unwrap(function)
        text = _text(inner).replace("?.", ".")[:200]
        if inner.type == "member_expression":
            target, attribute = inner.child_by_field_name("object"), inner.child_by_field_name("property")
            if target is not None and _unwrap(target).type == "call_expression" and attribute is not None:
                on, text = expression(target, depth + 1), _text(attribute)
        elif inner.type == "call_expression":
            on, text = expression(inner, depth + 1), ""
    return Expr("call", text, items, (), line, on)


def _entries(node: Node, depth: int) -> list[tuple[str, Expr]]:
    found: list[tuple[str, Expr]] = []
    for child in node.named_children:
        if child.type == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and value is not None:
                found.append((_string(key) if key.type == "string" else _text(key), expression(value, depth + 1)))
        elif child.type == "shorthand_property_identifier":
            found.append((_text(child), Expr("name", _text(child), line=_line(child))))
        elif child.type == "method_definition":
            function = read_function(child)
            found.append((function.name, Expr("function", line=_line(child), function=function)))
    return found


def _required(value: Expr) -> tuple[str, str] | None:
    """``require("x")`` or ``require("x").y``, also behind an interop helper."""
    if value.kind == "call" and value.text == "require" and value.items and value.items[0].kind == "str":
        return value.items[0].text, "*"
    if value.kind == "call" and re.search(r"interop|import(?:default|star)", value.text, re.I) and value.items:
        return _required(value.items[0])
    if value.kind == "name" and value.text.startswith("require("):
        head, _, symbol = value.text.partition(").")
        return head.removeprefix("require(").strip("'\"` "), symbol or "*"
    return None


def _named(function: Function, name: str) -> Function:
    return Function(name, function.line, function.params, (), function.code, function.calls, methods=function.methods)


def _template(node: Node) -> str:
    parts = []
    for child in node.named_children:
        if child.type == "string_fragment":
            parts.append(_text(child))
        elif child.type == "template_substitution" and child.named_children:
            parts.append("{" + _text(child.named_children[0]) + "?}")
    return "".join(parts)


def _unwrap(node: Node) -> Node:
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


def _string(node: Node) -> str:
    return _text(node).strip("'\"`")


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _line(node: Node) -> int:
    return int(node.start_point[0]) + 1
