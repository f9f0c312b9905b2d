"""Finds Ruby's classes where Rails loads them from (a class stands in a file of its name), and methods through what they inherit."""

import re
from collections import defaultdict

from launchready.sources.facts.ruby import RubyFile, read_ruby
from launchready.sources.facts.shape import Function
from launchready.sources.tree import Tree

_DEEPEST = 10


class RubyLinks:
    """The Ruby files of a tree, read when they are asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._files: dict[str, RubyFile | None] = {}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for file in tree.with_suffix(".rb"):
            self._by_name[file.path.rsplit("/", 1)[-1]].append(file.path)

    def file(self, path: str) -> RubyFile | None:
        """The facts of a file, None when it cannot be read."""
        if path not in self._files:
            content = self._tree.bytes(path)
            self._files[path] = read_ruby(path, content) if content is not None else None
        return self._files[path]

    def named(self, tail: str, near: str = "") -> str:
        """The file whose path ends with ``tail``, nearest to ``near``; empty when there is none."""
        fits = [
            one for one in self._by_name.get(tail.rsplit("/", 1)[-1], ()) if one == tail or one.endswith(f"/{tail}")
        ]
        return max(fits, key=lambda one: (_shared(one, near), -len(one)), default="")

    def find_class(self, path: str, name: str) -> tuple[str, Function] | None:
        """``(file, class or module)`` by its name, as a file at ``path`` writes it."""
        bare = name.removeprefix("::")
        for candidate in (
            path,
            self.named(f"{underscore(bare)}.rb", path),
            self.named(f"{underscore(bare.rsplit('::', 1)[-1])}.rb", path),
        ):
            file = self.file(candidate) if candidate else None
            for full, made in file.module.functions.items() if file is not None else ():
                if made.is_class and (full == bare or full.endswith(f"::{bare}") or bare.endswith(f"::{full}")):
                    return candidate, made
        return None

    def kin(self, path: str, owner: Function, depth: int = 0) -> list[tuple[str, Function]]:
        """A class, the modules it includes and the classes it inherits from, nearest first."""
        found = [(path, owner)]
        names = [
            item.text for call in owner.calls if call.text in ("include", "prepend", "extend") for item in call.items
        ]
        for name in (*names, *(base.text for base in owner.bases)) if depth < _DEEPEST else ():
            there = self.find_class(path, name)
            if there is not None and there[1] is not owner and all(there[1] is not known for _, known in found):
                found += self.kin(*there, depth + 1)
        return found

    def method(self, path: str, owner: Function, name: str) -> tuple[str, Function] | None:
        """``(file, method)`` of a class or of its kin."""
        for where, one in self.kin(path, owner):
            for method in one.methods:
                if method.name == name:
                    return where, method
        return None

    def function(self, path: str, dotted: str) -> tuple[str, Function] | None:
        """``(file, method)`` of a name that a method of the file calls on itself."""
        name = dotted.removeprefix("self.")
        file = self.file(path)
        if file is None or "." in name:
            return None
        for made in file.module.functions.values():
            if made.is_class and (found := self.method(path, made, name)):
                return found
        # What a concern calls is often defined by the controllers that include it: all of them descend from this one.
        base = self.named("controllers/application_controller.rb", path)
        there = self.find_class(base, "ApplicationController") if base and base != path else None
        return self.method(*there, name) if there is not None else None


def underscore(name: str) -> str:
    """``Admin::HTMLReports`` as a path: ``admin/html_reports``."""
    snake = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name.replace("::", "/"))
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", snake).lower()


def _shared(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one.split("/"), other.split("/"), strict=False)) if a != b), 99)
