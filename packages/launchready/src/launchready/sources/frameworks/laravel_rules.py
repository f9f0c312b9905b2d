"""What validation in Laravel asks of the fields of a request (laravel.com/docs/validation: available rules)."""

import re
from collections.abc import Iterator

from launchready.model.surface import Input
from launchready.sources.frameworks.rails_words import singular

_LIST = r"\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]"
# $request->validate([...]), $this->validate($request, [...]), Validator::make($request->all(), [...])
_VALIDATED = re.compile(rf"(?:validate\w*|Validator::make)\(\s*(?:[\$\w>()-]+\s*,\s*)?({_LIST})")
_RULES = re.compile(rf"['\"]([\w.*-]+)['\"]\s*=>\s*({_LIST}|['\"][^'\"]*['\"])")
_TYPE = re.compile(r"\b(string|integer|numeric|boolean|array|date|email|url|uuid|file|image)\b")
_FILE = re.compile(r"\b(?:file|image|mimes|mimetypes)\b")
_IN = re.compile(r"(?<!_)\bin:([^|'\"]+)|\bRule::in\(\s*\[([^\]]*)\]")
_EXISTS = re.compile(r"\bexists:(?:[\w.]+\.)?(\w+)(?:,(\w+))?|\bRule::exists\(\s*['\"](\w+)['\"](?:\s*,\s*['\"](\w+))?")
_LEAST, _MOST = (re.compile(rf"\b{word}:(\d+(?:\.\d+)?)") for word in ("min", "max"))
_BETWEEN = re.compile(r"\b(?:digits_)?between:(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)")
_PATTERN = re.compile(r"\bregex:/((?:[^/\\]|\\.)*)/")
_KINDS = {"numeric": "number", "image": "file"}


def asked_in(code: str) -> str:
    """The lists of rules that the code of a method puts a request through."""
    return " ".join(_VALIDATED.findall(code))


def ruled(rules: str) -> Iterator[Input]:
    """The fields that lists of rules name, each with what is asked of it; those inside of another are left to it."""
    for name, rule in _RULES.findall(rules):
        if "." in name:
            continue
        kind = _TYPE.search(rule)
        listed = _IN.search(rule)
        choices = re.findall(r"[^,'\"\s][^,'\"]*", listed[1] or listed[2]) if listed else ()
        both, least, most, pattern = (one.search(rule) for one in (_BETWEEN, _LEAST, _MOST, _PATTERN))
        yield Input(
            name,
            "file" if _FILE.search(rule) else "body",
            _record(rule) or (_KINDS.get(kind[1], kind[1]) if kind else ""),
            bool(re.search(r"\brequired\b(?!_)", rule)),
            tuple(choices),
            float(both[1]) if both else float(least[1]) if least else None,
            float(both[2]) if both else float(most[1]) if most else None,
            pattern[1] if pattern else "",
        )


def _record(rule: str) -> str:
    """``id of user`` for ``exists:users,id``; empty for another column, and without the rule."""
    found = _EXISTS.search(rule)
    table, column = (found[1] or found[3], found[2] or found[4] or "id") if found else ("", "")
    return f"id of {singular(table)}" if column in ("id", "uuid") else ""
