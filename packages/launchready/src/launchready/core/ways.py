"""Ways in that several witnesses name: one endpoint for all of them, with who saw it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from launchready.model.surface import Endpoint, Input

_PARAMETER = re.compile(r"\{[^{}]*\}|(?<=/)\*\w*")
_ID = re.compile(
    r"\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}"
    r"|[0-9A-HJKMNP-TV-Z]{26}|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}",
    re.I,
)
_ANY = frozenset(("ANY", "ALL", "*"))
# What stands for a handler that is reached by another method as it is by POST.
AS_BY_POST = "action, as by POST"
# What stands for a handler of the library that a function of the app lets strangers come to, or not.
BY_ACCESS = "access function"
# What is longer is no template, and is not kept.
_LONGEST = 200


def told_once(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """Endpoints without those that only reach by another method what POST does: an action of Remix answers PUT, PATCH and DELETE, too."""
    return tuple(endpoint for endpoint in endpoints if endpoint.source.what != AS_BY_POST)


def shape(path: str) -> str:
    """A path template without the names of its parameters and without a slash at its end."""
    return (_shape if len(path) <= _LONGEST else _shape.__wrapped__)(path)


@lru_cache(maxsize=8192)
def _shape(path: str) -> str:
    return _PARAMETER.sub("{}", path).rstrip("/") or "/"


def template(path: str) -> str:
    """The template of a concrete path: numbers, UUIDs, ULIDs and long keys become ``{id}``, ``{id2}`` and so on."""
    parts, count = [], 0
    for part in path.split("/"):
        if _ID.fullmatch(part):
            count += 1
            parts.append("{id}" if count == 1 else f"{{id{count}}}")
        else:
            parts.append(part)
    return "/".join(parts) or "/"


def matches(known: str, path: str) -> bool:
    """Whether a concrete path or another template fits the template ``known``, segment by segment."""
    left, right = shape(known).split("/"), shape(path).split("/")
    return len(left) == len(right) and all("{}" in a or a == b for a, b in zip(left, right, strict=True))


def merged(known: Iterable[Endpoint], others: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """``known`` with those of ``others`` it holds already marked as seen there too, and the rest added.

    What was known keeps its access, its evidence and its place; an input it did not know is added, and so are the choices and the sample of one it knew without. Sorted by path, then method.
    """
    found = list(known)
    index: dict[tuple[str, str], list[int]] = {}
    for position, endpoint in enumerate(found):
        index.setdefault((endpoint.method, shape(endpoint.path)), []).append(position)
    for other in others:
        like = shape(other.path)
        positions = list(index.get((other.method, like), ()))
        for method in _ANY:
            positions += index.get((method, like), ())
        if not positions:
            index[other.method, like] = [len(found)]
            found.append(other)
        for position in positions:
            found[position] = _both(found[position], other)
    return tuple(sorted(found, key=lambda e: (e.path, e.method, e.framework)))


def _both(known: Endpoint, other: Endpoint) -> Endpoint:
    names = {(given.name, given.where) for given in known.inputs}
    more = tuple(given for given in other.inputs if given.where != "path" and (given.name, given.where) not in names)
    told = {(given.name, given.where): given for given in other.inputs}
    inputs = tuple(_told(given, told.get((given.name, given.where), given)) for given in known.inputs)
    seen = tuple(dict.fromkeys((*known.seen_in, *other.seen_in)))
    return replace(known, inputs=inputs + more, seen_in=seen)


def _told(known: Input, other: Input) -> Input:
    """An input with the choices and the sample that another witness names, where it was known without."""
    choices, sample = known.choices or other.choices, known.sample or other.sample
    return (
        known if (choices, sample) == (known.choices, known.sample) else replace(known, choices=choices, sample=sample)
    )
