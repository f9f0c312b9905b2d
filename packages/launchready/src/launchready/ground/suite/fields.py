"""The fields of GraphQL that tests ask for, written down as the operations they stand for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from launchready.ground.suite.case import literal
from launchready.model.surface import Endpoint

if TYPE_CHECKING:
    from launchready.probes.graphs.graph import Graph


def fields_used(graphs: Mapping[str, "Graph"], text: str) -> list[dict[str, Any]]:
    """One table for each field whose address stands in ``text``: its address, its operation, and where its values go."""
    found = []
    for graph in graphs.values():
        for root in graph.roots:
            if not _stands(root.endpoint, text):
                continue
            query, fixed = graph.operation(root)
            found.append(
                {
                    "key": literal(root.endpoint.method + " " + root.endpoint.path),
                    "field": literal(root.name),
                    "url": literal(graph.path),
                    "query": query,
                    "fixed": fixed,
                    "places": {name: list(place) for name, place in (*root.places, *root.names)},
                    "beside": list(next((place[:-1] for name, place in root.names if "pass" in name.lower()), ())),
                    "numbers": graph.numbers(root),
                    "token": list(root.token or ()),
                }
            )
    return found


def _stands(endpoint: Endpoint, text: str) -> bool:
    """Whether the part of an address before its first parameter is named."""
    return endpoint.path.partition("/{")[0] in text
