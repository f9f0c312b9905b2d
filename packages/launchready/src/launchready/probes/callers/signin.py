"""Signs in somebody with a password by whatever sign-in the surface or the app's pages show."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launchready.model import sign_in_words
from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.authjs import AUTHJS, by_authjs
from launchready.probes.callers.basic import BASIC, by_basic, by_basic_token
from launchready.probes.callers.bodies import build, fields_of, is_form
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.forms import Form, asks_again, fill, follow, links_of, login_pages, pages
from launchready.probes.callers.puts import addressed, put_routes
from launchready.probes.callers.sending import submit
from launchready.probes.callers.tokens import leaves, tokens_in
from launchready.probes.callers.trouble import BEHIND, HANDS_OUT, said
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

LOGIN = re.compile(
    r"/(?:log-?in|sign-?in|auth(?:enticate)?|token|sessions?|obtain[-_]token|access[-_]token|jwt/create)/?$", re.I
)
NOT = re.compile(
    r"verify|confirm|resend|oauth/(?!token)|oauth2?/?$|callback|webhook|refresh|log-?out|2fa|mfa|otp|check|exists|invite|revoke|blacklist",
    re.I,
)
# What stands in ``Accounts.first`` when a page's form was the way in.
PAGE = "a form"
_NEVER = frozenset((404, 405, 501))
_MOST_LINKED = 8
_GRANT = re.compile(r"(?:^|[/_-])(?:token|access[-_]token|jwt/login)/?$", re.I)
WHO = re.compile(rf"^(?:{sign_in_words.MAIL}|email_?address|user_?name|login|{sign_in_words.ACCOUNT})$", re.I)
TENANT = re.compile(r"^(?:workspace|org|organi[sz]ation|tenant|team|company|community)_?(?:id)?$", re.I)
_COMMON = ({"email": "email", "password": "password"}, {"username": "username", "password": "password"})
_WAYS = {"json": (False,), "form": (True,), "oauth2": (True,)}


async def sign_in_as_before(accounts: "Accounts", caller: Caller) -> bool:
    """As :func:`sign_in_found`, by nothing but the way that let somebody in last; by any, when none has yet."""
    # Ways to sign up stand among them too.
    ways = (one for one in accounts.first if one in (PAGE, BASIC) or (one, "auto") in accounts.shapes)
    person, last = caller.person, next(ways, "")
    assert person is not None
    if last == PAGE:
        return await _by_page(accounts, caller, person)
    if last == BASIC:
        return await by_basic_token(accounts, caller, person)
    if last == AUTHJS:
        return await by_authjs(accounts, caller, person)
    number = accounts.shapes.get((last, "auto"))
    endpoint = next((one for one in login_routes(accounts.endpoints) if one.name == last), None)
    if number is None or endpoint is None:
        return await sign_in_found(accounts, caller)
    body, form = _ways_in(accounts, endpoint, person, "auto")[number]
    caller.forget()
    exchange = await submit(caller, endpoint.method, endpoint.path, body, form=form)
    return (exchange.ok or 300 <= exchange.status < 400) and await accounts.enter(caller, exchange)


async def sign_in_found(accounts: "Accounts", caller: Caller) -> bool:
    """A session for the caller's person; False when no way led to one that opens a door."""
    person = caller.person
    assert person is not None
    way = caller.identity.login if caller.identity else "auto"
    headers, cookies = dict(caller.headers), dict(caller.cookies)
    if PAGE in accounts.first[:1] and way in ("auto", "form") and await _by_page(accounts, caller, person):
        return True
    if AUTHJS in accounts.first[:1] and way == "auto" and await by_authjs(accounts, caller, person):
        return True
    if BASIC in accounts.first[:1] and way == "auto" and await by_basic_token(accounts, caller, person):
        return True
    # An account that is there is signed in to by putting it once more.
    again = [addressed(e, person) for e in put_routes(accounts.endpoints) if e.name in accounts.first]
    for endpoint in [*accounts.ranked(login_routes(accounts.endpoints)), *again]:
        bodies = list(enumerate(_ways_in(accounts, endpoint, person, way)))
        # The shape that worked once comes first.
        bodies.sort(key=lambda numbered: numbered[0] != accounts.shapes.get((endpoint.name, way)))
        for number, (body, as_fields) in bodies:
            caller.forget()
            exchange = await submit(caller, endpoint.method, endpoint.path, body, form=as_fields)
            if exchange.dropped:
                # What other checks asked just then may have made the app fall over.
                exchange = await submit(caller, endpoint.method, endpoint.path, body, form=as_fields)
            if exchange.status in _NEVER or exchange.error:
                break
            if not exchange.ok and not 300 <= exchange.status < 400:
                accounts.note(endpoint.name, said(exchange), exchange)
                if exchange.status == 429:
                    break
                continue
            if await accounts.enter(caller, exchange):
                accounts.logins[caller.name] = exchange
                if not any(value == person.password for _, value in leaves(body)):
                    accounts.believed[caller.name] = endpoint, body, as_fields
                accounts.shapes[endpoint.name, way] = number
                accounts.first.insert(0, endpoint.name)
                return True
            if exchange.ok and turned_away(exchange):
                break  # It is the address of a page, whose form is filled in below.
            handed = bool(tokens_in(exchange)) and bool(accounts.doors.known)
            no = HANDS_OUT if handed else f"{exchange.status}, but no token or session of the answer opens a door"
            accounts.note(endpoint.name, no)
    if AUTHJS not in accounts.first[:1] and way == "auto" and await by_authjs(accounts, caller, person):
        return True
    if PAGE not in accounts.first[:1] and way in ("auto", "form") and await _by_page(accounts, caller, person):
        return True
    if way == "auto" and (await by_basic_token(accounts, caller, person) or await by_basic(accounts, caller, person)):
        return True
    caller.headers, caller.cookies = headers, cookies
    return False


