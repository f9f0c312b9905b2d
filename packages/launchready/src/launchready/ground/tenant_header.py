"""The workspace that a call is about, where it stands in a header or in the query: ``X-Org-Id`` beside the token, or ``?org=``, as browsers of such apps
send it with every call.

Whoever is signed in and names none is told ``X-ORG-ID header is required``, whatever they ask for. Whether the app looks who belongs there is the question of
the access stage, for which every endpoint counts as one that takes the header from then on.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from launchready.ground.ground import Ground, safe_reads
from launchready.model.surface import Endpoint, Input
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import opened
from launchready.probes.exchange import Exchange

_PLACE = r"(?:org(?:ani[sz]ation)?|tenant|workspace|company|team)(?:-?(?:id|slug|uuid|key|name))?"
_NAME = re.compile(rf"^(?:x-)?(?:[a-z]+-)?{_PLACE}$", re.I)
# In words of a refusal a header is one by its beginning.
_TOLD = re.compile(rf"\bX-(?:[A-Za-z]+-)?{_PLACE}\b", re.I)
_TOLD_QUERY = re.compile(
    rf"(?<![\w-])({_PLACE.replace('-?', '[_-]?')})[\"'`]? (?:query )?(?:param(?:eter)? )?(?:is )?(?:required|missing|needed)\b",
    re.I,
)
_MOST, _VALUES = 6, 3


async def settle_in(ground: Ground, caller: Caller) -> None:
    """Let the caller name their own workspace with every call, where the app lets them in by that and not without."""
    values = list(dict.fromkeys((*sorted(caller.known("tenant")), *filter(None, (caller.tenant,)))))
    if caller.place or not values or ground.named_in == "":
        return
    refused = [one for one in await _reads(ground, caller) if one.status >= 400]
    names = (
        [ground.named_in] if ground.named_in else list(dict.fromkeys((*_told(refused), *_by_source(ground.endpoints))))
    )
    for name in names:
        for value in values[:_VALUES]:
            for before in refused:
                now = await _there(ground, caller, before.path, name, value)
                if opened(now):
                    caller.place = {name: value}
                    _take(ground, name)
                    return
    # The first who has a workspace shows it for all.
    ground.named_in = ground.named_in or ""


async def _there(ground: Ground, caller: Caller, path: str, name: str, value: str) -> Exchange:
    if name.startswith("?"):
        return await ground.call(caller, "GET", f"{path}{'&' if '?' in path else '?'}{name[1:]}={quote(value)}")
    return await ground.call(caller, "GET", path, headers={name: value})


async def _reads(ground: Ground, caller: Caller) -> list[Exchange]:
    paths = [e.path for e in safe_reads(ground.endpoints) if "{" not in e.path and "admin" not in e.path.lower()]
    return [await ground.call(caller, "GET", path) for path in paths[:_MOST]]


def _told(refused: Sequence[Exchange]) -> list[str]:
    said = [one.text[:2000] for one in refused if one.status < 500]
    headers = [found[0] for text in said if (found := _TOLD.search(text))]
    return headers or [f"?{found[1]}" for text in said if (found := _TOLD_QUERY.search(text))]


def _by_source(endpoints: Sequence[Endpoint]) -> list[str]:
    named = [(one.where, one.name) for e in endpoints for one in e.inputs if _NAME.match(one.name.replace("_", "-"))]
    return [name if where == "header" else f"?{name}" for where, name in named if where in ("header", "query")]


def _take(ground: Ground, name: str) -> None:
    """From now on every endpoint takes the header: a middleware reads it, whatever the handler does."""
    if ground.named_in:
        return
    ground.named_in = name
    ground.answers.clear()
    where, name = ("query", name[1:]) if name.startswith("?") else ("header", name)
    ground.endpoints = [
        e
        if any(one.where == where and one.name.lower() == name.lower() for one in e.inputs) or e.hosted or "#" in e.path
        else replace(e, inputs=(*e.inputs, Input(name, where)))
        for e in ground.endpoints
    ]
