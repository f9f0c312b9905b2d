"""What the app says about a caller: ids, role and workspace, out of their own pages, tokens and the answers to sign-up."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller, mentions
from launchready.probes.callers.doors import Doors, opened
from launchready.probes.callers.tokens import claims, parsed
from launchready.probes.exchange import Exchange

_ME = re.compile(
    r"/(?:me|my|self|profile|account|whoami|current[-_]?user|userinfo|users?/(?:me|current|self)|user)/?$", re.I
)
_TENANT = re.compile(
    r"^(?:(?:active|current|default|primary|my)_?)?(?:workspace|org(?:ani[sz]ation)?|tenant|team|company|account|space|group|restaurant|store|shop)(?:_?id|_?slug)?s?$",
    re.I,
)
# What people are in, by its table in what is said of them.
_OF_PEOPLE = re.compile(
    r"^(?:(?:active|current|default|primary|my)_?)?(?:workspace|org(?:ani[sz]ation)?|tenant|team)s?$", re.I
)
_ROLE = re.compile(
    r"^(?:role|roles|user_?role|user_?type|(?:is_?)?admin|is_?staff|is_?superuser|scope|permissions?|groups?)$", re.I
)
_LOW = frozenset(
    (
        "user",
        "member",
        "customer",
        "guest",
        "viewer",
        "basic",
        "standard",
        "regular",
        "free",
        "client",
        "reader",
        "worker",
        "student",
        "subscriber",
        "participant",
        "attendee",
        "buyer",
        "shopper",
        "restricted",
        "limited",
        "readonly",
        "read-only",
        "pending",
        "trial",
    )
)
# Cookies in which an app says who somebody is: `userId=7; role=user`.
_IN_COOKIE = re.compile(r"(?:user|account|member)_?id|uid|(?:user_?)?role", re.I)
_WORD = re.compile(r"[\w-]{1,64}")
_SELF = re.compile(r"/(?:me|whoami|self|current[-_]?user|userinfo)(?:/|$)", re.I)
_MOST = 12


async def learn(
    caller: Caller,
    endpoints: Sequence[Endpoint],
    doors: Doors,
    given: Sequence[Exchange],
    opened_last: Exchange | None = None,
) -> list[Exchange]:
    """Fill the caller's facts and role; returns the answers that speak of them, which are their own pages. ``opened_last`` is one that they were
    shown just now, and is not asked for again."""
    for exchange in given:
        _facts(caller, parsed(exchange))
    for value in caller.headers.values():
        _facts(caller, claims(value.split()[-1]))
    for name, value in list(caller.cookies.items()):
        _facts(caller, claims(value))
        if _IN_COOKIE.fullmatch(name) and _WORD.fullmatch(value):
            _facts(caller, {name: value})
    paths = [e.path for e in endpoints if e.method in ("GET", "ANY") and "{" not in e.path and _ME.search(e.path)]
    paths.sort(key=lambda path: (not _SELF.search(path), path.count("/")))
    own = []
    wanted = list(dict.fromkeys((*paths, *doors.paths, *doors.mirrors)))[:_MOST]
    seen = (
        [opened_last] if opened_last is not None and opened_last.path in wanted and opened_last.method == "GET" else []
    )
    left = [path for path in wanted if path not in {one.path for one in seen}]
    for exchange in (*seen, *await asyncio.gather(*(caller.send("GET", path) for path in left))):
        if opened(exchange) and mentions(exchange, caller):
            own.append(exchange)
            _facts(caller, _my_part(parsed(exchange), caller))
    return own


def low(role: str) -> bool:
    """Whether a role's name is that of an ordinary member."""
    return role.lower() in _LOW or not role


def _my_part(said: Any, caller: Caller, depth: int = 0) -> Any:
    """The smallest table that holds the caller's marker, address or name among its own values."""
    signs = caller.person.signs if caller.person else ()
    if depth > 6:
        return None
    if isinstance(said, dict):
        if any(isinstance(value, str) and sign in value.lower() for value in said.values() for sign in signs):
            return said
        for value in said.values():
            if (found := _my_part(value, caller, depth + 1)) is not None:
                return found
    if isinstance(said, list):
        for value in said[:200]:
            if (found := _my_part(value, caller, depth + 1)) is not None:
                return found
    return None


def _facts(caller: Caller, said: Any, depth: int = 0, under: str = "") -> None:
    if not isinstance(said, dict) or depth > 3:
        return
    for name, value in said.items():
        if isinstance(value, dict):
            if _OF_PEOPLE.match(name):
                caller.learn("tenant", next((value[key] for key in ("id", "uuid", "slug") if key in value), None))
            _facts(caller, value, depth + 1, name)
            continue
        values = value if isinstance(value, list) else [value]
        for one in values[:20]:
            if isinstance(one, dict) and _OF_PEOPLE.match(name):
                # The workspaces that one is in, each a table of its own.
                caller.learn("tenant", next((one[key] for key in ("id", "uuid", "slug") if key in one), None))
            if _ROLE.match(name) and one not in (None, "", [], {}):
                _role(caller, name, one)
            elif name.lower() in ("id", "_id", "uuid", "pk", "sub", "uid"):
                # Where a record has both, addresses are made of the one that is called id.
                second = name.lower() == "uuid" and not {"id", "_id"}.isdisjoint(said)
                caller.learn(
                    "uuid"
                    if second
                    else "id"
                    if under.lower() in ("", "user", "data", "account", "member", "profile", "result")
                    else f"{under}id",
                    one,
                )
            elif _TENANT.match(name):
                caller.learn("tenant", one)
                caller.learn(name, one)
            elif (
                isinstance(one, str | int)
                and not isinstance(one, bool)
                and (name.lower().endswith(("id", "number")) or name in ("slug", "username", "email"))
            ):
                caller.learn(name, one)


def _role(caller: Caller, name: str, value: object) -> None:
    if isinstance(value, bool):
        if re.search(r"admin|staff|super", name, re.I):
            caller.role = "admin" if value else caller.role or "member"
    elif (
        isinstance(value, str) and re.fullmatch(r"[\w -]{2,30}", value) and (not caller.role or name.lower() == "role")
    ):
        # Spring and its likes write ROLE_USER.
        caller.role = value.lower().removeprefix("role_")
