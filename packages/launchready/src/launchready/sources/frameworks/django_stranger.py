"""What a predicate answers when nobody is signed in: a small interpreter over the code of permission checks.

Django gives a request without a login an ``AnonymousUser``: ``is_authenticated``, ``is_staff``, ``is_superuser`` and ``is_active``
are False, ``is_anonymous`` is True, and it has no permissions and no groups (docs.djangoproject.com, ``django.contrib.auth``).
Three values: True, False, and None for what cannot be known from the code.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tree_sitter import Node

from launchready.sources.role_names import rank

DEEPEST = 40
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
_METHOD = re.compile(r"^(?:self\.|view\.)?(?:request\.)?method$")
_ACTION = re.compile(r"^(?:self|view)\.action$")

Values = dict[str, Node]
"""What names were last bound to, on one path through a body."""


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
        return _SIGNED.get(name, False if self.signed == "plain" and rank(name) else None)


def truth(node: Node | None, case: Case, values: Values, depth: int = 0) -> bool | None:
    """Whether an expression is true for a stranger."""
    if node is None or depth > DEEPEST or case.budget.spent():
        return None

    def inner(child: Node | None) -> bool | None:
        return truth(child, case, values, depth + 1)

    match node.type:
        case "true":
            return True
        case "false" | "none":
            return False
        case "string" | "list" | "tuple" | "dictionary" | "set":
            return any(child.type not in ("string_start", "string_end") for child in node.named_children)
        case "integer":
            return text(node) != "0"
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
