"""A member whom the run itself made more than a member: what they get to from then on is no hole, the call that raised them is one."""

import pytest
from launchready.ground.result import Harm, Proof
from launchready.model.words import Confidence

from tests.stages.members import Asked, Body, Members
from tests.stages.test_proof_fooled import JSON, proof
from tests.support.web import Reply


def club(*, switch: bool, checked: bool = False, loose: bool = False) -> Members:
    """Members, a stock for administrators alone, and a ``switch`` by which any member becomes one unless it is ``checked``. ``loose``: the guard
    does not know the address of the stock with a slash at its end."""
    app = Members()
    app.each = lambda member: {"isAdmin": member.username.startswith("root")}

    def stock(asked: Asked) -> Body:
        return {"jars": 3} if asked.member and asked.member.more["isAdmin"] else refused()

    app.route("GET", "/admin/stock", "!admin")(stock)
    app.route("GET", "/admin/stock/", hidden=True)((lambda asked: {"jars": 3}) if loose else stock)

    @app.route("POST", "/admin/stock", "!admin", "name")
    def add(asked: Asked) -> Body:
        return {"name": asked.body.get("name")} if asked.member and asked.member.more["isAdmin"] else refused()

    if switch:

        @app.route("POST", "/account/admin-mode")
        def toggle(asked: Asked) -> Body:
            assert asked.member is not None
            if checked:
                return refused()
            asked.member.more["isAdmin"] = True
            return {"isAdmin": True}

    return app


def refused() -> Reply:
    return Reply(403, '{"error": "for administrators"}', JSON)


def told(found: Proof) -> dict[str, tuple[Confidence, bool]]:
    return {
        alarm.route: (alarm.confidence, "higher rank" in alarm.title)
        for alarm in found.alarms
        if alarm.harm is Harm.ROLE
    }


@pytest.mark.parametrize("checked", [False, True])
async def test_a_call_that_gives_members_a_rank_is_told_and_nothing_that_it_opened(*, checked: bool) -> None:
    found = told(await proof(club(switch=True, checked=checked)))
    assert found == ({} if checked else {"POST /account/admin-mode": (Confidence.PROVEN, True)})


@pytest.mark.parametrize("loose", [False, True])
async def test_a_way_around_a_guard_is_told_where_the_straight_way_is_still_shut(*, loose: bool) -> None:
    found = told(await proof(club(switch=False, loose=loose)))
    assert found == ({"GET /admin/stock": (Confidence.PROVEN, False)} if loose else {})
