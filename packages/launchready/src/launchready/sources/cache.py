"""The surface of a tree that was read before, kept in the user's own cache folder.

The key is made of every file's path and content and of the code that reads them, so a cached surface is exactly what reading again would
give. It is not kept in the project: whoever wrote the project could then tell us what to see.
"""

import contextlib
import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path

import msgspec

from launchready.model.surface import Surface
from launchready.sources.tree import Tree
from launchready.sources.uncollected import uncollected

_KEPT = 40


def cached_surface(tree: Tree, folder: Path | None = None) -> Surface:
    """The surface of ``tree``: read now, or as read before from the same bytes. ``folder`` is the user's cache folder unless given."""
    folder = folder or _user_folder()
    file = folder / f"{_key(tree)}.msgpack"
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        surface = msgspec.msgpack.decode(file.read_bytes(), type=Surface)
        os.utime(file)
        return surface
    # What reads takes longer to import than a kept surface to find, and as long as the process takes to start that reads ahead.
    from launchready.sources.ahead import reading_ahead

    with uncollected(), reading_ahead(tree) as ahead:
        from launchready.sources.surface import read_surface

        surface = read_surface(tree, ahead)
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "wb") as written:
            written.write(msgspec.msgpack.encode(surface))
        Path(name).replace(file)
        _drop_oldest(folder)
    return surface


def _user_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "launchready" / "surface"


def _key(tree: Tree) -> str:
    digest = hashlib.blake2b(_reader_digest(), digest_size=20)
    for unread in tree.unread:
        digest.update(f"{unread.file}\0{unread.reason}\0".encode("utf-8", "surrogateescape"))
    for file in tree.files:
        content = tree.bytes(file.path)
        digest.update(f"{file.path}\0{'-' if content is None else len(content)}\0".encode("utf-8", "surrogateescape"))
        digest.update(content or b"")
    return digest.hexdigest()


@cache
def _reader_digest() -> bytes:
    """What reads: another version of this code may see more."""
    digest = hashlib.blake2b(digest_size=20)
    package = Path(__file__).parent
    for file in sorted([*package.rglob("*.py"), *package.rglob("*.toml"), package.parent / "model" / "surface.py"]):
        digest.update(file.read_bytes())
    return digest.digest()


def _drop_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.msgpack"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_KEPT:]:
        file.unlink(missing_ok=True)
