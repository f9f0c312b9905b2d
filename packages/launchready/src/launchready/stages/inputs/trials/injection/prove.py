"""Every input, asked with few values, until the first signal that decides."""

from functools import partial

from launchready.ground.ground import Ground
from launchready.ground.result import Harm
from launchready.ground.sending import together
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.stages.inputs.trials.injection import commands, lists, nosql, pages, paths, sql
from launchready.stages.inputs.trials.injection.fetched import prove_fetched
from launchready.stages.inputs.trials.injection.own import login_places, missing_page, reset_places, write_places
from launchready.stages.inputs.trials.injection.places import RIGHT, Place, own_value, read_places
from launchready.stages.inputs.trials.injection.signals import engine_error, mark
from launchready.stages.inputs.trials.injection.stored import prove_stored
from launchready.stages.inputs.trials.injection.told import Told, raise_alarm

_NOBODY = "lr-nobody"
_AT_ONCE = 6
_MOST_SILENT = 20


async def prove_injection(ground: Ground) -> None:
    """Reads as whoever may, then sign-in with an account of ours, then our own records, then what only time can tell."""
    silent: list[Place] = []
    places = await read_places(ground)
    await together([partial(_read, ground, place, silent) for place in places], at_once=_AT_ONCE)
    await ground.step("addresses that are typed", lambda: prove_fetched(ground, places))
    found: set[str] = set()
    for place in login_places(ground) if ground.writes else ():
        if place.endpoint.name not in found:
            told = await _login(ground, place)
            await _decide(ground, place, told)
            found |= {place.endpoint.name} if told else set()
    await _missing(ground)
    if not ground.writes:
        give = "writes = true in its [environments] table"
        ground.gap(
            "what is written",
            "this environment allows reads only: sign-in and records were not tried",
            give,
            Harm.INJECTION,
        )
    if ground.writes:
        for place in reset_places(ground):
            await _decide(ground, place, await sql.by_error(ground, place, _NOBODY))
        # Before quotes are left in records: what breaks a page has to be known as ours.
        await prove_stored(ground)
        for some in write_places(ground):
            await ground.step(f"quotes: {some[0].caller.name}: {some[0].endpoint.name}", partial(_write, ground, some))
    for place in silent[:_MOST_SILENT]:
        # One at a time, since only the time tells.
        if told := await sql.by_time(ground, place):
            raise_alarm(ground, place, told)


async def _read(ground: Ground, place: Place, silent: list[Place]) -> None:
    nobody = f"lr{ground.random('injection')}zq"
    empty = await place.ask(ground, nobody, "a value that nobody has")
    if empty.error or empty.status == 429 or (turned_away(empty) and not place.caller.guest):
        return
    if place.given.choices:
        await _decide(ground, place, await sql.by_error(ground, place, place.given.choices[0]))
        return
    if place.number and empty.status in (400, 422):
        # It is made a number before anybody looks at it.
        ground.count(Harm.INJECTION)
        if lists.sizes(place):
            await _decide(ground, place, await lists.by_size(ground, place))
        return
    if lists.sizes(place):
        await _decide(ground, place, await lists.by_size(ground, place))
    if lists.sorts(place):
        await _decide(ground, place, await lists.by_order(ground, place))
    if not place.number:
        await _comes_back(ground, place, (nobody, empty))
        if told := await commands.by_sum(ground, place):
            raise_alarm(ground, place, told)
    told = await sql.by_error(ground, place, own_value(place) or nobody)
    if told is not None and told.sure:
        await _decide(ground, place, told)
        return
    found = await sql.found_by(ground, place, (nobody, empty))
    if found is not None:
        told = await sql.by_difference(ground, place, *found[:2]) or told
    elif told is None and place.endpoint.method == "GET" and not place.number and empty.status < 400:
        silent.append(place)
    if told is None and not place.number and place.where != "path":
        told = await nosql.by_operator(ground, place, (nobody, empty))
    if told is None and not place.number:
        told = await lists.by_star(ground, place, empty)
    await _decide(ground, place, told)


async def _missing(ground: Ground) -> None:
    place = missing_page(ground)
    nobody = f"lr{ground.random('injection')}zq"
    empty = await place.ask(ground, nobody, "a page that is not there")
    if empty.status in (0, 429):
        return
    ground.count(Harm.INJECTION)
    await _comes_back(ground, place, (nobody, empty))


async def _comes_back(ground: Ground, place: Place, nothing: tuple[str, Exchange]) -> None:
    """What an answer shows of the value itself."""
    nobody, empty = nothing
    if pages.shows(empty, nobody):
        for ask in (partial(pages.script, ground, place, nobody), partial(pages.template, ground, place)):
            if told := await ask():
                raise_alarm(ground, place, told)
    if pages.leads(place, empty):
        for look in (pages.leads_away, pages.header):
            if told := await look(ground, place):
                raise_alarm(ground, place, told)
    if told := await paths.outside(ground, place):
        raise_alarm(ground, place, told)


async def _login(ground: Ground, place: Place) -> Told | None:
    good = place.body[place.name]
    told = await sql.by_error(ground, place, good)
    if told is not None and told.sure:
        return told
    entered = await place.ask(ground, good, RIGHT)
    refused = await place.ask(ground, _NOBODY, "a value that nobody has")
    if not entered.ok or refused.status in (0, 429):
        return told
    marks = mark(entered, await place.ask(ground, good, RIGHT), refused, (good, _NOBODY))
    found = await sql.by_difference(ground, place, good, marks) if marks else None
    return found or await nosql.signs_in(ground, place) or told


async def _write(ground: Ground, places: list[Place]) -> None:
    """A quote in all texts at once; in one after the other where that breaks something, or is refused for one of them."""
    for place in places:
        if told := await commands.by_sum(ground, place):
            raise_alarm(ground, place, told)
    open_ones = [place for place in places if not place.given.choices] or places[:1]
    everywhere = open_ones[0]
    body = everywhere.body | {place.name: f"{place.body[place.name]}'" for place in open_ones[1:]}
    first = Place(
        everywhere.endpoint, everywhere.caller, everywhere.where, everywhere.given, everywhere.path, {}, body, everywhere.form, True
    )  # fmt: skip
    exchange = await first.ask(ground, f"{everywhere.body[everywhere.name]}'", "a single quote in every text")
    if exchange.status < 400 and not engine_error(exchange)[0]:
        for _ in open_ones:
            ground.count(Harm.INJECTION)
        # Few values are allowed there, or so it is said.
        places = [place for place in places if place not in open_ones]
    for place in places:
        await _decide(ground, place, await sql.by_error(ground, place, place.body[place.name]))


async def _decide(ground: Ground, place: Place, told: Told | None) -> None:
    ground.count(Harm.INJECTION)
    if told is not None:
        raise_alarm(ground, place, told)
