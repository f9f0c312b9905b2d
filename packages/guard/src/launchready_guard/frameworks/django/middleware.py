"""``GuardMiddleware``: what the policy does not allow gets no further than here."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import ImproperlyConfigured, RequestDataTooBig
from django.http import HttpResponse, RawPostDataException, UnreadablePostError
from django.urls import ResolverMatch

from launchready_guard.answers import (
    PARTIAL,
    TOO_LARGE,
    TWO_LENGTHS,
    Headers,
    Passed,
    beside,
    extra,
    is_preflight,
    preflight,
    unlisted,
)
from launchready_guard.blocking import PartialError, done
from launchready_guard.call import Call, Refusal
from launchready_guard.frameworks.django.options import Door
from launchready_guard.problem import body_of, headers_of
from launchready_guard.routes import Match
from launchready_guard.rules import Plan
from launchready_guard.tenancy import Tenants, enter, leave, of_call
from launchready_guard.wsgi import headers_in

_ALL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_LISTS = ("vary", "ratelimit", "ratelimit-policy")


class GuardMiddleware:
    """Put it behind ``AuthenticationMiddleware``, and before whatever must not run for requests that may not get through.

    ``settings.LAUNCHREADY_GUARD`` is a table: ``policy`` (a path below ``BASE_DIR``), ``identify``, ``tenant`` and ``owner`` (functions of a
    :class:`~launchready_guard.call.Call`, whose ``request`` is Django's, or their dotted names), and what :class:`launchready_guard.Guard` takes.
    Without ``identify`` callers are who ``request.user`` is: their groups are roles, and ``role`` ("member"), ``staff`` and ``admin``
    beside; ``tenants`` is a function that gives a user's workspaces. Views find who calls in ``request.launchready``.

    Raises :class:`~launchready_guard.policy.PolicyError` when it is made while a route has no reviewed row: the project does not serve.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._get_response = get_response
        self._waits = iscoroutinefunction(get_response)
        if self._waits:
            markcoroutinefunction(self)
        self._door = Door(waits=self._waits)
        # Django would hand a plain function to another thread where an event loop runs.
        self.process_view = self._same_view_later if self._waits else self._same_view

    def __call__(self, request: Any) -> Any:
        """Answer a request, or let the project do it."""
        if self._waits:
            return self._serve(request, self._get_response)

        async def at_once(asked: Any) -> Any:
            return self._get_response(asked)

        return done(self._serve(request, at_once))

    async def _same_view_later(self, request: Any, view: Any, args: Any, kwargs: Any) -> Any:
        return self._same_view(request, view, args, kwargs)

    def _same_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> Any:
        """Before Django runs a view: it is the one that was judged, whatever middleware behind the guard made of the request."""
        judged = getattr(request, "launchready_judged", None)
        if judged == _judged(request, request.resolver_match) or not self._door.engine.stops("unlisted"):
            return None
        return self._refused(_call(request), unlisted(Match(None)))

    async def _serve(self, request: Any, answer: Callable[[Any], Awaitable[Any]]) -> Any:
        engine, decisions = self._door.engine, self._door.decisions
        call = _call(request)
        call.address = engine.addresses.of(call.peer, call.header)
        if is_preflight(call):
            return self._preflight(request, call)
        match, found = self._door.urls.find(request)
        plan = engine.plan(match, call.method)
        if plan is None:
            return await self._without(request, call, match, answer)
        call.params = match.params
        refusal = await self._decide(request, call, plan)
        for observed in call.observed:
            decisions.refused(call, plan.route, observed, observed=True)
        if refusal is not None:
            decisions.refused(call, plan.route, refusal)
            return self._refused(call, refusal)
        decisions.passed(plan.route)
        request.launchready = Passed(call.identity, plan.route, plan.row.tenant)
        request.launchready_judged = _judged(request, found)
        return await self._pass(request, call, answer)

    async def _decide(self, request: Any, call: Call, plan: Plan) -> Refusal | None:
        engine = self._door.engine
        if b"transfer-encoding" in call.raw and b"content-length" in call.raw and engine.stops("body", plan.row):
            return TWO_LENGTHS
        try:
            refusal = await engine.decide(call, plan)
            if refusal is None and plan.largest >= 0:
                refusal = _whole(request, call, plan.largest)
        except RequestDataTooBig:
            return TOO_LARGE
        except (PartialError, UnreadablePostError):
            return PARTIAL
        return refusal

    async def _pass(self, request: Any, call: Call, answer: Callable[[Any], Awaitable[Any]]) -> Any:
        tenants = of_call(call, self._door.policy.across)
        token, status = enter(tenants), 0
        try:
            response = await answer(request)
            status = response.status_code
        finally:
            leave(token)
            for after in call.after:
                waiting = after(status)
                if waiting is not None:
                    await waiting
        if getattr(response, "streaming", False):
            each = _later if response.is_async else _now
            response.streaming_content = each(response.streaming_content, tenants)
        return self._with_headers(response, call)

    async def _without(self, request: Any, call: Call, match: Match, answer: Callable[[Any], Awaitable[Any]]) -> Any:
        """A request that no reviewed row is for."""
        if match.redirects:
            # CommonMiddleware sends the caller to the address with the slash, and no view runs.
            return self._with_headers(await answer(request), call)
        others = frozenset(method for method in _ALL if self._door.engine.plan(match, method) is not None)
        refusal, stops = unlisted(Match(None, others=others or match.others)), self._door.engine.stops("unlisted")
        self._door.decisions.refused(call, "unlisted", refusal, observed=not stops)
        return self._refused(call, refusal) if stops else self._with_headers(await answer(request), call)

    def _preflight(self, request: Any, call: Call) -> HttpResponse:
        wanted = call.header("access-control-request-method")
        match, _ = self._door.urls.find(_Asked(request.path_info, wanted, getattr(request, "urlconf", None)))
        response = HttpResponse(status=204)
        del response.headers["content-type"]
        return _put(response, preflight(self._door.engine, call, self._door.engine.plan(match, wanted)))

    def _refused(self, call: Call, refusal: Refusal) -> HttpResponse:
        body = body_of(refusal)
        response = HttpResponse(b"" if call.method == "HEAD" else body, status=refusal.status)
        return _put(response, headers_of(refusal, body) + extra(self._door.engine, call))

    def _with_headers(self, response: Any, call: Call) -> Any:
        names = {name.lower().encode() for name in response.headers}
        theirs, more = beside(names, extra(self._door.engine, call), self._door.engine.safe_names)
        for name in [name for name in response.headers if theirs and name.lower().startswith("access-control-")]:
            del response.headers[name]
        return _put(response, more)


class _Asked:
    """A request that a preflight asks for."""

    def __init__(self, path_info: str, method: str, urlconf: Any) -> None:
        self.path_info, self.method, self.urlconf = path_info, method, urlconf


def _judged(request: Any, found: ResolverMatch | None) -> tuple[Any, ...] | None:
    return (request.method, found.route, found.func, found.args, found.kwargs) if found is not None else None


def _call(request: Any) -> Call:
    async def content(largest: int) -> bytes:
        return _content(request)

    meta = request.META
    peer = str(meta.get("REMOTE_ADDR", ""))
    query = str(meta.get("QUERY_STRING", ""))
    return Call(
        request.method, request.path_info, headers_in(meta), query, peer, content, request.is_secure(), request=request
    )


def _content(request: Any) -> bytes:
    """The body, which Django keeps. Raises :class:`PartialError` when it is shorter than it says."""
    try:
        body: bytes = request.body
    except RawPostDataException as error:
        raise ImproperlyConfigured("Middleware before the guard has read the body. Put the guard before it.") from error
    said = str(request.META.get("CONTENT_LENGTH") or "0")
    if said.isdigit() and len(body) < int(said):
        raise PartialError("The client left before its body was complete.")
    return body


def _whole(request: Any, call: Call, largest: int) -> Refusal | None:
    """That the body is all there, and not larger than it may be, where Django would not look."""
    if b"content-length" in call.raw:
        # Uploads are streamed: reading them here would bring them into memory.
        if not call.header("content-type").startswith("multipart/"):
            _content(request)
        return None
    stream: Any = getattr(request, "_stream", None)
    if stream is None or not stream.seekable() or call.content:
        return None
    # Under ASGI Django has put all of it into a file before any middleware runs.
    size = stream.seek(0, 2)
    stream.seek(0)
    return TOO_LARGE if size > largest else None


def _put(response: Any, headers: Headers) -> Any:
    for name, value in headers:
        small, said = name.decode("latin-1"), value.decode("latin-1")
        before = response.headers.get(small) if small in _LISTS else None
        response.headers[small] = f"{before}, {said}" if before else said
    return response


def _now(parts: Any, tenants: Tenants | None) -> Iterator[Any]:
    """Parts that the project makes while they are sent, for the same tenants."""
    waiting, nothing = iter(parts), object()
    while True:
        token = enter(tenants)
        try:
            part = next(waiting, nothing)
        finally:
            leave(token)
        if part is nothing:
            return
        yield part


async def _later(parts: Any, tenants: Tenants | None) -> AsyncIterator[Any]:
    waiting = aiter(parts)
    while True:
        token = enter(tenants)
        try:
            part = await anext(waiting)
        except StopAsyncIteration:
            return
        finally:
            leave(token)
        yield part
