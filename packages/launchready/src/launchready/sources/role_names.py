"""Which roles a piece of code asks of its caller: compared with, and what comes of it keeps others out."""

import re
from dataclasses import dataclass

_ROLE_TEST = re.compile(
    r"""(?:\brole\w*\b(?:\[\w+\])?(?:\??\.(?:name|slug|key|code|title))?["'\])]*\s*(?:!=|==|!==|===|not\s+in|in)\s*(?P<a>[\[({]?\s*["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*))
    | (?<!\w\[)(?P<b>["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*\s*[\])}]?\.?(?:includes\(|\s+not\s+in|\s+in)\s*[\w.?]*roles?\b)
    | [\w.]*roles?\??\.(?:includes|has|some)\(\s*(?P<c>["'][\w -]+["'])""",
    re.X | re.I,
)
_GIVEN_NAMES = re.compile(
    r"\brole\w*(?:\(\))?\s+(?:not\s+)?in\s+[A-Za-z_]|\b[A-Za-z_]\w*\.(?:includes|has)\(\s*[\w.?]*role", re.I
)
_ADMIN_FLAG = re.compile(r"\b(?:is_?admin|is_?superuser|is_?staff|isAdmin|isSuperuser)\b", re.I)
_STRING = re.compile(r"[\"']([\w -]+)[\"']")

_IF = re.compile(r"(?:^|(?<=[\n;{})])|(?<=\belse\b))[ \t]*(?P<word>if|elif)\b[ \t]*(?P<bracket>\(?)", re.M)
_COLON = re.compile(r":(?=[ \t]*(?:\#[^\n]*)?\n)|:(?=[ \t]+(?:return|raise|abort|continue|pass)\b)")
_NOT_EQUAL, _NEGATED = re.compile(r"!=|\bnot\s+in\b"), re.compile(r"(?:!\s*\(?|\bnot\s+\(?)[\w.?\[\]]*$")
_BOTH = re.compile(r"&&|\band\b")
# Two people who are compared: neither side is a text or a number.
_OTHER_PERSON = re.compile(
    r"""\b(?![\w.?]*role)[\w.?]*(?:id|user|owner|author|creator|account|member|_by|By)\b[)\]]?(?:\s*\([^()]*\))?\s*(?:!==?|\bnot\s+in\b|\bis\s+not\b)\s*
        (?!None\b|null\b|undefined\b)[A-Za-z_(]""",
    re.X | re.I,
)
_ENDS = re.compile(
    r"\b(?:return|raise|throw|abort|redirect|next|notFound|forbidden|unauthorized)\b|\.(?:status|sendStatus|throw|redirect)\(",
    re.I,
)
_INVALID = re.compile(r"(?=[\s\S]*\b(?:4(?:00|22)|[Ii]nvalid|BadRequest|ValueError)\b)(?![\s\S]*\b40[13]\b)")
_REFUSED = re.compile(r"\b(?:HTTP_)?40[13](?:_\w+)?\b|forbid|unauthori[sz]ed|denied|permission", re.I)
_TURNED_AWAY = re.compile(
    _REFUSED.pattern + r"|\breturn\s+(?:false|null|None)\b|\b(?:raise|throw|abort|redirect\w*|notFound)\b", re.I
)
_OTHERWISE = re.compile(r"\s*\}?\s*(?:else|elif)\b")
_LETS_PASS = re.compile(
    r"\breturn\s+(?!(?:null|None|false|undefined|res|reply|next|ctx|c|self)\b|(?:new\s+)?\w*Response|jsonify|render|redirect|func|view|f\b|await\s+next)[\w(!\[\"'{]",
    re.I,
)
_CHAIN = re.compile(r"[\w.?!\[\]\"'()]*$")
_SUBJECT = re.compile(r"[\w.?\[\]()]*role\w*", re.I)
_BODY = re.compile(
    r"(?:^|[.(])(?:body|data|payload|input|dto|form|changes|patch|update|updates|params|query|json|POST|values|parsed|validated\w*|cleaned_data)"
    r"(?:\(\))?\??(?:\.|\[|\.get\()",
)
# `const { email, role } = req.body`, `role = request.POST.get("role")`, `(body as Given).role`
_FROM_BODY = re.compile(
    r"\brole\b[^=;\n]{0,120}(?<![=!<>])=(?!=)\s*[^;\n]{0,80}(?:\bbody\b|\bjson\b|\bform|\bpayload\b|\bdata\b|\bPOST\b|\bparams\b|\bquery\b)",
    re.I,
)

