"""Whether a session works: doors that were shut to a stranger, tried with it."""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace

from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.caller import Caller, mentions
from launchready.probes.callers.forms import forms_of, inside
from launchready.probes.callers.tokens import looked_at
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
_ONLY_TELLS = re.compile(
    r"(?:check|verify|validate|get|fetch|list|read|current|my)?[-_]?(?:all|me|session|token|user|profile|info|whoami|list|auth|status|dashboard|account)s?$",
    re.I,
)
_DENIES = re.compile(
    r"\W*(?:(?:permission|access) (?:is )?denied|unauthori[sz]ed|forbidden|(?:you are )?not (?:authori[sz]ed|permitted|allowed))\b",
    re.I,
)
_MOST = 8
_MOST_INNER = 4
_MOST_MIRRORS = 3
_TIMES = 2
# Flags that say whether it went well, in the words of who writes the app.
_WENT_WELL = re.compile(
    r"(?:is_?)?success(?:ful|fully)?$|succeeded$|ok$|[eé]xito(?:so)?$|sucesso$|succ[eè]s$|erfolg(?:reich)?$|riuscito$",
    re.I,
)
# A refusal that an app dresses as a success asks for a session in words.
_ASKS_WHO = re.compile(
    r"token|unauthori[sz]ed|not authori[sz]ed|authenticat|log(?:ged)?[ -]?[io]n|sign(?:ed)?[ -]?in|session", re.I
)
# What is told to whoever is half in, such as before a second factor.
_HALF_IN = re.compile(r"verif|confirm|activat|csrf|xsrf|factor|2fa|mfa|otp|expired", re.I)
# What libraries say of a token that is none, also of one that the app gave out itself: PyJWT since 2.10 of a subject that is a number (RFC 7519, 4.1.2).
_NO_TOKEN = re.compile(
    r"subject must be a string|not enough segments|signature verification failed|invalid (?:token|header|payload|crypto)|token (?:is|has) (?:invalid|expired)",
    re.I,
)
_CHANGING = re.compile(r"[0-9a-f]{8,}|\d+", re.I)
_TOLD_APART = 4
_SAID = 2000


