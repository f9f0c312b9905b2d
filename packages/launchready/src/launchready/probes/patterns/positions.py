"""A regular expression as an automaton of its positions (Glushkov, 1961): which letter may follow which, and in how many ways."""

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

# The parser of Python's own engine; there is no public one, and a grammar of our own would be read by nobody else.
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

ALPHABET = frozenset((*map(chr, range(9, 14)), *map(chr, range(32, 127)), "\u00e9", "\u0663"))
# What stands for the end of the text, where a pattern asks for it.
END = "\0"
_LONGEST, _MOST_POSITIONS, _MOST_COPIES, _AS_GOOD_AS_ENDLESS = 2000, 300, 12, 20
_CATEGORIES = {
    _constants.CATEGORY_DIGIT: r"\d", _constants.CATEGORY_NOT_DIGIT: r"\D", _constants.CATEGORY_SPACE: r"\s",
    _constants.CATEGORY_NOT_SPACE: r"\S", _constants.CATEGORY_WORD: r"\w", _constants.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


class TooLargeError(Exception):
    """The pattern has more positions than are looked at, or parts that an automaton cannot tell."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the pattern: where it may begin and end, and whether it may be left out."""

    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()
    empty: bool = True


@dataclass(slots=True)
class Positions:
    """``letters`` are what each position takes; ``follow`` counts in how many ways one position leads to another."""

    letters: list[frozenset[str]] = field(default_factory=list)
    follow: Counter[tuple[int, int]] = field(default_factory=Counter)
    whole: Part = field(default_factory=Part)

    def after(self) -> dict[int, list[int]]:
        """The positions that may follow each."""
        found: dict[int, list[int]] = {}
        for one, other in self.follow:
            found.setdefault(one, []).append(other)
        return found

    def before(self) -> dict[int, list[int]]:
        """The positions that each may follow."""
        found: dict[int, list[int]] = {}
        for one, other in self.follow:
            found.setdefault(other, []).append(one)
        return found


def positions(pattern: str) -> Positions:
    """The automaton of a pattern. Raises TooLargeError, and :class:`re.error` for what is no pattern here."""
    if len(pattern) > _LONGEST:
        raise TooLargeError("too long")
    made = Positions()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = _parser.parse(python_spelling(pattern))
        except (OverflowError, RecursionError) as error:
            raise TooLargeError(str(error)) from error
    made.whole = _sequence(made, list(tree), bool(tree.state.flags & re.IGNORECASE))
    return made


def python_spelling(pattern: str) -> str:
    """The pattern as Python writes it: without the slashes of JavaScript, Ruby and PHP, and with Python's named groups."""
    if found := re.fullmatch(r"([/#~])(.+)\1[a-zA-Z]*", pattern, re.S):
        pattern = found[2]
    return (
        re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", pattern).replace(r"\A", "^").replace(r"\z", "$").replace(r"\h", r"[ \t]")
    )


def _sequence(made: Positions, items: Sequence[Any], loose: bool) -> Part:
    whole = Part()
    for item in items:
        whole = _join(made, whole, _part(made, item, loose))
    return whole


def _join(made: Positions, left: Part, right: Part) -> Part:
    for one in left.last:
        for other in right.first:
            made.follow[one, other] += 1
    return Part(
        left.first + (right.first if left.empty else ()),
        right.last + (left.last if right.empty else ()),
        left.empty and right.empty,
    )


def _part(made: Positions, item: tuple[Any, Any], loose: bool) -> Part:
    kind, given = item
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
        least, most, body = given
        return _repeat(made, least, most, body, loose)
    if kind is _constants.SUBPATTERN:
        return _sequence(made, list(given[-1]), loose)
    if kind is _constants.BRANCH:
        parts = [_sequence(made, list(one), loose) for one in given[1]]
        return Part(
            tuple(p for part in parts for p in part.first),
            tuple(p for part in parts for p in part.last),
            any(part.empty for part in parts),
        )
    if kind is _constants.AT:
        return _one(made, frozenset((END,))) if given in (_constants.AT_END, _constants.AT_END_STRING) else Part()
    if kind in (_constants.ASSERT, _constants.ASSERT_NOT):
        # What stands ahead is looked at and not taken; leaving it out lets more through, never less.
        return Part()
    if kind in (_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN):
        return _one(made, _letters(kind, given, loose))
    raise TooLargeError(f"{kind} is not looked at")


def _one(made: Positions, letters: frozenset[str]) -> Part:
    if len(made.letters) >= _MOST_POSITIONS:
        raise TooLargeError("too many positions")
    made.letters.append(letters)
    place = len(made.letters) - 1
    return Part((place,), (place,), False)


def _repeat(made: Positions, least: int, most: int, body: Any, loose: bool) -> Part:
    endless = most is _constants.MAXREPEAT or most >= _AS_GOOD_AS_ENDLESS
    whole = Part()
    # Copies that must be there, then those that may be, or one that leads to itself.
    needed = min(least, _MOST_COPIES)
    for _ in range(needed - 1 if endless and needed else needed):
        whole = _join(made, whole, _sequence(made, list(body), loose))
    if endless:
        loop = _sequence(made, list(body), loose)
        for one in loop.last:
            for other in loop.first:
                made.follow[one, other] += 1
        return _join(made, whole, Part(loop.first, loop.last, loop.empty or least == 0))
    for _ in range(min(most - needed, _MOST_COPIES)):
        part = _sequence(made, list(body), loose)
        whole = _join(made, whole, Part(part.first, part.last, True))
    return whole


def _letters(kind: Any, given: Any, loose: bool) -> frozenset[str]:
    if kind is _constants.ANY:
        return ALPHABET - {"\n"}
    if kind is _constants.LITERAL:
        found = frozenset((chr(given),))
        return found | {chr(given).lower(), chr(given).upper()} if loose else found
    if kind is _constants.NOT_LITERAL:
        return ALPHABET - {chr(given)}
    taken: set[str] = set()
    for name, value in given:
        if name is _constants.LITERAL:
            taken.add(chr(value))
        elif name is _constants.RANGE:
            low, high = value
            taken |= {one for one in ALPHABET if low <= ord(one) <= high}
        elif name is _constants.CATEGORY:
            taken |= {one for one in ALPHABET if re.match(_CATEGORIES[value], one)}
    if loose:
        taken |= {one.swapcase() for one in taken if one.isascii()}
    negated = bool(given) and given[0][0] is _constants.NEGATE
    return ALPHABET - taken if negated else frozenset(taken)
