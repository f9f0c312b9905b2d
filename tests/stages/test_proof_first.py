"""Apps that make the first account their administrator, and tell nobody."""

import pytest
from launchready.ground.result import Harm

from tests.stages.members import Asked, Body, Members
from tests.stages.test_proof_fooled import harms, proof
from tests.support.web import Reply

JSON = {"Content-Type": "application/json"}
REFUSED = Reply(403, '{"message": "Access denied: Admin only"}', JSON)


def desk(who: str) -> Members:
    """Members, and a desk of administrators that takes nobody, everybody, or whoever signed up first."""
    app, notices = Members(), list[str]()

    def let_in(asked: Asked) -> bool:
        assert asked.member is not None
        return who == "everybody" or (who == "the first" and asked.member is app.members[0])

    @app.route("GET", "/admin/users")
    def people(asked: Asked) -> Body:
        return {"users": [one.shown() for one in app.members]} if let_in(asked) else REFUSED

    @app.route("POST", "/admin/notices", "text")
    def notice(asked: Asked) -> Body:
        if not let_in(asked):
            return REFUSED
        notices.append(str(asked.body.get("text")))
        return {"text": notices[-1]}

    return app


@pytest.mark.parametrize(
    ("who", "routes"),
    [("nobody", set()), ("everybody", {"GET /admin/users", "POST /admin/notices"}), ("the first", set())],
)
async def test_whom_only_the_first_account_is_let_in_to_is_no_alarm(who: str, routes: set[str]) -> None:
    found = await proof(desk(who))
    assert set(harms(found, Harm.ROLE)) == routes
    told = {gap.target for _, gap in found.gaps if "the first account" in gap.reason}
    assert told == ({"GET /admin/users", "POST /admin/notices"} if who == "the first" else set())
