"""Resolvers of GraphQL in objects: ``{ Query: { notes: (_, args, context) => ... } }`` of Apollo Server, Yoga, Mercurius and graphql-tools.

Sources: apollographql.com/docs (resolvers, authentication), the-guild.dev/graphql/shield (rules). What a schema beside them says is joined to it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint, Span, Unread
from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, once, passed_on
from launchready.sources.frameworks.script_given import calls_in
from launchready.sources.frameworks.script_handlers import Handlers
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

NAME = "GraphQL"
_SERVES = Mark(
    re.compile(
        rb"""["'](?:@apollo/server|apollo-server(?:-[\w-]+)?|graphql-yoga|mercurius|graphql-tools|@graphql-tools/schema|express-graphql|graphql-http|graphql-shield)(?:/[\w/-]+)?["']"""
    ),
    (b"apollo", b"graphql", b"mercurius"),
)
_MARK = Mark(re.compile(rb"\b(?:Query|Mutation|Subscription)\b\s*[:,=}]"), (b"Query", b"Mutation", b"Subscription"))
_STARTS = Mark(
    re.compile(
        rb"\b(?:new\s+(?:ApolloServer|GraphQLServer)|createYoga|createHandler|graphqlHTTP|makeExecutableSchema)\("
    ),
    (b"ApolloServer", b"GraphQLServer", b"createYoga", b"createHandler", b"graphqlHTTP", b"makeExecutableSchema"),
)
_IN_CLASSES = Mark(re.compile(rb"@nestjs/graphql|[\"']type-graphql[\"']"), (b"@nestjs/graphql", b"type-graphql"))
_SUFFIXES = (".ts", ".js", ".mjs", ".cjs", ".mts")
_ROOTS = ("Query", "Mutation", "Subscription")
_DEEPEST = 4
_RESOLVES = frozenset(("resolve", "resolver", "next"))


