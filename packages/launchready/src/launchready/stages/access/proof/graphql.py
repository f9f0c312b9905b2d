"""Records behind GraphQL: each root field that takes one id, asked as its owner and as another (OWASP API1:2023).

The app is asked for its schema by introspection (GraphQL October 2021, section 4); where it tells none, nothing is asked.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from launchready_guard.policy import Policy

from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.callers.values import value_for
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.ground import DANGEROUS, Ground
from launchready.stages.access.proof.ids import Records, noun_of, own, singular
from launchready.stages.access.proof.reads import judge_read
from launchready.stages.access.proof.result import Harm, Made
from launchready.stages.access.proof.seen import Answers, Seen, alone
from launchready.stages.access.proof.slots import Slot

if TYPE_CHECKING:
    from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema

_ADDRESS = re.compile(r"/(?:graphql|gql|graph)/?$", re.I)
_ID = re.compile(r"(?:^|_)(?:id|uuid|pk|slug|username|number)$|Id$|Uuid$")
_CREATES = re.compile(r"^(?:create|add|new|insert|post)(?=[A-Z_]|$)")
_MOST = 40


async def prove_graphql(ground: Ground, policy: Policy | None, known: Sequence[Endpoint]) -> None:
    """Learn the records of the first two callers, make one of each kind, and ask for them as everybody else."""
    if len(ground.callers) < 2:
        return
    for path in dict.fromkeys(e.path.split("#")[0] for e in known if _ADDRESS.search(e.path.split("#")[0])):
        schema = await _schema(ground, path)
        if schema is None or schema.query_type is None:
            ground.gap(f"POST {path}", "the app tells nobody its schema, so its fields were not asked", "a run where introspection is on", Harm.READS)  # fmt: skip
            continue
        fields = list(schema.query_type.fields.items())[:_MOST]
        if ground.writes and schema.mutation_type is not None:
            for name, mutation in schema.mutation_type.fields.items():
                for caller in ground.callers[:2] if _CREATES.match(name) and not DANGEROUS.search(name) else ():
                    await ground.step(
                        f"{caller.name}: {path}#{name}", partial(_make, ground, path, name, mutation, caller)
                    )
        for name, field in fields:
            if not any(_required(field)):
                await _list(ground, path, name, field)
        for name, field in fields:
            required = list(_required(field))
            if len(required) == 1 and _ID.search(required[0]):
                await _one(ground, path, name, field, required[0], policy, known)


async def _schema(ground: Ground, path: str) -> "GraphQLSchema | None":
    from graphql import GraphQLError, build_client_schema, get_introspection_query

    query = {"query": get_introspection_query(descriptions=False)}
    said = parsed(await ground.call(ground.callers[0], "POST", path, json=query))
    try:
        return build_client_schema(said["data"]) if isinstance(said, dict) and said.get("data") else None
    except (GraphQLError, TypeError, ValueError, KeyError):
        return None


async def _make(ground: Ground, path: str, name: str, field: "GraphQLField", caller: Caller) -> None:
    """Create a record by a mutation, with the caller's marker in its texts."""
    if caller.person is None:
        return
    values = {}
    for argument in _required(field):
        values[argument] = _value(argument, field.args[argument].type, caller, 0)
        if values[argument] is None:
            return
    exchange = await _send(ground, caller, path, name, field, values, "mutation")
    noun = _noun(field)
    record = parsed(exchange)
    if alone(exchange) is Seen.ALLOWED and isinstance(record, dict):
        records = ground.records.setdefault(caller.name, Records())
        for key in ("id", "uuid", "slug"):
            if isinstance(record.get(key), str | int):
                records.add(noun, key, record[key], made=True)
                ground.made.append(Made(caller.name, f"POST {path}#Mutation.{name}", f"{noun} {record[key]}"))
                return


async def _list(ground: Ground, path: str, name: str, field: "GraphQLField") -> None:
    for caller in ground.callers:
        exchange = await _send(ground, caller, path, name, field, {}, "query")
        if alone(exchange) is Seen.ALLOWED:
            ground.records.setdefault(caller.name, Records()).read(f"/{_noun(field)}s", parsed(exchange))


