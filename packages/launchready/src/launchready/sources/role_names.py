"""Which roles a piece of code compares with."""

import re

_ROLE_TEST = re.compile(
    r"""(?:\brole\w*\b(?:\[\w+\])?(?:\??\.(?:name|slug|key|code|title))?["'\])]*\s*(?:!=|==|!==|===|not\s+in|in)\s*(?P<a>[\[({]?\s*["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*))
    | (?<!\w\[)(?P<b>["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*\s*[\])}]?\.?(?:includes\(|\s+not\s+in|\s+in)\s*[\w.?]*roles?\b)
    | [\w.]*roles?\??\.(?:includes|has|some)\(\s*(?P<c>["'][\w -]+["'])""",
    re.X | re.I,
)
_ADMIN_FLAG = re.compile(r"\b(?:is_?admin|is_?superuser|is_?staff|isAdmin|isSuperuser)\b", re.I)
_STRING = re.compile(r"[\"']([\w -]+)[\"']")


def roles_in(text: str) -> tuple[str, ...]:
    """The role names that a piece of code compares with."""
    found: list[str] = []
    for match in _ROLE_TEST.finditer(text):
        found += _STRING.findall(match.group("a") or match.group("b") or match.group("c") or "")
    if not found and _ADMIN_FLAG.search(text):
        found.append("admin")
    return tuple(dict.fromkeys(found))
