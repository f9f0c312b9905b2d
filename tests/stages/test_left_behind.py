"""Nothing is left behind that the app lets go of, nothing is removed that was there before, and what stays is named with its reason."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from launchready.ground.ids import noun_of_path, parameters
from launchready.ground.prover import Prover
from launchready.ground.result import Made
from launchready.model.project import Environment, Identity, Project, Reference
from launchready.stages.request import Request
from launchready.stages.session import run

from tests.stages.members import Asked, Body, Member, Members, missing
from tests.support.web import Got, Reply, serve

JSON = {"Content-Type": "application/json"}


def said(status: int, value: object = None, **headers: str) -> Reply:
    return Reply(status, "" if value is None else json.dumps(value), JSON | headers)


class Desk(Members):
    """Members with notes, one of which was there before; everything about how a note is named and removed is for the test to say."""

    def __init__(self) -> None:
        super().__init__(first=900)
        self.notes: dict[str, dict[str, Any]] = {"1": {"id": 1, "title": "of somebody", "ownerId": 0}}
        self.last = 10
        self.lock = threading.Lock()

    def __call__(self, got: Got) -> Reply:
        with self.lock:
            return super().__call__(got)

    def _sign_up(self, asked: Asked) -> Body:
        taken = {one.email for one in self.members}
        return said(409) if asked.body.get("email") in taken else super()._sign_up(asked)

    def listed(self, *, everybody: bool = False) -> None:
        @self.route("GET", "/notes")
        def notes(asked: Asked) -> Body:
            return [one for one in self.notes.values() if everybody or self.owns(asked, one)]

    def kept(self, asked: Asked) -> dict[str, Any]:
        """A new note out of what was sent."""
        assert asked.member is not None
        self.last += 1
        note = {"id": self.last, "title": asked.body.get("title", ""), "ownerId": asked.member.id}
        self.notes[str(self.last)] = note
        return note

    def takes(self, answer: Callable[[dict[str, Any]], Reply], path: str = "/notes") -> None:
        """``POST`` a note, answered by ``answer``; a title that is no text or an empty one is refused."""

        @self.route("POST", path, "title")
        def make(asked: Asked) -> Body:
            title = asked.body.get("title")
            return answer(self.kept(asked)) if isinstance(title, str) and title else said(422, {"detail": "no title"})

    def lets_go(self, path: str = "/notes/{id}", method: str = "DELETE") -> None:
        @self.route(method, path)
        def remove(asked: Asked) -> Body:
            note = self.notes.get(asked.ids["id"])
            if note is None or not self.owns(asked, note):
                return missing()
            del self.notes[asked.ids["id"]]
            return said(204)

    @property
    def left(self) -> list[dict[str, Any]]:
        """The notes beside the one that was there before."""
        return [note for key, note in self.notes.items() if key != "1"]


async def made_at(
    app: Callable[[Got], Reply],
    *identities: Identity,
    checks: tuple[str, ...] = ("LR301",),
    disposable: bool = False,
) -> list[Made]:
    """What a run made, as it says at its end."""
    with serve(app) as at:
        project = Project("desk", "/nonexistent", identities=identities)
        environment = Environment("local", at, writes=True, disposable=disposable)
        _, found = await run(Request(project, environment, source=False, checks=checks))
    prover = found[Prover]
    assert isinstance(prover, Prover) and prover.made is not None
    assert "1" not in getattr(app, "notes", {}) or app.notes["1"]["title"] == "of somebody"  # type: ignore[attr-defined]
    return list(prover.made.made)


def of_notes(made: list[Made]) -> list[Made]:
    return [one for one in made if "/notes" in one.path]


async def test_a_record_is_removed_by_the_name_its_address_wants() -> None:
    app = Desk()
    app.takes(lambda note: said(201, {"note": note | {"slug": f"note-{note['id']}"}}))
    app.listed(everybody=True)

    @app.route("DELETE", "/notes/{slug}")
    def remove(asked: Asked) -> Body:
        note = app.notes.get(asked.ids["slug"].removeprefix("note-"))
        if "note-" not in asked.ids["slug"] or note is None or not app.owns(asked, note):
            return missing()
        del app.notes[str(note["id"])]
        return said(204)

    made = of_notes(await made_at(app))
    assert (app.left, {one.removed for one in made}) == ([], {True})


async def test_a_name_that_the_list_alone_tells_is_learned_from_it() -> None:
    app = Desk()
    app.takes(lambda note: said(201, {"id": note["id"]}))

    @app.route("GET", "/notes")
    def listed(asked: Asked) -> Body:
        return [one | {"key": f"k-{one['id']}"} for one in app.notes.values() if app.owns(asked, one)]

    @app.route("DELETE", "/notes/{key}")
    def remove(asked: Asked) -> Body:
        return (
            said(204)
            if app.notes.pop(asked.ids["key"].removeprefix("k-") * ("k-" in asked.ids["key"]), None)
            else missing()
        )

    await made_at(app)
    assert app.left == []


@pytest.mark.parametrize("status", [201, 303])
async def test_a_record_that_only_the_address_sent_on_to_names(status: int) -> None:
    app = Desk()
    app.takes(lambda note: said(status, None, Location=f"/notes/{note['id']}"))
    app.lets_go()
    made = of_notes(await made_at(app))
    assert app.left == [] and made


@pytest.mark.parametrize(
    "answer", [lambda note: said(500, {"error": "mail is down"}), lambda note: said(200), lambda note: said(302, None, Location="/")],
    ids=["failed", "empty", "led on"],
)  # fmt: skip
async def test_a_record_that_no_answer_tells_of_is_found_in_the_list(answer: Callable[[dict[str, Any]], Reply]) -> None:
    app = Desk()
    app.takes(answer)
    app.listed(everybody=True)
    app.lets_go()
    made = of_notes(await made_at(app))
    assert app.left == []
    assert made and {one.removed for one in made} == {True}


async def test_a_list_in_the_answer_gives_nobody_elses_record_away() -> None:
    app = Desk()
    app.takes(lambda note: said(200, [{"id": one["id"], "title": "a note"} for one in app.notes.values()]))
    app.listed()

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> Body:
        # Anybody may: what saves the others is that they are not asked for.
        return said(204) if app.notes.pop(asked.ids["id"], None) else missing()

    await made_at(app)
    assert list(app.notes) == ["1"]


async def test_a_name_that_others_may_have_chosen_is_no_reason_to_remove() -> None:
    app = Desk()

    @app.route("POST", "/notes", "name", "title")
    def make(asked: Asked) -> Body:
        # A 1 for a name, and the answer names nothing.
        return said(200, {"detail": "thank you"})

    @app.route("DELETE", "/notes/{name}")
    def remove(asked: Asked) -> Body:
        return said(204) if app.notes.pop(asked.ids["name"], None) else missing()

    await made_at(app)
    assert list(app.notes) == ["1"]


async def test_a_record_of_others_that_names_one_of_ours_stays() -> None:
    app = Desk()
    app.takes(lambda note: said(201, note))

    @app.route("GET", "/notes")
    def listed(asked: Asked) -> Body:
        # Each page says who came last, and lists who reads along.
        reader = asked.member.shown() if asked.member else {}
        return [one | {"last_seen_by": reader.get("email"), "readers": [reader]} for one in app.notes.values()]

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> Body:
        return said(204) if app.notes.pop(asked.ids["id"], None) else missing()

    await made_at(app)
    assert list(app.notes) == ["1"]


async def test_a_yes_to_a_removal_is_not_believed_while_the_list_shows_the_record() -> None:
    app = Desk()
    app.takes(lambda note: said(201, note))
    app.listed()

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> Body:
        return said(204)

    made = of_notes(await made_at(app))
    assert len(app.left) == len(made)
    assert {(one.removed, "list still shows it" in one.why) for one in made} == {(False, True)}


async def test_a_record_that_is_marked_as_deleted_counts_as_removed() -> None:
    app = Desk()
    app.takes(lambda note: said(201, note))
    app.listed()

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> Body:
        app.notes[asked.ids["id"]]["deleted_at"] = "2027-03-01T10:00:00Z"
        return said(204)

    assert {one.removed for one in of_notes(await made_at(app))} == {True}


async def test_not_found_is_no_proof_that_a_record_is_gone() -> None:
    app = Desk()
    app.takes(lambda note: said(201, note))
    app.route("DELETE", "/notes/{id}")(lambda asked: missing())
    made = of_notes(await made_at(app))
    assert len(app.left) == len(made)
    assert {one.removed for one in made} == {False}
    assert all("404" in one.why and "nothing shows" in one.why for one in made)


async def test_what_has_no_removal_is_listed_as_left_with_its_reason() -> None:
    app = Desk()
    app.takes(lambda note: said(201, note))
    app.listed()
    made = of_notes(await made_at(app))
    assert {one.path for one in made if not one.removed} == {f"/notes/{note['id']}" for note in app.left}
    assert {one.why for one in made} == {"the app has no way to remove it"}


async def test_what_is_done_to_records_that_are_there_makes_none() -> None:
    app = Desk()

    @app.route("POST", "/notes/bulk_set_state", "name")
    def act(asked: Asked) -> Body:
        name = asked.body.get("name")
        return said(200, {"name": name, "changed": 0}) if isinstance(name, str) and name else said(422, {})

    app.takes(lambda note: said(201, note))
    app.listed()
    app.lets_go()
    assert [one.path for one in await made_at(app) if "bulk_set_state" in one.path] == []


async def test_a_removal_by_a_form_that_stands_at_the_record() -> None:
    app = Desk()
    app.takes(lambda note: said(201, note))
    app.lets_go("/notes/{id}/delete", "POST")
    await made_at(app)
    assert app.left == []


@pytest.mark.parametrize("readable", [True, False])
async def test_a_removal_at_another_address_is_used_only_when_the_record_there_is_ours(readable: bool) -> None:
    app = Desk()
    app.takes(lambda note: said(201, note), "/notes/create")

    @app.route("GET", "/notes/{id}")
    def one(asked: Asked) -> Body:
        return app.notes.get(asked.ids["id"], missing()) if readable else said(200, {"detail": "a note"})

    app.lets_go()
    made = of_notes(await made_at(app))
    assert bool(app.left) is not readable
    assert {one.removed for one in made} == {readable}


async def test_whoever_looks_after_everything_removes_what_its_maker_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Desk()
    app.takes(lambda note: said(201, note))
    app.listed()
    boss = Member(1, "boss@example.org", "boss", "pw-of-the-boss", {"role": "admin"})
    app.members.append(boss)

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> Body:
        return (
            said(403) if asked.member is not boss else said(204) if app.notes.pop(asked.ids["id"], None) else missing()
        )

    monkeypatch.setenv("DESK_BOSS", boss.password)
    await made_at(app, Identity("boss", "admin", username=boss.email, password=Reference("DESK_BOSS")))
    assert app.left == []


async def test_children_go_first_and_what_has_no_removal_goes_with_its_parent() -> None:
    app = Desk()
    app.takes(lambda note: said(201, note))
    app.listed()
    remarks: dict[str, dict[str, Any]] = {}

    @app.route("GET", "/notes/{id}")
    def one(asked: Asked) -> Body:
        return app.notes.get(asked.ids["id"], missing())

    @app.route("POST", "/notes/{id}/remarks", "text")
    def remark(asked: Asked) -> Body:
        remarks[str(len(remarks))] = kept = {"id": 5000 + len(remarks), "note": asked.ids["id"]} | asked.body
        return said(201, kept) if asked.ids["id"] in app.notes else missing()

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> Body:
        note = app.notes.pop(asked.ids["id"], None)
        for key in [key for key, one in remarks.items() if one["note"] == asked.ids["id"]]:
            del remarks[key]
        return said(204) if note else missing()

    made = of_notes(await made_at(app))
    below = [one for one in made if "/remarks/" in one.path]
    assert below and {(one.removed, one.why) for one in below} == {(True, "it went with what it stood in")}
    assert app.left == []


async def test_what_says_yes_and_shows_nothing_is_told_apart_from_what_is_left() -> None:
    app = Desk()
    app.route("POST", "/subscriptions", "name")(lambda asked: "card declined")
    app.route("GET", "/notes")(lambda asked: [])
    made = [one for one in await made_at(app) if "/subscriptions" in one.route]
    assert made and {one.sure for one in made} == {False}


# Accounts.


async def test_an_account_that_was_never_made_is_not_called_left() -> None:
    app = Desk()
    app.routes = [one for one in app.routes if one[1] != "/signup"]
    app.route("POST", "/signup", "email", "username", "password", open=True)(
        lambda asked: said(403, {"detail": "closed"})
    )
    assert [one for one in await made_at(app) if one.path.startswith("the account")] == []


class Twofold(Desk):
    """Anybody signs up as often as they like, with any address."""

    def _sign_up(self, asked: Asked) -> Body:
        return Members._sign_up(self, asked)


@pytest.mark.parametrize("check", ["LR215", "LR335"])
async def test_a_second_account_of_one_address_is_named(check: str) -> None:
    app = Twofold()
    made = [one for one in await made_at(app, checks=(check,)) if one.path.startswith("the account")]
    assert len(made) == len(app.members) > len({one.email for one in app.members})
    assert {one.sure for one in made if "address of" in one.path or "once more" in one.path} == {False}
    refusing = Desk()
    made = [one for one in await made_at(refusing, checks=(check,)) if one.path.startswith("the account")]
    assert len(made) == len(refusing.members)


def _of_accounts(made: list[Made]) -> set[bool]:
    found = {one.removed for one in made if one.path.startswith("the account")}
    assert found
    return found


def _ends(app: Desk, member: Member | None) -> Reply:
    assert member is not None
    app.members.remove(member)
    app.sessions = {token: one for token, one in app.sessions.items() if one is not member}
    return said(204)


@pytest.mark.parametrize(
    "method, path", [("DELETE", "/users/me"), ("DELETE", "/delete-account"), ("POST", "/users/me/delete")]
)
async def test_accounts_end_by_the_apps_own_way_and_by_their_password(method: str, path: str) -> None:
    app = Desk()

    @app.route(method, path)
    def leave(asked: Asked) -> Body:
        right = asked.member is not None and asked.body.get("password") == asked.member.password
        return _ends(app, asked.member) if right else said(422, {"detail": "the password, please"})

    assert _of_accounts(await made_at(app)) == {True}
    assert app.members == []


async def test_accounts_end_by_the_form_of_a_page() -> None:
    app = Desk()
    page = '<form method="post" action="/account/delete"><input type="hidden" name="sign" value="s-{}"><input type="password" name="current"></form>'

    @app.route("GET", "/account/delete")
    def shown(asked: Asked) -> Body:
        return Reply(200, page.format(asked.member.id if asked.member else ""), {"Content-Type": "text/html"})

    @app.route("POST", "/account/delete")
    def leave(asked: Asked) -> Body:
        text = asked.got.body.decode()
        right = asked.member is not None and f"sign=s-{asked.member.id}" in text and "current=" in text
        return replace(_ends(app, asked.member), status=302) if right else said(400)

    assert _of_accounts(await made_at(app)) == {True}
    assert app.members == []


@pytest.mark.parametrize("memberships", [False, True])
async def test_an_administrator_ends_accounts_of_the_run_and_no_others(
    monkeypatch: pytest.MonkeyPatch, memberships: bool
) -> None:
    app = Desk()
    put_out = set[int]()
    boss = Member(1, "boss@example.org", "boss", "pw-of-the-boss", {"role": "admin"})
    other = Member(2, "somebody@example.org", "somebody", "pw-of-somebody")
    app.members += [boss, other]

    @app.route("GET", "/users")
    def users(asked: Asked) -> Body:
        return [one.shown() for one in app.members] if asked.member is boss else said(403)

    @app.route("DELETE", "/users/{id}")
    def end(asked: Asked) -> Body:
        found = next((one for one in app.members if str(one.id) == asked.ids["id"] and one.id not in put_out), None)
        return said(403) if asked.member is not boss else _ends(app, found) if found else missing()

    if memberships:
        # Whoever is no member of the desk any more is out of its administrator's reach.
        app.route("GET", "/memberships")(lambda asked: [{"id": one.id, "user": one.shown()} for one in app.members])

        @app.route("DELETE", "/memberships/{id}")
        def put_one_out(asked: Asked) -> Body:
            known = next((one for one in app.members if str(one.id) == asked.ids["id"]), None)
            if known is not None:
                put_out.add(known.id)
            return said(204) if known else missing()

    monkeypatch.setenv("DESK_BOSS", boss.password)
    made = await made_at(app, Identity("boss", "admin", username=boss.email, password=Reference("DESK_BOSS")))
    assert _of_accounts(made) == {True}
    assert app.members == [boss, other]


async def test_accounts_that_cannot_end_are_listed_with_the_reason() -> None:
    app = Desk()
    made = [one for one in await made_at(app) if one.path.startswith("the account")]
    assert {one.path.removeprefix("the account ") for one in made} == {one.email for one in app.members}
    assert {(one.removed, one.why) for one in made} == {(False, "the app has no way to end an account")}


async def test_a_record_that_a_failed_call_may_have_made_is_named_and_left_alone() -> None:
    app = Desk()

    @app.route("POST", "/notes", "title")
    def make(asked: Asked) -> Body:
        # Nothing of what was sent is kept, and somebody else may write at the same time.
        app.last += 1
        app.notes[str(app.last)] = {"id": app.last, "title": "new"}
        return said(500, {"error": "the queue is down"})

    app.route("GET", "/notes")(lambda asked: list(app.notes.values()))
    app.route("DELETE", "/notes/{id}")(lambda asked: said(204) if app.notes.pop(asked.ids["id"], None) else missing())
    made = of_notes(await made_at(app))
    assert {(one.path, one.sure) for one in made} == {(f"/notes/{note['id']}", False) for note in app.left}
    assert all("nothing says whose it is" in one.why for one in made)


async def test_people_whom_a_failed_call_may_have_made_are_named_and_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Desk()
    boss = Member(1, "boss@example.org", "boss", "pw-of-the-boss", {"role": "admin"})
    app.members.append(boss)
    app.route("GET", "/users")(
        lambda asked: [one.shown() for one in app.members] if asked.member is boss else said(403)
    )

    @app.route("POST", "/users", "nickname")
    def make(asked: Asked) -> Body:
        if asked.member is not boss:
            return said(403)
        app.members.append(Member(5000 + len(app.members), "", "", ""))
        return said(500, {"error": "the queue is down"})

    @app.route("DELETE", "/users/{id}")
    def end(asked: Asked) -> Body:
        found = next((one for one in app.members if str(one.id) == asked.ids["id"]), None)
        return said(403) if asked.member is not boss else _ends(app, found) if found else missing()

    monkeypatch.setenv("DESK_BOSS", boss.password)
    made = await made_at(app, Identity("boss", "admin", username=boss.email, password=Reference("DESK_BOSS")))
    left = {f"/users/{one.id}" for one in app.members if one is not boss}
    assert left and {one.path for one in made if not one.sure} == left


def mute(app: Desk) -> None:
    """``POST /notes`` fails after it made a note that bears nobody's name, and the list is read by a POST alone."""

    @app.route("POST", "/notes", "title")
    def make(asked: Asked) -> Body:
        app.last += 1
        app.notes[str(app.last)] = {"id": app.last, "name": f"pool-{app.last}", "title": "new"}
        return said(500, {"error": "the queue is down"})

    app.notes["1"]["name"] = "pool-1"
    app.route("POST", "/notes/filter", "*limit")(lambda asked: list(app.notes.values()))

    @app.route("DELETE", "/notes/{name}")
    def remove(asked: Asked) -> Body:
        found = next((key for key, note in app.notes.items() if note["name"] == asked.ids["name"]), "")
        return said(204) if app.notes.pop(found, None) else missing()


