"""Handlers and middleware of Go frameworks: what they refuse, what they wrap, what they read of a request."""

import re
from dataclasses import dataclass, field, replace

from launchready.model.surface import Input, Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.found import Found
from launchready.sources.frameworks.common import Reader, passed_on
from launchready.sources.frameworks.go_routers import Router
from launchready.sources.go_links import GoLinks
from launchready.sources.readings import Guard, Reading

# The doors of well-known libraries. jwtauth.Verifier only looks for a token; its Authenticator is what refuses.
_TERMINALS = re.compile(
    r"gin\.BasicAuth\w*$|(?:echo/v\d+|echo|chi/v\d+|chi)/middleware\.(?:JWT|BasicAuth|KeyAuth)(?:WithConfig)?$|/echo-jwt(?:/v\d+)?\.(?:JWT|WithConfig)$"
    r"|/jwtauth(?:/v\d+)?\.Authenticator$|/middleware/(?:basicauth|keyauth)\.New$|gofiber/(?:contrib/jwt|jwt(?:/v\d+)?)\.New$"
    r"|\.MiddlewareFunc$|go-jwt-middleware(?:/v\d+)?\.\w*\.?CheckJWT$"
)
_MAY_SKIP = ("Skipper", "Next", "Filter", "ContinueOnIgnoredError", "CredentialsOptional", "WithCredentialsOptional")
_HARMLESS = re.compile(
    r"log|recover|cors|csrf|gzip|compress|limit|throttle|timeout|request_?id|realip|secure|helmet|metric|prom|otel|trac|sentry|newrelic|"
    r"static|favicon|cache|etag|stripslash|trailingslash|redirectslash|heartbeat|session|body|encod|contenttype|rewrite|nocache|pprof|"
    r"profil|i18n|locale|allowcontent|setheader|withvalue|cleanpath|monitor|healthcheck|idempot|encryptcookie|nosurf|handlers\.|earlydata|"
    r"gin-contrib/(?!authz|jwt)|requestsize|methodoverride|proxyheaders|expvar|gomiddleware|jwtauth.*verifier|swagger|dump|httpsredirect|wwwredirect",
    re.I,
)
_PLAIN_HANDLER = re.compile(
    r"promhttp|fileserver|swagger|pprof|expvar|http\.(?:NotFound|Redirect)|health|grpc|playground|websocket|adaptor|serve",
    re.I,
)
_PICKS = re.compile(
    r"\.URL\.Path\b|\.FullPath\(\)|\bc\.Path\(\)|\.RequestURI\b|\.OriginalURL\(\)|\.Request\.Method\b|\br\.Method\b"
)
_ADMIN = re.compile(r"^(?:[Rr]equires?|[Mm]ust|[Ee]nsure|[Oo]nly|[Cc]heck|[Ii]s)?_?[Aa]dmins?(?:Only|Required)?$")
_OPTIONAL = re.compile(r"optional|maybe|(?:^|[a-z])IfPresent|^try[A-Z_]", re.I)
_SENDS_AWAY = re.compile(r"(?=.*redirect\w*\()(?=.*(?:session|cookie|user|token|auth))", re.S | re.I)
_INPUTS = (
    (
        "query",
        re.compile(
            r'(?:\.(?:Default|Get)?Query(?:Param|Array|Int|Bool|Float)?|\.Query\(\)\.Get|QueryParams\(\)\.Get)\(\s*"([\w.-]+)"'
        ),
    ),
    (
        "form",
        re.compile(r'\.(?:(?:Default)?PostForm|FormValue|PostFormValue|FormFile|MultipartForm\.Value)\(\s*"([\w.-]+)"'),
    ),
    ("header", re.compile(r'(?:\.GetHeader|\.Header(?:\(\))?\.Get)\(\s*"([\w-]+)"')),
    ("cookie", re.compile(r'\.Cookies?\(\s*"([\w.-]+)"')),
)

# `c.ShouldBindJSON(&input)`, `c.BodyParser(input)`, `json.NewDecoder(r.Body).Decode(&input)`
_DECODED = re.compile(
    r"\.(?:(?:Should|Must)?Bind(?:JSON|Body)?|BodyParser|Decode|Bind\(\)\.(?:Body|JSON))\(\s*&?(\w+)\s*\)"
)
_DECLARED = r"\b(?:var\s+%s\s+\*?(?:struct\s*\{(?P<own>[^{}]*)\}|(?P<kind>[\w.]+))|%s\s*:=\s*(?:&|new\()?(?P<made>[A-Za-z_][\w.]*)\s*[{)])"
_TAGGED = re.compile(r"^\s*(\w+)\s+([^\s`]+)\s*(?:`([^`]*)`)?", re.M)
# github.com/go-playground/validator: what gin and echo ask by the tags of a struct.
_RULES = re.compile(r'\b(?:binding|validate):"([^"]*)')
_RULED_TYPES = frozenset(("email", "uuid", "uuid4", "url", "uri"))
_GO_TYPES = (
    (re.compile(r"^\*?u?int\d*$"), "int"),
    (re.compile(r"^\*?float"), "number"),
    (re.compile(r"^\*?bool$"), "boolean"),
    (re.compile(r"^\*?string$"), "string"),
    (re.compile(r"Time$"), "datetime"),
    (re.compile(r"UUID$"), "uuid"),
    (re.compile(r"^\[\]"), "list"),
)


