"""Whether a handler makes only the first account of its kind: it ends when there is one already, as the page that sets an app up does.

Whoever comes before the owner gets that account, and nobody after: for a person to look at, and no door that stands open.
"""

import re

_RANK = (
    r"(?:role|user_?type|rank)\w*[\"']?\s*(?:=|:|==)\s*(?:\w+\.)*[\"']?(?i:admin\w*|super_?\w*|owner|root|hr|manager)\b"
    r"|is_?(?:admin|superuser|staff|super_admin|owner)[\"']?\s*(?:=|:|==)\s*(?i:true|1)\b"
)
_LOOKS = r"(?:find|filter|query|select|count|exists|first|where|get)\w*\("
# `if admin_exists:`, `if (count > 0)`, `if len(admins) >= 1`
_IF_THERE = r"(?:el)?if\s*\(?\s*(?:len\(\s*)?{}(?:\s*\))?(?:\s+is\s+not\s+None|\s*!==?\s*(?:null|undefined|0)|\s*(?:>|>=)\s*[01]|\.length(?:\s*>\s*0)?)?\s*\)?\s*[:{{]"
_ENDS = re.compile(r"[^\n]*\n?\s*(?:return|raise|throw|abort)\b")
_HELD = re.compile(r"(?:^|[\n;])[ \t]*(?:(?:const|let|var)\s+)?(?P<name>\w+)\s*=(?!=)\s*(?P<value>[^\n;]{1,300})")
_AT_ONCE = re.compile(r"(?:^|\n)[ \t]*if\s*\(?(?!\s*(?:not\b|!))(?P<value>[^\n]{1,300}?)\)?\s*[:{][ \t]*(?=\n)")
_ALL_COUNTED = re.compile(
    r"\b[Uu]sers?(?:\.query|\.objects)?\.count(?:Documents)?\(\s*(?:\{\s*\})?\s*\)|count\(\s*\)?\s*\)?\.select_from\(\s*User\s*\)|func\.count\(\s*User\.\w+\s*\)|\buser\.count\(\s*\)"
)
_OF_RANK = re.compile(_RANK)
_LOOKED = re.compile(_LOOKS, re.I)


def first_only(code: str) -> bool:
    """Whether a handler ends where an account of that rank, or any at all, is there."""
    if "if" not in code or not (_OF_RANK.search(code) or _ALL_COUNTED.search(code)):
        return False
    return any(_stops(code, one["name"], one.end()) for one in _HELD.finditer(code) if _asks(one["value"])) or any(
        _ENDS.match(code, one.end()) for one in _AT_ONCE.finditer(code) if _asks(one["value"])
    )


def _asks(value: str) -> bool:
    return bool(_ALL_COUNTED.search(value) or (_OF_RANK.search(value) and _LOOKED.search(value)))


def _stops(code: str, name: str, at: int) -> bool:
    asked = re.compile(_IF_THERE.format(re.escape(name))).search(code, at)
    return asked is not None and bool(_ENDS.match(code, asked.end()))
