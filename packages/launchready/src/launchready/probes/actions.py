"""Server actions of Next.js: calls of them told as calls of addresses, ``PUT /#updateNote/note/{id}``, and what they say told back.

What stands behind the action's name says what REST would have called it; :attr:`Endpoint.name` leaves it out. An action is called by a POST to a page that knows
it, with its id in ``Next-Action`` and its arguments as React encodes them (react.dev, "use server"; ``encodeReply`` of react-server-dom).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from launchready.core.ways import matches
from launchready.model.addresses import parts_of
from launchready.model.surface import PARAMETER, Endpoint
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.probes.multipart import encode

if TYPE_CHECKING:
    from launchready.probes.callers.caller import Caller

BASE = "/#"
FORM, STATE, TABLE, VALUE = "form", "state", "table", "value"
_ROW = re.compile(r"^([0-9a-f]+):(.*)$", re.M)
_MAY_NOT = re.compile(
    r"unauthori[sz]ed|forbidden|not (?:allowed|permitted|signed in|logged in)|permission|denied", re.I
)


@dataclass(frozen=True, slots=True)
class Argument:
    """One parameter of the function: the data of a form, the state before it, a table of fields, or one value called ``name``."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """``id`` is what the build calls it, ``page`` the address of a page that answers for it, ``record`` the input that is the last part of the endpoint's path."""

    id: str
    page: str
    arguments: tuple[Argument, ...]
    endpoint: Endpoint
    record: str = ""


class Actions:
    """The server actions of one app that can be called."""

    def __init__(self, actions: Sequence[Action]) -> None:
        self.actions = tuple(actions)

    @property
    def endpoints(self) -> list[Endpoint]:
        """One for each."""
        return [action.endpoint for action in self.actions]

    def at(self, method: str, path: str) -> Action | None:
        """The action that an address stands for, asked with this method."""
        bare = path.partition("?")[0]
        return next((a for a in self.actions if a.endpoint.method == method and matches(a.endpoint.path, bare)), None)

    async def ask(
        self, caller: "Caller", method: str, path: str, given: object, headers: Mapping[str, str] | None
    ) -> Exchange:
        """Call an action as a caller; ``wire`` of the answer holds what was really sent."""
        action = self.at(method, path)
        if action is None or not (given is None or isinstance(given, Mapping)):
            # Nothing was sent: an action is asked in one way alone.
            return Exchange(method, caller.site.origin + path, path, 405, caller=caller.name)
        values = dict(given or {})
        if action.record:
            values[action.record] = unquote(_last(action.endpoint.path, path.partition("?")[0]))
        body, kind = encoded(action.arguments, values)
        page = PARAMETER.sub(lambda found: str(values.get(found[1], "x")), action.page)
        sent = {**(headers or {}), "Next-Action": action.id, "Accept": "text/x-component", "Content-Type": kind, "Origin": caller.site.origin}  # fmt: skip
        exchange = await caller.send("POST", page, body=body, headers=sent)
        return told(exchange, method, path, json.dumps(values).encode() if values else b"")


def encoded(arguments: Sequence[Argument], values: Mapping[str, Any]) -> tuple[bytes, str]:
    """The arguments of a call, and the type of the body: JSON, or a form with JSON in its field ``0`` where one of them is the data of a form."""
    singles = {one.name for one in arguments if one.kind == VALUE}
    rest = {name: value for name, value in values.items() if name not in singles}
    fields: dict[str, str] = {}
    passed: list[object] = []
    for one in arguments:
        if one.kind == FORM:
            fields |= {f"1_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in rest.items()}  # fmt: skip
            passed.append("$K1")
        elif one.kind == VALUE:
            passed.append(_escaped(values.get(one.name)))
        else:
            passed.append({} if one.kind == STATE else _escaped(rest))
    if "$K1" in passed:
        # The field that names the form comes last: whoever reads a stream looks for what came before it.
        return encode(fields | {"0": json.dumps(passed)}, [])
    return json.dumps(passed).encode(), "text/plain;charset=UTF-8"


def _escaped(value: Any) -> Any:
    """A value as React writes it: a text that begins with ``$`` gets another one."""
    if isinstance(value, str):
        return f"${value}" if value.startswith("$") else value
    if isinstance(value, Mapping):
        return {name: _escaped(inner) for name, inner in value.items()}
    return [_escaped(inner) for inner in value] if isinstance(value, list) else value


def told(exchange: Exchange, method: str, path: str, sent: bytes) -> Exchange:
    """What an action said, as an address would have told it: a redirect as one, the value it gave as JSON, an error that was thrown as a refusal."""
    shown = replace(exchange, method=method, path=path, sent_body=sent, wire=exchange)
    if exchange.error or exchange.content_type != "text/x-component":
        return shown
    if target := exchange.header("x-action-redirect"):
        where = parts_of(target.partition(";")[0])
        location = where.path + (f"?{where.query}" if where.query else "")
        sent_on = replace(shown, status=303, headers={**exchange.headers, "location": (location,)}, body=b"")
        # Where a change was made, the page to go on with says no more than that it was.
        return sent_on if method == "POST" or turned_away(sent_on) else replace(sent_on, status=204)
    headers = {**exchange.headers, "content-type": ("application/json",)}
    rows = dict(_ROW.findall(exchange.text))
    key = re.match(r'\{"a":"\$@([0-9a-f]+)"', rows.get("0", ""))
    said = rows.get(key[1], "") if key else ""
    if said.startswith("E"):
        # Built apps say no more than that something was thrown, which is how an action refuses.
        status = 403 if _MAY_NOT.search(said) else 400
        body = json.dumps({"message": "the action threw an error", "error": said[1:400]}).encode()
        return replace(shown, status=status, headers=headers, body=body)
    value = "" if said in ('"$undefined"', "null") else said
    return replace(shown, headers=headers, body=value.encode())


def threw(exchange: Exchange) -> bool:
    """Whether an action threw something, of which a built app does not say what it was: it refused, or was asked in a wrong way."""
    return exchange.status == 400 and exchange.path.startswith(BASE)


def _last(template: str, path: str) -> str:
    """The part of a path that stands where its template has its last parameter."""
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    return next((value for part, value in reversed(list(pairs)) if PARAMETER.fullmatch(part)), "")
