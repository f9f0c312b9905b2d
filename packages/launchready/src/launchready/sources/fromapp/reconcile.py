"""What the source shows beside what the app itself holds: one surface, and a word on every difference."""

from collections import defaultdict
from dataclasses import replace

from launchready.core.ways import matches, merged, shape
from launchready.model.surface import Endpoint, Surface, Unread

_ANY = frozenset(("ANY", "ALL", "*"))
_SHOWN = 10


def reconciled(surface: Surface, table: tuple[Endpoint, ...]) -> Surface:
    """``surface`` with the app's route table merged in: ``seen_in`` gains ``app``, and ``unread`` says what only one of both saw."""
    by_shape: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in surface.endpoints:
        by_shape[shape(endpoint.path)].append(endpoint)
    rows: list[Endpoint] = []
    for row in table:
        near = by_shape.get(shape(row.path), [])
        if row.method in _ANY and near:
            # A view that leaves its methods to its own code answers those that the source shows.
            rows += [replace(row, method=endpoint.method, path=endpoint.path) for endpoint in near]
        else:
            rows.append(row)
    known = [_registered(endpoint, rows) for endpoint in surface.endpoints]
    found = merged(known, rows)
    only_app = [e for e in found if e.seen_in == ("app",)]
    only_source = [e for e in found if "source" in e.seen_in and "app" not in e.seen_in]
    notes = [
        *_note("only the running app has", only_app, "the source that adds them was not followed"),
        *_note(
            "only the source has",
            only_source,
            "the app that was asked does not register them: dead code, or another app",
        ),
    ]
    return replace(surface, endpoints=found, unread=(*surface.unread, *notes))


def _registered(endpoint: Endpoint, rows: list[Endpoint]) -> Endpoint:
    """The endpoint, marked as the app's when its template stands for paths that the app writes out one by one."""
    if "{" in endpoint.path and any(
        row.method in (endpoint.method, *_ANY) and matches(endpoint.path, row.path) for row in rows
    ):
        return replace(endpoint, seen_in=tuple(dict.fromkeys((*endpoint.seen_in, "app"))))
    return endpoint


def _note(who: str, endpoints: list[Endpoint], why: str) -> list[Unread]:
    if not endpoints:
        return []
    named = ", ".join(endpoint.name for endpoint in endpoints[:_SHOWN])
    more = f" and {len(endpoints) - _SHOWN} more" if len(endpoints) > _SHOWN else ""
    count = "1 way in" if len(endpoints) == 1 else f"{len(endpoints)} ways in"
    return [Unread(".", f"{who} {count}, {why}: {named}{more}")]