# Attributes of an account that say what rank it has: `user.is_manager`, and `user.own_organization` for who owns a tenant.
_RANK = re.compile(
    r"^is_(?P<is>staff|superuser|admin|administrator|owner|manager|moderator|editor|supervisor|maintainer|teacher|instructor|employee|support)$"
    r"|^is_\w+_(?P<of>admin|owner|manager|moderator|editor|maintainer)$"
    r"|^(?:own|owns|owned)_(?:organi[sz]ation|workspace|team|company|account|tenant|club|community|group)s?$",
    re.I,
)


def rank(attribute: str) -> str:
    """The role that an attribute of an account speaks of, ``owner`` for ``own_organization``; empty when it speaks of none."""
    found = _RANK.match(attribute)
    return (found["is"] or found["of"] or "owner").lower() if found else ""


def roles_in(text: str) -> tuple[str, ...]:
    """The role names that a piece of code asks of its caller.

    A role that only chooses what is shown, one that is turned away, one beside which the owner of a record passes too, and one
    that stands in the body of the request are not asked of anybody.
    """
    tests = list(_ROLE_TEST.finditer(text))
    found: list[str] = []
    for match in tests:
        if _asked(text, match):
            found += _STRING.findall(match.group("a") or match.group("b") or match.group("c") or "")
    if not tests and _ADMIN_FLAG.search(text):
        found.append("admin")
    return tuple(dict.fromkeys(found))


def compares_given(text: str) -> bool:
    """Whether code compares a role with names it was given: ``user.role in allowed``, ``roles.includes(user.role)``."""
    return bool(_GIVEN_NAMES.search(text))


@dataclass(frozen=True, slots=True)
class _Branch:
    """An ``if`` statement: its condition, the block under it, and what follows."""

    condition: str
    block: str
    rest: str


def _asked(text: str, match: re.Match[str]) -> bool:
    if _is_given(text, match):
        return False
    branch = _branch(text, match)
    if branch is None:
        return True
    before = text[max(0, match.start() - 40) : match.start()]
    if _NOT_EQUAL.search(match.group()) or _NEGATED.search(before):
        # `id !== owner && role !== "admin"` lets the owner pass as well.
        owned = _BOTH.search(branch.condition) and _OTHER_PERSON.search(branch.condition)
        return not owned and bool(_ENDS.search(branch.block)) and not _INVALID.search(branch.block)
    if _REFUSED.search(branch.block):
        return False
    otherwise = _OTHERWISE.match(branch.rest)
    refused = _TURNED_AWAY.search(branch.rest)
    if refused is None:
        return False
    return bool(otherwise) or (
        bool(_ENDS.search(branch.block)) and not _LETS_PASS.search(branch.rest[: refused.start()])
    )


def _is_given(text: str, match: re.Match[str]) -> bool:
    """Whether the role is one that the request asks for, such as that of an account to be made."""
    start = match.start()
    chain = _CHAIN.search(text[max(0, start - 60) : start])
    subject = next(iter(_SUBJECT.findall((chain.group() if chain else "") + match.group())), "")
    if _BODY.search(subject):
        return True
    return re.fullmatch(r"(?:new_?)?role", subject, re.I) is not None and any(
        found.start() < start for found in _FROM_BODY.finditer(text)
    )


def _branch(text: str, match: re.Match[str]) -> _Branch | None:
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
            return _Branch(condition, text[start : last + 1], text[last + 1 :])
        if not stripped.startswith(":"):
            one, _, rest = stripped.partition("\n")
            return _Branch(condition, one, rest)
    colon = _COLON.search(text, match.end())
    if (
        colon is None
        or "\n" in text[opening.end() : match.start()].strip()
        or "{" in text[opening.end() : colon.start()]
    ):
        return None
    lines = text[colon.end() :].split("\n")
    if lines[0].strip():
        return _Branch(text[opening.end() : colon.start()], lines[0], "\n".join(lines[1:]))
    column = opening.start("word") - (text.rfind("\n", 0, opening.start("word")) + 1)
    inside = 1
    while inside < len(lines) and (
        not lines[inside].strip() or len(lines[inside]) - len(lines[inside].lstrip()) > column
    ):
        inside += 1
    return _Branch(text[opening.end() : colon.start()], "\n".join(lines[:inside]), "\n".join(lines[inside:]))


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at ``start`` closes; the end of the text where it does not."""
    opens, closes = text[start], {"(": ")", "{": "}"}[text[start]]
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == opens) - (text[at] == closes)
        if not depth:
            return at
    return len(text)
