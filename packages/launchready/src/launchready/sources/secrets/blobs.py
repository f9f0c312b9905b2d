"""Reads blobs from the repository and searches each."""

import contextlib
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from launchready.sources.git import Repository
from launchready.sources.secrets.detector import Detector, Hit
from launchready.sources.secrets.engine import NotScannedError
from launchready.sources.secrets.runs import Run, Until

LARGEST = 10_000_000
# Bytes that are read before the rules are there.
_AHEAD = 64_000_000
# Blobs that a thread takes at a time, and the bytes after which it takes no more.
_TAKEN = 20
_HELD = 1_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A blob that was searched. ``exact`` says whether every value stands in it byte for byte where the hit says."""

    name: str
    hits: tuple[Hit, ...]
    exact: bool


class Blobs:
    """The blobs of the runs, which are taken as git gets to them. One that is too large is left out.

    Threads that search share one: two gits would both unpack what the blobs of both are built from.
    """

    def __init__(self, repository: Repository, detector: Detector, runs: Iterable[Run]) -> None:
        self._lock = threading.Lock()
        self._paths: dict[str, str] = {}
        self._read = _read_ahead(repository, detector, _names(runs, self._paths))

    def take(self) -> list[tuple[str, str, bytes]]:
        """Some of them, each with its path; none at the end."""
        taken: list[tuple[str, str, bytes]] = []
        size = 0
        with self._lock:
            for name, content in self._read:
                taken.append((name, self._paths.pop(name), content))
                size += len(content)
                if len(taken) == _TAKEN or size > _HELD:
                    break
        return taken

    def close(self) -> None:
        """Read no more."""
        with self._lock:
            self._read.close()


def look(blobs: Blobs, detector: Detector, until: Until) -> Iterator[list[Seen]]:
    """Search blobs, some at a time. One that takes too long is left out."""
    with contextlib.closing(blobs):
        while not until.over and (taken := blobs.take()):
            # The first load on a machine compiles the rules, and nothing is searched meanwhile.
            detector.load()
            until.begin()
            seen = []
            for name, path, content in taken:
                if until.over:
                    break
                with contextlib.suppress(NotScannedError):
                    hits = detector.scan(path or "unknown", content)
                    seen.append(Seen(name, hits, is_exact(hits, content)))
            yield seen


def is_exact(hits: Sequence[Hit], content: bytes) -> bool:
    """Whether every value stands where its hit says, byte for byte."""
    return not hits or all(content[slice(*hit.span)] == hit.value.encode("utf-8", "surrogateescape") for hit in hits)


def _names(runs: Iterable[Run], paths: dict[str, str]) -> Iterator[str]:
    for run in runs:
        paths.update(run)
        for name, _ in run:
            yield name


def _read_ahead(repository: Repository, detector: Detector, names: Iterable[str]) -> Generator[tuple[str, bytes]]:
    ahead: list[tuple[str, bytes]] = []
    size = 0
    for name, content in repository.contents(names, LARGEST):
        if not detector.ready and size < _AHEAD:
            ahead.append((name, content))
            size += len(content)
            continue
        yield from ahead
        ahead.clear()
        yield name, content
    yield from ahead
