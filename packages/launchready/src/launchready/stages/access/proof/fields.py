"""Fields of an account that its owner must not set: one field a request, proven by reading back (OWASP API3:2023, CWE-915)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from launchready.core.policy.roles import is_role
from launchready.ground.apart import elsewhere
from launchready.ground.closing import accounts_can_go
from launchready.ground.ground import DANGEROUS, Ground, shown
from launchready.ground.ids import USER_NOUNS, WORKSPACE_FIELD, parameters
from launchready.ground.ranks import member_lists
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.sending import together
from launchready.ground.slots import slots
from launchready.ground.views import smallest
from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.bodies import as_form, complaints, fields_of, is_form, named_fields
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import claims, leaves, parsed
from launchready.probes.callers.values import marker, person, value_for
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.opened import opened_to, passed_by, shut_to
from launchready.stages.access.proof.record_fields import prove_record_fields

_PRIVILEGED = re.compile(
    r"^(?:role|roles|user_?role|user_?type|account_?type|is_?admin|admin|is_?staff|staff|is_?superuser|superuser|is_?verified|verified|"
    r"email_?verified|is_?active|approved|is_?approved|balance|credits?|wallet_?balance|plan|tier|available_?credit|permissions?|privileges?)$",
    re.I,
)
_ALWAYS: tuple[tuple[str, object], ...] = (("role", "admin"), ("is_admin", True), ("isAdmin", True), ("admin", True))
_RANK = re.compile(r"^(?:user_?)?roles?$|^(?:is_?)?(?:admin|staff|superuser)$|^permissions?$|^privileges?$", re.I)
_MONEY = re.compile(r"^(?:wallet_?)?balance$|^(?:available_?)?credits?$", re.I)
_ROLE, _ABOVE = re.compile("role", re.I), re.compile("admin|owner|super|root", re.I)
_MOST, _ROLES = 5, 3
# How accounts are named that sign up with a field too many.
_EXTRA = "extra-"


@dataclass(frozen=True, slots=True)
class _Self:
    """What one answer says of the caller alone."""

    exchange: Exchange
    said: Any

    def has(self, name: str, value: object) -> bool:
        """Whether a field has the value, however it is written."""
        wanted = (str(value).lower(), "1" if value is True else "", f"{value}.0")
        return any(found == name and str(given).lower() in wanted for found, given in leaves(self.said))


async def prove_fields(ground: Ground) -> None:
    """Sign up, change one's own account, and create records, with one field too many."""
    if not ground.callers:
        return
    plain = ground.callers[0]
    before = await _selves(ground, plain)
    wanted, roles = _wanted(before), roles_named(ground.endpoints, plain.role)
    lower: Caller | None = None
    if _ABOVE.search(plain.role) or _stands_above(before):
        # Whoever stands above already may give ranks, and any other may be less: a member below them is asked for those.
        wanted = [(name, value) for name, value in wanted if not _ROLE.search(name)]
        lower = next((c for c in ground.callers[1:] if c.role and low(c.role) and c.identity is None), None)
    offered = _offered(ground, plain)
    at_sign_up = [
        (name, one) for name, value in wanted[:_MOST] for one in offered.get(name) or _values(name, value, roles[:1])
    ]
    for name, value in list(at_sign_up):
        if (caller := _signed_up_with(ground, name, value)) is not None:
            # Somebody signed up with it for what is for that role: no other account is needed.
            step = partial(_at_sign_up, ground, {name: value}, "", before, caller)
            await ground.step(f"sign-up with {name} {value}", step)
            at_sign_up.remove((name, value))
    if len(at_sign_up) > 1 and not accounts_can_go(ground):
        # Each account would stay: one asks for all of it at once, and others follow only where that one is refused.
        first = dict(reversed(at_sign_up))
        await ground.step("sign-up with more fields", partial(_at_sign_up, ground, first, "l", before))
        if f"{_EXTRA}l" in ground.journal.signed:
            at_sign_up = [(name, value) for name, value in at_sign_up if first[name] != value]
    for letter, (name, value) in zip("mnopqr", at_sign_up, strict=False):
        await ground.step(f"sign-up with {name} {value}", partial(_at_sign_up, ground, {name: value}, letter, before))
    for endpoint in ground.endpoints:
        if endpoint.method not in ("PUT", "PATCH", "POST"):
            continue
        # An address that takes a rank gives it to whoever is named, the caller among them.
        taken = {field.name for field in fields_of(endpoint) if _RANK.match(field.name)}
        own_account, gives = _own_account(endpoint), bool(taken) and _gives_rank(endpoint)
        if lower is not None and gives:
            for name in sorted(one for one in taken if _ROLE.search(one)):
                work = partial(
                    _at_change,
                    ground,
                    endpoint,
                    lower,
                    name,
                    _values(name, "admin", roles_named(ground.endpoints, lower.role)),
                )
                await ground.step(f"{endpoint.name} with {name} as {lower.name}", work)
        for name, value in wanted[:_MOST] if own_account or gives else ():
            if own_account or name in taken:
                await ground.step(
                    f"{endpoint.name} with {name}",
                    partial(_at_change, ground, endpoint, plain, name, _values(name, value, roles)),
                )
    await prove_record_fields(ground)


