"""The routes an app has mounted, and which of them a request reaches: in the framework's own order, by its own patterns.

A framework's adapter gives the list; :class:`Table` only makes the search quick. Where the app is not one of a known framework, the rows of the
policy are the routes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from launchready_guard.policy.model import Policy

_PARAMETER = re.compile(r"\{([^{}:]+)(?::[^{}]*)?\}")
_PLAIN = re.compile(r"[A-Za-z0-9._~-]+")


# Told apart by identity: two routes of one template are two routes, and their hash is asked for with every request.
@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """``methods`` is empty when it takes all; ``path`` is the template the policy's rows name, ``pattern`` matches a whole path and names
    the parameters. ``websocket`` says that it takes no plain request, ``opaque`` that another app answers there, to whatever it likes;
    ``listed`` that the policy must have a row for it. ``host`` matches the names it answers to, where those are not all of the app's."""

    methods: frozenset[str]
    path: str
    pattern: re.Pattern[str]
    websocket: bool = False
    opaque: bool = False
    listed: bool = True
    host: re.Pattern[str] | None = None

    def takes(self, method: str) -> bool:
        """Whether it answers this method; ``WEBSOCKET`` is one."""
        if self.opaque:
            return True
        return (
            self.websocket
            if method == "WEBSOCKET"
            else not self.websocket and (not self.methods or method in self.methods)
        )


class Match(NamedTuple):
    """``route`` is None when nothing matches, ``others`` the methods an address takes when not this one. ``redirects`` says that the router
    itself answers, by leading to another address, and runs no handler."""

    route: Route | None
    params: Mapping[str, str] = {}
    others: frozenset[str] = frozenset()
    redirects: bool = False


NOTHING = Match(None)
_NONE: frozenset[str] = frozenset()
# A named tuple's own constructor is a Python function, and one of these is made for every request.
_new = tuple.__new__


class Table:
    """Finds the first route that takes a path and method. Routes keep their order; those a path cannot reach are left out unasked."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self.by_host = any(route.host is not None for route in self.routes)
        first = {route: _first(route.path) for route in self.routes}
        self._rest = _asked(route for route in self.routes if first[route] is None)
        self._by_first = {
            said: _asked(route for route in self.routes if first[route] in (said, None))
            for said in set(first.values()) - {None}
        }

    def find(self, method: str, path: str, host: str = "") -> Match:
        """The route of a request. ``host`` is the name it was sent to, where routes of the table ask for one (``by_host``)."""
        others = _NONE
        for matched, route in self._by_first.get(path[1:].partition("/")[0], self._rest):
            found = matched(path)
            if found is None:
                continue
            params = found.groupdict()
            if route.host is not None:
                name = route.host.match(host)
                if name is None:
                    continue
                params |= name.groupdict()
            if method in route.methods or route.takes(method):
                return _new(Match, (route, params, _NONE, False))
            others |= {"GET"} if route.websocket else route.methods
        return Match(None, {}, others) if others else NOTHING


def _asked(routes: Iterable[Route]) -> list[tuple[Callable[[str], re.Match[str] | None], Route]]:
    return [(route.pattern.match, route) for route in routes]


def _first(path: str) -> str | None:
    """The first part of a template when every path it matches begins with it."""
    first = path[1:].partition("/")[0]
    return first if _PLAIN.fullmatch(first) else None


def of_policy(policy: Policy) -> list[Route]:
    """The rows as routes, the plainest first: an address without parameters wins over one that could be anything."""
    rows = sorted(policy.rows, key=lambda row: [("{" in part, "path" in part) for part in row.path.split("/")])
    return [
        Route(
            frozenset() if row.method == "ANY" else _methods(row.method),
            row.path,
            compiled(row.path),
            row.method == "WEBSOCKET",
        )
        for row in rows
    ]


def _methods(method: str) -> frozenset[str]:
    return frozenset(("GET", "HEAD")) if method == "GET" else frozenset((method,))


def compiled(path: str) -> re.Pattern[str]:
    """A template as a pattern: a parameter is one part of the address, one called ``path`` is all of the rest."""
    pattern, at, used = "", 0, set()
    for found in _PARAMETER.finditer(path):
        name = re.sub(r"\W", "_", found[1])
        rest = name == "path" or ":path" in found[0]
        pattern += re.escape(path[at : found.start()])
        pattern += f"(?P<{name}>{'.*' if rest else '[^/]+'})" if name not in used and name.isidentifier() else "[^/]+"
        used.add(name)
        at = found.end()
    return re.compile(pattern + re.escape(path[at:]) + r"\Z", re.DOTALL)
