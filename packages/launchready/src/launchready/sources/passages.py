"""Whom a hook of Python lets pass on to an address: its statements are followed as for a stranger, who brings nothing.

``if request.url.path in PUBLIC: return await call_next(request)`` opens some paths, and what refuses below it keeps the others. A condition
is true, false or about something else; where the ways of the latter do not end alike, nothing is said. Hooks of Flask pass by returning nothing,
middleware by calling what is behind it. Helpers of the tree are gone through as well.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from launchready.sources.call_names import DECIDES
from launchready.sources.facts.shape import Function
from launchready.sources.passage_bodies import Bodies, text_of
from launchready.sources.passage_names import Scope
from launchready.sources.passage_values import Arguments, Asked, Denial, Nothing, Seen, Value, Values
from launchready.sources.refusals import REFUSES, refuses

_PASSES = re.compile(r"\bcall_next\(|\bget_response\(")
_STOPS = re.compile(r"^(?:\w+\.)?abort\(")
_SENDS_ON = re.compile(r"\b(?:redirect\w*|RedirectResponse|HttpResponseRedirect)\(")
_ASKS = re.compile(r"\bawait\b|\(\s*request\b(?!\.)")
_ENDS = re.compile(r"\breturn\b|\braise\b|\babort\(")
# Everybody's forms carry the token that is asked for here.
_OF_FORMS = re.compile(r"csrf|xsrf", re.I)
_PARAMETER = re.compile(r"\{[^{}]*\}")
_NAME = re.compile(r"\{(\w+)")
# What may stand in an address where a parameter is: a name, a number, ids as databases and libraries make them.
_SAMPLES = ("x", "1", "3f2b8c1e-90ab-4cde-8f01-23456789abcd", "65f0c0ffee65f0c0ffee65f0", "2024-05-31")
_DEEPEST = 24
_HOPS = 3
_MOST = 200
# How statements may end. What is raised may be caught; who is sent on, or gets another error, was not told that it is for members, and may
# come again in another way. Empty is when they go on below.
_REFUSED, _RAISED, _PASSED, _PERHAPS, _SENT, _THROWN = "refuses", "raises", "passes", "perhaps", "sent on", "throws"
_GIVEN, _LEFT, _NEXT = "given", "break", "continue"
_NO = {_REFUSED, _RAISED}


@dataclass(slots=True)
class Passage:
    """The body of a hook, in the file that ``scope`` is. ``returns`` says that it lets pass by returning nothing. ``given`` are the names under which
    it gets that of the view and what the address holds, where it does."""

    code: str
    scope: Scope
    returns: bool = False
    given: tuple[str, ...] = ()
    _bodies: Bodies = field(init=False, default_factory=Bodies)
    # Many routes have one address, and what stands before them is asked for each.
    _ended: dict[Asked, str] = field(init=False, default_factory=dict)

    def ends(self, asked: Asked) -> str:
        """``refuses`` or ``passes`` when that is sure for a stranger; else empty."""
        if asked not in self._ended:
            self._ended[asked] = self._ends(asked)
        return self._ended[asked]

    def _ends(self, asked: Asked) -> str:
        body = self._bodies[self.code]
        if body is None:
            return ""
        end, pattern = self._end(body, asked, "x")
        if end and pattern and "{" in asked.path:
            # A pattern may want a number where another wants a name.
            ends = {end, *(self._end(body, asked, one)[0] for one in _SAMPLES[1:])}
            return end if len(ends) == 1 else ""
        return end

    def _end(self, body: Node, asked: Asked, sample: str) -> tuple[str, bool]:
        path, below = (_PARAMETER.sub(sample, one) for one in (asked.path, asked.below))
        seen, held = Seen(self._bodies), Arguments(tuple(_NAME.findall(asked.path)), sample)
        walk = Walk(replace(asked, path=path, below=below, arguments=held), self.scope, seen, returns=self.returns)
        walk.values.bound |= dict(zip(self.given, (asked.endpoint, held), strict=False))
        walk.values.of_address |= set(self.given)
        ends = walk.block(body.named_children, 0)
        if "" in ends:
            ends = (ends - {""}) | {walk.passed() if self.returns else _PERHAPS}
        if ends & _NO and ends <= {*_NO, _SENT, _THROWN}:
            return _REFUSED, seen.pattern
        return (_PASSED if ends == {_PASSED} else ""), seen.pattern


class Walk:
    """Goes through the statements of one body for one request. ``helper`` is one whose value is wanted, ``hops`` how many more to go into."""

    def __init__(
        self, asked: Asked, scope: Scope, seen: Seen, *, returns: bool, helper: bool = False, hops: int = _HOPS
    ) -> None:
        self._asked, self._scope, self._seen = asked, scope, seen
        self._returns, self._helper, self._hops = returns, helper, hops
        self.values = Values(asked, scope, seen, self._answer, {})
        self.given: list[Value] = []
        # Whether this place is reached for want of a session.
        self._for_strangers = False
        # What names hold where the loops around are left, and where they go round.
        self._loops: list[dict[str, list[dict[str, Value]]]] = []

    def passed(self) -> str:
        """How it ends where it lets pass: surely, when the address decided so and nobody else was asked before."""
        return _PASSED if self._seen.decided and not self._seen.elsewhere else _PERHAPS

    def block(self, nodes: Sequence[Node], depth: int) -> set[str]:
        """How some statements may end; with an empty text where they may go on below."""
        ends: set[str] = set()
        for node in nodes:
            here = self._statement(node, depth) if depth <= _DEEPEST else {_PERHAPS}
            ends |= here - {""}
            if "" not in here:
                return ends
        return ends | {""}

    def _statement(self, node: Node, depth: int) -> set[str]:
        match node.type:
            case "return_statement":
                return {self._returned(node)}
            case "raise_statement":
                return {_RAISED if REFUSES.search(text_of(node)) else _THROWN}
            case "break_statement" | "continue_statement" if self._loops:
                how = _LEFT if node.type == "break_statement" else _NEXT
                self._loops[-1][how].append(self.values.bound)
                return {how}
            case "if_statement":
                return self._branches(node, depth)
            case "try_statement":
                return self._tried(node, depth)
            case "with_statement" | "block":
                inner = node.child_by_field_name("body") or node
                return self.block(inner.named_children, depth + 1)
            case "expression_statement":
                return self._expression(node)
            case "for_statement":
                return self._loop(node, depth)
            case "while_statement" | "match_statement":
                return {_PERHAPS, ""} if _ENDS.search(text_of(node)) else {""}
        return {""}

    def _returned(self, node: Node) -> str:
        said, inner = text_of(node), node.named_children
        if self._helper:
            denied = REFUSES.search(said) is not None
            self.given.append(Denial() if denied else self.values.value(inner[0]) if inner else Nothing())
            return _GIVEN
        if REFUSES.search(said):
            return _REFUSED
        if not self._returns:
            return self.passed() if _PASSES.search(said) else self._sent_on(said)
        value = self.values.value(inner[0]) if inner else Nothing()
        if isinstance(value, Nothing):
            return self.passed()
        if isinstance(value, Denial):
            return _REFUSED
        return self._sent_on(said) if _SENDS_ON.search(said) else self._refusal_of(inner[0])

    def _sent_on(self, said: str) -> str:
        """Who is sent somewhere for want of a session is refused, wherever that is."""
        return _PERHAPS if not _SENDS_ON.search(said) else _REFUSED if self._for_strangers else _SENT

    def _refusal_of(self, node: Node) -> str:
        """``return denied("…")``, whose body says 401."""
        name = node.child_by_field_name("function") if node.type == "call" else None
        helper = self._scope.function(text_of(name)) if name is not None else None
        return _REFUSED if helper is not None and refuses(helper[1].code) else _PERHAPS

    def _expression(self, node: Node) -> set[str]:
        inner = node.named_children[0] if node.named_children else node
        said = text_of(inner)
        if inner.type == "assignment":
            return self._assigned(inner)
        if _STOPS.match(said) or REFUSES.match(said):
            return {_RAISED if REFUSES.match(said) else _THROWN}
        name = inner.child_by_field_name("function") if inner.type == "call" else None
        helper = self._scope.function(text_of(name)) if name is not None and self._hops else None
        if helper is not None:
            return self._called(*helper)
        # verify(request), gate.require_login(): it may refuse by raising.
        decides = name is not None and DECIDES.search(text_of(name).rpartition(".")[2])
        asks = _ASKS.search(said) and not _PASSES.search(said)
        self._seen.elsewhere = self._seen.elsewhere or bool(decides or asks)
        return {""}

    def _assigned(self, node: Node) -> set[str]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return {""}
        said = text_of(right)
        if not self._returns and _PASSES.search(said):
            return {self.passed()}
        if right.type == "await" and _ASKS.search(said):
            self._seen.elsewhere = True
        outer, held = self._seen.address, self._seen.session
        self._seen.address = self._seen.session = False
        value = self.values.value(right)
        for one in left.named_children if left.type in ("pattern_list", "tuple_pattern") else [left]:
            self.values.bound[text_of(one)] = value if one is left else None
            for known, names in (
                (self._seen.address, self.values.of_address),
                (self._seen.session, self.values.of_session),
                (_OF_FORMS.search(said), self.values.of_forms),
            ):
                if known:
                    names.add(text_of(one))
        self._seen.address, self._seen.session = self._seen.address or outer, self._seen.session or held
        return {""}

    def _called(self, scope: Scope, function: Function) -> set[str]:
        """A helper that stands alone: whether it lets nobody on, everybody, or some."""
        body = self._seen.bodies[function.code]
        if body is None:
            return {""}
        inner = Walk(self._asked, scope, self._seen, returns=True, helper=True, hops=self._hops - 1)
        ends = inner.block(body.named_children, 0)
        if ends <= _NO:
            return {_RAISED}
        self._seen.elsewhere = self._seen.elsewhere or bool(ends - {"", _GIVEN})
        return {""}

    def _answer(self, scope: Scope, function: Function, given: Sequence[Value]) -> Value:
        """What a helper gives back."""
        body = self._seen.bodies[function.code] if self._hops else None
        if body is None:
            return None
        inner = Walk(self._asked, scope, self._seen, returns=True, helper=True, hops=self._hops - 1)
        names = [one.name for one in function.params if one.name not in ("self", "cls")]
        inner.values.bound |= dict(zip(names, given, strict=False))
        inner.values.of_address |= set(names) if self._seen.address else set()
        ends = inner.block(body.named_children, 0)
        found = [*inner.given, *([Nothing()] if "" in ends else [])]
        if ends - {"", _GIVEN}:
            self._seen.elsewhere = True
            return None
        if not found or None in found:
            return None
        if all(one == found[0] for one in found):
            return found[0]
        truths = {bool(one) for one in found}
        return truths.pop() if len(truths) == 1 else None

    def _branches(self, node: Node, depth: int) -> set[str]:
        """What the branches may come to that are not ruled out; names keep what all of them left them."""
        ends: set[str] = set()
        left: list[dict[str, Value]] = []
        arms = [node, *(child for child in node.children if child.type == "elif_clause")]
        otherwise = next((child for child in node.children if child.type == "else_clause"), None)
        for arm in arms:
            asked, body = arm.child_by_field_name("condition"), arm.child_by_field_name("consequence")
            outer, held = self._seen.address, self._seen.session
            self._seen.address = self._seen.session = False
            of_forms = asked is None or self._of_forms(text_of(asked))
            holds = False if of_forms else self.values.truth(asked) if asked is not None else None
            strangers = holds is True and self._seen.session
            self._seen.session = self._seen.session or held
            self._seen.decided = self._seen.decided or (holds is not None and self._seen.address)
            self._seen.address = self._seen.address or outer
            if holds is False or body is None:
                if body is not None and asked is not None and not of_forms and self.values.would_hold(asked):
                    ends |= self._for_who_sends(body, depth)
                continue
            before, self._for_strangers = self._for_strangers, self._for_strangers or strangers
            ends |= self._arm(body, depth, left)
            self._for_strangers = before
            if holds:
                break
        else:
            last = otherwise.child_by_field_name("body") if otherwise is not None else None
            if last is not None:
                ends |= self._arm(last, depth, left)
            else:
                left.append(self.values.bound)
        if left:
            self.values.bound = _agreed(left)
        return (ends - {""}) | ({""} if left else set())

    def _of_forms(self, condition: str) -> bool:
        return bool(_OF_FORMS.search(condition)) or any(
            re.search(rf"\b{re.escape(name)}\b", condition) for name in self.values.of_forms
        )

    def _for_who_sends(self, body: Node, depth: int) -> set[str]:
        """``if request.headers.get("x-from-inside"): return None`` lets on whoever sends that, where nothing below refuses."""
        ends = self._arm(body, depth, [])
        return {_PERHAPS} if ends & {_PASSED, _PERHAPS} and not ends & _NO else set()

    def _arm(self, body: Node, depth: int, left: list[dict[str, Value]]) -> set[str]:
        before = self.values.bound
        self.values.bound = dict(before)
        ends = self.block(body.named_children, depth + 1)
        if "" in ends:
            left.append(self.values.bound)
        self.values.bound = before
        return ends

    def _tried(self, node: Node, depth: int) -> set[str]:
        """What is tried, or what is done when it fails: raised by the body itself, or by something it called."""
        body, left = node.child_by_field_name("body"), list[dict[str, Value]]()
        ends = self._arm(body, depth, left) if body is not None else {_PERHAPS}
        if "" in ends and (more := next((one for one in node.children if one.type == "else_clause"), None)):
            self.values.bound, left = left[0], []
            inner = more.child_by_field_name("body")
            ends = (ends - {""}) | (self._arm(inner, depth, left) if inner is not None else {""})
        handled: set[str] = set()
        for one in node.children if ends & {"", _RAISED, _THROWN} else ():
            block = next((child for child in one.named_children if child.type == "block"), None)
            if one.type in ("except_clause", "except_group_clause") and block is not None:
                handled |= self._arm(block, depth, left)
        if handled:
            # A handler may be for other errors than what refuses.
            ends = (ends - {_RAISED, _THROWN}) | handled | ({_REFUSED} if _RAISED in ends else set())
        if left:
            self.values.bound = _agreed(left)
        return ends

    def _loop(self, node: Node, depth: int) -> set[str]:
        """``for prefix in OPEN: if path.startswith(prefix): return`` is gone through for each; what is not known, once."""
        left, right, body = (node.child_by_field_name(name) for name in ("left", "right", "body"))
        series = self.values.value(right) if right is not None else None
        if left is None or body is None:
            return {""}
        known = series if isinstance(series, tuple) and len(series) <= _MOST and left.type == "identifier" else None
        names = [left] if left.type == "identifier" else left.named_children
        ends: set[str] = set()
        after: list[dict[str, Value]] = [] if known is not None else [self.values.bound]
        for one in known if known is not None else (None,):
            self._loops.append({_LEFT: after, _NEXT: []})
            self.values.bound = self.values.bound | {text_of(name): one for name in names}
            here = self.block(body.named_children, depth + 1)
            round_again = self._loops.pop()[_NEXT] + ([self.values.bound] if "" in here else [])
            ends |= here - {"", _LEFT, _NEXT}
            if not round_again:
                break
            self.values.bound = _agreed(round_again)
        else:
            after.append(self.values.bound)
        if after:
            self.values.bound = _agreed(after)
        otherwise = any(one.type == "else_clause" and _ENDS.search(text_of(one)) for one in node.children)
        return ends | ({_PERHAPS} if otherwise else set()) | ({""} if after else set())


def _agreed(states: list[dict[str, Value]]) -> dict[str, Value]:
    """What names hold whichever way was gone; a name that some ways gave another value holds nothing that is known."""
    names = {name for state in states for name in state}
    return {
        name: states[0].get(name) if all(name in one and one[name] == states[0].get(name) for one in states) else None
        for name in names
    }
