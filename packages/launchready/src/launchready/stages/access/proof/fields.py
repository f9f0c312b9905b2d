"""Fields a caller must not set: one field a request, proven by reading back (OWASP API3:2023, CWE-915)."""

import re
from functools import partial
from typing import Any

from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.bodies import complaints, is_form
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.callers.values import person
from launchready.probes.callers.whoami import mentions
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.ground import DANGEROUS, Ground, shown
from launchready.stages.access.proof.ids import USER_NOUNS, parameters
from launchready.stages.access.proof.result import Alarm, Harm
from launchready.stages.access.proof.seen import Seen, alone

_PRIVILEGED = re.compile(
    r"^(?:role|roles|user_?role|user_?type|is_?admin|admin|is_?staff|staff|is_?superuser|superuser|is_?verified|verified|email_?verified|"
    r"is_?active|approved|is_?approved|balance|credits?|wallet_?balance|plan|tier|available_?credit|permissions?|privileges?)$",
    re.I,
)
_ALWAYS: tuple[tuple[str, object], ...] = (("role", "admin"), ("is_admin", True), ("isAdmin", True), ("admin", True))
_MOST = 5


async def prove_fields(ground: Ground) -> None:
    """Sign up, and change one's own account, with one field too many."""
    if not ground.callers:
        return
    plain = ground.callers[0]
    views = await _views(ground, plain)
    wanted = _wanted(views)
    for letter, (name, value) in zip("mnopq", wanted[:_MOST], strict=False):
        await ground.step(f"sign-up with {name}", partial(_at_sign_up, ground, name, value, letter, views))
    for endpoint in ground.endpoints:
        if endpoint.method in ("PUT", "PATCH", "POST") and _own_account(endpoint):
            for name, value in wanted[:_MOST]:
                await ground.step(
                    f"{endpoint.name} with {name}", partial(_at_change, ground, endpoint, plain, name, value)
                )


def _wanted(views: list[Exchange]) -> list[tuple[str, object]]:
    """Fields worth trying: privileged ones the account is seen to have, then those that are common."""
    found: dict[str, object] = {}
    for view in views:
        for name, value in leaves(parsed(view)):
            if _PRIVILEGED.match(name) and name not in found and (other := _other(name, value)) is not None:
                found[name] = other
    return [*found.items(), *((name, value) for name, value in _ALWAYS if name not in found)]


def _other(name: str, value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return 31337
    if isinstance(value, str):
        if re.search(r"role|type", name, re.I):
            return "admin" if value != "admin" else None
        return 31337 if re.fullmatch(r"-?\d+(?:\.\d+)?", value) else None
    return None


async def _at_sign_up(ground: Ground, name: str, value: object, letter: str, plain: list[Exchange]) -> None:
    first = ground.callers[0]
    signed = ground.journal.signed.get(first.name)
    if signed is None or not signed.route or first.person is None or name in signed.body:
        return
    someone = person(first.person.marker, letter)
    caller = await ground.sign_up(f"extra-{letter}", someone, {name: value})
    if caller is None:
        return
    for view in await _views(ground, caller):
        if _has(view, name, value) and not any(_has(before, name, value) for before in plain):
            endpoint, _, exchange = ground.accounts.signups[caller.name]
            route = endpoint.name if endpoint else signed.route
            ground.alarm(
                Alarm(
                    Harm.FIELDS,
                    route,
                    f"Whoever signs up can set {name} of their own account",
                    f"An account that signed up with {name} = {value!r} has it; one that did not, has not.",
                    shown(("signs up with one field more", exchange), ("and has it", view)),
                    key=name,
                )
            )
            return


async def _at_change(ground: Ground, endpoint: Endpoint, caller: Caller, name: str, value: object) -> None:
    path = endpoint.path
    if "{" in path:
        parameter, noun = parameters(path)[-1]
        values = ground.values(caller, noun, parameter)
        own_path = ground.path_of(endpoint, caller, values[0]) if values else None
        if own_path is None:
            return
        path = own_path
    before = await _views(ground, caller)
    if any(_has(view, name, value) for view in before):
        return
    body: dict[str, Any] = {name: value}
    form = is_form(endpoint)
    exchange = await ground.call(
        caller, endpoint.method, path, **({"form": {name: str(value)}} if form else {"json": body})
    )
    asked = [place for place, _ in complaints(exchange)] if exchange.status in (400, 422) else []
    if asked and len(asked[0]) == 1 and asked[0][0] != name:
        # The app wants its fields inside a table of their own: {"user": {...}}.
        exchange = await ground.call(caller, endpoint.method, path, json={asked[0][0]: body})
    if not exchange.ok:
        return
    for view in await _views(ground, caller):
        if _has(view, name, value):
            ground.alarm(
                Alarm(
                    Harm.FIELDS,
                    endpoint.name,
                    f"Any member can set {name} of their own account",
                    f"{caller.name} sent {name} = {value!r}, and the account has it.",
                    shown((f"{caller.name} sends one field", exchange), ("and has it", view)),
                    key=name,
                )
            )
            return


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


async def _views(ground: Ground, caller: Caller) -> list[Exchange]:
    """Pages that speak of the caller alone."""
    paths = list(ground.accounts.doors.paths)
    for endpoint in ground.endpoints:
        found = parameters(endpoint.path)
        if endpoint.method == "GET" and len(found) == 1 and found[0][1] in USER_NOUNS and endpoint.path.endswith("}"):
            values = sorted(caller.known("id", f"{found[0][1]}id")) or sorted(caller.known("username"))
            paths += [endpoint.path.replace("{" + found[0][0] + "}", value) for value in values[:1]]
    views = [await ground.call(caller, "GET", path) for path in dict.fromkeys(paths[:8])]
    return [
        view
        for view in views
        if alone(view) is Seen.ALLOWED and (mentions(view, caller) and not isinstance(parsed(view), list))
    ]


def _has(view: Exchange, name: str, value: object) -> bool:
    wanted = (str(value).lower(), "1" if value is True else "", f"{value}.0")
    return any(found == name and str(given).lower() in wanted for found, given in leaves(parsed(view)))
