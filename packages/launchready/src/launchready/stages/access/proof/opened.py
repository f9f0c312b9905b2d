"""Whether somebody came by a rank: an address that was shut to them, or to others like them, lets them in."""

from collections.abc import Sequence
from functools import partial

from launchready.ground.ground import Ground, safe_reads
from launchready.ground.seen import Seen, alone
from launchready.ground.sending import together
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange

_OPEN = (Seen.ALLOWED, Seen.EMPTY)
_MOST = 6


async def shut_to(ground: Ground, caller: Caller) -> list[Exchange]:
    """Reads without an id that turn the caller away, though the app has them; those for a role by the source first."""
    reads = sorted(safe_reads(ground.endpoints), key=lambda e: not e.access.roles)
    cells = ((e, ground.cells.get((e.name, caller.name, "none"))) for e in reads if "{" not in e.path)
    paths = [e.path for e, cell in cells if cell is not None and cell.seen not in _OPEN][:_MOST]
    asked = await together([partial(ground.call, caller, "GET", path) for path in paths])
    # Pages lead elsewhere whoever may not see them.
    return [one for one in asked if alone(one) is Seen.DENIED or 300 <= one.status < 400]


async def opened_to(ground: Ground, caller: Caller, shut: Sequence[Exchange]) -> tuple[Exchange, Exchange] | None:
    """The first of these that lets the caller in: as it was, and as it is."""
    asked = await together([partial(ground.call, caller, "GET", before.path) for before in shut])
    for before, now in zip(shut, asked, strict=True):
        # A list of nothing lets in as well, where it was refused before.
        if alone(now) in _OPEN:
            return before, now
    return None


async def passed_by(ground: Ground, caller: Caller, shut: Sequence[Exchange]) -> tuple[Exchange, Exchange] | None:
    """The first of these that refused somebody with 403 and tells the caller that there is nothing yet: whoever hears that is past the guard."""
    refused = [one for one in shut if one.status == 403]
    asked = await together([partial(ground.call, caller, "GET", before.path) for before in refused])
    return next(((a, b) for a, b in zip(refused, asked, strict=True) if b.status == 404), None)
