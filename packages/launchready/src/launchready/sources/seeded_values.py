"""What stands behind a name in the code that makes an account: a text, the hash of one, or another name that stands for either."""

import re

HASHED = r"(?:await\s+)?(?:[\w$]+\.){0,3}\w*(?:hash|crypt|make_password|digest)\w*\(\s*"
_TEXT = r"[\"'`](?P<text>[^\"'`\s{}$]{3,80})[\"'`]"
_NAME = r"(?P<name>[A-Za-z_$][\w$]*)"
_VALUE = rf"(?:{HASHED})?(?:{_TEXT}|{_NAME}\s*(?=[,;)\n]|$))"
# `const wanted = "…"; const hashed = await hash(wanted, 10);`
_HOPS = 2


def stands_for(name: str, before: str, hops: int = _HOPS) -> str:
    """The text that a name was given last in the code ``before`` it is used; empty where none is known."""
    bound = re.compile(rf"(?<![\w$.]){re.escape(name)}\b[^=\n;]{{0,40}}=(?![=>])\s*{_VALUE}", re.I)
    given = list(bound.finditer(before))
    if not given:
        return ""
    last = given[-1]
    if last["text"]:
        return last["text"]
    return stands_for(last["name"], before[: last.start()], hops - 1) if hops else ""


def is_hashed(password: str, text: str) -> bool:
    """Whether code hashes this very text: then it is a password, whatever else it is called by."""
    return re.search(rf"{HASHED}[\"'`]{re.escape(password)}[\"'`]", text, re.I) is not None
