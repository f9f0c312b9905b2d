"""The lines of a body of Python as blocks: which lines open those around a place, and what is asked on the way to it."""

import re
from collections.abc import Iterator

IF = re.compile(r"^(?:el)?if\s+(.+?)\s*:\s*(?:#.*)?$")


def above(lines: list[str], at: int) -> Iterator[int]:
    """The lines that open the blocks around a line, the innermost first."""
    indent = indent_of(lines[at])
    for here in range(at - 1, -1, -1):
        if lines[here].strip() and indent_of(lines[here]) < indent:
            indent = indent_of(lines[here])
            yield here


def conditions(lines: list[str], at: int) -> Iterator[str]:
    """What is asked on the way to a line, on the line itself first."""
    for here in (at, *above(lines, at)):
        if found := IF.match(lines[here].strip()):
            yield found[1]


def asked_at(code: str, place: int) -> list[str]:
    """The conditions that a place of a body stands under."""
    return list(conditions(aligned(code), code.count("\n", 0, place)))


def aligned(code: str) -> list[str]:
    """The lines of a body, whose first one has lost its indentation."""
    lines = code.split("\n")
    rest = [indent_of(one) for one in lines[1:] if one.strip()]
    if not rest:
        return lines
    outside = [one for one in rest if one < rest[0]] if lines[0].rstrip().endswith(":") else [min(rest)]
    return [" " * min(outside, default=max(rest[0] - 1, 0)) + lines[0].lstrip(), *lines[1:]]


def indent_of(line: str) -> int:
    """How far a line is indented."""
    return len(line) - len(line.lstrip())
