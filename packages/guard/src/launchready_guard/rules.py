"""The rules, one function each: what a request must be for them to let it on, or the refusal.

A rule looks at one call and one plan, the row of the policy with what follows from it. It changes nothing but what the call itself collects.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from launchready_guard.body import BodyError, form_fields, reads_as_json, strict_json
from launchready_guard.browsers import FIELD, SAFE, Origins, foreign, holds
from launchready_guard.call import Call, Refusal
from launchready_guard.policy.model import Limit, Policy, Row
from launchready_guard.schemes import Scheme, SignatureError, verify
from launchready_guard.stores.interface import Deliveries
from launchready_guard.tokens import TokenError

Answer = Refusal | None
Rule = Callable[[Call], Answer | Awaitable[Answer]]
Identify = Callable[[Call], Any]
Resolve = Callable[[Call], Any]
_FORMS = frozenset(("application/x-www-form-urlencoded", "multipart/form-data"))
_UNREAD = Refusal("body", 415, "Unsupported Media Type", "Send it as JSON or as a form, and say so in Content-Type.")
WITH_BODY = frozenset(("POST", "PUT", "PATCH", "DELETE"))


@dataclass(frozen=True, slots=True)
class Plan:
    """A row, the rules a call is asked by in their order, and whether each only observes. ``plain`` are those that have something to ask of a
    call without a body whose headers came once each, as most do. ``largest`` is the size in bytes at which a body that the guard did not read
    itself is cut off, -1 for any size."""

    row: Row
    route: str
    rules: tuple[tuple[Rule, bool], ...]
    plain: tuple[tuple[Rule, bool], ...]
    largest: int


def host(hosts: frozenset[str]) -> Rule:
    """Only the names the app answers to (CWE-644, poisoned links)."""

    def rule(call: Call) -> Answer:
        if call.host in hosts:
            return None
        return Refusal("host", 421, "Misdirected Request", "This name is not served here.", f"host {call.host[:100]!r}")

    return rule


def twice(call: Call) -> Answer:
    """Headers that say two things at once: the app might believe the other one."""
    if not call.twice:
        return None
    names = ", ".join(sorted(call.twice))
    return Refusal("body", 400, "Bad Request", f"A header came more than once: {names}.")


def body(largest: int, *, keep: bool, said: bool = False) -> Rule:
    """Not larger than the row takes, and strict JSON where it is JSON. ``keep`` reads it whatever it is, for a rule that needs it;
    ``said`` refuses what is neither JSON nor a form, since an app that reads it as such would see what no rule saw."""
    too_large = Refusal("body", 413, "Content Too Large", f"The body may have at most {largest} bytes.")

    async def read(call: Call, kind: str) -> Answer:
        call.content = content = await call.receive(largest)
        if len(content) > largest:
            return too_large
        try:
            if content and (_is_json(kind) or (kind != "multipart/form-data" and reads_as_json(content))):
                # Whatever it says it is: apps that call json.loads do not ask.
                call.said = strict_json(content)
            elif kind in _FORMS:
                call.said = form_fields(kind, call.header("content-type"), content)
            elif said and content:
                return _UNREAD
        except (BodyError, ValueError) as error:
            detail = str(error) if isinstance(error, BodyError) else "The form has too many fields."
            return Refusal("body", 400, "Bad Request", detail)
        return None

    def rule(call: Call) -> Answer | Awaitable[Answer]:
        raw = call.raw
        length = raw.get(b"content-length")
        if call.bodiless:
            return None
        if length is None:
            pass
        elif not length.isdigit() or len(length) > 15:
            return Refusal("body", 400, "Bad Request", "Content-Length is no number.")
        elif int(length) > largest:
            return too_large
        kind = call.header("content-type").partition(";")[0].strip().lower()
        return read(call, kind) if keep or _is_json(kind) else None

    return rule


def _is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json")


@dataclass(slots=True)
class Signature:
    """Signed by its sender, in time, and not delivered before: a delivery counts as such once the app took it."""

    scheme: Scheme
    secret: str = field(repr=False)
    seconds: int
    deliveries: Deliveries
    clock: Callable[[], float]

    def __call__(self, call: Call) -> Answer | Awaitable[Answer]:
        try:
            mark = verify(self.scheme, self.secret, call.header, call.content, self.clock(), self.seconds)
        except SignatureError as error:
            return Refusal("signature", 401, "Unauthorized", "The signature is missing, wrong or too old.", str(error))
        key = hashlib.blake2b(mark.encode(), digest_size=16).hexdigest()
        begun = self.deliveries.begin(key, 2 * self.seconds if self.scheme.time or self.scheme.pairs else 86_400)
        call.after += (lambda status: self.deliveries.end(key, taken=200 <= status < 300),)
        if isinstance(begun, bool):
            return self._seen(begun)
        return self._later(begun)

    async def _later(self, begun: Awaitable[bool]) -> Answer:
        return self._seen(await begun)

    def _seen(self, first: bool) -> Answer:
        if first:
            return None
        return Refusal("signature", 409, "Conflict", "This delivery was taken before.", "replayed")


def access(row: Row, identify: Identify, sign_in: str) -> Rule:
    """Whoever calls must hold a role the row allows."""
    allowed, public = frozenset(row.allow), row.public

    def judge(call: Call) -> Answer:
        identity = call.identity
        if identity is None:
            if public:
                return None
            if sign_in and call.method == "GET" and "text/html" in call.header("accept"):
                return Refusal("access", 303, "See Other", "", "nobody is signed in", location=sign_in)
            challenge = (b"www-authenticate", b"Bearer")
            return Refusal("access", 401, "Unauthorized", "Sign in first.", "nobody is signed in", (challenge,))
        if public or not allowed.isdisjoint(identity.roles):
            return None
        held = ", ".join(sorted(identity.roles)) or "none"
        return Refusal(
            "access", 403, "Forbidden", "Your role may not do this.", f"role {held}; allowed: {', '.join(row.allow)}"
        )

    async def later(call: Call, found: Awaitable[Any]) -> Answer:
        try:
            call.identity = await found
        except TokenError as error:
            return unproven(call, error)
        return judge(call)

    def unproven(call: Call, error: TokenError) -> Answer:
        if row.public:
            return None
        challenge = (b"www-authenticate", b'Bearer error="invalid_token"')
        return Refusal(
            "access", 401, "Unauthorized", "The session or token is not valid. Sign in again.", str(error), (challenge,)
        )

    def rule(call: Call) -> Answer | Awaitable[Answer]:
        try:
            found = identify(call)
        except TokenError as error:
            return unproven(call, error)
        if hasattr(found, "__await__"):
            return later(call, found)
        call.identity = found
        return None if found is not None and not allowed.isdisjoint(found.roles) else judge(call)

    return rule


def csrf(origins: Origins, hosts: tuple[str, ...], key: bytes, cookie: str) -> Rule:
    """A write that a browser's cookies speak for must come from a page of this site. With a ``key`` it must also hold the token of its session."""

    def rule(call: Call) -> Answer:
        identity = call.identity
        if call.method in SAFE or (identity is not None and not identity.cookie):
            return None
        if identity is None and (call.method == "WEBSOCKET" or origins.allow(call.header("origin"))):
            return None
        why = foreign(call, origins, hosts)
        if not why and key and identity is not None:
            token = call.header(FIELD) or _field(call.said, "csrf_token")
            why = "" if token and holds(token, call.cookies.get(cookie, ""), key) else "no token of this session"
        return Refusal("csrf", 403, "Forbidden", "This came from another website.", why) if why else None

    return rule


def _field(said: Any, name: str) -> str:
    found = said.get(name) if isinstance(said, dict) else None
    return found if isinstance(found, str) else ""


def needs_body(row: Row, plan: tuple[Limit, ...], policy: Policy) -> bool:
    """Whether a rule of the row reads the body."""
    by_body = any(place.startswith("body:") for place in (*policy.params, *policy.owners))
    account = any(limit.per == "account" for limit in plan) and row.public
    return row.method in (*WITH_BODY, "ANY") and bool(row.signature or account or (by_body and (row.tenant or row.own)))
