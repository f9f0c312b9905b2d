"""Reads that are asked while others still sign up: a sign-up is one call after the other, and an app could answer more meanwhile."""

import asyncio
import math
from collections import deque

from launchready.ground.ground import Ground, safe_reads
from launchready.probes.callers.caller import Caller

# So few at a time that what is waited for does not stand behind them.
_AT_ONCE = 2


class Ahead:
    """The addresses without parameters, for everybody who is in. Whoever asks for one later gets the answer that is there, or on its way."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._waiting: deque[tuple[Caller, str]] = deque()
        self._asked: set[str] = set()
        self._working = 0

    def ask(self, caller: Caller) -> None:
        """Ask as somebody who has just come in, once."""
        if caller.name in self._asked:
            return
        self._asked.add(caller.name)
        paths = [endpoint.path for endpoint in safe_reads(self._ground.endpoints) if "{" not in endpoint.path]
        # What a stranger waits for longest, or waits for still, is waited for by whoever is in as well.
        paths.sort(key=lambda path: -(caller.site.longest("GET", path) or math.inf))
        self._waiting += [(caller, path) for path in paths]
        for _ in range(_AT_ONCE - self._working):
            self._working += 1
            asyncio.ensure_future(self._work()).add_done_callback(_heard)

    def stop(self) -> None:
        """Begin no more of them: all are in, and the survey asks for what is left."""
        self._waiting.clear()

    async def _work(self) -> None:
        try:
            while self._waiting:
                caller, path = self._waiting.popleft()
                await self._ground.get(caller, path)
        finally:
            self._working -= 1


def _heard(work: "asyncio.Task[None]") -> None:
    """Whoever asks for the same is told of an error by it."""
    if not work.cancelled():
        work.exception()
