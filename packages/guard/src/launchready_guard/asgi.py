"""The guard around an ASGI app: HTTP and WebSocket, as pure ASGI 3.

It stands outside of the app's own middleware, so that nothing of the app runs for a request that may not get through.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from launchready_guard.answers import (
    TOO_LARGE,
    TOO_SLOW,
    Passed,
    answered,
    extra,
    is_preflight,
    preflight,
    unlisted,
)
from launchready_guard.call import NO_WEBSOCKET, Call, Refusal, joined
from launchready_guard.engine import Engine
from launchready_guard.problem import body_of, headers_of
from launchready_guard.routes import Match
from launchready_guard.rules import Plan
from launchready_guard.tenancy import enter, leave

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_SLOWEST = 30.0
# A named tuple's own constructor is a Python function, and one of these is made for every request.
_new = tuple.__new__
_SECURE, _HTTP_1 = ("https", "wss"), ("1.1", "1.0")


class AsgiGuard(ABC):
    """See :class:`launchready_guard.Guard`."""

    def __init__(
        self,
        app: App,
        engine: Engine,
        path_of: Callable[[Scope], str],
        redirects: bool,
    ) -> None:
        self.app, self.engine = app, engine
        self._path_of, self._redirects = path_of, redirects
        self._told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the app do it."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        if not self._told:
            self._start()
        engine = self.engine
        method = scope["method"] if kind == "http" else "WEBSOCKET"
        if method == "WEBSOCKET" and kind == "http":
            method = NO_WEBSOCKET
        path = self._path_of(scope) if scope.get("root_path") else scope["path"]
        match = engine.table.find(method, path, _host_of(scope) if engine.table.by_host else "")
        plan = engine.plan(match, method)
        call = AsgiCall(scope, method, path, match[1])
        call.address = engine.addresses.of(call.peer, call.header)
        call.receive, body = _no_body, None
        if not call.bodiless:
            body = _Body(receive)
            call.receive, receive = body.read, body.next
        if method == "OPTIONS" and is_preflight(call):
            await self._preflight(send, call)
            return
        if plan is None:
            await self._without(scope, receive, send, call, match)
            return
        try:
            refusal = engine.judge(call, plan)
            if refusal is not None and not isinstance(refusal, Refusal):
                refusal = await refusal
        except TimeoutError:
            refusal = TOO_SLOW
        except _GoneError:
            return
        for observed in call.observed:
            engine.decisions.refused(call, plan.route, observed, observed=True)
        if refusal is not None:
            engine.decisions.refused(call, plan.route, refusal)
            await self._refuse(call, send, refusal)
            return
        engine.decisions.passed(plan.route)
        scope["launchready"] = _new(Passed, (call.identity, plan.route, plan.row.tenant))
        if kind != "http":
            await self._connect(scope, receive, send, call)
            return
        await self._pass(scope, receive, send, call, plan, body)

    @abstractmethod
    def missing(self) -> str:
        """What keeps the app from starting; routes are taken over at the same time."""

    def _start(self) -> None:
        """For servers that send no lifespan: a route nobody reviewed must stop the app at its first request at the latest."""
        said = self.missing()
        self._told = True
        if said:
            raise RuntimeError(said)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = self.missing()
        self._told = True
        if said:
            await receive()
            await send({"type": "lifespan.startup.failed", "message": said})
            raise RuntimeError(said)
        await self.app(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send, call: Call) -> None:
        """A WebSocket that got through."""
        token = enter((call, self.engine.policy.across))
        try:
            await self.app(scope, receive, send)
        finally:
            leave(token)

    async def _pass(
        self, scope: Scope, receive: Receive, send: Send, call: Call, plan: Plan, body: "_Body | None"
    ) -> None:
        """A request that got through."""
        engine, started = self.engine, 0
        if body is not None:
            body.largest = plan.largest

        def sending(message: Message) -> Awaitable[None]:
            nonlocal started
            if started:
                return send(message)
            if body is not None and body.over:
                return _nothing()
            if message["type"] == "http.response.start":
                started = message["status"]
                message = {**message, "headers": answered(engine, call, list(message.get("headers", ())))}
            return send(message)

        token = enter((call, self.engine.policy.across))
        try:
            await self.app(scope, receive, sending)
        except _OverError:
            pass
        finally:
            leave(token)
            for after in call.after:
                waiting = after(started)
                if waiting is not None:
                    await waiting
        if body is not None and body.over and not started:
            self.engine.decisions.refused(call, plan.route, TOO_LARGE)
            await self._refuse(call, send, TOO_LARGE)

    async def _without(self, scope: Scope, receive: Receive, send: Send, call: Call, match: Match) -> None:
        """A request that no reviewed row is for."""
        refusal = unlisted(match)
        nowhere = match.route is None and not match.others
        if self._redirects and nowhere and call.method != "WEBSOCKET" and self._other_slash(call):
            # The router sends the caller to the address with the right ending, and runs no handler.
            await self.app(scope, receive, send)
            return
        stops = self.engine.stops("unlisted")
        self.engine.decisions.refused(call, "unlisted", refusal, observed=not stops)
        if stops:
            await self._refuse(call, send, refusal)
        else:
            await self.app(scope, receive, send)

    def _other_slash(self, call: Call) -> bool:
        path = call.path.rstrip("/") if call.path.endswith("/") else call.path + "/"
        match = self.engine.table.find(call.method, path or "/", _host_of(call.request))
        return bool(match.route or match.others)

    async def _preflight(self, send: Send, call: Call) -> None:
        _, plan = self.engine.find(call.header("access-control-request-method"), call.path, _host_of(call.request))
        headers = preflight(self.engine, call, plan)
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _refuse(self, call: Call, send: Send, refusal: Refusal) -> None:
        if call.method == "WEBSOCKET":
            # Before the handshake is taken, the server answers it with 403.
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.title})
            return
        body = body_of(refusal)
        headers = headers_of(refusal, body) + extra(self.engine, call)
        await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if call.method == "HEAD" else body})


class _GoneError(Exception):
    """Whoever called has left before all of the body was there: nobody waits for an answer."""


class _OverError(Exception):
    """A body turned out larger than it may be while the app was reading it."""


class _Body:
    """The body on its way to the app: what the guard has read comes first; ``largest`` is counted while the rest arrives, -1 for any size."""

    __slots__ = ("_held", "_receive", "_size", "largest", "over")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._held: list[Message] = []
        self._size, self.largest, self.over = 0, -1, False

    async def read(self, largest: int) -> bytes:
        """All of it, or a little more than ``largest`` bytes. Raises :class:`TimeoutError`, and :class:`_GoneError`."""
        # Loaded here: importing it takes longer than all of the guard, and an ASGI server has done so.
        from asyncio import timeout

        content = bytearray()
        async with timeout(_SLOWEST):
            while True:
                message = await self._receive()
                self._held.append(message)
                if message["type"] != "http.request":
                    raise _GoneError
                content += message.get("body", b"")
                if len(content) > largest or not message.get("more_body", False):
                    break
        return bytes(content)

    async def next(self) -> Message:
        """The next message for the app. Raises :class:`_OverError` past the largest size."""
        message = self._held.pop(0) if self._held else await self._receive()
        if self.largest >= 0 and message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            if self._size > self.largest:
                self.over = True
                raise _OverError
        return message


async def _nothing() -> None:
    """What the app says of a body that was cut off goes nowhere."""


async def _no_body(largest: int) -> bytes:
    return b""


class AsgiCall(Call):
    """A request as ASGI tells of it."""

    def __init__(self, scope: Scope, method: str, path: str, params: Mapping[str, str]) -> None:
        listed = scope["headers"]
        raw = dict(listed)
        if len(raw) != len(listed):
            raw, self.twice = joined(listed)
        client = scope.get("client")
        self.method, self.path, self.params, self.raw, self.request = method, path, params, raw, scope
        self.peer = client[0] if client else ""
        self.secure = scope.get("scheme") in _SECURE
        self.bodiless = (
            b"content-length" not in raw and b"transfer-encoding" not in raw and scope.get("http_version") in _HTTP_1
        )

    @property
    def query(self) -> str:
        """The query as it came, without its question mark."""
        return str(self.request.get("query_string", b"").decode("latin-1"))


def _host_of(scope: Scope) -> str:
    """As Starlette's ``Host`` reads it: the first such header, without the port."""
    said = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return str(said.decode("latin-1").partition(":")[0])
