"""SQL files cut into statements, as the lexer of PostgreSQL sees them (PostgreSQL manual, section 4.1, Lexical Structure)."""

import re
from bisect import bisect_left

from launchready.model.database import Statement

# The sets of a name say what it may not hold: one with a range of sixty thousand letters takes 8 ms to compile.
_STOPS = re.compile(
    r"--[^\n]*|/\*|\$(?:[^\x00-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*)?\$|(?<![\w$])[eE]'|'|\"|;|^\\[^\n]*", re.M
)
_LEAD = re.compile(r"\s+|--[^\n]*|/\*")
_COMMENTS = re.compile(r"/\*|\*/")
_ESCAPED = re.compile(r"(?:[^'\\]|\\.|'')*'", re.S)
_ATOMIC = re.compile(r"\bBEGIN\s+ATOMIC\b", re.I)
_END = re.compile(r"(?:^|\W)END$", re.I)
_COPY = re.compile(r"\s*COPY\b.*\bFROM\s+STDIN\b", re.I | re.S)
_ROWS_END = re.compile(r"^\\\.\s*$", re.M)


def statements(file: str, text: str) -> tuple[Statement, ...]:
    """Every statement of a file in order, without its semicolon. Commands of psql itself (``\\restrict``) are no SQL and left out.

    A string or comment that never ends swallows the rest, as it does in PostgreSQL.
    """
    found: list[Statement] = []
    breaks = [match.start() for match in re.finditer("\n", text)]
    start = at = 0
    # Where the statement that begins at ``start`` was seen to be one, and to have a body of statements of its own.
    begun = atomic = -1
    while match := _STOPS.search(text, at):
        token = match.group()
        if token == ";":
            if atomic == start or _ATOMIC.search(text, start, match.start()):
                atomic = start
            if atomic == start and not _ends(text, start, match.start()):
                at = match.end()
                continue
            _keep(found, file, text, breaks, start, match.start())
            start = at = match.end()
            if _COPY.match(bare(found[-1].sql)) if found else False:
                ended = _ROWS_END.search(text, at)
                start = at = ended.end() if ended else len(text)
        elif token.startswith("\\"):
            # A command to psql stands between statements, never in one.
            at = match.end()
            if begun != start and not bare(text[start : match.start()]).strip():
                start = at
            else:
                begun = start
        else:
            at = _past(text, match)
    _keep(found, file, text, breaks, start, len(text))
    return tuple(found)


def bare(sql: str, *, strings: bool = True) -> str:
    """The statement without comments, and with the inside of ``strings`` and bodies taken out, so that words in it are SQL."""
    out: list[str] = []
    at = 0
    while match := _STOPS.search(sql, at):
        token = match.group()
        end = match.end() if token == ";" or token.startswith("\\") else _past(sql, match)
        out.append(sql[at : match.start()])
        if token in (";", '"'):
            out.append(sql[match.start() : end])
        elif token.endswith("'") or token.startswith("$"):
            out.append("''" if strings else sql[match.start() : end])
        else:
            out.append(" ")
        at = end
    return "".join(out) + sql[at:]


def _ends(text: str, start: int, end: int) -> bool:
    return _END.search(text[max(start, end - 50) : end].rstrip()[-4:]) is not None


def _past(text: str, match: re.Match[str]) -> int:
    token = match.group()
    if token.startswith("--"):
        return match.end()
    if token == "/*":
        depth, at = 1, match.end()
        while depth and (mark := _COMMENTS.search(text, at)):
            depth += 1 if mark.group() == "/*" else -1
            at = mark.end()
        return len(text) if depth else at
    if token in ("e'", "E'"):
        ended = _ESCAPED.match(text, match.end())
        return ended.end() if ended else len(text)
    # A doubled quote ends one string and opens the next: the same characters either way.
    found = text.find(token, match.end())
    return len(text) if found < 0 else found + len(token)


def _keep(found: list[Statement], file: str, text: str, breaks: list[int], start: int, end: int) -> None:
    sql = text[start:end]
    if not bare(sql).strip():
        return
    first = start
    while lead := _LEAD.match(text, first, end):
        first = _past(text, lead) if lead.group() == "/*" else lead.end()
    found.append(Statement(file, bisect_left(breaks, first) + 1, text[first:end].strip()))


def parts_of(text: str) -> list[str]:
    """What stands between the commas of a list that are in no parentheses."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]] if text[start:].strip() else parts
