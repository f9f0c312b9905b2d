"""Facts of a Python file, by tree-sitter: tolerant of errors and of syntax newer than the running interpreter."""

import re

from msgspec import structs
from tree_sitter import Node, Parser

from launchready.sources.facts.conditions import condition, under
from launchready.sources.facts.nodes import code, text_of
from launchready.sources.facts.python_values import Values, language, spread
from launchready.sources.facts.shape import Binding, Expr, Function, Import, Module, Param

# How deep a list may hold what its own name stood for before.
_DEEPEST_HELD = 4
_DEEPEST = 150


_HOLDS_STATEMENTS = frozenset(
    (
        *("module", "block", "else_clause", "while_statement", "with_statement"),
        *(
            "try_statement",
            "except_clause",
            "except_group_clause",
            "finally_clause",
            "match_statement",
            "case_clause",
            "ERROR",
        ),
    )
)


def read_python(path: str, source: bytes) -> Module:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set."""
    root = Parser(language()).parse(source).root_node
    reader = _Reader(Values(root))
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


_HOLDS_IMPORTS = _HOLDS_STATEMENTS | {"if_statement", "for_statement", "function_definition", "decorated_definition"}


class _Reader:
    def __init__(self, values: Values) -> None:
        self._values = values
        self.imports: dict[str, Import] = {}
        self.stars: list[str] = []
        self.bindings: dict[str, Binding] = {}
        self.functions: dict[str, Function] = {}
        self.calls: list[Expr] = []
        self._scope = 0
        self._scopes: dict[str, int] = {}
        self._when = ""

    def block(self, node: Node, depth: int) -> None:
        if depth > _DEEPEST:
            return
        for child in node.named_children:
            match child.type:
                case "import_statement" | "import_from_statement":
                    self._import(child)
                case "function_definition" | "class_definition" | "decorated_definition":
                    function = self._definition(child)
                    if function:
                        self._keep(structs.replace(function, when=self._when) if self._when else function)
                    inner = _inner(child)
                    if inner.type == "class_definition" and b"import" in (inner.text or b""):
                        self._local_imports(inner, depth)
                    body = (_initialiser(inner) if inner.type == "class_definition" else inner).child_by_field_name(
                        "body"
                    )
                    # What a factory such as create_app() builds belongs to the file as much as its top level; so does what
                    # a class of an application builds when it is made.
                    if body and (inner.type == "function_definition" or _initialiser(inner) is not inner):
                        outer, self._scope = self._scope, body.start_byte
                        self.block(body, depth + 1)
                        self._scope = outer
                case "expression_statement":
                    self._statement(child)
                case "for_statement":
                    self._loop(child)
                    self.block(child, depth + 1)
                case "if_statement":
                    self._branches(child, depth)
                case kind if kind in _HOLDS_STATEMENTS:
                    self.block(child, depth + 1)

    def _keep(self, function: Function) -> None:
        """Keep a function under its name. Of two decorated ones of one name both are registered where their decorators say, and the
        second is kept under a name that no code can ask for."""
        known = self.functions.setdefault(function.name, function)
        if known is not function and function.decorators and not function.is_class:
            self.functions[f"{function.name}:{function.line}"] = function

    def _local_imports(self, node: Node, depth: int) -> None:
        """What the methods of a class import: an application class brings its parts in where it registers them."""
        for child in node.named_children:
            if child.type in ("import_statement", "import_from_statement"):
                known, self.imports = self.imports, {}
                self._import(child)
                self.imports = self.imports | known
            elif child.type in _HOLDS_IMPORTS and depth < _DEEPEST:
                self._local_imports(child, depth + 1)

    def _branches(self, node: Node, depth: int) -> None:
        outer, asked = self._when, ""
        for clause in (node, *node.children_by_field_name("alternative")):
            test = clause.child_by_field_name("condition")
            asked = text_of(test) if test is not None else asked
            body = clause.child_by_field_name("consequence") or clause.child_by_field_name("body")
            if body is not None:
                self._when = condition(asked, outer, test is not None)
                self.block(body, depth + 1)
        self._when = outer
        for child in node.named_children if node.has_error else ():
            if child.type == "ERROR":
                self.block(child, depth + 1)

    def _loop(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        series = self._values.expression(right)
        names = left.named_children if left.type in ("pattern_list", "tuple_pattern") else [left]
        for index, name in enumerate(names):
            self._bind(text_of(name), Expr("each", str(index) if index else "", (series,)), self._values.line(node))

    def _bind(self, name: str, value: Expr, line: int) -> None:
        """Keep a binding. Names of the file itself win over those of functions, and earlier functions over later ones."""
        before = self.bindings.get(name)
        if (
            before is not None
            and value.kind == "call"
            and any(one.kind == "name" and one.text == name for one in value.items)
        ):
            # `app = Guard(app, …)`: routes and middleware stay those of what is wrapped.
            return
        if before is not None and not self._scope and self._made_by(name, value):
            return
        if before is not None and value.kind == "list":
            # `urls = [...] + urls` still holds what it held.
            parts = ((before.value,) if one.kind == "name" and one.text == name else (one,) for one in value.items)
            value = structs.replace(value, items=tuple(spread(part for some in parts for part in some)))
            whole = _holding(value, name, before.value, _DEEPEST_HELD) if before.value.kind == "list" else value
            if self._when and whole is not value:
                # `if settings.PREFIX: urlpatterns = [path(settings.PREFIX, include(urlpatterns))]`: as it is without the setting.
                return
            # `urlpatterns = [path("", include(urlpatterns))]` wraps what it held.
            value = whole
        if before is not None and self._when and before.value.kind == value.kind == "str" and "?}" in value.text:
            # `prefix = ""`, and under some condition another of which nothing is known.
            return
        if self._scopes.setdefault(name, self._scope) == self._scope or not self._scope:
            self.bindings[name] = Binding(name, value, line)
            self._scopes[name] = self._scope

    def _made_by(self, name: str, value: Expr) -> bool:
        """Whether a name of the file is given what a factory above it has built under the same name: ``app = create_app()``."""
        factory = self.functions.get(value.text) if value.kind == "call" else None
        inside = factory is not None and self._scopes.get(name, 0) > 0
        return inside and bool(factory and re.search(rf"\breturn\s+{re.escape(name)}\b(?![.(])", factory.code))

    def _statement(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "assignment":
                left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
                if left is not None and right is not None:
                    value = self._values.expression(right)
                    self._bind(text_of(left), value, self._values.line(child))
                    self._called(value)
            elif child.type == "augmented_assignment":
                self._augment(child)
            else:
                self._called(self._values.expression(child))

    def _called(self, value: Expr) -> None:
        if value.kind == "call":
            self.calls.append(under(value, self._when))

    def _augment(self, node: Node) -> None:
        left, right, operator = (node.child_by_field_name(f) for f in ("left", "right", "operator"))
        if left is None or right is None or operator is None or text_of(operator) != "+=":
            return
        name, more = text_of(left), self._values.expression(right)
        if self._when and more.kind == "list":
            more = structs.replace(more, items=tuple(under(item, self._when) for item in more.items))
        before = self.bindings.get(name)
        first = before.value if before is not None else Expr("name", name, line=self._values.line(node))
        if first.kind == "list" or more.kind == "list" or before is None:
            self._bind(name, Expr("list", items=tuple(spread((first, more))), line=first.line), self._values.line(node))

    def _import(self, node: Node) -> None:
        if node.type == "import_statement":
            for child in node.children_by_field_name("name"):
                if child.type == "aliased_import":
                    name, alias = child.child_by_field_name("name"), child.child_by_field_name("alias")
                    if name is not None and alias is not None:
                        self.imports[text_of(alias)] = Import(text_of(alias), text_of(name), "")
                else:
                    full = text_of(child)
                    self.imports[full] = Import(full, full, "")
            return
        module_node = node.child_by_field_name("module_name")
        module = text_of(module_node) if module_node is not None else ""
        if any(child.type == "wildcard_import" for child in node.children):
            self.stars.append(module)
        for child in node.children_by_field_name("name"):
            symbol, local = text_of(child), text_of(child)
            if child.type == "aliased_import":
                name, alias = child.child_by_field_name("name"), child.child_by_field_name("alias")
                if name is not None and alias is not None:
                    symbol, local = text_of(name), text_of(alias)
            self.imports[local] = Import(local, module, symbol)

    def _definition(self, node: Node) -> Function | None:
        """A function or class, decorated or not."""
        inner = _inner(node)
        name = inner.child_by_field_name("name")
        if name is None:
            return None
        decorators = tuple(
            self._values.expression(child.named_children[0])
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
                    method = self._definition(child)
                    if method:
                        methods.append(method)
                elif child.type == "expression_statement" and child.named_children:
                    fields.extend(self._field(child.named_children[0]))
        parameters = inner.child_by_field_name("parameters")
        bases = inner.child_by_field_name("superclasses")
        return Function(
            text_of(name),
            self._values.line(inner),
            self._values.parameters(parameters) if parameters is not None else (),
            decorators,
            code(body) if body is not None else "",
            self._values.calls(body) if body is not None and not is_class else (),
            tuple(self._values.expression(child) for child in bases.named_children) if bases is not None else (),
            tuple(methods),
            tuple(fields),
            is_class,
            returns=text_of(given) if (given := inner.child_by_field_name("return_type")) is not None else "",
        )

    def _field(self, node: Node) -> list[Param]:
        if node.type != "assignment":
            return []
        left, right, kind = (node.child_by_field_name(f) for f in ("left", "right", "type"))
        if left is None:
            return []
        return [
            Param(
                text_of(left),
                self._values.expression(kind) if kind is not None else None,
                self._values.expression(right) if right is not None else None,
            )
        ]


def _initialiser(node: Node) -> Node:
    """``__init__`` of a class; the node itself when there is none."""
    body = node.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        name = child.child_by_field_name("name") if child.type == "function_definition" else None
        if name is not None and name.text == b"__init__":
            return child
    return node


def _holding(value: Expr, name: str, before: Expr, depth: int) -> Expr:
    """A value in which a name stands for what it held before."""
    if value.kind == "name":
        return before if value.text == name else value
    if depth == 0 or not value.items:
        return value
    items = tuple(_holding(one, name, before, depth - 1) for one in value.items)
    return value if items == value.items else structs.replace(value, items=items)


def _inner(node: Node) -> Node:
    if node.type == "decorated_definition":
        return node.child_by_field_name("definition") or node
    return node
