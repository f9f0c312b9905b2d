"""Records put into what is another's, such as their basket: refused by its id alone, taken when the id is given twice (CWE-235)."""

import re
from functools import partial

from launchready.ground.ground import Ground, shown
from launchready.ground.ids import USER_NOUNS, Records, noun_of, noun_of_path, own
from launchready.ground.result import Alarm, Harm
from launchready.ground.survey import remember, send
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.doubled import doubled, send_doubled

_REFERENCE = re.compile(r"(?:_id|Id|ID|_uuid|Uuid)$")


async def put_into_anothers(ground: Ground, caller: Caller, other: Caller, endpoint: Endpoint, path: str) -> None:
    """Create a record with each field that names something of the caller's, with the other's in its place, and with both."""
    for name in _references(ground, endpoint):
        noun = noun_of(name, noun_of_path(endpoint.path))
        mine, theirs = (_owned(ground, who, noun, name) for who in (caller, other))
        if mine and theirs and mine != theirs:
            await ground.step(
                f"{endpoint.name} with {name} twice",
                partial(_try, ground, (caller, other), endpoint, path, name, (mine, theirs)),
            )


def _references(ground: Ground, endpoint: Endpoint) -> list[str]:
    """Fields of a record of this kind that name another one. What a change of it takes, its creation may take as well."""
    changes = [
        e
        for e in ground.endpoints
        if e.method in ("PUT", "PATCH") and re.fullmatch(re.escape(endpoint.path.rstrip("/")) + r"/\{[^/]*\}", e.path)
    ]
    names = [given.name for e in (endpoint, *changes) for given in fields_of(e)]
    return [name for name in dict.fromkeys(names) if _REFERENCE.search(name) and "." not in name]


def _owned(ground: Ground, who: Caller, noun: str, name: str) -> str:
    made = ground.records.get(who.name, Records()).made_of(noun)
    return next(iter((*own(who, noun, name), *made)), "")


async def _try(
    ground: Ground, pair: tuple[Caller, Caller], endpoint: Endpoint, path: str, name: str, ids: tuple[str, str]
) -> None:
    (caller, other), (mine, theirs) = pair, ids
    kept = await send(ground, caller, endpoint, path, {name: _typed(mine)})
    if kept.ok:
        remember(ground, caller, endpoint, path, kept)
    if not _holds(kept, name, mine):
        return
    refused = await send(ground, caller, endpoint, path, {name: _typed(theirs)})
    if refused.ok:
        remember(ground, caller, endpoint, path, refused)
        return
    for one in doubled(refused, name, mine):
        exchange = await send_doubled(ground, caller, endpoint.method, one)
        if exchange.ok:
            remember(ground, caller, endpoint, path, exchange)
        if _holds(exchange, name, theirs):
            noun = noun_of(name, noun_of_path(endpoint.path))
            does = "create a record in another's name" if noun in USER_NOUNS else f"put a record into another's {noun}"
            ground.alarm(
                Alarm(
                    Harm.CHANGES,
                    endpoint.name,
                    f"Any member can {does}, by giving {name} twice: {endpoint.name}",
                    f"{name} of {other.name} alone is refused to {caller.name}; beside one of their own it is taken.",
                    shown(
                        (f"{caller.name}, with {name} of {other.name}", refused),
                        (f"{caller.name}, with {name} twice", exchange),
                    ),
                    key=f"twice {name}",
                )
            )
            return


def _typed(value: str) -> int | str:
    return int(value) if value.isdecimal() and len(value) < 16 else value


def _holds(exchange: Exchange, name: str, value: str) -> bool:
    """Whether a record that was made has the value, as its answer shows."""
    return exchange.ok and any(found == name and str(given) == value for found, given in leaves(parsed(exchange)))
