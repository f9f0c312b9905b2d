"""The guard around a WSGI app (PEP 3333): the same policy, engine and answers as around ASGI apps."""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import copy_context
from io import BufferedReader
from pathlib import Path
from typing import Any

from launchready_guard.answers import (
    LENGTH_REQUIRED,
    PARTIAL,
    TOO_LARGE,
    TOO_SLOW,
    TWO_LENGTHS,
    Headers,
    Passed,
    beside,
    extra,
    is_preflight,
    preflight,
    unlisted,
)
from launchready_guard.blocking import OverError, PartialError, SlowError, WsgiBody, done, needs_no_loop
from launchready_guard.call import NO_WEBSOCKET, Call, Refusal
from launchready_guard.decisions import Decisions
from launchready_guard.engine import Engine, Options, unused
from launchready_guard.frameworks import starlette
from launchready_guard.policy import Policy, PolicyError
from launchready_guard.problem import body_of, headers_of
from launchready_guard.routes import Match, Route, of_policy
from launchready_guard.rules import Identify, Plan, Resolve
from launchready_guard.start import loaded, refusal_to_start
from launchready_guard.stores.memory import MemoryStore
from launchready_guard.tenancy import enter

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


class WsgiGuard:
    """A WSGI app that lets through to ``app`` what the reviewed policy allows, and nothing else.

    Takes what :class:`launchready_guard.Guard` takes, but nothing that waits on an event loop: ``identify``, ``tenant`` and ``owner`` are
    plain functions, ``store`` the memory of this process or a :class:`~launchready_guard.stores.blocking.BlockingRedisStore`.

    Raises :class:`~launchready_guard.policy.PolicyError` for a policy that cannot be kept, and TypeError for what is async. Its first request
    raises RuntimeError while the app has routes without a reviewed row, unless the policy says ``unlisted = "deny"``.
    """

    def __init__(
        self,
        app: WsgiApp,
        policy: str | Path | Policy = "policy.toml",
        identify: Identify = lambda call: None,
        *,
        tenant: Resolve | None = None,
        owner: Resolve | None = None,
        sign_in: str = "",
        session_cookie: str = "session",
        csrf_key: bytes = b"",
        store: Any = None,
        observe: bool = False,
        routes: list[Route] | None = None,
        environment: Mapping[str, str] = os.environ,
        hear: Callable[[dict[str, object]], None] | None = None,
    ) -> None:
        if starlette.knows(app):
            raise TypeError("WsgiGuard takes WSGI apps, and this is an ASGI app. Use launchready_guard.Guard.")
        kept = store or MemoryStore()
        needs_no_loop(kept, identify=identify, tenant=tenant, owner=owner)
        self.policy = loaded(policy)
        self.decisions = Decisions(hear)
        options = Options(identify, tenant, owner, sign_in, session_cookie, csrf_key, observe)
        self._engine = Engine(self.policy, options, kept, kept, self.decisions, environment)
        self.app, self._routes, self._told = app, routes, False
        self._starting = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or let the app do it."""
        if not self._told:
            self._start()
        method, path, match = self.find(environ, str(environ["REQUEST_METHOD"]))
        body = WsgiBody.of(environ)
        call = _call(environ, method, path, body)
        call.address = self._engine.addresses.of(call.peer, call.header)
        call.params = match.params
        answer = _Answer(self._engine, call, environ, start_response)
        if is_preflight(call):
            return self._preflight(answer)
        plan = self._engine.plan(match, method)
        if plan is None:
            return self._without(answer, match)
        refusal = self._decide(call, plan, body)
        for observed in call.observed:
            self.decisions.refused(call, plan.route, observed, observed=True)
        if refusal is not None:
            self.decisions.refused(call, plan.route, refusal)
            return answer.refuse(refusal)
        self.decisions.passed(plan.route)
        environ["launchready"] = Passed(call.identity, plan.route, plan.row.tenant)
        self.let_on(environ, match)
        body.largest = plan.largest
        return self._pass(answer, body, plan)

    def find(self, environ: Environ, method: str) -> tuple[str, str, Match]:
        """The method and path as the app's router reads them, and the route it takes. Adapters of frameworks have their own."""
        path = str(environ.get("PATH_INFO", "")).encode("latin-1", "replace").decode("utf-8", "replace") or "/"
        method = NO_WEBSOCKET if method == "WEBSOCKET" else method
        return method, path, self._engine.table.find(method, path)

    def mounted(self) -> list[Route]:
        """The routes of the app; the rows of the policy where the app does not say."""
        return of_policy(self.policy) if self._routes is None else self._routes

    def let_on(self, environ: Environ, match: Match) -> None:
        """Note what was decided, for an adapter that can make sure of it further inside."""

    def review(self) -> tuple[list[str], list[str]]:
        """The routes that lack a reviewed row, and the rows that no route is for."""
        routes = self.mounted()
        return self._engine.mount(routes), unused(self.policy, routes)

    def metrics(self) -> str:
        """Counters in the text format of Prometheus."""
        return self.decisions.text()

    def check(self) -> None:
        """Look at the app's routes now. Raises :class:`PolicyError` when the app must not start."""
        said = refusal_to_start(self._engine, self._engine.mount(self.mounted()))
        if said:
            raise PolicyError(said)

    def _start(self) -> None:
        # Of threads that come first at once one looks, and the others wait: a request that found its route in one table has no plan in the next.
        with self._starting:
            if not self._told:
                self.check()
                self._told = True

    def _decide(self, call: Call, plan: Plan, body: WsgiBody) -> Refusal | None:
        if body.unclear and self._engine.stops("body", plan.row):
            return TWO_LENGTHS if b"content-length" in call.raw else LENGTH_REQUIRED
        try:
            return done(self._engine.decide(call, plan))
        except PartialError:
            return PARTIAL
        except SlowError:
            return TOO_SLOW

    def _without(self, answer: "_Answer", match: Match) -> Iterable[bytes]:
        """A request that no reviewed row is for."""
        if match.redirects:
            # The router sends the caller to the address it prefers, and runs no handler.
            return self.app(answer.environ, answer.starting)
        refusal, stops = unlisted(match), self._engine.stops("unlisted")
        self.decisions.refused(answer.call, "unlisted", refusal, observed=not stops)
        return answer.refuse(refusal) if stops else self.app(answer.environ, answer.starting)

    def _preflight(self, answer: "_Answer") -> Iterable[bytes]:
        wanted = answer.call.header("access-control-request-method")
        method, _, match = self.find(answer.environ, wanted)
        answer.start(204, "No Content", preflight(self._engine, answer.call, self._engine.plan(match, method)))
        return []

    def _pass(self, answer: "_Answer", body: WsgiBody, plan: Plan) -> Iterable[bytes]:
        answer.body, answer.route = body, plan.route
        # Parts that the app makes while they are sent know the caller's tenants too, and nothing else that runs in this thread does.
        answer.context.run(enter, (answer.call, self.policy.across))
        try:
            answer.given = answer.context.run(self.app, answer.environ, answer.starting)
        except OverError:
            refused = answer.cut_off(sys.exc_info())
            answer.ended()
            return refused
        except BaseException:
            answer.ended()
            raise
        if answer.status:
            answer.ended()
        return answer


