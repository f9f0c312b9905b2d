"""A short text that keeps the app busy: sent a little longer each time, and no longer once it took an eighth of a second (CWE-1333)."""

import asyncio
import json
import re
from dataclasses import replace
from functools import partial

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.probes.exchange import Exchange
from launchready.probes.patterns.bombs import Bomb, bomb
from launchready.stages.inputs.trials.injection.own import login_places, write_places
from launchready.stages.inputs.trials.injection.places import Place, read_places

# By this word the check knows what was measured.
SENT = "a text that is slow to match"
# Where each letter doubles the time, each of these takes four times the one before: none can take more than a few seconds.
_TURNS = range(19, 29, 2)
_NOTICED, _TIMES, _LONGEST_REST, _LONGEST = 0.12, 5.0, 2.0, 3.0
# How often it must be slow before it is called so.
_SURE = 3
_BLANKS = 16_000
_USUAL = Bomb("a", "a", "!")
# What patterns for such values are known to trip over, where the app's own is not known.
_BY_NAME = (
    (r"mail", (_USUAL, Bomb("a@a", "a", "!"), Bomb("a@a.a", "a", "!"))),
    (r"ur[li]$|link|website|homepage|domain|host", (Bomb("http://a.aa/", "a", "!"), Bomb("http://a", ".a", "!"))),
    (r"phone|mobile|zip|postal|date|time|ip$|card|iban|amount|price|version", (Bomb("1", "1", "!"),)),
)


async def prove_slowness(ground: Ground) -> None:
    """Every text that is read, one at a time since only the time tells; of what is written only our own records."""
    for place in await read_places(ground):
        if not place.number and not place.given.choices:
            await _ask(ground, place)
    if not ground.writes:
        give = "writes = true in its [environments] table"
        ground.gap(
            "what is written", "this environment allows reads only: sign-in and records were not tried", give, Harm.SLOW
        )
    for place in login_places(ground) if ground.writes else ():
        # Attempts are few in a sound app: none is spent without a reason.
        if place.given.pattern:
            await _ask(ground, place)
    for some in write_places(ground) if ground.writes else ():
        await ground.step(f"slow: {some[0].caller.name}: {some[0].endpoint.name}", partial(_write, ground, some))


def attacks(place: Place) -> tuple[Bomb, ...]:
    """The texts for a place: that of its own pattern where it is known, else of those that are common for such values."""
    if place.given.pattern:
        return tuple(filter(None, (bomb(place.given.pattern),)))
    return next((given for words, given in _BY_NAME if re.search(words, place.last_name)), (_USUAL,))


async def _ask(ground: Ground, place: Place) -> None:
    for attack in attacks(place):
        if await _slow(ground, place, attack):
            break
    ground.count(Harm.SLOW)


async def _write(ground: Ground, places: list[Place]) -> None:
    """All texts of a record at once; one after the other only where that is slow."""
    turns = _TURNS[2]
    places = [place for place in places if not place.given.choices]
    chosen = {place.name: attacks(place) for place in places}
    texts = {name: given[0] for name, given in chosen.items() if given}
    if not texts:
        return
    first = next(place for place in places if place.name in texts)
    tame = replace(first, body=first.body | {name: one.tame(turns) for name, one in texts.items()})
    usual = await tame.ask(ground, texts[first.name].tame(turns), "texts that are refused early")
    for turns in _TURNS[:3]:
        every = replace(first, body=first.body | {name: one.text(turns) for name, one in texts.items()})
        exchange = await every.ask(ground, texts[first.name].text(turns), SENT)
        if exchange.seconds >= max(_NOTICED, _TIMES * usual.seconds):
            for place in places:
                await _ask(ground, place)
            return
    for _ in texts:
        ground.count(Harm.SLOW)
    await _long(ground, first, list(texts), usual)


