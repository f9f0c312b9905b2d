"""What broken inputs reach beyond bodies and queries: removals, conditions, searches, reads that always fail; and what is left alone."""

import json
import time
from typing import Any

import pytest
from launchready.model.words import Confidence

from tests.stages.members import Asked, Body, missing
from tests.stages.test_inputs_payloads import BROKEN, JSON, REFUSED, Shop, found, tried
from tests.support.web import Reply


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


def tables(app: Shop, *, sound: bool) -> None:
    """Folders that people make, and notes in them, which may be removed one by one or all together."""

    @app.route("POST", "/folders", "remark")
    def make(asked: Asked) -> Body:
        assert asked.member is not None
        key = str(500 + len(app.records.setdefault("folders", {})))
        app.records["folders"][key] = {"id": key, "remark": asked.body.get("remark"), "ownerId": asked.member.id}
        return Reply(201, json.dumps(app.records["folders"][key]), JSON)

    app.route("GET", "/folders")(lambda asked: list(app.records.get("folders", {}).values()))

    @app.route("POST", "/folders/{folder_id}/notes", "remark")
    def write(asked: Asked) -> Body:
        kept = app.records.setdefault("notes", {})
        key = str(900 + len(kept))
        kept[key] = {"id": key, "remark": asked.body.get("remark"), "folder": asked.ids["folder_id"]}
        return Reply(201, json.dumps(kept[key]), JSON)

    def inside(asked: Asked) -> list[str]:
        return [key for key, one in app.records.get("notes", {}).items() if one["folder"] == asked.ids["folder_id"]]

    app.route("GET", "/folders/{folder_id}/notes")(lambda asked: [app.records["notes"][key] for key in inside(asked)])

    @app.route("DELETE", "/folders/{folder_id}/notes")
    def clear(asked: Asked) -> Body:
        known = asked.ids["folder_id"] in app.records.get("folders", {})
        if known and not sound and "boundary" not in asked.got.headers.get("content-type", "boundary"):
            return BROKEN
        for key in inside(asked):
            del app.records["notes"][key]
        return {} if known else missing()


@pytest.mark.parametrize("sound", [True, False])
async def test_a_list_below_a_record_of_the_run_is_removed_in_a_broken_way(sound: bool) -> None:
    app = Shop()
    tables(app, sound=sound)
    outcomes, _ = await tried(app)
    assert found(outcomes) == ([] if sound else [("LR301", "DELETE /folders/{folder_id}/notes")])


@pytest.mark.parametrize("hidden", [False, True])
async def test_a_list_with_a_record_of_somebody_else_is_never_removed(hidden: bool) -> None:
    app = Shop()
    tables(app, sound=False)
    put = next(one for one in app.routes if one[:2] == ("POST", "/folders"))
    app.routes.remove(put)

    @app.route("POST", "/folders", "remark")
    def make(asked: Asked) -> Body:
        answer = put[3](asked)
        for key in app.records["folders"]:
            app.records.setdefault("notes", {})[f"theirs-{key}"] = {"id": f"theirs-{key}", "folder": key}
        return answer

    if hidden:
        # The list shows one page, and says that there is more.
        listing = next(one for one in app.routes if one[:2] == ("GET", "/folders/{folder_id}/notes"))
        app.routes.remove(listing)

        @app.route("GET", "/folders/{folder_id}/notes")
        def page(asked: Asked) -> Body:
            every: list[Any] = listing[3](asked)  # type: ignore[assignment]
            return {"data": [one for one in every if not one["id"].startswith("theirs")], "total": len(every)}

    await tried(app)
    theirs = [key for key in app.records["notes"] if key.startswith("theirs")]
    assert len(theirs) == len(app.records["folders"])
    cleared = [got.path for got in app.seen if got.method == "DELETE" and got.path.endswith("/notes")]
    assert not any(f"/folders/{key}/notes" in cleared for key in app.records["folders"])


async def test_what_was_put_where_nothing_was_is_removed_again() -> None:
    app = Shop()
    app.orders("remark")

    @app.route("PUT", "/orders/{id}", "remark")
    def put(asked: Asked) -> Body:
        assert asked.member is not None
        kept = app.records["orders"]
        if "%" in asked.ids["id"]:
            return REFUSED
        status = 200 if asked.ids["id"] in kept else 201
        kept[asked.ids["id"]] = {"id": asked.ids["id"], "remark": asked.body.get("remark"), "ownerId": asked.member.id}
        return Reply(status, json.dumps(kept[asked.ids["id"]]), JSON)

    await tried(app)
    assert app.records["orders"] == {}


@pytest.mark.parametrize("sound", [True, False])
async def test_a_body_that_is_read_before_anybody_asks_whose_the_record_is(sound: bool) -> None:
    app = Shop()

    @app.route("PATCH", "/boards/{id}", "remark", "note", "colour")
    def change(asked: Asked) -> Body:
        if not sound and asked.got.body == b"[null]":
            return BROKEN
        # To say that there is none would tell which there are.
        return Reply(403, json.dumps({"error": "you may not"}), JSON)

    outcomes, _ = await tried(app)
    assert found(outcomes) == ([] if sound else [("LR301", "PATCH /boards/{id}")])
    assert len([got for got in app.seen if got.method == "PATCH"]) < 25


async def test_nobody_says_of_a_new_record_what_its_id_is_unless_they_have_to() -> None:
    app = Shop()
    app.orders("remark", answer=lambda asked: REFUSED if "id" in asked.body else None)
    described = app._description

    def description() -> dict[str, Any]:
        said = described()
        body = said["paths"]["/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        body["properties"]["id"] = {"type": "string"}
        return said

    app._description = description  # type: ignore[method-assign]
    _, inputs = await tried(app)
    first = next(got for got in app.seen if (got.method, got.path) == ("POST", "/orders"))
    assert "id" not in json.loads(first.body)
    assert any(one.status == 201 for one in inputs if one.route == "POST /orders")


async def test_a_document_that_comes_late_is_asked_for_once_more() -> None:
    app = Shop()
    app.orders("remark", answer=lambda asked: BROKEN if asked.body.get("remark", "") is None else None)
    described, asked = app._description, list[float]()

    def description() -> dict[str, Any]:
        asked.append(time.monotonic())
        if len(asked) == 1:
            time.sleep(3)
        return described()

    app._description = description  # type: ignore[method-assign]
    outcomes, _ = await tried(app, patience=2)
    assert found(outcomes) == [("LR301", "POST /orders")]
