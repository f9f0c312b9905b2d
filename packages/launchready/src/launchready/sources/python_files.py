"""Which file of a tree a Python module is, by what an import calls it (docs.python.org/3/reference/import.html)."""

import posixpath
import re
import sys

from launchready.sources.tree import Tree

_PART = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(\w+)\.(\w+)", re.M)


class PythonFiles:
    """The modules of one tree, each looked for once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._paths = {file.path for file in tree.files}
        self._known: dict[tuple[str, str], str | None] = {}
        self._tails: dict[str, list[str]] = {}
        self._own: frozenset[str] | None = None
        for file in tree.files:
            if file.suffix == ".py":
                dotted = file.path[: -len(".py")].removesuffix("/__init__").replace("/", ".")
                self._tails.setdefault(dotted.rsplit(".", 1)[-1], []).append(file.path)

    def named(self, path: str, dotted: str) -> str | None:
        """The file of a module as named in ``path``: relative, from the root, or from any folder above ``path``; None for what is no file of the tree."""
        folder, _, name = path.rpartition("/")
        key = (path if name == f"{dotted}.py" else folder, dotted)
        if key not in self._known:
            self._known[key] = self._found(path, dotted)
        return self._known[key]

    def _found(self, path: str, dotted: str) -> str | None:
        if dotted.startswith("."):
            level = len(dotted) - len(dotted.lstrip("."))
            folder = path
            for _ in range(level):
                folder = posixpath.dirname(folder)
            return self._at(posixpath.join(folder, dotted[level:].replace(".", "/")).strip("/"))
        relative = dotted.replace(".", "/")
        last = posixpath.basename(relative)
        if last not in self._tails and last not in ("", "__init__"):
            # Most of what is imported is no file of ours.
            return None
        above = [folder := posixpath.dirname(path)]
        while folder:
            above.append(folder := posixpath.dirname(folder))
        # An absolute name is looked for beside packages and not in them (docs.python.org/3/reference/import.html): where `routers` is one,
        # `from auth import …` in it is no `routers/auth.py`, and nobody imports a file from itself.
        for folder in sorted(above, key=lambda one: self._is_package(one)):
            found = self._at(posixpath.join(folder, relative))
            if found and found != path:
                return found
        top, _, inner = relative.partition("/")
        if inner and top in self._own_names() and (found := self._at(inner)):
            return found
        tail = dotted.rsplit(".", 1)[-1]
        near = [
            p for p in self._tails.get(tail, ()) if f"/{p}".endswith((f"/{relative}.py", f"/{relative}/__init__.py"))
        ]
        return near[0] if len(near) == 1 or (near and "." in dotted) else None

    def _is_package(self, folder: str) -> bool:
        return bool(folder) and f"{folder}/__init__.py" in self._paths

    def _at(self, stem: str) -> str | None:
        for candidate in (f"{stem}.py", f"{stem}/__init__.py" if stem else "__init__.py"):
            if candidate in self._paths:
                return candidate
        return None

    def _own_names(self) -> frozenset[str]:
        """What the tree calls itself, when its root is a package: the name of its folder, and a name of which every module that is imported
        stands in the root, and two at least."""
        if self._own is None:
            parts: dict[str, set[str]] = {}
            pythons = (file.path for file in self._tree.files if file.suffix == ".py")
            for path in pythons if "__init__.py" in self._paths else ():
                for top, part in _PART.findall(self._tree.bytes(path) or b""):
                    parts.setdefault(top.decode(), set()).add(part.decode())
            others = sys.stdlib_module_names
            folder = self._tree.root.name
            self._own = frozenset(
                top
                for top, inner in parts.items()
                if top not in others and (top == folder or (len(inner) > 1 and all(self._at(one) for one in inner)))
            )
        return self._own
