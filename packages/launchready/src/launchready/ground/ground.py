"""What the parts of a proof share: the callers, what each was shown, and the notes taken on the way."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

from launchready.ground.ids import (
    INSIDE,
    PARAMETER,
    USER_NOUNS,
    Ids,
    Records,
    found_in,
    holds_empty_list,
    own,
    parameters,
)
from launchready.ground.journal import Journal, Signed, State
from launchready.ground.linked import linked
from launchready.ground.result import Alarm, Cell, Harm, Made, Shown
from launchready.ground.seen import Seen, alone
from launchready.ground.sending import Sending
from launchready.model.check import Gap
from launchready.model.inputs import LimitSeen, StatedLimit, Tried
from launchready.model.surface import Endpoint
from launchready.model.words import FOR_STRANGERS, Kind
from launchready.probes.callers.accounts import Accounts
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.tokens import looked_at
from launchready.probes.callers.values import person
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestCall, turned_away

# What could take the app or the caller's own account away; nobody asks for that proof.
# Presets reset nothing.
_TAKES_AWAY = (
    r"log-?out|sign-?out|(?<!p)reset|seed|drop(?![a-z])|wipe|purge|truncate|shut-?down|restart|reboot|migrat|deactivate|disable|revoke|"
    r"(?:close|delete|remove|archive)[-_/]?(?:my[-_]?)?(?:account|profile|me|myself)(?![a-z])|/(?:account|profile|me|myself|self)/(?:close|delete|remove|destroy)(?![a-z])|unsubscribe|factory|flush|destroy[-_]?all|clear[-_]?all|start[-_]?over|populate|(?:create|init|set-?up|re-?create)[-_/]?(?:db|database|tables?|schema)(?![a-z])"
)
# How everybody gets in: one switch of it may end every session. Looking at it is safe.
_GATES = r"(?:jwt|auth(?:entication)?|sso|saml|security|sessions?|tokens?|log-?in)[-_/]?(?:settings?|polic(?:y|ies)|config(?:uration)?)(?![a-z])"
DANGEROUS = re.compile(f"{_TAKES_AWAY}|{_GATES}", re.I)
_UNREAD = re.compile(_TAKES_AWAY, re.I)
NOT_OURS = FOR_STRANGERS | {Kind.WEBHOOK}
_MISSING_INT, _MISSING_UUID = "987654321", "00000000-0000-4000-8000-00000000dead"
_STAND_INS, _SHORTEST = "th", 8
_REFUSED = (Seen.DENIED, Seen.HIDDEN, Seen.EMPTY)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A write of ``other`` on what is ``owner``'s: the call, the ``views`` in which the owner would see its effect, and the one that showed it, before and after."""

    owner: Caller
    other: Caller
    exchange: Exchange
    views: tuple[Exchange, ...]
    mark: str = ""
    showed: tuple[Exchange, ...] = ()


