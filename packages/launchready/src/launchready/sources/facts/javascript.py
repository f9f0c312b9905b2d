"""Facts of a JavaScript or TypeScript file, by tree-sitter: CommonJS and ES modules alike."""

from functools import cache

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Query

from launchready.sources.facts.compiled import assigned, enum, enum_name, getter, star
from launchready.sources.facts.conditions import condition, under
from launchready.sources.facts.nodes import declared_names, text_of
from launchready.sources.facts.script_chains import built_on, first_parameter, given_in, sets_up, stays_made, steps_in
from launchready.sources.facts.script_nodes import DECLARATIONS, NO_STATEMENTS
from launchready.sources.facts.script_values import (
    FUNCTIONS,
    Values,
    naming,
    remembered,
    renamed,
    required_module,
    string_of,
    unwrap,
)
from launchready.sources.facts.shape import Binding, Expr, Function, Import, Module

_DEEPEST = 60


@cache
def _language(suffix: str) -> Language:
    if suffix in ("tsx",):
        return Language(tree_sitter_typescript.language_tsx())
    if suffix in ("ts", "mts", "cts"):
        return Language(tree_sitter_typescript.language_typescript())
    return Language(tree_sitter_javascript.language())


@cache
def _call_query(suffix: str) -> Query:
    return Query(_language(suffix), "(call_expression) @call")


