"""The facts of a file, by the language its name says."""

import posixpath
from pathlib import Path

from launchready.sources.facts.go import read_go
from launchready.sources.facts.java import read_java
from launchready.sources.facts.javascript import read_javascript
from launchready.sources.facts.kotlin import read_kotlin
from launchready.sources.facts.python import read_python
from launchready.sources.facts.ruby import read_ruby
from launchready.sources.facts.shape import Module
from launchready.sources.tree import Tree

SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
_READERS = {
    ".py": read_python,
    ".go": read_go,
    ".java": read_java,
    ".kt": read_kotlin,
    ".rb": read_ruby,
    ".ru": read_ruby,
    **dict.fromkeys(SCRIPTS, read_javascript),
}


def facts_of(path: str, content: bytes | None) -> Module | None:
    """The facts of a file with this content; None when there is none, or it is in no language we read."""
    reader = _READERS.get(posixpath.splitext(path)[1])
    return reader(path, content) if reader is not None and content is not None else None


def read_facts(root: str, path: str) -> Module | None:
    """The facts of a file below ``root``."""
    return facts_of(path, Tree(Path(root), (), ()).bytes(path))
