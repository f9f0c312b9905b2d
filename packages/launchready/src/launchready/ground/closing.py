"""Ends the throwaway accounts of the run: by the app's own way for people to leave, else by whoever looks after accounts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from launchready.core.ways import matches
from launchready.ground.ground import Ground, safe_reads
from launchready.ground.ids import USER_NOUNS, own, parameters
from launchready.ground.journal import Signed
from launchready.ground.naming import holds, ids_in, rows
from launchready.ground.people import introduce
from launchready.ground.result import Made
from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.bodies import as_form
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.forms import fill, forms_of
from launchready.probes.callers.tokens import leaves, parsed

# How an account is named among what the run made.
ACCOUNT = "the account "
STAY = "no way for people to end their account was found: the accounts that are made for this run stay in the app, and are listed at its end"
NO_WAY = "the app has no way to end an account"
TWICE = "the app took a sign-up for an address that has an account as it took the first: it may have made another one"
_MYSELF = re.compile(
    r"/(?:me|myself|self|profile|account|user|my[-_]?account|current[-_]?user|users?/(?:me|self|current))/?$", re.I
)
_CLOSING = re.compile(
    r"/(?:delete|close|remove|deactivate)[-_/]?(?:my[-_]?)?(?:account|profile|me|myself)/?$"
    r"|/(?:account|profile|me|myself|users?/(?:me|self|current))/(?:delete|close|remove|destroy)/?$",
    re.I,
)
_ABOVE = re.compile("admin|owner|super|staff", re.I)


def accounts_can_go(ground: Ground) -> bool:
    """Whether the app has any way for people to end their own account, or for an administrator we are to end theirs."""
    return any(
        _of_person(e) or ("{" not in e.path and (_MYSELF.search(e.path) or _CLOSING.search(e.path)))
        for e in deletes_of(ground)
    ) or bool(_closing(ground))


def deletes_of(ground: Ground) -> list[Endpoint]:
    """The DELETEs at the app's own address."""
    return [e for e in ground.endpoints if e.method == "DELETE" and not e.hosted]


async def account_ended(ground: Ground, caller: Caller, signed: Signed, people: Mapping[str, Caller]) -> Made:
    """The account as one of the things that were made, ended or with the reason why it stays."""
    made = Made(
        signed.name, signed.route or "sign-up", ACCOUNT + signed.person.email, sure=signed.name not in _doubtful(ground)
    )
    if not accounts_can_go(ground):
        return replace(made, why=NO_WAY)
    if await _left_by_itself(ground, caller) or await _ended_by_others(ground, caller, people):
        return replace(made, removed=True)
    return replace(made, why="no way to end it was taken")


async def _left_by_itself(ground: Ground, caller: Caller) -> bool:
    """Whether its own owner could end it, and signing in fails."""
    if not caller.guest:
        if await _ended(ground, caller):
            return True
        if await ground.accounts.doors.open_to(caller) is not None:
            return False
    # What was tried with the account may have ended its session.
    return await ground.accounts.still_there(caller) and await _ended(ground, caller)


async def _ended(ground: Ground, caller: Caller) -> bool:
    if not caller.known("id"):
        await introduce(ground, caller)
    for method, path in _ways(ground, caller):
        for given in await _bodies(ground, caller, method, path):
            answer = await ground.call(caller, method, path, **given)
            if answer.ok or 300 <= answer.status < 400:
                if await _is_gone(ground, caller):
                    return True
                break
            if answer.status not in (400, 403, 409, 411, 415, 422):
                break
    return False


async def _bodies(ground: Ground, caller: Caller, method: str, path: str) -> list[dict[str, object]]:
    """What to send along, one after the other: nothing, the password again, and what the form on the page asks for."""
    sure = _sure(caller)
    if "#" in path:
        return [{"json": sure}]
    if method == "DELETE":
        return [{}, {"json": sure}]
    page = await ground.call(caller, "GET", path)
    form = next((one for one in forms_of(page) if one.method == "POST"), None) if page.ok else None
    if form is None or caller.person is None:
        return [{"json": sure}, {"form": as_form(sure)}]
    return [{"form": as_form(sure) | fill(form, caller.person), "headers": form.headers(caller)}]


