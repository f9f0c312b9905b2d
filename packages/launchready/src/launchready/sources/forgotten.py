"""Reads that are open where nearly all beside them ask for a sign-in: the one view of a file that lost its decorator."""

import re
from collections import defaultdict
from collections.abc import Iterable

from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Kind

_FEWEST = 4
_MOSTLY = 0.8
_FOR_ALL = frozenset((Kind.LOGIN, Kind.SIGNUP, Kind.PASSWORD_RESET, Kind.INVITE, Kind.WEBHOOK, Kind.HEALTH, Kind.DOCS))
# What is sent to people by its address, or meant for whoever comes.
_SENT = re.compile(
    r"public|share|guest|anonymous|callback|oauth|verify|confirm|unsubscribe|\{\w*(?:token|slug|hash|code|key)\}", re.I
)

# Who wrote that everybody may read has not forgotten to ask: Django REST framework, Ninja, Django 5.1, Frappe.
_SAID_SO = re.compile(
    r"AllowAny|ReadOnly|permission_classes\s*=\s*[\[(]\s*[\])]|\bauth\s*=\s*None\b|login_not_required|allow_guest|\bpublic\b",
    re.I,
)


def forgotten(endpoints: Iterable[Endpoint]) -> frozenset[str]:
    """The names of open reads in whose files four or more others read, of which four in five are guarded."""
    reads: dict[str, dict[int, list[Endpoint]]] = defaultdict(lambda: defaultdict(list))
    for one in endpoints:
        if one.method == "GET" and one.action == "read" and one.source.line:
            reads[one.source.file][one.source.line].append(one)
    return frozenset(
        one.name
        for lines in reads.values()
        for line, here in lines.items()
        if all(map(_may_be_one, here)) and _guarded([ways for at, ways in lines.items() if at != line])
        for one in here
    )


def on_purpose(code: str) -> bool:
    """Whether the code of a handler says of itself that everybody may call it."""
    return bool(_SAID_SO.search(code))


def _may_be_one(endpoint: Endpoint) -> bool:
    meant = _FOR_ALL.intersection(endpoint.kind) or endpoint.path == "/" or _SENT.search(endpoint.path)
    return endpoint.access.verdict is AccessVerdict.OPEN and not meant


def _guarded(others: list[list[Endpoint]]) -> bool:
    kept = [one for one in others if all(way.access.verdict is AccessVerdict.GUARDED for way in one)]
    return len(others) >= _FEWEST and len(kept) >= _MOSTLY * len(others)
