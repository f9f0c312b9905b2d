"""Fastify: routes, plugins with their prefixes, and hooks that hold for the context they are added to (fastify.dev/docs: routes, plugins, hooks)."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.script_values import required_module
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, join, once, unmounted
from launchready.sources.frameworks.fastify_apps import is_app, maker_of, users
from launchready.sources.frameworks.fastify_hooks import VERIFIES, Hooks
from launchready.sources.frameworks.loops import unrolled
from launchready.sources.frameworks.script_given import calls_in, unbound
from launchready.sources.frameworks.script_handlers import ANY, SCRIPTS, Handlers
from launchready.sources.frameworks.script_inputs import inputs_of
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading
from launchready.sources.schemas.compose import schema_inputs
from launchready.sources.schemas.values import followed

NAME = "Fastify"
_VERBS = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "query", "all"))
_HOOKS = frozenset(("onRequest", "preParsing", "preValidation", "preHandler"))
_SCHEMA_PARTS = (
    ("body", "body"),
    ("querystring", "query"),
    ("query", "query"),
    ("params", "path"),
    ("headers", "header"),
)
_PARAMETER = re.compile(r":(\w+)(?:\([^()]*\))?\??")
_BEARER = re.compile(r"@?fastify[/-](?:bearer-auth|basic-auth)")
_PLUGIN_WRAPPER = "fastify-plugin"
_MARK = Mark(re.compile(rb"astify"), (b"astify",))
_BRINGS_NO_ROUTES = re.compile(
    r"@fastify/(?!autoload)|fastify-(?!autoload)|^(?:cors|helmet|jwt|cookie|sensible|swagger|rateLimit|multipart)", re.I
)


_NO_OPTIONS = Expr("dict")


@dataclass(frozen=True, slots=True)
class _Plugin:
    """A function that registers routes on its first parameter. ``shared`` plugins add to the context that registers them, below its
    prefix and not their own; ``options`` is what their second parameter stands for."""

    path: str
    function: Function
    shared: bool = False
    options: Expr = _NO_OPTIONS


class Fastify:
    """Reads the endpoints of every Fastify app in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)
        self._hooks = Hooks(reader, self._handlers)
        self._entered: set[tuple[str, int]] = set()

    def read(self) -> tuple[Endpoint, ...]:
        """Every route that the app or one of its plugins registers."""
        modules = self._reader.marked(_MARK, *SCRIPTS)
        modules += users(self._reader, modules)
        for module in modules:
            for call in calls_in(module):
                if call.text.endswith((".decorate", ".decorateRequest")) and len(call.items) > 1:
                    self._hooks.decorated.setdefault(call.items[0].text, (module.path, call.items[1]))
        found: list[Endpoint] = []
        for module in modules:
            for name, binding in module.bindings.items():
                maker = maker_of(self._resolver, module, binding.value)
                if maker or is_app(module, binding.value):
                    self._reader.used.add(NAME)
                    hooks = (
                        self._context(maker.path, maker.name, maker.function.calls, "", Reading(), 0)[1]
                        if maker
                        else Reading()
                    )
                    found += self._context(module.path, name, module.calls, "", hooks, 0)[0]
        for module in modules:
            for plugin in self._unmounted_plugins(module):
                prefix = unmounted(self._reader, (module.path, plugin.function.name))
                found += self._plugin(plugin, "", prefix, 0)[0]
        return once(found)

    def _context(
        self,
        path: str,
        owner: str,
        calls: tuple[Expr, ...],
        prefix: str,
        above: Reading,
        depth: int,
        line: int = 0,
        options: tuple[str, Expr] = ("", _NO_OPTIONS),
    ) -> tuple[list[Endpoint], Reading]:
        """The endpoints of one context, and the hooks it ends with. ``options`` is the parameter its plugin is given besides, and its value."""
        found: list[Endpoint] = []
        own: list[Expr] = []
        handed: list[tuple[tuple[str, str, Function], list[Endpoint], Reading, Reading]] = []
        if depth > 12:
            return found, above
        inner = self._inside_others(path, owner, line, calls)
        module = self._resolver.module(path)
        for call in calls:
            if helper := self._handed(path, owner, call):
                before = above
                more, above = self._given(helper, prefix, before, depth)
                handed.append((helper, more, before, above))
            for link in _links(call, owner):
                name = link.text.rsplit(".", 1)[-1]
                if (link.line, link.text) in inner:
                    continue
                if link.items and (name.lower() in _VERBS or (name == "route" and link.items[0].kind == "dict")):
                    own += unrolled(self._resolver, module, link) if module else [link]
                elif name == "addHook" and len(link.items) > 1 and link.items[0].text in _HOOKS:
                    above += self._hooks.reading(path, link.items[1])
                elif name == "register" and link.items:
                    for each in unrolled(self._resolver, module, link) if module else (link,):
                        more, above = self._register(path, _with_options(each, *options), prefix, above, depth)
                        found += more
        # A hook holds for the routes that its context was given before it, too: they are put together when all is loaded.
        for helper, more, before, after in handed:
            later = above.since(after)
            found += more if later == Reading() else self._given(helper, prefix, before + later, depth)[0]
        for link in own:
            name = link.text.rsplit(".", 1)[-1].lower()
            if name == "route":
                found += self._route(path, link.items[0], link.line, prefix, above)
            else:
                found += self._verb(path, link, name, prefix, above)
        return found, above

    def _given(
        self, helper: tuple[str, str, Function], prefix: str, above: Reading, depth: int
    ) -> tuple[list[Endpoint], Reading]:
        """What a function adds to the context it is called with, and the hooks that it leaves there."""
        path, owner, function = helper
        return self._context(path, owner, function.calls, prefix, above, depth + 1, function.line)

    def _handed(self, path: str, owner: str, call: Expr) -> tuple[str, str, Function] | None:
        """The function that is called with the app, ``registerModules(app)``: its file, the name it gives the app, and itself."""
        at = next((i for i, item in enumerate(call.items) if item.kind == "name" and item.text == owner), None)
        found = self._resolver.find(path, call.text) if at is not None and call.text and call.on is None else None
        function = found.function if found else None
        if found is None or function is None or function.is_class or at is None or at >= len(function.params):
            return None
        self._entered.add((found.path, function.line))
        return found.path, function.params[at].name, function

    def _inside_others(self, path: str, owner: str, line: int, calls: tuple[Expr, ...]) -> set[tuple[int, str]]:
        """Calls on the same name that belong to a function further in, whose parameter is another context of that name."""
        module = self._resolver.module(path)
        functions = [item.function for call in calls for item in call.items if item.function]
        functions += [function for function in (module.functions.values() if module else ()) if function.line > line]
        functions += [
            e.function for e in (module.exports.values() if module else ()) if e.function and e.function.line > line
        ]
        return {(c.line, c.text) for f in functions if any(p.name == owner for p in f.params) for c in f.calls}

    def _verb(self, path: str, call: Expr, verb: str, prefix: str, above: Reading) -> Iterator[Endpoint]:
        options = next((item for item in call.items[1:] if item.kind == "dict"), Expr("dict"))
        handler = call.items[-1] if len(call.items) > 1 and call.items[-1].kind != "dict" else options.get("handler")
        for method in ANY if verb == "all" else (verb.upper(),):
            yield self._endpoint(path, call.items[0], method, options, handler, call.line, prefix, above)

    def _route(self, path: str, options: Expr, line: int, prefix: str, above: Reading) -> Iterator[Endpoint]:
        method, url = options.get("method"), options.get("url") or options.get("path")
        methods = [text.upper() for text in method.strings()] if method is not None else ["GET"]
        for one in methods or ["GET"]:
            if url is not None:
                yield self._endpoint(path, url, one, options, options.get("handler"), line, prefix, above)

    def _endpoint(
        self,
        path: str,
        url: Expr,
        method: str,
        options: Expr,
        handler: Expr | None,
        line: int,
        prefix: str,
        above: Reading,
    ) -> Endpoint:
        if options.kind == "name" and (named := self._resolver.find(path, options.text)) and named.binding:
            options = named.binding.value
        reading = above
        for hook in _HOOKS:
            if (value := options.get(hook)) is not None:
                reading += self._hooks.reading(path, value)
        function, where = None, path
        if handler is not None:
            unwrapped = self._handlers.unwrapped(path, handler)
            function, where = unwrapped.function, unwrapped.where
        name = (
            function.name
            if function and function.name
            else handler.text.rsplit(".", 1)[-1]
            if handler is not None
            else ""
        ) or "handler"
        if function is None:
            inline = Reading(unsure=(Span(path, line, f"{name} could not be followed"),))
        else:
            inline = self._reader.guards.inside(where, function)
            if not inline.guards and VERIFIES.search(function.code):
                inline = Reading((Guard(Span(where, function.line, f"{name} verifies the token")),))
        code = function.code if function else ""
        calls = function.calls if function else ()
        listed = (*inputs_of(self._resolver, where, code, calls), *self._described(path, options.get("schema")))
        inputs = {(one.where, one.name): one for one in listed}
        address = _template(self._resolver.text(path, url))
        reading = reading.at(method, join(prefix, address))
        route = Route(method, address, name, path, line, code, reading, inline, tuple(inputs.values()))
        return endpoint(NAME, route, prefix, Reading())

    def _described(self, path: str, schema: Expr | None) -> Iterator[Input]:
        """The inputs of a route's schema, by JSON Schema or by what a type provider reads: its body, query, path and headers."""
        there, parts = followed(self._resolver, path, schema)
        for part, where in _SCHEMA_PARTS:
            yield from schema_inputs(self._resolver, there, parts.get(part), where)

    def _register(
        self, path: str, call: Expr, prefix: str, above: Reading, depth: int
    ) -> tuple[list[Endpoint], Reading]:
        target, options = call.items[0], call.items[1] if len(call.items) > 1 else Expr("dict")
        if options.kind == "name" and (named := self._resolver.find(path, options.text)) and named.binding:
            options = named.binding.value
        given = next((one for one in _sides(options.get("prefix")) if one.kind != "name" or "." not in one.text), None)
        given = given or options.get("prefix")
        here = join(prefix, _template(self._resolver.text(path, given))) if given is not None else prefix
        outside = self._outside(path, target)
        if "autoload" in outside:
            return list(self._autoload(path, options, prefix, above, depth)), above
        if _BEARER.search(outside):
            return [], above + Reading((Guard(Span(path, call.line, f"{outside} refuses strangers")),))
        if outside.startswith("@fastify/static"):
            route = Route("GET", "{path}", "static files", path, call.line)
            return [endpoint(NAME, route, here, above)], above
        plugin = self._find_plugin(path, target)
        if plugin is None:
            if not _BRINGS_NO_ROUTES.search(outside or target.text) and target.text:
                self._reader.lose(path, call.line, f"{target.text}, given to register")
            return [], above
        found, ended = self._plugin(replace(plugin, options=options), prefix if plugin.shared else here, above, depth)
        return found, ended if plugin.shared else above

    def _plugin(self, plugin: _Plugin, prefix: str, above: Reading, depth: int) -> tuple[list[Endpoint], Reading]:
        self._entered.add((plugin.path, plugin.function.line))
        params = plugin.function.params
        if not params or not params[0].name:
            return [], above
        options = (params[1].name if len(params) > 1 else "", plugin.options)
        calls, line = plugin.function.calls, plugin.function.line
        return self._context(plugin.path, params[0].name, calls, prefix, above, depth + 1, line, options)

    def _find_plugin(self, path: str, target: Expr, hops: int = 6) -> _Plugin | None:
        # A method that registers the routes of its class: `register(users.routes.bind(users))`.
        target = unbound(target)
        if target.function is not None and target.kind == "function":
            return _Plugin(path, target.function)
        if hops and (required := required_module(target)):
            module, symbol = required
            file = self._resolver.script_file(path, module)
            return self._exported(file, hops, "default" if symbol == "*" else symbol) if file else None
        if target.kind == "call" and hops:
            inner = self._find_plugin(path, target.items[0], hops - 1) if target.items else None
            shared = _PLUGIN_WRAPPER in self._outside(path, Expr("name", target.text))
            return replace(inner, shared=shared or inner.shared) if inner else None
        found = self._resolver.find(path, target.text) if target.text and hops else None
        if found and found.function:
            return _Plugin(found.path, found.function)
        if found and found.binding:
            return self._find_plugin(found.path, found.binding.value, hops - 1)
        return None

    def _exported(self, file: str, hops: int, name: str = "default") -> _Plugin | None:
        found = self._resolver.exported(file, name, [], 8)
        if found and found.function:
            return _Plugin(found.path, found.function)
        return self._find_plugin(found.path, found.binding.value, hops - 1) if found and found.binding else None

    def _autoload(self, path: str, options: Expr, prefix: str, above: Reading, depth: int) -> Iterator[Endpoint]:
        """Every plugin below a folder, its folders being prefixes (@fastify/autoload)."""
        folder = options.get("dir")
        names = [text for text in folder.strings() if text] if folder is not None else []
        if not names:
            self._reader.lose(path, options.line, "the folder given to autoload")
            return
        root = posixpath.normpath(posixpath.join(posixpath.dirname(path), *(name.lstrip("/") for name in names)))
        extra, named = options.get("options"), options.get("dirNameRoutePrefix")
        by_folder = named is None or named.text != "false"
        given = extra.get("prefix") if extra is not None else None
        base = join(prefix, _template(self._resolver.text(path, given))) if given is not None else prefix
        for file in self._reader.tree.with_suffix(*SCRIPTS):
            plugin = self._exported(file.path, 6) if file.path.startswith(root + "/") else None
            if plugin is None:
                continue
            module = self._resolver.module(file.path)
            exports = module.exports if (module := self._resolver.module(file.path)) else {}
            auto, over = exports.get("autoPrefix"), exports.get("prefixOverride")
            below = posixpath.dirname(file.path)[len(root) :] if by_folder else ""
            own = self._resolver.text(file.path, auto) if auto is not None else _folders(below, options)
            here = join(prefix, self._resolver.text(file.path, over)) if over is not None else join(base, own)
            yield from self._plugin(plugin, here, above, depth)[0]

    def _outside(self, path: str, target: Expr) -> str:
        if target.kind == "call" and target.text == "require" and target.items:
            return target.items[0].text
        found = self._resolver.find(path, target.text) if target.text else None
        return found.outside if found else ""

    def _unmounted_plugins(self, module: Module) -> Iterator[_Plugin]:
        """Exported plugins that nothing we can see registers."""
        default = self._exported(module.path, 6)
        named = (f for name, f in module.functions.items() if name in module.exports and not f.is_class)
        # One that only hands on to others brings what they bring.
        others = (_Plugin(module.path, one) for one in named if _adds_routes(one))
        for plugin in (default, *others) if default else others:
            if plugin.path == module.path and (plugin.path, plugin.function.line) not in self._entered:
                kind = plugin.function.params[0].annotation if plugin.function.params else None
                name = plugin.function.params[0].name if plugin.function.params else ""
                if (kind is not None and "Fastify" in kind.text) or name == "fastify":
                    yield plugin


