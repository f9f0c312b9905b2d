"""Lists that let callers choose too much: what they are sorted by, how long they are, and wildcards where an exact value is meant (API4:2023)."""

import re
from typing import Any

from launchready.ground.ground import Ground
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.injection.places import Place
from launchready.stages.inputs.trials.injection.signals import engine_error
from launchready.stages.inputs.trials.injection.told import Told

_SORTS = re.compile(r"^(?:sort\w*|order\w*|ordering|fields?)$|_(?:sort|order(?:_?by)?)$")
_SIZES = re.compile(r"^(?:limit|per_?page|page_?size|size|take|first|count|rows|max_?results|top|n)$")
_EXACT = re.compile(r"mail|^user(?:_?name)?$|login|phone|code$|coupon|token|number$|_no$|ssn|iban")
_KEPT = ("password", "password_hash", "hashed_password")
_MANY, _HUGE = 50, 10**9
_NOBODY = "lrzq_no_such_column"


def sorts(place: Place) -> bool:
    """Whether a place names what a list is sorted by."""
    return bool(_SORTS.search(place.last_name))


def sizes(place: Place) -> bool:
    """Whether a place says how much of a list is given."""
    return bool(_SIZES.search(place.last_name))


async def by_order(ground: Ground, place: Place) -> Told | None:
    """An expression that is whole passes and half of one breaks the query; or a list of people that can be put in the order of their passwords."""
    nobody = await place.ask(ground, _NOBODY, "a column that is not there")
    whole = await place.ask(ground, "(1)", "an expression")
    if whole.ok and _broken(nobody):
        half = await place.ask(ground, "(1", "half an expression")
        again = await place.ask(ground, "(1)", "an expression")
        if _broken(half) and again.ok:
            engine, said = engine_error(half)
            shown = (
                ("with half an expression", half),
                ("with a whole one", again),
                ("with a column that is not there", nobody),
            )
            return Told(
                engine or "sql",
                f"(1) is answered, (1 breaks it {said and f'({said})'}".strip(),
                shown,
                sure=bool(engine),
            )
    back = rows(await place.ask(ground, f"-{_NOBODY}", "a column that is not there, backwards"))
    for name in _KEPT:
        up = await place.ask(ground, name, "a column nobody should sort by")
        one = rows(up)
        if len(one) < 2:
            continue
        down = await place.ask(ground, f"-{name}", "the same, backwards")
        # Few people may stand in the order of their passwords by chance, but not backwards as well.
        if one == rows(down)[::-1] and one != rows(down) and (one != rows(nobody) or rows(down) != back):
            shown = ((f"sorted by {name}", up), ("backwards", down), ("sorted by nothing there is", nobody))
            said = f"the list comes in the order of {name}, and tells it letter by letter"
            return Told("order", said, shown, sure=False)
    return None


async def by_size(ground: Ground, place: Place) -> Told | None:
    """A list as long as the caller likes."""
    few = place.plain
    if few is None or not few.ok:
        return None
    for value in (str(_HUGE), "-1"):
        many = await place.ask(ground, value, "a huge page")
        if many.ok and len(rows(many)) > max(_MANY, len(rows(few))):
            shown = ((f"with {value}", many), ("without it", few))
            return Told("page", f"{len(rows(many))} rows came at once, {len(rows(few))} without it", shown, sure=False)
    return None


async def by_star(ground: Ground, place: Place, nothing: Exchange) -> Told | None:
    """A wildcard that finds several people's records where a value that nobody has finds none."""
    if not _EXACT.search(place.last_name) or rows(nothing):
        return None
    for star in ("%", "*"):
        found = await place.ask(ground, star, "a wildcard")
        if found.ok and len(rows(found)) >= 2 and (place.plain is None or len(rows(place.plain)) < len(rows(found))):
            shown = ((f"with {star}", found), ("with a value that nobody has", nothing))
            return Told("wildcard", f"{star} finds {len(rows(found))} records", shown, sure=False)
    return None


def rows(exchange: Exchange) -> list[Any]:
    """What tells the rows of the longest list of an answer apart: the id of each, or all of it."""
    best: list[Any] = []
    level = [parsed(exchange)]
    for _ in range(4):
        for one in level:
            if isinstance(one, list) and len(one) > len(best) and all(isinstance(row, dict) for row in one):
                best = one
        level = [inner for one in level if isinstance(one, dict) for inner in one.values()]
    return [next((row[k] for k in ("id", "_id", "uuid") if k in row), tuple(leaves(row))) for row in best]


def _broken(exchange: Exchange) -> bool:
    return exchange.status >= 500 or bool(engine_error(exchange)[0])
