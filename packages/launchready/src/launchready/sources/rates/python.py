"""Limits that decorators of Python set: flask-limiter, slowapi and django-ratelimit."""

from collections.abc import Iterator

from launchready.model.inputs import StatedLimit
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.rates.keys import counts
from launchready.sources.rates.words import rates
from launchready.sources.resolver import Resolver

_NAMES = frozenset(("limit", "shared_limit"))
_DJANGO = "ratelimit"


def of_function(resolver: Resolver, path: str, function: Function) -> Iterator[StatedLimit]:
    """What the decorators of a view allow, in their order."""
    for one in function.decorators:
        inner = one.items[0] if one.text.endswith("method_decorator") and one.items else one
        last = inner.text.rsplit(".", 1)[-1]
        if last == _DJANGO:
            yield from _django(resolver, path, inner)
        elif last in _NAMES and "." in inner.text:
            yield from _limiter(resolver, path, inner)


def _limiter(resolver: Resolver, path: str, call: Expr) -> Iterator[StatedLimit]:
    """``@limiter.limit("6 per minute", key_func=account)``; without a key, that of the limiter counts."""
    limiter = resolver.find(path, call.text.rpartition(".")[0])
    made = limiter.binding.value if limiter is not None and limiter.binding is not None else None
    if made is None or made.kind != "call" or not made.text.endswith("Limiter"):
        return
    key = call.get("key_func")
    at = path
    if key is None:
        key, at = made.get("key_func") or next(iter(made.items), None), limiter.path if limiter else path
    per = counts(_code(resolver, at, key))
    for count, seconds in rates(resolver.text(path, next(iter(call.items), call.get("limit_value")))):
        yield StatedLimit(count, seconds, per, path, call.line)


def _django(resolver: Resolver, path: str, call: Expr) -> Iterator[StatedLimit]:
    """``@ratelimit(key="post:username", rate="5/m")``."""
    per = counts(_code(resolver, path, call.get("key")))
    for count, seconds in rates(resolver.text(path, call.get("rate"))):
        yield StatedLimit(count, seconds, per, path, call.line)


def _code(resolver: Resolver, path: str, key: Expr | None) -> str:
    """The words of a key: its text, or the name and the code of the function that makes it."""
    if key is None:
        return ""
    if key.function is not None:
        return key.function.code
    found = resolver.find(path, key.text) if key.kind == "name" else None
    return found.function.code if found is not None and found.function is not None else key.text
