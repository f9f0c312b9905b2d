"""What a body calls whatever happens: outside of every branch, loop, handler of errors and function of its own."""

import re
from collections.abc import Iterator

from launchready.sources.facts.shape import Expr, Function

# What stands before a call that is a statement, or whose result is given to a name, and how far back it is looked for.
_STATEMENT = re.compile(r"(?:^|[\n;{}:])[ \t]*(?:(?:const|let|var)\s+)?(?:[\w{}\[\], ]+?=\s*)?(?:await\s+)?\Z")
_LONGEST = 300
_RETURN = re.compile(r"\breturn\b")
_OPENS = re.compile(r"\s*\(")
_PYTHON = re.compile(r"\s*(?:@[^\n]*\n\s*)*(?:async\s+)?def\s")
_TRY = re.compile(r"\btry\s*$")
_UNDER = re.compile(r"(?:try|with|async\s+with|def|async\s+def|class)\b")


def sure_calls(function: Function) -> Iterator[Expr]:
    """The calls that are made each time the function runs, before anything is returned."""
    returns = _RETURN.search(function.code)
    last = returns.end() if returns else len(function.code)
    for call in function.calls:
        if call.text and any(at < last and _reached(function.code, at) for at in _statements(function.code, call.text)):
            yield call


def _statements(code: str, call: str) -> Iterator[int]:
    """Where a call stands as a statement. A word is found sooner than a pattern, and most calls stand once."""
    at = code.find(call)
    while at >= 0:
        if _OPENS.match(code, at + len(call)) and _STATEMENT.search(code, _begins(code, at), at):
            yield at
        at = code.find(call, at + 1)


def _begins(code: str, at: int) -> int:
    """Where the line begins whose words stand before ``at``."""
    earliest = max(0, at - _LONGEST)
    return max(earliest, code.rfind("\n", earliest, earliest + len(code[earliest:at].rstrip())))


def _reached(code: str, at: int) -> bool:
    return _indented(code, at) if _PYTHON.match(code) else _in_braces(code, at)


def _in_braces(code: str, at: int) -> bool:
    """Of the blocks around the call the first is the function's own, and the others only catch."""
    opened: list[int] = []
    for place in range(at):
        if code[place] == "{":
            opened.append(place)
        elif code[place] == "}" and opened:
            opened.pop()
    return all(_TRY.search(code[:place]) for place in opened[1:])


def _indented(code: str, at: int) -> bool:
    """The lines above the call that it stands under are the function's own, and such as only catch or close."""
    start = code.rfind("\n", 0, at) + 1
    column = len(code[start:at]) - len(code[start:at].lstrip())
    for line in reversed(code[:start].split("\n")):
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent < column:
            if not _UNDER.match(line.strip()):
                return False
            column = indent
    return True
