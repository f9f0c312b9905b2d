"""Django Ninja: operations of an API and of its routers, their ``auth``, and their parameters (django-ninja.dev)."""

import re
from dataclasses import dataclass, field, replace

from launchready.model.surface import Input, Span
from launchready.sources.facts.shape import Expr, Function, Module, Param
from launchready.sources.frameworks.common import Reader, Route
from launchready.sources.frameworks.django_classes import Classes
from launchready.sources.frameworks.django_guards import ViewGuards
from launchready.sources.frameworks.django_inputs import unique
from launchready.sources.frameworks.django_permissions import any_of, roles_of
from launchready.sources.frameworks.django_stranger import Case
from launchready.sources.frameworks.django_views import Place
from launchready.sources.frameworks.django_ways import answer
from launchready.sources.readings import Guard, Reading

NAME = "Django Ninja"
_VERBS = ("get", "post", "put", "patch", "delete", "options", "head")
_MADE = ("NinjaAPI", "NinjaExtraAPI", "Router")
_CONVERTER = re.compile(r"\{(?:\w+:)?(\w+)\}")
_SCHEMES = re.compile(r"(?:Http|Session|APIKey|JWT|Cookie|Bearer|Basic|Header|Query|Token)\w*(?:Auth|Bearer)?$|^APIKey")
_ROLES = {
    "django_auth_superuser": ("admin",),
    "django_auth_is_staff": ("staff",),
    "SessionAuthSuperUser": ("admin",),
    "SessionAuthIsStaff": ("staff",),
}
_WHERE = {
    "Query": "query",
    "Path": "path",
    "Form": "form",
    "File": "file",
    "Header": "header",
    "Cookie": "cookie",
    "Body": "body",
}
_SIMPLE = re.compile(r"^(?:str|int|float|bool|UUID|datetime|date|Decimal|list|List|Optional|Any)\b")

Key = tuple[str, str]


@dataclass(slots=True)
class _Router:
    auth: tuple[str, Expr] | None
    file: str
    operations: list[tuple[Expr, str, Function]] = field(default_factory=list)
    children: list[tuple[Key, str, tuple[str, Expr] | None]] = field(default_factory=list)


