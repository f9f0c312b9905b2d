"""What stands around Go's handlers: middleware and wrappers, each followed into its body."""

import re
from collections.abc import Callable
from dataclasses import replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.frameworks.go_routers import HARMLESS, OWN_OF_FRAMEWORK, TERMINALS, Router
from launchready.sources.guards import Guard, Reading

_SPEAKS_OF_ACCESS = re.compile(
    r"auth|require|protect|log_?in|signed|jwt|token|permission|admin|role|session|guard|acl", re.I
)
_OPTIONAL = re.compile(r"optional|maybe|if_?present|try_?auth", re.I)
# A guard is one by its body; which role it asks for, its name may say.
_ROLE = re.compile(r"(?:require|must|only|ensure|is|be)_?(admin|owner|staff|manager|moderator)|\b(Admin)Only", re.I)
Value = Router | Expr | None
Scope = dict[str, Value]


class Middleware:
    """Judges middleware and finds handlers. ``named`` gives what a name stands for where it is used."""

    def __init__(self, reader: Reader, named: Callable[[str, Scope, Expr], Value]) -> None:
        self._reader, self._named = reader, named
        self._go = reader.resolver.go

    def demanded(self, path: str, scope: Scope, items: list[Expr]) -> Reading:
        """What middleware demands, each function followed into its body."""
        reading = Reading()
        for item in items:
            if item.function is not None:
                guard = self._reader.guards.function(path, item.function)
                reading += Reading((guard,)) if guard else Reading()
                continue
            value = self._named(path, scope, item) if item.kind == "name" and item.on is None else item
            if isinstance(value, Expr) and value.kind == "call" and value is not item:
                reading += self.demanded(path, scope, [value])
                continue
            name = item.text or "middleware"
            found = self._go.function(path, written(scope, item))
            if found is not None:
                guard = self._reader.guards.function(*found)
                roles = self._reader.guards.factory_roles(item) if item.kind == "call" else ()
                if guard is not None and _OPTIONAL.search(name):
                    guard = replace(guard, optional=True)
                named = _ROLE.search(name)
                reading += passed_on(
                    guard, path, item.line, name, roles or ((named[named.lastindex or 1].lower(),) if named else ())
                )
                if guard is None and _SPEAKS_OF_ACCESS.search(name):
                    doubt = Span(path, item.line, f"middleware {name} was not seen to refuse anybody")
                    reading += Reading(unsure=(doubt,))
            elif TERMINALS.search(name):
                reading += Reading((Guard(Span(path, item.line, f"{name} refuses strangers")),))
            elif not HARMLESS.search(name) and not OWN_OF_FRAMEWORK.search(self._go.outside(path, name)):
                reading += Reading(unsure=(Span(path, item.line, f"middleware {name} could not be followed"),))
        return reading

    def handler(self, path: str, scope: Scope, item: Expr) -> tuple[str, Function | None, str]:
        """Name, function and file of a handler; wrappers such as ``http.HandlerFunc(h)`` are looked through."""
        if item.function is not None:
            return "", item.function, path
        if item.kind == "call":
            own = self._go.function(path, written(scope, item))
            if own is not None:
                return item.text.rsplit(".", 1)[-1], own[1], own[0]
            inner = [one for one in item.items if one.kind in ("function", "name", "call")]
            return self.handler(path, scope, inner[-1]) if inner else (item.text, None, path)
        value = self._named(path, scope, item) if item.on is None else None
        if isinstance(value, Expr) and value is not item and value.kind in ("function", "call"):
            return self.handler(path, scope, value)
        found = self._go.function(path, written(scope, item))
        return (item.text.rsplit(".", 1)[-1], found[1], found[0]) if found else (item.text, None, path)

    def wrapped(self, path: str, scope: Scope, wraps: list[Expr]) -> Reading:
        """``requireUser(handler)``: a function of the program that is given the handler and refuses."""
        reading = Reading()
        for wrap in wraps:
            found = self._go.function(path, wrap.text)
            if found is not None and wrap.items:
                reading += passed_on(self._reader.guards.function(*found), path, wrap.line, wrap.text)
                reading += self.wrapped(path, scope, [one for one in wrap.items if one.kind == "call"])
        return reading


def written(scope: Scope, item: Expr) -> str:
    """The name of a function as its package knows it: a method by its type, where that can be seen."""
    if item.on is not None:
        kind = item.on.text.lstrip("&*") if item.on.kind == "dict" else "_"
        return f"{kind}.{item.text}"
    head, _, rest = item.text.partition(".")
    value = scope.get(head)
    if rest and isinstance(value, Expr) and value.kind == "dict" and value.text:
        return f"{value.text.lstrip('&*')}.{rest}"
    return item.text
