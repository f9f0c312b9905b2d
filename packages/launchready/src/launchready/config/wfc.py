"""The authentication file of Web Fuzzing Commons, which EvoMaster and schemathesis read: read into identities, and written from them.

The format is ``auth.yaml`` of github.com/WebFuzzing/Commons. Role and tenant, which it does not know, stand under
``x-launchready``; extra keys are allowed there. Passwords and tokens are taken out of the file and into the environment.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl, urlencode

from launchready.config.identities import SECRET
from launchready.model.parsed import json_of

OURS = "x-launchready"
_KEYS = {
    "": ("schemaVersion", "auth", "authTemplate", "configs"),
    "auth": ("name", "requireMockHandling", "fixedHeaders", "loginEndpointAuth", "createUsers", OURS),
    "loginEndpointAuth": ("endpoint", "externalEndpointURL", "payloadRaw", "payloadUserPwd", "headers", "verb", "contentType", "token", "expectCookies"),
    "payloadUserPwd": ("username", "password", "usernameField", "passwordField"),
    "token": ("extractFrom", "extractSelector", "sendIn", "sendName", "sendTemplate"),
    "createUsers": ("endpoint", "externalEndpointURL", "payloadRaw", "verb", "contentType", "generators"),
    "generators": ("placeHolder", "minLength", "maxLength", "prefix", "postfix"),
    OURS: ("role", "tenant"),
}  # fmt: skip
_USER = re.compile(r"user|mail|login|name|account", re.I)
_PASS = re.compile(r"pass|pwd", re.I)
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class WfcError(Exception):
    """The file cannot be used; the message names the key, what was expected, and the nearest valid key."""


@dataclass(slots=True)
class Imported:
    """``identities`` are tables of launchready.toml by name; ``secrets`` what the environment has to hold; ``notes`` what was left out."""

    identities: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(said: Any) -> Imported:
    """The identities of a parsed file. Raises :class:`WfcError`."""
    _keys(said, "", "the file")
    entries = said.get("auth")
    if not isinstance(entries, list) or not entries:
        raise WfcError("auth is missing or empty. It must be a list of users, each with a name.")
    template = said.get("authTemplate") or {}
    _keys(template, "auth", "authTemplate")
    found = Imported()
    for index, entry in enumerate(entries):
        at = f"auth[{index}]"
        _keys(entry, "auth", at)
        whole = _merged(template, entry)
        if "fixedHeaders" in entry and "loginEndpointAuth" not in entry:
            # Who has a fixed credential does not sign in; the template is for the others.
            whole.pop("loginEndpointAuth", None)
        name = re.sub(r"[^\w-]+", "-", str(whole.get("name", ""))).strip("-")
        if not name:
            raise WfcError(f"{at} has no name. Each user needs one.")
        if name in found.identities:
            raise WfcError(f"{at}.name is {whole['name']!r}, which another user has already. Names must differ.")
        _user(found, name, whole, at)
    return found


def _user(found: Imported, name: str, whole: dict[str, Any], at: str) -> None:
    ours = whole.get(OURS) or {}
    _keys(ours, OURS, f"{at}.{OURS}")
    table: dict[str, Any] = {"role": str(ours.get("role", "member"))}
    if ours.get("tenant"):
        table["tenant"] = str(ours["tenant"])
    if not ours.get("role"):
        found.notes.append(f"{name}: the file names no role, so it is member; correct it where it is not.")
    keep = _Keeper(found, name)
    login, create = whole.get("loginEndpointAuth"), whole.get("createUsers")
    if not (whole.get("fixedHeaders") or login or create):
        raise WfcError(f"{at} says neither fixedHeaders nor loginEndpointAuth. One of them tells how {name} signs in.")
    if whole.get("fixedHeaders"):
        _fixed(table, whole["fixedHeaders"], keep, f"{at}.fixedHeaders")
    generators = _placeholders(create, f"{at}.createUsers") if create else {}
    if create and not _sign_up(table, create, generators, f"{at}.createUsers"):
        found.notes.append(
            f"{name}: its sign-up is at another host; we call this app alone. Write a login hook for it."
        )
    if login and not _login(table, login, generators, keep, f"{at}.loginEndpointAuth"):
        found.notes.append(
            f"{name}: its sign-in is at another host; we call this app alone. Write a login hook for it."
        )
        return
    if whole.get("requireMockHandling"):
        found.notes.append(f"{name}: requireMockHandling means nothing here and was left out.")
    found.identities[name] = table


@dataclass(slots=True)
class _Keeper:
    """Moves values into the environment; a value that is ``${NAME}`` already keeps its name."""

    found: Imported
    name: str

    def __call__(self, what: str, value: str) -> dict[str, str]:
        if known := _VARIABLE.fullmatch(value.strip()):
            self.found.secrets.setdefault(known[1], "")
            return {"env": known[1]}
        variable = re.sub(r"\W+", "_", f"LR_{self.name}{what and '_' + what}").upper()
        self.found.secrets[variable] = value
        return {"env": variable}


def _fixed(table: dict[str, Any], headers: Any, keep: _Keeper, at: str) -> None:
    pairs = _headers(headers, at)
    if [name.lower() for name, _ in pairs] == ["authorization"]:
        scheme, _, value = pairs[0][1].strip().partition(" ")
        if scheme.lower() == "bearer" and value:
            table |= {"login": "bearer", "token": keep("TOKEN", value.strip())}
            return
        if scheme.lower() == "basic" and (pair := _basic(value.strip())):
            table |= {"login": "basic", "username": pair[0], "password": keep("", pair[1])}
            return
    # Whatever else is fixed may be a credential, whatever its name.
    table["headers"] = {name: keep(name, value.strip()) for name, value in pairs}


def _login(table: dict[str, Any], login: Any, generators: dict[str, str], keep: _Keeper, at: str) -> bool:
    _keys(login, "loginEndpointAuth", at)
    if login.get("externalEndpointURL"):
        return False
    table["login_path"] = _path(login, at)
    form = "form" in str(login.get("contentType", ""))
    table["login"] = "form" if form else "json"
    if pair := login.get("payloadUserPwd"):
        _keys(pair, "payloadUserPwd", f"{at}.payloadUserPwd")
        for key in _KEYS["payloadUserPwd"]:
            if not isinstance(pair.get(key), str):
                raise WfcError(
                    f"{at}.payloadUserPwd.{key} is missing or no text. All four are needed: "
                    + ", ".join(_KEYS["payloadUserPwd"])
                    + "."
                )
        body = {pair["usernameField"]: "{username}", pair["passwordField"]: "{password}"}
        table |= {
            "login_body": _written(body, form),
            "username": pair["username"],
            "password": keep("", pair["password"]),
        }
    elif raw := login.get("payloadRaw"):
        table["login_body"] = _raw(table, str(raw), generators, keep)
    if login.get("headers"):
        pairs = _headers(login["headers"], f"{at}.headers")
        table["login_headers"] = {n: keep("LOGIN_" + n, v) if SECRET.search(n) else v for n, v in pairs}
    if token := login.get("token"):
        _token(table, token, f"{at}.token")
    return True


def _token(table: dict[str, Any], token: Any, at: str) -> None:
    _keys(token, "token", at)
    for key in ("extractFrom", "extractSelector", "sendIn", "sendName"):
        if not token.get(key):
            raise WfcError(f"{at}.{key} is missing. Needed are extractFrom, extractSelector, sendIn and sendName.")
    for key, valid in (("extractFrom", ("body", "header")), ("sendIn", ("header", "query"))):
        if token[key] not in valid:
            raise WfcError(f"{at}.{key} is {token[key]!r}. Expected {' or '.join(valid)}.")
    selector = str(token["extractSelector"])
    table["token_at"] = f"header:{selector}" if token["extractFrom"] == "header" else selector
    table["query" if token["sendIn"] == "query" else "header"] = str(token["sendName"])
    if token.get("sendTemplate", "{token}") != "{token}":
        table["template"] = str(token["sendTemplate"])
    elif str(token["sendName"]).lower() == "authorization":
        table["template"] = "{token}"


def _sign_up(table: dict[str, Any], create: Any, generators: dict[str, str], at: str) -> bool:
    _keys(create, "createUsers", at)
    if create.get("externalEndpointURL"):
        return False
    body = _placed(str(create.get("payloadRaw", "")), generators)
    if not body:
        raise WfcError(f"{at}.payloadRaw is missing. It is what is sent to make the account.")
    table["signup"] = {"path": _path(create, at), "body": body}
    return True


def _placeholders(create: Any, at: str) -> dict[str, str]:
    """Our name for each generated value: an address, a name or a password, by what the placeholder is called."""
    found = {}
    for index, one in enumerate(create.get("generators") or []):
        _keys(one, "generators", f"{at}.generators[{index}]")
        holder = str(one.get("placeHolder", ""))
        if not holder:
            raise WfcError(f"{at}.generators[{index}].placeHolder is missing. It is the text to be replaced.")
        mail = "@" in str(one.get("postfix", "")) or re.search("mail", holder, re.I)
        ours = (
            "email"
            if mail
            else "password"
            if _PASS.search(holder)
            else "username"
            if _USER.search(holder)
            else "marker"
        )
        around = (
            "{%s}"
            if ours in ("email", "password", "username")
            else f"{one.get('prefix', '')}{{%s}}{one.get('postfix', '')}"
        )
        found[holder] = around % ours
    return found


def _raw(table: dict[str, Any], raw: str, generators: dict[str, str], keep: _Keeper) -> str:
    """A raw payload with who signs in and their password as ``{username}`` and ``{password}``, other secrets as ``{env:NAME}``."""
    raw = _placed(raw, generators)
    said = json_of(raw)
    if said is None:
        pairs = dict(parse_qsl(raw, keep_blank_values=True))
        return _written({key: _leaf(table, key, value, keep) for key, value in pairs.items()}, True)
    return json.dumps(_taken(table, said, "", keep), ensure_ascii=False)


def _taken(table: dict[str, Any], value: Any, name: str, keep: _Keeper) -> Any:
    if isinstance(value, dict):
        return {key: _taken(table, inner, key, keep) for key, inner in value.items()}
    if isinstance(value, list):
        return [_taken(table, inner, name, keep) for inner in value]
    return _leaf(table, name, value, keep) if isinstance(value, str) else value


def _leaf(table: dict[str, Any], name: str, value: str, keep: _Keeper) -> str:
    if re.search(r"\{\w+\}", value) and not _VARIABLE.search(value):
        return value
    if _PASS.search(name) and "password" not in table:
        table["password"] = keep("", value)
        return "{password}"
    if SECRET.search(name) and name != "grant_type":
        return "{{env:{}}}".format(keep(name, value)["env"])
    if _USER.search(name) and "username" not in table:
        table["username"] = value
        return "{username}"
    return value


def _placed(raw: str, generators: dict[str, str]) -> str:
    for holder, ours in generators.items():
        raw = raw.replace(holder, ours)
    return raw


def _written(body: dict[str, str], form: bool) -> str:
    return urlencode(body, safe="{}:") if form else json.dumps(body, ensure_ascii=False)


def _path(said: dict[str, Any], at: str) -> str:
    endpoint = str(said.get("endpoint", ""))
    if not endpoint.startswith("/"):
        raise WfcError(f"{at}.endpoint is {endpoint!r}. Expected a path such as '/login'.")
    verb = str(said.get("verb", "POST")).upper()
    return endpoint if verb == "POST" else f"{verb} {endpoint}"


def _headers(said: Any, at: str) -> list[tuple[str, str]]:
    if not isinstance(said, list) or not all(isinstance(h, dict) and "name" in h and "value" in h for h in said):
        raise WfcError(f"{at} is no list of headers. Each has a name and a value.")
    return [(str(header["name"]).strip(), str(header["value"])) for header in said]


def _basic(value: str) -> tuple[str, str] | None:
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().strip().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def _merged(template: Any, entry: Any) -> Any:
    """The entry with what only the template says; lists and texts of the entry stand as they are."""
    if isinstance(template, dict) and isinstance(entry, dict):
        return {key: _merged(template.get(key), entry.get(key)) for key in {**template, **entry}}
    return template if entry is None else entry


def _keys(said: Any, of: str, at: str) -> None:
    if not isinstance(said, dict):
        raise WfcError(f"{at} is {type(said).__name__}. Expected a table with " + ", ".join(_KEYS[of]) + ".")
    for key in said:
        if key not in _KEYS[of] and not str(key).startswith("x-"):
            near = get_close_matches(str(key), _KEYS[of], 1, 0.4)
            hint = f"did you mean {near[0]!r}?" if near else "valid keys: " + ", ".join(_KEYS[of])
            raise WfcError(f"{at} has the key {str(key)!r}, which means nothing here; {hint}")
