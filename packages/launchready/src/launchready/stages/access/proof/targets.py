"""Which record a write is tried on: one of the owner's that is not the other's too, and nobody's whom we do not know."""

import re
from itertools import pairwise

from launchready.ground.ground import Ground
from launchready.ground.ids import TENANT_NOUNS, USER_NOUNS, Records, own, parameters
from launchready.ground.learned import rows_of
from launchready.ground.result import Harm
from launchready.ground.slots import Slot
from launchready.ground.views import is_person
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low

_RUNS_IT = re.compile(r"admin|super|staff|root|manager|moderator|employee|operator", re.I)


def target(
    ground: Ground, endpoint: Endpoint, slot: Slot, owner: Caller, other: Caller, made: bool = False
) -> str | None:
    """An id of the owner's; with ``made``, of a record that this run made."""
    ours = ground.records.get(owner.name, Records()).made_of(slot.noun)
    rows = rows_of(ground, owner, slot.noun, owner.person.marker) if owner.person else []
    values = [value for value in (*ground.values(owner, slot.noun, slot.name), *rows) if not made or value in ours]
    known, theirs = _known(ground, owner, slot) | set(rows), _known(ground, other, slot)
    known -= _for_everybody(ground, owner, slot)
    for value in values:
        # Below another's record a number may be both people's; records nobody of ours made are somebody's and not touched.
        below = slot.noun not in TENANT_NOUNS and slot.where == "path" and len(parameters(endpoint.path)) > 1
        if value in known and (value not in theirs or below):
            return value
    return None


def _for_everybody(ground: Ground, owner: Caller, slot: Slot) -> set[str]:
    """Workspaces that an account which only signed up is in as well: others whom we do not know are there too."""
    newcomer = ground.victim
    if slot.noun not in TENANT_NOUNS or newcomer is None or newcomer is owner or newcomer.name not in ground.signed:
        return set()
    made = ground.records.get(owner.name, Records()).made_of(slot.noun)
    return set(own(newcomer, slot.noun, slot.name)) - set(made)


def owner_of(ground: Ground, slot: Slot) -> Caller:
    """Whose record is tried: that of the account that may be lost, else of the first caller; of a later one where only they made any."""
    first = ground.callers[0]
    if is_person(slot.noun) and ground.victim is not None:
        return ground.victim
    made = [c for c in ground.callers if ground.records.get(c.name, Records()).made_of(slot.noun)]
    return first if first in made or ground.callers[1] in made else next(iter(made), first)


def who_tries(ground: Ground, endpoint: Endpoint, slot: Slot, owner: Caller) -> tuple[Caller, Caller]:
    """Whose record is tried and who tries it: ``owner`` and the second caller, or two who chose at sign-up the one role that may call it at all.

    Those who run the app share what is in it, and whoever stands above may change more than others: who stands below tries on a record of theirs.
    """
    roles = {role.lower() for role in endpoint.access.roles}
    if not is_person(slot.noun) and roles.isdisjoint(one.role for one in ground.callers[:2]):
        let = [one for one in ground.callers[2:] if one.name in ground.signed and one.role in roles]
        for one, other in pairwise(let):
            if one.role == other.role and not _RUNS_IT.search(one.role):
                return one, other
    second = ground.callers[1]
    if not is_person(slot.noun) and low(owner.role) and not low(second.role) and _made(ground, second, slot):
        return second, owner
    return owner, second


def _made(ground: Ground, caller: Caller, slot: Slot) -> bool:
    return bool(ground.records.get(caller.name, Records()).made_of(slot.noun))


def by_permission(ground: Ground, endpoint: Endpoint, slot: Slot, value: str, other: Caller) -> bool:
    """Whether the source lets whoever holds a permission change records of this kind, and the other was shown this one: then there may be
    nothing of anybody's own, and a gap says so. Accounts are always somebody's."""
    named = next((role for role in endpoint.access.roles if re.search(r"[:.]", role)), "")
    if not named or slot.noun in USER_NOUNS or value not in ground.values(other, slot.noun, slot.name):
        return False
    said = f"{other.name} changed a {slot.noun or 'record'} they did not make, as the source lets everybody who holds {named}"
    ground.gap(
        f"{endpoint.name} by permission", said, "a row in the policy, if each should keep to their own", Harm.CHANGES
    )
    return True


def _known(ground: Ground, caller: Caller, slot: Slot) -> set[str]:
    """What is the caller's own of this kind. A number of theirs that names something else says nothing."""
    made = ground.records.get(caller.name, Records()).made_of(slot.noun)
    return {*own(caller, slot.noun, slot.name), *made}
