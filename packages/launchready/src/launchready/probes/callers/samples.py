"""Values that the app's own description shows, made ours before they are sent.

What they say of people and places is somebody else's: addresses, links, names and ids are replaced, the rest stays as it is shown.
"""

import json
import re
from typing import Any

from launchready.model.surface import Endpoint, Input
from launchready.probes.callers.bodies import Body, fields_of
from launchready.probes.callers.caller import Person
from launchready.probes.callers.values import value_for

# Who somebody is, where they are reached and what lets them in; and what has to be unlike any other.
_OURS = re.compile(
    r"e_?mail|pass|pwd|secret|token|key$|credential|user_?name|login|nick|handle|phone|mobile|^tel|"
    r"(?:^|_)(?:name|title|slug|label|description|comment|text|message|subject|note|content|url|uri|link|website|webhook|callback|image|avatar|photo|logo)$",
    re.I,
)
# What is paid or ordered stays as small as it was.
_DEAR = re.compile(r"(?:^|_)(?:amount|price|quantity|qty|total|cost|balance|credits?|seats)$", re.I)
_ID = re.compile(r"(?:^|_)(?:id|pk|uuid|guid)s?$|[a-z]Ids?$")
_HOST = re.compile(r"(?:^|_)(?:host(?:name)?|domain|server|ip|address|endpoint)$", re.I)
_MAIL, _LINK = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+", re.I), re.compile(r"[a-z][a-z0-9+.-]*://", re.I)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
# What is seen in answers may be long.
_FIELDS, _ITEMS, _LONGEST, _DEPTH = 30, 2, 300, 8
_NOBODYS_UUID, _NOBODYS, _FREE = "00000000-0000-4000-8000-00000000dead", 987654321, re.compile(r"\s|^Launch$")


def shown(endpoint: Endpoint, person: Person, marked: str = "", *, made: bool = True) -> Body:
    """The fields of a body that the description shows by an example or default, or, where what is ``made`` counts, by its types."""
    found: Body = {}
    for given in fields_of(endpoint):
        if given.sample is not None and "." not in given.name and (made or given.sample.said.what != "schema"):
            value = sampled(given, person, marked)
            if value is not None:
                found[given.name] = value
    return found


def sampled(given: Input, person: Person, marked: str = "") -> Any:
    """The sample of an input, ours; None when there is none, or when what we would send is as good."""
    if given.sample is None:
        return None
    value = json.loads(given.sample.text)
    if given.choices and str(value) not in given.choices:
        return None
    made = ours(given.name, value, person, marked)
    single = not isinstance(value, dict | list)
    if single and (_replaced(given.name, value) or _DEAR.search(_snake(given.name)) or _ID.search(given.name)):
        return None
    return made


def ours(name: str, value: Any, person: Person, marked: str = "", depth: int = 0) -> Any:
    """A value as it is shown, made small and without what in it is somebody's."""
    if isinstance(value, dict | list):
        if depth > _DEPTH:
            return type(value)()
        if isinstance(value, list):
            return [ours(name, inner, person, marked, depth + 1) for inner in value[:_ITEMS]]
        kept = list(value.items())[:_FIELDS]
        return {key: ours(key, inner, person, marked, depth + 1) for key, inner in kept}
    if isinstance(value, bool) or value is None:
        return value
    return _of_text(name, value, person, marked) if isinstance(value, str) else _of_number(name, value)


def _of_number(name: str, value: float) -> float:
    if _DEAR.search(_snake(name)):
        return 1
    return _NOBODYS if _ID.search(name) and isinstance(value, int) else value


def _of_text(name: str, value: str, person: Person, marked: str) -> str:
    if _UUID.fullmatch(value):
        return _NOBODYS_UUID
    if _MAIL.search(value):
        return f"{marked}@example.com" if marked else person.email
    if _LINK.match(value):
        return "https://example.com/"
    if _HOST.search(_snake(name)):
        return "example.com"
    return str(value_for(Input(name, "body", "str"), person, marked)) if _replaced(name, value) else value[:_LONGEST]


def _replaced(name: str, value: Any) -> bool:
    """Whether a text is replaced by one of ours: by what its field is for, or because it is free."""
    return isinstance(value, str) and bool(_OURS.search(_snake(name)) or _FREE.search(value) or _MAIL.search(value))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
