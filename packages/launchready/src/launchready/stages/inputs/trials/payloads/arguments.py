"""One argument of a field of GraphQL out of place at a time, and what can be wrong with the frame around an operation.

Types of the language refuse much by themselves (GraphQL October 2021, section 3.5): what they let through comes first, as text that no database
takes, and numbers at the end of 32 bit. What an app made of its own, such as a date, gets all there is.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from launchready.model.surface import Input
from launchready.stages.inputs.trials.payloads.deviations import MOST, Deviation
from launchready.stages.inputs.trials.payloads.examples import Example
from launchready.stages.inputs.trials.payloads.fields import PLAIN, graph_of, root_of
from launchready.stages.inputs.trials.payloads.kinds import holds
from launchready.stages.inputs.trials.payloads.nonsense import nonsense_for
from launchready.stages.inputs.trials.payloads.values import IMPOSSIBLE, Bad, in_json
from launchready.stages.inputs.trials.payloads.whole import wholes

if TYPE_CHECKING:
    from launchready.probes.graphs.arguments import Leaf

_JSON = (("Content-Type", "application/json"),)
_ZERO, _HALF = Bad("a zero byte", "a\0b"), Bad("half a character (an unpaired surrogate)", "\ud800")
_LONG, _NULL, _TABLE = Bad("an overlong text", "x" * 10_000), Bad("null"), Bad("a table", {"a": 1})
_NESTED = Bad("a list in a list in a list", [[["a"]]])
# None of these can be the id of a record that is there.
_IDS = (
    _ZERO, Bad("a number of twenty digits", "99999999999999999999"), Bad("no id", "launch no id"), _HALF, Bad("a number below nothing", "-1"),
    _LONG, _NESTED, _TABLE, Bad("an empty text", ""), Bad("a digit of another script", "\u00b2"),
)  # fmt: skip
_INT = (
    Bad("a number below nothing", -1), Bad("the largest number there is (2147483647)", 2_147_483_647), _NULL, Bad("a number of twenty digits", raw="9" * 20),
    Bad("zero", 0), Bad("the smallest number there is", -2_147_483_648), Bad("a word", "abc"), _NESTED, Bad("a fraction", 1.5), _TABLE,
)  # fmt: skip
_FLOAT = (
    Bad("a number below nothing", -1.0), Bad("a number of 308 digits", raw="1e308"), _NULL, Bad("infinity (1e999)", raw="1e999"), Bad("no number (NaN)", raw="NaN"),
    Bad("zero", 0), Bad("a word", "abc"), _NESTED, _TABLE,
)  # fmt: skip
_BOOLEAN = (_NULL, Bad("a word", "abc"), _NESTED)
_LISTS = (
    Bad("a list with null in it", [None]), Bad("a list with a zero byte in it", ["a\0b"]), _NESTED, Bad("an empty list", []), _NULL, _TABLE,
    Bad("a list with a table in it", [{}]),
)  # fmt: skip
_BUILT_IN = {"ID": _IDS, "Int": _INT, "Float": _FLOAT, "Boolean": _BOOLEAN}
# In the text of an operation a value is read by another piece of code than as a variable.
_WRITTEN = ("{a: 1}", '"not a value"', "[[1]]")
_DEEP = 5_000


def argument_deviations(one: Example, *, most: int | None = MOST) -> list[Deviation]:
    """Those of the field that an example asks for, first those that find most; nothing that could name a record where records are removed."""
    root = root_of(one)
    if root is None:
        return []
    from graphql import get_nullable_type, is_non_null_type, is_scalar_type, specified_scalar_types

    from launchready.probes.graphs.arguments import flat_names, inputs_of, leaves_of

    leaves, found = [leaf for leaf in leaves_of(root.field) if leaf.place != root.token], []
    names = flat_names(leaves)
    inputs = {given.name: given for given in inputs_of(leaves, names)}
    called = {place: name for name, place in names.items()}
    for leaf in leaves:
        removes = one.endpoint.method == "DELETE"
        if removes and not leaf.is_id:
            continue
        given = inputs.get(called[leaf.place])
        valid = _at(one.body, leaf.place)
        nonsense = nonsense_for(leaf.name, holds(leaf.name, given, valid), given) if one.writes and not removes else []
        for rank, value in enumerate(_values(leaf, given, valid, set(specified_scalar_types))):
            if (not removes or value.what in IMPOSSIBLE) and not any(value.value == wrong.value for wrong in nonsense):
                # What the type refuses for sure is asked last.
                late = 8 if value is _NULL and leaf.required else 0
                found.append(Deviation("body", leaf.place, value.what, value.value, value.raw, rank=rank + late))
        for rank, wrong in enumerate(nonsense):
            found.append(Deviation("body", leaf.place, wrong.what, wrong.value, wrong=wrong, rank=1 + 2 * rank))
        if leaf.required and not removes:
            found.append(Deviation("body", leaf.place, "nothing where a value belongs", gone=True, rank=8))
    for name, argument in root.field.args.items() if one.endpoint.method == "GET" else ():
        kind_of = get_nullable_type(argument.type) if is_non_null_type(argument.type) else argument.type
        if is_scalar_type(kind_of) and kind_of.name not in specified_scalar_types:
            found += _in_the_text(one, name)
    found.sort(key=lambda deviation: deviation.rank)
    return found if most is None else found[:most]


def _values(leaf: "Leaf", given: Input | None, valid: object, built_in: set[str]) -> tuple[Bad, ...]:
    if leaf.many:
        return _LISTS
    if leaf.is_id:
        return _IDS
    if leaf.type.name in _BUILT_IN:
        return _BUILT_IN[leaf.type.name]
    every = in_json(holds(leaf.name, given, valid))
    if leaf.type.name not in built_in:
        return every
    # A text: of what is none, one table and one list tell whether anybody looks.
    return (*(one for one in every if isinstance(one.value, str) or one.what == "null"), _NESTED, _TABLE)


def _in_the_text(one: Example, name: str) -> Iterator[Deviation]:
    graph, root = graph_of(one), root_of(one)
    assert graph is not None and root is not None
    rest = {key: value for key, value in one.body.items() if key != name}
    for number, text in enumerate(_WRITTEN):
        query = graph.text(root, list(rest), one.caller.name, {name: text})
        content = json.dumps({"query": query, "variables": rest}).encode()
        yield Deviation(
            "whole", (), f"{text} as {name} in the text of the query", content=content, headers=_JSON, rank=2 + number
        )


def frame_deviations() -> list[Deviation]:
    """What can be wrong with the request around an operation, and with the text of one that asks for nothing."""
    deep = "[" * _DEEP + "]" * _DEEP
    frames: tuple[tuple[str, Any], ...] = (
        ("a query that is null", {"query": None}),
        ("variables that are a list", {"query": PLAIN, "variables": []}),
        (f"lists {_DEEP:,} deep in the text of the query", {"query": f"{{ __typename(a: {deep}) }}"}),
        ("a zero byte in the text of the query", {"query": "{ __typename\0 }"}),
        ("half a character in the text of the query", {"query": '{ __typename(a: "\ud800") }'}),
        ("a query that is a number", {"query": 1}),
        ("an operation's name that is a table", {"query": PLAIN, "operationName": {}}),
        ("an operation's name that there is not", {"query": PLAIN, "operationName": "NoSuchOperation"}),
        ("an empty query", {"query": ""}),
        ("a query that is cut off", {"query": "{ __typename"}),
        ("variables that are a text", {"query": PLAIN, "variables": "a"}),
        ("a variable that is declared wrong", {"query": "query ($a: [[Int!) { __typename }"}),
        ("a fragment that contains itself", {"query": "{ ...a } fragment a on Query { ...a }"}),
        ("extensions that are a text", {"query": PLAIN, "extensions": "a"}),
        ("a stored query that is a number", {"query": PLAIN, "extensions": {"persistedQuery": 1}}),
    )
    found = [
        Deviation("whole", (), what, content=json.dumps(frame).encode(), headers=_JSON, rank=number // 4)
        for number, (what, frame) in enumerate(frames)
    ]
    found += [
        Deviation("whole", (), whole.what, content=whole.content, headers=whole.headers, rank=whole.rank)
        for whole in wholes({"query": PLAIN, "variables": {}}, form=False)
    ]
    return sorted(found, key=lambda deviation: deviation.rank)


def _at(body: object, place: tuple[str, ...]) -> object:
    for part in place:
        body = body.get(part) if isinstance(body, dict) else None
    return body
