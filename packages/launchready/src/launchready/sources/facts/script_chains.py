"""Chains of calls in a script, the functions that a call is handed in lists, and what functions are given."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from launchready.sources.facts.nodes import text_of
from launchready.sources.facts.script_values import FUNCTIONS, unwrap
from launchready.sources.facts.shape import Binding, Expr

# What adds to a router, and gives it back.
_BUILDS = frozenset(("get", "post", "put", "patch", "delete", "all", "on", "use", "route", "openapi", "basePath"))
# What answers a request sets nothing up.
_OF_REQUEST = re.compile(r"_?(?:req|request|ctx|c|context|event|args|parent|_|\{)", re.I)


def _root_of(node: Node) -> str:
    """What a chain of calls begins with: ``app.get`` of ``app.get("/x", show).post("/x", add)``."""
    called = node.child_by_field_name("function")
    while called is not None and called.type == "member_expression":
        node = unwrap(called.child_by_field_name("object") or called)
        if node.type != "call_expression":
            return f"{text_of(node)}.{text_of(called.child_by_field_name('property') or called)}"
        called = node.child_by_field_name("function")
    return ""


def built_on(node: Node) -> str:
    """The name of the router that a chain of calls adds to and gives back; empty where it is none."""
    name, _, method = _root_of(node).rpartition(".")
    return name if method in _BUILDS and node.type == "call_expression" else ""


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


def first_parameter(function: Node) -> Node | None:
    """What a function calls the first thing that it is given; None when it takes nothing."""
    given = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
    if given is None or given.type == "identifier":
        return given
    return next(iter(given.named_children), None)


def sets_up(value: Node, *, method: bool) -> bool:
    """Whether a value of an object is a function that sets something up: ``init: function (app) { app.get(...) }``."""
    takes = value.child_by_field_name("parameters") or value.child_by_field_name("parameter")
    if takes is None or not (method or value.type in FUNCTIONS):
        return False
    first = first_parameter(value)
    return first is None or not _OF_REQUEST.match(text_of(first))


def stays_made(known: Binding | None, part: Expr) -> bool:
    """Whether a name stays what it was made here: ``const app = express()``, and ``const { app } = createApp()`` in another function, which gives it."""
    if known is None or known.value.kind != "call" or part.kind != "call":
        return False
    return known.value.text not in ("", part.text)
