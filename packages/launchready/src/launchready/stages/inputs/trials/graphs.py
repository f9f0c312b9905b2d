"""How much one request may ask of GraphQL: depth, aliases, batches, and what strangers are told of the schema (OWASP GraphQL cheat sheet)."""

import re
from typing import TYPE_CHECKING, Any

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.hosts import is_loopback
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange

if TYPE_CHECKING:
    from launchready.probes.graphs.graph import Graph
    from launchready.stages.inputs.trials.cycles import Cycle

_DEEP, _STEPS = 15, (3, 5, 7)
_WAYS = 6
_ALIASES, _BATCH = 100, 20
_LARGEST, _LONGEST = 300_000, 2.0
_MEANT = re.compile(r"did you mean", re.I)


async def prove_graphs(ground: Ground) -> None:
    """Ask each address of the app's GraphQL more at once than any page needs, of fields that cost next to nothing."""
    for graph in ground.guest.site.graphs.values():
        told = await _told_to_strangers(ground, graph)
        for caller in (ground.guest, *ground.callers[:1]):
            if _data(await _ask(ground, caller, graph, "{ __typename }")) is not None:
                await _depth(ground, caller, graph)
                await _aliases(ground, caller, graph)
                await _batch(ground, caller, graph)
                break
        else:
            ground.gap(
                f"POST {graph.path}", "it answers neither strangers nor members", "an identity that may ask", Harm.GRAPH
            )
        if not told:
            await _suggestions(ground, graph)


async def _depth(ground: Ground, caller: Caller, graph: "Graph") -> None:
    # graphql-core costs start-up time that only apps with GraphQL should pay.
    from launchready.stages.inputs.trials.cycles import cycles

    ways = cycles(graph.schema)[:_WAYS]
    if not ways:
        ground.count(Harm.GRAPH)
        return
    asked = [(way, await _ask(ground, caller, graph, way.query(2))) for way in ways]
    asked = [(way, exchange) for way, exchange in asked if _ran(exchange)]
    if not asked:
        ground.gap(
            f"POST {graph.path}", "no question of two levels was answered, so a deep one proves nothing", "", Harm.GRAPH
        )
        return
    way, shallow = next(((one, said) for one, said in asked if one.reached(_data(said))), asked[0])
    ground.count(Harm.GRAPH)
    # Some servers put directives of their own in place of those of the specification.
    sleeps = any(one.name == "include" for one in graph.schema.directives)
    if sleeps and not _ran(await _ask(ground, caller, graph, way.query(_DEEP, asleep=True))):
        return
    deepest, level = await _as_deep_as_cheap(ground, caller, graph, way)
    if deepest is None:
        return
    seen = way.reached(_data(deepest))
    answered = "answered" if seen else "taken, and there was nothing to answer it with"
    grows = f" At {level} levels the answer had {len(deepest.body):,} bytes and took {deepest.seconds:.2f} s, at two {len(shallow.body):,} bytes."
    _alarm(
        ground, graph, "depth",
        f"One short request can keep {graph.path} busy for as long as a stranger likes" if caller.guest
        else f"One short request of any member can keep {graph.path} busy for as long as they like",
        f"A question of {level} levels in each other was {answered}.{grows} Each further level multiplies the work, and nothing ends it.",
        (("two levels", shallow), (f"{level} levels", deepest)),
        Confidence.PROVEN if level == _DEEP and seen else Confidence.SUSPECTED,
    )  # fmt: skip


async def _as_deep_as_cheap(
    ground: Ground, caller: Caller, graph: "Graph", way: "Cycle"
) -> tuple[Exchange | None, int]:
    """The deepest question that was answered, up to the one that is asked for; a longer one is not sent when this one was large or slow."""
    deepest, level = None, 0
    for deep in (*_STEPS, _DEEP):
        before = deepest
        exchange = await _ask(ground, caller, graph, way.query(deep))
        if not _ran(exchange):
            # Refused for its depth, though a directive hid that from the first question.
            return None, 0
        deepest, level = exchange, deep
        factor = max(1.0, len(exchange.body) / max(1, len(before.body))) if before else 1.0
        if len(exchange.body) * factor ** ((_DEEP - deep) / 2) > _LARGEST or exchange.seconds > _LONGEST / 4:
            break
    return deepest, level


