"""SQL, told by the database's own error, by what is true and what is not, or by the time a small sum takes (CWE-89).

Every value only narrows what a statement touches: no OR, no comment, no second statement. So the worst that a write can do with it
is to reach fewer rows than it would have.
"""

import re
from statistics import median

from launchready.ground.ground import Ground
from launchready.ground.mann_whitney import mann_whitney
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.injection.places import RIGHT, Place, own_value, words
from launchready.stages.inputs.trials.injection.signals import apart, engine_error, mark, share
from launchready.stages.inputs.trials.injection.told import Told

_TRIES = 3
_TWICE = re.compile(
    r"\bIntegrityError\b|UniqueViolation|UniqueConstraint|\bUNIQUE constraint failed\b|duplicate key value|Duplicate entry|ER_DUP_ENTRY",
    re.I,
)
_SAMPLES = 8
# Each makes the database count, or wait, for about half a second at most, and is nothing but a text where it is only a text.
_SUMS = (
    ("SQLite", "'||(SELECT count(*) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c LIMIT {n}) SELECT x FROM c))||'", 1_500_000),
    ("PostgreSQL", "'||(SELECT count(*) FROM generate_series(1,{n}))||'", 1_500_000),
    ("MySQL", "'-(SELECT count(*) FROM (SELECT SLEEP({n}/1000000)) s)-'", 500_000),
)  # fmt: skip
_NOTICED = 0.15


async def by_error(ground: Ground, place: Place, good: str) -> Told | None:
    """A quote that brings the engine's own error, which a doubled quote does not; or that brings the app down where a doubled one does not: sure where it knows SQL's words."""
    one, two = f"{good}'", f"{good}''"
    broken = await place.ask(ground, one, "a single quote")
    engine, said = engine_error(broken, one)
    if not engine and (broken.status < 500 or _TWICE.search(broken.text)):
        # What may be there once only was kept before, quote and all.
        return None
    whole = await place.ask(ground, two, "a doubled quote")
    if whole.error or whole.status == 429 or whole.status >= 500 or engine_error(whole, two)[0]:
        return None
    again = await place.ask(ground, one, "a single quote")
    if (engine and engine_error(again, one)[0] != engine) or again.status != broken.status:
        return None
    pairs = (("with a single quote", broken), ("with a doubled quote", whole), ("with a single quote again", again))
    told = None if engine else await _by_words(ground, place, good)
    return told or Told(engine or "sql", said, pairs, sure=bool(engine))


async def _by_words(ground: Ground, place: Place, good: str) -> Told | None:
    """A condition between two quotes that is taken, and the same with a word that no database knows, at which the app fails: twice.

    What only counts its quotes takes both, or neither.
    """
    known, unknown = f"{good}' AND '1'='1", f"{good}' LRX '1'='1"
    taken, failed = list[Exchange](), list[Exchange]()
    for _ in range(2):
        taken.append(await place.ask(ground, known, "a condition"))
        failed.append(await place.ask(ground, unknown, "a word of no database"))
    fails = all(one.status >= 500 and not one.error for one in failed)
    if not fails or any(one.error or one.status == 429 or one.status >= 500 for one in taken):
        return None
    shown = ((f"with {known}", taken[0]), (f"with {unknown}", failed[0]), ("the first again", taken[1]))
    return Told("sql", f"{known} is taken, {unknown} makes the app fail", shown)


async def found_by(
    ground: Ground, place: Place, nothing: tuple[str, Exchange]
) -> tuple[str, frozenset[str], Exchange] | None:
    """A value that finds something, the marks of its answer, and that answer; None when no value makes a difference."""
    tried = list(dict.fromkeys(filter(None, (own_value(place), *words(place)))))[:_TRIES]
    for value in tried:
        first = await place.ask(ground, value, RIGHT)
        if first.error or first.status >= 400:
            continue
        second = await place.ask(ground, value, RIGHT)
        if marks := mark(first, second, nothing[1], (value, nothing[0])):
            return value, marks, first
    return None


async def by_difference(ground: Ground, place: Place, value: str, marks: frozenset[str]) -> Told | None:
    """What is true beside the value gives the same answer, what is not gives another: twice."""
    half = len(value) // 2
    pairs = [
        (f"{value}' AND '1'<'2", f"{value}' AND '2'<'1"),
        (f"{value}%' AND '1'<'2", f"{value}%' AND '2'<'1"),
    ]
    if half:
        # Pieces put together by the database are the value again, in any kind of clause; the same letters in another order are not.
        pairs.append((f"{value[:half]}'||'{value[half:]}", f"{value[:half]}'|'|{value[half:]}"))
    if value.isdecimal() and len(value) < 16:
        number = int(value)
        pairs.insert(0, (f"{number + 1}-1", f"{number + 1}-2"))
        pairs.insert(0, (f"{number}-0", f"{number}-1"))
        first = await _differ(ground, place, pairs[0], marks)
        # A number that is counted out must be so whatever it is counted from.
        return (
            first
            if first and await _differ(ground, place, pairs[1], marks)
            else await _any(ground, place, pairs[2:], marks)
        )
    return await _any(ground, place, pairs, marks)


async def _any(ground: Ground, place: Place, pairs: list[tuple[str, str]], marks: frozenset[str]) -> Told | None:
    for pair in pairs:
        if found := await _differ(ground, place, pair, marks):
            return found
    return None


async def _differ(ground: Ground, place: Place, pair: tuple[str, str], marks: frozenset[str]) -> Told | None:
    true, false = pair
    one = await place.ask(ground, true, "a condition that is true")
    if one.error or share(marks, one, true) < 0.5:
        return None
    trues, falses = [one], [await place.ask(ground, false, "a condition that is false")]
    if not apart(marks, [(true, one)], [(false, falses[0])]):
        return None
    trues.append(await place.ask(ground, true, "a condition that is true"))
    falses.append(await place.ask(ground, false, "a condition that is false"))
    if not apart(marks, [(true, x) for x in trues], [(false, x) for x in falses]):
        return None
    shown = (
        (f"with {true}", trues[0]),
        (f"with {false}", falses[0]),
        ("the first again", trues[1]),
        ("the second again", falses[1]),
    )
    return Told("sql", f"{true} answers as the value itself does, {false} does not", shown)


async def by_time(ground: Ground, place: Place) -> Told | None:
    """A sum that keeps the database busy for about half a second, and the same with nothing to count, in turn (Mann and Whitney)."""
    for engine, text, most in _SUMS:
        busy, idle = "lr" + text.format(n=most), "lr" + text.format(n=1)
        quick = await place.ask(ground, idle, "a sum of one")
        slow = await place.ask(ground, busy, "a sum of many")
        if any(one.error or one.status == 429 for one in (quick, slow)) or slow.seconds < quick.seconds + _NOTICED:
            continue
        long, short = [slow], [quick]
        for _ in range(_SAMPLES - 1):
            long.append(await place.ask(ground, busy, "a sum of many"))
            short.append(await place.ask(ground, idle, "a sum of one"))
        if any(one.error or one.status == 429 for one in (*long, *short)):
            return None
        times = [[one.seconds for one in some] for some in (long, short)]
        p, larger = mann_whitney(*times)
        apart_by = median(times[0]) - median(times[1])
        if p < 0.001 and larger > 0.9 and apart_by >= _NOTICED:
            shown = (("a sum of many", slow), ("a sum of one", quick))
            said = f"{engine} took {median(times[0]):.2f} s over a sum we gave it, {median(times[1]):.2f} s over one with nothing to count"
            return Told("sql", said, shown)
    return None
