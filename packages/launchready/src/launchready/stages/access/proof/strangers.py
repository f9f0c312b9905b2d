"""Writes of strangers on records that are there: on an id that is nobody's, an open door and a shut one look the same (OWASP API1:2023, CWE-306)."""

import re
from functools import partial

from launchready_guard.policy import Policy

from launchready.ground.expect import sure_of_write
from launchready.ground.ground import Attempt, Ground, shown
from launchready.ground.ids import Records, adds
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.slots import Slot, slots
from launchready.ground.survey import creating, make, send
from launchready.ground.views import Whose, again, gone, holds, is_person, known_text, views_of
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.values import person
from launchready.probes.exchange import Exchange
from launchready.sources.visitors import is_form
from launchready.stages.access.proof.deletes import forget
from launchready.stages.access.proof.writes import effect_of, usable

# What may reach people by mail.
_MAILS = re.compile(r"subscri|resend|invit|report-?abuse", re.I)
_TRIED = 4
_GUESSED = re.compile(r"\d{1,12}|[\w-]{1,9}")


async def prove_strangers(ground: Ground, policy: Policy | None) -> None:
    """Change, then delete, what the first caller made, and what a visitor made where strangers may: as somebody who has no session at all."""
    visitor = Caller("a visitor", ground.guest.site, person(ground.random("visitor"), "v"))
    ground.visitor = visitor
    kept = [
        e.name
        for e in creating(ground)
        if e.access.verdict is AccessVerdict.GUARDED or _MAILS.search(e.path) or is_form(e)
    ]
    await make(ground, visitor, left_out=kept)
    writes = [e for e in ground.endpoints if usable(e) and e.method in ("PUT", "PATCH", "DELETE") and not adds(e)]
    # What stands below a record goes first: it is gone with it.
    writes.sort(key=lambda e: (e.method == "DELETE", -e.path.count("/") if e.method == "DELETE" else 0, e.path))
    for endpoint in writes:
        slot = next((one for one in slots(endpoint) if one.where == "path"), None)
        for owner in (*ground.callers[:1], visitor) if slot is not None and not is_person(slot.noun) else ():
            assert slot is not None
            work = partial(_try, ground, endpoint, slot, owner, policy)
            await ground.step(f"a stranger's {endpoint.name} on what is {owner.name}'s", work)


async def _try(ground: Ground, endpoint: Endpoint, slot: Slot, owner: Caller, policy: Policy | None) -> None:
    value, path, views = "", None, list[Exchange]()
    for value in ground.records.get(owner.name, Records()).made_of(slot.noun)[:_TRIED]:
        # What was made in another's name is none that the owner sees.
        path = ground.path_of(endpoint, owner, value)
        views = [view for view in await views_of(ground, endpoint, owner, slot, value) if holds(view, value)]
        if views:
            break
    if path is None or not views:
        return
    mark = f"lrx{ground.random(f'strangers {endpoint.name} {owner.name}')}"
    stranger = Caller(ground.guest.name, ground.guest.site, person(mark, "x"))
    if endpoint.method == "DELETE":
        exchange = await ground.call(stranger, "DELETE", path)
        after = await again(ground, owner, views) if exchange.ok else []
        effect = next(((a, b) for a, b in zip(views, after, strict=False) if gone(a, b, value)), None)
    else:
        second = await again(ground, owner, views)
        text = {} if fields_of(endpoint) else known_text(views[0], value, mark)
        exchange = await send(ground, stranger, endpoint, path, text, mark)
        whose = Whose(value, owner.person.marker if owner.person else "")
        effect = await effect_of(ground, owner, (views, second), whose, mark) if exchange.ok else None
    if effect is None:
        seen = alone(exchange)
        if owner is not ground.visitor:
            ground.note(endpoint, ground.guest, "other", seen if seen in (Seen.DENIED, Seen.HIDDEN) else Seen.UNKNOWN)
        return
    if endpoint.method == "DELETE":
        forget(ground, owner, slot, value, path)
    _found(ground, endpoint, slot, Attempt(owner, stranger, exchange, effect), value, policy)


def _found(ground: Ground, endpoint: Endpoint, slot: Slot, attempt: Attempt, value: str, policy: Policy | None) -> None:
    owner, exchange, what = attempt.owner, attempt.exchange, slot.noun or "record"
    confidence = sure_of_write(endpoint, policy, owner, ground.guest, slot.noun)
    if confidence is None:
        return
    if owner is ground.visitor and not _GUESSED.fullmatch(value):
        said = f"whoever knows the id of a {what} that a visitor made may write to it; the id cannot be guessed, and may be meant as its key"
        ground.gap(endpoint.name, said, "a row in the policy", Harm.CHANGES)
        return
    deletes = endpoint.method == "DELETE"
    ground.note(endpoint, ground.guest, "other", Seen.ALLOWED)
    ground.alarm(
        Alarm(
            Harm.DELETES if deletes else Harm.CHANGES,
            endpoint.name,
            f"Anyone on the internet can {'delete' if deletes else 'change'} another's {what}: {endpoint.name}",
            f"Somebody without any session called it with {slot} of {owner.name}, who "
            + ("finds it gone." if deletes else "sees the change."),
            shown(
                (f"{owner.name}, before", attempt.views[0]),
                ("a stranger calls it", exchange),
                (f"{owner.name}, after", attempt.views[1]),
            ),
            confidence,
        )
    )
