"""Methods that no source and no description names, tried on records of our own: a guard often stands at some methods only (CWE-650)."""

from functools import partial

from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.stages.access.proof.ground import DANGEROUS, NOT_OURS, Ground, shown
from launchready.stages.access.proof.ids import Records, parameters
from launchready.stages.access.proof.result import Alarm, Harm
from launchready.stages.access.proof.seen import Seen, alone
from launchready.stages.access.proof.views import known_text

_METHODS = ("PUT", "PATCH")
_MOST = 20


async def prove_verbs(ground: Ground) -> None:
    """Change a record of the first caller's, by methods the app is not known to have, as a stranger and as the second caller."""
    owner, other = ground.callers[:2]
    listed = {(e.method, e.path.rstrip("/")) for e in ground.endpoints}
    templates = dict.fromkeys(
        e.path.rstrip("/")
        for e in ground.endpoints
        if e.path.rstrip("/").endswith("}")
        and not e.hosted
        and not DANGEROUS.search(e.path)
        and not NOT_OURS.intersection(e.kind)
    )
    for template in list(templates)[:_MOST]:
        methods = [
            method for method in _METHODS if (method, template) not in listed and ("ANY", template) not in listed
        ]
        endpoint = next(e for e in ground.endpoints if e.path.rstrip("/") == template)
        if methods:
            work = partial(_try, ground, endpoint, owner, (ground.guest, other), methods)
            await ground.step(f"{' and '.join(methods)} {template}", work)


async def _try(
    ground: Ground, endpoint: Endpoint, owner: Caller, callers: tuple[Caller, ...], methods: list[str]
) -> None:
    _, noun = parameters(endpoint.path)[-1]
    made = ground.records.get(owner.name, Records()).made.get(noun)
    path = ground.path_of(endpoint, owner, made[0]) if made else None
    if path is None:
        return
    before = await ground.call(owner, "GET", path)
    mark = f"lrx{ground.random(f'verbs {endpoint.path}')}"
    body = known_text(before, mark)
    if alone(before) is not Seen.ALLOWED or not body:
        return
    for caller in callers:
        for method in methods:
            exchange = await ground.call(caller, method, path, json=body)
            if not exchange.ok:
                continue
            after = await ground.call(owner, "GET", path)
            if mark not in after.text:
                continue
            who = "Anyone on the internet" if caller.guest else "Any member"
            ground.alarm(
                Alarm(
                    Harm.CHANGES,
                    f"{method} {endpoint.path}",
                    f"{who} can change another's {noun or 'record'}: {method} {endpoint.path}",
                    f"Nothing names {method} there, and {caller.name} called it with the {noun} of {owner.name}, who sees the change.",
                    shown(
                        (f"{owner.name}, before", before),
                        (f"{caller.name} changes it", exchange),
                        (f"{owner.name}, after", after),
                    ),
                )
            )
            return
