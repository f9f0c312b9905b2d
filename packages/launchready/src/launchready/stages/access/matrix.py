"""What calls have shown, as the matrix shows it."""

from collections.abc import Iterable

from launchready_guard.policy import GUEST

from launchready.core.matrix import Call
from launchready.ground.result import Cell, Proof
from launchready.ground.seen import Seen
from launchready.model.matrix import Reach
from launchready.model.surface import Surface
from launchready.model.words import ARRIVALS
from launchready.probes.guest import GuestCall


def calls(proof: Proof | None, strangers: Iterable[GuestCall], surface: Surface) -> tuple[Call, ...]:
    """What each identity got, and what strangers got before anybody signed in."""
    cells, people = (proof.cells, proof.people) if proof else ((), ())
    tenants = [tenant for _, _, tenant in people]
    apart = len(tenants) > 1 and all(tenants) and len(set(tenants)) == len(tenants)
    # Who is signed in is sent on from these pages: a refusal of nothing.
    arrivals = {endpoint.name for kind in ARRIVALS for endpoint in surface.by_kind(kind)}
    found = []
    for cell in cells:
        # To a stranger every record is another's.
        record = "none" if cell.role == GUEST else cell.record
        record = "foreign" if record == "other" and apart else record
        if not (cell.route in arrivals and cell.role != GUEST and cell.seen is not Seen.ALLOWED):
            found.append(Call(cell.route, cell.who, cell.role, record, _reach(cell)))
    for call in strangers:
        # A page to sign in on looks like a refusal, and is what it is for.
        shown = call.answered or (call.exchange.ok and call.endpoint.name in arrivals)
        reach = Reach.ALLOWED if shown else Reach.DENIED if call.refused else Reach.UNKNOWN
        found.append(Call(call.endpoint.name, GUEST, GUEST, "none", reach))
    return tuple(found)


def _reach(cell: Cell) -> Reach:
    """*Empty* is a success, save of another's record, of which it shows nothing; one's own record that is not there decides nothing."""
    match cell.seen:
        case Seen.ALLOWED:
            return Reach.ALLOWED
        case Seen.EMPTY:
            return Reach.DENIED if cell.record == "other" else Reach.ALLOWED
        case Seen.DENIED:
            return Reach.DENIED
        case Seen.HIDDEN:
            return Reach.UNKNOWN if cell.record == "own" else Reach.DENIED
        case Seen.BROKEN:
            return Reach.BROKEN
    return Reach.UNKNOWN
