"""Laravel: route files with their groups, resources and controllers, and the middleware on the way (laravel.com/docs: routing, controllers)."""

import posixpath
import re
from dataclasses import dataclass, replace

from msgspec import structs

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.frameworks.laravel_middleware import LaravelMiddleware, chain
from launchready.sources.frameworks.laravel_rules import asked_in, ruled
from launchready.sources.frameworks.laravel_unloaded import unloaded
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading

NAME = "Laravel"
_MARK = Mark(
    re.compile(rb"\bRoute::|\$router->(?:get|post|put|patch|delete|group)\("),
    (b"Route::", b"$router->"),
)
_VERBS = ("get", "post", "put", "patch", "delete")
_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Routes without a handler of the app's own; a redirect is registered by any().
_PLAIN = {"view": ("GET",), "redirect": _ANY, "permanentRedirect": _ANY}
_ROOT = re.compile(r"^(?:Route::|router\.|app\.router\.)(\w+)$")
# Pages that are components: `Volt::route("tickets", "tickets.index")`, since Livewire 4 `Route::livewire(…)` (livewire.laravel.com/docs).
_COMPONENT = "livewire"
_RESOURCE = {
    "index": ("GET", ""),
    "create": ("GET", "/create"),
    "store": ("POST", ""),
    "show": ("GET", "/{}"),
    "edit": ("GET", "/{}/edit"),
    "update": ("PUT", "/{}"),
    "destroy": ("DELETE", "/{}"),
}
_SINGLETON = {"show": ("GET", ""), "edit": ("GET", "/edit"), "update": ("PUT", "")}
_CREATED = {"create": ("GET", "/create"), "store": ("POST", "")}
_REMOVED = {"destroy": ("DELETE", "")}
_CONTROLLERS = "\\App\\Http\\Controllers\\"
_READS = (
    (
        "body",
        re.compile(
            r"\$?request(?:\(\))?->(?:input|get|post|string|integer|boolean|date)\(\s*['\"](\w+)|\brequest\(\s*['\"](\w+)"
        ),
    ),
    ("query", re.compile(r"request(?:\(\))?->query\(\s*['\"](\w+)")),
    ("file", re.compile(r"request(?:\(\))?->(?:file|hasFile)\(\s*['\"](\w+)")),
    ("header", re.compile(r"request(?:\(\))?->(?:header|bearerToken)\(\s*['\"]([\w-]+)")),
)
_DEEPEST = 16
_LOADS = b"loadRoutesFrom("
_NOTHING = Reading()


@dataclass(frozen=True, slots=True)
class _Context:
    prefix: str = ""
    reading: Reading = _NOTHING
    controller: Expr | None = None


