"""Signs people up and in by whatever way the app has, and counts them in only when their session opens a shut door."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from launchready.model.surface import Endpoint, Input
from launchready.model.words import Kind
from launchready.probes.callers.bodies import as_form, build, fields_of, is_form, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.doors import Doors, says_error
from launchready.probes.callers.forms import Form, forms_of
from launchready.probes.callers.tokens import tokens_in
from launchready.probes.callers.values import value_for
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.probes.http import Site

_SIGNUP = re.compile(r"/(?:sign-?up|register|registration|join|create-?account)(?:/|$)", re.I)
_USERS = re.compile(r"/(?:users?|accounts?|members?|customers?)/?$", re.I)
_LOGIN = re.compile(
    r"/(?:log-?in|sign-?in|auth(?:enticate)?|token|sessions?|obtain[-_]token|access[-_]token|jwt/create)/?$", re.I
)
_PAGES_IN = ("/login", "/accounts/login/", "/signin", "/users/sign_in", "/auth/login", "/user/login/")
_PAGES_UP = ("/signup", "/register", "/accounts/signup/", "/users/sign_up", "/auth/register", "/user/signup/", "/join")
_NOT = re.compile(
    r"verify|confirm|resend|oauth|callback|webhook|refresh|log-?out|2fa|mfa|otp|check|exists|invite", re.I
)
_OTHER_PEOPLE = re.compile(
    r"merchant|vendor|seller|supplier|partner|driver|courier|admin|staff|employee|doctor|provider|device|client", re.I
)
_ROUNDS = 6
_NEVER = frozenset((404, 405, 501))
_COMMON = ({"email": "email", "password": "password"}, {"username": "username", "password": "password"})


@dataclass(frozen=True, slots=True)
class Tried:
    """One way that was tried and what came of it, for the person who must help."""

    what: str
    said: str


@dataclass(slots=True)
class Accounts:
    """The ways in and up of one app. What worked once is tried first the next time.

    ``tried`` collects what did not work, ``signups`` the exchanges that made accounts, by caller.
    """

    site: Site
    endpoints: Sequence[Endpoint]
    doors: Doors
    tried: list[Tried] = field(default_factory=list)
    signups: dict[str, tuple[Endpoint | None, dict[str, Any], Exchange]] = field(default_factory=dict)
    logins: dict[str, Exchange] = field(default_factory=dict)
    _first: list[str] = field(default_factory=list)

    async def sign_up(self, name: str, person: Person, extra: dict[str, object] | None = None) -> Caller | None:
        """A new account and a working session for it; None, with ``tried`` filled, when no way led to one.

        ``extra`` are fields to send along that the sign-up did not ask for.
        """
        caller = Caller(name, self.site, person)
        for endpoint in self._ranked(self._signup_routes()):
            made = await self._post(caller, endpoint, extra)
            if made is None:
                continue
            self.signups[name] = (endpoint, made[0], made[1])
            if await self._enter(caller, made[1]) or await self.sign_in(caller):
                self._first.insert(0, endpoint.name)
                return caller
            self.tried.append(Tried(endpoint.name, "made an account, but no session of it opened a door"))
        for form in await self._pages(caller, Kind.SIGNUP, _PAGES_UP):
            exchange = await self._fill(caller, form)
            if exchange.status >= 400 or exchange.error or _asks_again(exchange, form):
                self.tried.append(Tried(f"the form at {form.action}", _said(exchange)))
                continue
            self.signups[name] = (None, {}, exchange)
            if await self._enter(caller, exchange) or await self.sign_in(caller):
                return caller
        return None

    async def sign_in(self, caller: Caller) -> bool:
        """Sign in with the caller's password; True when the session opens a door."""
        person = caller.person
        if person is None:
            return False
        for endpoint in self._ranked(self._login_routes()):
            for body, as_fields in _credentials(endpoint, person):
                caller.cookies.clear()
                exchange = await self._send(caller, endpoint, body, as_fields)
                if exchange.status in _NEVER or exchange.error:
                    break
                if not exchange.ok and not 300 <= exchange.status < 400:
                    self.tried.append(Tried(endpoint.name, _said(exchange)))
                    continue
                if await self._enter(caller, exchange):
                    self.logins[caller.name] = exchange
                    self._first.insert(0, endpoint.name)
                    return True
        for form in await self._pages(caller, Kind.LOGIN, _PAGES_IN):
            exchange = await self._fill(caller, form)
            if exchange.status < 400 and not _asks_again(exchange, form) and await self._enter(caller, exchange):
                self.logins[caller.name] = exchange
                return True
        return False

    async def _enter(self, caller: Caller, exchange: Exchange) -> bool:
        if caller.cookies and await self.doors.open_to(caller):
            return True
        for token in tokens_in(exchange)[:4]:
            if await self.doors.try_token(caller, token):
                return True
        return False

    async def _post(
        self, caller: Caller, endpoint: Endpoint, extra: dict[str, object] | None
    ) -> tuple[dict[str, Any], Exchange] | None:
        """The body that was taken and the answer to it, mended round by round by what the app complains about."""
        person = caller.person
        assert person is not None
        form = is_form(endpoint)
        body = build(endpoint, person)
        if not fields_of(endpoint):
            body = {name: value_for(Input(name, "body"), person) for name in ("email", "username", "password", "name")}
        exchange = Exchange(endpoint.method, "", endpoint.path)
        for _ in range(_ROUNDS):
            exchange = await self._send(caller, endpoint, beside(body, extra or {}), form)
            if (exchange.ok or 300 <= exchange.status < 400) and not says_error(exchange) and not turned_away(exchange):
                return body, exchange
            if exchange.status in _NEVER or exchange.status == 429 or exchange.error:
                break
            if exchange.status == 415 and not form:
                form = True
                continue
            mended = mend(body, exchange, person)
            if mended is None:
                wider = build(endpoint, person, optional=True)
                if wider == body or set(wider) <= set(body):
                    break
                mended = wider | body
            body = mended
        self.tried.append(Tried(endpoint.name, _said(exchange)))
        return None

    async def _send(self, caller: Caller, endpoint: Endpoint, body: dict[str, Any], form: bool) -> Exchange:
        if form:
            return await caller.send(endpoint.method, endpoint.path, form=as_form(body))
        return await caller.send(endpoint.method, endpoint.path, json=body)

    def _signup_routes(self) -> list[Endpoint]:
        posts = [e for e in self.endpoints if e.method == "POST" and "{" not in e.path and not e.hosted]
        named = [e for e in posts if (Kind.SIGNUP in e.kind or _SIGNUP.search(e.path)) and not _NOT.search(e.path)]
        users = [e for e in posts if e not in named and _USERS.search(e.path)]
        # Ordinary people before merchants, drivers and staff, whose accounts open other doors.
        return sorted(named, key=lambda e: (bool(_OTHER_PEOPLE.search(e.path)), e.path.count("/"))) + users

    def _login_routes(self) -> list[Endpoint]:
        posts = [e for e in self.endpoints if e.method == "POST" and "{" not in e.path and not e.hosted]
        named = [e for e in posts if (Kind.LOGIN in e.kind or _LOGIN.search(e.path)) and not _NOT.search(e.path)]
        return sorted(named, key=lambda e: ("/admin" in e.path, not _LOGIN.search(e.path)))

    def _ranked(self, endpoints: list[Endpoint]) -> list[Endpoint]:
        return sorted(endpoints, key=lambda e: self._first.index(e.name) if e.name in self._first else len(self._first))

    async def _pages(self, caller: Caller, kind: Kind, common: Sequence[str]) -> list[Form]:
        known = [e.path for e in self.endpoints if e.method == "GET" and kind in e.kind and "{" not in e.path]
        pattern = _SIGNUP if kind is Kind.SIGNUP else _LOGIN
        known += [
            e.path
            for e in self.endpoints
            if e.method in ("GET", "ANY") and pattern.search(e.path) and "{" not in e.path
        ]
        found = []
        for path in [path for path in dict.fromkeys((*known, *common)) if not _NOT.search(path)][:10]:
            exchange = await caller.send("GET", path)
            found += (
                [form for form in forms_of(exchange) if form.has_password and form.method == "POST"]
                if exchange.ok
                else []
            )
        return found

    async def _fill(self, caller: Caller, form: Form) -> Exchange:
        person = caller.person
        assert person is not None
        given = {}
        for name, (kind, value) in form.fields.items():
            if kind == "hidden" or (value and kind in ("select", "checkbox", "radio")):
                given[name] = value
            elif kind == "email" or (kind == "password"):
                given[name] = person.email if kind == "email" else person.password
            else:
                given[name] = str(value_for(Input(name, "form"), person))
        exchange = await caller.send("POST", form.action, form=given)
        if exchange.status == 405 and form.action:
            return replace(exchange, error="the form's address takes no POST")
        return exchange


