"""What names stand for on a stranger's walk: given on the way, declared around, part of something, or in another file."""

import contextlib
from dataclasses import dataclass, field, replace

from launchready.model.surface import Span
from launchready.sources.resolver import Resolver
from launchready.sources.stranger.denials import refuses
from launchready.sources.stranger.files import CLASSES, Files, base, members
from launchready.sources.stranger.requests import identity, member
from launchready.sources.stranger.syntax import Syntax
from launchready.sources.stranger.values import (
    UNKNOWN,
    Scope,
    Value,
    joined,
    options,
)

# How long a way may be: calls within calls, and calls in all.
DEEPEST, MOST = 14, 1500
# Further out than any run.
NEVER = 1_000_000


class Refused(Exception):
    """The way ends in a refusal: ``chain`` leads to it, ``by`` is what of the caller decided."""

    def __init__(self, chain: tuple[Span, ...], by: Value) -> None:
        super().__init__()
        self.chain, self.by = chain, by


class Ended(Exception):
    """The way ends in an error that refuses nobody."""


@dataclass(slots=True)
class Frame:
    """One run of a function. ``decided`` is what of the caller was asked last, ``came_by`` the denial that a ``catch`` holds."""

    path: str
    scope: Scope
    owner: Value | None = None
    this: Value | None = None
    decided: Value | None = None
    refused: list[Refused] = field(default_factory=list)
    returned: list[Value] = field(default_factory=list)
    depth: int = 0
    # How many calls ago the way left what has to do with the caller.
    idle: int = 0


@dataclass(slots=True)
class Known:
    """What the walks through one tree in one mode have found out: the values of names that stand in files, whether an error refuses, and
    what calls came to."""

    bound: dict[int, Value] = field(default_factory=dict)
    names: dict[tuple[str, str], Value] = field(default_factory=dict)
    denials: dict[int, bool] = field(default_factory=dict)
    runs: dict[object, Value | Refused | None] = field(default_factory=dict)
    made: dict[object, Value] = field(default_factory=dict)


