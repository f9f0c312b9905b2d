"""The tests of one endpoint: its valid request, and what is put out of place in it."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote

from launchready.ground.ids import parameters
from launchready.ground.signing import sent_fields
from launchready.ground.suite.case import Case, literal, slug
from launchready.ground.suite.setting import SPARE, Setting
from launchready.model.finding import Finding
from launchready.model.inputs import Answered, Tried
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange

FILE = "test_inputs.py"
GUEST, NOBODY = "guest", "nobody"
# What a test of one field can show; the rest of the stage takes files, bursts or letters.
_CHECKS = frozenset(("LR301", "LR302", "LR304"))
_BROKEN = (Answered.CRASHED, Answered.LEAKED, Answered.KEPT)
# How many a test holds: the first are those that find most.
_MOST = 12
_KNOWN = 6
_CUT, _HALF = "… (", re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A test of an endpoint: what its name ends in, what it says, the rule its answers are held to, and which trials of the run it repeats."""

    ends: str
    says: str
    rule: str
    answers: tuple[Answered, ...]


_KINDS = (
    _Kind("refuses", "each of these is refused with a clean answer", "assert_refused_cleanly", (Answered.REFUSED,)),
    _Kind("must_refuse", "these broke it or were kept, and have to be refused", "assert_refused_cleanly", _BROKEN),
    _Kind("bears", "none of these breaks it", "assert_not_broken", (Answered.TAKEN,)),
)


def input_cases(setting: Setting, tried: Sequence[Tried], alarms: Sequence[Finding]) -> Iterator[Case]:
    """Three tests at most for each endpoint whose valid request the run knows, by name."""
    of: dict[str, list[Tried]] = {}
    for one in tried:
        if one.plain:
            of.setdefault(one.route, []).append(one)
    for route in sorted(of):
        endpoint, valid = setting.endpoint(route), setting.ground.examples.get(route)
        request = _request(setting, endpoint, valid) if endpoint is not None and valid is not None else None
        if endpoint is None or request is None:
            continue
        who, lines = request
        why = [one for one in alarms if one.target == route and one.check in _CHECKS and not one.waived_by]
        for kind in _KINDS:
            rows = [row for one in of[route] if one.answered in kind.answers and (row := _row(one)) is not None]
            if rows:
                yield _case(endpoint, kind, who, lines, list(dict.fromkeys(rows))[:_MOST], why)


def _request(setting: Setting, endpoint: Endpoint, valid: Exchange) -> tuple[str, tuple[str, ...]] | None:
    """Who sends the valid request, and the lines that make it; None when an id of it cannot be learned again."""
    if "#" in endpoint.path:
        return None
    caller = setting.caller(valid.caller) or setting.ground.guest
    who = GUEST if caller.guest else setting.name(caller)
    if who == SPARE and not setting.accounts:
        return None
    ids = []
    for name, noun in parameters(endpoint.path):
        known = setting.ground.values(caller, noun, name)[:_KNOWN]
        function = setting.learner.function(caller, noun, name, known) if known else None
        if function is None and who != GUEST:
            return None
        ids.append(f"{literal(name)}: {f'{function}({who})' if function else literal('987654321')}")
    fields, form = sent_fields(valid)
    someone = caller if who != GUEST else _nobody(setting, valid)
    body = setting.learner.value(fields, someone, NOBODY if who == GUEST else who)
    query = dict(parse_qsl(valid.path.partition("?")[2], keep_blank_values=True))
    lines = [f"{NOBODY} = Nobody()"] if f"{NOBODY}." in body else []
    parts = [f"{literal(endpoint.method)}, {literal(endpoint.path)}"]
    parts += [f"ids={{{', '.join(ids)}}}"] if ids else []
    parts += [f"query={query!r}"] if query else []
    parts += [f"body={body}"] if endpoint.method != "GET" else []
    parts += ["form=True"] if form else []
    return who, (*lines, f"request = Request({', '.join(parts)})")


def _nobody(setting: Setting, valid: Exchange) -> Caller:
    """A stranger who is the person that the request speaks of, so that their name and address become somebody's of the test."""
    text = valid.sent_body.decode("utf-8", "replace").lower()
    people = [one for one in (*setting.ground.callers, setting.ground.victim) if one is not None and one.person]
    named = next((one.person for one in people if one.person and one.person.marker in text), None)
    return replace(setting.ground.guest, person=named)


def _row(one: Tried) -> str | None:
    """A row of the table, as Python; None for what cannot be written down in short."""
    if one.where == "header" or _CUT in one.value or not one.value.isascii():
        return None
    if not one.value:
        return f"({literal(one.where)}, {literal(one.field)}, GONE)" if one.what.startswith("nothing") else None
    if one.where == "whole":
        return f'("whole", "", {literal(one.value)})'
    try:
        value = ast.literal_eval(one.value)
    except (ValueError, SyntaxError):
        value = one.value if one.where != "body" else None
        if value is None and one.value != "None":
            return None
    else:
        if one.where != "body":
            if value is None:
                return None
            value = quote(str(value), safe="")
    shown = literal(value) if isinstance(value, str) else repr(value)
    # Neither infinity nor half a character can be written into a Python file, or sent by httpx as JSON.
    return None if "inf" in shown or _HALF.search(shown) else f"({literal(one.where)}, {literal(one.field)}, {shown})"


def _case(
    endpoint: Endpoint, kind: _Kind, who: str, lines: tuple[str, ...], rows: Sequence[str], why: Sequence[Finding]
) -> Case:
    table = "".join(f"        {row},\n" for row in rows)
    mark = f'@pytest.mark.parametrize(\n    ("where", "field", "value"),\n    [\n{table}    ],\n)'
    broken = kind.answers is _BROKEN
    sure = next((one.title for one in why if one.confidence is not Confidence.SUSPECTED), "")
    doubt = next((one.title for one in why if one.confidence is Confidence.SUSPECTED), "")
    return Case(
        FILE,
        f"{slug(endpoint.name)}_{kind.ends}",
        endpoint.name,
        f"{endpoint.name}: {kind.says}",
        (who, "where", "field", "value"),
        (*lines, f"{kind.rule}(request.sent({who}, where, field, value))"),
        fails=sure or ("" if doubt else "it was seen to fail") if broken else "",
        undecided=doubt if broken and not sure else "",
        marks=(mark,),
    )
