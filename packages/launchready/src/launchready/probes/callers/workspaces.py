"""A workspace of one's own, where the app has them and sign-up gave none."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import as_form, build, is_form, mend
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

TENANT = re.compile(
    r"(?:workspace|org|organi[sz]ation|tenant|team|compan(?:y|ie)|space|household|communit(?:y|ie)|club)s?", re.I
)
_MAKING = re.compile(rf"/{TENANT.pattern}/?(?:create|new)?/?$", re.I)
_ROUNDS = 5
_IDS = ("id", "_id", "uuid", "pk", "slug")


async def own_workspace(accounts: "Accounts", caller: Caller) -> Exchange | None:
    """Create a workspace as the caller, and learn its ids; None when the app offers no such way or refused."""
    for endpoint in makes_workspaces(accounts.endpoints):
        if _theirs(caller, endpoint.path, await caller.send("GET", endpoint.path)):
            return None
        exchange = await _create(caller, endpoint)
        if exchange.ok and not says_error(exchange):
            learn_workspace(caller, endpoint.path, parsed(exchange))
            return exchange
        accounts.note(endpoint.name, f"no workspace was made: {exchange.error or exchange.status}")
    return None


def makes_workspaces(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """What gives whoever calls it a workspace of their own."""
    return [
        e for e in endpoints if e.method == "POST" and "{" not in e.path and not e.hosted and _MAKING.search(e.path)
    ]


def _theirs(caller: Caller, path: str, listed: Exchange) -> bool:
    """Whether a list shows a workspace that the caller named: an earlier run that was stopped made it."""
    marker = caller.person.marker.lower() if caller.person else "\0"
    said = parsed(listed) if listed.ok else None
    items = next((v for v in said.values() if isinstance(v, list)), []) if isinstance(said, dict) else said
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and any(marker in str(value).lower() for value in item.values()):
            learn_workspace(caller, path, item)
            return True
    return False


def learn_workspace(caller: Caller, path: str, said: Any) -> None:
    """Take the ids of a workspace out of what the app says of it."""
    noun = noun_of(path)
    for name, value in list(leaves(said))[:40]:
        if name.lower() in _IDS or name.lower().replace("_", "") == f"{noun}id":
            for known in ("slug", f"{noun}slug") if name.lower() == "slug" else (f"{noun}id",):
                caller.learn(known, value)
            caller.learn("tenant", value)
            caller.founder = True
            if name.lower() != "slug":
                break


def noun_of(path: str) -> str:
    """``workspace`` of ``/api/workspaces``; empty when the path names none."""
    found = [part for part in path.split("/") if TENANT.fullmatch(part)]
    return re.sub(r"ies$", "y", found[-1].lower()).rstrip("s") if found else ""


async def _create(caller: Caller, endpoint: Endpoint) -> Exchange:
    person = caller.person
    assert person is not None
    body, form = build(endpoint, person), is_form(endpoint)
    # A slug is an address: letters alone, and nobody else's.
    body = {
        name: person.marker if re.search(r"slug|subdomain|handle|key$", name, re.I) else v for name, v in body.items()
    }
    exchange = Exchange(endpoint.method, "", endpoint.path)
    for _ in range(_ROUNDS):
        given: dict[str, Any] = (
            {"form": as_form(body)} if form else {"json": body or {"name": f"Launch {person.marker}"}}
        )
        exchange = await caller.send("POST", endpoint.path, **given)
        if exchange.status == 415 and not form:
            form = True
            continue
        mended = mend(body, exchange, person) if exchange.status in (400, 422) else None
        if mended is None:
            break
        body = mended
    return exchange
