"""A record of the run is not lost by what is tried on the field that says whose it is, and that field is tried all the same where it can be."""

from collections.abc import Callable, Mapping
from typing import Any

from launchready.ground.prover import Prover
from launchready.ground.result import Proof
from launchready.ground.tidy import created
from launchready.model.audit import Audit
from launchready.model.inputs import Answered
from launchready.model.project import Environment, Project
from launchready.stages.request import Request
from launchready.stages.session import run

from tests.stages.members import Asked, Body, missing
from tests.stages.test_left_behind import Desk, said
from tests.support.web import Got, Reply, serve


class Shelf(Desk):
    """Notes that their owners read, change and remove. A change takes an owner as ``owner`` lets it; ``anybody`` may change a note of others,
    and ``makes`` says whether a note may be made with such an owner."""

    def __init__(
        self,
        owner: Callable[[object], Reply | None] = lambda _: None,
        makes: Callable[[object], Reply | None] = lambda _: None,
        *,
        anybody: bool = False,
    ) -> None:
        super().__init__()
        self.listed()
        self.lets_go()

        @self.route("POST", "/notes", "title", "*ownerId")
        def make(asked: Asked) -> Body:
            title = asked.body.get("title")
            if not isinstance(title, str) or not title:
                return said(422, {"detail": "no title"})
            if "ownerId" in asked.body and (wrong := makes(asked.body["ownerId"])):
                return wrong
            return said(201, self.kept(asked))

        @self.route("GET", "/notes/{id}")
        def one(asked: Asked) -> Body:
            note = self.notes.get(asked.ids["id"])
            return note if note and self.owns(asked, note) else missing()

        @self.route("PATCH", "/notes/{id}", "*title", "*ownerId")
        def change(asked: Asked) -> Body:
            note = self.notes.get(asked.ids["id"])
            if note is None or asked.ids["id"] == "1" or not (anybody or self.owns(asked, note)):
                return missing()
            title = asked.body.get("title", "t")
            if not isinstance(title, str) or not title:
                return said(422, {"detail": "no title"})
            if "ownerId" in asked.body and (wrong := owner(asked.body["ownerId"])):
                return wrong
            note |= {name: asked.body[name] for name in ("title", "ownerId") if name in asked.body}
            return note

    def owns(self, asked: Asked, record: Mapping[str, Any]) -> bool:
        return asked.member is not None and str(record.get("ownerId")) == str(asked.member.id)


async def ran(app: Callable[[Got], Reply], *checks: str) -> tuple[Audit, Proof]:
    with serve(app) as url:
        environment = Environment("local", url, writes=True)
        request = Request(Project("app", "/nonexistent"), environment, source=False, checks=checks or ("LR301",))
        audit, found = await run(request)
    prover = found[Prover]
    assert isinstance(prover, Prover) and prover.made is not None
    return audit, prover.made


def tried(proof: Proof, field: str) -> set[tuple[str, Answered]]:
    return {(one.what, one.answered) for one in proof.inputs if one.route == "PATCH /notes/{id}" and one.field == field}


def _number(value: object) -> Reply | None:
    return None if str(value).isdecimal() else said(422, {"detail": "ownerId is a number"})


async def test_a_change_that_takes_any_owner_loses_no_record() -> None:
    app = Shelf()
    _, proof = await ran(app)
    assert app.left == []
    assert tried(proof, "title")
    assert tried(proof, "ownerId") == set()
    (gap,) = (gap for _, gap in proof.gaps if "ownerId" in gap.target)
    assert gap.target == "PATCH /notes/{id}: ownerId"


async def test_what_is_refused_where_a_record_is_made_is_asked_in_a_change_and_found_to_break_it() -> None:
    def breaks(value: object) -> Reply | None:
        return None if str(value).isdecimal() else Reply(500, "Internal Server Error")

    app = Shelf(owner=breaks, makes=_number)
    audit, proof = await ran(app)
    assert app.left == []
    assert ("null", Answered.CRASHED) in tried(proof, "ownerId")
    assert "PATCH /notes/{id}" in {one.target for one in audit.findings if one.check == "LR301"}


async def test_somebody_else_who_may_change_it_writes_the_owner_down_again() -> None:
    app = Shelf(anybody=True)
    _, proof = await ran(app)
    assert ("null", Answered.TAKEN) in tried(proof, "ownerId")
    assert app.left == []


async def test_what_is_out_of_reach_is_named_with_who_had_it() -> None:
    app = Shelf(makes=_number)
    _, proof = await ran(app)
    (left,) = app.left
    (told,) = (one for one in created(proof) if not one.removed and one.path.startswith("/notes/"))
    assert told.path == f"/notes/{left['id']}"
    ann: dict[str, Any] = {"id": next(one.id for one in app.members)}
    assert f"took it out of everybody's reach; before, it had ownerId {ann['id']}" in told.why


async def test_the_proof_leaves_no_record_that_it_made_or_put_in_anothers_name() -> None:
    app = Shelf(anybody=True)

    @app.route("POST", "/drafts", "title", "*ownerId")
    def make(asked: Asked) -> Body:
        note = app.kept(asked)
        note["ownerId"] = asked.body.get("ownerId", note["ownerId"])
        return said(201, note)

    @app.route("GET", "/drafts")
    def drafts(asked: Asked) -> Body:
        return [one for one in app.notes.values() if app.owns(asked, one)]

    app.lets_go("/drafts/{id}")
    audit, _ = await ran(app, "LR204", "LR207", "LR208", "LR209", "LR210")
    assert any("in another's name" in one.title for one in audit.findings)
    assert app.left == []
