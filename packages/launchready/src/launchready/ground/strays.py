"""Finds in the app's lists what no answer told of: records of a call that failed, led on or said nothing, by the run's marks in them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from launchready.core.ways import shape
from launchready.ground.ground import Ground, safe_reads
from launchready.ground.ids import USER_NOUNS, noun_of_path
from launchready.ground.naming import bears, ids_in, owned, rows
from launchready.ground.removal import above, addresses, list_of, owners, removed, row_of
from launchready.ground.result import Made
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange

STILL = "the app said that it was removed, and its list still shows it"


async def look_for_strays(ground: Ground, people: Mapping[str, Caller]) -> None:
    """Note and remove what lists show of this run and nobody noted; then look once more whether what was removed is gone."""
    for path, route, caller in _places(ground, people):
        listed = await ground.call(caller, "GET", path)
        if listed.ok:
            await _look(ground, people, caller, path.rstrip("/"), route, listed)
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
        ours = bears(row, marks) or owned(row, people_made)
        if not ours or any((noun, value) in ground.there for _, value in found):
            continue
        addressed = {f"{at}/{value}" for _, value in found}
        if found and not any(
            addressed.intersection(addresses(made)) or (above(made) == at and set(found) & set(made.names))
            for made in ground.made
        ):
            made = Made(caller.name, route, f"{at}/{found[0][1]}", names=found)
            ground.made.append(await removed(ground, made, people))


def _places(ground: Ground, people: Mapping[str, Caller]) -> Iterator[tuple[str, str, Caller]]:
    """Lists to look at, what makes or removes their records, and as whom."""
    lists = {shape(e.path): e for e in safe_reads(ground.endpoints) if not e.path.rstrip("/").endswith("}")}
    writes: dict[str, str] = {}
    for endpoint in ground.endpoints:
        base = endpoint.path.rstrip("/")
        base = base.rpartition("/")[0] if endpoint.method == "DELETE" and base.endswith("}") else base
        changes = endpoint.method in ("POST", "DELETE") and not endpoint.hosted and "#" not in base
        if changes and shape(base) in lists and noun_of_path(base) not in USER_NOUNS:
            writes.setdefault(shape(base), endpoint.name)
    for at, route in writes.items():
        for caller in people.values():
            path = ground.path_of(lists[at], caller) if "{" in lists[at].path else lists[at].path
            if path:
                yield path, route, caller
