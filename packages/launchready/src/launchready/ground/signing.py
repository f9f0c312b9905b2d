"""How each caller got in, told so that a person or a test of their own can do it again."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from launchready.ground.ground import Ground
from launchready.model.parsed import json_of, table_of
from launchready.model.project import Identity
from launchready.probes.callers.basic import name_and_password
from launchready.probes.callers.caller import CSRF_COOKIES, FORM_TOKEN, Caller, Person
from launchready.probes.callers.tokens import HEADERS, parsed
from launchready.probes.exchange import Exchange, variable

Place = tuple[str | int, ...]
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Signing:
    """The calls that made an account and a session of it.

    ``header`` and ``pattern`` say where the token goes (``Authorization``, ``Bearer {}``), empty for a session of cookies;
    ``place`` where it stands in the answer: keys and indexes of its JSON, or ``("header:NAME",)``. ``sign_in`` is the call
    that gave it: the sign-up itself when that is enough. ``page`` holds the form it was sent from, empty when there was none.
    """

    sign_up: Exchange | None
    sign_in: Exchange | None
    header: str = ""
    pattern: str = ""
    place: Place = ()
    csrf: tuple[tuple[str, str], ...] = ()
    page: str = ""


def signing_of(ground: Ground, caller: Caller, *, real: bool = False) -> Signing | None:
    """How this caller came by a session; None when it was given to us. ``real`` wants the calls as they were sent, not those of fields of GraphQL."""
    accounts = ground.accounts
    signed = accounts.signups.get(caller.name)
    sign_up = signed[2] if signed else None
    sign_in = accounts.logins.get(caller.name, sign_up)
    if sign_in is None:
        return None
    if real:
        sign_up, sign_in = sign_up.real if sign_up else None, sign_in.real
    csrf = tuple((name, CSRF_COOKIES[name.lower()]) for name in caller.cookies if name.lower() in CSRF_COOKIES)
    for name, value in caller.headers.items():
        for source in (sign_in, sign_up):
            if source is not None and (found := _token_place(source, value)) is not None:
                place, token = found
                return Signing(sign_up, source, name, value.replace(token, "{}"), place, csrf)
    return Signing(sign_up, sign_in, csrf=csrf, page=_page(sign_in))


def places_of(said: Any, wanted: str, depth: int = 0) -> Iterator[Place]:
    """Where a value stands in an answer; places near the top come first."""
    inside: list[tuple[str | int, Any]] = []
    if isinstance(said, dict):
        inside = list(said.items())
    elif isinstance(said, list):
        inside = list(enumerate(said[:60]))
    for key, value in inside:
        if not isinstance(value, dict | list | bool) and value is not None and str(value) == wanted:
            yield (key,)
    for key, value in inside if depth < _DEEPEST else ():
        for place in places_of(value, wanted, depth + 1):
            yield (key, *place)


def place_of(said: Any, wanted: str) -> Place | None:
    """The first of these places, None when there is none."""
    return next(places_of(said, wanted), None)


def sent_fields(exchange: Exchange) -> tuple[dict[str, Any], bool]:
    """What a call sent, and whether as a form. The CSRF token of a form is left out: it is good for that session alone."""
    text = exchange.sent_body.decode("utf-8", "replace")
    if "urlencoded" in exchange.sent_headers.get("Content-Type", ""):
        return {name: one for name, one in parse_qsl(text, keep_blank_values=True) if not FORM_TOKEN.search(name)}, True
    return table_of(json_of(text)), False


def has_form_token(exchange: Exchange) -> bool:
    """Whether a form went out with a CSRF token of the page it stood on."""
    sent = parse_qsl(exchange.sent_body.decode("utf-8", "replace")) if _page(exchange) else []
    return any(FORM_TOKEN.search(name) for name, _ in sent)


def fill(ground: Ground, caller: Caller, identities: tuple[Identity, ...] = ()) -> str:
    """Shell lines that put a session like this caller's into the variable that curl lines name."""
    name = variable(caller.name)
    identity = next((one for one in identities if one.name == caller.name), caller.identity)
    how = signing_of(ground, caller, real=True)
    if how is None or how.sign_in is None:
        where = identity.token or identity.password if identity else None
        return f"# a session of {caller.name}: what {where.env if where else 'launchready.toml'} holds"
    if has_form_token(how.sign_in):
        return f"# COOKIE_{name}: sign in at {how.sign_in.url} in a browser, and copy the Cookie header of the next request"
    lines = []
    if identity is None:
        lines.append(f'{name}="{caller.name}$RANDOM@example.com" {name}_PASSWORD="Pw-$RANDOM$RANDOM-9aZ!"')
        if how.sign_up is not None and how.sign_up is not how.sign_in:
            lines.append(f"{_curl(how.sign_up, caller, '-s -o /dev/null')}")
    else:
        password = identity.password.env if identity.password else "the password"
        lines.append(f'{name}={shlex.quote(identity.username)} {name}_PASSWORD="${password}"')
    if how.header and how.place and str(how.place[0]).startswith("header:"):
        said = str(how.place[0]).partition(":")[2]
        take = f"{_curl(how.sign_in, caller, '-s -D - -o /dev/null')} | tr -d '\\r' | sed -n 's/^{said}: //Ip'"
        lines.append(f'{_variable(how.header, name)}="{how.pattern.format(f"$({take})")}"')
    elif how.header:
        picked = "".join(f"[{json.dumps(part)}]" for part in how.place)
        take = f"{_curl(how.sign_in, caller, '-s')} | python3 -c {shlex.quote(f'import json, sys; print(json.load(sys.stdin){picked})')}"
        lines.append(f'{_variable(how.header, name)}="{how.pattern.format(f"$({take})")}"')
    else:
        take = f"{_curl(how.sign_in, caller, '-s -c - -o /dev/null')} | awk 'NF==7 {{printf \"%s=%s; \", $6, $7}}'"
        lines.append(f'COOKIE_{name}="$({take})"')
    return "\n".join(lines)


