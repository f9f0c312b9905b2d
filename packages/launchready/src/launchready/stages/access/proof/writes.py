"""Changing and deleting what is another's. A write counts when the owner sees its effect (OWASP API1:2023)."""

import re
from dataclasses import replace
from functools import partial
from typing import Any

from launchready_guard.policy import Policy

from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.callers.values import person
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.expect import one_tenant, shared
from launchready.stages.access.proof.ground import DANGEROUS, NOT_OURS, Attempt, Ground, shown
from launchready.stages.access.proof.ids import PARAMETER, TENANT_NOUNS, USER_NOUNS, Records, own, parameters
from launchready.stages.access.proof.result import Alarm, Harm
from launchready.stages.access.proof.seen import Seen, alone
from launchready.stages.access.proof.survey import make, send

_TEXTS = (
    "name",
    "title",
    "description",
    "content",
    "body",
    "text",
    "comment",
    "message",
    "bio",
    "note",
    "notes",
    "summary",
    "label",
    "subject",
)
_PASSWORD = re.compile(r"password|passwd", re.I)


async def prove_writes(ground: Ground, policy: Policy | None) -> None:
    """Change records of the first caller as the second, then delete ones made for that."""
    if len(ground.callers) < 2:
        return
    writes = [e for e in ground.endpoints if _usable(e)]
    for endpoint in sorted(writes, key=lambda e: (e.method == "DELETE", e.path)):
        work = _delete if endpoint.method == "DELETE" else _change
        await ground.step(f"another's {endpoint.name}", partial(work, ground, endpoint, policy))


def _usable(endpoint: Endpoint) -> bool:
    return (
        endpoint.action == "write"
        and "{" in endpoint.path
        and "?}" not in endpoint.path
        and not endpoint.hosted
        and not NOT_OURS.intersection(endpoint.kind)
        and not DANGEROUS.search(endpoint.path)
        and endpoint.method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    )


async def _change(ground: Ground, endpoint: Endpoint, policy: Policy | None) -> None:
    other = ground.callers[1]
    name, noun = parameters(endpoint.path)[-1]
    owner = ground.victim if noun in USER_NOUNS and ground.victim is not None else ground.callers[0]
    target = _target(ground, endpoint, owner, other)
    if target is None:
        ground.gap(
            endpoint.name,
            "no record of a caller's own was found to try it on",
            "an identity that owns one",
            Harm.CHANGES,
        )
        return
    value, path = target
    views = await _views(ground, endpoint, owner, value)
    if not views:
        ground.gap(endpoint.name, "its effect cannot be seen: nothing shows the record to its owner", "", Harm.CHANGES)
        return
    first, second = views, await _again(ground, owner, views)
    if endpoint.method in ("POST", "GET") and _open_by_design(ground, endpoint, other):
        what = f"{endpoint.name} acts on what {other.name} may read"
        ground.gap(
            what,
            "members who may read a record often may comment or vote; whether this is such, only a person knows",
            "a row in the policy",
            Harm.CHANGES,
        )
        return
    mark = f"lrx{ground.random(endpoint.name)}"
    stranger = replace(other, person=person(mark, "x")) if _PASSWORD.search(endpoint.path) else other
    extra = {} if fields_of(endpoint) else _known_text(views[0], mark)
    exchange = await send(ground, stranger, endpoint, path, extra, mark)
    ground.tried[endpoint.name] = Attempt(owner, other, exchange, tuple(views), mark)
    seen = alone(exchange)
    after = await _again(ground, owner, views)
    marker = owner.person.marker if owner.person else ""
    moved = [(a, b) for a, b, c in zip(first, after, second, strict=True) if _moved(a, c, b, (value, marker), mark)]
    if not moved and stranger is not other and stranger.person is not None and exchange.ok:
        moved = await _locked_out(ground, owner, stranger.person.password, first[0])
    if not moved:
        ground.note(endpoint, other, "other", seen if seen in (Seen.DENIED, Seen.HIDDEN) else Seen.UNKNOWN)
        return
    ground.note(endpoint, other, "other", Seen.ALLOWED)
    confidence = _weigh(endpoint, policy, owner, other, noun)
    if confidence is not None:
        ground.alarm(
            Alarm(
                Harm.CHANGES,
                endpoint.name,
                f"Any member can change another's {noun or 'record'}: {endpoint.name}",
                f"{other.name} called it with {name} of {owner.name}, and {owner.name} sees the change.",
                shown(
                    (f"{owner.name}, before", moved[0][0]),
                    (f"{other.name} changes it", exchange),
                    (f"{owner.name}, after", moved[0][1]),
                ),
                confidence,
            )
        )


