"""Whether a handler makes only the first account of its kind: it ends when there is one already, as the page that sets an app up does.

Whoever comes before the owner gets that account, and nobody after: for a person to look at, and no door that stands open.
"""

import re
from collections.abc import Iterator

_RANK = (
    r"(?:role|user_?type|rank)\w{0,9}[\"']?\s{0,9}(?:==?|:)\s{0,9}(?:\w{1,30}\.){0,3}[\"']?(?i:admin\w*|super_?\w*|owner|root|hr|manager)\b"
    r"|is_?(?:admin|superuser|staff|super_admin|owner)[\"']?\s{0,9}(?:==?|:)\s{0,9}(?i:true|1)\b"
)
_LOOKS = r"(?:find|filter|query|select|count|exists|first|where|get)\w*\("
# `if admin_exists:`, `if (count > 0)`, `if len(admins) >= 1`
_IF_THERE = r"(?:el)?if[ \t]*+\(?[ \t]*+(?:len\([ \t]*+)?{}(?:[ \t]*+\))?(?:[ \t]++is[ \t]++not[ \t]++None|[ \t]*+!==?[ \t]*+(?:null|undefined|0)|[ \t]*+(?:>=?)[ \t]*+[01]|\.length(?:[ \t]*+>[ \t]*+0)?)?[ \t]*+\)?[ \t]*+[:{{]"
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
_NEAR = 800
_OF_RANK = re.compile(_RANK)
_LOOKED = re.compile(_LOOKS, re.I)


def first_only(code: str) -> bool:
    """Whether a handler ends where an account of that rank, or any at all, is there."""
    return any(True for _ in _stops(code))


def of_first(code: str, place: int) -> bool:
    """Whether what is refused at ``place`` is to make one more, when the first is there: whoever came before was let in."""
    return any(start <= place <= end for start, end in _stops(code))


def _stops(code: str) -> Iterator[tuple[int, int]]:
    """Where a handler ends because one is there: from the condition to the end of the statement."""
    if "if" not in code or not (_OF_RANK.search(code) or _ALL_COUNTED.search(code)):
        return
    asked = [one for one in _AT_ONCE.finditer(code) if _asks(one["value"])]
    for held in _HELD.finditer(code):
        if _asks(held["value"]):
            there = re.compile(_IF_THERE.format(re.escape(held["name"]))).search(code, held.end(), held.end() + _NEAR)
            asked += [there] if there is not None else []
    for one in asked:
        if ended := _ENDS.match(code, one.end()):
            line = code.find("\n", ended.end())
            yield one.start(), len(code) if line < 0 else line


def _asks(value: str) -> bool:
    return bool(_ALL_COUNTED.search(value) or (_OF_RANK.search(value) and _LOOKED.search(value)))
