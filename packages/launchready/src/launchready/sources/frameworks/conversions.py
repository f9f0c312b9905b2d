"""What a handler makes of a field says what belongs there: ``int(data["seats"])``, ``data.get("tags", [])``, ``new Date(req.body.due)``."""

import re
from collections.abc import Iterator, Mapping

# One group of each pair of alternatives is the field: as it is asked for, or by the name it was given before.
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
_STRPTIME = {"%Y-%m-%d": "date", "%Y-%m-%dT%H:%M:%SZ": "datetime"}
# What stands there when nothing was sent. A whole number does not say that no fraction is right.
_DEFAULTS = (
    (r"\[\s*\]|list\(\)", "list"),
    (r"\{\s*\}|dict\(\)", "dict"),
    (r"True\b|False\b|true\b|false\b", "bool"),
    (r"-?\d+(?:\.\d+)?\s*(?=[,)}])", "number"),
)


def converted(code: str, body: str, taken: Mapping[str, str], *, python: bool) -> dict[str, str]:
    """The type of each field that is converted, where ``body`` is the whole of what was sent and ``taken`` has the fields by the names they were given."""
    asked = rf"{body}(?:\.(?:get|pop)\(|\[)\s*[\"'](\w[\w.-]*)[\"']" if python else rf"{body}\??\.(\w+)\b(?!\s*\()"
    names = "|".join(map(re.escape, taken)) or r"(?!)"
    field = rf"(?:{asked}|({names})\b(?!\s*[.(\[]))"
    found: dict[str, str] = {}
    for name, kind in (*_each(code, field, asked, python=python), *_by_default(code, body, python=python)):
        found.setdefault(taken.get(name, name), kind)
    return found


def _each(code: str, field: str, asked: str, *, python: bool) -> Iterator[tuple[str, str]]:
    for start, kind in _PYTHON if python else _SCRIPT:
        for match in re.finditer(start + field, code):
            yield match[1] or match[2], kind
    if python:
        for match in re.finditer(rf"{asked}[^()\n]{{0,60}}\btype\s*=\s*(int|float)\b", code):
            yield match[1], "int" if match[2] == "int" else "number"
        # What stands between: a default, and the brackets that close.
        for match in re.finditer(rf"\bstrptime\(\s*{field}[^,\n]{{0,20}},\s*[\"']([^\"'\n]+)[\"']", code):
            if kind := _STRPTIME.get(match[3], ""):
                yield match[1] or match[2], kind


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
