"""Facts of a Java or Kotlin file, by tree-sitter: classes with annotations, constants, methods and what they inherit.

An annotation is a call: ``items`` without names, ``named`` with them. A parameter's own annotation stands in the place of its default.
"""

from functools import cache

import tree_sitter_java
import tree_sitter_kotlin
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from launchready.sources.facts.python_values import code, line_of, text_of
from launchready.sources.facts.shape import Expr, Function, Import, Module, Param

_CLASSES = frozenset(
    ("class_declaration", "interface_declaration", "object_declaration", "record_declaration", "companion_object")
)
_METHODS = frozenset(("method_declaration", "function_declaration"))
_STRINGS = frozenset(("string_fragment", "string_content", "escape_sequence", "multiline_string_fragment"))
_DEEPEST = 30


@cache
def _language(suffix: str) -> Language:
    return Language(tree_sitter_java.language() if suffix == "java" else tree_sitter_kotlin.language())


@cache
def _call_query(suffix: str) -> Query:
    return Query(_language(suffix), "(method_invocation) @call" if suffix == "java" else "(call_expression) @call")


def read_jvm(path: str, source: bytes) -> Module:
    """The facts of one file: ``functions`` are its classes by name. Broken code yields what could be read, with ``broken`` set."""
    suffix = "java" if path.endswith(".java") else "kt"
    tree = Parser(_language(suffix)).parse(source)
    reader = _Reader(suffix)
    reader.declarations(tree.root_node, 0)
    return Module(path, reader.imports, (), {}, reader.classes, broken=tree.root_node.has_error)


