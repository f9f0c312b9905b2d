"""Signing in to an app of Auth.js (NextAuth) by its credentials provider, whose addresses stand in no source but that of the library.

Source: authjs.dev (REST API): ``GET /csrf`` gives a token, ``POST /callback/ID`` takes it with the fields of the provider, ``GET /session`` says who is signed in.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.tokens import parsed
from launchready.probes.callers.trouble import said
from launchready.probes.exchange import Exchange

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

# What stands in ``Accounts.first`` when this was the way in.
AUTHJS = "Auth.js"
_CATCH_ALL = re.compile(r"^(?P<base>/.*\bauth)/\{\w+[?*]?\}/?$")
_REFUSED = re.compile(r"[?&]error=(\w+)")


def bases(endpoints: Sequence[Endpoint]) -> list[str]:
    """The addresses below which one handler answers for all that has to do with signing in."""
    found = (_CATCH_ALL.match(endpoint.path) for endpoint in endpoints if not endpoint.hosted)
    return list(dict.fromkeys(match["base"] for match in found if match))


async def session_pages(guest: Caller, endpoints: Sequence[Endpoint]) -> list[str]:
    """Where Auth.js says who is signed in: to a stranger, that nobody is."""
    found = []
    for base in bases(endpoints):
        if _by_password(await guest.send("GET", f"{base}/providers")):
            found.append(f"{base}/session")
    return found


async def by_authjs(accounts: "Accounts", caller: Caller, person: Person) -> bool:
    """A session of Auth.js for somebody with a password; False where there is no such provider, or it refuses."""
    for base in bases(accounts.endpoints):
        listed = await caller.send("GET", f"{base}/providers")
        if listed.status >= 500:
            accounts.note(f"GET {base}/providers", said(listed))
        for provider in _by_password(listed):
            # An app asks for the name or the address under any of these; what it does not ask for it does not read.
            for name in dict.fromkeys((person.username, person.email)):
                caller.forget()
                exchange = await _sent(caller, base, provider, person, name)
                refused = _REFUSED.search(exchange.text[:2000] + exchange.header("location"))
                if exchange.error or exchange.status >= 400 or refused:
                    why = f"{exchange.status}, {refused[1]}" if refused else said(exchange)
                    accounts.note(f"POST {base}/callback/{provider}", why)
                    continue
                if await accounts.enter(caller, exchange):
                    accounts.logins[caller.name] = exchange
                    accounts.first.insert(0, AUTHJS)
                    return True
                why = f"{exchange.status}, but the session opens no door"
                accounts.note(f"POST {base}/callback/{provider}", why)
    return False


def _by_password(listed: Exchange) -> list[str]:
    """The ids of the providers that take a password."""
    known = parsed(listed)
    return [
        str(name)
        for name, one in (known.items() if isinstance(known, dict) else ())
        if isinstance(one, dict) and one.get("type") == "credentials"
    ]


async def _sent(caller: Caller, base: str, provider: str, person: Person, name: str) -> Exchange:
    token = parsed(await caller.send("GET", f"{base}/csrf"))
    form = {
        "csrfToken": str(token.get("csrfToken", "")) if isinstance(token, dict) else "",
        "callbackUrl": caller.site.origin + caller.site.base + "/",
        "json": "true",
        "email": person.email,
        "username": name,
        "identifier": name,
        "password": person.password,
    }
    # With this header version 5 answers with JSON, as version 4 does for the field ``json``.
    headers = {"X-Auth-Return-Redirect": "1", "Origin": caller.site.origin}
    return await caller.send("POST", f"{base}/callback/{provider}", form=form, headers=headers)
