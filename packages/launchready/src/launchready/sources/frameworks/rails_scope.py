"""Where a line of config/routes.rb stands: the prefix, the module and the resource around it, and what a route becomes there."""

from dataclasses import dataclass, field, replace

from launchready.sources.facts.shape import Expr
from launchready.sources.readings import Reading

_NOTHING = Reading()


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource around a line. ``level`` is where its block stands: nested, member, collection or new."""

    name: str
    base: str
    param: str = "id"
    nested: str = ""
    plural: bool = True
    level: str = "nested"


@dataclass(frozen=True, slots=True)
class Scope:
    """What surrounds a line of the routes.

    ``prefix`` is the path so far, ``module`` the folder of controllers, ``outer`` the path outside of all resources, where
    ``shallow`` members stand, ``names`` the values that loops and assignments give to names, ``entered`` the concerns, drawn files and engines around.
    """

    file: str
    prefix: str = ""
    module: str = ""
    controller: str = ""
    resource: Resource | None = None
    outer: str = ""
    shallow: bool = False
    only: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    reading: Reading = _NOTHING
    names: tuple[tuple[str, str], ...] = ()
    depth: int = 0
    entered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the route table: ``controller`` as ``admin/users``, empty where something else than a controller answers."""

    method: str
    path: str
    controller: str
    action: str
    file: str
    line: int
    what: str = ""
    reading: Reading = _NOTHING
    implicit: bool = False


@dataclass(slots=True)
class Table:
    """The routes of a file, and of those it draws."""

    entries: list[Entry] = field(default_factory=list)
    concerns: dict[str, tuple[Scope, Expr]] = field(default_factory=dict)


def words(value: Expr | None) -> tuple[str, ...]:
    """The names in ``:a``, ``"a"`` or ``[:a, :b]``."""
    return tuple(value.strings()) if value is not None else ()


def filled(text: str, scope: Scope) -> str:
    """A text with the names of loops and assignments filled in."""
    for name, value in scope.names:
        text = text.replace("{" + name + "?}", value)
    return text


def entered(scope: Scope, what: str) -> Scope | None:
    """The scope inside a concern, a drawn file or an engine; None when it is inside itself already."""
    return None if what in scope.entered else replace(scope, entered=scope.entered | {what}, depth=scope.depth + 1)
