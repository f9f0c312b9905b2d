"""Shares out the blobs of a history among those who search it, until the time is up or somebody stops them."""

import threading
import time
from collections.abc import Iterable, Iterator

# A run is a part of what is left, so that all who search come to the end together.
_PART = 8
_SHORTEST = 500
_LONGEST = 8000

Run = list[tuple[str, str]]


class Until:
    """When a search ends though it is not through: some seconds after it began, or as soon as ``stop`` is set."""

    def __init__(self, seconds: float, stop: threading.Event | None = None) -> None:
        self._seconds = seconds
        self._end: float | None = None
        self._stop = stop or threading.Event()

    def begin(self) -> None:
        """Count from now, unless somebody has begun before."""
        if self._end is None:
            self._end = time.monotonic() + self._seconds

    @property
    def left(self) -> float:
        """The seconds that are left, all of them before it began; less than none when the time is up."""
        return self._seconds if self._end is None else self._end - time.monotonic()

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped the search."""
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        """Whether nothing more is to be searched."""
        return self.stopped or self.left < 0


class Runs:
    """``(blob, path)`` of all that is to be searched, handed out a run of neighbours at a time: one is unpacked from the other."""

    def __init__(self, blobs: Iterable[tuple[str, str]], until: Until) -> None:
        self._blobs = list(blobs)
        self._until = until
        self._lock = threading.Lock()
        self._at = 0

    def take(self) -> Run:
        """The next run, empty when there is none."""
        with self._lock:
            if self._until.over:
                return []
            size = min(max((len(self._blobs) - self._at) // _PART, _SHORTEST), _LONGEST)
            run = self._blobs[self._at : self._at + size]
            self._at += len(run)
            return run

    def back(self, blobs: Iterable[tuple[str, str]]) -> None:
        """Take back what was handed out and not searched."""
        with self._lock:
            self._blobs += blobs

    def __iter__(self) -> Iterator[Run]:
        return iter(self.take, [])
