"""The routes of a Starlette or FastAPI app, with those of mounted apps and included routers."""

import importlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from launchready_guard.routes import Route

_EVERYTHING = re.compile(r".*\Z", re.DOTALL)


def routes_of(app: Any) -> list[Route]:
    """Read ``app.routes`` in the order in which the router asks them."""
    return list(_routes(app.routes, ""))


def knows(app: Any) -> bool:
    """Whether an app is one of these."""
    return any(kind.__module__.partition(".")[0] in ("starlette", "fastapi") for kind in type(app).__mro__) and hasattr(
        app, "routes"
    )


def redirects(app: Any) -> bool:
    """Whether a path that lacks a slash at its end, or has one too many, is answered with the right one."""
    return bool(getattr(getattr(app, "router", app), "redirect_slashes", False))


def _routes(routes: Iterable[Any], prefix: str) -> Iterator[Route]:
    routing: Any = importlib.import_module("starlette.routing")
    for route in _flat(routes):
        path: str | None = getattr(route, "path", None)
        inner = getattr(route, "original_route", route)
        if isinstance(inner, routing.Mount):
            yield from _mounted(routing, route, f"{prefix}{path or ''}")
        elif isinstance(inner, routing.Host):
            # Whatever its routes are, they hold for one name; the policy speaks of addresses.
            yield Route(frozenset(), prefix + "/{path}", _EVERYTHING, opaque=True)
        elif path is not None:
            pattern, template, _ = routing.compile_path(prefix + path)
            methods = frozenset(getattr(route, "methods", None) or ())
            yield Route(methods, template, pattern, isinstance(inner, routing.WebSocketRoute))
        else:
            yield Route(frozenset(), prefix + "/{path}", _EVERYTHING, opaque=True)


def _mounted(routing: Any, mount: Any, prefix: str) -> Iterator[Route]:
    inner = getattr(mount, "routes", None) or []
    yield from _routes(inner, prefix)
    # What the mounted app does not route it answers itself: nothing behind the mount is asked any more.
    pattern, template, _ = routing.compile_path(prefix + "/{path:path}")
    yield Route(frozenset(), template, pattern, opaque=True, listed=not inner)


def _flat(routes: Iterable[Any]) -> Iterable[Any]:
    """Routes with those of included routers in place, as newer FastAPI keeps them."""
    if not any(type(route).__module__.startswith("fastapi") for route in routes):
        return routes
    fastapi: Any = importlib.import_module("fastapi.routing")
    each = getattr(fastapi, "iter_route_contexts", None)
    return each(routes) if each is not None else routes


def path_of(scope: Any) -> str:
    """The path its router sees: without the prefix a server or a mount has taken (``root_path``, ASGI specification)."""
    path, root = scope["path"], scope.get("root_path", "")
    if not root or not path.startswith(root):
        return str(path)
    rest = path[len(root) :]
    return str(rest) if not rest or rest.startswith("/") else str(path)
