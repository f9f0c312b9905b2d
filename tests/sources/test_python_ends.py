"""The way to the login page in Python handlers: where who is done ends up, or where who has no session is sent."""

from pathlib import Path

import pytest
from launchready.model.words import Kind

from tests.sources.reading import one, surface, who

FLASK = """from flask import Flask, flash, g, redirect, render_template, request, session, url_for
from flask_login import current_user
import people
app = Flask(__name__)

@app.route("/user/create", methods=["POST"])
def create():
"""
TAKES = "    if request.method == 'POST':\n        username = request.form['username']\n        password = request.form['password']\n"


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param(
            f"{TAKES}        if not username or not password:\n            return render_template('create.html')\n"
            "        people.create(username, password)\n        flash('made')\n        return redirect('/user/login')\n    return render_template('create.html')\n",
            "open",
            id="after an account was made",
        ),
        pytest.param(
            f"    session.pop('username', None)\n{TAKES}        people.create(username, password)\n        return redirect(url_for('login'))\n    return render_template('create.html')\n",
            "open",
            id="after the session was dropped",
        ),
        pytest.param(
            f"{TAKES}        user = User.query.filter_by(username=username).first()\n        if user:\n            flash('taken')\n            return redirect(url_for('create'))\n"
            "        db.session.add(User(username, password))\n        db.session.commit()\n        return redirect(url_for('auth.login'))\n    return render_template('create.html')\n",
            "open",
            id="behind a name that is taken",
        ),
        pytest.param(
            f"{TAKES}        made = people.create(username, password)\n        if made:\n            flash('made')\n            return redirect(url_for('login'))\n    return render_template('create.html')\n",
            "open",
            id="when it was made",
        ),
        pytest.param(
            f"{TAKES}        locked = people.look_up(username)\n        if locked:\n            flash('no')\n            return redirect(url_for('login'))\n        people.create(username, password)\n    return render_template('create.html')\n",
            "guarded",
            id="when something is in the way",
        ),
        pytest.param(
            "    if current_user.is_authenticated:\n        return redirect(url_for('home'))\n    form = CreateForm()\n    if form.validate_on_submit():\n        people.create(form.username.data)\n"
            "        return redirect(url_for('login'))\n    return render_template('create.html', form=form)\n",
            "unknown",
            id="where members are sent home",
        ),
        pytest.param(
            f"{TAKES}        if 'user' not in session:\n            return redirect('/user/login')\n        people.create(username, password)\n    return render_template('create.html')\n",
            "guarded",
            id="whoever has no session",
        ),
        pytest.param(
            f"{TAKES}        if session.get('user'):\n            people.create(username, password)\n            return redirect('/people')\n        return redirect('/user/login')\n    return render_template('create.html')\n",
            "guarded",
            id="whoever is left",
        ),
        pytest.param(
            f"{TAKES}        me = people.by_token(request.headers.get('Authorization'))\n        if not me:\n            flash('no')\n            return redirect('/user/login')\n        people.create(username, password)\n        return 'made'\n    return 'x'\n",
            "guarded",
            id="whoever brings no token",
        ),
        pytest.param(
            "    if request.method == 'POST':\n        notify()\n        return redirect('/user/login')\n    return render_template('create.html')\n",
            "open",
            id="everybody",
        ),
    ],
)
def test_who_is_sent_to_the_login_page(body: str, verdict: str, tmp_path: Path) -> None:
    assert who(surface(tmp_path, app_py=FLASK + body)) == {"POST /user/create": verdict}


