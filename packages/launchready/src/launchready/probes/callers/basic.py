"""HTTP Basic (RFC 7617): at every door, or once, at an address that gives a token for a name and a password."""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.trouble import said
from launchready.probes.exchange import Exchange

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

# What stands in ``Accounts.first`` when an address that asks for Basic gave the token.
BASIC = "HTTP Basic"
_GIVES = re.compile(
    r"/(?:(?:access|auth|api|login)[-_]?)?(?:tokens?|keys?|sessions?|log-?in|sign-?in|auth\w*)/?$", re.I
)


def asks_for_basic(exchange: Exchange) -> bool:
    """Whether an answer asks for a name and a password by the header that browsers know."""
    return exchange.status == 401 and exchange.header("www-authenticate").lower().startswith("basic")


def name_and_password(exchange: Exchange) -> tuple[str, str] | None:
    """What a request was signed with by Basic; None when it was not."""
    scheme, _, pair = exchange.sent_headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        name, colon, password = base64.b64decode(pair).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


async def by_basic_token(accounts: "Accounts", caller: Caller, person: Person) -> bool:
    """A token of an address that asks for Basic, or refuses whoever brings nothing and reads no body, when it opens a door."""
    for endpoint in _givers(accounts.endpoints):
        caller.forget()
        asked = await caller.send(endpoint.method, endpoint.path)
        # Apps whose pages sign people in name another scheme, or none, to keep the browser's own dialog away.
        if not asks_for_basic(asked) and (asked.status != 401 or fields_of(endpoint)):
            continue
        for header in _headers(person):
            exchange = await caller.send(endpoint.method, endpoint.path, headers={"Authorization": header})
            if exchange.ok and await accounts.enter(caller, exchange):
                accounts.logins[caller.name] = exchange
                accounts.first.insert(0, BASIC)
                return True
            accounts.note(endpoint.name, said(exchange), exchange)
    return False


async def by_basic(accounts: "Accounts", caller: Caller, person: Person) -> bool:
    """Basic with every request, where a shut door asks for it."""
    caller.forget()
    for path in (*accounts.doors.paths, *accounts.doors.inner)[:1]:
        if not asks_for_basic(await caller.send("GET", path)):
            continue
        for header in _headers(person):
            caller.headers["Authorization"] = header
            if await accounts.doors.open_to(caller):
                return True
    caller.forget()
    return False


def _givers(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    return [
        one
        for one in endpoints
        if one.method in ("POST", "GET") and "{" not in one.path and not one.hosted and _GIVES.search(one.path)
    ]


def _headers(person: Person) -> Iterator[str]:
    for name in dict.fromkeys((person.username, person.email)):
        yield "Basic " + base64.b64encode(f"{name}:{person.password}".encode()).decode()
