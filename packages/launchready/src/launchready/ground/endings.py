"""Whether one call ended the app for everybody: its line was cut, and then nothing listened where the app had been."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from launchready.core.ways import matches
from launchready.ground.result import Alarm, Harm, Shown
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange

# A line that was cut so long before belongs to the end; a server that starts anew is given so long to listen again.
_TOGETHER, _AGAIN = 60.0, 0.3


@dataclass(slots=True)
class Endings:
    """Told of every call. ``_cut`` are the last whose line was cut, with when; ``_told`` that the end was said already."""

    _cut: list[tuple[float, Caller, Exchange]] = field(default_factory=list)
    _told: bool = False

    async def look(self, caller: Caller, exchange: Exchange, known: Sequence[Endpoint]) -> Alarm | None:
        """The alarm, once, when the app is gone since a call whose line it cut: proven where there was one, suspected among several."""
        now = time.monotonic()
        if exchange.dropped:
            self._cut = [one for one in self._cut if now - one[0] < _TOGETHER] + [(now, caller, exchange)]
            return None
        if exchange.status:
            # It answers: whatever was cut before did not end it.
            self._cut.clear()
            return None
        near = [one for one in self._cut if now - one[0] < _TOGETHER]
        if self._told or not near or not exchange.unheard:
            return None
        await asyncio.sleep(_AGAIN)
        if not (await caller.send("GET", "/")).unheard:
            return None
        self._told = True
        return _alarm([(one, cut) for _, one, cut in near], known)


def _alarm(cut: Sequence[tuple[Caller, Exchange]], known: Sequence[Endpoint]) -> Alarm:
    caller, exchange = cut[0]
    routes = list(dict.fromkeys(_route(one, known) for _, one in cut))
    sure = len(routes) == 1
    who = "a stranger" if caller.guest else caller.name
    others = "" if sure else f" It may also have been {', '.join(routes[1:4])}, which were under way at that moment."
    return Alarm(
        Harm.ENDS,
        routes[0],
        f"One request {'stops' if sure else 'perhaps stops'} the app for everybody: {routes[0]}",
        f"The line was cut when {who} sent it, and from then on nothing listened where the app had been.{others} "
        "What was to be asked after it could not be: start the app again, and run once more when it is mended.",
        (Shown.of("the last that was sent", exchange),),
        Confidence.PROVEN if sure else Confidence.SUSPECTED,
    )


def _route(exchange: Exchange, known: Sequence[Endpoint]) -> str:
    """The name of the endpoint that was called; what was called, where none is known."""
    path = exchange.path.partition("?")[0]
    own = (one.name for one in known if one.method == exchange.method and matches(one.path, path))
    return next(own, f"{exchange.method} {path}")
