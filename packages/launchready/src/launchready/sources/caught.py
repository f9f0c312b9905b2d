"""Whether what a helper refuses is caught by whoever calls it, and the request goes on: ``try: return current_user(request)``
``except HTTPException: return None`` asks nobody who they are. What else stands in the ``try`` is not reached by who is refused, so the
call has to be alone in it."""

import re

from launchready.sources.branches import closing
from launchready.sources.facts.shape import Function
from launchready.sources.refusals import refuses

_EXCEPT = re.compile(r"except\b(?P<what>[^\n:]*):(?P<same>[^\n]*)")
_CATCHES = re.compile(
    r"^\s*(?:\*\s*)?$|\b(?:Exception|BaseException|HTTPException|Unauthori[sz]ed|Forbidden)\b|Error\b"
)
_WHOLE = re.compile(r"\s*\{?\s*try\s*\{")
_SCRIPT_TRY = re.compile(r"\btry\s*\{")
_CATCH = re.compile(r"\s*catch\s*(?:\([^()]*\)\s*)?\{")
_NESTED = re.compile(r"\([^(){}\[\]]*\)|\{[^(){}\[\]]*\}|\[[^(){}\[\]]*\]")
# Whoever catches says no, hands the error on, or leaves it to a handler of errors.
_SAYS_NO = re.compile(
    r"\b(?:raise|throw|abort|redirect\w*|reject|notFound|forbidden|unauthorized)\b|\bnext\(\s*\w|\.(?:status|code|sendStatus)\(|\bstatus\s*[=:]|Response\b|"
    r"\b[45]\d\d\b|\berror\b\s*[:(]",
    re.I,
)

_AN_ERROR = re.compile(r"^_?(?:e|err|error|ex|exc|exception|cause|caught)$", re.I)
# What a decorator of Python is put around, whatever it is given: `try: return func(*args, **kwargs)`.
_HANDS_ON = re.compile(r"\btry:\s*(?:return\s+|\w+\s*=\s*)(?:await\s+)?\w+\(\s*\*args\b")
_ANY_EXCEPT = re.compile(r"\bexcept\b")
_CATCH_BLOCK = re.compile(r"\bcatch\s*(?:\([^()]*\)\s*)?\{")
_NEXT = re.compile(r"\b(?:await|return)\s+next\(")


def of_raised(code: str, at: int) -> bool:
    """Whether a refusal of a decorator only answers what the function inside raised: it asks nobody who they are."""
    handed = _HANDS_ON.search(code, 0, at)
    return handed is not None and _ANY_EXCEPT.search(code, handed.end(), at) is not None


def answers_errors(function: Function) -> bool:
    """Whether a function only says what went wrong, whatever status that has: ``function failed(error, res)``."""
    return bool(function.params and _AN_ERROR.match(function.params[0].name))


def of_others(code: str, at: int) -> bool:
    """Whether a place of a middleware of JavaScript stands where it answers what others raised: ``try { await next() } catch (error) { … }``."""
    for caught in _CATCH_BLOCK.finditer(code, 0, at):
        if at < closing(code, caught.end() - 1):
            tried = next((one for one in _SCRIPT_TRY.finditer(code) if _ends_before(code, one, caught.start())), None)
            return tried is not None and bool(_NEXT.search(code, tried.end(), caught.start()))
    return False


def _ends_before(code: str, tried: "re.Match[str]", at: int) -> bool:
    return not code[closing(code, tried.end() - 1) + 1 : at].strip() and tried.end() < at


def goes_on_without(code: str, name: str, *, python: bool) -> bool:
    """Whether every call of ``name`` in a body stands in a ``try`` whose handler lets the request go on."""
    places = [match.start() for match in re.finditer(rf"(?<![\w.]){re.escape(name)}\s*\(", code)]
    inside = _caught_python if python else _caught_script
    return bool(places) and all(inside(code, place) for place in places)


def swallows(code: str) -> bool:
    """Whether the whole body of a function of JavaScript is tried, refuses nothing by itself, and gives back something when it goes wrong: what
    refused in it is not heard of where it is called."""
    tried = _WHOLE.match(code)
    if tried is None or refuses(code):
        return False
    catch = _CATCH.match(code, closing(code, tried.end() - 1) + 1)
    return catch is not None and _lets_go_on(code[catch.end() : closing(code, catch.end() - 1)])


def _lets_go_on(handler: str) -> bool:
    return not (_SAYS_NO.search(handler) or refuses(handler))


def _caught_python(code: str, place: int) -> bool:
    rows = code.split("\n")
    at = code[:place].count("\n")
    column = _indent(rows[at])
    above = next(
        (row for row in range(at - 1, -1, -1) if rows[row].strip() and (_indent(rows[row]) < column or not row)), -1
    )
    if above < 0 or not re.match(r"try\s*:", rows[above].strip()):
        return False
    block = [row for row in rows[above + 1 :] if row.strip()]
    inside = next((index for index, row in enumerate(block) if _indent(row) < column), len(block))
    alone = sum(_indent(row) == column and not re.match(r"\s*[\])}]", row) for row in block[:inside]) == 1
    return alone and _handlers_go_on(block[inside:], column)


def _handlers_go_on(rows: list[str], column: int) -> bool:
    """Whether one of the handlers behind a ``try``, whose block is indented by ``column``, catches what is refused and goes on."""
    handlers: list[tuple[str, list[str]]] = []
    for line in rows:
        named = _EXCEPT.match(line.strip())
        if _indent(line) >= column:
            if handlers:
                handlers[-1][1].append(line)
        elif named is not None:
            handlers.append((named["what"], [named["same"]]))
        else:
            break
    return any(_CATCHES.search(what) and _lets_go_on("\n".join(body)) for what, body in handlers)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _caught_script(code: str, place: int) -> bool:
    for match in _SCRIPT_TRY.finditer(code, 0, place):
        end = closing(code, match.end() - 1)
        catch = _CATCH.match(code, end + 1) if end > place else None
        if catch and _one_statement(code[match.end() : end]):
            return _lets_go_on(code[catch.end() : closing(code, catch.end() - 1)])
    return False


def _one_statement(block: str) -> bool:
    flat = block
    while (emptied := _NESTED.sub("", flat)) != flat:
        flat = emptied
    parts = (part.strip() for part in re.split(r"[;\n]", flat))
    return sum(bool(part) and not part.startswith(".") for part in parts) == 1
