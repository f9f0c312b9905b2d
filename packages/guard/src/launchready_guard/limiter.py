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
# The time at which a counter took its place in the order. Then the times of attempts; or the end of a window, its count, and that of the window before.
_Kept = MutableSequence[float]


class Count(NamedTuple):
    """One attempt: whether it is within the limit, how many are left, and in how many seconds one more is (``reset``)."""

    within: bool
    left: int
    reset: float


# A named tuple's own constructor is a Python function, and one of these is made for every request.
_new = tuple.__new__


class Window:
    """Counters of one limit, one for each key, at most ``most`` of them: what was counted longest ago makes room.

    ``hit`` counts an attempt of a key. One over the limit is not counted: who keeps knocking is let in as soon as who waits.

    Up to :data:`EXACT` attempts each is remembered by its time, so that no stretch of ``seconds`` holds more than ``count``. Above it two fixed
    windows stand for that: the one before counts for what of it the sliding one still covers. The clock must not go back (a jump must not open a door),
    hence :func:`time.monotonic`.
    """

    __slots__ = ("_clock", "_half", "_kept", "_lock", "_most", "count", "hit", "seconds")

    def __init__(
        self, count: int, seconds: int, most: int = 50_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.count, self.seconds, self._half = count, seconds, seconds / 2
        self._most, self._clock = most, clock
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()
        self.hit: Callable[[str], Count] = self._by_times if count <= EXACT else self._by_windows

    def __len__(self) -> int:
        return len(self._kept)

    def _by_times(self, key: str) -> Count:
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                kept = self._begin(key, now, array("d", (now,)))
            elif now - kept[0] > self._half:
                self._last(key, now, kept)
            # The newest comes last, and no more than the limit are of use.
            since = now - self.seconds
            while len(kept) > 1 and kept[1] <= since:
                kept.pop(1)
            if len(kept) > self.count:
                return Count(False, 0, kept[-self.count] + self.seconds - now)
            kept.append(now)
            return Count(True, self.count + 1 - len(kept), kept[1] + self.seconds - now)

    def _by_windows(self, key: str) -> Count:
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                kept = self._begin(key, now, [now, now + self.seconds, 0.0, 0.0])
            placed, end, current, before = kept
            if now - placed > self._half:
                self._last(key, now, kept)
            rest = end - now
            if rest <= 0.0:
                over = math.floor(-rest / self.seconds) + 1
                current, before = 0.0, current if over == 1 else 0.0
                rest += over * self.seconds
                kept[1], kept[2], kept[3] = now + rest, current, before
            left = self.count - before * rest / self.seconds - current - 1.0
            if left < 0.0:
                return Count(False, 0, self._wait(1.0 - rest / self.seconds, current, before))
            kept[2] = current + 1.0
            return _new(Count, (True, int(left + 1e-9), rest))

    def _begin(self, key: str, now: float, kept: _Kept) -> _Kept:
        self._room(now)
        self._kept[key] = kept
        return kept

    def _last(self, key: str, now: float, kept: _Kept) -> None:
        """Counters in use go to the end, though not at every attempt."""
        kept[0] = now
        self._kept[key] = self._kept.pop(key)

    def _wait(self, gone: float, current: float, before: float) -> float:
        """Seconds until one more fits. ``gone`` is the part of the present window that is over."""
        room = self.count - 1
        if current <= room:
            # Nothing but the window before can be in the way then, so that there was one.
            return max(1.0 - (room - current) / before - gone, 0.0) * self.seconds
        return (2.0 - gone - room / current) * self.seconds

    def _room(self, now: float) -> None:
        """Counters stand in the order in which they were last in use, so that the first are the oldest."""
        while self._kept:
            oldest = next(iter(self._kept))
            if self._kept[oldest][0] > now - 2 * self.seconds and len(self._kept) < self._most:
                return
            del self._kept[oldest]
