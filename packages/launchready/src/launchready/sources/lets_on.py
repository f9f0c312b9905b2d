"""Decorators of Python that call the view for who has a session, and lead everybody else away, wherever to:
``if "user" in session: return view(*args, **kwargs)``, and below it ``return redirect(url_for("index"))``.
"""

import re

from launchready.sources.of_settings import asks_settings
from launchready.sources.python_blocks import IF, above, conditions, indent_of

# The wrapper keeps the name of what it wraps (docs.python.org, functools.wraps); without it, the view is what the function around it is given.
_WRAPPED = re.compile(
    r"@(?:functools\.)?wraps\(\s*(\w+)\s*\)|\bdef\s+\w+\(\s*(\w+)\s*(?::[^,()]+)?\)[^\n:]*:\s*\n\s*(?:async\s+)?def\s"
)
_CALLS = re.compile(r"return\s+(?:await\s+)?(\w+)\(")
_HAS = re.compile(
    r"""^(?:["']\w+["']\s+in\s+(?:\w+\.)?session
        |(?:bool\()?(?:\w+\.)?session(?:\.get\([^()]*\)|\[[^\]]*\])\)?(?:\s*(?:==|is\s+not|!=)\s*.+)?
        |(?:current_user|g\.user|request\.user)\.is_authenticated(?:\(\))?|g\.(?:current_)?user(?:\s+is\s+not\s+None)?
        |\w+\(\s*(?:flask\.)?session\b[^()]*\))$""",
    re.X,
)
_HELD = re.compile(r"^\s*(\w+)\s*=\s*(?:\w+\.)?session(?:\.get\(|\[)", re.M)
_ELSEWHERE = re.compile(
    r"^return\s+(?:\w+\.)?(?:redirect|RedirectResponse)\(|^raise\b|^(?:flask\.)?abort\(|^return\b.*\b40[134]\b"
    r"|^return\s+render_template\(\s*[\"'][^\"']*(?:log_?-?in|sign_?-?in|auth|denied|forbidden|40[13])[^\"']*[\"']"
)


def turned_away(code: str, given: str = "") -> list[tuple[int, bool]]:
    """Where those are turned away who have no session, and whether nothing but a session keeps from it. ``given`` are the parameters of the function
    that ``code`` is the body of."""
    if "def " not in code or ("session" not in code and "user" not in code):
        return []
    lines = code.split("\n")
    calls = _called(code, lines, given)
    held = frozenset(_HELD.findall(code))
    found = [_otherwise(lines, at, held) for at in calls]
    sure = [one for one in found if one is not None]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    # A call that stands under nothing lets everybody on.
    return [(starts[at], alone) for at, alone in sure] if len(sure) == len(calls) else []


def by_a_setting(code: str, given: str = "") -> bool:
    """Whether a setting lets everybody on to the view: ``if get_config("visibility") == PUBLIC: return view(*args)``."""
    if "def " not in code or "return " not in code:
        return False
    lines = code.split("\n")
    around = (list(conditions(lines, at)) for at in _called(code, lines, given))
    return any(asked and all(asks_settings(code, one) for one in asked) for asked in around)


def _called(code: str, lines: list[str], given: str) -> list[int]:
    """The lines that hand on to what a decorator wraps."""
    views = {*given.split(), *(name for both in _WRAPPED.findall(code) for name in both if name)}
    called = (_CALLS.match(line.strip()) for line in lines)
    return [at for at, found in enumerate(called) if found and found[1] in views]


def _otherwise(lines: list[str], at: int, held: frozenset[str]) -> tuple[int, bool] | None:
    """The line where those end for whom the view that is called at a line is not, and whether only a session decides; None where another may decide.
    ``held`` are names that hold something of the session."""
    opened = next(above(lines, at), None)
    asked = IF.match(lines[opened].strip()) if opened is not None else None
    if opened is None or asked is None:
        return None
    terms = asked[1].split(" or ")
    of_session = [
        any(part.strip() in held or _HAS.match(part.strip()) for part in term.split(" and ")) for term in terms
    ]
    if not any(of_session):
        return None
    last = _last(lines, opened)
    return (last, all(of_session)) if last is not None and _ELSEWHERE.match(lines[last].strip()) else None


def _last(lines: list[str], opened: int) -> int | None:
    """The last statement of the body that an ``if`` stands in, behind it or in its ``else``."""
    own, last = indent_of(lines[opened]), None
    for here in range(opened + 1, len(lines)):
        line = lines[here]
        if not line.strip():
            continue
        if indent_of(line) < own:
            break
        if indent_of(line) == own and line.strip().startswith("elif"):
            return None
        if indent_of(line) == own or last is not None:
            last = here
    return last
