"""Whether what is thrown, or given to ``next``, refuses: an error whose status is 401 or 403, also when a factory makes it."""

import re

from launchready.sources.resolver import Resolver
from launchready.sources.stranger.syntax import Syntax

_NAMED = re.compile(
    r"(?:Unauthori[sz]ed|Forbidden|PermissionDenied|AccessDenied|NotAuthori[sz]ed|NotAuthenticated|Unauthenticated|AuthenticationError|"
    r"AuthenticationFailed|AuthorizationError|InvalidCredentials|NotAllowed\b|InsufficientPermission)",
    re.I,
)
# `isForbidden(error)` asks, and makes no error.
_ASKS = re.compile(r"^_?(?:is|has|can|check|handle|on|assert|ensure|require|to|log|set|throw)[A-Z_]")
_STATUS = re.compile(r"\b(?:40[13]|(?:HTTP_?(?:STATUS)?_?)?(?:UNAUTHORIZED|FORBIDDEN))\b")
_HOPS, _LONGEST = 3, 1500


def refuses(resolver: Resolver, path: str, made: Syntax, hops: int = _HOPS) -> bool:
    """Whether ``new X(...)`` or ``make(...)`` is an error that refuses: by its status, by its class, or by what its factory is given."""
    called = made.get("constructor") or made.get("function")
    arguments = made.get("arguments")
    name = called.text if called is not None else ""
    last = name.rsplit(".", 1)[-1]
    if made.kind == "call_expression" and _ASKS.match(last):
        return False
    if _STATUS.search(arguments.text if arguments is not None else "") or _NAMED.search(last):
        return True
    return _by_name(resolver, path, name.strip("()").split(",")[-1].strip(), hops)


def _by_name(resolver: Resolver, path: str, name: str, hops: int) -> bool:
    found = resolver.find(path, name) if re.fullmatch(r"[\w.$]+", name) and hops else None
    if found is None:
        return False
    if found.function is not None:
        # What makes an error is short; elsewhere such a number says nothing of what is made.
        if len(found.function.code) < _LONGEST and _STATUS.search(found.function.code):
            return True
        return any(
            _NAMED.search(one.text) or _by_name(resolver, found.path, one.text, hops - 1)
            for one in found.function.bases
        )
    value = found.binding.value if found.binding else None
    # const ForbiddenError = createError("FORBIDDEN", "…", 403)
    return value is not None and value.kind == "call" and any(_STATUS.search(f"{item.text}") for item in value.items)
