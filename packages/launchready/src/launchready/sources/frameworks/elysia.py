"""Elysia: routes of instances and of what they use, with hooks by their scope (elysiajs.com: plugin, life-cycle, macro).

A hook stands before the routes that come after it in its instance, those of plugins used after it included. A hook that is *scoped*
reaches the instance that uses it as well, a *global* one all of them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from msgspec import structs

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module, Param
from launchready.sources.frameworks.body_fields import with_fields
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, join, once, unmounted
from launchready.sources.frameworks.express_middleware import HARMLESS
from launchready.sources.frameworks.procedures import links_of
from launchready.sources.frameworks.script_handlers import ANY, SCRIPTS, Handlers
from launchready.sources.frameworks.script_inputs import inputs_of
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading
from launchready.sources.schemas.compose import schema_inputs
from launchready.sources.sometimes import returns_before

NAME = "Elysia"
_MARK = Mark(re.compile(rb"""["']elysia["']"""), (b"elysia",))
_VERBS = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "all"))
_HOOKS = frozenset(("onRequest", "onParse", "onTransform", "onBeforeHandle", "derive", "resolve"))
_IN_OPTIONS = ("transform", "beforeHandle", "resolve")
_PARAMETER = re.compile(r":(\w+)\??")
_BY_PATH = re.compile(r"\bpath(?:name)?\b|\burl\b")
# if (path === "/sign-in" || path === "/refresh") return
_BY_NAME = re.compile(r"\bif\s*\((?:\s*path\s*===?\s*[\"'`][^\"'`]*[\"'`]\s*(?:\|\|)?)+\)\s*\{?\s*return\b")
_ONE_PATH = re.compile(r"\bpath\s*===?\s*[\"'`](/[^\"'`]*)[\"'`]")
# const allow = (permission: string) => (app: Elysia) => app.guard({...}): a plugin that is a function (elysiajs.com: plugin, functional callback).
_MAKES_PLUGIN = re.compile(r"(?:\{\s*return\s+)?(?:async\s+)?\(?\s*(\w+)\s*(?::[^()={}]{1,200})?\)?\s*=>")
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class _Hook:
    """What a hook demands, without the addresses (``but``) that it lets pass."""

    reading: Reading
    but: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Instance:
    """An instance as its chain has built it so far: ``hooks`` stand before what follows, ``scoped`` and ``everywhere`` reach further."""

    prefix: str = ""
    listens: bool = False
    hooks: list[_Hook] = field(default_factory=list)
    scoped: list[_Hook] = field(default_factory=list)
    everywhere: list[_Hook] = field(default_factory=list)
    macros: dict[str, tuple[str, Expr]] = field(default_factory=dict)
    routes: list[tuple[Route, list[_Hook]]] = field(default_factory=list)


