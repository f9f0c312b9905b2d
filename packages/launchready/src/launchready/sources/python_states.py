"""Whether Python refuses only where a record is in some state: ``if page.members_only and not signed_in(): return redirect(…)`` shows strangers all other pages."""

import re
from collections.abc import Sequence

from launchready.sources.callers import ABOUT_THE_CALLER
from launchready.sources.python_blocks import asked_at

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
    return bool(places) and all(any(_of_state(code, one, params) for one in asked_at(code, at)) for at in places)


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
