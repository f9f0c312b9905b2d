"""Routers as they are built up, and those that functions are given: ``register(router)`` for ``function register(app) { app.get(...) }``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.found import Found
from launchready.sources.frameworks.common import Reader, Route
from launchready.sources.frameworks.loops import series_of
from launchready.sources.frameworks.script_given import unbound
from launchready.sources.guards import Guards
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading
from launchready.sources.resolver import Resolver

# A router by the file and the name it is bound to there; a parameter stands for what it is given.
Key = tuple[str, str]
# Middleware in the order it runs, each below its prefix.
Used = Sequence[tuple[str, Reading]]
NOTHING = Reading()

_EVERYTHING = re.compile(r"\*\w*|\(\.\*\)")
_NOT_FOUND = re.compile(r"\b404\b|not.?found", re.I)
_PARAMETER = re.compile(r":(\w+)(?:\([^)]*\))?\??")
# What may be left out, in Express 5: `/notes{/:id}`, `{/*rest}`. `{prefix?}` is what could not be known.
_OPTIONAL = re.compile(r"\{([^{}?]*[:*/][^{}?]*)\}")
_REST = re.compile(r"\*(\w+)")
_ENTRIES = re.compile(r"\breturn\s*\(?\{([^{}]{1,2000})\}")
_LETS_PASS = frozenset(("session", "anonymous"))
# What signs people in: a password, or a link that was mailed.
_SIGNS_IN = re.compile(r"^(?:local|ldap|magic|passwordless)", re.I)
_STARTS_OAUTH = re.compile(r"scope|google|github|facebook|twitter|saml|oauth", re.I)


@dataclass(frozen=True, slots=True)
class Mounted:
    """A router below another one, at ``prefix``: ``between`` stands at the mount itself, ``used`` is the middleware used until then."""

    key: Key
    prefix: str
    between: Reading
    used: Used


@dataclass(slots=True)
class Router:
    """A router as it is built up. ``prefix`` is its own, before the place it is mounted at; ``handed`` are the parameters it was given
    as, each with the middleware used until then; ``base`` is the router it began as, in the function that made it."""

    is_app: bool
    prefix: str = ""
    # In source order: routes and mounts see only the middleware used before them.
    routes: list[Route] = field(default_factory=list)
    children: list[Mounted] = field(default_factory=list)
    handed: list[tuple[Key, Used]] = field(default_factory=list)
    used: list[tuple[str, Reading]] = field(default_factory=list)
    mounted: bool = False
    base: Key | None = None

    def before(self, path: str) -> Reading:
        """The middleware that runs before a path of this router."""
        return before(self.used, path)

    def mount(self, key: Key, prefix: str, between: Reading = NOTHING, *conditions: str) -> None:
        """Mounts another router; whatever stands at the mount, or was used before it, is reached under ``conditions``."""
        used = list(self.used)
        for when in conditions:
            between = between.reached_when(when)
            used = [(at, reading.reached_when(when)) for at, reading in used]
        self.children.append(Mounted(key, prefix, between, used))


def before(used: Used, path: str) -> Reading:
    """What of some middleware runs before a path. A prefix with a slash at its end stands for what is below it alone."""
    reading = Reading()
    for prefix, one in used:
        if prefix == "/" or path == prefix or path.startswith(prefix if prefix.endswith("/") else prefix + "/"):
            reading += one
    return reading


def below(used: Used, path: str) -> Used:
    """What of some middleware runs before single routes of a router that is mounted at ``path``, each below the prefix that is left."""
    at = path.rstrip("/") + "/"
    return [(prefix[len(at) - 1 :], one) for prefix, one in used if prefix.startswith(at)]


def links_of(call: Expr) -> list[Expr]:
    """The calls of a chain, from the last back to the first."""
    links = [call]
    while links[-1].on is not None:
        links.append(links[-1].on)
    return links


def called_on(owner: str, links: Sequence[Expr], when: str = "") -> list[Expr]:
    """The calls of a chain in their order, each as one on ``owner``, which all of them return: ``const api = Router().use(a).use(b)``."""
    names = ((link, link.text.rsplit(".", 1)[-1]) for link in reversed(links))
    return [Expr("call", f"{owner}.{name}", link.items, link.named, link.line, when=when) for link, name in names]


def handed(resolver: Resolver, module: Module, call: Expr) -> list[tuple[str, Key]]:
    """The arguments of a call that are names, each with the parameter of the function that it is given as."""
    found: list[tuple[str, Key]] = []
    for one in called(resolver, module, call) if call.items else ():
        if one.function is not None and not one.function.is_class:
            pairs = zip(call.items, one.function.params, strict=False)
            found += [(given.text, (one.path, param.name)) for given, param in pairs if given.kind == "name"]
    return found


def called(resolver: Resolver, module: Module, call: Expr) -> list[Found]:
    """The functions a call may run: one, or each of a series that it runs through."""
    if call.on is None:
        found = resolver.find(module.path, call.text) if call.text else None
        if found is not None and found.function is not None:
            return [found]
        # [require("./a"), require("./b")].forEach((routes) => routes(app))
        plain = found is None and call.text and "." not in call.text
        path, entries = series_of(resolver, module, call.text) if plain else (module.path, ())
        return [one for entry in entries if (one := _exported(resolver, path, entry)) is not None]
    # require("./routes")(app), require("./admin").init(settings)
    one = _exported(resolver, module.path, call.on, call.text or "*")
    return [one] if one is not None else []


def entries_of(resolver: Resolver, module: Module, dotted: str) -> Iterator[Key]:
    """What stands under a name in the object that a function hands back: ``const api = makeApi(app); app.use("/v1", api.v1)``."""
    head, _, entry = dotted.partition(".")
    binding = module.bindings.get(head) if entry.isidentifier() else None
    if binding is None or binding.value.kind != "call":
        return
    for one in called(resolver, module, binding.value):
        code = one.function.code if one.function is not None else ""
        for held in _ENTRIES.finditer(code) if "return" in code else ():
            if named := re.search(rf"(?<![\w.]){entry}[\"']?\s*(?::\s*(\w+)\s*)?(?:,|$)", held[1].strip()):
                yield one.path, named[1] or entry


def _exported(resolver: Resolver, path: str, value: Expr, symbol: str = "*") -> Found | None:
    if value.kind == "name":
        return resolver.find(path, value.text) if symbol == "*" else None
    required = value.kind == "call" and value.text == "require" and value.items
    target = resolver.script_file(path, value.items[0].text) if required else None
    return resolver.exported(target, symbol, [], 8) if target else None


def handler_of(resolver: Resolver, path: str, value: Expr, hops: int = 8) -> tuple[str, Function | None, str]:
    """The function that an argument of a route stands for, with its name and its file; inside of wrappers such as ``asyncHandler(fn)``."""
    value = unbound(value)
    if value.kind == "function":
        return "", value.function, path
    if value.kind == "call" and value.items and hops:
        return handler_of(resolver, path, value.items[-1], hops - 1)
    # `const cover = upload.single("cover")`: a text is no name.
    found = resolver.find(path, value.text) if value.text and value.kind != "str" else None
    if found and found.function:
        return value.text.rsplit(".", 1)[-1], found.function, found.path
    if found and found.binding and found.binding.value.kind == "call" and found.binding.value.items and hops:
        return handler_of(resolver, found.path, found.binding.value.items[-1], hops - 1)
    return value.text.rsplit(".", 1)[-1], None, path


def left_to_others(reading: Reading, later: Sequence[tuple[Function | None, str]], guards: Guards) -> Reading:
    """What a handler demands that may leave some requests to the handlers behind it, each with its file: it guards them only when
    those answer with nothing of their own, or are of another route."""
    hands = all(function and guards.strangers.hands_on(where, function) for function, where in later)
    kept = (
        replace(one, optional=True) if one.deeper and one.deeper.aside and not hands else one for one in reading.guards
    )
    return replace(reading, guards=tuple(kept))


def demanded(path: str, value: Expr, roles: tuple[str, ...]) -> Reading:
    """What middleware of an auth library demands where it is used, with the ``roles`` it is given.

    express-jwt with ``credentialsRequired: false`` and koa-jwt with ``passthrough: true`` let pass who brings no token (their READMEs), and so do Passport's
    strategies ``session``, which only restores who signed in before, and ``anonymous``. Texts among options, such as algorithms, are nobody's role.
    """
    if value.text == "passport.authenticate":
        strategies = set(value.items[0].strings()) if value.items else set[str]()
        signs_in = strategies and all(_SIGNS_IN.match(text) for text in strategies)
        if strategies & _LETS_PASS or signs_in or any(_STARTS_OAUTH.search(text) for text in roles):
            return Reading()
        roles = ()
    signs = value.text == "twilio.webhook"
    for item in (one for one in value.items if one.kind == "dict"):
        if (validates := item.get("validate")) is not None and validates.text == "false" and signs:
            return Reading()
        required, passes = item.get("credentialsRequired"), item.get("passthrough")
        if (required is not None and required.text == "false") or (passes is not None and passes.text == "true"):
            return Reading()
        roles = ()
    said = "verifies a signature" if signs else "refuses strangers"
    return Reading((Guard(Span(path, value.line, f"{value.text} {said}"), roles, signature=signs),))


def last_word(path: str, code: str) -> bool:
    """Whether a route only answers for addresses that are none."""
    return _EVERYTHING.fullmatch(path.strip("/")) is not None and len(code) < 400 and bool(_NOT_FOUND.search(code))


def template(path: str) -> str:
    """A path of Express as a template: ``/a/:id`` is ``/a/{id}``, and ``/a{/:id}`` too; ``*rest`` stays as it is."""
    return _PARAMETER.sub(r"{\1}", _OPTIONAL.sub(r"\1", path))


def wildcard(path: str) -> str:
    """The prefix of a path that ends in a wildcard, with a slash at its end; empty when it does not."""
    at = re.fullmatch(r"(.*/|)(?:\*\w*|\(\.\*\))", path)
    return (at[1] or "/") if at else ""


def address(template: str) -> str:
    """The address of a template: what ``*rest`` takes is a parameter as well."""
    return _REST.sub(r"{\1}", template)


def written(reader: Reader, mark: Mark) -> list[str]:
    """The scripts that bear a mark and were written by hand."""
    paths = reader.bearing(mark, ".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", *((".jsx", ".tsx") if mark.jsx else ()))
    return [path for path in paths if not path.endswith((".d.ts", ".min.js"))]
