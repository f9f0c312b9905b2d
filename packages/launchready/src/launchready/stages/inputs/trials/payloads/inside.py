"""What a body holds inside of its fields: tables in tables, lists and their items; and what fields may hold that the body leaves empty."""

from collections.abc import Mapping
from typing import Any

from launchready.ground.ground import Ground
from launchready.ground.ids import noun_of_path
from launchready.ground.learned import rows
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.samples import ours, shown
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.examples import stranger

# A way into a body: names of tables, numbers of lists.
Place = tuple[str | int, ...]

_DEPTH, _MOST = 7, 60
# So many records are looked at for what their fields hold.
_RECORDS = 4


def places_of(body: object) -> list[tuple[Place, object]]:
    """Every field of a body with its valid value, the outer ones first, and of each list its first item. At most 60."""
    found: list[tuple[Place, object]] = []
    level: list[tuple[Place, object]] = [((), body)]
    for _ in range(_DEPTH):
        level = [inner for place, value in level for inner in _inner(place, value)]
        found += level
    return found[:_MOST]


def _inner(place: Place, value: object) -> list[tuple[Place, object]]:
    if isinstance(value, dict):
        return [((*place, str(name)), inner) for name, inner in value.items()]
    return [((*place, 0), value[0])] if isinstance(value, list) and value else []


def has_inside(body: object) -> bool:
    """Whether a body holds more than single values."""
    return any(len(place) > len(envelope(body)) + 1 for place, _ in places_of(body))


def envelope(body: object) -> Place:
    """The way to the table that holds the fields: past tables that hold another one and nothing else."""
    place: Place = ()
    while isinstance(body, dict) and len(body) == 1 and isinstance(inner := next(iter(body.values())), dict):
        place, body = (*place, str(next(iter(body)))), inner
    return place


def inside(ground: Ground, endpoint: Endpoint, caller: Caller, body: object, answer: Exchange) -> Mapping[str, Any]:
    """Tables and lists that fields of ``body`` may hold and do not, by field: as the description shows them, else as ``answer`` or a record
    of the kind that the caller was shown has them."""
    person = caller.person or stranger(ground).person
    if not isinstance(body, dict) or person is None:
        return {}
    described = shown(endpoint, person)
    names = dict.fromkeys([*(given.name for given in fields_of(endpoint)), *body])
    seen: list[dict[str, Any]] = list(rows(parsed(answer), 0))[:1] if answer.ok else []
    kind = noun_of_path(endpoint.path)
    for (name, path), other in ground.answers.items():
        if name == caller.name and other.ok and noun_of_path(path) == kind and len(seen) < _RECORDS:
            seen += list(rows(parsed(other), 0))[:1]
    found: dict[str, Any] = {}
    for name in names:
        choices = [described.get(name), *(ours(name, record.get(name), person) for record in seen)]
        fuller = max((one for one in choices if isinstance(one, dict | list)), key=_size, default=None)
        if fuller and _size(fuller) > _size(body.get(name)):
            found[name] = fuller
    return found


def _size(value: object) -> int:
    return len(places_of(value))
