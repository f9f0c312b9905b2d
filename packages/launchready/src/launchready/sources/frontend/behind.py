"""Follows what a page hides to the endpoints it calls: through handlers of the same file, components and API modules it imports."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.model.surface import Endpoint
from launchready.sources.frontend.calls import Call, bases_in, calls_in, endpoint_of
from launchready.sources.frontend.hidden import Hidden, hidden_in
from launchready.sources.places import is_built, is_real
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

_DRAWS = (".jsx", ".tsx", ".vue", ".svelte")
PAGES = (".jsx", ".tsx", ".vue", ".svelte", ".js", ".ts", ".mjs")
_IMPORT = re.compile(r"\bimport\s+(?!type\b)(?P<what>[\w$*{}\s,]+?)\s+from\s+[`'\"](?P<source>[^`'\"]+)[`'\"]")
_USED = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]*)(?:\.([A-Za-z_$][\w$]*))?")
_SERVER = re.compile(r"\b(?:express|fastify|hono|koa|@nestjs/\w+|next/server)[`'\"]|(?:^|/)route\.[jt]s$")
_MOST = 60
# What people write by hand; a bundle of a page is no page.
_LARGEST = 200_000


@dataclass(frozen=True, slots=True)
class Reached:
    """An endpoint that a page calls from a part it hides."""

    endpoint: Endpoint
    hidden: Hidden
    call: Call


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a tree. ``read`` is how many files were read."""

    reached: tuple[Reached, ...]
    read: int


def read_pages(tree: Tree, endpoints: tuple[Endpoint, ...]) -> Pages:
    """Every endpoint that is called from behind a condition on the visitor, by the first such place."""
    written = [file for file in tree.with_suffix(*PAGES) if file.size <= _LARGEST and not tree.minified(file)]
    files = {file.path: text for file in written if (text := _page(tree, file.path)) is not None}
    bases = frozenset(base for text in files.values() for base in bases_in(text)) | {"/api"}
    follow = _Follow(files, Resolver(tree))
    found: dict[tuple[str, bool], Reached] = {}
    for path, text in sorted(files.items()):
        for hidden in hidden_in(text, path):
            for call in follow.calls(hidden):
                endpoint = endpoint_of(call, endpoints, bases)
                if endpoint is not None:
                    found.setdefault((endpoint.name, hidden.role), Reached(endpoint, hidden, call))
    return Pages(tuple(found.values()), len(files))


def _page(tree: Tree, path: str) -> str | None:
    if is_built(path) or not is_real(path):
        return None
    text = tree.text(path)
    return None if text is None or _SERVER.search(text[:4000]) or _SERVER.search(path) else text


class _Follow:
    def __init__(self, files: dict[str, str], resolver: Resolver) -> None:
        self._files, self._resolver = files, resolver

    def calls(self, hidden: Hidden) -> Iterator[Call]:
        if hidden.loads:
            target = self._file(hidden.file, hidden.loads)
            yield from self._whole(target, 2) if target else ()
            return
        yield from self._part(hidden.file, hidden.text, hidden.first, 3)

    def _whole(self, path: str, hops: int) -> Iterator[Call]:
        text = self._files.get(path)
        if text is not None and hops:
            yield from self._part(path, text, 1, hops)

    def _part(self, path: str, part: str, first: int, hops: int) -> Iterator[Call]:
        yield from calls_in(part, path, first)
        if hops <= 1:
            return
        text = self._files.get(path, "")
        imports = self._imports(path, text)
        used = list(dict.fromkeys(match.groups() for match in _USED.finditer(part)))
        for name, attribute in used[:400]:
            if name in imports:
                yield from self._imported(*imports[name], attribute, hops - 1)
            elif attribute and (made := re.search(rf"\b{re.escape(name)}\s*=\s*new\s+(\w+)\(", text)):
                if made.group(1) in imports:
                    yield from self._imported(*imports[made.group(1)], attribute, hops - 1)
            elif not attribute and part != text and (body := _body(text, name)):
                start, inner = body
                # The part itself is in this body when a whole component is meant.
                if part not in inner:
                    yield from self._part(path, inner, text.count("\n", 0, start) + 1, hops - 1)

    def _imported(self, target: str, symbol: str, attribute: str | None, hops: int) -> Iterator[Call]:
        if (symbol[:1].isupper() or symbol == "default") and target.endswith(_DRAWS) and not attribute:
            # A component: what it does is what the page does. A client is no component, and calls nothing by being imported.
            yield from self._whole(target, hops)
            return
        found = self._resolver.exported(target, symbol, [attribute] if attribute else [], 6)
        if found and found.function and not found.function.is_class:
            yield from calls_in(found.function.code, found.path, found.function.line)

    def _imports(self, path: str, text: str) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for match in list(_IMPORT.finditer(text))[:_MOST]:
            target = self._file(path, match["source"])
            if target is None:
                continue
            braces = re.search(r"\{([^{}]*)\}", match["what"])
            for entry in braces.group(1).split(",") if braces else ():
                symbol, _, local = entry.strip().partition(" as ")
                if symbol:
                    found[(local or symbol).strip()] = (target, symbol.strip())
            rest = re.sub(r"\{[^{}]*\}", "", match["what"]).replace(",", " ").strip()
            if rest.startswith("*"):
                found[rest.split()[-1]] = (target, "*")
            elif rest:
                found[rest] = (target, "default")
        return found

    def _file(self, path: str, source: str) -> str | None:
        if found := self._resolver.script_file(path, source):
            return found
        folder = posixpath.dirname(path)
        while source.startswith(("@/", "~/")):
            for candidate in (posixpath.join(folder, "src", source[2:]), posixpath.join(folder, source[2:])):
                if candidate in self._files:
                    return candidate
            if not folder:
                return None
            folder = posixpath.dirname(folder)
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
        return joined if joined in self._files else None


def _body(text: str, name: str) -> tuple[int, str] | None:
    """Where a function of this name is defined in a file, and its text."""
    match = re.search(
        rf"\b(?:async\s+)?function\s+{re.escape(name)}\s*\(|\b(?:const|let|var)\s+{re.escape(name)}\s*=\s*(?:async\b|\(|function\b|use\w+\(|\w+\s*=>)",
        text,
    )
    if match is None:
        return None
    start = text.find("{", match.end() - 1)
    if start < 0:
        return None
    depth = 0
    for at in range(start, min(len(text), start + 20_000)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return match.start(), text[match.start() : at + 1]
    return None
