"""What a handler makes of a field says what belongs there: ``int(data["seats"])``, ``data.get("tags", [])``, ``new Date(req.body.due)``."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

_PYTHON = (
    (r"\bint\(\s*", "int"),
    (r"\b(?:float|(?:decimal\.)?Decimal)\(\s*(?:str\(\s*)?", "number"),
    (r"\b(?:datetime\.)?date\.fromisoformat\(\s*", "date"),
    (r"\bdatetime\.(?:datetime\.)?fromisoformat\(\s*", "datetime"),
    (r"\b(?:uuid\.)?UUID\(\s*", "uuid"),
)
_SCRIPT = (
    (r"\b(?:Number|Number\.parseFloat|parseFloat)\(\s*", "number"),
    (r"\b(?:Number\.)?(?:parseInt|BigInt)\(\s*", "int"),
    (r"\bnew\s+Date\(\s*", "date"),
)
# Python's own formats; a day that is written in another way is no text that we send.
_TOLD = {"%Y-%m-%d": "date", "%Y-%m-%dT%H:%M:%SZ": "datetime", "int": "int", "float": "number"}
# What stands there when nothing was sent. A whole number does not say that no fraction is right.
_DEFAULTS = (
    (r"\[\s*\]|list\(\)", "list"),
    (r"\{\s*\}|dict\(\)", "dict"),
    (r"True\b|False\b|true\b|false\b", "bool"),
    (r"-?\d+(?:\.\d+)?\s*(?=[,)}])", "number"),
)


def converted(code: str, body: str, taken: Mapping[str, str], *, python: bool) -> dict[str, str]:
    """The type of each field that is converted, where ``body`` is the whole of what was sent and ``taken`` has the fields by the names they were given."""
    found: dict[str, str] = {}
    for pattern, kind in _conversions(body, python):
        for match in pattern.finditer(code):
            name = taken.get(match["named"]) if match["named"] else match["asked"]
            if name and (known := kind or _TOLD.get(match["told"], "")):
                found.setdefault(name, known)
    for name, kind in _by_default(code, body, python=python):
        found.setdefault(name, kind)
    return found


@cache
def _conversions(body: str, python: bool) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns with the field as it is ``asked`` for, or as it was ``named`` before, and the kind that each means; where that is empty, ``told`` says it.

    Kept, for to compile them takes longer than to look through a handler.
    """
    asked = (
        rf"{body}(?:\.(?:get|pop)\(|\[)\s*[\"'](?P<asked>\w[\w.-]*)[\"']"
        if python
        else rf"{body}\??\.(?P<asked>\w+)\b(?!\s*\()"
    )
    field = rf"(?:{asked}|(?P<named>[A-Za-z_$][\w$]*)\b(?!\s*[.(\[]))"
    found = [(re.compile(start + field), kind) for start, kind in (_PYTHON if python else _SCRIPT)]
    if python:
        found.append((re.compile(rf"{asked}(?P<named>)[^()\n]{{0,60}}\btype\s*=\s*(?P<told>int|float)\b"), ""))
        # What stands between: a default, and the brackets that close.
        told = r"[^,\n]{0,20},\s*[\"'](?P<told>[^\"'\n]+)[\"']"
        found.append((re.compile(rf"\bstrptime\(\s*{field}{told}"), ""))
    return tuple(found)


def _by_default(code: str, body: str, *, python: bool) -> Iterator[tuple[str, str]]:
    """``data.get("tags", [])``, ``const { tags = [] } = req.body``."""
    for default, kind in _DEFAULTS:
        if python:
            asked = rf"{body}\.(?:get|pop)\(\s*[\"'](\w[\w.-]*)[\"']\s*,\s*(?:{default})"
            yield from ((match[1], kind) for match in re.finditer(asked, code))
            continue
        for group in re.findall(
            rf"\{{([^{{}};]{{1,300}}(?:\{{\s*\}}[^{{}};]{{0,200}})?)\}}\s*(?::[^=\n]{{1,80}})?=\s*{body}(?![\w.(\[])",
            code,
        ):
            yield from (
                (match[1], kind) for match in re.finditer(rf"(\w+)\s*(?::\s*\w+\s*)?=\s*(?:{default})", group + ",")
            )
