"""What a caller's session is made of: the header or the cookies without which no door opens."""

import math
import time
from dataclasses import dataclass, replace

from launchready.ground.ground import Ground
from launchready.ground.seen import Seen, alone
from launchready.ground.sending import OutOfTimeError
from launchready.model.surface import SAFE_METHODS
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.sending import asks_for_token, fetch_token
from launchready.probes.callers.tokens import claims
from launchready.probes.exchange import Exchange

_DOORS = 3
# Seconds; what many apps give a token that nobody can take back, beside one that renews it.
_SOON = 900.0


@dataclass(frozen=True, slots=True)
class Carried:
    """One part of a session: ``token`` is the secret in it, without the scheme; ``cookie`` says where it travels."""

    name: str
    value: str
    token: str
    cookie: bool

    def alone(self, caller: Caller, token: str) -> Caller:
        """Somebody who has nothing but this part, with another token in it."""
        value = self.value.replace(self.token, token)
        if self.cookie:
            return Caller(f"{caller.name}-forged", caller.site, cookies={self.name: value})
        return Caller(f"{caller.name}-forged", caller.site, headers={self.name: value})


def carried(caller: Caller) -> list[Carried]:
    """The parts of a caller's session, headers first."""
    found = [Carried(name, value, value.split()[-1], False) for name, value in caller.headers.items() if value.split()]
    found += [Carried(name, value, value.strip('"'), True) for name, value in caller.cookies.items()]
    return found


def jwts(caller: Caller) -> list[Carried]:
    """Those parts that are JSON Web Tokens."""
    return [part for part in carried(caller) if claims(part.token)]


async def session_cookies(ground: Ground, caller: Caller) -> list[str]:
    """The names of the cookies that make the session: without any one of them the door stays shut."""
    if not caller.cookies or not await opened_by(ground, caller):
        return []
    found = []
    for name in list(caller.cookies):
        without = copy(caller, f"{caller.name}-without")
        del without.cookies[name]
        if await opened_by(ground, without) is None:
            found.append(name)
    return found


async def ends_soon(ground: Ground, kept: Caller) -> int:
    """In how many minutes a session ends by itself, at most, where all that opens a door is a token that says so (RFC 7519, ``exp``); 0 when that is
    not soon, or when something else opens it too."""
    left = {part.name: _seconds_left(part.token) for part in jwts(kept)}
    soon = {name: seconds for name, seconds in left.items() if 0 < seconds <= _SOON}
    if not soon:
        return 0
    rest = copy(kept, f"{kept.name}-without")
    for name in soon:
        rest.cookies.pop(name, None)
        rest.headers.pop(name, None)
    if not rest.guest and await opened_by(ground, rest) is not None:
        return 0
    return math.ceil(max(soon.values()) / 60)


def _seconds_left(token: str) -> float:
    end = claims(token).get("exp")
    return end - time.time() if isinstance(end, int | float) and not isinstance(end, bool) else 0.0


async def opened_by(ground: Ground, someone: Caller) -> Exchange | None:
    """The first door that opens to this session, asked without more sessions being made on the way."""
    for path in ground.accounts.doors.paths[:_DOORS]:
        exchange = await unwatched(ground, copy(someone, someone.name), "GET", path)
        # A list of nothing is let in as well: a stranger was refused.
        if alone(exchange) in (Seen.ALLOWED, Seen.EMPTY) or ground.accounts.doors.knows(exchange):
            return exchange
    for path in ground.accounts.doors.named if not ground.accounts.doors.for_all else ():
        exchange = await unwatched(ground, copy(someone, someone.name), "GET", path)
        if await ground.accounts.doors.names_somebody(someone, exchange):
            return exchange
    return None


async def unwatched(ground: Ground, someone: Caller, method: str, path: str, **given: object) -> Exchange:
    """A call whose session may be worth nothing: that it is refused says nothing about the sessions of the run, so none is looked after.

    Raises :class:`OutOfTimeError` when the time is over.
    """
    if time.monotonic() > ground.until:
        raise OutOfTimeError
    exchange = await someone.send(method, path, **given)  # type: ignore[arg-type]
    if method in SAFE_METHODS or not asks_for_token(exchange):
        return exchange
    # What a page of the app sends has its CSRF token, and so does who copied the session of somebody that was shown the page.
    if not await fetch_token(someone, ground.endpoints, (path, *ground.accounts.doors.paths[:_DOORS])):
        return exchange
    return await someone.send(method, path, **(given or {"form": {}}))  # type: ignore[arg-type]


def copy(caller: Caller, name: str) -> Caller:
    """The same session under another name, so that neither changes the other's cookies. Nobody signs it in again."""
    return replace(caller, name=name, person=None, headers=dict(caller.headers), cookies=dict(caller.cookies), facts={})
