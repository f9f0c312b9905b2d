"""A handler that gives the id to a helper, which asks whose record it is: the way of Flask's own tutorial."""

from pathlib import Path

import pytest

from tests.support.ask import ask, write

BLOG = """
from flask import Blueprint, Flask, abort, g, redirect, request
from functools import wraps

app = Flask(__name__)


def login_required(view):
    @wraps(view)
    def wrapped(**kwargs):
        if g.user is None:
            return redirect("/auth/login")
        return view(**kwargs)
    return wrapped


def get_post(id, check_author=True):
    post = get_db().execute("SELECT * FROM post WHERE id = ?", (id,)).fetchone()
    if post is None:
        abort(404)
    ASKS
    return post


@app.route("/<int:id>/update", methods=("POST",))
@login_required
def update(id):
    post = get_post(GIVEN)
    get_db().execute("UPDATE post SET title = ? WHERE id = ?", (request.form["title"], post["id"]))
    return redirect("/")


@app.route("/<int:id>/delete", methods=("POST",))
@login_required
def delete(id):
    get_post(GIVEN)
    get_db().execute("DELETE FROM post WHERE id = ?", (id,))
    return redirect("/")
"""
ASKS = 'if check_author and post["author_id"] != g.user["id"]:\n        abort(403)'


@pytest.mark.parametrize(
    ("asks", "given", "told"),
    [(ASKS, "id", False), ("pass", "id", True), (ASKS, "id, check_author=False", True), (ASKS, "id, False", True)],
    ids=["asks", "asks nobody", "is told not to ask", "is told so by place"],
)
@pytest.mark.parametrize(("check", "name"), [("LR105", "POST /{id}/update"), ("LR104", "POST /{id}/delete")])
async def test_a_helper_that_asks_whose_it_is(
    tmp_path: Path, check: str, name: str, asks: str, given: str, told: bool
) -> None:
    outcome = await ask(check, write(tmp_path, {"app.py": BLOG.replace("ASKS", asks).replace("GIVEN", given)}))
    assert (name in [finding.target for finding in outcome.findings]) is told