class Doors:
    """GET addresses that refused a stranger; those that speak of the caller first, those of the administration last.

    ``paths`` take no parameter. Where an app has no such door, ``inner`` are addresses of single records, called with an id
    that was made up: a stranger is sent away with 401, and whoever is let in is told that there is no such record, or that it is no id at all.
    Where nothing else is, ``posts`` are addresses that are asked by POST. Where only the administration is shut, ``mirrors`` are pages open to everybody that may name whoever is signed in.
    ``named`` keeps, for each such page, by what it named whom: it is open to everybody, and only a page that says so again opened to a session.
    ``broken`` is one answer of an app that fails at most of what it is asked. ``leads`` are the pages that strangers are sent to. ``refuses_own`` is the answer to a token of the app's own that it takes for none.
    Where all doors are for others, as an administrator's, a session is known by what the app tells it at one of them, when neither a stranger
    nor a made-up session is told the same: 403 instead of 401.
    """

    def __init__(self, calls: Sequence[GuestCall]) -> None:
        # Where strangers are sent, whatever it is called, most likely lets them sign in.
        self.leads = list(dict.fromkeys(filter(None, (_target(call.exchange) for call in calls))))[:_MOST]
        asks = {c.exchange.path for c in calls if c.exchange.ok and c.refused and c.exchange.path in self.leads}
        # A login page is no door: it looks the same to everybody.
        shut = [
            call
            for call in calls
            if (call.refused or _asks_who(call.exchange) or _target(call.exchange) in asks)
            and Kind.LOGIN not in call.endpoint.kind
            and call.exchange.path not in asks
        ]
        outer = dict.fromkeys(call.exchange.path for call in shut if "{" not in call.endpoint.path)
        self.paths = sorted(
            outer, key=lambda path: (bool(_ABOVE.search(path)), not _MINE.search(path), path.count("/"), path)
        )[:_MOST]
        self.inner = list(
            dict.fromkeys(c.exchange.path for c in shut if "{" in c.endpoint.path and c.exchange.status == 401)
        )[:_MOST_INNER]
        members = any(not _ABOVE.search(path) for path in self.paths) or self.inner
        shown = [call.exchange.path for call in calls if call.exchange.ok and "{" not in call.endpoint.path]
        mine = [path for path in shown if _MINE.search(path) and not _SIGN_IN.search(path)]
        self.mirrors = [] if members else list(dict.fromkeys(mine))[:_MOST_MIRRORS]
        self.posts: list[str] = []
        self.named: dict[str, set[str]] = {}
        self.refuses_own: Exchange | None = None
        # Sent elsewhere on the site, as to the first page: perhaps for want of a session.
        self._elsewhere = [
            call.exchange.path
            for call in calls
            if 300 <= call.exchange.status < 400 and "{" not in call.endpoint.path and not call.exchange.other_slash
        ]
        plain = [call.exchange for call in calls if "{" not in call.endpoint.path]
        broken = [exchange for exchange in plain if exchange.status >= 500]
        self.broken = min(broken, key=lambda one: one.path) if 2 * len(broken) > len(plain) else None
        self._sent_away = {call.exchange.path for call in shut if not call.exchange.ok}
        self._to_strangers = {call.exchange.path: _gist(call.exchange) for call in shut}
        self._to_members: dict[str, str] = {}
        self._scheme: tuple[str, str] | None = None

    @property
    def known(self) -> bool:
        """Whether there is any door at all."""
        return bool(self.paths or self.inner or self.mirrors or self.posts)

    @property
    def for_all(self) -> bool:
        """Whether there is one without parameters that is not the administration's."""
        return any(not _ABOVE.search(path) for path in self.paths)

    async def search(self, guest: Caller, sessions: Sequence[str] = (), endpoints: Sequence[Endpoint] = ()) -> None:
        """Knock where apps usually keep what is private, when nothing else showed a door; ``sessions`` are pages that say who is signed in.

        Where all calls are POSTs, those of ``endpoints`` are doors that take nothing and only tell something by their name, which they refuse to strangers.
        """
        if not self.inner and not self.for_all:
            self.mirrors += sessions
        if self.known:
            return
        for endpoint in endpoints if not self.known else ():
            if _tells(endpoint) and len(self.posts) < _MOST_INNER:
                exchange = await guest.send("POST", endpoint.path, json={})
                if turned_away(exchange) or _asks_who(exchange):
                    self.posts.append(endpoint.path)
        if not self.known:
            self.paths += self._elsewhere[:_MOST]
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
            if opened(exchange) or (path in self._sent_away and _own_page(exchange)) or self.knows(exchange):
                return exchange
        for path in self.inner if not self.paths else ():
            exchange = await caller.send("GET", path)
            if opened(exchange) or exchange.status in (404, 422) or await self._minds_the_id(caller, exchange):
                await self._keep(caller, path, exchange)
                return exchange
        for path in self.posts if not self.paths else ():
            exchange = await caller.send("POST", path, json={})
            if opened(exchange):
                return exchange
        for path in self.mirrors:
            if (mirrored := await _mirrored(caller, path)) is not None:
                self._keep_named(caller, path)
                return mirrored
        return None

    async def led_in(self, caller: Caller, landed: Exchange) -> Exchange | None:
        """The page that a sign-in led to, when it names the caller time and again and never to a stranger; from then on it is a door.

        ``/{username}`` is one that no list of addresses can name.
        """
        page = await _mirrored(caller, landed.path) if opened(landed) and mentions(landed, caller) else None
        if page is None or page.path in self.paths:
            return page
        if opened(await _nobody(caller).send("GET", page.path)):
            # A first page shows everybody something: that it answers is no sign of a session.
            self.mirrors = [page.path, *(path for path in self.mirrors if path != page.path)]
            self._keep_named(caller, page.path)
        else:
            self.paths.insert(0, page.path)
        return page

    def _keep_named(self, caller: Caller, path: str) -> None:
        if caller.person is not None:
            self.named.setdefault(path, set()).update(caller.person.signs)

    async def names_somebody(self, caller: Caller, exchange: Exchange) -> bool:
        """Whether a page open to everybody names one whom it named while they were signed in, and does not name them to a stranger now."""
        return opened(exchange) and await _names(caller, exchange, self.named.get(exchange.path, ()))

    async def _keep(self, caller: Caller, path: str, exchange: Exchange) -> None:
        """Count the address of a single record among the doors, when it tells a made-up session something else: sessions are tried at doors alone."""
        if not exchange.ok:
            if _gist(await _made_up(caller).send("GET", path)) == _gist(exchange):
                return
            self._to_members[path] = _gist(exchange)
        self.paths.append(path)

    async def _minds_the_id(self, caller: Caller, exchange: Exchange) -> bool:
        """Whether an answer of 400 is about the id that was made up: a session that was made up as well is sent away before."""
        if exchange.status != 400 or _HALF_IN.search(exchange.text[:_SAID]):
            return False
        return (await _made_up(caller).send("GET", exchange.path)).status in (401, 403)

    def knows(self, exchange: Exchange) -> bool:
        """Whether a door that is for others said what it says to living sessions alone."""
        return self._to_members.get(exchange.path) == _gist(exchange)

    async def tell_apart(self, caller: Caller) -> Exchange | None:
        """What a door that is for others told the caller, when it tells neither strangers nor made-up sessions the same; else None.

        From then on whoever is told it counts as signed in.
        """
        for path in (*self.paths[:_TOLD_APART], *self.inner[:_TOLD_APART]):
            own = await caller.send("GET", path)
            if own.status == 422 and _NO_TOKEN.search(own.text[:_SAID]):
                self.refuses_own = own
                continue
            if not _lets_on(own) or _gist(own) == self._to_strangers.get(path, _gist(own)):
                continue
            made_up = await _made_up(caller).send("GET", path)
            again = await caller.send("GET", path)
            if _gist(made_up) != _gist(own) == _gist(again):
                self._to_members[path] = _gist(own)
                self.paths = [path, *(one for one in self.paths if one != path)]
                return own
        return None

    async def tell_token_apart(self, caller: Caller, token: str) -> Exchange | None:
        """As :meth:`tell_apart` for a token, given to the caller in the way in which the app minds it; None, and no header kept, when it minds none."""
        before = dict(caller.headers)
        for name, pattern in _SCHEMES:
            caller.headers = before | {name: pattern.format(token)}
            if found := await self.tell_apart(caller):
                self._scheme = name, pattern
                return found
        caller.headers = before
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


