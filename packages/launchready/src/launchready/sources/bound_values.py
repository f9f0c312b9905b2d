"""What a name is given in a piece of a script.

A pattern of its own for each name would be made ten thousand times in an app of pages, and then go through the code letter by letter.
"""

import re
from collections.abc import Iterator

# Behind the name: a type or the rest of a pattern that takes several names, and the value up to its semicolon.
_GIVEN = re.compile(r"\b[^;=()]{0,120}=(?!=)\s*([^;]{1,200})")
_PLAINLY = re.compile(r"\s*=(?!=)\s*([^;]{1,200})")


def given_to(name: str, code: str) -> Iterator[str]:
    """The values that a name is given: ``const { data: user } = await …``, where it may stand among others."""
    return _behind(name, code, _GIVEN, ".")


def plainly_given_to(name: str, code: str) -> Iterator[str]:
    """The values that a name, or a field that is called so, is given by itself: ``header = …``."""
    return _behind(name, code, _PLAINLY, "")


def _behind(name: str, code: str, pattern: re.Pattern[str], refused: str) -> Iterator[str]:
    at = code.find(name) if name else -1
    while at >= 0:
        before = code[at - 1] if at else " "
        part = before.isalnum() or before == "_" or before in refused
        found = None if part else pattern.match(code, at + len(name))
        if found:
            yield found[1]
        at = code.find(name, found.end() if found else at + 1)