def _adds_routes(function: Function) -> bool:
    """Whether a function adds routes of its own to what it is given first."""
    given = function.params[0].name if function.params else ""
    return bool(given) and any(
        one.text.rpartition(".")[0] == given and one.text.rpartition(".")[2] in (*_VERBS, "route")
        for one in function.calls
    )


def _folders(below: str, options: Expr) -> str:
    """The prefix that folders make: ``/_id`` is a parameter where autoload is told ``routeParams``."""
    told = options.get("routeParams")
    return re.sub(r"/_(\w+)", r"/{\1}", below) if told is not None and told.text == "true" else below


def _sides(value: Expr | None) -> tuple[Expr, ...]:
    """What ``a ?? b`` may be, in its order; the value itself when it is no choice."""
    if value is not None and value.kind == "other" and "??" in value.text:
        return tuple(Expr("name", part.strip(), line=value.line) for part in value.text.split("??"))
    return () if value is None else value.items if value.kind == "either" and "??" in value.text else (value,)


def _with_options(call: Expr, name: str, options: Expr) -> Expr:
    """A call of ``register`` with the options that its plugin was given in the place of the parameter that stands for them."""
    if not name or len(call.items) < 2:
        return call
    given = call.items[1]
    if given.kind == "name" and given.text == name:
        return structs.replace(call, items=(call.items[0], options))
    filled = []
    for key, value in given.named:
        known = (
            options.get(one.text.removeprefix(f"{name}.")) for one in _sides(value) if one.text.startswith(f"{name}.")
        )
        filled.append((key, next(filter(None, known), value)))
    return structs.replace(call, items=(call.items[0], structs.replace(given, named=tuple(filled))))


def _links(call: Expr, owner: str) -> list[Expr]:
    """The calls of a chain on ``owner``, in the order they run."""
    links: list[Expr] = []
    current: Expr | None = call
    while current is not None:
        links.append(current)
        current = current.on
    links.reverse()
    return links if links[0].text.startswith(f"{owner}.") and links[0].text.count(".") == owner.count(".") + 1 else []


def _template(path: str) -> str:
    return _PARAMETER.sub(r"{\1}", path)


EXPECTS = expected(_MARK, *SCRIPTS)
READS = {NAME: Fastify}
