"""Whether a value out of place stands in the app afterwards, read back by whoever sent it."""

from dataclasses import replace
from typing import Any

from launchready.core.ways import matches
from launchready.ground.ground import Ground
from launchready.ground.result import Made
from launchready.ground.views import smallest
from launchready.model.words import Kind
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.accounts import account_of, page_of
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.fields import pages_of


async def read_back(ground: Ground, one: Example, answer: Exchange, made: Made | None) -> tuple[Exchange, Any] | None:
    """A page that shows the record that was written, and its part of it; None when none is known.

    That is the record's own address, or a list in which its id stands; for an account, a page it is shown after signing in.
    """
    if Kind.SIGNUP in one.endpoint.kind:
        return await _account(ground, one, answer)
    path = made.path if made is not None else one.path
    reads = [e for e in ground.endpoints if e.method == "GET" and not e.hosted]
    above, _, value = path.rpartition("/")
    if any(matches(e.path, path) for e in reads) and (made is None or made.path != one.path):
        view = await ground.call(one.caller, "GET", path)
        if view.ok:
            return view, parsed(view)
    for page in pages_of(ground, path):
        view = await ground.call(one.caller, "GET", page)
        said = parsed(view) if view.ok else None
        table = said if page.endswith(f"/{value}") else smallest(said, value, "\0")
        if table is not None:
            return view, table
    if made is not None and any(matches(e.path, above) for e in reads):
        view = await ground.call(one.caller, "GET", above)
        table = smallest(parsed(view), value, "\0") if view.ok else None
        if table is not None:
            return view, table
    return None


async def _account(ground: Ground, one: Example, answer: Exchange) -> tuple[Exchange, Any] | None:
    person = account_of(one, answer)
    if person is None:
        return None
    if person.email and (view := await page_of(ground, replace(person, username=person.email))) is not None:
        # Whoever signs in with an address has it, also where no page shows it.
        return view, [{"email": person.email}, parsed(view)]
    view = await page_of(ground, person)
    return (view, parsed(view)) if view is not None else None


def stands(record: Any, deviation: Deviation) -> bool:
    """Whether the record has the value that was sent, in the field it was sent for."""
    name = str(deviation.place[-1]).lower()
    return any(key.lower() == name and _same(value, deviation.value) for key, value in leaves(record))


def _same(found: object, sent: object) -> bool:
    if isinstance(sent, int) and not isinstance(sent, bool):
        try:
            return not isinstance(found, bool) and float(str(found)) == sent
        except ValueError:
            return False
    return found == sent
