"""An address that names a person, and what of theirs is there: a page about somebody is for other members, their bank is a question."""

import pytest
from launchready.ground.result import Harm
from launchready.model.words import Confidence

from tests.stages.members import Asked, Body, Members, missing
from tests.stages.test_proof_fooled import harms, proof


@pytest.mark.parametrize(
    ("path", "theirs", "told"),
    [
        ("/bank/{username}", False, ["GET /bank/{username}"]),
        ("/bank/{username}", True, []),
        ("/users/{username}", False, []),
    ],
)
async def test_what_an_address_keeps_for_a_person_is_a_question(path: str, *, theirs: bool, told: list[str]) -> None:
    app = Members()

    @app.route("GET", path)
    def shown(asked: Asked) -> Body:
        found = next((one for one in app.members if one.username == asked.ids["username"]), None)
        if found is None or (theirs and found is not asked.member):
            return missing()
        return {"username": found.username, "shown": f"{found.username}: {40 + found.id}"}

    made = await proof(app)
    assert harms(made, Harm.READS) == told
    assert all((alarm.confidence, "another's bank" in alarm.title) == (Confidence.SUSPECTED, True) for alarm in made.alarms if alarm.harm is Harm.READS)  # fmt: skip
