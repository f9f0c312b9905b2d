"""How many requests are in flight: fewer when the app grows slow at what it was quick at, and no fewer for what costs more."""

import asyncio
import threading
import time

from launchready.probes.http import Site
from launchready.probes.pace import Pace

from tests.support.web import Got, Reply, serve

_MOST = 8


def test_what_costs_more_for_who_is_signed_in_is_no_sign_of_an_app_that_grew_slow() -> None:
    pace = Pace(_MOST)
    for _ in range(20):
        pace.heard(401, 0.002, "strangers")
    for _ in range(20):
        pace.heard(200, 0.3, "members")
    assert pace.limit == _MOST


def test_what_takes_longer_than_it_did_is_asked_less_at_once_and_so_is_what_is_refused() -> None:
    pace = Pace(_MOST)
    for seconds in (0.02, 1.0):
        for _ in range(30):
            pace.heard(200, seconds, "members")
    assert pace.limit == 1
    pace = Pace(_MOST)
    for _ in range(20):
        pace.heard(200, 0.02, "members")
    for status in (429, 503, 0):
        before = pace.limit
        pace.heard(status, 0.02, "strangers")
        assert pace.limit == max(1, before / 2)


async def test_members_are_asked_side_by_side_where_each_of_their_calls_costs_a_password_hash() -> None:
    under_way, seen, lock = 0, list[int](), threading.Lock()

    def hashing(got: Got) -> Reply:
        nonlocal under_way
        if "authorization" not in got.headers:
            return Reply(401, "{}")
        with lock:
            under_way += 1
            seen.append(under_way)
        time.sleep(0.2)
        with lock:
            under_way -= 1
        return Reply(200, "{}")

    with serve(hashing) as url:
        async with Site.open(url) as site:
            await asyncio.gather(*(site.send("GET", f"/{number}") for number in range(20)))
            member = {"Authorization": "Basic YW5uOnB3"}
            await asyncio.gather(*(site.send("GET", f"/{number}", headers=member) for number in range(40)))
    assert max(seen[-8:]) > 1