@dataclass(slots=True)
class Ground:
    """``victim`` is a caller whose account may be lost; ``visitor`` a stranger who made records where strangers may; ``signed`` everybody the run signed up; ``writes`` whether the app may be changed; ``strangers`` are the calls of
    everything as nobody.

    ``created`` are the answers of calls that made a record, by caller and route; ``tried`` the writes on another's, by route.
    ``examples`` are right requests, by route. ``inputs`` are the values out of place that were sent, ``limits`` what bursts met, ``stated`` what the source sets, by route. ``about`` are
    the harms of the round that is being asked, empty while what is asked concerns all. ``spare`` are accounts that were made for bursts.
    ``there`` are the records that were seen before the run made any, by noun and id; ``lists`` the ids of lists that were shown as a whole then,
    to everybody who was shown them, by address. ``disposable`` says that all that is there may be lost. ``put`` are the addresses at which a PUT or PATCH was taken, ``resumable`` those that said they take uploads by tus.
    ``pages`` are the answers that everybody had been shown then. ``overseers`` are those who are above members and were shown a member's record, by route and name. ``named_in`` is the header that names a workspace, empty where there is none, None while nobody looked.
    """

    endpoints: Sequence[Endpoint]
    accounts: Accounts
    guest: Caller
    callers: list[Caller]
    writes: bool
    until: float
    journal: Journal
    victim: Caller | None = None
    visitor: Caller | None = None
    signed: dict[str, Caller] = field(default_factory=dict)
    strangers: Sequence[GuestCall] = ()
    records: dict[str, Records] = field(default_factory=dict)
    answers: dict[tuple[str, str], Exchange] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    cells: dict[tuple[str, str, str], Cell] = field(default_factory=dict)
    gaps: dict[tuple[str, Harm | None], Gap] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    created: dict[tuple[str, str], Exchange] = field(default_factory=dict)
    tried: dict[str, Attempt] = field(default_factory=dict)
    travels: set[str] = field(default_factory=set)
    asked: dict[Harm, int] = field(default_factory=dict)
    examples: dict[str, Exchange] = field(default_factory=dict)
    inputs: list[Tried] = field(default_factory=list)
    limits: list[LimitSeen] = field(default_factory=list)
    stated: Mapping[str, Sequence[StatedLimit]] = field(default_factory=dict)
    about: frozenset[Harm] = frozenset()
    spare: list[Caller] = field(default_factory=list)
    there: frozenset[tuple[str, str]] = frozenset()
    lists: dict[str, frozenset[str]] = field(default_factory=dict)
    pages: Mapping[tuple[str, str], Exchange] = field(default_factory=dict)
    put: set[str] = field(default_factory=set)
    overseers: set[tuple[str, str]] = field(default_factory=set)
    resumable: list[str] = field(default_factory=list)
    disposable: bool = False
    named_in: str | None = None
    sending: Sending = field(init=False)
    _asking: dict[tuple[str, str], asyncio.Future[Exchange]] = field(default_factory=dict)
    _shown: dict[tuple[str, str], Exchange] = field(default_factory=dict)
    _fresh: int = -1
    _marks: set[str] = field(default_factory=set)
    _noted: dict[tuple[str, str, str], None] = field(default_factory=dict)
    _unsure: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    _said: tuple[int, int, int, int] = (0, 0, 0, 0)

    def __post_init__(self) -> None:
        self.sending = Sending(
            self.accounts,
            self.until,
            self._told,
            self._seen_alive,
            lambda caller: any(caller is one for one in (*self.callers, self.victim)),
        )
        state = self.journal.state
        self.alarms += state.alarms
        self.cells |= {(cell.route, cell.who, cell.record): cell for cell in state.cells}
        self.gaps |= {(gap.target, harm): gap for harm, gap in state.gaps}
        self.made += state.made
        self.records |= state.records
        self.travels |= set(state.travels)
        self.asked |= state.asked
        self.inputs += state.inputs
        self.limits += state.limits
        self._said = self._lengths()

    def _told(self, gap: Gap) -> None:
        """Note what could not be asked; that the account which may be lost was lost is nothing to note."""
        if self.victim is None or gap.target != self.victim.name:
            self.gap(gap.target, gap.reason, gap.give)

    async def call(self, caller: Caller, method: str, path: str, **given: object) -> Exchange:
        """Call as one of the callers. Raises :class:`OutOfTimeError` when the time is over."""
        before = caller.site.written
        exchange = await self.sending.call(caller, method, path, **given)
        if method == "GET" and not given and before is not None and before == caller.site.written:
            if self._fresh != before:
                self._shown.clear()
            self._fresh, self._shown[caller.name, path] = before, exchange
        if method in ("PUT", "PATCH") and exchange.ok:
            self.put.add(unquote(path.partition("?")[0].rstrip("/")))
        return exchange

    async def step(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do a piece of work that writes, once: a run that goes on after a kill leaves out what ended and what was under way."""
        if self.journal.done(name):
            return
        if self.journal.broken(name):
            said = "an earlier run was stopped in the middle of it, and nothing is sent twice"
            self.gap(name, said, "a look at what it left, and a new run")
            return
        self.journal.begin(name)
        await work()
        self.journal.end(name, self._news())

    async def stage(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do a piece of work that only reads, or whose writes are steps of their own: it may be done again from the start."""
        if self.journal.done(name):
            return
        await work()
        await self.sending.settle(self.callers)
        self.journal.end(name, self._news())

    async def get(self, caller: Caller, path: str) -> Exchange:
        """A GET, sent once for a caller and path."""
        key = (caller.name, path)
        if key not in self.answers:
            if key not in self._asking:
                self._asking[key] = asyncio.ensure_future(self.call(caller, "GET", path))
            try:
                self.answers[key] = await self._asking[key]
            finally:
                self._asking.pop(key, None)
        return self.answers[key]

    async def still(self, caller: Caller, path: str) -> Exchange:
        """A GET, answered by what the caller was shown there last when nothing was sent since that may have changed it."""
        if self._fresh == caller.site.written and (shown := self._shown.get((caller.name, path))) is not None:
            return shown
        return await self.call(caller, "GET", path)

    def look_again(self) -> None:
        """Forget the answers that may be others once there are more records; what was refused, and what neither names a record nor
        holds an empty list for some, stays."""
        for key, exchange in list(self.answers.items()):
            said, records = looked_at(exchange), Records()
            records.read(exchange.path, said)
            plain = alone(exchange) is Seen.ALLOWED and said and not records.seen and not holds_empty_list(said)
            if not (exchange.status in (401, 403) or plain):
                del self.answers[key]

    async def sign_up(self, name: str, someone: Person, extra: dict[str, object] | None = None) -> Caller | None:
        """A throwaway account, noted before the app hears of it so that it can be removed whatever happens."""
        self.journal.sign(Signed(name, someone))
        caller = await self.accounts.sign_up(name, someone, extra)
        if caller is not None:
            endpoint, body, _ = self.accounts.signups.get(name, (None, {}, None))
            if endpoint is None and name in self.accounts.believed:
                endpoint, body, _ = self.accounts.believed[name]
            # Rules of the app may have cut or lengthened a name or the password.
            someone = caller.person or someone
            self.journal.sign(Signed(name, someone, endpoint.name if endpoint else "", body))
            self.signed[name] = caller
        elif name not in self.accounts.maybe:
            self.journal.unsign(name)
        return caller

    def learn(self, caller: Caller, exchange: Exchange) -> None:
        """Remember the ids of an answer as ids the caller was shown."""
        self.take(caller, self.told(exchange))

    def told(self, exchange: Exchange) -> Ids:
        """The ids of an answer, by noun and field."""
        if alone(exchange) is not Seen.ALLOWED:
            return ()
        return (*found_in(exchange.path, looked_at(exchange)), *linked(exchange, self.endpoints))

    def take(self, caller: Caller, told: Ids) -> None:
        """Remember ids that :meth:`told` found as ids the caller was shown."""
        if told and not caller.guest:
            records = self.records.setdefault(caller.name, Records())
            for noun, name, value in told:
                records.add(noun, name, value)

    def random(self, what: str) -> str:
        """Eight hexadecimal digits, the same for the same ``what`` in a run and its continuation."""
        found = hashlib.sha256(f"{self.journal.seed} {what}".encode()).hexdigest()[:8]
        self._marks.add(found)
        return found

    def mark(self, text: str) -> None:
        """Note what is in texts of this run beside what :meth:`random` gave."""
        self._marks.add(text)

    def stand_in(self, letter: str = "t") -> Person:
        """Whose name a text bears that nobody of the run sends."""
        return person(self.random("people"), letter)

    @property
    def marks(self) -> frozenset[str]:
        """What is in the texts of this run and nowhere else in the app, lower case."""
        known = (*self.callers, *self.signed.values(), *self.spare, *filter(None, (self.victim, self.visitor)))
        people = [caller.person for caller in known if caller.person] + [self.stand_in(letter) for letter in _STAND_INS]
        # A short text may stand in what is somebody else's.
        return frozenset(one.lower() for one in (*self._marks, *(p.marker for p in people)) if len(one) >= _SHORTEST)

    def note(self, endpoint: Endpoint, caller: Caller, record: str, seen: Seen) -> None:
        """Write down what a caller got. The first word on a cell stands, unless it was none, or was about another kind of record."""
        key = (endpoint.name, caller.name, record)
        worse = "#" in endpoint.path and record == "other" and seen is Seen.ALLOWED
        if key not in self.cells or self.cells[key].seen is Seen.UNKNOWN or worse:
            self._noted[key] = None
            self._unsure.setdefault(caller.name, []).append(key)
            self.cells[key] = Cell(
                endpoint.name, caller.name, caller.role or ("guest" if caller.guest else ""), record, seen
            )

    def gap(self, what: str, reason: str, give: str = "", of: Harm | None = None) -> None:
        """Something that could not be asked, about one harm or about all that are asked about now."""
        for harm in (of,) if of is not None or not self.about else sorted(self.about):
            self.gaps.setdefault((what, harm), Gap(what, reason, give))

    def count(self, harm: Harm) -> None:
        """One more thing that was tried and decided, whichever way, about a harm that is no matter of endpoints and records."""
        self.asked[harm] = self.asked.get(harm, 0) + 1

    def alarm(self, alarm: Alarm) -> None:
        """Raise an alarm once for a route and harm."""
        if not any(a.harm is alarm.harm and a.route == alarm.route and a.key == alarm.key for a in self.alarms):
            self.alarms.append(alarm)

    def _seen_alive(self, name: str, alive: bool) -> None:
        """Take back what refused a caller since their session was last seen alive, when it had ended unnoticed."""
        since = self._unsure.pop(name, [])
        if alive:
            return
        for key in [key for key in since if self.cells[key].seen in _REFUSED]:
            self.cells[key] = replace(self.cells[key], seen=Seen.UNKNOWN)
            self._noted[key] = None
        for asked in [asked for asked, given in self.answers.items() if asked[0] == name and turned_away(given)]:
            del self.answers[asked]

    def _news(self) -> State:
        """What is new since the last call, and all that was made."""
        alarms, gaps, inputs, limits = self._said
        self._said = self._lengths()
        cells = tuple(self.cells[key] for key in self._noted)
        self._noted.clear()
        said = tuple((harm, gap) for (_, harm), gap in list(self.gaps.items())[gaps:])
        return State(
            cells,
            tuple(self.alarms[alarms:]),
            said,
            tuple(self.made),
            dict(self.records),
            tuple(sorted(self.travels)),
            dict(self.asked),
            tuple(self.inputs[inputs:]),
            tuple(self.limits[limits:]),
        )

    def _lengths(self) -> tuple[int, int, int, int]:
        return len(self.alarms), len(self.gaps), len(self.inputs), len(self.limits)

    def values(self, caller: Caller, noun: str, name: str) -> list[str]:
        """The ids a caller knows for a parameter, their own first."""
        records = self.records.get(caller.name, Records())
        nouns = (noun, *sorted(USER_NOUNS - {noun})) if noun in USER_NOUNS else (noun,)
        seen = [value for one in nouns for value in records.values(one, name)]
        mine = own(caller, noun, name)
        if noun in INSIDE and seen and not set(mine).intersection(seen):
            # A workspace of the caller's that no list of projects shows is no project.
            return list(dict.fromkeys((*seen, *mine)))
        return list(dict.fromkeys((*mine, *seen)))

    def path_of(self, endpoint: Endpoint, caller: Caller, last: str = "") -> str | None:
        """The endpoint's path with the caller's own ids, ``last`` for the last parameter; None when one is not known."""
        path = endpoint.path
        found = parameters(path)
        for index, (name, noun) in enumerate(found):
            given = [last] if last and index == len(found) - 1 else self.values(caller, noun, name)
            given = given or list(_choices(endpoint, name))
            value = next((value for value in given if _fits(endpoint, name, value)), "")
            if not value:
                return None
            path = path.replace("{" + name + "}", quote(value, safe="@:+,;=~"), 1)
        return path

    def missing_path(self, endpoint: Endpoint, caller: Caller, like: str) -> str:
        """The endpoint's path with an id nobody has for the last parameter, shaped like ``like``."""
        nobodys = (
            _MISSING_INT
            if like.isdecimal()
            else _MISSING_UUID
            if re.fullmatch(r"[0-9a-fA-F-]{36}", like)
            else "zz-" + _MISSING_INT
        )
        path = self.path_of(endpoint, caller, nobodys)
        return path or PARAMETER.sub(nobodys, endpoint.path)


def _choices(endpoint: Endpoint, name: str) -> tuple[str, ...]:
    """The only values that a parameter may have, by the source; empty where it names none."""
    return next((one.choices for one in endpoint.inputs if one.where == "path" and one.name == name), ())


def _fits(endpoint: Endpoint, name: str, value: str) -> bool:
    """Whether a value is of the type the endpoint gives its parameter; anything fits where none is known."""
    kind = next((given.type.lower() for given in endpoint.inputs if given.where == "path" and given.name == name), "")
    if re.fullmatch(r"(?:positive)?int(?:eger)?\d*|long|number", kind):
        return value.isdecimal()
    return "uuid" not in kind or bool(re.fullmatch(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", value))


def shown(*pairs: tuple[str, Exchange]) -> tuple[Shown, ...]:
    """Exchanges with their words."""
    return tuple(Shown.of(what, exchange) for what, exchange in pairs)


def safe_reads(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """GETs that only read, at the app's own address, and put nothing at risk."""
    return [
        e
        for e in endpoints
        if e.method == "GET" and e.action == "read" and not e.hosted and e.path.startswith("/") and not _UNREAD.search(e.path)
        and Kind.DOCS not in e.kind and not re.search(r"\.(?:js|css|png|svg|ico|map|woff2?)$|/static/|/assets/", e.path) and "*" not in e.path
    ]  # fmt: skip