def _variable(header: str, name: str) -> str:
    probe = Exchange("GET", "", "/", sent_headers={header: ""}, caller=name)
    found = re.search(r"\$(\w+)", probe.curl())
    return found[1] if found else f"{variable(header)}_{name}"


def _curl(exchange: Exchange, caller: Caller, options: str) -> str:
    """The call with the caller's own address and password as variables; in a substitution its quotes stand by themselves."""
    fields, form = sent_fields(exchange)
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    body = exchange.sent_body.decode("utf-8", "backslashreplace") if not form else _as_text(fields)
    if (pair := name_and_password(exchange)) is not None:
        return f"curl {options} -X {exchange.method} -u {_with_variables(':'.join(pair), caller)} {shlex.quote(exchange.url)}"
    parts = [f"curl {options} -X {exchange.method} -H 'Content-Type: {kind}'"]
    flag = "--data" if form else "--data-binary"
    parts.append(f"{flag} {_with_variables(body, caller)} {shlex.quote(exchange.url)}")
    return " ".join(parts)


def _as_text(fields: dict[str, Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in fields.items())


def _with_variables(body: str, caller: Caller) -> str:
    name = variable(caller.name)
    person = caller.person or Person("", "", "", "", "")
    quoted = "'" + body.replace("'", "'\"'\"'") + "'"
    for value, said in ((person.password, f"${name}_PASSWORD"), (person.email, f"${name}")):
        if value:
            quoted = quoted.replace(value, f"'\"{said}\"'")
    if person.marker:
        # Names that must be nobody's yet: they follow from the address.
        quoted = re.sub(re.escape(person.marker), f"'\"${{{name}%@*}}\"'", quoted, flags=re.I)
    return quoted


def _token_place(exchange: Exchange, value: str) -> tuple[Place, str] | None:
    token = value.split()[-1]
    token = token.partition("=")[2] if token.startswith("token=") else token
    place = place_of(parsed(exchange), token)
    if place is None:
        # Some answers hold the scheme with the token.
        place = next(
            (p for scheme in ("Bearer", "Token", "JWT") if (p := place_of(parsed(exchange), f"{scheme} {token}"))), None
        )
        if place is not None:
            return place, value
    if place is not None:
        return place, token
    for name in HEADERS:
        if exchange.header(name).split()[-1:] == [token]:
            return (f"header:{name}",), token
    return None


def _page(exchange: Exchange) -> str:
    return exchange.path.split("?")[0] if "urlencoded" in exchange.sent_headers.get("Content-Type", "") else ""
