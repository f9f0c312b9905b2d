"""The same call many times in a row, until the app says that it is enough."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from launchready.ground.ground import Ground
from launchready.ground.sending import OutOfTimeError
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.from_pages import asks_for_origin
from launchready.probes.callers.sending import asks_for_token
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.limits.answers import Stopped, slowed, stopped, told

# The most calls of one burst; fewer where each sends a mail, leaves something behind, or costs money.
BURST, MAILS, UPLOADS, COSTLY = 30, 15, 10, 5
# The most mail all bursts of a run may cause.
MOST_MAILS = 90
# A burst against a slow app ends after so many seconds.
_LONGEST = 25.0
# The app did not take what came as an attempt at all.
_NEVER = frozenset((404, 405, 415, 422, 501))


@dataclass(frozen=True, slots=True)
class Ask:
    """One call as it can be repeated and changed: ``json`` or ``form`` is its body, neither where it has none or ``raw`` is it."""

    caller: Caller
    method: str
    path: str
    json: Any = None
    form: Mapping[str, str] | None = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Maker = Callable[[int], Awaitable[Ask | None]]


@dataclass(frozen=True, slots=True)
class Burst:
    """What came back, in order. ``stop`` is the limit that the last answer met, ``told`` one that headers announce.

    ``cut`` says that it took too long and ended early; ``before`` is what such a call got before the burst, where that is known; ``began`` when it
    began, by the monotonic clock.
    """

    exchanges: tuple[Exchange, ...] = ()
    stop: Stopped | None = None
    told: str = ""
    cut: bool = False
    before: Exchange | None = None
    began: float = 0.0

    @property
    def sent(self) -> int:
        """How many calls went out."""
        return len(self.exchanges)

    @property
    def usual(self) -> Exchange | None:
        """What such a call gets: the first answer, None when that was a limit already and nobody knows better."""
        known = self.exchanges[:1] if self.stop is None or self.sent > 1 else ()
        return self.before or next(iter(known), None)

    @property
    def after(self) -> int:
        """The number of the call that was refused, 0 when none was."""
        return self.sent if self.stop else 0

    @property
    def limited(self) -> bool:
        """Whether a limit was met or announced."""
        return bool(self.stop or self.told)


async def send(ground: Ground, ask: Ask) -> Exchange:
    """One call, sent once. Raises :class:`OutOfTimeError` when the time is over."""
    if time.monotonic() > ground.sending.until:
        raise OutOfTimeError
    return await ask.caller.send(
        ask.method, ask.path, json=ask.json, form=ask.form, body=ask.raw, headers=dict(ask.headers)
    )


async def burst(
    ground: Ground, make: Maker, times: int, begun: Sequence[Exchange] = (), before: Exchange | None = None
) -> Burst:
    """Send calls one after the other until there are ``times`` of them, with those that ``begun`` it."""
    exchanges = list(begun)
    usual, began = before, time.monotonic()
    for exchange in exchanges:
        if stop := stopped(exchange, usual):
            return Burst((exchange,), stop, before=before, began=began)
        usual = usual or exchange
    while len(exchanges) < times:
        ask = await make(len(exchanges))
        if ask is None:
            break
        exchange = await send(ground, ask)
        exchanges.append(exchange)
        stop = stopped(exchange, usual) or slowed([one.seconds for one in exchanges])
        if stop:
            return Burst(tuple(exchanges), stop, before=before, began=began)
        usual = usual or exchange
        if not taken(exchange):
            break
        if time.monotonic() - began > _LONGEST:
            return Burst(tuple(exchanges), None, told(exchanges), True, before, began)
    return Burst(tuple(exchanges), None, told(exchanges), before=before, began=began)


def taken(exchange: Exchange) -> bool:
    """Whether the app looked at what came: not where there is no such address, where the body was of another form, or where it takes nothing but
    what its own pages send."""
    if exchange.error or exchange.status >= 500 or asks_for_origin(exchange) or asks_for_token(exchange):
        return False
    # "No account with this address" is an answer; "no such page" is none.
    said = exchange.status == 404 and exchange.content_type == "application/json" and bool(exchange.text.strip())
    return exchange.status not in _NEVER or said
