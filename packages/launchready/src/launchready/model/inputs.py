"""What the app did with what it must not take: values out of place, and too many calls."""

from dataclasses import dataclass
from enum import StrEnum


class Answered(StrEnum):
    """``taken`` is a success where nothing wrong was seen to be kept, ``kept`` one after which the wrong value stood in the app."""

    REFUSED = "refused"
    TAKEN = "taken"
    KEPT = "kept"
    CRASHED = "crashed"
    LEAKED = "leaked"
    SLOW = "slow"
    UNKNOWN = "not checked"


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing out of place that was sent: ``what`` in plain words, ``value`` as it was sent, shortened.

    ``where`` is path, query, header, body, form, file or ``whole`` (the body itself); ``field`` its dotted name, empty for the whole.
    """

    route: str
    who: str
    where: str
    field: str
    what: str
    value: str
    status: int
    answered: Answered


@dataclass(frozen=True, slots=True)
class LimitSeen:
    """What a burst met. ``sent`` calls went out, and after ``after`` of them one was refused for coming too often, 0 when none was.

    ``per`` is what is counted: ``account``, ``address``, ``caller`` (the session), or empty when nothing was refused.
    ``wait`` are the seconds the app asked to wait for, 0 when it did not say. ``around`` are ways past the limit that worked.
    ``mails`` counts the mail that went out, None when no mailbox of the app could be seen. ``how`` says by what the limit showed: a status,
    words, headers, or answers held back. ``locked`` is True when the right password was refused afterwards.
    """

    route: str
    kind: str
    sent: int
    after: int = 0
    per: str = ""
    wait: float = 0.0
    around: tuple[str, ...] = ()
    mails: int | None = None
    how: str = ""
    locked: bool = False