async def _one(
    ground: Ground, path: str, name: str, field: "GraphQLField", argument: str, policy: Policy | None, known: Sequence[Endpoint]
) -> None:  # fmt: skip
    plain = Endpoint("POST", f"{path}#Query.{name}", "graphql", (Kind.OTHER,), "read", Access(), (), Span(path, 0))
    endpoint = next((e for e in known if e.path == plain.path), plain)
    slot = Slot("body", argument, noun_of(argument, _noun(field)))
    for owner in ground.callers[:2]:
        others = {v for c in ground.callers if c is not owner for v in own(c, slot.noun, argument)}
        ours = ground.records.get(owner.name, Records()).made_of(slot.noun)
        mine = [v for v in ground.values(owner, slot.noun, argument) if v not in others and (v in ours or v in own(owner, slot.noun, argument))]  # fmt: skip
        for value in mine[:1]:
            ask = partial(_ask, ground, path, name, field, argument)
            first = await ask(owner, value)
            if alone(first) is not Seen.ALLOWED:
                continue
            ground.note(endpoint, owner, "own", Seen.ALLOWED)
            for other in (*ground.callers, ground.guest):
                if other is not owner:
                    nobodys = "987654321" if value.isdigit() else "zz-987654321"
                    answers = Answers(first, await ask(other, value), await ask(ground.guest, value), await ask(other, nobodys), await ask(owner, value))  # fmt: skip
                    judge_read(ground, endpoint, slot, (owner, other), value, answers, policy)


async def _ask(
    ground: Ground, path: str, name: str, field: "GraphQLField", argument: str, caller: Caller, value: str
) -> Exchange:
    number = str(field.args[argument].type).rstrip("!") == "Int" and value.isdigit()
    return await _send(ground, caller, path, name, field, {argument: int(value) if number else value}, "query")


async def _send(
    ground: Ground, caller: Caller, path: str, name: str, field: "GraphQLField", values: dict[str, Any], operation: str
) -> Exchange:
    """Ask for one field; the answer holds what stood under it, as a call of REST would have answered."""
    given = ", ".join(f"${one}: {field.args[one].type}" for one in values)
    passed = ", ".join(f"{one}: ${one}" for one in values)
    wanted = " ".join(_selected(field.type))
    query = f"{operation}{f'({given})' if given else ''} {{ {name}{f'({passed})' if passed else ''}{f' {{ {wanted} }}' if wanted else ''} }}"
    exchange = await ground.call(caller, "POST", path, json={"query": query, "variables": values})
    said = parsed(exchange)
    if not exchange.ok or not isinstance(said, dict):
        return exchange
    data = said.get("data")
    found = data.get(name) if isinstance(data, dict) else None
    if found is None:
        return replace(exchange, status=403 if said.get("errors") else 404, body=json.dumps(said).encode())
    return replace(exchange, body=json.dumps(found).encode())


def _selected(kind: object, depth: int = 0) -> Iterator[str]:
    """Leaves of a type that take no argument, and those of the tables inside it, one level down."""
    from graphql import get_named_type, is_interface_type, is_leaf_type, is_object_type

    named = get_named_type(kind)  # type: ignore[call-overload]
    if not (is_object_type(named) or is_interface_type(named)):
        return
    for name, field in named.fields.items():
        if any(_required(field)):
            continue
        if is_leaf_type(get_named_type(field.type)):
            yield name
        elif depth < 1 and (inner := " ".join(_selected(field.type, depth + 1))):
            yield f"{name} {{ {inner} }}"


def _required(field: "GraphQLField") -> Iterator[str]:
    from graphql import Undefined, is_non_null_type

    return (n for n, one in field.args.items() if is_non_null_type(one.type) and one.default_value is Undefined)


def _value(name: str, kind: object, caller: Caller, depth: int) -> Any:
    """A value for an argument; None where none can be made up."""
    from graphql import get_named_type, is_enum_type, is_input_object_type, is_list_type, is_non_null_type

    while is_non_null_type(kind):
        kind = kind.of_type
    if is_list_type(kind):
        return []
    named: GraphQLNamedType = get_named_type(kind)  # type: ignore[call-overload]
    if is_enum_type(named):
        return next(iter(named.values))
    if is_input_object_type(named):
        if depth > 2:
            return None
        return {
            inner: value
            for inner, one in named.fields.items()
            if is_non_null_type(one.type) and (value := _value(inner, one.type, caller, depth + 1)) is not None
        }
    assert caller.person is not None
    return value_for(Input(name, "body", {"ID": "", "Float": "number"}.get(named.name, named.name)), caller.person)


def _noun(field: "GraphQLField") -> str:
    """``note`` for a field of type Note, [Note] or NoteConnection."""
    from graphql import get_named_type

    return singular(re.sub(r"(?:Type|Node|Connection|Payload|Response|Object)$", "", get_named_type(field.type).name))
