"""Flask: which views a hook that runs before requests lets everybody through to, and which classes a view comes from."""

import re
from dataclasses import dataclass, replace

from launchready.sources.facts.shape import Function
from launchready.sources.readings import Reading
from launchready.sources.resolver import Resolver

# `if request.endpoint in PUBLIC: return None`, and `if request.endpoint not in PUBLIC and …: return redirect(…)`.
_BY_ENDPOINT = re.compile(
    r"\bif\s+(?:not\s+request\.endpoint\s+or\s+)?request\.endpoint\s+(?:in\s+(?P<listed>[\[({][^\])}]*[\])}]|[A-Za-z_]\w*)\s*:\s*(?:#[^\n]*)?\n?\s*return(?:\s+None)?\s*(?:\n|$)"
    r"|not\s+in\s+(?P<others>[\[({][^\])}]*[\])}]|[A-Za-z_]\w*)\s*(?=and\b|:))"
)
# Which other things of a request a hook may look at; that browsers ask first (OPTIONS) does no harm.
_OTHERWISE = re.compile(r"\brequest\.(?:path|endpoint|blueprint|url_rule|method\b(?!\s*==\s*[\"']OPTIONS))")
_QUOTED = re.compile(r"[\"']([\w.]+)[\"']")
_ANCESTORS = 12
_NOTHING = Reading()


@dataclass(frozen=True, slots=True)
class Spared:
    """What a hook demands of every request but those to the views ``names``."""

    names: frozenset[str]
    reading: Reading

    def of(self, name: str) -> Reading:
        """What it demands of the view of that name, which a class view does not tell."""
        if name in self.names:
            return _NOTHING
        if name:
            return self.reading
        spans = (replace(one.span, what=f"{one.span.what}, of some views only") for one in self.reading.guards)
        return Reading(unsure=tuple(spans))


def spared_by(resolver: Resolver, path: str, hook: Function) -> frozenset[str]:
    """The views that a hook lets everybody through to by their names; nothing where it looks at the request in another way too."""
    asks = [*_BY_ENDPOINT.finditer(hook.code)]
    if len(asks) != 1 or _OTHERWISE.search(_BY_ENDPOINT.sub("", hook.code)):
        return frozenset()
    listed = asks[0]["listed"] or asks[0]["others"]
    if listed[0] in "[({":
        return frozenset(_QUOTED.findall(listed))
    inside = re.search(rf"^\s*{listed}\s*=\s*([\[({{][^\])}}]*[\])}}])", hook.code, re.M)
    if inside:
        return frozenset(_QUOTED.findall(inside[1]))
    found = resolver.find(path, listed)
    return frozenset(found.binding.value.strings()) if found and found.binding else frozenset()


def lineage_of(resolver: Resolver, path: str, view: Function) -> list[tuple[str, Function]]:
    """A class view and the classes of the tree that it comes from, nearest first."""
    found = [(path, view)]
    for file, owner in found:
        for base in owner.bases if len(found) < _ANCESTORS else ():
            there = resolver.find(file, base.text) if base.text else None
            if there and there.function and there.function.is_class:
                known = (there.path, there.function)
                found += [known] if known not in found else []
    return found