async def _by_page(accounts: "Accounts", caller: Caller, person: Person) -> bool:
    caller.forget()
    for form in await login_forms(caller, accounts.endpoints, accounts.doors.leads):
        taken = [person.as_sent(name) for name in form.names()]
        for name in dict.fromkeys((*filter(None, taken), person.username, person.email)):
            caller.cookies.clear()
            exchange = await _sign_in_at(caller, form, person, name)
            if exchange is None:
                break
            if exchange.status >= 400 or asks_again(exchange, form):
                accounts.note(f"the form at {form.action}", said(exchange), exchange)
                continue
            if await accounts.enter(caller, exchange):
                accounts.logins[caller.name] = exchange
                accounts.first.insert(0, PAGE)
                return True
            accounts.half[caller.name] = dict(caller.cookies)
            landed = await follow(caller, exchange)
            fails = f"{BEHIND}the page that it leads to fails (GET {landed.path}: {landed.status})"
            no = fails if landed.status >= 500 else f"{exchange.status}, but the session opens no door"
            accounts.note(f"the form at {form.action}", no, landed)
    return False


async def _sign_in_at(caller: Caller, form: Form, person: Person, name: str) -> Exchange | None:
    given = await filled_in(caller, form, person, name)
    return None if given is None else await caller.send("POST", form.action, form=given, headers=form.headers(caller))


async def filled_in(caller: Caller, form: Form, person: Person, name: str) -> dict[str, str] | None:
    """What to send at a sign-in form; its page is fetched anew, since a CSRF token belongs to one session. None when it is gone."""
    fresh = [one for one in await login_pages(caller, [form.page]) if one.action == form.action]
    if not fresh:
        return None
    given = fill(fresh[0], person)
    for field in fresh[0].names():
        given[field] = person.email if fresh[0].fields[field].kind == "email" else name
    return given


async def login_forms(caller: Caller, endpoints: Sequence[Endpoint], leads: Sequence[str] = ()) -> list[Form]:
    """The sign-in forms of the app's pages; where none is called so, of those that strangers are sent to (``leads``), then of those that the first page links."""
    found = await login_pages(caller, _pages(endpoints))
    if not found and leads:
        found = await login_pages(caller, leads)
    if not found:
        first = await pages(caller, ("/",))
        linked = [link.partition("?")[0] for page in first for link in links_of(page)]
        shown = [link for link in dict.fromkeys(linked) if not NOT.search(link) and "." not in link][:_MOST_LINKED]
        found = await login_pages(caller, shown) if shown else []
    return found


