"""Limits of express-rate-limit: those a route names, and those that ``use`` puts before it."""

from collections.abc import Iterator

from launchready.model.inputs import StatedLimit
from launchready.model.surface import Endpoint
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.rates.keys import ADDRESS, counts
from launchready.sources.rates.words import number, seconds_of
from launchready.sources.resolver import Resolver

_MAKERS = frozenset(("rateLimit", "RateLimit", "rateLimiter", "default", "rate_limit"))
_PACKAGE = "express-rate-limit"
# As its documentation gives them.
_COUNT, _MILLISECONDS = 5, 60_000


def of_route(resolver: Resolver, module: Module, endpoint: Endpoint) -> Iterator[StatedLimit]:
    """What the call that registers a route allows, and what its receiver uses before it."""
    route = next((one for one in module.calls if one.line == endpoint.source.line and _is_route(one, endpoint)), None)
    if route is None:
        return
    owner = route.text.rpartition(".")[0]
    for one in module.calls:
        if one.text == f"{owner}.use" and one.line < route.line and _before(resolver, module.path, one, endpoint.path):
            yield from _limits(resolver, module.path, one)
    yield from _limits(resolver, module.path, route)


def _is_route(call: Expr, endpoint: Endpoint) -> bool:
    return call.text.rpartition(".")[2].upper() in (endpoint.method, "ALL") and bool(call.items)


def _before(resolver: Resolver, path: str, call: Expr, address: str) -> bool:
    """Whether what is used there stands before an address: everywhere, or below what it names."""
    first = next(iter(call.items), None)
    if first is None or first.kind != "str":
        return True
    prefix = resolver.text(path, first).rstrip("/")
    return address == prefix or address.startswith(f"{prefix}/") or f"{prefix}/" in f"{address}/"


def _limits(resolver: Resolver, path: str, call: Expr) -> Iterator[StatedLimit]:
    for item in call.items:
        made, at = item, path
        if item.kind == "name" and (found := resolver.find(path, item.text)) is not None and found.binding is not None:
            made, at = found.binding.value, found.path
        if made.kind == "call" and _makes_one(resolver, at, made):
            yield _stated(at, made)


def _makes_one(resolver: Resolver, path: str, call: Expr) -> bool:
    module = resolver.module(path)
    entry = module.imports.get(call.text.partition(".")[0]) if module is not None else None
    if entry is not None:
        return entry.module == _PACKAGE
    return call.text.rpartition(".")[2] in _MAKERS


def _stated(path: str, call: Expr) -> StatedLimit:
    """``rateLimit({ windowMs: 15 * 60 * 1000, limit: 9 })``; it counts addresses where it names no key."""
    given = next(iter(call.items), None)
    count = given and (given.get("limit") or given.get("max"))
    window, key = given and given.get("windowMs"), given and given.get("keyGenerator")
    per = ADDRESS if key is None else counts(key.function.code if key.function is not None else key.text)
    most = number(count.text) if count else _COUNT
    return StatedLimit(most, seconds_of(window.text if window else f"{_MILLISECONDS}"), per, path, call.line)
