"""Flask's URL processors as guards: they run first, and know the view and what its address holds (flask.palletsprojects.com, "Using URL Processors")."""

from pathlib import Path

import pytest

from tests.sources.reading import app, surface, who

CLUB = """
from flask import Blueprint, Flask, abort, g, redirect, request, session, url_for

main = Blueprint("main", __name__)


class Elsewhere(Exception):
    pass


class RedirectNow(Exception):
    pass


HOOK


@main.route("/")
def home():
    return "hello"


@main.route("/<club_id>/notes")
def notes(club_id):
    return g.club.notes()


@main.route("/<club_id>/join/<token>")
def join(club_id, token):
    return g.club.joined(token)


app = Flask(__name__)
app.register_blueprint(main)
"""
KEPT = """
@main.url_value_preprocessor
def pull_club(endpoint, values):
    if not values:
        values = {}
    club_id = values.pop("club_id", None)
    if club_id:
        club = Club.find(club_id.lower())
        if not club:
            raise Elsewhere(url_for(".home"))
        if club.id in session.get("clubs", {}) or endpoint == "main.join":
            g.club = club
        else:
            ENDS
"""
GIVEN = """
@main.url_value_preprocessor
def pull_club(endpoint, values):
    g.club = Club.find(values.pop("club_id", None)) if values else None
    if g.club and g.club.closed:
        abort(410)
"""
BY_VIEW_ARGS = """
@main.before_request
def members_only():
    if "club_id" not in (request.view_args or {}):
        return None
    if "token" in request.view_args:
        return None
    if "user" not in session:
        return redirect(url_for("main.login"))
"""
INNER = {"GET /": "open", "GET /{club_id}/join/{token}": "open", "GET /{club_id}/notes": "guarded"}


@pytest.mark.parametrize(
    "ends",
    ['raise RedirectNow(url_for(".login", club_id=club_id))', "abort(403)"],
    ids=["leads to the sign-in", "refuses"],
)
def test_a_processor_that_refuses_guards_what_has_the_value_in_its_address(ends: str, tmp_path: Path) -> None:
    found = who(surface(tmp_path, main_py=CLUB.replace("HOOK", KEPT.replace("ENDS", ends))))
    # What the row decides, such as whether there is a club, is not known.
    assert found == INNER | {"GET /{club_id}/join/{token}": "unknown"}


def test_a_processor_that_only_looks_up_guards_nothing(tmp_path: Path) -> None:
    found = who(surface(tmp_path, main_py=CLUB.replace("HOOK", GIVEN)))
    assert set(found.values()) == {"open"}


def test_a_hook_that_asks_what_the_address_holds(tmp_path: Path) -> None:
    assert who(surface(tmp_path, main_py=CLUB.replace("HOOK", BY_VIEW_ARGS))) == INNER


@pytest.mark.parametrize("whole", [True, False], ids=["the folder is the package", "the folder holds it"])
def test_a_package_that_names_itself(whole: bool, tmp_path: Path) -> None:
    """What is read may be the folder of the package itself, under whatever name it was copied."""
    files = {
        "__init__.py": "",
        "web.py": "from flask import Blueprint\nfrom club.asks import signed_in\nweb = Blueprint('web', __name__)\n\n"
        "@web.route('/notes')\n@signed_in\ndef notes():\n    return 'notes'\n",
        "asks.py": "from flask import abort, session\n\ndef signed_in(view):\n    def inner(*args):\n        if 'user' not in session:\n"
        "            abort(401)\n        return view(*args)\n    return inner\n",
        "run.py": "from flask import Flask\nfrom club.web import web\napp = Flask(__name__)\napp.register_blueprint(web, url_prefix='/api')\n",
    }
    found = app(tmp_path, files if whole else {f"club/{name}": text for name, text in files.items()})
    assert who(found) == {"GET /api/notes": "guarded"}


def test_a_library_with_a_module_of_the_same_name_is_not_the_package(tmp_path: Path) -> None:
    """``flask.views`` is no ``views.py`` of a folder that is a package."""
    files = {
        "__init__.py": "",
        "views.py": "def login_required(view):\n    return view\n",
        "web.py": "from flask import Flask\nfrom flask.views import login_required\nfrom club.views import login_required as ours\nfrom club.keeping import notes\n"
        "app = Flask(__name__)\n\n@app.route('/kept')\n@login_required\ndef kept():\n    return notes()\n\n@app.route('/open')\n@ours\ndef shown():\n    return notes()\n",
        "keeping.py": "def notes():\n    return 'notes'\n",
    }
    assert who(app(tmp_path, files)) == {"GET /kept": "guarded", "GET /open": "open"}
