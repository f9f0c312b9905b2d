"""Decorators that call the view for who has a session, and lead everybody else away, wherever to."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, surface, who

APP = """
from functools import wraps
from flask import Flask, abort, flash, redirect, render_template, request, session, url_for

app = Flask(__name__)


def asked(view):
    @wraps(view)
    def inner(*args, **kwargs):
BODY
    return inner


@app.get("/notes")
@asked
def notes():
    return render_template("notes.html", notes=Note.query.all())
"""
AWAY = 'return redirect(url_for("index"))'
CALLS = "return view(*args, **kwargs)"


def verdict(tmp_path: Path, *lines: str) -> str:
    body = "\n".join(f"        {line}" for line in lines)
    return who(surface(tmp_path, main_py=APP.replace("BODY", body)))["GET /notes"]


@pytest.mark.parametrize(
    "lines",
    [
        ('if "user" in session:', f"    {CALLS}", AWAY),
        ('if session.get("is_admin"):', f"    {CALLS}", 'flash("no")', AWAY),
        ('if session.get("role") == "admin":', f"    {CALLS}", "else:", '    flash("no")', f"    {AWAY}"),
        ("if current_user.is_authenticated:", f"    {CALLS}", "abort(404)"),
        ('user = session.get("user")', "if user:", f"    {CALLS}", "raise Elsewhere(url_for('index'))"),
        ('if has_claim(session, "admin"):', f"    {CALLS}", 'return render_template("login.html")'),
    ],
    ids=["in the session", "a flag", "otherwise", "an account", "a name", "a helper"],
)
def test_only_who_has_a_session_gets_on(lines: tuple[str, ...], tmp_path: Path) -> None:
    assert verdict(tmp_path, *lines) == "guarded"


@pytest.mark.parametrize(
    "lines",
    [
        ('if request.args.get("lang") == "en":', f"    {CALLS}", AWAY),
        ('if "user" in session:', '    flash("hello")', CALLS),
        ('if "user" in session:', f"    {CALLS}", 'return render_template("notes.html", notes=Note.query.all())'),
        ('if "user" in session:', f"    {CALLS}", 'if request.args.get("open"):', f"    {CALLS}", AWAY),
    ],
    ids=["a language", "greeted", "shown the same", "let in otherwise"],
)
def test_strangers_get_on_as_well(lines: tuple[str, ...], tmp_path: Path) -> None:
    assert verdict(tmp_path, *lines) == "open"


def test_what_else_may_let_somebody_on_is_for_a_person_to_look_at(tmp_path: Path) -> None:
    lines = ('if "user" in session or without_sign_in:', f"    {CALLS}", AWAY)
    assert verdict(tmp_path, *lines) == "unknown"


@pytest.mark.parametrize(
    ("head", "used"),
    [
        ("def asked(view):\n    def inner(*args, **kwargs):", "@asked"),
        (
            "def asked(role):\n    def around(view):\n        @wraps(view)\n        def inner(*args, **kwargs):",
            "@asked('admin')",
        ),
    ],
    ids=["without wraps", "a factory"],
)
def test_however_the_decorator_is_made(head: str, used: str, tmp_path: Path) -> None:
    depth = "    " * (head.count("def ") - 1)
    body = "\n".join(f"    {depth}{line}" for line in ('if "user" in session:', f"    {CALLS}", AWAY))
    tail = "    return inner" if depth == "    " else "        return inner\n    return around"
    made = (
        APP[: APP.index("def asked")]
        + f"{head}\n{body}\n{tail}\n\n\n"
        + APP[APP.index("@app.get") :].replace("@asked", used)
    )
    assert who(surface(tmp_path, main_py=made))["GET /notes"] == "guarded"


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ('get_config("visibility") == Visibility.PUBLIC', "unknown"),
        ("app.config['OPEN']", "unknown"),
        ('session.get("user")', "guarded"),
    ],
    ids=["kept in a table", "of the app", "none"],
)
def test_a_setting_that_lets_everybody_on(setting: str, found: str, tmp_path: Path) -> None:
    """Whether strangers get on is for whoever runs the app to say; what source says of members alone is no guard."""
    lines = (f"if {setting}:", f"    {CALLS}", "elif signed_in():", f"    {CALLS}", "else:", "    abort(403)")
    assert verdict(tmp_path, *lines) == found


@pytest.mark.parametrize(
    ("asked", "says", "verdict"),
    [
        ("READ", "if app.config['READING'].upper() == 'ANYBODY':\n                        return True", "unknown"),
        ("CHIEF", "if app.config['READING'].upper() == 'ANYBODY':\n                        return True", "guarded"),
        ("READ", "if app.config['READING'] == 'MEMBERS' and user.is_authenticated:\n                        return True", "guarded"),
    ],
)  # fmt: skip
def test_a_refusal_that_a_helper_decides_by_a_setting_is_one_only_then(
    tmp_path: Path, asked: str, says: str, verdict: str
) -> None:
    found = surface(
        tmp_path,
        may_py=f"""
        from flask_login import current_user

        class Keeper:
            def may(self, what, user):
                if what.upper() == "READ":
                    {says}
                return user.is_authenticated and user.is_chief

        keeper = Keeper()

        def may(what, user=current_user):
            return keeper.may(what, user)
        """,
        main_py=f"""
        from flask import Flask, abort, redirect, url_for
        from flask_login import current_user
        from may import may
        app = Flask(__name__)

        @app.route("/leaves/<name>")
        def leaf(name):
            if not may("{asked}"):
                if not current_user.is_authenticated:
                    return redirect(url_for("login"))
                abort(403)
            return show(name)
        """,
    )
    access = one(found, "GET /leaves/{name}").access
    assert access.verdict.value == verdict
    assert (access.guarded_when != "") is (verdict == "unknown")


_TWO_SETTINGS = """
from functools import wraps
from flask import Flask, current_app
from flask_login import current_user

app = Flask(__name__)

def perhaps_members(view):
    @wraps(view)
    def inner(*args, **kwargs):
        has_password = current_app.config.get("PASSWORD")
        if current_app.config.get("LOGIN_DISABLED"):
            return view(*args, **kwargs)
        elif has_password and not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()
        return view(*args, **kwargs)
    return inner

@app.get("/queue")
@perhaps_members
def queue():
    return "queue"
"""


def test_a_setting_that_lets_everybody_on_beside_one_that_brings_the_guard(tmp_path: Path) -> None:
    """The decorator of changedetection.io: guarded where the app has a password, which is the word to be told."""
    access = one(app(tmp_path, {"main.py": _TWO_SETTINGS}), "GET /queue").access
    assert (access.verdict.value, access.guarded_when) == ("unknown", "has_password")
