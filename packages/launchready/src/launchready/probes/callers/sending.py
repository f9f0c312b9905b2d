"""Sends a body as JSON or as a form, and fetches a CSRF token first when the app asks for one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import as_form
from launchready.probes.callers.caller import FORM_TOKEN, Caller
from launchready.probes.callers.forms import forms_of
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
            token = _token_of(await caller.send("GET", place))
            if not token and caller.cookies == had:
                # Nothing new to send it with, and each sending may cost somebody a letter.
                continue
            again = await caller.send(verb, path, **token.beside(given))
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


async def fetch_token(caller: Caller, endpoints: Sequence[Endpoint], pages: Sequence[str] = ()) -> bool:
    """Give the caller a CSRF token for all their writes, from where the app hands them out: ``pages`` that may have the form in question, an
    endpoint of its own, else its other pages."""
    own = [
        e.path for e in endpoints if e.method == "GET" and _CSRF.search(e.path) and "{" not in e.path and not e.hosted
    ]
    for place in dict.fromkeys((*pages, *own, *_PLACES)):
        if token := _token_of(await caller.send("GET", place)):
            # In place: who goes on in this session under another name writes with it as well.
            caller.writing.update({**token.headers, "Referer": f"{caller.site.origin}{caller.site.base}/"})
            caller.hidden.update(token.fields)
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Token:
    """A CSRF token as a script sends it, and as the form of a page does: some apps read it in one of these places alone."""

    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.headers)

    def beside(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A request with the token."""
        sent = {**given, "headers": dict(self.headers)}
        return sent | {"form": {**given["form"], **self.fields}} if "form" in given else sent


def _token_of(exchange: Exchange) -> _Token:
    if not exchange.ok:
        return _Token()
    for form in forms_of(exchange):
        for name, control in form.fields.items():
            if control.kind == "hidden" and len(control.value) >= _SHORTEST and FORM_TOKEN.search(name):
                return _Token(_headers(control.value), {name: control.value})
    if found := _META.search(exchange.text):
        return _Token(_headers(found[1]))
    # What an address for such tokens answers with is one, whatever it calls it.
    only = bool(_CSRF.search(exchange.path))
    for name, value in leaves(parsed(exchange)):
        if isinstance(value, str) and (_CSRF.search(name) or (only and len(value) >= _SHORTEST)):
            return _Token(_headers(value))
    return _Token()


def _headers(token: str) -> dict[str, str]:
    return {"X-CSRF-Token": token, "X-CSRFToken": token}
