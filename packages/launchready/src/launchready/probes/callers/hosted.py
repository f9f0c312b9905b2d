"""An account that somebody with a rank makes for another: the one way up of internal tools, where nobody signs up by themselves.

It is made with the lowest role that the app offers, by the call or the page that makes people, and is ours like one that signed up.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from launchready.model import sign_in_words
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Kind
from launchready.probes.callers.bodies import build, is_form, mend, named_fields
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.forms import Form, asks_again, fill, follow, forms_of, links_of, pages
from launchready.probes.callers.sending import submit
from launchready.probes.callers.signup import sent_person
from launchready.probes.callers.tokens import leaves
from launchready.probes.callers.values import ABOVE
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

_PEOPLE = re.compile(
    r"/(?:(?:create|add|new|register)[-_]?)?(?:users?|accounts?|members?|employees?|staff|people|agents?|customers?|students?|technicians?)"
    r"(?:/(?:create|add|new|register))?/?$|/(?:register|sign-?up)/?$",
    re.I,
)
_ROLE = re.compile(r"^(?:user_?|account_?)?(?:role|roles|type|rank|access_?level)$", re.I)
# Boxes that make somebody more than a member.
_RANK = re.compile(
    r"^(?:is_?)?(?:staff|super_?user|super_?admin|admin|administrator|root|owner|manager|moderator)$", re.I
)
_PASSWORD = re.compile(sign_in_words.PASSWORD, re.I)
_OLD = re.compile(r"old|current", re.I)
_LOWEST = re.compile(r"employee|volunteer|resident|patient|associate|agent|staff|student|technician|cliente?", re.I)
_DEPARTMENT = re.compile(
    r"\b(?:team|department|dept|crew|group|sales|marketing|support|finance|accounting|hr|recruitment|it|logistics|warehouse|production|operations|service|help_?desk|"
    r"cashier|clerk|operator|receptionist|assistant|designer|developer|engineer|nurse|teacher|driver|picker|waiter|presenter|editor|writer|specialist|analyst)\b",
    re.I,
)
_LEADS = re.compile(
    r"admin|manag|head|lead|chief|direct|owner|officer|super|boss|president|founder|partner|\bc[efiot]o\b|principal|master|root",
    re.I,
)
_SELECT = r"<select\b[^>]{0,300}\bname=[\"']%s[\"'][^>]{0,300}>(?P<inside>[\s\S]{0,4000}?)</select>"
_OPTION = re.compile(r"<option\b[^>]{0,200}\bvalue=[\"']([^\"'<>]{1,60})[\"']", re.I)
# As Django's administration names what it manages, and where it adds somebody: `/admin/auth/user/add/`.
_MODEL = "{app_label}/{model_name}"
_ADDS = re.compile(r"/\w*(?:user|account|member|employee|staff|person)/add/$", re.I)
_MOST_ADDED = 2
_ROUNDS = 5
Hosted = tuple[str, Exchange, Person]


async def by_host(accounts: "Accounts", caller: Caller, host: Caller) -> Hosted | None:
    """The role that was given, the answer of what made the account, and the person as they were sent; None where the host can make none.

    It is the lowest role, or the one that ``accounts.appoint`` names.
    """
    person, role = caller.person, accounts.appoint
    assert person is not None
    calls = _calls(accounts.endpoints)
    for endpoint in _appointing(accounts.endpoints, calls, role) if role else accounts.ranked(calls):
        built = build(endpoint, person, optional=True)
        body = _appointed(endpoint, built, role) if role else _lowered(endpoint, built)
        if body is None or not any(_PASSWORD.search(name) for name, _ in leaves(body)):
            continue
        exchange, body = await _sent(host, endpoint, body, person)
        landed = exchange if turned_away(exchange) else await follow(host, exchange)
        if landed.ok and not says_error(landed) and not turned_away(landed):
            if not role:
                accounts.first.insert(0, endpoint.name)
            return role or _role_in(body), exchange, sent_person(person, body)
        accounts.note(endpoint.name, f"{host.name} could make no account: {exchange.error or exchange.status}")
    for form, page in await _forms(accounts, host):
        given = _chosen(form, page, fill(form, person), role)
        if given is None:
            continue
        exchange = await host.send("POST", form.action, form=given, headers=form.headers(host))
        landed = await follow(host, exchange)
        if not exchange.error and exchange.status < 400 and landed.status < 400 and not asks_again(landed, form):
            return role or _role_in(given), exchange, sent_person(person, given)
        accounts.note(
            f"the form at {form.action}", f"{host.name} could make no account: {exchange.error or landed.status}"
        )
    return None


def _calls(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    found = [
        e
        for e in endpoints
        if e.method == "POST"
        and not e.hosted
        and "{" not in e.path
        and (_PEOPLE.search(e.path) or Kind.SIGNUP in e.kind)
    ]
    return [e for e in found if any(_PASSWORD.search(one.name) for one in named_fields(e))]


def _appointing(endpoints: Sequence[Endpoint], calls: Sequence[Endpoint], role: str) -> list[Endpoint]:
    """What makes somebody of a role: by its address (``/admin/create-owner``), or by a field for it."""
    word = re.escape(role)
    named = re.compile(
        rf"/(?:create|add|new|register|make)[-_]?{word}s?/?$|/{word}s?(?:/(?:create|add|new|register))?/?$", re.I
    )
    # What strangers may choose at a sign-up, nobody gives them.
    kept = [e for e in endpoints if not (Kind.SIGNUP in e.kind and e.access.verdict is AccessVerdict.OPEN)]
    posts = (e for e in kept if e.method == "POST" and not e.hosted and "{" not in e.path)
    by_address = [e for e in posts if named.search(e.path) and any(_PASSWORD.search(f.name) for f in named_fields(e))]
    return [*by_address, *(e for e in calls if e in kept and e not in by_address and _field_for(e, role))]


def _field_for(endpoint: Endpoint, role: str) -> tuple[str, str] | None:
    """The field that takes a role, and the role as it is written there; None where it takes others only."""
    for one in named_fields(endpoint):
        if _ROLE.match(one.name):
            written = next((choice for choice in one.choices if choice.lower() == role.lower()), "")
            return (one.name, written or role) if written or not one.choices else None
    return None


def _appointed(endpoint: Endpoint, body: dict[str, Any], role: str) -> dict[str, Any]:
    field = _field_for(endpoint, role)
    return body | {field[0]: field[1]} if field is not None else body


async def _sent(
    host: Caller, endpoint: Endpoint, body: dict[str, Any], person: Person
) -> tuple[Exchange, dict[str, Any]]:
    form = is_form(endpoint)
    exchange = Exchange(endpoint.method, "", endpoint.path)
    for _ in range(_ROUNDS):
        exchange = await submit(host, endpoint.method, endpoint.path, body, form=form)
        if exchange.status == 415 and not form:
            form = True
            continue
        mended = mend(body, exchange, person) if exchange.status in (400, 422) else None
        if mended is None:
            break
        body = mended
    return exchange, body


def _lowered(endpoint: Endpoint, body: dict[str, Any]) -> dict[str, Any] | None:
    """The body with the lowest role that its fields offer, and no rank; None where they offer none that is low."""
    body = {name: value for name, value in body.items() if not _RANK.match(name)}
    for one in named_fields(endpoint):
        if _ROLE.match(one.name) and one.name in body and one.choices:
            role = _lowest(one.choices)
            if not role:
                return None
            body = body | {one.name: role}
    return body


def _lowest(roles: Sequence[str]) -> str:
    """The lowest of them by its name; where the app has departments instead, such as ``Finance Team``, the first that says of nobody that they lead; else,
    where some are known to stand above, the first that is none of these: ``developer`` beside ``admin``."""
    named = next((one for one in roles if low(one)), "") or next((one for one in roles if _LOWEST.search(one)), "")
    named = named or next((one for one in roles if _DEPARTMENT.search(one) and not _LEADS.search(one)), "")
    others = [one for one in roles if not ABOVE.search(one)]
    return named or (others[0] if 0 < len(others) < len(roles) else "")


def _role_in(body: dict[str, Any]) -> str:
    return next(
        (str(value).lower() for name, value in body.items() if _ROLE.match(name) and isinstance(value, str)), ""
    )


async def _forms(accounts: "Accounts", host: Caller) -> list[tuple[Form, str]]:
    """The forms that make people on pages of the host's, each with the text of its page."""
    known = [
        e.path
        for e in accounts.endpoints
        if e.method in ("GET", "ANY") and "{" not in e.path and (_PEOPLE.search(e.path) or Kind.SIGNUP in e.kind)
    ]
    known += await _added_by_django(accounts, host)
    found = [(form, page.text) for page in await pages(host, known) for form in forms_of(page)]
    return [
        (form, text)
        for form, text in found
        if form.method == "POST" and form.has_password and not any(map(_OLD.search, form.fields))
    ]


async def _added_by_django(accounts: "Accounts", host: Caller) -> list[str]:
    """Where Django's own administration adds people, by the links of its first page: the one place for that in many internal tools."""
    roots = dict.fromkeys(e.path.partition(_MODEL)[0] for e in accounts.endpoints if _MODEL in e.path)
    links = [link for page in await pages(host, list(roots)) for link in links_of(page)]
    return [link for link in dict.fromkeys(links) if _ADDS.search(link)][:_MOST_ADDED]


def _chosen(form: Form, page: str, given: dict[str, str], wanted: str = "") -> dict[str, str] | None:
    """What is filled in, with the lowest role of the page's list of them, or the ``wanted`` one; None where that has none such."""
    fields = [one for one in given if _ROLE.match(one) and form.fields[one].kind == "select"]
    for name in fields:
        listed = re.search(_SELECT % re.escape(name), page, re.I)
        options = _OPTION.findall(listed["inside"]) if listed else []
        same = next((one for one in options if one.lower() == wanted.lower()), "")
        role = same if wanted else _lowest(options)
        if not role:
            return None
        given = given | {name: role}
    return given if fields or not wanted else None
