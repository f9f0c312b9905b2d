"""Lets in whoever signed up and waits for it, as somebody with a rank would: by the address that approves or activates an account.

Which account is meant, a list or a page of theirs tells: the row with the very address or name that signed up.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from launchready.model.surface import PARAMETER, Endpoint
from launchready.probes.callers.caller import Caller, Person, mentions
from launchready.probes.callers.doors import opened, says_error
from launchready.probes.callers.tokens import parsed

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

_LETS_IN = re.compile(r"(?:^|[/_-])(?:approve|activate|accept|enable|admit|validate|verify)(?:[/_-]|$)", re.I)
_PEOPLE = re.compile(
    r"user|account|member|employee|staff|people|person|customer|student|volunteer|regist|request|pending|admin", re.I
)
_IDS = ("id", "_id", "uuid", "pk", "user_id", "userId", "username", "email")
_MOST_PAGES, _MOST_WAYS = 12, 3
_NEAR = 3000


async def let_in(accounts: "Accounts", caller: Caller, host: Caller) -> bool:
    """Whether the host was told of the account and could call what lets it in."""
    person = caller.person
    ways = [e for e in accounts.endpoints if _lets_in(e)][:_MOST_WAYS]
    if person is None or not ways:
        return False
    pages = [
        e.path
        for e in accounts.endpoints
        if e.method == "GET" and "{" not in e.path and not e.hosted and e.action == "read" and _PEOPLE.search(e.path)
    ]
    for path in pages[:_MOST_PAGES]:
        page = await host.send("GET", path)
        if not opened(page) or not mentions(page, caller):
            continue
        for way in ways:
            for address in _addresses(way, person, page.text, parsed(page)):
                done = await host.send(way.method, address, json=None if way.method == "GET" else {})
                if not done.error and done.status < 400 and not says_error(done):
                    return True
    return False


def _lets_in(endpoint: Endpoint) -> bool:
    named = PARAMETER.findall(endpoint.path)
    return (
        endpoint.method in ("GET", "POST", "PUT", "PATCH")
        and (endpoint.method != "GET" or endpoint.action == "write")
        and not endpoint.hosted
        and len(named) == 1
        and bool(_LETS_IN.search(endpoint.path))
        and bool(_PEOPLE.search(endpoint.path))
    )


def _addresses(way: Endpoint, person: Person, text: str, said: object) -> Sequence[str]:
    """Where this one account is let in: the way's address with the id of their row, or the one that a page shows behind their name."""
    signs = {person.email, person.username}
    if said is not None:
        values = next((_id(row) for row in _rows(said) if signs.intersection(map(str, row.values()))), "")
        return (PARAMETER.sub(values, way.path),) if values else ()
    at = min((place for sign in signs if (place := text.find(sign)) >= 0), default=-1)
    if at < 0:
        return ()
    before, behind = PARAMETER.split(way.path)[0], PARAMETER.split(way.path)[-1]
    shown = re.compile(rf"{re.escape(before)}([\w.-]{{1,64}}){re.escape(behind)}(?=[\"'?\s])")
    found = shown.search(text, at, at + _NEAR)
    return (f"{before}{found[1]}{behind}",) if found else ()


def _rows(said: object, depth: int = 0) -> list[dict[str, object]]:
    if isinstance(said, dict):
        inner = [row for held in said.values() for row in _rows(held, depth + 1)] if depth < 4 else []
        return [*inner, said]
    return [row for one in said[:200] for row in _rows(one, depth + 1)] if isinstance(said, list) and depth < 4 else []


def _id(row: dict[str, object]) -> str:
    return next((str(row[name]) for name in _IDS if row.get(name) not in (None, "")), "")
