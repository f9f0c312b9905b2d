"""Facts of a Ruby file, by tree-sitter: classes and modules by their full names, calls with their blocks.

A symbol is a string. ``a.b.c`` without arguments is one dotted name. A block is the ``function`` of its call: its ``calls`` are
its statements in order, and ``methods`` what it defines. The ``calls`` of a method are those at any depth; each has the conditions
it runs under as ``if`` and ``unless`` among its ``named``, an earlier ``return if x`` being ``unless x``.
"""

from collections.abc import Iterator
from functools import cache

import tree_sitter_ruby
from tree_sitter import Language, Node, Parser

from launchready.sources.facts.shape import Binding, Expr, Function, Module, Param

_DEEPEST = 40
_OPENED = frozenset(
    (
        *("program", "body_statement", "block_body", "then", "else", "begin", "begin_block", "ensure", "rescue"),
        *("if", "unless", "elsif", "if_modifier", "unless_modifier", "case", "when", "parenthesized_statements", "do"),
    )
)
_LEAVES = frozenset(("return", "next", "break"))
_CONDITIONAL = {"if": "if", "if_modifier": "if", "elsif": "if", "unless": "unless", "unless_modifier": "unless"}
_OTHER_WAY = {"if": "unless", "unless": "if"}
_DEFINES = frozenset(("method", "singleton_method", "class", "module", "singleton_class"))
_NUMBERS = frozenset(("integer", "float", "true", "false", "nil"))

Conditions = tuple[tuple[str, Expr], ...]


@cache
def _language() -> Language:
    return Language(tree_sitter_ruby.language())


def read_ruby(path: str, source: bytes) -> Module:
    """The facts of one file. Broken code yields what could be read, with ``broken`` set."""
    root = Parser(_language()).parse(source).root_node
    reader = _Reader()
    reader.scope(root, "", 0)
    return Module(
        path,
        bindings=reader.bindings,
        functions=reader.functions,
        calls=tuple(_statements(root, 0)),
        broken=root.has_error,
    )


class _Reader:
    def __init__(self) -> None:
        self.bindings: dict[str, Binding] = {}
        self.functions: dict[str, Function] = {}

    def scope(self, node: Node, outer: str, depth: int) -> None:
        """Classes, modules, top-level methods and assignments below a node."""
        if depth > _DEEPEST:
            return
        for child in node.named_children:
            match child.type:
                case "class" | "module":
                    name = child.child_by_field_name("name")
                    full = "::".join(filter(None, [outer, _text(name).removeprefix("::")]))
                    body = child.child_by_field_name("body")
                    self._class(child, full, body)
                    if body is not None:
                        self.scope(body, full, depth + 1)
                case "method" if not outer:
                    function = _method(child)
                    self.functions.setdefault(function.name, function)
                case "assignment":
                    left, right = child.child_by_field_name("left"), child.child_by_field_name("right")
                    if left is not None and right is not None:
                        self._bind("::".join(filter(None, [outer, _text(left)])), right)
                        self.scope(right, outer, depth + 1)
                case "method" | "singleton_method" | "string" | "comment":
                    pass
                case _:
                    self.scope(child, outer, depth + 1)

    def _bind(self, name: str, right: Node) -> None:
        value = expression(right)
        if value.kind == "call" and value.text == "freeze" and value.on is not None:
            value = value.on
        self.bindings.setdefault(name, Binding(name, value, _line(right)))

    def _class(self, node: Node, full: str, body: Node | None) -> None:
        above = node.child_by_field_name("superclass")
        bases = tuple(expression(one) for one in above.named_children) if above is not None else ()
        calls = tuple(_statements(body, 0)) if body is not None else ()
        methods = tuple(_methods(body)) if body is not None else ()
        known = self.functions.get(full)
        if known is not None:  # a class may be opened more than once
            bases, calls, methods = known.bases or bases, (*known.calls, *calls), (*known.methods, *methods)
        self.functions[full] = Function(
            full, _line(node), calls=calls, bases=bases, methods=methods, is_class=True, code=""
        )


def _methods(body: Node) -> Iterator[Function]:
    for child in body.named_children:
        if child.type in ("method", "singleton_method"):
            yield _method(child)
        elif child.type == "singleton_class" and (inner := child.child_by_field_name("body")) is not None:
            for one in _methods(inner):
                yield Function(f"self.{one.name}", one.line, one.params, (), one.code, one.calls)
        elif child.type == "call":  # private def x; end
            arguments = child.child_by_field_name("arguments")
            yield from _methods(arguments) if arguments is not None else ()


