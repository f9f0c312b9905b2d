"""What stays in an app of pages: records that its lists link and no answer names, and settings that a form changed."""

import html
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest
from launchready.ground.ground import Ground
from launchready.ground.on_pages import look_for_linked, look_for_shown
from launchready.ground.prover import Prover
from launchready.ground.result import Made
from launchready.ground.strays import remember_what_was_there
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange
from launchready.stages.session import Request, run

from tests.support.club import Club, Member, said
from tests.support.people import gathered
from tests.support.web import Got, Reply, serve

Look = Callable[[Ground, Mapping[str, Caller]], Awaitable[None]]
_NUMBER = {"name": "paper_id", "in": "path", "required": True, "schema": {"type": "integer"}}
_FORM = {
    "requestBody": {
        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"title": {"type": "string"}}}}}
    }
}  # fmt: skip
_PAGES: dict[str, dict[str, Any]] = {
    "/desk": {"get": {}},
    "/papers/new": {"get": {}, "post": _FORM},
    "/papers/{paper_id}/edit": {"get": {"parameters": [_NUMBER]}, "post": {"parameters": [_NUMBER], **_FORM}},
    "/papers/{paper_id}/delete": {"post": {"parameters": [_NUMBER]}},
    "/settings": {"get": {}, "post": _FORM},
    "/wall": {"get": {}},
    "/wall/write": {"post": _FORM},
}


@dataclass(slots=True)
class Desk(Club):
    """A desk of papers, each of which leads to the form that changes it; the first was there before. Settings have one text."""

    removes: bool = True
    logo: bool = False
    papers: dict[int, str] = field(default_factory=lambda: {1: "of somebody"})
    name: str = "Corner & Co."
    wall: list[str] = field(default_factory=lambda: ["of somebody"])

    def answer(self, got: Got, who: Member | None) -> Reply:
        """The pages, for who is signed in."""
        path = got.path.strip("/").split("/")
        if path[0] not in ("desk", "papers", "settings", "wall") or who is None:
            return Club.answer(self, got, who)
        title = parse_qs(got.body.decode("utf-8", "replace"), keep_blank_values=True).get("title", [""])[0]
        match got.method, path:
            case "GET", ["desk"]:
                return _page("".join(f'<a href="/papers/{n}/edit">paper</a>' for n in self.papers))
            case "GET", ["wall"]:
                people = "".join(f"<li>{one.email} (hash 5f4dcc)</li>" for one in self.members)
                return _page("".join(f"<li>{html.escape(one)} (hash 5f4dcc)</li>" for one in self.wall) + people)
            case "POST", ["wall", "write"]:
                self.wall.append(title)
            case "GET", ["papers", "new"]:
                return _page(_form(""))
            case "POST", ["papers", "new"]:
                self.last += 1
                # The number of a paper that is gone is given again, as SQLite does it.
                self.papers[max(self.papers) + 1] = title
            case "GET", ["papers", number, "edit"] if number.isdecimal() and int(number) in self.papers:
                return _page(_form(self.papers[int(number)]))
            case "POST", ["papers", number, "edit"] if number.isdecimal() and int(number) in self.papers:
                self.papers[int(number)] = title
            case "POST", ["papers", number, "delete"] if number.isdecimal() and int(number) in self.papers:
                if not self.removes:
                    return said(403, {"detail": "they stay"})
                del self.papers[int(number)]
            case "GET", ["settings"]:
                logo = '<input type="file" name="logo">' if self.logo else ""
                return _page(
                    f'<form method="post"><textarea name="title">{html.escape(self.name)}</textarea>{logo}</form>'
                )
            case "POST", ["settings"] if self.logo and 'name="logo"' in (sent := got.body.decode("utf-8", "replace")):
                self.name = sent.partition('name="title"\r\n\r\n')[2].partition("\r\n--")[0]
            case "POST", ["settings"]:
                self.name = title
                if self.logo:
                    return said(400, {"detail": "no logo"})
            case _:
                return said(404, {"detail": "no such page"})
        return Reply(303, "", {"Location": "/desk"})


def _form(title: str) -> str:
    return f'<form method="post"><input name="title" value="{html.escape(title)}"><button>Keep</button></form>'


