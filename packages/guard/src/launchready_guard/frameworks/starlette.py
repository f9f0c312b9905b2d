"""The routes of a Starlette or FastAPI app, with those of mounted apps and included routers."""

import importlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from launchready_guard.routes import Route

_EVERYTHING = re.compile(r".*\Z", re.DOTALL)


def routes_of(app: Any) -> list[Route]:
    """Read ``app.routes`` in the order in which the router asks them."""
    return list(_routes(app.routes, _Above()))


def knows(app: Any) -> bool:
    """Whether an app is one of these."""
    return any(kind.__module__.partition(".")[0] in ("starlette", "fastapi") for kind in type(app).__mro__) and hasattr(
        app, "routes"
    )


def redirects(app: Any) -> bool:
    """Whether a path that lacks a slash at its end, or has one too many, is answered with the right one."""
    return bool(getattr(getattr(app, "router", app), "redirect_slashes", False))


class _Above(NamedTuple):
    """What stands above a route: the path of mounts, and the name it answers to, with the pattern of that."""

    path: str = ""
    name: str = ""
    host: re.Pattern[str] | None = None

    def route(self, routing: Any, path: str, methods: Iterable[str] = (), **given: bool) -> Route:
        """A route below; one for a name has it in front: ``//admin.example.com/users`` is no ``/users``."""
        pattern, template, _ = routing.compile_path(self.path + path)
        return Route(frozenset(methods), self.name + template, pattern, host=self.host, **given)


def _routes(routes: Iterable[Any], above: _Above) -> Iterator[Route]:
    routing: Any = importlib.import_module("starlette.routing")
    for route in _flat(routes):
        path: str | None = getattr(route, "path", None)
        inner = getattr(route, "original_route", route)
        if isinstance(inner, routing.Mount):
            yield from _mounted(routing, route, above._replace(path=f"{above.path}{path or ''}"))
        elif isinstance(inner, routing.Host):
            yield from _mounted(routing, inner, above._replace(name=f"//{inner.host_format}", host=inner.host_regex))
        elif path is not None:
            methods = getattr(route, "methods", None) or ()
            yield above.route(routing, path, methods, websocket=isinstance(inner, routing.WebSocketRoute))
        else:
            yield Route(frozenset(), above.name + above.path + "/{path}", _EVERYTHING, opaque=True, host=above.host)


def _mounted(routing: Any, mount: Any, above: _Above) -> Iterator[Route]:
    inner = getattr(mount, "routes", None) or []
    yield from _routes(inner, above)
    # What the mounted app does not route it answers itself: nothing behind the mount is asked any more.
    yield above.route(routing, "/{path:path}", opaque=True, listed=not inner)


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
