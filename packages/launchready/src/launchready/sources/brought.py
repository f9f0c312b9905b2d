"""Whether code refuses only who brought something: ``if token: try: decode(token) except: raise 401``, and nothing for who brings none.

What is let go on so is a doubt and no certainty: who brings nothing may be refused further on.
"""

import re
from collections.abc import Iterator, Sequence

from launchready.sources.branches import closing
from launchready.sources.python_blocks import IF, above, aligned, indent_of
from launchready.sources.sometimes import conditions_at

_CREDENTIAL = r"(?:access_?|bearer_?|id_?|raw_?|session_?|jwt_?)?(?:token|jwt|cookie|credentials?|creds?|bearer|authorization(?:_?header)?|auth_?header|api_?key|session|session_?id|sid)"
_NAMED = re.compile(rf"^(?:[\w$.?!]+\??\.)?(?:auth_?|x_?)?{_CREDENTIAL}$", re.I)
# A name says little of what it holds; where it was taken from says more.
_OF_REQUEST = r"(?:headers|cookies|session)\b|\bget\(\s*[\"'](?i:authorization|x-api-key|cookie)[\"']|\b(?:getCookie|getHeader|get_cookie|get_authorization_scheme_param)\("
_HELD = re.compile(
    rf"^[ \t]*(?:const|let|var)?\s*(?P<name>[A-Za-z_$][\w$]*)\s*(?::[^=\n]+)?=(?![=>])\s*[^\n]*?\b(?:{_OF_REQUEST})",
    re.M,
)
_THERE = re.compile(
    r"""^\(?\s*(?:bool\(|!!|Boolean\()?\s*(?P<name>[A-Za-z_$][\w$.?\[\]"']*)\)?
        (?:\s+is\s+not\s+None|\s*!={1,2}\s*(?:None|null|undefined|["']{2})|\??\.(?:startswith|startsWith|lower\(\)\.startswith|toLowerCase\(\)\.startsWith)\([^()]*\))?\s*\)?$""",
    re.X,
)
# Laravel's ways to ask whether somebody is signed in (laravel.com/docs, authentication).
_SIGNED_IN = re.compile(
    r"^\(*\s*(?:\\?Auth::(?:check|user)\(\)|auth\(\)->(?:check|user)\(\)|\$request->user\(\)|\$(?:auth_?)?user)\s*\)*$",
    re.I,
)
_OTHERS = (".go", ".rb", ".java", ".kt")
_AMONG = re.compile(r"""^["'][\w-]+["']\s+in\s+(?:\w+\.)*(?:headers|cookies|session)$""")
_TAKEN = re.compile(
    r"""\b(?:headers|cookies|session)(?:\??\.get\(\s*["'][\w-]+["'][^()]*\)|(?:\?\.)?\[\s*["'][\w-]+["']\s*\]|\??\.(?:authorization|sid|jwt|\w*token|\w*user(?:_?id)?))$""",
    re.I,
)
_TURNS_AWAY = re.compile(
    r"""^(?:(?:return\s+)?(?:\w+\.)?(?:redirect|RedirectResponse|abort)\(|raise\b|throw\b|return\b.*\b(?:HTTP_)?4\d\d\b
        |(?:return\s+)?(?:await\s+)?\w+\.(?:status|sendStatus|code|writeHead)\(\s*4\d\d|next\(\s*\w|return\s+(?:false|None|null|undefined)?\s*;?$
        |return\s+\(?(?:\w+\.)*(?:jsonify\(|json\()?\(?\s*\{\s*["']?(?:error|message|msg|detail|success)\b)""",
    re.X,
)


# An answer over several lines: `return NextResponse.json({ … }, { status: 400 })`.
_ANSWERS_NO = re.compile(r"\b(?:return|throw)\b[^;]{0,200}?\bstatus(?:Code)?\s*[:=(]\s*4\d\d\b")


def only_when_brought(path: str, code: str, places: Sequence[int]) -> bool:
    """Whether each of some places of a body in file ``path`` stands under a condition that a credential came, and nobody is turned away otherwise."""
    when = _of_python if path.endswith(".py") else _with_braces
    return bool(places) and not path.endswith(_OTHERS) and all(when(code, place) for place in places)


def _of_python(code: str, place: int) -> bool:
    lines = aligned(code)
    return any(
        (found := IF.match(lines[at].strip())) and _brought(code, found[1], " and ") and not _else_of_python(lines, at)
        for at in above(lines, code.count("\n", 0, place))
    )


def _with_braces(code: str, place: int) -> bool:
    return any(_brought(code, one, "&&") and not _else_with_braces(code, one) for one in conditions_at(code, place))


def _brought(code: str, condition: str, joined: str) -> bool:
    """Whether a condition wants a credential to be there, be it beside other things."""
    if " or " in condition or "||" in condition:
        return False
    held = {found["name"] for found in _HELD.finditer(code)}
    return any(_there(term.strip(), held) for term in condition.split(joined))


def _there(term: str, held: set[str]) -> bool:
    if _SIGNED_IN.match(term) or _AMONG.match(term) or (_TAKEN.search(term.strip("()! ")) and not term.startswith("!")):
        return True
    found = _THERE.match(term)
    return found is not None and (found["name"] in held or _NAMED.match(found["name"]) is not None)


def _else_of_python(lines: list[str], at: int) -> bool:
    """Whether who does not enter the block that a line opens is turned away: by its ``else``, or by what comes next."""
    own = indent_of(lines[at])
    behind = (here for here in range(at + 1, len(lines)) if lines[here].strip() and indent_of(lines[here]) <= own)
    for here in behind:
        line = lines[here].strip()
        if indent_of(lines[here]) < own:
            return False
        if line.startswith("else"):
            return _turned_away(_block(lines, here))
        if not line.startswith("elif"):
            return _TURNS_AWAY.match(line) is not None
    return False


def _block(lines: list[str], at: int) -> Iterator[str]:
    for line in lines[at + 1 :]:
        if line.strip() and indent_of(line) <= indent_of(lines[at]):
            return
        yield line.strip()


def _else_with_braces(code: str, condition: str) -> bool:
    opened = re.search(rf"\bif\s*\(\s*{re.escape(condition.strip())}\s*\)\s*\{{", code)
    if opened is None:
        return True
    rest = code[closing(code, opened.end() - 1) + 1 :].lstrip(" \t\n;")
    if other := re.match(r"else\s*(?:if\s*\([^{}]*\)\s*)?\{", rest):
        block = rest[other.end() : closing(rest, other.end() - 1)]
        return _turned_away(line.strip() for line in re.split(r"[\n;]", block)) or _ANSWERS_NO.search(block) is not None
    return _TURNS_AWAY.match(rest.split("\n", 1)[0]) is not None or _ANSWERS_NO.match(rest) is not None


def _turned_away(lines: Iterator[str]) -> bool:
    return any(_TURNS_AWAY.match(line) for line in lines)
