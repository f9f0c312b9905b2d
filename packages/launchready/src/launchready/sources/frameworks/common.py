"""What every framework module yields, and the few things they all do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from launchready.model.surface import Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.sources.guards import Guards, Reading, tenant_parameter
from launchready.sources.kinds import action_of, kinds_of
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

_NOTHING = Reading()
_ENTRY_KINDS = frozenset((Kind.LOGIN, Kind.SIGNUP, Kind.PASSWORD_RESET))


@dataclass(frozen=True, slots=True)
class Reader:
    """What a framework module works with."""

    tree: Tree
    resolver: Resolver
    guards: Guards


@dataclass(frozen=True, slots=True)
class Route:
    """A route as a framework module found it, before mounts are applied."""

    method: str
    path: str
    handler: str
    file: str
    line: int
    code: str = ""
    reading: Reading = _NOTHING
    inline: Reading = _NOTHING
    inputs: tuple[Input, ...] = ()


def join(*parts: str) -> str:
    """Prefixes and a path as one template with single slashes and no slash at the end."""
    path = "/" + "/".join(part.strip("/") for part in parts if part.strip("/"))
    return re.sub(r"//+", "/", path)


def endpoint(framework: str, route: Route, prefix: str, above: Reading) -> Endpoint:
    """The endpoint of a route mounted below ``prefix``, with the guards it inherits."""
    path = join(prefix, route.path)
    kinds = kinds_of(route.method, path, route.handler)
    reading = above + route.reading
    # A login handler answers 401 to a wrong password: that keeps nobody out of it.
    if not _ENTRY_KINDS.intersection(kinds):
        reading += route.inline
    access = reading.access()
    named = re.findall(r"\{(\w+)\}", path)
    known = {given.name for given in route.inputs if given.where == "path"}
    inputs = tuple(Input(name, "path", "", True) for name in named if name not in known) + route.inputs
    if access.tenant and access.tenant != tenant_parameter(path):
        access = type(access)(
            access.verdict, "role" if access.roles else "authenticated", access.roles, "", access.evidence
        )
    return Endpoint(
        route.method,
        path,
        framework,
        kinds,
        action_of(route.method, route.code),
        access,
        inputs,
        Span(route.file, route.line, route.handler),
        0.6 if "?}" in path else 1.0,
    )


def once(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """Each method and path once; the first registration wins, as in the router."""
    found: dict[str, Endpoint] = {}
    for one in endpoints:
        found.setdefault(one.name, one)
    return tuple(found.values())
