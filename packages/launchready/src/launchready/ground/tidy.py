"""Removes what the run made: records by their own DELETE, then the throwaway accounts. What stays is listed."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from launchready.core.ways import matches, shape
from launchready.ground.ground import Ground
from launchready.ground.ids import USER_NOUNS, noun_of_path, own, parameters
from launchready.ground.journal import Signed
from launchready.ground.people import introduce
from launchready.ground.result import Made, Proof
from launchready.ground.sending import together
from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.callers.workspaces import TENANT

_MYSELF = re.compile(r"/(?:me|profile|account|user|users/(?:me|self|current))/?$", re.I)
_CLOSING = re.compile(
    r"/(?:delete|close|remove|deactivate)[-_/]?(?:my[-_]?)?account/?$|/account/(?:delete|close)/?$", re.I
)
# How an account is named among what the run made.
ACCOUNT = "the account "
_ID_NAMES = ("id", "_id", "uuid", "slug")
_SHOWN = 6
_GONE = frozenset((404, 410))


async def tidy(ground: Ground) -> None:
    """Remove the records newest first, then the accounts, and note which are left."""
    await tidy_records(ground)
    await tidy_accounts(ground)


async def tidy_records(ground: Ground, keep: Callable[[Made], bool] = lambda made: False) -> None:
    """Remove the records newest first, but for those to ``keep``, and note which are left."""
    await take_away(ground, 0, keep)
    people, deletes = _people(ground), _deletes(ground)
    for owner in people.values():
        await _left_over(ground, owner, deletes)


async def tidy_accounts(ground: Ground, chosen: Callable[[Signed], bool] = lambda signed: True) -> None:
    """Remove the throwaway accounts that are ``chosen``, and note which are left; those that were tried already stay as noted."""
    people, deletes = _people(ground), _deletes(ground)
    noted = {made.path for made in ground.made}
    accounts = [
        one for one in ground.journal.signed.values() if chosen(one) and ACCOUNT + one.person.email not in noted
    ]
    known = ground.signed | people
    callers = [known.get(one.name) or Caller(one.name, ground.guest.site, one.person) for one in accounts]
    gone = await together([partial(_account_removed, ground, caller, deletes) for caller in callers])
    ground.made += [
        Made(one.name, one.route or "sign-up", ACCOUNT + one.person.email, removed)
        for one, removed in zip(accounts, gone, strict=True)
    ]


async def take_away(ground: Ground, since: int, keep: Callable[[Made], bool] = lambda made: False) -> None:
    """Remove the records made after the first ``since``, newest first, but for those to ``keep``. What cannot be removed is tried once more at the end."""
    people, deletes = _people(ground), _deletes(ground)
    for index in reversed(range(since, len(ground.made))):
        made = ground.made[index]
        if not made.removed and not keep(made) and (owner := people.get(made.who)) is not None:
            removed = await _removed(ground, made, owner, deletes)
            ground.made[index] = replace(made, removed=removed)
            if removed and made.who in ground.records:
                ground.records[made.who].forget(made.path.rpartition("/")[2])


def keeps_people(made: Made) -> bool:
    """Whether a record is a workspace: whoever is asked as is somebody in it."""
    return any(TENANT.fullmatch(part) for part in made.route.rstrip("/").split("/")[-1:])


def accounts_can_go(ground: Ground) -> bool:
    """Whether the app has any way for people to end their own account."""
    return any(_of_person(e) or ("{" not in e.path and _MYSELF.search(e.path)) for e in _deletes(ground)) or bool(
        _closing(ground)
    )


def _people(ground: Ground) -> dict[str, Caller]:
    known = (ground.guest, *ground.callers, *filter(None, (ground.victim, ground.visitor)), *ground.spare)
    return {caller.name: caller for caller in known}


def _deletes(ground: Ground) -> list[Endpoint]:
    return [e for e in ground.endpoints if e.method == "DELETE" and not e.hosted]


async def _removed(ground: Ground, made: Made, owner: Caller, deletes: Sequence[Endpoint]) -> bool:
    """Whether the record is gone: deleted, or nowhere to be seen any more."""
    for endpoint in deletes:
        path = made.path if matches(endpoint.path, made.path) else field_at(endpoint, made.path)
        if "{" in endpoint.path and path:
            exchange = await ground.call(owner, "DELETE", path)
            if exchange.ok or exchange.status in _GONE:
                return True
    return False


def field_at(endpoint: Endpoint, path: str) -> str:
    """The address of a field of GraphQL that deletes what stands at ``path``, which another field made; empty when it is none."""
    above, _, value = path.rpartition("/")
    named = parameters(endpoint.path)
    same = "#" in path and path.partition("#")[0] == endpoint.path.partition("#")[0]
    if not same or len(named) != 1 or named[0][1] != noun_of_path(above):
        return ""
    return endpoint.path.replace("{" + named[0][0] + "}", value)


async def _left_over(ground: Ground, owner: Caller, deletes: Sequence[Endpoint]) -> None:
    """Remove what still shows the owner's marker in a list: whatever holds it was made by the run, also when no answer told its id."""
    if owner.person is None:
        return
    listed = {shape(e.path): e for e in ground.endpoints if e.method == "GET" and e.action == "read"}
    for endpoint in deletes:
        above, _, last = endpoint.path.rstrip("/").rpartition("/")
        named = parameters(endpoint.path)
        if (
            len(named) != 1
            or last != "{" + named[0][0] + "}"
            or named[0][1] in USER_NOUNS
            or shape(above) not in listed
        ):
            continue
        answer = parsed(await ground.call(owner, "GET", listed[shape(above)].path))
        for record in records_with(answer, owner.person.marker):
            value = next((record[name] for name in _ID_NAMES if isinstance(record.get(name), str | int)), None)
            path = f"{above}/{value}"
            if value is not None and not any(made.path == path for made in ground.made):
                exchange = await ground.call(owner, "DELETE", path)
                ground.made.append(Made(owner.name, endpoint.name, path, exchange.ok or exchange.status in _GONE))