async def _delete(ground: Ground, endpoint: Endpoint, policy: Policy | None) -> None:
    other = ground.callers[1]
    name, noun = parameters(endpoint.path)[-1]
    owner = ground.callers[0]
    if noun in USER_NOUNS:
        if ground.victim is None:
            ground.gap(endpoint.name, "no account was there that may be lost", "", Harm.CHANGES)
            return
        owner = ground.victim
    elif not ground.records.get(owner.name, Records()).made.get(noun):
        await make(ground, owner, endpoint.name)
    target = _target(ground, endpoint, owner, other, made=noun not in USER_NOUNS)
    if target is None:
        ground.gap(endpoint.name, "no record made in this run was there to try it on", "", Harm.CHANGES)
        return
    value, path = target
    views = [view for view in await _views(ground, endpoint, owner, value) if _holds(view, value)]
    if not views:
        ground.gap(endpoint.name, "its effect cannot be seen: nothing shows the record to its owner", "", Harm.CHANGES)
        return
    exchange = await ground.call(other, "DELETE", path)
    ground.tried[endpoint.name] = Attempt(owner, other, exchange, tuple(views))
    after = await _again(ground, owner, views)
    gone = [
        (a, b) for a, b in zip(views, after, strict=True) if not _holds(b, value) and not b.error and b.status < 500
    ]
    if not gone:
        seen = alone(exchange)
        ground.note(endpoint, other, "other", seen if seen in (Seen.DENIED, Seen.HIDDEN) else Seen.UNKNOWN)
        return
    ground.note(endpoint, other, "other", Seen.ALLOWED)
    ground.made = [replace(m, removed=True) if m.path == path else m for m in ground.made]
    records = ground.records.get(owner.name)
    if records and value in records.made.get(noun, ()):
        records.made[noun].remove(value)
    confidence = _weigh(endpoint, policy, owner, other, noun)
    if confidence is not None:
        ground.alarm(
            Alarm(
                Harm.DELETES,
                endpoint.name,
                f"Any member can delete another's {noun or 'record'}: {endpoint.name}",
                f"{other.name} called it with {name} of {owner.name}, and it is gone for {owner.name}.",
                shown(
                    (f"{owner.name}, before", gone[0][0]),
                    (f"{other.name} deletes it", exchange),
                    (f"{owner.name}, after", gone[0][1]),
                ),
                confidence,
            )
        )


def _weigh(endpoint: Endpoint, policy: Policy | None, owner: Caller, other: Caller, noun: str) -> Confidence | None:
    meant, _ = shared(endpoint, policy, owner, other)
    if meant is not None:
        return None if meant else Confidence.PROVEN
    if one_tenant(owner, other) is True and noun not in USER_NOUNS:
        return None
    return Confidence.PROVEN


def _open_by_design(ground: Ground, endpoint: Endpoint, other: Caller) -> bool:
    """Whether the record an action belongs to was given to the other, and nothing is wrong with that."""
    above = {endpoint.path.rsplit("/", count)[0] for count in (1, 2)}
    routes = [
        e.name
        for e in ground.endpoints
        if e.method == "GET" and e.path.rstrip("/") in above and e.path.rstrip("/").endswith("}")
    ]
    wrong = {alarm.route for alarm in ground.alarms if alarm.harm is Harm.READS}
    return any(
        route not in wrong
        and (cell := ground.cells.get((route, other.name, "other"))) is not None
        and cell.seen is Seen.ALLOWED
        for route in routes
    )


def _target(
    ground: Ground, endpoint: Endpoint, owner: Caller, other: Caller, made: bool = False
) -> tuple[str, str] | None:
    """An id of the owner's that is not the other's too, and the address with it."""
    name, noun = parameters(endpoint.path)[-1]
    ours = ground.records.get(owner.name, Records()).made.get(noun, [])
    values = [value for value in ground.values(owner, noun, name) if not made or value in ours]
    theirs = set(ground.records.get(other.name, Records()).made.get(noun, ())) | {
        value for known in other.facts.values() for value in known
    }
    own_values = set(ground.records.get(owner.name, Records()).made.get(noun, ())) | {
        v for known in owner.facts.values() for v in known
    }
    if noun in TENANT_NOUNS:
        theirs |= set(own(other, noun, name))
    for value in values:
        # Records nobody of ours made are somebody's: they are not touched.
        if value in own_values and (
            value not in theirs or (noun not in TENANT_NOUNS and len(parameters(endpoint.path)) > 1)
        ):
            path = ground.path_of(endpoint, owner, value)
            return (value, path) if path else None
    return None


