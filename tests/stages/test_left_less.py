"""What could not be removed again is made as seldom as the questions allow, and what came along with a record is named as well."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from launchready.ground.prover import Prover
from launchready.ground.result import Proof
from launchready.model.audit import Audit
from launchready.model.inputs import Answered
from launchready.model.project import Environment, Project
from launchready.stages.request import Request
from launchready.stages.session import run

from tests.stages.members import Asked, Body, Members, missing
from tests.stages.test_left_behind import Desk, said
from tests.support.ledger import Ledger
from tests.support.web import Got, Reply, serve


async def ran(app: Callable[[Got], Reply], *checks: str) -> tuple[Audit, Proof]:
    with serve(app) as url:
        environment = Environment("local", url, writes=True)
        audit, found = await run(Request(Project("app", "/nonexistent"), environment, source=False, checks=checks))
    prover = found[Prover]
    assert isinstance(prover, Prover) and prover.made is not None
    return audit, prover.made


def accounts_of(proof: Proof) -> set[str]:
    return {made.who for made in proof.made if made.path.startswith("the account")}


class Open(Members):
    """Everybody may be what they say they are, one thing at a time where it is ``strict``. Accounts stay."""

    def __init__(self, *, strict: bool = False) -> None:
        super().__init__(take=("role", "is_admin"), each=lambda member: {"role": "member", "is_admin": False})
        self.strict = strict

    def _sign_up(self, asked: Asked) -> Body:
        if self.strict and len({"role", "is_admin"}.intersection(asked.body)) > 1:
            return said(422, {"detail": "one of them"})
        return super()._sign_up(asked)


async def test_one_account_asks_for_every_rank_where_accounts_stay() -> None:
    audit, proof = await ran(Open(), "LR210")
    # The app takes an address twice, which LR215 asks once.
    assert accounts_of(proof) == {"ann", "ben", "cleo", "extra-l", "fay", "a stranger"}
    titles = {one.title for one in audit.findings}
    assert {f"Whoever signs up can set {name} of their own account" for name in ("role", "is_admin")} <= titles


async def test_one_account_for_each_rank_where_all_at_once_are_refused() -> None:
    audit, proof = await ran(Open(strict=True), "LR210")
    assert "extra-l" not in accounts_of(proof)
    assert len([one for one in audit.findings if "Whoever signs up can set" in one.title]) == 2


async def test_a_second_account_for_reset_links_only_where_there_are_any(tmp_path: Path) -> None:
    _, proof = await ran(Ledger(tmp_path / "ledger.db"), "LR213")
    assert "gus" not in accounts_of(proof)


async def test_a_burst_of_sign_ups_makes_no_account_where_accounts_stay(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    audit, proof = await ran(ledger, "LR335")
    assert not [one for one in accounts_of(proof) if one.startswith("burst-")]
    (found,) = (one for one in audit.findings if one.target == "POST /signup")
    assert "12 of 12 attempts in a row" in found.detail
    assert "All gave the address of an account of the run again" in found.detail


async def test_few_accounts_are_made_of_values_out_of_place_where_accounts_stay(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    _, proof = await ran(ledger, "LR301", "LR304")
    # Two that are taken; with each later one comes the address of somebody who is there.
    assert len([one for one in accounts_of(proof) if one.startswith("input-")]) == 2
    assert len([one for one in proof.inputs if one.route == "POST /signup"]) > 10


async def test_fewer_records_are_made_where_they_stay() -> None:
    made = dict[bool, int]()
    for goes in (True, False):
        app = Desk()
        app.listed()
        app.takes(lambda note: said(201, note))
        if goes:
            app.lets_go()
        _, proof = await ran(app, "LR301")
        made[goes] = len([one for one in proof.made if one.path.startswith("/notes/")])
    assert made[False] < made[True]


class Tagged(Desk):
    """Notes with tags, which are kept for everybody to choose from."""

    def __init__(self) -> None:
        super().__init__()
        self.tags = ["of somebody"]
        self.notes["1"]["tags"] = list(self.tags)
        self.listed(everybody=True)
        self.lets_go()

        @self.route("POST", "/notes", "title", "tags")
        def make(asked: Asked) -> Body:
            title, tags = asked.body.get("title"), asked.body.get("tags")
            if not (isinstance(title, str) and title and isinstance(tags, list)):
                return said(422, {"detail": "a title, and tags"})
            if not all(isinstance(one, str) and one for one in tags):
                return said(422, {"detail": "tags are texts"})
            self.tags += [one for one in tags if one not in self.tags]
            note = self.kept(asked)
            note["tags"] = tags
            return said(201, note)

        self.route("GET", "/tags")(lambda _asked: {"tags": self.tags})

    def _description(self) -> dict[str, Any]:
        described = super()._description()
        body = described["paths"]["/notes"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        body["properties"]["tags"] = {"type": "array", "items": {"type": "string"}}
        return described


async def test_a_label_is_the_same_each_time() -> None:
    app = Tagged()
    _, proof = await ran(app, "LR301")
    assert len([one for one in proof.inputs if one.route == "POST /notes" and one.answered is Answered.TAKEN]) > 3
    plain = [one for one in app.tags if re.fullmatch(r"Launch alr\w+", one)]
    assert len(plain) == 1


async def test_texts_that_came_along_with_a_record_are_named() -> None:
    app = Tagged()
    _, proof = await ran(app, "LR301")
    assert app.left == []
    new = {f"/tags/{one}" for one in app.tags if "lr" in one}
    assert new
    assert {made.path for made in proof.made if made.path.startswith("/tags/")} == new


async def test_they_are_removed_where_the_app_has_a_way() -> None:
    app = Tagged()

    @app.route("DELETE", "/tags/{tag}")
    def remove(asked: Asked) -> Body:
        tag = unquote(asked.ids["tag"])
        if tag not in app.tags[1:]:
            return missing()
        app.tags.remove(tag)
        return said(204)

    _, proof = await ran(app, "LR301")
    assert app.tags[0] == "of somebody"
    assert [made for made in proof.made if made.path.startswith("/tags/") and not made.removed] == []
    assert not [one for one in app.tags if "alr" in one or "blr" in one]


class Letters(Desk):
    """Letters that nobody can remove, of three texts; ``breaks`` makes the app fail, ``refuses`` is answered with a reason."""

    def __init__(self, breaks: Callable[[Body], bool], refuses: Callable[[Body], bool]) -> None:
        super().__init__()
        self.listed()

        @self.route("POST", "/notes", "title", "opening", "closing")
        def make(asked: Asked) -> Body:
            texts = [asked.body.get(name) for name in ("title", "opening", "closing")]
            if not all(isinstance(one, str) for one in texts) or refuses(asked.body):
                return said(422, {"detail": "three texts"})
            return Reply(500, "Internal Server Error") if breaks(asked.body) else said(201, self.kept(asked))


def sent(proof: Proof, answer: Answered) -> set[tuple[str, str]]:
    return {(one.field, one.what) for one in proof.inputs if one.route == "POST /notes" and one.answered is answer}


async def test_what_is_taken_in_each_field_is_made_once_for_all_where_it_stays() -> None:
    app = Letters(lambda _body: False, lambda _body: False)
    _, proof = await ran(app, "LR301")
    taken = sent(proof, Answered.TAKEN)
    fields = ("title", "opening", "closing")
    assert {
        (name, what) for name in fields for what in ("a zero byte", "half a character (an unpaired surrogate)")
    } <= taken
    assert len(taken) > len([one for one in proof.made if one.path.startswith("/notes/")])


async def test_what_is_refused_in_one_field_hides_no_other_that_breaks() -> None:
    app = Letters(lambda body: "\0" in body["closing"], lambda body: "\0" in body["title"])
    audit, proof = await ran(app, "LR301")
    assert ("title", "a zero byte") in sent(proof, Answered.REFUSED)
    assert ("opening", "a zero byte") in sent(proof, Answered.TAKEN)
    assert ("closing", "a zero byte") in sent(proof, Answered.CRASHED)
    assert "POST /notes" in {one.target for one in audit.findings if one.check == "LR301"}
