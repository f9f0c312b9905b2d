"""Handlers of Python that refuse only where a record or the app is in some state: strangers are shown all else."""

from pathlib import Path

import pytest

from tests.sources.reading import surface, who

APP = """
from flask import Flask, abort, redirect, render_template, session, url_for
from keeping import find, get_config, signed_in

app = Flask(__name__)


@app.get("/pages/<name>")
def page(name):
    BODY
    return render_template("page.html", page=shown)
"""
FINDS = "shown = find(name)"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((FINDS, "if shown.members_only and not signed_in():", "    abort(401)"), "unknown"),
        (
            (FINDS, "if shown.members_only:", "    if not signed_in():", '        return redirect(url_for("login"))'),
            "unknown",
        ),
        (('if get_config("private"):', "    if not signed_in():", "        abort(401)", FINDS), "unknown"),
        (("if current_club and not signed_in():", "    abort(401)", FINDS), "unknown"),
        (("shown = name", "if shown and not session.get('user'):", "    abort(401)"), "guarded"),
        (
            ("if app.config['DEBUG']:", "    print(name)", "if not session.get('user'):", "    abort(401)", FINDS),
            "guarded",
        ),
        ((FINDS, "if not session.get('user') and not signed_in():", "    abort(401)"), "guarded"),
        (
            (
                FINDS,
                "if shown.draft and not signed_in():",
                "    abort(401)",
                "if not session.get('user'):",
                "    abort(401)",
            ),
            "guarded",
        ),
    ],
    ids=[
        "a page",
        "in two steps",
        "a setting",
        "what there is",
        "a text that was sent",
        "a setting before",
        "a session",
        "a page, and a session",
    ],
)
def test_what_is_kept_from_strangers_only_sometimes(lines: tuple[str, ...], found: str, tmp_path: Path) -> None:
    assert who(surface(tmp_path, main_py=APP.replace("BODY", "\n    ".join(lines)))) == {"GET /pages/{name}": found}
