"""Methods that no source and no description names, tried on records of our own: a guard often stands at some methods only (CWE-650)."""

from functools import partial

from launchready.ground.ground import DANGEROUS, NOT_OURS, Attempt, Ground, shown
from launchready.ground.ids import Records, parameters
from launchready.ground.result import Alarm, Harm
from launchready.ground.slots import Slot
from launchready.ground.views import again, gone, holds, is_person, known_text, views_of
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.deletes import forget

_METHODS = ("PUT", "PATCH")
_MOST = 20
_TRIED = 4


async def prove_verbs(ground: Ground) -> None:
    """Change a record of the first caller's, by methods the app is not known to have, as a stranger and as the second caller."""
    owner, other = ground.callers[:2]
    listed = _listed(ground)
    for template, endpoint in _records(ground).items():
        methods = [method for method in _METHODS if not {(method, template), ("ANY", template)} & listed]
        if methods:
            work = partial(_try, ground, endpoint, owner, (ground.guest, other), methods)
            await ground.step(f"{' and '.join(methods)} {template}", work)


async def prove_unnamed_deletes(ground: Ground) -> None:
    """Delete records of the first caller's that were made in this run, where the app is not known to let anybody delete one."""
    owner, other = ground.callers[:2]
    listed = _listed(ground)
    for template, endpoint in _records(ground).items():
        if not {("DELETE", template), ("ANY", template)} & listed:
            work = partial(_delete, ground, endpoint, owner, (ground.guest, other))
            await ground.step(f"DELETE {template}, which nothing names", work)


def _listed(ground: Ground) -> set[tuple[str, str]]:
    return {(e.method, e.path.rstrip("/")) for e in ground.endpoints}


def _records(ground: Ground) -> dict[str, Endpoint]:
    """Addresses of single records, with one of their endpoints each."""
    found: dict[str, Endpoint] = {}
    for endpoint in ground.endpoints:
        template = endpoint.path.rstrip("/")
        # A field of GraphQL has one method alone.
        left_alone = (
            "#" in template or endpoint.hosted or DANGEROUS.search(template) or NOT_OURS.intersection(endpoint.kind)
        )
        if template.endswith("}") and not left_alone and len(found) < _MOST:
            found.setdefault(template, endpoint)
    return found


async def _try(
    ground: Ground, endpoint: Endpoint, owner: Caller, callers: tuple[Caller, ...], methods: list[str]
) -> None:
    name, noun = parameters(endpoint.path)[-1]
    made = ground.records.get(owner.name, Records()).made_of(noun)
    slot, mark = Slot("path", name, noun), f"lrx{ground.random(f'verbs {endpoint.path}')}"
    path, views, body = None, list[Exchange](), dict[str, object]()
    for value in made[:_TRIED]:
        # What was made in another's name is none that the owner sees.
        path = ground.path_of(endpoint, owner, value)
        views = [view for view in await views_of(ground, endpoint, owner, slot, value) if holds(view, value)]
        body = known_text(views[0], value, mark) if views else {}
        if body:
            break
    if path is None or not body:
        return
    for caller in callers:
        for method in methods:
            exchange = await ground.call(caller, method, path, json=body)
            after = await again(ground, owner, views) if exchange.ok else []
            effect = next(((a, b) for a, b in zip(views, after, strict=False) if mark in b.text), None)
            if effect is not None:
                _alarm(ground, endpoint, Attempt(owner, caller, exchange, effect), noun, "change")
                return


async def _delete(ground: Ground, endpoint: Endpoint, owner: Caller, callers: tuple[Caller, ...]) -> None:
    """Delete what the owner made in this run. It goes last: nothing is left to try afterwards."""
    name, noun = parameters(endpoint.path)[-1]
    made = ground.records.get(owner.name, Records()).made_of(noun)
    path = ground.path_of(endpoint, owner, made[0]) if made and not is_person(noun) else None
    if path is None:
        return
    slot = Slot("path", name, noun)
    views = [view for view in await views_of(ground, endpoint, owner, slot, made[0]) if holds(view, made[0])]
    for caller in callers if views else ():
        exchange = await ground.call(caller, "DELETE", path)
        after = await again(ground, owner, views) if exchange.ok else []
        effect = next(((a, b) for a, b in zip(views, after, strict=False) if gone(a, b, made[0])), None)
        if effect is not None:
            _alarm(ground, endpoint, Attempt(owner, caller, exchange, effect), noun, "delete")
            forget(ground, owner, slot, made[0], path)
            return


def _alarm(ground: Ground, endpoint: Endpoint, attempt: Attempt, noun: str, does: str) -> None:
    owner, caller, method = attempt.owner, attempt.other, attempt.exchange.method
    who = "Anyone on the internet" if caller.guest else "Any member"
    ground.alarm(
        Alarm(
            Harm.DELETES if does == "delete" else Harm.CHANGES,
            f"{method} {endpoint.path}",
            f"{who} can {does} another's {noun or 'record'}: {method} {endpoint.path}",
            f"Nothing names {method} there, and {caller.name} called it with the {noun} of {owner.name}, "
            + ("for whom it is gone." if does == "delete" else "who sees the change."),
            shown(
                (f"{owner.name}, before", attempt.views[0]),
                (f"{caller.name} {does}s it", attempt.exchange),
                (f"{owner.name}, after", attempt.views[1]),
            ),
        )
    )
