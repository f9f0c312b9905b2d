"""Where a Python handler sends people: who has no session away, wherever to, and who is done to the login page, which keeps nobody out."""

import re
from collections.abc import Iterator, Sequence

from launchready.sources.callers import ABOUT_THE_CALLER
from launchready.sources.lets_on import by_a_setting, turned_away
from launchready.sources.python_blocks import above, aligned, indent_of
from launchready.sources.python_states import only_of_some_records

_HEADER = re.compile(
    r"^(?:(?P<word>if|elif)\s+(?P<condition>.+?)|else|try|finally|with\s.+|async with\s.+)\s*:\s*(?:#.*)?$"
)
# Flask-WTF's `validate_on_submit`, Django's `is_valid`: conditions that say that a form came, and not whose.
_SENT = re.compile(
    r"^(?:(?:\w+\.)?request\.method\s*==\s*[\"'](?:POST|PUT|PATCH|DELETE)[\"']|\w+\.(?:validate_on_submit|is_submitted|is_valid|validate)\(\))$"
)
_SESSION = re.compile(
    r"(?<![\w.])session\b|current_?user|\bg\.|cookies?\b|headers?\b|authori[sz]ation|\bauth\w*|logged|signed|identity|request\.user|\brequest\s*[,)]|\btoken\b",
    re.I,
)
_FROM_FORM = re.compile(
    r"^\s*(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?:request\.(?:form|json|args|values|get_json|POST|data)|form|data|payload|body)\b",
    re.M,
)
# What goes on after `or` may be true for strangers as well.
_FOR_SIGNED_IN = re.compile(
    r"^if\s+\(?(?:\w+\.)*(?:(?:current_user|user)\.is_authenticated(?:\(\))?|(?:is_)?(?:authed|authenticated|logged_in|signed_in)\(\))(?:\s+and\b(?!.*\bor\b).*)?\)?\s*:"
    r"|^if\s+\(?(?:g\.user|[\"']\w*user\w*[\"']\s+in\s+(?:\w+\.)?session|(?:\w+\.)?session\.get\(\s*[\"']\w*user\w*[\"']\s*\))(?:\s+and\b(?!.*\bor\b).*)?\)?\s*:"
)
_CALL = re.compile(r"^(?:(?P<name>\w+)\s*=\s*)?(?:await\s+)?(?P<call>[A-Za-z_][\w.]*)\s*\(")
_DOES_NOTHING = re.compile(
    r"^(?:flash|print|logg?(?:er|ing)?|messages|session|g|abort|len|str|int|request|flask\.(?:flash|request))(?:\.|$)"
)
_MISSING = re.compile(
    r"""^(?:["']\w+["']\s+not\s+in\s+(?:\w+\.)?session
        |not\s+(?:\w+\.)?session(?:\.get\([^()]*\)|\[[^\]]*\])|(?:\w+\.)?session\.get\([^()]*\)\s+(?:is\s+None|==\s*None)
        |not\s+(?:g\.(?:current_)?user|(?:current_user|g\.user|request\.user)\.is_authenticated)|g\.(?:current_)?user\s+is\s+None
        |not\s+(?P<a>\w+)|(?P<b>\w+)\s+is\s+None)$""",
    re.X,
)
_HELD = re.compile(r"^(?:\w+\.)?session(?:\.get\(|\[)|^(?:g\.)?(?:get_)?current_user(?:\(\))?$|^g\.user\b")
# A redirect, wherever to, or a word that it was wrong; what is shown instead of a page may hold anything.
_GIVES_NOTHING = re.compile(
    r"^return\s+(?:\w+\.)?(?:redirect|RedirectResponse)\(|^(?:flask\.)?abort\(|^return\s+(?:jsonify\()?\(?\{?\s*[\"'](?:error|message|msg|detail)[\"']|^return\b.*,\s*40[13]\)?$"
)
# A name that says that all is well; `if expired:` and `if needs_login:` say that it is not.
_DONE = re.compile(
    r"if\s+(?P<name>(?!un|no_|not_|\w*(?:expired|missing|invalid|wrong|anonymous|guest|denied|blocked|banned|locked|need|require|error|fail|_not?_))\w+)\s*:"
)
_WORDS = re.compile(r"[A-Za-z_]\w*")
_GIVEN = re.compile(r"^\s*(?P<name>[A-Za-z_]\w*)\s*(?::[^=\n]+)?=(?!=)\s*(?P<value>.+)$", re.M)


def done_at_login(code: str, at: int) -> bool:
    """Whether the redirect at ``at`` is where those end up who sent a form and had it carried out, whoever they are."""
    line = code.count("\n", 0, at)
    lines = aligned(code)
    own = indent_of(lines[line])
    headers = list(_headers(lines, line))
    given = set(_FROM_FORM.findall(code))
    if not headers or not all(_asks_nobody(code, one, given) for one in headers):
        return False
    block = [one for one in lines[_begins(lines, line) : line] if indent_of(one) == own]
    conditions = (found["condition"] or "" for one in block if (found := _HEADER.match(one.strip())))
    done = any(map(_does, block)) or _came_of_work(lines[:line], headers[0])
    return done and not any(_of_session(code, condition, given) for condition in conditions)


