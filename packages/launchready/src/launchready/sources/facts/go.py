"""Facts of a Go file, by tree-sitter.

A method is kept under ``Type.Method``; its receiver is the one entry of ``fields``, and the name of the receiver in its body is
written as the type (``s.list`` of ``func (s *Server)`` is ``Server.list``). ``bases`` of a function are its result types, those of
a struct the types it embeds. ``steps`` hold what a body does in order: calls, and bindings (``return`` binds that word).
"""

import re
from collections.abc import Iterator
from functools import cache

import tree_sitter_go
from tree_sitter import Language, Node, Parser

from launchready.sources.facts.nodes import code
from launchready.sources.facts.shape import Binding, Expr, Function, Import, Module, Param

_DEEPEST = 120
_VERSION = re.compile(r"^v\d+$")
_STRINGS = ("interpreted_string_literal", "raw_string_literal")
_ESCAPED = re.compile(r"\\(.)")


@cache
def _language() -> Language:
    return Language(tree_sitter_go.language())


def read_go(path: str, source: bytes) -> Module:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set."""
    root = Parser(_language()).parse(source).root_node
    imports: dict[str, Import] = {}
    stars: list[str] = []
    bindings: dict[str, Binding] = {}
    functions: dict[str, Function] = {}
    values = _Values()
    for node in root.named_children:
        if node.type == "import_declaration":
            for spec in _all(node, "import_spec"):
                module = _text(spec.child_by_field_name("path")).strip('"`')
                name = _text(spec.child_by_field_name("name")) or package_name(module)
                if name == ".":
                    stars.append(module)
                elif name != "_":
                    imports[name] = Import(name, module, "")
        elif node.type in ("const_declaration", "var_declaration"):
            for binding in values.declared(node, 0):
                bindings[binding.name] = binding
        elif node.type in ("function_declaration", "method_declaration"):
            function = values.function(node, 0)
            owner = function.fields[0].annotation if function.fields else None
            functions[f"{owner.text}.{function.name}" if owner else function.name] = function
        elif node.type == "type_declaration":
            for spec in _all(node, "type_spec"):
                made = values.type(spec)
                functions[made.name] = made
    return Module(path, imports, tuple(stars), bindings, functions, broken=root.has_error)


def package_name(module: str) -> str:
    """The name a package is used under, by its path: ``github.com/go-chi/chi/v5`` is ``chi``."""
    parts = [part for part in module.split("/") if part]
    if len(parts) > 1 and _VERSION.match(parts[-1]):
        parts.pop()
    last = re.sub(r"\.v\d+$", "", parts[-1]) if parts else ""
    return last.removeprefix("go-").removesuffix("-go").replace("-", "_")


class _Values:
    """Reads the functions and expressions of one file. ``_receivers`` are the names that stand for a type where we are."""

    def __init__(self) -> None:
        self._receivers: dict[str, str] = {}

    def type(self, node: Node) -> Function:
        """A type: the fields of a struct, the types it embeds."""
        body = node.child_by_field_name("type")
        fields: list[Param] = []
        bases: list[Expr] = []
        for field in _all(body, "field_declaration") if body is not None and body.type == "struct_type" else ():
            kind = _type(field.child_by_field_name("type"))
            names = field.children_by_field_name("name")
            tag = field.child_by_field_name("tag")
            said = Expr("str", _text(tag).strip('`"'), line=_line(field)) if tag is not None else None
            fields += [Param(_text(name), kind, said) for name in names]
            if not names and kind is not None:
                bases.append(kind)
        name = _text(node.child_by_field_name("name"))
        return Function(name, _line(node), bases=tuple(bases), fields=tuple(fields), is_class=True)

    def function(self, node: Node, depth: int) -> Function:
        """A function, a method or a function literal."""
        before = dict(self._receivers)
        receiver = tuple(_params(node.child_by_field_name("receiver")))[:1]
        params = tuple(_params(node.child_by_field_name("parameters")))
        for param in params:
            self._receivers.pop(param.name, None)
        if receiver and receiver[0].annotation is not None:
            self._receivers[receiver[0].name] = receiver[0].annotation.text
        body = node.child_by_field_name("body")
        steps = tuple(self._steps(body, depth + 1)) if body is not None else ()
        self._receivers = before
        result = node.child_by_field_name("result")
        several = result is not None and result.type == "parameter_list"
        results = [p.annotation for p in _params(result)] if several else [_type(result)]
        return Function(
            _text(node.child_by_field_name("name")),
            _line(node),
            params,
            code=code(body) if body is not None else "",
            calls=tuple(call for step in steps for call in calls_in(step)),
            bases=tuple(one for one in results if one is not None),
            fields=receiver,
            steps=steps,
        )

    def declared(self, node: Node, depth: int) -> Iterator[Binding]:
        """The names of ``const`` and ``var`` with their values."""
        for spec in (*_all(node, "const_spec"), *_all(node, "var_spec")):
            value = spec.child_by_field_name("value")
            given = value.named_children if value is not None else []
            for index, name in enumerate(spec.children_by_field_name("name")):
                kind = _type(spec.child_by_field_name("type"))
                if index < len(given):
                    yield Binding(_text(name), self.expression(given[index], depth + 1), _line(name))
                elif kind is not None:
                    yield Binding(_text(name), Expr("dict", kind.text, line=_line(name)), _line(name))

    def _steps(self, node: Node, depth: int) -> Iterator[Binding | Expr]:
        if depth > _DEEPEST:
            return
        for child in node.named_children:
            if child.type in ("short_var_declaration", "assignment_statement", "range_clause"):
                yield from self._assigned(child, depth)
            elif child.type == "return_statement":
                for index, value in enumerate(_listed(child.named_children[0] if child.named_children else None)):
                    read = self.expression(value, depth + 1)
                    yield Binding("return", read, _line(child)) if not index else read
            elif child.type == "var_declaration":
                yield from self.declared(child, depth)
            elif child.type == "call_expression":
                yield self.expression(child, depth + 1)
            elif child.type == "func_literal":
                yield Expr("function", function=self.function(child, depth + 1), line=_line(child))
            elif child.named_child_count:
                yield from self._steps(child, depth + 1)

    def _assigned(self, node: Node, depth: int) -> Iterator[Binding | Expr]:
        left, right = _listed(node.child_by_field_name("left")), _listed(node.child_by_field_name("right"))
        for index, value in enumerate(right):
            read = self.expression(value, depth + 1)
            if node.type == "range_clause":
                read = Expr("each", items=(read,), line=read.line)
                left = left[-1:]
            name = self._dotted(left[index]) if index < len(left) else ""
            yield Binding(name, read, _line(node)) if name and name != "_" else read

    def _dotted(self, node: Node) -> str:
        if node.type == "identifier":
            name = _text(node)
            return self._receivers.get(name, name)
        if node.type == "selector_expression":
            operand = node.child_by_field_name("operand")
            head = self._dotted(operand) if operand is not None else ""
            return f"{head}.{_text(node.child_by_field_name('field'))}" if head else ""
        return ""

    def expression(self, node: Node, depth: int) -> Expr:
        """An expression; what routing needs nothing of is ``other`` with what it holds."""
        line = _line(node)
        if depth > _DEEPEST:
            return Expr("other", line=line)
        if node.type in _STRINGS:
            text = _text(node)[1:-1]
            return Expr("str", _ESCAPED.sub(r"\1", text) if node.type == _STRINGS[0] else text, line=line)
        if node.type == "identifier":
            return Expr("name", self._dotted(node), line=line)
        if node.type in ("int_literal", "true", "false", "nil"):
            return Expr("const", _text(node), line=line)
        if node.type == "func_literal":
            return Expr("function", function=self.function(node, depth + 1), line=line)
        if node.type == "selector_expression":
            if dotted := self._dotted(node):
                return Expr("name", dotted, line=line)
            on = node.child_by_field_name("operand")
            return Expr(
                "name",
                _text(node.child_by_field_name("field")),
                line=line,
                on=self.expression(on, depth + 1) if on else None,
            )
        if node.type == "call_expression":
            return self._call(node, depth)
        if node.type == "composite_literal":
            return self._literal(node, depth)
        if node.type == "binary_expression":
            return self._binary(node, depth)
        if node.type in (
            "parenthesized_expression",
            "unary_expression",
            "type_conversion_expression",
            "literal_element",
        ):
            inner = node.child_by_field_name("operand") or next(iter(node.named_children), None)
            return self.expression(inner, depth + 1) if inner is not None else Expr("other", line=line)
        return Expr("other", items=tuple(self.expression(c, depth + 1) for c in node.named_children), line=line)

    def _call(self, node: Node, depth: int) -> Expr:
        called, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        items = tuple(
            self.expression(one, depth + 1)
            for one in (given.named_children if given is not None else ())
            if one.type != "comment"
        )
        target = self.expression(called, depth + 1) if called is not None else Expr("other")
        if target.kind == "name":
            return Expr("call", target.text, items, line=_line(node), on=target.on)
        return Expr("call", "", items, line=_line(node), on=target)

    def _literal(self, node: Node, depth: int) -> Expr:
        kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
        items: list[Expr] = []
        named: list[tuple[str, Expr]] = []
        for child in body.named_children if body is not None else ():
            if child.type == "keyed_element" and child.named_child_count == 2:
                key, value = child.named_children
                named.append((_text(key).strip('"`'), self.expression(value, depth + 1)))
            elif child.type != "comment":
                items.append(self.expression(child, depth + 1))
        shape = (
            "list"
            if kind is not None and kind.type in ("slice_type", "array_type", "implicit_length_array_type")
            else "dict"
        )
        of = _type(kind)
        return Expr(shape, of.text if of else "", tuple(items), tuple(named), _line(node))

    def _binary(self, node: Node, depth: int) -> Expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return Expr("other", line=_line(node))
        parts = (self.expression(left, depth + 1), self.expression(right, depth + 1))
        operator = node.child_by_field_name("operator")
        if _text(operator) == "+" and any(part.kind == "str" for part in parts):
            return Expr("str", "".join(_folded(part) for part in parts), line=_line(node))
        return Expr("other", items=parts, line=_line(node))


def calls_in(step: Binding | Expr) -> Iterator[Expr]:
    """The calls in a step, at any depth: also those in the functions it writes out."""
    value = step.value if isinstance(step, Binding) else step
    if value.kind == "call":
        yield value
    for part in (*value.items, *(one for _, one in value.named), *((value.on,) if value.on else ())):
        yield from calls_in(part)
    if value.function is not None:
        yield from value.function.calls


def _folded(part: Expr) -> str:
    if part.kind == "str":
        return part.text
    return "{" + (part.text if part.kind == "name" and part.text else "value") + "?}"


def _params(node: Node | None) -> Iterator[Param]:
    for one in node.named_children if node is not None else ():
        if one.type in ("parameter_declaration", "variadic_parameter_declaration"):
            kind = _type(one.child_by_field_name("type"))
            names = one.children_by_field_name("name")
            yield from (Param(_text(name), kind) for name in names)
            if not names:
                yield Param("", kind)


def _type(node: Node | None) -> Expr | None:
    """A type by its name, one of many by that of each: pointers and type parameters are left out."""
    if node is None:
        return None
    whole = _text(node).strip()
    text = re.sub(r"^(?:\.\.\.|\*|\[\w*\])+", "", whole)
    text = text.split("[")[0] if not text.startswith(("func", "map", "interface", "struct", "chan")) else text
    return Expr("list" if whole.lstrip("*").startswith("[") else "name", text[:200], line=_line(node))


def _listed(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return [n for n in node.named_children if n.type != "comment"] if node.type == "expression_list" else [node]


def _all(node: Node, kind: str) -> Iterator[Node]:
    """The nodes of a kind in a declaration, at the depth where declarations keep them."""
    for child in node.named_children:
        if child.type == kind:
            yield child
        elif child.type.endswith(("_list", "_spec_list")):
            yield from _all(child, kind)


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _line(node: Node) -> int:
    return node.start_point[0] + 1
