"""How long a run waits, in all, for limits of the app to end: an answer of 429 is no answer to what was asked.

Small apps are given one limit for everything, such as 60 requests a minute (RFC 6585, section 4; RFC 9110, section 10.2.3). A run that goes on
at once is refused to its end and proves nothing.
"""

import asyncio
import time

from launchready.probes.exchange import Exchange

# A window of a minute, and what clocks and rounding add.
_LONGEST = 65.0


class Patience:
    """``left`` are the seconds that may still be waited: one window, until a round of questions has some of its own. Waits of several
    callers at the same time count once."""

    def __init__(self) -> None:
        self.left = _LONGEST
        self._wake = 0.0

    async def wait(self, exchange: Exchange, until: float | None = None) -> bool:
        """Wait for as long as a refusal asks for, and say whether to ask again; not beyond ``until``, a monotonic time."""
        pause = retry_after(exchange)
        now = time.monotonic()
        if exchange.status != 429 or pause is None or pause > _LONGEST or (until is not None and now + pause >= until):
            return False
        added = max(0.0, now + pause - max(now, self._wake))
        if added > self.left:
            return False
        self.left -= added
        self._wake = max(self._wake, now + pause)
        await asyncio.sleep(pause)
        return True


def retry_after(exchange: Exchange) -> float | None:
    """The seconds that an answer says to wait; None where it names none, or a date."""
    asked = exchange.header("retry-after")
    return float(asked) if asked.isdecimal() and len(asked) < 10 else None
