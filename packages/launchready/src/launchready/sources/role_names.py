"""Which roles a piece of code compares with."""

import re

_ROLE_TEST = re.compile(
    r"""(?:\brole\w*\b(?:\[\w+\])?(?:\??\.(?:name|slug|key|code|title))?["'\])]*\s*(?:!=|==|!==|===|not\s+in|in)\s*(?P<a>[\[({]?\s*["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*))
    | (?<!\w\[)(?P<b>["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*\s*[\])}]?\.?(?:includes\(|\s+not\s+in|\s+in)\s*[\w.?]*roles?\b)
    | [\w.]*roles?\??\.(?:includes|has|some)\(\s*(?P<c>["'][\w -]+["'])""",
    re.X | re.I,
)
# Roles that are members of an enumeration, where everybody but them is refused: `if role != Role.ADMIN`, `if (![Role.ADMIN].includes(user.role))`.
_MEMBER = r"[A-Z]\w*\.[A-Za-z_]\w*"
_MEMBERS = rf"{_MEMBER}(?:\s*,\s*{_MEMBER})*"
_UNLESS_MEMBER = re.compile(
    rf"(?i:\brole\w*|_role)\b(?:\??\.(?:value|name|slug|key))?[\])]*\s*(?:!==?|not\s+in)\s*[\[({{]?\s*(?P<a>{_MEMBERS})"
    rf"|!\s*\(?\[\s*(?P<b>{_MEMBERS})\s*,?\s*\](?:\s+as\s+[^()]{{1,40}}\))?\.includes\(\s*[\w.?]*(?i:role)"
)
_ADMIN_FLAG = re.compile(r"\b(?:is_?admin|is_?superuser|is_?staff|isAdmin|isSuperuser)\b", re.I)
_ABOUT_RANK = re.compile(r"role|admin|super|staff|permission|user|member|account|caller", re.I)
_STRING = re.compile(r"[\"']([\w -]+)[\"']")

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


def roles_in(text: str, python: bool = False) -> tuple[str, ...]:
    """The role names that a piece of code compares with; in Python, no rank that is only asked for in some case."""
    found: list[str] = []
    for match in _ROLE_TEST.finditer(text):
        found += _STRING.findall(match.group("a") or match.group("b") or match.group("c") or "")
    if not found and any(not (python and _aside(text, flag.start())) for flag in _ADMIN_FLAG.finditer(text)):
        found.append("admin")
    return tuple(dict.fromkeys(found))


def members_in(text: str) -> tuple[tuple[str, str], ...]:
    """The members of enumerations (name and member) whose role alone is let pass: ``("Role", "ADMIN")``."""
    groups = (match["a"] or match["b"] for match in _UNLESS_MEMBER.finditer(text))
    named = (tuple(one.strip().removesuffix(".value").split(".", 1)) for group in groups for one in group.split(","))
    return tuple(dict.fromkeys((one[0], one[1]) for one in named if len(one) == 2))


def _aside(code: str, at: int) -> bool:
    """Whether a place in the body of a Python function is in the block of an ``if`` about something else than rank."""
    end = code.find("\n", at)
    lines = code[: end if end >= 0 else len(code)].split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines]
    # The first line of a body has lost its indentation.
    base = min((indent for line, indent in zip(lines[1:], indents[1:], strict=True) if line.strip()), default=0)
    here = indents[-1]
    for line, indent in zip(reversed(lines[1:-1]), reversed(indents[1:-1]), strict=True):
        if line.strip() and base <= indent < here:
            here = indent
            if re.match(r"\s*(?:if|elif)\b", line) and not _ABOUT_RANK.search(line):
                return True
    return here > base and len(lines) > 1 and lines[0].startswith("if ") and not _ABOUT_RANK.search(lines[0])
