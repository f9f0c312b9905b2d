"""Values that are kept and used again as part of a statement or a template: the same app with one fault at a time, and mended."""

import json
import re
import sqlite3
from html import escape
from typing import Any

import pytest
from jinja2 import Environment
from launchready.model.check import Outcome
from launchready.model.words import Confidence, Status

from tests.stages.members import Asked, Body, Members, missing
from tests.support.ask import ask
from tests.support.turns import in_turn
from tests.support.web import Got, Reply, serve

HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}


class Notebook:
    """Members keep notes with a label. ``fault`` names the page that trusts what was kept; ``shown`` is whether errors tell the database's own words."""

    def __init__(self, fault: str = "", *, shown: bool = True) -> None:
        self.fault, self.shown = fault, shown
        self.app = Members(take=("motto",))
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, owner INTEGER, title TEXT, label TEXT)")
        route = self.app.route
        route("POST", "/notes", "title", "label")(self.write)
        route("GET", "/notes")(lambda asked: self.mine(asked))
        route("GET", "/notes/{id}")(self.read)
        route("DELETE", "/notes/{id}")(self.drop)
        route("GET", "/labels")(self.labels)
        route("GET", "/digest")(self.digest)
        route("GET", "/board")(self.board)
        route("GET", "/health", open=True)(lambda asked: {"ok": True})

    @in_turn
    def __call__(self, got: Got) -> Reply:
        """Answer one request."""
        try:
            return self.app(got)
        except sqlite3.Error as error:
            said = f"sqlite3.{type(error).__name__}: {error}" if self.shown else "that failed"
            return Reply(500, json.dumps({"error": said}), JSON)

    def mine(self, asked: Asked) -> list[dict[str, Any]]:
        assert asked.member is not None
        rows = self.database.execute(
            "SELECT id, title, label FROM notes WHERE owner = ?", (asked.member.id,)
        ).fetchall()
        return [dict(zip(("id", "title", "label"), row, strict=True)) for row in rows]

    def write(self, asked: Asked) -> Body:
        assert asked.member is not None
        title, label = (str(asked.body.get(name, "")) for name in ("title", "label"))
        done = self.database.execute(
            "INSERT INTO notes (owner, title, label) VALUES (?, ?, ?)", (asked.member.id, title, label)
        )
        return Reply(201, json.dumps({"id": done.lastrowid, "title": title}), JSON)

    def read(self, asked: Asked) -> Body:
        note = next((one for one in self.mine(asked) if str(one["id"]) == asked.ids["id"]), None)
        if note is None:
            return missing()
        if self.fault == "record":
            return {
                "same": len(self.database.execute(f"SELECT 1 FROM notes WHERE label = '{note['label']}'").fetchall())
            }
        return note

    def drop(self, asked: Asked) -> Body:
        self.database.execute("DELETE FROM notes WHERE id = ?", (asked.ids["id"],))
        return Reply(204)

    def labels(self, asked: Asked) -> Body:
        counts = {}
        for note in self.mine(asked):
            if self.fault == "labels":
                found = self.database.execute(f"SELECT count(*) FROM notes WHERE label = '{note['label']}'")
            else:
                found = self.database.execute("SELECT count(*) FROM notes WHERE label = ?", (note["label"],))
            counts[note["label"]] = found.fetchone()[0]
        return counts

    def digest(self, asked: Asked) -> Body:
        titles = [note["title"] for note in self.mine(asked)]
        jinja = Environment(autoescape=True)
        if self.fault == "digest":
            return Reply(200, jinja.from_string(f"<h1>Yours</h1>{' '.join(titles)}").render(), HTML)
        return Reply(200, jinja.from_string("<h1>Yours</h1>{{ titles }}").render(titles=" ".join(titles)), HTML)

    def board(self, asked: Asked) -> Body:
        """A page of all titles: as text, in a field, cleaned of handlers, below a policy, or as they are."""
        said = " ".join(row[0] for row in self.database.execute("SELECT title FROM notes"))
        shown = {
            "board": said,
            "field": f"<textarea>{said}</textarea>",
            "cleaned": re.sub(r' on\w+="[^"]*"', "", said),
            "policy": said,
        }.get(self.fault, escape(said))
        policy = {"Content-Security-Policy": "default-src 'self'"} if self.fault == "policy" else {}
        return Reply(200, f"<h1>Board</h1>{shown}", {**HTML, **policy})


async def asked(app: Notebook) -> Outcome:
    """How the check ended; what was made is gone."""
    with serve(app) as url:
        outcome = await ask("LR303", url=url)
    assert app.database.execute("SELECT count(*) FROM notes").fetchone()[0] == 0
    return outcome


@pytest.mark.parametrize(
    ("fault", "shown", "target", "key", "confidence"),
    [
        ("labels", True, "GET /labels", "sql stored by POST /notes", Confidence.PROVEN),
        ("labels", False, "GET /labels", "sql stored by POST /notes", Confidence.SUSPECTED),
        ("record", True, "GET /notes/{id}", "sql stored by POST /notes", Confidence.PROVEN),
        ("digest", True, "GET /digest", "template stored by POST /notes", Confidence.PROVEN),
        ("board", True, "GET /board", "script stored by POST /notes", Confidence.PROVEN),
    ],
)
async def test_what_was_kept_is_trusted_at_another_page(
    fault: str, shown: bool, target: str, key: str, confidence: Confidence
) -> None:
    outcome = await asked(Notebook(fault, shown=shown))
    assert [(one.target, one.key, one.confidence) for one in outcome.findings] == [(target, key, confidence)]
    assert "POST /notes" in outcome.findings[0].title


@pytest.mark.parametrize("shown", ["", "field", "cleaned", "policy"])
async def test_what_was_kept_stays_a_value(shown: str) -> None:
    outcome = await asked(Notebook(shown))
    assert (outcome.status, outcome.findings) == (Status.PASS, ())


async def test_a_page_that_fails_for_a_reason_of_its_own_is_none() -> None:
    app, calls = Notebook(), []

    @app.app.route("GET", "/flaky")
    def flaky(_asked: Asked) -> Body:
        calls.append(1)
        return Reply(500 if len(calls) % 2 else 200, "{}", JSON)

    assert (await asked(app)).findings == ()
