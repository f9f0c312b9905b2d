"""How rate limiters write a limit: ``6 per minute``, ``5/m``, ``100 per 2 hours; 10 per minute``, milliseconds, and plain arithmetic.

The notations of limits (flask-limiter, slowapi) and of django-ratelimit, as their documentation gives them.
"""

import math
import re
from collections.abc import Iterator

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86_400, "day": 86_400,
    "month": 2_592_000, "year": 31_104_000,
}  # fmt: skip
_RATE = re.compile(r"^\s*(\d+)\s*(?:/|per)\s*(\d*)\s*([a-z]+?)s?\s*$", re.I)
_SPAN = re.compile(r"^\s*(\d+)\s*([a-z]+?)s?\s*$", re.I)
_PRODUCT = re.compile(r"^[\d_]+(?:\s*\*\s*[\d_]+)*$")


def rates(text: str) -> Iterator[tuple[int, int]]:
    """The limits of a text, each as ``(calls, seconds)``; nothing for what is no limit."""
    for part in re.split(r"[;,|]", text):
        found = _RATE.match(part)
        unit = _UNITS.get(found[3].lower()) if found else None
        if found is not None and unit is not None:
            yield int(found[1]), int(found[2] or 1) * unit


def seconds_of(text: str) -> int:
    """The seconds of a span in words, ``15 minutes``, or of a number of milliseconds; 0 when it is neither."""
    if found := _SPAN.match(text):
        return int(found[1]) * _UNITS.get(found[2].lower(), 0)
    return number(text) // 1000


def number(text: str) -> int:
    """A whole number, or a product of some: ``15 * 60 * 1000``; 0 when it is none."""
    bare = text.strip().strip("()")
    return math.prod(int(one) for one in bare.split("*")) if _PRODUCT.match(bare) else 0
