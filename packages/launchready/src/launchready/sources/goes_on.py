"""Whether a middleware of a script answers whom it refuses and hands on all the same: ``if (!user) { res.status(401).json(…) } next()``.

An answer ends nothing in Express: without a ``return`` the handler is run for strangers, too, although they are told no.
"""

import re
from collections.abc import Sequence

from launchready.sources.branches import closing, opening

_HANDS_ON = re.compile(r"(?<![\w.])next\(\s*\)")
# What is said to whoever asks; a denial that is raised ends the way by itself.
_ANSWERS = re.compile(r"\.(?:status|sendStatus|writeHead|code)\(|[a-z][\w.]*\(\s*res(?:ponse)?\s*,", re.I)
_ENDS = re.compile(r"\b(?:return|throw|break|continue)\b|(?<![\w.])next\(\s*\w")
# What may stop there after all: another question, or what throws where nothing good was brought.
_MAY_STOP = re.compile(r"\b(?:if|else|switch|case|catch|throw|return)\b|verif|decod|valid|compare|\?\s", re.I)
_MISSING = re.compile(r"!\s*([A-Za-z_$][\w.$]*)")


def goes_on(code: str, places: Sequence[int]) -> bool:
    """Whether each of these refusals, but those in a ``catch``, is only an answer, behind which the request is handed on."""
    if not all(_ANSWERS.match(code, place) for place in places):
        return False
    asked = [found for place in places if (found := _block(code, place)) is None or found[0] != "catch"]
    return bool(asked) and all(found is not None and found[0] == "if" and _behind(code, *found[1:]) for found in asked)


def _block(code: str, at: int) -> tuple[str, str, int, int] | None:
    """The block a place stands in: its word, its condition, the place and its end. None where the place ends the way by itself, or no condition leads there."""
    statement = re.split(r"[;{}]", code[max(0, at - 200) : at])[-1]
    if _ENDS.search(statement) or "=>" in statement:
        return None
    depth = 0
    for place in range(at - 1, -1, -1):
        depth += (code[place] == "}") - (code[place] == "{")
        if depth < 0:
            end = closing(code, place)
            before = code[:place].rstrip()
            start = opening(before) if before.endswith(")") else 0
            word = re.search(r"(\w+)\s*$", before[:start])
            return (word[1] if word else "", before[start + 1 : -1], at, end)
    return None


def _behind(code: str, condition: str, at: int, end: int) -> bool:
    tail = code[end + 1 :]
    handed = _HANDS_ON.search(tail)
    if handed is None or _ENDS.search(code, at, end):
        return False
    between = re.sub(r"\breturn\s*$", "", tail[: handed.start()])
    needed = (rf"(?<![\w.$]){re.escape(name)}(?:\.|\[)" for name in _MISSING.findall(condition))
    return not _MAY_STOP.search(between) and not any(re.search(one, between) for one in needed)
