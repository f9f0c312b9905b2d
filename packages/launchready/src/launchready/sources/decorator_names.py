"""Decorators under another name: ``def require_admin(fn): return require_permission("admin")(fn)``, and factories that hand on to another."""

import re

from launchready.sources.facts.shape import Expr
from launchready.sources.resolver import Resolver

_HANDS_ON = re.compile(r"^\s*return\s+(?P<name>[A-Za-z_][\w.]*)\((?:[^()]|\([^()]*\))*\)\s*(?:\(\s*\w+\s*\))?\s*$")
_HOPS = 4


def meant(resolver: Resolver, path: str, decorator: Expr) -> list[tuple[str, Expr]]:
    """A decorator of a file, then what it is another name for, each with the file it stands in."""
    names = [(path, decorator)]
    for file, one in names:
        found = resolver.find(file, one.text) if one.text and len(names) <= _HOPS else None
        function = found.function if found else None
        hands = _HANDS_ON.match(function.code) if function is not None and not function.is_class else None
        inner = (
            next((call for call in function.calls if hands and call.text == hands["name"]), None) if function else None
        )
        if found is not None and inner is not None and resolver.find(found.path, inner.text) is not None:
            names.append((found.path, inner))
    return names
