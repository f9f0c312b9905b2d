"""A text that a regular expression lets through: the shortest way through its automaton, with the letters that are given where any would do."""

import re
from collections import deque
from collections.abc import Iterator
from itertools import cycle
from string import ascii_lowercase, ascii_uppercase, digits

from launchready.probes.patterns.positions import END, Positions, TooLargeError, positions

# In the middle of what digits mostly stand for: a month, a year to come, a number of nothing.
_SOONEST = "5432106789"
_ALL_DIGITS, _LOWER, _UPPER = frozenset(digits), frozenset(ascii_lowercase), frozenset(ascii_uppercase)


def spelled(pattern: str, numbers: str = "5", letters: str = "l") -> str:
    """The text; empty where the pattern is none, or too large to be looked through. ``numbers`` and ``letters`` go where any digit or letter may stand."""
    try:
        made = positions(pattern)
    except (TooLargeError, re.error):
        return ""
    some_number, some_letter = cycle(numbers or "5"), cycle(letters.lower() or "l")
    taken = (made.letters[one] for one in _shortest(made))
    return "".join(_letter(one, some_number, some_letter) for one in taken if END not in one)


def _shortest(made: Positions) -> list[int]:
    """The positions of the shortest way from the beginning to the end."""
    after, last = made.after(), set(made.whole.last)
    came = dict.fromkeys(made.whole.first, -1)
    waiting = deque(made.whole.first)
    while waiting:
        at = waiting.popleft()
        if at in last:
            way = list[int]()
            while at >= 0:
                way.append(at)
                at = came[at]
            return way[::-1]
        for one in after.get(at, ()):
            if one not in came:
                came[one] = at
                waiting.append(one)
    return []


def _letter(known: frozenset[str], some_number: Iterator[str], some_letter: Iterator[str]) -> str:
    if known >= _LOWER:
        return next(some_letter)
    if known >= _UPPER:
        return next(some_letter).upper()
    if known >= _ALL_DIGITS:
        return next(some_number)
    return next((one for one in _SOONEST if one in known), min(known, default=""))
