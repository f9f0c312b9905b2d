"""A session that ended in mid-run: another one by its refresh token, else by signing in again."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.given import split
from launchready.probes.exchange import Exchange

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

_REFRESH = re.compile(r"/(?:[\w-]*refresh[\w-]*)(?:/|$)", re.I)
_TOKEN = re.compile(r"/(?:token|oauth/token|access[-_]token)/?$", re.I)
_NAMES = ("refresh_token", "refreshToken", "refresh", "token")


async def refresh(accounts: "Accounts", caller: Caller) -> bool:
    """Another session by the refresh token or the refresh cookie; False when there is none or it opens no door."""
    cookie = any("refresh" in name.lower() for name in caller.cookies)
    if not caller.refresh and not cookie:
        return False
    token, old = caller.refresh, dict(caller.headers)
    for method, path, given in _ways(caller, accounts.endpoints, token):
        exchange = await _send(caller, method, path, given)
        if not exchange.ok:
            continue
        if await accounts.enter(caller, exchange):
            caller.refresh = caller.refresh or token
            return True
        caller.headers = dict(old)
    return False


def _ways(caller: Caller, endpoints: Sequence[Endpoint], token: str) -> list[tuple[str, str, dict[str, Any]]]:
    configured = caller.identity.refresh_path if caller.identity else ""
    paths = [split(configured)] if configured else []
    posts = [e for e in endpoints if e.method in ("POST", "GET", "PUT") and "{" not in e.path and not e.hosted]
    paths += [(e.method, e.path) for e in posts if _REFRESH.search(e.path)]
    bodies: list[dict[str, Any]] = [{"json": {name: token}} for name in _NAMES] if token else []
    if not token or caller.cookies:
        bodies.insert(0, {})
    ways = [(method, path, given) for method, path in paths for given in (bodies if method != "GET" else [{}])]
    if token:
        ways += [(method, path, {"headers": {"Authorization": f"Bearer {token}"}}) for method, path in paths]
        grant = {"form": {"grant_type": "refresh_token", "refresh_token": token}}
        tokens = [(e.method, e.path) for e in posts if e.method == "POST" and _TOKEN.search(e.path)]
        ways += [(method, path, grant) for method, path in (*paths, *tokens)]
    return ways


async def _send(caller: Caller, method: str, path: str, given: dict[str, Any]) -> Exchange:
    # The access token has ended: sent along, it would only be refused.
    ended = {name: caller.headers.pop(name) for name in list(caller.headers) if name.lower() == "authorization"}
    try:
        return await caller.send(method, path, **given)
    finally:
        caller.headers = ended | caller.headers
