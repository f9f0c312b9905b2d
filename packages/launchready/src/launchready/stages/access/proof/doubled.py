"""A name given twice: the guard reads one value, what comes after it the other (CWE-235; "HTTP parameter pollution")."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from launchready.ground.ground import Ground
from launchready.ground.ids import Records, own
from launchready.ground.slots import Slot
from launchready.model.parsed import json_of, table_of
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Doubled:
    """A request in which one name has two values: the address, and the body with its headers when there is one."""

    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def doubled(exchange: Exchange, name: str, mine: str) -> Iterator[Doubled]:
    """The request again, with ``mine`` beside the value it had for ``name`` in the query or at the top of its body; ours first, then last."""
    for first in (True, False):
        bare, mark, query = exchange.path.partition("?")
        given = parse_qsl(query, keep_blank_values=True)
        if mark and name in dict(given):
            yield Doubled(f"{bare}?{urlencode(_twice(given, name, mine, first))}")
            continue
        kind = next((value for key, value in exchange.sent_headers.items() if key.lower() == "content-type"), "")
        text = exchange.sent_body.decode("utf-8", "replace")
        if "urlencoded" in kind:
            given = parse_qsl(text, keep_blank_values=True)
            if name in dict(given):
                yield Doubled(
                    exchange.path, urlencode(_twice(given, name, mine, first)).encode(), {"Content-Type": kind}
                )
        elif (body := table_of(json_of(text))) and name in body:
            typed: Any = int(mine) if mine.isdecimal() and not isinstance(body[name], str) else mine
            pairs = _twice(list(body.items()), name, typed, first)
            inner = ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in pairs)
            yield Doubled(exchange.path, f"{{{inner}}}".encode(), {"Content-Type": kind or "application/json"})


def given_twice(ground: Ground, caller: Caller, slot: Slot, exchange: Exchange) -> Iterator[Doubled]:
    """A refused request again, with an id of the caller's own beside the other's; none for a path or where the caller owns none."""
    made = ground.records.get(caller.name, Records()).made_of(slot.noun)
    mine = next(iter((*own(caller, slot.noun, slot.name), *made)), "")
    return doubled(exchange, slot.name, mine) if mine and slot.where in ("query", "body") else iter(())


async def send_doubled(ground: Ground, caller: Caller, method: str, one: Doubled) -> Exchange:
    """Send it as the caller. Raises :class:`OutOfTimeError` when the time is over."""
    given: dict[str, Any] = {"body": one.body} if one.body is not None else {}
    return await ground.call(caller, method, one.path, headers=one.headers, **given)


def _twice(given: list[tuple[str, Any]], name: str, mine: Any, first: bool) -> list[tuple[str, Any]]:
    return [(name, mine), *given] if first else [*given, (name, mine)]
