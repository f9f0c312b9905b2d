"""The proof keeps its own feet: sessions that die, servers that hang, limits, what must not be called, and what it leaves behind."""

import asyncio
import contextlib
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from launchready.ground.closing import ACCOUNT
from launchready.ground.ground import Ground
from launchready.ground.journal import Journal, Signed
from launchready.ground.known import known_endpoints
from launchready.ground.result import Made
from launchready.ground.tidy import note_accounts
from launchready.model.audit import Audit
from launchready.model.check import Outcome
from launchready.model.project import Environment, Project
from launchready.model.surface import Surface
from launchready.model.words import Status
from launchready.probes.callers.accounts import Accounts
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import Doors
from launchready.probes.callers.values import person
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.request import Request
from launchready.stages.session import audit

from tests.support.club import Club, Member, said, takes
from tests.support.processes import outcomes
from tests.support.web import Got, Reply, serve


async def prove(club: Club, *, checks: tuple[str, ...] = ("LR204", "LR207"), seconds: float = 10.0) -> Audit:
    """Audit a club that nobody told us anything about."""
    with serve(club) as url:
        environment = Environment("local", url, writes=True)
        return await audit(
            Request(Project("club", "/nonexistent"), environment, source=False, checks=checks, seconds=seconds)
        )


def ended(done: Audit, check: str) -> Outcome:
    """How one check ended."""
    return next(outcome for outcome in done.outcomes if outcome.check == check)


class Leaky(Club):
    """Every member may have every note."""

    def mine(self, note: dict[str, object], who: Member) -> bool:
        return True


async def test_notes_of_others_are_found_and_a_closed_club_has_none() -> None:
    leaky, closed = await prove(Leaky()), await prove(Club())
    found = {(finding.check, finding.target) for finding in leaky.findings}
    assert found >= {("LR204", "GET /api/notes/{note_id}"), ("LR207", "PUT /api/notes/{note_id}")}
    assert ("LR207", "DELETE /api/notes/{note_id}") in found
    assert [ended(closed, check).status for check in ("LR204", "LR207")] == [Status.PASS, Status.PASS]


async def test_a_session_that_dies_in_mid_run_is_no_refusal() -> None:
    def dies(club: Club, got: Got, who: Member | None) -> Reply | None:
        # Every token is good for a dozen calls.
        used = sum(name == who.name for _, _, name in club.calls) if who else 0
        if who and used % 12 == 0:
            club.tokens = {token: one for token, one in club.tokens.items() if one is not who}
        return None

    found = {(finding.check, finding.target) for finding in (await prove(Leaky(dies))).findings}
    assert ("LR204", "GET /api/notes/{note_id}") in found


async def test_a_session_that_cannot_be_had_again_passes_nothing() -> None:
    def dies(club: Club, got: Got, who: Member | None) -> Reply | None:
        made = sum(call[:2] == ("POST", "/api/notes") for call in club.calls)
        if made >= 2:
            club.tokens.clear()
            return said(401, {"detail": "the session has ended"})
        return None

    done = await prove(Leaky(dies))
    for check in ("LR204", "LR207"):
        assert ended(done, check).status is Status.NOT_CHECKED
        assert any("ended" in gap.reason for gap in ended(done, check).gaps)


async def test_nobody_who_could_sign_in_is_no_pass() -> None:
    def shut(club: Club, got: Got, who: Member | None) -> Reply | None:
        return None if got.path in ("/openapi.json", "/api/signup") else said(401, {"detail": "no"})

    outcome = ended(await prove(Club(shut)), "LR204")
    assert outcome.status is Status.NOT_CHECKED
    assert "POST /api/login: 401" in outcome.reason


async def test_a_way_in_that_hangs_costs_a_bounded_time_and_is_said() -> None:
    def hangs(club: Club, got: Got, who: Member | None) -> Reply | None:
        if who and got.path == "/api/report":
            club.lock.release()
            try:
                time.sleep(2.0)
            finally:
                club.lock.acquire()
        return None

    club = Leaky(hangs, {"/api/report": {"get": {}}})
    done = await prove(club, seconds=1.0)
    assert ("LR204", "GET /api/notes/{note_id}") in {(finding.check, finding.target) for finding in done.findings}
    assert any(gap.target == "GET /api/report" and "did not answer" in gap.reason for gap in ended(done, "LR204").gaps)
    asked = [name for _, path, name in club.calls if path == "/api/report" and name]
    assert len(asked) <= 6


