"""Form actions of SvelteKit, ``POST /notes?/create``: sent as its own pages send them, and what they say told as an address would tell it.

Source: svelte.dev/docs/kit (form actions). A form that another origin sends is refused; with ``x-sveltekit-action`` the answer is JSON: its ``type``, ``status``, and the
data that the action gave as devalue writes it, a list in which numbers stand for other places of the list.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from launchready.model.parsed import json_of, table_of
from launchready.probes.exchange import Exchange

HEADER = "x-sveltekit-action"
_NAMED = re.compile(r"\?/\w+$")
_DEEPEST, _MOST = 12, 200


def is_form_action(method: str, path: str) -> bool:
    """Whether an address names a form action."""
    return method == "POST" and _NAMED.search(path) is not None


def as_sent(given: object) -> dict[str, str]:
    """The fields of the form that is sent; what is no text is written as JSON."""
    fields = given if isinstance(given, Mapping) else {}
    return {str(name): value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}


def told(exchange: Exchange) -> Exchange:
    """What an action said: a redirect as one, a failure with its own status, and the data that it gave as JSON."""
    said = table_of(json_of(exchange.text))
    if said.get("type") not in ("success", "failure", "redirect", "error"):
        return exchange
    status = said["status"] if isinstance(said.get("status"), int) else exchange.status
    headers = dict(exchange.headers)
    if said["type"] == "redirect" and isinstance(said.get("location"), str):
        headers["location"] = (said["location"],)
    data = said.get("error") if said["type"] == "error" else _data(said.get("data"))
    body = b"" if data is None else json.dumps(data).encode()
    return replace(exchange, status=status, headers=headers, body=body, wire=exchange)


def _data(text: object) -> Any:
    places = json_of(text) if isinstance(text, str) else None
    return _at(places, 0, 0) if isinstance(places, list) and places else None


def _at(places: list[Any], number: object, depth: int) -> Any:
    """The value at a place of the list; numbers below zero are undefined, NaN and the like."""
    if not isinstance(number, int) or not 0 <= number < len(places) or depth > _DEEPEST:
        return None
    value = places[number]
    if isinstance(value, dict):
        return {name: _at(places, inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        # A value of a type of its own: ["Date", "2026-01-01T00:00:00.000Z"].
        typed = bool(value) and isinstance(value[0], str)
        return value[1] if typed and len(value) > 1 else [_at(places, inner, depth + 1) for inner in value[:_MOST]]
    return value
