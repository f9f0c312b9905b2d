"""Whose record a request is about: the caller's workspaces, and their own records (CWE-639; OWASP API1:2023)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from launchready_guard.call import Call, Refusal
from launchready_guard.rules import Answer, Resolve, Rule

_NOTHING_HERE = ("Not Found", "There is nothing here for you.")


def tenant(places: tuple[str, ...], across: frozenset[str], resolve: Resolve | None) -> Rule:
    """Only the caller's own workspaces; another's is not there for them."""

    def judge(call: Call, named: Sequence[str]) -> Answer:
        call.bound = named
        identity = call.identity
        if identity is None or not across.isdisjoint(identity.roles):
            return None
        tenants = identity.tenants
        if not tenants:
            return Refusal("tenant", 403, "Forbidden", "You belong to no workspace.", "the identity names no tenant")
        for one in named:
            if one not in tenants:
                return Refusal("tenant", 404, *_NOTHING_HERE, f"tenant {one[:100]!r} is not of {identity.subject}")
        return None

    return _named(places, resolve, judge)


def owner(own: frozenset[str], allow: frozenset[str], places: tuple[str, ...], resolve: Resolve | None) -> Rule:
    """Who reaches only records of their own must be the one a record belongs to."""

    def judge(call: Call, named: Sequence[str]) -> Answer:
        identity = call.identity
        if identity is None or (identity.roles & allow) - own:
            return None
        for one in named:
            if one != identity.subject:
                return Refusal("owner", 404, *_NOTHING_HERE, f"of {one[:100]!r}, not of {identity.subject}")
        return None

    return _named(places, resolve, judge)


def _named(places: tuple[str, ...], resolve: Resolve | None, judge: Callable[[Call, Sequence[str]], Answer]) -> Rule:
    """A rule that judges what a request names at these places, and what the app looks up for somebody who is known."""

    async def later(call: Call, named: Sequence[str], found: Awaitable[Any]) -> Answer:
        told = await found
        return judge(call, named if told is None else [*named, str(told)])

    first, *more = [reader(place) for place in places] or [_nowhere]

    def rule(call: Call) -> Answer | Awaitable[Answer]:
        named = first(call)
        for read in more:
            named = [*named, *read(call)]
        if resolve is None or call.identity is None:
            return judge(call, named)
        found = resolve(call)
        if hasattr(found, "__await__"):
            return later(call, named, found)
        return judge(call, named if found is None else [*named, str(found)])

    return rule


def reader(place: str) -> Callable[[Call], Sequence[str]]:
    """What reads a place such as ``path:workspace_id`` of a request; all of it, when it says it more than once."""
    where, _, name = place.partition(":")
    small, parts = name.lower(), name.split(".")

    def path(call: Call) -> Sequence[str]:
        found = call.params.get(name)
        return () if found is None else (found,)

    def query(call: Call) -> Sequence[str]:
        return [value for key, value in call.fields if key == name]

    def header(call: Call) -> Sequence[str]:
        return _texts(call.header(small) or None)

    def cookie(call: Call) -> Sequence[str]:
        return _texts(call.cookies.get(name))

    def body(call: Call) -> Sequence[str]:
        found = call.said
        for part in parts:
            found = found.get(part) if isinstance(found, Mapping) else None
        return _texts(found)

    return {"path": path, "query": query, "header": header, "cookie": cookie}.get(where, body)


def _nowhere(call: Call) -> Sequence[str]:
    return ()


def _texts(found: Any) -> Sequence[str]:
    return (str(found),) if isinstance(found, str | int) and not isinstance(found, bool) else ()
