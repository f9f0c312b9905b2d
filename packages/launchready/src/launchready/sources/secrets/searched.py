"""Remembers what a search of a history found, so that the next one reads only what is new.

Kept in the user's own cache folder, one file for each version of the detector: keys of the (blob, path) pairs that hold nothing, and for
those that hold a secret where in the file it stands. The value is read from the repository again; neither it nor anything made from it is
ever written. It is not kept in the project: whoever wrote the project could then call anything clean.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from launchready.sources.secrets.detector import Hit

if TYPE_CHECKING:
    from launchready.sources.secrets.kept import Spot

_OF_PATH = 4
_SIZE = 16
_MOST = 2_000_000
_MOST_HELD = 200_000

Read = Callable[[list[str]], Iterable[tuple[str, bytes]]]


class Searched:
    """The file versions that were searched with the detector as it is now. Without a ``folder`` nothing is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path: Path | None = None
        self._clean: set[bytes] = set()
        self._held: dict[bytes, tuple[Spot, ...]] = {}
        self._next = 0
        if folder is not None:
            from launchready.sources.secrets.kept import detector, read

            self._path = folder / f"searched-{detector()}"
            kept = read(self._path)
            self._clean = {kept.clean[at : at + _SIZE] for at in range(0, len(kept.clean), _SIZE)}
            self._held, self._next = kept.held, kept.numbers
        self._numbers: dict[str, int] = {}
        self._keys = _Keys()
        self._changed = False

    @classmethod
    def by_this_user(cls) -> "Searched":
        """What is kept in the user's own cache folder."""
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cls(home / "launchready" / "secrets")

    @property
    def empty(self) -> bool:
        """Whether nothing was searched before."""
        return not self._clean and not self._held

    def recall(self, paths: dict[str, str], read: Read) -> tuple[list[tuple[str, Hit]], list[str]]:
        """What is known of these blobs: ``(blob, hit)`` of those that hold something, and those that must be searched, in the order given.

        ``paths`` gives each blob its path; ``read`` streams the content of those asked for.
        """
        if self.empty:
            return [], list(paths)
        held: dict[str, tuple[Spot, ...]] = {}
        unknown: set[str] = set()
        for name, path in paths.items():
            key = self._keys.of(name, path)
            if key in self._held:
                held[name] = self._held[key]
            elif key not in self._clean:
                unknown.add(name)
        one_of: dict[int, tuple[str, tuple[int, int]]] = {}
        for name, spots in held.items():
            for spot in spots:
                one_of.setdefault(spot.number, (name, spot.span))
        texts = dict(read(list(dict.fromkeys(name for name, _ in one_of.values()))))
        values = {
            number: texts[name][slice(*span)].decode("utf-8", "replace")
            for number, (name, span) in one_of.items()
            if name in texts
        }
        self._numbers |= {value: number for number, value in values.items()}
        hits = []
        for name, spots in held.items():
            if all(spot.number in values for spot in spots):
                hits += [(name, spot.hit(values[spot.number])) for spot in spots]
            else:
                unknown.add(name)
        return hits, [name for name in paths if name in unknown]

    def add(self, name: str, path: str, hits: Iterable[Hit]) -> None:
        """Keep what a search of one blob found; every value must stand in it where its hit says."""
        if self._path is None:
            return
        spots = tuple(self._spot(hit) for hit in hits)
        key = self._keys.of(name, path)
        if spots:
            self._held[key] = spots
        else:
            self._clean.add(key)
        self._changed = True

    def save(self) -> None:
        """Write what is new. Where nothing can be kept, everything is searched again next time."""
        if self._path is None or not self._changed or len(self._clean) > _MOST or len(self._held) > _MOST_HELD:
            return
        import tempfile

        from launchready.sources.secrets.kept import Kept, written

        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=self._path.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(written(Kept(b"".join(sorted(self._clean)), self._held, self._next)))
            Path(name).replace(self._path)
            for old in (*self._path.parent.glob("searched-*"), *self._path.parent.glob("clean-*")):
                if old != self._path:
                    old.unlink(missing_ok=True)

    def _spot(self, hit: Hit) -> "Spot":
        from launchready.sources.secrets.kept import Spot

        number = self._numbers.get(hit.value)
        if number is None:
            number = self._numbers[hit.value] = self._next
            self._next += 1
        return Spot(number, hit.tier, hit.what, hit.line, hit.money, hit.test_mode, hit.signing, hit.lines, hit.span)


class _Keys(dict[str, bytes]):
    """The digest of each path: a history has far fewer paths than versions."""

    def __missing__(self, path: str) -> bytes:
        self[path] = hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=_OF_PATH).digest()
        return self[path]

    def of(self, name: str, path: str) -> bytes:
        """What stands for one blob at one path: the id's first bytes, which nobody can make another file have, and those of the path's digest."""
        return bytes.fromhex(name[: 2 * (_SIZE - _OF_PATH)]) + self[path]
