"""An app with one limit for all its calls is waited for: a run that is refused to its end proves nothing."""

import asyncio
import time
from dataclasses import replace

from launchready.model.project import Environment, Project
from launchready.probes.exchange import Exchange
from launchready.probes.patience import Patience
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.support.club import Club, Member, said
from tests.support.web import Got, Reply, serve

# Longer than what a single call is waited for.
WINDOW = 4


class Limited(Club):
    """Every member may have every note, and all together may call so many times in a window."""

    def mine(self, note: dict[str, object], who: Member) -> bool:
        return True


async def test_a_run_goes_on_in_the_next_window_of_a_limit_for_all_calls() -> None:
    begun, counted, refused = [0.0], [0], [0]

    def limits(club: Club, got: Got, who: Member | None) -> Reply | None:
        now = time.monotonic()
        if now - begun[0] > WINDOW:
            begun[0], counted[0] = now, 0
        counted[0] += 1
        if counted[0] <= 60:
            return None
        refused[0] += 1
        reply = said(429, {"detail": "too many requests"})
        return replace(reply, headers={**reply.headers, "Retry-After": str(WINDOW)})

    with serve(Limited(limits)) as url:
        done = await audit(
            Request(
                Project("club", "/nonexistent"),
                Environment("local", url, writes=True),
                source=False,
                checks=("LR204", "LR207"),
                seconds=60,
            )
        )
    assert refused[0]
    assert {(one.check, one.target) for one in done.findings} >= {
        ("LR204", "GET /api/notes/{note_id}"),
        ("LR207", "PUT /api/notes/{note_id}"),
    }
    assert not any("limits how often" in gap.reason for one in done.outcomes for gap in one.gaps)


def refusal(seconds: str, path: str = "/") -> Exchange:
    return Exchange("GET", "/", path, 429, {"retry-after": (seconds,)})


async def test_a_limit_for_one_way_in_is_no_reason_to_stand_still() -> None:
    """What is asked then is something else that was answered before, and only where the wait is long."""
    asked = []

    async def ask(path: str) -> Exchange:
        asked.append(path)
        return Exchange("GET", path, path, 200, {})

    patience = Patience(ask)
    for path in ("/notes", "/search"):
        assert not await patience.wait(Exchange("GET", path, path, 200, {}))
    assert not await patience.wait(refusal("60", "/login"))
    assert not await patience.wait(refusal("60", "/search"))
    assert asked == ["/search", "/notes"]
    assert patience.left == Patience().left
    assert await patience.wait(refusal("0", "/login"))
    assert asked == ["/search", "/notes"]


async def test_waits_at_the_same_time_count_once_and_end_with_the_time_there_is() -> None:
    patience = Patience()
    patience.left = 1.5
    assert await asyncio.gather(*(patience.wait(refusal("1")) for _ in range(5))) == [True] * 5
    assert not await patience.wait(refusal("1"))
    patience.left = 1000.0
    assert not await patience.wait(refusal("900"))
    assert not await patience.wait(refusal("Wed, 21 Oct 2026 07:28:00 GMT"))
    assert not await patience.wait(refusal("1"), until=time.monotonic() + 0.5)


async def test_a_limit_that_is_always_said_to_be_over_is_not_asked_without_end() -> None:
    """``Retry-After: 0`` (RFC 9110, section 10.2.3)."""
    patience = Patience()
    believed = [await patience.wait(refusal("0")) for _ in range(6)]
    assert believed == [True] * 3 + [False] * 3
