"""Which requests a hook lets pass by where they go: ``if (request.url === "/login" && request.method === "POST") return;``

What a hook says of the path in another way is not read, and then nobody knows whom it keeps out.
"""

import re
from dataclasses import dataclass

from launchready.sources.branches import closing

_IF = re.compile(r"\bif\s*(?=\()")
_PASSES = re.compile(
    r"\s*\{?\s*(?:\w+\.log\w*\([^;{}]*\);?\s*)?return\s*(?:true|undefined|null|(?:next|done)\(\s*\))?\s*(?:[;}]|\n|$)"
)
_OF_PATH = re.compile(r"\burl\b|path(?:name)?\b|\brouter?Path\b|\broute(?:Options)?\b", re.I)
_PATH = r"(?:\w+\.)*(?:url|originalUrl|path|pathname|routerPath)(?:\.split\(\s*[\"']\?[\"']\s*\)\[0\])?"
_IS = re.compile(rf"{_PATH}\s*={{2,3}}\s*([\"'`])(?P<at>[^\"'`$]*)\1|([\"'`])(?P<is>[^\"'`$]*)\3\s*={{2,3}}\s*{_PATH}")
_BELOW = re.compile(rf"{_PATH}\??\.startsWith\(\s*([\"'`])(?P<below>[^\"'`$]*)\1\s*\)")
_AMONG = re.compile(rf"\[(?P<among>[^\[\]]*)\]\.includes\(\s*{_PATH}\s*\)")
_METHOD = re.compile(r"(?:\w+\.)*method\s*={2,3}\s*([\"'`])(?P<method>\w+)\1")
_TEXT = re.compile(r"([\"'`])([^\"'`$]*)\1")


@dataclass(frozen=True, slots=True)
class Spared:
    """A path that a hook lets pass, with all below it or by one method alone."""

    path: str
    below: bool = False
    method: str = ""

    def covers(self, method: str, path: str) -> bool:
        """Whether a request is let pass."""
        if self.method and method not in (self.method, "ANY"):
            return False
        return path.startswith(self.path) if self.below else (path.rstrip("/") or "/") == (self.path.rstrip("/") or "/")


def spared_by(code: str) -> tuple[Spared, ...] | None:
    """The requests that a hook lets pass by their path before it refuses anybody; None where it says so in a way that is not read."""
    found: list[Spared] = []
    for match in _IF.finditer(code):
        end = closing(code, match.end())
        condition = code[match.end() + 1 : end]
        if not (_OF_PATH.search(condition) and _PASSES.match(code, end + 1)):
            continue
        for either in re.split(r"\|\|", condition):
            read = _alternative(either)
            if read is None:
                return None
            found += read
    return tuple(found)


def _alternative(text: str) -> list[Spared] | None:
    """What one alternative of a condition lets pass: a path, perhaps by one method."""
    paths: list[Spared] = []
    method = ""
    for term in (part.strip(" ()\n\t") for part in text.split("&&")):
        term = f"{term})" if term.count("(") > term.count(")") else term
        if met := _IS.fullmatch(term):
            paths.append(Spared(met["at"] if met["at"] is not None else met["is"]))
        elif met := _BELOW.fullmatch(term):
            paths.append(Spared(met["below"], below=True))
        elif met := _AMONG.fullmatch(term):
            paths += [Spared(one[1]) for one in _TEXT.findall(met["among"])]
        elif met := _METHOD.fullmatch(term):
            method = met["method"].upper()
        else:
            return None
    return [Spared(one.path, one.below, method) for one in paths] if paths else None