@dataclass(slots=True)
class Scope:
    """Where code runs: the file, and what its local names hold: a router, or an expression of another scope."""

    path: str
    names: "dict[str, Router | Bound]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """An expression that a name stands for, with the scope it was written in."""

    value: Expr
    scope: Scope


@dataclass(frozen=True, slots=True)
class Handled:
    """The handler of a route: its name, its function where it could be followed, the file, and what wraps it."""

    name: str
    function: Function | None
    path: str
    around: Reading = field(default_factory=Reading)
    plain: bool = False


class Handlers:
    """Judges what is given to the routers of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def found(self, dotted: str, scope: Scope) -> Found | None:
        """What a name stands for: by the type of the local it begins with, else in the package."""
        head, _, rest = dotted.partition(".")
        links = self._reader.resolver.go
        if rest and isinstance(local := scope.names.get(head), Bound) and local.value.kind in ("call", "dict"):
            kind = links.type_of(local.scope.path, local.value.text, local.value.kind)
            if kind is not None and (member := links.member(*kind, rest)) is not None:
                return member
            if kind is None and (made := links.find(local.scope.path, local.value.text)) is not None and made.outside:
                return Found(scope.path, dotted, outside=f"{made.outside}.{rest}")
        return self._reader.resolver.find(scope.path, dotted)

    def handler(self, value: Expr, scope: Scope, hops: int = 6) -> Handled:
        """The handler that an expression is, through wrappers and factories."""
        name = value.text.rsplit(".", 1)[-1]
        if value.kind == "function" or hops <= 0:
            return Handled("", value.function, scope.path)
        if isinstance(local := scope.names.get(value.text), Bound) and value.kind == "name":
            return self.handler(local.value, local.scope, hops - 1)
        if value.on is not None and value.on.kind == "dict":
            kind = self._reader.resolver.go.type_of(scope.path, value.on.text, "dict")
            found = self._reader.resolver.go.member(*kind, value.text) if kind else None
        else:
            found = self.found(value.text, scope) if value.text else None
        if value.kind == "call":
            for item in reversed(value.items):
                if item.kind not in ("function", "name", "call"):
                    continue
                inner = self.handler(item, scope, hops - 1)
                if inner.function is not None and (item.kind != "name" or not inner.function.is_class):
                    wraps = found is not None and (found.function is not None or bool(_TERMINALS.search(found.outside)))
                    around = self.middleware(Expr("name", value.text, line=value.line), scope) if wraps else Reading()
                    if found is None and value.text and not _HARMLESS.search(value.text):
                        # `h.adminOnly(next)`: a field that holds a function says nothing of what it does.
                        around = Reading(
                            unsure=(Span(scope.path, value.line, f"wrapper {value.text} could not be followed"),)
                        )
                    return Handled(inner.name, inner.function, inner.path, around + inner.around)
            if value.on is not None and value.on.kind == "call":
                return self.handler(value.on, scope, hops - 1)
        if found is not None and found.function is not None:
            return Handled(name, found.function, found.path)
        if found is not None and found.binding is not None and found.binding.value.kind != "name":
            return self.handler(found.binding.value, Scope(found.path), hops - 1)
        return Handled(name, None, scope.path, plain=bool(found and _PLAIN_HANDLER.search(found.outside)))

    def inside(self, handled: Handled, file: str, line: int) -> Reading:
        """What the handler itself does about its caller."""
        if handled.function is None:
            if handled.plain:
                return Reading()
            return Reading(unsure=(Span(file, line, f"handler {handled.name or 'unnamed'} could not be followed"),))
        return self._reader.guards.inside(handled.path, handled.function)

    def middleware(self, value: Expr, scope: Scope, everywhere: bool = False, hops: int = 6) -> Reading:
        """What a middleware demands. ``everywhere`` is one used for many routes, that may pick its requests by their path."""
        if hops <= 0:
            return Reading()
        if value.kind == "function" and value.function is not None:
            return self._judged(scope.path, value.function, value, everywhere)
        if value.kind in ("list", "other") or (value.kind == "each"):
            return sum((self.middleware(one, scope, everywhere, hops - 1) for one in value.items), Reading())
        if value.kind == "name" and isinstance(local := scope.names.get(value.text), Bound):
            return self.middleware(local.value, local.scope, everywhere, hops - 1)
        if value.kind == "call" and not value.text and value.on is not None:
            return self.middleware(value.on, scope, everywhere, hops - 1)
        dotted = f"{value.on.text}.{value.text}" if value.on is not None and value.on.text else value.text
        if value.kind not in ("name", "call") or not dotted or dotted == "nil":
            return Reading()
        found = self.found(dotted, scope)
        if found is not None and found.function is not None:
            reading = self._judged(found.path, found.function, value, everywhere, scope.path)
            if reading.guards or reading.unsure or value.kind != "call":
                return reading
            given = [
                item
                for item in value.items
                if item.kind == "function" or (item.kind == "name" and "." not in item.text)
            ]
            return sum((self._given(item, scope, hops) for item in given), reading)
        if found is not None and found.binding is not None:
            return self.middleware(found.binding.value, Scope(found.path), everywhere, hops - 1)
        outside = found.outside if found is not None else dotted
        if _TERMINALS.search(outside):
            if any(item.get(word) is not None for item in value.items for word in _MAY_SKIP):
                return Reading(unsure=(Span(scope.path, value.line, f"{dotted} may let some requests pass"),))
            return Reading((Guard(Span(scope.path, value.line, f"{dotted} refuses strangers")),))
        if _HARMLESS.search(f"{outside} {dotted}"):
            return Reading()
        return Reading(unsure=(Span(scope.path, value.line, f"middleware {dotted} could not be followed"),))

    def _given(self, item: Expr, scope: Scope, hops: int) -> Reading:
        handled = self.handler(item, scope, hops - 1)
        if handled.function is None or handled.function.is_class:
            return Reading()
        return self._judged(handled.path, handled.function, item, False)

    def _judged(self, path: str, function: Function, value: Expr, everywhere: bool, file: str = "") -> Reading:
        guard = self._reader.guards.function(path, function)
        if guard is not None and everywhere and _PICKS.search(function.code):
            name = function.name or "middleware"
            return Reading(unsure=(Span(path, function.line, f"{name} refuses some requests by their path"),))
        if guard is None and _SENDS_AWAY.search(function.code):
            name = function.name or "middleware"
            return Reading(
                unsure=(Span(path, function.line, f"{name} sends some callers elsewhere by what they bring"),)
            )
        roles = self._reader.guards.factory_roles(value) if value.kind == "call" else ()
        if not roles and _ADMIN.search(value.text.rsplit(".", 1)[-1]):
            roles = ("admin",)
        if guard is not None and _OPTIONAL.search(value.text.rsplit(".", 1)[-1]):
            guard = replace(guard, optional=True)
        return passed_on(guard, file or path, value.line, value.text or "middleware", roles)


