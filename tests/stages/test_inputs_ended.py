"""One request that ends the app's process is found and shown, whichever question it was sent for; an app that stays has no such finding."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.model.words import Confidence, Severity
from launchready.probes import http
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.support.ports import free_port, listening

ROOT = Path(__file__).parents[2]


@contextmanager
def running(fault: str) -> Iterator[str]:
    """The shop in a process of its own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.stages.ending", str(port), fault], cwd=ROOT)
    try:
        listening(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


async def asked(fault: str, *checks: str) -> dict[str, Outcome]:
    with running(fault) as url:
        request = Request(Project("shop", "/nonexistent"), Environment("local", url, writes=True), source=False, checks=checks)  # fmt: skip
        done = await audit(request)
    assert [outcome.trace for outcome in done.outcomes if outcome.trace] == []
    return {outcome.check: outcome for outcome in done.outcomes}


@pytest.mark.parametrize(
    ("fault", "target", "sent"),
    [("order", "POST /orders", "null in note"), ("password", "POST /login", '{"$ne": "lr-nobody"}')],
    ids=["a broken input", "a condition for a password"],
)
async def test_a_request_that_ends_the_app_is_found(
    fault: str, target: str, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_COMES_BACK", 1.0)
    outcomes = await asked(fault, "LR301", "LR303")
    (found,) = outcomes["LR301"].findings
    assert (found.target, found.severity, found.confidence) == (target, Severity.BLOCKER, Confidence.PROVEN)
    assert "stops the app for everybody" in found.title
    assert sent in found.detail + found.reproduction


async def test_an_app_that_stays_has_no_such_finding() -> None:
    assert (await asked("", "LR301"))["LR301"].findings == ()


async def test_what_is_gone_has_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_COMES_BACK", 1.0)
    outcomes = await asked("password", "LR303", "LR331", "LR335")
    assert outcomes["LR331"].notes == outcomes["LR335"].notes == ()


async def test_what_was_not_asked_says_at_which_call_the_app_fell_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_COMES_BACK", 1.0)
    outcomes = await asked("password", "LR303", "LR331")
    reasons = {gap.reason for outcome in outcomes.values() for gap in outcome.gaps if "fell over" in gap.reason}
    assert reasons and all("fell over when it was asked POST /login" in reason for reason in reasons)