class _Reader:
    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self.imports: dict[str, Import] = {}
        self.classes: dict[str, Function] = {}

    def declarations(self, node: Node, depth: int) -> None:
        for child in node.named_children if depth < _DEEPEST else ():
            if child.type in ("import_declaration", "import"):
                full = text_of(child).removeprefix("import").removeprefix(" static").strip(" ;\n")
                self.imports[full.rsplit(".", 1)[-1]] = Import(full.rsplit(".", 1)[-1], full, "")
            elif child.type in _CLASSES:
                made = self._class(child, depth)
                self.classes.setdefault(made.name, made)

    def _class(self, node: Node, depth: int) -> Function:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body") or next(
            (one for one in node.named_children if one.type in ("class_body", "enum_class_body")), None
        )
        methods: list[Function] = []
        fields: list[Param] = []
        for child in body.named_children if body is not None else ():
            if child.type in _METHODS:
                methods.append(self._method(child))
            elif child.type in ("field_declaration", "constant_declaration", "property_declaration"):
                fields += self._fields(child)
            elif child.type in _CLASSES:
                inner = self._class(child, depth + 1)
                if child.type == "companion_object":
                    fields += inner.fields
                else:
                    self.classes.setdefault(inner.name, inner)
        return Function(
            text_of(name) if name is not None else "",
            line_of(node),
            (),
            self._annotations(node),
            "",
            (),
            tuple(_bases(node)),
            tuple(methods),
            tuple(fields),
            True,
        )

    def _fields(self, node: Node) -> list[Param]:
        declared = [one for one in node.named_children if one.type == "variable_declarator"]
        if declared:
            pairs = [(one.child_by_field_name("name"), one.child_by_field_name("value")) for one in declared]
        else:
            named = next((one for one in node.named_children if one.type == "variable_declaration"), None)
            pairs = [
                (
                    named.named_children[0] if named is not None and named.named_children else None,
                    node.named_children[-1],
                )
            ]
        return [
            Param(text_of(name), None, self.expression(value))
            for name, value in pairs
            if name is not None and value is not None
        ]

    def _method(self, node: Node) -> Function:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body") or next(
            (one for one in node.named_children if one.type == "function_body"), None
        )
        calls = QueryCursor(_call_query(self._suffix)).captures(body).get("call", []) if body is not None else []
        ordered = sorted(calls, key=lambda call: call.start_byte)
        return Function(
            text_of(name) if name is not None else "",
            line_of(node),
            tuple(self._params(node)),
            self._annotations(node),
            code(body) if body is not None else "",
            tuple(self._called(call) for call in ordered),
        )

    def _params(self, node: Node) -> list[Param]:
        found = []
        java = node.child_by_field_name("parameters")
        for child in java.named_children if java is not None else ():
            name, kind = child.child_by_field_name("name"), child.child_by_field_name("type")
            if name is not None:
                marks = self._annotations(child)
                found.append(
                    Param(
                        text_of(name),
                        Expr("name", text_of(kind)) if kind is not None else None,
                        marks[0] if marks else None,
                    )
                )
        kotlin = next((one for one in node.named_children if one.type == "function_value_parameters"), None)
        marks = ()
        for child in kotlin.named_children if kotlin is not None else ():
            if child.type == "parameter_modifiers":
                marks = self._marked(child)
            elif child.type == "parameter" and child.named_children:
                kind = child.named_children[-1]
                found.append(
                    Param(text_of(child.named_children[0]), Expr("name", text_of(kind)), marks[0] if marks else None)
                )
                marks = ()
        return found

    def _annotations(self, node: Node) -> tuple[Expr, ...]:
        modifiers = next((one for one in node.named_children if one.type == "modifiers"), None)
        return self._marked(modifiers) if modifiers is not None else ()

    def _marked(self, modifiers: Node) -> tuple[Expr, ...]:
        found = []
        for one in modifiers.named_children:
            if one.type in ("annotation", "marker_annotation"):
                made = next((inner for inner in one.named_children if inner.type == "constructor_invocation"), one)
                name = made.child_by_field_name("name") or next(
                    (inner for inner in made.named_children if inner.type == "user_type"), None
                )
                arguments = made.child_by_field_name("arguments") or next(
                    (inner for inner in made.named_children if inner.type == "value_arguments"), None
                )
                items, named = self._arguments(arguments)
                found.append(Expr("call", text_of(name) if name is not None else "", items, named, line_of(one)))
        return tuple(found)

    def _arguments(self, node: Node | None) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
        items: list[Expr] = []
        named: list[tuple[str, Expr]] = []
        for child in node.named_children if node is not None else ():
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if child.type == "element_value_pair" and key is not None and value is not None:
                named.append((text_of(key), self.expression(value)))
            elif child.type == "value_argument" and len(child.named_children) > 1:
                named.append((text_of(child.named_children[0]), self.expression(child.named_children[-1])))
            elif child.type == "value_argument" and child.named_children:
                items.append(self.expression(child.named_children[0]))
            elif child.type not in ("line_comment", "block_comment"):
                items.append(self.expression(child))
        return tuple(items), tuple(named)

    def _called(self, node: Node) -> Expr:
        name, target = node.child_by_field_name("name"), node.child_by_field_name("object")
        if name is None and node.named_children:
            return Expr(
                "call", text_of(node.named_children[0])[:200].replace("\n", "").replace(" ", ""), line=line_of(node)
            )
        owner = (
            f"{text_of(target)}."
            if target is not None and target.type in ("identifier", "this", "field_access")
            else ""
        )
        return Expr("call", f"{owner}{text_of(name) if name is not None else ''}", line=line_of(node))

    def expression(self, node: Node, depth: int = 0) -> Expr:
        """An expression node, folded as far as the file alone allows."""
        line = line_of(node)
        if depth > 20:
            return Expr("other", line=line)
        match node.type:
            case "string_literal" | "multiline_string_literal":
                said = "".join(text_of(one) for one in node.named_children if one.type in _STRINGS)
                # Kotlin writes a dollar that begins no template as \\$.
                return Expr("str", said.replace("\\$", "$"), line=line)
            case "identifier" | "field_access" | "navigation_expression" | "scoped_identifier" | "simple_identifier":
                return Expr("name", text_of(node).replace("\n", "").replace(" ", ""), line=line)
            case "element_value_array_initializer" | "collection_literal" | "array_initializer":
                return Expr(
                    "list", items=tuple(self.expression(one, depth + 1) for one in node.named_children), line=line
                )
            case "binary_expression" | "additive_expression" if len(node.named_children) > 1:
                parts = [self.expression(one, depth + 1) for one in node.named_children]
                return Expr(
                    "str", "".join(one.text if one.kind == "str" else "{" + one.text + "?}" for one in parts), line=line
                )
            case "true" | "false" | "decimal_integer_literal" | "boolean_literal" | "number_literal":
                return Expr("const", text_of(node), line=line)
        return Expr("other", text_of(node)[:200], line=line)


def _bases(node: Node) -> list[Expr]:
    found = []
    for part in node.named_children:
        if part.type in ("superclass", "super_interfaces", "extends_interfaces", "delegation_specifiers"):
            stack = list(part.named_children)
            while stack:
                one = stack.pop(0)
                if one.type in ("type_identifier", "scoped_type_identifier", "user_type"):
                    found.append(Expr("name", text_of(one).split("<")[0]))
                elif one.type in ("generic_type", "type_list", "delegation_specifier", "constructor_invocation"):
                    stack = [*one.named_children[: 1 if one.type == "generic_type" else None], *stack]
    return found
