"""Facts of a PHP file, by tree-sitter: classes with their attributes and methods, and what the file and its closures do, in order.

``$this->can("x")`` is a call of ``this.can``, ``Route::get`` one of ``Route::get``; a chain hangs on ``on``. A closure's ``text`` is the key
of its steps.
"""

import re
from dataclasses import dataclass
from functools import cache

import tree_sitter_php
from msgspec import structs
from tree_sitter import Language, Node, Parser, Query

from launchready.sources.facts.nodes import Matches, code, line_of, text_of
from launchready.sources.facts.shape import Expr, Function, Import, Module, Param

_CALLS = frozenset(
    ("member_call_expression", "scoped_call_expression", "function_call_expression", "nullsafe_member_call_expression")
)
_CLOSURES = frozenset(("anonymous_function", "arrow_function", "anonymous_function_creation_expression"))
_CLASSES = frozenset(("class_declaration", "trait_declaration", "interface_declaration"))
_DEEPEST = 60
_ANNOTATION = re.compile(r"@(?:\w+\\)?(Route|IsGranted|Security)\(((?:[^()\"]|\"[^\"]*\"|\([^()]*\))*)\)")
_PAIR = re.compile(r"(\w+)\s*=\s*(\"[^\"]*\"|\{[^{}]*\})")
_QUOTED = re.compile(r"\"([^\"]*)\"")


@dataclass(frozen=True, slots=True)
class PhpFile:
    """The facts of one file. ``steps`` are what the file does (key ``""``) and what each of its closures does, by its key."""

    module: Module
    namespace: str
    steps: dict[str, tuple[Expr, ...]]


@cache
def _language() -> Language:
    return Language(tree_sitter_php.language_php())


@cache
def _call_query() -> Query:
    return Query(_language(), " ".join(f"({kind}) @call" for kind in sorted(_CALLS)))


