"""The ways through a body that a stranger's request may take, and how each of them ends."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser

from launchready.sources.frameworks.django_stranger import DEEPEST, Budget, Case, Values, text, truth

_MOST_CODE, _MOST_PATHS = 20_000, 32
_CREDENTIAL = re.compile(
    r"token|api_?key|authorization|signature|secret|password|jwt|bearer|credential|hmac|auth_?header", re.I
)
_LOOKS_UP = re.compile(
    r"(?:\.get\(|verify|decode|authenticate|check|unsign|loads)[^\n]*(?:token|key|auth|secret|signature|jwt|bearer|credential|session)",
    re.I,
)

_LEAVES = re.compile(r"\breturn\b|\byield\b")


@dataclass(frozen=True, slots=True)
class End:
    """How a path through a body ends: by ``return`` or ``raise`` of ``value``, in a call that ``stops``, or by its ``fall``.

    ``proved`` says that the path led past a check of some credential, which nobody passes who brings none.
    """

    how: str
    value: Node | None
    values: Values
    proved: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    values: Values
    proved: bool = False


def answer(code: str, case: Case) -> bool | None:
    """What a body returns for a stranger: False also when it raises or returns nothing. None when both may be."""
    ends = paths(code, case)
    if not ends:
        return None
    found = {
        truth(end.value, case, end.values) if end.how == "return" and end.value is not None else False for end in ends
    }
    return found.pop() if len(found) == 1 else None


def paths(code: str, case: Case) -> list[End]:
    """Every way through a body that a stranger's request may take; empty when it does not parse or there are too many."""
    block = _block(code)
    if block is None:
        return []
    return _ends(block, case)


def wrapper_paths(code: str, case: Case) -> list[list[End]]:
    """The ways through each function that a decorator makes, those that make no other function themselves."""
    block = _block(code)
    made: list[Node] = []
    waiting = [block] if block is not None else []
    while waiting and len(made) < _MOST_PATHS:
        current = waiting.pop()
        for child in current.named_children:
            inner = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
            body = inner.child_by_field_name("body") if inner is not None else None
            if inner is not None and body is not None and inner.type == "function_definition":
                if any(one.type in ("function_definition", "decorated_definition") for one in body.named_children):
                    waiting.append(body)
                else:
                    made.append(body)
            elif child.type in ("if_statement", "block", "else_clause"):
                waiting.append(child)
    return [_ends(body, case) for body in made]


def always(code: str, words: re.Pattern[str]) -> bool:
    """Whether every way through a body that is not refused comes to a statement with these words."""
    block = _block(code)
    for statement in block.named_children if block is not None else ():
        if statement.type in ("expression_statement", "return_statement", "with_statement") and words.search(
            text(statement)
        ):
            return True
        if statement.type not in ("expression_statement", "assert_statement", "comment") and _LEAVES.search(
            text(statement)
        ):
            return False
    return False


def _ends(block: Node, case: Case) -> list[End]:
    case = replace(case, budget=Budget())
    ended, going = _run(block.named_children, _State({}), case, 0)
    ends = [*ended, *(End("fall", None, state.values, state.proved) for state in going)]
    return ends if len(ends) <= _MOST_PATHS else []


@lru_cache(maxsize=256)
def _block(code: str) -> Node | None:
    if len(code) > _MOST_CODE:
        return None
    # The first line of a body comes without its indentation.
    margins = sorted({line[: len(line) - len(line.lstrip())] for line in code.split("\n")[1:] if line.strip()}, key=len)
    for margin in [
        *margins[:1],
        *(margins[0][:-width] for width in (4, 2, 8) if margins and len(margins[0]) > width),
        "    ",
    ]:
        if not margin:
            continue
        root = Parser(Language(tree_sitter_python.language())).parse(f"if 1:\n{margin}{code}\n".encode()).root_node
        first = root.named_children[0] if root.named_children else None
        block = first.child_by_field_name("consequence") if first is not None else None
        if block is not None and not root.has_error and len(root.named_children) == 1:
            return block
    return None


def _run(nodes: list[Node], state: _State, case: Case, depth: int) -> tuple[list[End], list[_State]]:
    ended: list[End] = []
    going = [state]
    for node in nodes:
        following: list[_State] = []
        for one in going:
            ends, more = _step(node, one, case, depth + 1)
            ended += ends
            following += more
        going = following
        if not going or len(going) + len(ended) > _MOST_PATHS:
            break
    return ended, going


def _step(node: Node, state: _State, case: Case, depth: int) -> tuple[list[End], list[_State]]:
    if depth > DEEPEST or case.budget.spent():
        return _lost(state)
    match node.type:
        case "return_statement":
            return _returned(node.named_children[0] if node.named_children else None, state, case), []
        case "raise_statement":
            return [_end("raise", node, state)], []
        case "if_statement":
            return _branch(node, node.children_by_field_name("alternative"), state, case, depth)
        case "expression_statement":
            call = _called_alone(node)
            if call is not None and case.stops(call):
                return [End("stops", call, state.values, state.proved)], []
            return [], [replace(state, values=_assigned(node, state.values))]
        case "try_statement" | "with_statement" | "for_statement" | "while_statement":
            return _several(node, state, case, depth)
        case "match_statement":
            return _lost(state)
    return [], [state]


