"""What comes of a condition in Python or in a language with braces: whether it keeps somebody out, or only decides what is shown."""

import re
from dataclasses import dataclass

_IF = re.compile(r"(?:^|(?<=[\n;{})])|(?<=\belse\b))[ \t]*(?P<word>if|elif)\b[ \t]*(?P<bracket>\(?)", re.M)
_COLON = re.compile(r":(?=[ \t]*(?:\#[^\n]*)?\n)|:(?=[ \t]+(?:return|raise|abort|continue|pass)\b)")
_ENDS = re.compile(
    r"\b(?:return|raise|throw|abort|redirect|next|notFound|forbidden|unauthorized)\b|\.(?:status|sendStatus|throw|redirect)\(",
    re.I,
)
_REFUSED = re.compile(r"\b(?:HTTP_)?40[13](?:_\w+)?\b|forbid|unauthori[sz]ed|denied|permission", re.I)
_TURNED_AWAY = re.compile(
    _REFUSED.pattern + r"|\breturn\s+(?:false|null|None)\b|\b(?:raise|throw|abort|redirect\w*|notFound)\b", re.I
)
_OTHERWISE = re.compile(r"\s*\}?\s*(?:else|elif)\b")
_LETS_PASS = re.compile(
    r"\breturn\s+(?!(?:null|None|false|undefined|res|reply|next|ctx|c|self)\b|(?:new\s+)?\w*Response|jsonify|render|redirect|func|view|f\b|await\s+next)[\w(!\[\"'{]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Branch:
    """An ``if`` statement: its condition, the block under it, and what follows."""

    condition: str
    block: str
    rest: str

    @property
    def refuses(self) -> bool:
        """Whether the block says no to whoever comes to it."""
        return bool(_REFUSED.search(self.block))

    def keeps_out(self, *, negated: bool) -> bool:
        """Whether those whom a test in the condition does not fit get no further; ``negated`` when the block is what they come to."""
        if negated:
            return bool(_ENDS.search(self.block))
        if self.refuses:
            return False
        refused = _TURNED_AWAY.search(self.rest)
        if refused is None:
            return False
        goes_on = bool(_ENDS.search(self.block)) and not _LETS_PASS.search(self.rest[: refused.start()])
        return bool(_OTHERWISE.match(self.rest)) or goes_on


def branch_of(text: str, match: re.Match[str]) -> Branch | None:
    """The ``if`` in whose condition the test stands, in Python or in a language with braces; None where it stands in none."""
    opening = next((one for one in reversed(list(_IF.finditer(text, 0, match.start())))), None)
    if opening is None:
        return None
    if opening["bracket"]:
        end = _closing(text, opening.end() - 1)
        if end < match.end():
            return None
        condition, after = text[opening.end() : end], text[end + 1 :]
        stripped = after.lstrip()
        if stripped.startswith("{"):
            start = len(text) - len(stripped)
            last = _closing(text, start)
            return Branch(condition, text[start : last + 1], text[last + 1 :])
        if not stripped.startswith(":"):
            one, _, rest = stripped.partition("\n")
            return Branch(condition, one, rest)
    colon = _COLON.search(text, match.end())
    if (
        colon is None
        or "\n" in text[opening.end() : match.start()].strip()
        or "{" in text[opening.end() : colon.start()]
    ):
        return None
    lines = text[colon.end() :].split("\n")
    if lines[0].strip():
        return Branch(text[opening.end() : colon.start()], lines[0], "\n".join(lines[1:]))
    column = opening.start("word") - (text.rfind("\n", 0, opening.start("word")) + 1)
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    if "\n" not in text[: opening.start("word")].strip("\n") and indents and min(indents) < indents[0]:
        # The first line of a body has lost its indentation, those below have not.
        column = max(column, min(indents))
    inside = 1
    while inside < len(lines) and (
        not lines[inside].strip() or len(lines[inside]) - len(lines[inside].lstrip()) > column
    ):
        inside += 1
    return Branch(text[opening.end() : colon.start()], "\n".join(lines[:inside]), "\n".join(lines[inside:]))


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at ``start`` closes; the end of the text where it does not."""
    opens, closes = text[start], {"(": ")", "{": "}"}[text[start]]
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == opens) - (text[at] == closes)
        if not depth:
            return at
    return len(text)
