"""What is said around an answer, whichever way it is served: by ASGI, by WSGI or by a framework's own middleware."""

from collections.abc import Collection
from typing import Any, NamedTuple

from launchready_guard.call import Call, Refusal
from launchready_guard.engine import NOT_FOUND, Engine
from launchready_guard.routes import Match
from launchready_guard.rules import Plan

Headers = list[tuple[bytes, bytes]]
TOO_LARGE = Refusal("body", 413, "Content Too Large", "The body is larger than this address takes.")
PARTIAL = Refusal("body", 400, "Bad Request", "The body ended before it was complete.")
LENGTH_REQUIRED = Refusal("body", 411, "Length Required", "Say how long the body is.")
TWO_LENGTHS = Refusal("body", 400, "Bad Request", "The body has two lengths.")
TOO_SLOW = Refusal("body", 408, "Request Timeout", "The body did not arrive in time.")
_ALLOWS = b"access-control-allow-origin"


class Passed(NamedTuple):
    """What the app finds as ``launchready`` in its scope or environ: who calls, and the row that let them through."""

    identity: Any
    route: str
    tenant_bound: bool


def extra(engine: Engine, call: Call) -> Headers:
    """The headers that every answer to this call gets."""
    found = [*engine.safe[call.secure], *call.answer]
    return found + engine.origins.headers(call.header("origin")) if b"origin" in call.raw else found


def beside(names: Collection[bytes], ours: Headers, own: frozenset[bytes]) -> tuple[bool, Headers]:
    """Whether the app's own CORS headers go, and which of ours come beside what the app says itself.

    Who may read answers is the policy's matter; what the app says of its own page (``own``) it knows better.
    """
    if own.isdisjoint(names):
        return _ALLOWS in names, ours
    return _ALLOWS in names, [one for one in ours if one[0] not in names or one[0] not in own]


def answered(engine: Engine, call: Call, given: Headers) -> Headers:
    """The headers of the app's answer, ``given``, with ours, as :func:`beside` says."""
    names = dict(given)
    if b"origin" not in call.raw and _ALLOWS not in names and engine.safe_names.isdisjoint(names):
        return [*given, *engine.safe[call.secure], *call.answer]
    theirs, more = beside(names, extra(engine, call), engine.safe_names)
    return [*(one for one in given if not (theirs and one[0].startswith(b"access-control-"))), *more]


def is_preflight(call: Call) -> bool:
    """Whether a browser only asks what it may send."""
    return call.method == "OPTIONS" and b"access-control-request-method" in call.raw and b"origin" in call.raw


def preflight(engine: Engine, call: Call, plan: Plan | None) -> Headers:
    """The headers of the answer (204) to a preflight for the route of ``plan``."""
    wanted = call.header("access-control-request-method")
    headers = engine.origins.preflight(call, wanted) if plan is not None else [(b"vary", b"Origin")]
    return [*headers, *engine.safe[call.secure]]


def unlisted(match: Match) -> Refusal:
    """Why a request that no reviewed row is for does not get through."""
    if match.route is not None or not match.others:
        return NOT_FOUND
    allowed = ", ".join(sorted(match.others))
    return Refusal(
        "unlisted", 405, "Method Not Allowed", f"It takes {allowed}.", headers=((b"allow", allowed.encode()),)
    )
