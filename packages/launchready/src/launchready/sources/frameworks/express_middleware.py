"""What middleware of Express, Koa and Hono demands, where it stands in the way to a handler."""

import re
from dataclasses import replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.frameworks.script_handlers import receives
from launchready.sources.frameworks.script_routers import demanded, handler_of, links_of
from launchready.sources.frameworks.switched_off import switched_off
from launchready.sources.outside_production import answers_only_when
from launchready.sources.readings import Guard, Reading

# Middleware that asks nobody who they are, by the names of well-known packages and what people call theirs.
HARMLESS = re.compile(
    r"helmet|cors\b|compress|morgan|json|urlencoded|static|cookie|session|body|multer|upload|limit|slow|throttle|csrf|csurf|log|cache|"
    r"valid|celebrate|joi|zod|schema|sanitiz|\bxss\b|timeout|favicon|i18n|locale|request-?id|request-?ip|metric|prom|sentry|trac|xray|newrelic|open_?segment|close_?segment|swagger|"
    r"passport\.initialize|methodoverride|history|proxy|webpack|vite|\braw\b|\btext\b|async|errorhandler|notfound|hpp|useragent|"
    r"express\.(?:query|default\.json)|ejs|layout|flash|allowedMethods|"
    # What Hono brings besides what asks for credentials (hono.dev/docs/middleware/builtin).
    r"\bhono/(?!(?:basic-auth|bearer-auth|jwt|jwk|ip-restriction|combine|factory)\b)[\w-]+",
    re.I,
)
# Pages that show a document of the app, and let everybody read it.
_DOCS = re.compile(r"swagger|scalar|redoc|apiReference|rapidoc|stoplight", re.I)
_WRAPPER = re.compile(r"middleware|async|handler|wrap|catch", re.I)
_PICKS = re.compile(r"\breq(?:uest)?\.(?:path|url|originalUrl|baseUrl|method)\b")

# `jwt({ secret })(c, next)`, and `const ask = jwt({ secret }); return ask(c, next)` (hono.dev/docs/middleware/builtin/jwt)
_HANDS_ON = re.compile(r"\(\s*\w+\s*,\s*next\s*\)")
_MADE = re.compile(r"\b(?:const|let)\s+(\w+)\s*=\s*([\w.]+)\(")
_OF_ERRORS = 4
_GOES_ON = re.compile(r"\bnext\(\s*\)")


