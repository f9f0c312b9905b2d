"""The values that a handler lets pass, by what it refuses: ``if data.role not in ["admin", "member"]: raise …``, ``if (!["a", "b"].includes(role)) return …``."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.resolver import Resolver

_TEXTS = r"[\[({]\s*((?:[\"'][^\"'\n]{1,60}[\"']\s*,?\s*){1,40})[\])}]"
_AS_TEXT = r"(?:\.(?:lower|strip|toLowerCase|trim)\(\))*"
_ENDS = r"\s*\)*\s*[:{]?\s*(?:raise\b|return\b|throw\b|flash\(|abort\(|(?:res|reply|c|ctx)\.\w+\()"
# The name of the field is the last word of what is compared, or the text it is asked for by.
_NAMED = r"(?:[\w.]*?\b(\w+)|\w+(?:\.get\(|\[)\s*[\"'](\w+)[\"'][^\n]{0,10}?[\])])"
_PYTHON = re.compile(rf"\bif\s+(?:[^:\n]{{1,80}}\band\s+)?{_NAMED}{_AS_TEXT}\s+not\s+in\s+{_TEXTS}{_ENDS}")
_SCRIPT = re.compile(
    rf"\bif\s*\(\s*(?:[^\n]{{1,80}}&&\s*)?!\s*{_TEXTS}\.includes\(\s*(?:[\w.?]*?\b(\w+)){_AS_TEXT}\s*\)\s*{_ENDS}"
)
# The same, where the values stand under a name: `if (!ROLES.includes(role)) return …`, `if role not in ROLES: raise …`.
_PYTHON_NAMED = re.compile(rf"\bif\s+(?:[^:\n]{{1,80}}\band\s+)?{_NAMED}{_AS_TEXT}\s+not\s+in\s+([\w.]+)\s*{_ENDS}")
_SCRIPT_NAMED = re.compile(
    rf"\bif\s*\(\s*(?:[^\n]{{1,80}}&&\s*)?!\s*([\w.$]+)\.(?:includes|has)\(\s*(?:[\w.?]*?\b(\w+)){_AS_TEXT}\s*\)\s*{_ENDS}"
)
_MOST = 40
_HOLDS = frozenset(("Set", "set", "frozenset", "tuple", "list", "freeze"))
_TEXT = re.compile(r"[\"']([^\"'\n]{1,60})[\"']")


def with_choices(code: str, inputs: Iterable[Input]) -> tuple[Input, ...]:
    """The inputs, those of a body with the values that are the only ones ``code`` lets pass, where nothing else says so."""
    told: dict[str, tuple[str, ...]] = {}
    for name, asked, texts in _PYTHON.findall(code) if " not in " in code else ():
        told.setdefault(asked or name, tuple(_TEXT.findall(texts)))
    for texts, name in _SCRIPT.findall(code) if ".includes(" in code else ():
        told.setdefault(name, tuple(_TEXT.findall(texts)))
    return _with(told, inputs)


def with_listed(resolver: Resolver, path: str, code: str, inputs: Iterable[Input]) -> tuple[Input, ...]:
    """As :func:`with_choices`, where the values stand in a list of the source that has a name."""
    told: dict[str, tuple[str, ...]] = {}
    for name, asked, listed in _PYTHON_NAMED.findall(code) if " not in " in code and path.endswith(".py") else ():
        told.setdefault(asked or name, _texts(resolver, path, listed))
    for listed, name in _SCRIPT_NAMED.findall(code) if ".includes(" in code or ".has(" in code else ():
        told.setdefault(name, _texts(resolver, path, listed))
    return _with({name: texts for name, texts in told.items() if texts}, inputs)


def _texts(resolver: Resolver, path: str, name: str) -> tuple[str, ...]:
    """The texts of a list, a tuple or a set that a name stands for; none where it holds anything else."""
    found = resolver.find(path, name)
    value = found.binding.value if found and found.binding else None
    if value is not None and value.kind == "call" and value.text.rsplit(".", 1)[-1] in _HOLDS and len(value.items) == 1:
        value = value.items[0]
    plain = value is not None and value.kind == "list" and all(one.kind == "str" for one in value.items)
    return tuple(one.text for one in value.items[:_MOST]) if value is not None and plain else ()


def _with(told: Mapping[str, tuple[str, ...]], inputs: Iterable[Input]) -> tuple[Input, ...]:
    return tuple(
        replace(one, choices=told[one.name])
        if one.name in told and one.where in ("body", "form") and not one.choices and not one.key_of
        else one
        for one in inputs
    )