async def test_what_is_slow_since_much_is_asked_of_it_at_once_is_not_given_up() -> None:
    """Eighteen that wait side by side for two seconds are waited for during two seconds, not during thirty-six."""

    def answers(_: Got) -> Reply:
        time.sleep(2.0)
        return said(200, {"name": "ann"})

    with serve(answers) as url:
        async with Site.open(url) as site:
            until = time.monotonic() + 60
            guest = Caller("guest", site)
            ground = Ground([], Accounts(site, [], Doors(())), guest, [], True, until, Journal(None, site.origin))
            together = [asyncio.create_task(ground.call(guest, "GET", f"/me?turn={turn}")) for turn in range(18)]
            assert {one.status for one in await asyncio.gather(*together)} == {200}
            assert (await ground.call(guest, "GET", "/me")).status == 200
            assert not ground.gaps


async def test_a_limit_that_our_own_pace_ran_into_is_waited_for() -> None:
    refused = set[str]()

    def limits(club: Club, got: Got, who: Member | None) -> Reply | None:
        if who and got.path.startswith("/api/notes/") and got.method == "GET" and who.name not in refused:
            refused.add(who.name)
            return replace(
                said(429, {"detail": "slow down"}), headers={"Retry-After": "1", "Content-Type": "application/json"}
            )
        return None

    found = {(finding.check, finding.target) for finding in (await prove(Leaky(limits))).findings}
    assert ("LR204", "GET /api/notes/{note_id}") in found
    assert refused


async def test_what_resets_seeds_or_ends_an_account_is_not_called_for_proof() -> None:
    more: dict[str, dict[str, Any]] = {
        "/api/admin/reset-db": {"post": {}},
        "/api/setup_db": {"post": {}},
        "/api/seed": {"get": {}, "post": {}},
        "/api/notes/purge": {"delete": {}},
        "/api/logout": {"post": {}},
        "/api/me/password": {"post": takes(new_password={"type": "string"})},
    }
    club = Leaky(more=more)
    await prove(club)
    called = {(method, path) for method, path, name in club.calls if name}
    assert not {
        call for call in called if "reset" in call[1] or "seed" in call[1] or "setup" in call[1] or "purge" in call[1]
    }
    own_passwords = [
        call for call in club.calls if call[1] == "/api/me/password" and call[2].startswith(("Launch A", "Launch B"))
    ]
    assert own_passwords == []
    own = [index for index, call in enumerate(club.calls) if call[:2] == ("DELETE", "/api/me")]
    last_proof = max(
        index for index, call in enumerate(club.calls) if call[0] in ("PUT", "POST") and "notes" in call[1]
    )
    assert min(own) > last_proof


