"""Reads policy.toml: roles, rows, limits, and the settings of the guard."""

import ipaddress
import tomllib
from collections.abc import Mapping
from typing import Any

from launchready_guard.networks import PROVIDERS
from launchready_guard.policy.model import (
    CSRF,
    GUEST,
    KINDS,
    RULES,
    Clients,
    Cors,
    Policy,
    PolicyError,
    Row,
    Sender,
    Settings,
    shape,
)
from launchready_guard.policy.reader import Reader
from launchready_guard.schemes import SCHEMES

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "WEBSOCKET", "ANY"))


def parse_policy(text: str, name: str = "policy.toml") -> Policy:
    """The policy a text holds. ``name`` is the file that messages speak of. Raises :class:`PolicyError`."""
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"Read {name}: it is not valid TOML: {error}. Mend that line and try again.") from error
    read = Reader(name, text)
    read.keys("", raw)
    roles = read.names("roles.order", read.table(raw, "roles").get("order", [GUEST]))
    if len(set(roles)) < len(roles):
        read.wrong("order", "roles.order names a role twice", "every role once, from the least to the mightiest")
    roles = roles if GUEST in roles else (GUEST, *roles)
    limits = {}
    for kind, said in read.table(raw, "limits").items():
        if kind not in KINDS:
            read.wrong(kind, f"limits has the kind {kind!r}", "one of " + ", ".join(KINDS), kind, KINDS)
        limits[kind] = read.limits(f"limits.{kind}", said)
    tenant, cors = read.table(raw, "tenant"), read.table(raw, "cors")
    across = read.names("tenant.across", tenant.get("across", []))
    for role in across:
        read.one_of("tenant.across", role, roles)
    rows = raw.get("endpoint", [])
    if not isinstance(rows, list):
        read.wrong("endpoint", "endpoint is one table", "one [[endpoint]] for each route, with two brackets")
    seen: dict[tuple[str, str], int] = {}
    settings = _settings(read, raw)
    return Policy(
        roles,
        tuple(_row(read, seen, number, row, roles) for number, row in enumerate(rows, 1)),
        read.text("tenant.claim", tenant.get("claim", "")),
        read.places("tenant.param", tenant.get("param", [])),
        limits,
        Cors(
            read.names("cors.origins", cors.get("origins", [])),
            read.flag("cors.credentials", cors.get("credentials", False)),
        ),
        read.names("redact.fields", read.table(raw, "redact").get("fields", [])),
        across,
        read.places("owner.param", read.table(raw, "owner").get("param", [])),
        settings,
    )


def _settings(read: Reader, raw: Mapping[str, Any]) -> Settings:
    guard = read.table(raw, "guard")
    observe = read.names("guard.observe", guard.get("observe", []))
    for rule in observe:
        read.one_of("guard.observe", rule, RULES)
    unlisted = read.one_of("guard.unlisted", guard.get("unlisted", "refuse"), ("refuse", "deny"))
    body = {
        "" if kind == "limit" else read.one_of("body", kind, (*KINDS, "limit")): read.size(f"body.{kind}", size)
        for kind, size in read.table(raw, "body").items()
    }
    headers = {key.lower(): read.text(f"headers.{key}", value) for key, value in read.table(raw, "headers").items()}
    for key, value in headers.items():
        if any(ord(letter) < 32 or ord(letter) > 126 for letter in key + value) or not key.replace("-", "").isalnum():
            read.wrong(key, f"headers.{key} is {value!r}", "a header of plain letters")
    return Settings(
        frozenset(observe),
        read.names("guard.hosts", guard.get("hosts", [])),
        unlisted == "refuse",
        read.one_of("guard.csrf", guard.get("csrf", "fetch"), CSRF),
        _clients(read, read.table(raw, "clients")),
        {name: _sender(read, name, said) for name, said in read.table(raw, "webhooks").items()},
        headers,
        body,
    )


