"""An address that somebody types and the server then calls by itself (CWE-918, OWASP API7:2023): shown by a server of ours on the same machine."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from launchready.ground.ground import DANGEROUS, Ground
from launchready.ground.ids import parameters
from launchready.ground.result import Harm
from launchready.ground.sending import together
from launchready.model.hosts import is_loopback
from launchready.model.surface import Endpoint
from launchready.model.words import FOR_STRANGERS, AccessVerdict
from launchready.probes.beacon import Beacon, open_beacon
from launchready.probes.callers.bodies import named_fields
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.injection.own import built, write_places
from launchready.stages.inputs.trials.injection.places import Place
from launchready.stages.inputs.trials.injection.told import Told, raise_alarm

_ADDRESS = re.compile(
    r"(?:^|_)(?:ur[li]|link|href|src|web_?hook|call_?back|endpoint|feed|avatar|image|photo|logo|picture|icon|website|home_?page|target|proxy)s?$"
)
# What is fetched in the background comes a little later.
_LATER = 1.0
_MOST, _AT_ONCE = 30, 4


async def prove_fetched(ground: Ground, reads: Sequence[Place]) -> None:
    """Put an address of ours wherever one belongs, each with a word of its own, and see which of them are called.

    On loopback alone: what runs elsewhere does not reach this machine, and must not be told to call others.
    """
    places = [*(place for place in reads if _takes_address(place)), *(_written(ground) if ground.writes else ())][
        :_MOST
    ]
    if not places:
        return
    if not is_loopback(ground.guest.site.host):
        said = "whether it calls addresses that are typed in is only tried where the app runs on this machine"
        ground.gap(places[0].endpoint.name, said, "the same app on 127.0.0.1", Harm.INJECTION)
        return
    async with open_beacon() as beacon:
        asked = await together([partial(_ask, ground, beacon, place) for place in places], at_once=_AT_ONCE)
        await asyncio.sleep(_LATER)
        for place, (word, exchange) in zip(places, asked, strict=True):
            ground.count(Harm.INJECTION)
            if word in beacon.heard:
                raise_alarm(ground, place, _told(beacon, exchange))


async def _ask(ground: Ground, beacon: Beacon, place: Place) -> tuple[str, Exchange]:
    word = f"lr{ground.random(f'beacon {place.endpoint.name} {place.name} {place.caller.name}')}"
    return word, await place.ask(ground, beacon.address(word), "an address on the server's own machine")


def _told(beacon: Beacon, exchange: Exchange) -> Told:
    pairs = (("with the address of a server of ours on the same machine", exchange),)
    if beacon.said in exchange.text:
        return Told("fetched", "the server called an address on its own machine, and what that said came back", pairs)
    return Told("fetch", "the server called an address on its own machine", pairs)


def _takes_address(place: Place) -> bool:
    return not place.number and not place.given.choices and bool(_ADDRESS.search(place.last_name))


def _written(ground: Ground) -> Iterator[Place]:
    """The fields of what writes: those of records of our own, and of calls that make none, such as an import."""
    known = set[str]()
    for some in write_places(ground):
        base, names = some[0], {place.name for place in some}
        known.add(base.endpoint.name)
        # What was left empty takes one as well.
        left = [replace(base, given=one) for one in named_fields(base.endpoint) if one.name not in names]
        yield from (place for place in (*some, *left) if _takes_address(place))
    for endpoint in ground.endpoints:
        if (
            endpoint.method == "POST"
            and endpoint.name not in known
            and not parameters(endpoint.path)
            and _may_be_asked(endpoint)
        ):
            caller = next((one for one in ground.callers), ground.guest)
            if caller.guest and endpoint.access.verdict is AccessVerdict.GUARDED:
                continue
            base = built(endpoint, caller, endpoint.path)
            yield from (place for one in named_fields(endpoint) if _takes_address(place := replace(base, given=one)))


def _may_be_asked(endpoint: Endpoint) -> bool:
    return not (
        endpoint.hosted
        or "#" in endpoint.path
        or DANGEROUS.search(endpoint.path)
        or FOR_STRANGERS.intersection(endpoint.kind)
    )
