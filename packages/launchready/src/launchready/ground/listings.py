"""Lists in which a record can be looked up: read by a GET, or by a POST that only asks, such as ``POST /pools/filter``."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from launchready.core.ways import shape
from launchready.ground.ground import DANGEROUS, Ground, safe_reads
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange

_ASKS = re.compile(r"/(?:filter|search|query|paginate|list|find)/?$", re.I)


@dataclass(frozen=True, slots=True)
class Listing:
    """``at`` is the template of the address that the records stand below, ``end`` what the list's own address has after it."""

    method: str
    at: str
    end: str

    async def read(self, ground: Ground, caller: Caller, at: str) -> Exchange | None:
        """What ``caller`` is shown of the list at the address ``at``; None where that is no list. A POST asks for everything."""
        given: dict[str, object] = {"json": {}} if self.method == "POST" else {}
        answer = await ground.call(caller, self.method, at + self.end, **given)
        return answer if is_listing(answer) else None


def is_listing(answer: Exchange) -> bool:
    """Whether an answer tells what there is."""
    return answer.ok and isinstance(parsed(answer), list | dict) and not says_error(answer)


def listings(endpoints: Iterable[Endpoint]) -> list[Listing]:
    """Every list that can be read, those by a GET first."""
    every = list(endpoints)
    found = []
    for endpoint in safe_reads(every):
        at = endpoint.path.rstrip("/")
        if at and not at.endswith("}"):
            found.append(Listing("GET", at, endpoint.path[len(at) :]))
    return found + posted(every)


def posted(endpoints: Iterable[Endpoint]) -> list[Listing]:
    """Those that are read by a POST alone or as well, of what can be made or removed there."""
    every, found = list(endpoints), []
    kept = {shape(e.path) for e in every if e.method in ("POST", "PUT", "DELETE")}
    for endpoint in every:
        end = _ASKS.search(endpoint.path)
        usable = (
            endpoint.path.startswith("/") and not endpoint.hosted and not any(mark in endpoint.path for mark in "#*")
        )
        if endpoint.method == "POST" and end and end.start() and usable and not DANGEROUS.search(endpoint.path):
            at = endpoint.path[: end.start()]
            if kept.intersection((shape(at), shape(f"{at}/{{id}}"))):
                found.append(Listing("POST", at, end[0]))
    return found
