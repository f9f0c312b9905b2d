"""Flask: blueprints, decorators in their order, class views, ``before_request`` guards."""

import re
from collections.abc import Sequence

from msgspec import structs

from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, join, once, unmounted
from launchready.sources.frameworks.flask_apps import extending, extension, lineage_of
from launchready.sources.frameworks.flask_helpers import configured, registered
from launchready.sources.frameworks.flask_hooks import BEFORE, BEFORE_ALL, hook_of
from launchready.sources.frameworks.flask_inputs import of_verb, request_inputs, template_of, typed
from launchready.sources.frameworks.flask_owners import Key, Owner, Owners, View, asked_of
from launchready.sources.marks import Mark
from launchready.sources.passage_names import Scope
from launchready.sources.readings import Reading

NAME = "Flask"
_MARK = Mark(
    re.compile(rb"\bflask|\.route\(\s*[\"']|\.register_blueprint\(", re.I),
    (b"flask", b".route(", b".register_blueprint("),
)
_METHODS = ("get", "post", "put", "patch", "delete", "query")
# What names Flask wants the request or the app, most of it; a file without any of this has no part in what is served.
_SERVES = (
    *(b"Flask(", b"Flask)", b"lueprint", b"Api(", b"Namespace(", b"flask_rest", b"flask_smorest"),
    *(
        b".route(",
        b"add_url_rule",
        b"add_namespace",
        b"resource(",
        b"before_request",
        b"before_app_request",
        b"url_value_preprocessor",
    ),
)
_SERVES_VERB = re.compile(rb"^[ \t]*@[\w.]+\.(?:%s)\b" % "|".join(_METHODS).encode(), re.M)
_TERMINALS = re.compile(
    r"(?:^|\.)(?:login_required|fresh_login_required|jwt_required|auth_required|token_required|roles_required|roles_accepted|"
    r"has_access|has_access_api|protect|permission_required)$|^apifairy\.authenticate$|^(?:basic_|token_|multi_)?auth\.login_required$"
)
_SAYS_YES_TO_NONE = re.compile(
    r"\bif\s+(?:not\s+\w+|\w+\s*(?:==\s*[\"']{2}|is\s+None))\s*:\s*\n(?:[ \t]*(?:#[^\n]*|[\w.]+\s*=\s*None)?\n){0,3}[ \t]*return\s+True\b"
)
_OF_CLASS = re.compile(r"\w\.(?:method_)?decorators$")
_REGISTERS = re.compile(rf"\.(?:route|{'|'.join(_METHODS)})$")


_NOTHING = Reading()


