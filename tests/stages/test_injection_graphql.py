"""Arguments of GraphQL that become part of a query of SQLite, asked for as fields."""

import json
import sqlite3
from typing import Any

import pytest
from graphql import build_schema, graphql_sync
from launchready.model.words import Confidence, Status

from tests.support.ask import ask
from tests.support.graph_app import Library, Root
from tests.support.turns import in_turn
from tests.support.web import Got, Reply, serve

SDL = """
    type Query { book(id: ID!): Book  books(title: String): [Book!]! }
    type Book { id: ID! title: String! }
"""


class Books:
    """``fault`` is the field whose argument is put into the text of the query."""

    def __init__(self, fault: str = "") -> None:
        self.fault, self.schema = fault, build_schema(SDL)
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.execute("CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT)")
        self.database.executemany(
            "INSERT INTO books VALUES (?, ?)", [(1, "Moby Dick"), (2, "Emma"), (3, "Middlemarch")]
        )

    @in_turn
    def __call__(self, got: Got) -> Reply:
        """Answer one operation."""
        if got.path != "/graphql" or got.method != "POST":
            return Reply(405 if got.path == "/graphql" else 404, "{}", {"Content-Type": "application/json"})
        given = json.loads(got.body)
        if isinstance(given, list):
            return Reply(400, "{}", {"Content-Type": "application/json"})
        done = graphql_sync(self.schema, given["query"], self, variable_values=given.get("variables"))
        for error in done.errors or ():
            error.message = "something went wrong" if isinstance(error.original_error, sqlite3.Error) else error.message
        return Reply(200, json.dumps(done.formatted), {"Content-Type": "application/json"})

    def rows(self, where: str, *values: object) -> list[dict[str, Any]]:
        found = self.database.execute(f"SELECT id, title FROM books WHERE {where} ORDER BY id", values)
        return [{"id": row[0], "title": row[1]} for row in found]

    def book(self, _info: object, id: str) -> dict[str, Any] | None:
        found = self.rows(f"id = {id}") if self.fault == "book" else self.rows("id = ?", id)
        return found[0] if found else None

    def books(self, _info: object, title: str | None = None) -> list[dict[str, Any]]:
        if self.fault == "books":
            return self.rows(f"title LIKE '%{title or ''}%'")
        return self.rows("title LIKE ?", f"%{title or ''}%")


@pytest.mark.parametrize(("fault", "key"), [("book", "sql id"), ("books", "sql title")])
async def test_an_argument_that_becomes_part_of_a_query(fault: str, key: str) -> None:
    with serve(Books(fault)) as url:
        outcome = await ask("LR303", url=url)
    assert [(one.target, one.key, one.confidence) for one in outcome.findings] == [
        (f"POST /graphql#Query.{fault}", key, Confidence.PROVEN)
    ]


async def test_arguments_that_stay_values() -> None:
    with serve(Books()) as url:
        outcome = await ask("LR303", url=url)
    assert outcome.findings == ()
    assert outcome.status is Status.PASS
    assert outcome.examined >= 2


class Ledger(Library):
    """A library that keeps titles and addresses in SQLite as well. ``fault`` is the mutation whose text becomes part of a statement."""

    def __init__(self, fault: str = "") -> None:
        super().__init__()
        self.fault = fault
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.execute("CREATE TABLE titles (title TEXT)")

    @in_turn
    def __call__(self, got: Got) -> Reply:
        """Answer one request."""
        return super().__call__(got)

    def root(self, who: dict[str, Any] | None, *, unwatched: bool) -> Root:
        """The resolvers, with those that write into the ledger."""
        return Keeping(self, who, unwatched=unwatched)

    def keep(self, of: str, text: str) -> None:
        """Look a text up, as a value or as part of the statement."""
        if self.fault == of:
            self.database.execute(f"SELECT title FROM titles WHERE title = '{text}'")
        else:
            self.database.execute("SELECT title FROM titles WHERE title = ?", (text,))


class Keeping(Root):
    """``app`` is a :class:`Ledger`."""

    app: Ledger

    def createNote(self, _info: object, input: dict[str, Any]) -> dict[str, Any]:
        self.app.keep("createNote", input["title"])
        return super().createNote(_info, input)

    def updateNote(self, _info: object, input: dict[str, Any]) -> dict[str, Any]:
        self.app.keep("updateNote", input.get("title") or "")
        return super().updateNote(_info, input)

    def login(self, _info: object, email: str, password: str) -> dict[str, Any]:
        self.app.keep("login", email)
        return super().login(_info, email, password)


@pytest.mark.parametrize(
    ("fault", "key"), [("createNote", "sql title"), ("updateNote", "sql title"), ("login", "sql email")]
)
async def test_an_argument_of_a_mutation_that_becomes_part_of_a_statement(fault: str, key: str) -> None:
    with serve(Ledger(fault)) as url:
        outcome = await ask("LR303", url=url)
    assert [(one.target, one.key, one.confidence) for one in outcome.findings] == [
        (f"POST /graphql#Mutation.{fault}", key, Confidence.PROVEN)
    ]


async def test_arguments_of_mutations_that_stay_values() -> None:
    app = Ledger()
    with serve(app) as url:
        outcome = await ask("LR303", url=url)
    assert (outcome.findings, app.notes) == ((), {})