class Names:
    """The reasoning about names; that about expressions, calls and statements builds on it."""

    def __init__(self, resolver: Resolver, files: Files, mode: str, known: Known) -> None:
        self.resolver, self.files, self.mode, self.known = resolver, files, mode, known
        self.passed: list[dict[str, Value]] = []
        self.identities: set[str] = set()
        self.request: Value | None = None
        self._left = MOST
        self._open: dict[tuple[int, bool], int] = {}
        # The outermost run that a call came back to, or -1 when the way was too long: what lies between is only half known.
        self._back = NEVER

    def value(self, node: Syntax | None, frame: Frame) -> Value:
        """What an expression gives. Raises :class:`Refused` or :class:`Ended` when the way ends in it."""
        raise NotImplementedError

    def perhaps(self, node: Syntax | None, frame: Frame) -> Value:
        """An expression that may not be asked at all: a refusal in it keeps nobody out."""
        try:
            return self.value(node, frame)
        except (Refused, Ended):
            return UNKNOWN

    def call(self, target: Value, given: list[Value], frame: Frame, at: Syntax) -> Value:
        """Follow a call of a function."""
        raise NotImplementedError

    def denies(self, node: Syntax, frame: Frame) -> bool:
        """Whether an error that is made refuses."""
        if node.id not in self.known.denials:
            self.known.denials[node.id] = refuses(self.resolver, frame.path, node)
        return self.known.denials[node.id]

    def span(self, node: Syntax, frame: Frame, what: str) -> Span:
        """A place on the way."""
        return Span(frame.path, node.line, what)

    def outer(self, name: str, node: Syntax, frame: Frame) -> Value:
        """What a name stands for that was not given on the way: declared around, or in another file."""
        bound = self.known.bound
        if node.id not in bound:
            declared = self.files.declared(frame.path, name, node)
            found = self._declared(declared, frame.path, frame) if declared is not None else self.elsewhere(name, frame)
            if self._left <= 0 or frame.depth >= DEEPEST:
                return found
            bound[node.id] = found
        return bound[node.id]

    def elsewhere(self, dotted: str, frame: Frame) -> Value:
        """What a name stands for in another file."""
        key = (frame.path, dotted)
        if key not in self.known.names:
            self.known.names[key] = self._elsewhere(dotted, frame)
        return self.known.names[key]

    def _elsewhere(self, dotted: str, frame: Frame) -> Value:
        found = self.resolver.find(frame.path, dotted)
        if found is None or found.outside:
            return UNKNOWN
        if found.function is not None:
            there = self.files.node(found.path, found.function)
            kind = "class" if found.function.is_class else "code"
            return Value(kind, node=there, path=found.path, scope=Scope()) if there is not None else UNKNOWN
        if found.binding is not None and found.path != frame.path:
            node = self.files.bound(found.path, found.binding.name, found.binding.line)
            return self._first(node, found.path, frame) if node is not None else UNKNOWN
        return UNKNOWN

    def _declared(self, node: Syntax, path: str, frame: Frame) -> Value:
        if node.kind == "variable_declarator":
            value = node.get("value")
            if value is not None and value.text.startswith("require("):
                return self.elsewhere((node.get("name") or node).text, frame)
            return self._first(value, path, frame)
        return Value("class" if node.kind in CLASSES else "code", node=node, path=path, scope=Scope())

    def _first(self, node: Syntax | None, path: str, frame: Frame) -> Value:
        """The value that a name is declared with, outside of the way."""
        if node is None or self._left <= 0:
            return UNKNOWN
        while (inner := node.bare()).kind == "assignment_expression" and inner.get("right"):
            node = inner.get("right") or inner
        bound = self.known.bound
        if node.id not in bound:
            bound[node.id] = UNKNOWN
            with contextlib.suppress(Refused, Ended):
                bound[node.id] = self.value(node, Frame(path, Scope(), depth=frame.depth + 1))
        return bound[node.id]

    def assign(self, target: Syntax | None, value: Value, frame: Frame) -> None:
        """Give what stands on the left of ``=`` a value."""
        if target is None:
            return
        target = target.bare()
        if target.kind == "identifier":
            frame.scope.put(target.text, value)
        elif target.kind in ("member_expression", "subscript_expression"):
            owner, name = self.value(target.get("object"), frame), self.key(target, frame)
            if (
                owner.made is not None
                and value.kind == "const"
                and isinstance(value.const, str)
                and value.const
                and not value.about
            ):
                # Which table an object is for changes no way, and would make each object another one.
                value = Value("there")
            for one in options(owner):
                if name and one.kind in ("thing", "request"):
                    one.fields[name] = value
                elif one.kind == "thing":
                    one.more = True
        else:
            self.bind(target, value, frame)

    def bind(self, pattern: Syntax, value: Value, frame: Frame) -> None:
        """Give the names of a pattern their parts of a value."""
        if pattern.kind in ("identifier", "shorthand_property_identifier_pattern"):
            frame.scope.names[pattern.text] = value
        elif pattern.kind in ("assignment_pattern", "object_assignment_pattern"):
            left = pattern.get("left")
            given = value if value.kind != "nothing" or value.about else self.perhaps(pattern.get("right"), frame)
            if left is not None:
                self.bind(left, given, frame)
        elif pattern.kind == "object_pattern":
            for child in pattern.named:
                if child.kind == "pair_pattern" and (key := child.get("key")) and (to := child.get("value")):
                    self.bind(to, self.part(value, key.text, frame), frame)
                elif child.kind == "object_assignment_pattern" and (left := child.get("left")):
                    self.bind(child, self.part(value, left.text, frame), frame)
                elif child.kind == "shorthand_property_identifier_pattern":
                    self.bind(child, self.part(value, child.text, frame), frame)
                elif child.kind == "rest_pattern" and child.named:
                    self.bind(child.named[0], replace(value, more=True) if value.kind == "thing" else value, frame)
        elif pattern.kind == "array_pattern":
            for child in pattern.named:
                self.bind(
                    child,
                    value if value.kind == "empty" else Value("unknown", value.about, value.label, value.stored),
                    frame,
                )
        elif pattern.kind in ("required_parameter", "optional_parameter") and (inner := pattern.get("pattern")):
            default = pattern.get("value") if value.kind == "nothing" and not value.about else None
            self.bind(inner, self.perhaps(default, frame) if default is not None else value, frame)
        elif pattern.kind == "rest_pattern" and pattern.named:
            self.bind(pattern.named[0], UNKNOWN, frame)

    def key(self, node: Syntax, frame: Frame) -> str:
        """The name of a field, as it is written or worked out; empty when it cannot be known."""
        if node.kind == "member_expression":
            return (node.get("property") or node).text
        index = self.value(node.get("index"), frame)
        return index.const if isinstance(index.const, str) else ""

    def part(self, of: Value, name: str, frame: Frame) -> Value:
        """A field or method of a value."""
        if of.kind == "either":
            parts = [self.part(one, name, frame) for one in of.items]
            result = parts[0]
            for one in parts[1:]:
                result = joined(result, one)
            return result
        if of.kind == "thing" and name not in of.fields and of.made is not None:
            if name == "constructor":
                return of.made
            node, owner = self.method(of.made, name, frame)
            if node is not None and owner is not None:
                bound = Value("code", node=node, path=owner.path, scope=owner.scope, this=of, made=owner)
                getter = node.kind == "method_definition" and node.has("get")
                return self.call(bound, [], frame, node) if getter else bound
        if of.kind == "request" and identity(name) and name not in of.fields:
            self.identities.add(name)
        return member(of, name, self.mode)

    def method(self, owner: Value | None, name: str, frame: Frame) -> tuple[Syntax | None, Value | None]:
        """A method by name, of a class or what it extends, with the class it stands in."""
        for _ in range(8):
            if owner is None or owner.node is None:
                return None, None
            node, _value = members(owner.node, name)
            if node is not None:
                return node, owner
            owner = self.parent(owner, frame)
        return None, None

    def parent(self, owner: Value, frame: Frame) -> Value | None:
        """The class that a class extends, None when it is not in this source."""
        extended = base(owner.node) if owner.node is not None else None
        if extended is None:
            return None
        found = self.value(extended, Frame(owner.path, owner.scope or Scope(), depth=frame.depth + 1))
        return found if found.kind == "class" else None
