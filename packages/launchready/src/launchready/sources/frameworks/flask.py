"""Flask: blueprints, decorators in their order, class views, ``before_request`` guards."""

import re
from dataclasses import dataclass, field

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, join, once, unmounted
from launchready.sources.guards import Reading

NAME = "Flask"
_MARK = re.compile(rb"\bflask", re.I)
# A module may take its blueprint from the package around it, and never name Flask.
_ROUTES = re.compile(rb"\bflask|\.(?:route|add_url_rule|add_resource|get|post|put|patch|delete)\(\s*[rf]?[\"']/", re.I)
_METHODS = ("get", "post", "put", "patch", "delete", "query")
_TERMINALS = re.compile(
    r"(?:^|\.)(?:login_required|fresh_login_required|jwt_required|auth_required|token_required|roles_required|roles_accepted|"
    r"has_access|has_access_api|protect|permission_required)$|^(?:basic_|token_|multi_)?auth\.login_required$"
)
_NOTHING = Reading()
_CONVERTER = re.compile(r"<(?:(?P<kind>[^:<>]+):)?(?P<name>\w+)>")


@dataclass(slots=True)
class _Blueprint:
    prefix: str
    is_app: bool
    reading: Reading = field(default_factory=Reading)
    routes: list[Route] = field(default_factory=list)
    children: list[tuple[tuple[str, str], str]] = field(default_factory=list)
    mounted: bool = False


