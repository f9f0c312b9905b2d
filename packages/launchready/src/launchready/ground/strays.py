"""Finds in the app's lists what no answer told of: records of a call that failed, led on or said nothing, by the run's marks in them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from launchready.core.ways import shape
from launchready.ground.ground import Ground
from launchready.ground.ids import USER_NOUNS, noun_of_path
from launchready.ground.listings import Listing, is_listing, listings, posted
from launchready.ground.naming import bears, ids_in, names_in, owned, rows, whole
from launchready.ground.removal import above, addresses, is_new, list_of, lists_of, owners, removed, row_of
from launchready.ground.result import Made
from launchready.ground.sending import together
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange

_PEOPLE = re.compile("user|member|account|people|person|customer|profile|author|owner|employee|client|patient|^me$")
UNTOLD = "it is new since the run began, and nothing says whose it is"
STILL = "the app said that it was removed, and its list still shows it"


async def remember_what_was_there(ground: Ground) -> None:
    """Note which records there are before the run makes any; where nobody is signed in, those that a stranger is shown."""
    there = {one for records in ground.records.values() for one in records.all()}
    cut = set[str]()
    for at, listed in await _seen(ground):
        noun = noun_of_path(at)
        ids = {value for row in rows(parsed(listed)) for _, value in ids_in(row, noun)}
        there |= {(noun, value) for value in ids}
        ground.lists[at] = ground.lists.get(at, frozenset()) | ids
        if not whole(listed):
            cut.add(at)
    ground.there = frozenset(there)
    ground.pages = {key: page for key, page in ground.answers.items() if page.content_type == "text/html"}
    for at in cut:
        del ground.lists[at]


async def _seen(ground: Ground) -> list[tuple[str, Exchange]]:
    """Lists as everybody was shown them, with their addresses: those that were read already, and those that a POST reads."""
    looked = (
        ground.answers.items()
        if ground.callers
        else [(("", one.exchange.path), one.exchange) for one in ground.strangers]
    )
    found = [(path.partition("?")[0].rstrip("/"), listed) for (_, path), listed in looked if is_listing(listed)]
    for listing in posted(ground.endpoints) if ground.writes else ():
        for caller in ground.callers or (ground.guest,):
            at = _filled(ground, listing, caller)
            listed = await listing.read(ground, caller, at) if at else None
            if listed is not None:
                found.append((at, listed))
    return found


async def look_for_strays(ground: Ground, people: Mapping[str, Caller]) -> None:
    """Note and remove what lists show of this run and nobody noted; then look once more whether what was removed is gone."""
    for (_, at, route, caller), listed in await _read(ground, people, of_people=False):
        if listed is not None:
            await _look(ground, people, caller, at, route, listed)
    lists: dict[tuple[str, str], Exchange | None] = {}
    for index, made in enumerate(ground.made):
        if not made.removed or made.who not in people or not made.names:
            continue
        key = (made.who, above(made))
        if key not in lists:
            lists[key] = await list_of(ground, made, people[made.who])
        if (listed_now := lists[key]) is not None and (row := row_of(listed_now, made)) is not None:
            ground.made[index] = await _once_more(ground, people, made, row)


async def _once_more(ground: Ground, people: Mapping[str, Caller], made: Made, row: Mapping[str, Any]) -> Made:
    """Remove what is still listed; without a mark of the run it may be somebody else's by now, and is left alone."""
    if not bears(row, ground.marks):
        return replace(made, removed=False, why=STILL)
    done = await removed(ground, made, people)
    listed = await list_of(ground, made, people[made.who])
    still = listed is not None and row_of(listed, made) is not None
    return replace(done, removed=False, why=done.why or STILL) if still else done


