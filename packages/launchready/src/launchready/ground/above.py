"""Who stands above whom, by what the app itself lets them do: the word for a rank is the app's own (``ti``, ``coordinador``, ``chef``)."""

from collections.abc import Sequence

from launchready.ground.expect import one_tenant
from launchready.ground.ground import Ground
from launchready.ground.seen import Seen, alone
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low
from launchready.probes.callers.workspaces import makes_workspaces


def above(ground: Ground, member: Caller, other: Caller) -> bool:
    """Whether ``other`` has a rank that the ordinary ``member`` has not: the app gives them an address it refuses the member, and refuses them none that the member gets."""
    if other.guest or not low(member.role) or low(other.role) or other.role.lower() == member.role.lower():
        return False
    more = False
    for (name, path), given in ground.answers.items():
        theirs = ground.answers.get((other.name, path)) if name == member.name else None
        if theirs is None:
            continue
        mine, got = alone(given), alone(theirs)
        if mine is Seen.ALLOWED and got is Seen.DENIED:
            return False
        more = more or (mine is Seen.DENIED and got is Seen.ALLOWED)
    return more


def kept_from_peers(ground: Ground, route: str, owner: Caller, callers: Sequence[Caller]) -> bool:
    """Whether somebody of the owner's own rank was asked for the owner's record there, and refused."""
    peers = (one for one in callers if one is not owner and not one.guest and one.role.lower() == owner.role.lower())
    cells = (ground.cells.get((route, one.name, "other")) for one in peers)
    return any(cell is not None and cell.seen in (Seen.DENIED, Seen.HIDDEN, Seen.EMPTY) for cell in cells)


def oversees(ground: Ground, route: str, owner: Caller, other: Caller) -> bool | None:
    """Whether ``other`` is there to see what everybody has, the owner of the same rank among them: an ordinary member's record was given to them at
    the route for their rank. None where the app knows workspaces, since nobody says that both look after the same one."""
    if low(owner.role) or owner.role.lower() != other.role.lower() or (route, other.name) not in ground.overseers:
        return False
    if one_tenant(owner, other) is True:
        return True
    bound = makes_workspaces(ground.endpoints) or any(one.tenant or one.known("tenant") for one in ground.callers)
    return None if bound else True
