"""What one function does for each method where it answers all of them, and looks at ``req.method``: an API route of Next.js, a route of Nitro."""

import re
from collections.abc import Iterator

from msgspec import structs

from launchready.sources.facts.shape import Function
from launchready.sources.frameworks.script_handlers import METHODS
from launchready.sources.sent_away import closing

_METHOD = r"(?:(?:\b\w+\.)?\b(?:method|httpMethod)|\bgetMethod\(\s*\w+\s*\))"
_SWITCH = re.compile(rf"switch\s*\(\s*{_METHOD}\s*\)\s*\{{")
_CASE = re.compile(r"\bcase\s+[\"']([A-Z]+)[\"']\s*:|\bdefault\s*:")
_ONLY_IF = re.compile(rf"\bif\s*\(\s*{_METHOD}\s*===?\s*[\"']([A-Z]+)[\"']\s*\)\s*(?=\{{)")


def methods_in(code: str) -> tuple[str, ...]:
    """The HTTP methods an API route looks at: the cases of ``switch (req.method)`` and comparisons with it; empty when it takes any."""
    found: list[str] = []
    for match in _SWITCH.finditer(code):
        found += [one[1] for one in _CASE.finditer(code, match.end(), closing(code, match.end() - 1)) if one[1]]
    found += re.findall(rf"{_METHOD}\s*(?:===?|!==?)\s*[\"']([A-Z]+)[\"']", code)
    for group in re.findall(rf"\[([^\]]{{0,120}})\]\.includes\(\s*{_METHOD}", code):
        found += re.findall(r"[\"']([A-Z]+)[\"']", group)
    return tuple(method for method in METHODS if method in found)


def for_method(function: Function, method: str) -> Function:
    """A handler without what it does for other methods."""
    code = function.code
    for start, end in reversed(list(_others(code, method))):
        code = code[:start] + code[end:]
    if code == function.code:
        return function
    calls = tuple(call for call in function.calls if not call.text or f"{call.text}(" in code)
    return structs.replace(function, code=code, calls=calls)


def _others(code: str, method: str) -> Iterator[tuple[int, int]]:
    switch = _SWITCH.search(code)
    if switch is not None:
        end = closing(code, switch.end() - 1)
        cases = list(_CASE.finditer(code, switch.end(), end))
        ends = [*(one.start() for one in cases[1:]), end]
        asked = method if method in {one[1] for one in cases} else None
        labels: set[str | None] = set()
        for one, until in zip(cases, ends, strict=True):
            labels.add(one[1])
            # Cases that share what they do: case "PUT": case "PATCH": return change(req)
            if not code[one.end() : until].strip():
                continue
            if asked not in labels:
                yield one.start(), until
            labels = set()
        return
    for one in _ONLY_IF.finditer(code):
        if one[1] != method:
            yield one.start(), closing(code, one.end()) + 1
