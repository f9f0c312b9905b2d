"""How often is too often: a sliding window. What a client is told of it follows the IETF's draft
"RateLimit header fields for HTTP"; ``Retry-After`` is RFC 9110, section 10.2.3.
"""

import math
import threading
import time
from array import array
from collections.abc import Callable, MutableSequence
from typing import NamedTuple

EXACT = 64
# The times of attempts, eight bytes each; or the number of a window, its count, and that of the window before.
_Kept = MutableSequence[float]


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
        # The time at which a counter took its place in the order, and what it counts.
        self._kept: dict[str, tuple[float, _Kept]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def hit(self, key: str) -> Count:
        """Count an attempt. One over the limit is not counted: who keeps knocking is let in as soon as who waits."""
        now = self._clock()
        with self._lock:
            known = self._kept.get(key)
            if known is None:
                self._room(now)
                known = self._kept[key] = (now, array("d") if self._exact else [0.0, 0.0, 0.0])
            elif now - known[0] > self.seconds / 2:
                # Counters in use go to the end, though not at every attempt.
                del self._kept[key]
                known = self._kept[key] = (now, known[1])
            return self._by_times(now, known[1]) if self._exact else self._by_windows(now, known[1])

    def _by_times(self, now: float, kept: _Kept) -> Count:
        # The newest comes last, and no more than the limit are of use.
        since = now - self.seconds
        while kept and kept[0] <= since:
            kept.pop(0)
        if len(kept) >= self.count:
            return Count(False, 0, kept[-self.count] + self.seconds - now)
        kept.append(now)
        return Count(True, self.count - len(kept), kept[0] + self.seconds - now)

    def _by_windows(self, now: float, kept: _Kept) -> Count:
        index, gone = divmod(now / self.seconds, 1.0)
        at, current, before = kept
        if at < index:
            before, current, at = (current if at == index - 1 else 0.0), 0.0, index
            kept[0], kept[1], kept[2] = at, current, before
        left = self.count - before * (1.0 - gone) - current - 1.0
        if left < 0.0:
            return Count(False, 0, self._wait(gone, current, before))
        kept[1] = current + 1.0
        return Count(True, int(left + 1e-9), (1.0 - gone) * self.seconds)

    def _wait(self, gone: float, current: float, before: float) -> float:
        """Seconds until one more fits. ``gone`` is the part of the present window that is over."""
        room = self.count - 1
        if before and current <= room:
            return max(1.0 - (room - current) / before - gone, 0.0) * self.seconds
        later = max(1.0 - room / current, 0.0) if current else 0.0
        return (1.0 - gone + later) * self.seconds

    def _room(self, now: float) -> None:
        """Counters stand in the order in which they were last in use, so that the first are the oldest."""
        while self._kept:
            oldest = next(iter(self._kept))
            if self._kept[oldest][0] > now - 2 * self.seconds and len(self._kept) < self._most:
                return
            del self._kept[oldest]


def seconds_of(found: Count) -> int:
    """Whole seconds until one more attempt fits, at least one."""
    return max(math.ceil(found.reset), 1)
