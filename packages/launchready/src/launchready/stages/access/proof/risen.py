"""Members who rose in the run: what was shut to them before stands open now, since something they may call gave them a higher rank (CWE-269).

Whatever they are let do from then on says nothing about what members may.
"""

import re

from launchready.ground.ground import Ground, safe_reads, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low

_GIVES_RANK = re.compile(r"admin|role|promot|rank|permission|upgrad|privilege|superuser|grant|elevat", re.I)
_DOORS = 3
KEY = "risen"


def gives_rank(ground: Ground, endpoint: Endpoint) -> bool:
    """Whether it was seen to give members a higher rank."""
    return any(one.key == KEY and one.route == endpoint.name for one in ground.alarms)


async def has_risen(ground: Ground, caller: Caller) -> bool:
    """Whether an address that refused a member before answers them now; an alarm for what they called in between."""
    if caller.guest or not low(caller.role):
        return False
    known = any(one.key == KEY for one in ground.alarms)
    for endpoint in _shut(ground, caller):
        before = ground.answers[caller.name, endpoint.path]
        after = await ground.call(caller, "GET", endpoint.path)
        if alone(after) is Seen.ALLOWED and after.body != before.body:
            if known:
                return True
            called = _called(ground, caller)
            told = f"{endpoint.path} refused {caller.name} with {before.status}, and answers since {called or 'a call of theirs'} was called."
            ground.alarm(
                Alarm(
                    Harm.ROLE,
                    called or endpoint.name,
                    f"Any member can give themselves a higher rank: {called}"
                    if called
                    else f"Something that members may call gives them a higher rank: {endpoint.name} is open to one since",
                    told,
                    shown((f"{caller.name}, before", before), (f"{caller.name}, after it", after)),
                    Confidence.PROVEN if called else Confidence.SUSPECTED,
                    key=KEY,
                )
            )
            return True
    return False


def _shut(ground: Ground, caller: Caller) -> list[Endpoint]:
    """Reads that refused the caller, those first that somebody else was given."""
    found = []
    for endpoint in safe_reads(ground.endpoints):
        given = ground.answers.get((caller.name, endpoint.path))
        if "{" not in endpoint.path and given is not None and given.status in (401, 403):
            found.append(endpoint)
    others = [one.name for one in ground.callers if one is not caller]
    found.sort(key=lambda one: not any(_open(ground, name, one.path) for name in others))
    return found[:_DOORS]


def _open(ground: Ground, name: str, path: str) -> bool:
    given = ground.answers.get((name, path))
    return given is not None and alone(given) is Seen.ALLOWED


def _called(ground: Ground, caller: Caller) -> str:
    """The one write that gives ranks by its name and said yes to the caller; empty where there is none, or more than one."""
    # What asks for a rank itself was shut before.
    asking = {one.name for one in ground.endpoints if one.access.roles}
    found = {
        cell.route
        for cell in ground.cells.values()
        if cell.who == caller.name
        and cell.seen in (Seen.ALLOWED, Seen.EMPTY)
        and not cell.route.startswith("GET ")
        and cell.route not in asking
        and _GIVES_RANK.search(cell.route)
    }
    return found.pop() if len(found) == 1 else ""
