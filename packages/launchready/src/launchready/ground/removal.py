"""Removes one record of the run: by whatever name the app has for it, as whoever may, and believed only when nothing shows it any more."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from launchready.core.ways import matches, shape
from launchready.ground.ground import Ground, safe_reads
from launchready.ground.ids import USER_NOUNS, field_at, noun_of_path, parameters, thing
from launchready.ground.listings import Listing, listings
from launchready.ground.naming import (
    LABEL,
    LOCATION,
    SENT,
    Names,
    bears,
    holds,
    is_id,
    names_in,
    owned,
    rows,
    texts,
    whole,
)
from launchready.ground.result import Made
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange

NO_WAY = "the app has no way to remove it"
_UNSEEN = "nothing shows whether it is still there"
_ACTION = re.compile(r"/(?:delete|remove|destroy)/?$", re.I)
_DELETED = re.compile(r"^(?:is_?)?(?:deleted|archived|trashed|removed)(?:_?at|_?on|_?date)?$", re.I)
_ABOVE = re.compile("admin|owner|super|staff", re.I)
_IDS = re.compile(r"(?:id|pk|uuid|guid)$", re.I)
# Every call of the protocol but OPTIONS says which version it speaks.
TUS = {"Tus-Resumable": "1.0.0"}
_REFUSED, _GONE = frozenset((401, 403, 404, 405, 410)), frozenset((404, 410))
# Whoever else may remove it is among so many.
_ASKERS = 3


@dataclass(frozen=True, slots=True)
class _Way:
    """A call that removes a record. ``elsewhere`` says that its address is not that of the call which made it: what stands there has to be looked at first. ``body`` names the record where its address is that of the list."""

    method: str
    path: str
    elsewhere: bool = False
    body: tuple[str, str] = ("", "")
    headers: tuple[tuple[str, str], ...] = ()


def removable(ground: Ground, route: str, path: str) -> bool:
    """Whether the app has any way to remove what a call of ``route`` makes at the list ``path``."""
    return "#" in path or any(_ways(ground, Made("", route, f"{path.rstrip('/')}/x", names=(("id", "x"),))))


async def removed(ground: Ground, made: Made, people: Mapping[str, Caller]) -> Made:
    """The record, removed or with the reason why it is left."""
    owner = people.get(made.who)
    if owner is None:
        return replace(made, why=f"nobody is signed in as {made.who} any more")
    ways = list(_ways(ground, made))
    if not ways:
        return replace(made, why=NO_WAY)
    said, gone = await _tried(ground, made, ways, owner, people)
    if not said:
        return replace(made, removed=True, why="")
    listed = await list_of(ground, made, owner)
    more = _told_more(made, listed) if listed is not None else made
    if ways := [way for way in _ways(ground, more) if way not in ways]:
        made, (said, gone) = more, await _tried(ground, more, ways, owner, people)
    # Whoever may not remove a record is not shown it either in some apps: only that nobody finds it says that it is gone.
    still = await shown(ground, made, owner, listed) if said and gone else True
    # Of what is out of everybody's reach, that nobody is shown it says nothing.
    if not said or (still is False and not made.held):
        return replace(made, removed=True, why="")
    return replace(made, why=said + (f"; {_UNSEEN}" if still is None else ""))


async def _tried(
    ground: Ground, made: Made, ways: Sequence[_Way], owner: Caller, people: Mapping[str, Caller]
) -> tuple[str, bool]:
    """What the app said instead of removing it, empty when it was removed; and whether it said to everybody that there is no such record."""
    said, gone, noun, found = "", True, noun_of_path(above(made)), set[bool | None]()
    for caller in _askers(owner, people):
        refused = True
        for way in ways:
            if way.elsewhere:
                found.add(ours := await _is_ours(ground, caller, way.path, noun))
                if not ours:
                    continue
            given = dict[str, Any]({"headers": dict(way.headers)} if way.headers else {})
            if way.body[0]:
                given["json"] = {way.body[0]: int(way.body[1]) if way.body[1].isdecimal() else way.body[1]}
            answer = await ground.call(caller, way.method, way.path, **given)
            if _taken(answer):
                return "", True
            refused, gone = refused and answer.status in _REFUSED, gone and answer.status in _GONE
            said = said or f"{way.method} {way.path} as {caller.name} was answered with {answer.status or 'nothing'}"
        if not refused:
            break
    # What nobody finds, such as a record that a question took away, needs no way to be removed.
    return (said, gone) if said else (NO_WAY, found == {None})


async def shown(ground: Ground, made: Made, owner: Caller, listed: Exchange | None = None) -> bool | None:
    """Whether the app still shows the record: in its list, else at its own address; None when neither is there to look at."""
    listed = listed or await list_of(ground, made, owner)
    labels = [value for name, value in made.names if name == LABEL]
    if listed is not None and labels:
        return labels[0] in texts(parsed(listed))
    if listed is not None and (row_of(listed, made) is not None or whole(listed)):
        return row_of(listed, made) is not None
    unsure = True
    for path in addresses(made):
        pages = [e for e in safe_reads(ground.endpoints) if "{" in e.path and matches(e.path, path)]
        if pages:
            answer = await ground.call(owner, "GET", path)
            if answer.ok:
                return not says_error(answer)
            # Where an address takes something else than an id, that it knows none of ours says nothing.
            parameter = parameters(pages[0].path)[-1][0]
            unsure = answer.status not in _GONE or not _IDS.search(parameter)
            if unsure:
                return None
    return None if unsure else False


async def list_of(ground: Ground, made: Made, owner: Caller) -> Exchange | None:
    """The list in which the record would stand; None when there is none that can be read."""
    at = above(made)
    listing = next((one for one in listings(ground.endpoints) if at and matches(one.at, at)), None)
    if listing is None and (listing := next(iter(lists_of(ground, at)), None)) is not None:
        at = listing.at
    return await listing.read(ground, owner, at) if listing is not None else None


def lists_of(ground: Ground, at: str) -> list[Listing]:
    """The lists of what an address only says what to do with: ``/doctors`` for ``/add_doctor``."""
    part = at.rstrip("/").rpartition("/")[2]
    if thing(part) == part:
        return []
    noun = noun_of_path(at)
    return [one for one in listings(ground.endpoints) if "{" not in one.at and noun_of_path(one.at) == noun]


def row_of(listed: Exchange, made: Made) -> Mapping[str, object] | None:
    """The row of a list that is the record's, when it is not marked as deleted; None when there is none."""
    noun = noun_of_path(above(made))
    found = (row for row in rows(parsed(listed)) if any(_same(row, noun, *one) for one in names(made)))
    return next((row for row in found if not any(_DELETED.match(name) and one for name, one in row.items())), None)


