"""Functions of an app that register its views, prefixes that stand in its configuration, and decorators that are methods of a library's object."""

from pathlib import Path

import pytest

from tests.sources.reading import app, who

HELPERS = """
def register_view(owner, routes, view_func, **more):
    for route in routes:
        owner.add_url_rule(route, view_func=view_func, **more)


def register_api(app, model, name):
    app.add_url_rule(f"/{name}/<int:number>", view_func=model.as_view(name))
"""
VIEWS = """
from flask import Blueprint, Flask, abort, session
from flask.views import MethodView
from flask_allows import Allows
from club.helpers import register_api, register_view

allows = Allows()


class Notes(MethodView):
    decorators = [GUARD]

    def get(self):
        return "notes"


class Item(MethodView):
    def get(self, number):
        return str(number)


def close():
    if "user" not in session:
        abort(401)
    return "closed"


def create_app():
    app = Flask(__name__)
    app.config.from_object("club.config.Default")
    notes = Blueprint("notes", __name__)
    register_view(notes, ["/all", "/list"], Notes.as_view("notes"))
    register_view(notes, routes=["/close"], view_func=close, methods=["POST"])
    app.register_blueprint(notes, url_prefix=app.config["NOTES_PREFIX"])
    register_api(app, Item, "items")
    return app
"""
CONFIG = 'class Default:\n    NOTES_PREFIX = "/notes"\n'


def found(tmp_path: Path, guard: str = "", config: str = CONFIG) -> dict[str, str]:
    files = {"club/__init__.py": "", "club/helpers.py": HELPERS, "club/config.py": config}
    return who(app(tmp_path, files | {"club/app.py": VIEWS.replace("GUARD", guard)}))


@pytest.mark.parametrize(
    ("guard", "verdict"),
    [
        ("", "open"),
        ("allows.requires(IsAdmin)", "guarded"),
        ("allows.requires(CanAccessNotes())", "unknown"),
        ("allows.clear_throttle", "open"),
    ],
    ids=["nothing", "a rank", "something else", "not named for it"],
)
def test_views_that_a_function_registers(guard: str, verdict: str, tmp_path: Path) -> None:
    assert found(tmp_path, guard) == {
        "GET /notes/all": verdict,
        "GET /notes/list": verdict,
        "POST /notes/close": "guarded",
        "GET /items/{number}": "open",
    }


def test_a_prefix_that_two_configurations_set_differently_stays_visible(tmp_path: Path) -> None:
    other = f'{CONFIG}\n\nclass Other:\n    NOTES_PREFIX = "/cards"\n'
    assert "POST /{NOTES_PREFIX?}/close" in found(tmp_path, config=other)
