"""What a predicate answers when nobody is signed in: a small interpreter over the code of permission checks.

Django gives a request without a login an ``AnonymousUser``: ``is_authenticated``, ``is_staff``, ``is_superuser`` and ``is_active``
are False, ``is_anonymous`` is True, and it has no permissions and no groups (docs.djangoproject.com, ``django.contrib.auth``).
Three values: True, False, and None for what cannot be known from the code.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser

_MOST_CODE, _MOST_PATHS, _DEEPEST = 20_000, 32, 40
_SAFE = ("GET", "HEAD", "OPTIONS")
_ANONYMOUS: dict[str, bool] = {
    "is_authenticated": False,
    "is_anonymous": True,
    "is_staff": False,
    "is_superuser": False,
    "is_active": False,
    "id": False,
    "pk": False,
    "username": False,
}
_SIGNED: dict[str, bool] = {"is_authenticated": True, "is_anonymous": False, "is_active": True, "id": True, "pk": True}
_USER = re.compile(r"^(?:self\.)?(?:request|req|info\.context)\.user$")
_COMPARES_SECRETS = re.compile(r"(?:^|\.)(?:compare_digest|constant_time_compare)$")
_CREDENTIAL = re.compile(
    r"token|api_?key|authorization|signature|secret|password|jwt|bearer|credential|hmac|auth_?header", re.I
)
_LOOKS_UP = re.compile(
    r"(?:\.get\(|verify|decode|authenticate|check|unsign|loads)[^\n]*(?:token|key|auth|secret|signature|jwt|bearer|credential|session)",
    re.I,
)
_METHOD = re.compile(r"^(?:self\.|view\.)?(?:request\.)?method$")
_ACTION = re.compile(r"^(?:self|view)\.action$")

Values = dict[str, Node]


@dataclass(slots=True)
class Budget:
    """How many steps are left: code made to be endless ends as unknown."""

    left: int = 4_000

    def spent(self) -> bool:
        """Take one step; True when none was left."""
        self.left -= 1
        return self.left < 0


@dataclass(frozen=True, slots=True)
class Case:
    """One request: its method in capitals, the action of a viewset where there is one, and the names that stand for its user.

    ``ask`` answers for calls that lead out of the body. ``signed`` makes it the request of somebody signed in:
    ``plain`` without any role, ``any`` with or without one. ``handlers`` says whether ``except`` clauses are among the ways through. ``record`` is
    ``asked`` when the framework looks up one record and asks about it, ``perhaps`` when code of ours may, else empty.
    ``stops`` says whether a call refuses strangers, so that nothing behind it is reached.
    """

    verb: str
    action: str = ""
    people: frozenset[str] = frozenset()
    ask: Callable[[Node], bool | None] = field(default=lambda call: None)
    signed: str = ""
    handlers: bool = True
    record: str = ""
    stops: Callable[[Node], bool] = field(default=lambda call: False)
    budget: Budget = field(default_factory=Budget, compare=False)

    def of_user(self, name: str) -> bool | None:
        """What an attribute or method of the user says."""
        if not self.signed:
            # AnonymousUser has no other attributes: asking for one raises.
            return _ANONYMOUS.get(name, False)
        return _SIGNED.get(name, False if self.signed == "plain" and name in ("is_staff", "is_superuser") else None)


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
    if depth > _DEEPEST or case.budget.spent():
        return _lost(state)
    match node.type:
        case "return_statement":
            return [_end("return", node, state)], []
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
    met = failed = state
    if known is None and not state.proved:
        met = replace(state, proved=_proves(condition, True, state.values))
        failed = replace(state, proved=_proves(condition, False, state.values))
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
    if node is None or depth > _DEEPEST:
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


def truth(node: Node | None, case: Case, values: Values, depth: int = 0) -> bool | None:
    """Whether an expression is true for a stranger."""
    if node is None or depth > _DEEPEST or case.budget.spent():
        return None

    def inner(child: Node | None) -> bool | None:
        return truth(child, case, values, depth + 1)

    match node.type:
        case "true":
            return True
        case "false" | "none":
            return False
        case "parenthesized_expression" | "await":
            return inner(node.named_children[0]) if node.named_children else None
        case "not_operator":
            value = inner(node.child_by_field_name("argument"))
            return None if value is None else not value
        case "boolean_operator":
            operator = node.child_by_field_name("operator")
            sides = (inner(node.child_by_field_name("left")), inner(node.child_by_field_name("right")))
            decides = operator is not None and operator.type == "or"
            return decides if decides in sides else None if None in sides else not decides
        case "conditional_expression" if len(node.named_children) == 3:
            then, condition, other = node.named_children
            known = inner(condition)
            return inner(then) if known else inner(other) if known is False else _same(inner(then), inner(other))
        case "identifier" if text(node) in values:
            return truth(values[text(node)], case, {k: v for k, v in values.items() if k != text(node)}, depth + 1)
        case "identifier" | "attribute":
            return _named(node, case, values)
        case "comparison_operator":
            return _compared(node, case, values)
        case "call":
            return _called(node, case, values, depth)
    return None


def _same(one: bool | None, other: bool | None) -> bool | None:
    return one if one == other else None


def _is_user(node: Node | None, case: Case, values: Values) -> bool:
    if node is None:
        return False
    name = text(node)
    if name in values and name not in case.people:
        return values[name] is not node and _is_user(values[name], case, {k: v for k, v in values.items() if k != name})
    return bool(_USER.match(name)) or name in case.people


def _of_user(node: Node | None, case: Case, values: Values) -> bool:
    """Whether a chain of attributes, calls and keys starts at the user: ``user.groups.filter(name="x").exists()``."""
    while node is not None:
        if node.type in ("attribute", "subscript"):
            node = node.child_by_field_name("object" if node.type == "attribute" else "value")
        elif node.type == "call":
            function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
            if function is not None and text(function) == "getattr" and given is not None and given.named_children:
                node = given.named_children[0]
            else:
                node = function
        elif node.type == "identifier" and text(node) in values and text(node) not in case.people:
            name = text(node)
            node, values = values[name], {k: v for k, v in values.items() if k != name}
        else:
            return False
        if _is_user(node, case, values):
            return True
    return False


def _named(node: Node, case: Case, values: Values) -> bool | None:
    if _is_user(node, case, values):
        return True
    owner = node.child_by_field_name("object")
    if _is_user(owner, case, values):
        return case.of_user(text(node).rsplit(".", 1)[-1])
    if _of_user(node, case, values) or text(node) in ("request.auth", "self.request.auth"):
        return None if case.signed else False
    return None


def _compared(node: Node, case: Case, values: Values) -> bool | None:
    if len(node.named_children) != 2:
        return None
    left, right = node.named_children
    operator = " ".join(child.type for child in node.children if child not in (left, right))
    positive, negative = operator in ("==", "in", "is"), operator in ("!=", "not in", "is not")
    if not positive and not negative:
        return None
    for one, other in ((left, right), (right, left)):
        known: bool | None = None
        name = text(one)
        if _METHOD.match(name) or (_ACTION.match(name) and case.action):
            known = _among(case.verb if _METHOD.match(name) else case.action, other, values)
        elif _is_user(one, case, values):
            known = None if case.signed else False
        elif case.signed:
            continue
        elif re.search(r"\.(?:id|pk)$", name) and _is_user(one.child_by_field_name("object"), case, values):
            known = False if other.type != "none" else None
        elif _of_user(one, case, values) and positive and other.type not in ("none", "false", "integer"):
            known = False if other.type != "string" or _literal(other) else None
        if known is not None:
            return known if positive else not known
    return None


def _among(word: str, node: Node, values: Values) -> bool | None:
    if text(node).rsplit(".", 1)[-1] == "SAFE_METHODS":
        return word in _SAFE
    node = values.get(text(node), node)
    if node.type == "string":
        return word.lower() == _literal(node).lower()
    if node.type in ("list", "tuple", "set") and all(child.type == "string" for child in node.named_children):
        return word.lower() in [_literal(child).lower() for child in node.named_children]
    return None


def _called(node: Node, case: Case, values: Values, depth: int) -> bool | None:
    function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or given is None:
        return None
    name, items = text(function), given.named_children
    if _of_user(function, case, values):
        # Old style: is_authenticated() and is_anonymous() were methods before Django 1.10.
        if case.signed == "plain" and re.search(r"\.groups\b|\.has_(?:module_)?perms?$", name):
            return False
        return case.of_user(name.rsplit(".", 1)[-1])
    if name == "bool" and len(items) == 1:
        return truth(items[0], case, values, depth + 1)
    if name in ("all", "any") and len(items) == 1 and items[0].type in ("list", "tuple", "set"):
        known = [truth(item, case, values, depth + 1) for item in items[0].named_children]
        decides = name == "any"
        return decides if decides in known else None if None in known else not decides
    if name == "isinstance" and len(items) == 2 and _is_user(items[0], case, values):
        return text(items[1]).endswith("AnonymousUser")
    if name in ("hasattr", "getattr") and items and _is_user(items[0], case, values):
        return case.of_user(_literal(items[1])) if len(items) > 1 else None
    if not case.signed and (_COMPARES_SECRETS.search(name) or _looks_up_user(node, case, values)):
        return False
    return case.ask(node)


def _looks_up_user(node: Node | None, case: Case, values: Values) -> bool:
    """``Member.objects.filter(user=request.user).exists()``: with an ``AnonymousUser`` Django raises ``TypeError``."""
    while node is not None and node.type in ("call", "attribute"):
        if node.type == "attribute":
            node = node.child_by_field_name("object")
            continue
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        wanted = given.named_children if given is not None and function is not None else []
        if function is not None and text(function).endswith((".filter", ".get")):
            for item in wanted:
                if item.type == "keyword_argument" and _is_user(item.child_by_field_name("value"), case, values):
                    return True
        node = function
    return False


def _literal(node: Node) -> str:
    return "".join(text(child) for child in node.named_children if child.type == "string_content")


def text(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode("utf-8", "replace")
