"""Whether an event had an effect: the figures that our people are shown before it and after it."""

import re
from collections.abc import Sequence

from launchready.ground.ground import Ground, safe_reads
from launchready.model.words import Kind
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange

_MOST = 6
_TIME = re.compile(r"time|date|_at$|At$|seen|expires|^exp$|^iat$", re.I)
Figures = tuple[object, ...]


async def views(ground: Ground) -> list[Exchange]:
    """What the first of our people may see, what is about money first."""
    caller = ground.callers[0] if ground.callers else None
    if caller is None:
        return []
    reads = sorted(safe_reads(ground.endpoints), key=lambda e: Kind.BILLING not in e.kind)
    paths = [ground.path_of(one, caller) if "{" in one.path else one.path for one in reads]
    return [await ground.call(caller, "GET", path) for path in list(dict.fromkeys(filter(None, paths)))[:_MOST]]


def changed_twice(looks: Sequence[Sequence[Exchange]], event: str) -> Exchange | None:
    """The view whose figures stood still before the event, changed with its first delivery and again with its second; None when none did.

    ``looks`` are the views twice before, after the first, and after the second delivery; ``event`` is its id.
    """
    for number, last in enumerate(looks[-1]):
        seen = [look[number] for look in looks]
        before, still, first, second = (_figures(one, event) for one in seen)
        if all(one.ok for one in seen) and before == still and first not in (before, second):
            return last
    return None


def _figures(exchange: Exchange, event: str) -> Figures:
    """How much an answer holds, and its numbers but for times: what a second delivery of one event must not change."""
    found = list(leaves(parsed(exchange)))
    numbers = [
        value
        for name, value in found
        if isinstance(value, int | float) and not isinstance(value, bool) and not _TIME.search(name)
    ]
    return (len(found), tuple(numbers), exchange.text.count(event))
