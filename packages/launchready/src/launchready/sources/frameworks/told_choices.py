"""The values that a handler lets pass, by what it refuses: ``if data.role not in ["admin", "member"]: raise …``, ``if (!["a", "b"].includes(role)) return …``."""

import re
from collections.abc import Iterable
from dataclasses import replace

from launchready.model.surface import Input

_TEXTS = r"[\[({]\s*((?:[\"'][^\"'\n]{1,60}[\"']\s*,?\s*){1,40})[\])}]"
_AS_TEXT = r"(?:\.(?:lower|strip|toLowerCase|trim)\(\))*"
_ENDS = r"\s*\)*\s*[:{]?\s*(?:raise\b|return\b|throw\b|flash\(|abort\(|(?:res|reply|c|ctx)\.\w+\()"
# The name of the field is the last word of what is compared, or the text it is asked for by.
_NAMED = r"(?:[\w.]*?\b(\w+)|\w+(?:\.get\(|\[)\s*[\"'](\w+)[\"'][^\n]{0,10}?[\])])"
_PYTHON = re.compile(rf"\bif\s+(?:[^:\n]{{1,80}}\band\s+)?{_NAMED}{_AS_TEXT}\s+not\s+in\s+{_TEXTS}{_ENDS}")
_SCRIPT = re.compile(
    rf"\bif\s*\(\s*(?:[^\n]{{1,80}}&&\s*)?!\s*{_TEXTS}\.includes\(\s*(?:[\w.?]*?\b(\w+)){_AS_TEXT}\s*\)\s*{_ENDS}"
)
_TEXT = re.compile(r"[\"']([^\"'\n]{1,60})[\"']")


def with_choices(code: str, inputs: Iterable[Input]) -> tuple[Input, ...]:
    """The inputs, those of a body with the values that are the only ones ``code`` lets pass, where nothing else says so."""
    told: dict[str, tuple[str, ...]] = {}
    for name, asked, texts in _PYTHON.findall(code) if " not in " in code else ():
        told.setdefault(asked or name, tuple(_TEXT.findall(texts)))
    for texts, name in _SCRIPT.findall(code) if ".includes(" in code else ():
        told.setdefault(name, tuple(_TEXT.findall(texts)))
    return tuple(
        replace(one, choices=told[one.name])
        if one.name in told and one.where in ("body", "form") and not one.choices and not one.key_of
        else one
        for one in inputs
    )
