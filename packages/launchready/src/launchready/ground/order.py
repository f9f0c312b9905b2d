"""In which order records are made: what others name comes first, a team before the task that is given to it."""

import re
from collections.abc import Sequence

from launchready.ground.ids import noun_of_path, parameters
from launchready.model.surface import Endpoint

_REFERS = re.compile(r"(?:_id|Id|ID|_uuid|Uuid|_slug)$")
_BODY = ("body", "form")


def in_order(creating: Sequence[Endpoint]) -> list[Endpoint]:
    """Shallow addresses first, since what they make is needed by the deeper ones; of those, what names nothing that another one makes."""
    makers = dict[str, list[int]]()
    for index, endpoint in enumerate(creating):
        makers.setdefault(noun_of_path(endpoint.path), []).append(index)
    named = [
        {other for noun in _named(endpoint) for other in makers.get(noun, ()) if other != index}
        for index, endpoint in enumerate(creating)
    ]
    steps = dict[int, int]()
    for index in range(len(creating)):
        _steps(index, named, steps, frozenset())
    order = sorted(
        range(len(creating)),
        key=lambda one: (
            len(parameters(creating[one].path)),
            steps[one],
            creating[one].path.count("/"),
            creating[one].path,
        ),
    )
    return [creating[one] for one in order]


def _named(endpoint: Endpoint) -> set[str]:
    """The kinds of records that the body of an endpoint names."""
    given = [one for one in endpoint.inputs if one.where in _BODY]
    by_name = {
        parameters("/{" + one.name + "}")[0][1] for one in given if one.name.isidentifier() and _REFERS.search(one.name)
    }
    return by_name | {one.key_of for one in given if one.key_of}


def _steps(index: int, named: list[set[int]], known: dict[int, int], above: frozenset[int]) -> int:
    """How many records have to be there before one; records that name each other in a ring count once."""
    if index not in known:
        below = [_steps(one, named, known, above | {index}) for one in sorted(named[index] - above - {index})]
        known[index] = 1 + max(below) if below else 0
    return known[index]
