"""Deleting what is another's, on records made for that and on an account that may be lost (OWASP API1:2023)."""

from dataclasses import replace

from launchready_guard.policy import Policy

from launchready.ground.above import above
from launchready.ground.expect import sure_of_write
from launchready.ground.ground import Attempt, Ground, shown
from launchready.ground.ids import Records, noun_of_path
from launchready.ground.result import Alarm, Harm, Made
from launchready.ground.seen import Seen, alone
from launchready.ground.slots import BELOW, Asking, Slot, asking, below_own
from launchready.ground.survey import creating, make
from launchready.ground.views import account_is_gone, again, gone, holds, is_person, views_of
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.actions import BASE, threw
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.doubled import given_twice, send_doubled
from launchready.stages.access.proof.targets import by_permission, target, who_tries


async def delete(ground: Ground, endpoint: Endpoint, slot: Slot, policy: Policy | None, alone_there: str = "") -> None:
    """Delete a record of the owner's as the second caller, and look whether it is gone for its owner; ``alone_there`` is one that was made for that."""
    owner, other = who_tries(ground, endpoint, slot, ground.callers[0])
    if is_person(slot.noun):
        if ground.victim is None:
            ground.gap(endpoint.name, "no account was there that may be lost", "", Harm.CHANGES)
            return
        owner = ground.victim
    elif not ground.records.get(owner.name, Records()).made_of(slot.noun):
        await make(ground, owner, endpoint.name)
    value = alone_there or target(ground, endpoint, slot, owner, other, made=not is_person(slot.noun))
    ask = asking(ground, endpoint, slot, owner, value) if value else None
    if value is None or ask is None:
        ground.gap(
            endpoint.name,
            "no record made in this run was there to try it on",
            "an identity that owns one",
            Harm.CHANGES,
        )
        return
    views = [view for view in await views_of(ground, endpoint, owner, slot, value) if holds(view, value)]
    if not views:
        ground.gap(endpoint.name, "its effect cannot be seen: nothing shows the record to its owner", "", Harm.CHANGES)
        return
    exchange = await _send(ground, other, endpoint, ask)
    ground.tried[endpoint.name] = Attempt(owner, other, exchange, tuple(views))
    # An account that cannot be signed in to may be so for what was tried before: a call that was refused did not delete it.
    refused = is_person(slot.noun) and alone(exchange) in (Seen.DENIED, Seen.HIDDEN)
    proof = None if refused else await _effect(ground, owner, slot, value, views)
    how = ""
    for one in given_twice(ground, other, slot, exchange) if proof is None and not exchange.ok else ():
        twice = await send_doubled(ground, other, endpoint.method, one)
        proof = await _effect(ground, owner, slot, value, views) if twice.ok else None
        if proof is not None:
            exchange, how = twice, f" by giving {slot.name} twice"
            break
    below = below_own(ground, endpoint, slot, other, value, ask)
    if proof is None and not exchange.ok and below is not None:
        asked = await _send(ground, other, endpoint, below)
        proof = await _effect(ground, owner, slot, value, views) if asked.ok else None
        if proof is not None:
            exchange, how = asked, BELOW
            ground.tried[endpoint.name] = Attempt(owner, other, exchange, tuple(views))
    if proof is None and not alone_there and (free := await _free(ground, owner, slot, exchange)):
        await delete(ground, endpoint, slot, policy, free)
        return
    if proof is None:
        seen = alone(exchange)
        thrown = seen is Seen.UNKNOWN and threw(exchange) and not is_person(slot.noun)
        if thrown and alone(await _send(ground, owner, endpoint, ask)) in (Seen.ALLOWED, Seen.EMPTY):
            # The same call is taken from the owner: what was thrown at the other refused them.
            seen = Seen.DENIED
            forget(ground, owner, slot, value, ask.path)
        ground.note(endpoint, other, "other", seen if seen in (Seen.DENIED, Seen.HIDDEN) else Seen.UNKNOWN)
        return
    ground.note(endpoint, other, "other", Seen.ALLOWED)
    forget(ground, owner, slot, value, ask.path)
    confidence = sure_of_write(endpoint, policy, owner, other, slot.noun)
    if confidence is not None and above(ground, owner, other):
        # The app gives them more elsewhere; whether this is theirs as well, only a person knows.
        confidence = Confidence.SUSPECTED
    if confidence is not None and (how or not by_permission(ground, endpoint, slot, value, other)):
        ground.alarm(
            Alarm(
                Harm.DELETES,
                endpoint.name,
                f"Any {'member' if low(other.role) else other.role} can delete another's {slot.noun or 'record'}{how}: {endpoint.name}",
                f"{other.name} called it with {slot} of {owner.name}, and it is gone for {owner.name}.",
                shown(
                    (f"{owner.name}, before", proof[0]),
                    (f"{other.name} deletes it", exchange),
                    (f"{owner.name}, after", proof[1]),
                ),
                confidence,
            )
        )


async def _free(ground: Ground, owner: Caller, slot: Slot, exchange: Exchange) -> str:
    """Another record of the owner's, to which nothing refers, where the app failed at deleting the first; empty when none could be made.

    One of ours may stand in another of ours, which no database lets go (foreign keys).
    """
    if (exchange.status != 409 and exchange.status < 500) or is_person(slot.noun):
        return ""
    had = ground.records.get(owner.name, Records()).made_of(slot.noun)[:1]
    others = {e.name for e in creating(ground) if noun_of_path(e.path) != slot.noun}
    await make(ground, owner, f"deleting a {slot.noun} that stands alone", left_out=others)
    made = ground.records.get(owner.name, Records()).made_of(slot.noun)[:1]
    return made[0] if made and made != had else ""


async def _send(ground: Ground, other: Caller, endpoint: Endpoint, ask: Asking) -> Exchange:
    body = {"json": ask.body} if ask.body else {}
    return await ground.call(other, endpoint.method, ask.path, headers=ask.headers, **body)


async def _effect(
    ground: Ground, owner: Caller, slot: Slot, value: str, views: list[Exchange]
) -> tuple[Exchange, Exchange] | None:
    """A page of the owner's before and after, when the record left it; for an account, when nobody can sign in to it."""
    after = await again(ground, owner, views)
    if is_person(slot.noun):
        return (views[0], after[0]) if await account_is_gone(ground, owner) else None
    return next(((a, b) for a, b in zip(views, after, strict=True) if gone(a, b, value)), None)


def forget(ground: Ground, owner: Caller, slot: Slot, value: str, path: str) -> None:
    """Take a record that was deleted, by all names it has, out of what there is to ask for and to tidy up."""
    other = {
        name for m in ground.made for _, name in m.names if m.who == owner.name and value in dict(m.names).values()
    }
    ground.made = [
        replace(m, removed=True) if _is_at(m.path, path) or _is_called(m, owner, slot, value) else m
        for m in ground.made
    ]
    if records := ground.records.get(owner.name):
        made = records.made_of(slot.noun)
        made[:] = [one for one in made if one != value and one not in other]


def _is_called(made: Made, owner: Caller, slot: Slot, value: str) -> bool:
    """Whether it was made at another address, such as ``/documents/upload``, as a record of that kind, and goes by that name."""
    same = made.who == owner.name and noun_of_path(made.route.partition(" ")[2]) == slot.noun
    return same and value in dict(made.names).values()


def _is_at(made: str, path: str) -> bool:
    """Whether a record that was made stands at a path; what one server action made another one deletes, which has a path of its own."""
    called = made.startswith(BASE) and path.startswith(BASE)
    return made == path or (called and made.split("/")[2:] == path.split("/")[2:])
