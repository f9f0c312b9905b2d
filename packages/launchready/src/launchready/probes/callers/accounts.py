"""Signs people up and in by whatever way the app has, and counts them in only when their session opens a shut door."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.captcha import Told
from launchready.probes.callers.confirm import confirm
from launchready.probes.callers.doorless import note_why
from launchready.probes.callers.doors import Doors
from launchready.probes.callers.forms import Form, follow
from launchready.probes.callers.given import credential, sign_in_given
from launchready.probes.callers.hosted import by_host
from launchready.probes.callers.let_in import let_in
from launchready.probes.callers.mailbox import Mailbox
from launchready.probes.callers.puts import addressed, put_routes
from launchready.probes.callers.renewal import refresh
from launchready.probes.callers.sending import submit
from launchready.probes.callers.signin import login_routes, sign_in_as_before, sign_in_found
from launchready.probes.callers.signup import by_description, by_endpoint, by_form, pages_up, sent_person, signup_routes
from launchready.probes.callers.tokens import ends, refresh_in, tokens_in
from launchready.probes.callers.trouble import NO_SIGN_IN, NO_SIGN_UP, Tried, asks_to_confirm, reason
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site

# Seconds to wait for a letter that may not come.
_SHORT = 1.5
# A limit that says nothing of its end is most often one by the minute.
_MINUTE = 60.0


@dataclass(slots=True)
class Accounts:
    """The ways in and up of one app. What worked once is tried first the next time. ``captchas`` are those that told their answer to a sign-up: its
    route, the captcha, and the sign-up that was taken.

    ``half`` holds the cookies of sign-ins that were taken and opened no door, by caller. ``tried`` collects what did not work, ``signups`` the exchanges that made accounts, by caller. ``root`` is the project's
    folder, where login hooks are; ``mail`` is where letters to our people can be read; ``quiet`` that no letter came to somebody who was let in.
    ``turn`` is what those who sign up at the same time wait for, ``offers`` what the page of the sign-up lets one choose, by field, ``opened`` the door that opened last, by caller.
    ``maybe`` are callers whose sign-up was taken, or failed in a way that leaves it open: who is not among them has no account. ``by_sign_in`` are those
    of them whom a sign-in made one, ``host`` is somebody with a rank who may make accounts where strangers cannot, ``appoint`` the role that they are to give, empty for the lowest, ``hosted`` are the answers to that by caller, ``waiting`` the sign-ups that were taken and let nobody in, ``believed`` what those sent whom one let in without any password, and whether as a form. ``waits`` is how often a limit on signing up may still be waited for,
    ``others_first`` that nobody is to be tried at the sign-in whom the app cannot know.
    """

    site: Site
    endpoints: Sequence[Endpoint]
    doors: Doors
    mail: Mailbox | None = None
    root: str = ""
    tried: list[Tried] = field(default_factory=list)
    signups: dict[str, tuple[Endpoint | None, dict[str, Any], Exchange]] = field(default_factory=dict)
    logins: dict[str, Exchange] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)
    shapes: dict[tuple[str, str], int] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    half: dict[str, dict[str, str]] = field(default_factory=dict)
    quiet: bool = False
    captchas: list[tuple[str, Told, Exchange]] = field(default_factory=list)
    maybe: set[str] = field(default_factory=set)
    by_sign_in: set[str] = field(default_factory=set)
    host: Caller | None = None
    appoint: str = ""
    hosted: dict[str, Exchange] = field(default_factory=dict)
    waiting: dict[str, tuple[Endpoint | None, dict[str, Any], Exchange]] = field(default_factory=dict)
    believed: dict[str, tuple[Endpoint, dict[str, Any], bool]] = field(default_factory=dict)
    waits: int = 2
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    offers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    opened: dict[str, Exchange] = field(default_factory=dict)
    others_first: bool = False

    async def sign_up(self, name: str, person: Person, extra: dict[str, object] | None = None) -> Caller | None:
        """A new account and a working session for it; None, with ``tried`` filled, when no way led to one.

        ``extra`` are fields to send along that the sign-up did not ask for.
        """
        caller = Caller(name, self.site, person, turn=self.turn)
        if self.appoint:
            made = self.host is not None and await self._up_by_host(caller, self.host)
            caller.turn = None
            return caller if made else None
        if not self.doors.known:
            await note_why(self, caller)
            return None
        ways = (self._up_by_page, self._up_by_endpoint)
        if not self._by_page_before:
            ways = ways[::-1]
        for way in ways:
            if await way(caller, person, extra):
                caller.turn = None
                return caller
        if await self._let_in_again(caller):
            # What the other way used up is not there for the form of the page, which most such apps have.
            for way in (self._up_by_page, self._up_by_endpoint):
                if await way(caller, person, extra):
                    caller.turn = None
                    return caller
        before = len(self.tried)
        if not self.others_first and await self._up_by_sign_in(caller, extra):
            caller.turn = None
            return caller
        if not before and all(re.match(r"4\d\d |2\d\d |sent ", one.said) for one in self.tried):
            # That sign-in refuses somebody whom it does not know is no trouble of its own.
            shows = bool(self.tried or login_routes(self.endpoints))
            self.tried[:] = [Tried("sign-up", NO_SIGN_UP if shows else NO_SIGN_IN)]
        if self.host is not None and not extra and await self._up_by_host(caller, self.host):
            caller.turn = None
            return caller
        return None

    async def _up_by_host(self, caller: Caller, host: Caller) -> bool:
        """An account that somebody with a rank makes, where nobody can make one for oneself, or lets in where it waits for that."""
        caller.forget()
        if caller.name in self.waiting:
            self.signups[caller.name] = self.waiting.pop(caller.name)
            caller.person = sent_person(caller.person, self.signups[caller.name][1]) if caller.person else None
            if await let_in(self, caller, host) and await self.sign_in(caller):
                return True
            self.signups.pop(caller.name)
            return False
        made = await by_host(self, caller, host) if caller.name not in self.maybe else None
        if made is None:
            return False
        role, exchange, caller.person = made
        self.maybe.add(caller.name)
        if not await self.sign_in(caller):
            self._shut_out(f"{exchange.method} {exchange.path}", exchange)
            return False
        caller.role = caller.role or role
        self.hosted[caller.name] = exchange
        return True

    @property
    def _by_page_before(self) -> bool:
        return any(made[0] is None for made in self.signups.values())

    async def _up_by_endpoint(self, caller: Caller, person: Person, extra: dict[str, object] | None) -> bool:
        puts = put_routes(self.endpoints)
        for endpoint in self.ranked([*signup_routes(self.endpoints), *puts]):
            at = addressed(endpoint, person) if endpoint in puts else endpoint
            made = await by_endpoint(self, caller, at, extra)
            if made is None:
                continue
            self.maybe.add(caller.name)
            self.signups[caller.name] = (endpoint, *made)
            caller.person = sent_person(person, made[0])
            if await self._welcomed(caller, made[1]):
                self.first.insert(0, endpoint.name)
                return True
            self.waiting[caller.name] = self.signups.pop(caller.name)
            self._shut_out(endpoint.name, made[1])
        return False

    async def _up_by_page(self, caller: Caller, person: Person, extra: dict[str, object] | None) -> bool:
        for form in await pages_up(self, caller):
            if not _asks_for(form, extra or {}):
                continue
            exchange, given, landed = await by_form(self, caller, form, extra)
            if exchange is None:
                if await self._in_all_the_same(caller, form, given, landed):
                    return True
                continue
            self.maybe.add(caller.name)
            self.signups[caller.name] = (None, {}, exchange)
            caller.person = sent_person(person, given)
            if await self._welcomed(caller, exchange, landed):
                self.offers = {name: one.options for name, one in form.fields.items() if one.options}
                return True
            self.signups.pop(caller.name)
            self.waiting[caller.name] = (None, given, exchange)
            self._shut_out(f"the form at {form.action}", exchange if exchange.status >= 500 else landed)
        return False

    async def _in_all_the_same(self, caller: Caller, form: Form, given: dict[str, str], landed: Exchange) -> bool:
        """Whether whoever filled in a form that came back can sign in: some pages say there that the account was made, in whatever words."""
        if not landed.ok or form.captcha:
            return False
        known, before = caller.person, list(self.tried)
        caller.person = sent_person(known, given) if known is not None else None
        if await self.sign_in(caller):
            self.maybe.add(caller.name)
            self.signups[caller.name] = (None, {}, landed)
            self.offers = {name: one.options for name, one in form.fields.items() if one.options}
            return True
        # That somebody whom nobody made an account for cannot sign in says nothing more.
        caller.forget()
        caller.person, self.tried[:] = known, before
        return False

    async def _let_in_again(self, caller: Caller) -> bool:
        """Wait, where signing up is limited by the minute: without anybody signed in nothing can be proven. Twice at most in a run."""
        paths = list(dict.fromkeys(e.path for e in signup_routes(self.endpoints)))[:1]
        for path in paths if self.waits else ():
            exchange = await caller.send("GET", path)
            said = exchange.header("retry-after")
            seconds = float(said) if said.isdecimal() else _MINUTE
            if exchange.status == 429 and seconds <= _MINUTE:
                self.waits -= 1
                await asyncio.sleep(seconds + 1)
                return True
        return False

    async def _up_by_sign_in(self, caller: Caller, extra: dict[str, object] | None) -> bool:
        """A sign-in that makes whoever it does not know an account: the one way up of some apps."""
        alone = not signup_routes(self.endpoints) and not put_routes(self.endpoints)
        if not alone or self.maybe - self.by_sign_in or not await self.sign_in(caller):
            return False
        if extra and not await self._believed_with(caller, extra):
            return False
        self.maybe.add(caller.name)
        self.by_sign_in.add(caller.name)
        self.signups[caller.name] = (None, {}, self.logins[caller.name])
        return True

    async def _believed_with(self, caller: Caller, extra: dict[str, object]) -> bool:
        """Whether a sign-in that asks for no password lets in who says ``extra`` of themselves."""
        if caller.name not in self.believed:
            return False
        endpoint, body, form = self.believed[caller.name]
        body = body | extra
        caller.forget()
        exchange = await submit(caller, endpoint.method, endpoint.path, body, form=form)
        if not exchange.ok or not await self.enter(caller, exchange):
            return False
        self.logins[caller.name], self.believed[caller.name] = exchange, (endpoint, body, form)
        return True

    def _shut_out(self, what: str, exchange: Exchange) -> None:
        """Note that an account was of no use; of a sign-up that the app failed at, that was noted already."""
        if exchange.status < 500:
            self.note(what, "made an account, but no session of it opened a door", exchange)

    async def sign_up_as(self, caller: Caller) -> bool:
        """An account made the way the caller's identity describes, and a working session for it."""
        made = await by_description(self, caller)
        if made is None:
            return False
        assert caller.person is not None
        self.signups[caller.name] = (None, *made)
        caller.person = sent_person(caller.person, made[0])
        return await self._welcomed(caller, made[1])

    async def _welcomed(self, caller: Caller, exchange: Exchange, landed: Exchange | None = None) -> bool:
        cookies = dict(caller.cookies)
        if await self.enter(caller, exchange):
            await self._confirmed(caller, exchange)
            return True
        # A code is handed back in the session that asked for it, and another sign-in may send another one.
        asks = asks_to_confirm(exchange) or (landed is not None and asks_to_confirm(landed))
        waits = bool(self.mail) and asks and not self.quiet
        if not waits and await self.sign_in(caller):
            await self._confirmed(caller, exchange)
            return True
        for session in (cookies, None):
            # Some links want the person signed in who may do nothing else yet.
            caller.forget()
            caller.cookies = dict(session if session is not None else self.half.get(caller.name, {}))
            if session is None and not caller.cookies:
                break
            if await confirm(self, caller, exchange) and (await self._opens(caller) or await self.sign_in(caller)):
                return True
        if not waits or not await self.sign_in(caller):
            return False
        await self._heard(caller)
        return True

    async def _heard(self, caller: Caller) -> None:
        """Remember when no letter came to somebody who was let in: those after them are not waited for."""
        if self.mail and caller.person is not None:
            self.quiet = self.quiet or not await self.mail.to(caller.person.email, 0)

    async def _confirmed(self, caller: Caller, exchange: Exchange) -> None:
        """Confirm an address that already lets its owner in: some pages stay shut until then."""
        if not self.mail or caller.person is None:
            return
        copy = replace(caller, headers=dict(caller.headers), cookies=dict(caller.cookies))
        if await confirm(self, copy, exchange, 0 if self.quiet else _SHORT) and await self._opens(copy):
            caller.headers, caller.cookies = copy.headers, copy.cookies
        await self._heard(caller)

    async def _opens(self, caller: Caller) -> bool:
        return not caller.guest and await self.doors.open_to(caller) is not None

    async def sign_in(self, caller: Caller) -> bool:
        """Sign in with the caller's password, or by their identity's own way; True when the session opens a door."""
        identity = caller.identity
        if caller.person is not None and caller.person.password:
            self.secrets.add(caller.person.password)
        if identity is not None:
            self.secrets |= {value for one in identity.references if (value := credential(one))}
        own = identity is not None and (
            identity.login.startswith("hook:")
            or identity.login in ("basic", "bearer", "api-key", "cookie")
            or bool(identity.login_path or identity.headers or credential(identity.token))
        )
        if identity is not None and own:
            return await sign_in_given(self, caller, identity)
        return caller.person is not None and await sign_in_found(self, caller)

    async def still_there(self, caller: Caller) -> bool:
        """Whether an account of the run's own making, which had been let in, still is: by the way that worked, and no other."""
        return caller.person is not None and await sign_in_as_before(self, caller)

    async def renew(self, caller: Caller) -> bool:
        """Another session for the caller, by a refresh or another sign-in; False when none opens a door.

        The caller keeps the old one until then: calls that are under way must not lose it.
        """
        other = replace(
            caller,
            headers=dict(caller.headers),
            cookies=dict(caller.cookies),
            query=dict(caller.query),
            writing=dict(caller.writing),
            hidden=dict(caller.hidden),
        )
        if not await refresh(self, other) and not await self.sign_in(other):
            return False
        caller.headers, caller.cookies, caller.query = other.headers, other.cookies, other.query
        caller.writing, caller.hidden = other.writing, other.hidden
        caller.refresh, caller.until, caller.person = other.refresh, other.until, other.person
        return True

    async def enter(self, caller: Caller, exchange: Exchange) -> bool:
        """Whether the cookies or a token of an answer open a door; what did is kept as the caller's session."""
        if caller.cookies and (door := await self.doors.open_to(caller)):
            self.opened[caller.name] = door
            return True
        for token in tokens_in(exchange)[:4]:
            if door := await self.doors.try_token(caller, token):
                self.opened[caller.name] = door
                caller.refresh, caller.until = refresh_in(exchange), ends(token, exchange)
                return True
        return await self._told_apart(caller, exchange) or await self._led_in(caller, exchange)

    async def _led_in(self, caller: Caller, exchange: Exchange) -> bool:
        """Whether a form that was taken leads to a page of the caller's own."""
        if not caller.cookies or not 300 <= exchange.status < 400:
            return False
        door = await self.doors.led_in(caller, await follow(caller, exchange))
        if door is not None:
            self.opened[caller.name] = door
        return door is not None

    async def _told_apart(self, caller: Caller, exchange: Exchange) -> bool:
        """Whether an app all of whose doors are for others tells this session from a made-up one."""
        if not self.doors.known:
            return False
        if caller.cookies and await self.doors.tell_apart(caller):
            return True
        for token in tokens_in(exchange)[:1]:
            if await self.doors.tell_token_apart(caller, token):
                caller.refresh, caller.until = refresh_in(exchange), ends(token, exchange)
                return True
        return False

    def ranked(self, endpoints: list[Endpoint]) -> list[Endpoint]:
        """What worked before comes first."""
        return sorted(endpoints, key=lambda e: self.first.index(e.name) if e.name in self.first else len(self.first))

    def note(self, what: str, said: str, exchange: Exchange | None = None) -> None:
        """Remember what did not work, for the person who must help. Apps echo what they were sent: secrets are masked."""
        text = exchange.text[:2000] if exchange else ""
        for secret in self.secrets:
            said, text = said.replace(secret, "***"), text.replace(secret, "***")
        self.tried.append(Tried(what, said, text))

    def reason(self) -> tuple[str, str]:
        """Why no account could be made, in a sentence, and what to give us."""
        if (refused := self.doors.refuses_own) is not None:
            what = f"GET {refused.path}: {refused.status} {' '.join(refused.text[:120].split())}"
            return (
                f"the app refuses the tokens that its own sign-in gives ({what})",
                "an app that takes its own tokens: run it with the versions its customers get",
            )
        return reason(self.tried, bool(self.mail))


def _asks_for(form: Form, extra: Mapping[str, object]) -> bool:
    """Whether a page asks for all of these fields, and offers these values where one is chosen: what it does not ask for cannot be sent by it."""
    return all(
        (one := form.fields.get(name)) is not None and (not one.options or str(value) in one.options)
        for name, value in extra.items()
    )
