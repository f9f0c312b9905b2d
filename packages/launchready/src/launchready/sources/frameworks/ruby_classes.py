"""Finds Ruby classes by their constant names, as Zeitwerk autoloads them, and what they inherit and include."""

from dataclasses import dataclass

from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader
from launchready.sources.frameworks.rails_words import underscored

_MOST = 40


@dataclass(frozen=True, slots=True)
class Class:
    """A class or module and the file that defines it."""

    path: str
    function: Function


@dataclass(frozen=True, slots=True)
class Chain:
    """Where Ruby looks for a method: the class, what it includes, its parents. ``outside`` are those not in the source."""

    classes: tuple[Class, ...]
    outside: tuple[str, ...] = ()

    def method(self, name: str) -> tuple[str, Function] | None:
        """The method that is called by a name, and its file."""
        return self._first(name, False)

    def macro(self, name: str) -> tuple[str, Function] | None:
        """The class method that a line of a class body calls."""
        return self._first(f"self.{name}", False) or self._first(name, True)

    def _first(self, name: str, in_block: bool) -> tuple[str, Function] | None:
        for one in self.classes:
            for method in _class_methods(one.function) if in_block else one.function.methods:
                if method.name == name:
                    return one.path, method
        return None


def _class_methods(function: Function) -> list[Function]:
    """What a concern defines in ``class_methods do``."""
    blocks = [call.function for call in function.calls if call.text == "class_methods" and call.function]
    return [method for block in blocks for method in block.methods]


class RubyClasses:
    """The classes of one tree; a file is read when a constant leads to it."""

    def __init__(self, reader: Reader) -> None:
        self._resolver = reader.resolver
        self._files: dict[str, list[str]] = {}
        self._chains: dict[tuple[str, str], Chain] = {}
        for file in reader.tree.with_suffix(".rb"):
            if not file.path.startswith("vendor/") and "/vendor/" not in file.path:
                self._files.setdefault(file.path.rsplit("/", 1)[-1], []).append(file.path)

    def find(self, constant: str, near: str, nesting: str = "") -> Class | None:
        """The class of a constant as named inside ``nesting`` (``Admin::Users``) in the file ``near``."""
        outer = nesting.split("::") if nesting else []
        here = self._resolver.module(near)
        for cut in range(len(outer), -1, -1):
            full = "::".join([*outer[:cut], constant])
            if here is not None and (known := here.functions.get(full)) and known.is_class:
                return Class(near, known)
            if found := self._in_files(full, near):
                return found
        return None

    def _in_files(self, full: str, near: str) -> Class | None:
        tail = underscored(full) + ".rb"
        fits = [path for path in self._files.get(tail.rsplit("/", 1)[-1], ()) if f"/{path}".endswith(f"/{tail}")]
        for path in sorted(fits, key=lambda one: (-_shared(one, near), len(one))):
            module = self._resolver.module(path)
            for name, function in module.functions.items() if module else ():
                if function.is_class and underscored(name) == tail.removesuffix(".rb"):
                    return Class(path, function)
        return None

    def controller(self, name: str, near: str) -> Class | None:
        """The class of ``admin/users``, preferring the app that ``near`` belongs to."""
        tail = f"{name}_controller.rb"
        fits = [
            path for path in self._files.get(tail.rsplit("/", 1)[-1], ()) if f"/{path}".endswith(f"/controllers/{tail}")
        ]
        for path in sorted(fits, key=lambda one: (-_shared(one, near), len(one))):
            module = self._resolver.module(path)
            wanted = tail.removesuffix(".rb").replace("_", "").replace("/", "")
            for full, function in module.functions.items() if module else ():
                if function.is_class and full.replace("::", "").replace("_", "").lower() == wanted.lower():
                    return Class(path, function)
        return None

    def chain(self, one: Class) -> Chain:
        """A class, what it includes and its parents, in the order methods are looked up."""
        key = (one.path, one.function.name)
        if key not in self._chains:
            found: list[Class] = []
            outside: list[str] = []
            self._collect(one, found, outside)
            self._chains[key] = Chain(tuple(found), tuple(outside))
        return self._chains[key]

    def _collect(self, one: Class, found: list[Class], outside: list[str]) -> None:
        if one in found or len(found) > _MOST:
            return
        found.append(one)
        for name in (*included(one.function), *(base.text for base in one.function.bases)):
            above = self.find(name, one.path, one.function.name)
            if above is None:
                outside.append(name)
            elif above.function.name != one.function.name:
                self._collect(above, found, outside)


def included(function: Function) -> list[str]:
    """The modules that a class includes, the last first, as Ruby looks them up."""
    names: list[str] = []
    for call in _lines(function.calls):
        if call.text in ("include", "prepend", "extend"):
            names += [item.text for item in call.items if item.kind == "name"]
    return names[::-1]


def _lines(calls: tuple[Expr, ...]) -> list[Expr]:
    lines = []
    for call in calls:
        lines.append(call)
        if call.text == "included" and call.function:
            lines += call.function.calls
    return lines


def _shared(path: str, near: str) -> int:
    """How many folders two paths share from the root."""
    count = 0
    for one, other in zip(path.split("/")[:-1], near.split("/")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count
