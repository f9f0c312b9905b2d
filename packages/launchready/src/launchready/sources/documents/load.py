"""Opens JSON and YAML documents of a tree once, follows their references, and finds the line where a key stands."""

import bisect
import json
import posixpath
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from launchready.sources.documents.shape import mapping
from launchready.sources.tree import Tree
from launchready.sources.yamls import YamlError, load_yaml

_DEPTH = 12


class Library:
    """The documents of one tree, each parsed at most once; or ``given`` ones, by path, which came from elsewhere."""

    def __init__(self, tree: Tree | None, given: Mapping[str, str] | None = None) -> None:
        self._tree, self._given = tree, given or {}
        self._known = frozenset(file.path for file in tree.files) if tree else frozenset(self._given)
        self._parsed: dict[str, Any] = {}

    def text(self, path: str) -> str:
        """The text of a file, empty when it is not text."""
        if path in self._given or self._tree is None:
            return self._given.get(path, "")
        return self._tree.text(path) or ""

    def load(self, path: str) -> Any:
        """The parsed document; None when it does not parse or is no file of the tree."""
        if path not in self._parsed:
            self._parsed[path] = parse(self.text(path), path) if path in self._known else None
        return self._parsed[path]

    def follow(self, node: Any, path: str) -> tuple[dict[Any, Any], str]:
        """The mapping that ``node`` stands for and the file it is in, after every ``$ref`` (RFC 6901 pointers, other files of the tree).

        An empty mapping when a reference leads nowhere, round in a circle or out of the tree.
        """
        for _ in range(_DEPTH):
            ref = mapping(node).get("$ref")
            if not isinstance(ref, str):
                return mapping(node), path
            other, _, pointer = ref.partition("#")
            if "://" in other:
                break
            if other:
                path = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(other)))
            node = self.load(path)
            for part in pointer.split("/")[1:]:
                key = unquote(part).replace("~1", "/").replace("~0", "~")
                node = mapping(node).get(key)
        return {}, path


def parse(text: str, path: str) -> Any:
    """The content of a JSON or YAML text; None when it is neither."""
    try:
        if path.endswith((".json", ".har")) or text.lstrip()[:1] == "{":
            return json.loads(text.removeprefix("\ufeff"))
        return _yaml(text)
    except (ValueError, RecursionError):
        return None


def _yaml(text: str) -> Any:
    try:
        return load_yaml(text)
    except YamlError:
        # Many generators indent by tabs, which other parsers of YAML let pass.
        if "\t" not in text:
            raise
        return load_yaml(text.expandtabs(2))


_BEFORE = re.compile(r"""(?:^|[\s{,])["']?\Z""", re.M)
_AFTER = re.compile(r"""["']?\s*:""")


class Lines:
    """Where keys stand in a text: line numbers from 1, by search and in order, as parsers of JSON keep none."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks = [match.start() for match in re.finditer("\n", text)]

    def of(self, *keys: str) -> int:
        """The line of the last of ``keys``, each looked for after the one before; that of the last one found, at least 1."""
        at = 0
        for key in keys:
            place = self._place(key, at)
            if place < 0:
                break
            at = place
        return bisect.bisect_left(self._breaks, at) + 1

    def _place(self, key: str, start: int) -> int:
        """Where the next entry of this key has its colon; -1 when there is none."""
        at = self._text.find(key, start)
        while at >= 0:
            end = at + len(key)
            if _BEFORE.search(self._text, max(at - 2, 0), at) and (after := _AFTER.match(self._text, end)):
                return after.end() - 1
            at = self._text.find(key, end)
        return -1
