"""Facts of a Kotlin file, by tree-sitter, in the shape of :mod:`launchready.sources.facts.java`."""

from collections.abc import Iterator
from functools import cache

import tree_sitter_kotlin
from msgspec import structs
from tree_sitter import Language, Node, Parser

from launchready.sources.facts.nodes import code
from launchready.sources.facts.shape import Binding, Expr, Function, Import, Module, Param

_DEEPEST = 100
_CALLS = ("call_expression", "navigation_expression")


@cache
def _language() -> Language:
    return Language(tree_sitter_kotlin.language())


def read_kotlin(path: str, source: bytes) -> Module:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set."""
    root = Parser(_language()).parse(source).root_node
    imports: dict[str, Import] = {}
    functions: dict[str, Function] = {}
    bindings: dict[str, Binding] = {}
    loose: tuple[Expr, ...] = ()
    for node in root.named_children:
        if node.type == "import" and node.named_children:
            package, _, name = _text(node.named_children[0]).rpartition(".")
            imports[name] = Import(name, package, name)
        elif node.type == "property_declaration":
            _constant(node, "", bindings)
        _types(node, functions, bindings, 0)
        name = _text(node.child_by_field_name("name"))
        if loose and name in functions:
            functions[name] = structs.replace(functions[name], decorators=(*loose, *functions[name].decorators))
        loose = tuple(_loose(node, 0))
    return Module(path, imports, (), bindings, functions, broken=root.has_error)


def _loose(node: Node, depth: int) -> Iterator[Expr]:
    """Annotations that the grammar takes for an expression, as it does before the first class of a file."""
    if node.type != "annotated_expression" or depth > _DEEPEST:
        return
    inner = node.named_children[-1] if node.named_children else None
    if inner is None or inner.type not in ("annotation", "annotated_expression", "parenthesized_expression"):
        # It took the class itself for an expression: these are not the annotations of what comes next.
        return
    marks = [kind for one in node.named_children if one.type == "annotation" and (kind := _annotation(one))]
    given = inner.named_children if inner.type == "parenthesized_expression" else []
    for index, mark in enumerate(marks):
        last = index == len(marks) - 1
        yield structs.replace(mark, items=tuple(_expression(one, 0) for one in given)) if last and given else mark
    yield from _loose(inner, depth + 1)


def _types(node: Node, functions: dict[str, Function], bindings: dict[str, Binding], depth: int) -> None:
    if depth > _DEEPEST or node.type not in ("class_declaration", "object_declaration"):
        return
    name = _text(node.child_by_field_name("name"))
    body = _child(node, "class_body")
    methods: list[Function] = []
    for one in body.named_children if body is not None else ():
        if one.type == "function_declaration":
            methods.append(_method(one))
        elif one.type == "property_declaration":
            _constant(one, name, bindings)
        elif one.type == "companion_object":
            inner = _child(one, "class_body")
            for held in inner.named_children if inner is not None else ():
                if held.type == "property_declaration":
                    _constant(held, name, bindings)
        _types(one, functions, bindings, depth + 1)
    built = _child(node, "primary_constructor")
    given = _child(built, "class_parameters") if built is not None else None
    listed = _child(node, "delegation_specifiers")
    bases = [
        _type(found) for one in (listed.named_children if listed is not None else ()) if (found := _user_type(one))
    ]
    functions[name] = Function(
        name,
        _line(node),
        decorators=_annotations(_child(node, "modifiers")),
        code=code(body) if body is not None else "",
        bases=tuple(bases),
        methods=tuple(methods),
        fields=tuple(_fields(given)) if given is not None else (),
        is_class=True,
    )


def _fields(given: Node) -> Iterator[Param]:
    """What a class is made with: ``data class Account(val name: String, val nick: String? = null)``."""
    for one in given.named_children:
        kind = _user_type(one)
        name = _child(one, "identifier")
        if one.type == "class_parameter" and kind is not None and name is not None:
            yield Param(_text(name), _type(kind), Expr("list", items=_annotations(_child(one, "modifiers"))))


def _constant(node: Node, owner: str, bindings: dict[str, Binding]) -> None:
    declared = _child(node, "variable_declaration")
    name = _text(declared.named_children[0]) if declared is not None and declared.named_children else ""
    if name and declared is not None and node.named_children[-1].id != declared.id:
        bound = Binding(name, _expression(node.named_children[-1], 0), _line(node))
        bindings[name] = bound
        if owner:
            bindings[f"{owner}.{name}"] = bound


def _method(node: Node) -> Function:
    params: list[Param] = []
    marks: tuple[Expr, ...] = ()
    given = _child(node, "function_value_parameters")
    for one in given.named_children if given is not None else ():
        if one.type == "parameter_modifiers":
            marks = _annotations(one)
        elif one.type == "parameter" and one.named_children:
            kind = _user_type(one)
            params.append(Param(_text(one.named_children[0]), _type(kind) if kind else None, Expr("list", items=marks)))
            marks = ()
    body = _child(node, "function_body")
    steps = tuple(_calls(body, 0)) if body is not None else ()
    results = [one for one in node.named_children if one.type in ("user_type", "nullable_type")]
    returned = _user_type(results[-1]) if results else None
    return Function(
        _text(node.child_by_field_name("name")),
        _line(node),
        tuple(params),
        _annotations(_child(node, "modifiers")),
        code(body) if body is not None else "",
        steps,
        (_type(returned),) if returned else (),
        steps=steps,
    )


def _annotations(node: Node | None) -> tuple[Expr, ...]:
    return tuple(made for one in (node.named_children if node is not None else ()) if (made := _annotation(one)))


def _annotation(node: Node) -> Expr | None:
    made = _child(node, "constructor_invocation")
    kind = _user_type(made or node) if node.type == "annotation" else None
    if kind is None:
        return None
    items: list[Expr] = []
    named: list[tuple[str, Expr]] = []
    given = _child(made, "value_arguments") if made is not None else None
    for argument in given.named_children if given is not None else ():
        parts = argument.named_children
        if len(parts) == 2 and parts[0].type == "identifier":
            named.append((_text(parts[0]), _expression(parts[1], 0)))
        elif parts:
            items.append(_expression(parts[-1], 0))
    return Expr("call", _type(kind).text, tuple(items), tuple(named), _line(node))


def _calls(node: Node, depth: int) -> Iterator[Expr]:
    """The outermost calls of a body, in order."""
    for child in node.named_children if depth <= _DEEPEST else ():
        if child.type == "call_expression":
            yield _expression(child, depth + 1)
        else:
            yield from _calls(child, depth + 1)


def _expression(node: Node, depth: int) -> Expr:
    line, parts = _line(node), node.named_children
    if depth > _DEEPEST:
        return Expr("other", line=line)
    if node.type == "string_literal":
        pieces = (_text(p) if p.type != "interpolation" else "{" + _text(p).strip("${}") + "?}" for p in parts)
        return Expr("str", "".join(pieces).replace("\\$", "$"), line=line)
    if node.type == "identifier":
        return Expr("name", _text(node), line=line)
    if node.type == "navigation_expression" and parts:
        dotted = _text(node)
        if all(one.type in _CALLS[1:] or one.type == "identifier" for one in parts) and "(" not in dotted:
            return Expr("name", dotted.removeprefix("this."), line=line)
        return Expr("name", _text(parts[-1]), line=line, on=_expression(parts[0], depth + 1))
    if node.type == "collection_literal":
        return Expr("list", items=tuple(_expression(one, depth + 1) for one in parts), line=line)
    if node.type == "call_expression" and parts:
        return _call(node, depth)
    if node.type in ("lambda_literal", "annotated_lambda"):
        steps = tuple(_calls(node, depth + 1))
        return Expr("function", function=Function("", line, code=code(node), calls=steps, steps=steps), line=line)
    if node.type in ("binary_expression", "additive_expression") and len(parts) == 2 and "+" in _text(node):
        read = [_expression(one, depth + 1) for one in parts]
        folded = (one.text if one.kind == "str" else "{" + (one.text or "value") + "?}" for one in read)
        return Expr("str", "".join(folded), line=line)
    return Expr("other", items=tuple(_expression(one, depth + 1) for one in parts), line=line)


def _call(node: Node, depth: int) -> Expr:
    called, *rest = node.named_children
    items: list[Expr] = []
    for one in rest:
        if one.type == "value_arguments":
            items += [_expression(a.named_children[-1], depth + 1) for a in one.named_children if a.named_children]
        elif one.type == "annotated_lambda":
            items.append(_expression(one, depth + 1))
    if called.type == "navigation_expression" and called.named_children:
        on, name = called.named_children[0], called.named_children[-1]
        return Expr("call", _text(name), tuple(items), line=_line(node), on=_expression(on, depth + 1))
    target = _expression(called, depth + 1)
    if target.kind == "call":
        return Expr("call", target.text, (*target.items, *items), line=_line(node), on=target.on)
    return Expr("call", target.text, tuple(items), line=_line(node), on=target.on)


def _user_type(node: Node, depth: int = 0) -> Node | None:
    if node.type == "user_type" or depth > 4:
        return node if node.type == "user_type" else None
    return next((found for one in node.named_children if (found := _user_type(one, depth + 1))), None)


def _type(node: Node) -> Expr:
    return Expr("name", _text(node).split("<")[0].rsplit(".", 1)[-1], line=_line(node))


def _child(node: Node, kind: str) -> Node | None:
    return next((one for one in node.named_children if one.type == kind), None)


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _line(node: Node) -> int:
    return node.start_point[0] + 1