def _returned(value: Node | None, state: _State, case: Case) -> list[End]:
    """The ends of a return: two, when it chooses and nobody knows which."""
    if value is not None and value.type == "parenthesized_expression" and value.named_children:
        return _returned(value.named_children[0], state, case)
    if value is None or value.type != "conditional_expression" or len(value.named_children) != 3 or case.budget.spent():
        return [End("return", value, state.values, state.proved)]
    then, condition, other = value.named_children
    known = truth(condition, case, state.values)
    met, failed = _told_apart(condition, known, state)
    ends = _returned(then, met, case) if known is not False else []
    return ends + (_returned(other, failed, case) if known is not True else [])


def _told_apart(condition: Node | None, known: bool | None, state: _State) -> tuple[_State, _State]:
    """The state where a condition is met, and where it is not."""
    if known is not None or state.proved:
        return state, state
    sides = [replace(state, proved=_proves(condition, met, state.values)) for met in (True, False)]
    return sides[0], sides[1]


def _end(how: str, node: Node, state: _State) -> End:
    return End(how, node.named_children[0] if node.named_children else None, state.values, state.proved)


def _called_alone(node: Node) -> Node | None:
    """The call that a statement is, or assigns: ``check(request)``, ``user = await check(request)``."""
    inner = node.named_children[0] if node.named_children else None
    if inner is not None and inner.type == "assignment":
        inner = inner.child_by_field_name("right")
    if inner is not None and inner.type == "await" and inner.named_children:
        inner = inner.named_children[0]
    return inner if inner is not None and inner.type == "call" else None


def _lost(state: _State) -> tuple[list[End], list[_State]]:
    """More ways than anybody looks at: nothing is known of this body."""
    return [End("return", None, state.values)] * (_MOST_PATHS + 1), []


def _branch(node: Node, others: list[Node], state: _State, case: Case, depth: int) -> tuple[list[End], list[_State]]:
    condition, then = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
    known = truth(condition, case, state.values)
    met, failed = _told_apart(condition, known, state)
    ended: list[End] = []
    going: list[_State] = []
    if known is not False and then is not None:
        ends, more = _run(then.named_children, met, case, depth)
        ended, going = ended + ends, going + more
    if known is True:
        return ended, going
    if not others:
        return ended, [*going, failed]
    first, *rest = others
    if first.type == "elif_clause":
        ends, more = _branch(first, rest, failed, case, depth + 1)
    else:
        body = first.child_by_field_name("body")
        ends, more = _run(body.named_children if body is not None else [], failed, case, depth)
    return ended + ends, going + more


def _proves(node: Node | None, met: bool, values: Values, depth: int = 0) -> bool:
    """Whether a condition that is met (or is not) tells that a credential was there and right."""
    if node is None or depth > DEEPEST:
        return False
    if node.type in ("not_operator", "parenthesized_expression"):
        inner = node.child_by_field_name("argument") or (node.named_children[0] if node.named_children else None)
        return _proves(inner, met != (node.type == "not_operator"), values, depth + 1)
    if node.type == "boolean_operator":
        operator = node.child_by_field_name("operator")
        sides = [_proves(node.child_by_field_name(side), met, values, depth + 1) for side in ("left", "right")]
        # `a and b` that is met has both; `a or b` that is not met lacks both.
        both = (operator is not None and operator.type == "and") == met
        return any(sides) if both else all(sides)
    said = text(node)
    for name in {text(child) for child in _names(node)}:
        if name in values:
            said += " " + text(values[name])
    return bool(_CREDENTIAL.search(said))


def _names(node: Node) -> list[Node]:
    found: list[Node] = []
    waiting = [node]
    while waiting and len(found) < _MOST_PATHS:
        current = waiting.pop()
        if current.type == "identifier":
            found.append(current)
        waiting += current.named_children
    return found


def _several(node: Node, state: _State, case: Case, depth: int) -> tuple[list[End], list[_State]]:
    """A body that may run or not, or one of several."""
    parts = [part for part in node.named_children if case.handlers or not part.type.startswith("except")]
    blocks = [block for part in parts for block in (part, *part.named_children) if block.type == "block"]
    caught = any(part.type.startswith("except") for part in parts)
    ended: list[End] = []
    # A body may run or not; where errors are caught, a clause runs in its stead.
    going: list[_State] = [] if node.type == "with_statement" or caught else [state]
    for block in blocks:
        proved = state.proved or (caught and block is blocks[0] and bool(_LOOKS_UP.search(text(block))))
        ends, more = _run(block.named_children, replace(state, proved=proved), case, depth)
        ended, going = ended + ends, going + more
    return ended, going


def _assigned(node: Node, values: Values) -> Values:
    inner = node.named_children[0] if node.named_children else None
    if inner is None or inner.type not in ("assignment", "augmented_assignment"):
        return values
    left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
    if left is None or right is None:
        return values
    if inner.type == "assignment" and left.type != "pattern_list":
        return values | {text(left): right}
    # What `allowed |= x` or `a, b = f()` makes of a name is not followed: the statement itself stands for "unknown".
    return values | {text(name): inner for name in (left.named_children if left.type == "pattern_list" else [left])}
