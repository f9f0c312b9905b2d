"""Chains of calls in a script, and the functions that a call is handed in lists."""

from collections.abc import Iterator

from tree_sitter import Node

from launchready.sources.facts.nodes import text_of
from launchready.sources.facts.script_values import FUNCTIONS, unwrap

# What adds to a router, and gives it back.
BUILDS = frozenset(("get", "post", "put", "patch", "delete", "all", "on", "use", "route", "openapi", "basePath"))


def root_of(node: Node) -> str:
    """What a chain of calls begins with: ``app.get`` of ``app.get("/x", show).post("/x", add)``."""
    called = node.child_by_field_name("function")
    while called is not None and called.type == "member_expression":
        node = unwrap(called.child_by_field_name("object") or called)
        if node.type != "call_expression":
            return f"{text_of(node)}.{text_of(called.child_by_field_name('property') or called)}"
        called = node.child_by_field_name("function")
    return ""


def given_in(call: Node) -> list[Node]:
    """What a call is given."""
    arguments = call.child_by_field_name("arguments")
    return list(arguments.named_children) if arguments is not None else []


def steps_in(array: Node) -> Iterator[Node]:
    """The functions of a list of steps: ``start([{ title: "Routes", task: async () => { await addRoutes(app) } }])``."""
    for item in array.named_children:
        if item.type in FUNCTIONS:
            yield item
        for pair in item.named_children if item.type == "object" else ():
            value = pair.child_by_field_name("value") if pair.type == "pair" else None
            if value is not None and value.type in FUNCTIONS:
                yield value