def _stands_above(selves: list[_Self]) -> bool:
    """Whether a page says of the caller in a word that they have a high rank, as a workspace says of whoever made it."""
    told = ((name, value) for one in selves for name, value in leaves(one.said))
    return any(_ROLE.search(name) and isinstance(value, str) and _ABOVE.search(value) for name, value in told)


def _offered(ground: Ground, plain: Caller) -> dict[str, list[object]]:
    """The ranks that the sign-up lets one choose by its source, but for the one that an ordinary account took; the highest first."""
    signed = ground.journal.signed.get(plain.name)
    fields = [
        field for e in ground.endpoints if signed is not None and e.name == signed.route for field in fields_of(e)
    ]
    found: dict[str, list[object]] = {}
    for field in fields:
        others = [one for one in field.choices if signed is not None and one != signed.body.get(field.name)]
        if _RANK.match(field.name) and others:
            found[field.name] = list(sorted(others, key=lambda one: not _ABOVE.search(one))[:_ROLES])
    return found


def _wanted(selves: list[_Self]) -> list[tuple[str, object]]:
    """Fields worth trying: privileged ones the account is seen to have, then those that are common."""
    found: dict[str, object] = {}
    for one in selves:
        for name, value in leaves(one.said):
            ours = _PRIVILEGED.match(name) or WORKSPACE_FIELD.fullmatch(name)
            if ours and name not in found and (other := _other(name, value)) is not None:
                found[name] = other
    ranked = sorted(found.items(), key=lambda item: not re.search(r"role|admin|staff|super|permission", item[0], re.I))
    return [*ranked, *((name, value) for name, value in _ALWAYS if name not in found)]


def _other(name: str, value: object) -> object:
    """A value that is more than the account has; None when there is none to tell apart."""
    if WORKSPACE_FIELD.fullmatch(name):
        return elsewhere(value)
    if isinstance(value, bool):
        return None if value else True
    if isinstance(value, int | float):
        return 31337
    if isinstance(value, str):
        if re.search(r"role|type", name, re.I):
            return "admin" if value != "admin" else None
        return 31337 if re.fullmatch(r"-?\d+(?:\.\d+)?", value) else None
    return None


def _signed_up_with(ground: Ground, name: str, value: object) -> Caller | None:
    """One of the callers who gave this at sign-up, where an ordinary one gave something else."""
    signed = ground.journal.signed
    given = {c.name: signed[c.name].body.get(name) for c in ground.callers if c.name in signed}
    if given.get(ground.callers[0].name) == value:
        return None
    return next((c for c in ground.callers if given.get(c.name) == value), None)


