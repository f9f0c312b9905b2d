"""Whether tokens that are mailed could be guessed: what a few of one account, made one after the other, have in common. Nothing is sent."""

import base64
import binascii
import hashlib
import itertools
import re
import uuid
from collections.abc import Iterator, Sequence

_NEAR = 120
_STEP = 1 << 20
_SHORT = 8
_ENDS = re.compile(r"((?:.*[^0-9A-Za-z])?)([0-9A-Za-z]+)", re.S)
_HASHES = ("md5", "sha1", "sha256")


def why_guessable(tokens: Sequence[str], facts: Sequence[str], moments: Sequence[float]) -> str:
    """What is wrong with them, empty when nothing shows. ``facts`` are what strangers know (address, id); ``moments`` when each was made."""
    unique = list(dict.fromkeys(tokens))
    for token, moment in zip(tokens, moments, strict=False):
        if token in set(likely(facts, moment)):
            return "it is made of the address, the id or the time alone"
        if _is_uuid(token) == 1:
            return "it is a UUID of version 1, which is the time and the machine (RFC 9562, section 5.1)"
    if len(unique) < len(tokens):
        return "it is the same each time"
    if len(unique) < 2:
        return ""
    for token, other in itertools.pairwise(tokens):
        left, right = _plain(token), _plain(other)
        if any(
            _but_time(left, now) is not None and _but_time(left, now) == _but_time(right, then)
            for now in moments
            for then in moments
        ):
            return "but for the time at which it was made, it is always the same"
        if _counts_up(token, other):
            return "it counts up"
    return ""


def is_short(tokens: Sequence[str]) -> bool:
    """Whether all are short enough to be tried out when nothing limits the tries."""
    return bool(tokens) and all(len(token) < _SHORT for token in tokens)


def likely(facts: Sequence[str], moment: float) -> Iterator[str]:
    """What careless code makes tokens of, the likeliest first: facts and times around ``moment`` (seconds since 1970), plain and hashed."""
    times = [str(int(moment) + off) for off in (0, 1, -1, 2, -2)]
    plain = [*times]
    for fact in facts:
        for sign in ("-", "", "_", ":", "."):
            plain += [f"{fact}{sign}{one}" for one in times]
            plain += [f"{one}{sign}{fact}" for one in times[:2]]
    for text in (*facts, *plain):
        yield base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for name in _HASHES:
            yield hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()
    yield from plain


def first_guesses(facts: Sequence[str], moment: float) -> list[str]:
    """The few of :func:`likely` that are worth a request each."""
    now = int(moment)
    guesses = []
    for one in (now, now - 1, now + 1):
        guesses += [f"{fact}{sign}{one}" for fact in facts[:2] for sign in ("-", "", "_", ":")]
        guesses += [str(one), hashlib.md5(str(one).encode(), usedforsecurity=False).hexdigest()]
    for fact in facts[:2]:
        guesses += [
            hashlib.md5(fact.encode(), usedforsecurity=False).hexdigest(),
            base64.urlsafe_b64encode(fact.encode()).decode().rstrip("="),
        ]
    return list(dict.fromkeys(guesses))


def _plain(token: str) -> str:
    """The token, decoded when it is text in base64."""
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        return token
    return text if text.isprintable() and len(text) >= 6 else token


def _but_time(text: str, moment: float) -> str | None:
    """The text without a time near ``moment`` in it, in seconds or thousandths; None when there is none."""
    for found in re.finditer(r"\d{13}|\d{10}", text):
        seconds = int(found[0]) / (1000 if len(found[0]) == 13 else 1)
        if abs(seconds - moment) < _NEAR:
            return text[: found.start()] + "#" + text[found.end() :]
    return None


def _counts_up(token: str, other: str) -> bool:
    """Whether two are the same but for numbers at their ends that lie close, in decimals or in hex."""
    head, tail = _ENDS.fullmatch(token), _ENDS.fullmatch(other)
    if head is None or tail is None or head[1] != tail[1] or len(token) != len(other):
        return False
    return any(
        0 < abs(_number(head[2], base) - _number(tail[2], base)) < _STEP and _number(head[2], base) >= 0
        for base in (10, 16)
    )


def _number(text: str, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        return -1


def _is_uuid(text: str) -> int:
    try:
        return uuid.UUID(text).version or 0 if re.fullmatch(r"[0-9a-fA-F-]{36}", text) else 0
    except ValueError:
        return 0
