"""Express 4 and 5: routers and their mounts, middleware in the order it runs, chained routes."""

import re
from dataclasses import replace
from functools import partial

from launchready.model.surface import Endpoint, Input
from launchready.sources.facts.script_values import required_module
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.body_fields import with_fields
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once, unmounted
from launchready.sources.frameworks.express_bodies import as_forms, forms_alone
from launchready.sources.frameworks.express_inputs import asks_password, code_of, files_of, handed_on, inputs_of
from launchready.sources.frameworks.express_makes import CONSTRUCTS, FACTORY, kind_of
from launchready.sources.frameworks.express_middleware import InTheWay, serves_files
from launchready.sources.frameworks.express_objects import Objects
from launchready.sources.frameworks.express_validation import validated
from launchready.sources.frameworks.loops import unrolled
from launchready.sources.frameworks.script_factories import Factories, makes
from launchready.sources.frameworks.script_forgotten import forgotten
from launchready.sources.frameworks.script_given import Given, functions_of
from launchready.sources.frameworks.script_handlers import ANY
from launchready.sources.frameworks.script_routers import (
    Key,
    Router,
    Used,
    address,
    before,
    below,
    called,
    called_on,
    entries_of,
    handed,
    handler_of,
    last_word,
    left_to_others,
    links_of,
    template,
    wildcard,
    written,
)
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading

NAME = "Express"
_MARK = Mark(
    re.compile(
        rb"""(?:from\s+|require\(\s*|import\s+)["'](?:express|express-promise-router|express-async-router)["']|\bRouter\(|\bthis\.route\(\s*["']"""
        rb"""|\.route\(\s*["'](?:GET|POST|PUT|PATCH|DELETE)["']|\bthis\.(?:router|app)\.(?:get|post|put|patch|delete|use|route)\("""
    ),
    (b'"express', b"'express", b"Router(", b".route(", b"this.router", b"this.app."),
)
_METHODS = ("get", "post", "put", "patch", "delete", "all", "head", "options", "query", "search")
_TERMINALS = re.compile(
    r"^(?:passport\.authenticate|expressjwt|jwt|expressJwt|requireAuth|requiresAuth|ClerkExpressRequireAuth|auth\.required|twilio\.webhook|"
    r"basicAuth|checkJwt|ensureLoggedIn|ensureAuthenticated|keycloak\.protect|withAuth)$"
)
_BRINGS_ROUTES = re.compile(r"rout(?:er|es)|controller|endpoints", re.I)


