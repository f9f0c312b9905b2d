"""Whether a session works: doors that were shut to a stranger, tried with it."""

import re
from collections.abc import Sequence

from launchready.model.words import Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.forms import forms_of
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import ARGUMENT, Exchange
from launchready.probes.guest import GuestCall, turned_away

_MINE = re.compile(
    r"/(?:me|my|self|profile|account|whoami|current[-_]?user|userinfo|session|users?/(?:me|current|self)|user|dashboard|home)/?$",
    re.I,
)
_SIGN_IN = re.compile(r"log-?_?in|sign-?_?in|session|auth/?$", re.I)
_ABOVE = re.compile(r"admin|staff|super|internal|backoffice|manage", re.I)
_SCHEMES = (("Authorization", "Bearer {}"), ("Authorization", "Token {}"), ("Authorization", "JWT {}"), ("Authorization", "{}"),
            ("x-access-token", "{}"), ("X-Auth-Token", "{}"), ("X-Token", "{}"), ("X-API-Key", "{}"), ("Cookie", "token={}"))  # fmt: skip
# Where apps keep what is a visitor's own, for those whose source shows no door.
_USUAL = ("/api/me", "/me", "/api/users/me", "/api/v1/users/me", "/users/me", "/api/user", "/api/profile", "/profile", "/account",
          "/accounts/profile/", "/dashboard", "/settings", "/user", "/home", "/app", "/accounts/email/", "/")  # fmt: skip
_MOST = 8
_MOST_INNER = 4


class Doors:
    """GET addresses that refused a stranger; those that speak of the caller first, those of the administration last.

    ``paths`` take no parameter. Where an app has no such door, ``inner`` are addresses of single records, called with an id
    that was made up: a stranger is sent away with 401, and whoever is let in is told that there is no such record.
    """

    def __init__(self, calls: Sequence[GuestCall]) -> None:
        # A login page is no door: it looks the same to everybody.
        shut = [call for call in calls if call.refused and Kind.LOGIN not in call.endpoint.kind]
        outer = dict.fromkeys(call.exchange.path for call in shut if "{" not in call.endpoint.path)
        self.paths = sorted(
            outer, key=lambda path: (bool(_ABOVE.search(path)), not _MINE.search(path), path.count("/"), path)
        )[:_MOST]
        self.inner = list(
            dict.fromkeys(c.exchange.path for c in shut if "{" in c.endpoint.path and c.exchange.status == 401)
        )[:_MOST_INNER]
        self._sent_away = {call.exchange.path for call in shut if not call.exchange.ok}
        self._scheme: tuple[str, str] | None = None

    @property
    def known(self) -> bool:
        """Whether there is any door at all."""
        return bool(self.paths or self.inner)

    async def search(self, guest: Caller) -> None:
        """Knock where apps usually keep what is private, when nothing else showed a door."""
        if self.known:
            return
        for path in _USUAL:
            exchange = await guest.send("GET", path)
            if turned_away(exchange) and not exchange.ok:
                self.paths.append(path)

    async def open_to(self, caller: Caller) -> Exchange | None:
        """The first door this caller gets through, None when all stay shut."""
        for path in self.paths:
            exchange = await caller.send("GET", path)
            if opened(exchange) or (path in self._sent_away and _own_page(exchange)):
                return exchange
        for path in self.inner if not self.paths else ():
            exchange = await caller.send("GET", path)
            if opened(exchange) or exchange.status in (404, 422):
                return exchange
        return None

    async def try_token(self, caller: Caller, token: str) -> Exchange | None:
        """Give the caller the token in the way the app wants it; None, and no header kept, when no way opens a door."""
        before, graphs = dict(caller.headers), caller.site.graphs
        taken = any((graph := graphs.get(path.partition("#")[0])) and graph.takes_token(path) for path in self.paths)
        schemes = (*((self._scheme,) if self._scheme else ()), *(((ARGUMENT, "{}"),) if taken else ()), *_SCHEMES)
        for scheme in dict.fromkeys(schemes):
            name, pattern = scheme
            caller.headers = before | {name: pattern.format(token)}
            if found := await self.open_to(caller):
                self._scheme = scheme
                return found
        caller.headers = before
        return None


def _own_page(exchange: Exchange) -> bool:
    """Whether a page that asks for a password is one of the person's own, such as the change of an address, and no sign-in."""
    forms = [form for form in forms_of(exchange) if form.has_password] if exchange.ok else []
    return bool(forms) and not any(_SIGN_IN.search(form.action) for form in forms)


def opened(exchange: Exchange) -> bool:
    """Whether an answer lets the caller in: 2xx, no login page, and no error wrapped in a success."""
    return exchange.ok and not turned_away(exchange) and not says_error(exchange)


def says_error(exchange: Exchange) -> bool:
    """Whether a 2xx answer tells of a failure in its body."""
    said = parsed(exchange)
    if not isinstance(said, dict):
        return False
    if said.get("success") is False:
        return True
    status = str(said.get("status", said.get("success", ""))).lower()
    if status in ("error", "fail", "failed", "failure", "false") or re.fullmatch(r"[45]\d\d", status):
        return True
    return bool(said.get("error") or said.get("errors")) and not (said.get("data") or said.get("result"))
