"""Fields of a record that whoever creates it must not set: its owner, its workspace, its price, its approval (OWASP API3:2023)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from launchready.core.ways import matches
from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm, Made
from launchready.ground.seen import Seen, alone
from launchready.ground.survey import remember_made, send
from launchready.model.parsed import json_of
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.actions import BASE
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.containers import put_into_anothers

_OWNER = re.compile(r"^(?:owner|user|author|creator|created_?by)(?:_?(?:id|name|email))?$", re.I)
TENANT_FIELD = re.compile(r"^(?:workspace|org(?:ani[sz]ation)?|tenant|team|company)_?id$", re.I)
_PRICE = re.compile(r"^(?:unit_?|total_?|sub_?)?(?:price|total|amount|cost|fee)(?:_?cents)?$", re.I)
_FLAG = re.compile(r"^(?:is_?)?(?:verified|approved|paid|featured|admin)$", re.I)
# Records whose very purpose is to name somebody else.
_ABOUT_OTHERS = re.compile(
    r"member|user|share|invit|collaborat|permission|assign|grant|follow|friend|access|message|participant", re.I
)
_ENDPOINTS, _FIELDS = 15, 4


@dataclass(frozen=True, slots=True)
class _Try:
    name: str
    value: Any
    title: str
    confidence: Confidence


async def prove_record_fields(ground: Ground) -> None:
    """Create what the first caller may create once more, with one field that is not theirs to set."""
    if len(ground.callers) < 2:
        return
    caller, other = ground.callers[:2]
    made = list(dict.fromkeys((one.route, one.path) for one in ground.made if one.who == caller.name))
    for route, place in made[:_ENDPOINTS]:
        endpoint = next((e for e in ground.endpoints if e.name == route and not _ABOUT_OTHERS.search(e.path)), None)
        path = _collection(endpoint, place) if endpoint else None
        if endpoint is None or path is None:
            continue
        await ground.step(f"{route} with one field more", partial(_fields, ground, caller, other, endpoint, path))
        await put_into_anothers(ground, caller, other, endpoint, path)


async def _fields(ground: Ground, caller: Caller, other: Caller, endpoint: Endpoint, path: str) -> None:
    plain, record = await _create(ground, caller, endpoint, path, {})
    for one in list(_worth(plain, record, caller, other))[:_FIELDS] if record else ():
        exchange, got = await _create(ground, caller, endpoint, path, {one.name: one.value})
        if got.get(one.name) is None or str(got[one.name]) != str(one.value):
            continue
        view = await _read_back(ground, caller, endpoint, ground.made[-1])
        held = view is not None and any(n == one.name and str(v) == str(one.value) for n, v in leaves(parsed(view)))
        ground.alarm(
            Alarm(
                Harm.FIELDS,
                endpoint.name,
                one.title,
                f"{caller.name} sent {one.name} = {one.value!r}, and the record has it; without it, it had {record[one.name]!r}.",
                shown(
                    ("created without the field", plain),
                    (f"{caller.name} sends one field", exchange),
                    *((("read back", view),) if view else ()),
                ),
                one.confidence if held else Confidence.SUSPECTED,
                key=one.name,
            )
        )


async def _create(
    ground: Ground, caller: Caller, endpoint: Endpoint, path: str, extra: dict[str, Any]
) -> tuple[Exchange, Mapping[str, Any]]:
    """A new record and its own fields as the answer shows them; no fields when it was not made."""
    exchange = await send(ground, caller, endpoint, path, extra)
    if 300 <= exchange.status < 400 and path.startswith(BASE):
        await remember_made(ground, caller, endpoint, path, exchange)
    if not exchange.ok or alone(exchange) is not Seen.ALLOWED:
        return exchange, {}
    await remember_made(ground, caller, endpoint, path, exchange)
    said = parsed(exchange)
    while isinstance(said, dict) and not any(_ID.match(name) for name in said):
        inner = [value for value in said.values() if isinstance(value, dict)]
        if len(inner) != 1:
            break
        said = inner[0]
    return exchange, {name: value for name, value in said.items() if not isinstance(value, dict | list)} if isinstance(
        said, dict
    ) else {}


_ID = re.compile(r"^_?id$|^uuid$|^slug$", re.I)


def _worth(plain: Exchange, record: Mapping[str, Any], caller: Caller, other: Caller) -> Iterator[_Try]:
    sent = {name.lower() for name, _ in leaves(json_of(plain.sent_body))}
    noun = "a record"
    for name, value in record.items():
        theirs = _counterpart(value, caller, other)
        if _OWNER.match(name) and theirs is not None:
            sure = Confidence.SUSPECTED if name.lower() in sent else Confidence.PROVEN
            yield _Try(name, theirs, f"Any member can create {noun} in another's name, by sending {name}", sure)
        elif TENANT_FIELD.match(name) and str(value) in caller.known("tenant") and theirs is not None:
            yield _Try(
                name,
                theirs,
                f"Any member can create {noun} in another's workspace, by sending {name}",
                Confidence.PROVEN,
            )
        elif name.lower() in sent or value is None:
            continue
        elif (
            _PRICE.match(name)
            and isinstance(value, int | float)
            and not isinstance(value, bool)
            and value not in (0, 1)
        ):
            yield _Try(name, 1, f"Whoever orders can set the {name} themselves", Confidence.PROVEN)
        elif _FLAG.match(name) and value in (False, 0):
            yield _Try(name, True, f"Whoever creates {noun} can set {name} themselves", Confidence.PROVEN)


def _counterpart(value: Any, caller: Caller, other: Caller) -> Any:
    """What stands for the other caller where ``value`` stands for this one; None when it does not."""
    for fact, values in caller.facts.items():
        theirs = sorted(other.facts.get(fact, set()) - values)
        if str(value) in values and theirs:
            return int(theirs[0]) if isinstance(value, int) and theirs[0].isdecimal() else theirs[0]
    return None


def _collection(endpoint: Endpoint, place: str) -> str | None:
    """The address the record was posted to, out of the record's own."""
    return next((path for path in (place, place.rsplit("/", 1)[0]) if matches(endpoint.path, path)), None)


async def _read_back(ground: Ground, caller: Caller, endpoint: Endpoint, made: Made) -> Exchange | None:
    for path in (made.path, _collection(endpoint, made.path) or ""):
        if any(e.method == "GET" and matches(e.path, path) for e in ground.endpoints):
            exchange = await ground.call(caller, "GET", path)
            if alone(exchange) is Seen.ALLOWED:
                return exchange
    return None
