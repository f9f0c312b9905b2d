"""How often is too often: a sliding window over two fixed ones, and the headers that tell a client.

The count of the window before is taken in proportion to what of it the sliding one still covers. Headers follow the IETF's draft
"RateLimit header fields for HTTP"; ``Retry-After`` is RFC 9110, section 10.2.3.
"""

import math
import threading
import time
from collections.abc import Callable
from typing import NamedTuple


class Count(NamedTuple):
    """One attempt: whether it is within the limit, how many are left, and in how many seconds one more is (``reset``)."""

    within: bool
    left: int
    reset: float


class Window:
    """Counters of one limit, one for each key, at most ``most`` of them: what was counted longest ago makes room.

    The clock must not go back (a clock jump must not open a door), hence :func:`time.monotonic`.
    """

    __slots__ = ("_clock", "_counters", "_lock", "_most", "count", "seconds")

    def __init__(
        self, count: int, seconds: int, most: int = 50_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.count, self.seconds = count, seconds
        self._most, self._clock = most, clock
        self._counters: dict[str, tuple[int, int, int]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._counters)

    def hit(self, key: str) -> Count:
        """Count an attempt. One over the limit is not counted: who keeps knocking is let in as soon as who waits."""
        now = self._clock() / self.seconds
        index = int(now)
        with self._lock:
            at, current, before = self._counters.get(key, (index, 0, 0))
            if at != index:
                before, current = (current if at == index - 1 else 0), 0
            weight = before * (1.0 - (now - index)) + current
            if weight + 1.0 > self.count:
                return Count(False, 0, self._wait(now - index, current, before))
            if at != index or key not in self._counters:
                self._room(index)
                self._counters.pop(key, None)
            self._counters[key] = (index, current + 1, before)
        return Count(True, math.floor(self.count - weight - 1.0 + 1e-9), (1.0 - (now - index)) * self.seconds)

    def _wait(self, gone: float, current: int, before: int) -> float:
        """Seconds until one more fits. ``gone`` is the part of the present window that is over."""
        room = self.count - 1
        if before and current <= room:
            return max(1.0 - (room - current) / before - gone, 0.0) * self.seconds
        later = max(1.0 - room / current, 0.0) if current else 0.0
        return (1.0 - gone + later) * self.seconds

    def _room(self, index: int) -> None:
        """Counters stand in the order in which they were last begun, so that the first are the oldest."""
        while self._counters:
            oldest = next(iter(self._counters))
            if self._counters[oldest][0] >= index - 1 and len(self._counters) < self._most:
                return
            del self._counters[oldest]


def seconds_of(found: Count) -> int:
    """Whole seconds until one more attempt fits, at least one."""
    return max(math.ceil(found.reset), 1)


def told(name: str, count: int, seconds: int, found: Count) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    """The headers for one limit."""
    return (
        (b"ratelimit-policy", f'"{name}";q={count};w={seconds}'.encode()),
        (b"ratelimit", f'"{name}";r={found.left};t={seconds_of(found)}'.encode()),
    )
