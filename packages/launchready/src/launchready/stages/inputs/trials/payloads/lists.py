"""Which whole lists may be removed: those below a record that this run made, while nothing stands in them that it did not make.

A ``DELETE`` without an id at its end removes a list. Whether a broken one is refused before it acts cannot be known, so that every one
counts as one that acts. Lists at the top stay alone: what a caller is shown of them need not be all that is removed.
"""

from typing import Any

from launchready.core.ways import shape
from launchready.ground.ground import Ground
from launchready.ground.ids import USER_NOUNS, Records, parameters
from launchready.model.hosts import is_loopback
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange

_IDS = ("id", "_id", "uuid", "slug", "key")
# What says that there is more than is shown.
_MORE = ("next", "next_page", "nextPage", "has_more", "hasMore", "next_cursor", "nextCursor")
_COUNTS = ("total", "count", "total_count", "totalCount", "total_items", "totalItems")

_TOTALS = ("x-total-count", "x-total", "total-records")


def is_list_removal(endpoint: Endpoint) -> bool:
    """Whether an endpoint removes a list: a DELETE that names a record, and ends in something below it."""
    return endpoint.method == "DELETE" and "{" in endpoint.path and not endpoint.path.rstrip("/").endswith("}")


async def own_list(ground: Ground, endpoint: Endpoint, caller: Caller) -> str | None:
    """The address of a list to remove, below a record that ``caller`` made; None where the run may remove none."""
    listed = any(e.method == "GET" and not e.hosted and shape(e.path) == shape(endpoint.path) for e in ground.endpoints)
    _, noun = parameters(endpoint.path)[-1]
    if not (ground.writes and listed and is_loopback(ground.guest.site.host)) or noun in USER_NOUNS:
        return None
    for value in ground.records.get(caller.name, Records()).made_of(noun):
        path = ground.path_of(endpoint, caller, value)
        if path is not None and only_ours(await ground.call(caller, "GET", path), _made_in(ground, path)):
            return path
    return None


def _made_in(ground: Ground, path: str) -> set[str]:
    """Ids of what the run made in a list: the same number may be another's elsewhere."""
    places = [made.path.rstrip("/").rpartition("/") for made in ground.made if not made.removed]
    return {value for above, _, value in places if above == path.rstrip("/")}


def only_ours(view: Exchange, ours: set[str]) -> bool:
    """Whether an answer is a whole list, and every record in it one of ``ours`` by its id."""
    said = parsed(view)
    rows = _list_of(said)
    if not view.ok or rows is None or view.header("next-page") or 'rel="next"' in view.header("link"):
        return False
    if isinstance(said, dict) and any(said.get(name) for name in _MORE):
        return False
    counts = [str(said.get(name, 0)) for name in _COUNTS] if isinstance(said, dict) else []
    counts += [view.header(name) for name in _TOTALS]
    known = all(int(count) <= len(rows) for count in counts if count.isdecimal())
    return known and all(_is_one_of(row, ours) for row in rows)


def _list_of(said: Any) -> list[Any] | None:
    """The one list that an answer is, or holds; None when it is another thing."""
    if isinstance(said, list):
        return said
    lists = [inner for inner in said.values() if isinstance(inner, list)] if isinstance(said, dict) else []
    return lists[0] if len(lists) == 1 else None


def _is_one_of(row: Any, ours: set[str]) -> bool:
    told = [row.get(name) for name in _IDS] if isinstance(row, dict) else []
    return any(isinstance(value, str | int) and str(value) in ours for value in told)