async def _look(
    ground: Ground, people: Mapping[str, Caller], caller: Caller, at: str, route: str, listed: Exchange
) -> None:
    noun, marks, people_made = noun_of_path(at), ground.marks, owners(ground)
    for row in rows(parsed(listed)):
        found = ids_in(row, noun)
        # Elsewhere the same word may name something else; the list itself, as it was, knows best.
        fresh = all(is_new(ground, at, value) for _, value in found)
        new = (found and fresh) or not any((noun, value) in ground.there for _, value in found)
        # What was not there before the run wrote to its address, the run made.
        put = any(f"{at}/{value}" in ground.put and is_new(ground, at, value) for _, value in found)
        ours = put or bears(row, marks) or owned(row, people_made)
        if not new or not (ours or fresh):
            continue
        addressed = {f"{at}/{value}" for _, value in found}
        if found and not any(
            addressed.intersection(addresses(made)) or (above(made) == at and set(found) & set(made.names))
            for made in ground.made
        ):
            called = names_in(row, noun)
            made = Made(caller.name, route, f"{at}/{found[0][1]}", names=called, sure=ours, why="" if ours else UNTOLD)
            # Somebody else may have made it meanwhile.
            ground.made.append(await removed(ground, made, people) if ours or ground.disposable else made)


async def look_for_people(ground: Ground, people: Mapping[str, Caller]) -> None:
    """Note which people lists show since the run began that are none of its accounts: a sign-up may have failed after it made one. Nobody is removed for that, but where all may be lost."""
    accounts = {
        one for signed in ground.journal.signed.values() for one in (signed.person.email, signed.person.username)
    }
    for (_, at, route, caller), listed in await _read(ground, people, of_people=True):
        for row in rows(parsed(listed)) if listed is not None else ():
            found = ids_in(row, noun_of_path(at))
            known = accounts.intersection(str(value) for value in row.values())
            known = known or {made.path for made in ground.made if set(found) & set(made.names)}
            if found and not known and all(is_new(ground, at, value) for _, value in found):
                made = Made(caller.name, route, f"{at}/{found[0][1]}", names=found, sure=False, why=UNTOLD)
                ground.made.append(await removed(ground, made, people) if ground.disposable else made)


async def _read(
    ground: Ground, people: Mapping[str, Caller], *, of_people: bool
) -> list[tuple[tuple[Listing, str, str, Caller], Exchange | None]]:
    """These places with what each list says there, read side by side."""
    places = list(_places(ground, people, of_people=of_people))
    listed = await together([partial(listing.read, ground, caller, at) for listing, at, _, caller in places])
    return list(zip(places, listed, strict=True))


def _places(
    ground: Ground, people: Mapping[str, Caller], *, of_people: bool
) -> Iterator[tuple[Listing, str, str, Caller]]:
    """Lists to look at and their addresses, what makes or removes what is in them, and as whom."""
    lists = {shape(one.at): one for one in reversed(listings(ground.endpoints))}
    writes: dict[str, str] = {}
    for endpoint in ground.endpoints:
        base = endpoint.path.rstrip("/")
        base = base.rpartition("/")[0] if endpoint.method == "DELETE" and base.endswith("}") else base
        changes = endpoint.method in ("POST", "DELETE") and not endpoint.hosted and "#" not in base
        noun = noun_of_path(base)
        # Who belongs where goes with the accounts: an account that was put out first is nobody's to end any more.
        wanted = noun in USER_NOUNS if of_people else not _PEOPLE.search(noun)
        if changes and wanted:
            # `/add_doctor` makes what `/doctors` lists.
            for listed in [base] if shape(base) in lists else [one.at for one in lists_of(ground, base)]:
                writes.setdefault(shape(listed), endpoint.name)
    for at, route in writes.items():
        for caller in people.values():
            if path := _filled(ground, lists[at], caller):
                yield lists[at], path, route, caller


def _filled(ground: Ground, listing: Listing, caller: Caller) -> str:
    """The address of a list with the caller's own ids in it; empty when one is not known."""
    if "{" not in listing.at:
        return listing.at
    endpoint = next(
        (e for e in ground.endpoints if e.method == listing.method and e.path == listing.at + listing.end), None
    )
    path = ground.path_of(endpoint, caller) if endpoint is not None else None
    return path.removesuffix(listing.end) if path else ""
