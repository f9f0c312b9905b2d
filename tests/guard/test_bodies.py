"""Bodies up to the last byte they may have, whose body is read at all, and how long a delivery is remembered."""

import hashlib
import hmac
import time
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Response
from launchready_guard.rules import Signature
from launchready_guard.schemes import SCHEMES
from launchready_guard.stores.memory import MemoryStore
from starlette.testclient import TestClient

from tests.guard.app import POLICY, bare, bearer, guarded
from tests.guard.test_limits import Clock

TEXT = {"Content-Type": "text/plain"}


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_may_be_as_large_as_the_policy_says_and_not_one_byte_larger(kind: str, declared: bool) -> None:
    def parts(content: bytes) -> Iterator[bytes]:
        yield content[:1000]
        yield content[1000:]

    app = bare()
    with TestClient(guarded(app)) as client:
        answers = []
        for size in (2000, 2001):
            content = b'"' + b"x" * (size - 2) + b'"'
            given = content if declared else parts(content)
            answers.append(client.post("/upload", content=given, headers={"Content-Type": kind}))
    assert [answer.status_code for answer in answers] == [200, 413]
    # What is neither declared nor read is cut off on its way to the app, in words without a size.
    known = declared or kind == "application/json"
    assert ("at most 2000 bytes" in answers[1].json()["detail"]) == known
    assert [len(body) for _, _, body in app.state.reached] == [2000]


def test_only_a_row_that_asks_something_of_its_body_has_it_read() -> None:
    policy = POLICY.replace(', "body:workspace"', "")
    limited = policy.replace('route = "POST /upload"', 'route = "POST /upload"\nlimit = "9/minute per {}"')
    member = bearer("ann", "member") | {"X-Workspace": "north"} | TEXT
    with TestClient(guarded(policy=policy)) as client:
        assert client.post("/upload", content=b"a page", headers=TEXT).status_code == 200
        assert client.post("/tasks", content=b"a page", headers=member).status_code == 200
    for per, status in (("address", 200), ("account", 415)):
        with TestClient(guarded(policy=limited.replace("{}", per))) as client:
            assert client.post("/upload", content=b"a page", headers=TEXT).status_code == status


@pytest.mark.parametrize(("sender", "seconds"), [("stripe", 600), ("github", 86_400)])
def test_a_delivery_is_remembered_past_its_signature_or_for_a_day_where_that_has_no_time(
    sender: str, seconds: int
) -> None:
    clock, body, now = Clock(), b'{"id": "evt_1"}', str(int(time.time()))
    signed = f"{now}.".encode() + body if sender == "stripe" else body
    mark = hmac.new(b"of the sender", signed, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={now},v1={mark}", "X-Hub-Signature-256": f"sha256={mark}"}
    secrets = {scheme.variable: "of the sender" for scheme in SCHEMES.values()}
    policy = POLICY.replace('signature = "stripe"', f'signature = "{sender}"')
    with TestClient(guarded(policy=policy, environment=secrets, store=MemoryStore(clock=clock))) as client:
        statuses = []
        for pause in (0, seconds - 0.5, 0.5):
            clock.now += pause
            statuses.append(client.post("/hooks/payments", content=body, headers=headers).status_code)
    assert statuses == [200, 409, 200]


def test_a_delivery_the_app_sent_elsewhere_was_not_taken() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    statuses = [300, 204, 204]

    @app.post("/hooks/payments")
    def taken() -> Response:
        return Response(status_code=statuses.pop(0))

    body, now = b"{}", str(int(time.time()))
    mark = hmac.new(b"a secret", f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    with TestClient(guarded(app)) as client:
        headers = {"Stripe-Signature": f"t={now},v1={mark}"}
        answers = [client.post("/hooks/payments", content=body, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [300, 204, 409]


def test_the_secret_of_a_sender_is_in_no_text_of_its_rule() -> None:
    rule = Signature(SCHEMES["stripe"], "of the sender", 300, MemoryStore(), time.time)
    assert "300" in repr(rule) and "of the sender" not in repr(rule)
