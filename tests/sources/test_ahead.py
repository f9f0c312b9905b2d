"""Files that a second process reads ahead: the same facts, whoever read them, and nothing of the project is run for it."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest
from launchready.sources.ahead import Ahead, reading_ahead
from launchready.sources.facts.read import facts_of
from launchready.sources.facts.shape import Module
from launchready.sources.frameworks import nextjs
from launchready.sources.frameworks.common import Reader
from launchready.sources.guards import Guards
from launchready.sources.integrations import integrations, listed_integrations
from launchready.sources.likely import Likely
from launchready.sources.listings import listing
from launchready.sources.manifests import dependencies
from launchready.sources.resolver import Resolver
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree
from launchready.sources.worker import imported

from tests.support.ask import write

FILES = {
    "app.py": "from fastapi import FastAPI\nfrom shop.orders import router\napp = FastAPI()\napp.include_router(router)\n",
    "shop/orders.py": 'from fastapi import APIRouter\nrouter = APIRouter()\n@router.get("/é")\ndef all(): return rows(1)\n',
    "shop/pages.ts": 'export const pages = { index: () => open("a") };\nexport default pages;\n',
    "broken.py": "def f(:\n  x = ",
}


def taken(tree: Tree, paths: list[str]) -> list[Module | None]:
    with reading_ahead(tree, worth=0) as ahead:
        ahead.expect(paths)
        return [ahead.take(path) for path in reversed(paths)]


def test_what_is_read_ahead_is_what_reading_it_gives(tmp_path: Path) -> None:
    tree = Tree.read(write(tmp_path, FILES))
    paths = [file.path for file in tree.files]
    read = [facts_of(path, tree.bytes(path)) for path in reversed(paths)]
    # An audit reads in a thread.
    assert asyncio.run(asyncio.to_thread(taken, tree, paths)) == read
    assert None not in read


def test_a_name_is_followed_through_files_that_were_read_ahead(tmp_path: Path) -> None:
    tree = Tree.read(write(tmp_path, FILES))
    with reading_ahead(tree, worth=0) as ahead:
        ahead.expect(["app.py", "shop/orders.py"])
        found = Resolver(tree, ahead).find("app.py", "router")
    assert found is not None and found.path == "shop/orders.py" and found == Resolver(tree).find("app.py", "router")


def test_what_may_be_asked_for_is_read_once_nothing_else_is_left(tmp_path: Path) -> None:
    tree = Tree.read(write(tmp_path, FILES))
    imports = {"main.py": ["app.py", "broken.py"], "jobs.py": ["app.py", "shop/orders.py"], "shop/pages.ts": []}
    with reading_ahead(tree, worth=0) as ahead:
        ahead.follow_by(lambda path, facts: iter(imports[path]))
        ahead.follow("main.py", None)
        ahead.follow("jobs.py", None)
        ahead.expect(["shop/pages.ts"])
        paths = ["shop/pages.ts", "app.py", "shop/orders.py", "broken.py"]
        assert [ahead.take(path) for path in paths] == [facts_of(path, tree.bytes(path)) for path in paths]


def test_what_most_import_comes_first_and_of_those_the_latest() -> None:
    likely = Likely()
    for path in ("a", "b", "c", "b", "d", "c", "b"):
        likely.add(path)
    assert [likely.pop() for _ in range(5)] == ["b", "c", "d", "a", None]


def test_what_a_file_imports_that_was_named_is_asked_for_before_anybody_takes_that_file(tmp_path: Path) -> None:
    tree = Tree.read(write(tmp_path, FILES))
    found = None
    for pause in (0.5, 1, 2, 4, 8, 16, 32):
        # Long enough for the process to start, on whatever machine.
        with reading_ahead(tree, worth=0) as ahead:
            Resolver(tree, ahead)
            ahead.expect(["app.py"])
            time.sleep(pause)
            ahead.advance()
            if found := ahead.take("shop/orders.py"):
                assert ahead.take("app.py") == facts_of("app.py", tree.bytes("app.py"))
                break
    assert found == facts_of("shop/orders.py", tree.bytes("shop/orders.py"))


def test_pages_and_routes_that_were_read_ahead_are_the_same_ways_in(tmp_path: Path) -> None:
    shown = '"use client";\nimport { add } from "./actions";\nexport default function Page() { return <form action={add} /> }\n'
    added = '"use server";\nexport async function add(data: FormData) { await db.note.create({ data }) }\n'
    answers = "export async function GET() { return Response.json(await db.note.findMany()) }\n"
    files = {
        "web/package.json": '{"dependencies": {"next": "15.0.0"}}',
        "web/app/notes/page.tsx": shown,
        "web/app/notes/actions.ts": added,
        "web/app/api/notes/route.ts": answers,
        "web/app/layout.tsx": "export default function Layout({ children }) { return children }\n",
        "web/components/card.tsx": "export function Card() { return <div /> }\n",
    }
    tree = Tree.read(write(tmp_path, files))
    with reading_ahead(tree, worth=0) as ahead:
        assert read_surface(tree, ahead) == (found := read_surface(tree))
    assert len(found.endpoints) == 3
    reader = Reader(tree, resolver := Resolver(tree), Guards(resolver))
    assert set(nextjs.EXPECTS(reader)) == files.keys() - {"web/package.json", "web/components/card.tsx"}


def test_modules_of_the_project_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = tmp_path / "ran"
    hostile = f"open({str(ran)!r}, 'w')\n"
    tree = Tree.read(write(tmp_path / "app", FILES | {"msgspec.py": hostile, "launchready/sources/worker.py": hostile}))
    monkeypatch.chdir(tree.root)
    assert taken(tree, ["app.py"]) == [facts_of("app.py", tree.bytes("app.py"))]
    assert not ran.exists()


def test_without_the_process_everything_is_read_by_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Tree.read(write(tmp_path, FILES))
    for program in ("/bin/false", str(tmp_path / "nothing"), ""):
        monkeypatch.setattr(sys, "executable", program)
        assert taken(tree, ["app.py", "shop/orders.py"]) == [None, None]
        with reading_ahead(tree, worth=0) as ahead:
            found = Resolver(tree, ahead).find("app.py", "router")
        assert found == Resolver(tree, Ahead()).find("app.py", "router") and found is not None


def test_what_is_prepared_is_done_before_more_files_are_read_and_what_is_late_before_those_that_nobody_named(
    tmp_path: Path,
) -> None:
    tree = Tree.read(write(tmp_path, FILES | {"pay.py": "import stripe\n", "requirements.txt": "stripe\n"}))
    wanted = dependencies(tree)
    for late in (False, True):
        with reading_ahead(tree, worth=0) as ahead:
            ahead.prepare("/services", listed_integrations, str(tree.root), listing(tree), wanted, late=late)
            ahead.expect(["shop/pages.ts"])
            found = ahead.finished("/services")
            if late:
                # Nobody waits for what was not begun.
                assert found in (None, integrations(tree, wanted))
                continue
            assert ahead.take("shop/pages.ts") in (None, facts_of("shop/pages.ts", tree.bytes("shop/pages.ts")))
        assert found == integrations(tree, wanted) and [one.name for one in found] == ["Stripe"]


def test_what_was_prepared_and_not_begun_is_left_to_whoever_claims_it(tmp_path: Path) -> None:
    tree = Tree.read(write(tmp_path, FILES))
    given = (str(tree.root), listing(tree), dependencies(tree))
    with reading_ahead(tree, worth=0) as ahead:
        ahead.prepare("/first", listed_integrations, *given)
        ahead.prepare("/second", listed_integrations, *given)
        # The first was begun at once, and the second waits for it.
        assert not ahead.claim("/first") and ahead.claim("/second")
        assert ahead.finished("/first") == () and ahead.finished("/second") is None


def test_the_process_imports_what_it_may_be_asked_for_only_while_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    later = "launchready.sources.likely"
    asks, asked = os.pipe()
    with os.fdopen(asks, "rb") as requests, os.fdopen(asked, "wb") as process:
        for waiting in (False, True):
            monkeypatch.delitem(sys.modules, later, raising=False)
            if waiting:
                process.write(b"x")
                process.flush()
            imported([later], requests)
            assert (later in sys.modules) is not waiting
