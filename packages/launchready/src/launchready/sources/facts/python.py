"""Facts of a Python file, by tree-sitter: tolerant of errors and of syntax newer than the running interpreter."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser

from launchready.sources.facts.shape import Binding, Expr, Function, Import, Module, Param

_DEEPEST = 150


@cache
def _language() -> Language:
    return Language(tree_sitter_python.language())


def read_python(path: str, source: bytes) -> Module:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set."""
    root = Parser(_language()).parse(source).root_node
    reader = _Reader()
    reader.block(root, 0)
    return Module(
        path,
        reader.imports,
        tuple(reader.stars),
        reader.bindings,
        reader.functions,
        tuple(reader.calls),
        broken=root.has_error,
    )


class _Reader:
    def __init__(self) -> None:
        self.imports: dict[str, Import] = {}
        self.stars: list[str] = []
        self.bindings: dict[str, Binding] = {}
        self.functions: dict[str, Function] = {}
        self.calls: list[Expr] = []
        self._scope = 0
        self._scopes: dict[str, int] = {}

    def block(self, node: Node, depth: int) -> None:
        if depth > _DEEPEST:
            return
        for child in node.named_children:
            match child.type:
                case "import_statement" | "import_from_statement":
                    self._import(child)
                case "function_definition" | "class_definition" | "decorated_definition":
                    function = read_definition(child)
                    if function:
                        self.functions.setdefault(function.name, function)
                    body = _inner(child).child_by_field_name("body")
                    # What a factory such as create_app() builds belongs to the file as much as its top level.
                    if body and _inner(child).type == "function_definition":
                        outer, self._scope = self._scope, body.start_byte
                        self.block(body, depth + 1)
                        self._scope = outer
                case "expression_statement":
                    self._statement(child)
                case "for_statement":
                    self._loop(child)
                    self.block(child, depth + 1)
                case "comment" | "string":
                    pass
                case _:
                    self.block(child, depth + 1)

    def _loop(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        series = expression(right)
        names = left.named_children if left.type in ("pattern_list", "tuple_pattern") else [left]
        for index, name in enumerate(names):
            self._bind(_text(name), Expr("each", str(index) if index else "", (series,)), _line(node))

    def _bind(self, name: str, value: Expr, line: int) -> None:
        """Keep a binding. Names of the file itself win over those of functions, and earlier functions over later ones."""
        before = self.bindings.get(name)
        if before is not None and value.kind == "list":
            # `urls = [...] + urls` still holds what it held.
            parts = ((before.value,) if one.kind == "name" and one.text == name else (one,) for one in value.items)
            value = replace(value, items=tuple(_spread(part for some in parts for part in some)))
        if self._scopes.setdefault(name, self._scope) == self._scope or not self._scope:
            self.bindings[name] = Binding(name, value, line)
            self._scopes[name] = self._scope

    def _statement(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "assignment":
                left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
                if left is not None and right is not None:
                    value = expression(right)
                    self._bind(_text(left), value, _line(child))
                    if value.kind == "call":
                        self.calls.append(value)
            elif child.type == "augmented_assignment":
                self._augment(child)
            else:
                value = expression(child)
                if value.kind == "call":
                    self.calls.append(value)

    def _augment(self, node: Node) -> None:
        left, right, operator = (node.child_by_field_name(f) for f in ("left", "right", "operator"))
        if left is None or right is None or operator is None or _text(operator) != "+=":
            return
        name, more = _text(left), expression(right)
        before = self.bindings.get(name)
        first = before.value if before is not None else Expr("name", name, line=_line(node))
        if first.kind == "list" or more.kind == "list" or before is None:
            self._bind(name, Expr("list", items=tuple(_spread((first, more))), line=first.line), _line(node))

    def _import(self, node: Node) -> None:
        if node.type == "import_statement":
            for child in node.children_by_field_name("name"):
                if child.type == "aliased_import":
                    name, alias = child.child_by_field_name("name"), child.child_by_field_name("alias")
                    if name is not None and alias is not None:
                        self.imports[_text(alias)] = Import(_text(alias), _text(name), "")
                else:
                    full = _text(child)
                    self.imports[full] = Import(full, full, "")
            return
        module_node = node.child_by_field_name("module_name")
        module = _text(module_node) if module_node is not None else ""
        if any(child.type == "wildcard_import" for child in node.children):
            self.stars.append(module)
        for child in node.children_by_field_name("name"):
            symbol, local = _text(child), _text(child)
            if child.type == "aliased_import":
                name, alias = child.child_by_field_name("name"), child.child_by_field_name("alias")
                if name is not None and alias is not None:
                    symbol, local = _text(name), _text(alias)
            self.imports[local] = Import(local, module, symbol)


def read_definition(node: Node) -> Function | None:
    """A function or class, decorated or not."""
    inner = _inner(node)
    name = inner.child_by_field_name("name")
    if name is None:
        return None
    decorators = tuple(
        expression(child.named_children[0])
        for child in node.children
        if child.type == "decorator" and child.named_children
    )
    body = inner.child_by_field_name("body")
    is_class = inner.type == "class_definition"
    methods: list[Function] = []
    fields: list[Param] = []
    if is_class and body is not None:
        for child in body.named_children:
            if child.type in ("function_definition", "decorated_definition", "class_definition"):
                method = read_definition(child)
                if method:
                    methods.append(method)
            elif child.type == "expression_statement" and child.named_children:
                fields.extend(_field(child.named_children[0]))
    parameters = inner.child_by_field_name("parameters")
    bases = inner.child_by_field_name("superclasses")
    return Function(
        _text(name),
        _line(inner),
        _params(parameters) if parameters is not None else (),
        decorators,
        code(body) if body is not None else "",
        tuple(_calls(body)) if body is not None and not is_class else (),
        tuple(expression(child) for child in bases.named_children) if bases is not None else (),
        tuple(methods),
        tuple(fields),
        is_class,
    )


def _field(node: Node) -> list[Param]:
    if node.type != "assignment":
        return []
    left, right, kind = (node.child_by_field_name(f) for f in ("left", "right", "type"))
    if left is None:
        return []
    return [
        Param(
            _text(left),
            expression(kind) if kind is not None else None,
            expression(right) if right is not None else None,
        )
    ]


def _params(node: Node) -> tuple[Param, ...]:
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
                _text(name),
                expression(kind) if kind is not None else None,
                expression(value) if value is not None else None,
            )
        )
    return tuple(found)


