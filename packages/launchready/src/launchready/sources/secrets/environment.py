"""The values of the project's own environment files, to look for in what browsers download."""

import re
from dataclasses import dataclass, field

from launchready.sources.secrets.classify import browser_name, is_placeholder, is_public, says_paid
from launchready.sources.secrets.detector import Hit
from launchready.sources.secrets.env_files import is_env_file
from launchready.sources.secrets.values import is_signing, looks_random, tier
from launchready.sources.tree import Tree

_ENTRY = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s#]*))", re.M)
_CREDENTIAL = re.compile(r"^[a-z][a-z0-9+.-]*://[^\s:/@]*:[^\s/@]+@")
_SHORTEST = 12


@dataclass(frozen=True, slots=True)
class ServerOnly:
    """An entry that is meant for the server. ``value`` stays in memory and never reaches a report."""

    name: str
    file: str
    value: str = field(repr=False)

    def found_in(self, content: bytes) -> Hit | None:
        """The first place of the value in a file."""
        at = content.find(self.value.encode())
        if at < 0:
            return None
        line = content.count(b"\n", 0, at) + 1
        return Hit("strong", f"Value of {self.name} from {self.file}", line, self.value, signing=is_signing(self.name))


def server_only(tree: Tree) -> tuple[ServerOnly, ...]:
    """The secret entries of the environment files in a tree, in Git or not: those no browser may see.

    An entry that another one gives to browsers on purpose is none, unless its name says that it is paid for (Gemini); neither is what looks like no secret.
    """
    entries = [
        (match.group(1), next(filter(None, match.group(2, 3, 4)), ""), file.path)
        for file in tree.files
        if is_env_file(file.path)
        for match in _ENTRY.finditer(tree.text(file.path) or "")
    ]
    given = {value for name, value, _ in entries if browser_name(name)}
    found = {
        value: ServerOnly(name, path, value)
        for name, value, path in entries
        if len(value) >= _SHORTEST and (value not in given or says_paid(name, value)) and _is_secret(name, value)
    }
    return tuple(found.values())


def _is_secret(name: str, value: str) -> bool:
    if is_placeholder(value) or is_public(value, name):
        return False
    return bool(_CREDENTIAL.match(value)) or looks_random(value) or tier(name, value) == "strong"
