"""A plausible value for a field, from its name, its type and the rules source puts on it."""

import re
import secrets

from launchready.model.surface import Input
from launchready.probes.callers.caller import Person

_TEXT_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"e-?mail", "email"),
    (r"pass(?:word|wd|phrase)?|pwd|confirm", "password"),
    (r"user_?name|login|nick(?:name)?|handle", "username"),
    (r"phone|mobile|tel", "+14155550123"),
    (r"url|website|link|homepage|image|avatar|photo|logo", "https://example.com/"),
    (r"(?:birth|dob)", "1990-01-15"),
    (r"date_?time|_at$|At$", "2027-03-01T10:00:00Z"),
    (r"date|day|deadline|due", "2027-03-01"),
    (r"time", "10:00"),
    (r"country", "DE"),
    (r"currency", "EUR"),
    (r"lang|locale", "en"),
    (r"zip|postal|postcode|pincode", "10115"),
    (r"colou?r", "#336699"),
    (r"uuid|guid", "00000000-0000-4000-8000-00000000dead"),
    (r"card(?:_?number|_?no|Num)?$", "4111111111111111"),
    (r"cvv|cvc", "123"),
)
_NUMBERS = re.compile(r"\b(?:int|integer|number|float|decimal|long|short|double|bigint|positive_?int)\b", re.I)
_NUMBER_NAMES = re.compile(
    r"(?:^|_)(?:amount|price|quantity|qty|count|age|number|total|stock|rating|score|year|limit|offset|page|size|balance|cost|points?|stars|exp_?(?:month|year))$",
    re.I,
)


def value_for(field: Input, person: Person, marked: str = "") -> object:
    """A value validation lets through. Free texts hold the person's marker, or ``marked`` when it is given."""
    kind, name = field.type.lower(), field.name
    if field.choices:
        return field.choices[0]
    if "bool" in kind:
        return False
    if re.search(r"\b(?:list|array|set|tuple|sequence)\b|\[\]$", kind):
        return []
    if _NUMBERS.search(kind) or (not kind and _NUMBER_NAMES.search(_snake(name))):
        return _number(field)
    if re.search(r"\b(?:dict|object|map|mapping|record)\b", kind):
        return {}
    if "uuid" in kind:
        return "00000000-0000-4000-8000-00000000dead"
    if "datetime" in kind:
        return "2027-03-01T10:00:00Z"
    if kind in ("date", "datetime.date"):
        return "2027-03-01"
    if "email" in kind:
        return person.email
    return _sized(_text(name, person, marked), field)


def person(marker: str, letter: str) -> Person:
    """A throwaway person: nobody's mailbox (RFC 2606), a password most rules accept."""
    handle = f"lr{marker}{letter}"
    return Person(
        handle, f"{handle}@example.com", handle, f"Lr-{secrets.token_hex(5)}-9aZ!", f"Launch {handle.capitalize()}"
    )


def marker() -> str:
    """A few letters that nothing else in the app holds."""
    return secrets.token_hex(4)


def _text(name: str, person: Person, marked: str) -> str:
    for pattern, value in _TEXT_BY_NAME:
        if re.search(pattern, name, re.I):
            if value == "email":
                return f"{marked}@example.com" if marked else person.email
            return {"password": person.password, "username": marked or person.username}.get(value, value)
    if re.search(r"name$", name, re.I) and not marked:
        return person.name
    return f"Launch {marked or person.marker}"


def _number(field: Input) -> int:
    low = 1 if field.least is None else int(field.least)
    if field.least is not None and field.least > low:
        low += 1
    return low if field.most is None else min(low, int(field.most))


def _sized(text: str, field: Input) -> str:
    if field.most is not None and len(text) > field.most:
        text = text[: int(field.most)]
    if field.least is not None and len(text) < field.least:
        text += "x" * (int(field.least) - len(text))
    return text


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