async def _views(ground: Ground, endpoint: Endpoint, owner: Caller, value: str) -> list[Exchange]:
    """Where the owner sees the record: its own address, the one above an action, the list it stands in, their own pages."""
    known = {
        e.path.rstrip("/"): e for e in ground.endpoints if e.method == "GET" and e.action == "read" and not e.hosted
    }
    places = []
    parts = endpoint.path.rstrip("/").split("/")
    for end in range(len(parts), 1, -1):
        template = "/".join(parts[:end])
        if template in known and (end > len(parts) - 3 or "{" not in template):
            places.append(known[template].path)
    paths = []
    for template in places[:3]:
        last = value if template.endswith("}") and len(parameters(template)) == len(parameters(endpoint.path)) else ""
        path = _fill(ground, owner, known[template.rstrip("/")], last, value) if "{" in template else template
        if path:
            paths.append(path)
    paths += ground.accounts.doors.paths[:2]
    found = []
    for path in dict.fromkeys(paths):
        exchange = await ground.call(owner, "GET", path)
        if alone(exchange) in (Seen.ALLOWED, Seen.EMPTY):
            found.append(exchange)
    return found


def _fill(ground: Ground, owner: Caller, endpoint: Endpoint, last: str, value: str) -> str | None:
    return ground.path_of(endpoint, owner, last or (value if len(PARAMETER.findall(endpoint.path)) == 1 else ""))


async def _again(ground: Ground, owner: Caller, views: list[Exchange]) -> list[Exchange]:
    return [await ground.call(owner, "GET", view.path) for view in views]


async def _locked_out(
    ground: Ground, owner: Caller, password: str, before: Exchange
) -> list[tuple[Exchange, Exchange]]:
    """Whether the owner's password became another: the old one opens nothing any more, and the new one does."""
    if owner.person is None:
        return []
    old = Caller(f"{owner.name}-again", owner.site, owner.person)
    if await ground.accounts.sign_in(old):
        return []
    new = Caller(f"{owner.name}-taken", owner.site, replace(owner.person, password=password))
    if not await ground.accounts.sign_in(new):
        return []
    owner.person = new.person
    return [(before, ground.accounts.logins[new.name])]


def _moved(before: Exchange, still: Exchange, after: Exchange, whose: tuple[str, str], mark: str) -> bool:
    """Whether the owner's record in a view changed by what was sent: the mark shows, or a value that had stood still is another.

    Only the part of a view that is the owner's counts: a call that changed the caller instead shows in lists as well.
    """
    if alone(after) not in (Seen.ALLOWED, Seen.EMPTY):
        return False
    first, second, third = (_part(view, whose) for view in (before, still, after))
    if first is None or first != second:
        return False
    if third is None:
        return mark in after.text.lower() and mark not in before.text.lower()
    if mark in str(third).lower():
        return mark not in str(first).lower()
    return not isinstance(first, str) and third != first


def _part(view: Exchange, whose: tuple[str, str]) -> Any:
    """The smallest table of a view that names the record or its owner; the whole of a page that is about it alone."""
    said = parsed(view)
    value, marker = whose
    if said is None:
        return view.text
    if isinstance(said, dict) and value in view.path.split("?")[0].split("/"):
        return said
    return _smallest(said, value, marker.lower() or "\0")


def _smallest(said: Any, value: str, marker: str) -> Any:
    if isinstance(said, list):
        return next((found for one in said if (found := _smallest(one, value, marker)) is not None), None)
    if not isinstance(said, dict):
        return None
    inner = next(
        (
            found
            for one in said.values()
            if isinstance(one, dict | list) and (found := _smallest(one, value, marker)) is not None
        ),
        None,
    )
    if inner is not None:
        return inner
    texts = [str(one) for one in said.values() if not isinstance(one, dict | list | bool)]
    return said if value in texts or any(marker in text.lower() for text in texts) else None


def _holds(exchange: Exchange, value: str) -> bool:
    return alone(exchange) is Seen.ALLOWED and bool(
        re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", exchange.text + " " + exchange.path)
    )


def _known_text(view: Exchange, mark: str) -> dict[str, object]:
    """A text field that the record is seen to have, with the mark in it."""
    said = parsed(view)
    table = (
        said
        if isinstance(said, dict)
        else said[0]
        if isinstance(said, list) and said and isinstance(said[0], dict)
        else {}
    )
    for name in _TEXTS:
        if isinstance(table.get(name), str):
            return {name: f"Launch {mark}"}
    return {}
