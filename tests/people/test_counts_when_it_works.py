"""A sign-in counts when its session opens a door that was shut to a stranger, whatever the status says."""

import time
from dataclasses import dataclass

import pytest
from launchready.model.project import Identity, Reference
from starlette.types import ASGIApp

from tests.people import apps
from tests.support.people import gathered, reasons, serve_asgi

ADA = Identity("ada", "member", username="ada@example.com", password=Reference("LR_TEST_ADA"))


@dataclass
class Clock:
    """An app's clock, which a test can put forward so that nobody waits for a session to end."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LR_TEST_ADA", "right-horse")


@pytest.mark.parametrize(
    "app",
    [
        pytest.param(apps.claiming_app("error"), id="200 with an error in the body"),
        pytest.param(apps.claiming_app("nothing"), id="200 with a token that opens nothing"),
        pytest.param(apps.form_app(sends_back=True), id="sent back to the login page"),
    ],
)
async def test_a_status_that_claims_success_is_not_believed(app: ASGIApp) -> None:
    with serve_asgi(app) as url:
        async with gathered(url, ADA) as ground:
            assert ground.callers == []
            assert "ada could not sign in" in reasons(ground)
            assert "no account could be made" in reasons(ground)


async def test_a_cookie_that_everybody_gets_is_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LR_TEST_ADA", "wrong")
    with serve_asgi(apps.form_app(open_to_all=False)) as url:
        async with gathered(url, ADA) as ground:
            assert ground.callers == []


@pytest.mark.parametrize("told", [True, False], ids=["it says when it ends", "it does not say"])
async def test_a_token_that_ends_in_mid_run_is_refreshed(*, told: bool) -> None:
    began, clock = time.time(), Clock()
    with serve_asgi(apps.short_app(clock, told=told)) as url:
        async with gathered(url, ADA, make=False) as ground:
            (caller,) = ground.callers
            first = dict(caller.headers)
            if told:
                # Nobody has asked: the token is renewed because it says when it ends.
                assert began < caller.until < time.time() + 2
                clock.ahead = 3600
            else:
                clock.ahead = 3600
                assert await ground.sending.alive(caller)
            door = await caller.send("GET", "/api/me")
            assert door.ok
            assert "ada@example.com" in door.text
            assert caller.headers != first


async def test_a_session_that_was_copied_is_not_renewed() -> None:
    from dataclasses import replace

    clock = Clock()
    with serve_asgi(apps.short_app(clock)) as url:
        async with gathered(url, ADA, make=False) as ground:
            (caller,) = ground.callers
            copy = replace(caller, headers=dict(caller.headers))
            clock.ahead = 3600
            assert (await copy.send("GET", "/api/me")).status == 401
