"""Arguments of GraphQL out of place, one at a time: fields that break over one, and the same fields mended."""

import json
import shlex
import sqlite3
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from graphql import GraphQLError
from launchready.ground.prover import Prover
from launchready.model.check import Outcome
from launchready.model.inputs import Answered, Tried
from launchready.model.project import Environment, Project
from launchready.model.words import Confidence
from launchready.probes.exchange import Exchange
from launchready.probes.graphs.answers import read
from launchready.stages.request import Request
from launchready.stages.session import run

from tests.support.graph_app import Library, Root
from tests.support.turns import in_turn
from tests.support.web import Got, Reply, serve

JSON = {"Content-Type": "application/json"}
MORE = """
    scalar Day
    type Shelf { number: Int! label: String!  width: Float }
    extend type Query { shelf(id: ID!): Shelf  shelves(label: String, first: Int): [Shelf!]!  opened(on: Day): [Shelf!]! }
"""


@dataclass
class Shelves(Library):
    """A library whose shelves are in SQLite. ``fault`` is the field that takes whatever it is given; the others refuse it first. ``said`` is told in place of
    the message of an error that nobody raised on purpose, with what is told ``beside`` it."""

    more: ClassVar[str] = MORE
    fault: str = ""
    said: str = ""
    beside: dict[str, Any] = field(default_factory=dict)
    database: sqlite3.Connection = field(
        init=False, default_factory=lambda: sqlite3.connect(":memory:", check_same_thread=False)
    )

    def __post_init__(self) -> None:
        Library.__post_init__(self)
        self.database.execute("CREATE TABLE shelves (number INTEGER PRIMARY KEY, label TEXT)")
        self.database.executemany("INSERT INTO shelves VALUES (?, ?)", [(1, "Whales"), (2, "Marriages")])

    @in_turn
    def __call__(self, got: Got) -> Reply:
        """Refuse whatever is no operation, unless that is the fault."""
        if got.path == "/graphql" and got.method == "POST" and self.fault != "frame":
            try:
                given = json.loads(got.body)
                right = isinstance(given, dict) and isinstance(given.get("query"), str)
                right = right and isinstance(given.get("variables") or {}, dict)
            except (ValueError, RecursionError):
                right = False
            if not right or len(got.body) > 60_000 or not _written(given["query"]):
                return Reply(400, json.dumps({"errors": [{"message": "that is no operation"}]}), JSON)
        return super().__call__(got)

    def operation(self, given: dict[str, Any], who: dict[str, Any] | None, number: int) -> dict[str, Any]:
        """One operation."""
        answer = super().operation(given, who, number)
        for error in answer.get("errors", ()) if self.said else ():
            if error.get("path") and not error.get("extensions"):
                error |= {"message": self.said, "extensions": {"code": "INTERNAL_SERVER_ERROR", **self.beside}}
        return answer

    def note_of_the_house(self) -> dict[str, dict[str, Any]]:
        """A note that was there before."""
        self.notes["n1"] = {"id": "n1", "title": "House rules", "body": "", "owner_id": "n0"}
        return {key: dict(note) for key, note in self.notes.items()}

    def root(self, who: dict[str, Any] | None, *, unwatched: bool) -> "Root":
        """The resolvers, with those of the shelves."""
        return Shelving(self, who, unwatched=unwatched)

    def checked(self, where: str, right: bool) -> None:
        """Refuse what is not right, where that is not the fault."""
        if not right and self.fault != where:
            raise GraphQLError("that cannot be", extensions={"code": "BAD_USER_INPUT"})


def _written(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text) and "[" * 50 not in text


class Shelving(Root):
    """``app`` is a :class:`Shelves`."""

    app: Shelves

    def rows(self, where: str, *values: object) -> list[dict[str, Any]]:
        found = self.app.database.execute(f"SELECT number, label FROM shelves {where}", values)
        return [{"number": row[0], "label": row[1]} for row in found]

    def shelf(self, _info: object, id: str) -> dict[str, Any] | None:
        self.app.checked("shelf", id.isascii() and id.isdecimal() and len(id) < 9)
        return next(iter(self.rows("WHERE number = ?", int(id))), None)

    def shelves(self, _info: object, label: str = "", first: int | None = None) -> list[dict[str, Any]]:
        self.app.checked("shelves", first is not None and first >= 0)
        found = self.rows("WHERE label LIKE ? LIMIT 10", f"%{_texts(label)}%")
        return [found[place] for place in range(min(len(found), 2))] if first is None else _first(found, first)

    def opened(self, _info: object, on: object = "") -> list[dict[str, Any]]:
        self.app.checked("opened", isinstance(on, str) and len(on) == 10)
        return self.rows("WHERE label > ?", _texts(on.strip()))  # type: ignore[attr-defined]

    def signUp(self, _info: object, input: dict[str, Any]) -> dict[str, Any]:
        self.app.checked("signUp", "@" in input["email"] and " " not in input["email"] and 0 < len(input["name"]) < 99)
        return super().signUp(_info, input)

    def updateNote(self, _info: object, input: dict[str, Any]) -> dict[str, Any]:
        self.app.checked("updateNote", "title" not in input or 0 < len(input["title"] or "") < 200)
        return super().updateNote(_info, input)

    def createNote(self, _info: object, input: dict[str, Any]) -> dict[str, Any]:
        self.app.checked("createNote", "\0" not in input["title"] and 0 < len(input["title"]) < 200)
        if "\0" in input["title"]:
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return super().createNote(_info, input)


