"""What the proof asks at the same time, what it asks once, and what must not be asked beside anything else."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from launchready.ground.ground import Ground
from launchready.ground.survey import look
from launchready.model.project import Environment, Project
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.support.club import Club, Member, said
from tests.support.people import gathered
from tests.support.web import Got, Reply, serve

# Longer than anything that is not waited for in vain.
_IN_VAIN = 6.0


def held(club: Club, work: Callable[[], object]) -> None:
    """Work of the app during which it answers others."""
    club.lock.release()
    try:
        work()
    finally:
        club.lock.acquire()


async def prove(club: Club) -> None:
    """Prove a club that nobody told us anything about."""
    with serve(club) as url:
        environment = Environment("local", url, writes=True)
        await audit(Request(Project("club", "/nonexistent"), environment, source=False, checks=("LR204",), seconds=20))


async def test_nobody_waits_for_a_page_that_takes_long_before_signing_up() -> None:
    joined, met = threading.Event(), list[bool]()

    def slow(club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.path == "/api/signup":
            joined.set()
        if got.path == "/api/figures" and who is None:
            held(club, lambda: met.append(joined.wait(_IN_VAIN)))
            return said(200, {"figures": []})
        return None

    await prove(Club(slow, {"/api/figures": {"get": {}}}))
    assert met[0]


async def test_what_may_empty_the_app_is_called_after_the_pages_and_over_before_anybody_signs_up() -> None:
    there, read = list[int](), list[str]()

    def empties(club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.path == "/api/init-db" and who is None:
            read.extend(path for _, path, _ in club.calls)
            # Ten times what other pages are waited for.
            held(club, lambda: time.sleep(1.0))
            there.append(len(club.members))
            return said(200, {"ready": True})
        return None

    await prove(Club(empties, {"/api/init-db": {"get": {}}}))
    assert there[0] == 0
    assert {"/api/me", "/api/notes", "/api/notes/1"} <= set(read)


async def test_who_is_in_reads_while_the_next_one_signs_up() -> None:
    read, met = threading.Event(), list[bool]()

    def waits(club: Club, got: Got, who: Member | None) -> Reply | None:
        if who and got.path == "/api/figures":
            read.set()
        if got.path == "/api/signup" and club.members:
            held(club, lambda: met.append(read.wait(_IN_VAIN)))
        return None

    with serve(Club(waits, {"/api/figures": {"get": {}}})) as url:
        async with gathered(url) as ground:
            assert met[0]
            shown = ground.answers[ground.callers[0].name, "/api/figures"]
            assert shown.path == "/api/figures"


async def test_each_reads_as_soon_as_they_are_in() -> None:
    read, met = threading.Event(), list[bool]()

    def waits(club: Club, got: Got, who: Member | None) -> Reply | None:
        names = [one.email for one in club.members]
        if got.path == "/api/figures":
            if who and who.email == names[1]:
                read.set()
            # No door: nobody looks there whether they are in.
            return said(200, {"figures": 3})
        if got.path == "/api/login" and names[2:] == [json.loads(got.body)["email"]]:
            held(club, lambda: met.append(read.wait(_IN_VAIN)))
        return None

    with serve(Club(waits, {"/api/figures": {"get": {}}})) as url:
        async with gathered(url):
            pass
    assert met[0]


async def test_what_took_a_stranger_long_is_asked_for_first() -> None:
    began, met, looking = threading.Event(), list[bool](), list[Ground]()

    def slow(club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.path == "/api/years":
            if who is None:
                held(club, lambda: time.sleep(2.5))
            elif looking:
                began.set()
            return said(200, {"years": 3})
        if looking and got.path.startswith("/api/page"):
            held(club, lambda: met.append(began.wait(_IN_VAIN)))
            return said(200, {"page": 1})
        return None

    # More than are asked for at once.
    pages: dict[str, dict[str, Any]] = {f"/api/page{number:02}": {"get": {}} for number in range(20)}
    with serve(Club(slow, pages | {"/api/years": {"get": {}}})) as url:
        async with gathered(url) as ground:
            ground.answers.clear()
            looking.append(ground)
            await look(ground)
    assert met
    assert all(met)


async def test_a_look_shows_every_caller_their_records() -> None:
    club = Club()
    with serve(club) as url:
        async with gathered(url) as ground:
            ann, ben = ground.callers
            for one in (ann, ben):
                await ground.call(one, "POST", "/api/notes", json={"text": f"a note of {one.name}"})
            ground.look_again()
            await look(ground)
            owners = {one.name: {note["id"] for note in club.notes.values() if str(note["owner_id"]) in one.known("id")} for one in (ann, ben)}  # fmt: skip
            for one in (ann, ben):
                assert set(ground.records[one.name].values("note", "note_id")) >= {str(number) for number in owners[one.name]}  # fmt: skip


async def test_no_two_sign_ups_are_under_way_at_once() -> None:
    under_way, most = list[str](), list[int]()

    def counts(club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.method == "POST":
            under_way.append(got.path)
            most.append(len(under_way))
            held(club, lambda: time.sleep(0.05))
            under_way.pop()
        return None

    club = Club(counts)
    with serve(club) as url:
        async with gathered(url):
            pass
    # Three people, each with a sign-up and a sign-in.
    assert [path for method, path, _ in club.calls if method == "POST"].count("/api/signup") == 3
    assert max(most) == 1


async def test_the_door_that_let_somebody_in_is_not_opened_again_to_ask_who_they_are() -> None:
    club = Club()
    with serve(club) as url:
        async with gathered(url) as ground:
            victim = ground.victim
            assert victim is not None and victim.person is not None
            assert victim.known("id") == {str(one.id) for one in club.members if one.email == victim.person.email}
            asked = [path for method, path, name in club.calls if (method, name) == ("GET", victim.person.name)]
    assert asked.count("/api/me") == 1


async def test_a_page_is_looked_at_again_only_when_something_was_written_since() -> None:
    club = Club()
    with serve(club) as url:
        async with gathered(url) as ground:
            ann, ben = ground.callers
            empty = await ground.call(ann, "GET", "/api/notes")
            sent = ground.guest.site.requests
            assert await ground.still(ann, "/api/notes") is empty
            assert ground.guest.site.requests == sent
            # Whoever writes it: what one does may show on the page of another.
            await ground.call(ben, "POST", "/api/notes", json={"text": "a note"})
            assert (await ground.still(ann, "/api/notes")) is not empty
            assert ground.guest.site.requests == sent + 2