def _method(node: Node) -> Function:
    name = _text(node.child_by_field_name("name"))
    body = node.child_by_field_name("body")
    calls = tuple(_within(body)) if body is not None else ()
    prefix = "self." if node.type == "singleton_method" else ""
    return Function(prefix + name, _line(node), _params(node), (), code_of(node), calls)


def _params(node: Node) -> tuple[Param, ...]:
    given = node.child_by_field_name("parameters")
    names = []
    for one in given.named_children if given is not None else ():
        name = one if one.type == "identifier" else one.child_by_field_name("name")
        if name is not None:
            names.append(Param(_text(name)))
    return tuple(names)


def code_of(node: Node) -> str:
    """The text of a node without its comments."""
    data, start, cuts = node.text or b"", node.start_byte, []
    stack = [node]
    while stack:
        one = stack.pop()
        if one.type == "comment":
            cuts.append((one.start_byte - start, one.end_byte - start))
        stack += one.named_children
    for begin, end in sorted(cuts, reverse=True):
        data = data[:begin] + data[end:]
    return data.decode("utf-8", "replace")


def _statements(node: Node, depth: int, conditions: Conditions = ()) -> Iterator[Expr]:
    """The calls that are statements of a body, in order, below conditions too but not in what the body defines."""
    if depth > _DEEPEST:
        return
    for child in node.named_children:
        if child.type == "call" or (child.type == "identifier" and node.type in _OPENED):
            yield _called(child, depth, conditions)
        elif child.type == "assignment" and (right := child.child_by_field_name("right")) is not None:
            if right.type == "call":
                yield _called(right, depth, conditions)
        elif child.type in _OPENED:
            more = _condition(child)
            for part in child.named_children:
                if part != child.child_by_field_name("condition"):
                    yield from _statements_of(part, depth + 1, (*conditions, *_turned(more, part)))


def _statements_of(node: Node, depth: int, conditions: Conditions) -> Iterator[Expr]:
    if node.type in ("call", "identifier"):
        yield _called(node, depth, conditions)
    elif node.type in _OPENED:
        yield from _statements(node, depth, conditions)


def _called(node: Node, depth: int, conditions: Conditions) -> Expr:
    value = expression(node, depth)
    return Expr("call", value.text, value.items, (*value.named, *conditions), value.line, value.on, value.function)


def _condition(node: Node) -> Conditions:
    kind = _CONDITIONAL.get(node.type)
    asked = node.child_by_field_name("condition") if kind else None
    return ((kind, Expr("other", code_of(asked), line=_line(asked))),) if kind and asked is not None else ()


def _turned(conditions: Conditions, part: Node) -> Conditions:
    """What holds in a part: an ``else`` runs when the condition does not hold."""
    if part.type in ("else", "elsif"):
        return tuple((_OTHER_WAY[kind], value) for kind, value in conditions)
    return conditions


def _within(body: Node) -> Iterator[Expr]:
    """Every call in a method at any depth, with the conditions it runs under."""
    left: list[tuple[int, Conditions]] = []  # from where on it holds that no return was met
    stack: list[tuple[Node, Conditions]] = [(body, ())]
    while stack:
        node, conditions = stack.pop()
        if node.type in _DEFINES:
            continue
        if node.type in ("call", "identifier"):
            value = expression(node, _DEEPEST - 6)
            before = [one for end, held in left if end <= node.start_byte for one in held]
            yield Expr("call", value.text, value.items, (*value.named, *conditions, *before), value.line, value.on)
            if node.type == "identifier":
                continue
        more = _condition(node)
        if more and any(one.type in _LEAVES for one in _last(node)):
            left.append((node.end_byte, tuple((_OTHER_WAY[kind], value) for kind, value in more)))
        asked = node.child_by_field_name("condition") if more else None
        skipped = node.child_by_field_name("method") if node.type == "call" else None
        if node.type == "binary" and (both := _halves(node)) is not None:
            first, second, kind = both
            asked_first = Expr("other", code_of(first), line=_line(first))
            stack += [(second, (*conditions, (kind, asked_first))), (first, conditions)]
            continue
        for child in reversed(node.named_children):
            if child != skipped and child.type != "comment":
                inner = conditions if child == asked else (*conditions, *_turned(more, child))
                stack.append((child, inner))


