"""Whom a middleware of Python lets pass on to a path: its statements are followed as for a stranger, who brings nothing.

``if request.url.path in PUBLIC: return await call_next(request)`` opens some paths, and what refuses below it keeps the others. A
condition is true, false or about something else; where both ways of the latter do not end alike, nothing is said.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import tree_sitter_python
from tree_sitter import Language, Node, Parser

from launchready.sources.refusals import REFUSES

_PASSES = re.compile(r"\bcall_next\(")
_PATH = re.compile(r"\b(?:url|scope)\b[^()]*\bpath\b|\brequest\.path\b|\.url\.path\b|\[[\"']path[\"']\]")
_BELOW = re.compile(r"root_path|removeprefix")
_BROUGHT = re.compile(r"\b(?:headers|cookies|query_params|session)\.get\(|^getattr\(\s*request\.state\b")
_METHOD = re.compile(r"^(?:request\.method|scope\[[\"']method[\"']\])(?:\.upper\(\))?$")
_ASKS = re.compile(r"\bawait\b|\(\s*request\b(?!\.)")
_DEEPEST = 24


@dataclass(frozen=True, slots=True)
class _Nothing:
    """What a stranger brings (``brought``), and ``None``."""

    brought: bool = field(default=False, compare=False)


Value = str | _Nothing | tuple[str, ...] | None
# Texts that a name of the file stands for; None when that is not known.
Names = Callable[[str], "tuple[str, ...] | str | None"]
_PARSER = Language(tree_sitter_python.language())


@dataclass(slots=True)
class Passage:
    """The body of a middleware. ``names`` knows constants around it."""

    code: str
    names: Names
    _body: Node | None = field(init=False)

    def __post_init__(self) -> None:
        self._body = _parsed(self.code)

    def ends(self, method: str, path: str, below: str) -> str:
        """``refuses`` or ``passes`` when that is sure for a stranger; else empty. ``below`` is the path under the app's own mount."""
        if self._body is None:
            return ""
        walk = _Walk(method, re.sub(r"\{[^{}]*\}", "x", path), re.sub(r"\{[^{}]*\}", "x", below), self.names, {})
        end = walk.block(self._body.named_children, 0)
        return end if end == "refuses" or (end == "passes" and walk.by_path) else ""