async def _aliases(ground: Ground, caller: Caller, graph: "Graph") -> None:
    field = _cheap(graph)
    one = await _ask(ground, caller, graph, f"{{ a: {field} }}")
    if _data(one) is None:
        return
    many = await _ask(ground, caller, graph, "{ " + " ".join(f"a{n}: {field}" for n in range(_ALIASES)) + " }")
    if many.error or many.status == 429:
        return
    ground.count(Harm.GRAPH)
    if len(_data(many) or {}) < _ALIASES:
        return
    _alarm(
        ground, graph, "aliases",
        f"A limit on requests to {graph.path} limits nothing: one request holds a hundred questions",
        f"{field} was asked for {_ALIASES} times under different names in one request, and answered {_ALIASES} times ({one.seconds:.3f} s for one, "
        f"{many.seconds:.3f} s for all). Passwords and codes can be tried in the same way.",
        (("once", one), (f"{_ALIASES} times", many)),
    )  # fmt: skip


async def _batch(ground: Ground, caller: Caller, graph: "Graph") -> None:
    exchange = await ground.call(caller, "POST", graph.path, json=[{"query": "{ __typename }"}] * _BATCH)
    if exchange.error or exchange.status == 429:
        return
    ground.count(Harm.GRAPH)
    said = parsed(exchange)
    if isinstance(said, list) and sum(isinstance(one, dict) and one.get("data") is not None for one in said) == _BATCH:
        _alarm(
            ground, graph, "batch",
            f"A limit on requests to {graph.path} limits nothing: one request holds any number of others",
            f"An array of {_BATCH} operations was answered with {_BATCH} answers.",
            ((f"{_BATCH} operations", exchange),),
        )  # fmt: skip


async def _told_to_strangers(ground: Ground, graph: "Graph") -> bool:
    exchange = await _ask(ground, ground.guest, graph, "{ __schema { queryType { name } } }")
    if exchange.error or exchange.status == 429:
        return False
    ground.count(Harm.GRAPH)
    if not isinstance((_data(exchange) or {}).get("__schema"), dict):
        return False
    local = is_loopback(ground.guest.site.host)
    _alarm(
        ground, graph, "introspection-here" if local else "introspection",
        f"Strangers can read the whole list of what {graph.path} can do",
        "Introspection is answered to whoever asks, fields for administrators among them."
        + (" This is the app on your own machine: look whether it is so where customers are." if local else ""),
        (("a stranger asks for the schema", exchange),),
        Confidence.SUSPECTED if local else Confidence.PROVEN,
    )  # fmt: skip
    return True


async def _suggestions(ground: Ground, graph: "Graph") -> None:
    name = max((root.name for root in graph.roots if root.operation == "query"), key=len, default="")
    if len(name) < 4:
        return
    exchange = await _ask(ground, ground.guest, graph, f"{{ {name[:-1]}{'z' if name[-1] != 'z' else 'y'} }}")
    if exchange.error or exchange.status in (401, 403, 429):
        return
    ground.count(Harm.GRAPH)
    if _MEANT.search(exchange.text) and name in exchange.text:
        _alarm(
            ground, graph, "suggestions",
            f"{graph.path} tells strangers the names of its fields, though its schema is kept from them",
            "A name that was slightly wrong was answered with the right one: whoever tries words gets the schema piece by piece.",
            (("a name that is slightly wrong", exchange),),
        )  # fmt: skip


async def _ask(ground: Ground, caller: Caller, graph: "Graph", query: str) -> Exchange:
    return await ground.call(caller, "POST", graph.path, json={"query": query})


def _cheap(graph: "Graph") -> str:
    """A leaf that needs nothing, as a field of a schema with a limit on cost would count; else the name of the root type."""
    plain = graph.plainest
    root = next((root for root in graph.roots if root.endpoint.path == plain), None)
    from graphql import get_named_type, is_leaf_type

    return root.name if root and not root.field.args and is_leaf_type(get_named_type(root.field.type)) else "__typename"


def _data(exchange: Exchange) -> dict[str, Any] | None:
    said = parsed(exchange)
    data = said.get("data") if isinstance(said, dict) else None
    return data if isinstance(data, dict) else None


def _ran(exchange: Exchange) -> bool:
    """Whether a question was worked out and not turned down for its shape: what comes of it stands at a place of its own."""
    if exchange.error or exchange.status in (0, 401, 403, 429) or exchange.status >= 500:
        return False
    said = parsed(exchange)
    if not isinstance(said, dict):
        return False
    errors = said.get("errors")
    with_place = isinstance(errors, list) and any(isinstance(one, dict) and one.get("path") for one in errors)
    return isinstance(said.get("data"), dict) or with_place


def _alarm(
    ground: Ground,
    graph: "Graph",
    key: str,
    title: str,
    detail: str,
    pairs: tuple[tuple[str, Exchange], ...],
    confidence: Confidence = Confidence.PROVEN,
) -> None:
    ground.alarm(Alarm(Harm.GRAPH, f"POST {graph.path}", title, detail, shown(*pairs), confidence, key))
