"""Conditions of a document database in place of values: ``{"$ne": ""}`` and ``field[$ne]=`` (CWE-943, OWASP WSTG-INPV-05.6)."""

from launchready.ground.ground import Ground
from launchready.probes.callers.doors import says_error
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.stages.inputs.trials.injection.places import Place
from launchready.stages.inputs.trials.injection.signals import content
from launchready.stages.inputs.trials.injection.told import Told


async def by_operator(ground: Ground, place: Place, nothing: tuple[str, Exchange]) -> Told | None:
    """ "Not this" finds what "this" does not, and a condition that no database knows finds nothing either: the operator was obeyed."""
    nobody, empty = nothing
    if empty.status >= 500 or turned_away(empty):
        return None
    other = await _with(ground, place, "$ne", nobody)
    if not other.ok or says_error(other):
        return None
    news = content(other, nobody) - content(empty, nobody)
    if len(news) < 2:
        return None
    for operator in ("$eq", "$zq"):
        same = await _with(ground, place, operator, nobody)
        if same.error or same.status == 429 or len(news & content(same, nobody)) > len(news) / 10:
            return None
    again = content(await _with(ground, place, "$ne", nobody), nobody)
    if len(news & again) < len(news) / 2:
        # An app that fails now and then answers everything in two ways.
        return None
    pairs = (("for anything but a value that nobody has", other), ("for that value", empty))
    return Told("nosql", 'with "$ne" in place of a value it finds what is not asked for', pairs, sure=False)


async def signs_in(ground: Ground, place: Place) -> Told | None:
    """Our own account, entered with a condition in place of its password."""
    if "pass" not in place.last_name or place.form:
        return None
    entered = await place.ask(ground, {"$ne": "lr-nobody"}, "a condition in place of the password")
    if not _enters(entered):
        return None
    refused = await place.ask(ground, {"$eq": "lr-nobody"}, "a condition that is false in place of the password")
    if _enters(refused) or refused.error or refused.status == 429:
        return None
    pairs = (('with {"$ne": …} in place of the password', entered), ('with {"$eq": …} it is refused', refused))
    return Told("entry", "an account of ours was entered that way", pairs)


def _enters(exchange: Exchange) -> bool:
    return exchange.ok and not says_error(exchange) and not turned_away(exchange)


async def _with(ground: Ground, place: Place, operator: str, value: str) -> Exchange:
    what = f"the operator {operator}"
    if place.where == "query":
        return await place.ask(ground, value, what, f"{place.name}[{operator}]")
    return await place.ask(ground, {operator: value}, what)
