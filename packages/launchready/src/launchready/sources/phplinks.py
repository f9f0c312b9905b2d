"""Finds PHP's classes by their names (PSR-4: a class stands in a file of its name), and methods through what they inherit."""

from collections import defaultdict
from typing import TYPE_CHECKING

from launchready.sources.facts.shape import Function
from launchready.sources.tree import Tree

if TYPE_CHECKING:
    from launchready.sources.facts.php import PhpFile

_DEEPEST = 8


class PhpLinks:
    """The PHP files of a tree, read when they are asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._files: dict[str, PhpFile | None] = {}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for file in tree.with_suffix(".php"):
            self._by_name[file.path.rsplit("/", 1)[-1][: -len(".php")]].append(file.path)

    def file(self, path: str) -> "PhpFile | None":
        """The facts of a file, None when it cannot be read."""
        if path not in self._files:
            # It brings a grammar, and few apps are written in PHP.
            from launchready.sources.facts.php import read_php

            content = self._tree.bytes(path)
            self._files[path] = read_php(path, content) if content is not None else None
        return self._files[path]

    def full_name(self, path: str, name: str) -> str:
        """A class as PHP knows it, from how a file writes it."""
        own = self.file(path)
        head, _, rest = name.lstrip("\\").partition("\\")
        entry = own.module.imports.get(head) if own is not None else None
        if entry is not None:
            return "\\".join(filter(None, [entry.module, rest]))
        local = own is not None and own.namespace and not name.startswith("\\")
        return f"{own.namespace}\\{name}" if own is not None and local else name.lstrip("\\")

    def find_class(self, path: str, name: str) -> tuple[str, Function] | None:
        """``(file, class)`` for a name as a file writes it; None when the class is not in the tree."""
        full = self.full_name(path, name)
        last = full.rsplit("\\", 1)[-1]
        found = []
        for candidate in (path, *self._by_name.get(last, ())):
            file = self.file(candidate)
            if file is not None and (made := file.module.functions.get(last)) is not None and made.is_class:
                if f"{file.namespace}\\{last}".lstrip("\\") == full:
                    return candidate, made
                found.append((candidate, made))
        return found[0] if len(found) == 1 else None

    def method(self, path: str, owner: Function, name: str, depth: int = 0) -> tuple[str, Function] | None:
        """``(file, method)`` of a class or of what it inherits."""
        own = next((method for method in owner.methods if method.name == name), None)
        if own is not None:
            return path, own
        for base in owner.bases if depth < _DEEPEST else ():
            found = self.find_class(path, base.text)
            if found is not None and found[1] is not owner and (deeper := self.method(*found, name, depth + 1)):
                return deeper
        return None

    def function(self, path: str, dotted: str) -> tuple[str, Function] | None:
        """``(file, function)`` of ``this.check``, ``Policy::check`` or a function of the file."""
        file = self.file(path)
        if file is None:
            return None
        owner, _, name = dotted.rpartition("::") if "::" in dotted else dotted.rpartition(".")
        if owner in ("this", "self", "static", "parent"):
            for made in file.module.functions.values():
                if made.is_class and (found := self.method(path, made, name)):
                    return found
            return None
        if "::" in dotted and (there := self.find_class(path, owner)):
            return self.method(*there, name)
        plain = file.module.functions.get(dotted)
        return (path, plain) if plain is not None and not plain.is_class else None
