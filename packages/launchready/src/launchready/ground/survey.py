"""Everything each caller is shown, and one record of their own wherever they may make one."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from launchready.core.ways import shape
from launchready.ground.after_all import made_after_all
from launchready.ground.captchas import tells_its_answer
from launchready.ground.ground import DANGEROUS, NOT_OURS, Ground, safe_reads
from launchready.ground.ids import (
    USER_NOUNS,
    Ids,
    Records,
    adds,
    edits,
    names_another,
    noun_of_path,
    own,
    parameters,
    singular,
    usable,
)
from launchready.ground.learned import like_others
from launchready.ground.naming import SENT, named
from launchready.ground.order import in_order
from launchready.ground.pages import look_for_new, make_by_page
from launchready.ground.result import Made
from launchready.ground.seen import Seen, alone
from launchready.ground.sending import together
from launchready.ground.sent_files import is_asked_for, send_file, takes_file
from launchready.model.surface import Endpoint, Input
from launchready.probes.actions import BASE
from launchready.probes.callers.bodies import as_form, build, complaints, is_form, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.captcha import Told, asks_for_captcha, told_answer
from launchready.probes.callers.samples import shown
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange

# What changes how the caller gets in makes no record, and may end the session that the rest is asked with.
MY_ACCESS = re.compile(
    r"passw(?:or)?d|passphrase|two-?factor|2fa|mfa|totp|refresh|(?:change|verify|confirm)[-_]?e?-?mail", re.I
)
# What only asks, though it is a POST.
_ASKS = re.compile(
    r"/(?:filter|search|query|count|lookup|find|list|preview|validate|check\w*|paginate|all|whoami)/?$", re.I
)
# What is done to records that are there: `POST /flow_runs/bulk_set_state`, `POST /orders/cancel`.
_ACTS = re.compile(
    r"/(?:(?:bulk|batch)[_-]?)?(?:set|update|change|move|mark|toggle|enable|disable|archive|restore|cancel|pause|resume|retry|restart|approve|reject|close|"
    r"reopen|delete|remove|reset|sync|start|stop|trigger|execute)(?:[_-]\w+)?/?$",
    re.I,
)
# A field that names somebody may do so without saying "id": `assignedTo`, `approved_by`.
_OTHERS_ID = re.compile(
    r"(?:_id|Id|ID|_uuid|Uuid|_slug)$|(?<=[a-z])(?:_to|To|_by|By)$|^(?:assignee|reviewer|approver|manager|parent|supervisor|responsible)$"
)
_OWN_ID = ("id", "_id", "pk", "uuid")
_KIND_OF = re.compile(r"^(\w*?_?)(id|Id)$")
_ROUNDS = 5
_OTHERS = 8
_AGAIN = 2
# Seconds after which an answer is one that takes long.
_LONG = 0.1


async def look(ground: Ground) -> None:
    """Call every safe GET as every caller: those without parameters, then those whose parameters became known."""
    reads = safe_reads(ground.endpoints)
    for _ in range(_AGAIN):
        asked = [
            (endpoint, caller, path)
            for endpoint in reads
            for caller in ground.callers
            if (path := endpoint.path if "{" not in endpoint.path else ground.path_of(endpoint, caller)) is not None
        ]
        # What took anybody long goes out first, the longest of all before the rest: nobody waits for it alone at the end.
        took = [ground.guest.site.longest("GET", path) for _, _, path in asked]
        begin = sorted(range(len(asked)), key=lambda one: -took[one] if took[one] >= _LONG else 0.0)
        shown = await together([partial(_shown, ground, caller, path) for _, caller, path in asked], begin=begin)
        for (endpoint, caller, _), (seen, told) in zip(asked, shown, strict=True):
            ground.take(caller, told)
            ground.note(endpoint, caller, "own" if "{" in endpoint.path else "none", seen)


async def _shown(ground: Ground, caller: Caller, path: str) -> tuple[Seen, Ids]:
    """What a caller gets, and the records that it tells of: read while others are on their way, so that the app need not wait for it."""
    exchange = await ground.get(caller, path)
    return alone(exchange), ground.told(exchange)


async def look_at_others(ground: Ground) -> None:
    """Pages of people whom lists name, for what they show of them."""
    if not ground.callers:
        return
    caller = ground.callers[0]
    for endpoint in safe_reads(ground.endpoints):
        found = parameters(endpoint.path)
        if len(found) != 1 or found[0][1] not in USER_NOUNS or not endpoint.path.endswith("}"):
            continue
        mine = own(caller, found[0][1], found[0][0])
        others = [value for value in ground.values(caller, found[0][1], found[0][0]) if value not in mine]
        paths = [path for value in others[:_OTHERS] if (path := ground.path_of(endpoint, caller, value)) is not None]
        for exchange in await together([partial(ground.get, caller, path) for path in paths]):
            ground.learn(caller, exchange)


async def make(ground: Ground, caller: Caller, why: str = "", left_out: Collection[str] = ()) -> None:
    """Create one record at each place that takes one, so that there is something of the caller's to ask for.

    ``why`` names what another one is needed for, when there was one before; ``left_out`` are endpoints by name.
    """
    for endpoint in creating(ground):
        if endpoint.name in left_out:
            continue
        path = ground.path_of(endpoint, caller) if "{" in endpoint.path else endpoint.path
        if path is not None:
            what = f"{caller.name}: {endpoint.name}" + (f" for {why}" if why else "")
            await ground.step(what, partial(_make, ground, caller, endpoint, path))


async def _make(ground: Ground, caller: Caller, endpoint: Endpoint, path: str) -> None:
    if await make_by_page(ground, caller, endpoint, path):
        return
    exchange = await send(ground, caller, endpoint, path)
    seen = alone(exchange)
    if caller is not ground.visitor:
        ground.note(endpoint, caller, "own", seen if seen is not Seen.EMPTY else Seen.ALLOWED)
    # Pages of forms answer with where the new record is.
    if (exchange.ok and seen in (Seen.ALLOWED, Seen.EMPTY)) or 300 <= exchange.status < 400:
        await remember_made(ground, caller, endpoint, path, exchange)
    elif exchange.status >= 500:
        await made_after_all(ground, caller, endpoint, path)


async def remember_made(ground: Ground, caller: Caller, endpoint: Endpoint, path: str, exchange: Exchange) -> None:
    """As :func:`remember`; what a server action made and did not name is looked for on the pages that show it."""
    if path.startswith(BASE) and _unnamed(ground, path, exchange):
        ground.created.setdefault((caller.name, endpoint.name), exchange)
        if await look_for_new(ground, caller, endpoint, exchange):
            return
    remember(ground, caller, endpoint, path, exchange)


def _unnamed(ground: Ground, path: str, exchange: Exchange) -> bool:
    """Whether an answer does not say what the record that was made is called."""
    found = named(exchange, path, ground.marks, partial(_known, ground, noun_of_path(path)))
    return not found.at and all(field == SENT for field, _ in found.names)


async def send(
    ground: Ground, caller: Caller, endpoint: Endpoint, path: str, extra: dict[str, Any] | None = None, marked: str = ""
) -> Exchange:
    """Send what the endpoint takes, with the caller's marker in it, mended by what the app complains about."""
    # Whoever came with a token alone sends texts all the same.
    person = caller.person or next((one.person for one in ground.callers if one.person), None) or ground.stand_in()
    built = build(endpoint, person, marked, optional=True) or like_others(ground, caller, endpoint, person, marked)
    form, keys = is_form(endpoint), {given.name: given for given in endpoint.inputs if given.key_of}
    body = with_ids(ground, caller, built, keys=keys)
    if takes_file(endpoint):
        return await send_file(ground, caller, endpoint, path, body | (extra or {}), person, marked)
    exchange = Exchange(endpoint.method, "", path)
    for richer in () if form else _richer(endpoint, person, marked, built):
        given = with_ids(ground, caller, richer, keys=keys) | (extra or {})
        exchange = await ground.call(caller, endpoint.method, path, json=given)
        if exchange.ok or exchange.status in (401, 403):
            return exchange
    told: Told | None = None
    others = bare = least = False
    for _ in range(_ROUNDS):
        whole = body | (extra or {}) | (told.fields if told else {})
        exchange = await ground.call(
            caller, endpoint.method, path, **({"form": as_form(whole)} if form else {"json": whole})
        )
        if asks_for_captcha(exchange):
            # Each counts once in some apps.
            told = await told_answer(caller, ground.endpoints, whole)
            if told is None:
                break
            continue
        if not others and (exchange.status in (404, 409) or exchange.status >= 500):
            others, again = True, with_ids(ground, caller, body, ours=False, keys=keys)
            if again != body:
                body = again
                continue
        if not bare and (exchange.status in (404, 409) or exchange.status >= 500):
            bare, again = True, without_ids(endpoint, body)
            if again != body:
                body = again
                continue
        if bare and not least and exchange.status >= 500:
            # A field that may be left out can take few words, which nothing said.
            least, again = True, required_only(endpoint, body)
            if again != body:
                body = again
                continue
            break
        if exchange.status not in (400, 415, 422):
            break
        if exchange.status == 415 and not form:
            form = True
            continue
        mended = mend(body, exchange, person, marked) or without_refused(endpoint, body, exchange)
        if mended is None:
            # A refusal in the app's own words, "only for developers", may be about anything that can be left out.
            fewer = (without_ids(endpoint, body), required_only(endpoint, body))
            mended = next((one for one in fewer if one != body), None)
        if mended is None:
            break
        body = with_ids(ground, caller, without_unknown_tables(endpoint, body, mended), ours=not others, keys=keys)
    if told is not None and exchange.ok:
        tells_its_answer(ground, endpoint.name, told, exchange)
    return exchange