def read_javascript(path: str, source: bytes) -> Module:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set."""
    suffix = path.rsplit(".", 1)[-1]
    # The tree is kept until the end: a node is known by its place in memory.
    tree = Parser(_language(suffix)).parse(source)
    root = tree.root_node
    reader = _Reader(Values(_call_query(suffix), root))
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
    def __init__(self, values: Values) -> None:
        self.values = values
        self.imports: dict[str, Import] = {}
        self.stars: list[str] = []
        self.bindings: dict[str, Binding] = {}
        self.functions: dict[str, Function] = {}
        self.calls: list[Expr] = []
        self.exports: dict[str, Expr] = {}
        self._when = ""
        # Names that got their first value by an assignment, and not where they were declared.
        self._assigned: set[str] = set()

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
                case (
                    "function_declaration"
                    | "generator_function_declaration"
                    | "class_declaration"
                    | "abstract_class_declaration"
                ):
                    self._define(child, depth)
                case "export_statement":
                    self._export(child, depth)
                case "enum_declaration":
                    self._enumerate(child)
                case "for_in_statement":
                    left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
                    if left is not None and right is not None and any(part.type == "of" for part in child.children):
                        self._each(left, self.values.expression(right))
                    self.block(child, depth + 1)
                case "expression_statement":
                    self._statement(child, depth)
                case "if_statement":
                    self._branches(child, depth)
                case "switch_statement":
                    self._cases(child, depth)
                case "return_statement":
                    self._returned(child)
                    self.block(child, depth + 1)
                case kind if kind not in NO_STATEMENTS:
                    self.block(child, depth + 1)

    def _branches(self, node: Node, depth: int) -> None:
        test, outer = node.child_by_field_name("condition"), self._when
        then, other = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        asked = text_of(test) if test is not None else ""
        for body, holds in ((then, True), (other, False)):
            if body is not None:
                self._when = condition(asked, outer, holds)
                # A single statement without braces is the body itself.
                self._statement(body, depth) if body.type == "expression_statement" else self.block(body, depth + 1)
        self._when = outer

    def _cases(self, node: Node, depth: int) -> None:
        """Each case of a ``switch`` stands under the value it is for."""
        value, body, outer = node.child_by_field_name("value"), node.child_by_field_name("body"), self._when
        asked = text_of(unwrap(value)) if value is not None else ""
        for case in body.named_children if body is not None else ():
            wanted = case.child_by_field_name("value")
            self._when = condition(f"{asked} === {text_of(wanted)}", outer) if wanted is not None else outer
            self.block(case, depth + 1)
        self._when = outer

    def _define(self, node: Node, depth: int, decorators: tuple[Expr, ...] = ()) -> str:
        function = self.values.read_function(node, decorators)
        if function.name:
            self.functions.setdefault(function.name, function)
        body = node.child_by_field_name("body")
        # Route tables are often built inside a function: module.exports = (app) => { app.get(...) }.
        if body is not None:
            self.block(body, depth + 1)
        return function.name

    def _each(self, pattern: Node, series: Expr) -> None:
        """The names of a loop stand for each of what it goes through; ``text`` is the part of an entry that a name takes."""
        if pattern.type == "object_pattern":
            for item in pattern.named_children:
                key, local = item.child_by_field_name("key"), item.child_by_field_name("value")
                part = text_of(key) if key is not None else text_of(item).split("=")[0].strip()
                name = text_of(local) if local is not None else part
                self._bind_each(name, Expr("each", part, (series,)), self.values.line(item))
        elif pattern.type == "array_pattern":
            for index, item in enumerate(pattern.named_children):
                self._bind_each(text_of(item), Expr("each", f"[{index}]", (series,)), self.values.line(item))
        else:
            name = text_of(pattern).removeprefix("const ").strip()
            self._bind_each(name, Expr("each", "", (series,)), self.values.line(pattern))

    def _bind_each(self, name: str, value: Expr, line: int) -> None:
        """Two loops may call what they go through the same: the calls of the earlier one keep theirs, under a name of its own."""
        known = self.bindings.get(name)
        if known is not None and known.value.kind == "each" and known.value.items != value.items:
            earlier = f"{name}@{known.line}"
            self.bindings[earlier] = Binding(earlier, known.value, known.line)
            self.calls = [naming(call, name, earlier) for call in self.calls]
        self.bindings[name] = Binding(name, value, line)

    def _enumerate(self, node: Node) -> None:
        """``enum Role { Admin = "admin" }`` as an object of its members."""
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        members = []
        for member in body.named_children if body is not None else ():
            key, value = member.child_by_field_name("name"), member.child_by_field_name("value")
            if key is not None and value is not None:
                members.append((text_of(key), self.values.expression(value)))
        if name is not None:
            self.bindings[text_of(name)] = Binding(
                text_of(name), Expr("dict", named=tuple(members), line=self.values.line(node)), self.values.line(node)
            )

    def _import(self, node: Node) -> None:
        source = node.child_by_field_name("source")
        if source is None:
            return
        module = string_of(source)
        for clause in node.named_children:
            if clause.type != "import_clause":
                continue
            for part in clause.named_children:
                if part.type == "identifier":
                    self.imports[text_of(part)] = Import(text_of(part), module, "default")
                elif part.type == "namespace_import" and part.named_children:
                    local = text_of(part.named_children[-1])
                    self.imports[local] = Import(local, module, "*")
                elif part.type == "named_imports":
                    for item in part.named_children:
                        name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                        if name is not None:
                            local = text_of(alias) if alias is not None else text_of(name)
                            self.imports[local] = Import(local, module, text_of(name))

    def _declare(self, node: Node, depth: int) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return
        also, value = assigned(value)
        bound = enum(self.values, value) or self.values.expression(value)
        for target in also:
            self.exports[target.rsplit(".", 1)[-1]] = Expr("name", text_of(name), line=self.values.line(node))
        if required := required_module(bound):
            module, symbol = required
            if name.type == "identifier":
                self.imports[text_of(name)] = Import(text_of(name), module, symbol)
            else:
                for item in name.named_children:
                    key, local = item.child_by_field_name("key"), item.child_by_field_name("value")
                    original = text_of(key) if key is not None else text_of(item)
                    self.imports[text_of(local) if local is not None else original] = Import(original, module, original)
            return
        if name.type == "object_pattern":
            self._destructure(name, bound)
            if bound.kind == "call":
                self.calls.append(bound)
            return
        bound, inside = remembered(bound, unwrap(value))
        if bound.function is not None and bound.kind == "function":
            self.functions.setdefault(text_of(name), renamed(bound.function, text_of(name)))
            self._enter(inside.child_by_field_name("body"), depth)
            return
        if text_of(name) not in self.imports:
            # What a function calls the same as something that is imported is its own, and not what the rest of the file means.
            self.bindings[text_of(name)] = Binding(text_of(name), bound, self.values.line(node))
        if bound.kind == "call":
            self.calls.append(bound)
            inner = unwrap(value)
            if inner.type == "call_expression" and any(one.type == "array" for one in given_in(inner)):
                self._callbacks(inner, depth)

    def _enter(self, body: Node | None, depth: int) -> None:
        """Look into the body of a function: ``(app) => app.get(...)`` has no block."""
        if body is not None and unwrap(body).type == "call_expression":
            self.calls.append(self.values.expression(unwrap(body)))
        elif body is not None:
            self.block(body, depth + 1)

    def _members(self, node: Node, depth: int) -> None:
        """Look into the functions of an object that set something up: ``module.exports = { init: function (app) { app.get(...) } }``."""
        for pair in node.named_children if node.type == "object" else ():
            function = pair if pair.type == "method_definition" else unwrap(pair.child_by_field_name("value") or pair)
            if sets_up(function, method=function is pair):
                self._enter(function.child_by_field_name("body"), depth)

    def _destructure(self, pattern: Node, value: Expr) -> None:
        """``const { GET, POST: add } = handlers``: each local name stands for its part of the value."""
        for item in pattern.named_children:
            key, local = item.child_by_field_name("key"), item.child_by_field_name("value")
            original = text_of(key) if key is not None else text_of(item).split("=")[0].strip()
            name = text_of(local) if local is not None else original
            part = (
                Expr("name", f"{value.text}.{original}", line=self.values.line(item)) if value.kind == "name" else value
            )
            if not stays_made(self.bindings.get(name), part):
                self.bindings[name] = Binding(name, part, self.values.line(item))

    def _statement(self, node: Node, depth: int) -> None:
        for child in node.named_children:
            inner = unwrap(child)
            if inner.type == "assignment_expression":
                self._assign(inner, depth)
                continue
            outer = self._when
            if inner.type == "binary_expression" and any(part.type == "&&" for part in inner.children):
                # `isDevelopment && app.use(tools)`
                test, inner = inner.named_children[0], unwrap(inner.named_children[-1])
                self._when = condition(text_of(test), outer)
            value = self.values.expression(inner)
            if passed := getter(value):
                self.exports.setdefault(*passed)
            elif source := star(value, {name: entry.module for name, entry in self.imports.items()}):
                self.stars.append(source)
            elif (members := enum(self.values, inner)) and (name := enum_name(inner)):
                self.bindings[name] = Binding(name, members, members.line)
                self.exports.setdefault(name, Expr("name", name, line=members.line))
            elif value.kind == "call":
                self.calls.append(under(value, self._when))
                self._callbacks(inner, depth)
            self._when = outer

    def _returned(self, node: Node) -> None:
        """``const app = new Hono(); return app.get("/x", show).post("/x", add)``: a router that is handed back is built up in the same breath."""
        inner = unwrap(node.named_children[0]) if node.named_children else node
        known = self.bindings.get(built_on(inner))
        if known is not None and known.value.kind == "call":
            self.calls.append(under(self.values.expression(inner), self._when))

    def _callbacks(self, node: Node, depth: int) -> None:
        """Look into functions given to calls that are no routes, such as ``start(() => { app.use(...) })``."""
        if depth > 4:
            return
        called = node.child_by_field_name("function")
        series = (
            called.child_by_field_name("object") if called is not None and called.type == "member_expression" else None
        )
        each = series is not None and called is not None and text_of(called).endswith((".forEach", ".map"))
        given = given_in(node)
        for child in (*given, *(one for item in given if item.type == "array" for one in steps_in(item))):
            body = child.child_by_field_name("body") if child.type in FUNCTIONS else None
            if each and series is not None:
                first = first_parameter(child)
                if first is not None:
                    self._each(first.child_by_field_name("pattern") or first, self.values.expression(series))
            if body is not None and body.type == "call_expression":
                self.calls.append(self.values.expression(body))
            if body is not None and body.type == "statement_block":
                self.block(body, depth + 1)

    def _assign(self, node: Node, depth: int) -> None:
        targets, right = assigned(node)
        value = self.values.expression(right)
        if value.text == "void 0":
            return
        if value.function is not None and value.kind == "function":
            self._enter(right.child_by_field_name("body"), depth)
        elif value.kind == "call":
            # `app.apis = await startApis(app)`
            self.calls.append(under(value, self._when))
        for target in targets:
            if target in ("module.exports", "exports"):
                self._members(right, depth)
                if value.function is not None:
                    self.functions.setdefault(target, value.function)
                self._export_value(value)
            elif target.startswith(("module.exports.", "exports.")):
                self.exports[target.rsplit(".", 1)[-1]] = value
            elif value.function is not None and value.kind == "function" and target.isidentifier():
                # Without `const` it is a function all the same, of the whole program.
                self.functions.setdefault(target, renamed(value.function, target))
            else:
                self._rebind(target, under(value, self._when), self.values.line(node))

    def _rebind(self, target: str, value: Expr, line: int) -> None:
        """A name that is assigned what several calls make stands for each of them."""
        known = self.bindings.get(target)
        if known is not None and known.value.kind == "const" and known.value.text in ("null", "undefined"):
            # `let server = null;` only makes room.
            known = None
        made = known.value.items if known and known.value.kind == "either" else (known.value,) if known else ()
        if made and value.kind == "call" and all(one.kind == "call" for one in made) and target in self._assigned:
            self.bindings[target] = Binding(target, Expr("either", "", (*made, value), line=line), line)
        elif known is None:
            self._assigned.add(target)
            self.bindings[target] = Binding(target, value, line)

    def _export_value(self, value: Expr) -> None:
        self.exports["default"] = value
        if value.kind == "dict":
            for name, inner in value.named:
                self.exports[name] = inner

    def _export(self, node: Node, depth: int) -> None:
        declaration, value, source = (node.child_by_field_name(f) for f in ("declaration", "value", "source"))
        default = any(child.type == "default" for child in node.children)
        if declaration is not None:
            known, names = set(self.functions) | set(self.bindings), declared_names(declaration)
            if declaration.type in DECLARATIONS:
                children = node.named_children
                before = self.values.decorators_before(children, children.index(declaration))
                defined = self._define(declaration, depth, before)
                if default and defined:
                    self.exports["default"] = Expr("name", defined, line=self.values.line(node))
            else:
                self.block(node, depth + 1)
            for added in sorted(names & (here := set(self.functions) | set(self.bindings)) or here - known):
                self.exports[added] = Expr("name", added, line=self.values.line(node))
        elif any(child.type == "=" for child in node.children) and node.named_children:
            # TypeScript's `export = router` is `module.exports = router`.
            self._export_value(self.values.expression(node.named_children[-1]))
        elif value is not None:
            self.exports["default"] = self.values.expression(value)
            if unwrap(value).type in FUNCTIONS:
                self._enter(unwrap(value).child_by_field_name("body"), depth)
            self._members(unwrap(value), depth)
        for clause in node.named_children:
            if clause.type != "export_clause":
                continue
            for item in clause.named_children:
                name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                if name is None:
                    continue
                public = text_of(alias) if alias is not None else text_of(name)
                if source is not None:
                    local = f"{text_of(name)}@{string_of(source)}"
                    self.imports[local] = Import(local, string_of(source), text_of(name))
                    self.exports[public] = Expr("name", local, line=self.values.line(node))
                else:
                    self.exports[public] = Expr("name", text_of(name), line=self.values.line(node))
        if source is not None and not any(child.type == "export_clause" for child in node.named_children):
            self.stars.append(string_of(source))
