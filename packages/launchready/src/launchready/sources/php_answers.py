"""Whether an action of PHP answers the same to everybody and does nothing else: what ``artisan make:controller`` wrote and nobody filled, or a constant."""

import re

# Comments and texts in one go, for each may hold the signs of the other.
_SAID = re.compile(
    r"//[^\n]*|#(?!\[)[^\n]*|/\*[\s\S]*?(?:\*/|\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\\?\Z)|'(?:[^'\\]|\\.)*(?:'|\\?\Z)"
)
_ACTION = re.compile(r"\bfunction\s+&?\w+\s*\(")
_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
_ANSWERS = frozenset(
    re.split(
        r"\|",
        "response|json|noContent|view|render|abort|redirect|back|route|to|with|header|now|array|trans|__",
    )
)
# What is set outside of the action, what is made, and what is run or written without a call.
_CHANGES = re.compile(
    r"(?:->|::|\])\s*+\$?\w*+\s*+(?:[-+*/.|&?]{0,2}=(?![=>])|\+\+|--)|\bnew\s|`|\b(?:include|require)(?:_once)?\b|\bunset\b"
)


def php_only_answers(code: str) -> bool:
    """Whether nothing in the body of an action reaches beyond the answer. ``code`` begins with the line that has its head."""
    plain = _SAID.sub(lambda said: '""' if said[0][0] in "\"'" else " ", code)
    head, _, body = plain.partition("{")
    whole = bool(_ACTION.search(head)) and body.rstrip().endswith("}")
    return whole and all(name in _ANSWERS for name in _CALL.findall(body)) and not _CHANGES.search(body)