class ResolverMaps:
    """Reads the resolver objects of a tree in which something serves GraphQL."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """Each root operation that has a resolver of its own."""
        if not self._reader.bearing(_SERVES, *_SUFFIXES):
            return ()
        modules = self._reader.marked(_MARK, *_SUFFIXES)
        rules: dict[str, Reading] = {}
        for name, asked in (one for module in modules for one in self._rules(module)):
            rules[name] = rules.get(name, Reading()) + asked
        resolved: list[tuple[str, str, str, Expr]] = []
        for module in modules:
            for root, name, path, value in self._listed(module):
                before = self._before(path, value)
                if before is not None:
                    rules[f"{root}.{name}"] = rules.get(f"{root}.{name}", Reading()) + before
                else:
                    resolved.append((root, name, path, value))
        found = [
            self._endpoint(root, name, path, value, rules.get(f"{root}.{name}") or rules.get(f"{root}.*") or Reading())
            for root, name, path, value in resolved
        ]
        for file in (
            () if found or self._reader.bearing(_IN_CLASSES, *_SUFFIXES) else self._reader.bearing(_STARTS, *_SUFFIXES)
        ):
            self._reader.lost.append(
                Unread(file, "serves GraphQL, and no resolver was found: what its schema does not say is missing here")
            )
        return once(found)

    def _listed(self, module: Module) -> Iterator[tuple[str, str, str, Expr]]:
        for table in _tables(module):
            for root in _ROOTS:
                for name, path, value in self._entries(module.path, table.get(root), 0):
                    yield root, name, path, value

    def _before(self, path: str, value: Expr) -> Reading | None:
        """What a function of graphql-middleware, which is given the resolver first, asks before it; None when it is no such function."""
        found = self._resolver.find(path, value.text) if value.kind == "name" else None
        function, where = (found.function, found.path) if found and found.function else (value.function, path)
        if function is None or not function.params or function.params[0].name not in _RESOLVES:
            return None
        return passed_on(self._reader.guards.function(where, function), path, value.line, value.text or "a middleware")

    def _entries(self, path: str, value: Expr | None, depth: int) -> Iterator[tuple[str, str, Expr]]:
        if value is None or depth > _DEEPEST:
            return
        if value.kind == "name":
            found = self._resolver.find(path, value.text)
            if found and found.binding and found.binding.value.text != value.text:
                yield from self._entries(found.path, found.binding.value, depth + 1)
        for name, inner in value.named if value.kind == "dict" else ():
            resolves = (inner.get("resolve") or inner.get("subscribe")) if inner.kind == "dict" else inner
            if resolves is not None and resolves.kind in ("function", "name", "call"):
                yield name, path, resolves

    def _endpoint(self, root: str, name: str, path: str, value: Expr, rule: Reading) -> Endpoint:
        if value.text == "withFilter" and value.items:
            # What comes first subscribes; what comes second only picks what is sent.
            value = value.items[0]
        handler = self._handlers.unwrapped(path, value)
        route = self._handlers.route("POST", f"/graphql#{root}.{name}", name, path, handler, rule)
        route = replace(route, line=route.line if handler.function else value.line)
        return replace(
            endpoint(NAME, _unaddressed(route), "", Reading()), action="write" if root == "Mutation" else "read"
        )

    def _rules(self, module: Module) -> Iterator[tuple[str, Reading]]:
        """What ``shield({ Query: { notes: isSignedIn, "*": deny } })`` asks for each operation."""
        made = [(name, binding.value) for name, binding in module.bindings.items() if binding.value.text == "shield"]
        named = [value for name, value in made if self._applied(module, name)]
        for call in (
            one for one in (*named, *_inside(module)) if one.kind == "call" and one.text == "shield" and one.items
        ):
            for root in _ROOTS:
                table = call.items[0].get(root)
                for name, rule in table.named if table is not None and table.kind == "dict" else ():
                    yield f"{root}.{name}", self._rule(module.path, rule)

    def _applied(self, module: Module, name: str) -> bool:
        """Whether anything uses a name of a file besides its own line: a shield that nobody puts before the schema asks for nothing."""
        used = (item.text for call in calls_in(module) for item in _flat(call))
        if name in used:
            return True
        for file in self._resolver.holding(name.encode(), _SUFFIXES):
            there = self._resolver.module(file) if file != module.path else None
            for entry in there.imports.values() if there else ():
                at = self._resolver.find(file, entry.name) if entry.symbol in (name, "default") else None
                if at is not None and (at.path, at.name) == (module.path, name):
                    return True
        return False

    def _rule(self, path: str, rule: Expr) -> Reading:
        span = Span(path, rule.line, f"shield asks {rule.text or 'a rule'}")
        if rule.text == "allow":
            return Reading()
        if rule.kind == "call" and rule.text in ("and", "chain"):
            return sum((self._rule(path, item) for item in rule.items), Reading())
        found = self._resolver.find(path, rule.text) if rule.kind == "name" else None
        made = found.binding.value if found and found.binding else rule
        root = made
        while root.on is not None:
            root = root.on
        if found is None or found.outside or root.text != "rule":
            return Reading((Guard(span),)) if rule.text == "deny" else Reading(unsure=(span,))
        asks = next((item.function for item in made.items if item.function), None)
        return Reading((Guard(span),)) if asks and len(asks.params) > 2 else Reading(unsure=(span,))


def _unaddressed(route: Route) -> Route:
    """Arguments of a resolver are no parts of a request; a schema tells them."""
    return replace(route, inputs=())


def _flat(value: Expr, depth: int = 0) -> Iterator[Expr]:
    yield value
    for item in (*value.items, *(inner for _, inner in value.named)) if depth < _DEEPEST else ():
        yield from _flat(item, depth + 1)


def _inside(module: Module) -> Iterator[Expr]:
    """What the calls of a file are given: ``applyMiddleware(schema, shield({...}))``."""
    for call in calls_in(module):
        for item in call.items:
            yield from _flat(item)


def _tables(module: Module) -> Iterator[Expr]:
    """The objects of a file that have root types among their entries, outside of rules."""
    seen: set[int] = set()
    todo = [*(binding.value for binding in module.bindings.values()), *module.exports.values(), *calls_in(module)]
    while todo:
        value = todo.pop()
        if id(value) in seen or value.text == "shield":
            continue
        seen.add(id(value))
        if value.kind == "dict" and any(value.get(root) is not None for root in _ROOTS):
            yield value
        elif value.kind in ("dict", "call", "list"):
            todo += [*value.items, *(inner for _, inner in value.named)]


READS = {NAME: ResolverMaps}
