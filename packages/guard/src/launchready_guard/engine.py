"""The policy made ready for one app: which rules each route is asked by, and what a call comes to."""

import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from launchready_guard import limits, records, rules
from launchready_guard.browsers import SAFE, Origins, hsts, safe_headers
from launchready_guard.call import Call, Refusal
from launchready_guard.clientip import ClientAddress
from launchready_guard.decisions import Decisions
from launchready_guard.policy.model import Limit, Policy, PolicyError, Row, Sender, shape
from launchready_guard.routes import Match, Route, Table
from launchready_guard.rules import Identify, Plan, Resolve, Rule
from launchready_guard.schemes import SCHEMES
from launchready_guard.stores.interface import Deliveries, Store, WaitingStore

# Where guessing, spamming or buying in bulk pays: while the shared store is away these are counted more strictly.
_SENSITIVE = frozenset(("login", "signup", "password-reset", "invite"))
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "WEBSOCKET")
_NONE: Mapping[str, Plan] = {}
NOT_FOUND = Refusal("unlisted", 404, "Not Found", "There is nothing here.", "no row of the policy allows it")


@dataclass(frozen=True, slots=True)
class Options:
    """What an app tells its guard beside the policy: see :class:`launchready_guard.Guard`."""

    identify: Identify
    tenant: Resolve | None = None
    owner: Resolve | None = None
    sign_in: str = ""
    session_cookie: str = "session"
    csrf_key: bytes = b""
    observe: bool = False


