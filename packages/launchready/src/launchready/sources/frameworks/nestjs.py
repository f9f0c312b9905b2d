"""NestJS: controllers and their decorators, prefixes, versions and modules (docs.nestjs.com: controllers, versioning, router module)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from launchready.model.surface import Endpoint, Input
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, join, once
from launchready.sources.frameworks.nestjs_classes import body_of_class, inherited, signed
from launchready.sources.frameworks.nestjs_guards import NestGuards
from launchready.sources.frameworks.nestjs_middleware import NestMiddleware
from launchready.sources.frameworks.script_handlers import ANY
from launchready.sources.frameworks.written_types import fields_of_type
from launchready.sources.marks import Mark
from launchready.sources.readings import Reading
from launchready.sources.schemas.compose import schema_inputs

NAME = "NestJS"
_VERBS = {name: name.upper() for name in ("Get", "Post", "Put", "Patch", "Delete", "Head", "Options")} | {
    "Sse": "GET",
    "QueryMethod": "QUERY",
    "Search": "SEARCH",
}
_TAKEN = re.compile(r"(?<=[{,\s])(\w+)(?=\s*[:,}=])")
_WHERE = {"Body": "body", "Query": "query", "Headers": "header", "UploadedFile": "file", "UploadedFiles": "file"}
_MARK = Mark(re.compile(rb"@nestjs/"), (b"@nestjs/",))
_SCRIPTS = (".ts", ".js", ".mts", ".mjs")
_PARAMETER = re.compile(r":(\w+)\??")


@dataclass(slots=True)
class _App:
    """What bootstrap code says of the whole app."""

    prefix: str = ""
    excluded: list[str] = field(default_factory=list)
    versioned: bool = False
    version_prefix: str = "v"
    default_version: str = ""


class NestJs:
    """Reads the endpoints of every NestJS controller in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver

    def read(self) -> tuple[Endpoint, ...]:
        """Every route of every controller."""
        modules = self._reader.marked(_MARK, *_SCRIPTS)
        if not modules:
            return ()
        self._reader.used.add(NAME)
        app, guards = self._app(modules), NestGuards(self._reader, modules)
        self._middleware = NestMiddleware(self._reader, modules)
        mounted = self._mounted(modules)
        found: list[Endpoint] = []
        for module in modules:
            for owner in module.functions.values():
                for controller in (d for d in owner.decorators if d.text == "Controller" and owner.is_class):
                    for place in mounted.get((module.path, owner.name), [""]):
                        found += self._controller(module, owner, controller, app, guards, place)
        return once(found)

    def _app(self, modules: list[Module]) -> _App:
        # Where the code that starts the app is not part of the source, versions are taken to be in the address, Nest's default.
        app = _App(versioned=not any("NestFactory" in module.imports for module in modules))
        for module in modules:
            for call in module.calls:
                name = call.text.rsplit(".", 1)[-1]
                if name == "setGlobalPrefix" and call.items:
                    app.prefix = self._resolver.text(module.path, call.items[0])
                    options = call.items[1] if len(call.items) > 1 else None
                    excluded = options.get("exclude") if options is not None else None
                    for item in excluded.items if excluded is not None else ():
                        value = item.get("path") if item.kind == "dict" else item
                        if value is not None:
                            app.excluded.append(join(_template(self._resolver.text(module.path, value))))
                elif name == "enableVersioning":
                    options = call.items[0] if call.items else Expr("dict")
                    kind = options.get("type")
                    app.versioned = kind is None or kind.text.endswith("URI")
                    given, default = options.get("prefix"), options.get("defaultVersion")
                    if given is not None:
                        app.version_prefix = "" if given.text == "false" else self._resolver.text(module.path, given)
                    if default is not None:
                        app.default_version = next(default.strings(), "")
        return app

    def _controller(
        self, module: Module, owner: Function, decorator: Expr, app: _App, guards: NestGuards, place: str
    ) -> Iterator[Endpoint]:
        options = decorator.items[0] if decorator.items else None
        described = options if options is not None and options.kind == "dict" else Expr("dict")
        prefixes, versions = self._paths(module.path, options), self._versions(module.path, described.get("version"))
        for method in [*owner.methods, *inherited(self._resolver, module, owner)]:
            for route in method.decorators:
                name = route.text.rsplit(".", 1)[-1]
                if name != "All" and name not in _VERBS:
                    continue
                own = next(
                    (
                        self._versions(module.path, d.items[0])
                        for d in method.decorators
                        if d.text == "Version" and d.items
                    ),
                    None,
                )
                reading = guards.reading(module.path, owner, method)
                for verb in ANY if name == "All" else (_VERBS[name],):
                    for prefix in prefixes:
                        for path in self._paths(module.path, route.items[0] if route.items else None):
                            for version in own or versions or [app.default_version]:
                                yield self._endpoint(
                                    module, owner, method, verb, join(place, prefix, path), version, app, reading
                                )

    def _endpoint(
        self,
        module: Module,
        owner: Function,
        method: Function,
        verb: str,
        path: str,
        version: str,
        app: _App,
        reading: Reading,
    ) -> Endpoint:
        numbered = f"{app.version_prefix}{version}" if app.versioned and version and version != "neutral" else ""
        prefix = "" if any(_excludes(pattern, path) for pattern in app.excluded) else app.prefix
        reading = self._middleware.reading((module.path, owner.name), verb, path) + reading
        inline = self._reader.guards.inside(module.path, method)
        signature = signed(self._resolver, self._reader.guards, module.path, owner, method)
        inline += Reading((signature,)) if signature is not None and not inline.guards else Reading()
        inputs = tuple(self._inputs(module.path, method))
        name = f"{owner.name}.{method.name}"
        route = Route(
            verb,
            join(_template(prefix), numbered, path),
            name,
            module.path,
            method.line,
            method.code,
            reading,
            inline,
            inputs,
        )
        return endpoint(NAME, route, "", Reading())

    def _paths(self, path: str, value: Expr | None) -> list[str]:
        if value is not None and value.kind == "dict":
            value = value.get("path")
        if value is None:
            return [""]
        items = value.items if value.kind == "list" else (value,)
        return [_template(self._resolver.text(path, item)) for item in items]

    def _versions(self, path: str, value: Expr | None) -> list[str]:
        if value is None:
            return []
        items = value.items if value.kind == "list" else (value,)
        return ["neutral" if one.text.endswith("VERSION_NEUTRAL") else self._resolver.text(path, one) for one in items]

    def _mounted(self, modules: list[Module]) -> dict[tuple[str, str], list[str]]:
        """Where ``RouterModule.register([...])`` puts the controllers of modules."""
        found: dict[tuple[str, str], list[str]] = {}
        for module in modules:
            for owner in module.functions.values():
                for decorator in (d for d in owner.decorators if d.text == "Module" and d.items):
                    imports = decorator.items[0].get("imports")
                    for item in imports.items if imports is not None else ():
                        if item.text in ("RouterModule.register", "RouterModule.forRoutes") and item.items:
                            self._tree(module.path, item.items[0], "", found)
        return found

    def _tree(self, path: str, routes: Expr, above: str, found: dict[tuple[str, str], list[str]]) -> None:
        if routes.kind == "name":
            there = self._resolver.find(path, routes.text)
            if there and there.binding:
                path, routes = there.path, there.binding.value
        for row in routes.items:
            here = join(above, self._resolver.text(path, row.get("path")))
            target = row.get("module") if row.kind == "dict" else row
            if target is not None and target.kind == "name":
                self._place(path, target.text, here, found)
            if (children := row.get("children")) is not None:
                self._tree(path, children, here, found)

    def _place(self, path: str, name: str, here: str, found: dict[tuple[str, str], list[str]]) -> None:
        there = self._resolver.find(path, name)
        if there is None or there.function is None:
            return
        for decorator in (d for d in there.function.decorators if d.text == "Module" and d.items):
            controllers = decorator.items[0].get("controllers")
            for item in controllers.items if controllers is not None else ():
                if (one := self._resolver.find(there.path, item.text)) and one.function:
                    found.setdefault((one.path, one.name), []).append(here)

    def _inputs(self, path: str, method: Function) -> Iterator[Input]:
        for param in method.params:
            bound = param.default
            kind = param.annotation.text if param.annotation is not None else ""
            where = _WHERE.get(bound.text) if bound is not None and bound.kind == "call" else None
            if bound is None or where is None:
                continue
            name = next((item.text for item in bound.items if item.kind == "str"), "")
            # `@Body("user") given: SignUpDto` takes a table of that name, and elsewhere one value.
            found = self._resolver.find(path, kind) if kind and (not name or where == "body") else None
            if found and found.function and found.function.is_class:
                fields = body_of_class(self._resolver, found.path, found.function, where)
                yield from (replace(one, name=f"{name}.{one.name}") if name else one for one in fields)
            else:
                piped = () if name else self._piped(path, method, bound, where)
                written = fields_of_type(self._resolver, path, kind, where) if kind and not piped else ()
                written = tuple(replace(one, name=f"{name}.{one.name}") for one in written) if name else written
                # `@Body() { title, text }` takes these two.
                taken = _TAKEN.findall(param.name) if param.name.startswith("{") and not name else ()
                yield from (
                    piped
                    or written
                    or tuple(Input(one, where) for one in taken)
                    or (Input(name or param.name, where, kind),)
                )

    def _piped(self, path: str, method: Function, bound: Expr, where: str) -> tuple[Input, ...]:
        """The fields of a schema that a pipe puts a parameter through: ``@Body(new ZodValidationPipe(schema))``, ``@UsePipes(new JoiPipe(schema))``."""
        pipes = [*bound.items, *(item for one in method.decorators if one.text == "UsePipes" for item in one.items)]
        schemas = [item for pipe in pipes if pipe.kind == "call" for item in pipe.items]
        return next((fields for one in schemas if (fields := schema_inputs(self._resolver, path, one, where))), ())


def _excludes(pattern: str, path: str) -> bool:
    """Whether a path is left out of the global prefix: exactly, or by a wildcard such as ``/health/(.*)`` or ``/hooks/{*rest}``."""
    stem = re.split(r"[({*]", pattern)[0]
    return path == pattern or (stem != pattern and not re.search(r"\{\w+\}", pattern) and path.startswith(stem))


def _template(path: str) -> str:
    return _PARAMETER.sub(r"{\1}", path)


EXPECTS = expected(_MARK, *_SCRIPTS)
READS = {NAME: NestJs}