def _credentials(endpoint: Endpoint, person: Person) -> list[tuple[dict[str, Any], bool]]:
    """Bodies to sign in with, the likeliest first."""
    given = fields_of(endpoint)
    form = is_form(endpoint)
    found: list[tuple[dict[str, Any], bool]] = []
    if any(re.search("pass", one.name, re.I) for one in given):
        body = build(endpoint, person)
        found.append((body, form))
        # A field called username often takes the e-mail address, and the reverse.
        for name, value in body.items():
            if value == person.username:
                found.append((body | {name: person.email}, form))
            elif value == person.email:
                found.append((body | {name: person.username}, form))
    values = {"email": person.email, "username": person.username, "password": person.password}
    for common in _COMMON:
        found.append(({name: values[what] for name, what in common.items()}, False))
    found.append(({"user": {"email": person.email, "password": person.password}}, False))
    found.append(({"username": person.email, "password": person.password, "grant_type": "password"}, True))
    found.append(({"username": person.username, "password": person.password, "grant_type": "password"}, True))
    unique: list[tuple[dict[str, Any], bool]] = []
    for one in found:
        if one not in unique:
            unique.append(one)
    return unique


def beside(body: dict[str, Any], extra: dict[str, object]) -> dict[str, Any]:
    """The body with ``extra`` next to the password, however deep that stands."""
    for name, value in body.items():
        if isinstance(value, dict) and not any("pass" in key.lower() for key in body):
            return body | {name: beside(value, extra)}
    return body | extra


def _asks_again(exchange: Exchange, form: Form) -> bool:
    """Whether the answer shows the same form once more: it was not taken."""
    return exchange.ok and any(
        set(other.fields) >= set(form.fields) for other in forms_of(exchange) if other.has_password
    )


def _said(exchange: Exchange) -> str:
    if exchange.error:
        return exchange.error
    return f"{exchange.status} {' '.join(exchange.text[:160].split())}"
