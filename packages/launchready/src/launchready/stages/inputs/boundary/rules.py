"""The rules of each endpoint, beside what the app did with what broke them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from launchready.model.inputs import Answered, BoundaryRules, FieldRule, Tried
from launchready.model.surface import Endpoint, Input
from launchready.model.words import Kind
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.boundary.broken import tightened
from launchready.stages.inputs.boundary.code import (
    class_validator,
    drf,
    fastapi,
    joi,
    laravel,
    marshmallow,
    pydantic,
    zod,
)
from launchready.stages.inputs.boundary.code.around import around
from launchready.stages.inputs.boundary.learned import learned, right_bodies
from launchready.stages.inputs.boundary.libraries import library_of
from launchready.stages.inputs.boundary.parts import Part, tree
from launchready.stages.inputs.boundary.wanted import SECRET, wanted

_STATES: Mapping[str, Callable[[str, Sequence[Part], str], str]] = {
    "pydantic": pydantic.state,
    "djangorestframework": drf.state,
    "zod": zod.state,
    "joi": joi.state,
    "class-validator": class_validator.state,
    "marshmallow": marshmallow.state,
    "laravel": laravel.state,
}
# Whose schemas see the files of a form; elsewhere they are read past the body, and a rule for one would refuse every upload.
_FILES = ("djangorestframework", "marshmallow", "laravel")
_PAST = re.compile(r"Express|Koa|Fastify|NestJS")
_WRONG = (Answered.KEPT, Answered.CRASHED, Answered.LEAKED, Answered.SLOW)
_BODY = ("body", "form", "file")
_PLACES = ((*_BODY,), ("query",), ("path",))


def boundary_rules(
    endpoints: Sequence[Endpoint],
    tried: Sequence[Tried],
    dependencies: Mapping[str, str],
    examples: Mapping[str, Exchange] | None = None,
) -> tuple[BoundaryRules, ...]:
    """One entry for each endpoint that takes anything, by name. Code stands where something is not refused that has to be.

    ``examples`` are right requests by route, which show what fields hold where the source does not.
    """
    bodies = right_bodies(examples or {})
    of: dict[str, list[Tried]] = {}
    for one in tried:
        of.setdefault(one.route, []).append(one)
    found = []
    for endpoint in sorted(endpoints, key=lambda e: e.name):
        seen = of.get(endpoint.name, [])
        fields = learned(_fields(endpoint, seen), seen, bodies.get(endpoint.name))
        if not fields or endpoint.hosted:
            continue
        right, by_dash = (examples or {}).get(endpoint.name), endpoint.framework.startswith("Django")
        rules = tuple(
            tightened(_rule(_for_door(wanted(field), endpoint), seen), right, both_ways=by_dash) for field in fields
        )
        found.append(_stated(endpoint, rules, dependencies, seen))
    return tuple(found)


def _fields(endpoint: Endpoint, seen: Iterable[Tried]) -> list[Input]:
    """The inputs the source names, and those that a right request had besides."""
    fields = [field for field in endpoint.inputs if field.where in (*_BODY, "query", "path")]
    named = {field.name for field in fields}
    for one in seen:
        tables = any(field.startswith(f"{one.field}.") for field in named)
        if one.field and one.field not in named and not tables and one.where in (*_BODY, "query"):
            named.add(one.field)
            fields.append(Input(one.field, one.where))
    return fields


def _for_door(rule: FieldRule, endpoint: Endpoint) -> FieldRule:
    """Who chose a short password before there was a rule still has to get in with it."""
    entering = Kind.LOGIN in endpoint.kind and bool(SECRET.search(rule.name))
    return replace(rule, least=1) if entering and rule.type == "text" else rule


def _rule(rule: FieldRule, seen: Iterable[Tried]) -> FieldRule:
    # That a file is kept is what an upload is for; which of them do harm LR343 says.
    keeps = (Answered.KEPT,) if rule.where == "file" else ()
    wrong = tuple(one for one in _WRONG if one not in keeps)
    mine = [
        one
        for one in seen
        if one.field == rule.name and one.where == rule.where and (one.plain or one.answered in wrong or keeps)
    ]

    def said(*answers: Answered) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.what for one in mine if one.answered in answers))

    return replace(
        rule,
        refused=said(Answered.REFUSED),
        taken=said(Answered.TAKEN, *keeps),
        kept=() if keeps else said(Answered.KEPT),
        crashed=said(Answered.CRASHED, Answered.LEAKED, Answered.SLOW),
        missing=said(*wrong),
    )


def _stated(
    endpoint: Endpoint, rules: tuple[FieldRule, ...], dependencies: Mapping[str, str], seen: Sequence[Tried]
) -> BoundaryRules:
    source = endpoint.source
    library = library_of(endpoint.framework, dependencies, source.file)
    state = fastapi.state if (endpoint.framework, library) == ("FastAPI", "pydantic") else _STATES.get(library)
    wrong = [rule for rule in rules if rule.missing]
    files = library in _FILES or state is fastapi.state or (library == "zod" and not _PAST.match(endpoint.framework))
    code = ""
    if state is not None and "#" not in endpoint.path:
        for places in _PLACES:
            if any(rule.where in places and (files or rule.type != "file") for rule in wrong):
                parts = tree([rule for rule in rules if rule.where in places and (files or rule.type != "file")])
                code += ("\n" if code else "") + state(endpoint.name, parts, places[0])
    if code and state is fastapi.state:
        code += fastapi.refusal(wrong)
    more = around(endpoint.framework, library, seen, rules=bool(code)) if "#" not in endpoint.path else ""
    code += more if code else more.lstrip("\n")
    return BoundaryRules(endpoint.name, rules, library if code else "", code, source.file, source.line)
