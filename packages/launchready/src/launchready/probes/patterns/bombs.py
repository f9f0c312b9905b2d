"""Two ways to read the same text in a loop: each turn doubles the work of an engine that tries them all (Weideman et al., 2016)."""

import re
import warnings
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from launchready.probes.patterns.positions import ALPHABET, END, Positions, TooLargeError, positions, python_spelling

_N = TypeVar("_N", bound=Hashable)
_MOST_PAIRS = 20_000
# Letters that look harmless in a form come first.
_ENDS = ("!", "#", "-", " ", "a", "1", "\n", "\u00e9")


@dataclass(frozen=True, slots=True)
class Bomb:
    """A text that a pattern reads in many ways and does not match: ``before``, then ``turn`` again and again, then ``end``."""

    before: str
    turn: str
    end: str

    def text(self, turns: int) -> str:
        """The text with as many turns."""
        return self.before + self.turn * turns + self.end

    def tame(self, turns: int) -> str:
        """A text of the same length that is refused early."""
        return self.before + self.turn * min(turns, 2) + self.end * (len(self.turn) * max(0, turns - 2)) + self.end


@cache
def bomb(pattern: str) -> Bomb | None:
    """The text on which a pattern takes exponentially long; None when there is none, or the pattern cannot be read."""
    try:
        made = positions(pattern)
    except (TooLargeError, re.error):
        return None
    after = made.after()
    for place in range(len(made.letters)):
        if END in made.letters[place] or place in made.whole.last:
            # It may end here, and an engine that is content asks no further.
            continue
        turn = _twice(made, after, place)
        if turn is None:
            continue
        before = _way(made.whole.first, after, place, made.letters)
        if before is not None and (end := _end(made, after, place)) is not None:
            return Bomb(before, turn, end)
    return None


def compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern for texts of our own; None for what is no pattern here, and for one that would keep us busy."""
    if bomb(pattern) is not None:
        return None
    with warnings.catch_warnings():
        # Nobody reads here what Python thinks of a stranger's pattern.
        warnings.simplefilter("ignore")
        try:
            return re.compile(python_spelling(pattern))
        except (re.error, OverflowError, RecursionError):
            return None


def _twice(made: Positions, after: Mapping[int, Sequence[int]], place: int) -> str | None:
    """The shortest text that leads from a position to itself in two ways."""
    if len(made.letters) ** 2 > _MOST_PAIRS * 5:
        return None

    def steps(pair: tuple[int, int, bool]) -> Iterator[tuple[tuple[int, int, bool], str]]:
        one, other, apart = pair
        for a in after.get(one, ()):
            for b in after.get(other, ()):
                letter = _letter(made.letters[a] & made.letters[b])
                if letter and (apart or a <= b):
                    # Two ways from one position to the next are two ways as well.
                    double = one == other and a == b and made.follow[one, a] > 1
                    yield (a, b, apart or a != b or double), letter

    return _search((place, place, False), steps, lambda pair: pair == (place, place, True))


def _way(
    firsts: Sequence[int], after: Mapping[int, Sequence[int]], place: int, letters: Sequence[frozenset[str]]
) -> str | None:
    """The shortest text that leads to a position, itself included."""

    def steps(at: int) -> Iterator[tuple[int, str]]:
        for other in firsts if at < 0 else after.get(at, ()):
            if letter := _letter(letters[other]):
                yield other, letter

    return _search(-1, steps, lambda at: at == place)


def _search(
    start: _N, steps: Callable[[_N], Iterator[tuple[_N, str]]], found: Callable[[_N], bool]
) -> str | None:  # fmt: skip
    """The letters on the shortest way from a node to one that is looked for, of at least one step."""
    ways: dict[_N, tuple[_N, str]] = {}
    waiting = deque([start])
    while waiting and len(ways) < _MOST_PAIRS:
        node = waiting.popleft()
        for other, letter in steps(node):
            if other in ways:
                continue
            ways[other] = (node, letter)
            if found(other):
                text = letter
                while node != start:
                    node, letter = ways[node]
                    text = letter + text
                return text
            waiting.append(other)
    return None


def _end(made: Positions, after: Mapping[int, Sequence[int]], place: int) -> str | None:
    """A letter that nothing in reach of a position takes at once, so that the text is refused after it."""
    taken = {letter for other in after.get(place, ()) for letter in made.letters[other]}
    seen, waiting = {place}, [place]
    while waiting:
        for other in after.get(waiting.pop(), ()):
            taken |= made.letters[other]
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return next((one for one in _ENDS if one not in taken), None)


def _letter(letters: frozenset[str]) -> str:
    """A letter of a class, a plain one where it has one."""
    shared = letters & ALPHABET
    return next((one for one in "a1A-_. @/" if one in shared), min(shared, default=""))
