"""What is known of an app's GraphQL: its schema as the app tells it by introspection, else as its own schema files do.

From then on each field of the root types is an endpoint like any other, asked by whoever asks endpoints (OWASP API1:2023).
Introspection: GraphQL October 2021, section 4.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launchready.ground.ground import Ground
from launchready.ground.result import Harm
from launchready.ground.sending import together
from launchready.model.project import Project
from launchready.model.surface import PARAMETER, Endpoint
from launchready.probes.actions import BASE
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import Doors
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestCall
from launchready.probes.http import Site
from launchready.sources.documents.embedded import CODE, schemas_in

if TYPE_CHECKING:
    from graphql import GraphQLSchema

_ADDRESS = re.compile(r"/(?:graphql|gql|graph)(?:-api|/[\w-]+)?/?$", re.I)
_USUAL = ("/graphql", "/graphql/", "/api/graphql")
_SDL = (".graphql", ".graphqls", ".gql")
_ELSEWHERE = frozenset(
    ("node_modules", ".git", ".venv", "venv", "vendor", "dist", "build", "tests", "test", "__tests__", "examples")
)
_MOST_FILES, _LARGEST, _KNOCKS, _HELD_UP = 300, 500_000, 12, 6


async def learn_graphs(
    caller: Caller, known: Sequence[Endpoint], project: Project, only: Sequence[str] = ()
) -> list[str]:
    """Fill ``site.graphs`` with what the app tells this caller; returns the addresses whose schema nobody told.

    ``only`` are the addresses to ask again. Nothing is asked of an app that shows no GraphQL at all.
    """
    untold = []
    for path in only or await _addresses(caller, known):
        schema = await _introspected(caller, path) or (None if only else _written(project, known))
        if schema is None or schema.query_type is None:
            untold.append(path)
            continue
        # graphql-core costs start-up time that only apps with GraphQL should pay.
        from launchready.probes.graphs.graph import Graph

        graph, before = Graph(path, schema, known), caller.site.graphs.get(path)
        # Some apps show everybody the part that is for them: the fullest is taken.
        if before is None or len(graph.roots) > len(before.roots):
            caller.site.graphs[path] = graph
    return [path for path in untold if path not in caller.site.graphs]


def kept_fields(project: Project) -> dict[tuple[str, str], tuple[str, ...]]:
    """(type, field) -> the roles it is for, of fields below the root types, as the source's schema files mark them."""
    from launchready.sources.documents.graphql import kept_fields as read

    return {place: access.roles for text in _files(project) for place, access in read(text).items() if access.roles}


def graph_endpoints(site: Site) -> list[Endpoint]:
    """The fields of all schemas."""
    return [endpoint for graph in site.graphs.values() for endpoint in graph.endpoints]


def with_fields(endpoints: Sequence[Endpoint], site: Site) -> list[Endpoint]:
    """The endpoints with the fields of GraphQL in place of the one address they share."""
    others = [
        e
        for e in endpoints
        if e.path.startswith(BASE) or ("#" not in e.path and (e.method == "GET" or e.path not in site.graphs))
    ]
    return others + graph_endpoints(site)


async def graph_calls(guest: Caller, calls: Sequence[GuestCall]) -> list[GuestCall]:
    """The queries that need no id, asked as a stranger; where none of an app's doors is shut, also those of records."""
    reads = [endpoint for endpoint in graph_endpoints(guest.site) if endpoint.method == "GET"]
    plain = [endpoint for endpoint in reads if "{" not in endpoint.path]
    found = await _asked(guest, plain)
    if Doors((*calls, *found)).known:
        return found
    return found + await _asked(guest, [endpoint for endpoint in reads if "{" in endpoint.path][:_KNOCKS])


async def _asked(guest: Caller, endpoints: Sequence[Endpoint]) -> list[GuestCall]:
    paths = [PARAMETER.sub("1", endpoint.path) for endpoint in endpoints]
    answers = await together([partial(guest.send, "GET", path) for path in paths])
    # One field that hangs holds up what was asked beside it: those are asked again, one after the other.
    held_up = [number for number, answer in enumerate(answers) if answer.error and not answer.status]
    for number in held_up[:_HELD_UP] if len(held_up) > 1 else ():
        answers[number] = await guest.send("GET", paths[number])
    return [GuestCall(endpoint, answer, True) for endpoint, answer in zip(endpoints, answers, strict=True)]


def say_untold(ground: Ground, path: str) -> None:
    """Note that nothing behind an address could be asked."""
    why = "the app tells nobody its schema and its source holds none, so its fields were not asked"
    for harm in (Harm.READS, Harm.CHANGES, Harm.ROLE):
        ground.gap(f"POST {path}", why, "a run where introspection is on, or the schema's file in the source", harm)


