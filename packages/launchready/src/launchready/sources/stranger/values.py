"""What a name holds on a stranger's walk: as little as is needed to know which way the code goes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from launchready.sources.stranger.syntax import Syntax

_DEEPEST = 3
# What a guest may be called: a stranger may well be one.
_GUEST = re.compile(r"(?:guests?|public|anon\w*|every(?:one|body)|any(?:one|body)?|visitors?|\$?all|\*)$", re.I)


@dataclass(slots=True)
class Scope:
    """The names of one run of a function, and those around it."""

    names: dict[str, "Value"] = field(default_factory=dict)
    around: "Scope | None" = None

    def find(self, name: str) -> "Value | None":
        """The value of a name, from the inside out."""
        if name in self.names:
            return self.names[name]
        return self.around.find(name) if self.around is not None else None

    def put(self, name: str, value: "Value") -> None:
        """Give a name another value where it was declared."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                scope.names[name] = value
                return
            scope = scope.around
        self.names[name] = value


@dataclass(slots=True, eq=False)
class Value:
    """A value.

    ``kind`` is ``nothing`` (null, undefined), ``there`` (something that is not nothing), ``empty`` (what a stranger has of what a caller
    may have: no name, no roles, no rows), ``const``, ``thing`` (an object: ``fields``, all there are unless ``more``; of the class ``made``),
    ``code`` and ``class`` (``node`` in ``path``, within ``scope``), ``either`` (one of ``items``), ``denial`` (an error that refuses),
    ``request``, ``reply``, ``next``, ``answer`` (the callback of an authoriser), ``handler`` (what a wrapper stands around), or ``unknown``.
    ``about`` is True for what says something of the caller; ``label`` is its name; ``stored`` is True when it comes out of permissions that
    the app keeps.
    """

    kind: str
    about: bool = False
    label: str = ""
    stored: bool = False
    const: str | float | bool | None = None
    fields: dict[str, "Value"] = field(default_factory=dict)
    more: bool = False
    made: "Value | None" = None
    node: Syntax | None = None
    path: str = ""
    scope: Scope | None = None
    this: "Value | None" = None
    items: tuple["Value", ...] = ()

    @property
    def truth(self) -> bool | None:
        """Whether it counts as true; None when that is not known."""
        match self.kind:
            case "nothing" | "empty":
                return False
            case "const":
                return bool(self.const)
            case "unknown":
                return None
            case "either":
                said = {one.truth for one in self.items}
                return said.pop() if len(said) == 1 else None
        return True


UNKNOWN = Value("unknown")
NOTHING = Value("nothing")


def const(value: str | float | bool, of: Value | None = None) -> Value:
    """A value that is known; what it says of the caller is what ``of`` says."""
    return Value(
        "const", const=value, about=bool(of and of.about), label=of.label if of else "", stored=bool(of and of.stored)
    )


def empty(label: str, stored: bool = False) -> Value:
    """What a stranger has of ``label``."""
    return Value("empty", True, label, stored)


def part(of: Value, name: str) -> Value:
    """What a stranger has of a part of something of the caller's."""
    return empty(f"{of.label}.{name}" if of.label else name, of.stored)


def about(value: Value | None, depth: int = 0) -> Value | None:
    """The first thing of the caller's in a value: itself, or in its fields."""
    if value is None or value.about:
        return value
    if depth < _DEEPEST:
        for inner in (*value.fields.values(), *value.items):
            if found := about(inner, depth + 1):
                return found
    return None


def holds(value: Value, kind: str, depth: int = 0) -> bool:
    """Whether a value is of a kind, or has one of it in its fields."""
    inner = (*value.fields.values(), *value.items) if depth < _DEEPEST else ()
    return value.kind == kind or any(holds(one, kind, depth + 1) for one in inner)


