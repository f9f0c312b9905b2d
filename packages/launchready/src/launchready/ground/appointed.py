"""Makes people of a role that only an administrator gives: what is for that role is then called as it, and asked of two who have it."""

from collections import Counter

from launchready.core.policy.roles import is_role
from launchready.ground.ground import Ground
from launchready.ground.offered import Make
from launchready.model.words import AccessVerdict
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.values import person
from launchready.probes.callers.whoami import low

_LETTERS = "jk"
_MOST_HOSTS = 2


async def appoint(ground: Ground, mark: str, make: Make) -> list[Caller]:
    """Two of the role that most asks for of what is for roles nobody has, made by somebody of ours who stands above members. None where the app
    takes nobody for one, or gives the first of them another role."""
    found = list[Caller]()
    role, hosts = _wanted(ground), [one for one in ground.callers if not low(one.role)]
    before, accounts = ground.accounts.host, ground.accounts
    for host in hosts[:_MOST_HOSTS] if role else ():
        accounts.host, accounts.appoint = host, role
        try:
            for name, letter in zip((role.lower(), f"{role.lower()}-2"), _LETTERS, strict=True):
                caller = await make(name, person(mark, letter), {})
                if caller is None or caller.role != role.lower():
                    break
                found.append(caller)
        finally:
            accounts.host, accounts.appoint = before, ""
        if found:
            break
    return found


def _wanted(ground: Ground) -> str:
    """The role as the source writes it; empty where everything is for somebody whom we have."""
    held = {word for caller in ground.callers for word in (caller.role, caller.name)}
    closed = [
        e
        for e in ground.endpoints
        if e.access.verdict is AccessVerdict.GUARDED and held.isdisjoint(role.lower() for role in e.access.roles)
    ]
    wanted = Counter(role for e in closed for role in dict.fromkeys(e.access.roles) if is_role(role) and not low(role))
    return next((role for role, _ in wanted.most_common()), "")
