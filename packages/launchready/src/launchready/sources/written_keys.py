"""Keys that code compares a caller's header with, where the key itself stands in the source (CWE-798).

``if x_api_key != "…"``, ``request.headers.get("X-API-Key") == API_KEY`` below ``API_KEY = os.getenv("API_KEY", "…")``, and
``authorization == "Bearer …"``: whoever has read the code calls the app with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.sources.facts.read import SCRIPTS
from launchready.sources.places import is_built, is_installed, is_real
from launchready.sources.tree import Tree

_VALUE = r"(?P<text>[\"'`](?:Bearer |Token |Basic )?[^\"'`\s{}$<>]{6,120}[\"'`])|(?P<name>[A-Za-z_][\w.]{2,60})"
_KEY = r"(?:authorization|(?:x_)?(?:\w{1,20}_)?(?:api_?key|token|secret|key)|auth_?header)"
# `headers.get("X-API-Key")`, `headers["x-api-key"]`, `req.header("x-api-key")`, `req.headers.authorization`
_HEADER = r"(?:headers?(?:\.get)?\s*[(\[]\s*[\"'`](?P<header>[\w-]{4,40})[\"'`]\s*(?:,\s*(?:[\"'`]{2}|None)\s*)?[)\]]|headers\.(?P<plain>authorization))"
_TYPED = rf"(?:{_HEADER}|\b(?P<argument>{_KEY}))"
_IS = r"\s*(?:===?|!==?)\s*"
_COMPARED = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"{_TYPED}{_IS}(?:{_VALUE})",
        rf"compare_digest\(\s*{_TYPED}(?:\.encode\([^()]*\))?\s*,\s*b?(?:{_VALUE})",
    )
)
_GIVEN = r"^[ \t]*(?:export\s+)?(?:const\s+|let\s+|var\s+)?{0}\s*(?::\s*[\w\[\]| .]+?)?\s*=\s*(?:(?:os\.)?(?:getenv|environ\.get)\([^,()\n]+,\s*|process\.env\.\w+\s*(?:\|\||\?\?)\s*)?[\"'`]([^\"'`\s{{}}$<>]{{6,120}})[\"'`]"
_MOST = 8


@dataclass(frozen=True, slots=True)
class WrittenKey:
    """A header with the value that the code at this place takes."""

    header: str
    value: str
    file: str
    line: int


def written_keys(tree: Tree) -> tuple[WrittenKey, ...]:
    """Each key once, with every header it may travel in; at most eight."""
    found: dict[tuple[str, str], WrittenKey] = {}
    for file in tree.with_suffix(".py", *SCRIPTS):
        path = file.path
        if not is_real(path) or is_installed(path) or is_built(path):
            continue
        text = tree.text(path) or ""
        for pattern in _COMPARED:
            for one in pattern.finditer(text):
                value = one["text"][1:-1] if one["text"] else _given(text, one["name"])
                line = text.count("\n", 0, one.start()) + 1
                for header, sent in _sent(one["header"] or one["plain"] or "", one["argument"] or "", value):
                    found.setdefault((header, sent), WrittenKey(header, sent, path, line))
        if len(found) >= _MOST:
            break
    return tuple(found.values())[:_MOST]


def _given(text: str, name: str) -> str:
    """What a name is given in the same file, or falls back to where the environment has none."""
    one = re.search(_GIVEN.format(re.escape(name)), text, re.M)
    return one[1] if one else ""


def _sent(header: str, argument: str, value: str) -> Iterator[tuple[str, str]]:
    """The header that holds the value; a plain variable does not say which, so the two usual ones are named."""
    if not value:
        return
    argument = argument.lower()
    if header or argument.startswith(("x_", "authorization")):
        yield (header or argument.replace("_", "-")).title(), value
    elif " " in value:
        yield "Authorization", value
    else:
        yield "Authorization", f"Bearer {value}"
        yield "X-Api-Key", value
