"""One question of a proxy, and the answer by the policy."""

import re
from urllib.parse import quote

from launchready_guard.call import Call, Headers, Refusal
from launchready_guard.engine import NOT_FOUND, Engine
from launchready_guard.forward.http import Answer, Request
from launchready_guard.forward.paths import Lenient, UnclearError, clear
from launchready_guard.forward.proxies import Asked, asked
from launchready_guard.problem import body_of, headers_of
from launchready_guard.rules import Plan

# Other frameworks take method and address from these instead (Symfony, Rails, Express with method-override, IIS).
_REWRITES = (b"x-http-method-override", b"x-http-method", b"x-method-override", b"x-original-url", b"x-rewrite-url")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_UNCLEAR = Refusal("unlisted", 400, "Bad Request", "The address or a header can be read in two ways.")
# What says who calls, and the letters it may hold beside plain ones: a comma parts several, and nothing ends the header.
_TOLD = ("subject", "roles", "tenant")
_PLAIN = "-._~@:/+=|! "
# What nginx takes from a service it asks; it makes an error of any other (module ngx_http_auth_request_module).
_NGINX = {401: 401, 303: 401}


class Gate:
    """Answers questions by a mounted engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lenient = Lenient(engine.table.routes)
        places = (*engine.policy.params, *engine.policy.owners)
        self._queries = frozenset(place.partition(":")[2] for place in places if place.startswith("query:"))
        self._small = frozenset(name.lower() for name in self._queries)

    async def answer(self, request: Request) -> Answer:
        """Let pass, or refuse. Raises :class:`~launchready_guard.forward.proxies.AskedError` for a proxy that is not set up as it must be."""
        if request.target in ("/healthz", "/metrics"):
            text = "ok\n" if request.target == "/healthz" else self._engine.decisions.text()
            return Answer(200, ((b"content-type", b"text/plain; charset=utf-8"),), text.encode())
        question = asked(request)
        try:
            raw_path, path, query = clear(question.target)
        except UnclearError as error:
            call = self._call(question, "", "")
            return self._refused(question, call, "unlisted", _with(_UNCLEAR, str(error)))
        call = self._call(question, path, query)
        if why := self._double(question, call):
            return self._refused(question, call, "unlisted", _with(_UNCLEAR, why))
        if call.method == "OPTIONS" and b"access-control-request-method" in call.raw and b"origin" in call.raw:
            return self._preflight(question, call)
        match, plan = self._engine.find(call.method, path)
        if match.route is not None and not self._lenient.agrees(match, call.method, path, raw_path):
            refusal = _with(NOT_FOUND, "another row may be the one the app takes it for")
            return self._refused(question, call, "unlisted", refusal)
        call.params = match.params
        if plan is not None:
            return await self._judged(question, call, plan)
        refusal = NOT_FOUND
        if match.others:
            allowed = ", ".join(sorted(match.others))
            allow = ((b"allow", allowed.encode()),)
            refusal = Refusal("unlisted", 405, "Method Not Allowed", f"It takes {allowed}.", headers=allow)
        if self._engine.stops("unlisted"):
            return self._refused(question, call, "unlisted", refusal)
        self._engine.decisions.refused(call, "unlisted", refusal, observed=True)
        return self._passed(call)

    async def _judged(self, question: Asked, call: Call, plan: Plan) -> Answer:
        refusal = await self._engine.decide(call, plan)
        for observed in call.observed:
            self._engine.decisions.refused(call, plan.route, observed, observed=True)
        if refusal is not None:
            return self._refused(question, call, plan.route, refusal)
        self._engine.decisions.passed(plan.route)
        return self._passed(call)

    def _call(self, question: Asked, path: str, query: str) -> Call:
        call = Call(
            question.method, path, question.raw, query, question.seen, _nothing, question.secure, question.twice
        )
        hops = self._engine.policy.settings.clients.hops
        # A count of proxies includes the one that asks; ranges speak of those before it.
        before = question.before if not hops else call.header("x-forwarded-for")
        call.address = self._engine.addresses.of(
            call.peer, lambda name: before if name == "x-forwarded-for" else call.header(name)
        )
        return call

    def _double(self, question: Asked, call: Call) -> str:
        """What an app might read otherwise than the guard; empty when there is nothing."""
        if question.upgrade and call.method != "WEBSOCKET":
            # Whatever is spoken on that connection later, nobody asks about (h2c smuggling).
            return "another protocol than WebSocket is asked for"
        if any(name in call.raw for name in _REWRITES):
            return "a header asks for another method or address"
        # Servers that hand headers on as variables (RFC 3875) write X_Auth and X-Auth alike.
        if any(b"_" in name for name in call.raw):
            return "a header has an underscore in its name"
        if any(_CONTROL.search(value) for value in call.raw.values()):
            return "a header holds a control character"
        for key, _ in call.fields:
            bare = key.lower().partition("[")[0].strip()
            if bare in self._small and key not in self._queries:
                return "the query names a workspace or owner in a way of its own"
        return ""

    def _preflight(self, question: Asked, call: Call) -> Answer:
        """The app answers those of websites the policy names; a proxy could not answer by our word."""
        _, plan = self._engine.find(call.header("access-control-request-method"), call.path)
        if plan is not None and self._engine.origins.allow(call.header("origin")):
            self._engine.decisions.passed(plan.route)
            return self._passed(call)
        refusal = Refusal("unlisted", 403, "Forbidden", "Another website may not ask this.", "preflight")
        return self._refused(question, call, "unlisted" if plan is None else plan.route, refusal)

    def _passed(self, call: Call) -> Answer:
        who = call.identity
        told = (
            {"subject": {who.subject}, "roles": who.roles, "tenant": who.tenants} if who else dict.fromkeys(_TOLD, ())
        )
        headers = tuple(
            (f"x-auth-{name}".encode(), ",".join(quote(one, _PLAIN) for one in sorted(said)).encode())
            for name, said in told.items()
        )
        return Answer(200, (*headers, *self._extra(call)))

    def _refused(self, question: Asked, call: Call, route: str, refusal: Refusal) -> Answer:
        self._engine.decisions.refused(call, route, refusal)
        body = body_of(refusal)
        headers = (*headers_of(refusal, body), *self._engine.safe[call.secure], *self._extra(call))
        if question.statuses:
            return Answer(refusal.status, headers, body)
        told = ((b"x-guard-status", str(refusal.status).encode()), (b"x-guard-problem", body))
        led = ((b"x-guard-location", refusal.location.encode("latin-1", "replace")),) if refusal.location else ()
        return Answer(_NGINX.get(refusal.status, 403), (*headers, *told, *led), body)

    def _extra(self, call: Call) -> Headers:
        found = call.answer
        return (*found, *self._engine.origins.headers(call.header("origin"))) if b"origin" in call.raw else found


async def _nothing(largest: int) -> bytes:
    return b""


def _with(refusal: Refusal, why: str) -> Refusal:
    return Refusal(refusal.rule, refusal.status, refusal.title, refusal.detail, why, refusal.headers)
