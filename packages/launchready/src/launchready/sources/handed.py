"""The functions of the app that a handler hands something to, such as the file it was sent."""

import re
from collections.abc import Iterator

from launchready.sources.resolver import Resolver
from launchready.sources.sent_away import closing

_CALL = re.compile(r"(?<![\w.])((?:\w+\.){0,3}[A-Za-z_]\w*)\(")
_HOPS = 2


def handed_to(
    resolver: Resolver, path: str, code: str, what: re.Pattern[str], named: tuple[str, ...] = (), hops: int = _HOPS
) -> Iterator[str]:
    """The code of each function that is given what matches ``what``, under that or another name; ``named`` are names it has already."""
    bound = rf"(?m)^\s*(?:const|let|var)?\s*(\w+(?:\s*,\s*\w+)*)\s*(?::[^=\n]{{1,60}})?=[^=\n]*?(?:{what.pattern})"
    names = {
        *named,
        *(one for left in re.finditer(bound, code, what.flags & ~re.UNICODE) for one in re.findall(r"\w+", left[1])),
    }
    asked = set[str]()
    for call in _CALL.finditer(code) if hops else ():
        given = code[call.end() : closing(code, call.end() - 1)]
        held = what.search(given) or any(re.search(rf"(?<![\w.\"']){re.escape(one)}\b", given) for one in names)
        found = resolver.find(path, call[1]) if held and call[1] not in asked else None
        asked |= {call[1]} if held else set()
        if found is None or found.function is None or found.function.is_class or found.function.code in code:
            continue
        inside = found.function
        yield inside.code
        yield from handed_to(
            resolver, found.path, inside.code, what, tuple(one.name for one in inside.params), hops - 1
        )