class Flask:
    """Reads every Flask app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._blueprints: dict[tuple[str, str], _Blueprint] = {}

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints; blueprints that nothing registers are kept."""
        files = self._reader.tree.with_suffix(".py")
        modules = [
            module
            for file in files
            if _ROUTES.search(self._reader.tree.bytes(file.path) or b"")
            and (module := self._resolver.module(file.path))
        ]
        if any(_MARK.search(self._reader.tree.bytes(module.path) or b"") for module in modules):
            self._reader.used.add(NAME)
        for module in modules:
            for name, binding in module.bindings.items():
                last = binding.value.text.rsplit(".", 1)[-1] if binding.value.kind == "call" else ""
                if last in ("Flask", "Blueprint", "APIBlueprint"):
                    prefix = self._resolver.text(module.path, binding.value.get("url_prefix"))
                    self._blueprints[module.path, name] = _Blueprint(prefix, last == "Flask")
        for module in modules:
            self._apis(module)
        for module in modules:
            self._routes(module)
            self._calls(module)
        found: list[Endpoint] = []
        for key in [k for k, b in self._blueprints.items() if b.is_app or not b.mounted]:
            above = Reading() if self._blueprints[key].is_app else unmounted(self._reader, key)
            found += self._walk(key, "", above, ())
        return once(found)

    def _apis(self, module: Module) -> None:
        """``Api(app, prefix="/v1")`` of Flask-RESTful and its like: what is added to it lies below the prefix, on that app."""
        for name, binding in module.bindings.items():
            call = binding.value
            if call.kind != "call" or not self._is_api(module.path, call.text):
                continue
            owner = call.items[0] if call.items else call.get("app")
            parent = (self._key(module.path, owner.text) if owner else None) or self._only_app()
            if parent is None:
                continue
            prefix = self._resolver.text(module.path, call.get("prefix"))
            self._blueprints[module.path, name] = _Blueprint(prefix, False, mounted=True)
            self._blueprints[parent].children.append(((module.path, name), prefix))

    def _is_api(self, path: str, name: str, hops: int = 4) -> bool:
        found = self._resolver.find(path, name) if name and hops else None
        if found is None:
            return False
        if found.function:
            return found.function.is_class and any(
                self._is_api(found.path, base.text, hops - 1) for base in found.function.bases
            )
        return found.outside in ("flask_restful.Api", "flask_restx.Api", "flask_restplus.Api")

    def _key(self, path: str, dotted: str) -> tuple[str, str] | None:
        found = self._resolver.find(path, dotted) if dotted else None
        key = (found.path, found.name) if found else (path, dotted)
        return key if key in self._blueprints else None

    def _routes(self, module: Module) -> None:
        for function in module.functions.values():
            for index, decorator in enumerate(function.decorators):
                owner, _, method = decorator.text.rpartition(".")
                key = self._key(module.path, owner)
                if key is None:
                    continue
                if method in ("before_request", "before_app_request"):
                    self._before(module.path, key, function)
                elif method in ("route", *_METHODS) and decorator.kind == "call":
                    # Only what stands below the route decorator wraps the view.
                    below = function.decorators[index + 1 :]
                    self._add(module.path, key, decorator, method, function, below)

    def _before(self, path: str, key: tuple[str, str], function: Function) -> None:
        guard = self._reader.guards.function(path, function)
        if guard is None:
            return
        if re.search(r"\brequest\.(?:path|endpoint|blueprint|method)\b", function.code):
            span = Span(path, function.line, f"{function.name} refuses some requests before they reach a view")
            self._blueprints[key].reading += Reading(unsure=(span,))
        else:
            self._blueprints[key].reading += Reading((guard,))

    def _methods(self, call: Expr, method: str) -> list[str]:
        if method in _METHODS:
            return [method.upper()]
        given = call.get("methods")
        return [name.upper() for name in given.strings()] if given else ["GET"]

    def _add(
        self,
        path: str,
        key: tuple[str, str],
        call: Expr,
        method: str,
        function: Function,
        below: tuple[Expr, ...],
        above: Reading = _NOTHING,
    ) -> None:
        template = _template(self._resolver.text(path, call.items[0] if call.items else call.get("rule")))
        reading = above + self._decorators(path, below)
        inline = self._reader.guards.inside(path, function)
        for verb in self._methods(call, method):
            self._blueprints[key].routes.append(
                Route(
                    verb,
                    template,
                    function.name,
                    path,
                    function.line,
                    function.code,
                    reading,
                    inline,
                    _inputs(function.code),
                )
            )

    def _decorators(self, path: str, decorators: tuple[Expr, ...]) -> Reading:
        return decorated(self._reader, path, decorators, _TERMINALS)

    def _calls(self, module: Module) -> None:
        functions = [*module.functions.values()]
        for call in [*module.calls, *(c for f in functions for c in f.calls)]:
            owner, _, method = call.text.rpartition(".")
            if method == "register_blueprint" and call.items:
                child = self._key(module.path, call.items[0].text)
                parent = self._key(module.path, owner) or self._only_app()
                if child is None and parent and call.items[0].text:
                    self._reader.lose(module.path, call.line, f"{call.items[0].text}, given to register_blueprint")
                if child and parent and child != parent:
                    given = call.get("url_prefix")
                    # A prefix given at registration replaces the blueprint's own.
                    prefix = self._resolver.text(module.path, given) if given else self._blueprints[child].prefix
                    if (child, prefix) not in self._blueprints[parent].children:
                        self._blueprints[parent].children.append((child, prefix))
                    self._blueprints[child].mounted = True
            elif method in ("add_url_rule", "add_resource"):
                self._class_view(module, owner, method, call)

    def _class_view(self, module: Module, owner: str, method: str, call: Expr) -> None:
        key = self._key(module.path, owner) or (self._only_app() if method == "add_resource" else None)
        if key is None or not (call.items or call.get("rule")):
            return
        wraps: tuple[Expr, ...] = ()
        if method == "add_resource":
            view, paths = call.items[0], [i for i in call.items[1:] if i.kind == "str"]
        else:
            rule = call.get("rule") or (call.items[0] if call.items else None)
            given = call.get("view_func") or next(
                (item for item in call.items[1:] if item.kind in ("name", "call")), None
            )
            if given is None or rule is None:
                return
            view, wraps = self._viewed(module.path, given)
            paths = [rule]
        found = self._resolver.find(module.path, view.text) if view.text else None
        if found is None or found.function is None:
            if view.text:
                self._reader.lose(module.path, call.line, f"{view.text}, given to {method}")
            return
        target = found.function
        above = self._decorators(module.path, wraps)
        named = tuple(pair for pair in call.named if pair[0] != "rule")
        if not target.is_class:
            for path in paths:
                self._add(found.path, key, Expr("call", items=(path,), named=named), "route", target, (), above)
            return
        shown = call.get("methods") or next((f.default for f in target.fields if f.name == "methods"), None)
        verbs = [verb.upper() for verb in shown.strings()] if shown is not None else []
        shared = next((f.default for f in target.fields if f.name in ("decorators", "method_decorators")), None)
        reading = self._decorators(found.path, shared.items if shared else ())
        for handler in target.methods:
            if handler.name == "dispatch_request":
                # One method answers all: those named, GET by default.
                answers = verbs or ["GET"]
            elif handler.name in _METHODS and (not verbs or handler.name.upper() in verbs):
                answers = [handler.name.upper()]
            else:
                continue
            mine = above + reading + self._decorators(found.path, handler.decorators)
            inline = self._reader.guards.inside(found.path, handler)
            for verb, path in [(verb, path) for path in paths for verb in answers]:
                template = _template(self._resolver.text(module.path, path))
                self._blueprints[key].routes.append(
                    Route(
                        verb,
                        template,
                        f"{target.name}.{handler.name}",
                        found.path,
                        handler.line,
                        handler.code,
                        mine,
                        inline,
                        _inputs(handler.code),
                    )
                )

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
        return Expr("name", given.text.removesuffix(".as_view"), line=given.line), tuple(wraps)

    def _only_app(self) -> tuple[str, str] | None:
        apps = [key for key, blueprint in self._blueprints.items() if blueprint.is_app]
        return apps[0] if len(apps) == 1 else None

    def _walk(
        self, key: tuple[str, str], prefix: str, above: Reading, seen: tuple[tuple[str, str], ...]
    ) -> list[Endpoint]:
        if key in seen:
            return []
        blueprint = self._blueprints[key]
        here = join(prefix, blueprint.prefix if not blueprint.mounted else "")
        reading = above + blueprint.reading
        found = [endpoint(NAME, route, here, reading) for route in blueprint.routes]
        for child, extra in blueprint.children:
            found += self._walk(child, join(here, extra), reading, (*seen, key))
        return found


def _template(rule: str) -> str:
    return _CONVERTER.sub(lambda match: "{" + match.group("name") + "}", rule)


def _inputs(code: str) -> tuple[Input, ...]:
    found: dict[tuple[str, str], Input] = {}
    for group, where in (("args", "query"), ("form", "form"), ("json", "body"), ("files", "file")):
        for name in re.findall(rf"request\.{group}(?:\.get\(|\[)\s*[\"'](\w+)", code):
            found[where, name] = Input(name, where)
    return tuple(found.values())


READS = {NAME: Flask}