def records_with(said: object, marker: str) -> list[dict[str, object]]:
    """The tables of a list, or of a list inside one table, that hold a marker in a value of their own."""
    if isinstance(said, dict):
        return [found for inner in said.values() if isinstance(inner, list) for found in records_with(inner, marker)]
    if not isinstance(said, list):
        return []
    return [
        one
        for one in said
        if isinstance(one, dict) and any(marker in value for value in one.values() if isinstance(value, str))
    ]


async def _account_removed(ground: Ground, caller: Caller, deletes: Sequence[Endpoint]) -> bool:
    """Whether the account is gone: deleted by its own owner, and signing in fails."""
    if caller.person is None or not accounts_can_go(ground):
        return False
    if not caller.guest:
        if await _ended(ground, caller, deletes):
            return True
        if await ground.accounts.doors.open_to(caller) is not None:
            return False
    # What was tried with the account may have ended its session.
    return await ground.accounts.sign_in(caller) and await _ended(ground, caller, deletes)


async def _ended(ground: Ground, caller: Caller, deletes: Sequence[Endpoint]) -> bool:
    """Whether one of the ways to end an account ended this one."""
    if not caller.known("id"):
        await introduce(ground, caller)
    for method, path in _ways(ground, caller, deletes):
        exchange = await ground.call(
            caller, method, path, **({"json": _sure(caller)} if method != "DELETE" or "#" in path else {})
        )
        if not (exchange.ok or 300 <= exchange.status < 400):
            continue
        again = Caller(f"{caller.name}-gone", ground.guest.site, caller.person)
        if not await ground.accounts.still_there(again):
            return True
    return False


def _ways(ground: Ground, caller: Caller, deletes: Sequence[Endpoint]) -> list[tuple[str, str]]:
    """Calls by which the caller may end their own account, the plainest first."""
    found = [("DELETE", e.path) for e in deletes if "{" not in e.path and _MYSELF.search(e.path)]
    for endpoint in deletes:
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


def _closing(ground: Ground) -> list[tuple[str, str]]:
    return [
        ("POST", e.path)
        for e in ground.endpoints
        if e.method == "POST" and "{" not in e.path and _CLOSING.search(e.path) and Kind.ADMIN not in e.kind
    ]


def _sure(caller: Caller) -> dict[str, object]:
    """What forms that end an account ask for."""
    password = caller.person.password if caller.person else ""
    return {"password": password, "current_password": password, "confirm": True}


def notes(proof: Proof) -> tuple[str, ...]:
    """Sentences on what was made and what of it is left, and on an earlier run that was taken up again."""
    found = []
    if proof.resumed:
        found.append("An earlier run had been stopped; this one went on from there and sent none of its writes again.")
    left = [made for made in proof.made if not made.removed]
    if proof.made and not left:
        found.append(f"Made for the proof and removed again: {len(proof.made)} records and accounts.")
    elif left:
        named = "; ".join(f"{made.place} (by {made.route} as {made.who})" for made in left[:_SHOWN])
        more = f"; and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
        found.append(
            f"Made for the proof: {len(proof.made)} records and accounts. The app gave no way to remove {len(left)} of them: {named}{more}."
        )
    return tuple(found)
