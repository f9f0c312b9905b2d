"""A live data service, tried as a stranger and as two members: what each can do to each table, and to a row of the first member."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from launchready.model.database import Relation
from launchready.model.parsed import json_of, table_of
from launchready.probes.callers.values import coming_day
from launchready.probes.exchange import Exchange
from launchready.probes.postgrest import DataService, Shape, Who

_OWNER = re.compile(r"^(?:user_id|owner_id|owner|author_id|created_by|profile_id|userid|uid)$", re.I)
_MOST = 60
_BY_FORMAT: tuple[tuple[str, object], ...] = (
    (r"^uuid", "00000000-0000-4000-8000-00000000dead"),
    (r"int|numeric|real|double|decimal", 1),
    (r"bool", False),
    (r"json", {}),
    (r"\[\]$|array", []),
)


@dataclass(slots=True)
class Tried:
    """A table and what was done: ``can`` as (who, verb), ``seen`` the first answer that shows each, ``foreign`` what was done to A's own row.

    ``columns`` are those of a row that was seen. ``untried`` says why nothing was written.
    """

    name: str
    columns: tuple[str, ...] = ()
    owner: str = ""
    can: set[tuple[str, str]] = field(default_factory=set)
    seen: dict[tuple[str, str], Exchange] = field(default_factory=dict)
    foreign: set[tuple[str, str]] = field(default_factory=set)
    untried: str = ""

    def done(self, who: Who, verb: str, exchange: Exchange, *, foreign: bool = False) -> None:
        """Write down that it worked."""
        self.can.add((who.name, verb))
        self.seen.setdefault((who.name, verb), exchange)
        if foreign:
            self.foreign.add((who.name, verb))
            self.seen[who.name, verb] = exchange


async def try_table(service: DataService, name: str, shape: Shape, people: Sequence[Who], *, writes: bool) -> Tried:
    """Read as everybody; where ``writes`` and A has an account, add a row as A and try it as the others. What was made is deleted."""
    stranger, *members = people
    tried = Tried(name, tuple(shape.columns), next((one for one in shape.columns if _OWNER.match(one)), ""))
    for who in people:
        rows, exchange = await service.read(who, name)
        if rows:
            tried.columns = tried.columns or tuple(rows[0])
            tried.owner = tried.owner or next((one for one in rows[0] if _OWNER.match(one)), "")
            tried.done(who, "read", exchange)
            if who.id and tried.owner and any(str(row.get(tried.owner)) not in (who.id, "None") for row in rows):
                tried.foreign.add((who.name, "read"))
    if not writes or not members:
        tried.untried = "nothing was written: no account" if writes else "nothing was written"
    elif not shape.columns:
        tried.untried = "nothing was written: the service does not say which columns there are"
    else:
        await _own_row(service, tried, shape, members[0], [stranger, *members[1:]])
    return tried


async def _own_row(service: DataService, tried: Tried, shape: Shape, owner: Who, others: Sequence[Who]) -> None:
    body = _row(shape, owner, tried.owner)
    made, exchange = await service.write(owner, "POST", tried.name, body)
    if not made:
        tried.untried = f"no row could be added as {owner.name} ({exchange.status} {_said(exchange)})"
        return
    tried.done(owner, "add", exchange)
    key = shape.key or ("id" if "id" in made[0] else next(iter(made[0])))
    where = f"{quote(key)}=eq.{quote(str(made[0].get(key)))}"
    column = next((one for one in made[0] if one != key and one != tried.owner), key)
    same = {column: made[0].get(column)}
    try:
        for who in others:
            rows, exchange = await service.read(who, tried.name, where)
            if rows:
                tried.done(who, "read", exchange, foreign=True)
            changed, exchange = await service.write(who, "PATCH", tried.name, same, where)
            if changed:
                tried.done(who, "change", exchange, foreign=True)
            gone, exchange = await service.write(who, "DELETE", tried.name, None, where)
            still, _ = await service.read(owner, tried.name, where)
            if gone and not still:
                tried.done(who, "delete", exchange, foreign=True)
                made, exchange = await service.write(owner, "POST", tried.name, made[0])
                if not made:
                    return
        for verb, method, given in (("read", "GET", None), ("change", "PATCH", same)):
            rows, exchange = (
                await service.read(owner, tried.name, where)
                if method == "GET"
                else await service.write(owner, method, tried.name, given, where)
            )
            if rows:
                tried.done(owner, verb, exchange)
    finally:
        gone, exchange = await service.write(owner, "DELETE", tried.name, None, where)
        if gone:
            tried.done(owner, "delete", exchange)
        elif (await service.read(owner, tried.name, where))[0]:
            tried.untried = f"the row {where.replace('=eq.', ' ')} that we added could not be deleted again"


def names_of(described: Sequence[str], named: Sequence[str], built: Sequence[Relation]) -> list[str]:
    """The tables to try, those the service names first."""
    known = [one.name for one in built if one.schema == "public"]
    return list(dict.fromkeys((*described, *known, *named)))[:_MOST]


def _row(shape: Shape, owner: Who, column: str) -> dict[str, Any]:
    wanted = [name for name in shape.required if name != shape.key or "uuid" not in shape.columns.get(name, "")]
    wanted = [name for name in wanted if name != "id"]
    row = {name: _value(shape.columns.get(name, "")) for name in wanted}
    return row | ({column: owner.id} if column else {})


def _value(kind: str) -> object:
    if found := re.search(r"timestamp|date", kind, re.I):
        return coming_day() if found[0].lower() == "date" else f"{coming_day()}T10:00:00Z"
    return next((value for pattern, value in _BY_FORMAT if re.search(pattern, kind, re.I)), "Launch Ready")


def _said(exchange: Exchange) -> str:
    return str(table_of(json_of(exchange.text)).get("message", exchange.error))[:120]