def _calls(node: Node) -> list[Expr]:
    found: list[Expr] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "call":
            found.append(expression(current))
        stack.extend(reversed(current.named_children))
    return found


def expression(node: Node, depth: int = 0) -> Expr:
    """An expression node, folded as far as the file alone allows."""
    line = _line(node)
    if depth > 40:
        return Expr("other", line=line)
    match node.type:
        case "string":
            return Expr("str", _string(node), line=line)
        case "concatenated_string":
            return Expr("str", "".join(_string(child) for child in node.named_children), line=line)
        case "identifier" | "attribute":
            return Expr("name", _text(node), line=line)
        case "type" | "parenthesized_expression" | "await" if node.named_children:
            return expression(node.named_children[0], depth + 1)
        case "integer" | "float" | "true" | "false" | "none":
            return Expr("const", _text(node), line=line)
        case "list" | "tuple" | "set" | "expression_list":
            return Expr("list", items=tuple(_entries(node, depth)), line=line)
        case "lambda":
            return Expr("function", _text(node)[:200], line=line, function=_lambda(node))
        case "binary_operator":
            return _sum(node, depth, line)
        case "dictionary":
            return Expr("dict", named=tuple(_pairs(node, depth)), line=line)
        case "call":
            return _call(node, depth, line)
        case "subscript" | "generic_type":
            value, *rest = node.named_children
            parts = [
                part for child in rest for part in (child.named_children if child.type == "type_parameter" else [child])
            ]
            return Expr("call", _text(value) + "[]", tuple(expression(p, depth + 1) for p in parts), line=line)
    return Expr("other", _text(node)[:200], line=line)


