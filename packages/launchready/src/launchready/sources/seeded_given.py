"""Accounts whose class is given what they have in its order: ``User("ann@shop.example", hashpw(b"…", gensalt()))``.

No name says what is what, so that only a text beside one that is hashed counts.
"""

import re
from collections.abc import Iterator

from launchready.sources.pieces import pieces
from launchready.sources.seeded_rows import Account

_MADE = re.compile(r"\b(?:User|Account|Member|Admin|Customer|Employee|Person)(?:Model|Entity|InDB|DB)?\(\s*(?=[\"'`])")
_TEXT = re.compile(r"[\"'`](?P<text>[^\"'`\s{}$<>]{3,80})[\"'`]")
_HASHED = re.compile(
    r"(?:await\s+)?(?:[\w$]+\.){0,3}\w*(?:hash|crypt|make_password|digest)\w*\(\s*[bfru]?[\"'`](?P<text>[^\"'`\s{}$]{3,80})[\"'`]",
    re.I,
)


def given_rows(text: str) -> Iterator[Account]:
    """Login, password, role and place of each account that is made so; the role is left open, for a place names none."""
    for one in _MADE.finditer(text):
        parts = pieces(text, one.end())
        texts = [told["text"] for part in parts if (told := _TEXT.fullmatch(part))]
        hashed = next((told["text"] for part in parts if (told := _HASHED.match(part))), "")
        if texts and hashed:
            yield Account(next((said for said in texts if "@" in said), texts[0]), hashed, "", one.start())
