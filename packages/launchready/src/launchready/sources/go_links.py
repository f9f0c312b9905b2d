"""Follows names through the packages of Go modules: a folder is a package, go.mod says which import path it has."""

import posixpath
import re
from collections.abc import Callable

from launchready.sources.facts.shape import Function, Module
from launchready.sources.found import Found
from launchready.sources.tree import Tree

_MODULE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.M)
_HOPS = 8
# A method found by nothing but its name is followed only when it is handed a request: there a wrong guess is unlikely.
_HANDED = re.compile(r"(?:^|\.)(?:Request|ResponseWriter|Context|Ctx|Handler|HandlerFunc)$")


class GoLinks:
    """The packages of a tree. ``module`` gives the facts of a file."""

    def __init__(self, tree: Tree, module: Callable[[str], Module | None]) -> None:
        self._module = module
        self._packages: dict[str, list[str]] = {}
        self._roots: dict[str, str] = {}
        self._methods: dict[str, dict[str, list[tuple[str, str]]]] = {}
        for file in tree.files:
            folder = posixpath.dirname(file.path)
            if file.suffix == ".go" and not file.path.endswith("_test.go"):
                self._packages.setdefault(folder, []).append(file.path)
            elif posixpath.basename(file.path) == "go.mod" and (named := _MODULE.search(tree.text(file.path) or "")):
                self._roots[named.group(1)] = folder

    def package(self, path: str) -> list[str]:
        """The files of the package a file belongs to."""
        return self._packages.get(posixpath.dirname(path), [])

    def folder(self, imported: str) -> str | None:
        """The folder of an import path; None when it is none of this tree."""
        parts = imported.split("/")
        for cut in range(len(parts), 0, -1):
            if (root := self._roots.get("/".join(parts[:cut]))) is not None:
                folder = posixpath.join(root, *parts[cut:])
                return folder if folder in self._packages else None
        if not self._roots and "." in parts[0]:
            # Without a go.mod, the longest end of the import path that is a folder here.
            for cut in range(1, len(parts)):
                if (folder := "/".join(parts[cut:])) in self._packages:
                    return folder
        return None

    def find(self, path: str, dotted: str, hops: int = _HOPS) -> Found | None:
        """What a name stands for: in its package, on a type of it, in an imported package, or outside."""
        module = self._module(path)
        if module is None or hops <= 0 or not dotted:
            return None
        head, _, rest = dotted.partition(".")
        if found := self._in_package(self.package(path), head, rest, hops):
            return found
        if head in module.imports:
            imported = module.imports[head].module
            folder = self.folder(imported)
            if folder is None:
                return Found(path, head, outside=f"{imported}.{rest}" if rest else imported)
            name, _, more = rest.partition(".")
            return self._in_package(self._packages[folder], name, more, hops)
        return self._by_name(path, dotted) if rest else None

    def _in_package(self, files: list[str], head: str, rest: str, hops: int) -> Found | None:
        for file in files:
            module = self._module(file)
            if module is None:
                continue
            if not rest and head in module.functions:
                return Found(file, head, function=module.functions[head])
            if head in module.bindings:
                value = module.bindings[head].value
                if not rest:
                    return Found(file, head, binding=module.bindings[head])
                kind = self.type_of(file, value.text, value.kind)
                return self.member(*kind, rest, hops - 1) if kind else None
            if rest and head in module.functions and module.functions[head].is_class:
                return self.member(file, head, rest, hops - 1)
        return None

    def type_of(self, path: str, called: str, kind: str) -> tuple[str, str] | None:
        """The file and name of the type that a literal (``dict``) or the result of a function called has."""
        found = self.find(path, called, _HOPS - 2)
        if found is None or found.function is None:
            return None
        if found.function.is_class:
            return found.path, found.name
        if kind != "call" or not found.function.bases:
            return None
        made = self.find(found.path, found.function.bases[0].text, _HOPS - 2)
        return (made.path, made.name) if made and made.function and made.function.is_class else None

    def member(self, path: str, kind: str, dotted: str, hops: int = _HOPS) -> Found | None:
        """A method of a type, of one of its fields, or of a type it embeds."""
        head, _, rest = dotted.partition(".")
        if hops <= 0:
            return None
        owner: Function | None = None
        for file in self.package(path):
            module = self._module(file)
            if module is None:
                continue
            if not rest and f"{kind}.{head}" in module.functions:
                return Found(file, f"{kind}.{head}", function=module.functions[f"{kind}.{head}"])
            owner = module.functions.get(kind, owner)
            path = file if kind in module.functions else path
        if owner is None:
            return None
        for field in owner.fields if rest else ():
            if field.name == head and field.annotation is not None:
                made = self.find(path, field.annotation.text, hops - 1)
                return self.member(made.path, made.name, rest, hops - 1) if made and made.function else None
        for base in owner.bases:
            made = self.find(path, base.text, hops - 1)
            if made and made.function and (found := self.member(made.path, made.name, dotted, hops - 1)):
                return found
        return None

    def _by_name(self, path: str, dotted: str) -> Found | None:
        """``h.List``, where nothing says what ``h`` is: the one method of that name in the package, else of those it imports."""
        name = dotted.rsplit(".", 1)[-1]
        module = self._module(path)
        imports = module.imports.values() if module else ()
        folders = [self.folder(one.module) for one in imports]
        for near in ([posixpath.dirname(path)], [folder for folder in folders if folder is not None]):
            found = [one for folder in near for one in self._methods_of(folder).get(name, ())]
            if len(found) == 1:
                file, key = found[0]
                owner = self._module(file)
                return Found(file, key, function=owner.functions[key]) if owner else None
        return None

    def _methods_of(self, folder: str) -> dict[str, list[tuple[str, str]]]:
        if folder not in self._methods:
            known = self._methods[folder] = {}
            for file in self._packages.get(folder, ()):
                module = self._module(file)
                for key, function in module.functions.items() if module else ():
                    kinds = [param.annotation.text for param in function.params if param.annotation]
                    if function.fields and any(_HANDED.search(kind) for kind in kinds):
                        known.setdefault(function.name, []).append((file, key))
        return self._methods[folder]