class Express:
    """Reads every Express app of a tree. Frameworks that register routes the same way are subclasses."""

    name = NAME
    mark = _MARK
    terminals = _TERMINALS

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._routers: dict[Key, Router] = {}
        self._given = Given(self._resolver, ())
        self._objects = Objects(self._resolver, (), self._kind, set())
        self._way = InTheWay(reader, self.terminals)
        self._makers = Factories(reader, CONSTRUCTS, "express", by_function=True)

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints; routers that nothing mounts are kept."""
        modules = self._reader.modules(written(self._reader, self.mark))
        if modules:
            self._reader.used.add(self.name)
        modules += self._users(modules)
        built: dict[str, list[Expr]] = {}
        for module in modules:
            bound = {name: binding.value for name, binding in module.bindings.items()}
            for name, value in (module.exports | bound).items():
                at = next((at for at, one in enumerate(links_of(value)) if self._kind(module, one)), None)
                kept = name.startswith("this.") and any(one.is_class for one in module.functions.values())
                if (module.path, name) not in self._routers and at is not None and not kept:
                    *later, made = links_of(value)[: at + 1]
                    kind = self._kind(module, made)
                    own, base = self._own_prefix(module, made), self._base(module, made)
                    self._routers[module.path, name] = Router(kind == "app", own, base=base)
                    built.setdefault(module.path, []).extend(called_on(name, later))
        self._objects = Objects(self._resolver, modules, self._kind, set(self._routers))
        for key, kind in self._objects.routers.items():
            made_of, there = self._objects.made.get(key), self._resolver.module(key[0])
            own = self._own_prefix(there, made_of) if there is not None and made_of is not None else ""
            self._routers[key] = Router(kind == "app", own, base=self._objects.bases.get(key))
        modules += self._hand_out(modules)
        self._given = Given(self._resolver, modules)
        for module in modules:
            chained = (value for value in module.exports.values() if value.kind == "call")
            for call in (*built.get(module.path, ()), *module.calls, *chained):
                for each in self._objects.rewritten(module, call):
                    self._hand_over(module, each)
                    for one in unrolled(self._resolver, module, each):
                        for made in self._objects.rewritten(module, one) if one is not each else (one,):
                            self._call(module, made)
            self._classes(module)
        bases = {router.base for router in self._routers.values()}
        found: list[Endpoint] = []
        for router in [r for key, r in self._routers.items() if r.is_app and not r.mounted and key not in bases]:
            found += self._walk(router, "", Reading(), ())
        for key, router in self._routers.items():
            if not router.is_app and not router.mounted and key not in bases and not forgotten(self._reader, *key):
                found += self._walk(router, "", unmounted(self._reader, key), ())
        endpoints = once(handed_on(found))
        return as_forms(endpoints) if self.name == NAME and forms_alone(self._reader) else endpoints

    def _hand_out(self, modules: list[Module]) -> list[Module]:
        """Knows the parameters of functions that are given a router; the modules of these functions that were not read yet."""
        known = {module.path for module in modules}
        more: list[Module] = []
        todo = modules
        while todo:
            reached: list[Module] = []
            for module in todo:
                for call in (one for each in module.calls for one in self._objects.rewritten(module, each)):
                    for argument, child in handed(self._resolver, module, call):
                        if child not in self._routers and self._known(module, argument):
                            self._routers[child] = Router(False, mounted=True)
                            if there := self._resolver.module(child[0]):
                                reached.append(there)
            more += [module for module in reached if module.path not in known]
            known |= {module.path for module in reached}
            todo = reached
        return list({module.path: module for module in more}.values())

    def _hand_over(self, module: Module, call: Expr) -> None:
        for argument, child in (*handed(self._resolver, module, call), *self._objects.handed(module, call)):
            parent = self._known(module, argument) if child in self._routers else None
            if parent and parent != child:
                self._routers[child].mounted = True
                used = [(prefix, reading.reached_when(call.when)) for prefix, reading in self._routers[parent].used]
                used += [("/", Reading().reached_when(call.when))]
                self._routers[parent].handed.append((child, used))

    def _own_prefix(self, module: Module, value: Expr) -> str:
        return ""

    def _users(self, modules: list[Module]) -> list[Module]:
        """Modules without a mark that make their routers by functions of these."""
        return self._makers.users(modules, partial(makes, self._kind))

    def _base(self, module: Module, value: Expr) -> Key | None:
        """The router that a function of the app made first and ``value`` begins as."""
        made = self._makers.named(module.path, value, FACTORY)
        return made.base if made is not None else None

    def _kind(self, module: Module, value: Expr) -> str:
        if value.kind != "call":
            return ""
        made = None if (kind := kind_of(module, value)) else self._makers.named(module.path, value, FACTORY)
        return kind if made is None else "router" if value.text.lower().endswith("router") else "app"

    def _known(self, module: Module, dotted: str) -> Key | None:
        if ":" in dotted:
            path, _, name = dotted.rpartition(":")
            if (path, name) in self._routers:
                return path, name
        if (module.path, dotted) in self._routers:
            return module.path, dotted
        found = self._resolver.find(module.path, dotted) if dotted else None
        return (found.path, found.name) if found and (found.path, found.name) in self._routers else None

    def _router(self, module: Module, dotted: str) -> Key | None:
        if key := self._known(module, dotted):
            return key
        # module.exports = (app) => { app.get(...) }: the app it is given is the only one, when there is only one.
        apps = [key for key, router in self._routers.items() if router.is_app]
        given = [param for f in functions_of(module) for param in f.params if param.name == dotted]
        found = self._resolver.find(module.path, dotted) if dotted else None
        if not found and dotted in ("app", "server", "router") and given:
            made = [param.default for param in given if param.default is not None]
            own = any(self._kind(module, one) == "app" for one in made)
            if len(apps) == 1 and not own:
                return apps[0]
            self._routers[module.path, dotted] = Router(own)
            return module.path, dotted
        return None

    def _classes(self, module: Module) -> None:
        """``this.route("GET", "/x", ...handlers)`` in the methods of a class that is a router."""
        for owner in (function for function in module.functions.values() if function.is_class):
            for call in (call for method in owner.methods for call in method.calls if call.text == "this.route"):
                if len(call.items) > 2 and call.items[0].text.lower() in _METHODS:
                    key = (module.path, owner.name)
                    self._routers.setdefault(key, Router(False))
                    for path in self._paths(module, call.items[1]):
                        self._route(module, key, call.items[0].text.lower(), path, call.items[2:], call.line)

    def _call(self, module: Module, call: Expr) -> None:
        owner, _, method = call.text.rpartition(".")
        if call.on is not None:
            self._links(module, call)
            return
        named = method == "route" and len(call.items) > 2 and call.items[0].text.lower() in _METHODS
        key = self._router(module, owner) if owner and (method in _METHODS or method == "use" or named) else None
        if key is None:
            return
        if named:
            for path in self._paths(module, call.items[1]) if owner != "this" else ():
                self._route(module, key, call.items[0].text.lower(), path, call.items[2:], call.line, call.when)
        elif method == "use":
            self._use(module, key, call)
        elif call.items and not (method == "get" and len(call.items) == 1):
            for path in self._paths(module, call.items[0]):
                self._route(module, key, method, path, call.items[1:], call.line, call.when)

    def _links(self, module: Module, call: Expr) -> None:
        """``app.use(a).use(b)``: each link is a call on the app, for it returns itself."""
        links = links_of(call)
        owner, _, first = links[-1].text.rpartition(".")
        if first == "route" or first not in (*_METHODS, "use"):
            self._chained(module, call)
            return
        for link in called_on(owner, links, call.when):
            self._call(module, link)

    def _chained(self, module: Module, call: Expr) -> None:
        """``router.route("/x").get(a).post(b)``, read from its last call back."""
        links = links_of(call)
        first = links[-1]
        owner, _, method = first.text.rpartition(".")
        key = self._router(module, owner) if method == "route" and first.items else None
        if key is None:
            return
        for path in self._paths(module, first.items[0]):
            everyone = next((link.items for link in reversed(links) if link.text == "all"), ())
            for link in reversed(links[:-1]):
                if link.text in _METHODS and link.text != "all":
                    self._route(module, key, link.text, path, (*everyone, *link.items), link.line, call.when)

    def _paths(self, module: Module, value: Expr) -> list[str]:
        values = value.items if value.kind == "list" else (value,)
        return [template(self._given.filled(module, self._resolver.text(module.path, one))) for one in values]

    def _route(
        self,
        module: Module,
        key: Key,
        method: str,
        path: str,
        handlers: tuple[Expr, ...],
        line: int,
        when: str = "",
    ) -> None:
        home, ahead = module, Reading()
        if handlers and (kept := self._way.kept(module, handlers[-1])):
            ahead = sum((self._way.reading(module.path, one) for one in handlers[:-1]), ahead)
            module, handlers = kept
        flat = [one for h in handlers for one in (h.items if h.kind == "list" else (h,))]
        if not flat:
            return
        if method == "all" and (below_it := wildcard(path)) and self._way.hands_on(module.path, flat[-1]):
            # app.all("/api/*", ask): middleware for what is below (expressjs.com, app.all).
            asked = sum((self._way.some(module.path, one) for one in flat), Reading()).asked_when(when)
            self._routers[key].used.append((below_it, asked))
            return
        *middle, last = flat
        reading, inline, text = self._routers[key].before(path).reached_when(when) + ahead, Reading(), ""
        inputs: tuple[Input, ...] = ()
        for index, one in enumerate(middle):
            _, function, where = handler_of(self._resolver, module.path, one)
            named = one.kind == "name" and function is not None and not asks_password(function)
            if function is not None and not named:
                # A handler may answer in steps: router.get("/", load, reply).
                inline += self._left(self._reader.guards.inside(where, function), module, flat[index + 1 :])
                text += code_of(function)
                inputs = with_fields(inputs, inputs_of(self._resolver, where, code_of(function), function.calls))
            else:
                reading += self._left(self._way.reading(module.path, one), module, flat[index + 1 :])
                if function is not None and self._reader.guards.function(where, function) is None:
                    inputs = with_fields(inputs, inputs_of(self._resolver, where, code_of(function), function.calls))
        name, function, where = handler_of(self._resolver, module.path, last)
        if function is None:
            inline += self._way.unseen(module.path, last, name, line)
        else:
            inline += self._left(self._reader.guards.inside(where, function), module, [])
            text += code_of(function)
            inputs = with_fields(inputs, inputs_of(self._resolver, where, code_of(function), function.calls))
        if last_word(path, text):
            return
        path = address(path)
        inputs += files_of(self._resolver, module.path, middle)
        checked = validated(self._resolver, module.path, middle, "query" if method == "get" else "body")
        inputs = with_fields(checked, inputs)
        # `check` looks in all places, also in the address.
        parameters = set(re.findall(r"{(\w+)}", path))
        inputs = tuple(replace(one, where="path") if one.name in parameters else one for one in inputs)
        for verb in ANY if method == "all" else (method.upper(),):
            self._routers[key].routes.append(Route(verb, path, name, home.path, line, text, reading, inline, inputs))

    def _left(self, reading: Reading, module: Module, later: list[Expr]) -> Reading:
        known = [handler_of(self._resolver, module.path, one)[1:] for one in later]
        return left_to_others(reading, known, self._reader.guards)

    def _use(self, module: Module, key: Key, call: Expr) -> None:
        items = list(call.items)
        prefixes = ["/"]
        if items and items[0].kind in ("str", "list") and any(True for _ in items[0].strings()):
            prefixes = self._paths(module, items.pop(0))
        elif (
            items
            and items[0].kind == "name"
            and len(items) > 1
            and (text := self._resolver.text(module.path, items[0])).startswith("/")
        ):
            prefixes = [template(text)]
            items.pop(0)
        reading = Reading()
        for item in [one for i in items for one in (i.items if i.kind == "list" else (i,))]:
            if serves_files(module, item):
                for prefix in prefixes:
                    above = (self._routers[key].before(prefix) + reading).reached_when(call.when)
                    route = Route("GET", join(prefix, "{path}"), "static files", module.path, call.line, "", above)
                    self._routers[key].routes.append(route)
                continue
            children = self._children(module, item)
            for (child, when), prefix in [(one, prefix) for one in children for prefix in prefixes if one[0] != key]:
                self._routers[key].mount(child, prefix, reading, call.when, when)
                self._routers[child].mounted = True
            if not children:
                found = self._way.some(module.path, item)
                if found.unsure and item.text and (prefixes != ["/"] or _BRINGS_ROUTES.search(item.text)):
                    self._reader.lose(module.path, call.line, f"{item.text}, mounted at {prefixes[0]}")
                reading += found
        if reading.guards or reading.unsure or reading.only_when or reading.brings:
            self._routers[key].used += [(prefix, reading.asked_when(call.when)) for prefix in prefixes]

    def _children(self, module: Module, item: Expr) -> list[tuple[Key, str]]:
        """The routers that an argument of ``use`` stands for, each with its condition; a parameter may be given another by each caller."""
        found = self._resolver.find(module.path, item.text) if item.kind == "name" else None
        made = found.binding.value if found and found.binding else None
        if found and made and made.kind == "either" and (there := self._resolver.module(found.path)):
            return [(key, one.when) for one in made.items if (key := self._mounted(there, one))]
        if child := self._mounted(module, item):
            return [(child, "")]
        given = self._given.values(module, item.text) if item.kind == "name" else ()
        return list(dict.fromkeys((key, "") for there, value in given if (key := self._mounted(there, value))))

    def _mounted(self, module: Module, item: Expr) -> Key | None:
        dotted = item.text if item.kind == "name" else ""
        if required := required_module(item):
            target = self._resolver.script_file(module.path, required[0])
            found = self._resolver.exported(target, required[1], [], 8) if target else None
            return (found.path, found.name) if found and (found.path, found.name) in self._routers else None
        if item.kind == "call":
            # app.use("/x", makeRouter(options)), or require("./x")(options): the router that the function builds and returns.
            makers = ((one.path, one.function) for one in called(self._resolver, module, item))
            names = [(path, n) for path, f in makers if f for n in re.findall(r"\breturn\s+(\w+)\b", f.code)]
            return next((key for key in names if key in self._routers), None)
        if not dotted:
            return None
        if ":" in dotted and (key := self._known(module, dotted)):
            return key
        if key := next((key for key in entries_of(self._resolver, module, dotted) if key in self._routers), None):
            return key
        found = self._resolver.find(module.path, dotted)
        made = found.binding.value if found and found.binding else None
        if found and made and made.kind == "call" and (found.path, found.name) not in self._routers:
            # const api = await makeRouter(options); app.use(api)
            there = self._resolver.module(found.path)
            return self._mounted(there, made) if there and made.text != dotted else None
        return (found.path, found.name) if found and (found.path, found.name) in self._routers else None

    def _walk(
        self, router: Router, prefix: str, above: Reading, seen: tuple[int, ...], used: Used = ()
    ) -> list[Endpoint]:
        if id(router) in seen:
            return []
        base = self._routers.get(router.base) if router.base else None
        found = self._walk(base, prefix, above, seen, used) if base is not None else []
        used = (*used, *base.used) if base is not None else used
        prefix, seen = join(prefix, base.prefix if base is not None else "", router.prefix), (*seen, id(router))
        found += [endpoint(self.name, route, prefix, above + before(used, route.path)) for route in router.routes]
        for one in router.children:
            child, earlier = self._routers[one.key], (*used, *one.used)
            at = join(one.prefix, child.prefix)
            way = above + before(earlier, at) + one.between
            found += self._walk(child, join(prefix, one.prefix), way, seen, below(earlier, at))
        for key, given in router.handed:
            found += self._walk(self._routers[key], prefix, above, seen, (*used, *given))
        return found


EXPECTS = partial(written, mark=_MARK)
READS = {NAME: Express}
