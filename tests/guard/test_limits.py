"""Counting: by a sliding window, in bounded memory, in Redis and without it."""

import asyncio
import hashlib
import hmac
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from launchready_guard.limiter import Window
from launchready_guard.policy.model import Limit
from launchready_guard.stores.blocking import BlockingRedisStore
from launchready_guard.stores.memory import MemoryStore
from launchready_guard.stores.redis import RedisStore
from starlette.testclient import TestClient

from tests.guard.app import bare, guarded
from tests.support.ports import free_port, listening


class Clock:
    """A clock the test turns by hand; seconds."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_a_burst_ends_at_the_limit_and_goes_on_when_it_said() -> None:
    clock = Clock()
    window = Window(5, 60, clock=clock)
    assert [window.hit("ann").left for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = window.hit("ann")
    assert not refused.within and 0 < refused.reset <= 120
    assert window.hit("ben").within
    clock.now += refused.reset + 0.001
    assert window.hit("ann").within


@given(st.integers(1, 20), st.lists(st.floats(0.0, 40.0, allow_nan=False), min_size=1, max_size=200))
def test_no_stretch_of_time_holds_more_than_the_limit_and_nobody_under_it_is_refused(
    count: int, pauses: list[float]
) -> None:
    clock = Clock()
    window = Window(count, 60, clock=clock)
    taken: list[float] = []
    for pause in pauses:
        clock.now += pause
        recent = sum(other > clock.now - 60 for other in taken)
        assert window.hit("ann").within == (recent < count)
        if recent < count:
            taken.append(clock.now)


@given(st.integers(65, 200), st.lists(st.floats(0.0, 3.0, allow_nan=False), min_size=100, max_size=600))
def test_a_large_limit_is_kept_by_estimate(count: int, pauses: list[float]) -> None:
    clock = Clock()
    window = Window(count, 60, clock=clock)
    taken: list[float] = []
    for pause in pauses:
        clock.now += pause
        if window.hit("ann").within:
            taken.append(clock.now)
    # The estimate takes the window before as filled evenly; at worst all of it came at its end.
    for at in taken:
        assert sum(at - 60 < other <= at for other in taken) <= 2 * count
    slow = Window(count, 60, clock=clock)
    for _ in range(3 * count):
        clock.now += 60 / (count - 2)
        assert slow.hit("ann").within


@given(st.sampled_from((1, 3, 70)), st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 20)), max_size=300))
def test_a_refusal_says_when_one_more_fits(count: int, calls: list[tuple[str, float]]) -> None:
    clock = Clock()
    window = Window(count, 60, clock=clock)
    for key, pause in calls:
        clock.now += pause
        found = window.hit(key)
        if not found.within:
            clock.now += found.reset + 1e-3
            assert window.hit(key).within


def test_a_large_limit_counts_what_the_window_before_still_covers() -> None:
    clock = Clock()
    window = Window(100, 60, clock=clock)
    assert [window.hit("ann").left for _ in range(100)] == list(reversed(range(100)))
    full = window.hit("ann")
    # The last of them is as old as the window in 60 s, and none before 60 s and one hundredth have gone by fits.
    assert not full.within and full.reset == pytest.approx(60.6)
    clock.now += 60 + 15
    assert window.hit("ann").left == 24
    for _ in range(24):
        assert window.hit("ann").within
    later = window.hit("ann")
    assert not later.within and later.reset == pytest.approx(0.6)
    clock.now += 0.601
    assert window.hit("ann").within and not window.hit("ann").within
    clock.now += 180
    fresh = window.hit("ann")
    assert fresh.left == 99 and fresh.reset == pytest.approx(60 - 15 - 0.601)


def test_counters_in_use_stay_when_room_is_made() -> None:
    clock = Clock()
    for count in (3, 70):
        window = Window(count, 60, most=3, clock=clock)
        for key in "abc":
            window.hit(key)
        clock.now += 31
        left = window.hit("a").left
        window.hit("d")
        assert window.hit("a").left == left - 1 and window.hit("b").left == count - 1


def test_a_clock_that_jumps_back_opens_nothing() -> None:
    clock = Clock()
    window = Window(3, 60, clock=clock)
    for _ in range(3):
        window.hit("ann")
    clock.now -= 30
    assert not window.hit("ann").within


def test_memory_stays_bounded_however_many_keys_come() -> None:
    clock = Clock()
    window = Window(3, 60, most=1000, clock=clock)
    for number in range(100_000):
        window.hit(str(number))
        assert number % 1000 or len(window) <= 1000
    assert len(window) == 1000


def test_callers_of_one_kind_of_address_do_not_crowd_out_the_counters_of_another() -> None:
    store = MemoryStore(most=100)
    login, search = Limit(3, 60), Limit(1000, 60)
    for _ in range(3):
        store.counter("login", login)("ann")
    for number in range(1000):
        store.counter("search", search)(str(number))
    assert not store.counter("login", login)("ann").within


def test_what_is_over_makes_room() -> None:
    clock = Clock()
    window = Window(3, 60, clock=clock)
    for number in range(500):
        window.hit(str(number))
    clock.now += 121
    window.hit("ann")
    assert len(window) == 1


class Redis:
    """A real Redis on a loopback port, which can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None
        given = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder))
        self._process = subprocess.Popen([program, *given], stdout=subprocess.DEVNULL)
        listening(self.port, self._process)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed: sh scripts/system-packages")
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def stores(redis: Redis) -> AsyncIterator[tuple[RedisStore, RedisStore]]:
    """What two processes of one app would have."""
    both = RedisStore.at(redis.url, seconds=30), RedisStore.at(redis.url, seconds=30)
    yield both
    for one in both:
        await one.close()