def _richer(endpoint: Endpoint, person: Person, marked: str, built: dict[str, Any]) -> list[dict[str, Any]]:
    """Bodies with more of what the description shows than the one that is ``built`` of its required parts, the fullest first: with what was
    made of types, and with what stands in it as an example alone."""
    # Who makes a record is seldom asked for its id, even where the description names one.
    posts = endpoint.method == "POST"
    own = {given.name for given in endpoint.inputs if posts and not given.required and given.name in _OWN_ID}

    def without(body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name not in own}

    said = [without(shown(endpoint, person, marked, made=made)) for made in (True, False)]
    found = [together for one in said if (together := _over(without(built), one)) not in ({}, built)]
    return found if len(found) < 2 or found[0] != found[1] else found[:1]


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        name: _over(below[name], value)
        for name, value in above.items()
        if isinstance(value, dict) and isinstance(below.get(name), dict)
    }
    return below | above | both


def remember(ground: Ground, caller: Caller, endpoint: Endpoint, path: str, exchange: Exchange) -> None:
    """Take the new record's id out of the answer, and note that it is ours to remove."""
    if exchange.status == 200 and _ASKS.search(endpoint.path):
        return
    noun = noun_of_path(endpoint.path)
    found = named(exchange, path, ground.marks, partial(_known, ground, noun))
    if not exchange.ok and not found.at:
        return
    no_maker = isinstance(parsed(exchange), list) or _ACTS.search(endpoint.path)
    if exchange.status == 200 and no_maker and all(field == SENT for field, _ in found.names):
        # Who answers with a list, or acts on what is there, and names nothing that is new, made nothing.
        return
    records = ground.records.setdefault(caller.name, Records())
    records.read(path, parsed(exchange))
    new = [value for value in found.ids if usable(value)]
    for value in reversed(new[:2]):
        records.add(noun, "id", value, made=True)
    ground.created.setdefault((caller.name, endpoint.name), exchange)
    if new or exchange.status == 201:
        # An answer that neither says "created" nor names anything is that of an action, such as to start a job.
        # What is too long to be asked for elsewhere is its name all the same.
        called = (*new, *(value for value in found.ids if "/" not in value))
        below = path.rstrip("/").rpartition("/")[0] if endpoint.path.rstrip("/").endswith("}") else path.rstrip("/")
        at = found.at or (f"{below}/{called[0]}" if called else path)
        sure = exchange.status == 201 or any(field != SENT for field, _ in found.names)
        ground.made.append(Made(caller.name, endpoint.name, at, names=found.names, sure=sure))


