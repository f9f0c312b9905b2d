"""What every framework module yields, and the few things they all do."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from launchready.model.surface import Endpoint, Input, Span, Unread
from launchready.model.words import ARRIVALS, AccessVerdict, Kind
from launchready.sources.decorator_names import meant
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.told_choices import with_choices
from launchready.sources.guards import Guards
from launchready.sources.kinds import action_of, kinds_of
from launchready.sources.kinds_by_inputs import (
    signs_in_by_library,
    signs_in_by_password,
    signs_in_by_provider,
    takes_sign_in,
)
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading
from launchready.sources.resolver import Resolver
from launchready.sources.role_names import compares_given
from launchready.sources.sent_away import signs_in
from launchready.sources.tenants import tenant_parameter
from launchready.sources.tree import Tree

_NOTHING = Reading()
_HARMLESS_DECORATOR = re.compile(
    r"cache|limit|marshal|doc|swag|csrf|wraps|cross_origin|inject|trac|observ|retry|tim(?:e|er|ing)\b|metric|deprecat|version|"
    r"validate|schema|^apifairy\.body$|response|arguments|parser|event_logger|statsd|contextmanager|staticmethod|property|overload|use_(?:kwargs|args)|jwt_optional",
    re.I,
)
_ASKS_WHO = re.compile(
    r"^(?:requires?|protect(?:ed)?|restrict(?:ed)?|secured?)$|auth|log_?in|role|permission|allow|admin|staff|member|guard|_only$|^only_|scope",
    re.I,
)
_OF_CALLER = re.compile(r"Is[A-Z]")
_WAY_BACK = re.compile(r"(?:auth|login|sso|oidc|saml)\w*/(?:.*/)?callback(?:/|$)", re.I)


@dataclass(frozen=True, slots=True)
class Reader:
    """What a framework module works with.

    ``used`` names the frameworks some file imports; ``lost`` is what could not be followed; ``found`` keeps the files that bear a
    mark, and ``shared`` the endpoints of frameworks that are read in one go.
    """

    tree: Tree
    resolver: Resolver
    guards: Guards
    used: set[str] = field(default_factory=set)
    lost: list[Unread] = field(default_factory=list)
    found: dict[tuple[Mark, tuple[str, ...]], list[str]] = field(default_factory=dict)
    shared: dict[str, tuple[Endpoint, ...]] = field(default_factory=dict)

    def marked(self, mark: Mark, *suffixes: str) -> list[Module]:
        """The facts of every file with one of these suffixes that bears the mark of a framework."""
        return self.modules(self.bearing(mark, *suffixes))

    def bearing(self, mark: Mark, *suffixes: str) -> list[str]:
        """The files with one of these suffixes that bear the mark of a framework."""
        key = (mark, suffixes)
        if key not in self.found:
            self.found[key] = mark.files(self.tree, *suffixes)
        return self.found[key]

    def modules(self, paths: Iterable[str]) -> list[Module]:
        """The facts of these files, without those that cannot be read."""
        return [module for path in paths if (module := self.resolver.module(path))]

    def lose(self, file: str, line: int, what: str) -> None:
        """Say that routes are missing, because what brings them could not be followed."""
        self.lost.append(
            Unread(file, f"could not be followed in line {line}: {what}. The routes behind it are missing here")
        )


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


class Framework(Protocol):
    """What a framework module makes of a :class:`Reader`. A module names its own in ``READS``: ``{"Flask": Flask}``.

    What it reads in any case it may name in ``EXPECTS``, so that it is read ahead.
    """

    def read(self) -> tuple[Endpoint, ...]:
        """Every endpoint of the framework in the tree."""


def expected(mark: Mark, *suffixes: str) -> Callable[[Reader], list[str]]:
    """What a framework expects that reads every file with its mark."""
    return lambda reader: reader.bearing(mark, *suffixes)


def passed_on(
    guard: Guard | None, file: str, line: int, name: str, roles: tuple[str, ...] = (), code: str = ""
) -> Reading:
    """The reading of a guard that is attached at ``file:line`` under ``name``; ``roles`` are those it was given there.

    When its ``code`` compares with what it was given, those that it names itself may call as well.
    """
    if guard is None:
        return Reading()
    what = f"{name} ({guard.span.what}, {guard.span.file}:{guard.span.line})"
    both = tuple(dict.fromkeys((*roles, *guard.roles))) if compares_given(code) else guard.roles or roles
    return Reading((replace(guard, span=Span(file, line, what), roles=both),))


def decorated(reader: Reader, path: str, decorators: tuple[Expr, ...], terminals: re.Pattern[str]) -> Reading:
    """What the decorators of a view demand. ``terminals`` are the names by which libraries refuse strangers."""
    reading = Reading()
    for decorator in decorators:
        names = meant(reader.resolver, path, decorator)
        told = (reader.guards.factory_roles(one, file) if one.kind == "call" else () for file, one in names)
        roles = next(filter(None, told), ())
        where, last = names[-1]
        found = reader.resolver.find(where, last.text) if last.text else None
        if found and found.function:
            guard = reader.guards.function(found.path, found.function)
            reading += passed_on(guard, path, decorator.line, f"@{decorator.text}", roles, found.function.code)
        elif terminals.search(decorator.text) or (found and terminals.search(found.outside)):
            optional = decorator.get("optional")
            if optional is None or optional.text != "True":
                reading += Reading((Guard(Span(path, decorator.line, f"@{decorator.text} refuses strangers"), roles),))
        elif found and found.outside and not _HARMLESS_DECORATOR.search(found.outside):
            reading += Reading(unsure=(Span(path, decorator.line, f"@{decorator.text} could not be followed"),))
        elif found is None and (made := _made_outside(reader, path, decorator.text)):
            span = Span(path, decorator.line, f"@{decorator.text} of {made}")
            # Flask-Allows refuses whoever lacks what it requires, of which not all is about who calls (github.com/justanr/flask-allows).
            asked = decorator.text.endswith(".requires") and any(_OF_CALLER.match(one.text) for one in decorator.items)
            refuses = made.startswith("flask_allows") and asked
            reading += Reading((Guard(span),)) if refuses else Reading(unsure=(span,))
    return reading


def _made_outside(reader: Reader, path: str, dotted: str) -> str:
    """The class of a library that an object is of whose method a decorator is, where the method is named for asking who calls: ``@gate.requires("staff")``."""
    owner, _, method = dotted.rpartition(".")
    found = reader.resolver.find(path, owner) if owner and _ASKS_WHO.search(method) else None
    value = found.binding.value if found and found.binding else None
    made = (
        reader.resolver.find(found.path, value.text) if found and value is not None and value.kind == "call" else None
    )
    return made.outside if made else ""


def read_by(code: str, reads: Iterable[tuple[str, re.Pattern[str]]]) -> tuple[Input, ...]:
    """The inputs that a body reads by name: ``reads`` are where they stand, each with the pattern of its reading."""
    return tuple(dict.fromkeys(Input(name, where) for where, pattern in reads for name in pattern.findall(code)))


def unmounted(reader: Reader, key: tuple[str, str]) -> Reading:
    """A router (file and name) that nothing we can see mounts: who is asked for credentials before it is out of sight."""
    file, name = key
    module = reader.resolver.module(file)
    line = module.bindings[name].line if module and name in module.bindings else 0
    return Reading(unsure=(Span(file, line, f"nothing in this source mounts {name}"),))


def join(*parts: str) -> str:
    """Prefixes and a path as one template with single slashes and no slash at the end."""
    path = "/" + "/".join(part.strip("/") for part in parts if part.strip("/"))
    return re.sub(r"//+", "/", path)


def endpoint(framework: str, route: Route, prefix: str, above: Reading) -> Endpoint:
    """The endpoint of a route mounted below ``prefix``, with the guards it inherits."""
    path = join(prefix, route.path)
    # The name of a variable we could not look into says nothing about the path.
    given = [one.name for one in route.inputs]
    files = any(one.where == "file" for one in route.inputs)
    kinds = kinds_of(route.method, re.sub(r"\{[^{}]*\?\}", "", path), route.handler, given, files=files)
    sent = [one.name for one in route.inputs if one.where != "path"]
    reading = above + route.reading
    asks_nobody = reading.access().verdict is not AccessVerdict.GUARDED
    by_password = kinds in ((Kind.OTHER,), (Kind.ADMIN,)) and signs_in_by_password(route.method, route.code)
    if asks_nobody and (
        by_password
        or (
            kinds == (Kind.OTHER,)
            and (
                takes_sign_in(route.method, path, route.handler, sent, route.code)
                or signs_in_by_provider(route.code)
                or signs_in_by_library(route.method, route.code)
            )
        )
    ):
        kinds = (Kind.LOGIN,)
    # A login handler answers 401 to a wrong password, and the way back from a provider to a wrong code: that keeps nobody out of it.
    enters = ARRIVALS.intersection(kinds) or _WAY_BACK.search(path) or signs_in(route.code)
    # Who is let this far has signed in before: people are added here by somebody with a rank.
    if not enters or reading.access().verdict is AccessVerdict.GUARDED:
        reading += route.inline
    action = action_of(route.method, route.code)
    access = reading.access(writes=action == "write")
    named = re.findall(r"\{(\w+)\}", path)
    known = {given.name for given in route.inputs if given.where == "path"}
    inputs = tuple(Input(name, "path", "", True) for name in named if name not in known) + with_choices(
        route.code, route.inputs
    )
    if access.tenant and access.tenant != tenant_parameter(path):
        access = type(access)(
            access.verdict, "role" if access.roles else "authenticated", access.roles, "", access.evidence
        )
    return Endpoint(
        route.method,
        path,
        framework,
        kinds,
        action,
        access,
        inputs,
        Span(route.file, route.line, route.handler),
        0.6 if "?}" in path else 1.0,
        only_when=" and ".join(reading.only_when),
    )


def once(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """Each method and path once; the first registration wins, as in the router. What is registered either way is always there."""
    found: dict[str, Endpoint] = {}
    for one in endpoints:
        first = found.setdefault(one.name, one)
        if first.only_when and one.only_when in ("", f"not ({first.only_when})"):
            found[one.name] = replace(first, only_when="")
    return tuple(found.values())
