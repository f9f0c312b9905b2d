"""What people type, put into queries, pages, headers and paths by a real app that does it in one wrong way."""

import json
import posixpath
import sqlite3
from pathlib import Path
from urllib.parse import parse_qs, unquote

import pytest
from launchready.model.check import Outcome
from launchready.model.words import Confidence, Status

from tests.stages.members import Asked, Members
from tests.stages.typed_text import CSS, JSON, Shop
from tests.support.ask import ask
from tests.support.web import Got, Reply, serve


def folder(root: Path) -> Path:
    """Manuals beside the files everybody may have."""
    (root / "manuals").mkdir()
    (root / "manuals" / "start.txt").write_text("Plug it in.\n")
    (root / "static").mkdir()
    (root / "static" / "site.css").write_text(CSS)
    return root


async def asked(shop: Shop) -> Outcome:
    """What LR303 says of a shop."""
    with serve(shop) as url:
        return await ask("LR303", url=url)


def found(outcome: Outcome) -> set[tuple[str, str]]:
    """The targets and keys of its findings."""
    return {(one.target, one.key) for one in outcome.findings}


async def test_an_app_that_is_right_passes_whatever_it_says_of_its_errors(tmp_path: Path) -> None:
    shop = Shop(folder=folder(tmp_path))
    outcome = await asked(shop)
    assert found(outcome) == set()
    assert outcome.status is Status.PASS
    assert outcome.examined >= 12
    assert shop.left() == 0, "the notes that were made are gone"


_PROVEN = {
    ("like", "shown"): ("GET /search", "sql q"),
    ("like", "hidden"): ("GET /search", "sql q"),
    ("like", "swallowed"): ("GET /search", "sql q"),
    ("equal", "shown"): ("GET /items", "sql category"),
    ("equal", "swallowed"): ("GET /items", "sql category"),
    ("number", "hidden"): ("GET /items/{id}", "sql id"),
    ("number", "swallowed"): ("GET /items/{id}", "sql id"),
    ("sort", "shown"): ("GET /items", "sql sort"),
    ("insert", "shown"): ("POST /notes", "sql title"),
    ("insert", "hidden"): ("POST /notes", "sql title"),
    ("login", "hidden"): ("POST /login", "sql email"),
    ("entry", "hidden"): ("POST /login", "entry password"),
    ("silent", "hidden"): ("GET /visits", "sql source"),
    ("template", "hidden"): ("GET /hello", "template name"),
    ("header", "hidden"): ("GET /go", "header next"),
    ("redirect", "hidden"): ("GET /go", "redirect next"),
    ("file", "hidden"): ("GET /manual", "file file"),
}


@pytest.mark.parametrize(("fault", "errors"), _PROVEN)
async def test_one_fault_is_proven_where_it_is(fault: str, errors: str, tmp_path: Path) -> None:
    shop = Shop(fault, errors, folder(tmp_path))
    outcome = await asked(shop)
    assert found(outcome) == {_PROVEN[fault, errors]}
    assert outcome.findings[0].confidence is Confidence.PROVEN
    assert shop.left() == 0


@pytest.mark.parametrize(
    ("reads", "confidence"), [("sql", Confidence.PROVEN), ("quotes", Confidence.SUSPECTED), ("bound", None)]
)
async def test_a_search_that_finds_nothing_and_fails_at_a_quote(reads: str, confidence: Confidence | None) -> None:
    people = sqlite3.connect(":memory:", check_same_thread=False)
    people.execute("CREATE TABLE people (name TEXT)")
    described = {
        "paths": {"/find": {"get": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}]}}}
    }

    def answer(got: Got) -> Reply:
        if got.path == "/openapi.json":
            return Reply(200, json.dumps({"openapi": "3.0.0"} | described), {"Content-Type": "application/json"})
        if got.path != "/find":
            return Reply(404, "", {})
        words = parse_qs(got.query).get("q", [""])[0]
        try:
            if reads == "quotes" and words.count("'") % 2:
                raise sqlite3.OperationalError
            bound = ("SELECT name FROM people WHERE name LIKE ?", (f"%{words}%",))
            people.execute(*(bound if reads != "sql" else (f"SELECT name FROM people WHERE name LIKE '%{words}%'",)))
        except (sqlite3.Error, ValueError):
            return Reply(500, "<h1>Internal Server Error</h1>", {"Content-Type": "text/html"})
        return Reply(200, "<p>No results</p>", {"Content-Type": "text/html"})

    with serve(answer) as url:
        outcome = await ask("LR303", url=url)
    assert [one.confidence for one in outcome.findings] == ([confidence] if confidence else [])


_SUSPECTED = {
    "script": ("GET /hello", "script name"),
    "sort": ("GET /items", "sql sort"),
    "order": ("GET /contacts", "order sort"),
    "page": ("GET /log", "page limit"),
    "star": ("GET /contacts", "wildcard email"),
}


@pytest.mark.parametrize("fault", _SUSPECTED)
async def test_what_is_likely_but_not_decided_is_left_to_a_person(fault: str, tmp_path: Path) -> None:
    outcome = await asked(Shop(fault, folder=folder(tmp_path)))
    assert found(outcome) == {_SUSPECTED[fault]}
    assert outcome.findings[0].confidence is Confidence.SUSPECTED


@pytest.mark.parametrize(
    ("said", "keys"),
    [("Internal Server Error", {"sql title"}), ("IntegrityError: UNIQUE constraint failed: walls.title", set())],
    ids=["fails", "is there already"],
)
async def test_a_text_that_is_there_already_is_no_sign_of_a_query(said: str, keys: set[str]) -> None:
    app = Members()

    @app.route("POST", "/walls", "title")
    def walls(asked: Asked) -> object:
        title = str(asked.body.get("title", ""))
        return Reply(500, said) if title.count("'") == 1 else Reply(201, json.dumps({"ok": True}), JSON)

    with serve(app) as url:
        outcome = await ask("LR303", url=url)
    assert {one.key for one in outcome.findings if one.target == "POST /walls"} == keys


@pytest.mark.parametrize(("reads_all", "keys"), [(False, {("GET /uploads/{path}", "file path")}), (True, set())])
async def test_a_folder_is_not_left_where_public_files_are_read_by_the_whole_address(
    reads_all: bool, keys: set[tuple[str, str]]
) -> None:
    """What serves public files reads `/uploads/..%2Fsite.css` as `/site.css`, whether or not there is such a folder."""
    about = {"paths": {"/uploads/{path}": {"get": {"parameters": [{"name": "path", "in": "path", "required": True, "schema": {"type": "string"}}]}}}}  # fmt: skip

    def answer(got: Got) -> Reply:
        if got.path == "/openapi.json":
            return Reply(
                200, json.dumps({"openapi": "3.1.0", "info": {"title": "Files", "version": "1"}, **about}), JSON
            )
        if got.path == "/":
            return Reply(200, '<link rel="stylesheet" href="/site.css">', {"Content-Type": "text/html"})
        address = unquote(got.path)
        whole = posixpath.normpath(address) == "/site.css" and (reads_all or address.startswith("/uploads/"))
        if got.path == "/site.css" or whole:
            return Reply(200, CSS, {"Content-Type": "text/css"})
        return Reply(404, "none", {"Content-Type": "text/plain"})

    with serve(answer) as url:
        assert found(await ask("LR303", url=url)) == keys
