"""Accounts that a loop makes out of rows of the code: ``for name, password, role in [("ann", "…", "staff"), …]``, and people who share one password.

Which place of a row is what, the names of the loop say, or the field that its body puts them in: ``User(username=who)``.
"""

import re
from collections.abc import Iterator

from launchready.sources.pieces import pieces
from launchready.sources.seeded_rows import Account

_PYTHON = re.compile(
    r"^(?P<indent>[ \t]*)(?:async\s+)?for\s+\(?(?P<names>[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*){0,8})\s*,?\)?\s+in\s+"
    r"(?:(?:list|tuple|enumerate)\()?(?P<rows>[A-Za-z_]\w*(?=(?:\.items\(\))?\)?\s*:)|[\[(])",
    re.M,
)
_SCRIPT = re.compile(
    r"\bfor\s*(?:await\s*)?\(\s*(?:const|let|var)\s*\[(?P<names>[\w$,\s]{1,120})\]\s*of\s+(?:Object\.entries\()?(?P<rows>[A-Za-z_$][\w$]*|\[)"
    r"|(?P<each>[A-Za-z_$][\w$]*)\.(?:forEach|map)\(\s*(?:async\s*)?(?:function\s*)?\(?\s*\[(?P<given>[\w$,\s]{1,120})\]"
)
_BOUND = r"^[ \t]*(?:export\s+)?(?:(?:const|let|var)\s+)?{0}\s*(?::[^=\n]{{1,80}})?=\s*[\[({{]"
_LOGIN = re.compile(r"^(?:e_?mail|user_?name|login|uname)$", re.I)
_PASSWORD = re.compile(r"^(?:(?:raw|plain)_?)?(?:password|passwd|pass_?word|pwd|pw)$", re.I)
_ROLE = re.compile(r"^(?:role|user_?role|user_?type)$", re.I)
_HASHED = r"(?:await\s+)?(?:[\w$]+\.){0,3}\w*(?:hash|crypt|make_password|digest)\w*\(\s*"
_VALUE = r"(?:[bfru]?[\"'`](?P<text>[^\"'`\s{}$<>]{3,80})[\"'`]|(?P<name>[A-Za-z_$][\w$]*))"
_INTO_LOGIN = re.compile(r"\b(?:user_?name|e_?mail|login)[\"']?\s*[:=]\s*(?P<name>[A-Za-z_$][\w$]*)\s*[,)}\n]", re.I)
_INTO_PASSWORD = re.compile(
    rf"(?:\bset_password\(\s*|\b(?:hashed_?)?(?:password|passwd|pwd)(?:_?hash)?[\"']?\s*[:=]\s*(?:{_HASHED})?){_VALUE}",
    re.I,
)
_TEXT = re.compile(rf"(?:{_HASHED})?[bfru]?[\"'`](?P<text>[^\"'`\s{{}}$<>]{{3,80}})[\"'`]", re.I)
_BODY, _MOST = 900, 20


def looped_rows(text: str) -> Iterator[Account]:
    """Login, password, role and place of each account that a loop of the text makes."""
    for one in _PYTHON.finditer(text):
        body = _indented(text, text.find("\n", one.end()), len(one["indent"]))
        yield from _made(text, one["names"], one["rows"], (one.start(), one.end()), body)
    for one in _SCRIPT.finditer(text):
        body = text[one.end() : one.end() + _BODY]
        yield from _made(text, one["names"] or one["given"], one["rows"] or one["each"], (one.start(), one.end()), body)


def _made(text: str, names: str, rows: str, place: tuple[int, int], body: str) -> Iterator[Account]:
    called = [name.strip() for name in names.split(",") if name.strip()]
    begin = place[1] if rows in ("[", "(") else _bound(text[: place[0]], rows)
    if begin < 0:
        return
    login, password = _place(called, _LOGIN, _INTO_LOGIN, body), _place(called, _PASSWORD, _INTO_PASSWORD, body)
    role = _place(called, _ROLE, None, body)
    shared = "" if password is not None else _shared(text, place[0], body)
    for row in pieces(text, begin)[:_MOST]:
        values = _values(row)
        who, secret = _at(values, login), _at(values, password) or shared
        if who and secret:
            yield Account(who, secret, _at(values, role), max(text.find(row[:40], begin), begin))


def _indented(text: str, at: int, indent: int) -> str:
    """The lines of a loop's body: those that stand deeper than its head."""
    lines = list[str]()
    for line in text[at + 1 : at + 1 + _BODY].split("\n") if at >= 0 else ():
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        lines.append(line)
    return "\n".join(lines)


def _bound(before: str, name: str) -> int:
    """Where the rows begin that a name stands for; below 0 where they stand elsewhere."""
    found = list(re.finditer(_BOUND.format(re.escape(name)), before, re.M))
    return found[-1].end() if found else -1


def _place(called: list[str], says: re.Pattern[str], into: re.Pattern[str] | None, body: str) -> int | None:
    """Which place of a row is meant: by the name it has in the loop, else by the field that it is put in."""
    named = next((number for number, name in enumerate(called) if says.match(name)), None)
    if named is not None or into is None:
        return named
    put = next((one["name"] for one in into.finditer(body) if one["name"] in called), None)
    return called.index(put) if put is not None else None


def _shared(text: str, before: int, body: str) -> str:
    """The password that all of them are given: a text of the body, or of a name that the file gives one."""
    given = _INTO_PASSWORD.search(body)
    if given is None or given["text"]:
        return given["text"] if given is not None else ""
    bound = re.findall(
        rf"^[ \t]*(?:const\s+|let\s+|var\s+)?{re.escape(given['name'])}\s*(?::[^=\n]+)?=\s*([^\n]+)",
        text[:before],
        re.M,
    )
    told = _TEXT.match(bound[-1].strip()) if bound else None
    return told["text"] if told is not None else ""


def _values(row: str) -> list[str]:
    """The texts of a row, empty where another value stands; the key comes first where the row is an entry of a table."""
    if row[:1] in "([":
        parts = pieces(row, 1)
    else:
        key, _, held = row.partition(":")
        held = held.strip()
        parts = [key.strip(), *(pieces(held, 1) if held[:1] in ("(", "[") else [held])]
    found = [_TEXT.match(part) for part in parts]
    return [one["text"] if one is not None else "" for one in found]


def _at(values: list[str], place: int | None) -> str:
    return values[place] if place is not None and place < len(values) else ""
