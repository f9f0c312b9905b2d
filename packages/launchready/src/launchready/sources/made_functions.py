"""Functions that only make others and give them back in a table: ``const notes = (c) => { const find = …; const remove = …; return { find, remove }; }``.

Whoever calls such a function has called none of those. What one of them refuses, it refuses when it is called itself.
"""

import re
from functools import lru_cache

from msgspec import structs

from launchready.sources.branches import closing
from launchready.sources.facts.shape import Function

_INNER = re.compile(
    r"\b(?:const|let|var)\s+(?P<held>\w+)\s*(?::[^=\n]{1,120})?=\s*(?:async\s*)?(?:<[^<>()]*>\s*)?(?:\([^()]*\)|\w+)\s*(?::[^={}\n]{1,160})?=>\s*(?=\{)"
    r"|\b(?:async\s+)?function\s*\*?\s*(?P<named>\w+)\s*(?:<[^<>()]*>\s*)?\([^()]*\)\s*(?::[^={}\n]{1,160})?(?=\{)"
)
_ENTRY = re.compile(
    r"(?P<key>\w+)\s*:\s*(?:async\s*)?(?:\([^()]*\)|\w+)\s*(?::[^={}\n]{1,160})?=>\s*(?=\{)"
    r"|(?:async\s+)?(?P<method>\w+)\s*\([^()]*\)\s*(?::[^={}\n]{1,160})?(?=\{)"
)
_TABLE = re.compile(r"\breturn\s*(?=\{)")
_ALIAS = re.compile(r"(\w+)\s*:\s*(\w+)\s*(?=[,}])")


class Made:
    """What a function does itself (``own``), and the bodies of the functions it gives back, by the names they have in its table."""

    def __init__(self, own: str, inner: dict[str, str]) -> None:
        self.own, self.inner = own, inner


@lru_cache(maxsize=2048)
def made_by(code: str) -> Made | None:
    """The parts of a function that gives a table of functions back; None for any other."""
    if "return" not in code or not code.startswith("{"):
        return None
    table = next((one for one in _TABLE.finditer(code) if _depth(code, one.start()) == 1), None)
    if table is None:
        return None
    end = closing(code, table.end())
    listed = code[table.end() : end]
    spans: list[tuple[int, int]] = []
    bodies: dict[str, str] = {}
    for one in _INNER.finditer(code, 0, table.start()):
        if not spans or one.end() > spans[-1][1]:
            spans.append((one.end(), closing(code, one.end())))
            bodies[one["held"] or one["named"]] = code[slice(*spans[-1])]
    inner = {name: body for name, body in bodies.items() if re.search(rf"\b{re.escape(name)}\b", listed)}
    inner |= {alias: bodies[name] for alias, name in _ALIAS.findall(listed) if name in bodies}
    for one in _ENTRY.finditer(listed):
        inner[one["key"] or one["method"]] = listed[one.end() : closing(listed, one.end())]
    if not inner:
        return None
    own, at = "", 0
    for start, stop in spans:
        own, at = own + code[at:start] + "{", stop
    return Made(own + code[at : table.start()] + "}", inner)


def called_of(caller: Function, called: str) -> frozenset[str] | None:
    """The functions that are called of what ``called`` gives back; None where that is not seen: ``notes(c).remove(id)``, ``const { remove } = notes(c)``."""
    found = {one.text for one in caller.calls if one.on is not None and one.on.text == called}
    name = re.escape(called)
    for held in re.finditer(rf"\b(?:const|let|var)\s+(\w+)\s*=\s*(?:await\s+)?{name}\(", caller.code):
        found |= set(re.findall(rf"(?<![\w.]){held[1]}\.(\w+)\(", caller.code))
    for taken in re.finditer(rf"\b(?:const|let|var)\s*\{{([^{{}}]*)\}}\s*=\s*(?:await\s+)?{name}\(", caller.code):
        found |= set(re.findall(r"(\w+)\s*(?=[,:}]|$)", taken[1].strip()))
    return frozenset(found) or None


def as_called(function: Function, caller: Function, called: str) -> Function:
    """A function of a table as one caller uses it: what it does itself, and of the others those that this caller calls."""
    made = made_by(function.code)
    names = called_of(caller, called) if made is not None else None
    if made is None or names is None or not names & made.inner.keys():
        return function
    code = made.own + "".join(made.inner[name] for name in sorted(names & made.inner.keys()))
    calls = tuple(one for one in function.calls if one.text and re.search(rf"\b{re.escape(one.text)}\s*\(", code))
    return structs.replace(function, code=code, calls=calls)


def _depth(code: str, at: int) -> int:
    return code.count("{", 0, at) - code.count("}", 0, at)