async def _at_sign_up(
    ground: Ground, more: Mapping[str, object], letter: str, plain: list[_Self], caller: Caller | None = None
) -> None:
    """Sign somebody up with ``more`` fields than an ordinary account has, and look which of them it got; or look at the ``caller``, who did so."""
    first = ground.callers[0]
    signed = ground.journal.signed.get(first.name)
    if signed is None or not signed.route or first.person is None:
        return
    # What every sign-up tells is asked for; a rank or money is nobody's to choose all the same.
    asked = {
        name: value
        for name, value in more.items()
        if name not in signed.body or _RANK.match(name) or _MONEY.match(name)
    }
    if not asked:
        return
    caller = caller or await ground.sign_up(f"{_EXTRA}{letter}", person(first.person.marker, letter), asked)
    if caller is None:
        return
    endpoint, _, exchange = ground.accounts.signups[caller.name]
    ranks = {name: value for name, value in asked.items() if _RANK.match(name)}
    shut = await shut_to(ground, first) if ranks else []
    doors = await opened_to(ground, caller, shut)
    selves = await _selves(ground, caller)
    shown_as = {name: next((one for one in selves if one.has(name, value)), None) for name, value in asked.items()}
    # Of ranks that were sent at once it is the one that is shown, else the one that sign-up takes by its source.
    does = "signs in" if first.name in ground.accounts.by_sign_in else "signs up"
    read = {field.name for at in ground.endpoints if at.name == signed.route for field in fields_of(at)}
    rank = next((name for name in ranks if shown_as[name]), None) or next(
        (name for name in ranks if name in read), next(iter(ranks), "")
    )
    if doors is None and not any(shown_as.values()) and _answered(ground, caller, rank, ranks.get(rank), plain):
        # An account that only the answer to its sign-up calls so may be none; a guard that lets it past knows it.
        doors = await passed_by(ground, caller, shut)
    for name, value in asked.items():
        got = shown_as[name]
        if got is None and doors is not None and name == rank:
            past = "is let in at" if doors[1].ok else "is told that there is nothing yet at"
            said = f"An account that signed up with {name} = {value!r} {past} {doors[1].path}; one that did not, is refused."
            proof = (
                ("signs up with one field more", exchange),
                (f"{first.name} is not let in", doors[0]),
                ("it is" if doors[1].ok else "it is not refused", doors[1]),
            )
            route = endpoint.name if endpoint else signed.route
            title = f"Whoever {does} can set {name} of their own account"
            ground.alarm(Alarm(Harm.FIELDS, route, title, said, shown(*proof), key=name))
        if got is not None and not any(one.has(name, value) for one in plain):
            ground.alarm(
                Alarm(
                    Harm.FIELDS,
                    endpoint.name if endpoint else signed.route,
                    f"Whoever {does} can set {name} of their own account",
                    f"An account that signed up with {name} = {value!r} has it; one that did not, has not.",
                    shown(
                        ("signs up with one field more" if len(asked) == 1 else "signs up with fields more", exchange),
                        ("and has it", got.exchange),
                    ),
                    key=name,
                )
            )


def _answered(ground: Ground, caller: Caller, name: str, value: object, plain: list[_Self]) -> bool:
    """Whether the answer to a sign-up says that the account has what was sent, and that of an ordinary one does not."""
    own = _Self(ground.accounts.signups[caller.name][2], parsed(ground.accounts.signups[caller.name][2]))
    first = ground.accounts.signups.get(ground.callers[0].name)
    ordinary = [*plain, *([_Self(first[2], parsed(first[2]))] if first else [])]
    return bool(name) and own.has(name, value) and not any(one.has(name, value) for one in ordinary)


def _values(name: str, value: object, roles: Sequence[str]) -> list[object]:
    """What to try for a field: for a role those that the source names as well, as it writes them."""
    named = isinstance(value, str) and _ROLE.search(name)
    return [*(role for role in roles[:_ROLES] if role != value), value] if named else [value]


def roles_named(endpoints: Sequence[Endpoint], own: str) -> list[str]:
    """The roles that the source asks for, or lets somebody choose, but for the caller's ``own``."""
    found = [role for endpoint in endpoints for role in endpoint.access.roles if is_role(role)]
    found += [one for endpoint in endpoints for field in endpoint.inputs if re.fullmatch(r"(?:user_?)?role", field.name, re.I) for one in field.choices]  # fmt: skip
    return [role for role in dict.fromkeys(found) if role.lower() != own.lower()]


async def _at_change(ground: Ground, endpoint: Endpoint, caller: Caller, name: str, values: Sequence[object]) -> None:
    for value in values:
        if await _set(ground, endpoint, caller, name, value):
            return


async def _set(ground: Ground, endpoint: Endpoint, caller: Caller, name: str, value: object) -> bool:
    """Whether the caller's own account has the value after a call with it. What it had before is put back."""
    path = endpoint.path
    if "{" in path:
        parameter, noun = parameters(path)[-1]
        values = ground.values(caller, noun, parameter)
        own_path = ground.path_of(endpoint, caller, values[0]) if values else None
        if own_path is None:
            return False
        path = own_path
    before = await _selves(ground, caller)
    if any(one.has(name, value) for one in before):
        return False
    shut = await shut_to(ground, caller) if _RANK.match(name) else []
    exchange = await _send(ground, endpoint, caller, path, name, value, before)
    if not exchange.ok and not (300 <= exchange.status < 400 and alone(exchange) is not Seen.DENIED):
        return False
    if (doors := await opened_to(ground, caller, shut)) is not None:
        ground.alarm(
            Alarm(
                Harm.FIELDS,
                endpoint.name,
                f"Any member can set {name} of their own account",
                f"{caller.name} sent {name} = {value!r}, and {doors[1].path} lets them in, which it did not before.",
                shown((f"{caller.name} is not let in", doors[0]), ("sends one field", exchange), ("and is", doors[1])),
                key=name,
            )
        )
        # What is asked later is asked as the member they were: a box that is not ticked sends nothing.
        await _send(ground, endpoint, caller, path, name, "" if value is True else caller.role or "user", before)
        return True
    for one in await _selves(ground, caller):
        if one.has(name, value):
            ground.alarm(
                Alarm(
                    Harm.FIELDS,
                    endpoint.name,
                    f"Any member can set {name} of their own account",
                    f"{caller.name} sent {name} = {value!r}, and the account has it.",
                    shown((f"{caller.name} sends one field", exchange), ("and has it", one.exchange)),
                    key=name,
                )
            )
            # What is asked later is asked as the member they were.
            was = next((given for self in before for found, given in leaves(self.said) if found == name), None)
            if was is not None:
                await _send(ground, endpoint, caller, path, name, was, before)
            return True
    return False