def _texts(label: str | None) -> str:
    return "".join(letter for letter in label or "" if letter.isprintable() and not "\ud800" <= letter <= "\udfff")


def _first(found: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    if most < 0:
        raise IndexError("list index out of range")
    return found[:most]


async def tried(app: Library, *, writes: bool = True) -> tuple[dict[str, Outcome], tuple[Tried, ...]]:
    """How the checks ended, and what was tried."""
    with serve(app) as at:
        request = Request(
            Project("library", "/nonexistent"),
            Environment("local", at, writes=writes),
            source=False,
            checks=("LR301", "LR302", "LR304"),
        )
        done, resources = await run(request)
    assert [outcome.trace for outcome in done.outcomes if outcome.trace] == []
    prover = resources[Prover]
    assert isinstance(prover, Prover) and prover.made is not None
    return {outcome.check: outcome for outcome in done.outcomes}, prover.made.inputs


@pytest.mark.parametrize(
    ("fault", "target", "called"),
    [
        ("shelf", "POST /graphql#Query.shelf", "query shelf(id)"),
        ("shelves", "POST /graphql#Query.shelves", "query shelves(label, first)"),
        ("opened", "POST /graphql#Query.opened", "query opened(on)"),
        ("createNote", "POST /graphql#Mutation.createNote", "mutation createNote(input)"),
    ],
)
async def test_an_argument_that_breaks_a_field_behind_status_200(fault: str, target: str, called: str) -> None:
    outcomes, _ = await tried(Shelves(fault=fault))
    (finding,) = outcomes["LR301"].findings
    assert (finding.target, finding.confidence) == (target, Confidence.PROVEN)
    assert finding.title == f"A wrong request makes {called} fail with a server error"
    assert "with a server error (200, and the error " in finding.detail


async def test_fields_that_refuse_in_words_of_their_own_are_sound() -> None:
    app = Shelves()
    outcomes, inputs = await tried(app)
    assert [finding.title for outcome in outcomes.values() for finding in outcome.findings] == []
    routes = {one.route for one in inputs}
    assert {"POST /graphql", "POST /graphql#Query.shelves", "POST /graphql#Mutation.updateNote"} <= routes
    assert Answered.REFUSED in {one.answered for one in inputs if one.route == "POST /graphql#Query.shelf"}
    assert "title" in {one.field for one in inputs if one.route == "POST /graphql#Mutation.createNote"}
    assert app.notes == {}, "what was taken is removed again"


async def test_the_call_that_is_shown_breaks_the_field_again() -> None:
    app = Shelves(fault="shelf")
    outcomes, _ = await tried(app)
    (finding,) = outcomes["LR301"].findings
    words = shlex.split(finding.reproduction.splitlines()[-1])
    body = words[words.index("--data-binary") + 1]
    answer = app(Got("POST", "/graphql", "", {}, body.encode()))
    assert "invalid literal for int()" in str(answer.body)


@pytest.mark.parametrize("said", ["Unexpected error.", "Internal Server Error", "Something went wrong!"])
async def test_a_message_that_the_server_keeps_to_itself_is_a_failure_too(said: str) -> None:
    outcomes, _ = await tried(Shelves(fault="shelf", said=said))
    assert [one.target for one in outcomes["LR301"].findings] == ["POST /graphql#Query.shelf"]


async def test_a_trace_beside_the_error_is_shown_to_strangers() -> None:
    trace = ["ValueError: no such shelf", "    at shelf (/srv/library/shelves.js:12:7)"]
    outcomes, _ = await tried(Shelves(fault="shelf", said="no shelf of that name", beside={"stacktrace": trace}))
    assert outcomes["LR301"].findings == (), "it said no in words of its own"
    (finding,) = outcomes["LR302"].findings
    assert "a stack trace" in finding.title


async def test_the_frame_around_an_operation_has_to_hold_as_well() -> None:
    outcomes, _ = await tried(Shelves(fault="frame"))
    assert [(one.target, one.confidence) for one in outcomes["LR301"].findings] == [
        ("POST /graphql", Confidence.PROVEN)
    ]


async def test_ids_that_are_asked_for_are_nobodys() -> None:
    app = Shelves()
    others = app.note_of_the_house()
    await tried(app)
    assert app.notes == others


def test_a_value_that_a_type_cannot_read_is_refused_and_breaks_no_field() -> None:
    said: dict[str, Any] = {"errors": [{"message": "could not convert string to float: 'a'"}]}

    def told(status: int, answer: dict[str, Any]) -> int:
        exchange = Exchange("POST", "http://127.0.0.1/graphql", "/graphql", status)
        return read(answer, exchange, "note", arguments=True, mine=False).status

    assert told(400, said) == 400
    assert told(200, said) == 500
    assert told(400, {"errors": [{"message": "could not convert string to float: 'a'", "path": ["note"]}]}) == 500
