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
# A condition about rank, and one about whose something is.
_RANK = re.compile(r"role|admin|super|staff|manager|moderator|permission|owner|editor", re.I)
_PERSON = re.compile(
    r"\.(?:\w*_)?(?:id|user|owner|author|created_by|creator|assigned_to|member)\w*\b(?:\.\w+)?(?:\s*\([^()]*\))?\s*(?:[!=]==?|\bin\b|\bnot\s+in\b|\bis\b)",
    re.I,
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
            return bool(_ENDS.search(whatever_else(self.block)))
        if self.refuses:
            return False
        if otherwise := _otherwise(self.rest):
            return bool(_TURNED_AWAY.search(otherwise))
        refused = _TURNED_AWAY.search(self.rest)
        if refused is None:
            return False
        return bool(_ENDS.search(self.block)) and not _LETS_PASS.search(self.rest[: refused.start()])


def _otherwise(rest: str) -> str:
    """The ``else`` and ``elif`` blocks that follow a block; empty when there are none."""
    first = _OTHERWISE.match(rest)
    if first is None:
        return ""
    at = first.end()
    brace = re.match(r"[^\n{:]*\{", rest[at:])
    if brace:
        end = closing(rest, at + brace.end() - 1)
        return rest[: end + 1] + _otherwise(rest[end + 1 :])
    lines = rest.lstrip("\n").split("\n")
    column = len(lines[0]) - len(lines[0].lstrip())
    inside = 1
    while inside < len(lines) and (
        not lines[inside].strip() or len(lines[inside]) - len(lines[inside].lstrip()) > column
    ):
        inside += 1
    return "\n".join((*lines[:inside], _otherwise("\n".join(lines[inside:]))))


def whatever_else(block: str) -> str:
    """A block without what stands under conditions of its own: that is reached by some only. A rank that is asked for once more stays."""
    if "\n" in block and not block.lstrip().startswith("{"):
        return _unindented(block)
    at = 1
    while found := _IF.search(block, at):
        at = found.end()
        if not found["bracket"]:
            continue
        end = closing(block, found.end() - 1)
        if _RANK.search(block[found.end() : end]) and not _PERSON.search(block[found.end() : end]):
            at = end
            continue
        after = block[end + 1 :].lstrip()
        start = len(block) - len(after)
        last = closing(block, start) if after.startswith("{") else (block + "\n").index("\n", start)
        block = block[: found.start()] + block[last + 1 :]
        at = found.start()
    return block


def _unindented(block: str) -> str:
    lines = [line for line in block.split("\n") if line.strip()]
    base = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    kept: list[str] = []
    some_only = False
    for line in lines:
        if len(line) - len(line.lstrip()) == base:
            if re.match(r"\s*[\])}]", line):
                continue
            asked = re.match(r"\s*(?:if|elif|for|while|except)\b([^\n]*)", line)
            some_only = asked is not None and not (_RANK.search(asked[1]) and not _PERSON.search(asked[1]))
            some_only = some_only or bool(kept and re.match(r"\s*else\b", line))
        kept += [] if some_only and len(line) - len(line.lstrip()) > base else [line]
    return "\n".join(kept)


def branch_of(text: str, match: re.Match[str]) -> Branch | None:
    """The ``if`` in whose condition the test stands, in Python or in a language with braces; None where it stands in none."""
    opening = next((one for one in reversed(list(_IF.finditer(text, 0, match.start())))), None)
    if opening is None:
        return None
    if opening["bracket"]:
        end = closing(text, opening.end() - 1)
        if end < match.end():
            return None
        condition, after = text[opening.end() : end], text[end + 1 :]
        stripped = after.lstrip()
        if stripped.startswith("{"):
            start = len(text) - len(stripped)
            last = closing(text, start)
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


def closing(text: str, start: int) -> int:
    """Where the bracket that opens at ``start`` closes; the end of the text where it does not."""
    opens, closes = text[start], {"(": ")", "{": "}"}[text[start]]
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == opens) - (text[at] == closes)
        if not depth:
            return at
    return len(text)


def opening(text: str) -> int:
    """Where the round bracket opens that the text ends with."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if not depth:
            return at
    return 0
