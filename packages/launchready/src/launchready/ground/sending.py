"""How a proof sends: within its time, as people whose sessions live, patient when told to wait, and not at what hangs."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from launchready.model.check import Gap
from launchready.model.surface import PARAMETER, SAFE_METHODS
from launchready.probes.callers.accounts import Accounts
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.sending import asks_for_token, fetch_token
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.probes.patience import retry_after

_T = TypeVar("_T")
_EVERY = 25
_REFUSALS = 5
_PAUSE = 1.0
# Two that hang, or six that are cut at once, are enough: an app may die of one body and take the next.
_ENOUGH, _HUNG, _CUT = 6, 3, 1
_PAGES = 2
_FRUITLESS = 3
_OPERATION_SECONDS = 30.0
_ID = re.compile(r"(?<=/)(?:\d+|[0-9a-f]{8,}(?:-[0-9a-f]+)*)(?=/|$|\?)", re.I)
AT_ONCE = 16
LIFTED = "a run against a copy of the app whose limits are lifted"


class OutOfTimeError(Exception):
    """The time given to the proof is over."""


@dataclass(slots=True)
class Watch:
    """What is known of one caller's session: calls since a door last opened to it, and refusals among them."""

    calls: int = 0
    refusals: int = 0
    dead: bool = False


@dataclass(slots=True)
class Sending:
    """``until`` is a monotonic time. ``told`` hears what could not be asked, ``seen`` whether a caller's session lived when it was looked at.
    ``looked_after`` says whose sessions ought to live: not those of a forged token. ``longest`` is how many seconds a limit is waited for.
    ``ended`` is the call whose line was cut, and after which nothing listened any more: it ended the app.

    A session is looked after by a canary: a call of a door that is known to open. It goes out every 25 calls of a caller, and after
    five refusals; what was refused between the last two may have been refused for want of a session.
    """

    accounts: Accounts
    until: float
    told: Callable[[Gap], None]
    seen: Callable[[str, bool], None]
    looked_after: Callable[[Caller], bool]
    longest: float = 3.0
    ended: Exchange | None = None
    _watched: dict[str, Watch] = field(default_factory=dict)
    _hung: dict[tuple[str, str], int] = field(default_factory=dict)
    _spent: dict[tuple[str, str], float] = field(default_factory=dict)
    _waited: dict[tuple[str, str], float] = field(default_factory=dict)
    _limited: set[tuple[str, str]] = field(default_factory=set)
    _fruitless: dict[str, int] = field(default_factory=dict)
    _answered: dict[tuple[str, str], tuple[Exchange, int]] = field(default_factory=dict)

    async def call(self, caller: Caller, method: str, path: str, **given: object) -> Exchange:
        """Send one call. Raises :class:`OutOfTimeError` when the time is over."""
        if time.monotonic() > self.until:
            raise OutOfTimeError
        kind = (method, _ID.sub("{}", path.split("?")[0]))
        if self._hung.get(kind, 0) >= _ENOUGH or self._spent.get(kind, 0.0) >= _OPERATION_SECONDS:
            return Exchange(method, caller.site.origin + path, path, error="left alone: it took too long before")
        watch = self._watched.setdefault(caller.name, Watch())
        watched = self.looked_after(caller)
        if watched and watch.calls >= _EVERY:
            await self.alive(caller)
        exchange = await self._patiently(caller, kind, path, **given)
        if method not in SAFE_METHODS and asks_for_token(exchange):
            exchange = await self._with_token(caller, kind, path, exchange, **given)
        watch.calls += 1
        if exchange.dropped and self.ended is None and (await caller.send("GET", "/")).away:
            self.ended = exchange
        self._took(kind, exchange)
        if watched and turned_away(exchange):
            watch.refusals += 1
            if watch.refusals >= _REFUSALS:
                await self.alive(caller)
        return exchange

    def hung_before(self, exchanges: Iterable[Exchange]) -> None:
        """Take into account what hung when strangers called it: the next time it does so it is left alone."""
        for exchange in exchanges:
            if exchange.error and not exchange.status:
                kind = (exchange.method, _ID.sub("{}", exchange.path.split("?")[0]))
                self._hung[kind] = max(self._hung.get(kind, 0), _ENOUGH - _HUNG)

    def earlier(self, route: str) -> tuple[Exchange, int] | None:
        """What calls of a route got before a limit stood in the way, and how many there were; None when there was none."""
        method, _, path = route.partition(" ")
        return self._answered.get((method, PARAMETER.sub("{}", path)))

    def forgive(self, seconds: float) -> None:
        """Ask again where a limit stood in the way, and wait for it up to so many seconds."""
        self.longest = seconds
        self._limited.clear()

    def rested(self) -> None:
        """Ask again for what took too long: what the run made is removed however slow that was while everything else was asked."""
        self._hung = {kind: times for kind, times in self._hung.items() if kind[0] in SAFE_METHODS}
        self._spent = {kind: seconds for kind, seconds in self._spent.items() if kind[0] in SAFE_METHODS}

    async def alive(self, caller: Caller) -> bool:
        """Whether the caller's session opens a door, after another sign-in if need be."""
        watch = self._watched.setdefault(caller.name, Watch())
        watch.calls = watch.refusals = 0
        if caller.guest or not self.accounts.doors.paths or await self.accounts.doors.open_to(caller):
            self.seen(caller.name, True)
            return True
        self.seen(caller.name, False)
        if await self.accounts.renew(caller):
            return True
        # Who is nobody, such as a token we forged, has no session to lose.
        if not watch.dead and caller.person is not None:
            watch.dead = True
            said = f"the session of {caller.name} ended and could not be had again"
            self.told(Gap(caller.name, said, "a session that lasts for the length of the run"))
        return False

    async def _with_token(
        self, caller: Caller, kind: tuple[str, str], path: str, refused: Exchange, **given: object
    ) -> Exchange:
        """The call once more with a CSRF token the app hands the caller; the refusal where it hands none out, or wants something else."""
        if caller.guest or self._fruitless.get(caller.name, 0) >= _FRUITLESS:
            return refused
        self._fruitless[caller.name] = self._fruitless.get(caller.name, 0) + 1
        if not await fetch_token(caller, self.accounts.endpoints, (path, *self.accounts.doors.paths[:_PAGES])):
            return refused
        exchange = await self._patiently(caller, kind, path, **given)
        if not asks_for_token(exchange):
            self._fruitless[caller.name] = 0
        return exchange

    async def settle(self, callers: Sequence[Caller]) -> None:
        """Make sure that what was refused of late was refused to a living session."""
        for caller in callers:
            if self._watched.get(caller.name, Watch()).refusals:
                await self.alive(caller)

    def _took(self, kind: tuple[str, str], exchange: Exchange) -> None:
        """Count the time of an operation, so that one that hangs costs a bounded part of the whole."""
        what = f"{kind[0]} {kind[1]}"
        before, now = self._spent.get(kind, 0.0), time.monotonic()
        # What is in flight side by side is waited for once.
        self._spent[kind] = before + now - max(now - exchange.seconds, self._waited.get(kind, 0.0))
        self._waited[kind] = now
        if exchange.error and not exchange.status and not exchange.dropped:
            times = self._hung.get(kind, 0)
            self._hung[kind] = times + (_HUNG if exchange.late else _CUT)
            if times < _ENOUGH <= self._hung[kind]:
                self.told(Gap(what, f"it did not answer: {exchange.error}", "an app that answers it"))
                # Nobody is known by a door that does not open for anybody.
                self.accounts.doors.paths = [path for path in self.accounts.doors.paths if path != exchange.path]
        elif self._spent[kind] >= _OPERATION_SECONDS > before:
            self.told(Gap(what, f"it is slow: {self._spent[kind]:.0f} s went into it", "an app that answers it sooner"))

    async def _patiently(self, caller: Caller, kind: tuple[str, str], path: str, **given: object) -> Exchange:
        """Sent once more after a wait when the app says that it was too much: our own pace is no answer to the question."""
        exchange = await caller.send(kind[0], path, **given)  # type: ignore[arg-type]
        if exchange.status and exchange.status != 429 and kind not in self._limited:
            first, number = self._answered.get(kind, (exchange, 0))
            self._answered[kind] = first, number + 1
        if exchange.status != 429 or kind in self._limited:
            return exchange
        asked = retry_after(exchange)
        pause = _PAUSE if asked is None else asked
        if pause <= self.longest and time.monotonic() + pause < self.until:
            await asyncio.sleep(pause)
            exchange = await caller.send(kind[0], path, **given)  # type: ignore[arg-type]
        # Whoever waited beside us may have used up what the next minute allows.
        while await caller.site.patience.wait(exchange, self.until):
            exchange = await caller.send(kind[0], path, **given)  # type: ignore[arg-type]
        if exchange.status == 429:
            self._limited.add(kind)
            what = f"{kind[0]} {kind[1]}"
            self.told(Gap(what, "the app limits how often it may be called, and we had to stop", LIFTED))
        return exchange


async def together(
    jobs: Sequence[Callable[[], Awaitable[_T]]],
    at_once: int = AT_ONCE,
    begin: Iterable[int] | None = None,
) -> list[_T]:
    """Run jobs side by side and return what they gave, in their order. The first that raises ends the others. ``begin`` are their numbers in the order
    in which they are begun, where that is another."""
    results: dict[int, _T] = {}
    waiting = iter(range(len(jobs)) if begin is None else begin)

    async def worker() -> None:
        for number in waiting:
            results[number] = await jobs[number]()

    workers = [asyncio.ensure_future(worker()) for _ in range(min(at_once, len(jobs)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for one in workers:
            one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [results[number] for number in range(len(jobs))]
