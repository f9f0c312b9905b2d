"""The route table of a Rails app: config/routes.rb as the router reads it (guides.rubyonrails.org/routing.html)."""

import posixpath
import re
from dataclasses import replace

from msgspec import structs

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks import rails_gems
from launchready.sources.frameworks.common import Reader, join
from launchready.sources.frameworks.rails_scope import Entry, Resource, Scope, Table, entered, filled, words
from launchready.sources.frameworks.rails_words import plural, singular, template
from launchready.sources.readings import Guard, Reading

VERBS = ("get", "post", "put", "patch", "delete", "options", "query")
_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
_MANY = {
    "index": ("GET", "collection"),
    "create": ("POST", "collection"),
    "new": ("GET", "new"),
    "show": ("GET", "member"),
    "edit": ("GET", "member"),
    "update": ("PATCH PUT", "member"),
    "destroy": ("DELETE", "member"),
}
_SILENT = re.compile(
    r"^(?:require|require_relative|puts|extend|include|default_url_options|raise|load|eager_load!|"
    r"Rails\.\w[\w.]*|[\w.]*\.(?:include|extend|configure|class_eval|prepend)|private|self|super|instance_eval|Dir\.\S*)$"
)
_CALLER = re.compile(r"user|admin|auth|warden|session|token|login|staff|role|permission|api_?key", re.I)
_DEEPEST = 30


