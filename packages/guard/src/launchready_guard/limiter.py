"""How often is too often: a sliding window. What a client is told of it follows the IETF's draft
"RateLimit header fields for HTTP"; ``Retry-After`` is RFC 9110, section 10.2.3.
"""

import math
import threading
import time
from array import array
from collections.abc import Callable
from typing import Any, NamedTuple

EXACT = 64


class Count(NamedTuple):
    """One attempt: whether it is within the limit, how many are left, and in how many seconds one more is (``reset``)."""

    within: bool
    left: int
    reset: float


class Window:
    """Counters of one limit, one for each key, at most ``most`` of them: what was counted longest ago makes room.

    Up to :data:`EXACT` attempts each is remembered by its time, so that no stretch of ``seconds`` holds more than ``count``. Above it two fixed
    windows stand for that: the one before counts for what of it the sliding one still covers. The clock must not go back (a jump must not open a door),
    hence :func:`time.monotonic`.
    """

    __slots__ = ("_clock", "_exact", "_kept", "_lock", "_most", "count", "seconds")

    def __init__(
        self, count: int, seconds: int, most: int = 50_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.count, self.seconds = count, seconds
        self._most, self._clock, self._exact = most, clock, count <= EXACT
        # Times of attempts; or the number of the window, its count, and that of the window before. With the time of the last change first.
        self._kept: dict[str, tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def hit(self, key: str) -> Count:
        """Count an attempt. One over the limit is not counted: who keeps knocking is let in as soon as who waits."""
        now = self._clock()
        with self._lock:
            known = self._kept.get(key)
            found, kept = (self._by_times if self._exact else self._by_windows)(now, known[1] if known else None)
            if found.within:
                if known is None:
                    self._room(now)
                else:
                    del self._kept[key]
                self._kept[key] = (now, kept)
        return found

    def _by_times(self, now: float, times: Any) -> tuple[Count, Any]:
        # Eight bytes each; the newest comes last, and no more than the limit are of use.
        kept: array[float] = array("d") if times is None else times
        since = now - self.seconds
        while kept and kept[0] <= since:
            kept.pop(0)
        if len(kept) >= self.count:
            return Count(False, 0, kept[-self.count] + self.seconds - now), kept
        kept.append(now)
        return Count(True, self.count - len(kept), kept[0] + self.seconds - now), kept

    def _by_windows(self, now: float, known: Any) -> tuple[Count, Any]:
        index, gone = divmod(now / self.seconds, 1.0)
        at, current, before = known or (index, 0, 0)
        if at < index:
            before, current = (current if at == index - 1 else 0), 0
        weight = before * (1.0 - gone) + current
        if weight + 1.0 > self.count:
            return Count(False, 0, self._wait(gone, current, before)), known
        left = math.floor(self.count - weight - 1.0 + 1e-9)
        return Count(True, left, (1.0 - gone) * self.seconds), (max(at, index), current + 1, before)

    def _wait(self, gone: float, current: int, before: int) -> float:
        """Seconds until one more fits. ``gone`` is the part of the present window that is over."""
        room = self.count - 1
        if before and current <= room:
            return max(1.0 - (room - current) / before - gone, 0.0) * self.seconds
        later = max(1.0 - room / current, 0.0) if current else 0.0
        return (1.0 - gone + later) * self.seconds

    def _room(self, now: float) -> None:
        """Counters stand in the order in which they last changed, so that the first are the oldest."""
        while self._kept:
            oldest = next(iter(self._kept))
            if self._kept[oldest][0] > now - 2 * self.seconds and len(self._kept) < self._most:
                return
            del self._kept[oldest]


def seconds_of(found: Count) -> int:
    """Whole seconds until one more attempt fits, at least one."""
    return max(math.ceil(found.reset), 1)
