"""The statements of a middleware that turn somebody away, and what must be so for each to be come to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from launchready.sources.callers import of_another_site
from launchready.sources.sent_away import lacks_session

_REFUSES = re.compile(
    r"""status(?:Code)?\s*[:=]\s*40[13]\b | \.status\(\s*40[13] | \berror\(\s*40[13]
    | \b(?:redirect|rewrite|navigateTo|sendRedirect)\s*\([^;]{0,160}?(?:log-?_?in|sign-?_?in|signin|auth\b|unauthori[sz]ed|forbidden)
    | \bauth(?:\(\))?\.protect\( | \bredirectToSignIn\( | \b(?:unauthorized|forbidden)\(\)""",
    re.X | re.I,
)
_TO_LOGIN = re.compile(r"(?:pathname\s*=\s*|new URL\(\s*)[\"'`]/[\w/-]*(?:log-?_?in|sign-?_?in|signin|auth\b)", re.I)
_REDIRECTS = re.compile(r"\b(?:redirect|rewrite)\(")
_REDIRECTS_TO_NAME = re.compile(r"\b(?:redirect|rewrite)\(\s*\w+\s*[,)]")
_FUNCTIONS = ("function_declaration", "arrow_function", "function_expression")
_MOST = 4000


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression on the way to a refusal, and whether it must hold (or must not); ``like`` is what a case of a ``switch`` compares it with."""

    node: Node
    holds: bool
    like: Node | None = None


def ways(root: Node) -> Iterator[list[Condition]]:
    """What must be so for each refusal. One in a helper, such as ``return denied()``, is come to where that is called."""
    for node in _refusals(root):
        inside = list(_conditions(node))
        called = _calls(root, _helper(node))
        for way in ([*inside, *_conditions(one)] for one in called) if called else (inside,):
            if not any(one.holds and of_another_site(text_of(one.node)) for one in way):
                yield way


def ways_to(root: Node, name: str) -> list[list[Condition]]:
    """What must be so for each call of a function to be come to: ``case isProtected: return withProtected(request, user)``."""
    return [list(_conditions(call)) for call in _calls(root, name)]


def _helper(node: Node) -> str:
    """The name of the function that a statement stands in; empty when it has none."""
    current = node.parent
    while current is not None and current.type not in _FUNCTIONS:
        current = current.parent
    named = current if current is not None and current.type == "function_declaration" else current and current.parent
    name = named.child_by_field_name("name") if named is not None else None
    return text_of(name) if name is not None else ""


def _calls(root: Node, name: str) -> list[Node]:
    calls = (node for node in nodes_of(root) if name and node.type == "call_expression")
    return [node for node in calls if (called := node.child_by_field_name("function")) and text_of(called) == name]


def _refusals(root: Node) -> Iterator[Node]:
    """The statements that turn somebody away."""
    for node in nodes_of(root):
        statement = node.type in ("return_statement", "throw_statement", "expression_statement")
        if statement and _turns_away(node) and not of_another_site(text_of(node)):
            yield node


def _turns_away(node: Node) -> bool:
    text = text_of(node)
    if len(text) > 600 or any(child.type == "statement_block" for child in nodes_of(node)):
        return False
    if _REDIRECTS.search(text) and _without_session(node):
        return True
    if _REDIRECTS_TO_NAME.search(text) and not _REFUSES.search(text):
        # const url = request.nextUrl.clone(); url.pathname = "/login"; return NextResponse.redirect(url)
        block = node.parent
        return block is not None and block.type == "statement_block" and bool(_TO_LOGIN.search(text_of(block)[:600]))
    return bool(_REFUSES.search(text) or (_REDIRECTS.search(text) and _TO_LOGIN.search(text)))


def _without_session(node: Node) -> bool:
    """Whether a statement is for who has no session: ``if (!user) return NextResponse.redirect(welcome)``."""
    root = node
    while root.parent is not None:
        root = root.parent
    current = node
    while (parent := current.parent) is not None:
        condition = parent.child_by_field_name("condition") if parent.type == "if_statement" else None
        then = parent.child_by_field_name("consequence") if condition is not None else None
        if condition is not None and then is not None and then.id == current.id:
            asked = text_of(condition).strip()
            if lacks_session(asked[1:-1] if asked.startswith("(") else asked, text_of(root)):
                return True
        current = parent
    return False


def _conditions(node: Node) -> Iterator[Condition]:
    """What must be so for a statement to run: the conditions around it, and those that would have returned before it."""
    current = node
    while (parent := current.parent) is not None:
        if parent.type == "if_statement":
            condition = parent.child_by_field_name("condition")
            if condition is not None and condition.id != current.id:
                consequence = parent.child_by_field_name("consequence")
                yield Condition(condition, consequence is not None and consequence.id == current.id)
        if parent.type == "switch_case":
            yield from _case(parent)
        if parent.type in ("statement_block", "program"):
            for before in parent.named_children:
                if before.id == current.id:
                    break
                condition = before.child_by_field_name("condition") if before.type == "if_statement" else None
                if condition is not None and _ends(before):
                    yield Condition(condition, False)
        current = parent


def _case(case: Node) -> Iterator[Condition]:
    """What a case of a ``switch`` is for; of ``switch (true)``, also what the cases before it that leave were for."""
    switch = case.parent.parent if case.parent is not None else None
    asked, wanted = switch and switch.child_by_field_name("value"), case.child_by_field_name("value")
    if asked is None or wanted is None:
        return
    if text_of(asked).strip("() ") != "true":
        yield Condition(asked, holds=True, like=wanted)
        return
    yield Condition(wanted, holds=True)
    for before in case.parent.named_children if case.parent is not None else ():
        if before.id == case.id:
            return
        value = before.child_by_field_name("value")
        last = before.named_children[-1] if before.named_children else before
        if value is not None and last.type in ("return_statement", "throw_statement"):
            yield Condition(value, holds=False)


def _ends(statement: Node) -> bool:
    consequence = statement.child_by_field_name("consequence")
    if consequence is None or statement.child_by_field_name("alternative") is not None:
        return False
    last = (
        consequence.named_children[-1]
        if consequence.type == "statement_block" and consequence.named_children
        else consequence
    )
    return last.type in ("return_statement", "throw_statement")


def nodes_of(root: Node) -> Iterator[Node]:
    """Every node below one, in the order of the code, as far as it is looked at."""
    stack, count = [root], 0
    while stack and count < _MOST:
        node = stack.pop()
        count += 1
        yield node
        stack.extend(reversed(node.named_children))


def text_of(node: Node) -> str:
    """The code of a node."""
    return (node.text or b"").decode("utf-8", "replace")
