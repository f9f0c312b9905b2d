"""Guards that a setting of the app switches on: ``if config["auth"] and not current_user.is_authenticated: abort(401)`` refuses nobody while it is off."""

import re
from collections.abc import Iterator, Sequence

from launchready.sources.branches import opening
from launchready.sources.facts.conditions import condition
from launchready.sources.python_blocks import asked_at

_OWN = re.compile(r"\bif\s*\(([^;{}]*)\)\s*$")
_TERMS = {True: re.compile(r"\s+and\s+"), False: re.compile(r"\s*&&\s*")}
# `if (app.locals.authDisabled) { return next(); }`, `if not settings.AUTH: return await call_next(request)`
_PASSES = {
    True: re.compile(
        r"\bif\s+(?P<condition>[^\n:]{1,200}):\s*return\s+(?:await\s+)?(?:call_next|(?:self\.)?get_response|handler|(?:f|fn|func|function|view|view_func|wrapped)\(\s*\*)"
    ),
    False: re.compile(r"\bif\s*\((?P<condition>[^{};]{1,200})\)\s*\{?\s*(?:return\s+)?(?:await\s+)?next\(\s*\)"),
}
_EITHER = {True: re.compile(r"\bor\b"), False: re.compile(r"\|\|")}
_TEXTS = re.compile(r"[\"'`][^\"'`\n]*[\"'`]")
_NAMES = re.compile(r"(?<![\w.$])[A-Za-z_$][\w.$]*")
_WORDS = frozenset(("true", "false", "not", "is", "in", "None", "True", "False", "null", "undefined", "bool", "get"))
_SETTING = re.compile(
    r"^(?:(?:\w+\.)?app\.locals|(?:self\.|this\.|\w*app\.)?_?(?:process\.env|import\.meta\.env|config|conf|settings|os\.environ|os\.getenv|get_settings)|(?:\w+\.)?get_(?:app_|site_)?(?:config|setting|option)s?)\b"
)
# `enabled = store.data["settings"].get("api_key_enabled")`; what is asked of who calls is no setting.
_KEPT = re.compile(r"\b(?:config|settings|environ|getenv|process\.env)\b", re.I)
_ASKED = re.compile(r"\b(?:req(?:uest)?|ctx|session|cookies?|headers?|current_user|users?|g|args|kwargs|token)\b", re.I)
# What is off outside of production is another matter.
_ENVIRONMENT = re.compile(r"\bNODE_ENV\b|debug|test|\b(?:is_?)?(?:dev|prod)", re.I)


def switched_by(code: str, places: Sequence[int], *, python: bool) -> str:
    """The setting under which every one of the refusals at ``places`` stands, or which lets everybody pass before; empty where one of them asks for none."""
    found = [_switch(code, at, python=python) for at in places]
    if found and all(found):
        return found[0]
    first = min(places, default=0)
    passed = (one["condition"].strip() for one in _PASSES[python].finditer(code, 0, first))
    return next((condition(one, holds=False) for one in passed if _asks_settings(code, one)), "")


def _switch(code: str, at: int, *, python: bool) -> str:
    around = asked_at(code, at) if python else _script_conditions(code, at)
    for asked in around:
        if _EITHER[python].search(asked):
            continue
        for term in _TERMS[python].split(asked.strip()):
            if _asks_settings(code, term):
                return term
    return ""


def _asks_settings(code: str, term: str) -> bool:
    names = [name for name in _NAMES.findall(_TEXTS.sub("", term)) if name not in _WORDS]
    return bool(names) and not _ENVIRONMENT.search(term) and all(_is_setting(code, name, term) for name in names)


def _is_setting(code: str, name: str, term: str) -> bool:
    if _SETTING.match(name):
        # That there are settings says nothing: `settings && settings.auth`.
        return "." in name or f"{name}[" in term or f"{name}(" in term
    name = re.escape(name.partition(".")[0])
    bound = re.search(rf"(?:\b(?:const|let|var)\s+|^[ \t]*){name}[ \t]*=(?![=>])([^;\n]*)", code, re.M)
    return bound is not None and bool(_KEPT.search(bound[1])) and not _ASKED.search(bound[1])


def _script_conditions(code: str, at: int) -> Iterator[str]:
    """The conditions around a place, through the functions between: what is called back there was handed on under them."""
    if own := _OWN.search(re.split(r"[;{}]", code[max(0, at - 200) : at])[-1]):
        yield own[1]
    depth = 0
    for place in range(at - 1, -1, -1):
        if code[place] == "}":
            depth += 1
        elif code[place] == "{" and depth:
            depth -= 1
        elif code[place] == "{":
            before = code[max(0, place - 400) : place].rstrip()
            if before.endswith(")"):
                start = opening(before)
                if re.search(r"\bif\s*$", before[:start]):
                    yield before[start + 1 : -1]
