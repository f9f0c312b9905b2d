"""The facts of a file, by the language its name says."""

import importlib
import posixpath
from collections.abc import Callable
from functools import cache
from pathlib import Path

from launchready.sources.facts.shape import Module
from launchready.sources.tree import Tree

SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
_READERS = {
    ".py": "python",
    ".go": "go",
    ".java": "java",
    ".kt": "kotlin",
    ".rb": "ruby",
    ".ru": "ruby",
    **dict.fromkeys(SCRIPTS, "javascript"),
}


def facts_of(path: str, content: bytes | None) -> Module | None:
    """The facts of a file with this content; None when there is none, or it is in no language we read."""
    reader = reader_of(posixpath.splitext(path)[1])
    return reader(path, content) if reader is not None and content is not None else None


@cache
def reader_of(suffix: str) -> Callable[[str, bytes], Module] | None:
    """What reads files of this suffix; None when they are in no language we read. Imports it: each brings a grammar, and few apps are written in more than two languages."""
    language = _READERS.get(suffix)
    if language is None:
        return None
    read: Callable[[str, bytes], Module] = getattr(
        importlib.import_module(f"{__package__}.{language}"), f"read_{language}"
    )
    return read


def read_facts(root: str, path: str) -> Module | None:
    """The facts of a file below ``root``."""
    return facts_of(path, Tree(Path(root), (), ()).bytes(path))
