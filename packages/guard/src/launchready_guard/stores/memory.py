"""Counters and deliveries in the memory of this process."""

import threading
import time
from collections.abc import Callable
from typing import Literal

from launchready_guard.limiter import Count, Window
from launchready_guard.policy.model import Limit

_DELIVERIES = 50_000


class MemoryStore:
    """One :class:`~launchready_guard.limiter.Window` for each limit, so that many callers of one address cannot crowd out the counters of another."""

    waits: Literal[False] = False

    def __init__(self, most: int = 50_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._windows: dict[str, Window] = {}
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def counter(self, name: str, limit: Limit, strict: bool = False) -> Callable[[str], Count]:
        """What counts an attempt of a key in this process. Who asks for the same name shares one count."""
        return self._windows.setdefault(name, Window(limit.count, limit.seconds, self._most, self._clock)).hit

    def begin(self, key: str, seconds: int) -> bool:
        """Whether a delivery is new."""
        now = self._clock()
        with self._lock:
            while self._seen and (len(self._seen) >= _DELIVERIES or next(iter(self._seen.values())) <= now):
                del self._seen[next(iter(self._seen))]
            if self._seen.get(key, 0.0) > now:
                return False
            self._seen.pop(key, None)
            self._seen[key] = now + seconds
            return True

    def end(self, key: str, *, taken: bool) -> None:
        """Forget a delivery that the app did not take."""
        if not taken:
            with self._lock:
                self._seen.pop(key, None)