def _told_more(made: Made, listed: Exchange) -> Made:
    """The record with the names that its row in a list has for it."""
    row = row_of(listed, made) or {}
    return replace(made, names=tuple(dict.fromkeys((*names(made), *names_in(row, noun_of_path(above(made)))))))


def names(made: Made) -> Names:
    """What the record is called: what its address ends with where nothing else was learned, and nothing where that is the one it was made at."""
    if made.names or matches(made.route.partition(" ")[2], made.path):
        return made.names
    return ((LOCATION, made.path.rpartition("/")[2]),)


def addresses(made: Made) -> list[str]:
    """Every address at which the record may stand, the likeliest first."""
    if _was_put(made):
        return [made.path]
    return [f"{above(made)}/{_quoted(value)}" for _, value in names(made)]


def _was_put(made: Made) -> bool:
    """Whether the record was put at an address that the caller chose: it stands there byte for byte, whatever its list makes of that."""
    method, _, path = made.route.partition(" ")
    return method == "PUT" and not made.names and path.rstrip("/").endswith("}") and matches(path, made.path)


def above(made: Made) -> str:
    """The address of the list in which the record would stand."""
    return made.path.rpartition("/")[0]


def _same(row: Mapping[str, object], noun: str, name: str, value: str) -> bool:
    if name in (LOCATION, SENT):
        return any(is_id(field, noun) and str(one) == value for field, one in row.items()) or (
            name == SENT and value in row.values()
        )
    return is_id(name, noun) and str(row.get(name)) == value