async def _long(ground: Ground, first: Place, names: list[str], usual: Exchange) -> None:
    """Blanks between two letters, which patterns that cut the end of a text look at again and again: twice as many take four times as long."""

    async def ask(blanks: int) -> Exchange:
        text = f"a{' ' * blanks}a"
        whole = replace(first, body=first.body | dict.fromkeys(names, text))
        return await whole.ask(ground, text, "a long text of blanks")

    long = await ask(_BLANKS)
    if long.status in (400, 413, 422, 429) or long.error or long.seconds < max(_NOTICED, _TIMES * usual.seconds):
        return
    await _rest(long)
    parts, wholes = [], []
    for _ in range(_SURE - 1):
        parts.append(await ask(_BLANKS // 4))
        wholes.append(await ask(_BLANKS))
        await _rest(wholes[-1])
    part, again = (min(some, key=lambda one: one.seconds) for some in (parts, wholes))
    # Four times where each blank costs the same, sixteen times where each is looked at for each.
    if again.seconds < max(_NOTICED, 7 * part.seconds):
        return
    route = first.endpoint.name
    ground.alarm(
        Alarm(
            Harm.SLOW,
            route,
            f"A text of {_BLANKS:,} blanks keeps {route} busy for {again.seconds:.1f} s, and one twice as long four times that",
            f"It takes any member and {' or '.join(names)}: {_BLANKS:,} blanks between two letters took {again.seconds:.2f} s, a quarter of them {part.seconds:.2f} s, "
            f"a short text {usual.seconds:.3f} s.",
            shown(("the long text", again), ("a quarter of it", part), ("a short one", usual)),
            key="blanks",
        )
    )


async def _slow(ground: Ground, place: Place, attack: Bomb) -> bool:
    usual = await place.ask(ground, attack.tame(_TURNS[0]), "a text that is refused early")
    for turns in _TURNS:
        exchange = await place.ask(ground, attack.text(turns), SENT)
        if exchange.status == 429 or (exchange.error and exchange.seconds < 1):
            return False
        if exchange.seconds < max(_NOTICED, _TIMES * usual.seconds):
            continue
        await _rest(exchange)
        if await _grows(ground, place, attack, turns - 2 if not exchange.error else turns - 6):
            return True
        if exchange.seconds > _LONGEST / 3:
            # A longer one would take too long where it is the text after all.
            return False
    return False


async def _grows(ground: Ground, place: Place, attack: Bomb, turns: int) -> bool:
    """Whether it is the text and not the hour: slow each time, quick for others of this length, and quicker by far when it is shorter by two."""
    tame, shorter, longs = [], [], []
    for _ in range(_SURE):
        tame.append(await place.ask(ground, attack.tame(turns + 2), "a text that is refused early"))
        shorter.append(await place.ask(ground, attack.text(turns), SENT))
        longs.append(await place.ask(ground, attack.text(turns + 2), SENT))
        await _rest(longs[-1])
    if any(one.status == 429 for one in (*tame, *shorter, *longs)):
        return False
    less, long = (min(some, key=lambda one: one.seconds) for some in (shorter, longs))
    quick = sorted(tame, key=lambda one: one.seconds)[len(tame) // 2]
    if long.seconds < max(0.8 * _NOTICED, _TIMES * quick.seconds, 1.8 * less.seconds):
        return False
    factor = long.seconds / max(less.seconds, 0.001)
    text = attack.text(turns + 2)
    if long.seconds * factor**1.5 < _LONGEST:
        # A time that a person can feel tells more than one that has to be computed.
        text, longer = attack.text(turns + 5), await place.ask(ground, attack.text(turns + 5), SENT)
        await _rest(longer)
        long = longer if longer.seconds > long.seconds else long
    _alarm(ground, place, text, (quick, less, long))
    return True


async def _rest(after: Exchange) -> None:
    """Give the app as long as it worked for us."""
    await asyncio.sleep(min(after.seconds, _LONGEST_REST))


def _alarm(ground: Ground, place: Place, text: str, answers: tuple[Exchange, Exchange, Exchange]) -> None:
    quick, less, long = answers
    route, who = place.endpoint.name, "anyone" if place.caller.guest else "any member"
    ground.alarm(
        Alarm(
            Harm.SLOW,
            route,
            f"A text of {len(text)} letters keeps {route} busy for {long.seconds:.1f} s, and each letter more multiplies that",
            f"It takes {who} and {place}: {json.dumps(text)} took {long.seconds:.2f} s, a shorter one {less.seconds:.2f} s, another text of the same "
            f"length {quick.seconds:.3f} s. Ten letters more, and it would be minutes in which nobody else is served.",
            shown(("the text", long), ("a shorter one", less), ("another text of the same length", quick)),
            key=f"pattern {place.name}",
        )
    )
