"""Facts of a Java file, by tree-sitter.

Every class, interface and annotation type is a function with ``is_class``, nested ones too; annotations are its ``decorators``, what it
extends and implements its ``bases``. Constants are bound as ``NAME`` and ``Type.NAME``. The annotation of a parameter stands in the
place of its default. ``steps`` of a method are its outermost calls in order.
"""

from collections.abc import Iterator
from functools import cache

import tree_sitter_java
from tree_sitter import Language, Node, Parser

from launchready.sources.facts.nodes import code
from launchready.sources.facts.shape import Binding, Expr, Function, Import, Module, Param

_DEEPEST = 100
_TYPES = frozenset(
    (
        "class_declaration",
        "interface_declaration",
        "annotation_type_declaration",
        "record_declaration",
        "enum_declaration",
    )
)


@cache
def _language() -> Language:
    return Language(tree_sitter_java.language())


def read_java(path: str, source: bytes) -> Module:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set."""
    root = Parser(_language()).parse(source).root_node
    imports: dict[str, Import] = {}
    functions: dict[str, Function] = {}
    bindings: dict[str, Binding] = {}
    for node in root.named_children:
        if node.type == "import_declaration" and node.named_children:
            package, _, name = _text(node.named_children[0]).rpartition(".")
            imports[name] = Import(name, package, name)
        _types(node, functions, bindings, 0)
    return Module(path, imports, (), bindings, functions, broken=root.has_error)


def _types(node: Node, functions: dict[str, Function], bindings: dict[str, Binding], depth: int) -> None:
    if depth > _DEEPEST or node.type not in _TYPES:
        return
    name = _text(node.child_by_field_name("name"))
    body = node.child_by_field_name("body")
    members = body.named_children if body is not None else []
    methods = [_method(one) for one in members if one.type == "method_declaration"]
    # What a record is made of are its fields.
    parts = node.child_by_field_name("parameters") if node.type == "record_declaration" else None
    fields = list(_params(parts))
    for one in members:
        if one.type in ("field_declaration", "constant_declaration"):
            for declarator in (child for child in one.named_children if child.type == "variable_declarator"):
                given = declarator.child_by_field_name("value")
                value = _expression(given, 0) if given is not None else None
                field = _text(declarator.child_by_field_name("name"))
                marks = _annotations(one)
                kept = Expr("list", items=marks) if marks and value is None else value
                if not _is_static(one):
                    fields.append(Param(field, _type(one.child_by_field_name("type")), kept))
                if value is not None:
                    bindings[field] = bindings[f"{name}.{field}"] = Binding(field, value, _line(one))
        _types(one, functions, bindings, depth + 1)
    functions[name] = Function(
        name,
        _line(node),
        decorators=_annotations(node),
        code=code(body) if body is not None else "",
        bases=tuple(_bases(node)),
        methods=tuple(methods),
        fields=tuple(fields),
        is_class=True,
    )


def _is_static(node: Node) -> bool:
    return any(mark.type == "static" for one in node.children if one.type == "modifiers" for mark in one.children)


def _bases(node: Node) -> Iterator[Expr]:
    for child in node.named_children:
        if child.type in ("superclass", "super_interfaces", "extends_interfaces", "type_list"):
            yield from _bases(child)
        elif node.type in ("superclass", "super_interfaces", "extends_interfaces", "type_list"):
            kind = _type(child)
            if kind is not None:
                yield kind


def _method(node: Node) -> Function:
    body = node.child_by_field_name("body")
    steps = tuple(_calls(body, 0)) if body is not None else ()
    given = node.child_by_field_name("parameters")
    kind = _type(node.child_by_field_name("type"))
    return Function(
        _text(node.child_by_field_name("name")),
        _line(node),
        tuple(_params(given)),
        _annotations(node),
        code(body) if body is not None else "",
        steps,
        (kind,) if kind is not None else (),
        steps=steps,
    )


def _params(given: Node | None) -> Iterator[Param]:
    """Parameters, each with its annotations for a default."""
    for one in given.named_children if given is not None else ():
        if one.type == "formal_parameter":
            name, kind = _text(one.child_by_field_name("name")), _type(one.child_by_field_name("type"))
            yield Param(name, kind, Expr("list", items=_annotations(one)))


def _annotations(node: Node) -> tuple[Expr, ...]:
    modifiers = next((child for child in node.children if child.type == "modifiers"), None)
    marks = [one for one in (modifiers.named_children if modifiers is not None else ()) if "annotation" in one.type]
    return tuple(_annotation(one) for one in marks)


def _annotation(node: Node) -> Expr:
    name = _text(node.child_by_field_name("name")).rsplit(".", 1)[-1]
    given = node.child_by_field_name("arguments")
    items: list[Expr] = []
    named: list[tuple[str, Expr]] = []
    for one in given.named_children if given is not None else ():
        if one.type == "element_value_pair":
            value = one.child_by_field_name("value")
            if value is not None:
                named.append((_text(one.child_by_field_name("key")), _expression(value, 0)))
        elif one.type == "assignment_expression":
            right = one.child_by_field_name("right")
            if right is not None:
                named.append((_text(one.child_by_field_name("left")), _expression(right, 0)))
        elif "comment" not in one.type:
            items.append(_expression(one, 0))
    return Expr("call", name, tuple(items), tuple(named), _line(node))


def _calls(node: Node, depth: int) -> Iterator[Expr]:
    """The outermost calls of a body, in order."""
    if depth > _DEEPEST:
        return
    for child in node.named_children:
        if child.type == "method_invocation":
            yield _expression(child, depth + 1)
        else:
            yield from _calls(child, depth + 1)


def _expression(node: Node, depth: int) -> Expr:
    line = _line(node)
    if depth > _DEEPEST:
        return Expr("other", line=line)
    if node.type == "string_literal":
        return Expr("str", _text(node).strip('"'), line=line)
    if node.type in ("identifier", "field_access", "scoped_identifier", "type_identifier"):
        return Expr("name", _text(node).removeprefix("this."), line=line)
    if node.type in ("true", "false", "null_literal", "decimal_integer_literal"):
        return Expr("const", _text(node), line=line)
    if node.type in ("element_value_array_initializer", "array_initializer"):
        return Expr("list", items=tuple(_expression(c, depth + 1) for c in node.named_children), line=line)
    if node.type == "method_invocation":
        on = node.child_by_field_name("object")
        given = node.child_by_field_name("arguments")
        items = tuple(_expression(c, depth + 1) for c in (given.named_children if given is not None else ()))
        target = _expression(on, depth + 1) if on is not None else None
        return Expr("call", _text(node.child_by_field_name("name")), items, line=line, on=target)
    if node.type == "object_creation_expression":
        given = node.child_by_field_name("arguments")
        items = tuple(_expression(c, depth + 1) for c in (given.named_children if given is not None else ()))
        return Expr("call", _text(node.child_by_field_name("type")), items, line=line)
    if node.type == "lambda_expression":
        body = node.child_by_field_name("body")
        if body is None:
            return Expr("other", line=line)
        steps = (_expression(body, depth + 1),) if body.type == "method_invocation" else tuple(_calls(body, depth + 1))
        return Expr("function", function=Function("", line, code=code(body), calls=steps, steps=steps), line=line)
    if node.type == "binary_expression":
        parts = [
            _expression(part, depth + 1)
            for field in ("left", "right")
            if (part := node.child_by_field_name(field)) is not None
        ]
        if _text(node.child_by_field_name("operator")) == "+":
            folded = (one.text if one.kind == "str" else "{" + (one.text or "value") + "?}" for one in parts)
            return Expr("str", "".join(folded), line=line)
    return Expr("other", items=tuple(_expression(c, depth + 1) for c in node.named_children), line=line)


def _type(node: Node | None) -> Expr | None:
    return Expr("name", _text(node).split("<")[0].rsplit(".", 1)[-1], line=_line(node)) if node is not None else None


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _line(node: Node) -> int:
    return node.start_point[0] + 1
