"""What Spring serves besides mapped requests: fields of GraphQL, messages over web sockets, routes of a gateway.

Sources: docs.spring.io/spring-graphql/reference/controllers.html, docs.spring.io/spring-framework/reference/web/websocket/stomp.html,
docs.spring.io/spring-cloud-gateway/reference (the fluent Java routes API).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, endpoint, join
from launchready.sources.frameworks.script_handlers import ANY
from launchready.sources.frameworks.spring_security import SpringSecurity
from launchready.sources.frameworks.spring_settings import SpringSettings
from launchready.sources.readings import Reading

_FIELDS = {"QueryMapping": "Query", "MutationMapping": "Mutation", "SubscriptionMapping": "Subscription"}
_ANY_FIELD = frozenset(("SchemaMapping", "BatchMapping"))
_MESSAGES = {"MessageMapping": "SEND", "SubscribeMapping": "SUBSCRIBE"}
# What a data fetcher may be handed besides the object its field belongs to.
_CONTEXT = re.compile(
    r"^(?:DataFetching\w+|GraphQLContext|Locale|Principal|Authentication|BatchLoaderEnvironment|DataLoader)$"
)
_WRAPPED = re.compile(r"^(?:Map|List|Set|Collection)$")
_GATEWAY = re.compile(r"RouteLocator|PredicateSpec|BooleanSpec")
_BRACED = re.compile(r"\{\*?(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}")
NAME = "Spring"


@dataclass(frozen=True, slots=True)
class SpringMessages:
    """Reads fields, messages and gateway routes. ``text`` gives the string of an expression in a module."""

    reader: Reader
    settings: SpringSettings
    security: SpringSecurity
    text: Callable[[Module, Expr], str]

    def controller(self, module: Module, owner: Function, prefixes: tuple[str, ...]) -> Iterator[Endpoint]:
        """The GraphQL fields and messages that the methods of a controller answer; ``prefixes`` are those of all messages."""
        above = next((mark for mark in owner.decorators if mark.text == "MessageMapping"), None)
        of_type = next((mark for mark in owner.decorators if mark.text == "SchemaMapping"), None)
        for method in owner.methods:
            for mark in method.decorators:
                if mark.text in _FIELDS or mark.text in _ANY_FIELD:
                    yield self._field(module, owner, method, mark, of_type)
                elif mark.text in _MESSAGES:
                    inner = [self._given(module, one, "value") for one in (above, mark) if one is not None]
                    for prefix in prefixes or ("",):
                        path = join(prefix, *inner)
                        yield self._endpoint(module, owner, method, _MESSAGES[mark.text], path)

    def _field(self, module: Module, owner: Function, method: Function, mark: Expr, of_type: Expr | None) -> Endpoint:
        name = self._given(module, mark, "field") or self._given(module, mark, "value", "name") or method.name
        kind = _FIELDS.get(mark.text) or self._given(module, mark, "typeName")
        if not kind and of_type is not None:
            kind = self._given(module, of_type, "value", "typeName")
        path = self.settings.value(module.path, "spring.graphql.path", "spring.graphql.http.path") or "/graphql"
        kind = kind or next((k for param in method.params if (k := _source(param.annotation))), "{type?}")
        return self._endpoint(module, owner, method, "POST", f"{path}#{kind}.{name}")

    def _given(self, module: Module, mark: Expr, *names: str) -> str:
        """What an annotation is given by name, or as its only argument where ``value`` is among the names."""
        value = next((mark.get(name) for name in names if mark.get(name) is not None), None)
        if value is None and "value" in names and mark.items:
            value = mark.items[0]
        if value is not None and value.kind in ("list", "other") and value.items:
            value = value.items[0]
        return self.text(module, value) if value is not None else ""

    def _endpoint(self, module: Module, owner: Function, method: Function, verb: str, path: str) -> Endpoint:
        path = _BRACED.sub(r"{\1}", path)
        if verb == "POST":
            reading = self.security.path("POST", path.partition("#")[0])
        else:
            said = (
                f"{method.name} answers messages of a web socket, whose handshake and interceptors decide who may send"
            )
            reading = Reading(unsure=(Span(module.path, method.line, said),))
        reading += self.security.marked(module.path, method.decorators, owner.decorators)
        inputs = tuple(
            Input(param.name, "body", param.annotation.text if param.annotation is not None else "")
            for param in method.params
            if param.annotation is not None and not _CONTEXT.match(param.annotation.text)
        )
        inline = self.reader.guards.inside(module.path, method)
        route = Route(verb, path, method.name, module.path, method.line, method.code, reading, inline, inputs)
        context = self.settings.context(module.path) if verb == "POST" else ""
        return endpoint(NAME, route, context, Reading())

    def destinations(self, module: Module, method: Function) -> tuple[str, ...]:
        """The prefixes of ``setApplicationDestinationPrefixes("/app")``."""
        return tuple(
            self.text(module, item)
            for step in method.steps
            if isinstance(step, Expr)
            for call in _links(step)
            if call.text == "setApplicationDestinationPrefixes"
            for item in call.items
        )

    def gateway(self, module: Module, method: Function) -> Iterator[Endpoint]:
        """``route(r -> r.method(POST).and().path("/x").uri(…))``: what a gateway passes on."""
        if not (_GATEWAY.search(method.code) or any(_GATEWAY.search(kind.text) for kind in method.bases)):
            return
        for step in method.steps:
            for chain in _chains(step) if isinstance(step, Expr) else ():
                named = {call.text: call for call in reversed(chain)}
                paths = named.get("path")
                if paths is None or not ({"uri", "and", "method"} & set(named)):
                    continue
                asked = named.get("method")
                verbs = tuple(one.text.rsplit(".", 1)[-1] for one in asked.items) if asked is not None else ANY
                for item in paths.items:
                    path = _BRACED.sub(r"{\1}", self.text(module, item).replace("/**", "/{path}"))
                    unseen = Span(
                        module.path, paths.line, "a gateway passes it on, and what answers is not in this app"
                    )
                    for verb in verbs:
                        reading = self.security.path(verb, path) + Reading(unsure=(unseen,))
                        yield endpoint(
                            NAME, Route(verb, path, method.name, module.path, paths.line, "", reading), "", Reading()
                        )


def _source(kind: Expr | None) -> str:
    """The type that a field belongs to, by the object its method is handed."""
    if kind is None or _CONTEXT.match(kind.text):
        return ""
    if _WRAPPED.match(kind.text):
        return next((item.text for item in kind.items if item.text), "")
    return kind.text


def _links(call: Expr) -> Iterator[Expr]:
    current: Expr | None = call
    while current is not None:
        yield current
        current = current.on


def _chains(call: Expr) -> Iterator[list[Expr]]:
    """A chain of calls, and those inside of what its links are given."""
    links = list(_links(call))
    yield links
    for link in links:
        for item in link.items:
            if item.function is not None:
                for step in item.function.steps:
                    if isinstance(step, Expr):
                        yield from _chains(step)
            elif item.kind == "call":
                yield from _chains(item)