async def test_what_a_list_that_is_read_by_a_post_shows_is_named() -> None:
    app = Desk()
    mute(app)
    made = of_notes(await made_at(app))
    assert app.left and {(one.path, one.sure) for one in made} == {(f"/notes/{one['id']}", False) for one in app.left}


@pytest.mark.parametrize("strangers", [False, True])
async def test_what_is_new_and_nobodys_is_removed_where_all_may_be_lost(strangers: bool) -> None:
    app = Desk()
    mute(app)
    if strangers:
        # Nobody can sign up: a stranger is whom the app is for.
        app.routes = [(*one[:4], True) for one in app.routes if one[1] not in ("/signup", "/login", "/me")]
    made = of_notes(await made_at(app, disposable=True))
    assert (list(app.notes), {one.removed for one in made}) == (["1"], {True})


async def test_a_record_whose_name_nobody_can_see_goes_by_that_name() -> None:
    app = Desk()

    @app.route("POST", "/notes", "name")
    def make(asked: Asked) -> Body:
        if asked.body.get("name") != "a\0b":
            return said(422)
        app.last += 1
        app.notes[str(app.last)] = {"id": app.last, "name": "a\0b"}
        return said(201, app.notes[str(app.last)])

    @app.route("DELETE", "/notes/{name}")
    def remove(asked: Asked) -> Body:
        found = next((key for key, note in app.notes.items() if note.get("name") == unquote(asked.ids["name"])), "")
        return said(204) if app.notes.pop(found, None) else missing()

    await made_at(app)
    assert list(app.notes) == ["1"]


