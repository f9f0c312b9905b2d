"""Route files that an app keeps and does not load: nothing names them where their neighbours are named (laravel.com/docs: routing)."""

import posixpath
import re
from collections.abc import Collection

from launchready.sources.tree import Tree

# Files found by their folder, or by a name that is put together.
_LISTING = re.compile(
    rb"\b(?:glob|scandir|allFiles|(?:Recursive)?DirectoryIterator|FilesystemIterator|Finder)\b|File::files\("
    rb"|routes/?['\"]\s*\.\s*\$|routes[\\/][^'\"\n]*\$"
)


def unloaded(tree: Tree, path: str, loaded: Collection[str]) -> bool:
    """Whether a neighbour of the route file is loaded by the app (``loaded`` are the files known to be) and no PHP file names this one.

    An app that may list its folder of routes, or puts their names together, is taken to load all of them.
    """
    folder, name = posixpath.split(path)
    root = posixpath.dirname(folder)
    if not any(posixpath.dirname(one) == folder for one in loaded):
        return False
    stem = re.escape(name.removesuffix(".php").encode())
    named = re.compile(rb"(?<![\w-])" + stem + rb"\.php|['\"]" + stem + rb"['\"]")
    for file in tree.with_suffix(".php"):
        if file.path != path and file.path.startswith(f"{root}/" if root else ""):
            content = tree.bytes(file.path) or b""
            if named.search(content) or (b"routes" in content and _LISTING.search(content)):
                return False
    return True