def _target(exchange: Exchange) -> str:
    """The page of this site that a redirect leads to; empty for another answer, and for the same page with another slash."""
    if not 300 <= exchange.status < 400 or exchange.other_slash:
        return ""
    return (inside(exchange, exchange.header("location")) or "").partition("?")[0]


def _tells(endpoint: Endpoint) -> bool:
    """Whether a POST takes nothing but a session, and only tells something by its name."""
    named = endpoint.path.rpartition("/")[2]
    return (
        endpoint.method == "POST"
        and not endpoint.access.roles
        and all(_ASKS_WHO.search(given.name) or given.where == "header" for given in endpoint.inputs)
        and not endpoint.hosted
        and "#" not in endpoint.path
        and bool(_ONLY_TELLS.match(named))
    )


async def _mirrored(caller: Caller, path: str) -> Exchange | None:
    """A page that names the caller, time and again, and not to a stranger. What is shown once, such as a greeting, is no session."""
    for _ in range(_TIMES):
        exchange = await caller.send("GET", path)
        if not opened(exchange) or not mentions(exchange, caller):
            return None
    return exchange if await _names(caller, exchange, caller.person.signs if caller.person else ()) else None


async def _names(caller: Caller, exchange: Exchange, signs: Iterable[str]) -> bool:
    """Whether a page holds one of the signs that it does not show to a stranger: what somebody wrote may stand there for everybody."""
    held = [sign for sign in signs if sign in exchange.text.lower()]
    if not held:
        return False
    to_stranger = (await _nobody(caller).send("GET", exchange.path)).text.lower()
    return any(sign not in to_stranger for sign in held)


def _nobody(caller: Caller) -> Caller:
    """A stranger, of whom an answer may speak as if they were the caller."""
    return Caller("nobody", caller.site, caller.person)


def _asks_who(exchange: Exchange) -> bool:
    """Whether a 2xx answer tells of an error that whoever signs in does not get."""
    return exchange.ok and says_error(exchange) and bool(_ASKS_WHO.search(exchange.text[:_SAID]))


def _lets_on(exchange: Exchange) -> bool:
    """Whether an answer may be that to a session which works and is not let in here: 403, an error as a success, no such record, or a page that
    fails behind the door."""
    refused = exchange.status in (403, 404, 422, 500) or (exchange.ok and says_error(exchange))
    return refused and not _HALF_IN.search(exchange.text[:_SAID])


def _gist(exchange: Exchange) -> str:
    """What an answer says, without what may be another each time."""
    return f"{exchange.status} {_CHANGING.sub('#', exchange.text[:_SAID])}"


def _made_up(caller: Caller) -> Caller:
    """Somebody whose session has the shape of the caller's, and was issued by nobody."""
    nonsense = f"lr-{secrets.token_hex(12)}"
    headers = {name: " ".join([*value.split()[:-1], nonsense]) for name, value in caller.headers.items()}
    return replace(
        caller, name="nobody", person=None, headers=headers, cookies=dict.fromkeys(caller.cookies, nonsense), facts={}
    )


def _own_page(exchange: Exchange) -> bool:
    """Whether a page that asks for a password is one of the person's own, such as the change of an address, and no sign-in."""
    forms = [form for form in forms_of(exchange) if form.has_password] if exchange.ok else []
    return bool(forms) and not any(_SIGN_IN.search(form.action) for form in forms)


def opened(exchange: Exchange) -> bool:
    """Whether an answer lets the caller in: 2xx, no login page, and no error wrapped in a success."""
    return exchange.ok and not turned_away(exchange) and not says_error(exchange)


def says_error(exchange: Exchange) -> bool:
    """Whether a 2xx answer tells of a failure in its body."""
    said = looked_at(exchange)
    if not isinstance(said, dict):
        return False
    if any(value is False and _WENT_WELL.match(name) for name, value in said.items()):
        return True
    status = str(said.get("status", said.get("success", ""))).lower()
    if status in ("error", "fail", "failed", "failure", "false") or re.fullmatch(r"[45]\d\d", status):
        return True
    if any(isinstance(text := said.get(name), str) and _DENIES.match(text) for name in ("message", "detail", "msg")):
        return True
    return bool(said.get("error") or said.get("errors")) and not (said.get("data") or said.get("result"))
