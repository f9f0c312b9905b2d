"""Which pages of a Next.js app can call a server action: those whose files, or the layouts above them, lead to the action's by imports.

An action has no address of its own, so a middleware stands before it where it stands before every page that brings it
(nextjs.org/docs: server actions are called by a POST to the page they are used on).
"""

import posixpath
import re
from collections.abc import Iterator

from launchready.sources.frameworks.script_handlers import SCRIPTS, address_of
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

_SHOWN = re.compile(
    r"^(?:src/)?app/((?:.*/)?)(page|layout|template|loading|error|not-found|default)\.(?:tsx|ts|jsx|js|mjs)$"
)
_PAGE = re.compile(r"^(?:src/)?app/((?:.*/)?)page\.(?:tsx|ts|jsx|js|mjs|mdx)$")
_MOST = 4000


class Pages:
    """The pages of the app in folder ``root``."""

    def __init__(self, tree: Tree, resolver: Resolver, root: str) -> None:
        self._tree, self._resolver, self._root = tree, resolver, root
        self._reached: dict[str, set[str]] | None = None

    def bringing(self, path: str) -> frozenset[str]:
        """The addresses of the pages that lead to a file; empty when none is seen to."""
        if self._reached is None:
            self._reached = {}
            for address, starts in self._starts():
                for file in self._closure(starts):
                    self._reached.setdefault(file, set()).add(address)
        return frozenset(self._reached.get(path, ()))

    def _starts(self) -> Iterator[tuple[str, list[str]]]:
        below = [
            file.path[len(self._root) :]
            for file in self._tree.with_suffix(*SCRIPTS)
            if file.path.startswith(self._root)
        ]
        shown = {path: found[1] for path in below if (found := _SHOWN.match(path))}
        for path in below:
            page = _PAGE.match(path)
            address = address_of(page[1]) if page else None
            if page is not None and address is not None:
                above = [
                    one
                    for one, folder in shown.items()
                    if page[1].startswith(folder) and (one == path or "/page." not in one)
                ]
                yield address, [f"{self._root}{one}" for one in above]

    def _closure(self, starts: list[str]) -> set[str]:
        found, left = set(starts), list(starts)
        while left and len(found) < _MOST:
            path = left.pop()
            module = self._resolver.module(path)
            named = (entry.module for entry in module.imports.values()) if module else ()
            for name in dict.fromkeys((*named, *(module.stars if module else ()))):
                file = self._resolver.script_file(path, name)
                if file and file not in found and posixpath.splitext(file)[1] in SCRIPTS:
                    found.add(file)
                    left.append(file)
        return found