def _entries(node: Node, depth: int) -> Iterator[Expr]:
    for child in node.named_children:
        if child.type == "list_splat" and child.named_children:
            yield from _spread((expression(child.named_children[0], depth + 1),))
        elif child.type != "comment":
            yield expression(child, depth + 1)


def _spread(parts: Iterable[Expr]) -> Iterator[Expr]:
    """What lists hold when they are added up."""
    for part in parts:
        yield from part.items if part.kind == "list" else (part,)


def _lambda(node: Node) -> Function:
    parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
    return Function(
        "lambda",
        _line(node),
        _params(parameters) if parameters is not None else (),
        code=f"return ({code(body)})" if body is not None else "",
        calls=tuple(_calls(body)) if body is not None else (),
    )


def _sum(node: Node, depth: int, line: int) -> Expr:
    left, right, operator = (node.child_by_field_name(f) for f in ("left", "right", "operator"))
    if left is None or right is None or operator is None or _text(operator) not in ("+", "|", "&"):
        return Expr("other", _text(node)[:200], line=line)
    first, second = expression(left, depth + 1), expression(right, depth + 1)
    if _text(operator) != "+":
        return Expr("list" if _text(operator) == "|" else "all", items=(first, second), line=line)
    if "str" not in (first.kind, second.kind):
        return Expr("list", items=tuple(_spread((first, second))), line=line)
    parts = [e.text if e.kind == "str" else "{" + (e.text or "value") + "?}" for e in (first, second)]
    return Expr("str", "".join(parts), line=line)


def _pairs(node: Node, depth: int) -> list[tuple[str, Expr]]:
    found = []
    for child in node.named_children:
        key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
        if key is not None and value is not None:
            folded = expression(key, depth + 1)
            found.append((folded.text, expression(value, depth + 1)))
    return found


def _call(node: Node, depth: int, line: int) -> Expr:
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    items: list[Expr] = []
    named: list[tuple[str, Expr]] = []
    for child in arguments.named_children if arguments is not None else ():
        if child.type == "keyword_argument":
            name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if name is not None and value is not None:
                named.append((_text(name), expression(value, depth + 1)))
        elif child.type != "comment":
            items.append(expression(child, depth + 1))
    on = None
    text = _text(function) if function is not None else ""
    if function is not None and function.type == "attribute":
        target, attribute = function.child_by_field_name("object"), function.child_by_field_name("attribute")
        if target is not None and target.type == "call" and attribute is not None:
            on, text = expression(target, depth + 1), _text(attribute)
    elif function is not None and function.type == "call":
        on, text = expression(function, depth + 1), ""
    return Expr("call", text, tuple(items), tuple(named), line, on)


def _string(node: Node) -> str:
    if node.type != "string":
        return "{" + _text(node) + "?}"
    parts: list[str] = []
    formatted = "f" in _text(node)[:2].lower()
    for child in node.named_children:
        if child.type == "string_content":
            text = _text(child)
            parts.append(text.replace("{{", "{").replace("}}", "}") if formatted else text)
        elif child.type == "interpolation" and child.named_children:
            parts.append("{" + _text(child.named_children[0]) + "?}")
    return "".join(parts)


def code(node: Node) -> str:
    """The text of a node without its comments, one line per source line."""
    raw = node.text or b""
    if not any(mark in raw for mark in (b"#", b"//", b"/*")):
        return raw.decode("utf-8", "replace")
    pieces: list[str] = []
    end = 0
    for start, stop in sorted(_comments(node)):
        pieces.append(raw[end : start - node.start_byte].decode("utf-8", "replace"))
        end = stop - node.start_byte
    return "".join([*pieces, raw[end:].decode("utf-8", "replace")])


def _comments(node: Node) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "comment":
            found.append((current.start_byte, current.end_byte))
        stack.extend(current.named_children)
    return found


def _inner(node: Node) -> Node:
    if node.type == "decorated_definition":
        return node.child_by_field_name("definition") or node
    return node


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _line(node: Node) -> int:
    return int(node.start_point[0]) + 1