async def test_a_record_that_was_put_where_no_list_shows_it_goes_by_the_same_bytes() -> None:
    app = Desk()
    app.route("GET", "/notes")(lambda asked: [note for note in app.notes.values() if note["id"] == 1])

    @app.route("PUT", "/notes/{id}", "size")
    def put(asked: Asked) -> Body:
        if "%C2%B2" not in asked.ids["id"]:
            return said(422)
        app.notes[asked.ids["id"]] = {"id": asked.ids["id"], "size": 1}
        return said(201, app.notes[asked.ids["id"]])

    app.route("DELETE", "/notes/{id}")(lambda asked: said(204) if app.notes.pop(asked.ids["id"], None) else missing())
    await made_at(app)
    assert list(app.notes) == ["1"]


async def test_a_title_that_an_address_is_made_of_is_no_longer_than_an_address() -> None:
    app = Desk()
    kept = list[int]()

    def slug(note: dict[str, Any]) -> str:
        return f"{note['title'].lower().replace(' ', '-')}-{note['id']}"

    @app.route("POST", "/notes", "title", "body")
    def make(asked: Asked) -> Body:
        if not all(isinstance(asked.body.get(name), str) and asked.body[name].isascii() and asked.body[name].isprintable() for name in ("title", "body")):  # fmt: skip
            return said(422)
        note = app.kept(asked)
        kept.append(len(note["title"]))
        return said(201, {"note": {"slug": slug(note), "title": note["title"], "body": asked.body["body"]}})

    @app.route("DELETE", "/notes/{slug}")
    def remove(asked: Asked) -> Body:
        found = next((key for key, note in app.notes.items() if slug(note) == unquote(asked.ids["slug"])), "")
        if not found or len(asked.ids["slug"]) > 4_000:
            # No server reads a line that is longer.
            return missing()
        del app.notes[found]
        return said(204)

    await made_at(app, checks=("LR301", "LR302"))
    assert app.left == []
    assert max(kept) > 1_000


