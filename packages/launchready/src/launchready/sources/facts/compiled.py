"""What compilers make of modules and enums: packages are published as the CommonJS that Babel and TypeScript write."""

from tree_sitter import Node

from launchready.sources.facts.nodes import text_of
from launchready.sources.facts.script_values import FUNCTIONS, Values, required_module, string_of, unwrap
from launchready.sources.facts.shape import Expr


def assigned(node: Node) -> tuple[tuple[str, ...], Node]:
    """``exports.X = exports.Y = value``: the names that are assigned on the way, and the value at the end."""
    names: list[str] = []
    node = unwrap(node)
    while node.type == "assignment_expression":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            break
        names.append(text_of(left))
        node = unwrap(right)
    return tuple(names), node


def enum(values: Values, node: Node) -> Expr | None:
    """``function (X) { X["a"] = "b"; … }(…)``, what an enum of string members becomes, as an object of its members."""
    if node.type != "call_expression":
        return None
    function = node.child_by_field_name("function")
    function = unwrap(function) if function is not None else None
    body = function.child_by_field_name("body") if function is not None and function.type in FUNCTIONS else None
    given = function.child_by_field_name("parameters") if function is not None else None
    if body is None or given is None or len(given.named_children) != 1:
        return None
    name, members = text_of(given.named_children[0]), []
    for statement in body.named_children:
        inner = statement.named_children[0] if statement.type == "expression_statement" else None
        left = inner.child_by_field_name("left") if inner is not None else None
        right = inner.child_by_field_name("right") if inner is not None else None
        if left is None or right is None or left.type != "subscript_expression":
            continue
        owner, key = left.child_by_field_name("object"), left.child_by_field_name("index")
        if owner is not None and key is not None and key.type == "string" and text_of(owner) == name:
            members.append((string_of(key), values.expression(right)))
    return Expr("dict", named=tuple(members), line=node.start_point[0] + 1) if members else None


def enum_name(node: Node) -> str:
    """``(function (X) { … })(X || (exports.X = X = {}))``: the enum that TypeScript fills in place."""
    arguments = node.child_by_field_name("arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    left = first.child_by_field_name("left") if first is not None and first.type == "binary_expression" else None
    return text_of(left) if left is not None else ""


def getter(call: Expr) -> tuple[str, Expr] | None:
    """``Object.defineProperty(exports, "x", { get: function () { return module.x; } })``: the export and what it stands for."""
    if call.text != "Object.defineProperty" or len(call.items) != 3 or call.items[0].text != "exports":
        return None
    asked = call.items[2].get("get")
    code = asked.function.code if asked is not None and asked.function is not None else ""
    returned = code.strip("{} \n\t;").removeprefix("return ").strip()
    return (
        (call.items[1].text, Expr("name", returned, line=call.line))
        if returned.replace(".", "").isidentifier()
        else None
    )


def star(call: Expr, module_of: dict[str, str]) -> str:
    """The module that all exports are taken over from: ``__exportStar(require("./x"), exports)``, or a loop over its keys."""
    if call.text.endswith("__exportStar") and call.items and (required := required_module(call.items[0])):
        return required[0]
    if (
        call.on is None
        or call.on.text != "Object.keys"
        or call.text != "forEach"
        or not call.items
        or not call.on.items
    ):
        return ""
    function = call.items[0].function
    copies = function is not None and "Object.defineProperty(exports" in function.code
    return module_of.get(call.on.items[0].text, "") if copies else ""