def _ways(ground: Ground, made: Made) -> Iterator[_Way]:
    """Calls that may remove the record, the plainest first."""
    at = above(made)
    noun, found = noun_of_path(at), list[_Way]()
    if any(at == path.rstrip("/") for path in ground.resumable):
        # What the protocol made goes by its word (tus 1.0.0, termination), whatever stopped the questions.
        yield _Way("DELETE", made.path, headers=tuple(TUS.items()))
    for endpoint in ground.endpoints:
        base = endpoint.path.rstrip("/") if endpoint.method == "DELETE" else _ACTION.sub("", endpoint.path)
        deletes = endpoint.method == "DELETE" or (endpoint.method == "POST" and _ACTION.search(endpoint.path))
        named = parameters(base)
        if endpoint.hosted or not deletes:
            continue
        if not named:
            found += _by_body(ground, endpoint, made)
            continue
        end = endpoint.path[len(base) :]
        if _was_put(made) and shape(endpoint.path) == shape(made.route.partition(" ")[2]):
            found.append(_Way("DELETE", made.path))
            continue
        if "#" in base:
            found += [_Way(endpoint.method, path) for path in (field_at(endpoint, made.path),) if path]
        elif not base.endswith("}"):
            found += [_Way("DELETE", made_by) for made_by in _undone(ground, endpoint, made)]
            found += _by_body(ground, endpoint, made)
        elif matches(base, f"{at}/x"):
            found += [
                _Way(endpoint.method, f"{at}/{_quoted(value)}{end}") for value in _values(ground, made, named[-1][0])
            ]
        elif len(named) == 1 and named[0][1] == noun and noun not in USER_NOUNS and _seen_at(ground, base, at):
            root = base.rpartition("/")[0]
            values = _values(ground, made, named[-1][0])
            found += [_Way(endpoint.method, f"{root}/{_quoted(value)}{end}", elsewhere=True) for value in values]
    yield from sorted(dict.fromkeys(found), key=lambda way: (way.elsewhere, way.method != "DELETE"))


def _values(ground: Ground, made: Made, parameter: str) -> list[str]:
    """The names that a parameter may mean, that of the same field first. A name that others may have, too, counts only with a mark of the run."""
    wanted, noun = _plain(parameter), noun_of_path(above(made))
    trusted = [
        (name, value)
        for name, value in names(made)
        if name == LOCATION or is_id(name, noun) or _plain(name) == wanted or holds(value, ground.marks)
    ]
    trusted.sort(key=lambda given: _plain(given[0]) != wanted)
    return list(dict.fromkeys(value for _, value in trusted))


def _by_body(ground: Ground, endpoint: Endpoint, made: Made) -> list[_Way]:
    """``DELETE /items`` with ``{"id": 5}``, where the list that was read shows the record and the source asks for that field."""
    at = above(made)
    fields = [one.name for one in endpoint.inputs if one.where == "body" and is_id(one.name, noun_of_path(at))]
    if endpoint.method != "DELETE" or len(fields) != 1 or not matches(endpoint.path.rstrip("/"), at) or not names(made):
        return []
    return [_Way("DELETE", at, body=(fields[0], value)) for value in _values(ground, made, fields[0])[:1]]


def _undone(ground: Ground, endpoint: Endpoint, made: Made) -> Iterator[str]:
    """The address that made it, where that takes back what it does to a record of the run, such as to mark it as a favourite.

    Where a DELETE stands at a list, it would empty that.
    """
    path = endpoint.path.rstrip("/")
    made_by = made.route.partition(" ")[2].rstrip("/")
    one_of_many = any(e.path.rstrip("/").startswith(path + "/{") for e in ground.endpoints)
    if shape(path) != shape(made_by) or one_of_many or noun_of_path(path) != path.rpartition("/")[2].lower():
        return
    for at in (made.path, above(made)):
        owner = at.rpartition("/")[0].rpartition("/")[2]
        if matches(path, at) and any(
            owner in records.made_of(parameters(path)[-1][1]) for records in ground.records.values()
        ):
            yield at