async def test_people_who_are_new_and_nobodys_are_removed_where_all_may_be_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Desk()
    boss = Member(1, "boss@example.org", "boss", "pw-of-the-boss", {"role": "admin"})
    app.members.append(boss)
    app.route("GET", "/users")(
        lambda asked: [one.shown() for one in app.members] if asked.member is boss else said(403)
    )

    @app.route("POST", "/users", "nickname")
    def make(asked: Asked) -> Body:
        app.members.append(Member(5000 + len(app.members), "", "", ""))
        return said(500, {"error": "the queue is down"})

    @app.route("DELETE", "/users/{id}")
    def end(asked: Asked) -> Body:
        found = next((one for one in app.members if str(one.id) == asked.ids["id"]), None)
        return said(403) if asked.member is not boss else _ends(app, found) if found else missing()

    @app.route("DELETE", "/roles")
    def clear(asked: Asked) -> Body:
        # Nobody may do anything from here on.
        app.sessions.clear()
        boss.password = "lost"
        return said(204)

    monkeypatch.setenv("DESK_BOSS", boss.password)
    who = Identity("boss", "admin", username=boss.email, password=Reference("DESK_BOSS"))
    await made_at(app, who, disposable=True)
    assert app.members == [boss]


async def test_a_record_of_a_field_of_graphql_goes_by_its_own_address() -> None:
    """What another part of the app made goes by the address that was seen to have no such record before."""
    app = Desk()
    app.takes(lambda note: said(201, {"id": note["id"]}), "/quick/notes")
    app.listed(everybody=True)
    app.route("GET", "/notes/{id}")(lambda asked: app.notes.get(asked.ids["id"], missing()))
    app.lets_go()
    await made_at(app)
    assert app.left == []