async def _send(
    ground: Ground, endpoint: Endpoint, caller: Caller, path: str, name: str, value: object, selves: list[_Self]
) -> Exchange:
    """One field sent; where that is refused, in the table the app wants it in, or beside the fields it cannot do without."""
    body: dict[str, Any] = {name: value}
    form = is_form(endpoint)
    exchange = await ground.call(
        caller, endpoint.method, path, **({"form": {name: str(value)}} if form else {"json": body})
    )
    asked = [place[0] for place, _ in complaints(exchange)] if exchange.status in (400, 422) else []
    if not asked or asked[0] == name:
        return exchange
    plain = {field.name: field for field in named_fields(endpoint) if "." not in field.name and field.name != name}
    if asked[0] in plain:
        someone = caller.person or person(marker(), "t")
        had = {found: given for self in selves for found, given in leaves(self.said) if found in plain}
        needed = [one for one, field in plain.items() if field.required or one in asked]
        beside = {one: had.get(one, value_for(plain[one], someone)) for one in needed} | body
        sent: dict[str, Any] = {"form": as_form(beside)} if form else {"json": beside}
        exchange = await ground.call(caller, endpoint.method, path, **sent)
        if exchange.ok:
            return exchange
    # The app wants its fields inside a table of their own: {"user": {...}}.
    return await ground.call(caller, endpoint.method, path, json={asked[0]: body})


def _gives_rank(endpoint: Endpoint) -> bool:
    """Whether an address that takes a rank is about an account: it names one in the path or in the body."""
    return (
        not endpoint.hosted
        and endpoint.action == "write"
        and not DANGEROUS.search(endpoint.path)
        and not {Kind.SIGNUP, Kind.LOGIN}.intersection(endpoint.kind)
        and any(slot.noun in USER_NOUNS for slot in slots(endpoint))
        and ("{" not in endpoint.path or parameters(endpoint.path)[-1][1] in USER_NOUNS)
    )


def _own_account(endpoint: Endpoint) -> bool:
    if (
        endpoint.hosted
        or endpoint.action != "write"
        or DANGEROUS.search(endpoint.path)
        or {Kind.ADMIN, Kind.SIGNUP, Kind.LOGIN}.intersection(endpoint.kind)
    ):
        return False
    if re.search(r"/(?:me|profile|account|user|settings)/?$", endpoint.path, re.I):
        return True
    found = parameters(endpoint.path)
    return (
        endpoint.method in ("PUT", "PATCH")
        and len(found) == 1
        and found[0][1] in USER_NOUNS
        and endpoint.path.rstrip("/").endswith("}")
    )


async def _selves(ground: Ground, caller: Caller) -> list[_Self]:
    """What the app says of the caller: their pages, their row in a list, what sign-in told, and the claims of their token."""
    paths = [*ground.accounts.doors.paths, *member_lists(ground, caller)]
    for endpoint in ground.endpoints:
        found = parameters(endpoint.path)
        if endpoint.method == "GET" and len(found) == 1 and found[0][1] in USER_NOUNS and endpoint.path.endswith("}"):
            values = sorted(caller.known("id", f"{found[0][1]}id")) or sorted(caller.known("username"))
            paths += [endpoint.path.replace("{" + found[0][0] + "}", value) for value in values[:1]]
    mark = caller.person.marker.lower() if caller.person else "\0"
    told = []
    for view in await together([partial(ground.call, caller, "GET", path) for path in dict.fromkeys(paths[:8])]):
        if alone(view) is Seen.ALLOWED and (mine := smallest(parsed(view), "\0", mark)) is not None:
            told.append(_Self(view, mine))
    # A page about them alone shows better than a list that they stand in, where others have ranks as well.
    told.sort(key=lambda one: one.said != parsed(one.exchange))
    if (login := ground.accounts.logins.get(caller.name)) is not None:
        told.append(_Self(login, parsed(login)))
        told += [_Self(login, claims(value.split()[-1])) for value in caller.headers.values() if value]
    return told
