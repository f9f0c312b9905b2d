"""Makes an account by whatever sign-up the surface or the app's pages show."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from launchready.model import sign_in_words
from launchready.model.surface import Endpoint, Input
from launchready.model.words import Kind
from launchready.probes.callers.bodies import as_form, beside, build, fields_of, is_form, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.captcha import asks_for_captcha, told_answer
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.forms import Form, asks_again, complaints_of, fill, follow, forms_of, links_of, pages
from launchready.probes.callers.given import filled, split
from launchready.probes.callers.sending import submit
from launchready.probes.callers.signin import NOT, WHO
from launchready.probes.callers.tokens import leaves
from launchready.probes.callers.trouble import said
from launchready.probes.callers.values import value_for
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

SIGNUP = re.compile(r"/(?:sign-?up|register|registration|registrations|join|create-?account|create-?user)(?:/|$)", re.I)
PASSWORD = re.compile(sign_in_words.PASSWORD, re.I)
_USERS = re.compile(r"/(?:users?|accounts?|members?|customers?)/?$", re.I)
_OTHER_PEOPLE = re.compile(
    r"merchant|vendor|seller|supplier|partner|driver|courier|admin|staff|employee|doctor|provider|device|client|superuser",
    re.I,
)
_LINK = re.compile(r"sign-?_?up|register|registration|create-?account|/join", re.I)
_COMMON = (
    "/signup",
    "/register",
    "/accounts/signup/",
    "/users/sign_up",
    "/auth/register",
    "/user/signup/",
    "/join",
    "/",
)
# Words of a refusal for an address that has an account.
IS_THERE = re.compile(
    r"already|exist|taken|in use|registered|duplicate|unique|not available|unavailable|belegt|vergeben", re.I
)
# What is longer is no name that anybody signs in by.
_LONGEST_NAME = 200
_SECRET = re.compile(r"pass|pwd|secret|token", re.I)
_ROUNDS = 8
_PAGE_ROUNDS = 3
_LOST = 3
_NEVER = frozenset((404, 405, 501))
_USUAL = ("email", "username", "password", "name")
Made = tuple[dict[str, Any], Exchange]


async def by_endpoint(
    accounts: "Accounts", caller: Caller, endpoint: Endpoint, extra: dict[str, object] | None
) -> Made | None:
    """The body that was taken and the answer to it, mended round by round by what the app complains about.

    A sign-up that the app failed at counts as well: what it fails at is often what comes after the account was made, such as a letter.
    """
    person = caller.person
    assert person is not None
    form, lost, body = is_form(endpoint), 0, dict[str, Any]()
    exchange = Exchange(endpoint.method, "", endpoint.path)
    for start in _starts(endpoint, person):
        body, told = start, None
        for _ in range(_ROUNDS):
            given = beside(body, (extra or {}) | (told.fields if told else {}))
            exchange = await submit(caller, endpoint.method, endpoint.path, given, form=form)
            if exchange.status >= 500 or exchange.error:
                # It may have failed after the account was made.
                accounts.maybe.add(caller.name)
            if exchange.dropped and lost < _LOST:
                # What other checks asked just then may have made the app fall over, or a field that is only said to be optional.
                body = build(endpoint, person, optional=True) | body if lost else body
                lost += 1
                continue
            if _taken(exchange):
                if told is not None:
                    accounts.captchas.append((endpoint.name, told, exchange))
                return body, exchange
            if asks_for_captcha(exchange) and (told := await told_answer(caller, accounts.endpoints, given)):
                continue
            if exchange.status in _NEVER or exchange.status == 429 or exchange.error or _is_page(exchange):
                break
            if exchange.status == 415 and not form:
                form = True
                continue
            mended = mend(body, exchange, person)
            if mended is None:
                wider = build(endpoint, person, optional=True)
                if set(wider) <= set(body):
                    break
                mended = wider | body
            body = mended
        if exchange.status in (*_NEVER, 401, 403, 429) or exchange.error or _is_page(exchange):
            break
    accounts.note(endpoint.name, said(exchange), exchange)
    return (body, exchange) if exchange.status >= 500 else None


def _starts(endpoint: Endpoint, person: Person) -> list[dict[str, Any]]:
    """Bodies to begin with: what the source says, then what sign-ups usually ask for, flat and inside ``user``."""
    usual = {name: value_for(Input(name, "body"), person) for name in _USUAL}
    # Who it is that signs up goes along wherever the source reads it, also where it does not say that it must be there.
    who = {one.name: value_for(one, person) for one in fields_of(endpoint) if WHO.match(one.name) and not one.choices}
    named = who | build(endpoint, person)
    found = [named] if any(PASSWORD.search(name) for name, _ in leaves(named)) else []
    if found and not any(one.type for one in fields_of(endpoint)) and not any("name" in one for one in named):
        # Fields that only the code's own reading shows, which have no type, are seldom all: a name is what an account is known by later.
        found.insert(0, {"name": usual["name"]} | named)
    # Where the source was read in part only, what it does name goes along.
    beside_usual = {} if found else {name: value for name, value in named.items() if not isinstance(value, dict)}
    found += [beside_usual | usual, {"user": {name: usual[name] for name in ("email", "username", "password")}}]
    return found if fields_of(endpoint) or not is_form(endpoint) else found[:2]


def _is_page(exchange: Exchange) -> bool:
    """Whether a form came back: the address belongs to a page, which is filled in as one."""
    return exchange.ok and any(form.has_password for form in forms_of(exchange))


def _taken(exchange: Exchange) -> bool:
    return (
        (exchange.ok or 300 <= exchange.status < 400)
        and not says_error(exchange)
        and not (exchange.ok and turned_away(exchange))
        and exchange.status not in (401, 403)
    )


async def by_form(
    accounts: "Accounts", caller: Caller, form: Form, extra: Mapping[str, object] | None = None
) -> tuple[Exchange | None, dict[str, str], Exchange]:
    """The answer to a page's form, what was filled in, and the page that it led to, which may say what is left to do; no answer where it was not
    taken. What the page shows as wrong is read by sending it once more. ``extra`` goes into its fields."""
    person = caller.person
    assert person is not None
    where = f"the form at {form.action}"
    given = {name: str(value) for name, value in (extra or {}).items()}
    now = form
    for _ in range(_PAGE_ROUNDS):
        given = {**fill(now, person), **{name: value for name, value in given.items() if now.fields.get(name) and now.fields[name].kind not in ("hidden",)}}  # fmt: skip
        exchange = await caller.send("POST", form.action, form=given, headers=now.headers(caller))
        landed = await follow(caller, exchange)
        if exchange.error or exchange.status >= 500:
            accounts.maybe.add(caller.name)
        if exchange.error or exchange.status >= 400 or landed.status >= 400:
            accounts.note(where, said(landed), landed)
            return (landed if landed.status >= 500 else None), given, landed
        if not asks_again(landed, form):
            return exchange, given, landed
        again = [one for one in forms_of(landed) if set(one.fields) >= set(form.fields)]
        accounts.note(where, said(landed), landed)
        mended = mend(dict(given), complaints_of(landed), person)
        if form.captcha or mended is None:
            break
        given, now = as_form(mended), again[0]
    if form.captcha:
        accounts.note(where, "it asks for a captcha")
    return None, given, landed


async def by_description(accounts: "Accounts", caller: Caller) -> Made | None:
    """The account that an identity of the project file describes: its path, its body with our values."""
    identity, person = caller.identity, caller.person
    assert identity is not None and identity.signup is not None and person is not None
    method, path = split(identity.signup.path)
    values = {
        "email": person.email, "username": person.username, "password": person.password,
        "name": person.name, "marker": person.marker,
    }  # fmt: skip
    body, form = filled(identity.signup.body, values)
    exchange = await submit(caller, method, path, body, form=form)
    if _taken(exchange):
        return body, exchange
    accounts.note(f"{method} {path}", said(exchange), exchange)
    return None


async def pages_up(accounts: "Accounts", caller: Caller) -> list[Form]:
    """The forms of sign-up pages: those of known addresses, then those that a page links as such."""
    known = [
        e.path
        for e in accounts.endpoints
        if e.method in ("GET", "ANY", "POST") and "{" not in e.path and (Kind.SIGNUP in e.kind or SIGNUP.search(e.path)) and not NOT.search(e.path)
    ]  # fmt: skip
    seen = await pages(caller, (*known, *_COMMON))
    forms = [form for page in seen for form in forms_of(page)]
    linked = [path for page in seen for path in links_of(page) if _LINK.search(path) and path not in known]
    forms += [form for page in await pages(caller, linked[:4]) for form in forms_of(page)]
    posts = [form for form in forms if form.method == "POST" and form.has_password]
    found = {form.action: form for form in posts}
    # A sign-in form has one password and one field more; it goes last.
    return sorted(
        (f for f in found.values() if len([x for x in f.fields.values() if x.kind != "hidden"]) > 2 or _LINK.search(f.action)),
        key=lambda form: (not _LINK.search(form.action), -len(form.fields)),
    )  # fmt: skip


def signup_routes(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Where one signs up, the likeliest first."""
    posts = [e for e in endpoints if e.method in ("POST", "ANY") and "{" not in e.path and not e.hosted]
    named = [e for e in posts if (Kind.SIGNUP in e.kind or SIGNUP.search(e.path)) and not NOT.search(e.path)]
    users = [e for e in posts if e not in named and _USERS.search(e.path) and e.method == "POST"]
    # Ordinary people before merchants, drivers and staff, whose accounts open other doors.
    return sorted(named, key=lambda e: (bool(_OTHER_PEOPLE.search(e.path)), e.path.count("/"))) + users


def taken_again(first: Exchange, again: Exchange) -> bool:
    """Whether an address that has an account was taken once more, as the first time: the app may have made a second one of it, or keeps to itself that there is one."""
    same = again.status == first.status and again.header("location") == first.header("location")
    return same and _taken(again) and not IS_THERE.search(again.text[:2000])


def sent_person(person: Person, body: dict[str, Any]) -> Person:
    """The person with what was really sent: rules may have cut or lengthened it."""
    changes = dict[str, Any]()
    sent = [(name, value) for name, value in leaves(body) if isinstance(value, str) and value]
    for name, value in sent:
        if PASSWORD.search(name):
            changes["password"] = value
        elif re.search(sign_in_words.MAIL, name, re.I):
            changes["email"] = value
        elif re.search(rf"^user_?name|^login|^handle|^nick|^user_?id$|^(?:{sign_in_words.ACCOUNT})$", name, re.I):
            changes["username"] = value
    names = tuple((name, value) for name, value in sent if len(value) <= _LONGEST_NAME and not _SECRET.search(name))
    return replace(person, sent=names, **changes)
