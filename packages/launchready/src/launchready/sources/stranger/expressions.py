"""What expressions give on a stranger's walk."""

import re
from collections.abc import Callable
from dataclasses import replace

from launchready.sources.facts.script_values import FUNCTIONS
from launchready.sources.resolver import Resolver
from launchready.sources.stranger.files import CLASSES, Files
from launchready.sources.stranger.names import Frame, Known, Names
from launchready.sources.stranger.syntax import Syntax
from launchready.sources.stranger.values import NOTHING, UNKNOWN, Value, about, compared, const, joined


class Expressions(Names):
    """The reasoning about expressions; that about calls builds on it."""

    def __init__(self, resolver: Resolver, files: Files, mode: str, known: Known) -> None:
        super().__init__(resolver, files, mode, known)
        self._readers: dict[str, Callable[[Syntax, Frame], Value]] = {
            "string": self._string,
            "template_string": self._template,
            "number": self._number,
            "true": lambda _node, _frame: const(True),
            "false": lambda _node, _frame: const(False),
            "null": lambda _node, _frame: NOTHING,
            "undefined": lambda _node, _frame: NOTHING,
            "this": lambda _node, frame: frame.this or UNKNOWN,
            "identifier": self._identifier,
            "object": self._object,
            "array": self._array,
            "unary_expression": self._unary,
            "binary_expression": self._binary,
            "ternary_expression": self._ternary,
            "sequence_expression": self._sequence,
            "assignment_expression": self._assignment,
            "member_expression": self._member,
            "subscript_expression": self._member,
            "new_expression": self.made,
            "call_expression": self.called,
        }

    def called(self, node: Syntax, frame: Frame) -> Value:
        """What a call gives."""
        raise NotImplementedError

    def made(self, node: Syntax, frame: Frame) -> Value:
        """What ``new`` gives."""
        raise NotImplementedError

    def value(self, node: Syntax | None, frame: Frame) -> Value:
        """What an expression gives. Raises :class:`Refused` or :class:`Ended` when the way ends in it."""
        if node is None:
            return NOTHING
        node = node.bare()
        reader = self._readers.get(node.kind)
        if reader is not None:
            return reader(node, frame)
        if node.kind in FUNCTIONS:
            return Value("code", node=node, path=frame.path, scope=frame.scope, this=frame.this, made=frame.owner)
        if node.kind in CLASSES:
            return Value("class", node=node, path=frame.path, scope=frame.scope)
        return UNKNOWN

    def _string(self, node: Syntax, _frame: Frame) -> Value:
        return const(node.text[1:-1])

    def _template(self, node: Syntax, frame: Frame) -> Value:
        for inner in node.named:
            if inner.kind == "template_substitution":
                for one in inner.named:
                    self.value(one, frame)
        return Value("there")

    def _number(self, node: Syntax, _frame: Frame) -> Value:
        text = node.text
        return const(float(text)) if re.fullmatch(r"\d+(?:\.\d+)?", text) else UNKNOWN

    def _identifier(self, node: Syntax, frame: Frame) -> Value:
        name = node.text
        if name == "undefined":
            return NOTHING
        known = frame.scope.find(name)
        return known if known is not None else self.outer(name, node, frame)

    def _object(self, node: Syntax, frame: Frame) -> Value:
        made = Value("thing")
        for child in node.named:
            if child.kind == "pair":
                key = child.get("key")
                made.fields[key.text.strip("'\"") if key else ""] = self.value(child.get("value"), frame)
            elif child.kind == "shorthand_property_identifier":
                made.fields[child.text] = self._identifier(child, frame)
            elif child.kind == "spread_element" and child.named:
                spread = self.value(child.named[0], frame)
                made.fields |= spread.fields
                made.more |= spread.kind not in ("nothing", "empty") and (spread.kind != "thing" or spread.more)
            elif child.kind == "method_definition" and (key := child.get("name")):
                made.fields[key.text] = Value("code", node=child, path=frame.path, scope=frame.scope, this=made)
        return made

    def _array(self, node: Syntax, frame: Frame) -> Value:
        held = [self.value(child, frame) for child in node.named if child.kind != "comment"]
        said = next((found for one in held if (found := about(one))), None)
        return Value(
            "there", said is not None, said.label if said else "", bool(said and said.stored), items=tuple(held)
        )

    def _unary(self, node: Syntax, frame: Frame) -> Value:
        inner = self.value(node.get("argument"), frame)
        sign = (node.get("operator") or node).text
        if sign == "!":
            return (
                Value("unknown", inner.about, inner.label, inner.stored)
                if inner.truth is None
                else const(not inner.truth, inner)
            )
        return UNKNOWN if sign != "typeof" or inner.kind == "unknown" else Value("there")

    def _binary(self, node: Syntax, frame: Frame) -> Value:
        sign = (node.get("operator") or node).text
        left = self.value(node.get("left"), frame)
        if sign in ("&&", "||", "??"):
            goes_on = (
                left.kind == "nothing"
                if sign == "??" and left.truth is not None
                else left.truth
                if sign == "&&"
                else _opposite(left.truth)
            )
            if goes_on is False:
                return left
            right = self.perhaps(node.get("right"), frame) if goes_on is None else self.value(node.get("right"), frame)
            if goes_on:
                return (
                    replace(right, about=True, label=right.label or left.label, stored=right.stored or left.stored)
                    if left.about and right.kind != "class"
                    else right
                )
            said = left if left.about else right
            settled = (sign == "&&" and right.truth is False) or (sign == "||" and right.truth is True)
            return const(bool(right.truth), said) if settled else Value("unknown", said.about, said.label, said.stored)
        right = self.value(node.get("right"), frame)
        if (
            sign == "+"
            and left.kind == right.kind == "const"
            and isinstance(left.const, str)
            and isinstance(right.const, str)
        ):
            return const(left.const + right.const)
        return (
            compared(sign, left, right) if sign in ("===", "==", "!==", "!=", "<", ">", "<=", ">=", "in") else UNKNOWN
        )

    def _ternary(self, node: Syntax, frame: Frame) -> Value:
        test = self.value(node.get("condition"), frame)
        first, second = node.get("consequence"), node.get("alternative")
        if test.truth is not None:
            return self.value(first if test.truth else second, frame)
        return joined(self.perhaps(first, frame), self.perhaps(second, frame))

    def _sequence(self, node: Syntax, frame: Frame) -> Value:
        last = UNKNOWN
        for child in node.named:
            last = self.value(child, frame)
        return last

    def _assignment(self, node: Syntax, frame: Frame) -> Value:
        value = self.value(node.get("right"), frame)
        self.assign(node.get("left"), value, frame)
        return value

    def _member(self, node: Syntax, frame: Frame) -> Value:
        owner = node.get("object")
        if owner is not None and owner.kind == "super":
            return UNKNOWN
        of = self.value(owner, frame)
        if (
            of.kind == "unknown"
            and not of.about
            and re.fullmatch(r"[\w$.]+", node.text)
            and frame.scope.find(node.text.split(".")[0]) is None
        ):
            return self.elsewhere(node.text, frame)
        return self.part(of, self.key(node, frame), frame)


def _opposite(truth: bool | None) -> bool | None:
    return None if truth is None else not truth
