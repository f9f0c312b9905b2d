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

Place = tuple[str, int]


def place(endpoint: Endpoint) -> Place:
    """Where the code of an endpoint stands."""
    return endpoint.source.file, endpoint.source.line


def forgotten(endpoints: Iterable[Endpoint]) -> frozenset[Place]:
    """The places of open reads in whose files four or more others read, of which four in five are guarded."""
    reads: dict[str, dict[int, list[Endpoint]]] = defaultdict(lambda: defaultdict(list))
    for one in endpoints:
        if one.method == "GET" and one.action == "read" and one.source.line:
            reads[one.source.file][one.source.line].append(one)
    return frozenset(
        (file, line)
        for file, lines in reads.items()
        for line, here in lines.items()
        if all(map(_may_be_one, here)) and _guarded([one for at, one in lines.items() if at != line])
    )


def _may_be_one(endpoint: Endpoint) -> bool:
    meant = _FOR_ALL.intersection(endpoint.kind) or endpoint.path == "/" or _SENT.search(endpoint.path)
    return endpoint.access.verdict is AccessVerdict.OPEN and not meant


def _guarded(others: list[list[Endpoint]]) -> bool:
    kept = [one for one in others if all(way.access.verdict is AccessVerdict.GUARDED for way in one)]
    return len(others) >= _FEWEST and len(kept) >= _MOSTLY * len(others)
