"""How long a run waits, in all, for limits of the app to end: an answer of 429 is no answer to what was asked.

Small apps are given one limit for everything, such as 60 requests a minute (RFC 6585, section 4; RFC 9110, section 10.2.3). A run that goes on
at once is refused to its end and proves nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from launchready.probes.exchange import Exchange

# A window of a minute, and what clocks and rounding add.
_LONGEST = 65.0
# So little is waited for without a question.
_SHORT = 3.0
# How often a limit that is said to be over is believed, and the seconds that are waited for it all the same.
_AT_ONCE, _BREATH = 3, 1.0


class Patience:
    """``left`` are the seconds that may still be waited: one window, until a round of questions has some of its own. Waits of several
    callers at the same time count once.

    Waited for is a limit for everything. One for sign-ins alone, which a sound app has, is no reason to stand still: whether ``ask`` (a GET
    of a path) is refused where it was answered before tells them apart.
    """

    def __init__(self, ask: Callable[[str], Awaitable[Exchange]] | None = None) -> None:
        self.left = _LONGEST
        self._ask = ask
        self._wake = 0.0
        self._open: tuple[str, ...] = ()
        self._at_once = 0

    def at_last(self, seconds: float) -> None:
        """From now on up to so many seconds are waited for any limit: what is left to do is to leave, and signing in is part of it."""
        self.left, self._ask = seconds, None

    async def wait(self, exchange: Exchange, until: float | None = None) -> bool:
        """Wait for as long as a refusal asks for, and say whether to ask again; not beyond ``until``, a monotonic time."""
        if exchange.ok and exchange.method == "GET":
            # The last two: the one that is refused now says nothing of the others.
            self._open = (*(path for path in self._open[-2:] if path != exchange.path), exchange.path)
        pause = retry_after(exchange)
        if exchange.status == 429 and pause == 0:
            # An app that says so each time would be asked without end.
            self._at_once += 1
            pause = _BREATH if self._at_once <= _AT_ONCE else None
        now = time.monotonic()
        if exchange.status != 429 or pause is None or pause > _LONGEST or (until is not None and now + pause >= until):
            return False
        added = max(0.0, now + pause - max(now, self._wake))
        if added > self.left or (added > _SHORT and not await self._everything(exchange)):
            return False
        self.left -= added
        self._wake = max(self._wake, now + pause)
        await asyncio.sleep(pause)
        return True

    async def _everything(self, refused: Exchange) -> bool:
        other = next((path for path in reversed(self._open) if path != refused.path), "")
        return self._ask is None or not other or (await self._ask(other)).status == 429


def retry_after(exchange: Exchange) -> float | None:
    """The seconds that an answer says to wait; None where it names none, or a date."""
    asked = exchange.header("retry-after")
    return float(asked) if asked.isdecimal() and len(asked) < 10 else None
