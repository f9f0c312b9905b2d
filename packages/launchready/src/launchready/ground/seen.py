"""What one caller got from one endpoint, told apart by the content and not by the status alone."""

import re
from dataclasses import dataclass
from enum import StrEnum

from launchready.probes.callers.doors import says_error
from launchready.probes.callers.tokens import leaves, looked_at
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away

_TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_SHARE = 0.5
# Pydantic calls a field it does not know "extra_forbidden".
_DENIES = re.compile(
    r"not allowed|(?<!extra_)forbidden|unauthori[sz]ed|permission|not your|access denied|log ?in|token", re.I
)


class Seen(StrEnum):
    """``hidden`` is a foreign id answered like one there is not; ``empty`` a success that holds nothing of the owner."""

    DENIED = "denied"
    HIDDEN = "hidden"
    EMPTY = "empty"
    ALLOWED = "allowed"
    BROKEN = "broken"
    UNKNOWN = "not checked"


@dataclass(frozen=True, slots=True)
class Answers:
    """Five answers decide a read: ``owner`` before and ``again`` after, ``other``, ``guest``, and ``missing``: the other with an id nobody has."""

    owner: Exchange
    other: Exchange
    guest: Exchange
    missing: Exchange
    again: Exchange


def alone(exchange: Exchange) -> Seen:
    """What an answer says when there is nothing to compare it with."""
    return exchange.known("alone", _alone)


def _alone(exchange: Exchange) -> Seen:
    if exchange.error:
        return Seen.UNKNOWN
    if exchange.status in (404, 410):
        return Seen.HIDDEN
    if turned_away(exchange):
        return Seen.DENIED
    if exchange.status == 429:
        return Seen.UNKNOWN
    if exchange.status >= 500:
        return Seen.BROKEN
    if not exchange.ok:
        return Seen.DENIED if says_denied(exchange) else Seen.UNKNOWN
    if says_error(exchange):
        return Seen.DENIED
    return Seen.EMPTY if is_empty(exchange) else Seen.ALLOWED


def compared(answers: Answers, strange: set[str] = frozenset()) -> Seen:  # type: ignore[assignment]
    """What ``other`` saw of what the owner sees; ``strange`` are values the other knew anyway."""
    if alone(answers.owner) is not Seen.ALLOWED or alone(answers.again) is not Seen.ALLOWED:
        return Seen.UNKNOWN
    found = alone(answers.other)
    if found is not Seen.ALLOWED:
        return found
    return Seen.ALLOWED if shares(answers.owner, answers.other, answers.missing, strange) else Seen.EMPTY


def shares(owner: Exchange, other: Exchange, missing: Exchange, strange: set[str] = frozenset()) -> bool:  # type: ignore[assignment]
    """Whether the other's answer holds at least half of what is particular to the owner's."""
    mine = telling(owner) - (telling(missing) if missing.ok else set()) - strange
    if not mine:
        # Nothing in it is particular: the same bytes, when a missing id gets others, still tell.
        return owner.body == other.body and owner.body != missing.body
    return len(mine & telling(other)) >= _SHARE * len(mine)


def telling(exchange: Exchange) -> set[str]:
    """The values of an answer that are particular: texts and numbers, no flags, no times."""
    said = looked_at(exchange)
    if said is None:
        text = re.sub(r"<[^>]*>", "\n", exchange.text) if "<" in exchange.text[:500] else exchange.text
        return {line.strip() for line in text.splitlines() if len(line.strip()) >= 3}
    found = set()
    for name, value in leaves(said):
        if isinstance(value, bool) or value is None:
            continue
        text = str(value)
        if (
            len(text) >= 3 and not _TIME.match(text) and name.lower() not in ("status", "message", "detail", "code")
        ) or name.lower() in ("id", "_id"):
            found.add(f"{name}={text}")
    return found


def is_empty(exchange: Exchange) -> bool:
    """Whether a success holds no record."""
    if not exchange.body.strip():
        return True
    said = looked_at(exchange)
    if said is None:
        return False
    if said in ({}, [], None, "", "null"):
        return True
    return isinstance(said, dict) and all(value in ([], {}, None, "", 0, False) for value in said.values())


def says_denied(exchange: Exchange) -> bool:
    """Whether a 4xx that is neither 401 nor 403 still says that the caller may not."""
    return exchange.status in (400, 409, 422, 405) and bool(_DENIES.search(exchange.text[:600]))
