"""Which fields of a record say whose it is, or what it stands in: another value there may take it out of everybody's reach."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from launchready.ground.ground import Ground
from launchready.ground.ids import TENANT_NOUNS, USER_NOUNS, own, parameters, singular
from launchready.ground.naming import Names
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller

_PARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_REFERS = re.compile(r"_?(?:id|uuid|guid|pk|ref|key|slug)$")
_MAKERS = frozenset(("creator", "maker", "holder", "parent", "createdby", "ownedby", "belongsto", "createduser", "owneduser"))  # fmt: skip
_OWN_NAMES = frozenset(("id", "_id", "uuid", "pk", "key", "slug", "name", "username", "email", "title", "code"))
# Shorter ids, and numbers, are those of many things at once.
_LONG = 8


def is_holder(ground: Ground, endpoint: Endpoint, caller: Caller, name: str, value: object) -> bool:
    """Whether the field ``name`` with the ``value`` it has now is one: by what it is called, by standing for a record of the run's that the
    address names or the caller made, or by holding an id by which the app knows somebody of ours."""
    word = _word(name)
    if not word:
        return False
    if word in _MAKERS or word in USER_NOUNS or word in TENANT_NOUNS:
        return True
    said = str(reference(value))
    records = ground.records.get(caller.name)
    above = {noun for _, noun in parameters(endpoint.path)[:-1]}
    if word in above or (records is not None and said in records.made_of(word)):
        return True
    known = caller.known("id", "userid", "sub", "uuid", "tenant", "username")
    return len(said) >= _LONG and not said.isdecimal() and said in known


def tells_apart(name: str, value: object, caller: Caller, other: Caller) -> bool:
    """Whether a field names ``caller``, or their workspace, and is known not to name ``other`` by the same kind of id."""
    word = _word(name)
    noun = "user" if word in _MAKERS else word
    ours, theirs = (set(own(one, noun, "id")) for one in (caller, other))
    return str(value) in ours and bool(theirs) and str(value) not in theirs


def _word(name: str) -> str:
    """What a field refers to by its name, as one word; empty for a name or an id of the record itself."""
    snake = "_".join(part.lower() for part in _PARTS.split(name) if part)
    return "" if snake in _OWN_NAMES else singular(_REFERS.sub("", snake))


def reference(value: object) -> object:
    """What stands for a record in a field: itself, or the id of the table that it is shown as."""
    if isinstance(value, Mapping):
        return next((value[name] for name in ("id", "_id", "uuid", "pk") if name in value), None)
    return value


def holders(ground: Ground, endpoint: Endpoint, caller: Caller, record: Mapping[str, Any]) -> dict[str, Any]:
    """Those fields of a record, each with what it refers to."""
    return {
        name: reference(value)
        for name, value in record.items()
        if not isinstance(value, list | bool) and is_holder(ground, endpoint, caller, name, value)
    }


def record_in(said: Any, names: Names) -> Mapping[str, Any]:
    """The table of an answer that is the record with these names; where none of them stands in it, the outermost with an id."""
    tables = list(_tables(said))
    wanted = {value for _, value in names}
    ours = (one for one in tables if any(str(one.get(name)) in wanted for name in _OWN_NAMES))
    return next(ours, next((one for one in tables if _OWN_NAMES.intersection(one)), {}))


def _tables(said: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if isinstance(said, dict):
        yield said
    inner = list(said.values()) if isinstance(said, dict) else said if isinstance(said, list) else []
    for one in inner if depth < 4 else ():
        yield from _tables(one, depth + 1)
