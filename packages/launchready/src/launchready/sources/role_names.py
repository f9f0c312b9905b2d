"""Which roles a piece of code compares with, or names."""

import re
from collections.abc import Iterator

from launchready.sources.facts.shape import Expr
from launchready.sources.resolver import Resolver

_ROLE_TEST = re.compile(
    r"""(?:\brole\w*\b(?:\[\w+\])?(?:\??\.(?:name|slug|key|code|title))?["'\])]*\s*(?:!=|==|!==|===|not\s+in|in)\s*(?P<a>[\[({]?\s*["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*))
    | (?<!\w\[)(?P<b>["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*\s*[\])}]?\.?(?:includes\(|\s+not\s+in|\s+in)\s*[\w.?]*roles?\b)
    | [\w.]*roles?\??\.(?:includes|has|some)\(\s*(?P<c>["'][\w -]+["'])""",
    re.X | re.I,
)
_ADMIN_FLAG = re.compile(r"\b(?:is_?admin|is_?superuser|is_?staff|isAdmin|isSuperuser)\b", re.I)
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


def roles_in(text: str) -> tuple[str, ...]:
    """The role names that a piece of code compares with."""
    found: list[str] = []
    for match in _ROLE_TEST.finditer(text):
        found += _STRING.findall(match.group("a") or match.group("b") or match.group("c") or "")
    if not found and _ADMIN_FLAG.search(text):
        found.append("admin")
    return tuple(dict.fromkeys(found))


def members_given(resolver: Resolver, path: str, call: Expr) -> Iterator[str]:
    """The texts of the members of an ``Enum`` that a call in file ``path`` is given: ``["chef"]`` for ``Allowed([Role.CHEF])``."""
    for item in (*call.items, *(value for _, value in call.named)):
        if item.kind == "list":
            yield from members_given(resolver, path, item)
        elif item.kind == "name" and "." in item.text:
            owner, _, name = item.text.removesuffix(".value").rpartition(".")
            found = resolver.find(path, owner) if owner else None
            kind = found.function if found else None
            if kind is not None and kind.is_class and any("Enum" in base.text for base in kind.bases):
                yield from (
                    f.default.text for f in kind.fields if f.name == name and f.default and f.default.kind == "str"
                )
