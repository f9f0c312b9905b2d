"""What a field is for, by the type source gives it, else by its name and the value it holds."""

import re
from enum import StrEnum

from launchready.model.surface import Endpoint, Input


class Holds(StrEnum):
    """What a field holds. ``PAGE`` says how many of a list, or from where; ``SORT`` by which field."""

    TEXT = "text"
    NUMBER = "number"
    PAGE = "page"
    SORT = "sort"
    EMAIL = "email"
    URL = "url"
    UUID = "uuid"
    DATE = "date"
    ZONE = "time zone"
    FLAG = "flag"
    LIST = "list"
    TABLE = "table"
    CHOICE = "choice"


_TYPES = (
    (Holds.LIST, r"\b(?:list|array|set|tuple|sequence)\b|\[\]$"),
    (Holds.FLAG, r"bool"),
    (Holds.UUID, r"uuid|guid"),
    (Holds.EMAIL, r"email"),
    (Holds.DATE, r"\bdate|datetime|timestamp"),
    (Holds.URL, r"\b(?:url|uri)|httpurl|anyurl"),
    (Holds.NUMBER, r"\b(?:int|integer|number|float|decimal|long|short|double|bigint|positive_?int)\d*\b"),
    (Holds.TABLE, r"\b(?:dict|object|map|mapping|record|json)\b"),
)
_NAMES = (
    (Holds.PAGE, r"(?:^|_)(?:limit|offset|skip|page|per_page|page_size|page_number|size|take|top|first|start|count|max_results)$"),
    (Holds.SORT, r"(?:^|_)(?:sort|sort_by|order|order_by|ordering|orderby|sortby|sort_field|fields|group_by)$"),
    (Holds.EMAIL, r"e_?mail$"),
    (Holds.UUID, r"(?:^|_)(?:uuid|guid)$"),
    (Holds.ZONE, r"(?:^|_)(?:time_?zone|tz)$"),
    (Holds.URL, r"(?:^|_)(?:url|uri|website|link|homepage|callback|redirect)$"),
    (Holds.DATE, r"(?:^|_)(?:date|day|deadline|due|since|until|from|to|birth\w*|dob|expires?|start_?date|end_?date|datetime|timestamp)$|_(?:at|on)$"),
)  # fmt: skip
# Searches that are told as JSON, where a document names no type.
_SEARCHES = re.compile(r"^(?:filters?|where|query_?filters?|conditions?|aggregate|deep)$")
_NUMBERED = re.compile(r"(?:^|_)(?:id|pk|number|no)$|Id$")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def holds(name: str, given: Input | None, value: object = None) -> Holds:
    """What the field ``name`` holds; ``value`` is a valid one when it is known."""
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.rsplit(".", 1)[-1]).replace("-", "_").lower()
    kind = given.type.lower() if given else ""
    if given and given.choices:
        return Holds.CHOICE
    named = next((one for one, pattern in _NAMES if re.search(pattern, snake)), None)
    typed = next((one for one, pattern in _TYPES if re.search(pattern, kind)), None)
    if typed is Holds.NUMBER and named is Holds.PAGE:
        return Holds.PAGE
    if typed is not None:
        return typed
    if given is not None and given.where == "query" and _SEARCHES.match(snake):
        return Holds.TABLE
    return _by_value(value) or named or Holds.TEXT


def takes_numbers(endpoint: Endpoint, name: str) -> bool:
    """Whether a parameter of a path is a number: by its type, else by being called an id."""
    given = next((one for one in endpoint.inputs if one.where == "path" and one.name == name), None)
    typed = given is not None and given.type.lower() not in ("", "str", "string")
    return holds("", given) is Holds.NUMBER if typed else bool(_NUMBERED.search(name))


def _by_value(value: object) -> Holds | None:
    match value:
        case bool():
            return Holds.FLAG
        case int() | float():
            return Holds.NUMBER
        case list():
            return Holds.LIST
        case dict():
            return Holds.TABLE
        case str() if _UUID.fullmatch(value):
            return Holds.UUID
        case str() if _DAY.match(value):
            return Holds.DATE
    return None