class Routes:
    """Reads the routes file of one app, with the files it draws."""

    def __init__(self, reader: Reader, root: str, engines: dict[str, list[tuple[Module, Expr]]]) -> None:
        self._reader = reader
        self._root = root
        self._engines = engines
        self.mounted: set[str] = set()
        self.table = Table()

    def block(self, module: Module, calls: tuple[Expr, ...], scope: Scope) -> None:
        """Every line of a block."""
        if scope.depth > _DEEPEST:
            return
        scope = replace(scope, depth=scope.depth + 1)
        if scope.depth == 1 or module.path != scope.file:
            texts = tuple((n, b.value.text) for n, b in module.bindings.items() if b.value.kind == "str")
            scope = replace(scope, names=(*texts, *scope.names))
        for call in calls:
            self._line(module, call, scope)

    def _line(self, module: Module, call: Expr, scope: Scope) -> None:
        name = call.text
        inner = call.function.calls if call.function else ()
        if call.on is not None and name in ("each", "each_with_index", "map") and call.function:
            self._loop(module, call, scope)
        elif name in VERBS or name in ("match", "root"):
            self._route(call, scope)
        elif name in ("resources", "resource"):
            for item in call.items:
                if item.kind == "str":
                    self._resource(module, call, filled(item.text, scope), scope)
                else:
                    self._reader.lose(scope.file, call.line, f"{name} of {item.text}")
        elif name == "namespace":
            self.block(module, inner, self._below_namespace(call, scope))
        elif name == "scope":
            self.block(module, inner, self._below_scope(call, scope))
        elif name in ("member", "collection", "new", "nested"):
            if scope.resource is not None:
                self.block(module, inner, replace(scope, resource=replace(scope.resource, level=name)))
            else:
                self.block(module, inner, scope)
        elif name == "controller":
            self.block(module, inner, replace(scope, controller=next(iter(call.strings()), "")))
        elif name == "concern":
            if call.items and call.function:
                self.table.concerns[call.items[0].text] = (scope, call)
        elif name == "concerns":
            for one in words(Expr("list", items=call.items)):
                self._concern(module, one, scope)
        elif name == "draw":
            self._draw(call, scope)
        elif name == "mount":
            self._mount(call, scope)
        elif name == "shallow":
            self.block(module, inner, replace(scope, shallow=True))
        elif name in ("authenticate", "authenticated"):
            who = next(iter(call.strings()), "user")
            guard = Guard(Span(scope.file, call.line, f"{name} :{who} lets only signed-in callers reach these routes"))
            self.block(module, inner, replace(scope, reading=scope.reading + Reading((guard,))))
        elif name == "constraints":
            self.block(module, inner, replace(scope, reading=scope.reading + self._constraint(call, scope)))
        elif (entries := rails_gems.entries(self._reader, self._root, call, scope)) is not None:
            self.table.entries += entries
        elif name in ("direct", "resolve"):
            return
        elif call.function is not None:
            # with_options, defaults, devise_scope, unauthenticated, and what an app wraps around its routes; with_options may
            # hand its block a name for the router.
            router = "".join(f"{param.name}." for param in call.function.params[:1])
            inner = tuple(structs.replace(one, text=one.text.removeprefix(router)) for one in inner)
            self.block(module, inner, self._scoped(call, scope, ""))
        elif call.kind == "call" and not _SILENT.match(name) and "=" not in name:
            self._reader.lose(scope.file, call.line, f"{name} in the routes")

    def _below_namespace(self, call: Expr, scope: Scope) -> Scope:
        at = filled(next(call.items[0].strings(), "{namespace?}"), scope) if call.items else ""
        path = call.get("path")
        below = self._scoped(call, scope, at if path is None else filled(path.text, scope))
        given = call.get("module")
        folder = given.text if given is not None else at
        return replace(below, module=posixpath.join(scope.module, folder), controller="", resource=None)

    def _below_scope(self, call: Expr, scope: Scope) -> Scope:
        path = call.get("path")
        at = filled(path.text, scope) if path is not None and path.kind == "str" else ""
        for item in call.items:
            part = item.text if item.kind == "str" else "{" + (item.text or "scope") + "?}"
            at = join(at, filled(part, scope))
        below = self._scoped(call, scope, at)
        if (given := call.get("module")) is not None:
            below = replace(below, module=posixpath.join(scope.module, given.text.strip("/")))
        return below

    def _loop(self, module: Module, call: Expr, scope: Scope) -> None:
        assert call.on is not None and call.function is not None
        series = call.on
        if series.kind == "name" and series.text in module.bindings:
            series = module.bindings[series.text].value
        names = [param.name for param in call.function.params]
        if series.kind == "dict" and names:
            rounds = [(key, value.text) for key, value in series.named]
        else:
            rounds = [(item.text, "") for item in series.items if item.kind == "str"]
        if not rounds:
            self.block(module, call.function.calls, scope)
        for values in rounds:
            known = tuple(zip(names, values, strict=False))
            self.block(module, call.function.calls, replace(scope, names=(*known, *scope.names)))

    def _scoped(self, call: Expr, scope: Scope, path: str) -> Scope:
        """The scope of a block with the options that scope, namespace and resources share."""
        place = join(self._here(scope), template(path)) if path else self._here(scope)
        below = replace(scope, prefix=place, outer=place if scope.resource is None else scope.outer)
        if scope.resource is not None and path:
            below = replace(below, resource=None)
        if (given := call.get("controller")) is not None and given.kind == "str":
            below = replace(below, controller=given.text)
        if (given := call.get("only")) is not None:
            below = replace(below, only=words(given))
        if (given := call.get("except")) is not None:
            below = replace(below, without=words(given))
        if (given := call.get("shallow")) is not None:
            below = replace(below, shallow=given.text != "false")
        if (given := call.get("constraints")) is not None:
            below = replace(
                below, reading=below.reading + self._constraint(Expr("call", items=(given,), line=call.line), scope)
            )
        return below

    @staticmethod
    def _here(scope: Scope) -> str:
        """The path of what stands directly in a block."""
        one = scope.resource
        if one is None:
            return scope.prefix
        if not one.plural or one.level == "collection":
            return join(one.base, "new") if one.level == "new" else one.base
        if one.level == "new":
            return join(one.base, "new")
        member = join(scope.outer, one.base.rsplit("/", 1)[-1]) if scope.shallow else one.base
        return join(member, "{" + (one.param if one.level == "member" else one.nested) + "}")

    def _resource(self, module: Module, call: Expr, name: str, scope: Scope) -> None:
        many = call.text == "resources"
        path, given = call.get("path"), call.get("controller")
        at = filled(path.text, scope) if path is not None and path.kind == "str" else name
        folder = scope.module
        if (own := call.get("module")) is not None and own.kind == "str":
            folder = posixpath.join(folder, own.text)
        controller = given.text if given is not None and given.kind == "str" else name if many else plural(name)
        controller = controller.lstrip("/") if controller.startswith("/") else posixpath.join(folder, controller)
        base = join(self._here(scope), template(at))
        if (shallow := call.get("shallow")) is not None:
            scope = replace(scope, shallow=shallow.text != "false")
        key = call.get("param")
        param = key.text if key is not None else "id"
        one = Resource(name, base, param, f"{singular(name)}_{param}", many)
        reading = scope.reading
        if (limit := call.get("constraints")) is not None:
            reading += self._constraint(Expr("call", items=(limit,), line=call.line), scope)
        below = replace(scope, prefix=base, resource=one, controller=controller, module=folder, reading=reading)
        below = replace(below, only=None, without=())
        named = dict(call.named)
        only = words(named["only"]) if "only" in named else scope.only
        without = words(named["except"]) if "except" in named else scope.without
        renamed = call.get("path_names")
        for action, (methods, level) in _MANY.items():
            if (only is not None and action not in only) or action in without or (action == "index" and not many):
                continue
            place = self._here(replace(below, resource=replace(one, level=level)))
            if action == "edit":
                word = renamed.get("edit") if renamed else None
                place = join(place, word.text if word else "edit")
            elif action == "new" and renamed and (word := renamed.get("new")):
                place = join(base, word.text)
            for method in methods.split():
                what = f"{controller}#{action}"
                self._add(Entry(method, place, controller, action, scope.file, call.line, what, reading, True))
        for concern in words(call.get("concerns")):
            self._concern(module, concern, below)
        if call.function:
            self.block(module, call.function.calls, below)

    def _concern(self, module: Module, name: str, scope: Scope) -> None:
        if name not in self.table.concerns:
            self._reader.lose(scope.file, 1, f"the concern {name}")
            return
        where, call = self.table.concerns[name]
        inside = entered(scope, f"concern {name}")
        if call.function and inside is not None:
            defined = self._reader.resolver.module(where.file) or module
            self.block(defined, call.function.calls, replace(inside, file=where.file))

    def _add(self, entry: Entry) -> None:
        self.table.entries.append(entry)

    def _route(self, call: Expr, scope: Scope) -> None:
        known = (
            "to",
            "via",
            "as",
            "on",
            "action",
            "controller",
            "if",
            "unless",
            "constraints",
            "defaults",
            "format",
            "**",
        )
        arrow = next(((k, v) for k, v in call.named if k not in (*known, "anchor", "path", "module", "internal")), None)
        paths = [item.text if item.kind == "str" else "{" + (item.text or "path") + "?}" for item in call.items]
        target = call.get("to")
        if not paths and arrow is not None and target is None:
            paths, target = [arrow[0]], arrow[1]
        if call.text == "root":
            target = target if target is not None else call.items[0] if call.items else None
            paths = ["/"]
        methods = _methods(call)
        if (on := call.get("on")) is not None and scope.resource is not None:
            scope = replace(scope, resource=replace(scope.resource, level=on.text))
        reading = scope.reading
        if (limit := call.get("constraints")) is not None:
            reading += self._constraint(Expr("call", items=(limit,), line=call.line), scope)
        for raw in paths:
            path = filled(raw, scope)
            controller, action, what = self._target(call, target, path, scope)
            at = call.get("path")
            place = join(self._here(scope), template(at.text if at is not None and at.kind == "str" else path))
            for method in methods:
                self._add(Entry(method, place, controller, action, scope.file, call.line, what, reading))

    def _target(self, call: Expr, target: Expr | None, path: str, scope: Scope) -> tuple[str, str, str]:
        """The controller, the action and a word for what answers."""
        given, action = call.get("controller"), call.get("action")
        own = given.text if given is not None and given.kind == "str" else ""
        if target is not None and target.kind != "str":
            return "", "", target.text or "something else than a controller"
        text = filled(target.text, scope) if target is not None else ""
        if action is not None and action.kind == "str":
            text = f"{own}#{action.text}" if own else action.text
        elif not text:
            tail = template(path).strip("/")
            if own:
                text = f"{own}#{tail.rsplit('/', 1)[-1]}"
            elif scope.controller or "/" not in tail:
                text = tail
            else:
                text = (
                    tail.replace("/", "#")
                    if tail.count("/") == 1
                    else f"{posixpath.dirname(tail)}#{posixpath.basename(tail)}"
                )
        controller, _, name = text.rpartition("#")
        if not controller:
            # Without any, the module is the controller: namespace :webhooks { post "stripe" }
            around = scope.controller or scope.module
            return around, name, f"{around}#{name}"
        full = controller.lstrip("/") if controller.startswith("/") else posixpath.join(scope.module, controller)
        return full, name, f"{full}#{name}"

    def _constraint(self, call: Expr, scope: Scope) -> Reading:
        """A constraint that may ask who is calling; one on a host, a format or the shape of a parameter asks nobody."""
        for item in call.items:
            code = item.function.code if item.function else item.text
            if item.kind in ("function", "name", "call") and _CALLER.search(code):
                what = f"only under the constraint {code[:60].strip()}, which could not be followed"
                return Reading(unsure=(Span(scope.file, call.line, what),))
        return Reading()

    def _draw(self, call: Expr, scope: Scope) -> None:
        for name in call.strings():
            path = posixpath.join(self._root, "config", "routes", f"{name}.rb")
            drawn = self._reader.resolver.module(path)
            if drawn is None:
                self._reader.lose(scope.file, call.line, f"draw :{name}")
            elif (inside := entered(scope, path)) is not None:
                self.block(drawn, drawn.calls, replace(inside, file=path))

    def _mount(self, call: Expr, scope: Scope) -> None:
        """``mount Engine, at: "/x"`` or ``mount Engine => "/x"``; the routes of an engine in the tree stand below it."""
        app = call.items[0] if call.items else None
        at = call.get("at") or call.get("to")
        name = app.text if app is not None else ""
        if app is None:
            for key, value in call.named:
                if value.kind == "str" and key not in ("as", "via"):
                    name, at = key, value
                    break
        place = join(self._here(scope), template(filled(at.text, scope)) if at is not None else "")
        what = f"{name} mounted here, whose own routes and guards are not in this source"
        inside = self._engines.get(name.removesuffix(".new"), [])
        doubt = Reading() if inside else Reading(unsure=(Span(scope.file, call.line, what),))
        self._add(Entry("GET", place, "", "", scope.file, call.line, name, scope.reading + doubt))
        self.mounted.add(name)
        if not inside:
            self._reader.lose(scope.file, call.line, f"{name}, mounted at {place}")
        around = entered(scope, f"engine {name}")
        for where, draw in inside:
            if draw.function and around is not None:
                below = Scope(where.path, place, rails_gems.folder_of(name), reading=scope.reading, outer=place)
                self.block(where, draw.function.calls, replace(below, depth=around.depth, entered=around.entered))


def _methods(call: Expr) -> tuple[str, ...]:
    if call.text == "root":
        return ("GET",)
    if call.text != "match":
        return (call.text.upper(),)
    given = tuple(one.upper() for one in words(call.get("via"))) or ("ALL",)
    return _ANY if "ALL" in given else given
