"""What the routers of Go's frameworks do with their calls: gin, echo, chi, fiber, gorilla/mux and net/http, which differ in little."""

import re
from dataclasses import dataclass, field

from launchready.model.surface import Input
from launchready.sources.frameworks.common import Route
from launchready.sources.guards import Reading

ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
VERBS = {verb.lower(): verb for verb in (*ANY, "HEAD", "OPTIONS", "QUERY")}
# The function that makes a router, by the end of its package's path and its name.
MAKERS = {
    "gin-gonic/gin": ("gin", ("Default", "New")),
    "labstack/echo": ("echo", ("New",)),
    "go-chi/chi": ("chi", ("NewRouter", "NewMux")),
    "gofiber/fiber": ("fiber", ("New",)),
    "gorilla/mux": ("mux", ("NewRouter",)),
    "net/http": ("net/http", ("NewServeMux",)),
}
# Parameters of these types are routers that somebody hands over.
TYPES = {
    "gin": re.compile(r"^\*?gin\.(?:Engine|RouterGroup|IRouter|IRoutes)$"),
    "echo": re.compile(r"^\*?echo\.(?:Echo|Group|Router)$"),
    "chi": re.compile(r"^\*?chi\.(?:Router|Mux)$"),
    "fiber": re.compile(r"^\*?fiber\.(?:App|Router|Group)$"),
    "mux": re.compile(r"^\*?mux\.Router$"),
    "net/http": re.compile(r"^\*?http\.ServeMux$"),
}
TERMINALS = re.compile(
    r"(?:^|\.)(?:JWT(?:WithConfig)?|BasicAuth(?:WithConfig|ForRealm)?|KeyAuth(?:WithConfig)?|Authenticator|MiddlewareFunc|WithJWT|"
    r"RequireAuthentication|RequireLogin)$|^(?:echojwt|jwtware|basicauth|keyauth)\.\w+$"
)
HARMLESS = re.compile(
    r"log|recover|request_?id|real_?ip|timeout|compress|gzip|cors|secure|csrf|heartbeat|session|trac|metric|prom|limit|throttle|slash|"
    r"strip|header|nocache|cache|etag|static|helmet|otel|sentry|locale|i18n|content_?type|clean_?path|profil|stats?\b|body|context\b|location",
    re.I,
)
# What frameworks bring themselves refuses nobody, unless by a name of TERMINALS.
OWN_OF_FRAMEWORK = re.compile(
    r"gin-contrib/(?!auth|jwt|\w*acl)|gin-gonic/gin\.|go-chi/(?:chi/v\d+/middleware|cors|httplog|httprate|render)|"
    r"labstack/echo(?:/v\d+)?/middleware|gofiber/fiber(?:/v\d+)?/middleware|gorilla/handlers"
)
_CONVERTERS = (
    (re.compile(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}"), r"{\1}"),
    (re.compile(r"\{(\w+)\.\.\.\}"), r"{\1}"),
    (re.compile(r"\{\$\}"), ""),
    (re.compile(r"(?<=/):(\w+)(?:<[^>]*>)?\??"), r"{\1}"),
    (re.compile(r"(?<=/)[*+](\w+)"), r"{\1}"),
    (re.compile(r"(?<=/)[*+]$"), "{path}"),
)
_READS = (
    (
        "query",
        re.compile(
            r"\.(?:Query|DefaultQuery|QueryParam|QueryArray|GetQuery|QueryInt)\(\s*\"([\w.-]+)\"|\.Query\(\)\.Get\(\s*\"([\w.-]+)\""
        ),
    ),
    ("form", re.compile(r"\.(?:PostForm|DefaultPostForm|FormValue|PostFormValue|GetPostForm)\(\s*\"([\w.-]+)\"")),
    ("file", re.compile(r"\.FormFile\(\s*\"([\w.-]+)\"")),
    ("header", re.compile(r"\.(?:GetHeader|Header\.Get|Header\(\)\.Get)\(\s*\"([\w.-]+)\"")),
    ("cookie", re.compile(r"\.Cookies?\(\s*\"([\w.-]+)\"")),
)
_METHOD_CASES = re.compile(r"\bcase\s+((?:http\.Method\w+|\"[A-Z]+\")(?:\s*,\s*(?:http\.Method\w+|\"[A-Z]+\"))*)\s*:")
_METHOD_TEST = re.compile(r"\.Method\s*[!=]=\s*(http\.Method\w+|\"[A-Z]+\")")


@dataclass(slots=True)
class Router:
    """A router, group or subrouter. ``ordered`` frameworks apply middleware to what is registered after it only."""

    framework: str
    prefix: str = ""
    is_app: bool = False
    reading: Reading = field(default_factory=Reading)
    routes: list[tuple[Route, Reading]] = field(default_factory=list)
    children: list[tuple["Router", Reading]] = field(default_factory=list)
    mounted: bool = False
    # mux: the methods and path of a route that is still being described.
    methods: tuple[str, ...] = ()
    last: list[int] = field(default_factory=list)

    def child(self, prefix: str, reading: Reading) -> "Router":
        """A group below this router."""
        made = Router(self.framework, prefix, reading=reading, mounted=True)
        self.children.append((made, self.reading if self.framework in ("gin", "fiber") else Reading()))
        return made

    def hold(self, other: "Router") -> None:
        """Mount a router that stands for itself elsewhere as well."""
        other.mounted = True
        self.children.append((other, Reading()))

    def add(self, route: Route) -> None:
        """Register a route; gin and fiber keep what is asked for at this moment."""
        ordered = self.framework in ("gin", "fiber")
        self.last.append(len(self.routes))
        self.routes.append((route, self.reading if ordered else Reading()))


def template(path: str) -> str:
    """A path of any of the frameworks as a template."""
    for pattern, to in _CONVERTERS:
        path = pattern.sub(to, path)
    return path


def methods_in(code: str) -> tuple[str, ...]:
    """The methods that a handler of net/http tells apart itself; empty when it does not."""
    found = [one for match in _METHOD_CASES.findall(code) for one in match.split(",")] + _METHOD_TEST.findall(code)
    named = (one.strip().strip('"').removeprefix("http.Method").upper() for one in found)
    return tuple(dict.fromkeys(name for name in named if name not in ("HEAD", "OPTIONS")))


def inputs(code: str) -> tuple[Input, ...]:
    """What a handler reads from a request, by name."""
    found = (
        Input(next(filter(None, match.groups())), where)
        for where, pattern in _READS
        for match in pattern.finditer(code)
    )
    return tuple(dict.fromkeys(found))
