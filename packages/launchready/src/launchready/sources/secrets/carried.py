"""Secrets of the source that a build carried into what browsers download.

A bundle keeps no names, and the format of some keys is that of public ones, too (Google gives one to Gemini, Maps and Firebase): what the source says
of a value holds for it wherever it stands.
"""

from dataclasses import dataclass, replace

from launchready.sources.secrets.detector import Hit

_SHORTEST = 12


@dataclass(frozen=True, slots=True)
class Carried:
    """A secret that was found in ``path`` of the source."""

    path: str
    hit: Hit

    def found_in(self, content: bytes) -> Hit | None:
        """The first place of the value in a file."""
        value = self.hit.value.encode()
        at = content.find(value) if len(value) >= _SHORTEST else -1
        if at < 0:
            return None
        line = content.count(b"\n", 0, at) + 1
        what = f"{self.hit.what} (of {self.path})"
        return replace(self.hit, what=what, line=line, lines=(line,), span=(at, at + len(value)))
