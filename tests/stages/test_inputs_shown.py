"""What the description of an app shows, and what its records hold: asked as it is, and with one thing out of place inside of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from launchready.model.words import Confidence

from tests.stages.members import Asked, Body
from tests.stages.test_inputs_payloads import BROKEN, JSON, REFUSED, Shop, found, tried
from tests.support.web import Reply


class Told(Shop):
    """A shop whose description says more of the body of ``POST /counts``, which ``answer`` answers."""

    def __init__(self, media: dict[str, Any], answer: Callable[[Asked], Body]) -> None:
        super().__init__()
        self.media = media
        self.route("POST", "/counts", "filter")(answer)

    def _description(self) -> dict[str, Any]:
        said = super()._description()
        said["paths"]["/counts"]["post"]["requestBody"] = {"content": {"application/json": self.media}}
        return said


FILTER = {
    "type": "object",
    "properties": {
        "order": {"type": "string", "enum": ["up", "down"]},
        "text": {"anyOf": [{"type": "object", "properties": {"query": {"type": "string"}}}, {"type": "null"}]},
    },
}


def counted(asked: Asked) -> Body:
    """Fails at a search by text, which is right; refuses a filter that is none."""
    filter_ = asked.body.get("filter")
    if not isinstance(filter_, dict) or filter_.get("order") not in ("up", "down"):
        return REFUSED
    return BROKEN if isinstance(filter_.get("text"), dict) and filter_["text"].get("query") else {"count": 1}


@pytest.mark.parametrize(
    "media",
    [
        {"schema": {"type": "object", "properties": {"filter": FILTER}}},
        {"example": {"filter": {"order": "up", "text": {"query": "a b"}}}, "schema": {"type": "object"}},
        {"examples": {"one": {"value": {"filter": {"order": "up", "text": {"query": "word"}}}}}, "schema": {}},
    ],
    ids=["types", "example", "examples"],
)
async def test_a_filter_inside_of_a_body_is_asked_as_it_is_described(media: dict[str, Any]) -> None:
    outcomes, _ = await tried(Told(media, counted))
    assert found(outcomes) == [("LR301", "POST /counts")]


def walked(asked: Asked) -> Body:
    """Looks at every rule of a view, and fails at one that is null."""
    filter_ = asked.body.get("filter")
    rules = filter_.get("rules") if isinstance(filter_, dict) else None
    if not isinstance(rules, list) or not all(one is None or isinstance(one, dict) for one in rules):
        return REFUSED
    return BROKEN if None in rules else {"count": len(rules)}


RULES = {"type": "array", "items": {"type": "object", "properties": {"field": {"type": "string"}}}}


async def test_null_in_a_list_inside_of_a_table_is_sent_and_shown_small() -> None:
    media = {"schema": {"type": "object", "properties": {"note": {"type": "string"}, "filter": {"type": "object", "properties": {"rules": RULES}}}}}  # fmt: skip
    outcomes, _ = await tried(Told(media, walked))
    assert found(outcomes) == [("LR301", "POST /counts")]
    (finding,) = outcomes["LR301"].findings
    assert finding.confidence is Confidence.PROVEN
    assert "null in filter.rules.0" in finding.detail
    assert """--data-binary '{"filter": {"rules": [null]}}'""" in finding.reproduction


async def test_what_a_record_holds_is_gone_into_where_the_description_names_no_more_than_a_table() -> None:
    media = {"schema": {"type": "object", "properties": {"filter": {"type": "object"}}}}

    def answer(asked: Asked) -> Body:
        # Without a filter there is an empty one.
        return walked(asked) if "filter" in asked.body else {"count": 0}

    app = Told(media, answer)
    app.route("GET", "/counts")(lambda asked: [{"id": 7, "filter": {"rules": [{"field": "price"}]}}])
    outcomes, _ = await tried(app)
    assert found(outcomes) == [("LR301", "POST /counts")]


async def test_nobody_of_an_example_is_written_to() -> None:
    example = {
        "filter": {
            "owner": "jane@corp.test",
            "hook": "https://hooks.corp.test/in",
            "owner_id": 4711,
            "kind": "plain",
            "price": 99999,
            "uuid": "4d0f6f0e-52a5-4c4e-9a51-0f0f6f0e52a5",
            "host": "10.1.2.3",
        }
    }
    app = Told({"example": example, "schema": {"type": "object"}}, lambda asked: {"count": 1})
    await tried(app)
    sent = b"".join(app.bodies("/counts"))
    assert b'"plain"' in sent
    for theirs in (b"corp.test", b"4711", b"99999,", b"4d0f6f0e", b"10.1.2.3"):
        assert theirs not in sent


async def test_a_record_made_by_an_example_has_a_name_of_ours_and_is_removed() -> None:
    example = {"title": "Summer", "colour": "teal", "tags": ["a"]}
    app = Shop()
    app.orders("title", "colour", "tags")
    described = app._description

    def description() -> dict[str, Any]:
        said = described()
        said["paths"]["/orders"]["post"]["requestBody"]["content"]["application/json"]["example"] = example
        return said

    app._description = description  # type: ignore[method-assign]
    await tried(app)
    first = json.loads(app.bodies("/orders")[0])
    assert (first["colour"], first["tags"]) == ("teal", ["a"])
    assert first["title"] != "Summer"
    assert app.records["orders"] == {}


async def test_an_example_that_is_refused_leaves_the_plain_request() -> None:
    def answer(asked: Asked) -> Body:
        if asked.body.get("filter") != {}:
            return REFUSED
        return Reply(200, json.dumps({"count": 1}), JSON)

    media = {"example": {"filter": {"no": "more"}}, "schema": {"properties": {"filter": {"type": "object"}}}}
    app = Told(media, answer)
    outcomes, inputs = await tried(app)
    assert found(outcomes) == []
    assert [one for one in inputs if one.route == "POST /counts"] != []
