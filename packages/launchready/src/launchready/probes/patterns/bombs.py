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
_MOST_PAIRS, _MOST_STEPS = 20_000, 150_000
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
    after, before, letters = made.after(), made.before(), _Letters(made)
    for place in range(len(made.letters)):
        if END in made.letters[place] or place in made.whole.last:
            # It may end here, and an engine that is content asks no further.
            continue
        try:
            loop = _reached(after, place) & _reached(before, place)
            turn = _twice(made, after, letters, place, loop) if loop else None
        except TooLargeError:
            return None
        if turn is None:
            continue
        way = _way(made.whole.first, after, place, made.letters)
        if way is not None and (end := _end(made, after, place)) is not None:
            return Bomb(way, turn, end)
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


class _Letters:
    """A letter that two positions share, looked up no more often than a pattern of a reasonable size needs."""

    def __init__(self, made: Positions) -> None:
        self._made, self._left = made, _MOST_STEPS
        self._known: dict[tuple[int, int], str] = {}

    def shared(self, one: int, other: int) -> str:
        """The letter, empty when there is none. Raises TooLargeError when it was asked too often."""
        self._left -= 1
        if self._left < 0:
            raise TooLargeError("too many ways")
        pair = (one, other) if one <= other else (other, one)
        if pair not in self._known:
            self._known[pair] = _letter(self._made.letters[one] & self._made.letters[other])
        return self._known[pair]


def _twice(made: Positions, after: Mapping[int, Sequence[int]], letters: _Letters, place: int, loop: frozenset[int]) -> str | None:  # fmt: skip
    """The shortest text that leads from a position to itself in two ways, by positions of its ``loop``. Raises TooLargeError."""

    def steps(pair: tuple[int, int, bool]) -> Iterator[tuple[tuple[int, int, bool], str]]:
        one, other, apart = pair
        for a in after.get(one, ()):
            for b in after.get(other, ()) if a in loop else ():
                if b in loop and (apart or a <= b) and (letter := letters.shared(a, b)):
                    # Two ways from one position to the next are two ways as well.
                    double = one == other and a == b and made.follow[one, a] > 1
                    yield (a, b, apart or a != b or double), letter

    return _search((place, place, False), steps, lambda pair: pair == (place, place, True))


def _reached(after: Mapping[int, Sequence[int]], place: int) -> frozenset[int]:
    """The positions that a step or more leads to."""
    seen: set[int] = set()
    waiting = [place]
    while waiting:
        new = [one for one in after.get(waiting.pop(), ()) if one not in seen]
        seen.update(new)
        waiting += new
    return frozenset(seen)


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
    """A letter that nothing in reach of a position takes, so that the text is refused after it."""
    taken = frozenset[str]().union(*(made.letters[one] for one in _reached(after, place)))
    return next((one for one in _ENDS if one not in taken), None)


def _letter(letters: frozenset[str]) -> str:
    """A letter of a class, a plain one where it has one."""
    shared = letters & ALPHABET
    return next((one for one in "a1A-_. @/" if one in shared), min(shared, default=""))
