"""What a record looks like, learned from those the app showed: for creating one where no source and no description names its fields."""

import re
from collections.abc import Iterator
from typing import Any

from launchready.ground.ground import Ground
from launchready.ground.ids import LABELS, noun_of_path
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.tokens import parsed

_NOT = re.compile(
    r"^_?id$|uuid|^slug$|(?:_|[a-z](?=A))at$|date|time|^created|^updated|^deleted|token|password|role|admin", re.I
)
_LOOKS = re.compile(r"^(?:https?://|\d{4}-\d\d-\d\d)|\.(?:png|jpe?g|svg|gif|webp)$", re.I)


def like_others(ground: Ground, caller: Caller, endpoint: Endpoint, person: Person, marked: str = "") -> dict[str, Any]:
    """A body with the fields of a record of this kind that the caller was shown; texts hold the marker. Empty when none was."""
    noun = noun_of_path(endpoint.path)
    for (name, path), exchange in ground.answers.items():
        if name == caller.name and noun_of_path(path) == noun and exchange.ok:
            row = next(rows(parsed(exchange), 0), {})
            body = {key: _value(value, marked or person.marker) for key, value in row.items() if not _NOT.search(key)}
            if body := {key: value for key, value in body.items() if value is not None}:
                return body
    return {}


def rows_of(ground: Ground, caller: Caller, noun: str, marker: str) -> list[str]:
    """Ids of records of this kind whose row bears the caller's marker: they are theirs, whoever lists them."""
    found: list[str] = []
    for (name, path), exchange in ground.answers.items():
        if name == caller.name and noun_of_path(path) == noun:
            for row in rows(parsed(exchange), 0):
                if any(isinstance(value, str) and marker.lower() in value.lower() for value in row.values()):
                    found += [str(row[key]) for key in ("id", "_id", "uuid") if isinstance(row.get(key), str | int)]
    return list(dict.fromkeys(found))


def _value(value: Any, marker: str) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if not isinstance(value, str):
        return None
    if "@" in value:
        return f"{marker}@example.com"
    return value if _LOOKS.search(value) else f"Launch {marker}"


def rows(said: Any, depth: int) -> Iterator[dict[str, Any]]:
    """The records of an answer: its outermost tables that have an id."""
    if depth > 4:
        return
    if isinstance(said, list):
        for one in said[:200]:
            yield from rows(one, depth + 1)
    elif isinstance(said, dict):
        if any(key in said for key in ("id", "_id", "uuid", "slug")):
            yield said
            return
        for name, one in said.items():
            if name.lower() not in LABELS:
                yield from rows(one, depth + 1)
