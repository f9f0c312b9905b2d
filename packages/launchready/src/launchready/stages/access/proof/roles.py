"""Calling what is above one's role (OWASP API5:2023, CWE-285)."""

import re
from functools import partial

from launchready_guard.policy import Policy

from launchready.ground.expect import may_call, role_in, tool_page
from launchready.ground.ground import DANGEROUS, NOT_OURS, Ground, safe_reads, shown
from launchready.ground.ids import USER_NOUNS, own, parameters
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone, telling
from launchready.ground.sending import together
from launchready.ground.survey import send
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller, mentions
from launchready.probes.callers.tokens import parsed
from launchready.probes.callers.whoami import low
from launchready.probes.contacts import EMAIL
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.risen import gives_rank, has_risen
from launchready.stages.access.proof.tricks import prove_tricks

# What a page tells whoever it is not for, with 200 all the same.
_NOT_FOR_YOU = re.compile(
    r"\b(?:you(?: are|'re|&#39;re)|user is) not (?:an? |the )?(?:admin|administrator|owner|authori[sz]ed|allowed|permitted)\b"
    r"|\b(?:admin(?:istrator)?s? only|only (?:for )?admin(?:istrator)?s)\b|\b(?:access|permission) denied\b",
    re.I,
)


async def prove_roles(ground: Ground, policy: Policy | None) -> None:
    """Call reads that a caller's role does not allow, as that caller; then look for ways around the guards that held."""
    for caller in ground.callers if policy else ():
        if policy and role_in(policy, caller) is None:
            ground.gap(
                f"role {caller.role}",
                f"the policy knows no role {caller.role}: what {caller.name} may call was not judged by it",
                f'"{caller.role}" in [roles] of policy.toml, and in the rows it may call',
                Harm.ROLE,
            )
    await together([partial(_read, ground, endpoint, policy) for endpoint in safe_reads(ground.endpoints)])
    await prove_tricks(ground)


async def _read(ground: Ground, endpoint: Endpoint, policy: Policy | None) -> None:
    found, refused = list[tuple[Caller, Alarm]](), set[str]()
    for caller in ground.callers:
        may, why = may_call(endpoint, caller, policy)
        path = _path(ground, endpoint, caller) if may is False and not _themselves(endpoint, caller) else None
        if path is None:
            continue
        exchange = await ground.get(caller, path)
        page = parsed(exchange) is None
        seen = Seen.DENIED if page and _NOT_FOR_YOU.search(exchange.text) else alone(exchange)
        ground.note(endpoint, caller, "none", seen)
        if seen is Seen.DENIED and caller.identity is None:
            refused.add(caller.role)
        if seen is not Seen.ALLOWED or alone(guest := await ground.get(ground.guest, path)) is Seen.ALLOWED:
            continue
        if policy is None and not endpoint.access.roles and await _also_elsewhere(ground, endpoint, caller):
            continue
        if tool_page(endpoint):
            # What was made since may stand in it.
            fresh = await ground.call(caller, "GET", path)
            if _nobody_else(ground, caller, fresh if fresh.ok else exchange):
                continue
        if not await has_risen(ground, caller):
            found.append((caller, _alarm(endpoint, caller, why, exchange, guest, policy)))
    for caller, alarm in found:
        if caller.role in refused and caller.identity is None:
            _told_apart(ground, endpoint, caller)
        else:
            ground.alarm(alarm)


def _told_apart(ground: Ground, endpoint: Endpoint, caller: Caller) -> None:
    """Say that the app takes somebody who signed up for more than others who did: many make whoever comes first their administrator."""
    ground.gap(
        endpoint.name,
        f"{caller.name} was let in and another member, who signed up likewise, was not: some apps make the first account their administrator",
        "identities of an ordinary member and of an administrator in launchready.toml",
        Harm.ROLE,
    )


def _nobody_else(ground: Ground, caller: Caller, exchange: Exchange) -> bool:
    """Whether a log tells of the caller and of nobody else: that of a workspace is for whoever owns it, as somebody who has just signed up does."""
    own = caller.person.signs if caller.person is not None else ()
    others = {
        address.lower() for address in EMAIL.findall(exchange.text) if not any(sign in address.lower() for sign in own)
    }
    strange = others or any(
        mentions(exchange, one) for one in (*ground.callers, *filter(None, (ground.victim,))) if one is not caller
    )
    return mentions(exchange, caller) and not strange


async def _also_elsewhere(ground: Ground, endpoint: Endpoint, caller: Caller) -> bool:
    """Whether the same function answers at an address for everybody as well, and answers the caller there: its code tells whom it shows what."""
    if "source" not in endpoint.seen_in:
        return False  # A document says of all its addresses that they stand in it.
    for other in safe_reads(ground.endpoints):
        same = other.source == endpoint.source and other.path != endpoint.path and "{" not in other.path
        if same and endpoint.source.line and may_call(other, caller, None)[0] is not False:
            return alone(await ground.get(caller, other.path)) is Seen.ALLOWED
    return False


