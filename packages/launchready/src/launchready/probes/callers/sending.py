"""Sends a body as JSON or as a form, and fetches a CSRF token first when the app asks for one."""

import re
from collections.abc import Sequence
from typing import Any

from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import as_form
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.from_pages import asks_for_origin, learn_origin
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange

_CSRF = re.compile(r"csrf|xsrf|page expired|authenticity[ _]token", re.I)
_NO_TOKEN = re.compile(
    r"(?:csrf|xsrf|authenticity)[ _-](?:session )?token[ _]?(?:is |are |has |does |do |was )*(?:missing|invalid|expired|mismatch|not match|required)|"
    r"(?:missing|invalid|expired|bad) (?:csrf|xsrf|authenticity)[ _-]token|csrf verification failed",
    re.I,
)
_META = re.compile(r"<meta[^>]+name=[\"']csrf-token[\"'][^>]+content=[\"']([^\"']+)", re.I)
_HIDDEN = re.compile(r"<input[^>]+name=[\"'](?:_?csrf_?token|_csrf)[\"'][^>]+value=[\"']([^\"']{16,})", re.I)
_SHORTEST = 16
_PLACES = ("/api/csrf", "/csrf", "/csrf-token", "/api/csrf-token", "/sanctum/csrf-cookie", "/")


async def submit(caller: Caller, method: str, path: str, body: dict[str, Any], *, form: bool) -> Exchange:
    """Send the body; when the answer is about a CSRF token (CWE-352), get one as a page would, and send it again."""
    verb = "POST" if method == "ANY" else method
    given: dict[str, Any] = {"form": as_form(body)} if form else {"json": body}
    exchange = await caller.send(verb, path, **given)
    while await caller.site.patience.wait(exchange):
        exchange = await caller.send(verb, path, **given)
    if asks_for_origin(exchange) and await learn_origin(caller, verb, path):
        exchange = await caller.send(verb, path, **given)
    if asks_for_token(exchange):
        for place in (path, *_PLACES):
            had = dict(caller.cookies)
            headers = _token_of(await caller.send("GET", place))
            if not headers and caller.cookies == had:
                # Nothing new to send it with, and each sending may cost somebody a letter.
                continue
            again = await caller.send(verb, path, headers=headers, **given)
            if not asks_for_token(again):
                return again
    return exchange


def asks_for_token(exchange: Exchange) -> bool:
    """Whether a refusal is about a CSRF token."""
    if exchange.status == 500:
        return refuses_token(exchange)
    return exchange.status in (400, 403, 419, 422) and bool(_CSRF.search(exchange.text[:3000]))


def refuses_token(exchange: Exchange) -> bool:
    """Whether an answer says in so many words that a CSRF token is missing or wrong; some apps answer 500 to that."""
    return bool(_NO_TOKEN.search(exchange.text))


async def fetch_token(caller: Caller, endpoints: Sequence[Endpoint]) -> bool:
    """Give the caller a CSRF token for all their writes, from where the app hands them out: an endpoint of its own, else its pages."""
    own = [
        e.path for e in endpoints if e.method == "GET" and _CSRF.search(e.path) and "{" not in e.path and not e.hosted
    ]
    for place in dict.fromkeys((*own, *_PLACES)):
        if headers := _token_of(await caller.send("GET", place)):
            # In place: who goes on in this session under another name writes with it as well.
            caller.writing.update(headers | {"Referer": f"{caller.site.origin}{caller.site.base}/"})
            return True
    return False


def _token_of(exchange: Exchange) -> dict[str, str]:
    if not exchange.ok:
        return {}
    if found := _META.search(exchange.text) or _HIDDEN.search(exchange.text):
        return {"X-CSRF-Token": found[1], "X-CSRFToken": found[1]}
    # What an address for such tokens answers with is one, whatever it calls it.
    only = bool(_CSRF.search(exchange.path))
    for name, value in leaves(parsed(exchange)):
        if isinstance(value, str) and (_CSRF.search(name) or (only and len(value) >= _SHORTEST)):
            return {"X-CSRF-Token": value, "X-CSRFToken": value}
    return {}