def _halves(node: Node) -> tuple[Node, Node, str] | None:
    """``logged_in? or deny``: the second half runs unless the first holds; with ``and``, if it does."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    kinds = {"or": "unless", "||": "unless", "and": "if", "&&": "if"}
    kind = kinds.get(operator.type) if operator is not None else None
    return (left, right, kind) if left is not None and right is not None and kind else None


def _last(node: Node) -> list[Node]:
    """The last statement of the body of a condition."""
    body = node.child_by_field_name("body") or node.child_by_field_name("consequence")
    if body is None:
        return []
    return [body] if body.type in _LEAVES else body.named_children[-1:]


def expression(node: Node, depth: int = 0) -> Expr:
    """A Ruby expression in the shape that routing and guarding need."""
    line = _line(node)
    if depth > _DEEPEST:
        return Expr("other", line=line)
    match node.type:
        case "string" | "bare_string" | "symbol_string" | "delimited_symbol" | "bare_symbol" | "heredoc_beginning":
            return Expr("str", _string(node, depth), line=line)
        case "simple_symbol" | "hash_key_symbol":
            return Expr("str", _text(node).lstrip(":"), line=line)
        case "array" | "string_array" | "symbol_array":
            return Expr("list", items=tuple(expression(one, depth + 1) for one in node.named_children), line=line)
        case "hash":
            _, named = _arguments(node, depth)
            return Expr("dict", named=named, line=line)
        case "identifier" | "constant" | "scope_resolution" | "instance_variable" | "self":
            return Expr("name", _text(node).removeprefix("::"), line=line)
        case "call":
            return _call(node, depth)
        case "lambda":
            return Expr("function", line=line, function=_block(node.child_by_field_name("body"), node, depth))
        case "parenthesized_statements" if len(node.named_children) == 1:
            return expression(node.named_children[0], depth + 1)
        case kind if kind in _NUMBERS:
            return Expr("const", _text(node), line=line)
        case "binary" if "+" in {child.type for child in node.children}:
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None:
                parts = [expression(one, depth + 1) for one in (left, right)]
                return Expr(
                    "str", "".join(p.text if p.kind == "str" else "{" + p.text + "?}" for p in parts), line=line
                )
    return Expr("other", _text(node)[:200], line=line)


def _call(node: Node, depth: int) -> Expr:
    receiver, method = node.child_by_field_name("receiver"), node.child_by_field_name("method")
    arguments, block = node.child_by_field_name("arguments"), node.child_by_field_name("block")
    items, named = _arguments(arguments, depth) if arguments is not None else ((), ())
    name, on = _text(method), None
    if receiver is not None:
        of = expression(receiver, depth + 1)
        if of.kind == "name":
            name = f"{of.text}.{name}"
        else:
            on = of
    function = _block(block, block, depth) if block is not None else None
    if arguments is None and block is None and on is None:
        return Expr("name", name, line=_line(node))
    return Expr("call", name, items, named, _line(node), on, function)


def _block(block: Node | None, owner: Node, depth: int) -> Function:
    if block is None:
        return Function("", _line(owner))
    body = block.child_by_field_name("body")
    calls = tuple(_statements(body, depth + 1)) if body is not None else ()
    methods = tuple(_methods(body)) if body is not None and depth < _DEEPEST else ()
    params = _params(owner) or _params(block)
    return Function("", _line(block), params, (), code_of(block), calls, methods=methods)


def _arguments(node: Node, depth: int) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
    items: list[Expr] = []
    named: list[tuple[str, Expr]] = []
    for child in node.named_children:
        if child.type == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None:
                # `only:` alone takes the value of the name it has.
                given = value if value is not None else key
                label = expression(key, depth + 1)
                named.append((label.text, expression(given, depth + 1)))
        elif child.type == "hash_splat_argument":
            named.append(("**", Expr("name", _text(child).lstrip("*"), line=_line(child))))
        elif child.type != "comment":
            items.append(expression(child, depth + 1))
    return tuple(items), tuple(named)


def _string(node: Node, depth: int) -> str:
    parts = []
    for child in node.named_children:
        if child.type == "interpolation":
            inner = expression(child.named_children[0], depth + 1) if child.named_children else Expr("other")
            parts.append(inner.text if inner.kind == "str" else "{" + (_name(inner) or "value") + "?}")
        elif child.type in ("string_content", "escape_sequence"):
            parts.append(_text(child))
    return "".join(parts)


def _name(value: Expr) -> str:
    return value.text if value.kind in ("name", "call") else ""


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _line(node: Node) -> int:
    return node.start_point[0] + 1