async def _addresses(caller: Caller, known: Sequence[Endpoint]) -> list[str]:
    """Where GraphQL answers: addresses that source or a document names, then the usual ones of an app that names none."""
    named = dict.fromkeys(path for e in known if _ADDRESS.search(path := e.path.split("#")[0]) and "{" not in path)
    found = [path for path in named if (await _knock(caller, path)) is not False]
    if found or any(e.hosted for e in known):
        return found
    usual = [path for path in _USUAL if path not in named]
    there = await together([partial(_is_there, caller, path) for path in usual])
    for path, answers in zip(usual, there, strict=True):
        if answers and await _knock(caller, path):
            return [path]
    return []


async def _is_there(caller: Caller, path: str) -> bool:
    """Whether a GET that asks for nothing is answered as GraphQL would, or is not the way to ask: no more is sent to an app that has none."""
    exchange = await caller.send("GET", f"{path}?query=%7B__typename%7D")
    return exchange.status == 405 or _is_told(exchange)


async def _knock(caller: Caller, path: str) -> bool | None:
    """Whether GraphQL answers at an address; None when whoever is there would not say."""
    exchange = await caller.send("POST", path, json={"query": "{ __typename }"})
    if _is_told(exchange):
        return True
    return None if exchange.status in (401, 403, 429) else False


def _is_told(exchange: Exchange) -> bool:
    """Whether an answer has the shape of GraphQL's: data, or errors that have a message each (October 2021, section 7.1)."""
    said = parsed(exchange)
    if exchange.status in (404, 405) or not isinstance(said, dict):
        return False
    errors = said.get("errors")
    told = isinstance(errors, list) and all(isinstance(one, dict) and "message" in one for one in errors)
    return isinstance(said.get("data"), dict) or (told and bool(errors))


async def _introspected(caller: Caller, path: str) -> "GraphQLSchema | None":
    from graphql import get_introspection_query

    return schema_of(
        parsed(await caller.send("POST", path, json={"query": get_introspection_query(descriptions=False)}))
    )


def schema_of(said: Any) -> "GraphQLSchema | None":
    """The schema of an answer to introspection; None for anything else."""
    from graphql import GraphQLError, build_client_schema

    try:
        return build_client_schema(said["data"]) if isinstance(said, dict) and said.get("data") else None
    except (GraphQLError, TypeError, ValueError, KeyError):
        return None


def _written(project: Project, known: Sequence[Endpoint]) -> "GraphQLSchema | None":
    """The schema of the source's own files, where the surface found root fields in one; None when they make no whole."""
    if not any("#" in endpoint.path and endpoint.source.file.endswith((*_SDL, *CODE)) for endpoint in known):
        return None
    from graphql import DocumentNode, GraphQLError, build_ast_schema, parse
    from graphql.language import (
        ObjectTypeDefinitionNode,
        ObjectTypeExtensionNode,
        TypeSystemDefinitionNode,
        TypeSystemExtensionNode,
    )

    definitions: list[Any] = []
    for text in _files(project):
        try:
            tree = parse(text, max_tokens=200_000)
        except (GraphQLError, RecursionError):
            continue
        definitions += [
            d for d in tree.definitions if isinstance(d, TypeSystemDefinitionNode | TypeSystemExtensionNode)
        ]
    defined = {one.name.value for one in definitions if isinstance(one, ObjectTypeDefinitionNode)}
    for place, one in enumerate(definitions):
        # Schemas in parts often do nothing but extend Query: the first part stands for the whole.
        if isinstance(one, ObjectTypeExtensionNode) and one.name.value not in defined:
            defined.add(one.name.value)
            definitions[place] = ObjectTypeDefinitionNode(
                name=one.name, interfaces=one.interfaces, directives=one.directives, fields=one.fields
            )
    try:
        return build_ast_schema(DocumentNode(definitions=tuple(definitions)), assume_valid=True, assume_valid_sdl=True)
    except (GraphQLError, TypeError, KeyError, AttributeError):
        return None


def _files(project: Project) -> Iterator[str]:
    count = 0
    for source in project.source:
        for path in sorted(Path(source).rglob("*")):
            if (
                path.suffix not in (*_SDL, *CODE)
                or _ELSEWHERE.intersection(path.relative_to(source).parts)
                or count >= _MOST_FILES
            ):
                continue
            try:
                text = path.read_text("utf-8", "replace") if path.is_file() and path.stat().st_size <= _LARGEST else ""
            except OSError:
                continue
            text = schemas_in(text, path.name) if path.suffix in CODE else text
            if text:
                count += 1
                yield text
