"""What stands before the handlers of a Litestar layer and knows the caller, and the paths it leaves out (docs.litestar.dev: security, ``exclude``)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader
from launchready.sources.readings import Guard, Reading

# Those of the framework itself answer 401 to whoever brings no session.
_OWN = re.compile(r"JWT\w*Auth|SessionAuth|SessionCookieAuth|AbstractAuthenticationMiddleware")
_AUTH = re.compile(rf"{_OWN.pattern}|AuthenticationMiddleware")
_BESIDE = re.compile(r"\.(?:on_app_init|middleware)$")


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before: ``left_out`` are patterns of paths it does not look at, None where they could not be read; ``key`` is the word by which a handler says that it wants none of it."""

    what: str
    span: Span
    refuses: bool
    left_out: tuple[str, ...] | None
    key: str

    def reading(self, path: str, handler: Expr) -> Reading:
        """What it demands of whoever calls the handler at this path."""
        out = handler.get(self.key)
        if self.left_out is not None and (
            (out is not None and out.text.lower() == "true") or any(_matches(one, path) for one in self.left_out)
        ):
            return Reading()
        if not self.refuses or self.left_out is None or out is not None:
            return Reading(
                unsure=(replace(self.span, what=f"{self.what} refuses strangers, except on the paths it leaves out"),)
            )
        return Reading((Guard(replace(self.span, what=f"{self.what} refuses strangers"), by_caller=True),))


def before(reader: Reader, path: str, call: Expr) -> Iterator[Before]:
    """Middleware and plugins of a layer that know the caller."""
    said = call.get("on_app_init"), call.get("middleware"), call.get("plugins")
    for item in (one for given in said if given is not None for one in (*given.items, given) if one.text):
        name = _BESIDE.sub("", item.text)
        found = reader.resolver.find(path, name)
        bound = found.binding.value if found and found.binding else None
        where, made = (found.path, bound) if found and bound is not None and bound.kind == "call" else (path, item)
        last = made.text.rsplit(".", 1)[-1]
        inner = made.items[0].text if last == "DefineMiddleware" and made.items else made.text
        kind = _kind(reader, where, inner, last)
        if kind is not None:
            key = made.get("exclude_opt_key")
            word = reader.resolver.text(where, key) if key is not None else "exclude_from_auth"
            yield Before(inner, Span(path, call.line, ""), kind, _left_out(reader, where, made.get("exclude")), word)


def _kind(reader: Reader, path: str, name: str, last: str) -> bool | None:
    """Whether it refuses strangers for certain; None where it does not know the caller at all."""
    found = reader.resolver.find(path, name.split("[", 1)[0])
    function = found.function if found and found.function and found.function.is_class else None
    if function is None or found is None:
        return True if _OWN.search(name) or _OWN.search(last) else False if _AUTH.search(name) else None
    if not any(_AUTH.search(base.text) for base in function.bases):
        return None
    asks = next((one for one in function.methods if one.name == "authenticate_request"), None)
    guard = reader.guards.function(found.path, asks) if asks is not None else None
    return guard is not None and not guard.doubt


def _left_out(reader: Reader, path: str, value: Expr | None) -> tuple[str, ...] | None:
    if value is None:
        return ()
    items = value.items if value.kind == "list" else (value,)
    found = [reader.resolver.text(path, one) for one in items]
    return tuple(found) if all(found) and all(_plain(one) for one in found) else None


def _plain(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return "{" not in pattern


def _matches(pattern: str, path: str) -> bool:
    """As Litestar does it: anywhere in the path."""
    return re.search(pattern, path) is not None
