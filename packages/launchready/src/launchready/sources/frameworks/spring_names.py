"""Names of Java and Kotlin code: the class that one leads to, and the text of a constant (docs.oracle.com: JLS 6.5, 15.29)."""

import posixpath
import re

from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

_UNKNOWN = re.compile(r"\{([\w.]+)\?\}")
_JOINED = re.compile(r'return\s+String\.join\(\s*"([^"]*)"\s*,\s*\w+\s*\)\s*;')
_DEEPEST = 6


class SpringNames:
    """The classes and constants of a tree, by the names that files use."""

    def __init__(self, resolver: Resolver, tree: Tree) -> None:
        self._resolver = resolver
        self._files: dict[str, list[str]] = {}
        for file in tree.with_suffix(".java", ".kt"):
            self._files.setdefault(posixpath.splitext(posixpath.basename(file.path))[0], []).append(file.path)

    def type_of(self, module: Module, name: str) -> tuple[Module, Function] | None:
        """A class or interface by its simple name: of this file, imported (also out of another class), of this folder, or the only one
        of that name."""
        if name in module.functions:
            return module, module.functions[name]
        entry = module.imports.get(name)
        inside = entry.module.rsplit(".", 1)[-1] if entry is not None and name not in self._files else ""
        paths = self._files.get(inside or name, [])
        full = entry.module if entry is not None and inside else f"{entry.module}.{name}" if entry is not None else ""
        tail = "/" + full.replace(".", "/") + "." if full else ""
        folder = posixpath.dirname(module.path)
        near = (
            [path for path in paths if tail and tail in f"/{path}"]
            or [path for path in paths if posixpath.dirname(path) == folder]
            or (paths if len(paths) == 1 else [])
        )
        # Of several with the same package, the one of the same build module.
        near.sort(key=lambda path: -len(posixpath.commonprefix([path, module.path])))
        other = self._resolver.module(near[0]) if near else None
        return (other, other.functions[name]) if other is not None and name in other.functions else None

    def folded(self, module: Module, value: Expr) -> str:
        """A text with the constants of this and other classes put in; what is not known stays visible as ``{name?}``."""
        if value.kind == "call" and (between := self._joins(module, value)) is not None:
            return between[0].join(self.folded(module, one) for one in between[1])
        return self._filled(module, value.text if value.kind == "str" else "{" + value.text + "?}", "", 0)

    def _joins(self, module: Module, call: Expr) -> tuple[str, tuple[Expr, ...]] | None:
        """``(separator, parts)`` of ``String.join("/", a, b)``, or of a method of the app that does just that with what it is given."""
        owner = call.on.text if call.on is not None and call.on.kind == "name" else ""
        if call.text == "join" and owner == "String" and call.items:
            return (call.items[0].text, call.items[1:]) if call.items[0].kind == "str" else None
        found = self.type_of(module, owner) if owner else None
        made = next((one for one in found[1].methods if one.name == call.text), None) if found is not None else None
        joined = _JOINED.fullmatch(made.code.strip("{} \n\t")) if made is not None else None
        return (joined.group(1), call.items) if joined is not None else None

    def constant(self, module: Module, name: str) -> Expr | None:
        """What a constant of this file or of another class is bound to."""
        found = self._bound(module, name, "")
        return found[1] if found is not None else None

    def _filled(self, module: Module, text: str, within: str, depth: int) -> str:
        for name in _UNKNOWN.findall(text):
            found = self._bound(module, name, within) if depth <= _DEEPEST else None
            if found is None or found[1].kind not in ("str", "name"):
                instead = "{" + name.rpartition(".")[2] + "?}"
            else:
                there, value, owner = found
                inner = value.text if value.kind == "str" else "{" + value.text + "?}"
                instead = self._filled(there, inner, owner, depth + 1)
            text = text.replace("{" + name + "?}", instead)
        return text

    def _bound(self, module: Module, name: str, within: str) -> tuple[Module, Expr, str] | None:
        """``(module, value, class)`` of a constant as code of the class ``within`` names it: ``BASE``, ``Routes.BASE``, ``Routes.User.BASE``."""
        owner, _, last = name.rpartition(".")
        holder = owner.rpartition(".")[2]
        for known in (f"{within}.{name}", f"{holder}.{last}", name):
            if known in module.bindings:
                return module, module.bindings[known].value, holder or within
        entry = module.imports.get(last) if not owner else None
        words = [holder, owner.split(".", 1)[0]] if owner else [entry.module.rsplit(".", 1)[-1]] if entry else []
        for word in dict.fromkeys(words):
            found = self.type_of(module, word) or self._outer(entry.module if entry is not None else "", word)
            for known in (f"{holder or word}.{last}", last):
                if found is not None and known in found[0].bindings:
                    return found[0], found[0].bindings[known].value, holder or word
        return None

    def _outer(self, package: str, name: str) -> tuple[Module, Function] | None:
        """The class of ``import static com.example.Routes.User.BASE``: ``User`` in the file of ``Routes``, or of its own."""
        for stem in reversed(package.split(".")):
            for path in self._files.get(stem, []):
                other = self._resolver.module(path)
                if other is not None and name in other.functions:
                    return other, other.functions[name]
        return None
