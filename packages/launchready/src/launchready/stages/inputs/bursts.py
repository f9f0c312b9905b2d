"""Sends the same request many times in a row, and says whether anything slowed it down."""

from collections.abc import Mapping
from dataclasses import dataclass

from launchready.model.surface import Endpoint
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site
from launchready.probes.paths import filled

_NOT_AN_ATTEMPT = (404, 405, 415, 422)


@dataclass(frozen=True, slots=True)
class Burst:
    """``answered`` of ``sent`` were treated as usual. ``limited`` when one was refused for coming too often.

    ``usable`` is False when the endpoint never took what we sent as an attempt, so that nothing follows from it.
    """

    sent: int
    answered: int
    limited: bool
    usable: bool
    last: Exchange


async def burst(site: Site, endpoint: Endpoint, values: Mapping[str, str], times: int) -> Burst:
    """Send ``values`` up to ``times`` times, as JSON or as a form, whichever the endpoint takes."""
    await site.calm.wait()
    form = await _takes_form(site, endpoint, values)
    answered, usable = 0, False
    for number in range(1, times + 1):
        last = await _send(site, endpoint, values, form=form)
        if last.status in (429, 503) or "retry-after" in last.headers:
            return Burst(number, answered, True, True, last)
        if last.error:
            return Burst(number, answered, False, False, last)
        answered += 1
        refused_as_unknown = last.status == 404 and bool(last.text.strip()) and last.content_type == "application/json"
        usable = usable or (last.status < 500 and (last.status not in _NOT_AN_ATTEMPT or refused_as_unknown))
    return Burst(times, answered, False, usable, last)


async def _takes_form(site: Site, endpoint: Endpoint, values: Mapping[str, str]) -> bool:
    if any(field.where == "form" for field in endpoint.inputs):
        return True
    if any(field.where == "body" for field in endpoint.inputs):
        return False
    first = await _send(site, endpoint, values, form=False)
    return first.status in (400, 415, 422)


async def _send(site: Site, endpoint: Endpoint, values: Mapping[str, str], *, form: bool) -> Exchange:
    if form:
        return await site.send(endpoint.method, filled(endpoint), form=values)
    return await site.send(endpoint.method, filled(endpoint), json=dict(values))
