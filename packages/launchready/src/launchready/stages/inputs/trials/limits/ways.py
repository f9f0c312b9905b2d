"""Ways around a limit that was met: each is tried with a call or two, and counts only when the plain call is still refused after it.

Addresses that are claimed are those for documentation (RFC 5737). Who reads the first entry of ``X-Forwarded-For`` believes the visitor (CWE-348).
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from launchready.ground.ground import Ground
from launchready.model.hosts import is_loopback
from launchready.model.words import Confidence
from launchready.probes.callers.bodies import as_form
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.limits.answers import stopped
from launchready.stages.inputs.trials.limits.burst import BURST, Ask, Maker, send

_PROXIED = "203.0.113.9"
_HEADERS = ("X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "Forwarded")
_TWICE = 2
# The numbers of the addresses that are claimed in each round.
_ROUNDS = (range(_TWICE), range(_TWICE, 2 * _TWICE))
_OTHERS = (7, 8)
Change = Callable[[Ask], Ask | None]
Confirm = Callable[[Change], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Way:
    """One that worked: ``name`` in words, ``key`` for its finding, ``exchange`` what came back instead of the refusal."""

    name: str
    key: str
    exchange: Exchange
    confidence: Confidence = Confidence.PROVEN


async def ways_around(ground: Ground, make: Maker, usual: Exchange, confirm: Confirm | None = None) -> list[Way]:
    """The ways that get an answer like ``usual`` where the plain call is refused.

    A refusal looks the same whether the app read a call or not, such as one at an address it does not know. So a way past a call that is refused anyway
    counts only when ``confirm``, with the same change, shows that it is read.
    """
    found = await _claimed(ground, make, usual, confirm)
    if "#" in usual.path or not (usual.ok or confirm is not None):
        return found
    for name, change in _SPELLINGS:
        exchange = await _passes(ground, make, usual, [change], [change])
        if exchange is not None and await _read(change, confirm):
            found.append(Way(name, name, exchange))
    return found


async def _read(change: Change, confirm: Confirm | None) -> bool:
    return confirm is None or await confirm(change)


async def _passes(ground: Ground, make: Maker, usual: Exchange, *rounds: Sequence[Change]) -> Exchange | None:
    """The last answer when in every round all changed calls were answered as usual, and the plain one was still refused after them.

    One round shows nothing: any call gets in when a place has just come free, and has taken it from the plain one.
    """
    last = None
    for changes in rounds:
        for number, change in enumerate(changes):
            plain = await make(number)
            asked = change(plain) if plain is not None else None
            if asked is None:
                return None
            last = await send(ground, asked)
            if not _alike(last, usual):
                return None
        plain = await make(len(changes))
        if plain is None or not stopped(await send(ground, plain), usual):
            return None
    return last


async def _claimed(ground: Ground, make: Maker, usual: Exchange, confirm: Confirm | None) -> list[Way]:
    direct = is_loopback(ground.guest.site.host)
    found = []
    for name in _HEADERS:
        rounds = ([_header(name, _value(name, n)) for n in numbers] for numbers in _ROUNDS)
        exchange = await _passes(ground, make, usual, *rounds)
        if exchange is not None and await _read(_header(name, _value(name, _TWICE * len(_ROUNDS))), confirm):
            # A proxy in front would overwrite it; here there was none.
            confidence = Confidence.SUSPECTED if direct else Confidence.PROVEN
            found.append(Way(f"another address in {name}", "claimed address", exchange, confidence))
    name = "X-Forwarded-For"
    exchange = await _passes(
        ground, make, usual, *([_header(name, _PROXIED if direct else _address(n))] for n in _OTHERS)
    )
    if exchange is not None and direct:
        exchange = await _first_entry(ground, make, usual)
    if exchange is not None and await _read(_header(name, _address(40)), confirm):
        found.insert(0, Way(f"another address in {name}", "claimed address", exchange))
    return found


async def _first_entry(ground: Ground, make: Maker, usual: Exchange) -> Exchange | None:
    """Whether the first of several entries is believed.

    Called from its own machine, an app may rightly believe what a proxy there says. A proxy writes the visitor's address at the end: so one such
    address is used up to the limit first, and only another entry before it may not help.
    """
    proxied = _header("X-Forwarded-For", _PROXIED)
    for number in range(BURST + _TWICE):
        plain = await make(number)
        asked = proxied(plain) if plain is not None else None
        if asked is None:
            return None
        if stopped(await send(ground, asked), usual):
            break
    else:
        return None
    return await _passes_at(ground, make, usual, proxied)


async def _passes_at(ground: Ground, make: Maker, usual: Exchange, control: Change) -> Exchange | None:
    last = None
    for numbers in _ROUNDS:
        for number in numbers:
            plain = await make(number)
            asked = _header("X-Forwarded-For", f"{_address(number + 20)}, {_PROXIED}")(plain) if plain else None
            if asked is None:
                return None
            last = await send(ground, asked)
            if not _alike(last, usual):
                return None
        plain = await make(0)
        again = control(plain) if plain is not None else None
        if again is None or not stopped(await send(ground, again), usual):
            return None
    return last


def _alike(exchange: Exchange, usual: Exchange) -> bool:
    """Whether a call was treated like the first one of its kind, and not as one at an address that is not there."""
    if exchange.status != usual.status or exchange.content_type != usual.content_type or stopped(exchange, usual):
        return False
    return usual.status != 404 or exchange.text == usual.text


def _header(name: str, value: str) -> Change:
    return lambda ask: replace(ask, headers={**ask.headers, name: value})


def _value(name: str, number: int) -> str:
    return f"for={_address(number)}" if name == "Forwarded" else _address(number)


def _address(number: int) -> str:
    return f"198.51.100.{number + 10}"


def _slash(ask: Ask) -> Ask | None:
    path, mark, query = ask.path.partition("?")
    return replace(ask, path=(path.rstrip("/") if path.endswith("/") else path + "/") + mark + query)


def _case(ask: Ask) -> Ask | None:
    path, mark, query = ask.path.partition("?")
    other = path.upper() if path.upper() != path else path.lower()
    return replace(ask, path=other + mark + query) if other != path else None


def _query(ask: Ask) -> Ask | None:
    return replace(ask, path=f"{ask.path}{'&' if '?' in ask.path else '?'}lr=1")


def _shape(ask: Ask) -> Ask | None:
    if isinstance(ask.json, dict):
        return replace(ask, json=None, form=as_form(ask.json))
    return replace(ask, form=None, json=dict(ask.form)) if ask.form is not None else None


_SPELLINGS: tuple[tuple[str, Change], ...] = (
    ("a slash at the end of the address", _slash),
    ("another case in the address", _case),
    ("a query string", _query),
    ("a form instead of JSON, or the reverse", _shape),
)


def spellings(address: str) -> Iterator[tuple[str, str]]:
    """Other ways to write a mail address that some apps take for the same."""
    local, _, domain = address.partition("@")
    if domain:
        yield "another case in the e-mail address", f"{local.swapcase()}@{domain}"
        yield "a +tag in the e-mail address", f"{local}+lr@{domain}"
        yield "a space behind the e-mail address", f"{address} "
