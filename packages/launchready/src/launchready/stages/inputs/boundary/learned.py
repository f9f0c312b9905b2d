"""What a run learned about fields that the source does not describe: what a right request held there, and whether it may be left out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from launchready.model.inputs import Answered, Tried
from launchready.model.surface import Input
from launchready.probes.exchange import Exchange

# A whole number in one request does not say that no fraction is right.
_TYPES: Sequence[tuple[type, str]] = ((bool, "bool"), (int, "number"), (float, "number"), (str, "str"), (list, "list"), (dict, "dict"))  # fmt: skip
_GONE = "nothing where a value belongs"
_MISSING = object()


def right_bodies(examples: Mapping[str, Exchange]) -> dict[str, Any]:
    """The JSON of the right request of each route that has one."""
    found = {}
    for route, exchange in examples.items():
        kind = next((value for name, value in exchange.sent_headers.items() if name.lower() == "content-type"), "")
        if "json" in kind and exchange.ok:
            found[route] = json.loads(exchange.sent_body)
    return found


def learned(fields: Iterable[Input], seen: Sequence[Tried], body: Any) -> list[Input]:
    """The fields with the types a right ``body`` shows, required where their lack was refused. What stands inside of lists is left to these."""
    refused = {one.field for one in seen if one.what == _GONE and one.answered is Answered.REFUSED}
    found = []
    for field in fields:
        if field.where == "body" and _in_list(body, field.name):
            continue
        value = _at(body, field.name) if field.where == "body" else _MISSING
        if value is _MISSING:
            found.append(field)
        elif field.key_of:
            # An id that is a number names a record, and none is below one.
            number = isinstance(value, int) and not isinstance(value, bool)
            found.append(replace(field, least=1, most=2_147_483_647) if number else field)
        else:
            shown = next((name for kind, name in _TYPES if isinstance(value, kind)), "any")
            found.append(replace(field, type=field.type or shown, required=field.required or field.name in refused))
    return found


def _at(body: Any, name: str) -> Any:
    value = body
    for part in name.split("."):
        if isinstance(value, dict):
            value = value.get(part, _MISSING)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _MISSING
    return value


def _in_list(body: Any, name: str) -> bool:
    above = name.split(".")[:-1]
    return any(isinstance(_at(body, ".".join(above[:end])), list) for end in range(1, len(above) + 1))
