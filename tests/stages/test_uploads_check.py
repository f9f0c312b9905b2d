"""LR343 as an audit asks it."""

import pytest
from launchready.model.words import Confidence, Severity, Status

from tests.stages.files import Store, anything, careful, club
from tests.support.ask import ask
from tests.support.web import serve


async def test_a_fault_and_its_fix() -> None:
    wrong, right = club(), club()
    Store(refuse=anything, kind=lambda part: part.kind).on(wrong)
    store = Store(refuse=careful).on(right)
    with serve(wrong) as url:
        outcome = await ask("LR343", url=url)
    assert outcome.status is Status.FAIL
    found = {finding.key: finding for finding in outcome.findings}
    assert set(found) == {"script", "kind"}
    assert (found["script"].severity, found["script"].confidence) == (Severity.BLOCKER, Confidence.PROVEN)
    assert found["kind"].severity is Severity.MEDIUM
    assert "curl" in found["script"].reproduction
    with serve(right) as url:
        outcome = await ask("LR343", url=url)
    assert (outcome.status, outcome.gaps) == (Status.PASS, ())
    assert outcome.examined >= 20
    assert store.kept == {}


async def test_an_app_without_uploads() -> None:
    with serve(club()) as url:
        assert (await ask("LR343", url=url)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("known", [True, False])
async def test_nobody_who_could_sign_in(known: bool) -> None:
    app = club()
    if known:
        Store(refuse=anything, sign_in=False, kind=lambda part: part.kind).on(app)
    app.routes = [route for route in app.routes if route[1] not in ("/signup", "/login", "/me")]
    with serve(app) as url:
        outcome = await ask("LR343", url=url)
    assert outcome.status is (Status.FAIL if known else Status.NOT_CHECKED)
