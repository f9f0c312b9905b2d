"""Where all may be lost, whole lists and records of others are tried as well, last of all; elsewhere never."""

import json
from typing import Any

import pytest

from tests.stages.members import Asked, Body, Member, missing
from tests.stages.test_inputs_payloads import BROKEN, JSON, Shop, found, tried
from tests.support.web import Reply


def without_boundary(asked: Asked) -> bool:
    return (
        asked.got.headers.get("content-type", "").startswith("multipart")
        and "boundary" not in asked.got.headers["content-type"]
    )


@pytest.mark.parametrize(("sound", "disposable"), [(True, True), (False, True), (False, False)])
async def test_a_whole_list_is_removed_in_a_broken_way_only_where_all_may_be_lost(
    sound: bool, disposable: bool
) -> None:
    app = Shop()
    app.orders("remark")
    app.records["orders"]["7000"] = {"id": 7000, "remark": "of somebody", "ownerId": 99}

    @app.route("DELETE", "/orders")
    def clear(asked: Asked) -> Body:
        if without_boundary(asked) and not sound:
            return BROKEN
        app.records["orders"].clear()
        return {}

    outcomes, _ = await tried(app, disposable=disposable)
    assert found(outcomes) == ([] if sound or not disposable else [("LR301", "DELETE /orders")])
    assert ("7000" in app.records["orders"]) is not disposable


async def test_lists_go_after_everything_else_and_people_last() -> None:
    app = Shop()
    app.orders("remark")

    @app.route("DELETE", "/orders")
    def clear(asked: Asked) -> Body:
        app.records["orders"].clear()
        return {}

    app.route("GET", "/roles")(lambda asked: [{"id": 801}])

    @app.route("DELETE", "/roles/{id}")
    def shut(asked: Asked) -> Body:
        if asked.ids["id"] != "801":
            return missing()
        app.sessions.clear()
        return {}

    # That of one thing is no list.
    app.route("DELETE", "/shopping-cart")(lambda asked: BROKEN)

    @app.route("DELETE", "/users")
    def end(asked: Asked) -> Body:
        app.members.clear()
        app.sessions.clear()
        return {}

    await tried(app, disposable=True)
    calls = [(got.method, got.path) for got in app.seen]
    assert ("DELETE", "/shopping-cart") not in calls
    lists = [number for number, call in enumerate(calls) if call == ("DELETE", "/orders")]
    people = [number for number, call in enumerate(calls) if call == ("DELETE", "/users")]
    others = [number for number, (method, path) in enumerate(calls) if method in ("POST", "PUT") and path == "/orders"]
    assert max(others) < min(lists) < max(lists) < calls.index(("DELETE", "/roles/801")) < min(people)


def boards(app: Shop) -> dict[str, dict[str, Any]]:
    """Boards that are there, and that nobody can make."""
    kept = {"800": {"id": 800, "remark": "of somebody"}}
    app.route("GET", "/boards")(lambda asked: list(kept.values()))
    app.route("GET", "/boards/{id}")(lambda asked: kept.get(asked.ids["id"], missing()))
    return kept


@pytest.mark.parametrize(("sound", "disposable"), [(True, True), (False, True), (False, False)])
async def test_a_record_of_somebody_else_is_changed_only_where_all_may_be_lost(sound: bool, disposable: bool) -> None:
    app = Shop()
    kept = boards(app)

    @app.route("PATCH", "/boards/{id}", "remark")
    def change(asked: Asked) -> Body:
        if asked.ids["id"] not in kept:
            return missing()
        if asked.body.get("remark", "") is None:
            return Reply(422, json.dumps({"detail": "no remark"}), JSON) if sound else BROKEN
        kept[asked.ids["id"]] |= {"remark": asked.body.get("remark")}
        return kept[asked.ids["id"]]

    outcomes, _ = await tried(app, disposable=disposable)
    assert found(outcomes) == ([] if sound or not disposable else [("LR301", "PATCH /boards/{id}")])
    assert (kept["800"]["remark"] == "of somebody") is not disposable


@pytest.mark.parametrize(("sound", "disposable"), [(True, True), (False, True), (False, False)])
async def test_a_removal_that_fails_because_others_refer_to_the_record(sound: bool, disposable: bool) -> None:
    app = Shop()
    kept = boards(app)

    @app.route("DELETE", "/boards/{id}")
    def remove(asked: Asked) -> Body:
        if asked.ids["id"] in kept and not sound:
            return Reply(500, "IntegrityError: FOREIGN KEY constraint failed")
        return {} if kept.pop(asked.ids["id"], None) else missing()

    outcomes, _ = await tried(app, disposable=disposable)
    assert ("LR301", "DELETE /boards/{id}") in found(outcomes) or sound or not disposable
    assert found(outcomes) == [] or not sound
    assert ("800" in kept) is (not disposable or not sound)


async def test_accounts_that_were_there_are_not_changed_even_where_all_may_be_lost() -> None:
    app = Shop()
    app.members.append(Member(900, "somebody@example.org", "somebody", "pw-of-somebody"))
    app.route("GET", "/users")(lambda asked: [one.shown() for one in app.members])

    @app.route("PATCH", "/users/{id}", "remark")
    def change(asked: Asked) -> Body:
        return {"id": asked.ids["id"]}

    await tried(app, disposable=True)
    assert not [got for got in app.seen if got.method == "PATCH" and got.path == "/users/900"]
