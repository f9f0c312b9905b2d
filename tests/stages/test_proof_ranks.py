"""Who makes themselves more than they are, and writes that ask for no role where their neighbours do. Each fault with its right twin."""

import json

import pytest
from launchready.ground.result import Harm
from launchready.model.words import Confidence

from tests.stages.members import Asked, Body, Members, missing
from tests.stages.test_proof_fooled import JSON, harms, proof
from tests.support.web import Reply

RANKS = ("Customer", "Clerk")


def shop() -> Members:
    """Members are customers; only a clerk may see the stock, and the app knows no other ranks."""
    app = Members(first=101)
    app.each = lambda member: {"role": "Customer"}

    @app.route("GET", "/stock", "!Clerk")
    def stock(asked: Asked) -> Body:
        return {"jars": 3} if asked.member and asked.member.more["role"] == "Clerk" else refused()

    return app


def refused() -> Reply:
    return Reply(403, json.dumps({"error": "clerks only"}), JSON)


def broken() -> Reply:
    return Reply(500, "no such rank")


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_rank_of_the_apps_own_is_tried_beside_what_cannot_be_left_out(guarded: bool) -> None:
    app = shop()

    @app.route("PUT", "/people/rank", "username", "role")
    def change(asked: Asked) -> Body:
        someone = next((one for one in app.members if one.username == asked.body.get("username")), None)
        if not someone or not asked.body.get("role"):
            return Reply(422, json.dumps({"detail": [{"loc": ["body", "username"], "msg": "Field required"}]}), JSON)
        if asked.body["role"] not in RANKS:
            return broken()
        if guarded:
            return refused()
        someone.more["role"] = asked.body["role"]
        return {"username": someone.username, "role": someone.more["role"]}

    found = await proof(app)
    assert harms(found, Harm.FIELDS) == ([] if guarded else ["PUT /people/rank"])
    # What was tried on the run's own member was put back, or the app would be said to let members in to what is for clerks.
    assert harms(found, Harm.ROLE) == []


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_rank_of_the_apps_own_in_the_callers_profile(guarded: bool) -> None:
    app = shop()

    @app.route("PATCH", "/profile", "*nickname")
    def change(asked: Asked) -> Body:
        assert asked.member is not None
        role = asked.body.get("role")
        if role is not None and not guarded:
            if role not in RANKS:
                return broken()
            asked.member.more["role"] = role
        return asked.member.shown()

    assert harms(await proof(app), Harm.FIELDS) == ([] if guarded else ["PATCH /profile"])


async def test_who_signs_up_as_an_admin_of_their_own_place_may_be_less() -> None:
    app = shop()
    app.each = lambda member: {"role": "admin"}

    @app.route("PUT", "/people/{user_id}/rank", "role")
    def change(asked: Asked) -> Body:
        assert asked.member is not None
        if asked.ids["user_id"] != str(asked.member.id) or asked.body.get("role") not in (*RANKS, "admin"):
            return refused()
        asked.member.more["role"] = asked.body["role"]
        return asked.member.shown()

    assert harms(await proof(app), Harm.FIELDS) == []


@pytest.mark.parametrize("guarded", [False, True])
async def test_a_delete_that_asks_for_no_role_where_the_change_beside_it_does(guarded: bool) -> None:
    app = shop()
    dishes = {"1": {"id": 1, "name": "Soup"}}

    @app.route("GET", "/dishes")
    def listed(asked: Asked) -> Body:
        return list(dishes.values())

    @app.route("PUT", "/dishes/{id}", "name")
    def change(asked: Asked) -> Body:
        return refused()

    @app.route("DELETE", "/dishes/{id}")
    def delete(asked: Asked) -> Body:
        if guarded:
            return refused()
        return {"gone": dishes.pop(asked.ids["id"])} if asked.ids["id"] in dishes else missing()

    found = await proof(app)
    assert harms(found, Harm.ROLE) == ([] if guarded else ["DELETE /dishes/{id}"])
    assert all(alarm.confidence is Confidence.SUSPECTED for alarm in found.alarms if alarm.harm is Harm.ROLE)
    assert dishes, "what is nobody's of the run was touched"


@pytest.mark.parametrize("told", [False, True])
async def test_who_signed_up_may_own_what_was_made_for_them(told: bool) -> None:
    """Only where the app says that a member is no more than one, is an owner's address that lets them in wrong."""
    app = Members(first=101)
    app.each = lambda member: {"role": "member"} if told else {}

    @app.route("GET", "/billing", "!owner")
    def billing(asked: Asked) -> Body:
        return {"plan": "small"}

    assert harms(await proof(app), Harm.ROLE) == (["GET /billing"] if told else [])


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("described", ["account", "%account"])
async def test_a_rank_in_a_table_that_the_description_names_as_one_field(guarded: bool, described: str) -> None:
    app = shop()

    @app.route("PUT", "/account", described)
    def change(asked: Asked) -> Body:
        given = asked.body.get("account")
        if not isinstance(given, dict):
            return Reply(422, json.dumps({"detail": [{"loc": ["body", "account"], "msg": "Field required"}]}), JSON)
        assert asked.member is not None
        if given.get("role") in RANKS and not guarded:
            asked.member.more["role"] = given["role"]
        return asked.member.shown()

    assert harms(await proof(app), Harm.FIELDS) == ([] if guarded else ["PUT /account"])


@pytest.mark.parametrize("of_all", [False, True])
async def test_a_log_that_tells_of_nobody_but_the_caller_is_their_own(of_all: bool) -> None:
    app = Members()

    @app.route("GET", "/audit-logs")
    def logs(asked: Asked) -> Body:
        return [{"who": one.email, "did": "signed in"} for one in app.members if of_all or one is asked.member]

    found = await proof(app)
    assert harms(found, Harm.ROLE) == (["GET /audit-logs"] if of_all else [])
