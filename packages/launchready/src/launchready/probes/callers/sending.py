"""Sends a body as JSON or as a form, and fetches a CSRF token first when the app asks for one."""

import re
from typing import Any

from launchready.probes.callers.bodies import as_form
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange

_CSRF = re.compile(r"csrf|xsrf|page expired|authenticity[ _]token", re.I)
_META = re.compile(r"<meta[^>]+name=[\"']csrf-token[\"'][^>]+content=[\"']([^\"']+)", re.I)
_PLACES = ("/api/csrf", "/csrf", "/csrf-token", "/api/csrf-token", "/sanctum/csrf-cookie", "/")


async def submit(caller: Caller, method: str, path: str, body: dict[str, Any], *, form: bool) -> Exchange:
    """Send the body; when the answer is about a CSRF token (CWE-352), get one as a page would, and send it again."""
    verb = "POST" if method == "ANY" else method
    given: dict[str, Any] = {"form": as_form(body)} if form else {"json": body}
    exchange = await caller.send(verb, path, **given)
    if exchange.status in (400, 403, 419, 422) and _CSRF.search(exchange.text[:3000]):
        for place in (path, *_PLACES):
            headers = _token_of(await caller.send("GET", place))
            again = await caller.send(verb, path, headers=headers, **given) if headers or caller.cookies else exchange
            if not _CSRF.search(again.text[:3000]):
                return again
    return exchange


def _token_of(exchange: Exchange) -> dict[str, str]:
    if not exchange.ok:
        return {}
    if found := _META.search(exchange.text):
        return {"X-CSRF-Token": found[1]}
    for name, value in leaves(parsed(exchange)):
        if isinstance(value, str) and _CSRF.search(name):
            return {"X-CSRF-Token": value, "X-CSRFToken": value}
    return {}
