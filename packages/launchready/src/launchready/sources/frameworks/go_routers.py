"""The routers of Go frameworks: what a group inherits, when a middleware counts, and the endpoints that come of it.

gin and chi: a group keeps the handlers used before it was made. Echo: ``e.Use`` counts for every route of the server, a group's own for
those after it. Fiber: what was registered before, at any level. gorilla/mux: all of the routers above, in any order.
"""

import re
from dataclasses import dataclass, field

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Route, endpoint, join
from launchready.sources.readings import Reading

PACKAGES = {
    "gin": re.compile(r"^github\.com/gin-gonic/gin$"),
    "echo": re.compile(r"^github\.com/labstack/echo(?:/v\d+)?$"),
    "chi": re.compile(r"^github\.com/go-chi/chi(?:/v\d+)?$"),
    "gorilla/mux": re.compile(r"^github\.com/gorilla/mux$"),
    "Fiber": re.compile(r"^github\.com/gofiber/fiber(?:/v\d+)?$"),
    "net/http": re.compile(r"^net/http$"),
}
_MAKES = {
    "gin": ("New", "Default"),
    "echo": ("New",),
    "chi": ("NewRouter", "NewMux"),
    "gorilla/mux": ("NewRouter",),
    "Fiber": ("New",),
    "net/http": ("NewServeMux",),
}
_TYPES = {
    "gin": ("Engine", "RouterGroup", "IRouter", "IRoutes"),
    "echo": ("Echo", "Group"),
    "chi": ("Router", "Mux"),
    "gorilla/mux": ("Router",),
    "Fiber": ("App", "Router", "Group"),
    "net/http": ("ServeMux",),
}
_PARAMETER = re.compile(r"(?<=[/\-.])[:*+]([A-Za-z_]\w*)\??")
_BRACED = re.compile(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*|\.\.\.)\}")


def made(outside: str) -> str:
    """The framework whose router a function makes, by its full name; empty for any other."""
    return _named(outside, _MAKES)


def typed(outside: str) -> str:
    """The framework a router type belongs to, by its full name; empty for any other."""
    return _named(outside, _TYPES)


def _named(outside: str, known: dict[str, tuple[str, ...]]) -> str:
    package, _, name = outside.rpartition(".")
    return next((one for one, pattern in PACKAGES.items() if pattern.match(package) and name in known[one]), "")


@dataclass(slots=True, eq=False)
class Router:
    """A router or group as it is built up. ``frozen`` is what it inherited when it was made, ``around`` what wraps it as a whole."""

    framework: str
    prefix: str = ""
    parent: "Router | None" = None
    frozen: Reading = field(default_factory=Reading)
    around: Reading = field(default_factory=Reading)
    stripped: str = ""
    used: list[tuple[str, Reading]] = field(default_factory=list)
    routes: list[tuple[Route, Reading]] = field(default_factory=list)
    groups: "list[Router]" = field(default_factory=list)
    mounts: "list[tuple[Router, str, Reading]]" = field(default_factory=list)
    mounted: bool = False

    def so_far(self, path: str = "") -> Reading:
        """The middleware that a route registered now runs through, as far as later ones make no difference."""
        if self._all_count():
            return Reading()
        above = self.frozen
        if self.framework == "Fiber" and self.parent is not None:
            above += self.parent.so_far(join(self.prefix, path))
        return above + self._matching(path)

    def later(self) -> Reading:
        """The middleware that counts for every route, whenever it was used."""
        above = self.parent.later() if self.parent is not None else Reading()
        own = self._matching("") if self._all_count() else Reading()
        return above + own + self.around

    def _all_count(self) -> bool:
        return self.framework == "gorilla/mux" or (self.framework == "echo" and self.parent is None)

    def _matching(self, path: str) -> Reading:
        path = join(path)
        fitting = [one for at, one in self.used if at in ("", "/") or path == at or path.startswith(at + "/")]
        return sum(fitting, Reading())

    def group(self, prefix: str, reading: Reading) -> "Router":
        """A group below this one."""
        frozen = Reading() if self.framework == "Fiber" else self.so_far()
        made = Router(self.framework, prefix, self, frozen + reading)
        self.groups.append(made)
        return made

    def mount(self, child: "Router", prefix: str, reading: Reading) -> None:
        """Hang a router made elsewhere below this one."""
        if child is not self and child.parent is None:
            self.mounts.append((child, prefix, self.so_far(prefix) + reading))
            child.mounted = True

    def endpoints(self, prefix: str, above: Reading, seen: "tuple[Router, ...]" = ()) -> list[Endpoint]:
        """The endpoints of this router, its groups and what is mounted on it."""
        if self in seen:
            return []
        seen = (*seen, self)
        prefix = join(prefix, self.prefix)
        found = [endpoint(self.framework, one, prefix, above + self.later() + reading) for one, reading in self.routes]
        for group in self.groups:
            found += group.endpoints(prefix, above, seen)
        for child, extra, reading in self.mounts:
            found += child.endpoints(join(prefix, extra), above + self.later() + reading, seen)
        return found


def template(path: str, framework: str) -> str:
    """A path with its parameters as ``{name}``; ``{name?}`` stays what could not be known."""
    if framework in ("gin", "echo", "Fiber"):
        path = re.sub(r"(:\w+)<[^<>]*>", r"\1", path)
        return _PARAMETER.sub(r"{\1}", path if path.startswith("/") or not path else "/" + path)
    return _BRACED.sub(r"{\1}", path).replace("{$}", "")


def nobody(file: str, line: int, name: str) -> Reading:
    """The reading of a router that is a parameter no call we can see gives."""
    return Reading(unsure=(Span(file, line, f"nothing in this source calls {name} with a router"),))


def first(call: Expr) -> Expr:
    """The first argument, or nothing known."""
    return call.items[0] if call.items else Expr("other", line=call.line)
