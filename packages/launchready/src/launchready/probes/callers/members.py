"""Brings somebody into the workspace of a caller, with a role, by the app's own invitations or its list of members."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from launchready.model.addresses import parts_of
from launchready.model.surface import PARAMETER, Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.bodies import as_form, build, is_form, mend, named_fields
from launchready.probes.callers.caller import Caller, Person, mentions
from launchready.probes.callers.doors import opened, says_error
from launchready.probes.callers.signup import signup_routes
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.callers.whoami import learn, low
from launchready.probes.callers.workspaces import TENANT
from launchready.probes.exchange import Exchange

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

_INVITE = re.compile(r"/(?:invites?|invitations?)/?$|/invite/", re.I)
_MEMBERS = re.compile(
    r"/(?:members?|memberships?|users?|collaborators?|participants?|people)/?(?:add|create)?/?$", re.I
)
_ACCEPT = re.compile(r"accept|join|redeem|claim", re.I)
_TOKEN = re.compile(r"token|code|key|link|url|invit", re.I)
_ROLE = re.compile(r"role|access_?level|permission|type$", re.I)
_USER_ID = re.compile(r"^(?:user|member|account|person|invitee)_?(?:id|uuid|pk)$|^(?:user|member|id)$", re.I)
_MIDDLE = re.compile(r"manager|moderator|editor|maintainer|staff|operator|lead", re.I)
# Where an app has nobody below them, such as customers, they are its ordinary members.
_LOWEST = re.compile(r"employee|volunteer|resident|patient|associate|applicant", re.I)
_ROUNDS = 5
Join = Callable[[dict[str, object] | None], Awaitable[Caller | None]]


def roles_to_have(endpoints: Sequence[Endpoint]) -> tuple[str, ...]:
    """The lowest role and one in the middle, by the names the app itself uses; the first is ``member`` when it names none."""
    named = [
        role for e in ways_in(endpoints) for one in named_fields(e) if _ROLE.search(one.name) for role in one.choices
    ]
    named += [role for e in endpoints for role in e.access.roles]
    lowest = next((role for role in named if low(role)), "") or next(
        (role for role in named if _LOWEST.fullmatch(role)), "member"
    )
    middle = next((role for role in named if _MIDDLE.search(role)), "")
    return (lowest, middle) if middle else (lowest,)


def ways_in(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Where somebody is added to a workspace or invited into it; adding comes first, since it needs no letter."""
    posts = [e for e in endpoints if e.method in ("POST", "PUT") and not e.hosted and not _ACCEPT.search(e.path)]
    adding = [
        e
        for e in posts
        if _MEMBERS.search(e.path)
        and "{" in e.path
        and any(TENANT.fullmatch(part) or part == "w" for part in e.path.split("/"))
    ]
    inviting = [
        e
        for e in posts
        if e not in adding and (Kind.INVITE in e.kind or _INVITE.search(e.path)) and "resend" not in e.path
    ]
    return adding + [e for e in inviting if len(PARAMETER.findall(e.path)) <= 1]


async def bring_in(
    accounts: "Accounts", host: Caller, outsider: Caller | None, person: Person, role: str, join: Join
) -> Caller | None:
    """A caller who is a member of the host's workspace with the role, if the app lets the host have one; else None.

    ``join`` signs the person up, with fields of an invitation if there are any, or in again when they have an account.
    ``outsider`` is somebody of another workspace: an address that is open to them as well says nothing of membership.
    """
    if not host.known("tenant"):
        return None
    newcomer: Caller | None = None
    for endpoint in ways_in(accounts.endpoints):
        path = _path(endpoint, host)
        if path is None:
            continue
        inviting = Kind.INVITE in endpoint.kind or bool(_INVITE.search(endpoint.path))
        if not inviting and newcomer is None:
            newcomer = await join(None)
            if newcomer is None:
                return None
            await _ids(accounts, newcomer)
        asked = await _ask(host, endpoint, path, newcomer, person, role)
        if not asked.ok or says_error(asked):
            accounts.note(endpoint.name, f"no {role} was let in: {asked.error or asked.status}")
            continue
        if inviting:
            newcomer = await _accept(accounts, host, newcomer, person, asked, join)
        if newcomer is not None and await is_in(accounts, host, outsider, newcomer):
            newcomer.role = newcomer.role or role
            return newcomer
        accounts.note(endpoint.name, f"took a {role}, who did not become a member of the workspace")
    return None


async def _ask(
    host: Caller, endpoint: Endpoint, path: str, newcomer: Caller | None, person: Person, role: str
) -> Exchange:
    who = newcomer.person if newcomer and newcomer.person else person
    body, form = build(endpoint, who, optional=True) or {"email": who.email}, is_form(endpoint)
    if not any(_ROLE.search(name) for name in body) and not named_fields(endpoint):
        body["role"] = role
    exchange = Exchange(endpoint.method, "", path)
    for _ in range(_ROUNDS):
        body = {key: _value(key, value, host, newcomer, role, endpoint) for key, value in body.items()}
        given: dict[str, Any] = {"form": as_form(body)} if form else {"json": body}
        exchange = await host.send(endpoint.method, path, **given)
        if exchange.status == 415 and not form:
            form = True
            continue
        mended = mend(body, exchange, who) if exchange.status in (400, 422) else None
        if mended is None:
            break
        body = mended
    return exchange


