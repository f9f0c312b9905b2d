"""Ids beside the caller's own: what comes back belongs to somebody who is none of ours."""

from functools import partial

from launchready_guard.policy import Policy

from launchready.ground.ground import Ground, shown
from launchready.ground.ids import TENANT_NOUNS, parameters
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone, telling
from launchready.ground.sending import together
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.record_fields import TENANT_FIELD


async def neighbours(ground: Ground, endpoint: Endpoint, caller: Caller, policy: Policy | None) -> None:
    """Ids beside the caller's own: what comes back belongs to somebody who is none of ours."""
    name, noun = parameters(endpoint.path)[-1]
    mine = ground.values(caller, noun, name)
    numbers = [int(value) for value in mine if value.isdecimal() and len(value) < 10]
    tenants = caller.known("tenant")
    if not numbers or not tenants or caller is not ground.callers[0]:
        return
    ours = tenants if noun in TENANT_NOUNS else set(mine[:1])
    known = [int(value) for value in mine[1:6] if value.isdecimal() and len(value) < 10]
    around = [n for n in (1, 2, 3, numbers[0] - 1, numbers[0] + 1, *known) if n > 0 and str(n) not in ours]
    wanted = {number: ground.path_of(endpoint, caller, str(number)) for number in dict.fromkeys(around[:6])}
    paths = {number: path for number, path in wanted.items() if path is not None}
    asked = [ground.missing_path(endpoint, caller, str(numbers[0])), *paths.values()]
    missing, *answers = await together([partial(ground.call, caller, "GET", path) for path in asked])
    for (number, path), exchange in zip(paths.items(), answers, strict=True):
        if alone(exchange) is not Seen.ALLOWED or not telling(exchange) - telling(missing):
            continue
        foreign = _foreign_tenant(exchange, tenants)
        if _names_tenants(caller, noun) and str(number) not in tenants:
            foreign = str(number)
        if not foreign or alone(await ground.call(ground.guest, "GET", path)) is Seen.ALLOWED:
            continue
        row = policy.row(*endpoint.name.split(" ", 1)) if policy else None
        if row is not None and not row.review and not row.tenant:
            return
        ground.note(endpoint, caller, "other", Seen.ALLOWED)
        whose = (
            f"{caller.name} is of workspace {', '.join(sorted(tenants))}, and was given what is of workspace {foreign}."
        )
        ground.alarm(
            Alarm(
                Harm.READS,
                endpoint.name,
                f"Any member can read other workspaces' records by changing {name} in {endpoint.address}",
                whose,
                shown(
                    (f"{caller.name}, with the number of another workspace", exchange),
                    (f"{caller.name}, with a number nobody has", missing),
                ),
            )
        )
        return


def _names_tenants(caller: Caller, noun: str) -> bool:
    """Whether ids of this noun are those of what the caller is a member of: a project with the number 2 is no organization with it."""
    if noun not in TENANT_NOUNS:
        return False
    tenants = caller.known("tenant")
    told = [name for name, values in caller.facts.items() if name != "tenant" and tenants.intersection(values)]
    stem = "org" if noun.startswith("org") else word(noun)
    return any(stem in name for name in told) or not any(one in name for one in TENANT_NOUNS - {"w"} for name in told)


def _foreign_tenant(exchange: Exchange, tenants: set[str]) -> str:
    """A workspace named in an answer that is none of the caller's, when none of theirs is named."""
    named = {
        str(value) for name, value in leaves(parsed(exchange)) if TENANT_FIELD.match(name) and value not in (None, "")
    }
    return next(iter(sorted(named)), "") if named and not named & tenants else ""


def word(noun: str) -> str:
    """What a record of this noun is called."""
    return {"me": "account", "w": "workspace"}.get(noun, noun) or "record"
