"""Whether a handler makes only the first account of its kind: it ends when there is one already, as the page that sets an app up does.

Whoever comes before the owner gets that account, and nobody after: for a person to look at, and no door that stands open.
"""

import re
from collections.abc import Iterator

from launchready.sources.handlers import body_of

_RANK = (
    r"(?:role|user_?type|rank)\w{0,9}[\"']?\s{0,9}(?:==?|:)\s{0,9}(?:\w{1,30}\.){0,3}[\"']?(?i:admin\w*|super_?\w*|owner|root|hr|manager)\b"
    r"|is_?(?:admin|superuser|staff|super_admin|owner)[\"']?\s{0,9}(?:==?|:)\s{0,9}(?i:true|1)\b"
)
_LOOKS = r"(?:find|filter|query|select|count|exists|first|where|get)\w*\("
# `if admin_exists:`, `if (count > 0)`, `if len(admins) >= 1`
_IF_THERE = r"(?:el)?if[ \t]*+\(?[ \t]*+(?:len\([ \t]*+)?{}(?:[ \t]*+\))?(?:[ \t]++is[ \t]++not[ \t]++None|[ \t]*+!==?[ \t]*+(?:null|undefined|0)|[ \t]*+(?:>=?)[ \t]*+[01]|\.(?:length|count|total)(?:[ \t]*+>[ \t]*+0)?)?[ \t]*+\)?[ \t]*+[:{{]"
_ENDS = re.compile(r"[ \t]*+(?:(?:#|//)[^\n]*+)?\n?\s*+(?:return|raise|throw|abort)\b")
_HELD = re.compile(r"(?:^|[\n;])[ \t]*(?:(?:const|let|var)\s+)?(?P<name>\w+)\s*=(?!=)\s*(?P<value>[^\n;]{1,300})")
_AT_ONCE = re.compile(
    r"(?:^|\n)[ \t]*if[ \t]*+\(?(?![ \t]*+(?:not\b|!))(?P<value>[^\n]{1,300}?)\)?[ \t]{0,9}[:{][ \t]*(?=\n)"
)
_ALL_COUNTED = re.compile(
    r"\b[Uu]sers?(?:\.query|\.objects)?\.count(?:Documents)?\(\s*+(?:\{\s*+\}\s*+)?\)|count\(\s*+\)?\s*+\)?\.select_from\(\s*User\s*\)|func\.count\(\s*User\.\w+\s*\)|\buser\.count\(\s*\)"
    # Looked for without a word of which: `User.findOne()`, `db.user.findFirst()`
    r"|\b[Uu]sers?\.(?:findOne|findFirst|findAny|exists|first|any)\(\s*\)"
)
# All rows of a table, whatever it holds: `const [made] = await db.select({ count: count() }).from(people);` of Drizzle, `prisma.person.count()` of Prisma.
_TABLE_COUNTED = re.compile(
    r"\b(?:const|let|var)\s+[\[{\s]{0,9}(?P<name>\w+)[\]}\s]{0,9}=\s*await\s(?P<value>[^;=]{1,200}?"
    r"(?:\bcount\b[^;=]{1,100}?\.from\(\s*(?P<table>\w+)\s*\)|\.(?P<model>\w+)\.count\(\s*\)))\s*(?:;|\n\s*(?!\.)\S)"
)
# The page that sets an app up, and the first thing it does: `if current_org is not None: return redirect("/")`
_SETS_UP = re.compile(
    r"(?:^|/)(?:set-?_?up|install(?:er|ation)?|first[-_]?(?:run|install|user|time)|initiali[sz]e)/?$", re.I
)
_ENDS_AT_ONCE = re.compile(
    r"\s*(?:\{\s*)?(?:\"\"\"[\s\S]{0,400}?\"\"\"\s*)?if\b[^\n]{1,200}?(?::[ \t]*(?:#[^\n]*)?\n|\)\s*\{?)\s*(?:return|raise|throw|abort)\b"
)
_NEAR = 800
_OF_RANK = re.compile(_RANK)
_LOOKED = re.compile(_LOOKS, re.I)


def first_only(code: str, path: str = "") -> bool:
    """Whether a handler ends where an account of that rank, or any at all, is there; and at a ``path`` that sets an app up, where anything at all ends it at once."""
    return any(True for _ in _stops(code)) or bool(_SETS_UP.search(path) and _ENDS_AT_ONCE.match(body_of(code)))


def of_first(code: str, place: int) -> bool:
    """Whether what is refused at ``place`` is to make one more, when the first is there: whoever came before was let in."""
    return any(start <= place <= end for start, end in _stops(code))


def _stops(code: str) -> Iterator[tuple[int, int]]:
    """Where a handler ends because one is there: from the condition to the end of the statement."""
    if "if" not in code:
        return
    for counted in _TABLE_COUNTED.finditer(code):
        if _adds_to(code[counted.end() :], counted["table"], counted["model"]):
            yield from _ended(code, _there(code, counted["name"], counted.end()))
    if not (_OF_RANK.search(code) or _ALL_COUNTED.search(code)):
        return
    asked = [one for one in _AT_ONCE.finditer(code) if _asks(one["value"])]
    for held in _HELD.finditer(code):
        if _asks(held["value"]):
            asked += _there(code, held["name"], held.end())
    yield from _ended(code, asked)


def _there(code: str, name: str, start: int) -> list[re.Match[str]]:
    """The condition that asks whether what ``name`` holds is there."""
    there = re.compile(_IF_THERE.format(re.escape(name))).search(code, start, start + _NEAR)
    return [there] if there is not None else []


def _ended(code: str, asked: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    for one in asked:
        if ended := _ENDS.match(code, one.end()):
            line = code.find("\n", ended.end())
            yield one.start(), len(code) if line < 0 else line


def _adds_to(code: str, table: str | None, model: str | None) -> bool:
    """Whether a row is added to the table that was counted: nobody adds a second one here."""
    if table is not None:
        return re.search(rf"\.insert\(\s*{re.escape(table)}\s*\)", code) is not None
    return model is not None and re.search(rf"\.{re.escape(model)}\.create\(", code) is not None


def _asks(value: str) -> bool:
    return bool(_ALL_COUNTED.search(value) or (_OF_RANK.search(value) and _LOOKED.search(value)))