def _value(key: str, value: object, host: Caller, newcomer: Caller | None, role: str, endpoint: Endpoint) -> object:
    if _ROLE.search(key) and isinstance(value, str):
        choices = next((one.choices for one in named_fields(endpoint) if one.name == key), ())
        return role if not choices or role in choices else value
    if _USER_ID.match(key) and newcomer and (ids := sorted(newcomer.known("id", "userid", "sub"))):
        return int(ids[0]) if ids[0].isdecimal() and not isinstance(value, str) else ids[0]
    if key.lower().endswith("id") and TENANT.match(key) and (ids := sorted(host.known(key) or host.known("tenant"))):
        return int(ids[0]) if ids[0].isdecimal() else ids[0]
    return value


async def _accept(
    accounts: "Accounts", host: Caller, newcomer: Caller | None, person: Person, asked: Exchange, join: Join
) -> Caller | None:
    """Follow an invitation: with its token at sign-up where sign-up takes one, else by accepting it once signed in."""
    tokens = [
        str(value)
        for key, value in leaves(parsed(asked))
        if _TOKEN.search(key) and isinstance(value, str) and len(value) >= 6 and "@" not in value
    ]
    if accounts.mail:
        for letter in await accounts.mail.to(person.email):
            tokens += [
                value for link in re.findall(r"\S+\?\S+", letter) for _, value in parse_qsl(parts_of(link).query)
            ]
            tokens += re.findall(r"/([\w-]{16,})(?=[\s\"'>]|$)", letter)
    tokens = list(dict.fromkeys(token.rstrip("/").split("/")[-1].split("=")[-1] for token in tokens))
    if newcomer is None:
        wants = [
            one.name for e in signup_routes(accounts.endpoints) for one in named_fields(e) if _TOKEN.search(one.name)
        ]
        extra: dict[str, object] = dict.fromkeys(wants, tokens[0]) if tokens else {}
        newcomer = await join(extra or None)
    if newcomer is None:
        return None
    number = next((str(v) for key, v in leaves(parsed(asked)) if key.lower() in ("id", "_id", "uuid")), "")
    for endpoint in accounts.endpoints:
        if endpoint.method not in ("POST", "PUT", "PATCH", "GET") or not _ACCEPT.search(endpoint.path):
            continue
        for token in (*tokens, *([number] if number else [])):
            path = endpoint.path
            for key in PARAMETER.findall(path):
                path = path.replace("{" + key + "}", quote(_one(host, key) if TENANT.match(key) else token, safe=""), 1)
            body = {one.name: token if _TOKEN.search(one.name) else "" for one in named_fields(endpoint)} or {
                "token": token
            }
            given: dict[str, Any] = (
                {} if endpoint.method == "GET" else {"form": as_form(body)} if is_form(endpoint) else {"json": body}
            )
            exchange = await newcomer.send(endpoint.method, path, **given)
            if exchange.ok and not says_error(exchange):
                return newcomer
    return newcomer


async def is_in(accounts: "Accounts", host: Caller, outsider: Caller | None, newcomer: Caller) -> bool:
    """Whether the host's workspace lists the newcomer or lets them in, and nobody else, or their own pages name it."""
    tenants = host.known("tenant")
    for endpoint in accounts.endpoints:
        names = PARAMETER.findall(endpoint.path)
        if (
            endpoint.method != "GET"
            or len(names) != 1
            or not any(TENANT.fullmatch(p) or p == "w" for p in endpoint.path.split("/"))
        ):
            continue
        path = _path(endpoint, host)
        if path is None:
            continue
        mine, theirs = await host.send("GET", path), await newcomer.send("GET", path)
        others = await outsider.send("GET", path) if outsider else None
        listed = mentions(mine, newcomer) and not (outsider and mentions(mine, outsider))
        if opened(mine) and (listed or (opened(theirs) and others is not None and not opened(others))):
            newcomer.facts.pop("tenant", None)
            for name in ("tenant", *(one for one in host.facts if TENANT.match(one))):
                for value in tenants & host.facts[name]:
                    newcomer.learn(name, value)
            await _ids(accounts, newcomer)
            return True
    await _ids(accounts, newcomer)
    return bool(newcomer.known("tenant") & tenants)


async def _ids(accounts: "Accounts", caller: Caller) -> None:
    made = accounts.signups.get(caller.name)
    given = [made[2]] if made else []
    if caller.name in accounts.logins:
        given.append(accounts.logins[caller.name])
    await learn(caller, accounts.endpoints, accounts.doors, given)


def _path(endpoint: Endpoint, host: Caller) -> str | None:
    path = endpoint.path
    for name in PARAMETER.findall(path):
        value = _one(host, name)
        if not value:
            return None
        path = path.replace("{" + name + "}", quote(value, safe=""), 1)
    return path


def _one(host: Caller, name: str) -> str:
    clean = name.strip("?*").split(":")[0]
    own = sorted(host.known(clean)) if clean.lower() not in ("id", "pk", "uuid") else []
    return next(iter(own or sorted(host.known("tenant"))), "")