def _clients(read: Reader, said: Mapping[str, Any]) -> Clients:
    proxies = list(read.names("clients.proxies", said.get("proxies", [])))
    header = read.text("clients.header", said.get("header", "x-forwarded-for")).lower()
    for network in proxies:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            read.wrong(network, f"clients.proxies has {network!r}: {error}", 'a network such as "10.0.0.0/8"')
    if "behind" in said:
        provider = read.one_of("clients.behind", said["behind"], PROVIDERS)
        proxies.append(provider)
        header = read.text("clients.header", said.get("header", PROVIDERS[provider].header)).lower()
    hops = read.number("clients.hops", said.get("hops", 0))
    if hops and proxies:
        read.wrong("hops", "clients has hops and proxies", "one of both: how many proxies there are, or which")
    return Clients(hops, tuple(proxies), header)


def _sender(read: Reader, name: str, said: Any) -> Sender:
    if not isinstance(said, dict):
        read.wrong(name, f"webhooks.{name} is {said!r}", f"a table: [webhooks.{name}]")
    read.keys("webhook", said)
    scheme = read.one_of(f"webhooks.{name}.scheme", said.get("scheme", name), SCHEMES)
    secret = said.get("secret", {"env": SCHEMES[scheme].variable})
    if not isinstance(secret, dict) or list(secret) != ["env"] or not isinstance(secret["env"], str):
        read.wrong("secret", f"webhooks.{name}.secret is no reference", 'secret = { env = "NAME_OF_A_VARIABLE" }')
    return Sender(scheme, secret["env"], read.seconds("webhooks.tolerance", said.get("tolerance", "5 minutes")))


def _row(read: Reader, seen: dict[tuple[str, str], int], number: int, raw: Any, roles: tuple[str, ...]) -> Row:
    """One [[endpoint]]."""
    said = str(raw.get("route", "")) if isinstance(raw, dict) else ""
    at = read.at(said)
    name = f"endpoint {said!r}" if said else f"endpoint {number}"
    if not isinstance(raw, dict) or "route" not in raw or "allow" not in raw:
        read.wrong(
            "[[endpoint]]", f"{name} lacks route or allow", 'route = "GET /path" and allow = ["member"]', after=at
        )
    read.keys("endpoint", raw, at)
    method, _, path = read.text("endpoint.route", raw["route"], at).partition(" ")
    if method not in _METHODS or not path.startswith(("/", "{")):
        read.wrong(said, f"{name} is no route", 'a method and a path such as "GET /w/{workspace_id}"', method, _METHODS)
    if seen.setdefault((method, shape(path)), number) != number:
        read.wrong(said, f"{name} is there twice", "one row for a route", after=at)
    allow = read.names("endpoint.allow", raw["allow"], at)
    own = read.names("endpoint.own", raw.get("own", []), at)
    for role in (*allow, *own):
        if role not in roles:
            expected = "roles of roles.order: " + ", ".join(roles)
            read.wrong(role, f"{name} names the role {role!r}", expected, role, roles, at)
    if stray := [role for role in own if role not in allow]:
        expected = "in own only roles that allow names"
        read.wrong("own", f"{name} has {stray[0]!r} in own and not in allow", expected, after=at)
    kind = read.text("endpoint.kind", raw.get("kind", "other"), at)
    if kind not in KINDS:
        read.wrong(kind, f"{name} has the kind {kind!r}", "one of " + ", ".join(KINDS), kind, KINDS, at)
    return Row(
        method,
        path,
        allow,
        own,
        read.flag("endpoint.tenant", raw.get("tenant", False), at),
        kind,
        read.limits("endpoint.limit", raw["limit"], at) if "limit" in raw else (),
        read.text("endpoint.signature", raw.get("signature", ""), at),
        read.flag("endpoint.review", raw.get("review", False), at),
        read.text("endpoint.why", raw.get("why", ""), at),
        read.size("endpoint.body", raw["body"], at) if "body" in raw else 0,
        read.flag("endpoint.observe", raw.get("observe", False), at),
    )