def _came_of_work(before: list[str], header: str) -> bool:
    """Whether a block is entered when what was asked for was done: ``connected = connect(form.ssid.data)``, ``if connected:``."""
    asked = _DONE.match(header)
    made = (_CALL.match(line.strip()) for line in before if asked)
    return asked is not None and any(
        one["name"] == asked["name"] and not _DOES_NOTHING.match(one["call"]) for one in made if one is not None
    )


def sends_away(code: str, params: str = "") -> list[int]:
    """Where in a body who has no session is sent away, or told that there is an error and nothing else. ``params`` are its parameters."""
    if "session" not in code and "user" not in code:
        return []
    lines = aligned(code)
    starts = [0]
    for one in code.split("\n"):
        starts.append(starts[-1] + len(one) + 1)
    given = set(_FROM_FORM.findall(code))
    return [at for at, _ in turned_away(code, params)] + [
        starts[at]
        for at, line in enumerate(lines)
        if (found := _HEADER.match(line.strip()))
        and found["condition"]
        and any(_lacks_session(code, term.strip(), given) for term in found["condition"].split(" or "))
        and _GIVES_NOTHING.match(_last_of_block(lines, at))
        and all(map(_always_entered, _headers(lines, at)))
    ]


def _always_entered(header: str) -> bool:
    """Whether a block is entered by each that sends something."""
    found = _HEADER.match(header)
    if found is None or found["condition"] is None:
        return not header.startswith(("else", "for ", "while ", "except"))
    return bool(_SENT.match(found["condition"]))


def _lacks_session(code: str, term: str, given: set[str]) -> bool:
    missing = _MISSING.match(term)
    name = (missing["a"] or missing["b"]) if missing else None
    if name is None:
        return missing is not None
    values = [] if name in given else [match["value"] for match in _GIVEN.finditer(code) if match["name"] == name]
    return bool(values) and all(_HELD.match(value.strip()) for value in values)


def _last_of_block(lines: list[str], at: int) -> str:
    """The last statement of the block that a line opens, at its own level."""
    inside = None
    last = ""
    for one in lines[at + 1 :]:
        if not one.strip():
            continue
        inside = indent_of(one) if inside is None else inside
        if indent_of(one) <= indent_of(lines[at]):
            break
        last = one.strip() if indent_of(one) == inside else last
    return last


def perhaps_lets_on(code: str, refusals: Sequence[int], params: str = "", *, settings: bool = True) -> bool:
    """Whether strangers pass by what refuses: all who are refused are signed in, a setting (unless ``settings`` are left out) or something else than a
    session perhaps lets them on, or only some records are kept from them."""
    return (
        _spares_strangers(code, refusals)
        or any(not alone for _, alone in turned_away(code, params))
        or (settings and by_a_setting(code, params))
        or only_of_some_records(code, refusals, params)
    )


def _spares_strangers(code: str, places: Sequence[int]) -> bool:
    """``if current_user.is_authenticated: if current_user.locked: return redirect(…)`` asks nothing of strangers."""
    lines = aligned(code)
    at = [list(_headers(lines, code.count("\n", 0, place))) for place in places]
    return bool(places) and all(any(_FOR_SIGNED_IN.match(header) for header in headers) for headers in at)


def _headers(lines: list[str], at: int) -> Iterator[str]:
    """The lines that open the blocks around a line, the innermost first."""
    return (lines[here].strip() for here in above(lines, at))


def _begins(lines: list[str], at: int) -> int:
    return next(above(lines, at), -1) + 1


def _asks_nobody(code: str, header: str, given: set[str]) -> bool:
    """Whether a block is entered whoever is asking."""
    found = _HEADER.match(header)
    if found is None:
        return header.startswith(("def ", "async def "))
    condition = found["condition"]
    if condition is None:
        return not header.startswith("else")
    return bool(_SENT.match(condition)) or not (
        ABOUT_THE_CALLER.search(_without(condition, given)) or _of_session(code, condition, given)
    )


def _without(condition: str, given: set[str]) -> str:
    return _WORDS.sub(lambda word: "" if word[0] in given else word[0], condition)


def _of_session(code: str, condition: str, given: set[str]) -> bool:
    """Whether a condition asks for a session, or for what was made of one."""
    if _SESSION.search(condition):
        return True
    names = {name for name in _WORDS.findall(condition) if name not in given}
    return any(match["name"] in names and _SESSION.search(match["value"]) for match in _GIVEN.finditer(code))


def _does(line: str) -> bool:
    """Whether a statement may change something."""
    found = _CALL.match(line.strip())
    return found is not None and not _DOES_NOTHING.match(found["call"])
