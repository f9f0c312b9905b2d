"""What fastapi-users brings (fastapi-users.github.io: routers, current user): the routes of its routers, and whom its dependency lets through."""

from collections.abc import Iterator

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Route, join
from launchready.sources.readings import Guard, Reading

_NOBODY, _MEMBER, _SUPER = "", "member", "superuser"
# The routes of each router: method, address, whom they let through.
_ROUTERS = {
    "get_auth_router": (("POST", "login", _NOBODY), ("POST", "logout", _MEMBER)),
    "get_register_router": (("POST", "register", _NOBODY),),
    "get_verify_router": (("POST", "request-verify-token", _NOBODY), ("POST", "verify", _NOBODY)),
    "get_reset_password_router": (("POST", "forgot-password", _NOBODY), ("POST", "reset-password", _NOBODY)),
    "get_oauth_router": (("GET", "authorize", _NOBODY), ("GET", "callback", _NOBODY)),
    "get_oauth_associate_router": (("GET", "authorize", _MEMBER), ("GET", "callback", _MEMBER)),
    "get_users_router": (
        ("GET", "me", _MEMBER),
        ("PATCH", "me", _MEMBER),
        ("GET", "{id}", _SUPER),
        ("PATCH", "{id}", _SUPER),
        ("DELETE", "{id}", _SUPER),
    ),
}


def brought(path: str, call: Expr | None, prefix: str, reading: Reading) -> Iterator[Route]:
    """The routes of a router that ``fastapi_users.get_users_router(…)`` makes, below the prefix it is included with."""
    if call is None or call.kind != "call":
        return
    name = call.text.rpartition(".")[2]
    for method, address, whom in _ROUTERS.get(name, ()):
        span = Span(path, call.line, f"{name} of fastapi-users lets nobody through who has no session")
        guard = (Guard(span, ("admin",) if whom == _SUPER else ()),) if whom else ()
        yield Route(method, join(prefix, address), name, path, call.line, reading=reading + Reading(guard))


def current_user(call: Expr, span: Span) -> Reading:
    """Whom ``fastapi_users.current_user(…)`` lets through."""
    options = {name: value.text == "True" for name, value in call.named}
    if options.get("optional"):
        return Reading()
    what = f"{call.text} of fastapi-users"
    return Reading((Guard(Span(span.file, span.line, what), ("admin",) if options.get("superuser") else ()),))
