"""The rules of the boundary are a proven deliverable only where the app keeps to them."""

import pytest
from launchready.model.project import Environment, Project
from launchready.model.words import Proof
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.stages.test_inputs_payloads import BROKEN, Shop
from tests.support.web import serve

CHECKS = ("LR301", "LR304", "LR307")


@pytest.mark.parametrize("sound", [True, False])
async def test_written_rules_that_the_app_breaks_prove_nothing(sound: bool) -> None:
    app = Shop()
    app.orders("note", answer=lambda asked: None if sound or isinstance(asked.body.get("note", ""), str) else BROKEN)
    with serve(app) as url:
        done = await audit(
            Request(Project("app", "/nonexistent"), Environment("local", url, writes=True), checks=CHECKS)
        )
    line = done.roadmap["INPUT-D1"]
    assert (line.proof is Proof.FAILED) is not sound, line
    (table,) = next(outcome.tables for outcome in done.outcomes if outcome.check == "LR307")
    told = next(row for row in table.rows if row[:2] == ("POST /orders", "note"))
    assert bool(told[-1]) is not sound