class Elysia:
    """Reads every Elysia app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)
        self._built: dict[tuple[str, str], _Instance] = {}
        self._used: set[tuple[str, str]] = set()

    def read(self) -> tuple[Endpoint, ...]:
        """The routes of every instance that no other one uses."""
        modules = self._reader.marked(_MARK, *SCRIPTS)
        keys = [
            (module.path, name)
            for module in modules
            for name, value in (module.exports | {n: b.value for n, b in module.bindings.items()}).items()
            if self._is_instance(module, value)
        ]
        if keys:
            self._reader.used.add(NAME)
        for key in keys:
            self._instance(key, 0)
        roots = [key for key in keys if key not in self._used]
        served = [key for key in roots if self._built[key].listens] or roots
        found: list[Endpoint] = []
        for key in (*served, *(key for key in roots if key not in served)):
            nowhere = unmounted(self._reader, key) if key not in served else Reading()
            for route, hooks in self._built[key].routes:
                asked = (hook.reading for hook in hooks if join(route.path) not in hook.but)
                found.append(endpoint(NAME, route, "", sum(asked, nowhere)))
        return once(found)

    def _is_instance(self, module: Module, value: Expr) -> bool:
        first = links_of(value)[-1]
        entry = module.imports.get(first.text)
        return value.kind == "call" and entry is not None and entry.module == "elysia" and entry.symbol == "Elysia"

    def _instance(self, key: tuple[str, str], depth: int) -> _Instance:
        if key in self._built:
            return self._built[key]
        made = self._built[key] = _Instance()
        module = self._resolver.module(key[0])
        if module is None or depth > _DEEPEST:
            return made
        bound = module.bindings.get(key[1])
        value = bound.value if bound is not None else module.exports.get(key[1])
        if value is None:
            return made
        self._chain(module.path, value, made, depth)
        inner = _inside_others(module, key[1])
        # `const app = users; app.get(...)`
        same = {name for name, other in module.bindings.items() if other.value == Expr("name", key[1], line=other.line)}
        for call in (call for call in module.calls if (call.line, call.text) not in inner):
            # const app = new Elysia(); app.get(...).post(...)
            chain = list(reversed(links_of(call)))
            if chain[0].text.rpartition(".")[0] in {key[1], *same}:
                self._run(module.path, chain, made, depth)
        return made

    def _chain(self, path: str, value: Expr, made: _Instance, depth: int) -> None:
        """Builds an instance by the chain that begins with ``new Elysia({ prefix })``."""
        first, *links = reversed(links_of(value))
        options = next((item for item in first.items if item.kind == "dict"), Expr("dict"))
        if (prefix := options.get("prefix")) is not None:
            made.prefix = self._resolver.text(path, prefix)
        self._run(path, links, made, depth)

    def _run(self, path: str, links: Iterable[Expr], made: _Instance, depth: int) -> None:
        for link in links:
            method = link.text.rsplit(".", 1)[-1]
            if method in _VERBS and len(link.items) > 1:
                for verb in ANY if method == "all" else (method.upper(),):
                    self._route(path, verb, link.items, link.line, made)
            elif method == "route" and len(link.items) > 2:
                self._route(path, link.items[0].text.upper(), link.items[1:], link.line, made)
            elif method == "ws" and link.items:
                options = next((item for item in link.items[1:] if item.kind == "dict"), Expr("dict"))
                items = (link.items[0], options.get("message") or Expr("const"), options)
                self._route(path, "WEBSOCKET", items, link.line, made)
            elif method in _HOOKS and link.items:
                reach = next((item.get("as") for item in link.items if item.kind == "dict"), None)
                self._hook(path, link.items[-1], reach, made, method)
            elif method == "guard" and link.items:
                self._guard(path, link, made, depth)
            elif method == "group" and len(link.items) > 1:
                self._group(path, link, made, depth)
            elif method == "macro" and link.items:
                self._macros(path, link, made)
            elif method == "as" and link.items:
                made.scoped += made.hooks
                made.everywhere += made.hooks if link.items[0].text == "global" else []
            elif method == "listen":
                made.listens = True
            elif method == "use" and link.items:
                for item in link.items[0].items if link.items[0].kind == "list" else link.items[:1]:
                    self._use(path, item, made, depth)

    def _route(self, path: str, verb: str, items: tuple[Expr, ...], line: int, made: _Instance) -> None:
        options = next((item for item in items[2:] if item.kind == "dict"), Expr("dict"))
        hooks = [*made.hooks, *self._in_options(path, options, made)]
        handler = self._handlers.unwrapped(path, items[1])
        function, plain = handler.function, items[1].kind in ("str", "const", "dict", "list")
        inline, code = Reading(), ""
        inputs: tuple[Input, ...] = ()
        if function is not None:
            inline, code = self._reader.guards.inside(handler.where, function), function.code
            inputs = inputs_of(self._resolver, handler.where, code, function.calls)
        elif not plain:
            inline = Reading(unsure=(Span(path, line, f"handler {items[1].text or 'here'} could not be followed"),))
        for name, where in (("body", "body"), ("query", "query"), ("params", "path"), ("headers", "header")):
            inputs = with_fields(schema_inputs(self._resolver, path, options.get(name), where), inputs)
        address = join(made.prefix, _PARAMETER.sub(r"{\1}", self._resolver.text(path, items[0])))
        name = (function.name if function is not None else items[1].text) or "handler"
        route = Route(verb, address, name, path, line, code, handler.wraps, inline, inputs)
        made.routes.append((route, hooks))

    def _in_options(self, path: str, options: Expr, made: _Instance) -> list[_Hook]:
        """The hooks that a route or a guard is given, by name or by a macro."""
        found: list[_Hook] = []
        for name, value in options.named:
            if name in _IN_OPTIONS:
                found += [self._asked(path, one) for one in (value.items if value.kind == "list" else (value,))]
            elif name in made.macros and value.text != "false":
                where, macro = made.macros[name]
                given = tuple(value.strings())
                found += [_with_roles_of(hook, given) for hook in self._macro_hooks(where, macro)]
        return found

    def _macro_hooks(self, path: str, macro: Expr) -> list[_Hook]:
        # auth: { resolve() {} }, and role: (name) => ({ beforeHandle() {} }), whose body is read as a whole.
        if macro.kind == "dict":
            return [self._asked(path, value) for name, value in macro.named if name in _IN_OPTIONS]
        return [self._asked(path, macro)] if macro.function is not None else []

    def _macros(self, path: str, link: Expr, made: _Instance) -> None:
        named = link.items[0].kind == "str" and len(link.items) > 1
        entries = ((link.items[0].text, link.items[1]),) if named else link.items[0].named
        made.macros |= {name: (path, value) for name, value in entries}

    def _asked(self, path: str, value: Expr) -> _Hook:
        """What one hook demands, and which addresses it lets pass by name."""
        handler = self._handlers.unwrapped(path, value)
        function: Function | None = handler.function
        if function is None:
            what = f"hook {value.text or 'here'} could not be followed"
            return _Hook(Reading(unsure=(Span(path, value.line, what),)) if value.text else Reading())
        guard = self._reader.guards.function(handler.where, function)
        if guard is None:
            return _Hook(Reading())
        named = frozenset(_ONE_PATH.findall(function.code))
        passes = returns_before(_BY_NAME.sub("", function.code))
        guard = replace(guard, optional=guard.optional or bool(passes))
        if not named and _BY_PATH.search(function.code):
            what = "a hook refuses some requests by their path"
            return _Hook(Reading(unsure=(Span(handler.where, function.line, what),)))
        return _Hook(Reading((guard,)), named)

    def _hook(self, path: str, value: Expr, reach: Expr | None, made: _Instance, method: str) -> None:
        for one in value.items if value.kind == "list" else (value,):
            hook = self._asked(path, one)
            made.hooks.append(hook)
            if (reach is not None and reach.text in ("scoped", "global")) or method == "onRequest":
                made.scoped.append(hook)
            if (reach is not None and reach.text == "global") or method == "onRequest":
                made.everywhere.append(hook)

    def _guard(self, path: str, link: Expr, made: _Instance, depth: int) -> None:
        options = link.items[0] if link.items[0].kind == "dict" else Expr("dict")
        hooks, inner = self._in_options(path, options, made), link.items[-1].function
        if inner is None:
            made.hooks += hooks
            reach = options.get("as")
            made.scoped += hooks if reach is not None and reach.text in ("scoped", "global") else []
            made.everywhere += hooks if reach is not None and reach.text == "global" else []
            return
        self._within(path, inner, made, made.prefix, hooks, depth)

    def _group(self, path: str, link: Expr, made: _Instance, depth: int) -> None:
        inner = link.items[-1].function
        options = next((item for item in link.items if item.kind == "dict"), Expr("dict"))
        if inner is not None:
            below = join(made.prefix, _PARAMETER.sub(r"{\1}", self._resolver.text(path, link.items[0])))
            self._within(path, inner, made, below, self._in_options(path, options, made), depth)

    def _within(
        self, path: str, function: Function, made: _Instance, prefix: str, hooks: list[_Hook], depth: int
    ) -> None:
        """Runs what a function adds to an instance of its own, which begins as this one is."""
        inner = _Instance(prefix, hooks=[*made.hooks, *hooks], macros=dict(made.macros))
        self._applied(path, function, inner, depth)
        made.routes += inner.routes

    def _applied(self, path: str, function: Function, made: _Instance, depth: int, roles: tuple[str, ...] = ()) -> None:
        """Runs what a function adds to the instance it is given; ``roles`` are the texts that it was made with."""
        given, before = function.params[0].name if function.params else "", len(made.hooks)
        chains = [list(reversed(links_of(call))) for call in function.calls]
        mine = [chain for chain in chains if given and chain[0].text.rpartition(".")[0] == given]
        longest: dict[str, list[Expr]] = {}
        for chain in mine:
            # Each link of a chain is a call of its own: the longest of those that begin alike is the whole.
            longest[str(chain[0])] = max(longest.get(str(chain[0]), []), chain, key=len)
        for chain in longest.values():
            self._run(path, chain, made, depth + 1)
        if roles:
            made.hooks[before:] = [_with_roles_of(hook, roles) for hook in made.hooks[before:]]

    def _use(self, path: str, item: Expr, made: _Instance, depth: int) -> None:
        module = self._resolver.module(path)
        if item.kind == "call" and module is not None and self._is_instance(module, item):
            inline = _Instance()
            self._chain(path, item, inline, depth + 1)
            self._take(inline, made)
            return
        if item.kind == "call":
            self._made(path, item, made, depth)
            return
        found = self._resolver.find(path, item.text) if item.kind == "name" and item.text else None
        function = item.function if item.kind == "function" else found.function if found is not None else None
        if function is not None and depth < _DEEPEST:
            self._applied(found.path if found is not None else path, function, made, depth)
            return
        if found is None or found.outside or found.binding is None:
            self._unseen(path, item, found.outside if found is not None else "")
            return
        module = self._resolver.module(found.path)
        if module is None or not self._is_instance(module, found.binding.value):
            if found.binding.value.function is not None:
                self._applied(found.path, found.binding.value.function, made, depth)
            return
        key = (found.path, found.name)
        self._used.add(key)
        self._take(self._instance(key, depth + 1), made)

    def _made(self, path: str, call: Expr, made: _Instance, depth: int) -> None:
        """Uses what a function of the app makes: ``use(notes(database))`` for ``const notes = (db) => new Elysia()...``."""
        found = self._resolver.find(path, call.text) if call.text else None
        module = self._resolver.module(found.path) if found is not None and found.function is not None else None
        if found is None or found.function is None or module is None or depth > _DEEPEST:
            return
        chains = [one for one in found.function.calls if self._is_instance(module, one)]
        inner = _MAKES_PLUGIN.match(found.function.code.lstrip())
        if chains:
            inline = _Instance()
            self._chain(found.path, max(chains, key=lambda one: len(links_of(one))), inline, depth + 1)
            self._take(inline, made)
        elif inner is not None:
            plugin = structs.replace(found.function, params=(Param(inner[1]),))
            self._applied(found.path, plugin, made, depth, tuple(call.strings()))
        elif not HARMLESS.search(call.text):
            what = f"{call.text}, given to use, could not be followed"
            made.hooks.append(_Hook(Reading(unsure=(Span(path, call.line, what),))))

    @staticmethod
    def _take(child: _Instance, made: _Instance) -> None:
        """What comes of using an instance: its routes behind the hooks until then, and its hooks that reach further."""
        for route, hooks in child.routes:
            made.routes.append((replace(route, path=join(made.prefix, route.path)), [*made.hooks, *hooks]))
        made.hooks += child.scoped
        made.everywhere += child.everywhere
        made.scoped += child.everywhere
        made.macros |= child.macros

    def _unseen(self, path: str, item: Expr, outside: str) -> None:
        """A plugin of a package brings no routes of the app; anything else that cannot be followed may."""
        if not outside and item.kind == "name":
            self._reader.lose(path, item.line, f"{item.text}, given to use")


def _inside_others(module: Module, name: str) -> set[tuple[int, str]]:
    """Calls on a parameter of this name, which is another instance: ``guard(hooks, (app) => app.get(...))``."""
    given = (item.function for call in module.calls for link in links_of(call) for item in link.items)
    functions = (one for one in (*module.functions.values(), *given) if one is not None)
    return {(c.line, c.text) for f in functions if any(p.name == name for p in f.params) for c in f.calls}


def _with_roles_of(hook: _Hook, given: tuple[str, ...]) -> _Hook:
    reading = hook.reading
    return replace(hook, reading=Reading(tuple(_with_roles(guard, given) for guard in reading.guards), reading.unsure))


def _with_roles(guard: Guard, given: tuple[str, ...]) -> Guard:
    return guard if guard.roles or not given else replace(guard, roles=given)


EXPECTS = expected(_MARK, *SCRIPTS)
READS = {NAME: Elysia}
