"""Whether a session works: doors that were shut to a stranger, tried with it."""

import re
from collections.abc import Sequence

from launchready.model.words import Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestCall, turned_away

_MINE = re.compile(
    r"/(?:me|my|self|profile|account|whoami|current[-_]?user|userinfo|session|users?/(?:me|current|self)|user|dashboard|home)/?$",
    re.I,
)
_SCHEMES = (("Authorization", "Bearer {}"), ("Authorization", "Token {}"), ("Authorization", "JWT {}"), ("Authorization", "{}"),
            ("x-access-token", "{}"), ("X-Auth-Token", "{}"), ("X-API-Key", "{}"), ("Cookie", "token={}"))  # fmt: skip
_MOST = 6


class Doors:
    """GET addresses without parameters that refused a stranger; those that speak of the caller first."""

    def __init__(self, calls: Sequence[GuestCall]) -> None:
        # A login page is no door: it looks the same to everybody.
        shut = [
            call.exchange.path
            for call in calls
            if call.refused and "{" not in call.endpoint.path and Kind.LOGIN not in call.endpoint.kind
        ]
        self.paths = sorted(dict.fromkeys(shut), key=lambda path: (not _MINE.search(path), path.count("/"), path))[
            :_MOST
        ]

    async def open_to(self, caller: Caller) -> Exchange | None:
        """The first door this caller gets through, None when all stay shut."""
        for path in self.paths:
            exchange = await caller.send("GET", path)
            if opened(exchange):
                return exchange
        return None

    async def try_token(self, caller: Caller, token: str) -> Exchange | None:
        """Give the caller the token in the way the app wants it; None, and no header kept, when no way opens a door."""
        before = dict(caller.headers)
        for name, pattern in _SCHEMES:
            caller.headers = before | {name: pattern.format(token)}
            if found := await self.open_to(caller):
                return found
        caller.headers = before
        return None


def opened(exchange: Exchange) -> bool:
    """Whether an answer lets the caller in: 2xx, no login page, and no error wrapped in a success."""
    return exchange.ok and not turned_away(exchange) and not says_error(exchange)


def says_error(exchange: Exchange) -> bool:
    """Whether a 2xx answer tells of a failure in its body."""
    said = parsed(exchange)
    if not isinstance(said, dict):
        return False
    status = str(said.get("status", said.get("success", ""))).lower()
    if status in ("error", "fail", "failed", "failure", "false") or re.fullmatch(r"[45]\d\d", status):
        return True
    return bool(said.get("error") or said.get("errors")) and not (said.get("data") or said.get("result"))