def _known(ground: Ground, noun: str, value: str) -> bool:
    """Whether a record of this kind was seen before; of any kind, where the id is one that no two records have."""
    everywhere = not value.isdecimal()
    return any(one.knows(noun, value) or (everywhere and one.knows_anywhere(value)) for one in ground.records.values())


def adds_records(endpoints: Sequence[Endpoint], endpoint: Endpoint) -> bool:
    """Whether a call may make a record: a POST, or a PUT at a list whose records can be removed."""
    below = endpoint.path.rstrip("/")
    return endpoint.method == "POST" or (
        endpoint.method == "PUT"
        and not below.endswith("}")
        and any(e.method == "DELETE" and shape(e.path) == shape(below + "/{id}") for e in endpoints)
    )


def creating(ground: Ground) -> list[Endpoint]:
    """POSTs to collections, the shallow ones first: what they make is needed by the deeper ones."""
    listed = {shape(e.path) for e in ground.endpoints if e.method == "GET"}
    found = [
        e
        for e in ground.endpoints
        if (e.method == "POST" or adds(e))
        and not e.hosted
        and not NOT_OURS.intersection(e.kind)
        and not DANGEROUS.search(e.path)
        and not MY_ACCESS.search(e.path)
        and not edits(e)
        # An action on a record, such as /users/{id}/role, makes none.
        and (
            names_another(e, ground.endpoints)
            or (
                not e.path.rstrip("/").endswith("}")
                and ("{" not in e.path or shape(e.path) in listed or e.path.rstrip("/").endswith("s"))
            )
        )
        and (not takes_file(e) or is_asked_for(ground, e))
    ]
    return in_order(found)