def _themselves(endpoint: Endpoint, caller: Caller) -> bool:
    """Whether the endpoint shows one person, and the caller's own id would be asked for: who may not see others may see that."""
    found = parameters(endpoint.path)
    return bool(found) and found[-1][1] in USER_NOUNS and bool(own(caller, found[-1][1], found[-1][0]))


async def prove_role_writes(ground: Ground, policy: Policy | None) -> None:
    """Call writes that a caller's role does not allow, on the victim's account and on nothing else."""
    for endpoint in ground.endpoints:
        if (
            endpoint.action != "write"
            or endpoint.hosted
            or NOT_OURS.intersection(endpoint.kind)
            or DANGEROUS.search(endpoint.path)
            # An account without an id in the address is the caller's own, which the rest of the proof needs.
            or (endpoint.method == "DELETE" and "{" not in endpoint.path)
        ):
            continue
        for caller in ground.callers[:2]:
            may, why = may_call(endpoint, caller, policy)
            path = _path(ground, endpoint, caller, ground.victim) if may is False else None
            if path is None or (endpoint.method == "DELETE" and ground.victim is None):
                continue
            work = partial(_write, ground, endpoint, caller, path, why, policy)
            await ground.step(f"{endpoint.name} as {caller.name}", work)


async def _write(
    ground: Ground, endpoint: Endpoint, caller: Caller, path: str, why: str, policy: Policy | None
) -> None:
    before = await _views(ground)
    guest = await ground.call(ground.guest, endpoint.method, path, json={})
    exchange = await send(ground, caller, endpoint, path)
    seen = alone(exchange)
    seen = Seen.ALLOWED if seen is Seen.EMPTY else seen
    ground.note(endpoint, caller, "none", seen)
    if seen is not Seen.ALLOWED or (alone(guest) in (Seen.ALLOWED, Seen.EMPTY)):
        return
    if gives_rank(ground, endpoint) or await has_risen(ground, caller):
        return
    after = await _views(ground)
    # Two who came the same way stand the same; an answer to one of them alone tells of a rank.
    like = next((one for one in ground.callers[:2] if one is not caller and one.role == caller.role), None)
    alike = like is not None and like.identity is None and caller.identity is None
    if like is not None and alike and alone(await send(ground, like, endpoint, path)) is Seen.DENIED:
        _told_apart(ground, endpoint, caller)
        return
    effect = any(telling(a) != telling(b) or a.status != b.status for a, b in zip(before, after, strict=False))
    echoed = caller.person is not None and caller.person.marker.lower() in exchange.text.lower()
    confidence = Confidence.PROVEN if effect or echoed else Confidence.SUSPECTED
    ground.alarm(_alarm(endpoint, caller, why, exchange, guest, policy, confidence))


async def _views(ground: Ground) -> list[Exchange]:
    """What the victim sees of themselves."""
    if ground.victim is None:
        return []
    return await together(
        [partial(ground.call, ground.victim, "GET", path) for path in ground.accounts.doors.paths[:2]]
    )


def _path(ground: Ground, endpoint: Endpoint, caller: Caller, victim: Caller | None = None) -> str | None:
    """The endpoint's address with ids of the victim's or the caller's own."""
    if "{" not in endpoint.path:
        return endpoint.path
    name, noun = parameters(endpoint.path)[-1]
    if victim is not None and noun in USER_NOUNS:
        values = ground.values(victim, noun, name)
        return ground.path_of(endpoint, caller, values[0]) if values else None
    if endpoint.action == "write":
        return None
    return ground.path_of(endpoint, caller)


def _alarm(
    endpoint: Endpoint,
    caller: Caller,
    why: str,
    exchange: Exchange,
    guest: Exchange,
    policy: Policy | None,
    confidence: Confidence = Confidence.PROVEN,
) -> Alarm:
    does = "read" if endpoint.action == "read" else "use"
    who = f"a {caller.role}" if caller.role else "a member"
    # Without a policy, a role in the source or a role of the caller's, only the address speaks.
    sure = not tool_page(endpoint) and (policy is not None or endpoint.access.roles or caller.role)
    return Alarm(
        Harm.ROLE,
        endpoint.name,
        f"Any member can {does} what is for administrators: {endpoint.name}"
        if low(caller.role)
        else f"The role {caller.role} can {does} what is not meant for it: {endpoint.name}",
        f"{caller.name} is {who}; {why}, and the app answered.",
        shown((f"{caller.name}, {who}", exchange), ("a stranger", guest)),
        confidence if sure else Confidence.SUSPECTED,
    )
