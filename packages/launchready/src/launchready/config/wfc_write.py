"""Writes identities as an authentication file of Web Fuzzing Commons; :mod:`launchready.config.wfc` reads it back."""

import base64
import os
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from launchready.config.wfc import OURS
from launchready.model.parsed import json_of
from launchready.model.project import Identity, Reference

Value = Callable[[Reference], str]
_GENERATED = {"email": ("", "@example.com"), "username": ("u", ""), "password": ("Lr1!", ""), "name": ("", ""), "marker": ("", "")}  # fmt: skip


def referenced(reference: Reference) -> str:
    """``${NAME}``, which ``envsubst`` fills in."""
    return f"${{{reference.env}}}"


def held(reference: Reference) -> str:
    """What the environment holds, or ``${NAME}`` where it holds nothing."""
    return os.environ.get(reference.env) or referenced(reference)


def written(identities: Sequence[Identity], value: Value = referenced) -> tuple[dict[str, Any], list[str]]:
    """The file as a table, and a line for each identity that the format cannot express."""
    entries, left = [], []
    for identity in identities:
        entry, why = _entry(identity, value)
        if why:
            left.append(f"{identity.name}: {why}")
        else:
            ours = {"role": identity.role} | ({"tenant": identity.tenant} if identity.tenant else {})
            entries.append({"name": identity.name, **entry, OURS: ours})
    return {"schemaVersion": "0.2.0", "auth": entries}, left


def _entry(identity: Identity, value: Value) -> tuple[dict[str, Any], str]:
    fixed = [
        {"name": name, "value": one if isinstance(one, str) else value(one)} for name, one in identity.headers.items()
    ]
    entry: dict[str, Any] = {"fixedHeaders": fixed} if fixed else {}
    if identity.login.startswith("hook:"):
        return {}, "the format has no hooks"
    if identity.signup:
        entry["createUsers"] = _create(identity.signup.path, identity.signup.body)
    if identity.token:
        if identity.query:
            return {}, "the format has no fixed key in the query"
        return entry | {"fixedHeaders": [*fixed, _token(identity, value(identity.token))]}, ""
    if identity.login == "basic" and identity.password:
        pair = f"{identity.username}:{value(identity.password)}"
        if value is referenced:
            return {}, "HTTP Basic needs its password encoded: export with --values"
        encoded = base64.b64encode(pair.encode()).decode()
        return entry | {"fixedHeaders": [*fixed, {"name": "Authorization", "value": f"Basic {encoded}"}]}, ""
    if not identity.login_path:
        return (
            (entry, "")
            if fixed and not identity.password
            else ({}, "the format needs to know where it signs in: login_path")
        )
    return entry | {"loginEndpointAuth": _login(identity, value)}, ""


def _token(identity: Identity, token: str) -> dict[str, str]:
    name, template = {"api-key": ("X-API-Key", "{token}"), "cookie": ("Cookie", "{token}")}.get(identity.login, ("Authorization", "Bearer {token}"))  # fmt: skip
    if identity.header and identity.header.lower() != "authorization":
        name, template = identity.header, "{token}"
    return {"name": name, "value": (identity.template or template).replace("{token}", token)}


def _login(identity: Identity, value: Value) -> dict[str, Any]:
    verb, _, endpoint = identity.login_path.rpartition(" ")
    form = identity.login in ("form", "oauth2") or (bool(identity.login_body) and not json_of(identity.login_body))
    login: dict[str, Any] = {"endpoint": endpoint, "verb": verb or "POST"}
    if identity.login_headers:
        login["headers"] = [
            {"name": n, "value": v if isinstance(v, str) else value(v)} for n, v in identity.login_headers.items()
        ]
    if identity.password or identity.login_body:
        login["contentType"] = "application/x-www-form-urlencoded" if form else "application/json"
        password = value(identity.password) if identity.password else "{password}"
        login |= _payload(identity, password, form, value)
    if identity.token_at:
        header = identity.token_at.startswith("header:")
        login["token"] = {
            "extractFrom": "header" if header else "body",
            "extractSelector": identity.token_at.removeprefix("header:"),
            "sendIn": "query" if identity.query else "header",
            "sendName": identity.query or identity.header or "Authorization",
            "sendTemplate": identity.template or ("{token}" if identity.query or identity.header else "Bearer {token}"),
        }
    else:
        login["expectCookies"] = True
    return login


def _payload(identity: Identity, password: str, form: bool, value: Value) -> dict[str, Any]:
    body = identity.login_body
    fields = json_of(body) if not form else dict(parse_qsl(body))
    if isinstance(fields, dict) and set(fields.values()) == {"{username}", "{password}"} and len(fields) == 2:
        names = {held: name for name, held in fields.items()}
        who = {"usernameField": names["{username}"], "passwordField": names["{password}"]}
        return {"payloadUserPwd": {"username": identity.username, "password": password, **who}}
    if not body:
        who = {"usernameField": "email" if "@" in identity.username else "username", "passwordField": "password"}
        return {"payloadUserPwd": {"username": identity.username, "password": password, **who}}
    body = body.replace("{username}", identity.username or "{username}").replace("{password}", password)
    return {"payloadRaw": re.sub(r"\{env:(\w+)\}", lambda match: value(Reference(match[1])), body)}


def _create(path: str, body: str) -> dict[str, Any]:
    verb, _, endpoint = path.rpartition(" ")
    used = [name for name in _GENERATED if f"{{{name}}}" in body]
    return {
        "endpoint": endpoint,
        "verb": verb or "POST",
        "contentType": "application/json" if json_of(body) else "application/x-www-form-urlencoded",
        "payloadRaw": body,
        "generators": [
            {"placeHolder": f"{{{name}}}", "minLength": 10, "maxLength": 20}
            | {key: part for key, part in zip(("prefix", "postfix"), _GENERATED[name], strict=True) if part}
            for name in used
        ],
    }
