"""One GraphQL address of an app: its fields as endpoints, and calls of these turned into operations and back."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from graphql import GraphQLSchema, get_named_type, is_leaf_type, is_object_type

from launchready.core.ways import matches
from launchready.model.parsed import json_of
from launchready.model.surface import Endpoint
from launchready.probes.exchange import ARGUMENT, ARGUMENT_SHOWN, Exchange
from launchready.probes.graphs.answers import Answer, broken_parts, read
from launchready.probes.graphs.arguments import Place, filled, fitting, leaves_of, put
from launchready.probes.graphs.fields import Root, roots_of
from launchready.probes.graphs.selection import Selection

if TYPE_CHECKING:
    from launchready.probes.callers.caller import Caller

_ROUNDS = 4
_WRITES_DEEP = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """One field to ask for: the address that stands for it, and what its arguments are."""

    root: Root
    path: str
    variables: dict[str, Any]
    sent: bytes = b""


class Graph:
    """The fields of one schema at one address."""

    def __init__(self, path: str, schema: GraphQLSchema, known: Sequence[Endpoint] = ()) -> None:
        self.path = path
        self.roots = roots_of(path, schema, known)
        self._selection = Selection(schema)
        # (caller, field) -> places below the field that bring it down.
        self._without: dict[tuple[str, str], frozenset[Place]] = {}
        self._root_types = {kind.name for kind in (schema.query_type, schema.mutation_type) if kind is not None}

    @property
    def schema(self) -> GraphQLSchema:
        """The schema as the app or its source told it."""
        return self._selection.schema

    @property
    def endpoints(self) -> list[Endpoint]:
        """One for each field, and for each kind of record where a field gives several."""
        return [root.endpoint for root in self.roots]

    @property
    def plainest(self) -> str | None:
        """The address of a query that needs nothing and gives the least."""
        plain = [root for root in self.roots if root.endpoint.method == "GET" and not root.places and not root.mine]
        plain.sort(key=lambda root: (not is_leaf_type(get_named_type(root.field.type)), root.name))
        return next((root.endpoint.path for root in plain), None)

    def takes_token(self, path: str) -> bool:
        """Whether the field that an address names takes an argument that says who asks."""
        return any(root.token for root in self.roots if root.endpoint.path == path)

    def root_at(self, method: str, path: str) -> Root | None:
        """The field that an address without a query names, for this method."""
        return next(
            (one for one in self.roots if one.endpoint.method == method and matches(one.endpoint.path, path)), None
        )

    def asked(self, method: str, path: str, given: Mapping[str, Any] | None = None, token: str = "") -> Asked | None:
        """The field that an address names, with its arguments; None when there is none, or it is not for this method.

        ``token`` says who asks, where the field takes that as an argument.
        """
        bare, _, query = path.partition("?")
        root = self.root_at(method, bare)
        if root is None:
            return None
        values = dict(zip(root.endpoint.path.split("/"), bare.split("/"), strict=True))
        variables: dict[str, Any] = {}
        names = dict(root.names)
        places = {leaf.name: leaf.place for leaf in leaves_of(root.field)}
        for name, value in (*parse_qsl(query), *(given or {}).items()):
            if (place := names.get(name) or places.get(name)) is not None:
                put(variables, place, value)
            elif name in root.field.args:
                variables[name] = value
        for parameter, place in root.places:
            put(variables, place, unquote(values["{" + parameter + "}"]))
        if root.token is not None:
            # Strangers send an empty one: many servers break over none at all.
            put(variables, root.token, token)
        variables = {name: fitting(value, root.field.args[name].type) for name, value in variables.items()}
        if not filled(variables, root.field, reads=root.operation == "query"):
            return None
        return Asked(root, path, variables, json.dumps(dict(given)).encode() if given else b"")

    def payload(self, asked: Sequence[Asked], caller: str, without: frozenset[Place] = frozenset()) -> dict[str, Any]:
        """One operation that asks for all of these, each under a name of its own when there are several (aliases, section 2.7)."""
        several, declared, parts, variables = len(asked) > 1, [], [], {}
        for number, one in enumerate(asked):
            root, passed = one.root, []
            for name, value in one.variables.items():
                variable = f"{name}{number}" if several else name
                declared.append(f"${variable}: {root.field.args[name].type}")
                passed.append(f"{name}: ${variable}")
                variables[variable] = value
            arguments = f"({', '.join(passed)})" if passed else ""
            depth = _WRITES_DEEP if root.operation == "mutation" else None
            wanted = self._selection.text(root.field.type, caller=caller, without=without, only=root.only, depth=depth)
            parts.append(f"{f'a{number}: ' if several else ''}{root.name}{arguments}{wanted}")
        head = f"({', '.join(declared)})" if declared else ""
        return {"query": f"{asked[0].root.operation}{head} {{ {' '.join(parts)} }}", "variables": variables}

    async def ask(
        self, caller: "Caller", method: str, path: str, given: Mapping[str, Any] | None, headers: Mapping[str, str] | None
    ) -> Exchange:  # fmt: skip
        """Ask for a field as a caller. What comes back is told as REST would have told it; ``wire`` holds what was really sent."""
        token = caller.headers.get(ARGUMENT, "")
        asked = self.asked(method, path, given, token)
        if asked is None:
            # Nothing was sent: a field is asked in one way alone, and needs what it requires.
            return Exchange(method, caller.site.origin + path, path, 405, caller=caller.name)
        without: frozenset[Place] = frozenset()
        exchange, answer = Exchange(method, "", path), Answer(0, b"")
        for _ in range(_ROUNDS):
            payload = self.payload([asked], caller.name, without)
            exchange = await caller.send("POST", self.path, json=payload, headers=headers)
            if token:
                exchange = replace(
                    exchange, sent_body=exchange.sent_body.replace(token.encode(), ARGUMENT_SHOWN.encode())
                )
            answer = self.told(asked, exchange, asked.root.name)
            if not self._learned(answer, caller.name) and (
                asked.root.operation == "mutation" or not answer.deeper - without
            ):
                break
            if asked.root.operation == "mutation" and answer.ran:
                break
            without |= answer.deeper
        self._without[caller.name, asked.root.name] = without
        return shown(asked, method, exchange, answer)

    def text(
        self, root: Root, arguments: Collection[str], caller: str, written: Mapping[str, str] | None = None
    ) -> str:
        """An operation that asks for a field, with a variable for each of these ``arguments``, and what is ``written`` as it is in place of others."""
        declared = [f"${name}: {root.field.args[name].type}" for name in arguments]
        passed = [*(f"{name}: ${name}" for name in arguments), *(f"{n}: {text}" for n, text in (written or {}).items())]
        without = self._without.get((caller, root.name), frozenset())
        depth = _WRITES_DEEP if root.operation == "mutation" else None
        wanted = self._selection.text(root.field.type, caller=caller, without=without, only=root.only, depth=depth)
        head = f"({', '.join(declared)})" if declared else ""
        arguments_text = f"({', '.join(passed)})" if passed else ""
        return f"{root.operation}{head} {{ {root.name}{arguments_text}{wanted} }}"

    async def send(
        self, caller: "Caller", method: str, path: str, body: bytes, headers: Mapping[str, str] | None
    ) -> Exchange:
        """Send a body as it is, and tell what it says about the field that ``path`` names, or about all where it names none.

        Part of a field may break while the rest of it is answered: that is a server error as well.
        """
        token = caller.headers.get(ARGUMENT, "")
        exchange = await caller.send("POST", self.path, body=body, headers=headers)
        if token:
            exchange = replace(exchange, sent_body=exchange.sent_body.replace(token.encode(), ARGUMENT_SHOWN.encode()))
        root = self.root_at(method, path)
        if root is None:
            answer = read(json_of(exchange.text), exchange, "__typename", arguments=False, mine=False)
        else:
            answer = self.told(Asked(root, path, {}), exchange, root.name)
        if answer.status < 400 and (broken := broken_parts(json_of(exchange.text), exchange.status)):
            answer = Answer(500, broken)
        return replace(exchange, method=method, path=path, status=answer.status, body=answer.body, wire=exchange)

    def part(self, asked: Asked, exchange: Exchange, key: str, number: int | None) -> Exchange:
        """One field's part of an answer to several: under ``key``, in the operation ``number`` of a batch."""
        return shown(asked, "GET", exchange, self.told(asked, exchange, key, number))

    def told(self, asked: Asked, exchange: Exchange, key: str, number: int | None = None) -> Answer:
        """What an answer says about one field; ``number`` is its place in a batch."""
        said = json_of(exchange.text)
        if number is not None:
            said = said[number] if isinstance(said, list) and number < len(said) else None
        root = asked.root
        writes = root.operation == "mutation"
        answer = read(said, exchange, key, arguments=bool(root.places), mine=root.mine, writes=writes)
        if any(name == asked.root.name for kind, name in answer.unknown if kind in self._root_types):
            # A schema that hides the field from this caller.
            return Answer(404, b"")
        return answer

    def held(self, path: str, said: Any) -> Iterator[tuple[str, str, Any]]:
        """What the answer of an address holds, as (type, field, value): of every table in it, whatever stands above it."""
        asked = self.asked("GET", path)
        if asked is not None:
            kind = self._selection.schema.type_map.get(asked.root.only) or get_named_type(asked.root.field.type)
            yield from _held(kind, said)

    def operation(self, root: Root) -> tuple[str, dict[str, Any]]:
        """The text of a field's operation with a variable for each argument it can be given, and the values of those that nobody gives."""
        given = {place[0] for _, place in (*root.places, *root.names, *((("", root.token),) if root.token else ()))}
        fixed: dict[str, Any] = {}
        filled(fixed, root.field, reads=root.operation == "query")
        variables = dict.fromkeys(name for name in root.field.args if name in given) | fixed
        fixed = {name: value for name, value in fixed.items() if name not in given}
        return self.payload([Asked(root, "", variables)], "")["query"], fixed

    def numbers(self, root: Root) -> list[str]:
        """The parameters and inputs of a field that are whole numbers."""
        kinds = {leaf.place: leaf.type.name for leaf in leaves_of(root.field)}
        return [name for name, place in (*root.places, *root.names) if kinds.get(place) in ("Int", "BigInt", "Long")]

    def _learned(self, answer: Answer, caller: str) -> bool:
        """Whether the app said what to ask for less, so that asking again makes sense."""
        selection = self._selection
        known = selection.unknown.setdefault(caller, set())
        if new := answer.unknown - known:
            known |= new
            return True
        if answer.too_deep and selection.depth > 0:
            selection.depth -= 1
            return True
        return False


def _held(kind: Any, said: Any) -> Iterator[tuple[str, str, Any]]:
    if isinstance(said, list):
        for one in said[:200]:
            yield from _held(kind, one)
    elif isinstance(said, dict) and is_object_type(kind):
        for name, value in said.items():
            if name in kind.fields:
                yield kind.name, name, value
                yield from _held(get_named_type(kind.fields[name].type), value)


def shown(asked: Asked, method: str, exchange: Exchange, answer: Answer) -> Exchange:
    """The exchange as a call of the field's own address."""
    if exchange.error:
        return replace(exchange, method=method, path=asked.path, sent_body=asked.sent, wire=exchange)
    return replace(
        exchange, method=method, path=asked.path, status=answer.status, body=answer.body, sent_body=asked.sent, wire=exchange
    )  # fmt: skip