def inputs(links: GoLinks, path: str, function: Function | None) -> tuple[Input, ...]:
    """What a handler reads of the query, a form, the headers and the cookies, and the fields of the struct its body is decoded into."""
    code = function.code if function is not None else ""
    found: dict[tuple[str, str], Input] = {}
    for where, pattern in _INPUTS:
        for name in pattern.findall(code):
            found[where, name] = Input(name, where)
    for local in dict.fromkeys(_DECODED.findall(code)):
        declared = re.search(_DECLARED % (local, local), code)
        inline = _TAGGED.findall(declared["own"]) if declared and declared["own"] else []
        kind = links.find(path, declared["kind"] or declared["made"]) if declared and not inline else None
        fields = kind.function.fields if kind and kind.function and kind.function.is_class else ()
        tags = [(one.name, _written(one.annotation), one.default.text if one.default else "") for one in fields]
        for name, kind_of, tag in tags or inline:
            said = re.search(r'\bjson:"([\w.-]+)', tag)
            if name[:1].isupper() and not (said and said[1] == "-"):
                called = said[1] if said else name
                found["body", called] = _tagged(called, kind_of, tag)
    return tuple(found.values())


def _written(kind: Expr | None) -> str:
    return "" if kind is None else f"[]{kind.text}" if kind.kind == "list" else kind.text


def _tagged(name: str, kind: str, tag: str) -> Input:
    """A field of a struct with what its tag asks: ``binding:"required,oneof=open closed"``, ``validate:"min=3,max=80"``."""
    rules = _RULES.search(tag)
    # What follows `dive` is asked of each item of a list.
    listed = (rules[1] if rules else "").partition("dive")[0].split(",")
    said = dict(one.partition("=")[::2] for one in listed)
    typed = next((known for pattern, known in _GO_TYPES if pattern.search(kind)), "")
    typed = next((one.rstrip("4").replace("uri", "url") for one in listed if one in _RULED_TYPES), typed)
    least, most = (
        next((float(said[one]) for one in names if said.get(one, "").isdigit()), None)
        for names in (("min", "gte", "len"), ("max", "lte", "len"))
    )
    return Input(name, "body", typed, "required" in listed, tuple(said.get("oneof", "").split()), least, most)