async def _is_gone(ground: Ground, caller: Caller) -> bool:
    again = Caller(f"{caller.name}-gone", ground.guest.site, caller.person)
    return not await ground.accounts.still_there(again)


async def _ended_by_others(ground: Ground, caller: Caller, people: Mapping[str, Caller]) -> bool:
    """Whether somebody who looks after accounts, and is none of the run's, could end it; that it is this one, its address or name says."""
    above = [one for one in people.values() if _ABOVE.search(one.role) and one.name not in ground.journal.signed]
    for admin in above if caller.person is not None else ():
        for endpoint in deletes_of(ground):
            if not _of_person(endpoint):
                continue
            name, noun = parameters(endpoint.path)[0]
            for value in await _sure_of(ground, admin, endpoint, noun, name, caller):
                answer = await ground.call(admin, "DELETE", endpoint.path.replace("{" + name + "}", value))
                if answer.ok and await _is_gone(ground, caller):
                    return True
    return False


async def _sure_of(
    ground: Ground, admin: Caller, endpoint: Endpoint, noun: str, name: str, caller: Caller
) -> list[str]:
    """The id of an account, as an administrator sees it: the row of a list, or the page of one, with the very address or name that it signed up with, where nobody else has that."""
    if caller.person is None:
        return []
    names = {one for one in (caller.person.email, caller.person.username) if holds(one, ground.marks)}
    at = endpoint.path.rpartition("/{")[0]
    reads = safe_reads(ground.endpoints)
    if any(e.path.rstrip("/") == at for e in reads):
        listed = await ground.call(admin, "GET", at)
        for row in rows(parsed(listed)):
            if names.intersection(value for value in row.values() if isinstance(value, str)):
                return [value for _, value in ids_in(row, noun)[:1]]
    for value in own(caller, noun, name):
        path = endpoint.path.replace("{" + name + "}", value)
        if any(matches(e.path, path) for e in reads):
            page = parsed(await ground.call(admin, "GET", path))
            if names.intersection(text for _, text in leaves(page) if isinstance(text, str)):
                return [value]
    return []


def _ways(ground: Ground, caller: Caller) -> list[tuple[str, str]]:
    """Calls by which the caller may end their own account, the plainest first."""
    deletes = deletes_of(ground)
    found = [
        ("DELETE", e.path) for e in deletes if "{" not in e.path and (_MYSELF.search(e.path) or _CLOSING.search(e.path))
    ]
    # Whoever bears a name or an address that others may have, too, may have been taken for one of them.
    signs = caller.person.signs if caller.person else ()
    sure = bool(signs) and all(holds(sign, ground.marks) for sign in signs)
    for endpoint in deletes if sure else ():
        if _of_person(endpoint):
            name, noun = parameters(endpoint.path)[0]
            found += [
                ("DELETE", endpoint.path.replace("{" + name + "}", value)) for value in own(caller, noun, name)[:1]
            ]
    return list(dict.fromkeys([*found, *_closing(ground)]))


def _of_person(endpoint: Endpoint) -> bool:
    """Whether a path ends with the id of somebody, and holds no other."""
    named = parameters(endpoint.path)
    return len(named) == 1 and named[0][1] in USER_NOUNS and endpoint.path.rstrip("/").endswith("}")


def _closing(ground: Ground) -> Sequence[tuple[str, str]]:
    return [
        ("POST", e.path)
        for e in ground.endpoints
        if e.method in ("POST", "ANY")
        and "{" not in e.path
        and not e.hosted
        and _CLOSING.search(e.path)
        and Kind.ADMIN not in e.kind
    ]


def _doubtful(ground: Ground) -> set[str]:
    """Whose sign-up failed in a way that leaves open whether there is an account."""
    return {name for name in ground.accounts.maybe if name not in ground.signed}


def _sure(caller: Caller) -> dict[str, object]:
    """What forms that end an account ask for."""
    password = caller.person.password if caller.person else ""
    return {"password": password, "current_password": password, "confirm": True}
