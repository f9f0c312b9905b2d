"""What the record that a call made is called: by its answer, by the address that sends on to, or by what was sent."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from launchready.ground.ids import is_text, noun_of_path, singular, usable
from launchready.model.addresses import parts_of
from launchready.model.parsed import json_of, table_of
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange

_IDS = ("id", "_id", "uuid", "slug", "pk", "key")
_NAMED = re.compile(r"(?:^|_)(?:title|slug|name|key|code|number|username|handle|uuid|guid|uid)$", re.I)
_GIVEN = re.compile(r"\d+|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-f]{16,}", re.I)
_MOST, _ROWS, _LONGEST = 8, 20, 4000
_CUT = frozenset((10, 20, 25, 30, 50, 100))
# Texts of others that stand in a record, and people who have to do with it.
_OTHERS = re.compile(
    r"last|latest|recent|assign|member|participant|reviewer|comment|reply|(?:updated|modified|edited|changed|liked|approved|read)_?by",
    re.I,
)
_OWNER = re.compile(r"(?:owner|author|creator|created_?by|user|maker)(?:_?(?:id|uuid|name|email))?", re.I)
_WRAPPERS = frozenset(("attributes", "fields", "data", "meta", "properties", "record"))
_SHORT = re.compile(r"(?P<stem>[a-z0-9]{3,}?)(?:id|uuid|guid|pk)")
# A field of an answer, or where else a name is from, and the name.
Names = tuple[tuple[str, str], ...]
LOCATION, SENT, LABEL = "location", "sent", "label"


@dataclass(frozen=True, slots=True)
class Named:
    """``ids`` are what the app calls the record, the likeliest first, ``names`` all fields it may be addressed by, ``at`` its address where the app told it."""

    ids: tuple[str, ...] = ()
    names: Names = ()
    at: str = ""


def named(exchange: Exchange, path: str, marks: Collection[str], known: Callable[[str], bool]) -> Named:
    """The names of what a call of ``path`` made. ``marks`` are in the texts of this run alone; ``known`` says of an id that it was there before."""
    noun, said = noun_of_path(path), parsed(exchange)
    table = _record(said, noun, marks)
    ids = [(name, value) for name, value in ids_in(table, noun) if not known(value)]
    if ids:
        more = [(name, value) for name, value in _values(table) if _NAMED.search(name) and (name, value) not in ids]
        return Named(tuple(value for _, value in ids), tuple((ids + more)[:_MOST]))
    value, at = _sent_on(exchange, noun)
    if value and not known(value) and (exchange.status == 201 or _GIVEN.fullmatch(value) or holds(value, marks)):
        return Named((value,), ((LOCATION, value),), at)
    # A name that others may have chosen as well says nothing of whose it is.
    sent = [(SENT, value) for value in _sent(exchange) if holds(value, marks)]
    return Named(tuple(value for _, value in sent), tuple(sent[:_MOST]))


def holds(value: object, marks: Collection[str]) -> bool:
    """Whether a text holds a mark of this run."""
    return isinstance(value, str) and any(mark in value.lower() for mark in marks)


def owned(row: Mapping[str, Any], owners: Collection[str]) -> bool:
    """Whether a row says that it belongs to one of these people, by an id, a name or an address of theirs."""
    for name, value in row.items():
        if _OWNER.fullmatch(name):
            said = value.values() if isinstance(value, dict) else (value,)
            if any(str(one) in owners for one in said if isinstance(one, str | int) and not isinstance(one, bool)):
                return True
    return False


def bears(row: Mapping[str, Any], marks: Collection[str]) -> bool:
    """Whether a row was written by this run: a text of its own has a mark in it. That somebody of ours is named in it, or wrote to it last, is not enough."""
    inner = [one for name, one in row.items() if isinstance(one, dict) and name.lower() in _WRAPPERS]
    return any(holds(value, marks) for name, value in row.items() if not _OTHERS.search(name)) or any(
        bears(one, marks) for one in inner
    )


def ids_in(row: Mapping[str, Any], noun: str) -> Names:
    """The fields of a row that address the record it stands for. A row without any goes by the end of its noun: ``card_id`` for a credit card."""
    exact = tuple((name, value) for name, value in _values(row) if is_id(name, noun))
    return exact or tuple((name, value) for name, value in _values(row) if _is_short_for(name, noun))


def names_in(row: Mapping[str, Any], noun: str) -> Names:
    """Those fields, and what else the record may be addressed by."""
    ids = ids_in(row, noun)
    return tuple(
        [*ids, *((name, value) for name, value in _values(row) if _NAMED.search(name) and (name, value) not in ids)][
            :_MOST
        ]
    )


def is_id(name: str, noun: str) -> bool:
    """Whether a field holds the id of the record it stands in: ``id``, or ``note``, ``noteId`` and ``note_uuid`` for a note."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return name.lower() in _IDS or bool(
        noun and re.fullmatch(rf"{re.escape(noun)}(?:id|uuid|guid|pk|slug|key)?", plain)
    )


