"""Whether Python refuses only where a record is in some state: ``if page.members_only and not signed_in(): return redirect(…)`` shows strangers all other pages."""

import re
from collections.abc import Iterator, Sequence

from launchready.sources.callers import ABOUT_THE_CALLER

_IF = re.compile(r"^(?:el)?if\s+(.+?)\s*:\s*(?:#.*)?$")
_STATE = re.compile(r"^\(?\s*(?:not\s+)?(?P<record>[a-z]\w*)\.\w+\s*(?:(?:is|==|!=)\s*[\w.\"']+)?\)?$")
# Loaded by a call that is told which one it is, and by nobody's session.
_LOADED = r"^[ \t]*{}\s*(?::[^=\n]+)?=(?!=)\s*(?:await\s+)?(?P<call>[A-Za-z_][\w.]*\([^\n]{{0,200}})"
# What stands for something of the request wherever code is, alone in a condition: `if current_forum and must_sign_in(current_user):`
# What a factory of guards was given is none: `if required and not user:`.
_GLOBAL = re.compile(
    r"^(?:not\s+)?(?P<name>(?!(?:is_)?(?:required?|strict|enforced?|optional|mandatory|auto_error|raise\w*|enabled?)$)[a-z]\w*)$"
)
_PERSON = re.compile(r"user|account|member|person|session|token|auth|request|identity|config|settings?$", re.I)


def only_of_some_records(code: str, places: Sequence[int], params: str = "") -> bool:
    """Whether each of some places stands under a condition about what a record is like that was looked up before, or that there is one. ``params`` are
    the parameters of the body's function."""
    lines = aligned(code)
    around = (_conditions(lines, code.count("\n", 0, place)) for place in places)
    return bool(places) and all(any(_of_state(code, one, params) for one in asked) for asked in around)


def asked_at(code: str, place: int) -> list[str]:
    """The conditions that a place of a body of Python stands under."""
    return list(_conditions(aligned(code), code.count("\n", 0, place)))


def _conditions(lines: list[str], at: int) -> Iterator[str]:
    """What is asked on the way to a line, on the line itself first."""
    indent = indent_of(lines[at]) + 1
    for line in reversed(lines[: at + 1]):
        own = indent_of(line)
        if not line.strip() or own >= indent:
            continue
        indent = own
        if found := _IF.match(line.strip()):
            yield found[1]


def _of_state(code: str, condition: str, params: str) -> bool:
    terms = [term.strip() for term in condition.split(" and ")]
    return any(_state(code, term) or (len(terms) > 1 and _global(code, term, params)) for term in terms)


def _global(code: str, term: str, params: str) -> bool:
    found = _GLOBAL.match(term)
    if found is None or _PERSON.search(found["name"]) or ABOUT_THE_CALLER.search(found["name"]):
        return False
    name = re.escape(found["name"])
    return found["name"] not in params.split() and not re.search(
        rf"^[ \t]*(?:(?:for|with|async\s+with)\b[^\n]*\b)?{name}\b[^\n=(]*(?:=(?!=)|\bin\b|:)|\bas\s+{name}\b",
        code,
        re.M,
    )


def _state(code: str, term: str) -> bool:
    found = _STATE.match(term)
    if found is None or _PERSON.search(found["record"]) or ABOUT_THE_CALLER.search(term.partition(".")[0]):
        return False
    loaded = re.search(_LOADED.format(re.escape(found["record"])), code, re.M)
    return loaded is not None and not ABOUT_THE_CALLER.search(loaded["call"].partition("(")[0])


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