class InTheWay:
    """Reads middleware of one tree. ``terminals`` are the names by which libraries of a framework refuse strangers."""

    def __init__(self, reader: Reader, terminals: re.Pattern[str]) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._terminals = terminals

    def some(self, path: str, item: Expr) -> Reading:
        """Middleware for many routes at once; one that picks its requests by path may or may not stand before a route."""
        if item.kind == "call" and item.on is not None and item.text.rsplit(".", 1)[-1] == "unless":
            # jwt({ secret }).unless({ path: ["/login"] }) (github.com/jfromaniello/express-unless, koa-unless)
            asked = self.reading(path, item.on)
            spared = Span(path, item.line, f"{item.on.text} lets some requests pass by their path (unless)")
            return Reading(unsure=(spared,)) if asked.guards else asked
        reading = self.reading(path, item)
        _, function, where = handler_of(self._resolver, path, item)
        if function is not None and reading.guards and _PICKS.search(function.code):
            span = Span(where, function.line, f"{function.name or 'middleware'} refuses some requests by their path")
            return Reading(unsure=(span,))
        return reading

    def unseen(self, path: str, value: Expr, name: str, line: int) -> Reading:
        """What is known of the last handler of a route whose function is not in the source."""
        found = self._resolver.find(path, value.text) if value.kind == "call" and value.text else None
        if value.kind == "call" and receives(value):
            return Reading((Guard(Span(path, line, f"{value.text} verifies a signature"), signature=True),))
        shows = f"{value.text} {found.outside if found else ''}"
        if value.kind == "call" and (self._terminals.match(value.text) or _DOCS.search(shows)):
            return Reading()
        return Reading(unsure=(Span(path, line, f"handler {name or 'unnamed'} could not be followed"),))

    def kept(self, module: Module, value: Expr) -> tuple[Module, tuple[Expr, ...]] | None:
        """The handlers that a name stands for, in their order, and their module: a list, or ``factory.createHandlers(ask, answer)`` of Hono."""
        found = self._resolver.find(module.path, value.text) if value.kind == "name" and value.text else None
        made = found.binding.value if found is not None and found.binding else None
        listed = made is not None and (made.kind == "list" or made.text.endswith(".createHandlers"))
        there = self._resolver.module(found.path) if found is not None and listed else None
        return (there, made.items) if there is not None and made is not None and made.items else None

    def hands_on(self, path: str, value: Expr) -> bool:
        """Whether what stands last in a route hands on to the next one: it calls ``next()``, or is made to ask who calls."""
        _, function, _ = handler_of(self._resolver, path, value)
        if function is None or value.kind == "call":
            return value.kind == "call" and bool(self.reading(path, value).guards)
        name = function.params[2].name if len(function.params) > 2 else ""
        return bool(name) and re.search(rf"\b{re.escape(name)}\(\s*\)", function.code) is not None

    def reading(self, path: str, value: Expr) -> Reading:
        """What one middleware of a route demands."""
        reading = self._by_name(path, value)
        unsure = value.kind == "call" and all(guard.doubt for guard in reading.guards)
        guard = self._reader.guards.made(path, value) if unsure else None
        return replace(reading, guards=(*reading.guards, guard), unsure=()) if guard else reading

    def _by_name(self, path: str, value: Expr) -> Reading:
        if value.kind == "function" and value.function:
            return self._ran(path, value.function)
        name = value.text
        roles = self._reader.guards.factory_roles(value, path) if value.kind == "call" else ()
        if self._terminals.match(name):
            return demanded(path, value, roles)
        found = self._resolver.find(path, name) if name else None
        made = found.binding.value if found and found.binding else None
        if found is not None and value.kind == "call" and found.outside.startswith("hono/combine"):
            return self._combined(path, value, found.outside)
        if found is not None and found.function is not None:
            if value.kind == "name":
                ran = self._ran(found.path, found.function)
                named = (passed_on(guard, path, value.line, name, roles) for guard in ran.guards)
                return sum(named, Reading(only_when=ran.only_when, brings=ran.brings))
            guard = self._reader.guards.function(found.path, found.function)
            if guard is not None and (left_out := switched_off(found.function, value)):
                what = f"{name} refuses strangers where {left_out} is given, and here it is not"
                return Reading(unsure=(Span(path, value.line, what),))
            if guard is None and value.kind == "call":
                # asyncHandler(fn): what it is given may refuse; makeLimiter(MESSAGE) is given no code.
                given = (
                    item for item in value.items if item.kind in ("function", "name") and not self._data(path, item)
                )
                inner = sum((self.reading(path, item) for item in given), Reading())
                return inner if inner.guards else inner + self._reader.guards.may_refuse(found.path, found.function)
            return passed_on(guard, path, value.line, name, roles)
        if found is not None and made is not None and made.kind == "call" and made.text != name:
            return self.reading(found.path, made)
        if found is not None and made is not None and made.kind == "list" and made.items:
            return sum((self.reading(found.path, item) for item in made.items), Reading())
        inside = [item for item in value.items if item.kind == "function"]
        if value.kind == "call" and inside:
            # createMiddleware(async (c, next) => ...): a function of our own, wrapped for its types.
            reading = sum((self.reading(path, item) for item in inside), Reading())
            if reading.guards or _WRAPPER.search(name):
                return reading
        if not name and value.on is not None:
            # can(rules)("read"), require("helmet")()
            name = " ".join((value.on.text, *(item.text for item in value.on.items if value.on.text == "require")))
        if value.on is not None and found is None:
            # query("email").isEmail(): where the chain begins says whose it is.
            root = links_of(value)[-1].text
            found = self._resolver.find(path, root) if root and root != "require" else None
        if not name or HARMLESS.search(f"{name} {found.outside if found else ''}"):
            return Reading()
        return Reading(unsure=(Span(path, value.line, f"middleware {name} could not be followed"),))

    def _combined(self, path: str, value: Expr, name: str) -> Reading:
        """``every(a, b)``, and ``some(a, b)``, of which one that lets pass is enough (hono.dev/docs/middleware/builtin/combine)."""
        readings = [self.reading(path, item) for item in value.items]
        if name.endswith("every"):
            return sum(readings, Reading())
        if not name.endswith("some"):
            return Reading(unsure=(Span(path, value.line, f"middleware {value.text} could not be followed"),))
        unsure = tuple(span for one in readings for span in one.unsure)
        if unsure or not all(one.guards for one in readings):
            return Reading(unsure=unsure)
        return Reading(tuple(one.guards[0] for one in readings))

    def _data(self, path: str, value: Expr) -> bool:
        """Whether a name stands for a text, a number or an object, which is no middleware."""
        found = self._resolver.find(path, value.text) if value.kind == "name" and value.text else None
        return bool(found and found.binding and found.binding.value.kind in ("str", "const", "dict"))

    def _ran(self, path: str, function: Function) -> Reading:
        """What a function in the way demands, and brings; one of four parameters only answers errors of others (expressjs.com: error handling)."""
        if len(function.params) == _OF_ERRORS:
            return Reading()
        guards, guard = self._reader.guards, self._reader.guards.function(path, function)
        deeper = guards.deeper(path, function) if guard is None or guard.doubt else None
        if guard is None and deeper is None and (asked := self._handed_to(function)):
            what = f"{function.name or 'middleware'} hands requests to {asked}"
            if _GOES_ON.search(function.code):
                return Reading(unsure=(Span(path, function.line, f"{what}, and lets others pass"),))
            return Reading((Guard(Span(path, function.line, f"{what}, which refuses strangers")),))
        reading = Reading(tuple(one for one in (guard, deeper) if one), brings=guards.strangers.brings(path, function))
        return reading.reached_when(answers_only_when(function.code))

    def _handed_to(self, function: Function) -> str:
        """The library that a function hands its request to, ``return jwt({ secret })(c, next)``, also under a name; empty for none."""
        if _HANDS_ON.search(function.code) is None:
            return ""
        made = dict(_MADE.findall(function.code))
        given = ((one, one.on.text if one.on is not None else made.get(one.text, "")) for one in function.calls)
        asked = (name for one, name in given if any(item.text == "next" for item in one.items))
        return next((name for name in asked if self._terminals.match(name)), "")


def serves_files(module: Module, item: Expr) -> bool:
    """Whether an argument of ``use`` is ``express.static(folder)``, whose files are a way in."""
    owner, _, method = item.text.rpartition(".")
    entry = module.imports.get(owner or item.text) if item.kind == "call" else None
    return entry is not None and ((entry.module == "express" and method == "static") or entry.module == "serve-static")