class Laravel:
    """Reads the route files of every Laravel app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._php = reader.resolver.php
        self._middleware = LaravelMiddleware(reader)
        self._found: list[Endpoint] = []
        self._done: set[str] = set()
        self._paths = {file.path for file in reader.tree.files}

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints: of route files as the app mounts them, then of those that something not seen here may mount."""
        marked = [
            file.path
            for file in self._reader.tree.with_suffix(".php")
            if _MARK.on(content := self._reader.tree.bytes(file.path) or b"")
            or _LOADS in content
            or (file.path.endswith("bootstrap/app.php") and b"withRouting" in content)
        ]
        routes = [path for path in marked if "routes" in path.lower().split("/")[:-1] or path.endswith("routes.php")]
        for path in marked:
            if path not in routes:
                self._provider(path)
        mounted = frozenset(self._done)
        for path in routes:
            if path not in self._done and not unloaded(self._reader.tree, path, mounted):
                # Laravel itself puts /api before the routes of api.php.
                prefix = "api" if path.endswith("routes/api.php") else ""
                self._file(path, _Context(prefix), 0)
        if self._found:
            self._reader.used.add(NAME)
        return once(self._found)

    def _provider(self, path: str) -> None:
        """Where route files are mounted: ``Route::prefix("api")->group(base_path("routes/api.php"))`` or ``withRouting(api: …)``."""
        file = self._php.file(path)
        if file is None:
            return
        calls = [call for steps in file.steps.values() for call in steps]
        calls += [call for made in file.module.functions.values() for method in made.methods for call in method.calls]
        for call in calls:
            for link in chain(call):
                if link.text.rsplit(".", 1)[-1] == "withRouting":
                    given = link.get("apiPrefix")
                    for name, value in link.named:
                        prefix = (given.text if given is not None else "api") if name == "api" else ""
                        for one in value.items if value.kind == "list" else (value,):
                            if name in ("web", "api") and (target := self._target(path, one)):
                                self._file(target, _Context(prefix), 0)
                        if name == "health" and value.kind == "str":
                            route = Route("GET", value.text, name, path, value.line, "", _NOTHING)
                            self._found.append(endpoint(NAME, route, "", _NOTHING))
                elif (
                    # `$this->loadRoutesFrom(__DIR__.'/../Routes/web.php')` (laravel.com/docs/packages: routes)
                    link.text.rsplit(".", 1)[-1] == "loadRoutesFrom"
                    and link.items
                    and (target := self._target(path, link.items[0]))
                    and target not in self._done
                ):
                    self._file(target, _Context(), 0)
            links = chain(call)
            if links[-1].text == "group" or links[-1].text.endswith("::group"):
                inner = links[-1].items[-1] if links[-1].items else Expr("other")
                steps = file.steps.get(inner.text, ()) if inner.kind == "function" else (inner,)
                named = (one.items[0] if one.text == "require" and one.items else one for one in steps)
                if any((target := self._target(path, one)) and target not in self._done for one in named):
                    self._chain(path, call, _Context(), 0)

    def _target(self, path: str, value: Expr) -> str:
        """The route file that an expression names, wherever its folder begins."""
        strings = [text for text in value.strings() if text.endswith(".php")]
        if not strings:
            return ""
        tail = re.sub(r"\{[^{}]*\}", "", strings[-1]).lstrip("/")
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), tail))
        if beside in self._paths:
            return beside
        tail = tail.removeprefix("../")
        return next((one for one in sorted(self._paths, key=len) if one == tail or one.endswith(f"/{tail}")), "")

    def _file(self, path: str, context: _Context, depth: int) -> None:
        file = self._php.file(path)
        if file is None or depth > _DEEPEST:
            return
        self._done.add(path)
        self._steps(path, file.steps.get("", ()), context, depth)

    def _steps(self, path: str, steps: tuple[Expr, ...], context: _Context, depth: int) -> None:
        for step in steps:
            if step.kind == "call" and step.text == "require" and step.items:
                if target := self._target(path, step.items[0]):
                    self._file(target, context, depth + 1)
            elif step.kind == "call":
                self._chain(path, step, context, depth)

    def _chain(self, path: str, call: Expr, context: _Context, depth: int) -> None:
        links = chain(call)
        root = _ROOT.match(links[0].text)
        name = _COMPONENT if links[0].text == "Volt::route" else root.group(1) if root is not None else ""
        if not name or depth > _DEEPEST:
            return
        links[0] = structs.replace(links[0], text=name)
        made: Expr | None = None
        for link in links:
            name = link.text
            if name == "prefix" and link.items:
                # Behind a route that is made, it goes before all that its groups put there.
                own = _template(link.items[0].text)
                around = (context.prefix, own) if made is None else (own, context.prefix)
                context = replace(context, prefix=join(*around))
            elif name == "middleware":
                context = replace(context, reading=context.reading + self._middleware.reading(path, link.items))
            elif name == "can" and made is not None and link.items:
                ability = Expr("str", f"can:{link.items[0].text}", line=link.line)
                context = replace(context, reading=context.reading + self._middleware.reading(path, [ability]))
            elif name == "withoutMiddleware" and any(
                text.startswith("auth") for item in link.items for text in item.strings()
            ):
                context = replace(context, reading=Reading())
            elif name == "controller" and link.items:
                context = replace(context, controller=link.items[0])
            elif name == "group":
                self._group(path, link, context, depth)
                return
            elif made is None and (
                name in (*_VERBS, *_PLAIN, _COMPONENT, "match", "any", "addRoute", "fallback")
                or "esource" in name
                or name.endswith("ingleton")
            ):
                made = link
        if made is not None:
            self._made(path, made, links, context)

    def _group(self, path: str, link: Expr, context: _Context, depth: int) -> None:
        options = link.items[0] if len(link.items) > 1 and link.items[0].kind == "dict" else Expr("dict")
        if (prefix := options.get("prefix")) is not None:
            context = replace(context, prefix=join(context.prefix, _template(prefix.text)))
        if (given := options.get("middleware")) is not None:
            context = replace(context, reading=context.reading + self._middleware.reading(path, [given]))
        inner = link.items[-1] if link.items else Expr("other")
        file = self._php.file(path)
        if inner.kind == "function" and file is not None:
            self._steps(path, file.steps.get(inner.text, ()), context, depth + 1)
        elif target := self._target(path, inner):
            self._file(target, context, depth + 1)
        else:
            self._reader.lose(path, link.line, f"{inner.text or 'a file'}, given to group()")

    def _made(self, path: str, made: Expr, links: list[Expr], context: _Context) -> None:
        name, items = made.text, list(made.items)
        if "esource" in name or name.endswith("ingleton"):
            pairs = [(one, ctrl) for one, ctrl in items[0].named] if items and items[0].kind == "dict" else []
            if len(items) > 1 and not pairs:
                pairs = [(items[0].text, items[1])]
            for one, controller in pairs:
                self._resource(path, made, one, controller, links, context)
            return
        if name in ("match", "addRoute"):
            verbs = [text.upper() for text in items[0].strings()] if items else []
            items = items[1:]
        else:
            verbs = [name.upper()] if name in _VERBS else list(_ANY)
        if name == "fallback":
            # What no other route answers, at any depth.
            verbs, items = ["GET"], [Expr("str", "{fallbackPlaceholder}"), *items]
        if not items:
            return
        if name in _PLAIN:
            for verb in _PLAIN[name]:
                route = Route(verb, _template(items[0].text), name, path, made.line, "", context.reading)
                self._found.append(endpoint(NAME, route, context.prefix, Reading()))
            return
        action = items[1] if len(items) > 1 else context.controller
        if name == _COMPONENT:
            verbs = ["GET"]
        for verb in verbs:
            if verb not in ("HEAD", "OPTIONS"):
                self._add(path, verb, _template(items[0].text), action, made.line, context)

    def _resource(
        self, path: str, made: Expr, name: str, controller: Expr, links: list[Expr], context: _Context
    ) -> None:
        options = made.items[2] if len(made.items) > 2 else Expr("dict")
        said = {link.text: Expr("list", items=link.items) for link in links} | dict(options.named)
        table = dict(_RESOURCE)
        if made.text.endswith("ingleton"):
            created = _CREATED if "creatable" in said else {}
            table = _SINGLETON | created | (_REMOVED if {"creatable", "destroyable"} & set(said) else {})
        if made.text.startswith("api"):
            table = {key: value for key, value in table.items() if key not in ("create", "edit")}
        if "only" in said:
            table = {key: value for key, value in table.items() if key in set(said["only"].strings())}
        if "except" in said:
            table = {key: value for key, value in table.items() if key not in set(said["except"].strings())}
        given = said["parameters"] if "parameters" in said else Expr("dict")
        renamed = {key: value.text for each in (given, *given.items) for key, value in each.named}
        folder, _, last = name.strip("/").rpartition("/")
        *outer, own = last.split(".")
        base = join(folder, *(f"{one}/{{{_parameter(one, renamed)}}}" for one in outer), own)
        shallow = join(folder, own) if "shallow" in said else base
        for key, (verb, tail) in table.items():
            at = base if "{}" not in tail else shallow
            address = at + tail.replace("{}", f"{{{_parameter(own, renamed)}}}")
            action = Expr("list", items=(controller, Expr("str", key)), line=made.line)
            for each in ("PUT", "PATCH") if verb == "PUT" else (verb,):
                self._add(path, each, address, action, made.line, context)

    def _action(
        self, path: str, action: Expr | None, context: _Context
    ) -> tuple[str, str, Function, Function | None] | None:
        """``(name, file, method, class)`` of a handler."""
        if action is None:
            return None
        if action.kind == "function" and action.function is not None:
            return "closure", path, action.function, None
        owner, method = context.controller, "__invoke"
        if action.kind == "list" and len(action.items) > 1:
            owner, method = action.items[0], action.items[1].text
        elif action.kind == "str" and "@" in action.text:
            named, _, method = action.text.partition("@")
            owner = Expr("name", named if named.startswith("\\") else _CONTROLLERS + named)
        elif action.kind == "str":
            method = action.text
        elif action.kind == "name":
            owner = action
        elif action.kind == "dict" and (uses := action.get("uses")) is not None:
            return self._action(path, uses, context)
        found = self._php.find_class(path, owner.text) if owner is not None else None
        there = self._php.method(*found, method) if found is not None else None
        return (
            (f"{found[1].name}.{method}", there[0], there[1], found[1])
            if found is not None and there is not None
            else None
        )

    def _add(self, path: str, verb: str, rule: str, action: Expr | None, line: int, context: _Context) -> None:
        found = self._action(path, action, context)
        if found is None:
            said = ".".join(action.strings()) or action.text if action is not None else ""
            unseen = Reading(unsure=(Span(path, line, f"handler {said or 'here'} could not be followed"),))
            route = Route(verb, rule, said or "handler", path, line, "", context.reading, unseen)
        else:
            name, file, method, owner = found
            reading = context.reading
            for where, one in self._middleware.controller(file, owner) if owner is not None else ():
                if (not one.only or method.name in one.only) and method.name not in one.but:
                    reading += self._middleware.reading(where, [one.item])
            reading += self._middleware.of_cashier(file, owner) if owner is not None else Reading()
            inline = self._reader.guards.inside(file, method)
            route = Route(verb, rule, name, file, method.line, method.code, reading, inline, self._inputs(file, method))
        self._found.append(endpoint(NAME, route, context.prefix, Reading()))

    def _inputs(self, path: str, method: Function) -> tuple[Input, ...]:
        rules = asked_in(method.code)
        for param in method.params:
            kind = self._php.find_class(path, param.annotation.text) if param.annotation is not None else None
            if kind is not None and any("Request" in base.text for base in kind[1].bases):
                rules += next((one.code for one in kind[1].methods if one.name == "rules"), "")
        found = {one.name: one for one in ruled(rules)}
        for where, pattern in _READS:
            for match in pattern.finditer(method.code):
                name = next(filter(None, match.groups()))
                found.setdefault(name, Input(name, where))
        return tuple(found.values())


def _template(rule: str) -> str:
    # {id:slug} names a column, {id?} may be left out.
    return re.sub(r"\{(\w+)(?::\w+)?\??\}", r"{\1}", rule)


def _parameter(resource: str, renamed: dict[str, str]) -> str:
    return renamed.get(resource) or _singular(resource).replace("-", "_")


def _singular(word: str) -> str:
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
        ("xes", "x"),
        ("ss", "ss"),
        ("us", "us"),
        ("s", ""),
    ):
        if word.endswith(ending):
            return word[: len(word) - len(ending)] + instead
    return word


READS = {NAME: Laravel}
