"""What a condition of a policy answers to a stranger, for whom ``auth.uid()`` is NULL, and which roles it asks for by name.

Only *no* is worked out: of ``a AND b`` one side that is never true is enough, of ``a OR b`` both must be. A function of the project is never true
where its query looks for a row of whoever it is given, and that is nobody. Sources: PostgreSQL, "Logical Operators" and "Subquery
Expressions"; Supabase, "Row Level Security" (``auth.uid()``, ``auth.role()``, ``auth.jwt()``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from launchready.sources.data.sql import bare, parts_of

_UID = r"\(*\s*(?:SELECT\s+)?auth\s*\.\s*uid\s*\(\s*\)\s*(?:AS\s+\w+\s*)?\)*(?:\s*::\s*\w+)?"
_COLUMN = r"[\w.\"]+(?:\s*::\s*\w+)?"
_CLAIM = r"\(*\s*(?:SELECT\s+)?auth\s*\.\s*(?:role\s*\(\s*\)|jwt\s*\(\s*\)\s*->>\s*'role')\s*\)*(?:\s*::\s*text)?"
_NEVER = re.compile(
    rf"false|{_UID}\s*=\s*{_COLUMN}|{_COLUMN}\s*=\s*{_UID}|{_UID}\s*IS\s+NOT\s+NULL|{_CLAIM}\s*=\s*'(?:authenticated|service_role)'(?:\s*::\s*text)?"
    rf"|{_UID}\s*=\s*ANY\s*\([^()]*\)|{_UID}\s+IN\s*\([^()]*\)",
    re.I | re.S,
)
_EXISTS = re.compile(r"EXISTS\s*(?P<query>\(.*\))", re.I | re.S)
_IN_QUERY = re.compile(rf"{_COLUMN}\s*(?:=\s*ANY|IN)\s*(?P<query>\(\s*SELECT\b.*\))", re.I | re.S)
_CALL = re.compile(r"(?:SELECT\s+)?(?:(?P<schema>\w+)\s*\.\s*)?(?P<name>\w+)\s*(?P<given>\(.*\))", re.I | re.S)
_TOLD = re.compile(
    r"(?P<left>\(\s*SELECT\b.*\)|(?:\w+\s*\.\s*)?\w+\s*\(.*\))(?:\s*::\s*\w+)?\s*(?:=|IN\b)\s*(?P<right>\(?\s*'.*)",
    re.I | re.S,
)
_BODY = re.compile(r"\bAS\s+(?P<quote>\$\w*\$)(?P<body>.*?)(?P=quote)", re.I | re.S)
_RETURNED = re.compile(r"\bRETURN\s+(?!NEXT\b|QUERY\b)(.*?);", re.I | re.S)
_COMPARED = re.compile(
    r"(?:\b\w+\.)?\b\w*role\w*(?:\s*::\s*\w+)?\s*(?:=|\bIN\b)\s*(?P<texts>\(?\s*'\w+'(?:\s*::\s*[\w.]+)?(?:\s*,\s*'\w+'(?:\s*::\s*[\w.]+)?)*)",
    re.I,
)
_TEXT = re.compile(r"'(\w+)'")
_QUOTED = re.compile(r'(?<![\w"])"([a-z_][a-z0-9_]*)"(?!")')
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """``never``: a stranger is never let through; ``roles`` are those that everybody who is must have one of."""

    never: bool = False
    roles: frozenset[str] = frozenset()


_PERHAPS = Answer()


def answer(expression: str, functions: Mapping[str, str], depth: int = 0) -> Answer:
    """The answer to a stranger; ``functions`` are the statements that make the project's functions, by name."""
    text = _unwrapped(expression if depth else _plain(expression))
    if depth > _DEEPEST or not text:
        return _PERHAPS
    either = _split(text, "OR")
    if len(either) > 1:
        parts = [answer(one, functions, depth + 1) for one in either]
        roles = frozenset().union(*(one.roles for one in parts)) if all(one.roles for one in parts) else frozenset()
        return Answer(all(one.never for one in parts), roles)
    both = _split(text, "AND")
    if len(both) > 1:
        parts = [answer(one, functions, depth + 1) for one in both]
        return Answer(any(one.never for one in parts), frozenset().union(*(one.roles for one in parts)))
    return _single(text, functions, depth)


