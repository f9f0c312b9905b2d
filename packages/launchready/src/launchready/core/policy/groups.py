"""Rows in groups a person reads at one go: sign-in first, administration early, the rest by the first part of their address."""

import re
from collections import defaultdict
from collections.abc import Sequence

from launchready_guard.policy import shape

from launchready.core.policy.guess import Drafted
from launchready.model.words import ARRIVALS, Kind

_FIRST = (
    ("Sign-in, sign-up, passwords", ARRIVALS),
    ("Webhooks", frozenset((Kind.WEBHOOK,))),
    ("Administration", frozenset((Kind.ADMIN,))),
)
_LAST = ("Health, documentation", frozenset((Kind.HEALTH, Kind.DOCS)))
_REST = "Everything else"
_PREFIX = re.compile(r"^(?:api|rest|v\d+(?:\.\d+)?|\{.*\}|)$")


def grouped(rows: Sequence[Drafted]) -> list[tuple[str, list[Drafted]]]:
    """``(title, rows)``. Rows of one address stay together, the one for any method last, for the first that fits counts."""
    kinds: dict[str, set[Kind]] = defaultdict(set)
    for row in rows:
        kinds[shape(row.row.path)].update(row.endpoint.kind)
    parts: dict[str, list[Drafted]] = defaultdict(list)
    for row in rows:
        parts[_title(row, kinds[shape(row.row.path)])].append(row)
    named = [title for title, _ in _FIRST] + [_LAST[0]]
    for title in [title for title in parts if title not in named and len(parts[title]) < 2]:
        parts[_REST] += parts.pop(title) if title != _REST else []
    order = [title for title, _ in _FIRST]
    order += sorted(title for title in parts if title not in (*named, _REST))
    order += [_REST, _LAST[0]]
    return [(title, sorted(parts[title], key=_place)) for title in order if parts.get(title)]


def _title(row: Drafted, kinds: set[Kind]) -> str:
    for title, wanted in (*_FIRST, _LAST):
        if kinds & wanted:
            return title
    first = next((part for part in row.row.path.split("#")[0].split("/") if not _PREFIX.match(part)), "")
    return f"/{first}" if first else _REST


def _place(row: Drafted) -> tuple[str, bool, str]:
    return shape(row.row.path), row.row.method == "ANY", row.row.method
