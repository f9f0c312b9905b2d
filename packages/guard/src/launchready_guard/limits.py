"""How often one caller, or whoever calls for one account, gets through."""

import hashlib
from collections.abc import Awaitable, Callable
from math import ceil
from typing import Any

from launchready_guard.body import ACCOUNT
from launchready_guard.call import Call, Refusal
from launchready_guard.limiter import Count
from launchready_guard.policy.model import Limit
from launchready_guard.rules import Answer, Rule
from launchready_guard.stores.interface import Store, WaitingStore


def limits(
    store: Store | WaitingStore, name: str, wanted: tuple[Limit, ...], subject: Callable[[Call], str], *, strict: bool
) -> Rule:
    """At most so many attempts of one subject. ``name`` is what shares the count; ``strict`` whether it is tightened while the store is away."""
    if store.waits:
        return _later([(store.counter(_key(name, one), one, strict), _Told(name, one)) for one in wanted], subject)
    return _at_once([(store.counter(_key(name, one), one, strict), _Told(name, one)) for one in wanted], subject)


def _at_once(counted: list[tuple[Callable[[str], Count], "_Told"]], subject: Callable[[Call], str]) -> Rule:
    def rule(call: Call) -> Answer:
        key = subject(call)
        if not key:
            return None
        for count, told in counted:
            within, left, reset = found = count(key)
            call.answer += (told.policy, (b"ratelimit", told.form % (left, ceil(reset) or 1)))
            if not within:
                return told.refusal(found)
        return None

    return rule


def _later(counted: list[tuple[Callable[[str], Awaitable[Count]], "_Told"]], subject: Callable[[Call], str]) -> Rule:
    async def asked(call: Call, key: str) -> Answer:
        for count, told in counted:
            within, left, reset = found = await count(key)
            call.answer += (told.policy, (b"ratelimit", told.form % (left, ceil(reset) or 1)))
            if not within:
                return told.refusal(found)
        return None

    def rule(call: Call) -> Answer | Awaitable[Answer]:
        key = subject(call)
        return asked(call, key) if key else None

    return rule


class _Told:
    """What a caller is told of one limit: the header ``policy``, and ``form``, which a count makes the other of."""

    __slots__ = ("_limit", "_name", "form", "policy")

    def __init__(self, name: str, limit: Limit) -> None:
        self._name, self._limit = name, limit
        self.policy = (b"ratelimit-policy", f'"{name}";q={limit.count};w={limit.seconds}'.encode())
        self.form = f'"{name}"'.encode().replace(b"%", b"%%") + b";r=%d;t=%d"

    def refusal(self, found: Count) -> Refusal:
        limit, wait = self._limit, ceil(found.reset) or 1
        per = "" if limit.per == "address" else " for this account"
        return Refusal(
            "limits",
            429,
            "Too Many Requests",
            f"Too many attempts{per}. Try again in {wait} s.",
            f"{self._name}: more than {limit.count} in {limit.seconds} s per {limit.per}",
            ((b"retry-after", str(wait).encode()),),
        )


def _key(name: str, limit: Limit) -> str:
    return f"{name}:{limit.per}:{limit.seconds}"


def by_address(call: Call) -> str:
    """The client's address; those who have none share one count."""
    return call.address or "nobody"


def by_account(call: Call) -> str:
    """Who is signed in, or the account a form names; nothing is stored of it but a digest."""
    named = f"is {call.identity.subject}" if call.identity is not None else _named(call.said)
    return hashlib.blake2b(named.encode("utf-8", "replace"), digest_size=16).hexdigest() if named else ""


def _named(said: Any) -> str:
    tables = [said, *(said.values() if isinstance(said, dict) else ())]
    for table in tables:
        if isinstance(table, dict):
            small = {str(key).lower(): value for key, value in table.items()}
            for name in ACCOUNT:
                if isinstance(small.get(name), str | int) and str(small[name]).strip():
                    return f"names {str(small[name]).strip().casefold()}"
    return ""