def read_php(path: str, source: bytes) -> PhpFile:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set on the module."""
    tree = Parser(_language()).parse(source)
    return _Reader(path).read(tree.root_node)


class _Reader:
    def __init__(self, path: str) -> None:
        self._path = path
        self._steps: dict[str, tuple[Expr, ...]] = {}
        self._known: dict[int, Expr] = {}
        self._imports: dict[str, Import] = {}
        self._functions: dict[str, Function] = {}
        self._namespace = ""

    def read(self, root: Node) -> PhpFile:
        self._declarations(root, 0)
        self._steps[""] = tuple(self._block(root, 0))
        module = Module(self._path, self._imports, (), {}, self._functions, broken=root.has_error)
        return PhpFile(module, self._namespace, self._steps)

    def _declarations(self, node: Node, depth: int) -> None:
        for child in node.named_children if depth < 6 else ():
            if child.type == "namespace_definition":
                name = child.child_by_field_name("name")
                self._namespace = text_of(name) if name is not None else ""
                self._declarations(child, depth + 1)
            elif child.type == "namespace_use_declaration":
                self._use(child)
            elif child.type in _CLASSES:
                made = self._class(child)
                self._functions[made.name] = made
            elif child.type == "function_definition":
                function = self._function(child)
                self._functions[function.name] = function
            elif child.type in ("compound_statement", "if_statement"):
                self._declarations(child, depth + 1)

    def _use(self, node: Node) -> None:
        prefix = next((text_of(child) for child in node.named_children if child.type == "namespace_name"), "")
        clauses = [child for child in node.named_children if child.type == "namespace_use_clause"]
        for group in (child for child in node.named_children if child.type == "namespace_use_group"):
            clauses += [child for child in group.named_children if "clause" in child.type]
        for clause in clauses:
            alias = clause.child_by_field_name("alias")
            named = next(
                (
                    text_of(child)
                    for child in clause.named_children
                    if child.type in ("qualified_name", "name", "namespace_name")
                ),
                "",
            )
            full = "\\".join(filter(None, [prefix, named])).lstrip("\\")
            local = text_of(alias) if alias is not None else full.rsplit("\\", 1)[-1]
            self._imports[local] = Import(local, full, "")

    def _class(self, node: Node) -> Function:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        base = next((child for child in node.named_children if child.type == "base_clause"), None)
        methods, fields = [], []
        traits: list[Expr] = []
        for child in body.named_children if body is not None else ():
            if child.type == "method_declaration":
                methods.append(self._function(child))
            elif child.type == "property_declaration":
                fields += [self._field(one) for one in child.named_children if one.type == "property_element"]
            elif child.type == "use_declaration":
                traits += [
                    Expr("name", text_of(one)) for one in child.named_children if one.type in ("name", "qualified_name")
                ]
        return Function(
            text_of(name) if name is not None else "",
            line_of(node),
            (),
            self._attributes(node),
            "",
            (),
            (*(Expr("name", text_of(one)) for one in (base.named_children if base is not None else ())), *traits),
            tuple(methods),
            tuple(fields),
            True,
        )

    def _field(self, node: Node) -> Param:
        name = node.child_by_field_name("name") or next(iter(node.named_children), node)
        value = node.child_by_field_name("default_value") or (
            node.named_children[-1] if len(node.named_children) > 1 else None
        )
        return Param(text_of(name).lstrip("$"), None, self.expression(value) if value is not None else None)

    def _function(self, node: Node) -> Function:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        params = []
        parameters = node.child_by_field_name("parameters")
        for child in parameters.named_children if parameters is not None else ():
            kind, named = child.child_by_field_name("type"), child.child_by_field_name("name")
            if named is not None:
                annotation = Expr("name", text_of(kind).lstrip("?\\")) if kind is not None else None
                params.append(Param(text_of(named).lstrip("$"), annotation))
        calls = Matches(_call_query(), body).within(body) if body is not None else ()
        return Function(
            text_of(name) if name is not None else "",
            line_of(node),
            tuple(params),
            self._attributes(node),
            code(body) if body is not None else "",
            tuple(map(self.expression, calls)),
        )

    def _attributes(self, node: Node) -> tuple[Expr, ...]:
        found = []
        attributes = node.child_by_field_name("attributes")
        groups = attributes.named_children if attributes is not None else ()
        for attribute in (one for group in groups for one in group.named_children):
            arguments = attribute.child_by_field_name("parameters")
            items, named = self._arguments(arguments, 0)
            name = text_of(attribute.named_children[0]) if attribute.named_children else ""
            found.append(Expr("call", name, items, named, line_of(attribute)))
        return (*found, *_annotations(node))

    def _block(self, node: Node, depth: int) -> list[Expr]:
        found: list[Expr] = []
        for child in node.named_children if depth < _DEEPEST else ():
            if child.type in _CLASSES or child.type == "function_definition":
                continue
            if child.type in ("expression_statement", "return_statement"):
                found += [self.expression(one) for one in child.named_children]
            elif child.type == "foreach_statement":
                found += self._rounds(child, depth)
            else:
                found += self._block(child, depth + 1)
        return found

    def _rounds(self, node: Node, depth: int) -> list[Expr]:
        """The steps of a loop: once for each text of a list that is written in it, else once."""
        body = self._block(node, depth + 1)
        series, *names = (one for one in node.named_children if one.type != "comment")
        values = self.expression(series).items if series.type == "array_creation_expression" else ()
        if not names or names[0].type != "variable_name" or any(one.kind != "str" for one in values):
            return body
        name = text_of(names[0]).lstrip("$")
        return [_with(step, name, value.text) for value in values for step in body] or body

    def expression(self, node: Node, depth: int = 0) -> Expr:
        """An expression node, folded as far as the file alone allows."""
        known = self._known.get(node.id)
        if known is None:
            known = self._known[node.id] = self._read(node, depth)
        return known

    def _read(self, node: Node, depth: int) -> Expr:
        line = line_of(node)
        if depth > 80:
            return Expr("other", line=line)
        match node.type:
            case "string" | "encapsed_string" | "heredoc" | "nowdoc":
                return Expr("str", self._string(node), line=line)
            case "variable_name":
                return Expr("name", text_of(node).lstrip("$"), line=line)
            case "name" | "qualified_name":
                return Expr("name", text_of(node), line=line)
            case "class_constant_access_expression":
                parts = [text_of(child) for child in node.named_children]
                return Expr("name", parts[0] if parts[-1:] == ["class"] else "::".join(parts), line=line)
            case "integer" | "boolean" | "null":
                return Expr("const", text_of(node), line=line)
            case "array_creation_expression":
                return self._array(node, depth, line)
            case "binary_expression":
                return self._joined(node, depth, line)
            case "parenthesized_expression" | "argument" | "require_once_expression" | "include_expression" if (
                node.named_children
            ):
                inner = self.expression(node.named_children[-1], depth + 1)
                return (
                    Expr("call", "require", (inner,), line=line)
                    if "e_expression" in node.type and "paren" not in node.type
                    else inner
                )
            case "require_expression" | "include_once_expression" if node.named_children:
                return Expr("call", "require", (self.expression(node.named_children[0], depth + 1),), line=line)
            case "object_creation_expression":
                name = next(
                    (text_of(child) for child in node.named_children if child.type in ("name", "qualified_name")), ""
                )
                return Expr("name", name, line=line)
            case kind if kind in _CLOSURES:
                function = self._function(node)
                body = node.child_by_field_name("body")
                key = f"@{node.start_byte}"
                if body is not None:
                    arrow = body.type != "compound_statement"
                    self._steps[key] = (self.expression(body, depth + 1),) if arrow else tuple(self._block(body, 0))
                return Expr("function", key, line=line, function=function)
            case kind if kind in _CALLS:
                return self._call(node, depth, line)
        return Expr("other", text_of(node)[:200], line=line)

    def _string(self, node: Node) -> str:
        parts = []
        for child in node.named_children:
            if child.type in ("string_content", "escape_sequence", "string_value"):
                parts.append(text_of(child))
            elif child.type != "heredoc_start":
                parts.append("{" + text_of(child).lstrip("${").rstrip("}").replace("->", ".") + "?}")
        return "".join(parts)

    def _joined(self, node: Node, depth: int, line: int) -> Expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or not any(child.type == "." for child in node.children):
            return Expr("other", text_of(node)[:200], line=line)
        parts = [self.expression(left, depth + 1), self.expression(right, depth + 1)]
        return Expr(
            "str", "".join(p.text if p.kind == "str" else "{" + (p.text or "value") + "?}" for p in parts), line=line
        )

    def _array(self, node: Node, depth: int, line: int) -> Expr:
        items: list[Expr] = []
        named: list[tuple[str, Expr]] = []
        for child in node.named_children:
            if child.type != "array_element_initializer" or not child.named_children:
                continue
            parts = [self.expression(one, depth + 1) for one in child.named_children]
            if len(parts) > 1:
                named.append((parts[0].text, parts[1]))
            else:
                items.append(parts[0])
        return Expr("dict" if named else "list", "", tuple(items), tuple(named), line)

    def _arguments(self, node: Node | None, depth: int) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
        items: list[Expr] = []
        named: list[tuple[str, Expr]] = []
        for child in node.named_children if node is not None else ():
            if child.type != "argument" or not child.named_children:
                continue
            name = child.child_by_field_name("name")
            value = self.expression(child.named_children[-1], depth + 1)
            if name is not None:
                named.append((text_of(name), value))
            else:
                items.append(value)
        return tuple(items), tuple(named)

    def _call(self, node: Node, depth: int, line: int) -> Expr:
        items, named = self._arguments(node.child_by_field_name("arguments"), depth)
        name = node.child_by_field_name("name") or node.child_by_field_name("function")
        text, on = text_of(name) if name is not None else "", None
        scope, target = node.child_by_field_name("scope"), node.child_by_field_name("object")
        if scope is not None:
            text = f"{text_of(scope)}::{text}"
        elif target is not None and target.type == "variable_name":
            text = f"{text_of(target).lstrip('$')}.{text}"
        elif target is not None:
            on = self.expression(target, depth + 1)
        return Expr("call", text, items, named, line, on)


def _with(value: Expr, name: str, text: str) -> Expr:
    """An expression with a variable's text in its place; the bodies of closures keep the variable."""
    if value.kind == "name" and value.text == name:
        return Expr("str", text, line=value.line)
    return structs.replace(
        value,
        text=value.text.replace("{" + name + "?}", text),
        items=tuple(_with(one, name, text) for one in value.items),
        named=tuple((key, _with(one, name, text)) for key, one in value.named),
        on=_with(value.on, name, text) if value.on is not None else None,
    )


def _annotations(node: Node) -> list[Expr]:
    """``@Route("/x", methods={"GET"})`` in the comment before a class or method, as older code writes attributes."""
    before = node.prev_named_sibling
    comment = text_of(before) if before is not None and before.type == "comment" else ""
    found = []
    for match in _ANNOTATION.finditer(comment):
        line = line_of(before) + comment.count("\n", 0, match.start()) if before is not None else 0
        named = tuple(
            (name, Expr("list", items=tuple(Expr("str", one, line=line) for one in _QUOTED.findall(value)), line=line))
            for name, value in _PAIR.findall(match[2])
        )
        bare = _PAIR.sub("", match[2])
        items = tuple(Expr("str", one, line=line) for one in _QUOTED.findall(bare))
        found.append(Expr("call", match[1], items, named, line))
    return found
