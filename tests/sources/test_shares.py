"""Frameworks that two processes share out: the same is found whoever reads one, and whatever was read before."""

import pickle
import zlib
from pathlib import Path

from launchready.model.words import AccessVerdict
from launchready.sources.ahead import Ahead, reading_ahead
from launchready.sources.frameworks import express, fastapi
from launchready.sources.listings import listed, listing
from launchready.sources.resolver import Resolver
from launchready.sources.shares import Shares, grouped, read_listed
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.support.ask import write

_CHAIN = "".join(f"def ask{n}(request):\n    return ask{n + 1}(request)\n\n\n" for n in range(8))
FILES = {
    "api/main.py": "from fastapi import FastAPI\nfrom checks import ask8\napp = FastAPI()\n\n\n"
    '@app.get("/orders")\ndef orders(request):\n    ask8(request)\n    return all_orders()\n',
    "checks.py": f"from fastapi import HTTPException\n\n\n{_CHAIN}def ask8(request):\n    if not request.user:\n        raise HTTPException(401)\n",
    "web/app.py": "def broken(:\n  x =\nfrom fastapi import FastAPI\n",
    "web/server.js": 'const app = require("express")();\napp.get("/pages", (req, res) => res.json(pages()));\n',
}


def filled(path: Path) -> Tree:
    """Files of two frameworks, each with more than is read before another process is there."""
    more = {
        "api/more.py": "from fastapi import APIRouter\n" + "x = 1\n" * 10_000,
        "web/more.js": 'const express = require("express");\n' + "f(1);\n" * 10_000,
    }
    return Tree.read(write(path, FILES | more))


def test_frameworks_that_two_processes_share_out_are_read_as_one_reads_them(tmp_path: Path) -> None:
    tree = filled(tmp_path)
    alone = read_surface(tree)
    with reading_ahead(tree, worth=0) as ahead:
        assert read_surface(tree, ahead) == alone
    assert [one.name for one in alone.endpoints] == ["GET /orders", "GET /pages"]
    assert [one.file for one in alone.unread] == ["web/app.py"]


def test_the_other_process_begins_with_one_share_and_this_one_reads_what_is_left(tmp_path: Path) -> None:
    tree = filled(tmp_path)
    with reading_ahead(tree, worth=0) as ahead:
        resolver = Resolver(tree, ahead)
        shares = Shares(tree, resolver, ahead, (express, fastapi), listing(tree))
        # One was begun as soon as it was said, so that this process never read the files of both.
        assert not ahead.claim("/express") or not ahead.claim("/fastapi")
        shares.read()
        found = shares.all()
    assert [[*share.found] for share in found] == [["Express"], ["FastAPI"]]
    alone = Shares(tree, Resolver(tree), Ahead(), (express, fastapi), listing(tree)).all()
    assert [share.found for share in found] == [share.found for share in alone]


def test_what_is_found_in_listed_files_is_what_the_framework_finds(tmp_path: Path) -> None:
    tree = filled(tmp_path)
    paths, none = listing(tree), zlib.compress(pickle.dumps({"fastapi": {}}))
    share = read_listed(str(tree.root), paths, none)["fastapi"]
    assert [file.path for file in listed(str(tree.root), paths).files] == [file.path for file in tree.files]
    assert [one.name for one in share.found["FastAPI"]] == ["GET /orders"]
    assert share.used == {"FastAPI"} and share.broken == ("web/app.py",)


def test_a_guard_is_seen_though_another_framework_met_it_at_the_end_of_a_long_way(tmp_path: Path) -> None:
    far = 'from fastapi import FastAPI\nfrom checks import ask0\napp = FastAPI()\n\n\n@app.get("/far")\ndef far(request):\n    ask0(request)\n'
    near = 'from flask import Flask\nfrom checks import ask4\napp = Flask(__name__)\n\n\n@app.get("/near")\ndef near():\n    ask4(request)\n'
    for there in ({}, {"api/far.py": far}):
        tree = Tree.read(
            write(tmp_path / str(len(there)), {"checks.py": FILES["checks.py"], "web/near.py": near, **there})
        )
        found = {one.path: one.access.verdict for one in read_surface(tree).endpoints}
        assert found["/near"] is AccessVerdict.GUARDED


def test_what_reads_the_same_files_stays_together_and_the_largest_comes_first() -> None:
    large, small = {"a.py": 60_000, "b.py": 40_000}, {"c.ts": 60_000}
    assert grouped({"flask": large, "express": small, "appbuilder": {"b.py": 40_000}}) == [
        ("appbuilder", "flask"),
        ("express",),
    ]
    # What shares little is a share of its own; what is soon read, and what has no file, is none.
    assert grouped({"flask": large, "rest": {"b.py": 40_000, "d.py": 90_000}}) == [("rest",), ("flask",)]
    assert grouped({"flask": large, "tornado": {"e.py": 900}, "sanic": {}}) == [("flask",)]
