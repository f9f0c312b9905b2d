"""One person calling the app, with a session nobody shares."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from launchready.model.project import Identity
from launchready.model.surface import SAFE_METHODS
from launchready.probes.actions import BASE
from launchready.probes.exchange import ARGUMENT, Exchange
from launchready.probes.form_actions import HEADER, as_sent, is_form_action, told
from launchready.probes.http import Site

CSRF_COOKIES = {
    "csrftoken": "X-CSRFToken",
    "xsrf-token": "X-XSRF-TOKEN",
    "csrf_token": "X-CSRF-Token",
    "_csrf": "X-CSRF-Token",
}
# As frameworks call the field of a form that holds one: Django, Rails, Laravel, ASP.NET, Spring, csurf.
FORM_TOKEN = re.compile(r"csrf|xsrf|authenticity_?token|requestverification|^_token$", re.I)
# Fields that a sign-up puts somebody's address or name into.
_WHO = re.compile(r"e-?mail(?:_?address)?|user_?(?:name|id)|login(?:_?name)?|handle|nick(?:_?name)?", re.I)
# A token this near its end, in seconds, is renewed before it is used.
_SOON = 5.0


@dataclass(frozen=True, slots=True)
class Person:
    """What a caller signs up with. ``marker`` is in every text of theirs, and nowhere else in the app; ``sent`` are the texts that a sign-up took, by field."""

    marker: str
    email: str
    username: str
    password: str
    name: str
    sent: tuple[tuple[str, str], ...] = ()

    def as_sent(self, field: str) -> str:
        """What the sign-up was sent in a field of this name, however it is written; empty where it asked for none, and for somebody whose address or
        name was changed since, as to another spelling."""
        if any(_WHO.fullmatch(name) and value not in (self.email, self.username) for name, value in self.sent):
            return ""
        plain = _plain(field)
        return next((value for name, value in self.sent if _plain(name) == plain), "")

    @property
    def signs(self) -> tuple[str, ...]:
        """What an answer that speaks of them holds, lower case."""
        names = (self.marker, self.email, self.username if len(self.username) > 3 else "")
        return tuple(dict.fromkeys(name.lower() for name in names if name))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@dataclass(slots=True)
class Caller:
    """An identity of the run: who they are (``facts`` holds what the app told: ids by field name), and how they are known to it.

    ``cookies``, ``headers`` and ``query`` are the session. Cookies are kept per caller, never shared, and a ``Secure`` cookie is
    sent to loopback over HTTP too, as browsers do (Secure Contexts, "potentially trustworthy origin").

    The header ``#token`` is none: it is a token that fields of GraphQL take as an argument, and goes to those alone.

    ``turn`` is held for what may change something while others are at the same, as signing up: some databases refuse two at a time.

    ``fixed`` are headers that go along with every request, signed in or not; ``writing`` those that go along with what may change something, ``hidden`` the fields
    that do with every form, ``place`` the one that names the workspace a call is about; a name with a ``?`` in front is one of the query.

    ``founder`` says that they made the workspace they are in: whoever did usually stands at its top, whatever the app calls them elsewhere.

    ``refresh`` is the token that gets the next one, ``until`` when this one ends, in seconds since the epoch, 0 when nobody said.
    ``renew`` gets the next session. A copy of a caller has none: what is tried with a copied session must not be
    given a new one.
    """

    name: str
    site: Site
    person: Person | None = None
    role: str = ""
    tenant: str = ""
    founder: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    facts: dict[str, set[str]] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    writing: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)
    place: dict[str, str] = field(default_factory=dict)
    identity: Identity | None = None
    refresh: str = ""
    until: float = 0.0
    turn: asyncio.Lock | None = None
    renew: Callable[["Caller"], Awaitable[bool]] | None = field(default=None, init=False)
    _renewing: bool = field(default=False, init=False)

    @property
    def guest(self) -> bool:
        """Whether nothing identifies this caller."""
        return not (self.headers or self.cookies or self.query or self.fixed)

    def forget(self) -> None:
        """Drop the session."""
        self.headers.clear()
        self.cookies.clear()
        self.query.clear()
        self.writing.clear()
        self.hidden.clear()
        self.refresh, self.until = "", 0.0

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send one request as this caller, and keep the cookies that come back. A token that is about to end is renewed first.

        An address with a ``#`` is a field of the GraphQL that answers at what stands before it; a ``body`` goes there as it is. One that
        begins with ``/#`` is a server action.
        """
        if graph := self.site.graphs.get(path.partition("#")[0]) if "#" in path else None:
            if body is not None:
                return await graph.send(self, method, path, body, headers)
            return await graph.ask(self, method, path, json if isinstance(json, Mapping) else form, headers)
        if self.site.actions is not None and path.startswith(BASE):
            return await self.site.actions.ask(self, method, path, json if json is not None else form, headers)
        if body is None and is_form_action(method, path) and HEADER not in (headers or {}):
            # Without the origin of its own pages SvelteKit refuses a form.
            extra = {HEADER: "true", "Accept": "application/json", "Origin": self.site.origin}
            given = as_sent(json if json is not None else form)
            return told(await self.send(method, path, form=given, headers={**(headers or {}), **extra}))
        asked = self.site.in_query
        if asked is not None and (address := asked.address(method, path, json if isinstance(json, Mapping) else form)):
            path, json, form = address, None, None
        if self.until and time.time() > self.until - _SOON:
            await self._renew_first()
        if form is not None and method not in SAFE_METHODS:
            form = {**self.hidden, **form}
        sent = dict(headers or {})
        for name, value in (*self.headers.items(), *self.fixed.items(), *self.place.items()):
            if name != ARGUMENT and not name.startswith("?"):
                sent.setdefault(name, value)
        for name, value in self.writing.items() if method not in SAFE_METHODS else ():
            sent.setdefault(name, value)
        if self.cookies:
            sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
            if method not in SAFE_METHODS:
                for name, value in self.cookies.items():
                    if header := CSRF_COOKIES.get(name.lower()):
                        sent.setdefault(header, value)
                        sent.setdefault("Referer", self.site.origin + "/")
        address = path
        for name, value in self.place.items():
            if name.startswith("?") and f"{name[1:]}=" not in path.partition("?")[2]:
                address += f"{'&' if '?' in address else '?'}{quote(name[1:])}={quote(value)}"
        for name, value in self.query.items():
            address += f"{'&' if '?' in address else '?'}{quote(name)}={quote(value)}"
        turn = self.turn if self.turn is not None and method not in SAFE_METHODS else nullcontext()
        async with turn:
            exchange = await self.site.send(method, address, json=json, form=form, body=body, headers=sent)
        if (other := exchange.other_slash) and (method == "GET" or exchange.status in (307, 308)):
            exchange = await self.site.send(method, other, json=json, form=form, body=body, headers=sent)
        self.keep(exchange)
        if self.query:
            # The key stays out of what is shown.
            exchange = replace(exchange, path=path, url=exchange.url.removesuffix(address) + path)
        return replace(exchange, caller=self.name)

    async def _renew_first(self) -> None:
        if self.renew is None or self._renewing:
            return
        self._renewing, self.until = True, 0.0
        try:
            await self.renew(self)
        finally:
            self._renewing = False

    def keep(self, exchange: Exchange) -> None:
        """Take over the cookies an answer sets or clears."""
        for line in exchange.headers.get("set-cookie", ()):
            try:
                jar = SimpleCookie(re.sub(r";\s*expires=[^;]*", "", line, flags=re.I))
            except CookieError:
                continue
            for name, morsel in jar.items():
                if not morsel.value or morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.coded_value

    def learn(self, name: str, value: object) -> None:
        """Remember an id or a name the app gave this caller."""
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            self.facts.setdefault(name.lower().replace("_", ""), set()).add(str(value))

    def known(self, *names: str) -> set[str]:
        """What was learned under any of these field names, however they are written."""
        return {value for name in names for value in self.facts.get(name.lower().replace("_", ""), ())}


def mentions(exchange: Exchange, caller: Caller) -> bool:
    """Whether an answer holds the caller's marker, address or name: it speaks of them."""
    text = exchange.text.lower()
    return caller.person is not None and any(sign in text for sign in caller.person.signs)