def test_a_sign_up_that_ends_at_the_login_page_is_one(tmp_path: Path) -> None:
    body = f"{TAKES}        if not username or not password:\n            return 'both, please'\n        people.create(username, password)\n        return redirect('/user/login')\n    return ''\n"
    assert one(surface(tmp_path, app_py=FLASK + body), "POST /user/create").kind == (Kind.SIGNUP,)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param(
            "    if 'user' not in session:\n        return redirect('/')\n    return pay()\n",
            "guarded",
            id="not in the session",
        ),
        pytest.param(
            "    if 'user' not in session or session['role'] != 'boss':\n        flash('no')\n        return redirect(url_for('index'))\n    return pay()\n",
            "guarded",
            id="or of another rank",
        ),
        pytest.param(
            "    user_id = session.get('user_id')\n    if not user_id:\n        return redirect('/welcome')\n    return pay()\n",
            "guarded",
            id="a name",
        ),
        pytest.param(
            "    if request.method == 'POST':\n        if not session.get('user'):\n            return jsonify({'error': 'no'})\n        pay()\n    return 'x'\n",
            "guarded",
            id="of those that send",
        ),
        pytest.param(
            "    if 'cart' in request.form:\n        if 'user' not in session:\n            return redirect('/')\n    return pay()\n",
            "open",
            id="where a field says so",
        ),
        pytest.param(
            "    if 'user' not in session:\n        return render_template('all.html', rows=rows())\n    return pay()\n",
            "open",
            id="shown something",
        ),
        pytest.param(
            "    if not request.form.get('name'):\n        return redirect('/')\n    return pay()\n",
            "open",
            id="a field",
        ),
    ],
)
def test_who_has_no_session_is_sent_away(body: str, verdict: str, tmp_path: Path) -> None:
    assert who(surface(tmp_path, app_py=FLASK + body)) == {"POST /user/create": verdict}


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        (
            "/api/key",
            "    given = request.get_json()\n    key = keys.give(given['username'], given['password'])\n    if not key:\n        abort(403)\n    return key\n",
            Kind.LOGIN,
        ),
        (
            "/api/notes",
            "    given = request.get_json()\n    key = notes.put(given['username'], given['password'], given['note'])\n    if not key:\n        abort(403)\n    return key\n",
            Kind.OTHER,
        ),
        (
            "/api/close",
            "    given = request.get_json()\n    if session['user'] != given['username'] or not right(given['password']):\n        abort(403)\n    return close()\n",
            Kind.OTHER,
        ),
        (
            "/api/enter",
            "    given = request.get_json()\n    db.session.add(Person(given['username'], given['password']))\n    return ''\n",
            Kind.OTHER,
        ),
        (
            "/api/key",
            "    given = request.get_json()\n    key = keys.give(given['username'], given['password'], given['redirect_to'])\n    if not key:\n        abort(403)\n    return key\n",
            Kind.LOGIN,
        ),
        (
            "/api/key",
            "    given = request.get_json()\n    key = check_user(given['name'], given['password'], given['captcha'])\n    if not key:\n        abort(403)\n    return key\n",
            Kind.LOGIN,
        ),
        (
            "/api/room",
            "    given = request.get_json()\n    key = rooms.enter(given['name'], given['password'])\n    if not key:\n        abort(403)\n    return key\n",
            Kind.OTHER,
        ),
        (
            "/api/notes/<int:id>/unlock",
            "    note = find(id)\n    if not check_password(note.lock, request.get_json()['password']):\n        abort(403)\n    return note.text\n",
            Kind.OTHER,
        ),
    ],
)
def test_who_is_asked_for_a_name_and_a_password_alone_signs_in(
    path: str, body: str, kind: Kind, tmp_path: Path
) -> None:
    """A refusal of wrong ones keeps nobody out."""
    app = (
        FLASK.replace("/user/create", path).replace("flash, g", "abort, flash, g").replace("def create", "def give")
        + body
    )
    found = one(surface(tmp_path, app_py=app), f"POST {path.replace('<int:id>', '{id}')}")
    assert found.kind == (kind,)
    assert (found.access.verdict.value == "open") is (kind is Kind.LOGIN or path == "/api/enter")


@pytest.mark.parametrize(
    ("hook", "verdict"),
    [
        (
            "    if current_user.is_authenticated:\n        if current_user.locked:\n            return redirect(url_for('login'))\n",
            "unknown",
        ),
        ("    if not current_user.is_authenticated:\n        return redirect(url_for('login'))\n", "guarded"),
        (
            "    if current_user.is_authenticated:\n        if current_user.locked:\n            abort(403)\n        return None\n    return redirect(url_for('login'))\n",
            "guarded",
        ),
    ],
    ids=["only the locked", "strangers", "both"],
)
def test_a_hook_that_turns_away_some_who_are_signed_in_turns_no_stranger_away(
    tmp_path: Path, hook: str, verdict: str
) -> None:
    found = surface(
        tmp_path,
        main_py="from flask import Flask, abort, redirect, request, url_for\nfrom flask_login import current_user\napp = Flask(__name__)\n\n"
        f"@app.before_request\ndef seen():\n{hook}\n@app.post('/notes')\ndef note():\n    keep(request.form['text'])\n    return 'ok'\n",
    )
    assert who(found) == {"POST /notes": verdict}


@pytest.mark.parametrize(
    ("wrapper", "verdict"),
    [
        ("        try:\n            return func(*args, **kwargs)\n        except NotSignedIn as gone:\n            return JSONResponse({'error': str(gone)}, status_code=401)\n", "unknown"),
        ("        if not request_of(kwargs).headers.get('authorization'):\n            return JSONResponse({}, status_code=401)\n        return func(*args, **kwargs)\n", "guarded"),
    ],
    ids=["answers what was raised", "asks first"],
)  # fmt: skip
def test_a_decorator_that_only_answers_errors_is_no_certain_guard(wrapper: str, verdict: str, tmp_path: Path) -> None:
    code = f"""from functools import wraps
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
app = FastAPI()
def answered(func):
    @wraps(func)
    def wrapper(*args, **kwargs):
{wrapper}    return wrapper
@app.get("/families/{{family_id}}")
@answered
def family(request: Request, family_id: str):
    return families.get(family_id)
"""
    assert who(surface(tmp_path, main_py=code))["GET /families/{family_id}"] == verdict