def _page(inside: str) -> Reply:
    return Reply(200, f"<html><body>{inside}</body></html>", {"Content-Type": "text/html"})


async def left_by(club: Desk, monkeypatch: pytest.MonkeyPatch) -> list[Made]:
    """What a run as an account of the owner's says it made."""
    club.members.append(Member(1, "boss@club.example", word := "Boss-" + "2026-x", "Boss"))
    monkeypatch.setenv("BOSS", word)
    boss = Identity("boss", role="member", username="boss@club.example", password=Reference(env="BOSS"))
    with serve(club) as url:
        project = Project("desk", "/nonexistent", identities=(boss,))
        environment = Environment("local", url, writes=True)
        _, found = await run(Request(project, environment, source=False, checks=("LR301",), seconds=40))
    prover = found[Prover]
    assert isinstance(prover, Prover) and prover.made is not None
    return [one for one in prover.made.made if re.search("papers|settings|wall", one.route)]


@pytest.mark.parametrize("removes", [True, False])
async def test_records_that_pages_link_are_removed_or_named(removes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    club = Desk(more=_PAGES, removes=removes)
    made = await left_by(club, monkeypatch)
    assert club.papers[1] == "of somebody"
    left = {number: title for number, title in club.papers.items() if number != 1}
    assert made and club.last > 2
    if removes:
        # What holds no text of the run is named, and left alone.
        assert not [title for title in left.values() if "launch" in title.lower()]
    listed = {one.path for one in made if not one.removed}
    assert {f"/papers/{number}" for number in left} <= listed


@pytest.mark.parametrize("logo", [False, True], ids=["fields", "and a file"])
async def test_settings_that_a_form_changed_are_put_back(logo: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    club = Desk(more=_PAGES, logo=logo)
    await left_by(club, monkeypatch)
    assert any(call[:2] == ("POST", "/settings") for call in club.calls)
    assert club.name == "Corner & Co."


async def test_what_a_page_shows_without_an_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    club = Desk(more=_PAGES)
    made = await left_by(club, monkeypatch)
    named = {one.path for one in made if "/wall" in one.route and not one.removed}
    ours = {one for one in club.wall if "launch" in one.lower() and len(one) < 1000}
    assert ours and not [text for text in ours if not any(text[:20] in path for path in named)]
    assert any(one.route == "GET /wall" for one in made)
    # Of what stands beside it nothing goes into the report; accounts are told of elsewhere.
    assert not any("hash" in path or "@" in path for path in named)
    assert not any("of somebody" in path for path in named)


async def test_a_number_that_is_given_again_is_another_record() -> None:
    club = Desk(more=_PAGES)
    with serve(club) as url:
        async with gathered(url) as ground:
            ann = ground.callers[0]
            await ground.get(ann, "/desk")
            await remember_what_was_there(ground)
            for _ in range(2):
                await ground.call(ann, "POST", "/papers/new", form={"title": f"Launch {ann.person.marker}"})  # type: ignore[union-attr]
                assert list(club.papers) == [1, 2]
                await look_for_linked(ground, {ann.name: ann})
                assert list(club.papers) == [1]
            assert [one.path for one in ground.made if one.removed] == ["/papers/2", "/papers/2"]


@pytest.mark.parametrize("look", [look_for_linked, look_for_shown])
async def test_pages_are_read_side_by_side_for_what_stays(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    club, call = Desk(more=_PAGES), Ground.call
    under_way, most = 0, 0

    async def counted(*given: Any, **named: Any) -> Exchange:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await call(*given, **named)
        finally:
            under_way -= 1

    with serve(club) as url:
        async with gathered(url) as ground:
            ann = ground.callers[0]
            for path in ("/desk", "/wall", "/settings"):
                ground.learn(ann, await ground.get(ann, path))
            await remember_what_was_there(ground)
            club.wall.append(f"Launch {ann.person.marker}")  # type: ignore[union-attr]
            monkeypatch.setattr(Ground, "call", counted)
            await look(ground, {ann.name: ann})
            assert most > 1
            assert bool(ground.made) is (look is look_for_shown)
