"""The files of a tree, said to another process that reads the same tree."""

import zlib
from functools import lru_cache
from pathlib import Path

from launchready.sources.tree import SourceFile, Tree


def listing(tree: Tree) -> bytes:
    """The paths of a tree."""
    return zlib.compress("\0".join(file.path for file in tree.files).encode("utf-8", "surrogateescape"), 1)


@lru_cache(maxsize=1)
def listed(root: str, paths: bytes) -> Tree:
    """The files below ``root`` that a :func:`listing` names, their sizes unknown. Whoever asks again shares what was read of them."""
    names = zlib.decompress(paths).decode("utf-8", "surrogateescape").split("\0")
    return Tree(Path(root), tuple(SourceFile(path, 0) for path in names), ())