class _Answer:
    """The app's answer on its way out: with the headers of the guard, and with what must be done after it."""

    def __init__(self, engine: Engine, call: Call, environ: Environ, start_response: StartResponse) -> None:
        self.call, self.environ = call, environ
        self.body: WsgiBody | None = None
        self.given: Iterable[bytes] = ()
        self.context = copy_context()
        self.route = ""
        self._engine, self._start_response = engine, start_response
        self.status = 0
        self._cut: list[bytes] = []

    def starting(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """``start_response`` for the app."""
        if self.body is not None and self.body.over and not self.status:
            # The app made an error of its own out of a body that we cut off.
            self._cut = self.cut_off(exc_info)
            return lambda data: None
        self.status = int(status[:3])
        names = {name.lower().encode("latin-1", "replace") for name, _ in headers}
        theirs, more = beside(names, extra(self._engine, self.call), self._engine.safe_names)
        if theirs:
            headers = [one for one in headers if not one[0].lower().startswith("access-control-")]
        return self._start_response(status, [*headers, *_texts(more)], *([exc_info] if exc_info else []))

    def refuse(self, refusal: Refusal, exc_info: Any = None) -> list[bytes]:
        """Answer in the app's place."""
        body = body_of(refusal)
        headers = headers_of(refusal, body) + extra(self._engine, self.call)
        self.start(refusal.status, refusal.title, headers, exc_info)
        return [] if self.call.method == "HEAD" else [body]

    def start(self, status: int, title: str, headers: Headers, exc_info: Any = None) -> None:
        """Begin an answer of our own."""
        self._start_response(f"{status} {title}", _texts(headers), *([exc_info] if exc_info else []))

    def cut_off(self, exc_info: Any) -> list[bytes]:
        """Answer for an app that was reading a body larger than it may be."""
        self.status = 0
        self._engine.decisions.refused(self.call, self.route, TOO_LARGE)
        return self.refuse(TOO_LARGE, exc_info)

    def __iter__(self) -> Iterator[bytes]:
        parts = self.context.run(iter, self.given)
        while (part := self.context.run(next, parts, None)) is not None:
            if not self._cut:
                yield part
        yield from self._cut

    def close(self) -> None:
        """The server sent all of it, or gave up."""
        close = getattr(self.given, "close", None)
        if close is not None:
            self.context.run(close)
        self.ended()

    def ended(self) -> None:
        """Tell those who wait for the status, once."""
        waiting_for, self.call.after = self.call.after, ()
        for after in waiting_for:
            waiting = after(self.status)
            if waiting is not None:
                done(waiting)


def _texts(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def headers_in(environ: Mapping[str, Any]) -> dict[bytes, bytes]:
    """The headers of a request out of the variables that CGI (RFC 3875) made of them.

    Servers join headers that came twice by a comma: two tenants are then one that nobody is of.
    """
    raw = {
        name[5:].replace("_", "-").lower().encode("latin-1", "replace"): str(value).encode("latin-1", "replace")
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        raw.pop(name.lower().replace("_", "-").encode(), None)
        if environ.get(name):
            raw[name.lower().replace("_", "-").encode()] = str(environ[name]).encode("latin-1", "replace")
    return raw


def _call(environ: Environ, method: str, path: str, body: WsgiBody) -> Call:
    environ["wsgi.input"] = BufferedReader(body)
    secure = environ.get("wsgi.url_scheme") == "https"
    query, peer = str(environ.get("QUERY_STRING", "")), str(environ.get("REMOTE_ADDR", ""))
    raw = headers_in(environ)
    bodiless = b"content-length" not in raw and b"transfer-encoding" not in raw
    return Call(method, path, raw, query, peer, body.content, secure, bodiless=bodiless, request=environ)
