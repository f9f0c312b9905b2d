"""The frameworks of one tree, shared out between this process and the one that reads ahead.

Each framework is read as a whole by one of the two, and those that read the same files by the same one: nobody guesses which files
will be asked for, and what is found is small to hand over. A framework finds the same whoever reads it, and whatever was read before.
"""

import importlib
import pickle
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType

from launchready.model.surface import Endpoint, Unread
from launchready.sources import frameworks
from launchready.sources.ahead import Ahead
from launchready.sources.frameworks.common import Framework, Reader
from launchready.sources.guards import Guards
from launchready.sources.listings import listed
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

# Whoever reads less than this (bytes) has read it before the other process is ready for it.
_WORTH = 50_000


@dataclass(frozen=True, slots=True)
class Share:
    """What a module of frameworks found: the endpoints of each, which of them some file imports, what could not be followed, and the files that do not parse."""

    found: dict[str, tuple[Endpoint, ...]]
    used: frozenset[str]
    lost: tuple[Unread, ...]
    broken: tuple[str, ...] = ()


class Shares:
    """What each of some modules finds in ``tree``, whose files the listing ``paths`` names."""

    def __init__(
        self, tree: Tree, resolver: Resolver, ahead: Ahead, modules: Iterable[ModuleType], paths: bytes
    ) -> None:
        self._ahead = ahead
        self._modules = {_name(module): module for module in modules}
        self._readers = {name: Reader(tree, resolver, Guards(resolver)) for name in self._modules}
        self._done: dict[str, Share] = {}
        self._expected: dict[str, list[str]] = {}
        if ahead.works:
            self._expected = {
                name: module.EXPECTS(self._readers[name])
                for name, module in self._modules.items()
                if hasattr(module, "EXPECTS")
            }
        sizes = {file.path: file.size for file in tree.files}
        groups = grouped({name: {path: sizes[path] for path in found} for name, found in self._expected.items()})
        # The other process begins with what takes longest, this one with what it alone reads: they meet half-way.
        self._shared = groups if len(groups) > 1 else []
        for group in self._shared:
            found = zlib.compress(pickle.dumps({name: self._readers[name].found for name in group}), 1)
            ahead.prepare(_key(group), read_listed, str(tree.root), paths, found)
        elsewhere = {name for group in self._shared for name in group}
        self._alone = [name for name in self._modules if name not in elsewhere]
        self._expect(self._alone)

    def read(self) -> bool:
        """Read what nobody else reads. Whether the other process is at its share: there is time for something else."""
        self._own(self._alone)
        for group in reversed(self._shared):
            if self._ahead.claim(_key(group)):
                self._expect(group)
                self._own(group)
        return len(self._done) < len(self._modules)

    def all(self) -> list[Share]:
        """The shares of all modules, in their order."""
        for group in self._shared:
            if group[0] not in self._done:
                self._done |= self._ahead.finished(_key(group)) or {}
        self._own([name for name in self._modules if name not in self._done])
        return [self._done[name] for name in self._modules]

    def _expect(self, names: Sequence[str]) -> None:
        # Said at once: while one framework is made sense of, the files of the others are read.
        for name in names:
            self._ahead.expect(self._expected.get(name, ()))

    def _own(self, names: Sequence[str]) -> None:
        self._done |= {name: _read(self._modules[name], self._readers[name]) for name in names}


def grouped(expected: dict[str, dict[str, int]]) -> list[tuple[str, ...]]:
    """Modules by the files that each reads in any case, with their sizes: those together that share half of what one of them reads, the largest group first."""
    groups: list[tuple[list[str], dict[str, int]]] = []
    for name, files in sorted((name, files) for name, files in expected.items() if files):
        names, together = [name], dict(files)
        for group in list(groups):
            shared = sum(size for path, size in together.items() if path in group[1])
            if 2 * shared >= min(sum(together.values()), sum(group[1].values())):
                groups.remove(group)
                names, together = [*group[0], *names], group[1] | together
        groups.append((names, together))
    worth = [(sum(files.values()), names) for names, files in groups]
    return [tuple(sorted(names)) for size, names in sorted(worth, key=lambda one: -one[0]) if size >= _WORTH]


def read_listed(root: str, paths: bytes, found: bytes) -> dict[str, Share]:
    """What modules find in the files that a listing names, each with the files that were ``found`` to bear its marks."""
    resolver = _resolver(root, paths)
    shares = {}
    for name, marked in pickle.loads(zlib.decompress(found)).items():
        module = importlib.import_module(f"{frameworks.__name__}.{name}")
        share = _read(module, Reader(listed(root, paths), resolver, Guards(resolver), found=marked))
        shares[name] = Share(share.found, share.used, share.lost, resolver.broken())
    return shares


@lru_cache(maxsize=1)
def _resolver(root: str, paths: bytes) -> Resolver:
    return Resolver(listed(root, paths))


def _read(module: ModuleType, reader: Reader) -> Share:
    reads: dict[str, Callable[[Reader], Framework]] = module.READS
    found = {name: framework(reader).read() for name, framework in reads.items()}
    return Share(found, frozenset(reader.used), tuple(reader.lost))


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _key(group: tuple[str, ...]) -> str:
    # No path begins with a slash.
    return f"/{' '.join(group)}"
