"""What the parts of a proof share: the callers, what each was shown, and the notes taken on the way."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from launchready.model.check import Gap
from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.accounts import Accounts
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.ids import PARAMETER, USER_NOUNS, Records, own, parameters
from launchready.stages.access.proof.result import Alarm, Cell, Harm, Made, Shown
from launchready.stages.access.proof.seen import Seen, alone

# What could take the app or the caller's own account away; nobody asks for that proof.
DANGEROUS = re.compile(
    r"log-?out|sign-?out|reset|seed|drop(?![a-z])|wipe|purge|truncate|shut-?down|restart|reboot|migrat|deactivate|disable|revoke|"
    r"(?:close|delete|remove)[-_]?(?:my[-_]?)?account|unsubscribe|factory|flush|destroy[-_]?all|clear[-_]?all|populate|createdb|init-?db",
    re.I,
)
NOT_OURS = frozenset((Kind.LOGIN, Kind.SIGNUP, Kind.PASSWORD_RESET, Kind.WEBHOOK, Kind.HEALTH, Kind.DOCS))
_MISSING_INT, _MISSING_UUID = "987654321", "00000000-0000-4000-8000-00000000dead"
_CANARY = 25


class OutOfTimeError(Exception):
    """The time given to the proof is over."""


@dataclass(slots=True)
class Ground:
    """``victim`` is a caller whose account may be lost. ``until`` is a monotonic time; ``writes`` whether the app may be changed."""

    endpoints: Sequence[Endpoint]
    accounts: Accounts
    guest: Caller
    callers: list[Caller]
    writes: bool
    until: float
    victim: Caller | None = None
    records: dict[str, Records] = field(default_factory=dict)
    answers: dict[tuple[str, str], Exchange] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    cells: dict[tuple[str, str, str], Cell] = field(default_factory=dict)
    gaps: dict[tuple[str, Harm | None], Gap] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    travels: set[str] = field(default_factory=set)
    asked: dict[Harm, int] = field(default_factory=dict)
    _sent: dict[str, int] = field(default_factory=dict)

    async def call(self, caller: Caller, method: str, path: str, **given: object) -> Exchange:
        """Call as one of the callers; every now and then first see that their session still lives.

        Raises :class:`OutOfTimeError` when the time is over.
        """
        if time.monotonic() > self.until:
            raise OutOfTimeError
        count = self._sent[caller.name] = self._sent.get(caller.name, 0) + 1
        if caller.person and count % _CANARY == 0 and not await self.alive(caller):
            self.gap(
                caller.name, f"the session of {caller.name} ended and could not be had again", "a session that lasts"
            )
        return await caller.send(method, path, **given)  # type: ignore[arg-type]

    async def alive(self, caller: Caller) -> bool:
        """Whether the session of a caller opens a door, after another sign-in if need be."""
        if not self.accounts.doors.paths or await self.accounts.doors.open_to(caller):
            return True
        return caller.person is not None and await self.accounts.sign_in(caller)

    async def get(self, caller: Caller, path: str) -> Exchange:
        """A GET whose ids are remembered, sent once for a caller and path."""
        key = (caller.name, path)
        if key not in self.answers:
            exchange = await self.call(caller, "GET", path)
            self.answers[key] = exchange
            if alone(exchange) is Seen.ALLOWED and not caller.guest:
                self.records.setdefault(caller.name, Records()).read(path, parsed(exchange))
        return self.answers[key]

    def note(self, endpoint: Endpoint, caller: Caller, record: str, seen: Seen) -> None:
        """Write down what a caller got. The first word on a cell stands, unless it was none."""
        key = (endpoint.name, caller.name, record)
        if key not in self.cells or self.cells[key].seen is Seen.UNKNOWN:
            self.cells[key] = Cell(
                endpoint.name, caller.name, caller.role or ("guest" if caller.guest else ""), record, seen
            )

    def gap(self, what: str, reason: str, give: str = "", of: Harm | None = None) -> None:
        """Something that could not be asked, about one harm or about all."""
        self.gaps.setdefault((what, of), Gap(what, reason, give))

    def count(self, harm: Harm) -> None:
        """One more thing that was tried and decided, whichever way, about a harm that is no matter of endpoints and records."""
        self.asked[harm] = self.asked.get(harm, 0) + 1

    def alarm(self, alarm: Alarm) -> None:
        """Raise an alarm once for a route and harm."""
        if not any(a.harm is alarm.harm and a.route == alarm.route and a.key == alarm.key for a in self.alarms):
            self.alarms.append(alarm)

    def values(self, caller: Caller, noun: str, name: str) -> list[str]:
        """The ids a caller knows for a parameter, their own first."""
        records = self.records.get(caller.name, Records())
        nouns = (noun, *sorted(USER_NOUNS - {noun})) if noun in USER_NOUNS else (noun,)
        seen = [value for one in nouns for value in records.values(one, name)]
        return list(dict.fromkeys((*own(caller, noun, name), *seen)))

    def path_of(self, endpoint: Endpoint, caller: Caller, last: str = "") -> str | None:
        """The endpoint's path with the caller's own ids, ``last`` for the last parameter; None when one is not known."""
        path = endpoint.path
        found = parameters(path)
        for index, (name, noun) in enumerate(found):
            value = last if last and index == len(found) - 1 else next(iter(self.values(caller, noun, name)), "")
            if not value:
                return None
            path = path.replace("{" + name + "}", _quoted(value), 1)
        return path

    def missing_path(self, endpoint: Endpoint, caller: Caller, like: str) -> str:
        """The endpoint's path with an id nobody has for the last parameter, shaped like ``like``."""
        nobodys = (
            _MISSING_INT
            if like.isdigit()
            else _MISSING_UUID
            if re.fullmatch(r"[0-9a-fA-F-]{36}", like)
            else "zz-" + _MISSING_INT
        )
        path = self.path_of(endpoint, caller, nobodys)
        return path or PARAMETER.sub(nobodys, endpoint.path)


def shown(*pairs: tuple[str, Exchange]) -> tuple[Shown, ...]:
    """Exchanges with their words."""
    return tuple(Shown(what, exchange) for what, exchange in pairs)


def safe_reads(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """GETs that only read, at the app's own address, and put nothing at risk."""
    return [
        e
        for e in endpoints
        if e.method == "GET" and e.action == "read" and not e.hosted and e.path.startswith("/") and not DANGEROUS.search(e.path)
        and Kind.DOCS not in e.kind and not re.search(r"\.(?:js|css|png|svg|ico|map|woff2?)$|/static/|/assets/", e.path) and "*" not in e.path
    ]  # fmt: skip


def _quoted(value: str) -> str:
    from urllib.parse import quote

    return quote(value, safe="@:+,;=~")