@pytest.mark.parametrize("elsewhere", [False, True], ids=["", "a name that something else has"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_record_that_a_change_made_at_an_id_of_nobody(method: str, elsewhere: bool) -> None:
    app = Desk()
    app.route("GET", "/notes")(lambda asked: list(app.notes.values()))
    if elsewhere:
        rows = [{"id": number, "note_id": word} for number, word in enumerate(("987654321", "abc"), 40)]
        app.route("GET", "/shelves")(lambda asked: rows)

    @app.route(method, "/notes/{id}", "size")
    def put(asked: Asked) -> Body:
        key = unquote(asked.ids["id"], errors="replace")
        if key == "1" or not key.isprintable() or "\ufffd" in key:
            return said(403)
        app.notes[key] = {"id": key, "size": 1}
        return app.notes[key]

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> Body:
        return said(204) if app.notes.pop(unquote(asked.ids["id"]), None) else missing()

    await made_at(app)
    assert list(app.notes) == ["1"]


async def test_an_account_that_was_taken_for_somebody_else_ends_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Desk()
    boss = Member(1, "boss@example.org", "boss", "pw-of-the-boss", {"role": "admin"})
    # Their name is one that broken inputs give as well.
    other = Member(2, "somebody@example.org", "launch no address", "pw-of-somebody")
    app.members += [boss, other]
    # Nothing tells members who they are but a list of everybody.
    app.routes = [one for one in app.routes if one[1] != "/me"]
    app.route("GET", "/account")(lambda asked: [{"id": one.id, "name": one.username} for one in app.members])

    @app.route("DELETE", "/users/{id}")
    def end(asked: Asked) -> Body:
        found = next((one for one in app.members if str(one.id) == asked.ids["id"]), None)
        return _ends(app, found) if found else missing()

    monkeypatch.setenv("DESK_BOSS", boss.password)
    await made_at(app, Identity("boss", "admin", username=boss.email, password=Reference("DESK_BOSS")))
    assert [one for one in app.members if one.id < 900] == [boss, other]


@pytest.mark.parametrize("makes", ["/add_note", "/create-note", "/newNote"])
@pytest.mark.parametrize("shown", ["a list", "a page"])
async def test_a_record_goes_by_an_address_that_says_what_is_done(makes: str, shown: str) -> None:
    app = Desk()
    app.takes(lambda note: said(201, {"id": note["id"]}), makes)
    app.lets_go("/delete_note/{id}")
    if shown == "a list":
        app.listed(everybody=True)
    else:

        @app.route("GET", "/view_note/{id}")
        def note(asked: Asked) -> Body:
            return app.notes.get(asked.ids["id"]) or missing()

    made = [one for one in await made_at(app) if makes in one.route]
    assert made and (app.left, {one.removed for one in made}) == ([], {True})


async def test_a_record_of_others_that_has_the_number_stays() -> None:
    # What is made is called by other numbers than what is deleted.
    app = Desk()
    app.takes(lambda _note: said(201, {"id": 1}), "/add_note")
    app.lets_go("/delete_note/{id}")
    app.notes["1"]["ownerId"] = 900
    app.listed(everybody=True)
    await made_at(app)
    assert "1" in app.notes


async def test_what_a_list_of_the_same_kind_shows_is_removed() -> None:
    app = Desk()
    app.takes(lambda _note: said(204), "/add_note")
    app.lets_go("/delete_note/{id}")
    app.listed()
    assert of_notes(await made_at(app))
    assert app.left == []


@pytest.mark.parametrize(
    ("path", "noun"),
    [
        ("/add_doctor", "doctor"),
        ("/list-open-orders", "openorder"),
        ("/createNote", "note"),
        ("/projects/{project_id}/task_create", "task"),
        ("/newsletters", "newsletter"),
        ("/settings", "setting"),
        ("/editors", "editor"),
        ("/addresses", "address"),
    ],
)
def test_what_an_address_is_about(path: str, noun: str) -> None:
    assert noun_of_path(path) == noun


@pytest.mark.parametrize(
    ("path", "noun"),
    [
        ("/delete_doctors/{name}", "doctor"),
        ("/update_appointment/{app_id}", "appointment"),
        ("/order_items/{order_id}", "order"),
        ("/bookings/{book_id}", "book"),
        ("/user_profiles/{user_id}", "user"),
    ],
)
def test_what_a_part_of_an_address_names(path: str, noun: str) -> None:
    assert [one for _, one in parameters(path)] == [noun]


@pytest.mark.parametrize("asks", [True, False], ids=["the field is read", "nothing says so"])
async def test_a_record_that_is_named_in_the_body_of_its_removal(asks: bool) -> None:
    app = Desk()
    app.takes(lambda note: said(201, {"id": note["id"]}))
    app.listed()

    @app.route("DELETE", "/notes", *(("id",) if asks else ()))
    def remove(asked: Asked) -> Body:
        note = app.notes.get(str(asked.body.get("id", "")))
        if note is None or not app.owns(asked, note):
            return missing()
        del app.notes[str(note["id"])]
        return said(204)

    made = of_notes(await made_at(app))
    assert made and {one.removed for one in made} == {asks}
    assert bool(app.left) is not asks


async def test_what_a_question_took_away_is_not_called_left() -> None:
    app = Desk()
    app.takes(lambda note: said(201, {"id": note["id"]}), "/add_note")
    app.lets_go("/delete_note/{id}")
    app.listed(everybody=True)
    app.owns = lambda asked, record: True  # type: ignore[method-assign]
    made = [one for one in await made_at(app, checks=("LR207",)) if "/add_note" in one.route]
    assert made and {one.removed for one in made} == {True}


async def test_what_hung_when_others_tried_it_is_tried_again_at_the_end() -> None:
    app = Members(first=41)
    app.collection("notes", "title")
    kept, tries = app.records["notes"], []

    @app.route("DELETE", "/notes/{id}")
    def remove(asked: Asked) -> Body:
        tries.append(asked.ids["id"])
        if len(tries) < 3:
            time.sleep(3)
        note = kept.get(asked.ids["id"])
        if note is None or not app.owns(asked, note):
            return missing()
        return kept.pop(asked.ids["id"])

    with serve(app) as at:
        request = Request(
            Project("notes", "/nonexistent"),
            Environment("local", at, writes=True),
            source=False,
            checks=("LR207",),
            seconds=2.0,
        )
        await run(request)
    assert len(tries) > 2
    assert not kept
