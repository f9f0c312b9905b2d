"""What broken inputs reach beyond bodies and queries: removals, conditions, searches, reads that always fail; and what is left alone."""

import pytest
from launchready.model.words import Confidence

from tests.stages.members import Asked, Body, missing
from tests.stages.test_inputs_payloads import BROKEN, REFUSED, Shop, found, tried


@pytest.mark.parametrize("sound", [True, False])
async def test_a_removal_that_fails_at_what_nobody_has(sound: bool) -> None:
    app = Shop()
    app.orders("remark")
    app.routes = [one for one in app.routes if one[:2] != ("DELETE", "/orders/{id}")]

    @app.route("DELETE", "/orders/{id}")
    def remove(asked: Asked) -> Body:
        if not sound and len(asked.ids["id"]) == 20:
            return BROKEN
        return {} if app.records["orders"].pop(asked.ids["id"], None) else missing()

    outcomes, _ = await tried(app)
    assert found(outcomes) == ([] if sound else [("LR301", "DELETE /orders/{id}")])


async def test_what_was_there_before_survives_and_a_whole_list_is_never_removed() -> None:
    app = Shop()
    app.orders("remark")
    app.records["orders"]["7000"] = {"id": 7000, "remark": "of somebody", "ownerId": 99}

    @app.route("DELETE", "/orders")
    def clear(asked: Asked) -> Body:
        app.records["orders"].clear()
        return {}

    await tried(app)
    assert app.records["orders"]["7000"]["remark"] == "of somebody"
    assert [got for got in app.seen if got.method == "DELETE" and got.path == "/orders"] == []


@pytest.mark.parametrize("sound", [True, False])
async def test_a_condition_that_begins_with_a_star(sound: bool) -> None:
    app = Shop()

    @app.route("GET", "/list", "@If-Match")
    def listed(asked: Asked) -> Body:
        given = asked.got.headers.get("if-match", "")
        return BROKEN if not sound and given.startswith("*") and given != "*" else []

    outcomes, _ = await tried(app)
    assert found(outcomes) == ([] if sound else [("LR301", "GET /list")])


@pytest.mark.parametrize("sound", [True, False])
async def test_a_search_told_as_json_that_is_none(sound: bool) -> None:
    app = Shop()

    @app.route("GET", "/list", "?filter")
    def listed(asked: Asked) -> Body:
        if not asked.got.query:
            return []
        return BROKEN if not sound and asked.got.query == "filter=%22null%22" else REFUSED

    outcomes, _ = await tried(app)
    assert found(outcomes) == ([] if sound else [("LR301", "GET /list")])


async def test_a_read_that_fails_whenever_it_is_asked_is_told() -> None:
    app = Shop()
    app.route("GET", "/version")(lambda asked: BROKEN)
    outcomes, _ = await tried(app)
    assert found(outcomes) == [("LR301", "GET /version")]
    (finding,) = outcomes["LR301"].findings
    assert finding.confidence is Confidence.SUSPECTED


async def test_an_address_of_the_document_that_is_not_there_costs_few_requests() -> None:
    app = Shop()
    app.routes.append(("POST", "/ghosts", ("name", "note"), lambda asked: missing(), True))
    outcomes, _ = await tried(app)
    assert found(outcomes) == []
    assert len(app.bodies("/ghosts")) < 10
    assert any(gap.target == "POST /ghosts" and "no such address" in gap.reason for gap in outcomes["LR301"].gaps)


async def test_a_part_of_the_path_that_is_a_choice_is_chosen() -> None:
    app = Shop()
    described = app._description

    def description() -> dict[str, object]:
        said = described()
        for operation in said["paths"]["/counts/{unit}"].values():
            operation["parameters"] = [
                {"name": "unit", "in": "path", "required": True, "schema": {"type": "string", "enum": ["day", "hour"]}}
            ]
        return said

    app._description = description  # type: ignore[method-assign]

    @app.route("POST", "/counts/{unit}", "remark")
    def count(asked: Asked) -> Body:
        if asked.ids["unit"] != "day":
            return REFUSED
        return BROKEN if asked.body.get("remark", "") is None else {}

    outcomes, _ = await tried(app)
    assert found(outcomes) == [("LR301", "POST /counts/{unit}")]


async def test_presets_are_no_resets() -> None:
    app = Shop()
    app.route("GET", "/presets", "?page")(lambda asked: BROKEN if asked.got.query == "page=-1" else [])
    app.route("GET", "/resets", "?page")(lambda asked: BROKEN if asked.got.query == "page=-1" else [])
    outcomes, _ = await tried(app)
    assert found(outcomes) == [("LR301", "GET /presets")]
