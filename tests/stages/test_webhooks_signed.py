"""Webhooks: events that nobody signed, that somebody else signed, that are old, and that come twice."""

import json
import secrets
import time
from collections.abc import Callable

import pytest
from launchready.model.words import Confidence, Severity, Status
from launchready.stages.inputs.trials.webhooks.signing import Signer, headers, wrongly
from launchready_guard.schemes import SCHEMES, SignatureError, verify

from tests.stages.limited import JSON, asked
from tests.stages.members import Asked, Members
from tests.support.web import Reply

Judge = Callable[[Asked], bool]
SECRET = "LR_TEST_HOOK"


def paid(judge: Judge, *, once: bool, path: str = "/webhooks/stripe") -> Members:
    """Members who see the events that were booked; ``judge`` says whether one is taken, ``once`` whether it counts once."""
    app, booked = Members(), list[str]()

    @app.route("POST", path, open=True)
    def hook(asked: Asked) -> object:
        if not judge(asked):
            return Reply(400, json.dumps({"error": "no signature"}), JSON)
        event = str(asked.body.get("id"))
        if not (once and event in booked):
            booked.append(event)
        return {"received": True}

    @app.route("GET", "/billing")
    def billing(asked: Asked) -> object:
        return {"payments": [{"event": event, "amount": 5} for event in booked], "credits": 5 * len(booked)}

    return app


def anything(asked: Asked) -> bool:
    return True


def any_signature(asked: Asked) -> bool:
    return "stripe-signature" in asked.got.headers


def signed(secret: str, tolerance: int) -> Judge:
    def judge(asked: Asked) -> bool:
        try:
            verify(
                SCHEMES["stripe"],
                secret,
                lambda name: asked.got.headers.get(name, ""),
                asked.got.body,
                time.time(),
                tolerance,
            )
        except SignatureError:
            return False
        return True

    return judge


async def test_unsigned_events_and_the_same_one_twice() -> None:
    outcomes = await asked(paid(anything, once=False), "LR333", "LR337")
    assert [(finding.title, finding.severity, finding.confidence) for finding in outcomes["LR333"].findings] == [
        ("Anyone can tell the app that a payment arrived", Severity.BLOCKER, Confidence.PROVEN)
    ]
    assert [finding.title for finding in outcomes["LR337"].findings] == [
        "A payment event counts again each time it is sent"
    ]
    once = await asked(paid(anything, once=True), "LR333", "LR337")
    assert once["LR337"].findings == ()


async def test_any_signature_will_do() -> None:
    outcome = (await asked(paid(any_signature, once=True), "LR333"))["LR333"]
    assert ["takes any signature" in finding.title for finding in outcome.findings] == [True]


@pytest.mark.parametrize(
    ("tolerance", "once", "found"),
    [
        (300, True, []),
        (10**9, True, ["An event from yesterday is taken at POST /webhooks/stripe as if it came now"]),
        (300, False, ["A payment event counts again each time it is sent"]),
    ],
    ids=["sound", "stale", "twice"],
)
async def test_events_that_are_signed_right(
    tolerance: int, once: bool, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = secrets.token_hex(16)
    app = paid(signed(secret, tolerance), once=once)
    without = await asked(app, "LR333", "LR337")
    assert without["LR333"].status is Status.PASS
    assert without["LR337"].status is Status.NOT_CHECKED
    assert "STRIPE_WEBHOOK_SECRET" in without["LR337"].give
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", secret)
    outcomes = await asked(app, "LR333", "LR337")
    assert outcomes["LR333"].status is Status.PASS
    assert [finding.title for finding in outcomes["LR337"].findings] == found


async def test_a_hook_that_fails_says_nothing() -> None:
    app = Members()

    @app.route("POST", "/webhooks/orders", open=True)
    def hook(asked: Asked) -> object:
        return Reply(500, "Internal Server Error")

    outcome = (await asked(app, "LR333"))["LR333"]
    assert outcome.status is Status.NOT_CHECKED
    assert "500" in outcome.reason


async def test_a_list_of_receivers_that_members_keep_is_no_webhook() -> None:
    app = Members()
    app.collection("webhooks", "url")
    outcome = (await asked(app, "LR333"))["LR333"]
    assert outcome.status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_what_we_sign_is_what_the_guard_takes(name: str) -> None:
    scheme = SCHEMES[name]
    secret = "whsec_" + "QUJD" * 8 if scheme.encoded_secret else secrets.token_hex(16)
    body, now = json.dumps({"id": 1}).encode(), int(time.time())
    right = {key.lower(): value for key, value in headers(scheme, secret, body, now, "msg_1").items()}
    assert verify(scheme, secret, lambda key: right.get(key, ""), body, now, 300)
    wrong = {key.lower(): value for key, value in wrongly(Signer(name), body, now).items()}
    with pytest.raises(SignatureError):
        verify(scheme, secret, lambda key: wrong.get(key, ""), body, now, 300)
    if "{time}" in scheme.signed:
        old = headers(scheme, secret, body, now - 86_400, "msg_1")
        with pytest.raises(SignatureError):
            verify(scheme, secret, lambda key: old.get(key, ""), body, now, 300)
