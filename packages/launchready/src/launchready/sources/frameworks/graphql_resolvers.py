"""Resolvers of GraphQL in classes: NestJS and TypeGraphQL. Each root operation is a way in, as ``POST /graphql#Query.user``.

Sources: docs.nestjs.com (GraphQL: resolvers, mutations, subscriptions), typegraphql.com (resolvers, authorization, middleware and guards).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, expected, once, passed_on
from launchready.sources.frameworks.nestjs_classes import body_of_class, inherited
from launchready.sources.frameworks.nestjs_guards import NestGuards
from launchready.sources.frameworks.script_given import calls_in
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

NEST, TYPE_GRAPHQL = "NestJS GraphQL", "TypeGraphQL"
_MARK = Mark(re.compile(rb"@nestjs/graphql|[\"']type-graphql[\"']"), (b"@nestjs/graphql", b"type-graphql"))
_NEST = Mark(re.compile(rb"@nestjs/"), (b"@nestjs/",))
_SCRIPTS = (".ts", ".js", ".mts", ".mjs")
_ROOTS = ("Query", "Mutation", "Subscription")
_ARGUMENTS = frozenset(("Args", "Arg"))
_NULLABLE = re.compile(r"\bnullable\b|\bdefaultValue\b")
_EVERYBODY = re.compile(r"^\s*\{?\s*(?:return\s+)?true;?\s*\}?\s*$")


class Resolvers:
    """Reads every class with ``@Resolver()`` in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver

    def read(self) -> tuple[Endpoint, ...]:
        """Each query, mutation and subscription of each resolver."""
        modules = self._reader.marked(_MARK, *_SCRIPTS)
        if not modules:
            return ()
        every = self._reader.marked(_NEST, *_SCRIPTS)
        guards, path = NestGuards(self._reader, every), self._path(every)
        checker = next((found for module in modules for found in self._checker(module)), None)
        found: list[Endpoint] = []
        for module in modules:
            for owner in module.functions.values():
                if not any(one.text == "Resolver" for one in owner.decorators):
                    continue
                nest = module.imports["Resolver"].module == "@nestjs/graphql" if "Resolver" in module.imports else False
                for where, method in (
                    (module.path, one) for one in (*owner.methods, *inherited(self._resolver, module, owner))
                ):
                    above = (
                        guards.reading(module.path, owner, method)
                        if nest
                        else self._asked(module.path, owner, method, checker)
                    )
                    for decorator in method.decorators:
                        root = decorator.text.rsplit(".", 1)[-1]
                        if root in _ROOTS:
                            found.append(
                                self._endpoint(NEST if nest else TYPE_GRAPHQL, path, where, method, decorator, above)
                            )
        if found:
            self._reader.used.add(NEST)
        return once(found)

    def _endpoint(
        self, name: str, path: str, where: str, method: Function, decorator: Expr, above: Reading
    ) -> Endpoint:
        root = decorator.text.rsplit(".", 1)[-1]
        inline = self._reader.guards.inside(where, method)
        inputs = tuple(self._inputs(where, method))
        route = Route(
            "POST",
            f"{path}#{root}.{_named(decorator) or method.name}",
            method.name,
            where,
            method.line,
            method.code,
            above,
            inline,
            inputs,
        )
        return replace(endpoint(name, route, "", Reading()), action="write" if root == "Mutation" else "read")

    def _inputs(self, path: str, method: Function) -> Iterator[Input]:
        for param in method.params:
            bound = param.default
            if bound is None or bound.kind != "call" or bound.text not in _ARGUMENTS:
                continue
            kind = param.annotation.text if param.annotation is not None else ""
            name = next((item.text for item in bound.items if item.kind == "str"), "")
            options = next((item for item in bound.items if item.kind == "dict"), None)
            named = options.get("name") if options is not None else None
            name = named.text if named is not None else name
            found = self._resolver.find(path, kind) if kind and not name else None
            if found and found.function and found.function.is_class:
                yield from body_of_class(self._resolver, found.path, found.function, "body")
            else:
                loose = options is not None and any(_NULLABLE.search(key) for key, _ in options.named)
                yield Input(name or param.name.rstrip("?"), "body", kind, not (loose or param.name.endswith("?")))

    def _asked(self, path: str, owner: Function, method: Function, checker: Function | None) -> Reading:
        """What TypeGraphQL asks before a resolver: ``@Authorized()`` by the function that the schema is built with, and middleware."""
        reading = Reading()
        for decorator in (*method.decorators, *owner.decorators):
            if decorator.text == "Authorized":
                span = Span(path, decorator.line, "@Authorized() asks the authChecker of the schema")
                if checker is None:
                    reading += Reading(
                        unsure=(replace(span, what="@Authorized(): its authChecker could not be followed"),)
                    )
                elif not _EVERYBODY.match(checker.code):
                    reading += Reading((Guard(span, tuple(self._reader.guards.factory_roles(decorator, path))),))
            elif decorator.text == "UseMiddleware":
                for item in (
                    one for given in decorator.items for one in (given.items if given.kind == "list" else (given,))
                ):
                    found = self._resolver.find(path, item.text) if item.text else None
                    if found and found.function:
                        guard = self._reader.guards.function(found.path, found.function)
                        reading += passed_on(guard, path, item.line, item.text)
                    else:
                        reading += Reading(
                            unsure=(Span(path, item.line, f"middleware {item.text} could not be followed"),)
                        )
        return reading

    def _checker(self, module: Module) -> Iterator[Function]:
        for call in calls_in(module):
            options = call.items[0] if call.text.startswith("buildSchema") and call.items else None
            given = options.get("authChecker") if options is not None else None
            found = self._resolver.find(module.path, given.text) if given is not None and given.text else None
            function = given.function if given is not None and given.function else found.function if found else None
            if function is not None:
                yield function

    def _path(self, modules: list[Module]) -> str:
        """Where ``GraphQLModule.forRoot({ path })`` serves the schema."""
        for module in modules:
            for owner in module.functions.values():
                for call in (one for d in owner.decorators if d.text == "Module" for one in _listed(d)):
                    given = call.items[0].get("path") if call.text.startswith("GraphQLModule.") and call.items else None
                    if given is not None and (text := self._resolver.text(module.path, given)):
                        return f"/{text.strip('/')}"
        return "/graphql"


def _listed(decorator: Expr) -> tuple[Expr, ...]:
    imports = decorator.items[0].get("imports") if decorator.items else None
    return imports.items if imports is not None else ()


def _named(decorator: Expr) -> str:
    """The name that an operation is given: ``@Query("me")``, ``@Query(() => User, { name: "me" })``."""
    for item in decorator.items:
        if item.kind == "str":
            return item.text
        if (name := item.get("name")) is not None and name.kind == "str":
            return name.text
    return ""


EXPECTS = expected(_MARK, *_SCRIPTS)
READS = {NEST: Resolvers}
