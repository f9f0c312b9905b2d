"""Signs up accounts of another role where the sign-up lets everybody choose one: what is for that role is then called as it, and asked of two who have it."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable

from launchready.core.policy.roles import is_role
from launchready.ground.ground import Ground
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.values import person
from launchready.probes.callers.whoami import low

_CHOSEN = re.compile(r"^(?:user_?|account_?)?role$|^(?:user|account)_?type$", re.I)
_LETTERS = "hi"
Make = Callable[[str, Person, dict[str, object]], Awaitable[Caller | None]]


async def sign_up_offered(ground: Ground, mark: str, make: Make) -> list[Caller]:
    """Two of the role that most asks for of what is for roles nobody has. None where the app gives the first of them another one.

    ``make`` signs a person up with fields beside the usual ones, and lets the app say who they are.
    """
    found = list[Caller]()
    if (chosen := _offered(ground)) is None:
        return found
    field, role = chosen
    for name, letter in zip((role.lower(), f"{role.lower()}-2"), _LETTERS, strict=True):
        caller = await make(name, person(mark, letter), {field: role})
        if caller is None or caller.role != role.lower():
            break
        found.append(caller)
    return found


def _offered(ground: Ground) -> tuple[str, str] | None:
    """The field of the sign-up and the role to put into it, as the app writes it."""
    signed = next((ground.journal.signed[c.name] for c in ground.callers if c.name in ground.journal.signed), None)
    if signed is None:
        return None
    fields = [
        field
        for endpoint in ground.endpoints
        if endpoint.name == signed.route
        for field in fields_of(endpoint)
        if _CHOSEN.match(field.name) and field.name in signed.body
    ]
    held = {caller.role for caller in ground.callers}
    closed = [e for e in ground.endpoints if held.isdisjoint(role.lower() for role in e.access.roles)]
    wanted = Counter(role for e in closed for role in dict.fromkeys(e.access.roles) if is_role(role) and not low(role))
    taken = {caller.name for caller in ground.callers}
    for field in fields:
        for role, _ in wanted.most_common():
            written = next((one for one in field.choices if one.lower() == role.lower()), "" if field.choices else role)
            if written and written.lower() not in taken:
                return field.name, written
    return None