def signature(value: Value | None, depth: int = 0) -> object:
    """What is known of a value, to be compared: two runs of a function that are given the same take the same way. None when a value
    is something that runs, or that the run may change for others."""
    if value is None:
        return ()
    if value.kind in ("code", "request", "reply", "next", "answer", "handler"):
        return None
    parts: list[object] = [value.kind, value.about, value.label, value.stored, value.const, value.more]
    parts.append(value.made.node.id if value.made is not None and value.made.node is not None else 0)
    parts.append(value.node.id if value.node is not None else 0)
    for name, inner in (*sorted(value.fields.items()), *(("", one) for one in value.items)) if depth < _DEEPEST else ():
        said = signature(inner, depth + 1)
        if said is None and inner.kind != "code":
            return None
        parts += [name, said if said is not None else inner.node.id if inner.node is not None else 0]
    return tuple(parts)


def joined(one: Value, other: Value) -> Value:
    """What a name holds after a branch, when it is not known which way was taken."""
    if one is other:
        return one
    said = one if one.about else other
    if one.kind == other.kind and (
        one.kind in ("nothing", "empty") or (one.kind == "const" and one.const == other.const)
    ):
        return replace(one, about=one.about or other.about)
    if {one.kind, other.kind} <= {"thing", "either"}:
        return Value(
            "either", said.about, said.label, said.stored, items=tuple(dict.fromkeys((*options(one), *options(other))))
        )
    if one.truth and other.truth:
        return Value("there", said.about, said.label, said.stored)
    return Value("unknown", said.about, said.label, said.stored)


def options(value: Value) -> tuple[Value, ...]:
    """The values that one of several stands for, itself when it is one."""
    return value.items if value.kind == "either" else (value,)


def merged(one: Mapping[str, Value], other: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """The names of two branches, each with what it may hold."""
    for name in dict.fromkeys((*one, *other)):
        first, second = one.get(name), other.get(name)
        yield name, joined(first or NOTHING, second or NOTHING)


def compared(sign: str, left: Value, right: Value) -> Value:
    """What a comparison says: a stranger's part is nobody's id, none of the roles, and no number above nought."""
    of, other = (left, right) if left.about else (right, left)
    if of.about and other.kind == "const" and isinstance(other.const, str):
        if _GUEST.match(other.const):
            return Value("unknown", True, of.label, of.stored)
        of = replace(of, label=f"{of.label}={other.const}")
    equal = _equal(left, right)
    if sign in ("===", "=="):
        return const(equal, of) if equal is not None else Value("unknown", of.about, of.label, of.stored)
    if sign in ("!==", "!="):
        return const(not equal, of) if equal is not None else Value("unknown", of.about, of.label, of.stored)
    a, b = _number(left), _number(right)
    if sign in ("<", ">", "<=", ">=") and a is not None and b is not None:
        return const({"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[sign], of)
    if sign == "in" and (right.kind == "empty" or (right.kind == "thing" and not right.more and not right.fields)):
        return const(False, right)
    return Value("unknown", of.about, of.label, of.stored)


def one_of(listed: Value, asked: Value) -> Value | None:
    """Whether something of the caller's is among what a list names; None when it is no such list, or one that may name a guest."""
    names = [one.const for one in listed.items if one.kind == "const" and isinstance(one.const, str)]
    if asked.kind not in ("empty", "nothing") or not asked.about or not names or len(names) < len(listed.items):
        return None
    guests = any(_GUEST.match(name) for name in names)
    return None if guests else const(False, replace(asked, label=f"{asked.label}={'|'.join(names)}"))


def _equal(left: Value, right: Value) -> bool | None:
    kinds = {left.kind, right.kind}
    if kinds == {"const"}:
        return left.const == right.const
    if "empty" in kinds:
        # `mine === undefined` and `mine === false` hold for what a stranger has, `mine === record.owner` does not.
        other = right if left.kind == "empty" else left
        return other.kind in ("nothing", "empty") or (other.kind == "const" and not other.const)
    if kinds == {"nothing"}:
        return True
    if "nothing" in kinds:
        other = right if left.kind == "nothing" else left
        # Nobody's id is nobody's, whoever owns the record.
        return None if other.truth is None and not (left.about or right.about) else False
    return None


def _number(value: Value) -> float | None:
    if value.kind == "empty":
        return 0
    return float(value.const) if value.kind == "const" and isinstance(value.const, (int, float)) else None
