"""Pages that tell of a record by the scripts and marks of their elements alone, and forms whose answer is the page they stand on."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.stages.test_proof_pages import _NUMBER, Papers, _page, _removed
from tests.support.club import Club, Member, said
from tests.support.web import Got, Reply

_PAPER_FORM = '<form method="post"><textarea name="title">{}</textarea><button>Keep</button></form>'
_BY_SCRIPT: dict[str, dict[str, Any]] = {
    "/papers": {"get": {}, "post": {}},
    "/remove-papers/{paper_id}": {"post": {"parameters": [_NUMBER]}},
}
_MARKS = {
    "a call in a button": '<button onclick="removePaper({0})">x</button>',
    "an address in a script": """<button onclick="window.location.href='/remove-papers/' + {0}">x</button>""",
    "the id of its row": '<p id="paper-{0}"></p>',
    "an attribute of its row": '<p data-paper-id="{0}"></p>',
    "an attribute of htmx": '<button hx-post="/remove-papers/{0}">x</button>',
}


@dataclass(slots=True)
class Shelf(Papers):
    """One page with everybody's own papers and the form for the next; scripts take one away. ``mark`` is what a row has beside its text, ``after``
    how a taken form is answered: by the ``page``, by the way ``back`` to it, or by an ``error``, once the paper was kept. ``takes`` is False where none is kept."""

    mark: str = ""
    after: str = "page"
    takes: bool = True

    def answer(self, got: Got, who: Member | None) -> Reply:
        """The page, and what its scripts do."""
        path = got.path.strip("/").split("/")
        if who is None:
            return Club.answer(self, got, who)
        match got.method, path:
            case "GET", ["papers"]:
                return self.page(who)
            case "POST", ["papers"]:
                title = self.field(got)
                if not title or not self.takes:
                    return self.page(who, title)
                self.last += 1
                self.papers[self.last] = (who.id, title)
                if self.after == "error":
                    return said(500, {"detail": "after all"})
                return self.page(who) if self.after == "page" else Reply(302, "", {"Location": "/papers"})
            case "POST", ["remove-papers", number] if number.isdecimal() and int(number) in self.papers:
                if self.keeps and self.papers[int(number)][0] != who.id:
                    return said(403, {"detail": "not yours"})
                del self.papers[int(number)]
                return said(200, {})
        return Club.answer(self, got, who)

    def field(self, got: Got) -> str:
        """What was written into the form."""
        return parse_qs(got.body.decode()).get("title", [""])[0]

    def page(self, who: Member, typed: str = "") -> Reply:
        """Their papers, and the form with what was typed."""
        own = [(number, title) for number, (owner, title) in self.papers.items() if owner == who.id]
        return _page("".join(f"<p>{title}</p>{self.mark.format(n)}" for n, title in own) + _PAPER_FORM.format(typed))


@pytest.mark.parametrize("keeps", [False, True], ids=["anybody's", "one's own"])
@pytest.mark.parametrize("mark", _MARKS.values(), ids=_MARKS)
async def test_a_record_is_known_by_what_its_row_is_marked_with(mark: str, keeps: bool) -> None:
    found, _ = await _removed(Shelf(more=_BY_SCRIPT, mark=mark, keeps=keeps))
    assert found == (set() if keeps else {"POST /remove-papers/{paper_id}"})


@pytest.mark.parametrize("after", ["back", "error"])
async def test_a_form_that_leads_back_or_fails_made_what_its_page_shows_since(after: str) -> None:
    found, _ = await _removed(Shelf(more=_BY_SCRIPT, mark=_MARKS["a call in a button"], after=after))
    assert found == {"POST /remove-papers/{paper_id}"}


async def test_a_form_that_comes_back_with_what_was_typed_made_nothing() -> None:
    shelf = Shelf(more=_BY_SCRIPT, mark=_MARKS["a call in a button"], takes=False)
    found, _ = await _removed(shelf)
    assert found == set()
    assert not shelf.papers
    assert not any("remove-papers" in path and name for _, path, name in shelf.calls)


_EDITED: dict[str, dict[str, Any]] = {
    "/papers": {"get": {}, "post": {}},
    "/papers/edit/{paper_id}": {"get": {"parameters": [_NUMBER]}, "post": {"parameters": [_NUMBER]}},
}


@dataclass(slots=True)
class Desk(Shelf):
    """Papers are changed by a page with a form, whose token belongs to the session it was shown to and whose button has a name."""

    handed: dict[str, int] = field(default_factory=dict)

    def answer(self, got: Got, who: Member | None) -> Reply:
        """The page of a paper, and what its form does."""
        match got.method, got.path.strip("/").split("/"):
            case "GET", ["papers", "edit", number] if who is not None and self.may_edit(who, number):
                token = secrets.token_hex(16)
                self.handed[token] = who.id
                hidden = f'<input type="hidden" name="csrf_token" value="{token}">'
                save = '<input type="submit" name="save" value="Save"><input type="submit" name="save" value="Cancel">'
                return _page(f'<form method="post">{hidden}<textarea name="title"></textarea>{save}</form>')
            case "POST", ["papers", "edit", number] if who is not None:
                given = {name: value[0] for name, value in parse_qs(got.body.decode()).items()}
                own = self.handed.get(given.get("csrf_token", "")) == who.id
                if own and given.get("save") == "Save" and given.get("title") and self.may_edit(who, number):
                    self.papers[int(number)] = (self.papers[int(number)][0], given["title"])
                return Reply(302, "", {"Location": "/papers"})
        return Shelf.answer(self, got, who)

    def may_edit(self, who: Member, number: str) -> bool:
        """Whether there is such a paper, and it is one that they may change."""
        there = number.isdecimal() and int(number) in self.papers
        return there and (not self.keeps or self.papers[int(number)][0] == who.id)


@pytest.mark.parametrize("keeps", [False, True], ids=["anybody's", "one's own"])
async def test_anothers_record_is_changed_by_the_form_of_its_page(keeps: bool) -> None:
    found, _ = await _removed(Desk(more=_EDITED, mark=_MARKS["the id of its row"], keeps=keeps))
    assert found == (set() if keeps else {"POST /papers/edit/{paper_id}"})
