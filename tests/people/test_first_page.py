"""A first page that everybody may see is a sign of a session only while it says who is signed in."""

import json
import secrets
from dataclasses import replace
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

import pytest
from launchready.ground.result import Harm
from launchready.model.project import Identity, Reference
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.values import marker, person
from launchready.stages.access.proof.sessions.carried import copy, opened_by
from launchready.stages.access.proof.sessions.endings import prove_sign_out
from launchready.stages.access.proof.sessions.enumeration import prove_enumeration

from tests.support.people import gathered, reasons
from tests.support.web import Got, Reply, serve

ADA = Identity("ada", "member", login="form", username="adalovelace", password=Reference("LR_TEST_ADA"))
_FIELDS = (Input("username", "form", "str", True), Input("password", "form", "str", True))


def _at(method: str, path: str, kind: Kind = Kind.OTHER, fields: tuple[Input, ...] = ()) -> Endpoint:
    return Endpoint(
        method, path, "Django", (kind,), "read" if method == "GET" else "write", Access(), fields, Span("urls.py", 1)
    )


PAGES = [_at("GET", "/"), _at("GET", "/login", Kind.LOGIN), _at("POST", "/login", Kind.LOGIN, _FIELDS), _at("POST", "/logout"), _at("GET", "/admin")]  # fmt: skip


class Board:
    """Pages with one thing shut, which is the administration's; the first one greets whoever is signed in, and shows everybody what was written."""

    def __init__(self, *, ends: bool) -> None:
        self.ends, self.called, self.tells = ends, "adalovelace", False
        self.sessions: dict[str, str] = {}

    def __call__(self, got: Got) -> Reply:
        jar = SimpleCookie(got.headers.get("cookie", ""))
        who = self.sessions.get(jar["sid"].value) if "sid" in jar else None
        html = {"Content-Type": "text/html"}
        match (got.method, got.path):
            case ("GET", "/"):
                greeting = f"<p>Signed in as {who}</p>" if who else '<a href="/login">Sign in</a>'
                return Reply(200, f"<html>{greeting}<ul><li>Hello everybody</li></ul></html>", html)
            case ("GET", "/login"):
                return Reply(200, _FORM, html)
            case ("POST", "/login"):
                given = {name: values[0] for name, values in parse_qs(got.body.decode()).items()}
                if (given.get("username"), given.get("password")) != (self.called, "right-horse"):
                    wrong = (
                        "There is no such account."
                        if self.tells and given.get("username") != self.called
                        else "Please enter a correct name and password."
                    )
                    return Reply(200, f"{_FORM}<p>{wrong}</p>", html)
                token = secrets.token_hex(16)
                self.sessions[token] = self.called
                return Reply(302, "", {"Location": "/", "Set-Cookie": f"sid={token}; Path=/; HttpOnly"})
            case ("POST", "/logout"):
                if self.ends and "sid" in jar:
                    self.sessions.pop(jar["sid"].value, None)
                return Reply(302, "", {"Location": "/", "Set-Cookie": "sid=; Max-Age=0; Path=/"})
            case ("GET", "/admin"):
                return Reply(302, "", {"Location": "/login"})
        return Reply(404, json.dumps({"detail": "Not Found"}), {"Content-Type": "application/json"})


_FORM = '<html><h1>The board of the board</h1><form method="post" action="/login"><input name="username"><input type="password" name="password"><button>Sign in</button></form></html>'


@pytest.mark.parametrize("ends", [True, False])
async def test_signing_out_is_judged_by_who_the_first_page_greets(
    *, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LR_TEST_ADA", "right-horse")
    with serve(Board(ends=ends)) as url:
        async with gathered(url, ADA, endpoints=PAGES) as ground:
            assert [caller.name for caller in ground.callers] == ["ada"], reasons(ground)
            (ada,) = ground.callers
            assert await opened_by(ground, copy(ada, "a copy")) is not None
            assert await opened_by(ground, Caller("nobody", ada.site, cookies={"sid": "made up"})) is None
            await prove_sign_out(ground, ada)
            assert [alarm.harm for alarm in ground.alarms] == ([] if ends else [Harm.SESSION])


async def test_nobody_is_signed_in_by_a_first_page_that_everybody_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LR_TEST_ADA", "right-horse")
    with serve(Board(ends=True)) as url:
        async with gathered(url, ADA, endpoints=PAGES) as ground:
            stranger = Caller("fay", ground.guest.site, person(marker(), "f"))
            assert not await ground.accounts.sign_in(stranger)


@pytest.mark.parametrize("tells", [False, True])
async def test_an_account_named_like_a_word_of_the_page_is_told_by_no_answer(
    *, tells: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LR_TEST_ADA", "right-horse")
    board = Board(ends=True)
    board.called, board.tells = "board", tells
    with serve(board) as url:
        async with gathered(url, replace(ADA, username="board"), endpoints=PAGES) as ground:
            assert [caller.name for caller in ground.callers] == ["ada"], reasons(ground)
            await prove_enumeration(ground, ground.callers[0])
            assert [alarm.route for alarm in ground.alarms] == (["POST /login"] if tells else [])