@dataclass(slots=True)
class _Walk:
    method: str
    path: str
    below: str
    names: Names
    bound: dict[str, Value]
    # Whether it was the path that let the request pass, and nothing before it may have refused.
    by_path: bool = False
    asked: bool = False

    def block(self, nodes: Sequence[Node], depth: int) -> str:
        """How some statements end: ``refuses``, ``passes``, ``perhaps``, or empty when they go on below."""
        for node in nodes:
            if end := self._statement(node, depth):
                return end
        return ""

    def _statement(self, node: Node, depth: int) -> str:
        if depth > _DEEPEST:
            return "perhaps"
        match node.type:
            case "return_statement" | "raise_statement":
                said = _text(node)
                return "refuses" if REFUSES.search(said) else "passes" if _PASSES.search(said) else "perhaps"
            case "if_statement":
                return self._branches(node, depth)
            case "try_statement":
                body = node.child_by_field_name("body")
                return self.block(body.named_children, depth + 1) if body is not None else "perhaps"
            case "with_statement" | "block":
                inner = node.child_by_field_name("body") or node
                return self.block(inner.named_children, depth + 1)
            case "expression_statement":
                return self._expression(node)
            case "for_statement" | "while_statement" | "match_statement":
                return "perhaps" if re.search(r"\breturn\b|\braise\b", _text(node)) else ""
        return ""

    def _expression(self, node: Node) -> str:
        inner = node.named_children[0] if node.named_children else node
        # verify(request): what it is handed to may refuse by raising.
        self.asked = self.asked or bool(_ASKS.search(_text(inner)) and not _PASSES.search(_text(inner)))
        if inner.type == "assignment":
            left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
            if left is not None and right is not None:
                self.bound[_text(left)] = self._value(right, 0)
            if right is not None and _PASSES.search(_text(right)):
                return "passes"
        return ""

    def _branches(self, node: Node, depth: int) -> str:
        """The one branch that is taken, or what all that may be taken have in common."""
        ends: list[str] = []
        arms = [node, *(child for child in node.children if child.type == "elif_clause")]
        for arm in arms:
            asked, body = arm.child_by_field_name("condition"), arm.child_by_field_name("consequence")
            holds = self._truth(asked, 0) if asked is not None else None
            if holds is not False and body is not None:
                end = self.block(body.named_children, depth + 1)
                if holds and asked is not None and not ends:
                    self.by_path = end == "passes" and not self.asked and self._about_path(asked)
                ends.append(end)
            if holds:
                return _common(ends)
        last = next((child.child_by_field_name("body") for child in node.children if child.type == "else_clause"), None)
        ends.append(self.block(last.named_children, depth + 1) if last is not None else "")
        return _common(ends)

    def _about_path(self, node: Node) -> bool:
        names = re.findall(r"\b[A-Za-z_]\w*\b", _text(node))
        known = (self.path, self.below)
        return bool(_PATH.search(_text(node))) or any(self.bound.get(name) in known for name in names)

    def _truth(self, node: Node, depth: int) -> bool | None:
        if depth > _DEEPEST:
            return None
        match node.type:
            case "parenthesized_expression" if node.named_children:
                return self._truth(node.named_children[0], depth + 1)
            case "not_operator":
                inner = self._truth(node.named_children[-1], depth + 1)
                return None if inner is None else not inner
            case "boolean_operator":
                left, right = (self._truth(one, depth + 1) for one in (node.named_children[0], node.named_children[-1]))
                if any(child.type == "and" for child in node.children):
                    return False if False in (left, right) else True if left and right else None
                return True if True in (left, right) else False if (left, right) == (False, False) else None
            case "comparison_operator" if len(node.named_children) == 2:
                return self._compared(node, depth)
            case "call":
                return self._called(node, depth)
            case "true" | "false":
                return node.type == "true"
        value = self._value(node, depth + 1)
        return False if isinstance(value, _Nothing) or value == "" else True if isinstance(value, str) else None

    def _compared(self, node: Node, depth: int) -> bool | None:
        left, right = (self._value(one, depth + 1) for one in node.named_children)
        sign = " ".join(child.type for child in node.children if not child.is_named)
        if left is None or right is None:
            # Nothing is not the key that is asked for, whatever that is.
            known = right if left is None else left
            missing = isinstance(known, _Nothing) and known.brought and sign in ("==", "!=")
            return sign == "!=" if missing else None
        if isinstance(right, tuple):
            inside = isinstance(left, str) and left in right
            return inside if sign == "in" else not inside if sign == "not in" else None
        if sign in ("==", "is", "!=", "is not", "not is"):
            return (left == right) is (sign in ("==", "is"))
        return None

    def _called(self, node: Node, depth: int) -> bool | None:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return None
        if _text(function) == "any" and arguments.type == "generator_expression":
            return self._any(arguments, depth)
        method = _text(function).rpartition(".")[2]
        owner = function.child_by_field_name("object")
        if method not in ("startswith", "endswith") or owner is None or not arguments.named_children:
            return self._truth_of_value(node, depth)
        value, wanted = self._value(owner, depth + 1), self._value(arguments.named_children[0], depth + 1)
        if not isinstance(value, str) or wanted is None or isinstance(wanted, _Nothing):
            return None
        ends = (wanted,) if isinstance(wanted, str) else wanted
        return value.startswith(ends) if method == "startswith" else value.endswith(ends)

    def _truth_of_value(self, node: Node, depth: int) -> bool | None:
        value = self._value(node, depth + 1)
        return False if isinstance(value, _Nothing) or value == "" else None

    def _any(self, node: Node, depth: int) -> bool | None:
        """``any(path.startswith(one) for one in PUBLIC)``"""
        clause = next((child for child in node.named_children if child.type == "for_in_clause"), None)
        left, right = (clause.child_by_field_name(name) if clause else None for name in ("left", "right"))
        series = self._value(right, depth + 1) if right is not None else None
        if left is None or not isinstance(series, tuple):
            return None
        found: list[bool | None] = []
        for one in series:
            self.bound[_text(left)] = one
            found.append(self._truth(node.named_children[0], depth + 1))
        return True if True in found else None if None in found else False

    def _value(self, node: Node, depth: int) -> Value:
        text = _text(node)
        if depth > _DEEPEST:
            return None
        match node.type:
            case "string":
                return None if "{" in text else text.strip("rbuRBU").strip("\"'")
            case "none":
                return _Nothing()
            case "list" | "tuple" | "set":
                parts = [self._value(child, depth + 1) for child in node.named_children if child.type != "comment"]
                texts = [part for part in parts if isinstance(part, str)]
                return tuple(texts) if len(texts) == len(parts) else None
            case "identifier":
                return self.bound[text] if text in self.bound else self.names(text)
            case "await" | "parenthesized_expression" if node.named_children:
                return self._value(node.named_children[0], depth + 1)
        if _METHOD.match(text):
            return self.method
        if node.type in ("call", "attribute", "subscript"):
            if _BROUGHT.search(text):
                return self._brought(node, depth)
            if _PATH.search(text):
                return self.below if _BELOW.search(text) else self.path
        return self.names(text) if node.type == "attribute" else None

    def _brought(self, node: Node, depth: int) -> Value:
        """What a stranger brings is what is taken when nothing is there."""
        arguments = node.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else []
        last = given[-1] if len(given) in (2, 3) and given[-1].type != "identifier" else None
        value = self._value(last, depth + 1) if last is not None else None
        return value if isinstance(value, str) else _Nothing(brought=True)


def _common(ends: list[str]) -> str:
    return ends[0] if len(set(ends)) == 1 else "perhaps"


def _parsed(code: str) -> Node | None:
    """The block that a body without its first indentation is."""
    for indent in _indents(code):
        root = Parser(_PARSER).parse(f"def f():\n{' ' * indent}{code}\n".encode()).root_node
        if not root.has_error and root.named_children:
            return root.named_children[0].child_by_field_name("body")
    return None


def _indents(code: str) -> Iterator[int]:
    found = sorted({len(line) - len(line.lstrip()) for line in code.splitlines()[1:] if line.strip()})
    least = found[0] if found else 4
    yield from (indent for indent in (least, least - 4, least - 2, least - 3, 4) if indent > 0)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
