"""Batches and aliases as ways around a check: what was refused, asked beside what is one's own (OWASP GraphQL cheat sheet, batching attacks).

A guard that looks at the first field of an operation, or at the request and not at each operation of it, lets the second one through.
"""

from functools import partial

from launchready_guard.policy import Policy

from launchready.ground.expect import may_call, shared
from launchready.ground.ground import Ground, safe_reads, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone, shares
from launchready.ground.sending import together
from launchready.ground.slots import slots
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import ARGUMENT, Exchange

_REFUSED = (Seen.DENIED, Seen.HIDDEN, Seen.EMPTY)


async def prove_batches(ground: Ground, policy: Policy | None) -> None:
    """Ask once more for what GraphQL refused the second caller and a stranger, in both ways of asking for several things at once."""
    if not ground.callers or not ground.guest.site.graphs:
        return
    reads = [
        endpoint
        for endpoint in safe_reads(ground.endpoints)
        if endpoint.path.partition("#")[0] in ground.guest.site.graphs
    ]
    # What answers them is known before anything is asked beside it, whichever of the questions below is the first.
    plain = [endpoint.path for endpoint in reads if "{" not in endpoint.path]
    for other in (*ground.callers[1:2], ground.guest):
        await together([partial(ground.get, other, path) for path in plain])
    await together([partial(_endpoint, ground, endpoint, policy) for endpoint in reads])


async def _endpoint(ground: Ground, endpoint: Endpoint, policy: Policy | None) -> None:
    owner = ground.callers[0]
    path = ground.path_of(endpoint, owner)
    right = await ground.get(owner, path) if path else None
    if path is None or right is None or alone(right) is not Seen.ALLOWED:
        return
    for other in (*ground.callers[1:2], ground.guest):
        if not _theirs(endpoint, owner, other, policy):
            continue
        refused = await ground.get(other, path)
        if alone(refused) not in _REFUSED:
            continue
        beside = ground.path_of(endpoint, other) if not other.guest else None
        first = beside if beside and beside != path else _open(ground, endpoint, other)
        if first is not None and await _slips(ground, endpoint, (owner, other), (first, path), (right, refused)):
            return


def _theirs(endpoint: Endpoint, owner: Caller, other: Caller, policy: Policy | None) -> bool:
    """Whether what the owner sees there is nothing the other should: a record of the owner's, or an address above the other."""
    if "{" in endpoint.path and slots(endpoint):
        return other.guest or shared(endpoint, policy, owner, other)[0] is not True
    return other.guest or may_call(endpoint, other, policy)[0] is False


def _open(ground: Ground, endpoint: Endpoint, other: Caller) -> str | None:
    """Another field of the same schema that answers this caller; None where there is none."""
    base = endpoint.path.partition("#")[0] + "#"
    for (name, path), exchange in ground.answers.items():
        if name == other.name and path.startswith(base) and alone(exchange) is Seen.ALLOWED:
            return path
    return None


async def _slips(
    ground: Ground, endpoint: Endpoint, pair: tuple[Caller, Caller], paths: tuple[str, str], straight: tuple[Exchange, Exchange]
) -> bool:  # fmt: skip
    owner, other = pair
    right, refused = straight
    graph = ground.guest.site.graphs[endpoint.path.partition("#")[0]]
    token = other.headers.get(ARGUMENT, "")
    first, second = (graph.asked("GET", path, token=token) for path in paths)
    if first is None or second is None:
        return False
    batch = [graph.payload([one], other.name) for one in (first, second)]
    aliases = graph.payload([first, second], other.name)
    for what, payload, key, number in (
        ("a batch of operations", batch, second.root.name, 1),
        ("aliases", aliases, "a1", None),
    ):
        exchange = await ground.call(other, "POST", graph.path, json=payload)
        got = graph.part(second, exchange, key, number)
        if alone(got) is not Seen.ALLOWED or not shares(right, got, refused):
            continue
        who = "Anyone on the internet" if other.guest else "Any member"
        ground.alarm(
            Alarm(
                Harm.READS if "{" in endpoint.path else Harm.ROLE,
                endpoint.name,
                f"{who} gets past the guard of {endpoint.name} with {what}",
                f"Asked alone, {other.name} is refused what {owner.name} sees; asked for beside something else in one request, it is answered.",
                shown(
                    (f"{owner.name}, who may see it", right),
                    (f"{other.name}, asking for it alone", refused),
                    (f"{other.name}, with {what}", got),
                ),
                Confidence.PROVEN,
                key="batch",
            )
        )
        return True
    return False
