"""Follows names across files, and folds constants that live in other files."""

import posixpath
import re
from collections.abc import Iterator

from launchready.sources.ahead import Ahead
from launchready.sources.aliases import Aliases
from launchready.sources.facts.read import SCRIPTS, facts_of
from launchready.sources.facts.shape import Binding, Expr, Function, Import, Module
from launchready.sources.found import Found
from launchready.sources.go_links import GoLinks
from launchready.sources.phplinks import PhpLinks
from launchready.sources.python_files import PythonFiles
from launchready.sources.script_classes import Find, given_types, made, member
from launchready.sources.tree import Tree

_HOPS = 12
_RETURNS_TEXT = re.compile(r"""\{?\s*(?:return\s+)?(?:`(?P<text>[^`]*)`|f["'](?P<python>[^"'\n]*)["']);?\s*\}?$""")
_HOLE = re.compile(r"\$?\{([\w.]+)\}")
_UNKNOWN = re.compile(r"\{([\w.]+)\?\}")


class Resolver:
    """Facts of every file asked for, read once, and the links between them."""

    def __init__(self, tree: Tree, ahead: Ahead | None = None) -> None:
        self._tree = tree
        self._ahead = ahead or Ahead()
        self._ahead.follow_by(self._imports)
        self._modules: dict[str, Module | None] = {}
        self._paths = {file.path for file in tree.files}
        self._pythons = PythonFiles(tree)
        self._scripts: dict[tuple[str, str], str | None] = {}
        # The names whose text is being put together.
        self._asked: list[tuple[str, str]] = []
        self._aliases: Aliases | None = None
        self.go = GoLinks(tree, self.module)
        self.php = PhpLinks(tree)

    def module(self, path: str) -> Module | None:
        """The facts of a file, None when it is not there or no source we read."""
        self._ahead.advance()
        if path not in self._modules:
            if path.endswith(".php") and path in self._paths:
                file = self.php.file(path)
                self._modules[path] = file.module if file is not None else None
                return self._modules[path]
            known = path in self._paths
            module = (self._ahead.take(path) or facts_of(path, self._tree.bytes(path))) if known else None
            self._modules[path] = module
            if module is not None:
                # Most of what is asked for next is what the files asked for so far import.
                self._ahead.follow(path, module)
        return self._modules[path]

    def _imports(self, path: str, module: Module) -> Iterator[str]:
        """The files that a file imports."""
        for entry in module.imports.values():
            if path.endswith(".py"):
                inner = self.python_file(path, _submodule(entry)) if entry.symbol else None
                target = inner or self.python_file(path, entry.module)
            else:
                target = self.script_file(path, entry.module) if path.endswith(SCRIPTS) else None
            if target is not None:
                yield target

    def source(self, path: str) -> bytes:
        """What a file of the tree holds, nothing when it is not there."""
        return self._tree.bytes(path) or b"" if path in self._paths else b""

    def holding(self, word: bytes, suffixes: tuple[str, ...]) -> list[str]:
        """The files with one of these suffixes in which a word stands."""
        return [
            file.path for file in self._tree.files if file.path.endswith(suffixes) and word in self.source(file.path)
        ]

    def broken(self) -> tuple[str, ...]:
        """The files read so far that did not parse as a whole."""
        return tuple(sorted(path for path, module in self._modules.items() if module is not None and module.broken))

    def forget(self) -> None:
        """Let go of all facts. Left to the garbage collector, they would be gone through one by one."""
        self._modules.clear()

    def find(self, path: str, dotted: str, hops: int = _HOPS) -> Found | None:
        """What a dotted name in a file stands for, or ``path:name`` in another. None when it is a local value we know nothing of."""
        if ":" in dotted and dotted.rpartition(":")[0] in self._paths:
            path, _, dotted = dotted.rpartition(":")
        if path.endswith(".go"):
            return self.go.find(path, dotted)
        if path.endswith(".php"):
            php = self.php.function(path, dotted)
            return Found(php[0], php[1].name, function=php[1]) if php else None
        module = self.module(path)
        if module is None or hops <= 0:
            return None
        head, _, rest = dotted.partition(".")
        if not rest:
            if head in module.functions:
                return Found(path, head, function=module.functions[head])
            if head in module.bindings:
                binding = module.bindings[head]
                if binding.value.kind == "name" and binding.value.text != head:
                    return self.find(path, binding.value.text, hops - 1) or Found(path, head, binding=binding)
                return Found(path, head, binding=binding)
        elif dotted in module.bindings:
            return Found(path, dotted, binding=module.bindings[dotted])
        elif head == "this" and path.endswith(SCRIPTS):
            return self._own(path, module, rest, hops)
        elif found := self._member(path, module, head, rest.split("."), hops):
            return found
        return self._imported(path, module, dotted, hops) or self._starred(path, module, dotted, hops)

    def _member(self, path: str, module: Module, head: str, rest: list[str], hops: int) -> Found | None:
        """``controller.list``: a method of a class, of an instance made in this file, or an entry of an object."""
        if head in module.functions:
            return self._method(path, module.functions[head], rest, hops)
        if head in module.bindings:
            return self._dig(path, module.bindings[head].value, rest, hops - 1)
        return None

    def _dig(self, path: str, value: Expr, rest: list[str], hops: int) -> Found | None:
        while value.kind == "dict" and rest and (inner := value.get(rest[0])) is not None:
            value, rest = inner, rest[1:]
        if not rest:
            return self._export(path, value, value.text, hops)
        if value.kind == "name":
            return self.find(path, ".".join([value.text, *rest]), hops)
        if (
            value.kind == "call"
            and len(rest) == 1
            and (owner := made(self._hopping(hops), path, value))
            and owner.function
        ):
            return self._method(owner.path, owner.function, rest, hops)
        return None

    def _hopping(self, hops: int) -> Find:
        """The way on from here, which is one hop shorter."""
        return lambda path, dotted: self.find(path, dotted, hops - 1)

    def _own(self, path: str, module: Module, name: str, hops: int) -> Found | None:
        """``this.check``, which is no field that is assigned: a member of the class that has one of that name, when only one class of the file does."""
        if "." in name:
            return self._given(path, module, name, hops)
        owners = (one for one in module.functions.values() if one.is_class)
        found = [there for one in owners if (there := member(self._hopping(hops), path, one, name))]
        return found[0] if len(found) == 1 else None

    def _given(self, path: str, module: Module, name: str, hops: int) -> Found | None:
        """``this.hooks.check``: a method of what the class is given, by its type: ``constructor(private hooks: Hooks)``, ``hooks: Hooks``."""
        field, _, method = name.partition(".")
        owners = [one for one in module.functions.values() if one.is_class]
        kinds = {kind for owner in owners for kind in given_types(owner, field)}
        if len(kinds) != 1 or "." in method:
            return None
        found = self.find(path, kinds.pop(), hops - 1)
        return self._method(found.path, found.function, [method], hops - 1) if found and found.function else None

    def _method(self, path: str, owner: Function, rest: list[str], hops: int) -> Found | None:
        if not owner.is_class or len(rest) != 1:
            return None
        if path.endswith(SCRIPTS):
            return member(self._hopping(hops), path, owner, rest[0])
        name = f"{owner.name}.{rest[0]}"
        if method := next((one for one in owner.methods if one.name == rest[0]), None):
            return Found(path, name, function=method)
        # `class UserDto: api = Namespace("user")`: what a class is only the folder of.
        held = next((one.default for one in owner.fields if one.name == rest[0] and path.endswith(".py")), None)
        if held is None or held.kind not in ("call", "str"):
            return None
        return Found(path, name, binding=Binding(name, held, held.line))

    def _imported(self, path: str, module: Module, dotted: str, hops: int) -> Found | None:
        parts = dotted.split(".")
        for cut in range(len(parts), 0, -1):
            entry = module.imports.get(".".join(parts[:cut]))
            if entry is not None:
                return self._follow(path, entry, parts[cut:], hops)
        return None

    def _follow(self, path: str, entry: Import, rest: list[str], hops: int) -> Found | None:
        outside = Found(path, entry.name, outside=".".join(filter(None, [entry.module, entry.symbol, *rest])))
        if path.endswith(".py"):
            wanted = [entry.symbol, *rest] if entry.symbol else rest
            if entry.symbol and (submodule := self.python_file(path, _submodule(entry))):
                target = self.python_file(path, entry.module)
                # A package that imports its own submodules defines nothing by that.
                if target in (None, path) or not self._defines(target, entry.symbol):
                    return self.find(submodule, ".".join(rest), hops - 1) if rest else Found(submodule, "")
            target = self.python_file(path, entry.module)
            if target is None:
                return outside
            return self.find(target, ".".join(wanted), hops - 1) if wanted else Found(target, "")
        target = self.script_file(path, entry.module)
        if target is None:
            return outside
        return self.exported(target, entry.symbol, rest, hops - 1)

    def _defines(self, path: str | None, name: str) -> bool:
        module = self.module(path) if path else None
        return module is not None and (name in module.functions or name in module.bindings or name in module.imports)

    def _starred(self, path: str, module: Module, dotted: str, hops: int) -> Found | None:
        for star in module.stars:
            target = self.python_file(path, star)
            if target and (found := self.find(target, dotted, hops - 1)):
                return found
        return None

    def exported(self, path: str, symbol: str, rest: list[str], hops: int) -> Found | None:
        """What a script exports under a name (``default``, ``*`` for the whole of it)."""
        module = self.module(path)
        if module is None or hops <= 0:
            return None
        whole = module.exports.get("default")
        if whole is not None and whole.kind == "call" and whole.text == "require" and symbol not in module.exports:
            # `module.exports = require("./routes")`: what the other file exports.
            other = next((self.script_file(path, item.text) for item in whole.items if item.kind == "str"), None)
            if other:
                return self.exported(other, symbol, rest, hops - 1)
        if symbol in ("", "*"):
            starred = bool(module.stars) and "default" not in module.exports
            if rest and (starred or rest[0] in module.exports):
                symbol, rest = rest[0], rest[1:]
            else:
                symbol = "default"
        if symbol in module.exports:
            value = module.exports[symbol]
            return self._dig(path, value, rest, hops) if rest else self._export(path, value, symbol, hops)
        if symbol in module.functions or symbol in module.bindings:
            return self.find(path, ".".join([symbol, *rest]), hops - 1)
        for star in module.stars:
            target = self.script_file(path, star)
            if target and (found := self.exported(target, symbol, rest, hops - 1)):
                return found
        return None

    def _export(self, path: str, value: Expr, name: str, hops: int) -> Found | None:
        if value.kind == "name":
            return self.find(path, value.text, hops - 1)
        return Found(
            path, name, function=value.function, binding=None if value.function else Binding(name, value, value.line)
        )

    def python_file(self, path: str, dotted: str) -> str | None:
        """The file of a Python module as named in ``path``: relative, from the root, or from any folder above ``path``."""
        return self._pythons.named(path, dotted)

    def script_file(self, path: str, specifier: str) -> str | None:
        """The file a script imports: relative, by the aliases of tsconfig.json, as a package of the workspace, or by the usual
        ``@/`` and ``~/`` of the source folder."""
        key = (posixpath.dirname(path), specifier)
        if key not in self._scripts:
            self._scripts[key] = self._script_file(path, specifier)
        return self._scripts[key]

    def _script_file(self, path: str, specifier: str) -> str | None:
        if specifier.startswith("."):
            stems = [posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier))]
        else:
            if self._aliases is None:
                self._aliases = Aliases(self._tree)
            stems = list(self._aliases.stems(path, specifier))
            folder = posixpath.dirname(path)
            while specifier.startswith(("@/", "~/")):
                stems += [posixpath.join(folder, "src", specifier[2:]), posixpath.join(folder, specifier[2:])]
                if not folder:
                    break
                folder = posixpath.dirname(folder)
        for stem in stems:
            bare = re.sub(r"\.(?:js|mjs|cjs|jsx)$", "", stem)
            for candidate in (stem, *(bare + s for s in SCRIPTS), *(f"{stem}/index{s}" for s in SCRIPTS)):
                if candidate in self._paths and candidate.endswith(SCRIPTS):
                    return candidate
        return None

    def text(self, path: str, value: Expr | None) -> str:
        """The string an expression stands for; what cannot be known stays visible as ``{name?}``."""
        if value is None:
            return ""
        if value.kind == "str":
            return _UNKNOWN.sub(lambda match: self._known(path, match.group(1), match.group(0)), value.text)
        if value.kind == "name":
            return self._known(path, value.text, "{" + value.text.rsplit(".", 1)[-1] + "?}")
        if value.kind == "const":
            return "" if value.text in ("None", "null", "undefined") else value.text
        if value.kind == "either" and (default := self._only_text(path, value)) is not None:
            return default
        if value.kind == "call" and (built := self._built(path, value)) is not None:
            return built
        if value.kind == "list" and all(one.kind in ("name", "str") for one in value.items):
            # `API + V1 + "/tags"`: what names stand for is not seen where they are added up.
            return "".join(self.text(path, one) for one in value.items)
        given = value.items[0] if value.kind == "call" and len(value.items) == 1 else None
        if given is not None and given.kind == "str" and given.text.startswith("/"):
            # `scoped("/invite/<token>")`: what is put before a path, or done to it, leaves most of it as it is.
            return "{" + value.text.rsplit(".", 1)[-1] + "?}" + self.text(path, given)
        return "{" + (value.text.rsplit(".", 1)[-1] or "value") + "?}"

    def _known(self, path: str, dotted: str, unknown: str) -> str:
        """The text that a name stands for, which may be empty. ``prefix = f"{prefix}/new"`` says nothing of what it is."""
        if (path, dotted) in self._asked or len(self._asked) >= _HOPS:
            return unknown
        self._asked.append((path, dotted))
        text = self._constant(path, dotted)
        self._asked.pop()
        return unknown if text is None else text

    def _constant(self, path: str, dotted: str, hops: int = 6) -> str | None:
        found = self.find(path, dotted) if hops else None
        if found and found.binding and found.binding.value.kind == "str":
            return self.text(found.path, found.binding.value)
        if found and found.binding and found.binding.value.kind == "either":
            return self._only_text(found.path, found.binding.value)
        if found and found.binding and found.binding.value.kind == "name" and found.binding.value.text != dotted:
            return self._constant(found.path, found.binding.value.text, hops - 1)
        head, _, attribute = dotted.rpartition(".")
        if not head:
            return self._default(path, dotted) if found is None else None
        # settings.API_V1 and its like: an instance of a class whose field has a default.
        owner = self.find(path, head)
        if owner and owner.binding and owner.binding.value.kind == "call":
            made = self._made(owner.path, owner.binding.value.text)
            for entry in made.function.fields if made and made.function else ():
                if entry.name == attribute and entry.default is not None and entry.default.kind == "str":
                    return self.text(made.path if made else path, entry.default)
        return None

    def _only_text(self, path: str, value: Expr) -> str | None:
        """The text among two values, when just one of them is a text: what a setting is by default."""
        texts = [self.text(path, one) for one in value.items if one.kind == "str"]
        return texts[0] if len(texts) == 1 else None

    def _default(self, path: str, name: str) -> str | None:
        """The text that a parameter of this name has by default: ``def create_app(prefix="/api")``."""
        module = self.module(path)
        defaults = {
            param.default.text
            for function in (module.functions.values() if module else ())
            for param in function.params
            if param.name == name and param.default is not None and param.default.kind == "str"
        }
        return defaults.pop() if len(defaults) == 1 else None

    def _built(self, path: str, call: Expr) -> str | None:
        """What a function of one line makes of its arguments: ``const api = (path) => `/api/v1${path}```."""
        found = self.find(path, call.text) if call.text and call.on is None else None
        line = _RETURNS_TEXT.match(found.function.code) if found and found.function else None
        if found is None or found.function is None or line is None:
            return None
        given = {
            param.name: self.text(path, item) for param, item in zip(found.function.params, call.items, strict=False)
        }
        return _HOLE.sub(
            lambda hole: given.get(hole[1]) or self._constant(found.path, hole[1]) or f"{{{hole[1]}?}}",
            line["text"] or line["python"] or "",
        )

    def _made(self, path: str, called: str) -> Found | None:
        """The class that a call makes an instance of: itself, or what a factory such as ``get_settings()`` returns."""
        found = self.find(path, called)
        if found and found.function and not found.function.is_class:
            returned = re.search(r"\breturn\s+([A-Z]\w*)\(", found.function.code)
            returned = returned or re.fullmatch(r"[\"']?([A-Z]\w*)[\"']?", found.function.returns)
            return self.find(found.path, returned.group(1)) if returned else None
        return found


def _submodule(entry: Import) -> str:
    """The module that ``from package import name`` brings in, when that is one."""
    return f"{entry.module.rstrip('.')}.{entry.symbol}" if entry.module.strip(".") else entry.module + entry.symbol