class Flask:
    """Reads every Flask app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._owners = Owners(reader.resolver, ())

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints; blueprints that nothing registers are kept."""
        if self._reader.bearing(_MARK, ".py"):
            self._reader.used.add(NAME)
        serving = _serving(self._reader)
        # Who makes an app of a class of the tree need not name Flask.
        own = [f"{name}(".encode() for module in self._reader.modules(serving) for name in extending(module)]
        making = [path for name in own for path in self._resolver.holding(name, (".py",))]
        modules = self._reader.modules(sorted({*serving, *making}))
        self._owners = Owners(self._resolver, modules)
        for (path, _), owner in self._owners.items():
            owner.reading = self._decorators(path, owner.around)
        for module in modules:
            self._mount_apis(module)
        for module in modules:
            self._routes(module)
            self._calls(module)
        found: list[Endpoint] = []
        for key in [k for k, b in self._owners.items() if b.is_app or not b.mounted]:
            above = Reading() if self._owners[key].is_app else unmounted(self._reader, key)
            found += self._walk(key, "", above, (), ())
        return once(found)

    def _mount_apis(self, module: Module) -> None:
        """``Api(app)`` and ``Api(blueprint)``: its routes are those of what it is made with."""
        for name, binding in module.bindings.items():
            child = (module.path, name)
            kind = extension(self._resolver, module.path, binding.value) if child in self._owners else ""
            if kind == "Namespace" and binding.value.text.endswith(".namespace"):
                api = self._owners.key(module.path, binding.value.text.removesuffix(".namespace"))
                self._owners.mount(api, child)
            if kind != "Api":
                continue
            given = binding.value.items[0] if binding.value.items else binding.value.get("app")
            parent = self._owners.key(module.path, given.text) if given is not None else self._owners.only_app()
            self._owners.mount(parent, child)

    def _routes(self, module: Module) -> None:
        for function in module.functions.values():
            for index, decorator in enumerate(function.decorators):
                owner, _, method = decorator.text.rpartition(".")
                key = self._owners.key(module.path, owner)
                if key is None:
                    continue
                if method in BEFORE:
                    self._before(module.path, key, method, function, function.decorators[index + 1 :])
                elif method == "route" and function.is_class:
                    self._class_routes(module.path, key, function, decorator.items, decorator)
                elif method in ("route", *_METHODS) and decorator.kind == "call":
                    # Only what stands below the route decorator wraps the view.
                    below = function.decorators[index + 1 :]
                    self._add(module.path, key, decorator, method, function, below)

    def _before(self, path: str, key: Key, method: str, function: Function, below: tuple[Expr, ...] = ()) -> None:
        """What runs before the requests of an app or a blueprint; ``@login_required`` on it sends strangers away before its body."""
        owner = self._owners[(self._owners.only_app() or key) if method in BEFORE_ALL else key]
        owner.reading += self._decorators(path, below).asked_when(function.when)
        if hook := hook_of(self._reader.guards, Scope(self._resolver, path), function, method):
            owner.hooks += (hook,)

    def _methods(self, call: Expr, method: str) -> list[str]:
        if method in _METHODS:
            return [method.upper()]
        given = call.get("methods")
        return [name.upper() for name in given.strings()] if given else ["GET"]

    def _add(
        self,
        path: str,
        key: Key,
        call: Expr,
        method: str,
        function: Function,
        below: tuple[Expr, ...],
        above: Reading = _NOTHING,
    ) -> None:
        rule = self._resolver.text(path, call.items[0] if call.items else call.get("rule"))
        template, given = template_of(rule), typed(rule)
        reading = above + self._decorators(path, below).reached_when(call.when or function.when)
        inline = self._reader.guards.inside(path, function)
        named = call.get("endpoint")
        name = function.name if named is None else named.text if named.kind == "str" else None
        verbs = self._methods(call, method)
        for verb in verbs:
            inputs = given + of_verb(verb, verbs, request_inputs(self._resolver, path, function))
            route = Route(verb, template, function.name, path, function.line, function.code, reading, inline, inputs)
            self._owners[key].views.append(View(route, name))

    def _decorators(self, path: str, decorators: tuple[Expr, ...]) -> Reading:
        asked = tuple(one for one in decorators if not self._passes_strangers(path, one))
        return decorated(self._reader, path, asked, _TERMINALS)

    def _passes_strangers(self, path: str, decorator: Expr) -> bool:
        """``@auth.login_required`` of Flask-HTTPAuth, where the function that verifies a token says yes to none at all."""
        owner, _, name = decorator.text.rpartition(".")
        found = self._resolver.find(path, owner) if owner and name == "login_required" else None
        module = self._resolver.module(found.path) if found and found.binding else None
        verifies = (f"{found.name}.verify_token", f"{found.name}.verify_password") if found else ()
        return any(
            _SAYS_YES_TO_NONE.search(function.code)
            for function in (module.functions.values() if module else ())
            if any(one.text in verifies for one in function.decorators)
        )

    def _calls(self, module: Module) -> None:
        functions = [*module.functions.values()]
        # The statements of a function are among the module's too, with what they stand under.
        outer = {(call.line, call.text) for call in module.calls}
        inner = (c for f in functions for c in f.calls if (c.line, c.text) not in outer)
        for call in [*module.calls, *inner]:
            owner, _, method = call.text.rpartition(".")
            if method == "register_blueprint" and call.items:
                child = self._owners.key(module.path, call.items[0].text)
                parent = self._owners.key(module.path, owner) or self._owners.only_app()
                if child is None and parent and call.items[0].text:
                    self._reader.lose(module.path, call.line, f"{call.items[0].text}, given to register_blueprint")
                if child:
                    # A prefix given at registration replaces the blueprint's own.
                    given = call.get("url_prefix")
                    prefix = configured(self._resolver, module.path, given) if given else None
                    self._owners.mount(parent, child, prefix, call.when)
            elif method == "add_namespace" and call.items:
                child, parent = self._owners.key(module.path, call.items[0].text), self._owners.key(module.path, owner)
                given = call.get("path") or (call.items[1] if len(call.items) > 1 else None)
                if child:
                    prefix = self._resolver.text(module.path, given) if given else None
                    self._owners.mount(parent, child, prefix, call.when)
            elif method in BEFORE and call.items:
                self._hooked(module.path, owner, method, call)
            elif method == "add_url_rule" or (method.startswith("add_") and method.endswith("resource")):
                self._class_view(module, owner, "add_url_rule" if method == "add_url_rule" else "add_resource", call)
            elif not call.text and call.on is not None and call.items:
                self._decorated(module, call.on, call)
            else:
                for owner, given in registered(self._resolver, module.path, call):
                    self._class_view(module, owner, "add_url_rule", given)

    def _decorated(self, module: Module, decorator: Expr, call: Expr) -> None:
        """``bp.route("/notes", methods=["GET"])(views.notes)``: the decorator is a shorthand for ``add_url_rule`` (flask.palletsprojects.com, API)."""
        owner, _, method = decorator.text.rpartition(".")
        if method not in ("route", *_METHODS):
            return
        verb = (("methods", Expr("list", items=(Expr("str", method.upper()),))),) if method in _METHODS else ()
        named = (*decorator.named, *verb, ("view_func", call.items[0]))
        given = structs.replace(call, text="add_url_rule", items=decorator.items[:1], named=named, on=None)
        self._class_view(module, owner, "add_url_rule", given)

    def _hooked(self, path: str, owner: str, method: str, call: Expr) -> None:
        """``app.before_request(ask_for_login)``, or ``bp.before_request(login_required(nothing))``."""
        key = self._owners.key(path, owner) or (self._owners.only_app() if method in BEFORE_ALL else None)
        given, wraps = self._viewed(path, call.items[0])
        found = self._resolver.find(path, given.text) if given.text else None
        if key and found and found.function and not found.function.is_class:
            hook = structs.replace(found.function, when=call.when)
            self._before(found.path, key, method, hook, (*wraps, *hook.decorators))

    def _class_view(self, module: Module, owner: str, method: str, call: Expr) -> None:
        key = self._owners.key(module.path, owner) or (self._owners.only_app() if method == "add_resource" else None)
        if key is None:
            return
        if method == "add_resource":
            view, paths = (call.items[0], [*call.items[1:]]) if call.items else (Expr("other"), [])
        else:
            positional = call.items[2] if len(call.items) > 2 else call.items[1] if len(call.items) > 1 else None
            view = call.get("view_func") or positional or Expr("other")
            rule = call.get("rule") or (call.items[0] if call.items else None)
            paths = [rule] if rule is not None else []
        view, wraps = self._viewed(module.path, view)
        as_view = view.text.endswith(".as_view")
        view = structs.replace(view, text=view.text.removesuffix(".as_view"))
        above = self._decorators(module.path, wraps).reached_when(call.when)
        found = self._resolver.find(module.path, view.text) if view.text else None
        if found is None or found.function is None:
            if method == "add_resource" or as_view:
                # Which methods it answers stands in the class alone.
                self._reader.lose(module.path, call.line, f"{view.text or 'the view'}, given to {method}")
            else:
                self._unseen(key, module.path, view.text or "the view", paths, call, above)
            return
        target = found.function
        if not target.is_class:
            for rule in paths:
                # add_url_rule("/notes", "notes", notes)
                named = (("endpoint", call.items[1]),) if len(call.items) > 2 else ()
                given = Expr("call", items=(rule,), named=(*call.named, *named), when=call.when)
                below = tuple(one for one in target.decorators if not _REGISTERS.search(one.text))
                self._add(found.path, key, given, "route", target, below, above)
            return
        self._class_routes(found.path, key, target, tuple(paths), call, module.path, above)

    def _class_routes(
        self,
        path: str,
        key: Key,
        target: Function,
        rules: tuple[Expr, ...],
        call: Expr,
        where: str = "",
        above: Reading = _NOTHING,
    ) -> None:
        """The routes of a class view for each of its rules, which stand in file ``where``."""
        lineage = lineage_of(self._resolver, path, target)
        # What stands in a class counts before what it inherits.
        fields = {one.name: (file, one.default) for file, owner in reversed(lineage) for one in owner.fields}
        methods = {one.name: (file, one) for file, owner in reversed(lineage) for one in owner.methods}
        reading = above
        for name in ("decorators", "method_decorators"):
            given_in, shared = fields.get(name, (path, None))
            reading += self._shared(given_in, shared.items if shared else ())
        by_verb = dict(shared.named) if shared is not None else {}
        named = call.get("methods") or fields.get("methods", (path, None))[1]
        allowed = {text.lower() for text in named.strings()} if named is not None else set()
        handlers = _handlers([one for _, one in methods.values()], allowed)
        if not handlers:
            # A class that only the app's own way to register it knows how to call.
            self._unseen(key, where or path, target.name, rules, call, reading)
        for handler, verb in handlers:
            file = methods[handler.name][0]
            mine = reading + self._decorators(file, handler.decorators)
            if verb.lower() in by_verb:
                mine += self._decorators(given_in, by_verb[verb.lower()].items)
            inline = self._reader.guards.inside(file, handler)
            if handler.name != "dispatch_request" and "dispatch_request" in methods:
                inline += self._reader.guards.inside(*methods["dispatch_request"])
            inputs = request_inputs(self._resolver, file, handler)
            for rule in rules:
                template = template_of(self._resolver.text(where or path, rule))
                route = Route(
                    verb,
                    template,
                    f"{target.name}.{handler.name}",
                    file,
                    handler.line,
                    handler.code,
                    mine,
                    inline,
                    inputs,
                )
                self._owners[key].views.append(View(route, None))

    def _unseen(self, key: Key, path: str, view: str, rules: Sequence[Expr], call: Expr, above: Reading) -> None:
        """Rules whose view, as file ``path`` names it, could not be followed: who may call it is not known."""
        unseen = Reading(unsure=(Span(path, call.line, f"{view} could not be followed"),))
        for rule in rules:
            text = self._resolver.text(path, rule)
            for verb in self._methods(call, "route"):
                route = Route(verb, template_of(text), view, path, call.line, "", above, unseen, typed(text))
                self._owners[key].views.append(View(route, None))

    def _shared(self, path: str, items: tuple[Expr, ...], hops: int = 4) -> Reading:
        """What a class puts around its methods, with what it takes over: ``decorators = Base.decorators + [limited]``."""
        reading = self._decorators(path, tuple(one for one in items if not _OF_CLASS.search(one.text)))
        for item in items if hops else ():
            owner, _, field = item.text.rpartition(".")
            found = self._resolver.find(path, owner) if owner and _OF_CLASS.search(item.text) else None
            lineage = lineage_of(self._resolver, found.path, found.function) if found and found.function else ()
            held = ((file, one.default) for file, kin in lineage for one in kin.fields if one.name == field)
            file, value = next(held, (path, None))
            reading += self._shared(file, value.items, hops - 1) if value is not None else Reading()
        return reading

    def _viewed(self, path: str, given: Expr) -> tuple[Expr, tuple[Expr, ...]]:
        """The view that an expression gives, and what wraps it: ``login_required(Users.as_view("users"))``, or a name for it."""
        wraps: list[Expr] = []
        for _ in range(8):
            found = self._resolver.find(path, given.text) if given.kind == "name" else None
            if found and found.path == path and found.binding and found.binding.value.kind == "call":
                given = found.binding.value
            elif given.kind == "call" and not given.text.endswith(".as_view") and given.items:
                wraps.append(Expr("name", given.text, line=given.line))
                given = given.items[0]
            else:
                break
        return Expr("name", given.text, line=given.line), tuple(wraps)

    def _walk(
        self, key: Key, prefix: str, above: Reading, way: tuple[Owner, ...], seen: tuple[Key, ...]
    ) -> list[Endpoint]:
        """The endpoints of an owner and of what is registered with it; ``way`` is what it hangs on itself."""
        if key in seen:
            return []
        owner = self._owners[key]
        here = join(prefix, owner.prefix if not owner.mounted else "")
        reading, way = above + owner.reading, (*way, owner)
        hooks = [hook for one in way for hook in one.hooks]
        found = []
        for view in owner.views:
            asked = asked_of(way, view, join(here, view.route.path))
            found.append(endpoint(NAME, view.route, here, sum((hook.reading(asked) for hook in hooks), reading)))
        for child, extra, when in owner.children:
            found += self._walk(child, join(here, extra), reading.reached_when(when), way, (*seen, key))
        return found


def _handlers(methods: list[Function], allowed: set[str]) -> list[tuple[Function, str]]:
    """The methods of a class view with the verbs they answer; ``dispatch_request`` answers all that are allowed."""
    own = [(one, one.name.upper()) for one in methods if one.name in _METHODS and (not allowed or one.name in allowed)]
    dispatch = next((one for one in methods if one.name == "dispatch_request"), None)
    return own if own or dispatch is None else [(dispatch, verb.upper()) for verb in sorted(allowed or {"get"})]


def _serving(reader: Reader) -> list[str]:
    """The files that may make an app or a blueprint, or give it a route."""
    contents = ((path, reader.tree.bytes(path) or b"") for path in reader.bearing(_MARK, ".py"))
    return [path for path, text in contents if any(word in text for word in _SERVES) or _SERVES_VERB.search(text)]


EXPECTS = _serving
READS = {NAME: Flask}