def without_ids(endpoint: Endpoint, body: dict[str, Any]) -> dict[str, Any]:
    """The body less the ids it may do without, such as a coupon's: of some kinds nobody has a record. At least one field stays."""
    spare = {field.name for field in endpoint.inputs if not field.required and _OTHERS_ID.search(field.name)}
    left = {name: value for name, value in body.items() if name not in spare}
    return left or body


def required_only(endpoint: Endpoint, body: dict[str, Any]) -> dict[str, Any]:
    """The body less all that it may do without; as it is where nothing is known to be needed."""
    needed = {field.name.split(".")[0] for field in endpoint.inputs if field.required}
    return {name: value for name, value in body.items() if name in needed} or body


def without_refused(endpoint: Endpoint, body: dict[str, Any], exchange: Exchange) -> dict[str, Any] | None:
    """The body less the optional fields that a refusal names and says nothing of how they should be; None when it names none of them."""
    needed = {field.name for field in endpoint.inputs if field.required}
    named = {place[0] for place, _ in complaints(exchange)} - needed
    left = {name: value for name, value in body.items() if name not in named}
    return left if left and left != body else None


def without_unknown_tables(endpoint: Endpoint, before: dict[str, Any], mended: dict[str, Any]) -> dict[str, Any]:
    """The mended body less optional tables of which nobody knows a field: apps often fill them themselves, and fail at an empty one."""
    needed = {field.name.split(".")[0] for field in endpoint.inputs if field.required}
    left = {n: value for n, value in mended.items() if n in needed or value != {} or before.get(n) == {}}
    return left or mended


def with_ids(
    ground: Ground, caller: Caller, body: dict[str, Any], *, ours: bool = True, keys: Mapping[str, Input] | None = None
) -> dict[str, Any]:
    """The body with ids the caller knows where a field names a record; without ``ours``, of records that this run did not make.

    What we made may lack what the app gives its own, such as a stock. ``keys`` are the fields of which the source says that they name one.
    """
    filled = dict(body)
    for name, value in body.items():
        named = parameters("/{" + name + "}")
        key = (keys or {}).get(name)
        if key is None and (
            not named or not name.lower().endswith(("id", "_id", "_uuid", "slug")) or name.lower() in ("id", "uuid")
        ):
            continue
        # `entity_type: "order", entity_id: 7` names an order.
        kind = body.get(_KIND_OF.sub(lambda found: f"{found[1]}{'T' if found[2] == 'Id' else 't'}ype", name))
        noun = key.key_of if key else named[0][1]
        if key is None and isinstance(kind, str) and ground.values(caller, singular(kind), name):
            noun = singular(kind)
        known = ground.values(caller, noun, name)
        if not ours:
            made = ground.records.get(caller.name, Records()).made_of(noun)
            # What a record of ours is called beside its id is no other record.
            known = [one for one in known if one not in made and (not made or any(_alike(one, mine) for mine in made))]
        if known and key is not None and key.type.startswith("ids"):
            filled[name] = [int(known[0]) if known[0].isdecimal() else known[0]]
        elif known:
            filled[name] = int(known[0]) if known[0].isdecimal() and not isinstance(value, str) else known[0]
    return filled


def _alike(one: str, other: str) -> bool:
    """Whether two values can be ids of one kind: numbers both, or one word both."""
    return one.isdecimal() == other.isdecimal() and (" " in one) == (" " in other)
