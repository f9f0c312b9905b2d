"""A plausible value for a field, from its name, its type and the rules source puts on it."""

import hashlib
import math
import re
import secrets
from datetime import UTC, datetime, timedelta

from launchready.model import sign_in_words
from launchready.model.surface import Input
from launchready.probes.callers.caller import Person
from launchready.probes.patterns.bombs import compiled
from launchready.probes.patterns.spelled import spelled

_TEXT_BY_NAME: tuple[tuple[str, str], ...] = (
    (sign_in_words.MAIL, "email"),
    (rf"{sign_in_words.PASSWORD}|confirm", "password"),
    (rf"user_?name|login|nick(?:name)?|handle|^(?:user|member)_?id$|^(?:{sign_in_words.ACCOUNT})$", "username"),
    (rf"phone|mobile|^tel|telephone|^(?:{sign_in_words.PHONE})$", "phone"),
    (r"url|website|link|homepage|image|avatar|photo|logo", "https://example.com/"),
    (r"(?:birth|dob)", "1990-01-15"),
    (r"date_?time|_at$|At$", "moment"),
    (r"date|day|deadline|due", "day"),
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
ABOVE = re.compile(r"admin|owner|super|staff|root|manager|moderator|merchant|vendor|seller|driver", re.I)
# Nobody asks for a rank of a text of ours, and apps know a handful of words alone.
_ROLE = re.compile(r"^(?:user_?)?role$", re.I)
_BORN = re.compile(r"birth|born|(?:^|_)dob(?:_|$)", re.I)
_LONGEST = 10_000
# In days.
_AHEAD = 90
_LETTERS = str.maketrans("0123456789", "ghjkmnpqrs")
_TERMS = re.compile(
    r"(?:^|_)(?:accept\w*|agree\w*|terms|tos|consent\w*|gdpr|privacy(?!_?(?:level|setting|mode|type))\w*|conditions)(?:_|$)"
)
_NUMBERS = re.compile(r"\b(?:int|integer|number|float|decimal|long|short|double|bigint|positive_?int)\b", re.I)
_NUMBER_NAMES = re.compile(
    r"(?:^|_)(?:amount|price|quantity|qty|count|age|number|total|stock|rating|score|year|limit|offset|page|size|balance|cost|points?|stars|exp_?(?:month|year))$",
    re.I,
)


def coming_day() -> str:
    """A day that is still to come, as nearly all dates must be that somebody enters: ISO 8601."""
    return (datetime.now(UTC).date() + timedelta(days=_AHEAD)).isoformat()


def value_for(field: Input, person: Person, marked: str = "") -> object:
    """A value validation lets through. Free texts hold the person's marker, or ``marked`` when it is given."""
    kind, name = field.type.lower(), field.name
    if field.key_of:
        # Whoever knows a record of that kind puts its id here.
        return [] if kind.startswith("ids") else 1
    if field.choices:
        # Whoever may choose a role signs up as an ordinary customer: others open other doors.
        return next((one for one in field.choices if not ABOVE.search(one)), field.choices[0])
    if "bool" in kind or (not kind and _TERMS.search(_snake(name))):
        # Terms are accepted; anything else that is a choice is left as the app has it.
        return bool(_TERMS.search(_snake(name)))
    if re.search(r"\b(?:list|array|set|tuple|sequence)\b|\[\]$", kind):
        return []
    if _NUMBERS.search(kind) or (not kind and _NUMBER_NAMES.search(_snake(name))):
        return _number(field)
    if re.search(r"\b(?:dict|object|map|mapping|record)\b", kind):
        return {}
    if "uuid" in kind:
        return "00000000-0000-4000-8000-00000000dead"
    if "datetime" in kind or kind in ("date", "datetime.date"):
        # Whoever has a birthday is grown up.
        day = "1990-01-15" if _BORN.search(_snake(name)) else coming_day()
        return day if kind in ("date", "datetime.date") else f"{day}T10:00:00Z"
    if "email" in kind:
        return person.email
    if kind == "url":
        return "https://example.com/"
    return _fitting(_sized(_text(name, person, marked), field), field, person)


def person(marker: str, letter: str) -> Person:
    """A throwaway person: nobody's mailbox (RFC 2606), a password most rules accept.

    The name is of letters alone, which names of people may have anywhere, and begins with the one that tells people apart,
    since rules on length cut the end.
    """
    handle = letter + "lr" + marker.translate(_LETTERS)
    return Person(
        handle, f"{handle}@example.com", handle, f"Lr-{secrets.token_hex(5)}-9aZ!", f"Launch {handle.capitalize()}"
    )


def marker() -> str:
    """A few letters that nothing else in the app holds."""
    return secrets.token_hex(4)


def phone(person: Person) -> str:
    """A number that is nobody's: the exchange 555 of the North American plan, another one for each person."""
    return f"+1415555{int.from_bytes(hashlib.sha256(person.marker.encode()).digest()[:4], 'big') % 10000:04d}"


def _text(name: str, person: Person, marked: str) -> str:
    for pattern, value in _TEXT_BY_NAME:
        if re.search(pattern, name, re.I):
            if value == "email":
                return f"{marked}@example.com" if marked else person.email
            ours = {"password": person.password, "username": marked or person.username, "phone": phone(person)}
            ours |= {"day": coming_day(), "moment": f"{coming_day()}T10:00:00Z"}
            return ours.get(value, value)
    if re.search(r"name$", name, re.I) and not marked:
        return person.name
    if _ROLE.match(name) and not marked:
        return "user"
    return f"Launch {marked or person.marker}"


def _number(field: Input) -> int:
    """A number inside of its bounds, and not on them where there is room: a bound may be one that is left out (``gt``, ``exclusiveMinimum``)."""
    # A description may say anything, infinity among it.
    least, most = (None if one is None or not abs(one) < 1e15 else one for one in (field.least, field.most))
    low = 1 if least is None or least < 1 else math.ceil(least)
    inside = low if least is None or least < low else low + 1
    if most is None or inside < most:
        return inside
    return low if low <= most else math.floor(most)


def _sized(text: str, field: Input) -> str:
    if field.most is not None and len(text) > field.most:
        text = text[: int(max(field.most, 0))]
    if field.least is not None and len(text) < field.least:
        text += "x" * (int(min(field.least, _LONGEST)) - len(text))
    return text


def _fitting(text: str, field: Input, person: Person) -> str:
    """The text, or another that the field's pattern lets through where it does not."""
    if not field.pattern:
        return text
    digits = re.sub(r"\D", "", phone(person))
    letters = re.sub(r"[^a-z]", "", person.username.lower()) or "launch"
    others = (letters, letters.capitalize(), letters.upper(), person.name, letters + "1", "1990-01-15", "10:00", phone(person),
              digits, digits[-10:], "0" + digits[-10:], digits[-8:], digits[-6:], digits[-4:], digits[-5:], "LR" + digits[-4:])  # fmt: skip
    rule = compiled(field.pattern)
    if rule is None:
        return text
    known = (text, *(_sized(other, field) for other in others))
    # What no text of ours is, the pattern itself spells out.
    return next((one for one in (*known, spelled(field.pattern, digits[-4:], letters)) if rule.search(one)), text)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
