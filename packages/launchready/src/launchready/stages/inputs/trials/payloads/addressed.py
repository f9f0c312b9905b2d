"""Fields that a record's address is made of: what is overlong there must still fit an address, or nobody gets to the record to remove it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from launchready.ground.ids import noun_of_path, parameters
from launchready.ground.naming import ids_in, rows
from launchready.model.surface import Endpoint
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.deviations import Deviation
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.inside import Place, places_of

# Gunicorn takes no request line of more than 4,094 bytes, and what stands below the record has to fit as well.
LONGEST = 3_000
_SHORTEST = 4


def fitted(todo: Sequence[Deviation], one: Example, answer: Exchange, endpoints: Sequence[Endpoint]) -> list[Deviation]:
    """The deviations, with what is too long for an address cut in the fields that ``answer`` shows in the record's address."""
    makes = set(_makers(one, answer, endpoints)) if one.endpoint.method != "DELETE" else set()
    return [_cut(one) if one.place in makes and one.where in ("body", "form") else one for one in todo]


def _makers(one: Example, answer: Exchange, endpoints: Sequence[Endpoint]) -> list[Place]:
    """The ways to the texts of the body that are in an id of the record, as they are or as a slug, or that an address below asks for by name."""
    noun, said = noun_of_path(one.endpoint.path), parsed(answer) if answer.ok else None
    tables = [said, *(said.values() if isinstance(said, dict) else ()), *rows(said)]
    ids = {_slug(value) for table in tables if isinstance(table, dict) for _, value in ids_in(table, noun)}
    below = one.endpoint.path.rstrip("/") + "/{"
    asked = {
        parameters(e.path)[-1][0] for e in endpoints if e.path.startswith(below) and "}" in e.path[len(below) - 1 :]
    }
    return [
        place
        for place, value in places_of(one.body)
        if isinstance(value, str)
        and (place[-1] in asked or any(len(slug := _slug(value)) >= _SHORTEST and slug in known for known in ids))
    ]


def _cut(one: Deviation) -> Deviation:
    if not isinstance(one.value, str) or len(one.value) <= LONGEST:
        return one
    value, what = one.value[:LONGEST], f"a text of {LONGEST:,} characters"
    return replace(one, value=value, what=what, wrong=one.wrong and replace(one.wrong, what=what, value=value))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
