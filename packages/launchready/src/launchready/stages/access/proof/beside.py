"""A write that lets a member in where the other writes of the same records refuse them (OWASP API5:2023, CWE-862).

Nothing of anybody's is touched: each is asked for an id that nobody has. Who is refused by their role never hears that there is no such record.
"""

from functools import partial

from launchready_guard.policy import Policy

from launchready.ground.expect import may_call
from launchready.ground.ground import DANGEROUS, NOT_OURS, Ground, shown
from launchready.ground.ids import USER_NOUNS, Records, parameters
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange

_METHODS = ("PUT", "PATCH", "DELETE")
_FORBIDDEN = 403
_MOST = 20


async def prove_beside(ground: Ground, policy: Policy | None) -> None:
    """Ask the writes of each kind of record as a member who made none, and compare them with each other."""
    caller = ground.callers[0]
    for template, writes in list(_writes(ground).items())[:_MOST] if low(caller.role) else ():
        noun = parameters(template)[-1][1]
        # A record of the member's own is asked for by others, which says more.
        if noun not in USER_NOUNS and not ground.records.get(caller.name, Records()).made_of(noun):
            await ground.step(f"writes of {template}", partial(_compare, ground, caller, writes, policy))


async def _compare(ground: Ground, caller: Caller, writes: list[Endpoint], policy: Policy | None) -> None:
    refused: tuple[Endpoint, Exchange] | None = None
    reached: list[tuple[Endpoint, Exchange]] = []
    for endpoint in writes:
        name, noun = parameters(endpoint.path)[-1]
        like = next(iter(ground.values(caller, noun, name)), "1")
        body: dict[str, object] = {} if endpoint.method == "DELETE" else {"json": {}}
        exchange = await ground.call(caller, endpoint.method, ground.missing_path(endpoint, caller, like), **body)
        if exchange.status == _FORBIDDEN:
            refused = endpoint, exchange
        elif alone(exchange) is Seen.HIDDEN and may_call(endpoint, caller, policy)[0] is not True:
            reached.append((endpoint, exchange))
    if refused and reached and _shown_none(ground, caller, writes[0]):
        # An app that looks among the member's own records alone says the same.
        for endpoint, _ in reached:
            said = f"no record was there to try it on, and {caller.name} is shown none: it may keep to the caller's own"
            ground.gap(endpoint.name, said, "an identity that owns one", Harm.CHANGES)
        return
    for endpoint, exchange in reached if refused else ():
        guest = await ground.call(ground.guest, endpoint.method, exchange.path)
        if refused is None or alone(guest) is not Seen.DENIED:
            continue
        does = "delete" if endpoint.method == "DELETE" else "change"
        noun = parameters(endpoint.path)[-1][1]
        ground.alarm(
            Alarm(
                Harm.ROLE,
                endpoint.name,
                f"Any member is let in to {does} any {noun or 'record'}: {endpoint.name} asks for no role, {refused[0].name} does",
                f"{caller.name} asked both for an id that nobody has: one refused, the other looked for it. "
                "Whether it would have done more for a record there is, nobody tried.",
                shown(
                    (f"{caller.name} is let in", exchange),
                    (f"{caller.name} is refused", refused[1]),
                    ("a stranger is refused", guest),
                ),
                Confidence.SUSPECTED,
            )
        )


def _shown_none(ground: Ground, caller: Caller, write: Endpoint) -> bool:
    """Whether the list of these records was empty for the caller."""
    above = write.path.rstrip("/").rpartition("/")[0]
    lists = [e for e in ground.endpoints if e.method == "GET" and e.path.rstrip("/") == above]
    cells = (ground.cells.get((e.name, caller.name, "none")) for e in lists)
    return any(cell is not None and cell.seen is Seen.EMPTY for cell in cells)


def _writes(ground: Ground) -> dict[str, list[Endpoint]]:
    """Writes of single records by their address, where there is more than one."""
    found: dict[str, list[Endpoint]] = {}
    for endpoint in ground.endpoints:
        template = endpoint.path.rstrip("/")
        left_alone = "#" in template or "?}" in template or endpoint.hosted or DANGEROUS.search(template)
        if endpoint.method in _METHODS and template.endswith("}") and not left_alone and not NOT_OURS.intersection(endpoint.kind):  # fmt: skip
            found.setdefault(template, []).append(endpoint)
    return {template: writes for template, writes in found.items() if len(writes) > 1}
