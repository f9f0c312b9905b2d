"""Methods that no source and no description names, tried on records of our own: a guard often stands at some methods only (CWE-650)."""

from functools import partial

from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.stages.access.proof.ground import DANGEROUS, NOT_OURS, Ground, shown
from launchready.stages.access.proof.ids import Records, parameters
from launchready.stages.access.proof.result import Alarm, Harm
from launchready.stages.access.proof.slots import Slot
from launchready.stages.access.proof.views import again, holds, known_text, views_of

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
    name, noun = parameters(endpoint.path)[-1]
    made = ground.records.get(owner.name, Records()).made_of(noun)
    path = ground.path_of(endpoint, owner, made[0]) if made else None
    if path is None:
        return
    slot = Slot("path", name, noun)
    views = (
        [view for view in await views_of(ground, endpoint, owner, slot, made[0]) if holds(view, made[0])]
        if made
        else []
    )
    mark = f"lrx{ground.random(f'verbs {endpoint.path}')}"
    body = known_text(views[0], made[0], mark) if views and made else {}
    if not body:
        return
    for caller in callers:
        for method in methods:
            exchange = await ground.call(caller, method, path, json=body)
            after = await again(ground, owner, views) if exchange.ok else []
            effect = next(((a, b) for a, b in zip(views, after, strict=False) if mark in b.text), None)
            if effect is None:
                continue
            who = "Anyone on the internet" if caller.guest else "Any member"
            ground.alarm(
                Alarm(
                    Harm.CHANGES,
                    f"{method} {endpoint.path}",
                    f"{who} can change another's {noun or 'record'}: {method} {endpoint.path}",
                    f"Nothing names {method} there, and {caller.name} called it with the {noun} of {owner.name}, who sees the change.",
                    shown(
                        (f"{owner.name}, before", effect[0]),
                        (f"{caller.name} changes it", exchange),
                        (f"{owner.name}, after", effect[1]),
                    ),
                )
            )
            return
