"""What callers are told of their limits, and who shares one, with a store that answers at once and one that is waited for."""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest
from launchready_guard import Identity
from launchready_guard.limiter import Count
from launchready_guard.policy.model import Limit
from launchready_guard.stores.memory import MemoryStore
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from tests.guard.app import POLICY, bare, guarded
from tests.guard.test_limits import Clock


class Waiting:
    """A store somebody else might write: all it says has to be waited for."""

    waits: Literal[True] = True

    def __init__(self, clock: Callable[[], float]) -> None:
        self._memory = MemoryStore(clock=clock)

    def counter(self, name: str, limit: Limit, strict: bool) -> Callable[[str], Awaitable[Count]]:
        """What counts an attempt of a key."""
        count = self._memory.counter(name, limit, strict)

        async def later(key: str) -> Count:
            return count(key)

        return later

    async def begin(self, key: str, seconds: int) -> bool:
        """Whether a delivery is new."""
        return self._memory.begin(key, seconds)

    async def end(self, key: str, *, taken: bool) -> None:
        """Forget a delivery that the app did not take."""
        self._memory.end(key, taken=taken)


def _store(kind: str, clock: Clock) -> Waiting | MemoryStore:
    return Waiting(clock) if kind == "waiting" else MemoryStore(clock=clock)


def _login(client: TestClient, who: str = "") -> Any:
    return client.post("/login", json={"email": who} if who else {})


@pytest.mark.parametrize("kind", ["at once", "waiting"])
def test_a_caller_is_told_what_is_left_and_when_to_come_back(kind: str) -> None:
    clock = Clock()
    with TestClient(guarded(store=_store(kind, clock))) as client:
        first = _login(client, "ann@example.com")
        assert first.headers["ratelimit-policy"] == '"login";q=20;w=60, "login";q=3;w=60'
        assert first.headers["ratelimit"] == '"login";r=19;t=60, "login";r=2;t=60'
        assert "retry-after" not in first.headers
        clock.now += 24.5
        assert _login(client, "ann@example.com").headers["ratelimit"] == '"login";r=18;t=36, "login";r=1;t=36'
        assert _login(client, "ann@example.com").status_code == 200
        refused = _login(client, "ann@example.com")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "36")
        assert refused.headers["ratelimit"] == '"login";r=16;t=36, "login";r=0;t=36'
        assert refused.json()["detail"] == "Too many attempts for this account. Try again in 36 s."
        clock.now += 35.5
        assert _login(client, "ann@example.com").status_code == 200
        assert _login(client, "ann@example.com").headers["retry-after"] == "25"


@pytest.mark.parametrize("kind", ["at once", "waiting"])
def test_who_names_no_account_is_counted_by_address_alone(kind: str) -> None:
    with TestClient(guarded(store=_store(kind, Clock()))) as client:
        answers = [_login(client) for _ in range(21)]
    assert [one.status_code for one in answers] == [200] * 20 + [429]
    assert answers[0].headers["ratelimit"] == '"login";r=19;t=60'
    assert answers[-1].json()["detail"] == "Too many attempts. Try again in 60 s."


def test_each_address_has_a_count_of_its_own_and_those_without_one_share_theirs() -> None:
    guard = guarded(store=MemoryStore(clock=Clock()))

    async def behind_a_socket_file(scope: Scope, receive: Receive, send: Send) -> None:
        await guard({**scope, "client": None}, receive, send)

    one, other = (TestClient(guard, client=(address, 1)) for address in ("192.0.2.1", "192.0.2.2"))
    nameless = TestClient(behind_a_socket_file)
    assert [_login(one).status_code for _ in range(21)][-2:] == [200, 429]
    assert _login(other).status_code == 200
    assert [_login(nameless).status_code for _ in range(21)][-2:] == [200, 429]
    assert _login(other).status_code == 200


@pytest.mark.parametrize("kind", ["at once", "waiting"])
def test_a_wait_that_rounding_takes_away_is_told_as_one_second(kind: str) -> None:
    policy = POLICY.replace('route = "GET /"', 'route = "GET /"\nlimit = "100/minute per address"')
    clock = Clock(0.0)
    with TestClient(guarded(policy=policy, store=_store(kind, clock))) as client:
        for _ in range(100):
            assert client.get("/").status_code == 200
        # A third of the window before is over here, but for the last bit of a float.
        clock.now = 79.8
        for _ in range(32):
            assert client.get("/").status_code == 200
        refused = client.get("/")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.headers["ratelimit"].endswith(";r=0;t=1")


@pytest.mark.parametrize("kind", ["at once", "waiting"])
def test_a_delivery_is_taken_once_and_again_when_the_app_failed(kind: str) -> None:
    app, body, now = bare(), b"{}", str(int(time.time()))
    mark = hmac.new(b"a secret", f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={now},v1={mark}"}
    with TestClient(guarded(app, store=_store(kind, Clock()))) as client:
        statuses = []
        for app.state.fails in (True, False, False):
            statuses.append(client.post("/hooks/payments", content=body, headers=headers).status_code)
    assert statuses == [500, 200, 409]


@pytest.mark.parametrize(("roles", "said"), [((), "role none"), (("member", "manager"), "role manager, member")])
def test_the_log_says_which_roles_were_not_enough(roles: tuple[str, ...], said: str) -> None:
    heard: list[dict[str, object]] = []
    who = Identity("ann", frozenset(roles), frozenset(("north",)))
    with TestClient(guarded(identify=lambda call: who, hear=heard.append)) as client:
        assert client.post("/admin/jobs").status_code == 403
    assert [line["why"] for line in heard] == [f"{said}; allowed: admin"]
