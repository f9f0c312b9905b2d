"""How many requests are in flight: more while the app keeps up, fewer when it says that it is too much or grows slow.

Additive increase, multiplicative decrease, as in congestion control (RFC 5681, section 3.1); 429 is RFC 6585, 503 is RFC 9110, 15.6.4.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

FIRST = 2.0
_SLOWER = 4.0
_NOTICED = 0.05
_SMOOTH = 0.2
_BUSY = frozenset((429, 503))


class Pace:
    """A gate that lets ``limit`` requests through at a time, between 1 and ``most``."""

    def __init__(self, most: int) -> None:
        self.limit = min(FIRST, float(most))
        self._most = most
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        # By the kind of question: what it usually takes, and the least that it usually took.
        self._usual, self._best = dict[Hashable, float](), dict[Hashable, float]()
        self._calm = True

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn; it ends with the block."""
        while self._inside >= int(self.limit):
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            try:
                await place
            finally:
                if not place.done():
                    self._waiting.remove(place)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._wake()

    def heard(self, status: int, seconds: float, kind: Hashable = None) -> None:
        """Take one answer into account: its status, 0 when none came, and how long it took. Only what is of one ``kind`` is compared: where each call of
        somebody who is signed in costs a password hash, the app has not grown slow because strangers were refused at once."""
        usual = (1 - _SMOOTH) * self._usual.get(kind, seconds) + _SMOOTH * seconds
        best = min(self._best.get(kind, usual), usual)
        self._usual[kind], self._best[kind] = usual, best
        if status in _BUSY or not status:
            self.limit, self._calm = max(1.0, self.limit / 2), False
        elif usual > _SLOWER * best + _NOTICED:
            self.limit, self._calm = max(1.0, self.limit * 0.9), False
        else:
            # One more for each answer until the first sign of trouble (slow start), then one more for each round.
            self.limit = min(float(self._most), self.limit + (1 if self._calm else 1 / self.limit))
            self._wake()

    def _wake(self) -> None:
        free = int(self.limit) - self._inside
        while self._waiting and free > 0:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1