def _is_short_for(name: str, noun: str) -> bool:
    found = _SHORT.fullmatch(re.sub(r"[^a-z0-9]", "", name.lower()))
    return found is not None and noun != found["stem"] and noun.endswith(found["stem"])


def rows(said: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The tables of the lists of an answer, without those that stand inside of another."""
    if isinstance(said, list):
        yield from (one for one in said if isinstance(one, dict))
    elif isinstance(said, dict) and depth < 4:
        for inner in said.values():
            yield from rows(inner, depth + 1)


def texts(said: Any, depth: int = 0) -> Iterator[str]:
    """The texts of the lists of an answer, without those that stand in a row of another list."""
    if isinstance(said, list):
        yield from (one for one in said if isinstance(one, str))
    elif isinstance(said, dict) and depth < 4:
        for inner in said.values():
            yield from texts(inner, depth + 1)


def whole(listed: Exchange) -> bool:
    """Whether a list says of no more than it shows, and is not as long as lists are cut."""
    said = parsed(listed)
    many = len(list(rows(said)))
    return many not in _CUT and not any(
        (re.search(r"next|more|cursor", name, re.I) and value)
        or (re.search(r"total|count", name, re.I) and isinstance(value, int) and value > many)
        for name, value in _beside(said)
    )


def _beside(said: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    """What an answer says beside its rows."""
    for name, value in said.items() if isinstance(said, dict) and depth < 4 else ():
        if isinstance(value, dict):
            yield from _beside(value, depth + 1)
        elif not isinstance(value, list):
            yield name, value


def _values(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str | int) and not isinstance(value, bool) and _writable(str(value)):
            yield name, str(value)


def _writable(value: str) -> bool:
    """Whether a value can be a part of an address. It may be long, since a slug is made of a title of any length, and hold what nobody can see."""
    return 0 < len(value) <= _LONGEST and is_text(value)


def _record(said: Any, noun: str, marks: Collection[str]) -> dict[str, Any]:
    """The table of an answer that is about the record: one that holds a mark, else the outermost with an id, one named after the kind first.

    Among the rows of a list nothing but a mark tells which was made.
    """
    found = [(table, alone) for table, alone in _tables(said, noun) if ids_in(table, noun)]
    ours = next((one for one, _ in found if any(holds(value, marks) for value in one.values())), None)
    return ours or next((one for one, alone in found if alone), {})


def _tables(said: Any, noun: str) -> Iterator[tuple[dict[str, Any], bool]]:
    """The tables of an answer from the outside in, and whether each is no row among others."""
    level: list[tuple[str, Any, bool]] = [("", said, True)]
    for _ in range(8):
        tables = [(name, one, alone) for name, one, alone in level if isinstance(one, dict)]
        tables.sort(key=lambda given: noun not in singular(given[0]))
        for _, table, alone in tables:
            yield table, alone
        level = [(name, inner, alone) for _, table, alone in tables for name, inner in table.items()] + [
            (name, inner, alone and len(one) == 1)
            for name, one, alone in level
            if isinstance(one, list)
            for inner in one[:_ROWS]
        ]


def _sent_on(exchange: Exchange, noun: str) -> tuple[str, str]:
    """The last part of the address that an answer sends on to, and the address, when it is that of a record of this kind."""
    location = exchange.header("location")
    if not location or not (exchange.status == 201 or 300 <= exchange.status < 400):
        return "", ""
    here, there = parts_of(exchange.url), parts_of(location, exchange.url)
    above, _, value = there.path.rstrip("/").rpartition("/")
    same = (here.scheme, here.netloc) == (there.scheme, there.netloc) and there.path.rstrip("/") != here.path.rstrip(
        "/"
    )
    if not same or (exchange.status != 201 and noun_of_path(above) != noun):
        return "", ""
    # The app may stand below a path of its own, which our addresses leave out.
    base = here.path.removesuffix(exchange.path.partition("?")[0])
    return unquote(value), there.path.removeprefix(base if base != here.path else "")


def _sent(exchange: Exchange) -> list[str]:
    """What was sent that a record may be addressed by."""
    text = exchange.sent_body.decode("utf-8", "replace")
    kind = next((value for name, value in exchange.sent_headers.items() if name.lower() == "content-type"), "")
    said = table_of(dict(parse_qsl(text)) if "urlencoded" in kind else json_of(text))
    # What stands deeper is about something else that the record has to do with.
    tables = [said, *(one for one in said.values() if isinstance(one, dict))]
    texts = (value for one in tables for name, value in one.items() if _NAMED.search(name))
    return list(dict.fromkeys(value for value in texts if isinstance(value, str) and usable(value)))