async def test_two_processes_share_one_count(stores: tuple[RedisStore, RedisStore]) -> None:
    (one, other), limit = stores, Limit(3, 60)
    found = [await store.counter("login", limit)("ann") for store in (one, other, one, other)]
    assert [count.within for count in found] == [True, True, True, False]
    assert [count.left for count in found[:3]] == [2, 1, 0] and 0 < found[3].reset <= 120
    assert (await one.counter("login", limit)("ben")).within


async def test_apps_with_and_without_an_event_loop_share_one_count(
    redis: Redis, stores: tuple[RedisStore, RedisStore]
) -> None:
    one, other, limit = stores[0], BlockingRedisStore.at(redis.url, seconds=5), Limit(3, 60)
    assert (await one.counter("login", limit)("ann")).left == 2
    assert [other.counter("login", limit)("ann").within for _ in range(3)] == [True, True, False]
    assert other.begin("evt", 60) and not await one.begin("evt", 60)
    other.end("evt", taken=False)
    assert await one.begin("evt", 60) and not other.begin("evt", 60)
    other.close()


def test_without_an_event_loop_redis_may_go_away_too(redis: Redis) -> None:
    clock = Clock()
    store, limit = BlockingRedisStore.at(redis.url, clock=clock), Limit(4, 60)
    assert store.counter("login", limit, strict=True)("ann").within
    redis.stop()
    assert [store.counter("login", limit, strict=True)("ann").within for _ in range(3)] == [True, True, False]
    assert store.begin("evt", 60) and not store.begin("evt", 60)
    redis.start()
    clock.now += 2
    assert store.counter("login", limit, strict=True)("ann").within
    store.close()


async def test_redis_counts_large_limits_too(stores: tuple[RedisStore, RedisStore]) -> None:
    store, limit = stores[0], Limit(70, 60)
    found = [await store.counter("search", limit)("ann") for _ in range(75)]
    assert sum(count.within for count in found) == 70
    assert found[0].left == 69 and not found[-1].within and 0 < found[-1].reset <= 120


async def test_many_at_once_are_counted_one_by_one(stores: tuple[RedisStore, RedisStore]) -> None:
    store, limit = stores[0], Limit(10, 60)
    found = await asyncio.gather(*(store.counter("login", limit)("ann") for _ in range(50)))
    assert sum(count.within for count in found) == 10


async def test_a_delivery_is_new_once_for_all_processes(stores: tuple[RedisStore, RedisStore]) -> None:
    one, other = stores
    assert await one.begin("evt", 60) and not await other.begin("evt", 60)
    await one.end("evt", taken=False)
    assert await other.begin("evt", 60)
    await other.end("evt", taken=True)
    assert not await one.begin("evt", 60)


async def test_while_redis_is_away_the_process_counts_alone_and_more_strictly_where_guessing_pays(redis: Redis) -> None:
    clock = Clock()
    store = RedisStore.at(redis.url, clock=clock)
    limit = Limit(4, 60)
    assert (await store.counter("login", limit, strict=True)("ann")).within
    redis.stop()
    alone = [(await store.counter("login", limit, strict=True)("ann")).within for _ in range(4)]
    assert alone == [True, True, False, False]
    open_ones = [(await store.counter("search", limit)("ann")).within for _ in range(5)]
    assert open_ones == [True, True, True, True, False]
    assert await store.begin("evt", 60) and not await store.begin("evt", 60)
    redis.start()
    assert not (await store.counter("login", limit, strict=True)("ann")).within
    clock.now += 2
    assert (await store.counter("login", limit, strict=True)("ann")).within
    await store.close()


def test_a_redis_that_dies_under_load_opens_nothing_and_breaks_nothing(redis: Redis) -> None:
    statuses, clock = [], Clock()
    store = RedisStore.at(redis.url, seconds=30, clock=clock)
    with TestClient(guarded(store=store)) as client:
        for number in range(40):
            if number == 10:
                redis.stop()
            if number == 25:
                redis.start()
            statuses.append(client.post("/login", json={"email": "ann@example.com"}).status_code)
            assert client.get("/w/north/tasks").status_code == 401
        # Three for Redis, one more for the process alone while it was away (half of three).
        assert set(statuses) == {200, 429} and statuses.count(200) == 4
        clock.now += 2
        # Asked again, a Redis that keeps nothing on its disk has forgotten all.
        assert '"login";r=2;' in client.post("/login", json={"email": "ann@example.com"}).headers["ratelimit"]
        assert client.portal is not None
        client.portal.call(store.close)


def test_a_delivery_is_taken_once_by_all_processes_and_again_when_the_app_failed(redis: Redis) -> None:
    app = bare()
    store = RedisStore.at(redis.url, seconds=30)
    stamp, body = str(int(time.time())), b'{"id": "evt_1"}'
    signature = hmac.new(b"a secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={stamp},v1={signature}"}
    with TestClient(guarded(app, store=store)) as client:
        app.state.fails = True
        assert client.post("/hooks/payments", content=body, headers=headers).status_code == 500
        app.state.fails = False
        assert client.post("/hooks/payments", content=body, headers=headers).status_code == 200
        assert client.post("/hooks/payments", content=body, headers=headers).status_code == 409
        assert client.portal is not None
        client.portal.call(store.close)


def test_deliveries_are_forgotten_in_time_and_their_number_is_bounded() -> None:
    clock = Clock()
    store = MemoryStore(clock=clock)
    assert store.begin("a", 60) and not store.begin("a", 60)
    clock.now += 61
    assert store.begin("a", 60)
    for number in range(60_000):
        store.begin(str(number), 3600)
    assert not store.begin("59999", 3600) and store.begin("a", 60)
