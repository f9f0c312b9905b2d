"""Records that somebody above the members makes for one of them: in many internal tools a task, a ticket or a shift is a member's own because it was given to them."""

import re
from functools import partial

from launchready.ground.ground import Ground
from launchready.ground.ids import USER_NOUNS, Records, noun_of_path, own
from launchready.ground.seen import Seen
from launchready.ground.survey import creating, remember, send
from launchready.model.surface import Endpoint, Input
from launchready.probes.callers.bodies import named_fields
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.callers.whoami import low

_FOR_WHOM = re.compile(
    r"^(?:assign(?:ed)?_?(?:to|user)?|assignee|user|employee|member|agent|developer|technician|worker|responsible|recipient)(?:_?(?:id|uuid|pk|user_?id))?$",
    re.I,
)
_REFUSED = (Seen.DENIED, Seen.HIDDEN)
_MEMBERS = 2


async def hand_over(ground: Ground, host: Caller) -> None:
    """One record for each of the first two, wherever ``host``, who stands above them, may say whose it is."""
    members = [one for one in ground.callers[:_MEMBERS] if one is not host]
    if low(host.role):
        return
    for endpoint in creating(ground):
        field = next((one for one in named_fields(endpoint) if _names_somebody(one)), None)
        cell = ground.cells.get((endpoint.name, host.name, "own"))
        if field is None or noun_of_path(endpoint.path) in USER_NOUNS or cell is None or cell.seen in _REFUSED:
            continue
        for member in members:
            who = next(iter(own(member, "user", field.name) or own(member, "user", "id")), "")
            if who:
                what = f"{host.name}: {endpoint.name} for {member.name}"
                await ground.step(what, partial(_hand, ground, host, member, endpoint, field, who))


def _names_somebody(field: Input) -> bool:
    return "." not in field.name and (field.key_of in USER_NOUNS or bool(_FOR_WHOM.match(field.name)))


async def _hand(ground: Ground, host: Caller, member: Caller, endpoint: Endpoint, field: Input, who: str) -> None:
    path = ground.path_of(endpoint, host) if "{" in endpoint.path else endpoint.path
    if path is None or member.person is None:
        return
    value = int(who) if who.isdecimal() and "str" not in field.type.lower() else who
    given = [value] if field.type.startswith("ids") else value
    exchange = await send(ground, host, endpoint, path, {field.name: given}, member.person.marker)
    if not exchange.ok:
        return
    noun = noun_of_path(endpoint.path)
    before = set(ground.records.setdefault(host.name, Records()).made_of(noun))
    remember(ground, host, endpoint, path, exchange)
    if not any(str(one) == who and name.lower() == field.name.lower() for name, one in leaves(parsed(exchange))):
        # Nothing says that it was given to them.
        return
    for new in set(ground.records[host.name].made_of(noun)) - before:
        ground.records.setdefault(member.name, Records()).add(noun, "id", new, made=True)
