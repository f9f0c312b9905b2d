"""Apps that are pages: records are made by a form whose answer only leads somewhere, and taken away by another one."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.model.words import Status
from launchready.stages.session import Request, audit

from tests.support.club import Club, Member, said
from tests.support.web import Got, Reply, serve

_NUMBER = {"name": "paper_id", "in": "path", "required": True, "schema": {"type": "integer"}}
_PAGES: dict[str, dict[str, Any]] = {
    "/papers": {"get": {}},
    "/papers/new": {"get": {}, "post": {}},
    "/papers/{paper_id}": {"get": {"parameters": [_NUMBER]}},
    "/papers/{paper_id}/remove": {"post": {"parameters": [_NUMBER]}},
}
_FORM = '<form method="post"><input type="hidden" name="once" value="{}"><input name="title" required><button>Keep</button></form>'


@dataclass(slots=True)
class Papers(Club):
    """``lead`` says where a new paper leads, ``may`` who writes one, ``keeps`` whether papers are taken away by their owners alone,
    ``reads`` whether they are read by them alone, ``link`` what the list leads to, ``least`` how long a title has to be,
    ``looks`` whether there has to be a picture at the address that goes along, where one does."""

    lead: str = "/papers/{}"
    may: Callable[[Member], bool] = lambda _who: True
    keeps: bool = False
    reads: bool = False
    link: str = "/papers/"
    least: int = 1
    looks: bool = False
    papers: dict[int, tuple[int, str]] = field(default_factory=dict)
    once: set[str] = field(default_factory=set)

    def answer(self, got: Got, who: Member | None) -> Reply:
        """The pages, for who is signed in."""
        path = got.path.strip("/").split("/")
        if path[0] != "papers" or who is None:
            return Club.answer(self, got, who)
        match got.method, path[1:]:
            case _, ["new"] if not self.may(who):
                return said(403, {"detail": "not for you"})
            case "GET", ["new"]:
                self.once.add(token := secrets.token_hex(12))
                picture = '<input name="image_url">' if self.looks else ""
                return _page(_FORM.format(token).replace("<button>", picture + "<button>"))
            case "POST", ["new"]:
                return self.write(got, who)
            case "GET", []:
                return _page(
                    "".join(
                        f'<a href="{self.link}{n}">paper</a>'
                        for n, (owner, _) in self.papers.items()
                        if owner == who.id
                    )
                )
            case "GET", [number] if self.kept_from(who, number):
                return said(404, {"detail": "not yours"})
            case "GET", [number] if number.isdecimal() and int(number) in self.papers:
                return _page(f"<h1>{self.papers[int(number)][1]}</h1>")
            case "POST", [number, "remove"] if int(number) in self.papers:
                if self.keeps and self.papers[int(number)][0] != who.id:
                    return said(403, {"detail": "not yours"})
                del self.papers[int(number)]
                return Reply(303, "", {"Location": "/papers"})
        return said(404, {"detail": "no such page"})

    def kept_from(self, who: Member, number: str) -> bool:
        """Whether somebody may not read a paper."""
        return self.reads and number.isdecimal() and self.papers.get(int(number), (who.id, ""))[0] != who.id

    def write(self, got: Got, who: Member) -> Reply:
        """A new paper, when the form was the one that was handed out."""
        given = parse_qs(got.body.decode())
        token, title = given.get("once", [""])[0], given.get("title", [""])[0]
        if token not in self.once or not title:
            return _page(_FORM.format(""))
        if self.looks and given.get("image_url"):
            return _page("Invalid URL")
        if len(title) < self.least:
            self.once.add(again := secrets.token_hex(12))
            wrong = f'<p class="field-error">Title must be at least {self.least} characters.</p>'
            return _page(_FORM.format(again).replace("<button>", wrong + "<button>"))
        self.once.remove(token)
        self.last += 1
        self.papers[self.last] = (who.id, title)
        return Reply(303, "", {"Location": self.lead.format(self.last)})


def _page(inside: str) -> Reply:
    return Reply(200, f"<html><body>{inside}</body></html>", {"Content-Type": "text/html"})


async def _removed(club: Papers, *identities: Identity) -> tuple[set[str], Status]:
    with serve(club) as url:
        project = Project("papers", "/nonexistent", identities=identities)
        environment = Environment("local", url, writes=True)
        done = await audit(Request(project, environment, source=False, checks=("LR207",), seconds=60.0))
    (outcome,) = (one for one in done.outcomes if one.check == "LR207")
    return {finding.target for finding in done.findings if "papers" in finding.target}, outcome.status


@pytest.mark.parametrize("reads", [False, True], ids=["read by whoever counts", "read by their owners"])
async def test_a_record_that_no_page_links_is_found_by_counting(reads: bool) -> None:
    club = Papers(more=_PAGES, lead="/papers", link="#", reads=reads, last=2)
    with serve(club) as url:
        environment = Environment("local", url, writes=True)
        done = await audit(Request(Project("papers", "/nonexistent"), environment, source=False, checks=("LR204",)))
    found = {finding.target for outcome in done.outcomes for finding in outcome.findings if "papers" in finding.target}
    assert found == (set() if reads else {"GET /papers/{paper_id}"})


@pytest.mark.parametrize("lead", ["/papers/{}", "/papers"], ids=["to the new one", "to the list"])
async def test_another_members_record_of_a_form_can_be_taken_away(lead: str) -> None:
    found, _ = await _removed(Papers(more=_PAGES, lead=lead))
    assert found == {"POST /papers/{paper_id}/remove"}


async def test_an_address_that_leads_nowhere_is_left_out_where_it_may_be() -> None:
    found, _ = await _removed(Papers(more=_PAGES, looks=True))
    assert found == {"POST /papers/{paper_id}/remove"}


async def test_a_form_that_says_beside_a_field_what_is_wrong_is_filled_in_again() -> None:
    # Longer than what is written there unasked.
    found, _ = await _removed(Papers(more=_PAGES, least=50))
    assert found == {"POST /papers/{paper_id}/remove"}


_ONE_PAGE: dict[str, dict[str, Any]] = {
    "/board": {"get": {}},
    "/papers": {"post": {}},
    "/papers/{paper_id}/remove": {"post": {"parameters": [_NUMBER]}},
}


@dataclass(slots=True)
class Board(Papers):
    """Everything stands on one page: the form, what everybody wrote, and a button beside each."""

    def answer(self, got: Got, who: Member | None) -> Reply:
        """The page, and what its forms do."""
        match got.method, got.path:
            case "GET", "/board" if who is not None:
                self.once.add(token := secrets.token_hex(12))
                rows = "".join(
                    f'<p>{title}</p><form method="post" action="/papers/{n}/remove"><button>x</button></form>'
                    for n, (_, title) in self.papers.items()
                )
                return _page(_FORM.format(token).replace("<form", '<form action="/papers"', 1) + rows)
            case "POST", "/papers" if who is not None:
                return self.write(got, who)
            case "POST", _ if who is not None:
                return Papers.answer(self, got, who)
        return Club.answer(self, got, who)


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_record_of_a_form_that_stands_on_another_page_is_found_by_its_button(keeps: bool) -> None:
    board = Board(more=_ONE_PAGE, lead="/board", keeps=keeps)
    found, _ = await _removed(board)
    assert found == (set() if keeps else {"POST /papers/{paper_id}/remove"})
    assert any(re.fullmatch(r"/papers/\d+/remove", path) for _, path, name in board.calls if name)


async def test_what_was_made_by_a_form_is_taken_away_by_its_button() -> None:
    club = Papers(more=_PAGES, keeps=True)
    await _removed(club)
    assert club.last > 100
    assert club.papers == {}


async def test_where_owners_alone_take_theirs_away_nothing_is_found() -> None:
    club = Papers(more=_PAGES, keeps=True)
    found, status = await _removed(club)
    assert (found, status) == (set(), Status.PASS)
    assert any(re.fullmatch(r"/papers/\d+/remove", path) for _, path, name in club.calls if name)


async def test_what_only_a_later_identity_may_make_is_tried_on_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LR_TEST_PASSWORD", "Pw-for-tests-1")
    people = [
        Member(number, f"{name}@example.com", "Pw-for-tests-1", name)
        for number, name in enumerate(("mia", "tom", "zoe"), 1)
    ]
    club = Papers(more=_PAGES, members=people, may=lambda who: who.name == "zoe")
    given = Reference(env="LR_TEST_PASSWORD")
    found, _ = await _removed(
        club,
        *(
            Identity(one.name, "member" if one.id < 3 else "chair", username=one.email, password=given)
            for one in people
        ),
    )
    assert found == {"POST /papers/{paper_id}/remove"}
