"""What a field should hold, from its name, its type and the rules the source puts on it already (OWASP Input Validation Cheat Sheet)."""

import re

from launchready.model.inputs import FieldRule
from launchready.model.surface import Input

_NUMBER = re.compile(r"\b(?:int|integer|long|bigint|positive_?int\w*|pk)\b", re.I)
_DECIMAL = re.compile(r"\b(?:float|decimal|double|number)\b", re.I)
_LIST = re.compile(r"\b(?:list|array|set|tuple|sequence)\b|\[\]$", re.I)
_TABLE = re.compile(r"\b(?:dict|object|map|mapping|record|json)\b", re.I)
_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"e-?mail$", "email"),
    (r"(?:^|_)(?:url|website|link|homepage)$", "url"),
    (r"(?:^|_)u?uid$|(?:^|_)guid$", "uuid"),
    (r"_at$|date_?time$|timestamp$", "datetime"),
    (r"(?:^|_)(?:date|birthday|dob|due|deadline)$|_(?:on|date)$", "date"),
    (
        r"(?:^|_)(?:page|limit|offset|skip|size|per_page|count|quantity|qty|age|year|amount_cents|cents|stock|rating|score|position)$",
        "integer",
    ),
    (r"(?:^|_)(?:price|amount|total|balance|cost|lat|lng|latitude|longitude|percent|rate)$", "number"),
    (
        r"^(?:is|has|can|allow|enable|accept)_|(?:^|_)(?:active|enabled|public|done|archived|verified|agree\w*)$",
        "boolean",
    ),
)
_LONG = re.compile(
    r"descr|body|content|message|comment|notes?$|text|bio|about|markdown|html|summary|reason|feedback", re.I
)
_TOKEN = re.compile(r"token|jwt|code$|signature|cursor|state$", re.I)
SECRET = re.compile(r"pass(?:word|wd|phrase)?|pwd|secret", re.I)
_FROM_ZERO = re.compile(
    r"(?:^|_)(?:offset|skip|price|amount|total|cost|cents|stock|age|score|count|balance|quantity|qty|seats|guests)$"
)
_PAGES = re.compile(r"(?:^|_)(?:limit|size|per_page|page_size)$")
# Octets of an address (RFC 5321, 4.5.3.1), characters a browser takes in an address bar, and what people write.
_EMAIL, _URL, _SHORT, _LONGER, _TEXT = 254, 2_048, 200, 4_096, 10_000
_PASSWORD = (8, 128)
_LARGEST = 2_147_483_647


def wanted(field: Input) -> FieldRule:
    """The rule for one input. Bounds of the source come before ours."""
    kind = kind_of(field)
    if field.key_of and kind == "any" and field.least is not None:
        kind = "integer"
    least, most = _bounds(field, kind)
    return FieldRule(
        field.where,
        field.name,
        kind,
        field.required or field.where == "path",
        field.choices,
        least if field.least is None else field.least,
        most if field.most is None else field.most,
    )


def kind_of(field: Input) -> str:
    """text, email, url, uuid, integer, number, boolean, date, datetime, list, table, file or any."""
    said, name = field.type.lower(), _snake(field.name.split(".")[-1])
    if field.where == "file":
        return "file"
    if field.key_of:
        # Of which kind the ids are, only a right request shows.
        return "list" if said.startswith("ids") else "any"
    for pattern, kind in ((_LIST, "list"), (_NUMBER, "integer"), (_DECIMAL, "number"), (_TABLE, "table")):
        if pattern.search(said):
            return kind
    for word in ("bool", "uuid", "email", "datetime", "date", "url"):
        if word in said:
            return {"bool": "boolean"}.get(word, word)
    for pattern_text, kind in _BY_NAME:
        # A text by its type is not made a number by its name, but in an address or a form everything is text.
        written = said and field.where not in ("query", "form")
        if re.search(pattern_text, name) and not (written and kind in ("integer", "number", "boolean")):
            return kind
    return "any" if said in ("any", "unknown") else "text"


def _bounds(field: Input, kind: str) -> tuple[float | None, float | None]:
    name = _snake(field.name.split(".")[-1])
    if kind == "email":
        return None, _EMAIL
    if kind == "url":
        return None, _URL
    if kind == "text":
        if SECRET.search(name):
            return _PASSWORD
        most = _TEXT if _LONG.search(name) else _LONGER if _TOKEN.search(name) else _SHORT
        return (1 if field.required else None), most
    if kind in ("integer", "number"):
        if _PAGES.search(name):
            return 1, 100
        if name.endswith(("page", "id")) or field.where == "path":
            return 1, _LARGEST
        return (0 if _FROM_ZERO.search(name) else None), (_LARGEST if kind == "integer" else None)
    return None, None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
