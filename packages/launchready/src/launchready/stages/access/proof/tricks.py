"""Addresses and methods that slip past a guard: the straight way is refused, another spelling of it is not (CWE-289, CWE-436, CWE-650)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from launchready.ground.ground import Ground, safe_reads, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone, telling
from launchready.ground.sending import together
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.risen import has_risen

_MOST_GUARDS = 12
_TITLE = re.compile(r"<title>(.*?)</title>", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Trick:
    """Another spelling of a request. ``what`` is how it reads in a sentence."""

    what: str
    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)


def tricks(path: str) -> Iterator[Trick]:
    """Spellings that routers and guards are known to read differently."""
    bare, _, query = path.partition("?")
    first, _, rest = bare.lstrip("/").partition("/")
    tail = f"?{query}" if query else ""
    yield Trick("other case", f"/{first.swapcase()}" + (f"/{rest}" if rest else "") + tail)
    if rest:
        yield Trick(
            "other case of the last part", bare.rsplit("/", 1)[0] + "/" + bare.rsplit("/", 1)[1].swapcase() + tail
        )
        yield Trick("an encoded slash", f"/{first}%2f{rest}{tail}")
    yield Trick(
        "a slash at its end", bare.rstrip("/") + "/" + tail if not bare.endswith("/") else bare.rstrip("/") + tail
    )
    yield Trick("two slashes", "/" + bare + tail)
    yield Trick("a step that goes nowhere", f"/.{bare}{tail}")
    yield Trick("a matrix parameter", f"/{first};x=1" + (f"/{rest}" if rest else "") + tail)
    yield Trick("a step back behind a semicolon", f"/x/..;{bare}{tail}")
    yield Trick(
        "an encoded letter",
        f"/%{ord(first[0]):02x}{first[1:]}" + (f"/{rest}" if rest else "") + tail if first else path,
    )
    yield Trick("a file ending", bare.rstrip("/") + ".json" + tail)
    yield Trick("the header X-Original-URL", "/", headers={"X-Original-URL": path})
    yield Trick("a POST that says it is a GET", path, "POST", {"X-HTTP-Method-Override": "GET"})


async def prove_tricks(ground: Ground) -> None:
    """Try them as a stranger and as the second caller on addresses that refused them, a few for each part of the app."""
    for caller in (ground.guest, *ground.callers[1:2]):
        await together([partial(_try_all, ground, caller, *one) for one in await _refused(ground, caller)])


async def _try_all(ground: Ground, caller: Caller, endpoint: Endpoint, path: str, refused: Exchange) -> None:
    """Until one slips past: the reads are asked side by side, what is no read comes after them."""
    posted = any(e.method in ("POST", "ANY") and e.path == endpoint.path for e in ground.endpoints)
    found = [trick for trick in tricks(path) if trick.path != path or trick.headers]
    reads = [trick for trick in found if trick.method == "GET"]
    answers = await together([partial(_ask, ground, caller, trick) for trick in reads])
    for trick, exchange in zip(reads, answers, strict=True):
        if await _slips(ground, caller, endpoint, path, refused, trick, exchange):
            return
    for trick in (one for one in found if one.method != "GET" and not posted):
        if await _slips(ground, caller, endpoint, path, refused, trick, await _ask(ground, caller, trick)):
            return


async def _ask(ground: Ground, caller: Caller, trick: Trick) -> Exchange:
    return await ground.call(caller, trick.method, trick.path, headers=trick.headers)


async def _refused(ground: Ground, caller: Caller) -> list[tuple[Endpoint, str, Exchange]]:
    """Refused reads, those that somebody may read first; one for each first two parts of an address."""
    found: dict[str, tuple[Endpoint, str, Exchange]] = {}
    reads = [e for e in safe_reads(ground.endpoints) if not re.search("[{#]", e.path)]
    if caller is ground.guest:
        # What strangers were given at first has no guard.
        given_away = {call.exchange.path for call in ground.strangers if call.exchange.ok and not call.refused}
        reads = [e for e in reads if e.path not in given_away]
    for endpoint in sorted(reads, key=lambda e: _allowed(ground, caller, e.path) is None):
        part = "/".join(endpoint.path.split("/")[:3])
        if part in found or len(found) >= _MOST_GUARDS:
            continue
        given = await ground.get(caller, endpoint.path)
        if given.status in (401, 403):
            found[part] = (endpoint, endpoint.path, given)
    return list(found.values())


def _allowed(ground: Ground, caller: Caller, path: str) -> Exchange | None:
    answers = (ground.answers.get((one.name, path)) for one in ground.callers if one is not caller)
    return next((x for x in answers if x is not None and alone(x) is Seen.ALLOWED), None)


async def _slips(
    ground: Ground,
    caller: Caller,
    endpoint: Endpoint,
    path: str,
    refused: Exchange,
    trick: Trick,
    exchange: Exchange,
) -> bool:
    if alone(exchange) is not Seen.ALLOWED or exchange.body == refused.body:
        return False
    # The same spelling of an address that is not there: an app that answers anything answers this too.
    wrong = "/zz-launch-ready" + path
    twin = next((t for t in tricks(wrong) if t.what == trick.what), None)
    nothing = await _ask(ground, caller, twin) if twin else refused
    if nothing.ok and not telling(exchange) - telling(nothing):
        return False
    allowed = _allowed(ground, caller, path)
    # Where somebody may read it, the trick must bring the same kind of answer; else a page of data and no page for people.
    same = _alike(exchange, allowed) if allowed is not None else parsed(exchange) is not None and not nothing.ok
    if not same:
        return False
    # Who has risen since the straight way was tried is let in there as well.
    again = await ground.call(caller, "GET", path)
    if again.status not in (401, 403):
        await has_risen(ground, caller)
        return False
    who = "Anyone on the internet" if caller.guest else "Any member"
    ground.alarm(
        Alarm(
            Harm.ROLE,
            endpoint.name,
            f"{who} gets past the guard of {endpoint.name} with {trick.what}",
            f"{path} is refused with {refused.status}; {trick.method} {trick.path} is answered.",
            shown(
                (f"{caller.name}, the straight way", refused),
                (f"{caller.name}, with {trick.what}", exchange),
                *((("somebody who may", allowed),) if allowed is not None else ()),
            ),
            Confidence.PROVEN,
            key="trick",
        )
    )
    return True


def _alike(one: Exchange, other: Exchange) -> bool:
    """Whether two answers are of one kind: the same fields, or pages of the same title."""
    first, second = parsed(one), parsed(other)
    if first is not None and second is not None:
        return _fields(first) == _fields(second)
    if first is not None or second is not None or one.content_type != other.content_type:
        return False
    titles = [match[1] if (match := _TITLE.search(page.text)) else "" for page in (one, other)]
    return titles[0] == titles[1] != ""


def _fields(said: object) -> frozenset[str]:
    if isinstance(said, list):
        return frozenset(name for one in said[:5] for name in _fields(one))
    return frozenset(said) if isinstance(said, dict) else frozenset()
