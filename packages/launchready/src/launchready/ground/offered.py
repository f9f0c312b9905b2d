"""Signs up accounts of another role where the sign-up lets everybody choose one: what is for that role is then called as it, and asked of two who have it."""

from collections import Counter
from collections.abc import Awaitable, Callable

from launchready.core.policy.roles import is_role
from launchready.ground.ground import Ground, safe_reads
from launchready.ground.signing import sent_fields
from launchready.model.words import AccessVerdict
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.doors import opened
from launchready.probes.callers.forms import CHOSEN
from launchready.probes.callers.values import ABOVE, person
from launchready.probes.callers.whoami import low

_LETTERS = "hi"
_MOST_LOOKED_AT = 6
Make = Callable[[str, Person, dict[str, object]], Awaitable[Caller | None]]


async def sign_up_offered(ground: Ground, mark: str, make: Make) -> list[Caller]:
    """Two of the role that most asks for of what is for roles nobody has, or of one that the page of the sign-up offers beside it. None where the app
    gives the first of them another one, or tells of none and lets them no further than the others.

    ``make`` signs a person up with fields beside the usual ones, and lets the app say who they are.
    """
    found = list[Caller]()
    if (chosen := _offered(ground)) is None:
        return found
    field, role = chosen
    for name, letter in zip((role.lower(), f"{role.lower()}-2"), _LETTERS, strict=True):
        caller = await make(name, person(mark, letter), {field: role})
        if caller is None or (caller.role and caller.role != role.lower()):
            break
        if not caller.role and not await _gets_further(ground, caller):
            break
        caller.role = role.lower()
        found.append(caller)
    return found


async def _gets_further(ground: Ground, caller: Caller) -> bool:
    """Whether a page opens to the caller that is shut to those who chose another role: what they are is told nowhere else."""
    shut = [e for e in safe_reads(ground.endpoints) if "{" not in e.path and e.access.verdict is AccessVerdict.GUARDED]
    # Those for some role come first.
    shut.sort(key=lambda e: not e.access.roles)
    for endpoint in shut[:_MOST_LOOKED_AT]:
        if opened(await ground.get(caller, endpoint.path)):
            theirs = [await ground.get(one, endpoint.path) for one in ground.callers[:1]]
            if not any(opened(one) for one in theirs):
                return True
    return False


def _offered(ground: Ground) -> tuple[str, str] | None:
    """The field of the sign-up and the role to put into it, as the app writes it."""
    signed = next((c.name for c in ground.callers if c.name in ground.journal.signed), None)
    if signed is None:
        return None
    made = ground.accounts.signups.get(signed)
    route = ground.journal.signed[signed].route or (f"{made[2].method} {made[2].path}" if made else "")
    body = ground.journal.signed[signed].body or (sent_fields(made[2])[0] if made else {})
    fields = {
        field.name: field.choices
        for endpoint in ground.endpoints
        if endpoint.name == route
        for field in fields_of(endpoint)
    } | ground.accounts.offers
    held = {caller.role for caller in ground.callers} | {str(body[name]).lower() for name in body if CHOSEN.match(name)}
    closed = [e for e in ground.endpoints if held.isdisjoint(role.lower() for role in e.access.roles)]
    wanted = Counter(role for e in closed for role in dict.fromkeys(e.access.roles) if is_role(role) and not low(role))
    taken = {caller.name for caller in ground.callers}
    for name, choices in fields.items():
        if not CHOSEN.match(name) or name not in body:
            continue
        others = [one for one in ground.accounts.offers.get(name, ()) if not ABOVE.search(one)]
        for role in (*(role for role, _ in wanted.most_common()), *others):
            written = next((one for one in choices if one.lower() == role.lower()), "" if choices else role)
            if written and written.lower() not in taken | held:
                return name, written
    return None
