"""What its maker marks as private stays theirs: a record is made with that mark, and looked for as everybody else (OWASP API1:2023, CWE-863)."""

import re
from dataclasses import dataclass, replace
from functools import partial

from launchready.ground.expect import one_tenant
from launchready.ground.ground import Ground, safe_reads, shown
from launchready.ground.ids import Records, noun_of_path
from launchready.ground.pages import make_by_page
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Answers, Seen, alone, compared
from launchready.ground.slots import slots
from launchready.ground.survey import creating, remember_made, send
from launchready.model.surface import Endpoint, Input
from launchready.model.words import Confidence
from launchready.probes.callers.bodies import is_form
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.neighbours import word

_CLOSED = re.compile(r"(?:is_?)?(?:private|confidential|secret)", re.I)
_OPEN = re.compile(r"(?:is_?)?public", re.I)
_CHOSEN = re.compile(r"visibility|privacy|audience", re.I)
_PRIVATE = re.compile(r"private|only_?me|me_?only|self", re.I)
_YES_NO = re.compile(r"bool", re.I)
_ENDPOINTS, _LISTS = 6, 6


@dataclass(frozen=True, slots=True)
class _Kept:
    """A record that its ``owner`` made private: its kind and id, the endpoint that made it, and the text that stands in no other."""

    owner: Caller
    noun: str
    value: str
    made_by: Endpoint
    text: str


async def prove_kept_private(ground: Ground) -> None:
    """Make one record with the mark at each place that takes it, and ask for it by its id and by the lists that show such records."""
    owner = ground.callers[0]
    marked = [(e, mark) for e in creating(ground) if (mark := _mark(e)) is not None]
    for endpoint, (name, value) in marked[:_ENDPOINTS]:
        path = ground.path_of(endpoint, owner) if "{" in endpoint.path else endpoint.path
        if path is not None:
            await ground.step(f"{endpoint.name} as private", partial(_try, ground, owner, endpoint, path, name, value))


def _mark(endpoint: Endpoint) -> tuple[str, bool | str] | None:
    """The field by which a maker keeps a record to themselves, and what it has to hold."""
    for one in endpoint.inputs:
        if one.where not in ("body", "form") or "." in one.name:
            continue
        if (value := _closing(one)) is not None:
            return one.name, value
    return None


def _closing(one: Input) -> bool | str | None:
    if _CHOSEN.fullmatch(one.name):
        return next((choice for choice in one.choices if _PRIVATE.fullmatch(choice)), None)
    if not (_YES_NO.search(one.type) or not one.type):
        return None
    return True if _CLOSED.fullmatch(one.name) else False if _OPEN.fullmatch(one.name) else None


async def _try(ground: Ground, owner: Caller, endpoint: Endpoint, path: str, name: str, value: bool | str) -> None:
    if owner.person is None:
        return
    # A text of its own tells it from what was made before.
    writer = replace(owner, person=replace(owner.person, marker=f"lrk{ground.random(f'{endpoint.name} {name}')}"))
    noun = noun_of_path(endpoint.path)
    had = set(ground.records.get(owner.name, Records()).made_of(noun))
    said = str(value).lower()
    if not await make_by_page(ground, writer, endpoint, path, {name: said}):
        given = {name: said if is_form(endpoint) else value}
        exchange = await send(ground, writer, endpoint, path, given)
        if not exchange.ok or alone(exchange) is not Seen.ALLOWED:
            return
        await remember_made(ground, writer, endpoint, path, exchange)
    new = [one for one in ground.records.get(owner.name, Records()).made_of(noun) if one not in had]
    assert writer.person is not None
    kept = _Kept(owner, noun, new[0] if new else "", endpoint, f"Launch {writer.person.marker}")
    for read in safe_reads(ground.endpoints) if kept.value else ():
        if any(slot.where == "path" and slot.noun == noun for slot in slots(read)):
            await _by_id(ground, kept, read)
    await _listed(ground, kept)


async def _by_id(ground: Ground, kept: _Kept, read: Endpoint) -> None:
    path = ground.path_of(read, kept.owner, kept.value)
    nobodys = ground.missing_path(read, kept.owner, kept.value)
    mine = await ground.call(kept.owner, "GET", path) if path else None
    if path is None or mine is None or alone(mine) is not Seen.ALLOWED or kept.text not in mine.text:
        return
    for other in _others(ground, kept.owner):
        given, none = await ground.call(other, "GET", path), await ground.call(other, "GET", nobodys)
        again = await ground.call(kept.owner, "GET", path)
        if kept.text not in given.text or compared(Answers(mine, given, none, none, again)) is not Seen.ALLOWED:
            continue
        name = read.path.rsplit("{", 1)[-1].rstrip("}")
        _tell(ground, kept, other, read, f"by changing {name} in {read.address}", (mine, given))
        return


async def _listed(ground: Ground, kept: _Kept) -> None:
    """Pages and lists that showed others what the owner made before, and may show this one as well."""
    before = f"Launch {kept.owner.person.marker}" if kept.owner.person else "\0"
    plain = {e.path: e for e in safe_reads(ground.endpoints) if "{" not in e.path}
    for other in _others(ground, kept.owner):
        paths = [
            path
            for (name, path), answer in ground.answers.items()
            if name == other.name and path in plain and before in answer.text
        ]
        for path in paths[:_LISTS]:
            given = await ground.call(other, "GET", path)
            if kept.text in given.text:
                mine = await ground.call(kept.owner, "GET", path)
                _tell(ground, kept, other, plain[path], f"at {plain[path].address}", (mine, given))


def _others(ground: Ground, owner: Caller) -> list[Caller]:
    """Strangers first: what they see, everybody sees. Who stands above may be meant to see all."""
    return [
        ground.guest,
        *(one for one in ground.callers if one is not owner and (low(one.role) or one.role == owner.role)),
    ]


def _tell(
    ground: Ground, kept: _Kept, other: Caller, read: Endpoint, where: str, seen: tuple[Exchange, Exchange]
) -> None:
    told = {
        alarm.route for alarm in ground.alarms if alarm.harm is Harm.READS and alarm.confidence is Confidence.PROVEN
    }
    if read.name in told:
        return
    who = "Anyone on the internet" if other.guest else "Any member"
    colleagues = not other.guest and one_tenant(kept.owner, other) is True
    ground.alarm(
        Alarm(
            Harm.READS,
            read.name,
            f"{who} can read a {word(kept.noun)} that another keeps private, {where}",
            f"{kept.owner.name} made it by {kept.made_by.name} and marked it as private; {other.name if not other.guest else 'a stranger'} was given it.",
            shown((f"{kept.owner.name}, whose it is", seen[0]), (f"{other.name}, who gets it too", seen[1])),
            Confidence.SUSPECTED if colleagues else Confidence.PROVEN,
            "private",
        )
    )
