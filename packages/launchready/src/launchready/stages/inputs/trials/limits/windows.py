"""How long a limit counts: as the source sets it or headers announce it, so that calls from before that are left out, and a short one is waited for."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from launchready.core.limits.table import said
from launchready.ground.ground import Ground
from launchready.model.inputs import StatedLimit
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.limits.answers import window_of
from launchready.stages.inputs.trials.limits.shares import kept_for

# Two minutes' windows: one for an account's own limit, one for that of an address.
_LONGEST = 125.0
_A_LITTLE = 0.5


def stated_for(ground: Ground, route: str, per: str) -> tuple[StatedLimit, ...]:
    """What the source sets for a route; where it is known what was counted, nothing that counts something else."""
    every = tuple(ground.stated.get(route, ()))
    return tuple(one for one in every if per not in ("account", "address") or one.per in (per, ""))


def stated_above(ground: Ground, route: str, sent: int) -> str:
    """In words, the limits that the source sets for a route above what a burst sent; empty where it sets none, or one that was to be met."""
    every = stated_for(ground, route, "")
    if not every or any(one.count <= sent for one in every):
        return ""
    return f"the source sets {' and '.join(said(one) for one in every)}, more than the {sent} calls in a row that were answered"


def note_stated(ground: Ground) -> None:
    """Put what the source sets beside what bursts met."""
    ground.limits[:] = [replace(one, stated=stated_for(ground, one.route, one.per)) for one in ground.limits]


def window(ground: Ground, route: str, per: str = "", answers: Sequence[Exchange] = ()) -> float:
    """The seconds after which no limit of a route that we know of counts a call any more; 0 where nothing tells."""
    stated = max((float(one.seconds) for one in stated_for(ground, route, per)), default=0.0)
    return max([stated, *map(window_of, answers[-1:])])


@dataclass(slots=True)
class Patience:
    """Seconds that may still be waited for limits to end."""

    left: float = _LONGEST

    async def wait(self, ground: Ground, seconds: float) -> bool:
        """Wait, where so much patience and time are left; whether that was so."""
        pause = seconds + _A_LITTLE
        if not seconds > 0 or pause > self.left or time.monotonic() + pause + kept_for(ground) > ground.sending.until:
            return False
        self.left -= pause
        await asyncio.sleep(pause)
        return True

    async def fresh(self, ground: Ground, route: str) -> dict[str, float]:
        """Wait until calls of a route do not count any more, as far as the source says when that is; by what is counted, the time from which on calls count."""
        method, _, path = route.partition(" ")
        last = ground.guest.site.last_called(method, path)
        windows = {per: seconds for per in ("account", "address") if (seconds := window(ground, route, per))}
        for seconds in sorted(windows.values(), reverse=True):
            rest = last + seconds - time.monotonic()
            if rest <= 0 or await self.wait(ground, rest):
                break
        now = time.monotonic()
        return {per: now for per, seconds in windows.items() if last + seconds < now}