def login_routes(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Where one signs in, the likeliest first."""
    posts = [e for e in endpoints if e.method in ("POST", "ANY") and "{" not in e.path and not e.hosted]
    named = [e for e in posts if (Kind.LOGIN in e.kind or LOGIN.search(e.path)) and not NOT.search(e.path)]
    return sorted(named, key=lambda e: ("/admin" in e.path, not LOGIN.search(e.path)))


def _pages(endpoints: Sequence[Endpoint]) -> list[str]:
    return [
        e.path
        for e in endpoints
        if e.method in ("GET", "ANY", "POST")
        and "{" not in e.path
        and (Kind.LOGIN in e.kind or LOGIN.search(e.path))
        and not NOT.search(e.path)
    ]


def number_of(person: Person) -> int:
    """A small number that is the person's own among those of a run."""
    return max(1, ord(person.marker[:1] or "a") - ord("a") + 1)


def _ways_in(accounts: "Accounts", endpoint: Endpoint, person: Person, way: str) -> list[tuple[dict[str, Any], bool]]:
    """As :func:`credentials`, and last by the names that a sign-up of this run took: what reads them at the sign-in may be out of sight (``usernameField`` of Passport)."""
    found = credentials(endpoint, person, way)
    for _, body, _ in accounts.signups.values():
        sent = [(name, value) for name, value in body.items() if isinstance(value, str)]
        secret = next((name for name, _ in sent if re.search(sign_in_words.PASSWORD, name, re.I)), "")
        names = [name for name, _ in sent if WHO.match(name)]
        if secret and names:
            for name in names:
                who = person.email if re.search(sign_in_words.MAIL, name, re.I) else person.username
                listed = [({name: who, secret: person.password}, form) for form in (False, True)]
                found += [one for one in listed if one not in found and one[1] in _WAYS.get(way, (True, False))]
            break
    return found


def credentials(endpoint: Endpoint, person: Person, way: str = "auto") -> list[tuple[dict[str, Any], bool]]:
    """Bodies to sign in with and whether each is a form, the likeliest first; ``way`` is json, form or oauth2 to have only these."""
    given = fields_of(endpoint)
    form = is_form(endpoint)
    found: list[tuple[dict[str, Any], bool]] = []
    if any(re.search(sign_in_words.PASSWORD, one.name, re.I) for one in given):
        body = build(endpoint, person)
        # Sign-in knows people by what they gave in the field of the same name when they signed up.
        as_sent = {name: taken for name in body if isinstance(body[name], str) and (taken := person.as_sent(name))}
        found += [(body | as_sent, form), (body, form)]
        # A field called username often takes the e-mail address, and the reverse.
        for name, value in body.items():
            if value == person.username:
                found.append((body | {name: person.email}, form))
            elif value == person.email:
                found.append((body | {name: person.username}, form))
        # Whatever the one field beside the password is called, `alias` or `handle`, it names the account.
        others = [name for name, value in body.items() if isinstance(value, str) and value != person.password]
        if len(others) == 1 and body[others[0]] not in (person.username, person.email):
            found = [(body | {others[0]: name}, form) for name in (person.email, person.username)] + found
    elif (names := {one.name for one in given}) and any(WHO.match(name) for name in names):
        # A sign-in that asks for no secret: whoever comes says who they are, of which workspace, and what they may do.
        body = build(endpoint, person)
        own = {name: number_of(person) for name in names & body.keys() if TENANT.match(name) and body[name] == 1}
        found += [(body | own, form)] if own else []
        found.append((body, form))
    values = {"email": person.email, "username": person.username, "password": person.password}
    for common in _COMMON:
        found.append(({name: values[what] for name, what in common.items()}, form))
    found.append(({"user": {"email": person.email, "password": person.password}}, False))
    for name in (person.email, person.username):
        found.append(({"username": name, "password": person.password, "grant_type": "password"}, True))
    for common in _COMMON:
        found.append(({name: values[what] for name, what in common.items()}, not form))
    unique: list[tuple[dict[str, Any], bool]] = []
    for one in found:
        if one not in unique and one[1] in _WAYS.get(way, (True, False)):
            unique.append(one)
    if way == "oauth2" or (not given and _GRANT.search(endpoint.path)):
        unique.sort(key=lambda pair: "grant_type" not in pair[0])
    return unique
