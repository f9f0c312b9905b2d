"""Whether a Go middleware refuses those who bring nothing, or only those who bring something bad."""

import re
from collections.abc import Sequence

_IF = re.compile(r"\bif\b([^{}\n]*)\{")
_GIVEN = re.compile(
    r"""\berr\s*==\s*nil | (?<!\berr\s)(?<!\berr)!=\s*(?:nil|""|``)(?!\s*\|\|) | (?:^|;|&&)\s*(?:ok|exists?|found|has\w*)\s*$ | \blen\([^()]*\)\s*>\s*0""",
    re.X,
)
_MISSING = re.compile(
    r"""==\s*(?:nil|""|``) | ![\w.]*(?:ok|exists?|found)\b | \berr\s*!=\s*nil | \blen\([^()]*\)\s*==\s*0""", re.X
)
_PASSES = re.compile(r"\.Next\(\)|\.ServeHTTP\(|\bnext\(|\bh\(w,\s*r\)")
_LEAVES = re.compile(r"\breturn\b")


def lets_nothing_through(code: str, refusals: Sequence[int]) -> bool:
    """Whether one of the refusals (their places in ``code``) meets a caller who brings no credential at all.

    A refusal below ``if token != ""`` or ``if err == nil`` does not, nor one after ``if token == "" { next(); return }``.
    """
    spans = [(match.group(1), match.end(), _end(code, match.end())) for match in _IF.finditer(code)]
    early = [
        stop
        for condition, start, stop in spans
        if _MISSING.search(condition)
        and (passes := _PASSES.search(code, start, stop))
        and (_LEAVES.search(code, start, stop) or not code[passes.end() :].strip(" )}\n\t"))
    ]
    for at in refusals:
        around = [condition for condition, start, stop in spans if start <= at < stop]
        if not any(_GIVEN.search(condition) for condition in around) and not any(stop <= at for stop in early):
            return True
    return False


def _end(code: str, start: int) -> int:
    """Where the block that opened before ``start`` closes."""
    depth = 1
    for index in range(start, len(code)):
        if code[index] == "{":
            depth += 1
        elif code[index] == "}":
            depth -= 1
            if not depth:
                return index
    return len(code)
