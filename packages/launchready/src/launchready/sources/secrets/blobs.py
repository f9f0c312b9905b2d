"""Reads blobs from the repository and searches each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from launchready.sources.git import Repository
from launchready.sources.secrets.detector import Detector, Hit
from launchready.sources.secrets.engine import NotScannedError
from launchready.sources.secrets.runs import Run, Until

LARGEST = 10_000_000
# Bytes that are read before the rules are there.
_AHEAD = 48_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A blob that was searched. ``exact`` says whether every value stands in it byte for byte where the hit says."""

    name: str
    hits: tuple[Hit, ...]
    exact: bool


def look(repository: Repository, detector: Detector, runs: Iterable[Run], until: Until) -> Iterator[Seen]:
    """Search the blobs of the runs, which are taken as git gets to them. One that is too large or takes too long is left out."""
    paths: dict[str, str] = {}
    for name, content in _read_ahead(repository, detector, _names(runs, paths)):
        # The first load on a machine compiles the rules, and nothing is searched meanwhile.
        detector.load()
        until.begin()
        if until.over:
            return
        path = paths.pop(name)
        try:
            hits = detector.scan(path or "unknown", content)
        except NotScannedError:
            continue
        yield Seen(name, hits, is_exact(hits, content))


def is_exact(hits: Sequence[Hit], content: bytes) -> bool:
    """Whether every value stands where its hit says, byte for byte."""
    return not hits or all(content[slice(*hit.span)] == hit.value.encode("utf-8", "surrogateescape") for hit in hits)


def _names(runs: Iterable[Run], paths: dict[str, str]) -> Iterator[str]:
    for run in runs:
        paths.update(run)
        for name, _ in run:
            yield name


def _read_ahead(repository: Repository, detector: Detector, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
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