class Ninja:
    """Every NinjaAPI and Router of a tree, by file and name."""

    def __init__(self, reader: Reader, classes: Classes, guards: ViewGuards, modules: list[Module]) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._classes = classes
        self._guards = guards
        self._routers: dict[Key, _Router] = {}
        for module in modules:
            for name, binding in module.bindings.items():
                last = binding.value.text.rsplit(".", 1)[-1]
                if binding.value.kind == "call" and last in _MADE and self._is_ninja(module.path, binding.value.text):
                    given = binding.value.get("auth")
                    self._routers[module.path, name] = _Router((module.path, given) if given else None, module.path)
        for module in modules:
            self._read(module)

    def _is_ninja(self, path: str, name: str) -> bool:
        found = self._resolver.find(path, name)
        return found is not None and found.outside.startswith("ninja")

    def key(self, path: str, dotted: str) -> Key | None:
        """The API or router that a name stands for."""
        found = self._resolver.find(path, dotted) if dotted else None
        key = (found.path, found.name) if found else (path, dotted)
        return key if key in self._routers else None

    def _read(self, module: Module) -> None:
        for function in module.functions.values():
            for decorator in function.decorators:
                owner, _, method = decorator.text.rpartition(".")
                if method in (*_VERBS, "api_operation") and (key := self.key(module.path, owner)):
                    self._routers[key].operations.append((decorator, module.path, function))
        for call in [*module.calls, *(c for f in module.functions.values() for c in f.calls)]:
            owner, _, method = call.text.rpartition(".")
            if method != "add_router" or not (key := self.key(module.path, owner)):
                continue
            at = call.get("prefix") or next(iter(call.items), None)
            router = call.get("router") or next(iter(call.items[0 if call.get("prefix") else 1 :]), None)
            if at is None or router is None:
                continue
            child = self._child(module.path, router)
            if child is None:
                self._reader.lose(module.path, call.line, f"{router.text}, given to add_router")
            elif child != key:
                given = call.get("auth")
                prefix = self._resolver.text(module.path, at)
                self._routers[key].children.append((child, prefix, (module.path, given) if given else None))

    def roots(self) -> list[Key]:
        """The APIs and routers that stand in no other one."""
        inner = {child for router in self._routers.values() for child, _, _ in router.children}
        return [key for key in self._routers if key not in inner]

    def _child(self, path: str, target: Expr) -> Key | None:
        if target.kind == "str":
            module, _, name = target.text.rpartition(".")
            file = self._resolver.python_file(path, module) if module else None
            return self.key(file, name) if file else None
        return self.key(path, target.text)

    def routes(
        self, key: Key, place: Place, auth: tuple[str, Expr] | None = None, seen: tuple[Key, ...] = ()
    ) -> list[Route]:
        """The routes of an API mounted at ``place``, its routers included."""
        if key in seen:
            return []
        router = self._routers[key]
        own = router.auth or auth
        found = [route for one in router.operations for route in self._operation(*one, own, place)]
        for child, prefix, given in router.children:
            below = replace(place, path=f"{place.path.rstrip('/')}/{prefix.strip('/')}/")
            found += self.routes(child, below, given or own, (*seen, key))
        return found

    def _operation(
        self, call: Expr, file: str, function: Function, auth: tuple[str, Expr] | None, place: Place
    ) -> list[Route]:
        method = call.text.rpartition(".")[2]
        verbs = [method.upper()]
        items = call.items
        if method == "api_operation":
            verbs, items = [verb.upper() for verb in items[0].strings()] if items else [], items[1:]
        path = _CONVERTER.sub(r"{\1}", self._resolver.text(file, items[0] if items else call.get("path")))
        full = place.path + path.lstrip("/")
        given = call.get("auth")
        demanded = (file, given) if given is not None else auth
        reading = self._auth(*demanded) if demanded is not None else Reading()
        others = tuple(one for one in function.decorators if one is not call and "." not in one.text)
        reading += self._guards.decorators(file, others)
        inputs = unique((*place.inputs, *(one for param in function.params for one in self._inputs(file, param, full))))
        return [
            Route(
                verb,
                full,
                function.name,
                file,
                function.line,
                function.code,
                reading,
                self._guards.bodies.inline(file, function, verb),
                inputs,
            )
            for verb in verbs
        ]

    def _auth(self, file: str, value: Expr, depth: int = 0) -> Reading:
        """What ``auth`` demands; any one of a list is enough."""
        if value.kind == "const":
            return Reading()
        if value.kind == "list":
            return any_of([self._auth(file, item, depth + 1) for item in value.items])
        span = Span(file, value.line, f"auth={value.text} refuses strangers")
        found = self._resolver.find(file, value.text) if value.text else None
        if found and found.binding and depth < 6:
            return self._auth(found.path, found.binding.value, depth + 1)
        if value.kind == "function" and value.function:
            return self._callable(file, value.function, span)
        if found and found.function and not found.function.is_class:
            return self._callable(found.path, found.function, span)
        if found and found.function:
            body = next((one for one in found.function.methods if one.name in ("authenticate", "__call__")), None)
            if body is not None:
                return self._callable(found.path, body, span)
            order = self._classes.order(found.path, found.function)
            outside = next((kin.name for kin in order if kin.cls is None), "")
        else:
            outside = found.outside if found else value.text
        last = outside.rsplit(".", 1)[-1]
        if last in _ROLES or last == "django_auth" or (outside.startswith("ninja") and _SCHEMES.search(last)):
            return Reading((Guard(span, _ROLES.get(last, ())),))
        return Reading(unsure=(replace(span, what=f"auth={value.text} could not be followed"),))

    def _callable(self, file: str, body: Function, span: Span) -> Reading:
        """An authenticator lets in whom it returns something for (django-ninja.dev, Authentication)."""
        said = answer(body.code, Case("GET"))
        if said is True:
            return Reading()
        if said is None and not re.search(r"\breturn\b", body.code):
            return Reading(unsure=(Span(file, body.line, f"{body.name} could not be followed"),))
        return Reading((Guard(span, roles_of(body.code)),))

    def _inputs(self, file: str, param: Param, path: str) -> list[Input]:
        if param.name in ("request", "self") or "{" + param.name + "}" in path:
            return []
        kind, default = param.annotation, param.default
        where, required = "", default is None
        if default is not None and default.kind == "call" and default.text.rsplit(".", 1)[-1] in _WHERE:
            where = _WHERE[default.text.rsplit(".", 1)[-1]]
            required = bool(default.items) and default.items[0].text == "..."
        if (
            kind is not None
            and kind.kind == "call"
            and kind.text.removesuffix("[]").rsplit(".", 1)[-1] in _WHERE
            and kind.items
        ):
            where, kind = _WHERE[kind.text.removesuffix("[]").rsplit(".", 1)[-1]], kind.items[0]
        fields = self._schema(file, kind) if kind is not None else []
        if fields:
            return [replace(one, where=where or "body") for one in fields]
        text = kind.text.removesuffix("[]") if kind is not None else ""
        simple = not text or bool(_SIMPLE.match(text))
        return [Input(param.name, where or ("query" if simple else "body"), text, required)]

    def _schema(self, file: str, kind: Expr) -> list[Input]:
        order = self._classes.named(file, kind) if kind.kind == "name" and not _SIMPLE.match(kind.text) else ()
        return [
            Input(entry.name, "body", entry.annotation.text.removesuffix("[]"), entry.default is None)
            for kin in order
            for entry in (kin.cls.fields if kin.cls else ())
            if entry.annotation is not None
        ]