def _seen_at(ground: Ground, base: str, at: str) -> bool:
    """Whether the record that stands at an address can be looked at: there, at an address of its own, or in a list."""
    return bool(_pages_of(ground, base) or lists_of(ground, at) or lists_of(ground, base.rpartition("/")[0]))


def _pages_of(ground: Ground, path: str) -> list[str]:
    """Templates at which the record of a path is read: the path's own, or that of another word for the same, such as ``/doctors/{name}`` for ``/delete_doctor/{name}``."""
    reads = [
        e.path
        for e in safe_reads(ground.endpoints)
        if e.path.rstrip("/").endswith("}") and len(parameters(e.path)) == 1
    ]
    same = [one for one in reads if matches(one, path) or shape(one) == shape(path)]
    above_it = path.rstrip("/").rpartition("/")[0]
    part = above_it.rpartition("/")[2]
    noun = noun_of_path(above_it)
    return same or [one for one in reads if thing(part) != part and parameters(one)[0][1] == noun]


async def _is_ours(ground: Ground, caller: Caller, path: str, noun: str) -> bool | None:
    """Whether the record at an address says by its texts, or by whom it belongs to, that the run made it; None where nothing shows such a record."""
    path = _ACTION.sub("", path)
    at, _, value = path.rpartition("/")
    there = False
    for template in _pages_of(ground, path):
        page = f"{template.rstrip('/').rpartition('/')[0]}/{value}"
        answer = await ground.call(caller, "GET", page)
        there = there or answer.status not in _GONE
        said = parsed(answer) if answer.ok else None
        inner = next(iter(said.values()), None) if isinstance(said, dict) and len(said) == 1 else said
        record = inner if isinstance(inner, dict) else {}
        if any(_quoted(one) == value for _, one in names_in(record, noun)):
            return is_new(ground, at, value) or bears(record, ground.marks) or owned(record, owners(ground))
    for listing in lists_of(ground, at):
        listed = await listing.read(ground, caller, listing.at)
        shown_there = list(rows(parsed(listed))) if listed is not None else []
        found = [row for row in shown_there if any(_quoted(one) == value for _, one in names_in(row, noun))]
        there = there or bool(found) or listed is None or not whole(listed)
        if len(found) == 1:
            return bears(found[0], ground.marks) or owned(found[0], owners(ground))
    return False if there else None


def is_new(ground: Ground, at: str, value: str) -> bool:
    """Whether the list at an address, when the run began, was shown as a whole without this id."""
    before = ground.lists.get(at.rstrip("/"))
    return before is not None and value not in before


def owners(ground: Ground) -> set[str]:
    """What the app calls the accounts that the run made: whatever is theirs, the run made as well."""
    found = set[str]()
    for caller in (*ground.callers, *ground.signed.values(), *filter(None, (ground.victim,))):
        if caller.identity is None and caller.name in ground.journal.signed and caller.person is not None:
            found |= caller.known("id", "userid", "sub", "username") | {caller.person.email}
    return found


def _askers(owner: Caller, people: Mapping[str, Caller]) -> list[Caller]:
    """Who is asked: whoever made it, then those who look after everything, then others."""
    others = [one for one in people.values() if one is not owner and not one.guest]
    return [owner, *sorted(others, key=lambda one: not _ABOVE.search(one.role))][:_ASKERS]


def _taken(answer: Exchange) -> bool:
    # A page of forms answers with where to go on.
    led_on = answer.method == "POST" and 300 <= answer.status < 400 and "login" not in answer.header("location")
    return (answer.ok or led_on) and not says_error(answer)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _quoted(value: str) -> str:
    return quote(value, safe="@:+,;=~")
