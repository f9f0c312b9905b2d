"""Follows names across the files of a Go package, and into the packages of its module by ``go.mod`` (go.dev/ref/mod)."""

import posixpath
import re
from collections import defaultdict

from launchready.sources.facts.go import GoFile, read_go
from launchready.sources.facts.shape import Binding, Function
from launchready.sources.tree import Tree


class GoLinks:
    """The Go files of a tree by folder, read when they are asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._files: dict[str, GoFile | None] = {}
        self._folders: dict[str, list[str]] = defaultdict(list)
        for file in tree.with_suffix(".go"):
            if not file.path.endswith("_test.go"):
                self._folders[posixpath.dirname(file.path)].append(file.path)
        self._modules: list[tuple[str, str]] = []
        for file in tree.named("go.mod"):
            named = re.search(r"^module\s+(\S+)", tree.text(file.path) or "", re.M)
            if named:
                self._modules.append((named.group(1), posixpath.dirname(file.path)))

    def file(self, path: str) -> GoFile | None:
        """The facts of a file, None when it cannot be read."""
        if path not in self._files:
            content = self._tree.bytes(path)
            self._files[path] = read_go(path, content) if content is not None else None
        return self._files[path]

    def package(self, path: str) -> list[GoFile]:
        """The files of the package that a file belongs to, itself first."""
        others = [other for other in self._folders[posixpath.dirname(path)] if other != path]
        return [found for one in (path, *others) if (found := self.file(one)) is not None]

    def imported(self, path: str, name: str) -> list[GoFile]:
        """The files of the package a file imports under a name; none for a package that is not in the tree."""
        own = self.file(path)
        entry = own.module.imports.get(name) if own is not None else None
        for module, folder in self._modules if entry is not None else ():
            if entry is not None and (entry.module == module or entry.module.startswith(f"{module}/")):
                inner = posixpath.normpath(posixpath.join(folder, entry.module[len(module) :].lstrip("/")))
                return [found for one in self._folders.get(inner.removeprefix("."), ()) if (found := self.file(one))]
        return []

    def function(self, path: str, dotted: str) -> tuple[str, Function] | None:
        """``(file, function)`` for a name as written in a file: of the package, of an imported one, or the only method of that name."""
        head, _, rest = dotted.partition(".")
        if not rest:
            return _named(self.package(path), head)
        if elsewhere := self.imported(path, head):
            return _named(elsewhere, rest)
        return _named(self.package(path), dotted) or _method(self.package(path), dotted.rsplit(".", 1)[-1])

    def binding(self, path: str, dotted: str) -> tuple[str, Binding] | None:
        """``(file, binding)`` for the name of a package's constant or variable."""
        head, _, rest = dotted.partition(".")
        files, name = (self.imported(path, head), rest) if rest else (self.package(path), head)
        return next(
            ((one.module.path, one.module.bindings[name]) for one in files if name in one.module.bindings), None
        )

    def outside(self, path: str, dotted: str) -> str:
        """The import path of a name that leads out of the tree, with what follows; empty when it is no import."""
        own = self.file(path)
        head, _, rest = dotted.partition(".")
        entry = own.module.imports.get(head) if own is not None else None
        return f"{entry.module}.{rest}" if entry is not None and rest else ""


def _named(files: list[GoFile], name: str) -> tuple[str, Function] | None:
    return next(((one.module.path, one.module.functions[name]) for one in files if name in one.module.functions), None)


def _method(files: list[GoFile], name: str) -> tuple[str, Function] | None:
    found = [
        (one.module.path, function)
        for one in files
        for full, function in one.module.functions.items()
        if full.endswith(f".{name}")
    ]
    return found[0] if len(found) == 1 else None
