"""GraphQL in Python: Strawberry, Graphene and Ariadne. Each root operation is a way in, as ``POST /graphql#Query.user``.

Sources: strawberry.rocks/docs (schema basics, permissions), docs.graphene-python.org (object types, resolvers), ariadnegraphql.org/docs (resolvers).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.frameworks.common import Reader, Route, decorated, endpoint, expected, once
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading

STRAWBERRY, GRAPHENE, ARIADNE = "Strawberry", "Graphene", "Ariadne"
_MARK = Mark(
    re.compile(rb"^\s*(?:from|import)\s+(?:strawberry|graphene|ariadne)\w*", re.M),
    (b"strawberry", b"graphene", b"ariadne"),
)
_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
_FIELD = re.compile(r"^(?:strawberry(?:_django)?|gql)\.(?:field|mutation|subscription)$")
_MAKERS = {"QueryType": "Query", "MutationType": "Mutation", "SubscriptionType": "Subscription"}
_TERMINALS = re.compile(
    r"(?:^|\.)(?:login_required|staff_member_required|superuser_required|permission_required|user_passes_test)$"
)
_EVERYBODY = re.compile(r"^\s*return\s+True\s*$")
_PASSED_ON = frozenset(("self", "info", "root", "parent", "obj", "_", "cls", "source"))


class PythonGraphql:
    """Reads the root types of every such schema in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver

    def read(self) -> tuple[Endpoint, ...]:
        """Each query, mutation and subscription that has a resolver of its own."""
        found: list[Endpoint] = []
        for module in self._reader.marked(_MARK, ".py"):
            found += self._ariadne(module)
            for call in (
                one for one in self._made(module) if one.text.rsplit(".", 1)[-1] in ("Schema", "FederationSchema")
            ):
                name = STRAWBERRY if call.text.startswith("strawberry") else GRAPHENE
                for key, root in _ROOTS.items():
                    given = call.get(key)
                    there = self._resolver.find(module.path, given.text) if given is not None and given.text else None
                    if there and there.function and there.function.is_class:
                        found += self._fields(name, root, there.path, there.function, 4)
        for name in {one.framework for one in found}:
            self._reader.used.add(name)
        return once(found)

    @staticmethod
    def _made(module: Module) -> Iterator[Expr]:
        yield from module.calls
        yield from (binding.value for binding in module.bindings.values() if binding.value.kind == "call")

    def _fields(self, name: str, root: str, path: str, owner: Function, hops: int) -> Iterator[Endpoint]:
        """The fields of a root type, also of those it is made of: ``class Query(UserQuery, NoteQuery)``."""
        for base in owner.bases if hops else ():
            there = self._resolver.find(path, base.text) if base.text else None
            if there and there.function and there.function.is_class:
                yield from self._fields(name, root, there.path, there.function, hops - 1)
        for method in owner.methods:
            if name == STRAWBERRY:
                field = next((one for one in method.decorators if _FIELD.match(one.text)), None)
                if field is not None:
                    yield self._endpoint(
                        name, root, _camel(self._named(field, method.name)), path, method, self._asked(path, field)
                    )
            elif method.name.startswith("resolve_"):
                yield self._endpoint(name, root, _camel(method.name.removeprefix("resolve_")), path, method, Reading())
        for entry in owner.fields if name == GRAPHENE else ():
            # create_note = CreateNote.Field()
            made = entry.default.text if entry.default is not None and entry.default.kind == "call" else ""
            there = self._resolver.find(path, made.removesuffix(".Field")) if made.endswith(".Field") else None
            mutate = (
                next((one for one in there.function.methods if one.name == "mutate"), None)
                if there and there.function
                else None
            )
            if there and mutate is not None:
                yield self._endpoint(name, root, _camel(entry.name), there.path, mutate, Reading())

    def _ariadne(self, module: Module) -> Iterator[Endpoint]:
        """``@query.field("notes")`` above a resolver."""
        for function in module.functions.values():
            for mark in function.decorators:
                on, _, last = mark.text.rpartition(".")
                found = self._resolver.find(module.path, on) if last == "field" and on and mark.items else None
                made = found.binding.value if found and found.binding else None
                root = _MAKERS.get(made.text.rsplit(".", 1)[-1]) if made is not None else None
                if root is not None:
                    yield self._endpoint(ARIADNE, root, mark.items[0].text, module.path, function, Reading())

    @staticmethod
    def _named(field: Expr, name: str) -> str:
        given = field.get("name")
        return given.text if given is not None and given.kind == "str" else name

    def _asked(self, path: str, field: Expr) -> Reading:
        """``permission_classes=[IsAuthenticated]``: what ``has_permission`` of each says, if it does not say yes to everybody."""
        reading, given = Reading(), field.get("permission_classes")
        for item in given.items if given is not None else ():
            span = Span(path, item.line or field.line, f"permission {item.text}")
            found = self._resolver.find(path, item.text) if item.text else None
            asks = (
                next((one for one in found.function.methods if one.name == "has_permission"), None)
                if found and found.function
                else None
            )
            if asks is None:
                reading += Reading(unsure=(replace(span, what=f"{span.what} could not be followed"),))
            elif not _EVERYBODY.match(asks.code):
                reading += Reading((Guard(span),))
        return reading

    def _endpoint(self, name: str, root: str, field: str, path: str, function: Function, asked: Reading) -> Endpoint:
        marks = tuple(
            one for one in function.decorators if not _FIELD.match(one.text) and not one.text.endswith(".field")
        )
        above = asked + decorated(self._reader, path, marks, _TERMINALS)
        inline = self._reader.guards.inside(path, function)
        inputs = tuple(
            Input(_camel(one.name), "body", one.annotation.text if one.annotation else "", one.default is None)
            for one in function.params
            if one.name.lstrip("*") == one.name and one.name not in _PASSED_ON
        )
        route = Route(
            "POST", f"/graphql#{root}.{field}", function.name, path, function.line, function.code, above, inline, inputs
        )
        return replace(endpoint(name, route, "", Reading()), action="write" if root == "Mutation" else "read")


def _camel(name: str) -> str:
    """``add_note`` is ``addNote``, as both libraries make of names."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


EXPECTS = expected(_MARK, ".py")
READS = {STRAWBERRY: PythonGraphql}
