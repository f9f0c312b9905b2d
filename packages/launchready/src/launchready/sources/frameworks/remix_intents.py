"""One action that does several things, told apart by a field of the form: ``<button name="intent" value="delete">``.

A page of Remix has one action; where it has several forms, a hidden field or the button that was pressed says which (remix.run/docs: form vs fetcher, "intent"; Epic Stack).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.model.surface import Input
from launchready.sources.frameworks.common import Route

_FIELD = re.compile(
    r"\b(?P<name>\w+)(?:\s*:[^=\n]{1,60})?\s*=\s*(?:String\(\s*)?(?:\w+\.)?\w+\.get\(\s*[\"'](?P<field>_?(?:intent|action|action_?type|sub_?action|method|operation))[\"']",
    re.I,
)
_READ = re.compile(r"\.(?:get|getAll)\(\s*[\"'](\w[\w-]*)[\"']")
_VALUE = r"[\"'](\w[\w:./-]*)[\"']"
_MAKES = frozenset(("create", "add", "new", "insert", "make"))
_MOST = 20


@dataclass(frozen=True, slots=True)
class _Branch:
    """What runs for these values of the field."""

    values: tuple[str, ...]
    code: str


def by_intent(route: Route) -> Iterator[Route]:
    """A route for each thing that an action does, or the route itself: ``POST /notes?intent=delete``, which sends that field with each form."""
    asked = _FIELD.search(route.code)
    branches = list(_branches(route.code, asked["name"])) if asked is not None else []
    if asked is None or not branches:
        yield route
        return
    field, told = asked["field"], set[str]()
    rest = route.code
    for branch in branches:
        rest = rest.replace(branch.code, "")
    for value in [value for branch in branches for value in branch.values][:_MOST]:
        if value in told:
            continue
        told.add(value)
        code = "\n".join([rest, *(branch.code for branch in branches if value in branch.values)])
        here = set(_READ.findall(code))
        elsewhere = set(_READ.findall(route.code)) - here
        # What is being made has no id yet: the one that is read beside it is for the change that shares the code.
        own = _own_id(route.path) if value.split("-")[0].lower() in _MAKES else frozenset[str]()
        inputs = tuple(one for one in route.inputs if one.name not in (field, *elsewhere, *own))
        fixed = Input(field, "form", "", True, (value,))
        joined = "&" if "?" in route.path else "?"
        yield replace(
            route,
            path=f"{route.path}{joined}{field}={value}",
            handler=f"action {value}",
            code=code,
            inputs=(fixed, *inputs),
        )


def _own_id(path: str) -> frozenset[str]:
    noun = re.sub(r"s?(?:\?.*)?$", "", path.rstrip("/").rpartition("/")[2])
    return frozenset(("id", f"{noun}Id", f"{noun}_id", f"{noun}ID"))


def _branches(code: str, name: str) -> Iterator[_Branch]:
    """The blocks of ``if (intent === "create" || intent === "update") {...}`` and of ``switch (intent) { case "delete": ... }``."""
    is_value = rf"\b{re.escape(name)}\s*===?\s*{_VALUE}"
    for one in re.finditer(rf"\bif\s*\(([^;{{}}]*?{is_value}[^;{{}}]*)\)\s*\{{", code):
        values = tuple(re.findall(is_value, one[1]))
        yield _Branch(values, _block(code, one.end()))
    for switch in re.finditer(rf"\bswitch\s*\(\s*{re.escape(name)}\s*\)\s*\{{", code):
        yield from _cases(_block(code, switch.end()))


def _cases(block: str) -> Iterator[_Branch]:
    found = list(re.finditer(rf"\bcase\s+{_VALUE}\s*:", block))
    values: tuple[str, ...] = ()
    for here, after in zip(found, [*found[1:], None], strict=True):
        values = (*values, here[1])
        body = block[here.end() : after.start() if after is not None else len(block)]
        if body.strip():
            yield _Branch(values, body)
            values = ()


def _block(code: str, start: int) -> str:
    """The code from behind an opening brace to the one that closes it."""
    depth = 1
    for at in range(start, len(code)):
        depth += (code[at] == "{") - (code[at] == "}")
        if depth == 0:
            return code[start:at]
    return code[start:]