def _single(text: str, functions: Mapping[str, str], depth: int) -> Answer:
    if _NEVER.fullmatch(text):
        return Answer(never=True)
    if found := _EXISTS.fullmatch(text) or _IN_QUERY.fullmatch(text):
        return _query(_unwrapped(found["query"]), functions, depth)
    compared = _COMPARED.match(text)
    if compared:
        return Answer(roles=frozenset(_TEXT.findall(compared["texts"])))
    if (told := _TOLD.fullmatch(text)) and _closing(told["left"][told["left"].index("(") :]) == len(
        told["left"]
    ) - told["left"].index("(") - 1:
        # `(SELECT role FROM profiles WHERE id = auth.uid()) = 'admin'`: NULL for a stranger, and so is what is compared with it.
        left = (
            _single(told["left"], functions, depth + 1)
            if told["left"][0] != "("
            else _query(told["left"], functions, depth)
        )
        return Answer(left.never, frozenset(_TEXT.findall(told["right"])) if left.never else frozenset())
    call = _CALL.fullmatch(text)
    made = functions.get(call["name"].lower()) if call else None
    if call is None or made is None:
        return _PERHAPS
    given = [part.strip() for part in parts_of(_inside(call["given"]))]
    inside = _function(made, given, functions, depth)
    named = frozenset(text for one in given for text in _TEXT.findall(one))
    return Answer(inside.never, inside.roles or (named if inside.never else frozenset()))


def _function(made: str, given: list[str], functions: Mapping[str, str], depth: int) -> Answer:
    """What a function of the project answers when it is called with these arguments."""
    found = _BODY.search(made)
    if found is None:
        return _PERHAPS
    body = _plain(bare(found["body"], strings=False)).strip().rstrip(";")
    returned = _RETURNED.findall(body + ";")
    if re.match(r"(?:DECLARE|BEGIN)\b", body, re.I):
        if len(returned) != 1:
            return _PERHAPS
        body = returned[0]
    names = re.findall(
        r"[(,]\s*(?:IN\s+)?\"?(\w+)\"?\s+[\w.]+", made[: found.start()].split("RETURNS")[0].split("returns")[0]
    )
    for at, (name, value) in enumerate(zip(names, given, strict=False), 1):
        body = re.sub(rf"(?<![\w.])(?:{re.escape(name)}\b|\${at}(?!\d))", str(value).replace("\\", ""), body)
    return (
        _query(body, functions, depth)
        if re.match(r"SELECT\b", _unwrapped(body), re.I)
        else answer(body, functions, depth + 1)
    )


def _query(query: str, functions: Mapping[str, str], depth: int) -> Answer:
    """``SELECT … WHERE …`` has no row for a stranger where its condition is never true, and ``SELECT EXISTS (…)`` is what that says."""
    text = _unwrapped(query)
    shown = re.match(r"SELECT\s+(?P<what>.*)", text, re.I | re.S)
    if shown is None or re.search(r"\b(?:UNION|COALESCE|count)\b", text, re.I):
        return _PERHAPS
    where = _after(text, "WHERE")
    if not where:
        return answer(shown["what"], functions, depth + 1) if not _after(text, "FROM") else _PERHAPS
    compared = _COMPARED.search(text[: text.upper().find(" FROM ")])
    found = answer(re.split(r"\b(?:LIMIT|ORDER\s+BY|GROUP\s+BY)\b", where, flags=re.I)[0], functions, depth + 1)
    return Answer(found.never, found.roles | frozenset(_TEXT.findall(compared["texts"]) if compared else ()))


def _plain(text: str) -> str:
    """Names without the quotes that a dump puts around each: ``"auth"."uid"()`` (PostgreSQL, "Identifiers and Key Words": small letters are the same)."""
    return _QUOTED.sub(r"\1", text)


def _after(text: str, word: str) -> str:
    depth = 0
    for found in re.finditer(rf"[()]|\b{word}\b", text, re.I):
        if found.group() in "()":
            depth += 1 if found.group() == "(" else -1
        elif depth == 0:
            return text[found.end() :]
    return ""


def _split(text: str, word: str) -> list[str]:
    """The sides of an operator that stands outside of all brackets and strings; that of BETWEEN is none."""
    parts, depth, start, quoted = [], 0, 0, False
    for found in re.finditer(rf"'|[()]|\b{word}\b", text, re.I):
        token = found.group()
        if token == "'":
            quoted = not quoted
        elif not quoted and token in "()":
            depth += 1 if token == "(" else -1
        elif not quoted and depth == 0:
            parts.append(text[start : found.start()])
            start = found.end()
    parts.append(text[start:])
    return [text] if re.search(r"\bBETWEEN\b|\bCASE\b", text, re.I) else parts


def _unwrapped(text: str) -> str:
    text = text.strip()
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _inside(text: str) -> str:
    return text.strip()[1:-1]


def _closing(text: str) -> int:
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at
    return len(text)
