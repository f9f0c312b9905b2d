"""The syntax of the files that a stranger's walk comes through, parsed when it first gets there."""

import re

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Parser

from launchready.sources.facts.script_values import FUNCTIONS
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.resolver import Resolver
from launchready.sources.stranger.syntax import Syntax

CLASSES = frozenset(("class_declaration", "abstract_class_declaration", "class"))
SCRIPTS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx")
_LARGEST = 1_000_000
_BLOCKS = frozenset(("statement_block", "program", "class_static_block", "switch_case", "switch_default"))


class Files:
    """Parsed files, and the nodes in them by what facts say."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._roots: dict[str, Syntax | None] = {}
        self._declared: dict[tuple[str, int], dict[str, Syntax]] = {}
        self._named: dict[str, list[tuple[str, Syntax]]] = {}

    def root(self, path: str) -> Syntax | None:
        """The syntax of a file, None when it is no script or too large."""
        if path not in self._roots:
            raw = self._resolver.source(path)
            self._roots[path] = _parse(path, raw) if 0 < len(raw) < _LARGEST else None
        return self._roots[path]

    def node(self, path: str, function: Function) -> Syntax | None:
        """The node of a function or class that facts name."""
        root = self.root(path)
        same = root.at(function.line, CLASSES if function.is_class else FUNCTIONS) if root is not None else []
        if len(same) > 1:
            start = function.code[:80].split("\n")[0]
            body = [one for one in same if (inner := one.get("body")) and inner.text.startswith(start)]
            same = body or same
        return same[0] if same else None

    def call(self, path: str, call: Expr) -> Syntax | None:
        """The node of a call that facts name."""
        root = self.root(path)
        for found in root.at(call.line, ("call_expression",)) if root is not None else ():
            called = found.get("function")
            if called is None:
                continue
            made = (
                call.on is not None and called.kind == "call_expression" and called.text.startswith(f"{call.on.text}(")
            )
            if called.text.replace("?.", ".") == call.text or (made and not call.text):
                return found
        return None

    def declared(self, path: str, name: str, at: Syntax) -> Syntax | None:
        """The declaration that a name leads to from a place, outwards: a declarator, function or class. A parameter is none."""
        block: Syntax | None = at
        while block is not None:
            if block.kind in _BLOCKS:
                key = (path, block.id)
                if key not in self._declared:
                    self._declared[key] = dict(_declarations(block))
                if name in self._declared[key]:
                    return self._declared[key][name]
            elif block.kind in FUNCTIONS and re.search(rf"\b{re.escape(name)}\b", _parameters(block)):
                return None
            block = block.above
        return None

    def bound(self, path: str, name: str, line: int) -> Syntax | None:
        """The value given to a name in a line of a file."""
        root = self.root(path)
        for found in root.at(line, ("variable_declarator",)) if root is not None else ():
            if (found.get("name") or found).text == name:
                return found.get("value")
        return None

    def named(self, word: str) -> list[tuple[str, Syntax]]:
        """Every function of the tree that a method call ``x.word()`` could mean, and calls whose value bears such a key, with their files."""
        if word not in self._named:
            paths = self._resolver.holding(word.encode(), SCRIPTS)
            self._named[word] = [(path, node) for path in paths for node in self._bearing(path, word)]
        return self._named[word]

    def _bearing(self, path: str, word: str) -> list[Syntax]:
        root = self.root(path)
        found: list[Syntax] = []
        for one in root.within(FUNCTIONS | {"pair"}) if root is not None else ():
            key = one.get("key") or one.get("name")
            value = one.get("value") if one.kind == "pair" else one
            if key is None or value is None or key.text.strip("'\"`") != word:
                continue
            if value.bare().kind in FUNCTIONS | {"call_expression"} and value.bare() not in found:
                found.append(value.bare())
        return found


def _parse(path: str, raw: bytes) -> Syntax | None:
    suffix = path.rsplit(".", 1)[-1]
    if suffix == "tsx":
        language = tree_sitter_typescript.language_tsx()
    elif suffix in ("ts", "mts", "cts"):
        language = tree_sitter_typescript.language_typescript()
    elif suffix in ("js", "mjs", "cjs", "jsx"):
        language = tree_sitter_javascript.language()
    else:
        return None
    return Syntax(Parser(Language(language)).parse(raw).root_node)


def members(owner: Syntax, name: str) -> tuple[Syntax | None, Syntax | None]:
    """A method of a class by name, and the first value of a field of that name."""
    body = owner.get("body")
    for child in body.named if body is not None else ():
        key = child.get("name") or child.get("property")
        if key is None or key.text != name:
            continue
        if child.kind == "method_definition":
            return child, None
        value = child.get("value")
        if value is not None:
            return (value.bare(), None) if value.bare().kind in FUNCTIONS else (None, value)
    return None, None


def base(owner: Syntax) -> Syntax | None:
    """What a class extends."""
    heritage = next((child for child in owner.named if child.kind == "class_heritage"), None)
    clause = next((c for c in heritage.named if c.kind == "extends_clause"), heritage) if heritage else None
    return clause.named[0] if clause is not None and clause.named else None


def _parameters(function: Syntax) -> str:
    given = function.get("parameters") or function.get("parameter")
    return given.text if given is not None else ""


def _declarations(block: Syntax) -> list[tuple[str, Syntax]]:
    found = []
    for child in block.named:
        inner = child.get("declaration") if child.kind == "export_statement" else child
        if inner is None:
            continue
        if inner.kind in ("lexical_declaration", "variable_declaration"):
            found += [
                (name.text, one) for one in inner.named if (name := one.get("name")) and name.kind == "identifier"
            ]
        elif (inner.kind in CLASSES or inner.kind in FUNCTIONS) and (name := inner.get("name")):
            found.append((name.text, inner))
    return found