async def test_how_everybody_gets_in_is_left_as_it_is() -> None:
    paths = ("/api/jwt/settings", "/api/session-policy", "/api/auth/config", "/api/security_settings")

    def ends(club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.method in ("POST", "PATCH") and got.path in paths:
            club.tokens.clear()
            return said(200, {"tokens_enabled": False})
        return None

    enabled = takes(tokens_enabled={"type": "boolean"})
    club = Leaky(ends, {path: {"post": enabled, "patch": enabled} for path in paths})
    done = await prove(club, checks=("LR204", "LR207", "LR301"))
    assert [call for call in club.calls if call[1] in paths and call[0] != "OPTIONS" and call[2]] == []
    assert ("LR204", "GET /api/notes/{note_id}") in {(finding.check, finding.target) for finding in done.findings}


async def test_what_was_made_is_removed_again() -> None:
    club = Leaky()
    done = await prove(club)
    assert (club.members, club.notes) == ([], {})
    assert any(note.startswith("Made for the proof and removed again") for note in done.notes)


async def test_what_cannot_be_removed_is_named() -> None:
    def keeps(club: Club, got: Got, who: Member | None) -> Reply | None:
        return said(405, {"detail": "never"}) if got.method == "DELETE" else None

    club = Club(keeps)
    done = await prove(club)
    (note,) = [note for note in done.notes if note.startswith("Made for the proof")]
    assert club.members and club.notes
    assert f"no way to remove {len(club.members) + len(club.notes)} of them" in note
    assert any(member.email in note for member in club.members)
    # A screen is no list: accounts come first, and the rest is counted.
    assert "them: the account " in note
    assert f"; and {len(club.members) + len(club.notes) - 3} more, in the report." in note


async def test_callers_never_share_a_session() -> None:
    """Each has a cookie of their own, and whoever has none yet sends none."""
    given: dict[str, str] = {}
    seen: list[tuple[str, str]] = []

    class Cookies(Leaky):
        def who(self, got: Got) -> Member | None:
            cookie = got.headers.get("cookie", "")
            token = cookie.removeprefix("sid=")
            if got.path in ("/api/signup", "/api/login"):
                seen.append((got.path, cookie))
            return self.tokens.get(token)

        def sign_in(self, got: Got) -> Reply:
            answer = Leaky.sign_in(self, got)
            if answer.status == 200:
                token = next(reversed(self.tokens))
                given[token] = self.tokens[token].name
                return Reply(200, '{"ok": true}', {"Content-Type": "application/json", "Set-Cookie": f"sid={token}"})
            return answer

    club = Cookies()
    done = await prove(club)
    assert ("LR204", "GET /api/notes/{note_id}") in {(finding.check, finding.target) for finding in done.findings}
    assert len(set(given.values())) >= 2
    assert {cookie for path, cookie in seen if path == "/api/signup"} == {""}


async def test_what_is_open_to_its_own_machine_alone_is_not_called_open() -> None:
    people = [
        {"id": 1, "name": "Jo", "email": "jo@club.example.org"},
        {"id": 2, "name": "Mo", "email": "mo@club.example.org"},
    ]

    def local(club: Club, got: Got, who: Member | None) -> Reply | None:
        if got.path == "/api/people":
            return said(200, people) if got.peer == "127.0.0.1" else said(403, {"detail": "not from there"})
        return None

    def wide(club: Club, got: Got, who: Member | None) -> Reply | None:
        return said(200, people) if got.path == "/api/people" else None

    more: dict[str, dict[str, Any]] = {"/api/people": {"get": {}}}
    closed = ended(await prove(Club(local, more), checks=("LR201",)), "LR201")
    leaking = ended(await prove(Club(wide, more), checks=("LR201",)), "LR201")
    assert not closed.findings
    assert any("from another address" in gap.reason for gap in closed.gaps)
    assert [finding.target for finding in leaking.findings] == ["GET /api/people"]


async def test_a_used_up_budget_keeps_what_was_found() -> None:
    with serve(Leaky()) as url:
        environment = Environment("local", url, writes=True)
        request = Request(Project("club", "/nonexistent"), environment, source=False, checks=("LR204",), requests=60)
        outcome = ended(await audit(request), "LR204")
    assert any("request budget" in gap.reason for gap in outcome.gaps)


async def test_a_write_is_never_sent_twice() -> None:
    """A server that takes a call and closes the connection: the GET is asked again, the POST is not."""
    calls = list[str]()

    def drops(got: Got) -> Reply:
        calls.append(got.method)
        raise ConnectionAbortedError

    with serve(drops) as url:
        async with Site.open(url) as site:
            assert (await site.send("GET", "/")).error
            assert (await site.send("POST", "/", json={})).error
    assert calls.count("GET") == 2
    assert calls.count("POST") == 1


async def test_a_redirect_that_only_adds_a_slash_is_followed() -> None:
    def slashes(club: Club, got: Got, who: Member | None) -> Reply | None:
        return Reply(307, "", {"Location": got.path + "/"}) if got.path == "/api/notes" else None

    done = await prove(Leaky(slashes))
    found = {(finding.check, finding.target) for finding in done.findings}
    assert found >= {("LR204", "GET /api/notes/{note_id}"), ("LR207", "DELETE /api/notes/{note_id}")}


async def test_ones_own_page_is_not_what_is_for_administrators() -> None:
    number = {"name": "user_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    more: dict[str, dict[str, Any]] = {
        "/api/admin/users/{user_id}": {"get": {"parameters": [number]}},
        "/api/admin/report": {"get": {}},
    }

    def closed(club: Club, got: Got, who: Member | None) -> Reply | None:
        if who and got.path.startswith("/api/admin/users/"):
            return said(200, who.shown) if got.path.endswith(f"/{who.id}") else said(403, {"detail": "no"})
        return said(403, {"detail": "no"}) if who and got.path == "/api/admin/report" else None

    def open_to_all(club: Club, got: Got, who: Member | None) -> Reply | None:
        return said(200, {"revenue": 41234}) if who and got.path == "/api/admin/report" else closed(club, got, who)

    assert ended(await prove(Club(closed, more), checks=("LR208",)), "LR208").status is Status.PASS
    found = ended(await prove(Club(open_to_all, more), checks=("LR208",)), "LR208").findings
    assert [finding.target for finding in found] == ["GET /api/admin/report"]


async def test_an_app_that_fell_over_and_is_started_again_is_waited_for() -> None:
    got: list[str] = []

    def app(request: Got) -> Reply:
        got.append(request.method)
        return Reply(200, "here", {"Connection": "close"})

    with contextlib.ExitStack() as running:
        url = running.enter_context(serve(app))
        async with Site.open(url) as site:
            assert (await site.send("GET", "/")).status == 200
            running.close()
            asked = asyncio.create_task(site.send("POST", "/"))
            await asyncio.sleep(0.2)
            with serve(app, int(url.rsplit(":", 1)[1])):
                assert (await asked).status == 200
    assert got == ["GET", "POST"]


async def test_what_a_fall_took_along_is_asked_again_alone_and_what_made_it_fall_is_not() -> None:
    got: list[str] = []
    down = asyncio.Event()
    lines: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.add(writer)
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        got.append(path)
        if path == "/dies":
            servers.pop().close()
            down.set()
            for line in lines:
                line.transport.abort()
            lines.clear()
            return
        # Long enough to be on its way when the app falls.
        await asyncio.sleep(0.1)
        if writer in lines:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere")
            await writer.drain()
            writer.close()

    async def supervise() -> None:
        port = 0
        while True:
            server = await asyncio.start_server(talk, "127.0.0.1", port)
            port = server.sockets[0].getsockname()[1]
            servers.append(server)
            ports.put_nowait(port)
            await down.wait()
            down.clear()
            await asyncio.sleep(0.3)

    servers: list[asyncio.Server] = []
    ports: asyncio.Queue[int] = asyncio.Queue()
    running = asyncio.create_task(supervise())
    try:
        async with Site.open(f"http://127.0.0.1:{await ports.get()}") as site:
            assert (await site.send("GET", "/first")).ok
            asked = [asyncio.create_task(site.send("GET", path)) for path in ("/slow", "/dies", "/also")]
            slow, dies, also = await asyncio.gather(*asked)
            assert (slow.text, also.text, dies.dropped) == ("here", "here", True)
            times = got.count("/dies")
            assert times == 2
            assert (await site.send("GET", "/dies")).dropped
            assert got.count("/dies") == times
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_an_app_that_was_never_there_is_not() -> None:
    with serve(lambda request: Reply()) as url:
        pass
    async with Site.open(url) as site:
        exchange = await site.send("GET", "/")
    assert exchange.status == 0
    assert "nothing listens there" in exchange.error


async def test_accounts_that_nobody_came_to_remove_are_listed_as_left() -> None:
    async with Site.open("http://127.0.0.1:9") as site:
        journal, guest = Journal(None, site.origin), Caller("guest", site)
        for letter in "ab":
            journal.sign(Signed(letter, person("lrx", letter), "POST /signup"))
        ground = Ground([], Accounts(site, [], Doors(())), guest, [], True, 0.0, journal)
        ground.made.append(Made("a", "POST /signup", ACCOUNT + person("lrx", "a").email, True))
        note_accounts(ground)
    assert [(made.who, made.removed) for made in ground.made] == [("a", True), ("b", False)]


EMPTIES = """
import sqlite3
import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI()


def opened():
    return sqlite3.connect("app.sqlite")


@app.post("/prepare")
def prepare():
    with opened() as db:
        db.execute("DROP TABLE IF EXISTS notes")
        db.execute("CREATE TABLE notes (text)")
    return {"done": True}


@app.post("/notes")
def add(text: str):
    with opened() as db:
        db.execute("INSERT INTO notes VALUES (?)", (text,))
    return {"text": text}


with opened() as db:
    db.execute("CREATE TABLE IF NOT EXISTS notes (text)")
    db.execute("INSERT INTO notes VALUES ('of somebody else')")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


@pytest.mark.parametrize("disposable", [False, True])
def test_what_takes_away_whole_tables_is_called_only_where_that_may_be_lost(tmp_path: Path, disposable: bool) -> None:
    every = outcomes(tmp_path, "app.py", EMPTIES, "LR301", "LR331", disposable=disposable)
    found = every["LR301"]
    with sqlite3.connect(tmp_path / "app.sqlite") as db:
        kept = db.execute("SELECT count(*) FROM notes WHERE text = 'of somebody else'").fetchone()[0]
    assert bool(kept) is not disposable
    said = [gap.target for gap in found.gaps if "takes away whole tables" in gap.reason]
    assert said == ([] if disposable else ["POST /prepare"])
    # That is no reason why something else could not be asked.
    assert "whole tables" not in every["LR331"].reason


async def test_an_account_of_the_run_is_looked_for_by_the_way_that_let_it_in_and_no_other() -> None:
    club = Club()
    with serve(club) as url:
        async with Site.open(url) as site:
            sweep = GuestSweep(site, Surface())
            calls = await sweep.results()
            found = await known_endpoints(Surface(), sweep)
            accounts = Accounts(site, found, Doors(calls))
            ann = await accounts.sign_up("ann", person("lrx", "a"))
            assert ann is not None
            club.members.clear()
            club.calls.clear()
            assert not await accounts.still_there(ann)
    assert [(method, path) for method, path, _ in club.calls] == [("POST", "/api/login")]