class Engine:
    """Decides. Raises :class:`PolicyError` when the policy asks for something that cannot be kept."""

    def __init__(
        self,
        policy: Policy,
        options: Options,
        store: Store | WaitingStore,
        deliveries: Deliveries,
        decisions: Decisions,
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.policy, self.decisions = policy, decisions
        self.addresses = ClientAddress(policy.settings.clients)
        self.origins = Origins(policy.cors)
        self.safe = {secure: (*safe_headers(policy.settings.headers), *hsts(secure)) for secure in (False, True)}
        self.safe_names = frozenset(name for name, _ in self.safe[True])
        self.table = Table(())
        self._options, self._store, self._deliveries = options, store, deliveries
        self._environment, self._clock = environment, clock
        self._plans: Mapping[Route, Mapping[str, Plan]] = {}
        if policy.settings.csrf == "token" and not options.csrf_key:
            raise PolicyError('guard.csrf is "token". Give the guard csrf_key=…, at least 32 random bytes.')

    def mount(self, routes: Iterable[Route]) -> list[str]:
        """Take over the app's routes. What is returned are those nobody reviewed, as sentences: no caller gets through to them."""
        table = Table(routes)
        found: dict[Route, dict[str, Plan]] = {}
        missing = []
        for route in table.routes:
            plans = {}
            for method in sorted(route.methods) or (["WEBSOCKET"] if route.websocket else list(_METHODS)):
                row = self._row(method, route.path)
                if row is not None and not row.review:
                    plans[method] = self._plan(row, method)
                elif route.methods and method not in ("HEAD", "OPTIONS"):
                    missing.append(f"{method} {route.path} " + _why(row))
            if not plans and not route.methods and route.listed:
                missing.append(f"{'WEBSOCKET' if route.websocket else 'ANY'} {route.path} " + _why(None))
            found[route] = plans
        # At once, since other threads may be asking.
        self.table, self._plans = table, found
        return list(dict.fromkeys(missing))

    def find(self, method: str, path: str, host: str = "") -> tuple[Match, Plan | None]:
        """Where a request goes and by what it is judged. ``host`` is the name it was sent to, where the table has routes that ask for one."""
        match = self.table.find(method, path, host)
        return match, self.plan(match, method)

    def plan(self, match: Match, method: str) -> Plan | None:
        """By what a request is judged that reaches this route. None for one that is not mounted or has no reviewed row."""
        route = match[0]
        return None if route is None else self._plans.get(route, _NONE).get(method)

    def judge(self, call: Call, plan: Plan) -> Refusal | Awaitable[Refusal | None] | None:
        """The refusal, or None; something to wait for when a rule has to. What was only observed is kept in the call."""
        asked = iter(plan.plain if call.bodiless and not call.twice else plan.rules)
        for rule, observing in asked:
            said = rule(call)
            if said is None:
                continue
            if not isinstance(said, Refusal):
                return self._rest(call, said, observing, asked)
            if not observing:
                return said
            call.observed += (said,)
        return None

    async def decide(self, call: Call, plan: Plan) -> Refusal | None:
        """As :meth:`judge`, waiting for it."""
        said = self.judge(call, plan)
        return said if said is None or isinstance(said, Refusal) else await said

    async def _rest(
        self, call: Call, waiting: Awaitable[Refusal | None], observing: bool, asked: Iterator[tuple[Rule, bool]]
    ) -> Refusal | None:
        """Go on from a rule that has to be waited for to those that are still to be asked."""
        said = await waiting
        while said is None or observing:
            if said is not None:
                call.observed += (said,)
            following = next(asked, None)
            if following is None:
                return None
            rule, observing = following
            found = rule(call)
            said = found if found is None or isinstance(found, Refusal) else await found
        return said

    def stops(self, rule: str, row: Row | None = None) -> bool:
        """Whether a rule refuses, rather than only saying that it would have."""
        return not (self._options.observe or rule in self.policy.settings.observe or (row is not None and row.observe))

    def _row(self, method: str, path: str) -> Row | None:
        found = self.policy.row(method, path)
        return self.policy.row("GET", path) if found is None and method == "HEAD" else found

    def _plan(self, row: Row, method: str) -> Plan:
        policy, settings, options = self.policy, self.policy.settings, self._options
        limited = policy.limits_of(row)
        found: list[tuple[str, Rule]] = []
        if settings.hosts:
            found.append(("host", rules.host(frozenset(name.lower() for name in settings.hosts))))
        found.append(("body", rules.twice))
        found += self._limits(row, [one for one in limited if one.per == "address"], limits.by_address)
        keep = rules.needs_body(row, limited, policy)
        found.append(("body", rules.body(settings.largest(row), keep=keep, said=keep and not row.signature)))
        if row.signature:
            found.append(("signature", self._signature(row)))
        found.append(("access", rules.access(row, options.identify, options.sign_in)))
        if settings.csrf != "off" and not row.signature and method not in SAFE:
            key = options.csrf_key if settings.csrf == "token" else b""
            found.append(("csrf", rules.csrf(self.origins, settings.hosts, key, options.session_cookie)))
        if row.tenant:
            found.append(("tenant", records.tenant(policy.params, frozenset(policy.across), options.tenant)))
        if row.own:
            own, allow = frozenset(row.own), frozenset(row.allow)
            found.append(("owner", records.owner(own, allow, policy.owners, options.owner)))
        found += self._limits(row, [one for one in limited if one.per == "account"], limits.by_account)
        asked = tuple((name, rule, not self.stops(name, row)) for name, rule in found)
        largest = settings.largest(row) if self.stops("body", row) else -1
        every = tuple((rule, observing) for _, rule, observing in asked)
        plain = tuple((rule, observing) for name, rule, observing in asked if name != "body")
        return Plan(row, row.route, every, plain, largest)

    def _limits(self, row: Row, wanted: list[Limit], subject: Callable[[Call], str]) -> list[tuple[str, Rule]]:
        if not wanted:
            return []
        name = row.route if row.limits else row.kind
        strict = row.kind in _SENSITIVE
        return [("limits", limits.limits(self._store, name, tuple(wanted), subject, strict=strict))]

    def _signature(self, row: Row) -> Rule:
        sender = self.policy.settings.senders.get(row.signature)
        if sender is None and row.signature in SCHEMES:
            sender = Sender(row.signature, SCHEMES[row.signature].variable)
        if sender is None:
            raise PolicyError(
                f"{row.route} is signed as {row.signature!r}, which is no scheme we know ({', '.join(SCHEMES)}) and no table of "
                f"webhooks. Add [webhooks.{row.signature}] with its scheme and secret."
            )
        secret = self._environment.get(sender.secret, "")
        if not secret:
            raise PolicyError(
                f"{row.route} is signed as {row.signature!r}, and the environment has no {sender.secret}. Set it to the secret the "
                "sender gave you."
            )
        scheme = SCHEMES[sender.scheme]
        return rules.Signature(scheme, secret, sender.seconds, self._deliveries, self._clock)


def _why(row: Row | None) -> str:
    return "has no row in the policy" if row is None else "is still marked review = true"


def unused(policy: Policy, routes: Iterable[Route]) -> list[str]:
    """Rows whose route the app has not mounted: a slip of the pen may hide there."""
    mounted = {shape(route.path) for route in routes}
    return [row.route for row in policy.rows if shape(row.path) not in mounted]
