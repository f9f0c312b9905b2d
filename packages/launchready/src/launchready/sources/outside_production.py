"""Handlers of scripts that answer only where a setting of the environment says so: ``if (process.env.NODE_ENV === "production") return notFound()``."""

import re
from itertools import islice

from launchready.sources.sent_away import always_reached, closing

_IF = re.compile(r"\bif\s*\(")
# Workers are handed theirs: `c.env.NODE_ENV`
_SETTING = r"(?:process\.env|import\.meta\.env|(?:\w{1,20}\.)?env)(?:\.\w+|\[\s*[\"']\w+[\"']\s*\])"
# Compared with a word, or a switch by its name: a key that is not set is another matter.
_COMPARED = re.compile(rf"^\(*\s*{_SETTING}\s*[!=]==?\s*[\"'][\w-]{{1,30}}[\"']\s*\)*$")
_SWITCH = re.compile(
    r"^\(*\s*!?\s*(?:process\.env|import\.meta\.env|env)\.(?:(?:ENABLE|ALLOW)_\w+|\w+_ENABLED|DEV|PROD)\s*\)*$"
)
_NAMED = re.compile(
    r"^\(*\s*!?\s*(?:is_?(?:in_?)?(?:prod(?:uction)?|dev(?:elopment)?|test(?:ing)?(?:_?mode|_?env)?))\s*\)*$", re.I
)
_NAME = re.compile(r"^\(*\s*!?\s*(?P<name>[A-Za-z_$][\w$]*)\s*\)*$")
_NAME_COMPARED = re.compile(r"^\(*\s*(?P<name>[A-Za-z_$][\w$]*)\s*[!=]==?\s*[\"'][\w-]{1,30}[\"']\s*\)*$")
_LEAVES = re.compile(r"\breturn\b|\bthrow\b|\bnotFound\(")
_GOES_ON = re.compile(r"\bnext\(\s*\)|\bresolve\(")
_WORKS = re.compile(r"\bawait\b|\breturn\b")
_LONGEST = 300
_FIRST = 4


def answers_only_when(code: str) -> str:
    """The condition without which a handler does nothing, where that is one of the environment; empty for none."""
    if "env" not in code and "rod" not in code:
        return ""
    for match in islice(_IF.finditer(code), _FIRST):
        if _WORKS.search(code, 0, match.start()):
            return ""
        end = closing(code, match.end() - 1)
        condition = " ".join(code[match.end() : end].split())
        if len(condition) > _LONGEST or not always_reached(code, match.start()) or not _of_environment(condition, code):
            continue
        after = code[end + 1 :].lstrip()
        block = after[: closing(after, 0)] if after.startswith("{") else after.split("\n", 1)[0].split(";", 1)[0]
        if _LEAVES.search(block) and not _GOES_ON.search(block):
            return f"not ({condition})"
    return ""


def _of_environment(condition: str, code: str) -> bool:
    return all(_told_by_environment(term.strip(), code) for term in re.split(r"&&|\|\|", condition))


def _told_by_environment(term: str, code: str) -> bool:
    if _COMPARED.match(term) or _SWITCH.match(term) or _NAMED.match(term):
        return True
    if compared := _NAME_COMPARED.match(term):
        bound = _bound(compared["name"], code)
        return re.fullmatch(_SETTING, bound) is not None
    named = _NAME.match(term)
    return named is not None and _COMPARED.match(_bound(named["name"], code)) is not None


def _bound(name: str, code: str) -> str:
    found = re.search(rf"\bconst\s+{re.escape(name)}\s*=\s*([^;\n]+)", code)
    return found[1].strip() if found else ""
