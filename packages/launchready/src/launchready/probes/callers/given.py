"""Signs in an identity of the project file in the way the file says."""

import base64
import json
import os
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from launchready.model.project import Identity, Reference
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.hook import HookError, run_hook
from launchready.probes.callers.tokens import ends, pointed, refresh_in, tokens_in
from launchready.probes.exchange import Exchange

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts

_PLACES = {"bearer": ("Authorization", "Bearer {token}"), "api-key": ("X-API-Key", "{token}"), "cookie": ("Cookie", "{token}")}  # fmt: skip


def credential(reference: Reference | None) -> str:
    """What the environment holds for a reference; empty when it is not set."""
    return os.environ.get(reference.env, "").strip() if reference else ""


def resolved(headers: dict[str, str | Reference]) -> dict[str, str]:
    """Headers with what the environment holds for those that are references."""
    return {name: value if isinstance(value, str) else credential(value) for name, value in headers.items()}


def place(caller: Caller, identity: Identity, token: str) -> None:
    """Give the caller a token where the identity says it is sent."""
    name, template = _PLACES.get(identity.login, _PLACES["bearer"])
    if identity.header or identity.query:
        name, template = identity.header, "{token}" if identity.header.lower() != "authorization" else template
    value = (identity.template or template).replace("{token}", token)
    if identity.query:
        caller.query[identity.query] = value
    else:
        caller.headers[name] = value


async def sign_in_given(accounts: "Accounts", caller: Caller, identity: Identity) -> bool:
    """A session by the identity's own way; False, with the reason in ``accounts.tried``, when it opens no door."""
    caller.forget()
    caller.fixed = resolved(identity.headers)
    token = credential(identity.token)
    if identity.login.startswith("hook:"):
        return await _by_hook(accounts, caller, identity)
    if identity.login == "basic":
        pair = f"{identity.username}:{credential(identity.password)}".encode()
        caller.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return await _works(accounts, caller, "HTTP Basic")
    if token:
        place(caller, identity, token)
        return await _works(accounts, caller, f"the token as {identity.login}")
    if caller.fixed and not identity.password and not identity.login_path:
        return await _works(accounts, caller, "the headers")
    return await _by_path(accounts, caller, identity)


async def _works(accounts: "Accounts", caller: Caller, what: str) -> bool:
    if not accounts.doors.known:
        accounts.note(what, "no address refuses a stranger, so that no session could be tried")
        return False
    if await accounts.doors.open_to(caller):
        return True
    accounts.note(what, f"it opens no door: {', '.join(accounts.doors.paths[:3] or accounts.doors.inner[:3])}")
    caller.forget()
    return False


async def _by_hook(accounts: "Accounts", caller: Caller, identity: Identity) -> bool:
    given = {
        "url": caller.site.origin + caller.site.base,
        "name": identity.name,
        "role": identity.role,
        "tenant": identity.tenant,
        "username": identity.username,
        "password": credential(identity.password),
        "token": credential(identity.token),
    }
    try:
        session = await run_hook(identity.login, accounts.root, given)
    except HookError as error:
        accounts.note(identity.login, str(error))
        return False
    caller.headers, caller.cookies, caller.query = dict(session.headers), dict(session.cookies), dict(session.query)
    caller.until = time.time() + session.expires_in if session.expires_in else 0.0
    return await _works(accounts, caller, f"the session of {identity.login}")


async def _by_path(accounts: "Accounts", caller: Caller, identity: Identity) -> bool:
    """Sign in at ``login_path`` with ``login_body``, or with a likely one."""
    person = caller.person
    assert person is not None
    method, path = split(identity.login_path)
    values = {
        "username": identity.username or person.username,
        "email": person.email,
        "password": person.password,
        "name": person.name,
    }
    headers = resolved(identity.login_headers)
    for body, form in bodies(identity, values):
        caller.cookies.clear()
        given: dict[str, Any] = {} if body is None else {"form": body} if form else {"json": body}
        exchange = await caller.send(method, path, headers=headers, **given)
        if exchange.error or exchange.status in (404, 405):
            accounts.note(f"{method} {path}", exchange.error or f"{exchange.status}: there is no such address")
            return False
        if exchange.status >= 400:
            accounts.note(f"{method} {path}", f"{exchange.status} {' '.join(exchange.text[:160].split())}")
            continue
        if await _enter(accounts, caller, identity, exchange):
            accounts.logins[caller.name] = exchange
            return True
        accounts.note(f"{method} {path}", f"{exchange.status}, but no token or session of the answer opens a door")
    return False


async def _enter(accounts: "Accounts", caller: Caller, identity: Identity, exchange: Exchange) -> bool:
    if not (identity.token_at or identity.header or identity.query or identity.template):
        return await accounts.enter(caller, exchange)
    tokens = [pointed(exchange, identity.token_at)] if identity.token_at else tokens_in(exchange)[:4]
    for token in filter(None, tokens):
        place(caller, identity, token)
        if await accounts.doors.open_to(caller):
            caller.refresh, caller.until = refresh_in(exchange), ends(token, exchange)
            return True
        caller.headers.clear()
        caller.query.clear()
    return False


def bodies(identity: Identity, values: dict[str, str]) -> list[tuple[Any, bool]]:
    """What may be sent to sign in, and whether as a form; None for no body at all."""
    if identity.login_body:
        return [filled(identity.login_body, values)]
    if identity.login_headers and not identity.password:
        return [(None, False)]
    username, password = values["username"], values["password"]
    pairs = [{"username": username, "password": password}, {"email": username, "password": password}]
    if "@" in username:
        pairs.reverse()
    if identity.login == "oauth2":
        return [({"grant_type": "password", "username": username, "password": password}, True)]
    as_json = [(pair, False) for pair in (*pairs, {"user": pairs[0]})]
    as_form = [(pair, True) for pair in pairs]
    return as_json if identity.login == "json" else as_form if identity.login == "form" else [*as_json, *as_form]


def filled(template: str, values: dict[str, str]) -> tuple[Any, bool]:
    """A body template with its ``{names}`` filled in: JSON where it is JSON, else the fields of a form."""
    try:
        return _fill(json.loads(template), values), False
    except ValueError:
        return {name: _fill(value, values) for name, value in parse_qsl(template, keep_blank_values=True)}, True


def split(path: str, method: str = "POST") -> tuple[str, str]:
    """``PUT /session`` as its two parts; the method may be missing."""
    first, _, rest = path.partition(" ")
    return (first, rest) if rest else (method, first)


def _fill(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(
            r"\{(env:)?(\w+)\}", lambda m: os.environ.get(m[2], "") if m[1] else values.get(m[2], m[0]), value
        )
    if isinstance(value, dict):
        return {name: _fill(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, values) for inner in value]
    return value
