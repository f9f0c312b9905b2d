"""A field of GraphQL as a valid request: the variables of its operation stand where REST has a body."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from launchready.ground.ground import Ground
from launchready.ground.ids import field_at, noun_of_path
from launchready.model.surface import Access, Endpoint, Span
from launchready.model.words import Kind
from launchready.probes.callers.caller import Person
from launchready.probes.callers.values import value_for
from launchready.probes.exchange import ARGUMENT
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.inside import Place

if TYPE_CHECKING:
    from launchready.probes.graphs.fields import Root
    from launchready.probes.graphs.graph import Graph

# Asks for nothing that anybody keeps.
PLAIN = "{ __typename }"
_SHOWN = 4


def graph_of(one: Example) -> "Graph | None":
    """The GraphQL that an example asks; None for any other."""
    return one.caller.site.graphs.get(one.endpoint.path.partition("#")[0])


def root_of(one: Example) -> "Root | None":
    """The field that an example asks for."""
    graph = graph_of(one)
    return graph.root_at(one.endpoint.method, one.path) if graph is not None and "#" in one.endpoint.path else None


def whole_graph(ground: Ground, path: str) -> Example:
    """An operation at the address of a GraphQL, which nothing but its text and its frame can be wrong with."""
    caller = ground.callers[0] if ground.callers else ground.guest
    endpoint = Endpoint("POST", path, "graphql", (Kind.OTHER,), "read", Access(), (), Span(path, 0))
    return Example(endpoint, caller, {}, body={"query": PLAIN, "variables": {}}, frame=True)


def as_field(one: Example, person: Person) -> Example:
    """The example with the variables of its operation as its body, and the name people know the field by; as it is where it is none.

    What a field cannot do without and nobody chose gets a value of its kind, as ``person`` would give it.
    """
    graph, root = graph_of(one), root_of(one)
    if graph is None or root is None:
        return replace(one, frame=one.writes and graph is not None and "#" not in one.endpoint.path)
    from launchready.probes.graphs.arguments import flat_names, inputs_of, leaves_of

    leaves = leaves_of(root.field)
    kinds = {given.name: given for given in inputs_of(leaves, flat_names(leaves))}
    named = {place: name for name, place in flat_names(leaves).items()}
    fixed = {place for _, place in root.places} | ({root.token} if root.token else set())
    given = dict(one.body) if isinstance(one.body, dict) else {}
    for leaf in leaves:
        name = named[leaf.place]
        if leaf.required and leaf.place not in fixed and name not in given and name in kinds:
            given[name] = value_for(kinds[name], person)
    asked = graph.asked(one.endpoint.method, one.path, given, one.caller.headers.get(ARGUMENT, ""))
    arguments = ", ".join([*list(root.field.args)[:_SHOWN], *(["…"] if len(root.field.args) > _SHOWN else [])])
    called = f"{root.operation} {root.name}" + (f"({arguments})" if arguments else "")
    return replace(one, body=asked.variables if asked is not None else {}, called=called, form=False)


def written(one: Example, variables: bytes, arguments: list[str]) -> bytes:
    """The body of the request: the operation with a variable for each of these arguments, and the text of their values."""
    graph, root = graph_of(one), root_of(one)
    assert graph is not None and root is not None
    known = [name for name in arguments if name in root.field.args]
    query = json.dumps(graph.text(root, known, one.caller.name))
    return b'{"query": ' + query.encode() + b', "variables": ' + variables + b"}"


def pages_of(ground: Ground, path: str) -> Iterator[str]:
    """The addresses of fields that show what a mutation wrote at ``path``: by its id, then lists of its kind."""
    above = path.rpartition("/")[0]
    reads = [e for e in ground.endpoints if e.method == "GET" and "#" in e.path] if "#" in path else []
    for endpoint in reads:
        if found := field_at(endpoint, path):
            yield found
    base = path.partition("#")[0]
    for endpoint in reads:
        if (
            "{" not in endpoint.path
            and endpoint.path.partition("#")[0] == base
            and noun_of_path(endpoint.path) == noun_of_path(above)
        ):
            yield endpoint.path


def fields_to_ask(ground: Ground, *, writes: bool) -> list[Endpoint]:
    """The fields that take anything, each once: of several addresses for one field, the one that names a record."""
    found: dict[str, Endpoint] = {}
    for graph in ground.guest.site.graphs.values():
        for root in graph.roots:
            endpoint = root.endpoint
            if root.field.args and (endpoint.method != "GET") is writes:
                before = found.get(endpoint.name)
                if before is None or ("{" in endpoint.path and "{" not in before.path):
                    found[endpoint.name] = endpoint
    return list(found.values())


def called_by(one: Example, place: Place) -> str:
    """What an input is called: dotted, but for a value of a field of GraphQL, whose last name says it where no other has the same."""
    root = root_of(one)
    if root is None:
        return ".".join(map(str, place))
    from launchready.probes.graphs.arguments import flat_names, leaves_of

    names: dict[Place, str] = {at: name for name, at in flat_names(leaves_of(root.field)).items()}
    return names.get(place, ".".join(map(str, place)))
